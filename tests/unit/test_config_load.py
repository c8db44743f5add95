"""What a good profile becomes."""

from pathlib import Path

import pytest

from synctool import config
from synctool.config.profile import DriveSettings, FilevineSettings, KeyAuth, S3Settings, TokenAuth, Watch
from synctool.core.patterns import Pattern
from synctool.core.policy import (
    Adopt,
    Brakes,
    ConflictRule,
    MappedFolder,
    Policy,
    Refused,
    Role,
    Rule,
    Settle,
)
from synctool.errors import Misuse, ProfileError

ROOT = Path(__file__).parents[2]
GOOD = Path(__file__).parent / "corpus" / "good"
ENVIRON = {"ID": "an id", "SECRET": "a secret", "PAT": "a token", "BUCKET": "firm-cases"}
FIRM = {"FILEVINE_CLIENT_ID": "an id", "FILEVINE_CLIENT_SECRET": "a secret", "FILEVINE_PAT": "a token"}
TWO_SIDES = "version: 1\nsides: {s3: {kind: s3, bucket: firm-cases}, zdrive: {kind: drive, root: /cases}}\n"


def good(name, **options):
    return config.load(GOOD / f"{name}.yaml", environ=ENVIRON, **options)


def written(folder, text, name="case.yaml", **options):
    (folder / name).write_text(text, "utf-8")
    return config.load(folder / name, **{"environ": {}} | options)


def test_defaults_stand_for_everything_that_is_not_said():
    profile = good("minimal")
    assert profile.policy == Policy(ranks=("s3", "zdrive"))
    assert profile.sides == {"s3": S3Settings(bucket="firm-cases"), "zdrive": DriveSettings(root=r"Z:\Cases")}
    assert (profile.name, profile.project, profile.mode, profile.enabled) == ("minimal", "", "sync", True)
    assert (profile.watch, profile.trash_days, profile.max_age) == (Watch(), 30, 86400)
    assert profile.warnings == ()


def test_everything_that_can_be_said_is_heard_by_the_core():
    assert good("everything").policy == Policy(
        ranks=("filevine", "s3", "zdrive"),
        roles={"filevine": Role.SOURCE, "s3": Role.ARCHIVE, "zdrive": Role.PEER},
        max_sizes={"zdrive": 2 * 1024**3},
        rules=(Rule(Pattern("/Discovery/**"), include=True), Rule(Pattern("*.tmp"), include=False)),
        conflicts=(
            ConflictRule(Pattern("*.docx"), Settle.PREFER, "filevine"),
            ConflictRule(Pattern("*.pdf"), Settle.NEWEST),
            ConflictRule(Pattern("**"), Settle.HOLD),
        ),
        deletes_from=frozenset({"zdrive"}),
        refused=Refused.LEAVE,
        brakes=Brakes(deletes_count=10, deletes_share=0.1, overwrites_share=0.2, shrunk=0.3),
        holds=(Pattern("Pleadings/**"),),
        folders=(
            MappedFolder("Discovery", {"zdrive": "02 Discovery", "s3": None}),
            MappedFolder("Pleadings", {}),
        ),
        only_folders=True,
        adopt=Adopt.SIZE,
        timezone="America/Denver",
    )


def test_everything_that_can_be_said_of_a_side_is_in_its_settings():
    profile = good("everything")
    filevine = profile.sides["filevine"]
    assert isinstance(filevine, FilevineSettings)
    assert isinstance(filevine.auth, TokenAuth)
    assert (filevine.auth.client_id, filevine.auth.token.reveal()) == ("an id", "a token")
    assert (filevine.api_url, filevine.base_path, filevine.org) == (
        "https://api.filevineapp.ca",
        "/core",
        6001,
    )
    assert (filevine.project, filevine.requests_per_second) == (2370300, 2.5)
    assert (filevine.trash, filevine.protected) == ("delete", "include")
    assert profile.sides["s3"] == S3Settings(
        bucket="firm-cases",
        prefix="cases/2370300/",
        region="us-east-1",
        endpoint_url="http://127.0.0.1:8333",
        encryption="aws:kms",
        kms_key_id="alias/cases",
        role_arn="arn:aws:iam::123456789012:role/synctool",
        expected_owner="123456789012",
        storage_class="STANDARD_IA",
    )
    root = r"\\files\cases\2370300 case-7"
    assert profile.sides["zdrive"] == DriveSettings(root=root, trash=r"Z:\Trash", names="posix")
    assert profile.watch == Watch(settle_seconds=0.5, poll_seconds=300, full_look_minutes=30)
    assert (profile.name, profile.enabled, profile.mode) == ("case-7", False, "observe")
    assert (profile.trash_days, profile.max_age) == (90, 2 * 86400)


