import http.client
import json
import logging
import socket
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from synctool.core.events import Event
from synctool.entry.webhook.handling import LARGEST, PATH
from synctool.entry.webhook.listener import MOST, Address, address_of, listening, tls_of
from synctool.entry.webhook.receiver import Receiver
from synctool.errors import Misuse
from synctool.store.spool import Spool
from tests.entry.webhook.deliveries import BODY, NOW_NS, gate, request, signed

HERE = Address("127.0.0.1", 0)
EVENT = Event(6001, 77, "document", "updated", 123, NOW_NS)


class Noon:
    def now_ns(self):
        return NOW_NS


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path) as opened:
        yield opened


@pytest.fixture
def receiver(spool):
    return Receiver(gate(), spool, Noon())


@pytest.fixture
def at(receiver):
    with listening(HERE, receiver.answer) as address:
        yield address


@contextmanager
def connection(at):
    with socket.create_connection(at, 5) as open_one:
        yield open_one


def sent(at, data):
    """Everything that is answered to these bytes."""
    with connection(at) as caller:
        caller.sendall(data)
        return everything(caller)


def everything(caller):
    answer = b""
    while part := caller.recv(4096):
        answer += part
    return answer


def post(at, headers=None, body=BODY, path=PATH):
    caller = http.client.HTTPConnection(*at, timeout=5)
    caller.request("POST", path, json.dumps(body), signed() if headers is None else headers)
    answer = caller.getresponse()
    caller.close()
    return answer.status


def test_an_event_is_kept_before_it_is_accepted(at, tmp_path):
    assert post(at) == 202
    with Spool(tmp_path) as other:
        assert [event for _, event in other.waiting()] == [EVENT]


def test_what_comes_twice_is_kept_once(at, spool):
    assert [post(at), post(at)] == [202, 200]
    spool.done([number for number, _ in spool.waiting()])
    assert post(at) == 200
    assert spool.waiting() == []


def test_what_cannot_be_kept_is_not_accepted_and_may_come_again(receiver, spool, caplog):
    spool._rows.execute("PRAGMA query_only = ON")
    assert receiver.answer(request()) == 503
    assert "a delivery was answered 503" in caplog.text
    spool._rows.execute("PRAGMA query_only = OFF")
    assert receiver.answer(request()) == 202
    assert [event for _, event in spool.waiting()] == [EVENT]


def test_the_log_says_why_and_repeats_nothing(receiver, caplog):
    caplog.set_level(logging.INFO, "synctool")
    headers = {"authorization": "Bearer made-up-token"}
    receiver.answer(request(headers, b"made-up-body"))
    receiver.answer(request())
    receiver.answer(request())
    assert [record.getMessage() for record in caplog.records] == [
        "a delivery was answered 401: no proof that Filevine sent it",
        "a delivery was answered 200: it came already",
    ]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /filevine HTTP/1.1\r\n\r\n", 405),
        (b"BREW /filevine HTTP/1.1\r\n\r\n", 405),
        (b"POST /filevine HTTP/1.1\r\n\r\n", 400),
        (b"POST /secret HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 401),
        (b"POST /filevine?x=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 401),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", 400),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LARGEST + 1), 413),
        (b"POST /filevine HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5000), 400),
        (b"POST /filevine HTTP/1.1\r\n" + b"X: secret\r\n" * 101 + b"\r\n", 400),
        (b"POST /filevine HTTP/1.1\r\nX: " + b"x" * 70000, 400),
        (b"<secret> nonsense\r\n\r\n", 400),
        (b"POST /filevine HTTP/9.9\r\n\r\n", 400),
    ],
    ids=range(15),
)
def test_every_answer_is_a_status_and_nothing_else(at, request_, status):
    lines = sent(at, request_).decode().split("\r\n")
    allowed = ["Allow: POST"] if status == 405 else []
    reason = http.client.responses[status]
    assert lines == [
        f"HTTP/1.1 {status} {reason}",
        *allowed,
        "Content-Length: 0",
        "Connection: close",
        "",
        "",
    ]


