import json
import os
import shutil
import subprocess
from random import Random

import pytest

from tests.reliability.disk import Disk, write_out
from tests.reliability.mounts import on_image
from tests.reliability.tally import tried
from tests.reliability.traced import CHANGING, calls, needs_strace, struck
from tests.reliability.two_drives import SIDES, Case, is_own, with_work

TRIALS = int(os.environ.get("SYNCTOOL_EXAMPLES", "40"))  # runs after a cut
REAL = 40 if "SYNCTOOL_EXAMPLES" in os.environ else 5
LOSSES = (1, 0.5, 0.1)


@pytest.fixture(scope="module")
def told(tmp_path_factory, lacking):
    """A case with work, its disk before an ``apply``, every call of it, and the case afterwards."""
    needs_strace(lacking)
    work = with_work(tmp_path_factory.mktemp("case"))
    case = work.like(tmp_path_factory.mktemp("told"))
    disk = Disk(case.folder)
    return work, disk, calls(case, ("openat", *CHANGING)), case


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_power_cut_at_any_moment_takes_no_content_and_tears_no_document(told, tmp_path):
    work, disk, made, whole = told
    before, random = set(work.documents().values()), Random(7)
    chosen = {len(made) - 1 - number * len(made) // TRIALS for number in range(TRIALS)}
    chosen |= {number for number, call in enumerate(made) if marks(call)}
    cuts = runs = 0
    for number, call in enumerate(made):
        disk.after(call)
        for loss in LOSSES * (call.name not in ("openat", "pwrite64")):
            contents_of(disk.cut(random, loss), before, call)
            cuts += 1
        if number in chosen:
            loss = 1 if marks(call) else LOSSES[runs % 3]
            tree = disk.cut(random, loss)
            case = after_a_cut(tree, tmp_path / str(number))
            healed(case, whole, before, call)
            assert not unrecorded(case, work.documents(), documents_in(tree)), call
            runs += 1
    assert documents_in(disk.cut(random, loss=0)) == whole.documents(), "the model is not what happened"
    assert runs >= min(TRIALS, len(made))
    tried("crashes", "a cut of the power, and what the disk then holds", cuts)
    tried("crashes", "a cut of the power, and the next run", runs)


@pytest.mark.slow
def test_a_real_file_system_whose_power_is_cut_goes_on_with_the_next_run(told, tmp_path, lacking):
    make = shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not make:
        lacking("no file system can be made: mkfs.ext4 is not installed")
    work, _, made, whole = told
    before = set(work.documents().values())
    image, cut, place, later = (tmp_path / name for name in ("image", "cut", "place", "later"))
    moments = [call for call in made if call.name != "openat"][-1 :: -len(made) // REAL]
    for call in moments:
        with image.open("wb") as file:
            file.truncate(64 << 20)
        subprocess.run([make, "-q", "-F", image], check=True)
        with on_image(image, place, lacking):
            work.like(place)
        with on_image(image, place, lacking):
            struck(Case(place), call.name, call.number, "signal=SIGKILL")
            shutil.copyfile(image, cut)  # what nobody made last is not in it
        with on_image(cut, later, lacking):
            case = Case(later)
            assert set(case.documents().values()) <= before, (call, "a torn document")
            assert before <= {*case.documents().values(), *case.kept()}, (call, "a lost content")
            healed(case, whole, before, call)
    tried("crashes", "a cut of the power of an ext4 file system, and the next run", len(moments))


def contents_of(tree, before, what):
    documents = set(documents_in(tree).values())
    assert documents <= before, (what, "a torn document")
    trash = {there[0] for path, there in tree.items() if there and "/.synctool/trash/" in path}
    assert before <= documents | trash, (what, "a lost content")


def marks(call):
    """Whether a call lets a marker last."""
    return call.name == "fsync" and call.fds[0].endswith("/.synctool")


def documents_in(tree):
    found = {path: there[0] for path, there in tree.items() if there and not is_own(path)}
    return {
        (side, path.removeprefix(f"{side}/")): found[path]
        for path in found
        for side in SIDES
        if path.startswith(f"{side}/")
    }


def unrecorded(case, former, found):
    """What is new, changed or gone, and of which, or of a folder above it, the log has nothing; a move is told by its end."""
    lines = (case.state / "case.audit.jsonl").read_bytes().splitlines()
    records = [record for record in map(json.loads, lines) if record.get("run", 0) > 1]
    told = {(record["side"], record.get(path)) for record in records for path in ("path", "to_path")}
    changed = {spot for spot in found if former.get(spot) != found[spot] and " (moving " not in spot[1]}
    there = {(side, data) for (side, _), data in found.items()}
    changed |= {spot for spot in former.keys() - found.keys() if (spot[0], former[spot]) not in there}
    return {
        (side, path)
        for side, path in changed
        if not any((side, path.rsplit("/", n)[0]) in told for n in range(path.count("/") + 1))
    }


def after_a_cut(tree, folder):
    folder.mkdir()
    write_out(tree, folder)
    return Case(folder)


def healed(case, whole, before, what):
    assert case.run("apply", "--yes") == 0, what
    assert case.documents() == whole.documents(), what
    assert case.folders() == whole.folders(), what
    assert before <= {*case.documents().values(), *case.kept()}, what
    assert case.run("plan", "--exit-code") == 0, what