def test_the_older_sign_in_is_understood():
    profile = good("key_mode")
    auth = profile.sides["filevine"].auth
    assert isinstance(auth, KeyAuth)
    assert (auth.api_key.reveal(), auth.api_secret.reveal(), auth.user) == ("an id", "hush", "a token")
    assert (profile.project, profile.sides["zdrive"].root) == ("7", "cases/7")


def test_yaml_is_read_as_1_2():
    profile = good("yaml_1_2")
    assert profile.policy.ranks == ("no", "yes", "on")
    assert (profile.name, profile.project) == ("012", "12")
    assert profile.sides["no"] == S3Settings(bucket="off", prefix="2026-01-01/")
    assert profile.sides["yes"].root == "12:30:45"
    assert profile.sides["on"].trash == profile.sides["on"].root == "~/cases"
    assert profile.policy.max_sizes == {"yes": 16, "on": 15}
    assert profile.policy.brakes == Brakes(shrunk=0.5, overwrites_share=0.2)


def test_fragments_are_read_first_and_their_sides_rank_first():
    profile = good("extends")
    assert profile.name == "extends"
    assert profile.policy.timezone == "Europe/Berlin"
    assert profile.policy.ranks == ("s3", "zdrive", "laptop")
    assert profile.sides["s3"].prefix == "more/"
    assert profile.sides["zdrive"] == DriveSettings(root=r"Z:\Own", names="posix")


def test_rules_and_holds_add_up_own_first_and_other_lists_replace():
    policy = good("extends").policy
    # _more.yaml extends _base.yaml, which is named as well: the farthest of the two comes last, twice
    assert [rule.pattern.text for rule in policy.rules] == ["*.own", "*.more", "*.base", "*.base"]
    assert {hold.text for hold in policy.holds} == {"base/"}
    assert [rule.pattern.text for rule in policy.conflicts] == ["*.own"]


def test_a_template_becomes_a_profile_for_each_project():
    template = good("template")
    assert template.project == "*"
    assert template.sides["filevine"].project is None
    first, second = config.for_project(template, 7), config.for_project(template, 8)
    assert (first.name, first.project) == ("template-7", "7")
    assert first.sides["filevine"].project == 7
    assert first.sides["s3"].prefix == "cases/7/"
    assert first.sides["zdrive"].root == r"Z:\template\7"
    assert len({template.digest, first.digest, second.digest}) == 3
    assert config.check_overlaps([template, first, second]) == []


def test_only_a_template_becomes_a_profile_for_each_project():
    with pytest.raises(Misuse, match="key_mode is no template, it is for project '7' alone"):
        config.for_project(good("key_mode"), 8)


def test_dead_rules_are_warned_about_where_they_stand():
    assert [warning.removeprefix(f"{GOOD}/dead_rules.yaml:") for warning in good("dead_rules").warnings] == [
        "7:5: rules.1.exclude: '/Discovery/old.doc' never decides, for '/Discovery/' matches all of it before",
        "8:5: rules.2.exclude: '/discovery/' never decides, for '/Discovery/' matches all of it before",
        "9:5: rules.3.exclude: 'a/../b' never matches, for no path has such a name",
        "11:5: rules.5.include: '/Keep/' never decides, for '*' matches all of it before",
        "14:6: conflicts.1.match: '*.docx' never decides, for '**' matches all of it before",
    ]


def test_only_the_sides_in_use_need_their_variables(tmp_path):
    profile = config.load(GOOD / "key_mode.yaml", sides={"zdrive"}, environ={})
    assert profile.sides == {"zdrive": DriveSettings(root="cases/7")}
    assert profile.policy.ranks == ("filevine", "zdrive")
    assert profile.digest == config.load(GOOD / "key_mode.yaml", sides=["zdrive"], environ={}).digest


def test_the_digest_is_the_same_whatever_sides_are_in_use():
    assert good("key_mode", sides=["zdrive"]).digest == good("key_mode").digest


def test_a_side_that_the_profile_does_not_have_cannot_be_in_use():
    with pytest.raises(Misuse, match="no side is called 'zdrve'; did you mean 'zdrive'"):
        good("minimal", sides=["zdrve"])


