import json
import logging

import pytest
from jsonschema import Draft202012Validator

from synctool.config.schema import published
from synctool.entry.show.visible import INDENT, wrapped

BRAKES = "brakes: {deletes: {count: 1}}\n"
HOLD = 'conflicts: [{match: "**", policy: hold}]\n'


def document(text, name):
    parsed = json.loads(text)
    for each in parsed if isinstance(parsed, list) else [parsed]:
        Draft202012Validator(published(name)).validate(each)
    return parsed


def contest(firm, name):
    """A profile whose two drives agreed on a.txt once, and edited it both."""
    firm.profile(name, HOLD)
    firm.write(f"{name}/left/a.txt", "once")
    firm.run("apply", "--yes", name)
    firm.write(f"{name}/left/a.txt", "my own")
    firm.write(f"{name}/right/a.txt", "their own")


def test_plan_shows_what_would_happen_and_changes_nothing(firm):
    firm.profile("one")
    firm.write("one/left/Pleadings/Answer.docx", "answer")
    ran = firm.run("plan", "one")
    assert ran.out == (
        "one: 2 new, 2 steps, 6 B to copy\n"
        "  first run: what a side lacks is copied there; nothing is deleted\n\n"
        "New: 2\n"
        "+ Pleadings/              new in left -> right\n"
        "+ Pleadings/Answer.docx   new in left -> right\n\n"
        "No content is lost. Next: synctool apply one\n"
    )
    assert (ran.code, ran.err) == (0, "")
    assert not list((firm.folder / "one/right").rglob("*.docx"))


def test_exit_code_3_is_returned_only_when_asked_for_and_only_when_there_is_work(firm):
    firm.profile("one")
    assert firm.run("plan", "--exit-code").code == 0
    firm.write("one/left/a.txt", "a")
    assert firm.run("plan", "--exit-code").code == 3
    assert firm.run("plan").code == 0


def test_apply_makes_the_sides_agree_and_says_what_it_did(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "hello")
    ran = firm.run("apply", "--yes")
    assert ran.out.startswith("one: 1 step done, 5 B copied in ")
    assert ran.out.endswith("No content was lost. Exit 0: done.\n")
    assert (ran.code, firm.read("one/right/a.txt")) == (0, "hello")
    assert firm.run("plan", "--exit-code").out.startswith("one: all sides agree\n")


def test_json_is_one_document_of_the_published_format_for_one_profile_and_an_array_for_several(firm):
    for name in ("one", "two"):
        firm.profile(name)
        firm.write(f"{name}/left/a.txt", name)
    single = document(firm.run("plan", "one", "--json", "--exit-code").out, "plan")
    assert (single["profile"], single["exit_code"], single["summary"]["steps"]) == ("one", 3, 1)
    assert [each["profile"] for each in document(firm.run("plan", "--json").out, "plan")] == ["one", "two"]
    done = document(firm.run("apply", "--yes", "--json").out, "outcome")
    assert [(each["exit_code"], each["summary"]["done"]) for each in done] == [(0, 1), (0, 1)]


