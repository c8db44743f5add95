"""What a run replaced or removed comes back: a run, a document, a folder; from trash, a copy, or the document itself."""

import re
import sqlite3
from pathlib import Path

import pytest

from synctool.core.patterns import Pattern
from synctool.core.plan import Action
from synctool.core.policy import ConflictRule, Refused, Role, Settle
from synctool.engine.former import Undo, formers
from synctool.engine.narrow import SavedPlan
from synctool.errors import Misuse
from synctool.store.ledger import Ledger
from tests.properties.people import DRIVE, FILEVINE, KEPT, S3, house


@pytest.fixture
def rig(tmp_path):
    rig = house(tmp_path, {"filevine": FILEVINE, "s3": S3, "zdrive": DRIVE})
    rig.run()
    yield rig
    rig.ledger.close()


def put(rig, *paths, side="filevine"):
    for path in paths:
        rig.sides[side].put(path, path.encode())
    rig.run()


def tree(rig):
    """What all sides hold, without the document that is always there."""
    first, *others = rig.trees().values()
    assert all(other == first for other in others), rig.trees()
    return {path: data for path, data in first.items() if path != KEPT}


def undo(rig, **what):
    """Undo it; everything fits afterwards, and nothing is left to do."""
    outcome = rig.run(undo=Undo(**what))
    assert not outcome.failed
    assert not rig.plan().steps
    return outcome


def handle(rig, path):
    return next(e.handle for e in rig.sides["filevine"].list() if getattr(e, "name", "") == path)


