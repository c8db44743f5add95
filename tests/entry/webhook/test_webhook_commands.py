import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synctool.config import load
from synctool.core.events import event_of
from synctool.emulators.filevine.news import IDS
from synctool.entry.webhook.opening import Where, receiving
from synctool.errors import Misuse
from synctool.store.spool import Spool
from tests.entry.webhook.conftest import KEY

ROOT = Path(__file__).parents[3]
URL = "https://example.com/filevine"


class Clock:
    def __init__(self):
        self.passed = 0

    def now_ns(self):
        return time.time_ns() + self.passed * 10**9

    def monotonic(self):
        return time.monotonic() + self.passed

    def sleep(self, seconds):
        self.passed += seconds


@pytest.fixture
def project(fv):
    return fv.colleague.add_project("Smith v Jones")


@pytest.fixture
def case(office, project):
    return office.case("case", project)


def subscribed(fv, endpoint):
    """Tell an address everything, as if a person had said so in Filevine's settings."""
    fv.colleague._org.news.subscribe("x", "", IDS, endpoint)


def events(state):
    with Spool(state) as spool:
        return [event for _, event in spool.waiting()]


def test_an_address_is_subscribed_once_shown_and_removed(office, case, fv):
    first = office.run("webhooks", "subscribe", URL)
    number = re.fullmatch(rf"subscribed: 10 events to {URL}, ID (\S+)\n", first.out)[1]
    again = office.run("webhooks", "subscribe", URL)
    assert (again.code, again.out) == (0, f"already subscribed: 10 events to {URL}, ID {number}\n")
    assert office.run("webhooks", "list").out == f"{number}  {URL}  10 events  synctool\n"
    assert office.run("webhooks", "remove", number).out == f"removed: {number}\n"
    assert office.run("webhooks", "list", "--profile", "case").out == "Filevine tells nobody of changes\n"
    gone = office.run("webhooks", "remove", number)
    assert (gone.code, gone.err) == (
        2,
        f"synctool: {number}: no subscription has this ID; synctool webhooks list shows them\n",
    )


def test_an_address_that_is_told_less_is_told_the_rest(office, case, fv):
    news = fv.colleague._org.news
    old = news.subscribe("Ours", "", ("Document.Created",), URL)
    news.subscribe("Theirs", "", ("Document.Created",), "https://example.org/")
    assert office.run("webhooks", "subscribe", URL).out.startswith("subscribed: 10 events")
    assert (set(news.found(old.id).events), news.found(old.id).name) == (set(IDS), "Ours")
    assert len(news.subscriptions) == 2


def test_only_these_commands_ask_for_leave_to_change_subscriptions(office, case, fv):
    office.run("webhooks", "list")
    [webhooks] = fv._accounts._grants.values()
    fv.expire_tokens()
    office.run("plan", "case")
    [others] = fv._accounts._grants.values()
    assert webhooks.scopes - others.scopes == {"filevine.v2.webhooks"}


@pytest.mark.parametrize("url", ["http://example.com/x", "example.com", "ftp://example.com/x", "https:///x"])
def test_an_address_that_cannot_be_told_safely_is_refused(office, case, url):
    ended = office.run("webhooks", "subscribe", url)
    assert ended.code == 2
    assert "no address that Filevine can tell safely; it begins with https://" in ended.err


def test_an_id_is_never_a_path(office, case, fv):
    assert office.run("webhooks", "remove", "../Projects").code == 2
    assert fv.count() == {}


def test_whose_account_it_is_must_be_plain(office, fv, project):
    office.case("one", project)
    office.case("two", "'*'")
    assert office.run("webhooks", "list").code == 0
    office.case("old", project, auth=KEY % fv.url)
    several = office.run("webhooks", "list")
    assert (several.code, several.err) == (
        2,
        "synctool: the profiles have more than one account for Filevine; say whose: --profile NAME\n",
    )
    assert office.run("webhooks", "list", "--profile", "one").code == 0
    old = office.run("webhooks", "list", "--profile", "old")
    assert (old.code, "cannot change subscriptions" in old.err) == (2, True)


def test_without_filevine_there_are_no_webhooks(office):
    office.profile("drives")
    listed = office.run("webhooks", "list")
    assert (listed.code, "no account for Filevine" in listed.err) == (2, True)
    served = office.run("serve", "--webhook", "127.0.0.1:0")
    assert (served.code, "no profile here has a Filevine side" in served.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--page", "0.0.0.0:0"], "--page 0.0.0.0:0: is not an address of this machine alone"),
        (["--page", "here"], "'here' is no address to listen on"),
        (["--tls-key", "k"], "--tls-cert and --tls-key are for --webhook"),
        (["--webhook", "here"], "'here' is no address to listen on; write HOST:PORT, like 127.0.0.1:8440"),
        (["--webhook", "127.0.0.1:0", "--tls-key", "k"], "--tls-key says nothing without --tls-cert"),
        (
            ["--webhook", "127.0.0.1:0", "--tls-cert", "none.pem"],
            "none.pem: the certificate or its key cannot be used",
        ),
    ],
)
def test_what_cannot_be_served_is_told_in_a_line(office, case, options, said):
    ended = office.run("serve", *options)
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert ended.err.startswith(f"synctool: {said}")


