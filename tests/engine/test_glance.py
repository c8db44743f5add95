"""A round that looks only where somebody hinted at."""

from dataclasses import replace

import pytest

from synctool.core.patterns import Pattern
from synctool.core.plan import Action
from synctool.core.policy import MappedFolder, Rule
from synctool.errors import Denied, Unavailable
from synctool.sides.memory import MemorySide
from tests.engine.rig import Rig, StillClock, tree
from tests.properties.people import DRIVE, FILEVINE, S3

TRAITS = {"filevine": FILEVINE, "s3": replace(S3, cheap_reads=False), "zdrive": DRIVE}


class Watched(MemorySide):
    """A side that notes which folders were listed, None for all, and what was asked after."""

    def __init__(self, name, **facts):
        super().__init__(name, **facts)
        self.listed, self.asked, self.failing = [], [], {}

    def list(self, folders=None):
        self.listed += [None] if folders is None else sorted(folders)
        return super().list(folders)

    def stat(self, entry):
        self.asked.append(entry.handle)
        if entry.handle in self.failing:
            raise self.failing[entry.handle]
        return super().stat(entry)


@pytest.fixture
def rig(tmp_path):
    clock = StillClock()
    sides = {n: Watched(n, clock=clock.now_ns, traits=t) for n, t in TRAITS.items()}
    rig = Rig(tmp_path, sides, clock)
    for n in range(20):
        sides["filevine"].put(f"Letters/{n}.txt", b"letter %d" % n)
    sides["filevine"].put("Motions/Old/draft.docx", b"a draft")
    assert rig.run().exit_code == 0
    assert rig.run().exit_code == 0
    for side in sides.values():
        side.listed.clear()
        side.asked.clear()
    yield rig
    rig.ledger.close()


def hinted(rig, **handles):
    return rig.run(hints={side: frozenset(found) for side, found in handles.items()})


def number(rig, path):
    """What Filevine calls a document or folder."""
    nodes = rig.sides["filevine"]._nodes
    return nodes.handle(nodes.descend(path))


def same(rig):
    trees = list(rig.trees().values())
    assert trees[0] == trees[1] == trees[2]
    return trees[0]


def actions(outcome):
    return {done.step.action for done in outcome.done}


def test_an_edit_on_the_drive_is_found_in_its_folder_and_nothing_else_is_looked_at(rig):
    rig.sides["zdrive"].put("Letters/3.txt", b"edited")
    outcome = hinted(rig, zdrive=["Letters/3.txt"])
    assert (outcome.exit_code, outcome.again) == (0, frozenset())
    assert same(rig)["Letters/3.txt"] == b"edited"
    assert set(rig.sides["zdrive"].listed) == {"Letters/"}
    assert not rig.sides["filevine"].listed
    assert not rig.sides["s3"].listed


def test_an_edit_in_filevine_is_asked_after_once(rig):
    rig.sides["filevine"].put("Letters/3.txt", b"edited")
    outcome = hinted(rig, filevine=[number(rig, "Letters/3.txt")])
    assert outcome.exit_code == 0
    assert same(rig)["Letters/3.txt"] == b"edited"
    assert rig.sides["filevine"].asked == [number(rig, "Letters/3.txt")]
    assert not rig.sides["filevine"].listed
    assert not rig.sides["s3"].listed


def test_without_hints_nothing_is_looked_at_and_nothing_is_done(rig):
    for side in rig.sides.values():
        side.put("Letters/3.txt", b"edited by " + side.name.encode())
    outcome = rig.run(hints={})
    assert (outcome.exit_code, outcome.done, outcome.again) == (0, (), frozenset())
    assert not any(side.listed or side.asked for side in rig.sides.values())


def test_all_of_a_side_is_looked_at_when_that_is_hinted_at(rig):
    rig.sides["zdrive"].delete("Letters/3.txt")
    outcome = hinted(rig, zdrive=["", "Letters/4.txt"])
    assert rig.sides["zdrive"].listed == [None]
    assert outcome.planned.glanced == {"filevine", "s3"}
    assert "Letters/3.txt" not in same(rig)


def test_a_rename_within_a_folder_is_a_move_in_one_round(rig):
    rig.sides["zdrive"].rename("Letters/3.txt", "Letters/three.txt")
    outcome = hinted(rig, zdrive=["Letters/3.txt", "Letters/three.txt"])
    assert actions(outcome) == {Action.MOVE}
    assert outcome.again == frozenset()
    assert same(rig)["Letters/three.txt"] == b"letter 3"


