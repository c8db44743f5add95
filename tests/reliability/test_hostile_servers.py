"""Puts servers that lie, trickle, flood and lead astray in the place of the honest ones."""

import gzip
import itertools
import json
import time
import tracemalloc
from contextlib import closing

import pytest

from synctool.errors import SideError
from synctool.sides import patience
from synctool.sides.filevine import wire
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.side import FilevineSide
from synctool.sides.s3 import S3Side
from synctool.sides.s3 import wire as s3_wire
from tests.reliability.liar import between, page
from tests.reliability.tally import tried
from tests.scenarios.test_bad_input import Hurried

MIB = 1 << 20
DEEP = b"[" * 100_000


def endless_body():
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b" " * 65536 + b"\r\n"


def endless_head():
    yield b"HTTP/1.1 200 OK\r\n"
    for number in itertools.count():
        yield b"X-%d: y\r\n" % number * 100


def one_endless_header():
    yield b"HTTP/1.1 200 OK\r\nX: "
    while True:
        yield b"y" * 65536


def trickling_head():
    for char in itertools.chain(b"HTTP/1.1 200 OK\r\nX: ", itertools.repeat(120)):
        yield bytes([char])
        time.sleep(0.02)


def trickling_body():
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    while True:
        yield b" "
        time.sleep(0.02)


BOMB = gzip.compress(bytes(64 * MIB), 9)
JSON = b'{"items": [%s], "hasMore": false}'
DOCUMENT = {
    "documentId": {"native": 5},
    "filename": "a.txt",
    "size": 1,
    "uploadDate": "2026-11-22T12:00:00Z",
    "currentVersion": "1",
}


def document(**changed):
    return page(JSON % json.dumps(DOCUMENT | changed).encode())


def folder(number, parent):
    return {"folderId": {"native": number}, "parentId": {"native": parent}, "name": f"Folder {number}"}


ANYWHERE = {
    "a web page": page(b"<html>Sign in to the hotel</html>", kind="text/html"),
    "an empty answer": page(),
    "an endless body": endless_body,
    "an endless head": endless_head,
    "one endless header": one_endless_header,
    "a head that trickles": trickling_head,
    "a body that trickles": trickling_body,
    "a gzip bomb": page(BOMB, headers=b"Content-Encoding: gzip\r\n"),
    "no gzip though it says so": page(b"plain", headers=b"Content-Encoding: gzip\r\n"),
    "an answer that ends early": page(b"{", length=1000),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no status": b"HTTP/1.1 abc\r\n\r\n",
    "a wrong length": page(b"{}", length="many"),
    "two lengths": page(b"{}", headers=b"Content-Length: 7\r\n"),
    "a chunk of no size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "deep nesting": page(DEEP),
    "a wrong charset": page(b"\xff\xfe\x00", kind="application/json; charset=nonsense"),
    "thousands of cookies": b"HTTP/1.1 200 OK\r\n" + b"Set-Cookie: a=b\r\n" * 5000 + b"\r\n",
}

FILEVINE = ANYWHERE | {
    "text for a list": page(b'"text"'),
    "a list for an object": page(b"[]"),
    "null": page(b"null"),
    "items that are no list": page(b'{"items": {"a": 1}}'),
    "an item that is no object": page(JSON % b"7"),
    "a huge number": page(JSON % (b"9" * 10_000)),
    "an id that is no number": document(documentId={"native": "seven"}),
    "a negative id": document(documentId=-1),
    "an endless id": document(documentId=10**30),
    "a negative size": document(size=-1),
    "an endless size": document(size=10**30),
    "a size that is not finite": document(size=float("inf")),
    "a name that is no text": document(filename=["a"]),
    "another project": document(projectId={"native": 987654321}),
}


def entry_xml(
    key="a.txt", size="1", etag="&quot;0cc175b9c0f1b6a831c399e269772661&quot;", date="2026-11-22T12:00:00Z"
):
    return f"<Contents><Key>{key}</Key><LastModified>{date}</LastModified><ETag>{etag}</ETag><Size>{size}</Size></Contents>"


def listing(inside):
    text = (
        f"<?xml version='1.0'?><ListBucketResult>{inside}<IsTruncated>false</IsTruncated></ListBucketResult>"
    )
    return page(text.encode(), kind="application/xml")


