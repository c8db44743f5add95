import json
import os
from collections import Counter
from itertools import cycle

import pytest

from synctool.engine.execute import WORKERS
from tests.entry.profiles import write
from tests.reliability.mounts import mount, small_disk
from tests.reliability.tally import tried
from tests.reliability.traced import calls, needs_strace, refused, site, struck
from tests.reliability.two_drives import SIDES, Case, with_work

REFUSALS = {
    "ENOSPC": "the disk is full; make room, then run again",
    "EIO": "the disk fails; check the disk",
    "EROFS": "the file system is read-only; make it writable",
    "EACCES": "the file system refuses us; let this user",
    "EDQUOT": "the quota is used up; make room",
    "EMFILE": "too many files are open",
    "EBUSY": "another program has it open",
    "ESTALE": "the drive does not answer; connect it",
}
TRIED_AGAIN, ATTEMPTS = {"EIO", "EMFILE", "ESTALE"}, 5
EVERY = bool(os.environ.get("SYNCTOOL_EXAMPLES"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_whatever_a_drive_refuses_is_said_in_a_line_and_the_next_run_goes_on(tmp_path, lacking):
    needs_strace(lacking)
    (tmp_path / "work").mkdir()
    (tmp_path / "undisturbed").mkdir()
    work = with_work(tmp_path / "work")
    whole = work.like(tmp_path / "undisturbed")
    made = [call for call in calls(whole) if on_a_drive(call.fds)]
    before = set(work.documents().values())
    sites = {site(call): call for call in made}
    trials = zip(made if EVERY else sites.values(), cycle(REFUSALS))
    told = count = 0
    for count, (call, error) in enumerate(trials, 1):
        what = call.name, call.number, error
        case = work.like(tmp_path / str(count))
        times = ATTEMPTS if error in TRIED_AGAIN and call.name != "fsync" else 1  # not those of the state
        log = case.folder / "refused"
        ended = struck(case, call.name, f"{call.number}..{call.number + times - 1}", f"error={error}", log)
        said = (ended.stdout + ended.stderr).decode()
        spots = refused(log)
        assert spots, (what, "nothing was refused")
        assert on_a_drive(spots[0]), (what, "it was another call that came to be the n-th")
        of_the_state = not all(map(on_a_drive, spots))  # one that was made when it was tried again
        assert ended.returncode in ((0, 5, 7) if of_the_state else (0, 5)), (what, said)
        assert "nobody foresaw" not in said, (what, said)
        assert (ended.returncode == 5) == ("Failed" in said), (what, said)
        assert all(
            line.startswith(("x left: ", "x right: ")) for line in said.splitlines() if line.startswith("x ")
        ), said
        told += REFUSALS[error] in " ".join(said.split())
        left_whole(case, before, what)
        healed(case, whole, what)
    assert told
    tried(
        "crashes",
        "a drive that refuses the n-th call: full, broken, read-only, not ours, gone",
        count,
    )


def on_a_drive(spots):
    return any(f"/{side}" in spot for side in SIDES for spot in spots)


def left_whole(case, before, what):
    documents = set(case.documents().values())
    assert documents <= before, (what, "a torn document")
    assert before <= documents | case.kept(), (what, "a lost content")


def healed(case, whole, what):
    assert case.run("apply", "--yes") == 0, what
    assert case.documents() == whole.documents(), what
    assert case.folders() == whole.folders(), what
    assert not case.leftovers(), what
    assert case.run("plan", "--exit-code") == 0, what


def test_a_full_drive_takes_what_fits_and_is_not_tried_with_everything_else(tmp_path, lacking, capsys):
    with small_disk(tmp_path / "right", "1m", lacking):
        case = Case(tmp_path)
        for number in range(80):
            with write(tmp_path / f"left/{number} large.bin", "").open("wb") as file:
                file.truncate((2 << 20) + number)
        for number in range(20):
            write(tmp_path / f"left/{number} small.txt", f"{number}" * 10_000)
        capsys.readouterr()
        assert case.run("apply", "--yes", "--json") == 5
        failed = json.loads(capsys.readouterr().out)["failed"]
        assert {each["path"] for each in failed} == {f"{number} large.bin" for number in range(80)}
        reasons = Counter(each["reason"].partition("large.bin: ")[2] for each in failed)
        tried_out = reasons.pop("the disk is full; make room, then run again")
        assert 1 <= tried_out <= WORKERS
        assert reasons == {"no room was left for a smaller one; make room, then run again": 80 - tried_out}
        assert len(list((tmp_path / "right").glob("*small.txt"))) == 20
        assert not case.leftovers()
        assert not mount("-o", "remount,size=300m", tmp_path / "right")
        assert case.run("apply", "--yes") == 0
        assert len(list((tmp_path / "right").glob("*large.bin"))) == 80
    tried("crashes", "a drive that is full, and has room again")


def test_a_drive_that_turned_read_only_is_said_and_goes_on_when_it_is_cured(tmp_path, lacking, capsys):
    with small_disk(tmp_path / "right", "9m", lacking):
        case = with_work(tmp_path)
        before = case.documents()
        mount("-o", "remount,ro", tmp_path / "right")
        capsys.readouterr()
        assert case.run("apply", "--yes") == 5
        said = " ".join(capsys.readouterr().out.split())
        assert "x right: new.txt: the file system is read-only; make it writable, then run again" in said
        assert {key: data for key, data in case.documents().items() if key[0] == "right"} == {
            key: data for key, data in before.items() if key[0] == "right"
        }
        mount("-o", "remount,rw", tmp_path / "right")
        assert case.run("apply", "--yes") == 0
        assert case.run("plan", "--exit-code") == 0
    tried("crashes", "a drive that turned read-only, and is cured")
