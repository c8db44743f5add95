"""Opens the back door over HTTP, for people with curl and for other processes.

``GET /_backdoor`` lists what can be done; ``POST /_backdoor/upload {"project": 1, "path": "a/b.txt", "text": "…"}`` does
it. Bytes go in as ``text`` or, in Base64, as ``data``; they come out in Base64.
"""

import base64
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from synctool.emulators.filevine.records import Refusal
from synctool.emulators.filevine.server import Request, Response

PREFIX = "/_backdoor"


def answer(acts: Mapping[str, Callable[..., Any]], request: Request) -> Response:
    """Call the act that the path names with the fields of the body (or query)."""
    name = request.path.removeprefix(PREFIX).strip("/")
    if not name:
        return _told(200, {act: str(inspect.signature(function)) for act, function in acts.items()})
    if name not in acts:
        return _told(404, {"message": f"Nobody can {name}."})
    try:
        return _told(200, acts[name](**_arguments(request)))
    except Refusal as refusal:
        return _told(refusal.status, {"message": refusal.message})
    except (TypeError, ValueError, LookupError) as error:
        return _told(400, {"message": str(error)})


def _arguments(request: Request) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(request.body or b"{}")
    fields |= {name: int(value) for name, value in request.query.items()}
    if "text" in fields:
        fields["data"] = fields.pop("text").encode()
    elif "data" in fields:
        fields["data"] = base64.b64decode(fields["data"])
    return fields


def _told(status: int, value: Any) -> Response:
    return Response(status, json.dumps(_plain(value)).encode())


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case tuple() if hasattr(value, "_asdict"):
            return _plain(value._asdict())
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case _:
            return value
