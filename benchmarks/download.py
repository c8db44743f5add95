"""Does the least that Filevine's documents cost: lists them, and with ``--bytes`` downloads each, eight at a time.

``python -m benchmarks.download [--bytes] URL ORG PROJECT [DRIVE ENDPOINT BUCKET PREFIX]`` lists a drive and a bucket too, each
side in a process of its own. Nothing is compared, stored or remembered.
"""

import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import local
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.floor import bucket, drive

SIDE_BY_SIDE = 8
SCOPES = "fv.api.gateway.access tenant filevine.v2.api.* openid email fv.auth.tenant.read"


class Line:
    """Connections to one Filevine, one for each thread, signed in."""

    def __init__(self, url: str, org: str) -> None:
        self._host = urlsplit(url).netloc
        self._own = local()
        form = {"grant_type": "personal_access_token", "client_id": os.environ["FV_ID"], "scope": SCOPES}
        form |= {"client_secret": os.environ["FV_SECRET"], "token": os.environ["FV_PAT"]}
        said = self._call(
            "POST", "/connect/token", {"content-type": "application/x-www-form-urlencoded"}, urlencode(form)
        )
        self._headers = {"authorization": f"Bearer {json.loads(said)['access_token']}", "x-fv-orgid": org}
        user = json.loads(self._call("POST", "/fv-app/v2/utils/GetUserOrgsWithToken", self._headers))
        self._headers["x-fv-userid"] = str(user["user"]["userId"]["native"])

    def get(self, path: str) -> Any:
        """What the API answers."""
        return json.loads(self._call("GET", f"/fv-app/v2{path}", self._headers))

    def fetch(self, url: str) -> int:
        """Download what lies at a locator; its size."""
        parts = urlsplit(url)
        return len(self._call("GET", f"{parts.path}?{parts.query}", {}))

    def _call(self, method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
        if not hasattr(self._own, "line"):
            self._own.line = HTTPConnection(self._host)
        self._own.line.request(method, path, body, {"user-agent": "measuring", **headers})
        answer = self._own.line.getresponse()
        data = bytes(answer.read())
        assert answer.status == 200, data
        return data


def documents(line: Line, project: str) -> Iterator[int]:
    """The numbers of all documents; the folders are listed before."""
    offset, more = 0, True
    while more:
        page = line.get(f"/Folders/list?projectId={project}&limit=1000&offset={offset}")
        offset, more = offset + 1000, page["hasMore"]
    last, more = 0, True
    while more:
        page = line.get(f"/DocumentSeries?projectId={project}&lastId={last}&limit=1000")
        for item in page["items"]:
            last = item["documentId"]["native"]
            yield last
        more = page["hasMore"]


def main(words: list[str]) -> None:
    """List, and download if asked."""
    url, org, project, *near = [word for word in words if word != "--bytes"]
    children = [os.fork()] if near else []
    if 0 in children:
        list(drive(near[0]))
        os._exit(0)
    children += [os.fork()] if near else []
    if 0 in children:
        list(bucket(*near[1:]))
        os._exit(0)
    line = Line(url, org)
    found = list(documents(line, project))
    if "--bytes" in words:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            list(pool.map(lambda each: line.fetch(line.get(f"/Documents/{each}/locator")["url"]), found))
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
