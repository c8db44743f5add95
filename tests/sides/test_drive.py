import errno
import io
import itertools
import os
import shutil
import stat
import subprocess
import tempfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from synctool.core.model import Entry, Kept, Kind, Meta, Place, Unlisted
from synctool.errors import Denied, Full, InUse, Missing, Rejected, Stale, Unavailable
from synctool.sides.drive import DriveSide
from synctool.sides.drive.folder import Folder, extended
from synctool.sides.drive.trouble import translated

NOON = 1_795_348_800 * 10**9  # 2026-11-22T12:00:00Z
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a disk or to be somebody else")


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def side(root):
    side = opened(root)
    yield side
    side.close()


def passed_over(side):
    """What a listing says that it does not carry."""
    return [e.folder for e in side.list() if isinstance(e, Unlisted) and e.passed_over]


def opened(root, **options):
    side = DriveSide("zdrive", root=root, **{"clock": lambda: NOON, "names": "posix", **options})
    side.open()
    return side


def look(side):
    return {row.handle: row for row in side.list() if isinstance(row, Entry)}


def meta(data, **more):
    return Meta(size=len(data), sha256=sha256(data).hexdigest(), **more)


def write(side, at, data, **more):
    return side.write(at, io.BytesIO(data), meta(data, **more))


def kept(root):
    trash = root / ".synctool/trash"
    return {
        path.relative_to(trash).as_posix(): path.read_bytes() for path in trash.rglob("*") if path.is_file()
    }


def tree(root):
    """All documents but synctool's own, by path."""
    rows = (path for path in root.rglob("*") if path.is_file() and ".synctool" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in rows}


def temps(root):
    return [path.name for path in root.rglob(".~synctool-*")]


# What is passed over


def test_links_are_told_and_never_followed(side, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_bytes(b"secret")
    (root / "way").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret.txt")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe")
    assert look(side) == {}
    assert passed_over(side) == ["file", "loop", "pipe", "way"]


def test_nothing_is_reached_over_a_link(side, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "way").mkdir()
    (root / "way/a.txt").write_bytes(b"one")
    entry = look(side)["way/a.txt"]
    shutil.move(root / "way", outside / "way")
    (root / "way").symlink_to(outside / "way")
    for attempt in (
        lambda: side.stat(entry),
        lambda: side.read(entry),
        lambda: write(side, entry, b"two"),
        lambda: write(side, Place("way/", "b.txt"), b"two"),
        lambda: side.make_folder(Place("way/", "b")),
        lambda: side.move(entry, Place("", "a.txt")),
        lambda: side.remove(entry),
    ):
        with pytest.raises(Denied, match="links are not followed"):
            attempt()
    assert [path.name for path in outside.rglob("*")] == ["way", "a.txt"]


def test_a_document_that_became_a_link_is_not_read(side, root, tmp_path):
    (tmp_path / "secret.txt").write_bytes(b"one")
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(Denied):
        side.read(entry)
    with pytest.raises(Denied):
        side.stat(entry)
    with pytest.raises(Stale):
        write(side, entry, b"two")


def test_a_document_that_became_a_pipe_is_not_waited_for(side, root):
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    (root / "a.txt").unlink()
    os.mkfifo(root / "a.txt")
    with pytest.raises(Stale):
        side.read(entry)
    with pytest.raises(Denied):
        side.stat(entry)


def test_a_document_that_became_a_folder_is_stale_and_absent(side, root):
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    (root / "a.txt").unlink()
    (root / "a.txt").mkdir()
    assert side.stat(entry) is None
    for attempt in (side.read, side.remove, lambda entry: write(side, entry, b"two")):
        with pytest.raises(Stale):
            attempt(entry)


def test_a_name_that_is_no_unicode_is_told(side, root):
    (Path(os.fsdecode(os.fsencode(root) + b"/\xff\xfe.txt"))).write_bytes(b"x")
    assert look(side) == {}
    assert passed_over(side) == ["\\udcff\\udcfe.txt"]


