"""What is said of profiles themselves: what they come to, what changed, which line decides."""

import subprocess

import pytest

RULES = "rules:\n  - include: /Discovery/keep.bak\n  - exclude: '*.bak'\nholds: [Evidence/**]\nconflicts: [{match: '**', policy: hold}]\n"


def git(folder, *words):
    subprocess.run(
        ("git", "-c", "user.name=it", "-c", "user.email=it@firm.example", "-C", folder, *words),
        check=True,
        capture_output=True,
    )


def test_a_profile_is_shown_with_everything_that_it_does_not_say(firm):
    firm.profile("case-1")
    assert "max_age" not in firm.run("profile", "show", "case-1").out
    shown = firm.run("profile", "show", "case-1", "--effective")
    assert shown.code == 0
    assert "max_age: 24h\n" in shown.out
    assert "version: 1\nname: case-1\nenabled: true\nmode: sync\n" in shown.out


def test_a_change_is_told_against_the_last_commit_also_of_a_fragment(firm):
    firm.profile("case-1", "extends: _firm.yaml\n")
    firm.profile("case-2")
    fragment = firm.folder / "profiles/_firm.yaml"
    fragment.write_text("rules: [{exclude: '*.pst'}]\n")
    git(firm.folder, "init", "-q")
    git(firm.folder, "add", ".")
    git(firm.folder, "commit", "-qm", "before")
    assert firm.run("profile", "diff", "--exit-code").out == "nothing changed\n"
    fragment.write_text("rules: [{exclude: '*.pst'}, {exclude: '*.bak'}]\n")
    (firm.folder / "profiles/case-2.yaml").unlink()
    firm.profile("case-3")
    ran = firm.run("profile", "diff", "--exit-code")
    assert (ran.code, ran.out.splitlines()) == (
        3,
        [
            "profiles/case-1.yaml: rules: + {exclude: '*.bak'}",
            "profiles/case-3.yaml: is new",
            "profiles/case-2.yaml: is no more",
        ],
    )
    assert firm.run("profile", "diff", "case-1").code == 0


def test_a_change_is_told_against_another_folder(firm):
    firm.profile("case-1")
    before = firm.folder / "before"
    before.mkdir()
    (before / "case-1.yaml").write_text(firm.read("profiles/case-1.yaml") + "max_age: 2h\n")
    assert firm.run("profile", "diff", "--from", "before").out == "profiles/case-1.yaml: max_age: 2h -> 24h\n"
    (before / "case-1.yaml").write_text("nonsense")
    assert firm.run("profile", "diff", "--from", "before").out == "profiles/case-1.yaml: had mistakes\n"


@pytest.mark.parametrize("revision", ["nowhere", "--output=x"])
def test_what_is_no_revision_is_refused_in_one_line(firm, revision):
    firm.profile("case-1")
    git(firm.folder, "init", "-q")
    ran = firm.run("profile", "diff", f"--from={revision}")
    assert ran.code == 2
    assert ran.err.startswith("synctool: git: fatal: ")
    assert ran.err.endswith("; --from names a revision, or a folder\n")


def test_the_line_that_decides_about_a_path_is_named(firm):
    firm.profile("case-1", RULES)
    assert firm.run("filter", "explain", "Discovery/a.bak").out == (
        "case-1: Discovery/a.bak does not travel\n  profiles/case-1.yaml:8:5: rules.1.exclude: *.bak\n"
    )
    kept = firm.run("filter", "explain", "discovery/KEEP.bak").out
    assert "travels\n  profiles/case-1.yaml:7:5: rules.0.include: /Discovery/keep.bak\n" in kept
    plain = firm.run("filter", "explain", "Evidence/x.pdf").out
    assert "no rule matches it, and what none matches travels\n" in plain
    assert "profiles/case-1.yaml:9:9: holds.0: legal hold, it is never removed\n" in plain
    assert "conflicts.0: conflicts are settled by hold\n" in plain


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("a/~$brief.docx", "temporary and system files never travel"),
        ("a/.placeholder", "it is the sign of an empty folder, and no document"),
        ("Other/a.txt", "the profile names only some folders (only_folders), and this is in none of them"),
    ],
)
def test_what_no_rule_decides_is_said_too(firm, path, why):
    firm.profile("case-1", "only_folders: true\nfolders: [{at: a}]\n")
    assert firm.run("filter", "explain", path).out == f"case-1: {path} does not travel\n  {why}\n"


def test_where_each_side_keeps_a_path_is_said(firm):
    firm.profile("case-1", "folders: [{at: Discovery, right: 02 Discovery}, {at: Notes, left: null}]\n")
    said = firm.run("filter", "explain", "Discovery/x/").out
    assert "  left    Discovery/x/\n  right   02 Discovery/x/\n" in said
    assert "  left    is not held there\n" in firm.run("filter", "explain", "Notes/a.txt").out


def test_profiles_are_tried_on_the_sides_if_that_is_asked_for(firm):
    firm.profile("case-1")
    ran = firm.run("validate", "--online")
    assert (ran.code, ran.out.splitlines()[1:]) == (
        0,
        ["profiles/case-1.yaml: left: answers", "profiles/case-1.yaml: right: answers"],
    )
    (firm.folder / "case-1/right").rmdir()
    ran = firm.run("validate", "--online")
    assert ran.code == 5
    assert "profiles/case-1.yaml: right: " in ran.out
    assert firm.run("validate").code == 0
