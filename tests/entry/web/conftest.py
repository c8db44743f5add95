"""A page of a working folder, as a browser without any script meets it."""

import re
import time
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlsplit

import pytest
import requests

from synctool.entry.cli.session import Session
from synctool.entry.web.serving import showing


class Visitor:
    """Somebody who opened the address that was printed. text: of the last page, without its tags."""

    def __init__(self, address):
        self.address = address
        self.root = "http://" + urlsplit(address).netloc
        self.cookie = f"synctool-{urlsplit(address).port}"
        self.requests = requests.Session()
        self.answer = self.requests.get(address, timeout=30)

    def get(self, path):
        self.answer = self.requests.get(self.root + path, timeout=30)
        return self._arrived()

    def get_once(self, path):
        """The text of a page, even of one that is not the last."""
        self.answer = self.requests.get(self.root + path, timeout=30)
        return self.text

    def post(self, path, **fields):
        self.answer = self.requests.post(
            self.root + path, data=fields, headers={"Origin": self.root}, timeout=30
        )
        return self._arrived()

    def press(self, label, which=0):
        """Press a button of the last page."""
        forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', self.answer.text, re.DOTALL)
        found = [(action, inside) for action, inside in forms if f">{label}</button>" in inside]
        action, inside = found[which]
        fields = re.findall(r'name="([^"]+)" value="([^"]*)"', inside)
        return self.post(unescape(action), **{name: unescape(value) for name, value in fields})

    @property
    def text(self):
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", self.answer.text)))

    def _arrived(self):
        """Wait for what takes time."""
        end = time.monotonic() + 30
        while 'role="status"' in self.answer.text:
            assert time.monotonic() < end
            time.sleep(0.05)
            self.answer = self.requests.get(self.answer.url, timeout=30)
        return self


@pytest.fixture
def visit(firm):
    """Opens the page; may_act: whether its buttons do what they say."""

    @contextmanager
    def visiting(*names, may_act=False):
        session = Session(firm.folder / "profiles", firm.folder / "state")
        session.state.mkdir(exist_ok=True)
        with showing(session, names, "127.0.0.1:0", may_act=may_act) as address:
            yield Visitor(address)

    return visiting