def test_a_body_that_ends_early_is_refused(at):
    with connection(at) as caller:
        caller.sendall(b"POST /filevine HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
        caller.shutdown(socket.SHUT_WR)
        assert everything(caller).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("begun", [b"", b"POST /filevine HTTP/1.1\r\nContent-Length: 9999\r\n\r\n"])
def test_who_trickles_is_cut_off(receiver, begun):
    with listening(HERE, receiver.answer, patience=0.3) as at, connection(at) as caller:
        start = time.monotonic()
        caller.sendall(begun)
        cut = threading.Event()

        def trickle():
            try:
                while not cut.wait(0.02):
                    caller.sendall(b"x")
            except OSError:
                pass

        trickling = threading.Thread(target=trickle)
        trickling.start()
        with suppress(ConnectionResetError):
            assert caller.recv(4096) == b""
        cut.set()
        trickling.join()
        assert time.monotonic() - start < 3


def test_too_many_connections_are_closed_and_later_ones_are_heard(at):
    with ExitStack() as crowd:
        for _ in range(MOST):
            crowd.enter_context(connection(at))
        with connection(at) as one_too_many:
            assert one_too_many.recv(1) == b""
    until = time.monotonic() + 5
    while (answer := tried(at)) is None and time.monotonic() < until:
        time.sleep(0.01)
    assert answer == 202


def tried(at):
    try:
        return post(at)
    except (OSError, http.client.HTTPException):
        return None


def test_what_nobody_foresaw_is_told_by_its_name_alone(caplog):
    def broken(_request):
        raise ZeroDivisionError("secret")

    with listening(HERE, broken) as at:
        assert sent(at, b"POST /filevine HTTP/1.1\r\nContent-Length: 0\r\n\r\n") == b""
    assert caplog.messages == ["a delivery could not be answered: ZeroDivisionError"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Two files: a certificate for 127.0.0.1 that signs itself, and its key."""
    folder, key, now = (
        tmp_path_factory.mktemp("tls"),
        ec.generate_private_key(ec.SECP256R1()),
        datetime.now(UTC),
    )
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_a_certificate_makes_it_https(receiver, certificate, caplog):
    trust = ssl.create_default_context(cafile=certificate[0])
    with listening(HERE, receiver.answer, tls_of(*certificate)) as at:
        caller = http.client.HTTPSConnection(*at, timeout=5, context=trust)
        caller.request("POST", PATH, json.dumps(BODY), signed())
        assert caller.getresponse().status == 202
        caller.close()
        with connection(at) as open_one:
            open_one.sendall(b"POST /filevine HTTP/1.1\r\n\r\n")
            answer = everything(open_one)
        assert b"HTTP" not in answer
    assert caplog.messages == []


def test_a_certificate_that_cannot_be_used_is_told(certificate, tmp_path):
    (tmp_path / "bad.pem").write_text("no certificate")
    for pair in ((str(tmp_path / "none.pem"), ""), (str(tmp_path / "bad.pem"), ""), (certificate[0], "")):
        with pytest.raises(Misuse, match=r"\.pem: the certificate or its key cannot be used"):
            tls_of(*pair)


def test_an_address_is_a_host_and_a_port():
    assert address_of("127.0.0.1:8440") == ("127.0.0.1", 8440)
    assert address_of("[::1]:0") == ("::1", 0)
    for odd in ("", "8440", ":8440", "host", "host:", "host:x", "host:65536", "host:-1", "host:²"):
        with pytest.raises(Misuse, match="is no address to listen on; write HOST:PORT"):
            address_of(odd)


def test_an_address_that_is_taken_is_told(at):
    with pytest.raises(Misuse, match=rf"cannot listen on 127.0.0.1:{at.port}: "), listening(at, int):
        pass
