"""A first profile: asked for or said by options, tried against every place, and nothing written before all is known."""

import json
import os
import stat

import pytest

from synctool.config import load
from synctool.config.schema import published
from tests.entry.test_start import Terminal


@pytest.fixture
def case(office):
    """A case that lies in all three places, each of which calls Discovery otherwise."""
    office.filevine.put("Discovery/a.txt", b"one")
    office.zdrive.put("02 Discovery/a.txt", b"one")
    office.s3.put("Pleadings/")
    return office


def words(office, **changed):
    said = {
        "project": str(office.project),
        "drive": str(office.zdrive.root),
        "bucket": office.s3.bucket,
        "api-url": office.fv.url,
        "identity-url": office.fv.url,
        "endpoint-url": office.weed.endpoint,
    } | changed
    return [word for option, text in said.items() if text is not None for word in (f"--{option}", text)]


def begin(office, *more, **changed):
    profiles = office.folder / "new"
    return office.command("--profiles", str(profiles), "init", *words(office, **changed), *more)


def written(office):
    return sorted(path.name for path in office.folder.glob("new/*"))


def test_all_that_options_say_is_not_asked_and_the_profile_plans_at_once(case):
    code, out, err = begin(case, "--pair")
    assert code == 0, err
    file = case.folder / "new" / f"case-{case.project}.yaml"
    assert f"wrote {file}: it only plans, until its mode is sync\n" in out
    assert f"Next: synctool --profiles {file.parent}" in out
    schema = case.folder / "schemas/profile.schema.json"
    assert f"wrote {schema}: by it an editor helps while you type\n" in out
    assert json.loads(schema.read_text()) == published("profile")
    profile = load(file, environ=case.environ)
    assert (profile.mode, profile.project, profile.warnings) == ("observe", str(case.project), ())
    assert profile.policy.ranks == ("filevine", "s3", "zdrive")
    [mapped] = profile.policy.folders
    assert (mapped.at, dict(mapped.sides)) == ("Discovery", {"zdrive": "02 Discovery"})
    secrets = [value for name, value in case.environ.items() if "SECRET" in name or "PAT" in name]
    assert not any(secret in file.read_text() + out + err for secret in secrets)
    code, out, err = case.command("--profiles", str(file.parent), "plan")
    assert code == 0, err
    assert "Discovery" in out


def test_a_folder_is_written_down_as_what_it_is_from_everywhere(case):
    code, _, err = begin(case, "--no-pair", drive=os.path.relpath(case.zdrive.root))
    assert code == 0, err
    profile = load(case.folder / "new" / f"case-{case.project}.yaml", environ=case.environ)
    assert profile.sides["zdrive"].root == str(case.zdrive.root)


def test_nothing_is_overwritten(case):
    assert begin(case, "--no-pair")[0] == 0
    file = case.folder / "new" / f"case-{case.project}.yaml"
    before = file.read_text()
    code, _, err = begin(case, "--no-pair")
    assert (code, err) == (
        2,
        (
            f"  filevine: project {case.project} Smith v Jones answers, 1 folder at its top\n"
            f"synctool: {file} is there already; nothing is overwritten; say another --name\n"
        ),
    )
    code, _, err = begin(case, "--no-pair", name="other")
    assert (code, "sides.zdrive: overlaps sides.zdrive of" in err) == (2, True), err
    assert (file.read_text(), written(case)) == (before, [file.name])


@pytest.mark.parametrize("option", ["project", "drive", "bucket"])
def test_where_nobody_can_be_asked_the_option_that_is_missing_is_named(case, option):
    code, _, err = begin(case, **{option: None})
    assert code == 2
    assert err.endswith(f"Nobody can be asked here; say --{option}\n")
    assert written(case) == []


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        ({"project": "999"}, 5, "999"),
        ({"project": "nobody"}, 2, "no project is called so; say its number, or another part of its name"),
        ({"drive": "/nowhere/at/all"}, 5, "zdrive"),
        ({"bucket": "no-such-bucket"}, 5, "no-such-bucket"),
        (
            {"bucket": "", "drive": ""},
            2,
            "there must be two places at least; name a project, a folder or a bucket",
        ),
        ({"org": "six"}, 2, "'six' is no number of an organisation"),
        ({"name": "../x"}, 2, "'../x' is no name for a profile"),
        ({"timezone": "Mars/North"}, 2, "'Mars/North' is no time zone; such as America/Denver"),
        ({}, 2, "say --pair or --no-pair"),
    ],
)
def test_what_does_not_serve_is_told_and_nothing_is_written(case, changed, code, told):
    ended, _, err = begin(case, **changed)
    assert (ended, told in err) == (code, True), err
    assert written(case) == []


def test_a_project_is_found_by_name_and_two_of_a_name_are_told_with_their_numbers(case):
    one = case.fv.colleague.add_project("Doe v Roe")
    code, _, err = begin(case, "--no-pair", project="doe V roe")
    assert (code, written(case)) == (0, [f"case-{one}.yaml"]), err
    other = case.fv.colleague.add_project("Doe v Roe")
    code, _, err = begin(case, project="v roe", name="again")
    assert (code, err.startswith("synctool: more than one project may be meant; say its number: ")) == (
        2,
        True,
    )
    assert err.endswith(f": {one} Doe v Roe, {other} Doe v Roe\n")


def test_two_places_without_filevine_are_enough(case):
    code, _, err = begin(case, "--no-pair", project="", name="files")
    assert code == 0, err
    profile = load(case.folder / "new/files.yaml", environ=case.environ)
    assert profile.policy.ranks == ("s3", "zdrive")
    assert profile.sides["s3"].prefix == "cases/files/"


