"""Hands out addresses of storage that lead astray: none is followed further than it may be."""

import io

import pytest

from synctool.errors import SideError
from synctool.sides.filevine.storage import Storage
from synctool.sides.filevine.wire import Wire
from tests.reliability.liar import between, page
from tests.reliability.tally import tried

ASTRAY = [
    "http://169.254.169.254/latest/meta-data/",
    "HTTP://169.254.169.254/latest/meta-data/",
    " http://169.254.169.254/latest/meta-data/",
    "\thttp://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "ftp://storage.example/x",
    "data:,x",
    "//storage.example/x",
    "/etc/passwd",
    "",
]


def no_wait(seconds):
    """Go on at once."""


@pytest.fixture
def wire():
    wire = Wire(sleep=no_wait, chance=lambda: 0.0)
    yield wire
    wire.close()


def both(storage, url):
    """Get and put, each of which has to be refused in one line."""
    for act in (lambda: storage.get(url, 1), lambda: storage.put(url, "text/plain", io.BytesIO(b"x"), 1)):
        with pytest.raises(SideError) as raised:
            act()
        assert "\n" not in str(raised.value)
        yield raised.value


@pytest.mark.parametrize("astray", ASTRAY)
def test_an_encrypted_api_leads_to_no_address_that_is_not(wire, astray):
    with between() as elsewhere:
        elsewhere.lies = [("/", page(b"x"))]
        storage = Storage(wire, "https://api.example")
        here = astray.replace("169.254.169.254", elsewhere.url.removeprefix("http://"))
        assert len(list(both(storage, here))) == 2
        assert not elsewhere.heard
    tried("hostile", "an address of storage that leads astray")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Moved", "308 Moved"])
def test_storage_leads_on_to_no_other_host(wire, status):
    with between() as first, between() as other:
        other.lies = [("/", page(b"x"))]
        first.lies = [("/", page(status=status, headers=f"Location: {other.url}/x\r\n".encode()))]
        storage = Storage(wire, first.url)
        assert len(list(both(storage, f"{first.url}/a"))) == 2
        assert len(first.heard) == 2
        assert not other.heard
    tried("hostile", "an address of storage that leads astray")
