"""Serves the web page, and Filevine's webhooks, until it is told to stop."""

import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec

import click

from synctool.entry.cli.session import Session
from synctool.entry.cli.webhooks import believing
from synctool.entry.webhook.opening import Where, receiving
from synctool.errors import Misuse

LIBRARIES = ("starlette", "jinja2", "uvicorn", "python_multipart")
INSTALL = "pip install 'synctool[web]'"


def serve(
    session: Session, names: Collection[str], page: str, webhook: Where | None, *, may_act: bool
) -> int:
    """Serve until a signal says stop; 0. Raises Misuse where neither can be."""
    stopped = threading.Event()
    with ExitStack() as stack:
        if webhook:
            profiles = believing(session, names)
            endpoint = stack.enter_context(receiving(profiles, webhook, session.state, session.clock))
            click.echo(f"receiving Filevine's webhooks at {endpoint}; Ctrl-C ends it", err=True)
        if all(map(find_spec, LIBRARIES)):
            web = import_module(
                "synctool.entry.web.serving"
            )  # its libraries are an extra, and it knows our commands
            address = stack.enter_context(web.showing(session, tuple(names), page, may_act=may_act))
            click.echo(f"the page is at {address}", err=True)
        elif not webhook:
            raise Misuse("the page needs more libraries", hint=INSTALL)
        else:
            click.echo(f"there is no page: {INSTALL}", err=True)
        stack.enter_context(_stopping(stopped))
        stopped.wait()
    return 0


@contextmanager
def _stopping(stopped: threading.Event) -> Iterator[None]:
    """Inside, SIGTERM and Ctrl-C set the event."""
    signals = [signal.SIGTERM, signal.SIGINT]
    before = {each: signal.signal(each, lambda *_: stopped.set()) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
