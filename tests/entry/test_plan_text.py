from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from synctool.core.model import Kind
from synctool.core.plan import Action, Brake, Notice, Why
from synctool.core.policy import Settle
from synctool.engine.outcome import Adoption
from synctool.entry.show.paint import paint
from synctool.entry.show.plan import plan_lines
from synctool.entry.show.visible import counted, sized, visible
from tests.entry.plans import DELETE, EDIT, MOVE, NEW, planned, standoff, steps


def shown(plan):
    return "\n".join(plan_lines(plan, "synctool apply case-1"))


def test_a_plan_groups_changes_by_cause_and_folder_and_names_all_receivers_on_one_line():
    plan = planned(
        steps("Pleadings/Answer.docx", *EDIT, ["filevine", "s3"], causes=("zdrive",), held=True),
        steps("Pleadings", Why.NEW, Action.MAKE, ["s3", "zdrive"], causes=("filevine",), kind=Kind.FOLDER),
        steps("Pleadings/Complaint.pdf", *NEW, ["s3", "zdrive"], causes=("filevine",)),
        steps("Discovery/Exhibit 1.pdf", *NEW, ["s3", "zdrive"], causes=("filevine",)),
        steps("Notes.txt", *DELETE, ["s3", "zdrive"], causes=("filevine",)),
        steps("a.pdf", *MOVE, ["s3"], to_path="b.pdf", causes=("zdrive",)),
        steps("b.pdf", *MOVE, ["s3"], to_path="Old/b.pdf", causes=("zdrive",)),
    )
    assert (
        shown(plan)
        == """\
case-1: 1 delete
  1 deleted, 2 moved, 1 edited, 3 new, 12 steps, 8.4 MB to copy

Deleted: 1
- Notes.txt   deleted in filevine -> s3, zdrive

Moved or renamed: 2
> a.pdf => b.pdf       renamed in zdrive -> s3
> b.pdf => Old/b.pdf   moved in zdrive -> s3

Edited: 1
~ Pleadings/Answer.docx   edited in zdrive -> filevine, s3

New: 3
+ Pleadings/                new in filevine -> s3, zdrive
+ Discovery/Exhibit 1.pdf   new in filevine -> s3, zdrive
+ Pleadings/Complaint.pdf   new in filevine -> s3, zdrive

Kept in trash or as versions: 1 deleted and 1 replaced.
No content is lost. Next: synctool apply case-1"""
    )


def test_what_a_person_must_see_comes_first():
    copy = "Pleadings/x (conflict zdrive 2026-11-21 cdcdcd).docx"
    plan = planned(
        steps("Pleadings/x.docx", Why.CONFLICT, Action.WRITE, ["zdrive"], held=True),
        steps(copy, Why.CONFLICT, Action.COPY, ["filevine", "zdrive"], causes=("zdrive",)),
        standoffs=(standoff("Pleadings/x.docx"),),
        brakes=(
            Brake("deletes", "60 of 100 documents would be deleted", "3fa9c1aabb"),
            Brake("shrunk", "is empty; it held 90 entries when last seen", "77aa77aa77", "zdrive"),
            Brake("overwrites", "9 of 10 documents would be overwritten", "1234567890", accepted=True),
        ),
        withheld=steps("gone.txt", *DELETE, ["s3"]),
        unknown={"s3": ("s3: bucket firm-cases does not answer; try again later",)},
        put_off=(Notice("Pleadings/y.docx", "is open (Ann); put off", "zdrive"),),
        refused=(Notice("Empty.txt", "was refused: has no bytes; waits for a person", "filevine"),),
        notices=(Notice("Archive", "is kept: something in it is not ours to remove", "zdrive"),),
    )
    assert (
        shown(plan)
        == """\
case-1: 2 brakes, 1 conflict, 1 withheld step, not all of s3 seen
  3 steps, 4.2 MB to copy
! BRAKE deletes: 60 of 100 documents would be deleted
      if that is right: --accept 3fa9c1aabb
! BRAKE shrunk: zdrive is empty; it held 90 entries when last seen
      if that is right: --accept 77aa77aa77
! brake overwrites, accepted: 9 of 10 documents would be overwritten
? s3   bucket firm-cases does not answer; try again later
  Pleadings/y.docx   zdrive: is open (Ann); put off
  Empty.txt   filevine: was refused: has no bytes; waits for a person

Conflicts: 1
! Pleadings/x.docx
      both kept: filevine stays; zdrive becomes x (conflict zdrive 2026-11-21
      cdcdcd).docx

To settle them: 2
! Pleadings/x (conflict zdrive 2026-11-21 cdcdcd).docx
      version of zdrive -> filevine, zdrive
! Pleadings/x.docx   version of filevine -> zdrive

Withheld: 1
- gone.txt   deleted -> s3

Notices: 1
  Archive   zdrive: is kept: something in it is not ours to remove

Kept in trash or as versions: 1 replaced.
No content is lost. Next: synctool apply case-1"""
    )


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (Settle.HOLD, "held: filevine and zdrive differ; a person decides"),
        (Settle.PREFER, "filevine wins (prefer); zdrive is kept in trash or as a version"),
        (Settle.NEWEST, "filevine wins (newest); zdrive is kept in trash or as a version"),
    ],
)
def test_a_conflict_says_how_it_is_settled(how, told):
    assert told in shown(planned(standoffs=(standoff("x.docx", how, ()),)))