def test_keys_for_s3_beside_the_profile_are_kept_for_the_side_that_is_used(tmp_path):
    (tmp_path / ".env").write_text("AWS_ACCESS_KEY_ID=made-up\nAWS_SECRET_ACCESS_KEY=hush\n", "utf-8")
    profile = written(tmp_path, TWO_SIDES)
    assert profile.sides["s3"].access_key.reveal() == "made-up"
    assert profile.sides["s3"].secret_key.reveal() == "hush"
    assert "hush" not in repr(profile)
    (tmp_path / ".env").unlink()
    assert written(tmp_path, TWO_SIDES).digest == profile.digest


def test_secrets_and_the_place_of_the_file_do_not_change_the_digest(tmp_path):
    text = (GOOD / "template.yaml").read_text("utf-8")
    former = good("template")
    moved = written(tmp_path, text, "template.yaml", environ=ENVIRON | {"PAT": "another"})
    assert moved.digest == former.digest


@pytest.mark.parametrize(
    ("more", "rules_too"),
    [
        ("mode: observe", False),
        ("conflicts: [{match: '**', policy: hold}]", False),
        ("deletes: {trash_days: 31}", False),
        ("rules: [{exclude: a}]", True),
        ("folders: [{at: A}]", True),
        ("only_folders: true", True),
    ],
)
def test_what_a_profile_says_changes_its_digest(tmp_path, more, rules_too):
    former = written(tmp_path, TWO_SIDES)
    changed = written(tmp_path, TWO_SIDES + more)
    assert changed.digest != former.digest
    assert (changed.rules_digest != former.rules_digest) == rules_too


def test_saying_a_default_does_not_change_the_digest(tmp_path):
    plain = written(tmp_path, TWO_SIDES)
    assert written(tmp_path, TWO_SIDES + "mode: sync\nadopt: content\nrules: []").digest == plain.digest


def test_a_file_whose_name_cannot_name_a_profile_must_name_it(tmp_path):
    with pytest.raises(ProfileError, match=r"_case.yaml:1:1: name: a name is made of"):
        written(tmp_path, TWO_SIDES, "_case.yaml")
    assert written(tmp_path, TWO_SIDES + "name: case", "_case.yaml").name == "case"


@pytest.mark.parametrize(
    ("size", "expected"), [("7B", 7), ("3KB", 3000), ("3 MiB", 3 * 1024**2), ("2TB", 2 * 10**12), ("12", 12)]
)
def test_sizes_are_bytes(tmp_path, size, expected):
    text = TWO_SIDES.replace("root: /cases", f"root: /cases, max_size: {size}")
    assert written(tmp_path, text).policy.max_sizes == {"zdrive": expected}


def test_profiles_are_found_and_fragments_are_not(tmp_path):
    for name in ("b.yaml", "a.yaml", "_firm.yaml", "README.md"):
        (tmp_path / name).touch()
    assert [path.name for path in config.find(tmp_path)] == ["a.yaml", "b.yaml"]


def test_the_example_of_the_firm_loads():
    (path,) = [path for path in config.find(ROOT / "profiles") if path.stem.startswith("case-")]
    profile = config.load(path, environ=FIRM)
    assert (profile.enabled, profile.mode, profile.project) == (False, "observe", "2370300")
    assert profile.sides["zdrive"].root == r"Z:\Cases\2370300 Smith v Jones"
    assert profile.sides["s3"].prefix == "cases/2370300/"
    assert [rule.include for rule in profile.policy.rules] == [True, False, False]
    assert profile.warnings == ()


def test_the_profile_of_the_demo_loads():
    addresses = {
        "DEMO_FILEVINE": "http://127.0.0.1:1",
        "DEMO_S3": "http://127.0.0.1:2",
        "DEMO_DRIVE": "Z:/Cases",
    }
    profile = config.load(ROOT / "profiles" / "demo.yaml", environ=FIRM | addresses)
    assert (profile.enabled, profile.mode, profile.warnings) == (False, "sync", ())
    assert profile.sides["zdrive"].root == "Z:/Cases/2370300 Smith v Jones"


def test_a_mistake_in_the_fragment_of_the_firm_is_told_there():
    with pytest.raises(ProfileError) as told:
        config.load(ROOT / "profiles" / "case-2370300.yaml", environ={})
    assert [mistake.split(": ")[1] for mistake in told.value.mistakes] == [
        "sides.filevine.auth.client_id",
        "sides.filevine.auth.client_secret",
        "sides.filevine.auth.token",
    ]
    assert all("_firm.yaml:" in mistake for mistake in told.value.mistakes)
