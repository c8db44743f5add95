import json
import shutil
from threading import Event

import pytest

from synctool.engine.watching import pulse
from synctool.engine.watching.ears import Ears
from synctool.sides.drive import DriveSide
from synctool.store.lease import held
from tests.entry.profiles import write
from tests.entry.watched import QUICK, Leaping, check_at_every_beat, until, watching


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    check_at_every_beat(monkeypatch)


def test_what_people_do_on_one_drive_is_soon_on_the_other(firm):
    firm.profile("case-1", QUICK)
    left, right = firm.folder / "case-1/left", firm.folder / "case-1/right"
    write(left / "before.txt", "was there before")
    with watching(firm.folder) as running:
        until((right / "before.txt").exists)
        running.idle()
        (left / "brief.txt").write_text("a brief")
        until((right / "brief.txt").exists)
        (right / "brief.txt").rename(right / "motion.txt")
        until(lambda: (left / "motion.txt").exists() and not (left / "brief.txt").exists())
        (right / "motion.txt").unlink()
        until(lambda: not (left / "motion.txt").exists())
    assert {told.exit_code for told in running.told} <= {
        0,
        5,
    }  # it may be gone between a look and the reading
    assert running.told[-1].exit_code == 0


def test_rounds_that_only_find_our_own_writes_are_not_told(firm, capsys):
    firm.profile("case-1", QUICK)
    with watching(firm.folder) as running:
        running.idle()
        (firm.folder / "case-1/left/a.txt").write_text("abc")
        until((firm.folder / "case-1/right/a.txt").exists)
        until(lambda: len(running.told) > 2)
    [line] = capsys.readouterr().out.splitlines()
    assert line[2] == line[5] == ":"
    assert " case-1: 1 write, 3 B (" in line
    assert len(line) <= 80


def test_every_round_is_told_to_programs(firm, capsys):
    firm.profile("case-1", QUICK)
    with watching(firm.folder, as_json=True) as running:
        running.idle()
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["format"] == "synctool.round/1"
    assert (first["profile"], first["exit_code"], first["looked"], first["trouble"]) == (
        "case-1",
        0,
        None,
        [],
    )
    assert first["outcome"]["format"] == "synctool.outcome/1"


def test_what_the_system_does_not_announce_is_found_by_the_full_look(firm, monkeypatch):
    firm.profile("case-1", QUICK)
    monkeypatch.setattr("synctool.engine.watching.ears.handles", lambda event, root: [])
    clock = Leaping()
    with watching(firm.folder, clock=clock) as running:
        running.idle()
        (firm.folder / "case-1/left/a.txt").write_text("abc")
        clock.ahead = 10080 * 60
        running.watch._board.put("case-1", [])
        until((firm.folder / "case-1/right/a.txt").exists)


def test_a_drive_that_announces_nothing_is_polled(firm, monkeypatch):
    firm.profile("case-1", QUICK)
    monkeypatch.setattr(Ears, "hears", lambda self, key: False)
    monkeypatch.setattr(Ears, "listen", lambda self, key, root, tell: None)
    with watching(firm.folder) as running:
        running.idle()
        (firm.folder / "case-1/left/a.txt").write_text("abc")
        until((firm.folder / "case-1/right/a.txt").exists)


def test_a_profile_that_only_observes_is_looked_at_and_nothing_is_done(firm, capsys):
    firm.profile("case-1", "mode: observe" + QUICK)
    write(firm.folder / "case-1/left/a.txt", "abc")
    with watching(firm.folder) as running:
        running.idle()
    assert not (firm.folder / "case-1/right/a.txt").exists()
    assert "1 step would be taken; it only observes; there is work" in capsys.readouterr().out


def test_profiles_are_read_again_when_they_change(firm, capsys):
    file = firm.profile("case-1", QUICK)
    with watching(firm.folder) as running:
        running.idle()
        good = file.read_text()
        file.write_text(good + "mood: sync\n")
        until(lambda: "mood" in capsys.readouterr().err)
        (firm.folder / "case-1/left/a.txt").write_text("abc")
        until((firm.folder / "case-1/right/a.txt").exists, "work by what the profile said before")
        file.write_text(good + "enabled: false\n")
        until(lambda: not running.watch.pulse().profiles)
        firm.profile("case-2", QUICK)
        until(lambda: "case-2" in running.watch.pulse().profiles)
        write(firm.folder / "case-2/left/b.txt", "abc")
        until((firm.folder / "case-2/right/b.txt").exists)
    assert "mood" not in capsys.readouterr().err