def test_a_saved_plan_is_applied_as_it_was_saved(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    planned = firm.run("plan", "one", "--out", "today.json")
    assert planned.out.endswith("Next: synctool apply today.json\n")
    saved = document(firm.read("today.json"), "plan")
    firm.write("one/left/later.txt", "later")
    ran = firm.run("apply", "--yes", "--json", "today.json")
    outcome = document(ran.out, "outcome")
    assert [step["id"] for step in outcome["done"]] == [step["id"] for step in saved["steps"]]
    assert firm.read("one/right/a.txt") == "a"
    assert not (firm.folder / "one/right/later.txt").exists()


def test_a_step_whose_document_moved_on_drops_out_of_a_saved_plan(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    firm.run("plan", "one", "--out", "today.json")
    firm.write("one/left/a.txt", "changed since")
    ran = firm.run("apply", "--yes", "today.json")
    assert (ran.code, (firm.folder / "one/right/a.txt").exists()) == (5, False)
    assert "1 step of the saved plan no longer fit" in ran.out


def test_plans_of_several_profiles_are_saved_into_a_folder(firm):
    for name in ("one", "two"):
        firm.profile(name)
        firm.write(f"{name}/left/a.txt", name)
    ran = firm.run("plan", "--out", "my plans")
    assert 'Next: synctool apply "my plans/two.plan.json"' in ran.out
    assert firm.run("apply", "--yes", "my plans/two.plan.json").code == 0
    assert [(firm.folder / name / "right/a.txt").exists() for name in ("one", "two")] == [False, True]
    firm.run("plan", "one", "--out", "my plans")
    assert (firm.folder / "my plans/one.plan.json").is_file()
    taken = firm.run("plan", "--out", "my plans/two.plan.json")
    assert (taken.code, taken.out) == (2, "")
    assert "two.plan.json: cannot be a folder" in taken.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no saved plan"),
        ("[1]", "is no saved plan"),
        ('{"format": "synctool.plan/1"}', "is no saved plan"),
        (
            '{"format": "synctool.plan/1", "profile": ["x"], "digest": "", "state": "", "steps": []}',
            "is no saved",
        ),
        ('{"format": "synctool.plan/9"}', "is 'synctool.plan/9' and not 'synctool.plan/1'"),
        ('{"format": "synctool.outcome/1"}', "is 'synctool.outcome/1' and not 'synctool.plan/1'"),
    ],
)
def test_what_is_no_saved_plan_of_this_version_is_refused_in_one_line(firm, text, told):
    firm.write("plan.json", text)
    ran = firm.run("apply", "--yes", "plan.json")
    assert (ran.code, ran.out) == (6 if "and not" in told else 2, "")
    assert ran.err.startswith("synctool: plan.json: ")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_saved_plan_that_is_not_there_or_not_alone_is_a_wrong_command_line(firm):
    assert (
        firm.run("apply", "--yes", "no.json").err
        == "synctool: no.json: cannot be read: No such file or directory\n"
    )
    assert firm.run("apply", "--yes", "no.json", "one").code == 2


def test_a_plan_that_cannot_be_saved_says_why(firm):
    firm.profile("one")
    ran = firm.run("plan", "--out", "no/such/folder.json")
    assert (ran.code, ran.err) == (
        2,
        "synctool: no/such/folder.json: cannot be written: No such file or directory\n",
    )


