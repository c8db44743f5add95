"""What somebody is working on is put off, never torn."""

from concurrent.futures import Executor, Future
from dataclasses import replace

import pytest

from synctool.core.model import Traits
from synctool.errors import InUse
from synctool.sides.memory import MemorySide
from tests.engine.rig import DAY, Rig, StillClock, tree

DRIVE = Traits(lasting_refs=False, cheap_reads=True, folds_case=True, names="windows")


class BusyClock(StillClock):
    """Somebody writes whenever a run waits."""

    def __init__(self):
        super().__init__()
        self.writes = []

    def sleep(self, seconds):
        super().sleep(seconds)
        for write in self.writes:
            write()

    def tick(self, seconds=60):
        super().sleep(seconds)


class OneByOne(Executor):
    """Does everything at once, in order."""

    def submit(self, deed, *given):
        done = Future()
        done.set_result(deed(*given))
        return done


@pytest.fixture
def rig(tmp_path):
    clock = BusyClock()
    names = ("s3", "zdrive")
    return Rig(tmp_path, {n: MemorySide(n, clock=clock.now_ns, traits=DRIVE) for n in names}, clock)


def test_a_file_that_keeps_being_written_is_put_off_and_the_rest_goes_on(rig):
    drive = rig.sides["zdrive"]
    drive.put("still.txt", b"done")
    drive.put("growing.txt", b"1")
    rig.clock.writes = [lambda: drive.put("growing.txt", drive.tree()["growing.txt"] + b"1")]
    assert rig.run().exit_code == 5
    assert tree(rig.sides["s3"]) == {"still.txt": b"done"}
    rig.clock.writes = []
    assert rig.run().exit_code == 0
    assert tree(rig.sides["s3"]) == tree(drive)


@pytest.mark.parametrize("ahead", [1, 3600, -1, -5, -3600])
def test_a_file_that_keeps_being_written_is_put_off_whatever_the_clock_of_its_server_says(rig, ahead):
    drive, s3 = rig.sides["zdrive"], rig.sides["s3"]
    drive._clock = lambda: rig.clock.now_ns() + ahead * 10**9
    drive.put("growing.txt", b"1")
    rig.clock.tick()
    drive.put("saved later.txt", b"done")
    rig.clock.writes = [lambda: drive.put("growing.txt", drive.tree()["growing.txt"] + b"1")]
    assert rig.run().exit_code == 5
    assert tree(s3) == {"saved later.txt": b"done"}
    rig.clock.writes = [lambda: drive.delete("growing.txt")]
    assert rig.run().exit_code == 5
    rig.clock.writes = []
    assert rig.run().exit_code == 0
    assert tree(s3) == tree(drive) == {"saved later.txt": b"done"}


def test_what_cannot_be_looked_at_again_is_put_off(rig):
    drive, s3 = rig.sides["zdrive"], rig.sides["s3"]
    drive.put("a.txt", b"1")
    rig.clock.writes = [lambda: setattr(drive, "away", True)]
    assert rig.run().exit_code == 5
    assert tree(s3) == {}
    drive.away, rig.clock.writes = False, []
    assert rig.run().exit_code == 0
    assert tree(s3) == {"a.txt": b"1"}


def test_only_a_run_that_finds_something_new_waits(rig):
    drive, s3 = rig.sides["zdrive"], rig.sides["s3"]
    slept = []
    rig.clock.writes = [lambda: slept.append(1)]
    for path in ("a.txt", "b.txt"):
        drive.put(path, b"1")
    waits = []

    def old():
        drive._clock = lambda: rig.clock.now_ns() - DAY
        drive.put("old.txt", b"3")

    for change in (str, lambda: drive.put("a.txt", b"1"), lambda: s3.put("b.txt", b"2"), old, str):
        change()
        slept.clear()
        rig.run()
        waits.append(len(slept))
    assert waits == [1, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("since", "still", "waits"), [(0, True, 1), (2, True, 1), (4, True, 0), (4, False, 1)]
)
def test_what_was_hinted_at_is_waited_for_once(rig, since, still, waits):
    drive = rig.sides["zdrive"]
    drive.put("a.txt", b"1")
    rig.run()
    drive.put("a.txt", b"2")
    rig.clock.tick(since)
    slept = []
    rig.clock.writes = [lambda: slept.append(1)]
    assert rig.run(hints={"zdrive": frozenset(("a.txt",))}, still=still).exit_code == 0
    assert len(slept) == waits
    assert tree(rig.sides["s3"]) == {"a.txt": b"2"}