def test_a_profile_that_overlaps_another_changes_nothing_and_that_is_said(firm, capsys):
    firm.profile("case-1", QUICK)
    with watching(firm.folder) as running:
        running.idle()
        text = (firm.folder / "profiles/case-1.yaml").read_text()
        write(firm.folder / "profiles/case-2.yaml", text)
        until(lambda: "overlaps" in capsys.readouterr().err)
        assert list(running.watch.pulse().profiles) == ["case-1"]


def test_a_drive_that_lies_elsewhere_now_is_heard_there(firm):
    file = firm.profile("case-1", QUICK)
    elsewhere = firm.folder / "elsewhere"
    with watching(firm.folder) as running:
        running.idle()
        (firm.folder / "case-1/left").rename(elsewhere)
        file.write_text(file.read_text().replace(str(firm.folder / "case-1/left"), str(elsewhere)))
        until(lambda: running.watch._ears._ears["case-1", "left"].root == elsewhere)
        (elsewhere / "a.txt").write_text("abc")
        until((firm.folder / "case-1/right/a.txt").exists)


def test_how_old_an_agreement_may_get_is_no_less_than_two_full_looks(firm):
    firm.profile("case-1", "max_age: 1m\nwatch: {full_look_minutes: 45}\n")
    with watching(firm.folder) as running:
        running.idle()
        assert running.watch.pulse().profiles["case-1"].max_age_ns == 90 * 60 * 10**9


def test_a_state_that_cannot_be_used_is_told_and_the_watch_goes_on(firm, capsys):
    firm.profile("case-1", QUICK)
    firm.profile("case-2", QUICK)
    write(firm.folder / "state/case-1.db", "no database at all, but long enough to be read as one" * 99)
    with watching(firm.folder) as running:
        running.idle()
        write(firm.folder / "case-2/left/a.txt", "abc")
        until((firm.folder / "case-2/right/a.txt").exists)
        assert running.watch.pulse().profiles["case-1"].exit_code == 7
    assert "case-1.db is no database" in " ".join(capsys.readouterr().out.split())


def test_a_failure_that_nobody_foresaw_leaves_a_crash_file_and_the_watch_goes_on(firm, monkeypatch, capsys):
    firm.profile("case-1", QUICK)
    monkeypatch.setattr(DriveSide, "relist", lambda *_: 1 // 0)
    with watching(firm.folder) as running:
        running.idle()
    assert running.told[0].exit_code == 1
    assert "ZeroDivisionError: a failure that nobody foresaw" in " ".join(capsys.readouterr().out.split())
    assert list((firm.folder / "state").glob("crash-*.txt"))


def test_what_another_run_kept_from_being_done_is_done_half_a_minute_later(firm):
    firm.profile("case-1", QUICK)
    clock = Leaping()
    with watching(firm.folder, clock=clock) as running:
        running.idle()
        with held(firm.folder / "state/case-1.lock", "J. Deer", "noon"):
            (firm.folder / "case-1/left/a.txt").write_text("abc")
            until(lambda: running.told[-1].exit_code == 8)
        clock.ahead = 31
        running.watch._board.put("case-1", [])
        until((firm.folder / "case-1/right/a.txt").exists)


def test_a_root_that_is_away_is_told_once_and_healed_when_it_is_back(firm, capsys):
    firm.profile("case-1", QUICK)
    left, right = firm.folder / "case-1/left", firm.folder / "case-1/right"
    write(left / "a.txt", "abc")
    with watching(firm.folder) as running:
        until((right / "a.txt").exists)
        running.idle()
        right.rename(right.with_name("away"))
        until(lambda: running.watch._ears._ears["case-1", "right"].where is None)
        (left / "b.txt").write_text("abc")
        until(lambda: 5 in {told.exit_code for told in running.told})
        (left / "c.txt").write_text("abc")
        until(lambda: [told.exit_code for told in running.told].count(5) > 1)
        right.with_name("away").rename(right)
        until((right / "c.txt").exists)
        until(lambda: running.told[-1].exit_code == 0)
    lines = capsys.readouterr().out
    assert lines.count("right: ") == 1
    assert (left / "a.txt").exists()


@pytest.mark.slow
def test_two_hundred_profiles_are_watched_in_one_process(firm, monkeypatch):
    monkeypatch.undo()
    for number in range(200):
        firm.profile(f"case-{number:03}", QUICK)
    changed = [firm.folder / f"case-{number:03}" for number in (3, 77, 199)]
    with watching(firm.folder) as running:
        running.idle()
        for case in changed:
            (case / "left/a.txt").write_text("abc")
        for case in changed:
            until((case / "right/a.txt").exists)
    assert len({told.profile for told in running.told}) == 200
    assert {told.exit_code for told in running.told} == {0}


def test_a_watch_that_is_stopped_ends_its_rounds_within_the_step_they_are_in(firm, monkeypatch):
    firm.profile("case-1", QUICK)
    for number in range(40):
        write(firm.folder / f"case-1/left/{number}.txt", f"{number}")

    begun, go_on = Event(), Event()
    write_one = DriveSide.write

    def slowly(self, *args):
        begun.set()
        go_on.wait(60)
        return write_one(self, *args)

    monkeypatch.setattr(DriveSide, "write", slowly)
    with watching(firm.folder) as running:
        assert begun.wait(60)
        running.watch._tools.stopped.set()
        go_on.set()
    [told] = running.told
    arrived = len(list((firm.folder / "case-1/right").glob("*.txt")))
    assert 0 < arrived < 40
    assert told.exit_code == 5
    assert {failed.reason for failed in told.what.failed} == {
        "stopped before it was begun; the next run goes on"
    }
    assert not (firm.folder / "state/watch.json").exists()
    monkeypatch.undo()
    assert firm.run("apply", "--yes").code == 0
    assert len(list((firm.folder / "case-1/right").glob("*.txt"))) == 40


def test_a_watch_that_is_stopped_while_it_looks_does_nothing_more(firm, monkeypatch):
    firm.profile("case-1", QUICK)
    write(firm.folder / "case-1/left/a.txt", "abc")

    begun, go_on = Event(), Event()
    look = DriveSide.relist

    def slowly(self, *args):
        begun.set()
        go_on.wait(60)
        return look(self, *args)

    monkeypatch.setattr(DriveSide, "relist", slowly)
    with watching(firm.folder) as running:
        assert begun.wait(60)
        running.watch._tools.stopped.set()
        go_on.set()
    assert running.told[0].what.run == 0
    assert not (firm.folder / "case-1/right/a.txt").exists()


def test_status_says_that_a_watch_runs_and_when_it_was_killed(firm):
    firm.profile("case-1", QUICK)
    with watching(firm.folder) as running:
        running.idle()
        until((firm.folder / "state/watch.json").exists)
        until(lambda: pulse.read(firm.folder / "state").profiles["case-1"].rounds)
        assert "watched since" in firm.run("status").out
        shutil.copy(firm.folder / "state/watch.json", firm.folder / "kept.json")
    assert "watch" not in firm.run("status").out
    said = json.loads((firm.folder / "kept.json").read_text())
    (firm.folder / "state/watch.json").write_text(json.dumps({**said, "at_ns": said["at_ns"] - 10**12}))
    assert "! the watch has not been heard of since" in firm.run("status").out
    document = json.loads(firm.run("status", "--json").out)
    assert document["watch"]["ailing"] == ["the watch hangs: it has not moved for more than a minute"]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": "synctool.watch/9"}', '{"format": "synctool.watch/1"}']
)
def test_a_pulse_of_another_kind_says_nothing(tmp_path, text):
    (tmp_path / "watch.json").write_text(text)
    assert pulse.read(tmp_path) is None