def test_a_saved_plan_of_another_version_of_the_profile_is_refused(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    firm.run("plan", "one", "--out", "today.json")
    with (firm.folder / "profiles/one.yaml").open("a") as file:
        file.write(BRAKES)
    ran = firm.run("apply", "--yes", "today.json")
    assert (ran.code, ran.out) == (6, "")
    assert "another version of the profile" in ran.err


def test_a_brake_is_shown_with_its_code_and_overridden_by_it(firm):
    firm.profile("one", BRAKES)
    for name in "abc":
        firm.write(f"one/left/{name}.txt", name)
    firm.run("apply", "--yes")
    for name in "ab":
        (firm.folder / f"one/left/{name}.txt").unlink()
    ran = firm.run("apply", "--yes", "--json")
    (brake,) = document(ran.out, "outcome")["brakes"]
    assert (ran.code, brake["rule"], brake["accepted"]) == (6, "deletes", False)
    assert firm.run("plan", "--exit-code").code == 6
    shown = firm.run("plan").out
    assert "! BRAKE deletes: 2 of 3 documents would be deleted\n" in shown
    assert f"if that is right: --accept {brake['code']}\n" in shown
    assert firm.run("apply", "--yes", "--accept", brake["code"]).code == 0
    assert not (firm.folder / "one/right/a.txt").exists()


def test_a_held_conflict_waits_for_a_person(firm):
    contest(firm, "one")
    assert firm.run("plan").code == 0
    assert firm.run("plan", "--exit-code").code == 4
    ran = firm.run("apply", "--yes")
    assert (ran.code, firm.read("one/left/a.txt"), firm.read("one/right/a.txt")) == (4, "my own", "their own")
    assert "! a.txt   held: left and right differ; a person decides\n" in ran.out
    status = firm.run("status")
    assert "Held until a person decides: 1\n! a.txt\n" in status.out


def test_only_selects_steps_and_is_said_again_in_what_to_run_next(firm):
    firm.profile("one")
    for name in ("a.txt", "b.pdf"):
        firm.write(f"one/left/{name}", name)
    ran = firm.run("plan", "one", "--only", "*.pdf")
    assert "b.pdf" in ran.out
    assert "a.txt" not in ran.out
    assert ran.out.endswith('Next: synctool apply one --only "*.pdf"\n')
    firm.run("apply", "--yes", "--only", "*.pdf")
    assert [path.name for path in (firm.folder / "one/right").glob("[!.]*")] == ["b.pdf"]


def test_a_pattern_that_is_none_is_told_before_anything_is_looked_at(firm):
    firm.profile("one")
    ran = firm.run("plan", "--only", "[")
    assert (ran.code, ran.err.splitlines()[0][:20]) == (2, "synctool: pattern '[")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_side_that_is_left_out_gets_nothing_and_that_is_no_failure(firm, monkeypatch, way):
    firm.profile("one", "").write_text(
        firm.read("profiles/one.yaml")
        + f"  third: {{kind: drive, root: '{firm.folder}/missing', names: posix}}\n"
    )
    firm.write("one/left/a.txt", "a")
    assert firm.run("plan").code == 5
    if way == "variable":
        monkeypatch.setenv("SYNCTOOL_SIDES", "left, right")
    ran = firm.run("apply", "--yes", *["--without", "third"] * (way == "option"))
    assert (ran.code, firm.read("one/right/a.txt")) == (0, "a")
    assert "? third   left out" in ran.out


def test_a_side_the_profile_does_not_have_is_a_wrong_command_line(firm, monkeypatch):
    firm.profile("one")
    ran = firm.run("plan", "--without", "rihgt")
    assert (ran.code, ran.err) == (
        2,
        "synctool: profiles/one.yaml: no side is called 'rihgt'; did you mean 'right'?\n",
    )
    monkeypatch.setenv("SYNCTOOL_SIDES", "letf")
    assert firm.run("plan").code == 2


def test_a_profile_is_named_by_file_name_or_path_and_a_disabled_one_runs_only_when_named(firm):
    firm.profile("one")
    firm.profile("two", "enabled: false\n")
    firm.profile("three", "name: smith-v-jones\n")
    assert [line.split(":")[0] for line in firm.run("plan").out.splitlines() if line.endswith("agree")] == [
        "one",
        "smith-v-jones",
    ]
    for name in ("two", "profiles/two.yaml", firm.folder / "profiles/two.yaml"):
        assert firm.run("plan", name).out.startswith("two: all sides agree")
    assert firm.run("plan", "smith-v-jones").out.startswith("smith-v-jones: ")
    firm.write("profiles/broken.yaml", "sides: [")
    assert firm.run("plan", "smith-v-jones").code == 0
    ran = firm.run("plan", "smith-v-jone")
    assert (
        ran.err
        == "synctool: no profile in profiles is called 'smith-v-jone'; did you mean 'smith-v-jones'?\n"
    )


def test_a_profile_elsewhere_is_named_by_its_path_in_what_to_run_next(firm):
    firm.profile("one").rename(firm.folder / "one.yaml")
    firm.write("one/left/a.txt", "a")
    assert firm.run("plan", "one.yaml").out.endswith("Next: synctool apply one.yaml\n")


def test_places_that_are_not_the_usual_ones_are_said_again_in_what_to_run_next(firm):
    firm.profile("one")
    (firm.folder / "profiles").rename(firm.folder / "cases")
    firm.write("one/left/a.txt", "a")
    ran = firm.run("--profiles", "cases", "--state", "memory", "plan")
    assert ran.out.endswith("Next: synctool --profiles cases --state memory apply one\n")
    assert (firm.folder / "memory/one.db").is_file()


def test_each_profile_has_its_turn_whatever_happens_to_the_others_and_the_worst_code_is_returned(firm):
    firm.write("profiles/a-broken.yaml", "version: 1\nsides: {}\n")
    firm.profile("b-fine")
    firm.write("b-fine/left/a.txt", "a")
    firm.profile("c-observes", "mode: observe\n")
    contest(firm, "d-held")
    ran = firm.run("apply", "--yes", "--json")
    done = document(ran.out, "outcome")
    assert ran.code == 2
    assert [(each["profile"], each["exit_code"]) for each in done] == [("b-fine", 0), ("d-held", 4)]
    first, *_, last = ran.err.splitlines()
    assert first.startswith("synctool: profiles/a-broken.yaml:2:")
    assert "c-observes is in mode 'observe'" in last
    assert firm.run("apply", "--yes", "b-fine", "d-held").code == 4


def test_a_profile_that_only_observes_says_so_in_its_plan(firm):
    firm.profile("one", "mode: observe\n")
    firm.write("one/left/a.txt", "a")
    told = "No content is lost. Next: nothing; this profile only observes, until it says mode: sync\n"
    assert firm.run("plan").out.endswith(told)


def test_apply_refuses_where_nobody_can_be_asked(firm):
    firm.profile("one")
    ran = firm.run("apply")
    assert (ran.code, ran.out) == (2, "")
    assert (
        ran.err
        == "synctool: apply asks first, and nobody can be asked here; look at the plan, then say --yes\n"
    )


def test_a_folder_without_profiles_is_a_wrong_command_line(firm):
    for command in ("plan", "validate", "status"):
        ran = firm.run(command)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_a_template_runs_for_no_project_and_is_left_out(firm):
    firm.profile("one")
    firm.write(
        "profiles/template.yaml",
        "version: 1\nproject: '*'\nsides:\n"
        "  left: {kind: drive, root: '/cases/{project}'}\n"
        "  right: {kind: s3, bucket: firm-cases, prefix: 'cases/{project}/'}\n",
    )
    assert firm.run("plan").out.startswith("one: all sides agree")


def test_of_several_profiles_those_are_left_alone_that_lack_a_side_which_is_left_out(firm):
    firm.profile("one")
    firm.write(
        "profiles/two.yaml",
        firm.read("profiles/one.yaml").replace("right:", "cloud:").replace("/one/", "/two/"),
    )
    for side in ("left", "right"):
        (firm.folder / f"two/{side}").mkdir(parents=True)
    ran = firm.run("plan", "--without", "cloud")
    assert (ran.code, ran.err) == (0, "")
    assert "? cloud" in ran.out.partition("two:")[2]
    assert "? cloud" not in ran.out.partition("two:")[0]
    ran = firm.run("plan", "--without", "clout")
    assert (ran.code, ran.err.count("no side is called 'clout'")) == (2, 2)
    assert firm.run("plan", "one", "--without", "cloud").code == 2


def test_status_of_several_profiles_is_a_line_each_and_the_worst_comes_first(firm):
    for name in ("agreed", "brand-new", "contested", "gone"):
        firm.profile(name, HOLD)
        if name != "brand-new":
            firm.write(f"{name}/left/a.txt", "a")
            assert firm.run("apply", name, "--yes").code == 0
    for side, text in (("left", "longer"), ("right", "longer still")):
        firm.write(f"contested/{side}/a.txt", text)
    (firm.folder / "gone/right").rename(firm.folder / "gone/away")
    assert firm.run("apply", "contested", "gone", "--yes").code == 5
    ran = firm.run("status")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "4 profiles, 1 of them agreed and at rest",
        "! contested   1 conflict to decide: synctool conflicts contested",
        "~ gone",
        *wrapped(
            f"      right: root: {firm.folder}/gone/right is not there; is the drive connected?", INDENT
        ),
        "? brand-new   has never agreed yet",
        "  agreed      all sides agreed, just now",
        "synctool status PROFILE tells all of one.",
    ]
    assert [each["profile"] for each in json.loads(firm.run("status", "--json").out)] == [
        "agreed",
        "brand-new",
        "contested",
        "gone",
    ]