def test_a_deleted_document_comes_back_as_the_same_document(rig):
    put(rig, "a.txt")
    number = handle(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    assert tree(rig) == {}
    plan = rig.plan(undo=Undo())
    assert {(s.side, s.action) for s in plan.steps} == {
        ("filevine", Action.RESTORE),
        ("s3", Action.WRITE),
        ("zdrive", Action.WRITE),
    }
    undo(rig)
    assert tree(rig) == {"a.txt": b"a.txt"}
    assert handle(rig, "a.txt") == number


def test_a_document_that_somebody_deleted_in_filevine_comes_back_from_the_trash_of_the_others(rig):
    put(rig, "a.txt")
    rig.sides["filevine"].delete("a.txt")
    rig.run()
    undo(rig, path="a.txt")
    assert tree(rig) == {"a.txt": b"a.txt"}


def test_an_edit_is_undone_and_done_again(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].put("a.txt", b"new")
    rig.run()
    undo(rig)
    assert tree(rig) == {"a.txt": b"a.txt"}
    undo(rig)
    assert tree(rig) == {"a.txt": b"new"}


def test_an_undone_delete_is_done_again(rig):
    put(rig, "f/a.txt", "b.txt")
    rig.sides["zdrive"].delete("f")
    rig.run()
    undo(rig)
    assert tree(rig) == {"f/": b"", "f/a.txt": b"f/a.txt", "b.txt": b"b.txt"}
    undo(rig)
    assert tree(rig) == {"b.txt": b"b.txt"}
    undo(rig)
    assert tree(rig) == {"f/": b"", "f/a.txt": b"f/a.txt", "b.txt": b"b.txt"}


def test_the_loser_of_a_conflict_is_preferred_to_what_was_agreed_before(rig):
    rig.policy(conflicts=(ConflictRule(Pattern("**"), Settle.PREFER, "zdrive"),))
    put(rig, "a.txt")
    rig.sides["s3"].put("a.txt", b"loser")
    rig.sides["zdrive"].put("a.txt", b"winner")
    rig.run()
    assert tree(rig) == {"a.txt": b"winner"}
    undo(rig)
    assert tree(rig) == {"a.txt": b"loser"}


def test_the_loser_of_a_conflict_that_kept_both_comes_from_its_copy(rig):
    put(rig, "a.txt")
    rig.sides["s3"].put("a.txt", b"first")
    rig.sides["zdrive"].put("a.txt", b"second")
    rig.run()
    for side in rig.sides.values():
        for kept in list(side.kept()):
            side.purge(kept)
    undo(rig, path="a.txt")
    assert tree(rig)["a.txt"] == b"second"
    assert sorted(tree(rig).values()) == [b"second", b"second"]


def test_only_what_a_run_took_away_is_undone(rig):
    put(rig, "a.txt", "b.txt", "c.txt")
    rig.sides["zdrive"].delete("a.txt")
    run = rig.run().run
    rig.sides["zdrive"].delete("b.txt")
    rig.run()
    rig.sides["zdrive"].put("c.txt", b"not seen yet")
    outcome = rig.run(undo=Undo(run=run))
    assert {d.step.path for d in outcome.done} == {"a.txt"}
    assert rig.trees()["s3"]["c.txt"] == b"c.txt"
    assert "b.txt" not in rig.trees()["s3"]
    rig.run()
    assert tree(rig) == {"a.txt": b"a.txt", "c.txt": b"not seen yet"}


def test_a_folder_stands_for_all_below_it(rig):
    put(rig, "f/a.txt", "f/g/b.txt", "c.txt")
    rig.sides["zdrive"].delete("f")
    rig.sides["zdrive"].delete("c.txt")
    rig.run()
    undo(rig, path="f")
    assert set(tree(rig)) == {"f/", "f/a.txt", "f/g/", "f/g/b.txt"}


def test_an_empty_folder_comes_back_too(rig):
    put(rig, "f/a.txt")
    rig.sides["zdrive"].delete("f/a.txt")
    rig.run()
    rig.sides["zdrive"].delete("f")
    rig.run()
    undo(rig, path="f")
    assert tree(rig) == {"f/": b""}


def test_a_document_is_found_under_a_name_that_it_had(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].put("a.txt", b"new")
    rig.run()
    rig.sides["zdrive"].rename("a.txt", "b.txt")
    rig.run()
    undo(rig, path="a.txt")
    assert tree(rig) == {"b.txt": b"a.txt"}


def test_a_number_is_a_run_unless_a_document_is_called_so(rig):
    put(rig, "5", "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    run = rig.run().run
    rig.sides["zdrive"].delete("5")
    rig.run()
    assert [s.path for s in rig.plan(undo=Undo(path=str(run))).steps] == ["a.txt"] * 3
    assert [s.path for s in rig.plan(undo=Undo(path="5")).steps] == ["5"] * 3


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Undo(), "nothing was ever replaced or removed"),
        (Undo(run=1), "run 1 replaced and removed nothing"),
        (Undo(path="99"), "run 99 replaced and removed nothing"),
        (Undo(path="a.txt"), "nothing that is or was at a.txt was ever replaced or removed"),
    ],
)
def test_nothing_to_undo_is_said(rig, what, said):
    put(rig, "a.txt")
    with pytest.raises(Misuse, match=said):
        rig.plan(undo=what)


def test_what_is_so_already_is_not_undone_again(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].put("a.txt", b"new")
    run = rig.run().run
    undo(rig, run=run)
    with pytest.raises(Misuse, match="as it was before"):
        rig.plan(undo=Undo(run=run))


def test_a_folder_that_is_there_again_is_not_undone_again(rig):
    put(rig, "f/a.txt")
    rig.sides["zdrive"].delete("f")
    run = rig.run().run
    undo(rig, run=run)
    with pytest.raises(Misuse, match="as it was before"):
        rig.plan(undo=Undo(run=run))


def only_notice(rig, **what):
    plan = rig.plan(undo=Undo(**what))
    assert not plan.steps
    (notice,) = plan.notices
    return notice.text


def test_what_no_trash_keeps_any_more_is_said(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].put("a.txt", b"new")
    rig.run()
    for side in rig.sides.values():
        for kept in list(side.kept()):
            side.purge(kept)
    assert "its own screen" in only_notice(rig)
    rig.clock.tick(31 * 86400)
    assert "trash keeps for 30 days, and that ended on" in only_notice(rig)