def test_an_empty_placeholder_is_ignored_and_a_full_one_is_told(side, root):
    for path in ("a", "b"):
        (root / path).mkdir()
    (root / "a/.placeholder").touch()
    (root / "b/.placeholder").write_bytes(b"x")
    assert set(look(side)) == {"a/", "b/"}
    assert passed_over(side) == ["b/.placeholder"]


def test_what_an_interrupted_write_left_is_told_and_can_be_swept(side, root):
    (root / ".~synctool-0011223344556677.tmp").write_bytes(b"half")
    (temp,) = look(side).values()
    side.remove(temp)
    assert temps(root) == [".~synctool-0011223344556677.tmp"]
    assert list(kept(root).values()) == [b"half"]


def test_folders_too_deep_are_said_to_be_unlisted(side, root):
    here = os.open(root, os.O_RDONLY)
    for _ in range(402):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    rows = list(side.list())
    assert len(rows) == 401
    deep = Unlisted("d/" * 400, "too many folders inside one another")
    assert deep in rows
    assert list(side.list(["d/" * 400])) == [deep]
    assert list(side.list(["d/" * 399])) == [row for row in rows if row[1] == "d/" * 400]


def test_a_listing_of_folders_follows_no_link(side, root, tmp_path):
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere" / "secret.txt").write_bytes(b"secret")
    (root / "link").symlink_to(tmp_path / "elsewhere")
    (root / "file").write_bytes(b"a")
    asked = [
        "link/",
        "link/deep/",
        "file/",
        "link",
        "../elsewhere/",
        f"{tmp_path}/elsewhere/",
        ".synctool/trash/",
    ]
    assert list(side.list(asked)) == []
    assert [row.folder for row in side.list([""]) if isinstance(row, Unlisted)] == ["link"]


def test_a_root_that_is_gone_is_no_empty_folder(side, root):
    shutil.rmtree(root)
    with pytest.raises(Missing):
        list(side.list([""]))


@as_root
def test_a_folder_that_may_not_be_read_is_said_to_be_unlisted():
    with as_somebody_else() as root:
        (root / "locked").mkdir(mode=0o700)
        (root / "open").mkdir()
        side = opened(root)
        os.seteuid(65534)
        try:
            rows = list(side.list())
            assert list(side.list(["locked/", "open/"])) == [Unlisted("locked/", "Permission denied")]
            with pytest.raises(Denied):
                side.stat(Entry(Kind.FILE, "locked/a.txt", "locked/", "a.txt", "1:1"))
            with pytest.raises(Denied):
                write(side, Place("open/", "a.txt"), b"one")
        finally:
            os.seteuid(0)
            side.close()
    assert [row.folder if isinstance(row, Unlisted) else row.handle for row in rows] == [
        "locked/",
        "locked/",
        "open/",
    ]


@as_root
def test_a_rename_that_cannot_be_finished_is_undone():
    with as_somebody_else() as root:
        (root / "from").mkdir()
        (root / "to").mkdir()
        (root / "to").chmod(0o777)
        (root / "from/a.txt").write_bytes(b"one")
        os.chown(root / "from/a.txt", 65534, 65534)
        side = opened(root)
        os.seteuid(65534)
        try:
            with pytest.raises(Denied):
                side.move(look(side)["from/a.txt"], Place("to/", "a.txt"))
            assert set(look(side)) == {"from/", "from/a.txt", "to/"}
        finally:
            os.seteuid(0)
            side.close()


@contextmanager
def as_somebody_else():
    """A root that everybody may enter."""
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)
        yield Path(base)


# Stamps, and what changes meanwhile


