"""Serves the page at an address of this machine, to whoever has the token."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import uvicorn

from synctool.entry.cli.choosing import named
from synctool.entry.cli.session import Session
from synctool.entry.web.desk import Desk
from synctool.entry.web.guard import Guard
from synctool.entry.web.pages import Pages
from synctool.entry.webhook.listener import address_of
from synctool.errors import Misuse

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@contextmanager
def showing(session: Session, names: tuple[str, ...], where: str, *, may_act: bool) -> Iterator[str]:
    """Inside, the page is there; its address, which holds the token. Raises Misuse for what is no free address of ours, or no profile."""
    for name in names:
        named(session.profiles, name)
    address = address_of(where)
    if address.host not in LOOPBACK:
        raise Misuse(
            f"--page {where}: is not an address of this machine alone",
            hint="say 127.0.0.1:PORT; from elsewhere, reach it through ssh or a proxy that signs people in",
        )
    token = secrets.token_urlsafe(32)
    with _listening(address.host, address.port, where) as listener:
        host, port = ("[::1]" if ":" in address.host else address.host), listener.getsockname()[1]
        with closing(Desk(str(session.state), session.clock)) as desk:
            pages = Pages(session, names, desk, may_act=may_act)
            with _running(Guard(pages.app(), {host, "localhost", "127.0.0.1"}, port, token), listener):
                yield f"http://{host}:{port}/?token={token}"


def _listening(host: str, port: int, where: str) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Misuse(
            f"--page {where}: cannot be listened at: {error.strerror}", hint="choose another port"
        ) from error


@contextmanager
def _running(app: Guard, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="page")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
