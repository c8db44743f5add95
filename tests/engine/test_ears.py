import errno
import os
from threading import Event

import pytest
from watchdog import events
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, InotifyFD

from synctool.engine.watching.ears import Ears, handles
from synctool.store import mounts as mounted

KEY = ("case", "drive")


class Heard:
    """What was told so far, and a way to wait for more."""

    def __init__(self):
        self.told = []
        self._more = Event()

    def __call__(self, handle):
        self.told.append(handle)
        self._more.set()

    def until(self, *wanted):
        while not set(wanted) <= set(self.told):
            assert self._more.wait(30), f"only {self.told} was told"
            self._more.clear()


@pytest.fixture
def ears():
    ears = Ears()
    yield ears
    ears.close()


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "case"
    root.mkdir()
    return root


def test_a_document_that_is_saved_renamed_or_removed_is_told(ears, root):
    heard = Heard()
    ears.listen(KEY, root, heard)
    assert ears.hears(KEY)
    (root / "a.txt").write_text("a")
    heard.until("a.txt")
    (root / "a.txt").rename(root / "b.txt")
    heard.until("a.txt", "b.txt")
    (root / "Exhibits").mkdir()
    (root / "Exhibits" / "1.pdf").write_text("1")
    heard.until("Exhibits/", "Exhibits/1.pdf")
    heard.told.clear()
    (root / "b.txt").unlink()
    heard.until("b.txt")


def test_what_is_only_read_says_nothing(ears, root):
    (root / "a.txt").write_text("a")
    heard = Heard()
    ears.listen(KEY, root, heard)
    (root / "a.txt").read_text()
    assert list(root.iterdir())
    (root / "b.txt").write_text("b")
    heard.until("b.txt")
    assert set(heard.told) == {"b.txt"}


def event(kind, *places, folder=False):
    made = getattr(events, f"{'Dir' if folder else 'File'}{kind}Event")
    return list(handles(made(*(f"/z/case{place}" for place in places)), "/z/case"))


def test_an_event_is_about_both_ends_of_a_move_and_folders_end_in_a_slash():
    assert event("Moved", "/a.txt", "/b/c.txt") == ["a.txt", "b/c.txt"]
    assert event("Moved", "/a", "/b", folder=True) == ["a/", "b/"]
    assert event("Deleted", "", folder=True) == [""]


@pytest.mark.parametrize("name", [".synctool/marker.json", "a/.~synctool-x", "a/\udcff.txt"])
def test_what_is_our_own_or_never_travels_is_not_told(name):
    assert event("Created", f"/{name}") == []


def test_a_move_out_of_our_trash_tells_where_it_went():
    assert event("Moved", "/.~synctool-x", "/a.txt") == ["a.txt"]


def test_a_root_that_goes_and_comes_back_is_to_be_looked_at_whole_and_is_heard_again(ears, root):
    heard = Heard()
    ears.listen(KEY, root, heard)
    root.rename(root.with_name("away"))
    ears.check()
    assert "" in heard.told
    assert ears.hears(KEY)
    heard.told.clear()
    ears.check()
    assert heard.told == []
    root.mkdir()
    ears.check()
    assert heard.told == [""]
    (root / "a.txt").write_text("a")
    heard.until("a.txt")


def test_a_root_that_was_replaced_between_two_checks_is_noticed(ears, root):
    heard = Heard()
    ears.listen(KEY, root, heard)
    root.rename(root.with_name("away"))
    root.mkdir()
    ears.check()
    (root / "a.txt").write_text("a")
    heard.until("", "a.txt")


def test_a_root_on_a_share_is_polled(ears, root, tmp_path, monkeypatch):
    (tmp_path / "mounts").write_text(f"disk / ext4 rw 0 0\nserver {root} cifs rw 0 0\n")
    monkeypatch.setattr(mounted, "MOUNTS", tmp_path / "mounts")
    heard = Heard()
    ears.listen(KEY, root, heard)
    assert not ears.hears(KEY)
    ears.check()
    assert heard.told == []


def test_a_profile_whose_root_is_elsewhere_now_is_heard_there(ears, root, tmp_path):
    ears.listen(KEY, tmp_path / "nowhere", Heard())
    heard = Heard()
    ears.listen(KEY, root, heard)
    (root / "a.txt").write_text("a")
    heard.until("a.txt")
    ears.forget(KEY)
    assert not ears.hears(KEY)


def refusing(monkeypatch, code, wanted):
    """The system refuses to listen to folders of this name."""
    add = InotifyFD.add_callback

    def refuses(self, path, *more):
        if path.endswith(wanted):
            raise OSError(code, os.strerror(code))
        return add(self, path, *more)

    monkeypatch.setattr(InotifyFD, "add_callback", refuses)


@pytest.mark.parametrize("wanted", [b"case", b"inside"])
def test_without_room_for_all_folders_the_root_is_polled_and_that_is_said(
    ears, root, monkeypatch, caplog, wanted
):
    (root / "inside").mkdir()
    refusing(monkeypatch, errno.ENOSPC, wanted)
    heard = Heard()
    ears.listen(KEY, root, heard)
    ears.check()
    ears.check()
    assert not ears.hears(KEY)
    assert "fs.inotify.max_user_watches" in caplog.text
    assert heard.told.count("") == (wanted == b"inside")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("code", "polled"), [(errno.EACCES, True), (errno.ENOENT, False)])
def test_a_root_that_cannot_be_listened_to_is_polled_and_one_that_just_went_is_waited_for(
    ears, root, monkeypatch, code, polled
):
    refusing(monkeypatch, code, b"case")
    ears.listen(KEY, root, Heard())
    assert ears.hears(KEY) is not polled


def test_when_the_system_lost_events_everything_is_to_be_looked_at(ears, root):
    heard = Heard()
    ears.listen(KEY, root, heard)
    ears._observer._inotify_fd.handle_event(InotifyEvent(-1, InotifyConstants.IN_Q_OVERFLOW, 0, b""))
    assert heard.told == [""]


def test_a_root_whose_folders_were_taken_for_one_another_is_listened_to_anew_and_looked_at_whole(ears, root):
    heard = Heard()
    ears.listen(KEY, root, heard)
    for name in "old", "new":
        (root / name).mkdir()
    heard.until("old/", "new/")
    (group,) = (emitter._inotify for emitter in ears._observer.emitters)
    del group._active_callbacks_by_path[
        os.fsencode(root / "old")
    ]  # as when "new" took its name and left again
    (root / "old").rmdir()
    heard.until("old/")
    (root / "a.txt").write_text("a")
    heard.until("a.txt")
    ears.check()
    assert "" in heard.told
    heard.told.clear()
    ears.check()
    assert heard.told == []
    (root / "new" / "b.txt").write_text("b")
    heard.until("new/b.txt")
