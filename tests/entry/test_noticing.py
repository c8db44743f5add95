"""Notices that really go out: to a server that takes JSON, and to one that takes mail."""

import json
import sqlite3
import threading
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller

from synctool.config import load
from synctool.engine.clock import SYSTEM
from synctool.entry.cli import watching
from synctool.entry.cli.noticing import PAUSE_NS, Notifier
from synctool.entry.cli.session import Session
from tests.entry.test_watch_command import free_port
from tests.entry.watched import QUICK

NOTICES = 'notices: {to: ["${NOTICE_URL}"]}\n'
HOLD = 'conflicts: [{match: "**", policy: hold}]\n'
BRAKES = "brakes: {deletes: {count: 1}}\n"


@pytest.fixture
def inbox():
    """What came to a server of its own, which refuses all while ``inbox.closed``."""

    class Inbox(list):
        closed = False

    got = Inbox()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(503 if got.closed else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    got.url = f"json://127.0.0.1:{server.server_port}/hook-s3cr3t"
    yield got
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def firm(firm, inbox):
    (firm.folder / "profiles/.env").write_text(f"NOTICE_URL={inbox.url}\n")
    return firm


def later(firm, nanoseconds=PAUSE_NS):
    """As if the last message had gone out so long ago."""
    with sqlite3.connect(firm.folder / "state/_notices.db") as rows:
        rows.execute("UPDATE messages SET at_ns = at_ns - ?", (nanoseconds,))
        rows.execute(
            "UPDATE noted SET since_ns = since_ns - ?, told_ns = told_ns - ?", (nanoseconds, nanoseconds)
        )
    rows.close()


def contested(firm, name, more=""):
    firm.profile(name, NOTICES + HOLD + more)
    firm.write(f"{name}/left/Smith.docx", "once")
    firm.run("apply", "--yes", name)
    firm.write(f"{name}/left/Smith.docx", "my own")
    firm.write(f"{name}/right/Smith.docx", "their own")


def test_a_conflict_that_waits_is_told_once_without_naming_the_document(firm, inbox):
    contested(firm, "case-1")
    assert firm.run("apply", "--yes").code == 4
    assert firm.run("apply", "--yes").code == 4
    [told] = inbox
    assert told["title"] == "synctool: case-1 needs a look"
    assert told["message"] == "case-1:\n- a conflict waits for a person\nlook with: synctool conflicts case-1"


def test_the_document_is_named_if_that_is_asked_for(firm, inbox):
    contested(firm, "case-1")
    file = firm.folder / "profiles/case-1.yaml"
    file.write_text(file.read_text().replace(NOTICES, 'notices: {to: ["${NOTICE_URL}"], names: true}\n'))
    firm.run("apply", "--yes")
    assert "\n  Smith.docx\n" in inbox[0]["message"]


def test_several_profiles_that_tell_the_same_people_are_one_message(firm, inbox):
    contested(firm, "case-1")
    contested(firm, "case-2")
    firm.run("apply", "--yes")
    [told] = inbox
    assert told["title"] == "synctool: 2 profiles need a look"
    assert "case-1:" in told["message"]
    assert "case-2:" in told["message"]


def test_what_comes_up_right_after_a_message_waits_for_the_next_and_its_end_is_told(firm, inbox):
    contested(firm, "case-1")
    firm.run("apply", "--yes")
    contested(firm, "case-2")
    firm.run("apply", "--yes")
    assert len(inbox) == 1
    firm.write("case-1/left/Smith.docx", "their own")
    firm.write("case-2/left/Smith.docx", "their own")
    firm.run("apply", "--yes", "case-2")
    later(firm)
    firm.run("apply", "--yes")
    assert [told["title"] for told in inbox] == [
        "synctool: case-1 needs a look",
        "synctool: case-1 is well again",
    ]


def test_a_brake_is_told_with_what_to_do(firm, inbox):
    firm.profile("case-1", NOTICES + BRAKES)
    for name in "abcdef":
        firm.write(f"case-1/left/{name}.txt", name)
    firm.run("apply", "--yes")
    for name in "abcd":
        (firm.folder / f"case-1/left/{name}.txt").unlink()
    assert firm.run("apply", "--yes").code == 6
    assert "a brake is on: 4 of 6 documents would be deleted" in inbox[0]["message"]
    assert inbox[0]["message"].endswith("look with: synctool plan case-1")


def test_a_side_that_stays_away_is_told_after_half_an_hour(firm, inbox):
    firm.profile("case-1", NOTICES)
    firm.write("case-1/left/a.txt", "a")
    firm.run("apply", "--yes")
    (firm.folder / "case-1/right").rename(firm.folder / "case-1/gone")
    assert firm.run("apply", "--yes").code == 5
    assert not inbox
    later(firm, 2 * PAUSE_NS)
    firm.run("apply", "--yes")
    assert "- right could not be seen\n" in inbox[0]["message"]


def test_a_state_that_cannot_be_used_is_told(firm, inbox):
    firm.profile("case-1", NOTICES)
    firm.run("apply", "--yes")
    (firm.folder / "state/case-1.db").write_bytes(b"no database" * 999)
    assert firm.run("apply", "--yes").code == 7
    assert inbox[0]["message"] == ("case-1:\n- the state cannot be used\nlook with: synctool doctor case-1")


def test_sides_that_have_not_agreed_for_longer_than_max_age_are_told(firm, inbox):
    firm.profile("case-1", NOTICES + "max_age: 1h\n")
    firm.run("apply", "--yes")
    (firm.folder / "case-1/right").rename(firm.folder / "case-1/gone")

    class Tomorrow:
        now_ns = staticmethod(lambda: SYSTEM.now_ns() + 25 * 3600 * 10**9)

    notifier = Notifier(Session(firm.folder / "profiles", firm.folder / "state", clock=Tomorrow()))
    profile = load(firm.folder / "profiles/case-1.yaml")
    notifier.note(profile, (), whole=True)
    notifier.age({"case-1": SYSTEM.now_ns(), "case-2": None})
    notifier.send()
    assert "- its sides have not agreed for 25 hours\n" in inbox[0]["message"]


def test_a_message_that_nobody_took_is_said_without_the_address_and_comes_again(firm, inbox):
    contested(firm, "case-1")
    inbox.closed = True
    ran = firm.run("apply", "--yes")
    assert ran.code == 4
    assert ran.err.endswith(
        "synctool: notices: ${NOTICE_URL} could not be reached, or refused; the next run tries again\n"
    )
    assert "s3cr3t" not in ran.err
    inbox.closed = False
    firm.run("apply", "--yes")
    assert len(inbox) == 1
    later(firm)
    firm.run("apply", "--yes")
    assert len(inbox) == 2


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("NOTICE_URL=nonsense://x", "${NOTICE_URL} is no address; "),
        ("OTHER=x", "${NOTICE_URL} is not set; set it, or put it into .env"),
    ],
)
def test_an_address_that_is_none_ends_no_run(firm, said, wrong):
    contested(firm, "case-1")
    (firm.folder / "profiles/.env").write_text(said)
    ran = firm.run("apply", "--yes")
    assert ran.code == 4
    assert wrong in ran.err