S3 = ANYWHERE | {
    "an object outside the prefix": listing(entry_xml("/etc/passwd")),
    "a negative size": listing(entry_xml("{prefix}a.txt", "-1")),
    "an endless size": listing(entry_xml("{prefix}a.txt", "9" * 30)),
    "a size of too many digits": listing(entry_xml("{prefix}a.txt", "9" * 5000)),
    "a line break in an ETag": listing(entry_xml("{prefix}a.txt", etag="a&#10;Host: x")),
    "no date": listing(entry_xml("{prefix}a.txt", date="yesterday")),
    "keys out of order": listing("".join(entry_xml("{prefix}x.txt") for _ in range(2))),
    "a truncated list without a token": page(
        b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", kind="application/xml"
    ),
    "a token that comes again": page(
        b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>",
        kind="application/xml",
    ),
    "tags that never close": page(
        b"<ListBucketResult>" + b"<Contents>" * 200_000 + b"</ListBucketResult>", kind="application/xml"
    ),
    "an entity bomb": page(
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><ListBucketResult>&b;</Li>',
        kind="application/xml",
    ),
}


@pytest.fixture
def hasty(monkeypatch):
    """Answers have a moment only, little room, and few tries."""
    monkeypatch.setattr(patience, "GRACE", 0.25)
    monkeypatch.setattr(wire, "TRIES", 2)
    monkeypatch.setattr(wire, "ANSWER_LIMIT", 4 * MIB)
    monkeypatch.setattr(s3_wire, "ANSWER_LIMIT", 4 * MIB)


def refuses(act, lie):
    """Nothing comes of it but one short line, in little memory; what never ends, ends."""
    tracemalloc.start()
    with pytest.raises(SideError) as raised:
        act()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert raised.value.exit_code == 5, lie
    assert "\n" not in str(raised.value), lie
    assert len(str(raised.value)) < 400, lie
    assert peak < 48 * MIB, (lie, peak)


def no_wait(seconds):
    """Go on at once."""


def filevine_side(fv, url, project):
    known = fv.credentials
    sign_in = TokenSignIn(
        identity_url=url, client_id=known.client_id, client_secret=known.client_secret, token=known.pat
    )
    client = FilevineClient(
        api_url=url,
        sign_in=sign_in,
        pacer=Pacer(sleep=no_wait),
        requests_per_second=1000,
        sleep=no_wait,
        chance=lambda: 0.0,
    )
    return FilevineSide("filevine", client=client, project=project, clock=time.time_ns)


@pytest.mark.parametrize("lie", FILEVINE)
def test_a_lying_answer_of_filevine_is_refused_soon_and_in_one_line(fv, hasty, lie):
    project = fv.colleague.add_project("Smith v Jones")
    with between(fv.url) as liar, closing(filevine_side(fv, liar.url, project)) as side:
        side.open()
        assert not list(side.list())
        liar.lies = [("/DocumentSeries", FILEVINE[lie])]
        refuses(lambda: list(side.list()), lie)
    tried("hostile", "a lying answer of Filevine")


@pytest.mark.parametrize("lie", S3)
def test_a_lying_answer_of_s3_is_refused_soon_and_in_one_line(weed, hasty, lie):
    answer = S3[lie]
    keys = {"access_key": weed.access_key, "secret_key": weed.secret_key}
    with (
        between(weed.endpoint) as liar,
        closing(
            S3Side("s3", bucket="plain", prefix="lies/", clock=time.time, endpoint_url=liar.url, **keys)
        ) as side,
    ):
        side.open()
        assert not list(side.list())
        liar.lies = [
            ("list-type=2", answer.replace(b"{prefix}", b"lies/") if isinstance(answer, bytes) else answer)
        ]
        refuses(lambda: list(side.list()), lie)
    tried("hostile", "a lying answer of S3")


@pytest.fixture
def synced(office):
    office.filevine.put("Letters/0.txt", b"zero")
    office.zdrive.put("Letters/1.txt", b"one")
    office.done()
    office.filevine.put("Letters/0.txt", b"edited in Filevine")
    office.zdrive.put("Letters/1.txt", b"edited on the drive")
    return office


@pytest.mark.parametrize(("side", "word"), [("filevine", "/DocumentSeries"), ("s3", "list-type=2")])
def test_a_run_with_a_lying_server_deletes_and_overwrites_nothing_and_the_next_goes_on(synced, side, word):
    server = {"filevine": synced.fv.url, "s3": synced.weed.endpoint}[side]
    with between(server) as liar:
        urls = ("api_url", "identity_url") if side == "filevine" else ("endpoint_url",)
        synced.says(sides={side: dict.fromkeys(urls, liar.url)})
        liar.lies = [(word, ANYWHERE["deep nesting"])]
        before = synced.trees()
        outcome = synced.run(clock=Hurried())
        assert outcome.exit_code == 5
        assert len(outcome.planned.plan.unknown[side]) == 1
        after = synced.trees()
        assert after[side] == before[side]
        for name, person in synced.people.items():
            lost = {data for path, data in before[name].items() if after[name].get(path) != data}
            assert lost <= person.kept(), name
            assert before[name].keys() <= after[name].keys(), name
        liar.lies = []
        synced.done()
        assert synced.settled()["Letters/0.txt"] == b"edited in Filevine"
    tried("hostile", "a run with a lying server")