def test_served_until_it_is_told_to_stop(office, case, fv, project):
    command = [sys.executable, "-m", "synctool.entry.cli", "serve", "--webhook", "127.0.0.1:0"]
    command += ["--page", "127.0.0.1:0"]
    with subprocess.Popen(
        command,
        cwd=office.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as serving:
        said = serving.stderr.readline()
        endpoint = re.fullmatch(r"receiving Filevine's webhooks at (\S+/filevine); Ctrl-C ends it\n", said)[1]
        assert re.fullmatch(
            r"the page is at http://127.0.0.1:\d+/\?token=\S{43}\n", serving.stderr.readline()
        )
        subscribed(fv, endpoint)
        document = fv.colleague.upload(project, "a.txt", b"1")
        assert fv.sender.quiet()
        serving.send_signal(signal.SIGTERM)
        assert (serving.wait(30), serving.stderr.read()) == (0, "")
    [event] = events(office.folder / "state")
    assert event._replace(at_ns=0) == (6001, project, "document", "created", document, 0)


@pytest.mark.parametrize("proof", ["token", "key"])
@pytest.mark.parametrize("deliveries", ["prompt", "doubled", "reordered", "delayed", "lost"])
def test_however_deliveries_come_each_event_is_kept_once(office, fv, project, tmp_path, deliveries, proof):
    profile = load(office.case("case", project, auth=KEY % fv.url))
    with receiving([profile], Where("127.0.0.1:0"), tmp_path / "state", Clock()) as endpoint:
        subscribed(fv, endpoint)
        fv.switch(deliveries=deliveries, late_seconds=0.05, proof=proof)
        made = {fv.colleague.upload(project, f"{number}.txt", b"1") for number in range(3)}
        assert fv.sender.quiet()
    told = [event.number for event in events(tmp_path / "state")]
    assert sorted(told) == ([] if deliveries == "lost" else sorted(made))
    answers = {"prompt": [202] * 3, "doubled": [200] * 3 + [202] * 3, "lost": []}.get(deliveries, [202] * 3)
    assert sorted(status for _, status in fv.sender.delivered) == answers


def test_keys_that_rotate_are_believed_after_a_minute(office, case, fv, project, tmp_path, caplog):
    clock = Clock()
    with receiving([load(case)], Where("127.0.0.1:0"), tmp_path / "state", clock) as endpoint:
        subscribed(fv, endpoint)
        fv.rotate_keys()
        for seconds in (0, 60):
            clock.passed += seconds
            fv.colleague.upload(project, f"{seconds}.txt", b"1")
            assert fv.sender.quiet()
    assert [status for _, status in fv.sender.delivered] == [503, 202]
    assert caplog.messages == []


def test_an_identity_host_that_is_away_at_first_is_told_and_asked_again(
    office, case, fv, project, tmp_path, caplog
):
    clock = Clock()
    fv.strike("503", route="/.well-known")
    with receiving([load(case)], Where("127.0.0.1:0"), tmp_path / "state", clock) as endpoint:
        assert caplog.messages == [
            "deliveries with a token are not believed yet: the identity host does not show its keys; is identity_url right?"
        ]
        subscribed(fv, endpoint)
        clock.passed += 60
        fv.colleague.upload(project, "a.txt", b"1")
        assert fv.sender.quiet()
    assert [status for _, status in fv.sender.delivered] == [202]


def test_every_sample_that_filevine_offers_is_understood(office, case, fv):
    samples = [fv.colleague._org.news.body(*name.split("."), 123, 77) for name in IDS]
    for name, body in zip(IDS, samples, strict=True):
        event = event_of(body)
        assert (f"{event.kind}.{event.what}", event.number, event.project) == (name.lower(), 123, 77)


def test_an_organisation_that_a_profile_does_not_name_may_be_any(office, fv, project, tmp_path):
    profile = load(office.case("case", project, org=None))
    with receiving([profile], Where("127.0.0.1:0"), tmp_path / "state", Clock()) as endpoint:
        subscribed(fv, endpoint)
        fv.colleague.upload(project, "a.txt", b"1")
        assert fv.sender.quiet()
    assert len(events(tmp_path / "state")) == 1


def test_two_cannot_listen_at_one_address(office, case, tmp_path):
    with receiving([load(case)], Where("127.0.0.1:0"), tmp_path / "state", Clock()) as endpoint:
        taken = re.search(r"127[0-9.:]+", endpoint)[0]
        second = receiving([load(case)], Where(taken), tmp_path / "state", Clock())
        with pytest.raises(Misuse, match="cannot listen on"), second:
            pass