def test_a_move_of_which_only_the_new_place_is_hinted_at_is_found(rig):
    rig.sides["zdrive"].rename("Motions/Old/draft.docx", "Letters/draft.docx")
    outcome = hinted(rig, zdrive=["Letters/draft.docx"])
    assert actions(outcome) == {Action.MOVE}
    assert outcome.again == frozenset()
    assert same(rig)["Letters/draft.docx"] == b"a draft"


def test_a_moved_folder_is_a_move_though_only_its_new_name_is_hinted_at(rig):
    rig.sides["zdrive"].rename("Letters/", "Briefe/")
    outcome = hinted(rig, zdrive=["Briefe/"])
    assert Action.WRITE not in actions(outcome)
    assert outcome.again == frozenset()
    assert same(rig)["Briefe/3.txt"] == b"letter 3"


def test_what_is_missed_in_a_folder_is_deleted_only_after_a_full_look(rig):
    rig.sides["zdrive"].delete("Letters/3.txt")
    outcome = hinted(rig, zdrive=["Letters/3.txt"])
    assert (outcome.done, outcome.again) == ((), {"zdrive"})
    assert "Letters/3.txt" in tree(rig.sides["filevine"])
    assert "Letters/3.txt" not in tree(rig.sides["zdrive"])
    assert hinted(rig, zdrive=[""]).again == frozenset()
    assert "Letters/3.txt" not in same(rig)


def test_a_document_that_moved_out_of_sight_of_the_hints_is_not_deleted(rig):
    rig.sides["zdrive"].rename("Letters/3.txt", "Motions/3.txt")
    assert hinted(rig, zdrive=["Letters/3.txt"]).again == {"zdrive"}
    outcome = hinted(rig, zdrive=[""])
    assert actions(outcome) == {Action.MOVE}
    assert same(rig)["Motions/3.txt"] == b"letter 3"


def test_an_emptied_folder_leads_to_the_one_above_where_its_new_name_is(rig):
    rig.sides["zdrive"].rename("Motions/", "Filed/")
    outcome = hinted(rig, zdrive=["Motions/Old/draft.docx"])
    assert outcome.again == frozenset()
    assert same(rig)["Filed/Old/draft.docx"] == b"a draft"


def test_a_copied_tree_is_found_whole_by_its_top(rig):
    for path in ("New/a.txt", "New/Deep/Deeper/b.txt", "New/Empty/"):
        rig.sides["zdrive"].put(path, b"" if path.endswith("/") else b"new")
    assert hinted(rig, zdrive=["New/"]).exit_code == 0
    assert {"New/a.txt", "New/Deep/Deeper/b.txt", "New/Empty/"} <= same(rig).keys()


def test_a_known_folder_that_is_hinted_at_is_looked_into(rig):
    rig.sides["zdrive"].put("Letters/3.txt", b"edited")
    assert hinted(rig, zdrive=["Letters/"]).exit_code == 0
    assert same(rig)["Letters/3.txt"] == b"edited"


def test_a_deleted_document_of_filevine_is_removed_at_once(rig):
    gone = number(rig, "Letters/3.txt")
    rig.sides["filevine"].delete("Letters/3.txt")
    outcome = hinted(rig, filevine=[gone])
    assert (outcome.exit_code, outcome.again) == (0, frozenset())
    assert "Letters/3.txt" not in same(rig)


def test_a_folder_of_filevine_that_is_gone_asks_for_a_full_look_and_says_nothing(rig):
    gone = number(rig, "Motions/Old/")
    rig.sides["filevine"].delete("Motions/Old/")
    outcome = hinted(rig, filevine=[gone])
    assert (outcome.done, outcome.again) == ((), {"filevine"})
    assert "Motions/Old/draft.docx" in tree(rig.sides["zdrive"])
    hinted(rig, filevine=[""])
    assert "Motions/Old/" not in same(rig)


def test_a_new_document_of_filevine_brings_the_folders_that_nobody_knows(rig):
    rig.sides["filevine"].put("New/Deep/a.txt", b"a")
    rig.sides["filevine"].put("New/Deep/b.txt", b"b")
    assert hinted(rig, filevine=[number(rig, "New/Deep/a.txt")]).exit_code == 0
    assert same(rig)["New/Deep/b.txt"] == b"b"
    assert sorted(rig.sides["filevine"].listed) == [number(rig, "New/"), number(rig, "New/Deep/")]


