import io
from dataclasses import replace
from hashlib import sha256

import pytest

from synctool.core.model import Meta, Place, Unlisted
from synctool.errors import Denied, InUse, Rejected, Unavailable
from synctool.sides.memory import PATHS, REFS, MemorySide


def side(traits=PATHS):
    return MemorySide("memory", clock=lambda: 1, traits=traits)


def meta(data):
    return Meta(size=len(data), sha256=sha256(data).hexdigest())


@pytest.mark.parametrize("traits", [PATHS, REFS])
def test_a_folder_made_unreadable_is_said_and_what_is_in_it_is_unknown(traits):
    memory = side(traits)
    memory.put("a/b/one.txt", b"one")
    memory.put("c.txt", b"two")
    entries = {row.name: row for row in memory.list()}
    memory.unreadable.add("a/")
    rows = list(memory.list())
    assert {row.name for row in rows if not isinstance(row, Unlisted)} == {"a", "c.txt"}
    assert [row.folder for row in rows if isinstance(row, Unlisted)] == [entries["a"].handle]
    assert memory.stat(entries["a"]) == entries["a"]
    with pytest.raises(Unavailable):
        memory.stat(entries["one.txt"])


def test_an_unreadable_folder_that_is_asked_for_is_told_with_all_below_it():
    memory = side()
    memory.put("a/b/one.txt", b"one")
    memory.unreadable.add("a/")
    assert list(memory.list(["a/"])) == [Unlisted("a/", "made unreadable")]
    assert list(memory.list(["a/b/"])) == [Unlisted("a/b/", "a folder above it is unreadable")]
    assert [row.name for row in memory.list([""])] == ["a"]


def test_an_unreadable_root_lists_nothing_at_all():
    memory = side()
    memory.unreadable.add("")
    with pytest.raises(Unavailable):
        list(memory.list())


def test_lasting_refs_survive_a_rename():
    memory = side(REFS)
    memory.put("a/one.txt", b"one")
    before = {row.name: row for row in memory.list()}
    memory.rename("a/one.txt", "two.txt")
    memory.rename("a/", "b/")
    after = {row.name: row for row in memory.list()}
    assert after["two.txt"].handle == before["one.txt"].handle == "d000000000003"
    assert after["b"].handle == before["a"].handle == "f000000000001"
    assert after["two.txt"].stamp == before["one.txt"].stamp


def test_too_large_a_document_is_rejected():
    memory = side(replace(PATHS, max_size=2))
    with pytest.raises(Rejected):
        memory.write(Place("", "a.txt"), io.BytesIO(b"one"), meta(b"one"))


def test_an_extension_may_be_fixed():
    memory = side(replace(REFS, fixed_extension=True))
    memory.put("a.doc", b"one")
    (entry,) = memory.list()
    assert memory.move(entry, Place("", "b.DOC")).name == "b.DOC"
    with pytest.raises(Rejected):
        memory.move(entry, Place("", "b.docx"))


def test_people_may_replace_a_document_by_renaming_another():
    memory = side()
    memory.put("a.txt", b"one")
    memory.put("b.tmp", b"two")
    memory.rename("b.tmp", "a.txt")
    memory.rename("a.txt", "a.txt")
    assert memory.tree() == {"a.txt": b"two"}


def test_people_cannot_do_what_makes_no_sense():
    memory = side()
    memory.put("a.txt", b"one")
    with pytest.raises(ValueError, match="is a file"):
        memory.put("a.txt/")
    with pytest.raises(KeyError):
        memory.delete("b.txt")


def test_trash_tells_the_path_a_document_had():
    memory = side()
    memory.put("a/one.txt", b"one")
    memory.remove(next(row for row in memory.list() if row.name == "one.txt"))
    assert [(key.partition("/")[2], data) for key, data in memory.trash.items()] == [("a/one.txt", b"one")]


def entry_of(memory, name="a.txt"):
    return next(row for row in memory.list() if row.name == name)


