"""Opens the receiver of webhooks for profiles: whom it believes, where it listens, and where it keeps what comes."""

import logging
import random
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from synctool.config.profile import FilevineSettings, KeyAuth, Profile
from synctool.engine.clock import Clock
from synctool.entry.webhook.gate import ApiKey, Gate
from synctool.entry.webhook.handling import PATH
from synctool.entry.webhook.keys import Keys
from synctool.entry.webhook.listener import address_of, listening, tls_of
from synctool.entry.webhook.receiver import Receiver
from synctool.errors import Misuse, Unavailable
from synctool.sides.filevine.wire import Answer, Wire
from synctool.store.spool import Spool

log = logging.getLogger(__name__)


class Where(NamedTuple):
    """Where to listen, as ``HOST:PORT``, and the files of a certificate and its key, "" for plain HTTP."""

    address: str
    certificate: str = ""
    key: str = ""


@contextmanager
def receiving(profiles: Collection[Profile], where: Where, state: Path, clock: Clock) -> Iterator[str]:
    """Inside, deliveries for these profiles are kept in the state's spool; the address of the endpoint here.

    Raises Misuse when there is no Filevine to hear of or no such address, StateError when there is no spool.
    """
    if where.key and not where.certificate:
        raise Misuse("--tls-key says nothing without --tls-cert")
    address = address_of(where.address)
    tls = tls_of(where.certificate, where.key) if where.certificate else None
    with closing(Wire(sleep=clock.sleep, chance=random.random)) as wire, Spool(state) as spool:
        gate = gate_of(profiles, lambda url: wire.ask("GET", url), clock.monotonic)
        with listening(address, Receiver(gate, spool, clock).answer, tls) as at:
            _warm(gate)
            host = f"[{at.host}]" if ":" in at.host else at.host
            yield f"http{'s' if tls else ''}://{host}:{at.port}{PATH}"


def gate_of(profiles: Collection[Profile], ask: Callable[[str], Answer], clock: Callable[[], float]) -> Gate:
    """Whom these profiles believe. ask: gets a URL; clock: seconds. Raises Misuse when none has a Filevine side."""
    settings = [
        side for profile in profiles for side in profile.sides.values() if isinstance(side, FilevineSettings)
    ]
    if not settings:
        raise Misuse(
            "no profile here has a Filevine side", hint="name one that has, or say where: --profiles"
        )
    auths = [each.auth for each in settings]
    api_keys = [ApiKey(auth.api_key, auth.api_secret) for auth in auths if isinstance(auth, KeyAuth)]
    orgs = {each.org for each in settings}
    return Gate(
        {url: Keys(url, ask, clock) for url in {each.identity_url for each in settings}},
        tuple(dict.fromkeys(api_keys)),
        frozenset(org for org in orgs if org is not None) if None not in orgs else None,
    )


def _warm(gate: Gate) -> None:
    """Ask for keys before the first delivery does."""
    for keys in gate.issuers.values():
        try:
            keys.find("")
        except Unavailable as error:
            log.warning("deliveries with a token are not believed yet: %s", error)