def test_a_young_stamp_equals_no_later_one_and_is_still_good_to_work_on(root):
    ticks = itertools.count(NOON)
    side = opened(root, clock=lambda: next(ticks))
    (root / "a.txt").write_bytes(b"one")
    os.utime(root / "a.txt", ns=(NOON, NOON - 10**9))
    young = look(side)["a.txt"]
    assert look(side)["a.txt"].stamp != young.stamp
    with side.read(young) as stream:
        assert stream.read() == b"one"
    assert write(side, young, b"two", mtime_ns=NOON - 10**12).size == 3
    assert look(side)["a.txt"].stamp == look(side)["a.txt"].stamp
    side.close()


def test_a_file_replaced_within_one_tick_has_another_stamp(side, root):
    for data in (b"one", b"two"):
        (root / "new").write_bytes(data)
        os.utime(root / "new", ns=(0, 10**18))
        if data == b"two":
            before = look(side)["a.txt"]
        (root / "new").rename(root / "a.txt")
    assert look(side)["a.txt"].stamp != before.stamp


def test_a_document_that_grows_while_it_is_read_is_stale(side, root):
    (root / "a.bin").write_bytes(b"x" * 300_000)
    stream = side.read(look(side)["a.bin"])
    assert stream.read(100_000)
    with (root / "a.bin").open("ab") as file:
        file.write(b"y")
    with pytest.raises(Stale):
        stream.read()
    stream.close()


def test_a_document_that_changes_before_its_last_byte_is_read_is_stale(side, root):
    (root / "a.bin").write_bytes(b"x" * 300_000)
    with side.read(look(side)["a.bin"]) as stream:
        os.utime(root / "a.bin", ns=(0, 0))
        with pytest.raises(Stale):
            stream.read(300_000)


def test_a_stream_can_be_rewound(side, root):
    (root / "a.txt").write_bytes(b"one")
    with side.read(look(side)["a.txt"]) as stream:
        assert stream.read() == b"one"
        stream.seek(0)
        assert stream.read() == b"one"


class Meddling(io.BytesIO):
    """A stream during whose reading something else happens."""

    def __init__(self, data, meddle):
        super().__init__(data)
        self.meddle = meddle

    def read(self, *args):
        self.meddle()
        return super().read(*args)


def test_an_edit_during_the_transfer_wins_over_the_write(side, root):
    (root / "a.txt").write_bytes(b"one")
    data = Meddling(b"two", lambda: (root / "a.txt").write_bytes(b"edit"))
    with pytest.raises(Stale):
        side.write(look(side)["a.txt"], data, meta(b"two"))
    assert (root / "a.txt").read_bytes() == b"edit"
    assert temps(root) == []


def test_a_place_taken_during_the_transfer_is_stale(side, root):
    data = Meddling(b"two", lambda: (root / "a.txt").write_bytes(b"other"))
    with pytest.raises(Stale):
        side.write(Place("", "a.txt"), data, meta(b"two"))
    assert (root / "a.txt").read_bytes() == b"other"
    assert temps(root) == []


def test_a_document_that_is_renamed_as_soon_as_it_is_there_was_written(side, root, monkeypatch):
    renaming = Folder.rename

    def renamed(folder, name, to, new):
        renaming(folder, name, to, new)
        (root / new).rename(root / "theirs.txt")

    monkeypatch.setattr(Folder, "rename", renamed)
    data = b"new"
    made = side.write(Place("", "ours.txt"), io.BytesIO(data), Meta(len(data), sha256(data).hexdigest()))
    (found,) = side.list()
    assert (made.handle, found.handle) == ("ours.txt", "theirs.txt")
    assert made.stamp.partition("~")[0] == found.stamp.partition("~")[0]


def test_a_failing_source_leaves_nothing_behind(side, root):
    def fail():
        raise Unavailable("cut off")

    with pytest.raises(Unavailable):
        side.write(Place("", "a.txt"), Meddling(b"two", fail), meta(b"two"))
    assert list(root.iterdir()) == []


def test_a_root_that_was_exchanged_is_missing_and_nothing_is_absent(side, root):
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    root.rename(root.with_name("elsewhere"))
    root.mkdir()
    with pytest.raises(Missing):
        look(side)
    (root.with_name("elsewhere") / "a.txt").unlink()
    with pytest.raises(Missing):
        side.stat(entry)