def test_a_long_group_is_folded_and_its_rest_counted():
    plan = planned(*[steps(f"{n:03}/a.pdf", *NEW, ["s3"], causes=("zdrive",)) for n in range(500)])
    lines = plan_lines(plan, "")
    assert "+ 019/a.pdf   new in zdrive -> s3" in lines
    assert not any("020/a.pdf" in line for line in lines)
    assert "... and 480 more (--json shows all)" in lines


def test_a_long_group_is_told_folder_by_folder():
    many = [steps(f"Discovery/{n:03}.pdf", *NEW, ["s3"], causes=("zdrive",)) for n in range(400)]
    few = [steps(f"{n:03}.pdf", *NEW, ["s3"], causes=("zdrive",)) for n in range(2)]
    other = steps("Discovery/x.pdf", *NEW, ["zdrive"], causes=("s3",))
    lines = plan_lines(planned(*many, *few, other), "")
    told = lines.index("New: 403, by folder (--json or --html names each)")
    assert lines[told + 1 : told + 4] == [
        "+ at the top (2 documents)     new in zdrive -> s3",
        "+ Discovery/ (400 documents)   new in zdrive -> s3",
        "+ Discovery/x.pdf              new in s3 -> zdrive",
    ]


def test_what_a_moved_folder_takes_along_is_not_named_again():
    folder = steps("Disc", *MOVE, ["s3"], to_path="Discovery", causes=("zdrive",), kind=Kind.FOLDER)
    along = steps("Disc/a.pdf", *MOVE, ["s3"], to_path="Discovery/a.pdf", settles=frozenset())
    text = shown(planned(folder, along))
    assert "> Disc/ => Discovery/   renamed in zdrive -> s3" in text
    assert "a.pdf" not in text
    assert "2 steps" in text


def test_a_changed_extension_is_one_line_that_says_what_becomes_of_the_old_document():
    (replaced,) = steps(
        "a.doc", Why.EDITED, Action.REPLACE, ["filevine"], to_path="a.docx", causes=("zdrive",)
    )
    moved = replace(replaced, side="s3", action=Action.MOVE, why=Why.MOVED, source="", content=None)
    text = shown(planned((replaced, moved)))
    assert (
        "> a.doc => a.docx\n      renamed in zdrive -> filevine (as a new document; the old one goes to"
        in text
    )
    assert "Edited" not in text


