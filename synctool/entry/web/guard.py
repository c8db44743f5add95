"""Lets in only who has the token, at our own address, from our own pages; and forbids pages to reach out."""

import hmac
from collections.abc import Collection
from urllib.parse import parse_qs, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REFUSAL = "synctool: open the address that synctool serve printed; it holds the token\n"


class Guard:
    """Stands before the page. names: those by which this machine may be called; token: what the address holds."""

    def __init__(self, app: ASGIApp, names: Collection[str], port: int, token: str) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in names}
        self._cookie = f"synctool-{port}"  # a browser gives the cookies of one port to all of them
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request ourselves, or pass it on; every answer gets the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refused(scope) or self._signed_in(scope) or self._app
        await answer(scope, receive, _with_headers(send))

    def _refused(self, scope: Scope) -> ASGIApp | None:
        """Another name for this machine may be somebody's attempt to use the browser that is let in."""
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return PlainTextResponse("synctool: this is not an address of this page\n", 421)
        origin = headers.get("origin", "")
        ours = {f"http://{host}" for host in self._hosts}
        if scope["method"] not in {"GET", "HEAD"} and origin not in ours:
            return PlainTextResponse("synctool: this did not come from this page\n", 403)
        return None

    def _signed_in(self, scope: Scope) -> ASGIApp | None:
        asked = parse_qs(scope["query_string"].decode("ascii", "replace"))
        if given := asked.pop("token", None):
            if not self._right(given[-1]):
                return PlainTextResponse(REFUSAL, 403)
            rest = urlencode(asked, doseq=True)
            answer = RedirectResponse(scope["path"] + f"?{rest}" * bool(rest), 303)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return answer
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        if self._right(cookies.get(self._cookie, "")):
            return None
        return PlainTextResponse(REFUSAL, 403)

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return sent
