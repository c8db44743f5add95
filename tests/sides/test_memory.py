import io
from dataclasses import replace
from hashlib import sha256

import pytest

from synctool.core.model import Meta, Place, Unlisted
from synctool.errors import Rejected, Unavailable
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