def test_a_root_that_is_a_file_is_missing(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Missing, match=r"zdrive: root: .*file is not there; is the drive connected\?"):
        opened(tmp_path / "file")


def test_a_side_that_is_not_open_is_missing(root):
    with pytest.raises(Missing):
        list(DriveSide("zdrive", root=root, clock=lambda: NOON).list())


# What is kept


def test_trash_tells_when_and_where_from(side, root):
    (root / "a").mkdir()
    (root / "a/one.txt").write_bytes(b"one")
    write(side, look(side)["a/one.txt"], b"two")
    side.remove(look(side)["a/one.txt"])
    assert kept(root) == {"20261122T120000Z/a/one.txt": b"one", "20261122T120000Z-1/a/one.txt": b"two"}


def test_a_document_and_a_folder_of_one_name_both_fit_in_trash(side, root):
    (root / "a").write_bytes(b"file")
    side.remove(look(side)["a"])
    (root / "a").mkdir()
    (root / "a/one.txt").write_bytes(b"one")
    side.remove(look(side)["a/one.txt"])
    assert kept(root) == {"20261122T120000Z/a": b"file", "20261122T120000Z-1/a/one.txt": b"one"}


def test_former_bytes_are_proved_by_their_stamp_and_dated_by_their_folder(side, root):
    (root / "a").mkdir()
    (root / "a/one.txt").write_bytes(b"one")
    os.utime(root / "a/one.txt", ns=(0, 10**18))
    first = look(side)["a/one.txt"]
    write(side, first, b"two", mtime_ns=2 * 10**18)
    second = look(side)["a/one.txt"]
    side.remove(second)
    kept = {each.entry.stamp: each for each in side.kept()}
    assert set(kept) == {first.stamp, second.stamp}
    assert {(each.was, each.at_ns, each.version) for each in kept.values()} == {("a/one.txt", NOON, False)}
    with side.read(kept[first.stamp].entry) as stream:
        assert stream.read() == b"one"


def test_what_people_put_into_trash_is_not_taken_for_kept(side, root):
    trash = root / ".synctool/trash"
    for path in ("note.txt", "20261122T120000Z", "99999999T999999Z/a", "Old/a", "20261122T130000Z/a"):
        (trash / path).parent.mkdir(parents=True, exist_ok=True)
        (trash / path).write_bytes(b"x")
    (trash / "20261122T140000Z/a").mkdir(parents=True)
    assert [each.entry.handle for each in side.kept()] == [".synctool/trash/20261122T130000Z/a"]