def test_two_watches_on_one_state_are_refused(firm):
    firm.profile("case-1", QUICK)
    with held(firm.folder / "state/_watch.lock", "J. Deer", "noon"):
        refused = firm.run("watch")
    assert refused.code == 8
    assert "another watch runs on this state: J. Deer, since noon" in refused.err


@pytest.mark.parametrize("where", ["0.0.0.0:80", "localhost", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_address_of_this_machine_alone_is_refused(firm, where):
    firm.profile("case-1", QUICK)
    refused = firm.run("watch", "--listen", where)
    assert refused.code == 2
    assert f"--listen {where}: " in refused.err


def test_with_nothing_to_watch_that_is_said(firm):
    refused = firm.run("watch")
    assert refused.code == 2
    assert "there is nothing to watch in" in refused.err


def test_webhooks_for_profiles_without_filevine_are_refused_before_anything_is_watched(firm):
    firm.profile("case-1", QUICK)
    refused = firm.run("watch", "--webhook", "127.0.0.1:0")
    assert refused.code == 2
    assert "no profile here has a Filevine side" in refused.err
    assert not (firm.folder / "state/watch.json").exists()


def test_what_a_person_decides_is_soon_done(firm):
    firm.profile("case-1", QUICK + "conflicts: [{match: '**', policy: hold}]\n")
    left, right = firm.folder / "case-1/left/a.txt", firm.folder / "case-1/right/a.txt"
    write(left, "agreed")
    assert firm.run("apply", "--yes").code == 0
    write(left, "mine")
    write(right, "their own")
    with watching(firm.folder) as running:
        until(lambda: running.told and running.told[-1].exit_code == 4)
        until(lambda: firm.run("resolve", "case-1", "a.txt", "--take", "left", "--yes").code == 0)
        until(lambda: right.read_text() == "mine")
        running.idle()
    assert left.read_text() == "mine"
    assert firm.run("conflicts").out == "case-1: no conflict is open\n"