def test_an_address_in_the_profile_itself_is_refused(firm):
    firm.profile("case-1", 'notices: {to: ["json://127.0.0.1/hook-s3cr3t"]}\n')
    ran = firm.run("validate")
    assert ran.code == 2
    assert "notices.to.0: a secret never stands in a profile" in ran.out
    assert "s3cr3t" not in ran.out + ran.err


def test_a_trial_says_whether_it_arrives(firm, inbox):
    firm.profile("case-1", NOTICES)
    assert firm.run("doctor", "case-1", "--notice").out == "case-1: sent to 1 reader\n"
    assert inbox[0]["title"] == "synctool: case-1 can reach you"
    inbox.closed = True
    assert firm.run("doctor", "case-1", "--notice").code == 2
    firm.profile("case-2")
    assert "names nobody to write to" in firm.run("doctor", "case-2", "--notice").err


@contextmanager
def mailbox():
    class Post:
        got = []

        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
            self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 taken"

    controller = Controller(Post(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield Post.got, controller.port
    finally:
        controller.stop()


def test_a_mail_goes_out(firm):
    contested(firm, "case-1")
    with mailbox() as (got, port):
        url = f"mailto://127.0.0.1:{port}?from=sync@firm.example&to=it@firm.example&mode=insecure"
        (firm.folder / "profiles/.env").write_text(f"NOTICE_URL={url}\n")
        ran = firm.run("apply", "--yes")
    assert "notices" not in ran.err
    [(whom, mail)] = got
    assert (whom, mail["Subject"]) == (["it@firm.example"], "synctool: case-1 needs a look")


def test_a_watch_tells_when_it_ends_what_it_found(firm, inbox, monkeypatch):
    contested(firm, "case-1", QUICK)
    monkeypatch.setattr(watching.Rounds, "show", lambda rounds, told: rounds._tools.stopped.set())
    assert firm.run("watch").code == 0
    assert "- a conflict waits for a person\n" in inbox[0]["message"]