def test_no_link_in_trash_is_followed(side, root, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/a.txt").write_bytes(b"one")
    second = root / ".synctool/trash/20261122T120000Z"
    second.mkdir(parents=True)
    (second / "folder").symlink_to(tmp_path / "outside")
    (second / "file").symlink_to(tmp_path / "outside/a.txt")
    (second.parent / "20261122T120001Z").symlink_to(tmp_path / "outside")
    assert list(side.kept()) == []
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    for handle in ("20261122T120000Z/folder/a.txt", "20261122T120000Z/file", "20261122T120001Z/a.txt"):
        forged = Kept(entry._replace(handle=f".synctool/trash/{handle}"), "a.txt", 0)
        for attempt in (side.purge, lambda kept: side.move(kept.entry, Place("", "b.txt"))):
            with pytest.raises((Denied, Stale)):
                attempt(forged)
    assert (tmp_path / "outside/a.txt").read_bytes() == b"one"


def test_the_folders_that_a_purge_leaves_empty_go_with_it(side, root):
    (root / "a/b").mkdir(parents=True)
    for name in ("one.txt", "two.txt"):
        (root / "a/b" / name).write_bytes(name.encode())
        side.remove(look(side)[f"a/b/{name}"])
    one, two = sorted(side.kept(), key=lambda each: each.was)
    trash = root / ".synctool/trash"
    side.purge(one)
    assert kept(root) == {"20261122T120000Z/a/b/two.txt": b"two.txt"}
    side.purge(two)
    assert list(trash.iterdir()) == []


def test_a_folder_in_trash_is_nothing_to_purge(side, root):
    (root / ".synctool/trash/20261122T120000Z/a").mkdir(parents=True)
    folder = Entry(Kind.FOLDER, ".synctool/trash/20261122T120000Z/a", "", "a", "dir")
    with pytest.raises(Rejected):
        side.purge(Kept(folder, "a", 0))


def test_bytes_that_are_a_document_still_are_copied_out_of_trash(side, root):
    """What a write put into trash, and then left in its place because a person had changed it meanwhile."""
    (root / "a.txt").write_bytes(b"one")
    second = root / ".synctool/trash/20261122T120000Z"
    second.mkdir(parents=True)
    os.link(root / "a.txt", second / "a.txt")
    (former,) = side.kept()
    side.move(former.entry, Place("", "b.txt"))
    assert (root / "b.txt").stat().st_nlink == (root / "a.txt").stat().st_nlink == 1
    assert tree(root) == {"a.txt": b"one", "b.txt": b"one"}
    assert kept(root) == {}


def test_a_way_out_of_trash_that_was_interrupted_is_finished(side, root):
    (root / "a.txt").write_bytes(b"one")
    side.remove(look(side)["a.txt"])
    (former,) = side.kept()
    os.link(root / former.entry.handle, root / "a.txt")
    assert side.move(former.entry, Place("", "a.txt")) == look(side)["a.txt"]
    assert (root / "a.txt").stat().st_nlink == 1
    assert kept(root) == {}


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second disk")
def test_trash_on_another_disk_gives_copies_back(root):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        side = opened(root, trash=f"{other}/trash")
        assert list(side.kept()) == []
        (root / "a.txt").write_bytes(b"one")
        os.utime(root / "a.txt", ns=(0, 10**18))
        side.remove(look(side)["a.txt"])
        (former,) = side.kept()
        assert side.move(former.entry, Place("", "b.txt")).mtime_ns == 10**18
        assert tree(root) == {"b.txt": b"one"}
        assert list(Path(other).rglob("*")) == [Path(other, "trash")]
        side.close()


def test_a_trash_that_may_not_be_read_out_of_is_a_failure(side, root, monkeypatch):
    (root / "a.txt").write_bytes(b"one")
    side.remove(look(side)["a.txt"])
    (former,) = side.kept()
    monkeypatch.setattr(Folder, "rename", refused)
    with pytest.raises(Denied):
        side.move(former.entry, Place("", "a.txt"))
    assert kept(root) == {"20261122T120000Z/a.txt": b"one"}


def refused(*_):
    raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize(("number", "kind"), [(errno.EACCES, InUse), (errno.EPERM, Denied)])
def test_a_server_that_refuses_to_replace_or_read_on_what_could_be_opened_says_that_it_is_in_use(
    side, root, monkeypatch, number, kind
):
    def no(*_):
        raise PermissionError(number, "no")

    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    with monkeypatch.context() as patched:
        patched.setattr(Folder, "replace", no)
        with pytest.raises(kind, match="another program has it open" if kind is InUse else "refuses us"):
            write(side, entry, b"two")
    assert tree(root) == {"a.txt": b"one"}
    with side.read(entry) as data, monkeypatch.context() as patched:
        patched.setattr(data.raw, "_raw", Refusing(number))
        with pytest.raises(kind):
            data.read()


class Refusing(io.BytesIO):
    """A file of which another program has locked the bytes."""

    def __init__(self, number):
        self._number = number

    def readinto(self, buffer):
        raise PermissionError(self._number, "no")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second disk")
def test_trash_on_another_disk_gets_copies(root):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        side = opened(root, trash=f"{other}/trash")
        (root / "a.txt").write_bytes(b"one")
        os.utime(root / "a.txt", ns=(0, 10**18))
        write(side, look(side)["a.txt"], b"two")
        side.remove(look(side)["a.txt"])
        side.close()
        files = list(Path(other).rglob("a.txt"))
        assert {path.read_bytes() for path in files} == {b"one", b"two"}
        assert 10**18 in {path.stat().st_mtime_ns for path in files}
    assert list(root.iterdir()) == []


def test_without_its_trash_nothing_is_removed(root, tmp_path):
    side = opened(root, trash=str(tmp_path / "not there/trash"))
    (root / "a.txt").write_bytes(b"one")
    for attempt in (side.remove, lambda entry: write(side, entry, b"two")):
        with pytest.raises(Missing):
            attempt(look(side)["a.txt"])
    assert (root / "a.txt").read_bytes() == b"one"
    side.close()


def test_a_trash_inside_the_root_is_not_listed_and_not_touched(root):
    side = opened(root, trash="Old/Trash")
    (root / "a.txt").write_bytes(b"one")
    side.remove(look(side)["a.txt"])
    assert set(look(side)) == {"Old/"}
    with pytest.raises(Rejected):
        write(side, Place("Old/Trash/", "x.txt"), b"x")
    side.close()


def test_a_replaced_document_keeps_its_permissions(side, root):
    (root / "a.txt").write_bytes(b"one")
    (root / "a.txt").chmod(0o640)
    write(side, look(side)["a.txt"], b"two")
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o640


def test_noise_goes_to_trash_with_its_folder(side, root):
    (root / "a").mkdir()
    for name in ("Thumbs.db", "~$brief.docx", ".placeholder"):
        (root / "a" / name).write_bytes(b"" if name == ".placeholder" else b"x")
    side.remove(look(side)["a/"])
    assert look(side) == {}
    assert len(kept(root)) == 3


def test_a_folder_with_a_hidden_document_beside_noise_stays_whole(side, root):
    (root / "a").mkdir()
    (root / "a/Thumbs.db").touch()
    (root / "a/.placeholder").write_bytes(b"somebody's")
    with pytest.raises(Stale):
        side.remove(look(side)["a/"])
    assert sorted(path.name for path in (root / "a").iterdir()) == [".placeholder", "Thumbs.db"]


def test_an_interrupted_rename_is_finished(side, root):
    (root / "a.txt").write_bytes(b"one")
    (root / "b").mkdir()
    entry = look(side)["a.txt"]
    os.link(root / "a.txt", root / "b/new.txt")
    side.move(entry, Place("b/", "new.txt"))
    assert set(look(side)) == {"b/", "b/new.txt"}
    os.link(root / "b/new.txt", root / "b/newer.txt")
    side.move(look(side)["b/new.txt"], Place("b/", "newer.txt"))
    assert set(look(side)) == {"b/", "b/newer.txt"}


def test_moving_a_document_to_where_it_is_changes_nothing(side, root):
    (root / "a.txt").write_bytes(b"one")
    entry = look(side)["a.txt"]
    os.link(root / "a.txt", root / "b.txt")
    assert side.move(entry, Place("", "a.txt")) == entry
    assert set(look(side)) == {"a.txt", "b.txt"}


# Names and cases


def test_whether_case_counts_is_found_by_looking(root):
    side = opened(root)
    assert side.traits.folds_case, "nothing to try it with"
    side.close()
    (root / "Brief.txt").touch()
    side = opened(root)
    assert not side.traits.folds_case
    side.close()


def test_for_windows_users_case_never_counts(root):
    (root / "Brief.txt").touch()
    side = opened(root, names="windows")
    assert side.traits.folds_case
    with pytest.raises(Rejected):
        write(side, Place("", "a:b.txt"), b"x")
    side.close()


def test_the_marker_lies_where_nobody_lists(side, root):
    side.mark(b"{}")
    assert (root / ".synctool/marker.json").read_bytes() == b"{}"
    for place in (Place(".synctool/", "x.txt"), Place("", ".SyncTool")):
        with pytest.raises(Rejected):
            write(side, place, b"x")


@pytest.mark.parametrize(
    ("root", "path"),
    [
        (r"Z:\Cases\7", r"\\?\Z:\Cases\7"),
        ("Z:/Cases/7", r"\\?\Z:\Cases\7"),
        (r"\\srv\share\Cases", r"\\?\UNC\srv\share\Cases"),
        (r"\\?\Z:\Cases", r"\\?\Z:\Cases"),
    ],
)
def test_windows_roots_are_given_their_long_form(root, path):
    assert extended(root) == path


# What a system refuses


def test_an_open_file_on_windows_is_in_use():
    error = PermissionError(13, "in use")
    error.winerror = 32
    assert isinstance(translated(error, "zdrive", "a.txt"), InUse)


def test_an_unforeseen_refusal_is_worth_another_try():
    failure = translated(OSError("strange"), "zdrive", "a.txt")
    assert isinstance(failure, Unavailable)
    assert str(failure) == "zdrive: a.txt: strange"


def test_a_closed_folder_may_be_closed_again(root):
    folder = Folder.at(str(root))
    folder.close()
    folder.close()


@as_root
def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path):
    with small_disk(tmp_path) as root:
        side = opened(root)
        with pytest.raises(Full, match="the disk is full; make room"):
            write(side, Place("", "a.bin"), b"x" * (2 << 20))
        assert list(root.iterdir()) == []
        side.close()