def test_a_project_of_a_template_is_asked_about_like_a_profile_and_from_then_on_by_all(firm):
    firm.write(
        "profiles/any.yaml",
        "version: 1\nproject: '*'\nsides:\n"
        f"  left: {{kind: drive, root: '{firm.folder}/left-{{project}}'}}\n"
        f"  right: {{kind: drive, root: '{firm.folder}/right-{{project}}'}}\n" + HOLD,
    )
    firm.write("left-4711/a.txt", "a")
    (firm.folder / "right-4711").mkdir()
    assert (ran := firm.run("status")).code == 2, ran
    ran = firm.run("apply", "any-4711", "--yes")
    assert (ran.code, firm.read("right-4711/a.txt")) == (0, "a"), ran
    firm.write("left-4711/a.txt", "longer")
    firm.write("right-4711/a.txt", "another")
    assert firm.run("apply", "--yes").code == 4
    assert "synctool resolve any-4711 a.txt" in firm.run("conflicts").out
    assert firm.run("resolve", "any-4711", "a.txt", "--take", "left", "--yes").code == 0
    assert firm.run("apply", "--yes").code == 0
    assert firm.read("right-4711/a.txt") == "longer"
    assert firm.run("status").out.startswith("any-4711")
    assert "a.txt" in firm.run("log", "any-4711").out


def test_what_is_no_project_of_a_template_is_told_as_any_other_name(firm):
    firm.profile("one")
    firm.write("profiles/torn.yaml", "version: 9\n")
    for name in ("one-4711", "none-4711", "torn-4711"):
        ran = firm.run("status", name)
        assert (ran.code, ran.out) == (2, "")
        assert f"is called '{name}'" in ran.err