def test_two_documents_may_have_one_name_in_one_folder():
    memory = side(replace(REFS, unique_names=False))
    memory.put("A/a.txt", b"one")
    memory.put("A/a.txt", b"two", another=True)
    one, two = (row for row in memory.list() if row.name == "a.txt")
    assert [memory.read(entry).read() for entry in (one, two)] == [b"one", b"two"]
    assert memory.tree() == {"A/": b"", "A/a.txt": b"one", f"A/a.txt [{two.handle}]": b"two"}
    memory.put("A/a.txt", b"three")
    memory.remove(entry_of(memory))
    assert memory.tree() == {"A/": b"", "A/a.txt": b"two"}


def test_a_document_that_cannot_be_read_is_still_seen():
    memory = side()
    memory.put("a/a.txt", b"one")
    entry = entry_of(memory)
    memory.unreadable.add("a/a.txt")
    assert [row for row in memory.list() if isinstance(row, Unlisted)] == []
    assert memory.stat(entry_of(memory)) == entry
    with pytest.raises(Denied):
        memory.read(entry)
    memory.locked["a/a.txt"] = "Pat"
    with pytest.raises(InUse, match="Pat"):
        memory.read(entry)


def test_nothing_is_done_to_a_document_that_a_person_works_on():
    memory = side()
    memory.put("a.txt", b"one")
    entry = entry_of(memory)
    memory.locked["a.txt"] = "Pat"
    assert memory.read(entry).read() == b"one"
    for act in (
        lambda: memory.write(entry, io.BytesIO(b"two"), meta(b"two")),
        lambda: memory.move(entry, Place("", "b.txt")),
        lambda: memory.remove(entry),
    ):
        with pytest.raises(InUse, match="Pat works on it"):
            act()
    assert memory.tree() == {"a.txt": b"one"}
    assert memory.trash == {}
    del memory.locked["a.txt"]
    memory.remove(entry)
    assert memory.tree() == {}


def test_what_is_the_matter_with_a_document_is_not_with_what_is_kept_of_it():
    memory = side()
    memory.put("a.txt", b"one")
    memory.write(entry_of(memory), io.BytesIO(b"two"), meta(b"two"))
    memory.locked["a.txt"] = "Pat"
    memory.unreadable.add("a.txt")
    (kept,) = memory.kept()
    assert memory.read(kept.entry).read() == b"one"
    memory.move(kept.entry, Place("", "b.txt"))
    assert memory.tree() == {"a.txt": b"two", "b.txt": b"one"}


@pytest.mark.parametrize("traits", [PATHS, REFS])
def test_a_side_that_is_away_answers_nothing(traits):
    memory = side(traits)
    memory.put("a.txt", b"one")
    entry = entry_of(memory)
    memory.remove(entry)
    (kept,) = memory.kept()
    memory.away = True
    for call in (
        memory.open,
        lambda: list(memory.list()),
        lambda: list(memory.kept()),
        lambda: memory.stat(entry),
        lambda: memory.read(entry),
        lambda: memory.write(entry, io.BytesIO(b"two"), meta(b"two")),
        lambda: memory.make_folder(Place("", "a")),
        lambda: memory.move(kept.entry, Place("", "b.txt")),
        lambda: memory.remove(entry),
        lambda: memory.purge(kept),
        lambda: memory.label(entry, meta(b"one")),
        memory.marker,
        lambda: memory.mark(b"{}"),
    ):
        with pytest.raises(Unavailable, match="away"):
            call()
    memory.away = False
    assert memory.tree() == {}
    assert memory.marker() is None
    assert list(memory.kept()) == [kept]


def test_a_removed_document_comes_back_under_its_lasting_ref_and_a_former_version_under_another():
    memory = side(REFS)
    memory.put("a.txt", b"one")
    first = entry_of(memory)
    memory.write(first, io.BytesIO(b"two"), meta(b"two"))
    second = entry_of(memory)
    memory.remove(second)
    kept = {each.entry.stamp: each.entry for each in memory.kept()}
    assert memory.move(kept[second.stamp], Place("", "a.txt")) == second
    assert memory.move(kept[first.stamp], Place("", "b.txt")).handle != first.handle
    assert memory.tree() == {"a.txt": b"two", "b.txt": b"one"}
