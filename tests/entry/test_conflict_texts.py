"""People see who disagrees, and what to type."""

import json

import pytest

from synctool.entry.show.plan import who_differs

HOLD = 'conflicts: [{match: "held.*", policy: hold}]\n'


@pytest.mark.parametrize(
    ("versions", "text"),
    [
        ([["filevine"], ["zdrive"]], "filevine and zdrive differ"),
        ([["filevine", "zdrive"], ["s3"]], "filevine and zdrive agree, s3 differs"),
        ([["filevine"], ["s3", "zdrive"]], "s3 and zdrive agree, filevine differs"),
        ([["filevine"], ["s3"], ["zdrive"]], "filevine, s3 and zdrive all differ"),
        ([["a", "b"], ["c", "d"]], "a and b agree, c and d agree"),
        ([[], ["zdrive"]], "zdrive differs from what was agreed"),
        ([[], ["s3"], ["zdrive"]], "s3 and zdrive differ from what was agreed"),
        ([[], ["s3", "zdrive"]], "s3 and zdrive differ from what was agreed"),
    ],
)
def test_who_differs_is_told_and_never_counted(versions, text):
    assert who_differs(versions) == text


@pytest.fixture
def contested(firm):
    """Two documents that were changed on both sides."""
    firm.profile("case", HOLD)
    for name in ("held.docx", "both ways.docx"):
        firm.write(f"case/left/{name}", "agreed")
    assert firm.run("apply", "--yes").code == 0
    for name in ("held.docx", "both ways.docx"):
        firm.write(f"case/left/{name}", "mine")
        firm.write(f"case/right/{name}", "their own")
    assert firm.run("apply", "--yes").code == 4
    return firm


def test_open_conflicts_say_who_holds_what_and_what_to_type(contested):
    ran = contested.run("conflicts")
    since = ran.out.split("since ")[1][:20]
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.replace(since, "NOW") == (
        "case: 2 conflicts\n"
        "\n"
        "! both ways.docx\n"
        "  since NOW: all versions kept\n"
        "  left and right differ\n"
        "    left   4 B, 2023-11-14 15:13 MST\n"
        "      is now both ways.docx\n"
        "    right   9 B, 2023-11-14 15:13 MST\n"
        "      is now both ways (conflict right 2023-11-14 1c3d8f).docx\n"
        "  To settle it, type one of:\n"
        '    synctool resolve case "both ways.docx" --take left\n'
        '    synctool resolve case "both ways.docx" --take right\n'
        '    synctool resolve case "both ways.docx" --keep-both\n'
        '    synctool resolve case "both ways.docx" --gone\n'
        "\n"
        "! held.docx\n"
        "  since NOW: held; nothing is overwritten until a person decides\n"
        "  left and right differ\n"
        "    left   4 B, 2023-11-14 15:13 MST\n"
        "    right   9 B, 2023-11-14 15:13 MST\n"
        "  To settle it, type one of:\n"
        "    synctool resolve case held.docx --take left\n"
        "    synctool resolve case held.docx --take right\n"
        "    synctool resolve case held.docx --keep-both\n"
        "    synctool resolve case held.docx --gone\n"
    )


def test_open_conflicts_are_told_to_programs(contested):
    document = json.loads(contested.run("conflicts", "case", "--json").out)
    assert (document["format"], document["profile"]) == ("synctool.conflicts/1", "case")
    kept, held = document["conflicts"]
    assert (held["path"], held["how"]) == ("held.docx", "hold")
    assert [[*version["sides"]] for version in held["versions"]] == [["left"], ["right"]]
    assert kept["versions"][1]["path"].startswith("both ways (conflict right")


def test_no_open_conflict_is_said_too(firm):
    firm.profile("case")
    assert firm.run("conflicts").out == "case: no conflict is open\n"
    firm.run("apply", "--yes")
    assert firm.run("conflicts").out == "case: no conflict is open\n"


def test_status_shows_a_brake_that_is_on_and_since_when(firm):
    firm.profile("case", "brakes: {deletes: {count: 1}}\n")
    for name in "abc":
        firm.write(f"case/left/{name}.txt", name)
    firm.run("apply", "--yes")
    for name in "ab":
        (firm.folder / f"case/left/{name}.txt").unlink()
    assert firm.run("apply", "--yes").code == 6
    shown = firm.run("status").out
    (brake,) = json.loads(firm.run("status", "--json").out)["brakes"]
    assert "! BRAKE deletes since 20" in shown
    assert f"synctool apply case --accept {brake['code']}\n" in shown
    assert (brake["rule"], brake["side"]) == ("deletes", None)


def test_a_held_conflict_is_resolved_shown_first_then_recorded_then_done(contested):
    shown = contested.run("resolve", "case", "held.docx", "--take", "right")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == (
        "case: 1 decided by a person, 1 step, 9 B to copy\n"
        "\n"
        "Decided by a person: 1\n"
        "~ held.docx   version of right, as a person decided -> left\n"
        "\n"
        "Kept in trash or as versions: 1 replaced.\n"
        "Nothing is written down yet. To decide so:\n"
        "  synctool resolve case held.docx --take right --yes\n"
    )
    assert contested.run("apply", "--yes").code == 4
    recorded = contested.run("resolve", "case", "held.docx", "--take", "right", "--yes")
    assert recorded.out.endswith("Written down; the next apply does it:\n  synctool apply case\n")
    assert contested.read("case/left/held.docx") == "mine"
    assert contested.run("apply", "--yes").code == 0
    assert contested.read("case/left/held.docx") == "their own"
    log = contested.run("log", "case", "held.docx").out
    assert "one version was chosen, as " in log
    assert '"action": "resolve"' in contested.read("state/case.audit.jsonl")


def test_what_stays_side_by_side_is_no_conflict_any_more(contested):
    told = contested.run("resolve", "case", "both ways.docx", "--keep-both", "--yes").out
    assert told.startswith("case: nothing is changed; what is there stays\n")
    assert "both ways" not in contested.run("conflicts").out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("held.docx",), "say what is to become of it; one of --take SIDE, --keep-both, --gone"),
        (("held.docx", "--gone", "--keep-both"), "say what is to become of it"),
        (("held.docx", "--take", "middle"), "no side is called 'middle'; it has left, right"),
        (("other.docx", "--gone"), "other.docx: no conflict is open here; synctool conflicts lists"),
    ],
)
def test_what_cannot_be_decided_is_refused(contested, args, said):
    ran = contested.run("resolve", "case", *args)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_document_under_a_legal_hold_is_not_resolved_away(contested):
    contested.write("profiles/case.yaml", contested.read("profiles/case.yaml") + 'holds: ["*.docx"]\n')
    ran = contested.run("resolve", "case", "held.docx", "--gone")
    assert (ran.code, ran.out) == (2, "")
    assert "held.docx: is under a legal hold, and is not removed" in ran.err


def test_a_code_that_no_brake_shows_is_said_and_one_that_cannot_be_any_is_refused(firm):
    firm.profile("case")
    firm.write("case/left/a.txt", "a")
    ran = firm.run("apply", "--yes", "--accept", "0123456789")
    assert ran.code == 0
    assert ran.err == (
        "synctool: --accept 0123456789: no brake showed this code; it may have served, or things have changed\n"
    )
    ran = firm.run("apply", "--yes", "--accept", "CODE")
    assert ran.code == 2
    assert ran.err.startswith("synctool: --accept CODE: is no code; a brake shows its own")