@pytest.mark.parametrize(("order", "waited"), [(("zdrive", "s3"), 1), (("s3", "zdrive"), 3)])
def test_the_time_that_another_side_takes_is_not_waited_for_again(tmp_path, order, waited):
    clock = BusyClock()
    rig = Rig(tmp_path, {n: MemorySide(n, clock=clock.now_ns, traits=DRIVE) for n in order}, clock)
    rig.tools = replace(rig.tools, pool=lambda _: OneByOne())
    rig.sides["zdrive"].put("a.txt", b"1")
    s3 = rig.sides["s3"]
    s3.list = lambda folders=None, listed=s3.list: (clock.tick(2), listed(folders))[1]
    slept = []
    clock.sleep = slept.append
    assert rig.run().exit_code == 0
    assert slept == [waited]


def test_what_is_put_off_is_remembered_with_the_run_that_it_was_first_put_off_in(rig):
    drive = rig.sides["zdrive"]
    for path in ("brief.docx", "d/growing.txt", "locked.txt"):
        drive.put(path, b"1")
    rig.run()
    first = rig.clock.now_ns()
    drive.put("~$ief.docx", b"\x07J. Deer" + b"\0" * 40)
    for path in ("brief.docx", "locked.txt"):
        rig.sides["s3"].put(path, b"2")
    rig.clock.writes = [lambda: drive.put("d/growing.txt", drive.tree()["d/growing.txt"] + b"1")]
    rig.clock.writes[0]()
    drive.write = in_use
    for _ in range(2):
        assert rig.run().exit_code == 5
        put_off = rig.ledger.journal.last_end().summary["put_off"]
        assert [(p["path"], p["text"]) for p in put_off] == [
            ("brief.docx", "is open (J. Deer)"),
            ("d/growing.txt", "is being written"),
            ("locked.txt", "another program has it open"),
        ]
        assert {p["side"] for p in put_off} == {"zdrive"}
        assert {first <= p["since_ns"] < first + 60 * 10**9 for p in put_off} == {True}
    del drive.write
    rig.clock.writes = []
    drive.delete("~$ief.docx")
    assert rig.run().exit_code == 0
    assert rig.ledger.journal.last_end().summary["put_off"] == []


def in_use(at, *_):
    raise InUse("another program has it open", side="zdrive", path=at.handle)


def test_a_growing_file_is_not_taken_for_deleted_when_it_was_known(rig):
    drive = rig.sides["zdrive"]
    drive.put("a.txt", b"1")
    rig.run()
    drive.put("a.txt", b"2")
    rig.clock.writes = [lambda: drive.put("a.txt", drive.tree()["a.txt"] + b"2")]
    assert rig.run().exit_code == 5
    assert tree(rig.sides["s3"]) == {"a.txt": b"1"}


def test_a_document_with_an_owner_file_is_put_off_naming_the_owner(rig):
    drive = rig.sides["zdrive"]
    drive.put("brief.docx", b"1")
    drive.put("other.docx", b"1")
    rig.run()
    drive.put("~$ief.docx", b"\x07J. Deer" + b"\0" * 40)
    rig.sides["s3"].put("brief.docx", b"2")
    rig.sides["s3"].put("other.docx", b"2")
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert [notice.text for notice in outcome.planned.plan.put_off] == ["is open (J. Deer); put off"]
    assert tree(drive)["brief.docx"] == b"1"
    assert tree(drive)["other.docx"] == b"2"
    drive.delete("~$ief.docx")
    assert rig.run().exit_code == 0
    assert tree(drive)["brief.docx"] == b"2"


def test_what_an_interrupted_run_left_half_written_is_swept_and_never_travels(rig):
    rig.sides["zdrive"].put("d/a.txt", b"1")
    rig.sides["zdrive"].put("d/.~synctool-00ff.tmp", b"half")
    assert rig.run().exit_code == 0
    assert tree(rig.sides["s3"]) == tree(rig.sides["zdrive"]) == {"d/": b"", "d/a.txt": b"1"}
    assert b"half" in rig.sides["zdrive"].trash.values()


def test_a_folder_is_not_moved_while_a_document_in_it_is_open_and_the_rest_goes_on(rig):
    drive = rig.sides["zdrive"]
    drive.put("Motions/brief.docx", b"1")
    rig.run()
    drive.put("Motions/~$ief.docx", b"\x07J. Deer" + b"\0" * 40)
    rig.sides["s3"].rename("Motions", "Filed")
    rig.sides["s3"].put("Filed/other.docx", b"2")
    outcome = rig.run()
    assert outcome.exit_code == 5
    assert [n.text for n in outcome.planned.plan.put_off] == ["is open (J. Deer); put off"]
    assert "Motions/brief.docx" in tree(drive)
    assert tree(drive)["Motions/other.docx"] == b"2"
    drive.delete("Motions/~$ief.docx")
    assert rig.run().exit_code == 0
    assert tree(drive) == tree(rig.sides["s3"])
    assert "Filed/other.docx" in tree(drive)


