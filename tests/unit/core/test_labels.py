"""When the copy in S3 must be told what Filevine calls its document."""

from dataclasses import replace

import pytest

from synctool.core.labels import gets_new_ref, label_of, needs_label
from synctool.core.model import Gap, Kind
from synctool.core.policy import MappedFolder, Refused, Role
from tests.unit.core.made import Made, content

OLD = "d000000000003|f000000000001|d"


@pytest.fixture
def made():
    made = Made()
    made.folder(1, "d")
    made.hold(3, "a.doc", 1)
    made.label(3, "s3", OLD)
    return made


def test_a_label_says_the_document_its_folder_and_the_folders_path(made):
    made.hold(4, "b.doc")
    made.hold(5, "c.doc", on=["s3", "zdrive"])
    assert [label_of(made.world, item) for item in (3, 4, 5)] == [OLD, "d000000000004||", ""]
    made.folder(6, "e")
    made.say(3, folder=6)
    assert label_of(made.world, 3) == "d000000000003|f000000000006|e"
    made.say(3)
    made.say(1, name="x")
    assert label_of(made.world, 3) == "d000000000003|f000000000001|x"
    made.say(1, shows={"filevine": Gap.ABSENT})
    assert label_of(made.world, 3).split("|")[1] == "f000000000001"


def test_a_side_is_told_what_it_was_not_told(made):
    case = made.say(3)
    assert not needs_label(made.world, case, "s3")
    made.say(1, name="x")
    assert needs_label(made.world, case, "s3")
    assert not needs_label(made.world, case, "zdrive")
    gone = made.say(3, shows={"s3": Gap.ABSENT})
    assert not needs_label(made.world, gone, "s3")
    assert not needs_label(made.world, made.cases[1], "s3")


def test_what_is_not_in_filevine_has_no_label_to_tell(made):
    made.hold(5, "c.doc", on=["s3", "zdrive"])
    made.policy["roles"] = {"filevine": Role.SOURCE}
    assert not needs_label(made.world, made.say(5), "s3")


def test_nobody_is_told_anything_while_filevine_is_away(made):
    made.say(3, shows={"filevine": Gap.UNKNOWN})
    assert not needs_label(made.world, made.cases[3], "s3")


def test_what_stands_for_the_agreed_name_is_not_replaced_until_it_must_move(made):
    made.folder(6, "e")
    made.hold(3, "a.docx", 1)
    agreed = made.known.agreed[3]
    made.known.agreed[3] = replace(agreed, value=agreed.value._replace(name="a.doc"))
    assert not new_ref(made, 3)
    assert new_ref(made, 3, folder=6)


def new_ref(made, item, **facts):
    made.say(item, **facts)
    return gets_new_ref(made.world, item)


def test_a_document_that_comes_to_filevine_gets_a_number(made):
    made.hold(5, "c.doc", on=["s3"])
    assert not gets_new_ref(made.world, 5)
    assert new_ref(made, 5)
    assert needs_label(made.world, made.cases[5], "s3")
    assert not new_ref(made, 3)
    assert not new_ref(made, 3, shows={"zdrive": Gap.ABSENT})
    made.hold(6, "n", on=["s3"], kind=Kind.FOLDER)
    assert not new_ref(made, 6)


@pytest.mark.parametrize(
    ("policy", "comes"),
    [
        ({"roles": {"filevine": Role.SOURCE}}, False),
        ({"max_sizes": {"filevine": 0}}, False),
        ({"folders": (MappedFolder("a.doc", {"filevine": None}),)}, True),
        ({"deletes_from": frozenset(), "refused": Refused.LEAVE}, False),
        ({"deletes_from": frozenset()}, True),
    ],
)
def test_what_does_not_come_to_filevine_gets_no_number(made, policy, comes):
    made.policy |= policy
    assert new_ref(made, 3, shows={"filevine": Gap.ABSENT}) is comes


@pytest.mark.parametrize(
    ("now", "replaced"),
    [({"name": "a.docx"}, True), ({"name": "b.doc"}, False), ({"folder": 0}, False), ({}, False)],
)
def test_another_extension_is_another_document_in_filevine(made, now, replaced):
    assert new_ref(made, 3, **now) is replaced


def test_a_document_whose_bytes_alone_change_keeps_its_number(made):
    made.hold(3, "a.doc", 1, filevine="a.DOCX")
    assert not new_ref(made, 3, content=content(2))
    assert not new_ref(made, 3, name="b.docx")
    assert new_ref(made, 3, name="b.doc")
