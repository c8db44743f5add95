"""Tells how one case stays the same in three places, and checks every word of it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from synctool.config import load
from synctool.core.ruling import Word
from synctool.engine.conflicts import contested
from synctool.engine.resolve import Choice, resolve
from synctool.engine.tools import Ask
from synctool.entry.demo import papers, witness
from synctool.entry.demo.scene import (
    MOTION,
    SPELLED,
    check_kept,
    check_same,
    leaves,
    numbers,
    plan,
    run,
    save,
)
from synctool.entry.demo.stage import BUCKET, Stage
from synctool.entry.demo.telling import Teller
from synctool.entry.show.conflicts import conflict_lines, resolved_lines
from synctool.store.ledger import Ledger

ANSWER = "Pleadings/Answer.docx"
COMPLAINT = "Pleadings/Complaint.docx"
DAMAGES = "Discovery/Damages.xlsx"
EXHIBIT = "Discovery/Exhibits/Exhibit 1.pdf"
NOTE = "100% final (v2).txt"
REPLY = "Pleadings/Reply.docx"


def tell(stage: Stage, teller: Teller) -> None:
    """The whole story. Raises SyncError when a place does not hold what it should."""
    _introduction(stage, teller)
    case = _beginning(stage, teller)
    case = _in_filevine(stage, teller, case)
    reply = numbers(stage)[REPLY], case[REPLY]
    case = _on_the_drive(stage, teller, case)
    case = _in_both(stage, teller, case)
    _second_thoughts(stage, teller, case, reply)
    _ending(stage, teller)


def _introduction(stage: Stage, teller: Teller) -> None:
    teller.chapter(
        "Smith v Jones, in three places",
        "Three real places on this computer, made for this demo, hold the documents of one made-up case:",
    )
    places = {
        "filevine": f"{stage.filevine.url}, project {stage.project} (an emulator)",
        "s3": f"{stage.s3.endpoint}, bucket {BUCKET}, below {stage.prefix}",
        "zdrive": str(stage.drive),
    }
    teller.lines([f"  {side:10}{place}" for side, place in places.items()])
    teller.paragraph(
        "synctool keeps them the same. People work in any of them; after each piece of work comes what `plan` and "
        "`apply` show, and then the demo looks for itself at what the places hold: a line with ✓ is what it saw."
    )


def _beginning(stage: Stage, teller: Teller) -> witness.Tree:
    teller.chapter(
        "1  The first run",
        "Most of the case is in Filevine: Office and PDF files in folders, two of them empty, and a motion whose name "
        "no Windows share can hold. Some of it is only on the Z-Drive, one exhibit is in both, and the bucket is empty.",
    )
    door = stage.filevine.colleague
    in_filevine = {
        COMPLAINT: papers.docx("Complaint", "Smith complains of Jones."),
        ANSWER: papers.docx("Answer", "Jones denies it."),
        MOTION: papers.docx("Motion", "Smith moves to compel."),
        DAMAGES: papers.xlsx(("Item", "Dollars"), ("Fence", "1200")),
        EXHIBIT: papers.pdf("Exhibit 1: the fence (before)"),
    }
    on_the_drive = {
        EXHIBIT: in_filevine[EXHIBIT],
        "Ünïcode – “quotes”.pdf": papers.pdf("Letter of the expert"),  # noqa: RUF001 -- odd it is
        NOTE: b"Call Smith on Monday.\r\n",
    }
    for path, data in in_filevine.items():
        door.upload(stage.project, path, data)
    door.add_folder(stage.project, "Correspondence")
    door.add_folder(stage.project, "Medical/Bills")
    for path, data in on_the_drive.items():
        save(stage, path, data)
    folders = ("Correspondence", "Discovery", "Discovery/Exhibits", "Medical", "Medical/Bills", "Pleadings")
    case = {f"{path}/": b"" for path in folders} | in_filevine | on_the_drive
    outcome = run(stage, teller)
    check_same(stage, teller, case)
    copied = [done.step.to_path for done in outcome.done if done.size and done.step.side != "s3"]
    teller.check("the exhibit that was in both was not copied between them", {EXHIBIT} & set(copied))
    teller.check(
        f"Windows cannot hold {MOTION}; only there it is called {SPELLED}",
        [] if (stage.drive / SPELLED).is_file() else ["the Z-Drive has no such file"],
    )
    return case


def _in_filevine(stage: Stage, teller: Teller, case: witness.Tree) -> witness.Tree:
    teller.chapter(
        "2  A day in Filevine",
        f"A paralegal uploads {REPLY}, edits {ANSWER}, renames {DAMAGES} to Damages 2026.xlsx and deletes "
        f"{COMPLAINT}, all in Filevine.",
    )
    door, number = stage.filevine.colleague, numbers(stage)
    renamed = "Discovery/Damages 2026.xlsx"
    changed = {
        REPLY: papers.docx("Reply", "Smith insists."),
        ANSWER: papers.docx("Answer", "Jones denies it, twice."),
        renamed: case[DAMAGES],
    }
    door.upload(stage.project, REPLY, changed[REPLY])
    door.revise(number[ANSWER], changed[ANSWER])
    door.rename(number[DAMAGES], "Damages 2026.xlsx")
    door.delete(number[COMPLAINT])
    run(stage, teller)
    now = _without(case, DAMAGES, COMPLAINT) | changed
    check_same(stage, teller, now)
    check_kept(stage, teller, [case[ANSWER], case[COMPLAINT]], "s3", "zdrive")
    return now


def _on_the_drive(stage: Stage, teller: Teller, case: witness.Tree) -> witness.Tree:
    renamed, letter = "Discovery/Exhibits/Exhibit A.pdf", "Correspondence/Letter to Jones.docx"
    teller.chapter(
        "3  A day on the Z-Drive",
        f"An attorney saves {letter}, edits {SPELLED}, renames {EXHIBIT} to Exhibit A.pdf and deletes {REPLY}, "
        "all in Word and the Explorer. synctool waits until the files have been still for a second.",
    )
    before = leaves(stage)
    changed = {
        letter: papers.docx("Dear Jones,", "please mend the fence."),
        MOTION: papers.docx("Motion", "Smith moves to compel, and for costs."),
        renamed: case[EXHIBIT],
    }
    save(stage, letter, changed[letter])
    save(stage, SPELLED, changed[MOTION])
    (stage.drive / EXHIBIT).rename(stage.drive / renamed)
    (stage.drive / REPLY).unlink()
    run(stage, teller)
    now = _without(case, EXHIBIT, REPLY) | changed
    check_same(stage, teller, now)
    check_kept(stage, teller, [case[MOTION], case[REPLY]], "filevine", "s3")
    motion = before[MOTION]
    after = leaves(stage)
    teller.check(
        f"in Filevine the motion is document {motion.id} as before, now in version {int(motion.version) + 1}",
        _unlike((motion.id, int(motion.version) + 1), (after[MOTION].id, int(after[MOTION].version))),
    )
    teller.check(
        f"in Filevine the renamed exhibit is document {before[EXHIBIT].id} as before",
        _unlike(before[EXHIBIT].id, after[renamed].id),
    )
    return now


def _in_both(stage: Stage, teller: Teller, case: witness.Tree) -> witness.Tree:
    teller.chapter(
        "4  The same document, edited in two places",
        f"The paralegal edits {ANSWER} in Filevine, and the attorney edits it on the Z-Drive before anybody has "
        "synchronised. Nobody's work may be lost, so both are kept.",
    )
    theirs = papers.docx("Answer", "Jones denies it, and blames the wind.")
    ours = papers.docx("Answer", "Jones denies it, and offers a settlement.")
    stage.filevine.colleague.revise(numbers(stage)[ANSWER], theirs)
    save(stage, ANSWER, ours)
    saved = datetime.fromtimestamp((stage.drive / ANSWER).stat().st_mtime, UTC)
    copy = f"Pleadings/Answer (conflict zdrive {saved:%Y-%m-%d} {sha256(ours).hexdigest()[:6]}).docx"
    run(stage, teller)
    check_same(stage, teller, {**case, ANSWER: theirs, copy: ours})
    return {**case, ANSWER: ours}  # once somebody has decided


def _second_thoughts(stage: Stage, teller: Teller, case: witness.Tree, reply: tuple[int, bytes]) -> None:
    teller.chapter(
        "5  Second thoughts",
        "The attorney's answer is the right one. And the reply that was deleted on the Z-Drive is needed after all.",
    )
    profile = load(stage.profile, environ={})
    with Ledger(stage.tools.state / "demo.db") as ledger:
        found = contested(ledger)
    teller.command("synctool conflicts demo", conflict_lines(found, profile, _typed))
    take = Choice(Word.TAKE, "zdrive")
    planned = resolve(profile, ANSWER, take, Ask(actor="demo"), stage.tools, record=True)
    lines = resolved_lines(planned, "synctool apply demo", recorded=True)
    teller.command(f"synctool resolve demo {ANSWER} --take zdrive --yes", lines)
    run(stage, teller)
    check_same(stage, teller, case)
    run(stage, teller, undo=REPLY)
    number, data = reply
    check_same(stage, teller, {**case, REPLY: data})
    teller.check(
        f"in Filevine the reply is document {number} as before",
        _unlike(number, numbers(stage)[REPLY]),
    )


def _typed(words: Sequence[str]) -> str:
    verb, *rest = words
    return " ".join(["synctool", verb, "demo", *rest])


def _ending(stage: Stage, teller: Teller) -> None:
    teller.chapter("6  The end", "Nobody has done anything since, so there is nothing to do.")
    planned = plan(stage, teller)
    teller.lines([""])
    teller.check("the last plan is empty", [f"{step.side}: {step.to_path}" for step in planned.plan.steps])


def _without(case: witness.Tree, *paths: str) -> dict[str, bytes]:
    return {path: data for path, data in case.items() if path not in paths}


def _unlike(expected: object, found: object) -> Iterator[str]:
    if found != expected:
        yield f"expected {expected}, found {found}"