def test_a_stand_in_shows_how_a_side_spells_the_name():
    text = shown(
        planned(
            steps("re: x.pdf", *NEW, ["s3"], causes=("filevine",)),
            steps("re: x.pdf", *NEW, ["zdrive"], causes=("filevine",), name="re%3A x.pdf"),
        )
    )
    assert "+ re: x.pdf   new in filevine -> zdrive as re%3A x.pdf" in text
    renamed = steps("CON.txt", Why.STAND_IN, Action.MOVE, ["zdrive"], name="%43ON.txt")
    assert "= CON.txt   stand-in -> zdrive as %43ON.txt" in shown(planned(renamed))


def test_labels_and_deletes_that_catch_up_are_told_apart():
    text = shown(
        planned(
            steps("a.pdf", Why.LABELS, Action.LABEL, ["s3"]),
            steps("b.pdf", Why.CATCHING_UP, Action.REMOVE, ["s3"]),
        )
    )
    assert text.startswith("case-1: 1 delete\n")
    assert "= a.pdf   labels -> s3" in text
    assert "- b.pdf   catching up -> s3" in text


def test_a_plan_without_steps_says_so():
    assert shown(planned()) == "case-1: all sides agree\n\nNo content is lost; there is nothing to do now."


def test_a_first_plan_says_what_it_takes_as_agreed():
    alone = replace(planned(), adopted=1204)
    told = "first run: 1,204 documents equal, taken as agreed; nothing is deleted"
    assert f"  {told}\n" in shown(alone)
    contested = replace(planned(steps("a.docx", *NEW, ["s3"]), standoffs=(standoff("b.docx"),)), adopted=0)
    assert (
        "  first run: what a side lacks is copied there; what differs is a conflict;\n"
        "      nothing is deleted\n"
    ) in shown(contested)
    waiting = replace(alone, adoption=Adoption(3, 5000, 3, 2.0))
    assert "first run" not in shown(waiting)


def test_markup_in_names_stays_text_and_colours_only_reach_terminals():
    terminal, pipe = StringIO(), StringIO()
    paint(
        ["+ [bold]a[/bold].txt", "+++"], Console(file=terminal, force_terminal=True, color_system="standard")
    )
    paint(["+ [bold]a[/bold].txt", "+++"], Console(file=pipe))
    assert terminal.getvalue() == "\x1b[32m+ [bold]a[/bold].txt\x1b[0m\n+++\n"
    assert pipe.getvalue() == "+ [bold]a[/bold].txt\n+++\n"


def test_wide_letters_keep_the_columns_straight():
    plan = planned(steps("申立書.pdf", *NEW, ["s3"]), steps("answer.pdf", *NEW, ["s3"]))
    lines = plan_lines(plan, "")
    assert "+ answer.pdf   new -> s3" in lines
    assert "+ 申立書.pdf   new -> s3" in lines


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4.2e9, "4.2 GB"),
        (1.5e15, "1,500.0 TB"),
    ],
)
def test_sizes_are_rounded_for_people(size, text):
    assert sized(size) == text


def test_counts_agree_with_their_nouns():
    assert (counted(1, "step"), counted(1200, "step")) == ("1 step", "1,200 steps")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("gpj\u202efdp.exe", r"gpj\u202efdp.exe"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\udc80", r"\udc80"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("Müller §3 申立書.pdf", "Müller §3 申立書.pdf"),
    ],
)
def test_a_character_that_could_lie_is_spelled_out(name, text):
    assert visible(name) == text


COSTS = Adoption(1204, 3_200_000_000, 2408, 1500.4)


def test_a_plan_that_left_copies_uncompared_says_what_either_way_costs_and_what_goes_on():
    assert (
        shown(replace(planned(), adoption=COSTS))
        == """\
case-1: not all documents compared
? not compared yet, and nothing is said of them:
      with adopt: content, apply first reads 1,204 documents (3.2 GB, 2,408
      requests, an estimated 25 minutes)
      with adopt: size it reads nothing now: equal sizes are taken as equal, and
      verified little by little

No content is lost. Next: synctool apply case-1"""
    )


def test_a_plan_tells_what_was_read_for_it():
    few = Adoption(1, 4, 2, 0.5, read=True)
    assert "  1 document (4 B, 2 requests) read, to compare copies" in shown(replace(planned(), adoption=few))
