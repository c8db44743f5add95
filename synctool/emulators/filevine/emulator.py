"""Runs a Filevine of one's own on a local port."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from synctool.emulators.filevine import doorway
from synctool.emulators.filevine.accounts import Accounts, Credentials
from synctool.emulators.filevine.backdoor import BackDoor
from synctool.emulators.filevine.gateway import Gateway
from synctool.emulators.filevine.org import Org
from synctool.emulators.filevine.records import ACCOUNT
from synctool.emulators.filevine.sender import Sender
from synctool.emulators.filevine.server import Request, Response, Server
from synctool.emulators.filevine.signing import Signer
from synctool.emulators.filevine.switches import Switches
from synctool.emulators.filevine.weather import Spell, Weather


class FilevineEmulator:
    """One organisation behind one port, for identity, API, storage and back door alike; everything is in memory.

    clock gives ns since the epoch. ``with FilevineEmulator() as fv: fv.url``; started again after ``stop`` it has
    the same port and the same documents. ``fv.colleague`` acts as another person would in the browser.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        clock: Callable[[], int] = time.time_ns,
        **switches: Any,
    ) -> None:
        world = Org(clock)
        self.org = world.number
        self.user = ACCOUNT
        self.credentials = Credentials()
        self.colleague = BackDoor(world)
        self.url = ""
        self._accounts = Accounts(self.credentials, world.number, clock)
        self.sender = Sender(self.credentials, clock, Switches(**switches))
        world.news.send = self.sender.send
        self._gateway = Gateway(world, self._accounts, self.sender.signer, self.sender.switches)
        self._address = (host, port)
        self._server: Server | None = None
        acts = (self.switch, self.strike, self.clear_up, self.count, self.forget_requests, self.expire_tokens)
        own = {act.__name__: act for act in (*acts, self.rotate_keys)}
        names = [name for name in vars(BackDoor) if not name.startswith("_")]
        self._acts = {name: getattr(self.colleague, name) for name in names} | own

    def start(self) -> Self:
        """Listen; ``url`` is known from now on."""
        self._server = Server(*self._address, self._answer)
        self._address = (self._address[0], self._server.server_port)
        self.url = self._gateway.url = self.sender.issuer = "http://{}:{}".format(*self._address)
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop listening and cut all connections. May be called twice."""
        self.sender.stop()
        if self._server:
            self._server.stop()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def requests_seen(self) -> Counter[tuple[str, str]]:
        """How many requests came, by method and route template; the back door's do not count."""
        return Counter(self._gateway.seen)

    def count(self) -> dict[str, int]:
        """``requests_seen`` with keys like ``GET /Documents/{documentId}``."""
        return {" ".join(key): number for key, number in self.requests_seen.items()}

    def forget_requests(self) -> None:
        """Count from zero."""
        self._gateway.seen.clear()

    def switch(self, **changes: Any) -> None:
        """Change ``Switches`` from the next request on; raises TypeError for one that is not there."""
        self._gateway.switches = self.sender.switches = replace(self._gateway.switches, **changes)

    def weather(self, *spells: Spell) -> None:
        """The weather from the next request on, instead of what it was; requests are counted anew."""
        self._gateway.weather = Weather(spells)

    def strike(self, fault: str, **which: Any) -> None:
        """One ``Spell`` of bad weather; raises ValueError or TypeError for what there is not."""
        self.weather(Spell(fault=fault, **which))

    def clear_up(self) -> None:
        """Good weather again."""
        self.weather()

    def expire_tokens(self) -> None:
        """End every token and session now."""
        self._accounts.expire()

    def rotate_keys(self) -> None:
        """Sign deliveries with another key from now on, and publish that one alone."""
        self._gateway.signer = self.sender.signer = Signer()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(doorway.PREFIX):
            return doorway.answer(self._acts, request)
        return self._gateway.answer(request)
