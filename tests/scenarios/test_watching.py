"""Watches a case in the office: what one person does on one side is soon everywhere, and nobody had to start anything."""

import pytest

from synctool.core.events import Event
from synctool.emulators.filevine.news import IDS
from synctool.engine.clock import SYSTEM
from synctool.entry.webhook.opening import Where, receiving
from synctool.store.spool import Spool
from tests.entry.watched import check_at_every_beat, until, watching


@pytest.fixture
def watched(office, monkeypatch):
    check_at_every_beat(monkeypatch)
    for name, value in office.environ.items():
        monkeypatch.setenv(name, value)
    office.says(watch={"settle_seconds": 0.05, "full_look_minutes": 10080})
    assert office.file.exists()
    return office


def test_what_is_saved_on_the_drive_is_soon_in_filevine_and_in_the_bucket(watched):
    with watching(watched.folder) as running:
        running.idle()
        watched.zdrive.put("Answer.docx", b"answer")
        until(lambda: watched.filevine.tree() == {"Answer.docx": b"answer"} == watched.s3.tree())
        running.idle()
        looked = [told.places.keys() for told in running.told if told.places]
        assert {side for sides in looked for side in sides} == {"zdrive"}
    assert watched.settled() == {"Answer.docx": b"answer"}


def test_what_filevine_tells_of_is_soon_on_the_drive_and_its_event_is_let_go(watched):
    watched.filevine.put("Motion.docx", b"motion")
    watched.done()
    with watching(watched.folder) as running, Spool(watched.state) as spool:
        running.idle()
        watched.filevine.put("Motion.docx", b"a longer motion")
        document = watched.filevine.document("Motion.docx")
        spool.put([Event(None, watched.project, "document", "updated", document, 0)])
        until(lambda: watched.zdrive.tree() == {"Motion.docx": b"a longer motion"} == watched.s3.tree())
        until(lambda: not spool.waiting())


def test_an_event_of_a_project_that_only_a_template_knows_makes_it_watched(watched):
    org = 6001
    watched.filevine.put("Motion.docx", b"motion")
    watched.says(project="*", name="any", sides={"zdrive": {"root": str(watched.folder / "z-{project}")}})
    watched.says(sides={"filevine": {"org": org}})
    (watched.folder / f"z-{watched.project}").mkdir()
    assert watched.file.exists()
    with watching(watched.folder) as running, Spool(watched.state) as spool:
        assert not running.watch.pulse().profiles
        spool.put([Event(org, watched.project, "", "", None, 0)])
        until((watched.folder / f"z-{watched.project}" / "Motion.docx").exists)
        until(lambda: running.told)
        assert running.told[0].profile == f"any-{watched.project}"
    with watching(watched.folder) as running:
        until(lambda: list(running.watch.pulse().profiles) == [f"any-{watched.project}"])


def test_what_changes_in_filevine_is_told_received_and_soon_on_the_drive(watched):
    watched.filevine.put("Motion.docx", b"motion")
    watched.done()
    where = Where("127.0.0.1:0")
    with (
        receiving([watched.profile], where, watched.state, SYSTEM) as endpoint,
        watching(watched.folder) as running,
    ):
        watched.fv.colleague._org.news.subscribe("Ours", "", IDS, endpoint)
        running.idle()
        watched.filevine.put("Motion.docx", b"a longer motion")
        until(lambda: watched.zdrive.tree() == {"Motion.docx": b"a longer motion"})


def test_a_filevine_that_tells_of_changes_is_not_polled(watched):
    watched.says(watch={"settle_seconds": 0.05, "poll": "1s", "full_look_minutes": 10080})
    watched.says(sides={"filevine": {"org": 6001}})
    assert watched.file.exists()
    with watching(watched.folder) as running, Spool(watched.state) as spool:
        until(lambda: any("filevine" in (told.places or ()) for told in running.told))  # until then it is
        spool.put([Event(6001, watched.project, "document", "updated", 7, 0)])
        until(lambda: not spool.waiting())
        before = len(running.told)
        until(lambda: len(running.told) > before + 3)
        assert [set(told.places) for told in running.told[before + 1 :]] == [{"s3"}] * (
            len(running.told) - before - 1
        )