def test_what_lies_in_the_trash_of_a_side_that_is_away_is_said(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    for name in ("filevine", "s3"):
        for kept in list(rig.sides[name].kept()):
            rig.sides[name].purge(kept)
    rig.down = {"s3"}
    assert "kept on s3, which cannot be seen" in only_notice(rig)


def test_what_was_deleted_too_long_ago_is_forgotten(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    for _ in range(2):
        rig.clock.tick(31 * 86400)
        rig.run()
    assert "is forgotten by now" in only_notice(rig, path="a.txt")
    assert not any(list(side.kept()) for side in rig.sides.values())


def test_a_source_is_not_written_by_an_undo(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    rig.policy(roles={"zdrive": Role.SOURCE})
    rig.run(undo=Undo())
    assert "a.txt" not in rig.trees()["zdrive"]
    assert "a.txt" in rig.trees()["s3"]


def test_a_document_comes_back_beside_one_that_took_its_place(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    run = rig.run().run
    rig.sides["zdrive"].put("a.txt", b"another")
    rig.run()
    undo(rig, run=run)
    assert tree(rig)["a.txt"] == b"another"
    assert sorted(tree(rig).values()) == [b"a.txt", b"another"]


def test_a_saved_undo_is_applied_step_by_step(rig):
    put(rig, "a.txt", "b.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.sides["zdrive"].delete("b.txt")
    rig.run()
    plan = rig.plan(undo=Undo())
    chosen = frozenset(s.id for s in plan.steps if s.path == "a.txt")
    saved = SavedPlan("case", "d", rig.ledger.get("state"), chosen)
    outcome = rig.run(saved, undo=Undo())
    assert not outcome.dropped
    assert tree(rig) == {"a.txt": b"a.txt"}


def test_bytes_that_nobody_had_read_are_read_to_bring_them_back(rig):
    put(rig, "a.txt")
    rig.sides["filevine"].put("a.txt", b"new")
    rig.run()
    rig.ledger._db.execute("UPDATE journal SET before = ''")
    undo(rig)
    assert tree(rig) == {"a.txt": b"a.txt"}


def test_bytes_that_nobody_had_read_and_nobody_keeps_are_gone(rig):
    put(rig, "a.txt")
    rig.sides["filevine"].put("a.txt", b"new")
    rig.run()
    rig.ledger._db.execute("UPDATE journal SET before = ''")
    for side in rig.sides.values():
        for kept in list(side.kept()):
            side.purge(kept)
    assert "does not keep its former bytes any more" in only_notice(rig)


def test_a_document_whose_place_is_taken_comes_back_under_a_name_that_says_who_kept_it(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    rig.sides["zdrive"].put("a.txt", b"another")
    rig.run()
    undo(rig, path="a.txt")
    [copy] = tree(rig).keys() - {"a.txt"}
    assert re.fullmatch(r"a \(conflict filevine 2026-05-\d\d [0-9a-f]{6}\)\.txt", copy)
    assert tree(rig)[copy] == b"a.txt"


def test_what_stands_where_a_folder_comes_back_makes_room_in_the_same_run(rig):
    put(rig, "a/")
    rig.sides["zdrive"].delete("a")
    rig.run()
    put(rig, "a")
    undo(rig, run=3)
    [document] = tree(rig).keys() - {"a/"}
    assert tree(rig)[document] == b"a"
    assert document.startswith("a (conflict filevine")


def test_what_stands_where_a_folder_comes_back_makes_room_before_anybody_agreed_on_it(rig):
    put(rig, "a/")
    rig.sides["zdrive"].delete("a")
    rig.run()
    rig.sides["zdrive"].put("a", b"new")
    assert not rig.run(undo=Undo(path="a")).failed
    rig.run()
    assert tree(rig).pop("a/") == b""
    assert b"new" in tree(rig).values()


def test_a_document_that_comes_back_under_another_extension_is_a_new_one_in_filevine(rig):
    put(rig, "a.doc")
    rig.down = {"s3"}
    rig.sides["zdrive"].delete("a.doc")
    deleted = rig.run().run
    rig.down = set()
    rig.sides["s3"].rename("a.doc", "a.docx")
    rig.run()
    put(rig, "a.docx", side="s3")
    rig.sides["zdrive"].delete("a.docx")
    rig.run()
    undo(rig, run=deleted)
    assert tree(rig) == {"a.docx": b"a.doc"}


def test_the_bytes_of_another_document_are_read_where_it_has_them_by_now(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    put(rig, "b.txt")
    rig.sides["filevine"].locked["b.txt"] = "somebody"
    rig.sides["zdrive"].put("b.txt", b"a.txt")
    rig.run()
    outcome = rig.run(undo=Undo(path="a.txt"))
    assert not outcome.failed
    assert {side.tree()["a.txt"] for side in rig.sides.values()} == {b"a.txt"}
    assert rig.sides["filevine"].tree()["b.txt"] == b"b.txt"


def test_what_an_earlier_version_did_not_write_down_is_not_said_never_to_have_been(tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as old:
        old.executescript((Path(__file__).parents[1] / "unit/states/1.sql").read_text("utf-8"))
        for run, name, action, replaced in (
            (1, "a", "remove", 0),
            (1, "b", "write", 1),
            (2, "c", "write", 0),
        ):
            old.execute(
                "INSERT INTO journal (run, at_ns, item, kind, side, action, path, to_path, why, replaced, state, text,"
                " sha256) VALUES (?, 1, 1, 'file', 's3', ?, ?, ?, '', ?, 'done', '', '')",
                (run, action, name, name, replaced),
            )
        old.execute("PRAGMA user_version = 1")
    with Ledger(path) as ledger:
        happened = ledger.journal.happened()
    for asked in (Undo(), Undo(run=1), Undo(path="a"), Undo(path="b")):
        with pytest.raises(Misuse, match="an earlier version"):
            formers(happened, asked, ("s3",), lambda _: "")
    for asked in (Undo(run=2), Undo(path="c")):
        with pytest.raises(Misuse, match="replaced"):
            formers(happened, asked, ("s3",), lambda _: "")


def test_a_document_that_somebody_purged_from_every_trash_is_said_to_be_kept_nowhere(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    for side in rig.sides.values():
        for kept in list(side.kept()):
            side.purge(kept)
    [notice] = rig.plan(undo=Undo()).notices
    assert notice.text == "cannot be brought back: filevine does not keep its former bytes any more"


def test_bytes_that_another_document_has_only_where_nobody_can_look_come_from_trash(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    put(rig, "b.txt")
    for name in ("filevine", "s3"):
        rig.sides[name].locked["b.txt"] = "somebody"
    rig.sides["zdrive"].put("b.txt", b"a.txt")
    rig.run()
    rig.down = {"zdrive"}
    rig.run(undo=Undo(path="a.txt"))
    assert rig.sides["s3"].tree()["a.txt"] == b"a.txt"


def test_bytes_are_not_read_where_another_document_is_not(rig):
    put(rig, "a.txt")
    rig.sides["zdrive"].delete("a.txt")
    rig.run()
    rig.policy(deletes_from=frozenset({"s3"}), refused=Refused.LEAVE)
    rig.sides["zdrive"].put("b.txt", b"a.txt")
    rig.run()
    rig.sides["filevine"].delete("b.txt")
    rig.run()
    for kept in list(rig.sides["filevine"].kept()):
        rig.sides["filevine"].purge(kept)
    assert not rig.run(undo=Undo(path="a.txt")).failed
    assert rig.sides["filevine"].tree()["a.txt"] == b"a.txt"