def keyed(case):
    """An environment with a key, and no token."""
    known = case.fv.credentials
    plain = {name: value for name, value in case.environ.items() if not name.startswith("FILEVINE_")}
    return plain | {"FILEVINE_API_KEY": known.api_key, "FILEVINE_API_SECRET": known.api_secret}


def test_who_signs_in_by_a_key_gets_a_profile_that_plans(case):
    case.environ = keyed(case)
    sessions = {"session-url": f"{case.fv.url}/session", "base-path": "/fv-app/v2"}
    code, out, err = begin(case, "--pair", **sessions, **{"identity-url": None, "api-url": None})
    assert code == 0, err
    file = case.folder / "new" / f"case-{case.project}.yaml"
    side = load(file, environ=case.environ).sides["filevine"]
    found = (side.auth.session_url, side.api_url, side.base_path)
    assert found == (f"{case.fv.url}/session", case.fv.url, "/fv-app/v2")
    assert case.environ["FILEVINE_API_SECRET"] not in file.read_text() + out + err
    code, out, err = case.command("--profiles", str(file.parent), "plan")
    assert code == 0, err


def test_a_key_that_is_at_hand_is_used_and_a_wrong_one_is_told(case):
    case.environ = keyed(case) | {"FILEVINE_API_SECRET": "wrong"}
    code, _, err = begin(case, **{"session-url": f"{case.fv.url}/session"})
    assert (code, written(case)) == (5, []), err
    code, _, err = begin(case, **{"session-url": "sessions"})
    assert (code, "'sessions' is no address; such as https://" in err) == (2, True), err


def test_a_person_chooses_how_to_sign_in(case):
    fixed = words(case, project=str(case.project), bucket="", name="one", **{"base-path": "/fv-app/v2"})
    terminal = talk(case, *fixed, "--pair", without=[name for name in case.environ if "FILEVINE" in name])
    for question, answer in (
        ("by token or key", "by heart"),
        ("say token or key", ""),
        ("by token or key", "key"),
        ("Address where a session is made", f"{case.fv.url}/session"),
        ("FILEVINE_API_KEY (not shown): ", case.fv.credentials.api_key),
        ("FILEVINE_API_SECRET (not shown): ", case.fv.credentials.api_secret),
        ("Time zone", ""),
        ("which only you may read", "y"),
    ):
        terminal.until(question)
        terminal.shown = terminal.shown.split(question, 1)[1]
        if answer or question == "Time zone":
            terminal.type(f"{answer}\n")
    code, out = terminal.result()
    assert code == 0, terminal.shown + out
    assert load(case.folder / "new/one.yaml", environ={}).sides["filevine"].auth.api_key.reveal()


def test_a_secret_that_is_not_set_is_named(case):
    del case.environ["FILEVINE_PAT"]
    code, _, err = begin(case)
    assert (code, err) == (
        2,
        f"synctool: FILEVINE_PAT is not set; set it, or put it into {case.folder / 'new/.env'}\n",
    )


def talk(case, *args, without=()):
    """A person at a terminal, in an environment that lacks these variables."""
    known = {name: value for name, value in case.environ.items() if name not in without}
    return Terminal(case, "--profiles", "new", "init", *args, **known)


def test_a_person_is_asked_again_until_the_answer_serves_and_secrets_are_kept_from_others(case):
    fixed = words(case, project=None, drive=None, bucket=None)
    terminal = talk(case, *fixed, without=("FILEVINE_CLIENT_SECRET", "FILEVINE_PAT"))
    for question, answer in (
        ("Project in Filevine", str(case.project)),
        ("by token or key", "token"),
        ("FILEVINE_CLIENT_SECRET (not shown): ", case.environ["FILEVINE_CLIENT_SECRET"]),
        ("FILEVINE_PAT (not shown): ", "wrong"),
        ("the personal access token is wrong", ""),
    ):
        terminal.until(question)
        terminal.shown = terminal.shown.split(question, 1)[1]
        if answer:
            terminal.type(f"{answer}\n")
    for question, answer in (
        ("Project in Filevine", str(case.project)),
        ("by token or key", "token"),
        ("FILEVINE_CLIENT_SECRET (not shown): ", case.environ["FILEVINE_CLIENT_SECRET"]),
        ("FILEVINE_PAT (not shown): ", case.environ["FILEVINE_PAT"]),
        ("Name of the profile", ""),
        ("Folder on the drive", str(case.zdrive.root)),
        ("Bucket in S3", ""),
        ("Time zone", "America/Denver"),
        ("Shall these folders be one", "y"),
        ("which only you may read", "y"),
    ):
        terminal.until(question)
        terminal.shown = terminal.shown.split(question, 1)[1]
        terminal.type(f"{answer}\n")
    code, out = terminal.result()
    assert code == 0, out
    assert written(case) == [".env", ".gitignore", f"case-{case.project}.yaml"]
    file = case.folder / "new/.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert case.environ["FILEVINE_PAT"] not in terminal.shown + out
    beside = {"FILEVINE_CLIENT_ID": case.environ["FILEVINE_CLIENT_ID"]}
    profile = load(case.folder / "new" / f"case-{case.project}.yaml", environ=beside)
    assert profile.sides["filevine"].auth.token.reveal() == case.environ["FILEVINE_PAT"]
    assert profile.sides["filevine"].auth.client_secret.reveal() == case.environ["FILEVINE_CLIENT_SECRET"]
    assert profile.policy.timezone == "America/Denver"


def test_who_leaves_in_the_middle_leaves_nothing_behind(case):
    terminal = talk(case, *words(case, bucket=None, name="one"))
    terminal.until("Bucket in S3 (Enter: none): ")
    terminal.interrupt()
    assert terminal.result()[0] in {130, -2}
    assert (written(case), (case.folder / "state").exists()) == ([], False)