@as_root
def test_a_full_trash_on_another_disk_takes_nothing_by_halves(tmp_path):
    with small_disk(tmp_path) as trash:
        root = tmp_path / "root"
        root.mkdir()
        (root / "a.bin").write_bytes(b"x" * (2 << 20))
        side = opened(root, trash=str(trash / "trash"))
        with pytest.raises(Full):
            side.remove(look(side)["a.bin"])
        assert list(side.kept()) == []
        assert not [place for place in trash.rglob("*") if place.is_file()]
        assert (root / "a.bin").stat().st_size == 2 << 20
        side.close()


@as_root
def test_a_read_only_disk_is_denied(tmp_path):
    with small_disk(tmp_path) as root:
        (root / "a.txt").write_bytes(b"one")
        mount("-o", "remount,ro", root)
        side = opened(root)
        entry = look(side)["a.txt"]
        for attempt in (
            lambda: write(side, Place("", "b.txt"), b"x"),
            lambda: write(side, entry, b"x"),
            lambda: side.remove(entry),
            lambda: side.move(entry, Place("", "b.txt")),
            lambda: side.mark(b"{}"),
        ):
            with pytest.raises(Denied, match="read-only"):
                attempt()
        side.close()


@contextmanager
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    if mount("-t", "tmpfs", "-o", "size=1m", "none", place):
        pytest.skip("may not mount a disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def mount(*arguments):
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode


@pytest.mark.parametrize(("names", "left"), [("windows", True), ("posix", False)])
def test_how_long_a_path_may_be_depends_on_the_root_and_on_whose_programs_open_it(tmp_path, names, left):
    side = DriveSide("zdrive", root=tmp_path, clock=lambda: 0, names=names)
    assert side.traits.max_path == (258 - len(str(tmp_path)) if left else None)


def test_a_listing_that_is_not_read_to_its_end_leaves_no_folder_open(side, root):
    for folder in ("a/b/empty", "a/c", "d/empty"):
        (root / folder).mkdir(parents=True)
        (root / folder / "../x.txt").write_text("x")
    before = len([*Path("/proc/self/fd").iterdir()])
    for number in range(len(list(side.list())) + 1):
        listing = side.list()
        for _ in range(number):
            next(listing)
        listing.close()
        assert len([*Path("/proc/self/fd").iterdir()]) == before
