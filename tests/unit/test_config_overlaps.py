"""Two profiles must not keep the same place."""

from dataclasses import replace
from pathlib import Path

import pytest

from synctool import config
from synctool.config.profile import DriveSettings, FilevineSettings, S3Settings, TokenAuth
from synctool.config.secrets import Secret

MINIMAL = config.load(Path(__file__).parent / "corpus/good/minimal.yaml")
AUTH = TokenAuth(client_id="", client_secret=Secret(""), token=Secret(""))


def profile(name, **sides):
    return replace(MINIMAL, name=name, file=Path(f"{name}.yaml"), sides=sides)


def drive(root):
    return DriveSettings(root=root)


def bucket(prefix, **more):
    return S3Settings(bucket=more.pop("bucket", "firm-cases"), prefix=prefix, **more)


def filevine(project, **more):
    return FilevineSettings(auth=AUTH, project=project, **more)


OVERLAP = [
    (drive(r"Z:\Cases"), drive(r"z:/cases/Smith/")),
    (drive(r"\\Files\Cases"), drive(r"\\files\cases\x\..")),
    (drive("/srv/caf\u00e9"), drive("/srv/cafe\u0301/1")),
    (bucket("cases/"), bucket("cases/1/")),
    (bucket(""), bucket("cases/1/")),
    (filevine(7), filevine(7)),
    (filevine(7, org=1), filevine(7)),
    (filevine(7, api_url="https://API.example"), filevine(7, api_url="https://api.example")),
    (filevine(None), filevine(None)),
]
APART = [
    (drive(r"Z:\Cases"), drive(r"Z:\Cases 2")),
    (drive(r"Z:\Cases\1"), drive(r"Z:\Cases\10")),
    (bucket("cases/1/"), bucket("cases/10/")),
    (bucket("cases/"), bucket("cases/", bucket="other-cases")),
    (bucket("cases/"), bucket("cases/", endpoint_url="http://127.0.0.1:8333")),
    (filevine(7), filevine(70)),
    (filevine(7, org=1), filevine(7, org=2)),
    (filevine(7), filevine(7, api_url="https://api.filevineapp.ca")),
    (filevine(None), filevine(7)),
    (bucket("Cases/"), bucket("cases/")),
]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("one", "other"), OVERLAP)
def test_profiles_that_share_a_place_are_told(one, other, swapped):
    first, second = (other, one) if swapped else (one, other)
    (said,) = config.check_overlaps([profile("a", x=first), profile("b", y=second)])
    assert said in {
        "a.yaml: sides.x: overlaps sides.y of b.yaml",
        "b.yaml: sides.y: overlaps sides.x of a.yaml",
    }


@pytest.mark.parametrize(("one", "other"), APART)
def test_profiles_with_places_of_their_own_are_not(one, other):
    assert config.check_overlaps([profile("a", x=one), profile("b", x=other)]) == []


def test_every_profile_inside_another_is_told():
    roots = {"a": r"Z:\1", "b": r"Z:\1\2\3", "c": r"Z:\1\2", "d": r"Z:\1\4", "e": r"Z:\5"}
    said = config.check_overlaps(profile(name, z=drive(root)) for name, root in roots.items())
    assert sorted(said) == [
        "b.yaml: sides.z: overlaps sides.z of c.yaml",
        "c.yaml: sides.z: overlaps sides.z of a.yaml",
        "d.yaml: sides.z: overlaps sides.z of a.yaml",
    ]


def test_two_profiles_of_one_name_are_told():
    one, other = profile("a", x=drive("/1")), profile("A", x=drive("/2"))
    assert config.check_overlaps([one, replace(other, file=Path("b.yaml"))]) == [
        "b.yaml: name: a.yaml has the name 'A' too"
    ]


def test_profiles_that_would_purge_each_other_s_trash_are_told():
    shared = [
        profile(name, zdrive=DriveSettings(root=root, trash=trash))
        for name, root, trash in (("a", r"Z:\Cases\1", r"Z:\Trash"), ("b", r"Z:\Cases\2", r"z:\trash\."))
    ]
    assert config.check_overlaps(shared) == [
        "b.yaml: sides.zdrive.trash: overlaps sides.zdrive.trash of a.yaml"
    ]


@pytest.mark.parametrize("trash", [".synctool/trash", "/srv/1/.synctool/trash", "/srv/trash/1"])
def test_trash_of_one_s_own_is_nobody_s_business(trash):
    one = profile("a", zdrive=DriveSettings(root="/srv/1", trash=trash))
    assert config.check_overlaps([one, profile("b", zdrive=DriveSettings(root="/srv/2"))]) == []