def test_validate_says_ok_or_every_mistake_of_every_file(firm):
    firm.profile("fine")
    firm.profile("resting", "enabled: false\n")
    firm.profile("warned", 'rules: [{include: "**"}, {exclude: "*.tmp"}]\n')
    assert firm.run("validate", "fine") == (0, "profiles/fine.yaml: ok\n", "")
    firm.write("profiles/wrong.yaml", "version: 2\nmood: bad\nsides: {a: {kind: drive}, b: {kind: s4}}\n")
    ran = firm.run("validate")
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (2, "")
    assert lines[:3] == [
        "profiles/fine.yaml: ok",
        "profiles/resting.yaml: ok (disabled)",
        "profiles/warned.yaml: ok",
    ]
    assert lines[3].startswith("warning: profiles/warned.yaml:")
    assert len([line for line in lines if line.startswith("profiles/wrong.yaml:")]) >= 4


def test_validate_tells_a_side_that_a_profile_does_not_have_with_its_file(firm, monkeypatch):
    firm.profile("one")
    monkeypatch.setenv("SYNCTOOL_SIDES", "filevine")
    assert firm.run("validate").out == "profiles/one.yaml: no side is called 'filevine'\n"


def test_validate_refuses_profiles_whose_places_overlap(firm):
    firm.profile("one")
    firm.write("profiles/two.yaml", firm.read("profiles/one.yaml"))
    ran = firm.run("validate")
    assert ran.code == 2
    assert "profiles/two.yaml: sides.left: overlaps sides.left of profiles/one.yaml" in ran.out


def test_status_tells_the_last_agreement_without_looking_and_without_secrets(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    assert firm.run("status").out.startswith("one: the sides have never agreed yet\n")
    firm.run("apply", "--yes")
    firm.write("one/left/b.txt", "b")
    ran = firm.run("status")
    assert ran.code == 0
    assert ran.out.startswith("one: agreed 20")
    assert "  1 document; 0 waiting\n" in ran.out
    found = json.loads(firm.run("status", "--json").out)
    assert (found["format"], found["last_exit"], found["is_old"]) == ("synctool.status/1", 0, False)


def test_log_tells_the_history_of_a_profile_and_of_one_document(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "a")
    firm.write("one/left/b.txt", "b")
    assert firm.run("log", "one").out == "nothing is recorded\n"
    firm.run("apply", "--yes")
    assert firm.run("log", "one").out.count("run 1  right  write") == 2
    told = firm.run("log", "one", "a.txt").out.splitlines()[0]
    assert told.endswith("run 1  right  write  a.txt")


def test_explain_tells_what_each_side_holds_and_why(firm):
    firm.profile("one")
    firm.write("one/left/a.txt", "abc")
    ran = firm.run("explain", "one", "a.txt")
    assert ran.code == 0
    assert ran.out.startswith("a.txt\n  left    3 B, 2023-11-14 15:13 MST\n  right   holds nothing here\n")
    assert ran.out.endswith("  right will get the version of left, because it is new in left.\n")


@pytest.mark.parametrize("name", ["profile", "plan", "outcome"])
def test_schema_prints_the_published_schema(firm, name):
    assert json.loads(firm.run("schema", name).out) == published(name)
    assert json.loads(firm.run("schema").out) == published("profile")


@pytest.mark.parametrize("args", [["plan", "--nonsense"], ["dance"], ["schema", "poem"], ["explain", "one"]])
def test_a_wrong_command_line_returns_2_and_shows_the_usage(firm, args):
    ran = firm.run(*args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: synctool")


def test_state_that_is_no_folder_is_refused(firm):
    ran = firm.run("--state", "ftp://bucket/state", "status")
    assert (ran.code, ran.err[:42]) == (2, "synctool: --state ftp://bucket/state: is n")


def test_version_and_help_are_shown(firm):
    assert firm.run("--version").out.startswith("synctool ")
    helped = firm.run("--help").out
    assert "withheld something" in helped
    for command in ("validate", "plan", "apply", "status", "log", "explain", "schema", "demo"):
        assert f"\n  {command} " in helped
        assert firm.run(command, "--help").code == 0


def test_the_log_on_stderr_is_text_for_people_or_json_lines_for_machines(firm):
    firm.profile("one")
    logger = logging.getLogger("synctool.engine.cycle")
    ran = firm.run("--log-format", "json", "apply", "--yes")
    *_, last = map(json.loads, ran.err.splitlines())
    assert (last["level"], last["logger"]) == ("info", "synctool.engine.cycle")
    assert "run 1 of one ended with 0" in last["message"]
    assert firm.run("apply", "--yes").err == ""
    handler = logging.getLogger("synctool").handlers[0]
    record = logger.makeRecord(logger.name, logging.WARNING, "", 0, "slow: %s", ("a\nb",), None)
    assert handler.format(record) == r"warning: slow: a\nb"
