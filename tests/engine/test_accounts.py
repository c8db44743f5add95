import threading

import pytest

from synctool.config.profile import FilevineSettings, KeyAuth, TokenAuth
from synctool.config.secrets import Secret
from synctool.emulators.filevine import FilevineEmulator
from synctool.engine import cycle
from synctool.engine.accounts import client_of
from synctool.engine.connect import pacing
from synctool.engine.tools import Ask, Tools
from synctool.engine.watching.loop import Watch
from synctool.errors import Denied
from synctool.sides.filevine.pacing import Crowd, Pacer
from synctool.sides.filevine.side import FilevineSide

SIGN_IN = ("POST", "/connect/token")
KEY_SIGN_IN = ("POST", "/session")
PROJECT = ("GET", "/Projects/{projectId}")


@pytest.fixture(scope="module")
def fv():
    with FilevineEmulator(requests_per_minute=None) as emulator:
        yield emulator


@pytest.fixture
def settings(fv):
    fv.forget_requests()
    known = fv.credentials
    auth = TokenAuth(
        client_id=known.client_id, client_secret=Secret(known.client_secret), token=Secret(known.pat)
    )
    return FilevineSettings(
        auth=auth, project=1, api_url=fv.url, identity_url=fv.url, requests_per_second=999
    )


def ask(settings, tools, project, times=1):
    """Make a client for each time, and let all of them ask at once."""
    clients = [client_of(settings, tools, Pacer()) for _ in range(times)]
    threads = [threading.Thread(target=client.root, args=(project,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()


def test_all_who_call_as_one_account_sign_in_once(fv, settings, tmp_path):
    tools, project = Tools(tmp_path), fv.colleague.add_project("A")
    ask(settings, tools, project, 6)
    ask(settings, tools, project, 2)
    assert fv.requests_seen[SIGN_IN] == 1
    fv.expire_tokens()
    ask(settings, tools, project, 6)
    assert fv.requests_seen[SIGN_IN] == 2


def test_another_account_signs_in_for_itself(fv, settings, tmp_path):
    tools, project = Tools(tmp_path), fv.colleague.add_project("A")
    known = fv.credentials
    key = KeyAuth(
        session_url=f"{fv.url}/session", api_key=Secret(known.api_key), api_secret=Secret(known.api_secret)
    )
    old = FilevineSettings(auth=key, project=1, api_url=fv.url, requests_per_second=999)
    for each in (settings, old, old, settings):
        ask(each, tools, project)
    assert (fv.requests_seen[SIGN_IN], fv.requests_seen[KEY_SIGN_IN]) == (1, 1)


def test_where_a_project_begins_is_asked_once_and_every_look_makes_sure_that_it_is_there(
    fv, settings, tmp_path
):
    tools, project = Tools(tmp_path), fv.colleague.add_project("A")
    fv.colleague.upload(project, "a.txt", b"a")

    def opened():
        client = client_of(settings, tools, Pacer())
        side = FilevineSide("filevine", client=client, project=project, clock=tools.clock.now_ns)
        side.open()
        return side

    sides = [opened() for _ in range(5)]
    assert fv.requests_seen[PROJECT] == 1
    (entry,) = sides[-1].list()
    sides[-1].stat(entry)
    assert fv.requests_seen[PROJECT] == 2
    fv.strike("403", route="/Projects/{projectId}", times=None)
    with pytest.raises(Denied):
        list(opened().list())
    with pytest.raises(Denied):
        opened().stat(entry)
    fv.clear_up()
    for side in sides:
        side.close()


def test_a_round_that_need_not_look_at_filevine_asks_it_nothing(make_office):
    office = make_office()
    office.filevine.put("Letters/1.txt", b"a letter")
    office.done()
    tools = Tools(office.state)
    cycle.apply(office.profile, Ask(), tools)
    office.fv.forget_requests()
    cycle.apply(office.profile, Ask(hints={"s3": frozenset([""])}), tools)
    assert not office.fv.requests_seen


def test_another_scope_is_another_sign_in(fv, settings, tmp_path):
    tools = Tools(tmp_path)
    for scope in ("fv.api.gateway.access", "fv.api.gateway.access filevine.v2.webhooks"):
        client = client_of(settings, tools, Pacer(), scope)
        client.root(fv.colleague.add_project("A"))
        client.close()
    assert fv.requests_seen[SIGN_IN] == 2


def test_a_watch_tells_what_the_rate_has_cost_in_all_its_rounds(tmp_path):
    tools = Tools(tmp_path)
    for _ in range(2):
        with pacing(tools) as pacer:
            pacer.tally.add("6001", refused=1, waited=0.5)
    watch = Watch(tools, roster=None, attempt=None, show=None)
    assert watch.pulse().orgs == {"6001": Crowd(2, 1.0)}
