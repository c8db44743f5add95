"""Makes the client that calls Filevine as a profile's account."""

from datetime import UTC, datetime

from synctool.config.profile import FilevineSettings, KeyAuth
from synctool.engine.clock import Clock
from synctool.engine.tools import Tools
from synctool.sides.filevine.auth import SCOPE, KeySignIn, SignIn, TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer


def client_of(settings: FilevineSettings, tools: Tools, pacer: Pacer, scope: str = SCOPE) -> FilevineClient:
    """A client of its own, signed in together with all others of the process that mean the same account.

    scope: what a token is asked to be good for.
    """
    who = (settings.api_url, settings.base_path, settings.identity_url, settings.auth, settings.org, scope)
    return FilevineClient(
        api_url=settings.api_url,
        sign_in=_sign_in(settings, tools.clock, scope),
        pacer=pacer,
        session=tools.accounts.session(who, tools.clock.monotonic),
        base_path=settings.base_path,
        requests_per_second=settings.requests_per_second,
        clock=tools.clock.monotonic,
        sleep=tools.clock.sleep,
    )


def _sign_in(settings: FilevineSettings, clock: Clock, scope: str) -> SignIn:
    auth, org = settings.auth, str(settings.org or "")
    if isinstance(auth, KeyAuth):
        return KeySignIn(
            session_url=auth.session_url,
            api_key=auth.api_key.reveal(),
            api_secret=auth.api_secret.reveal(),
            now=lambda: datetime.fromtimestamp(clock.now_ns() / 1e9, UTC),
            user=auth.user or "",
            org=org,
        )
    return TokenSignIn(
        identity_url=settings.identity_url,
        client_id=auth.client_id,
        client_secret=auth.client_secret.reveal(),
        token=auth.token.reveal(),
        org=org,
        scope=scope,
    )