def test_a_moved_folder_of_filevine_moves_everywhere(rig):
    rig.sides["filevine"].rename("Letters/", "Motions/Letters/")
    outcome = hinted(rig, filevine=[number(rig, "Motions/Letters/")])
    assert outcome.exit_code == 0
    assert same(rig)["Motions/Letters/3.txt"] == b"letter 3"


@pytest.mark.parametrize("error", [Denied("no"), Unavailable("not now")])
def test_of_what_cannot_be_asked_after_nothing_is_said_and_the_rest_goes_on(rig, error):
    filevine = rig.sides["filevine"]
    dark, gone = number(rig, "Letters/3.txt"), number(rig, "Letters/4.txt")
    filevine.put("Letters/3.txt", b"edited")
    filevine.delete("Letters/4.txt")
    filevine.failing = {dark: error}
    outcome = hinted(rig, filevine=[dark, gone])
    assert outcome.exit_code == 5
    assert outcome.planned.plan.unknown["filevine"] == (str(error),)
    assert tree(rig.sides["zdrive"])["Letters/3.txt"] == b"letter 3"
    assert "Letters/4.txt" not in tree(rig.sides["zdrive"])
    filevine.failing = {}
    assert hinted(rig, filevine=[dark]).exit_code == 0
    assert same(rig)["Letters/3.txt"] == b"edited"


@pytest.mark.parametrize(("error", "code"), [(Denied("no"), 0), (Unavailable("not now"), 5)])
def test_a_document_that_nobody_knows_and_that_is_not_ours_to_see_is_no_failure(rig, error, code):
    rig.sides["filevine"].failing = {"d000000009999": error}
    assert hinted(rig, filevine=["d000000009999"]).exit_code == code


def test_a_document_that_somebody_has_open_is_put_off_though_the_drive_is_not_hinted_at(rig):
    rig.sides["zdrive"].put("Motions/Old/~$draft.docx", b"\x07J. Deer" + b"\0" * 40)
    rig.sides["filevine"].put("Motions/Old/draft.docx", b"another draft")
    outcome = hinted(rig, filevine=[number(rig, "Motions/Old/draft.docx")])
    assert [notice.text for notice in outcome.planned.plan.put_off] == ["is open (J. Deer); put off"]
    assert tree(rig.sides["zdrive"])["Motions/Old/draft.docx"] == b"a draft"
    assert rig.sides["zdrive"].listed == ["Motions/Old/"]


def test_an_edit_that_nobody_hinted_at_yet_is_not_overwritten(rig):
    rig.sides["zdrive"].put("Letters/3.txt", b"drive")
    rig.sides["filevine"].put("Letters/3.txt", b"filevine")
    outcome = hinted(rig, filevine=[number(rig, "Letters/3.txt")])
    assert outcome.exit_code == 0
    assert {b"drive", b"filevine"} <= set(same(rig).values())


def test_a_step_that_fails_where_nobody_looked_asks_for_a_full_look(rig):
    rig.sides["s3"].put("Letters/3.txt", b"s3")
    rig.sides["zdrive"].put("Letters/3.txt", b"drive")
    outcome = hinted(rig, zdrive=["Letters/3.txt"])
    assert (outcome.exit_code, outcome.again) == (5, {"s3"})
    hinted(rig, s3=[""])
    assert {b"drive", b"s3"} <= set(same(rig).values())


def test_a_glance_does_not_say_when_all_sides_last_agreed(rig):
    agreed = rig.ledger.journal.last_end().agreed_ns
    assert agreed
    rig.sides["zdrive"].put("Letters/3.txt", b"edited")
    assert hinted(rig, zdrive=["Letters/3.txt"]).exit_code == 0
    assert rig.ledger.journal.last_end().agreed_ns == agreed
    hinted(rig, filevine=[""], s3=[""], zdrive=[""])
    assert rig.ledger.journal.last_end().agreed_ns > agreed


def test_a_glance_at_a_small_folder_is_no_shrunken_side(rig):
    rig.sides["zdrive"].delete("Motions/Old/draft.docx")
    outcome = hinted(rig, zdrive=["Motions/Old/draft.docx"])
    assert not outcome.planned.plan.brakes