def test_a_new_folder_with_an_open_document_in_it_travels(rig):
    drive = rig.sides["zdrive"]
    drive.put("New/brief.docx", b"1")
    drive.put("New/~$ief.docx", b"\x07J. Deer" + b"\0" * 40)
    drive.put("New/other.docx", b"2")
    assert rig.run().exit_code == 5
    assert tree(rig.sides["s3"]) == {"New/": b"", "New/other.docx": b"2"}


def office(name, page, size):
    """What Word (54 bytes, then the name in UTF-16) and Excel (55) write for a person of this name."""
    narrow = bytes([len(name.encode(page))]) + name.encode(page)
    return narrow.ljust(size) + len(name).to_bytes(2, "little") + name.encode("utf-16-le").ljust(106)


@pytest.mark.parametrize(
    ("name", "data", "who"),
    [
        ("~$ief.docx", b"\x07J. Deer" + b"\0" * 40, "J. Deer"),
        ("~$ief.docx", office("Łucja Żak", "cp1250", 54), "Łucja Żak"),
        ("~$brief.docx", office("Анна Иванова", "cp1251", 55), "Анна Иванова"),
        ("~$brief.docx", office("山田 太郎", "cp932", 54), "山田 太郎"),
        ("~$brief.docx", office("J.\x1b[31m", "cp1252", 55), "somebody"),
        ("~$brief.docx", b"\x04Deer".ljust(54) + b"\x04\0\0\xd8\0\xd8\0\xd8\0\xd8", "Deer"),
        ("~$brief.docx", b"\x05M\xfcnch" + b"\0" * 40, "Münch"),
        (".~lock.brief.docx#", ",J. Döring,desk-7,22.11.2026 10:00,file:///x;".encode(), "J. Döring"),
        (".~lock.brief.docx#", b",", "somebody"),
        ("~$ief.docx", b"\x05\x1b[31m", "somebody"),
        ("~$ief.docx", b"", "somebody"),
        ("~$ief.docx", b"\xff" * 10**6, "ÿ" * 199),
    ],
)
def test_whoever_has_a_document_open_is_named_as_far_as_the_owner_file_can_be_read(rig, name, data, who):
    drive = rig.sides["zdrive"]
    drive.put("brief.docx", b"1")
    rig.run()
    drive.put(name, data)
    rig.sides["s3"].put("brief.docx", b"2")
    assert [n.text for n in rig.run().planned.plan.put_off] == [f"is open ({who}); put off"]


DWL2 = '<?xml version="1.0" encoding="UTF-8">\n<whprops>\n<username>jörg</username>\n<machinename>desk-7</machinename>\n'


@pytest.mark.parametrize(
    ("files", "who"),
    [
        ({"Plan.dwl": b"j\xf6rg\ndesk-7 \nFriday"}, "jörg"),
        ({"PLAN.DWL": b"deer\r\ndesk-7\r\n"}, "deer"),
        ({"Plan.dwl": b"\0\1\2", "Plan.dwl2": DWL2.encode()}, "jörg"),
        ({"Plan.dwl2": b"deer\n"}, "somebody"),
    ],
)
def test_a_drawing_that_is_open_is_put_off_and_what_says_so_never_travels(rig, files, who):
    drive, s3 = rig.sides["zdrive"], rig.sides["s3"]
    drive.put("Plan.dwg", b"1")
    drive.put("Plan.pdf", b"1")
    rig.run()
    for name, data in files.items():
        drive.put(name, data)
    s3.put("Plan.dwg", b"2")
    s3.put("Plan.pdf", b"2")
    assert [n.text for n in rig.run().planned.plan.put_off] == [f"is open ({who}); put off"]
    assert tree(s3) == {"Plan.dwg": b"2", "Plan.pdf": b"2"}
    assert tree(drive) == {"Plan.dwg": b"1", "Plan.pdf": b"2", **files}


@pytest.mark.parametrize(("days", "age"), [(1, "a day"), (40, "40 days")])
def test_an_owner_file_that_a_program_left_behind_is_told_with_what_to_do(rig, days, age):
    drive = rig.sides["zdrive"]
    drive.put("brief.docx", b"1")
    drive.put("~$ief.docx", b"\x07J. Deer" + b"\0" * 40)
    rig.run()
    rig.clock.tick(days * 86_400)
    rig.sides["s3"].put("brief.docx", b"2")
    told = f"is open (J. Deer, for {age}); put off; if nobody has it open, delete ~$ief.docx"
    assert [n.text for n in rig.run().planned.plan.put_off] == [told]