def test_an_excluded_folder_is_looked_into_only_on_the_way_to_a_hint(rig):
    rig.policy(rules=(Rule(Pattern("/Photos/*.docx"), True), Rule(Pattern("/Photos/"), False)))
    rig.profile = replace(rig.profile, rules_digest="r2")
    zdrive = rig.sides["zdrive"]
    zdrive.put("Photos/Raw/1.jpg", b"1")
    zdrive.put("Photos/list.docx", b"a list")
    zdrive.put("new.txt", b"new")
    assert hinted(rig, zdrive=["new.txt"]).exit_code == 0
    assert set(zdrive.listed) == {""}
    assert "Photos/" not in tree(rig.sides["filevine"])
    zdrive.listed.clear()
    assert hinted(rig, zdrive=["Photos/list.docx"]).exit_code == 0
    assert set(zdrive.listed) == {"", "Photos/"}
    assert tree(rig.sides["filevine"])["Photos/list.docx"] == b"a list"


def test_mapped_folders_are_found_where_the_side_keeps_them(rig):
    rig.policy(folders=(MappedFolder("Motions/Discovery", {"zdrive": "02 Disc"}),))
    rig.sides["zdrive"].put("02 Disc/a.txt", b"a")
    rig.sides["zdrive"].put("Motions/b.txt", b"b")
    assert rig.run().exit_code == 0
    for path in ("02 Disc/a.txt", "Motions/b.txt", "top.txt"):
        rig.sides["zdrive"].put(path, b"edited")
        outcome = hinted(rig, zdrive=[path])
        assert (outcome.exit_code, outcome.again) == (0, frozenset()), path
    shown = tree(rig.sides["filevine"])
    assert [shown[p] for p in ("Motions/Discovery/a.txt", "Motions/b.txt", "top.txt")] == [b"edited"] * 3


def test_a_mapped_folder_that_is_new_in_filevine_is_found_by_its_path(rig):
    rig.policy(folders=(MappedFolder("Discovery", {"filevine": "02 Disc"}),))
    rig.sides["filevine"].put("02 Disc/a.txt", b"a")
    assert hinted(rig, filevine=[number(rig, "02 Disc/")]).exit_code == 0
    assert tree(rig.sides["zdrive"])["Discovery/a.txt"] == b"a"


def test_a_folder_that_cannot_be_listed_is_told_and_nothing_of_it_is_deleted(rig):
    rig.sides["zdrive"].unreadable = {"Letters/"}
    outcome = hinted(rig, zdrive=["Letters/3.txt"])
    assert outcome.exit_code == 5
    assert "zdrive" in outcome.planned.plan.unknown
    assert not outcome.done
    rig.sides["zdrive"].unreadable = set()
    assert "Letters/3.txt" in same(rig)


def test_a_new_file_that_cannot_be_read_leads_nowhere_and_is_told(rig):
    rig.sides["zdrive"].put("Letters/copy.txt", b"letter 3")
    rig.sides["zdrive"].unreadable = {"Letters/copy.txt"}
    outcome = hinted(rig, zdrive=["Letters/copy.txt"])
    assert not outcome.done
    assert "Letters/copy.txt" not in tree(rig.sides["filevine"])


def test_a_file_that_is_still_being_written_is_put_off(rig):
    zdrive = rig.sides["zdrive"]

    class Writing(StillClock):
        def sleep(self, seconds):
            super().sleep(seconds)
            zdrive.put("Letters/new.txt", b"more")

    rig.clock.tick()
    zdrive.put("Letters/new.txt", b"some")
    busy = Writing(rig.clock.now)
    zdrive._clock = busy.now_ns
    rig.tools = rig.tools.__class__(rig.tools.state, busy)
    outcome = hinted(rig, zdrive=["Letters/new.txt"])
    assert outcome.exit_code == 5
    assert "Letters/new.txt" not in tree(rig.sides["filevine"])


def test_a_document_of_filevine_that_lies_in_what_nobody_sees_stays_out(rig):
    filevine = rig.sides["filevine"]
    filevine.put("Secret/Deep/a.txt", b"secret")
    filevine.failing = {number(rig, "Secret/"): Denied("protected")}
    outcome = hinted(rig, filevine=[number(rig, "Secret/Deep/a.txt")])
    assert (outcome.exit_code, outcome.done) == (0, ())
    assert not any("Secret" in path for path in tree(rig.sides["zdrive"]))
