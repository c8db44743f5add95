"""Whatever a server answers becomes one of synctool's failures, in words a person can use."""

import io
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from moto import mock_aws

from synctool.core.model import Entry, Kind, Meta, Place
from synctool.errors import Denied, Missing, Rejected, Stale, Unavailable
from synctool.sides.s3 import S3Side
from synctool.sides.s3.credentials import ordinary
from synctool.sides.s3.sigv4 import Keys
from tests.sides.clock import now

ENTRY = Entry(Kind.FILE, "a", "", "a", "abc/3", 3)
LISTING = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

VERSIONS = "<ListVersionsResult>{}</ListVersionsResult>"
VERSIONED = (200, {}, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")


def error(code, message="no"):
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


class Scripted(BaseHTTPRequestHandler):
    """Answers with the server's script, one reply a request, and remembers what was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        status, headers, body = self.server.script.pop(0)
        self.send_response_only(status)
        for name, value in ({"content-length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())
        self.close_connection = int(headers.get("content-length", 0)) > len(body)

    def log_message(self, *args):
        pass


for method in ("GET", "PUT", "HEAD", "DELETE"):
    setattr(Scripted, f"do_{method}", Scripted.answer)


@contextmanager
def scripted(*script, opened=True, **changed):
    """A side, already open, whose server gives these replies: (status, headers, body)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
    server.daemon_threads = True
    server.asked = []
    opening = [(200, {}, "<VersioningConfiguration/>")]
    server.script = [*(opening if opened else []), *script]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    made = {"bucket": "cases", "prefix": "p", "endpoint_url": f"http://127.0.0.1:{server.server_port}"}
    side = S3Side("s3", clock=now, access_key="AKID", secret_key="the-secret", **(made | changed))
    try:
        if opened:
            side.open()
        side.server = server
        yield side
    finally:
        side.close()
        server.shutdown()
        server.server_close()


def test_a_server_may_call_its_answer_about_versions_by_another_name():
    said = "<GetBucketVersioningResponse><Status>Enabled</Status></GetBucketVersioningResponse>"
    with scripted((200, {}, said), (200, {}, VERSIONS.format("")), opened=False) as side:
        side.open()
        assert list(side.kept()) == []
        assert "versions=" in side.server.asked[-1][1]


def test_an_answer_about_versions_that_does_not_speak_of_them_is_not_from_s3():
    with (
        scripted((200, {}, "<html>Sign in to the guest network</html>"), opened=False) as side,
        pytest.raises(Unavailable, match="is endpoint_url right"),
    ):
        side.open()


@pytest.mark.parametrize(
    "pages",
    [
        ["<html>Sign in to the guest network</html>"],
        [VERSIONS.format("<IsTruncated>true</IsTruncated><NextKeyMarker>p/a</NextKeyMarker>")] * 3,
    ],
    ids=["no list", "in circles"],
)
def test_a_list_of_versions_that_cannot_be_used_is_no_answer(pages):
    with scripted(VERSIONED, *((200, {}, page) for page in pages), opened=False) as side:
        side.open()
        with pytest.raises(Unavailable):
            list(side.kept())


def write(side):
    return side.write(Place("", "a"), io.BytesIO(b"123"), Meta(3, ""))


@pytest.mark.parametrize(
    ("status", "code", "kind", "hint"),
    [
        (403, "AccessDenied", Denied, "bucket policy"),
        (403, "InvalidAccessKeyId", Denied, "access key"),
        (403, "SignatureDoesNotMatch", Denied, "access key"),
        (400, "ExpiredToken", Denied, "access key"),
        (403, "RequestTimeTooSkewed", Denied, "clock"),
        (403, "InvalidObjectState", Denied, "restore"),
        (404, "NoSuchBucket", Missing, "bucket"),
        (400, "EntityTooLarge", Rejected, ""),
        (400, "KeyTooLongError", Rejected, ""),
        (400, "MetadataTooLarge", Rejected, ""),
        (501, "NotImplemented", Rejected, "cannot"),
        (400, "BadDigest", Unavailable, ""),
        (400, "XAmzContentSHA256Mismatch", Unavailable, ""),
        (400, "RequestTimeout", Unavailable, ""),
        (409, "ConditionalRequestConflict", Unavailable, ""),
        (409, "OperationAborted", Unavailable, ""),
        (503, "SlowDown", Unavailable, ""),
        (500, "InternalError", Unavailable, ""),
        (400, "AuthorizationHeaderMalformed", Denied, "set the bucket's region"),
    ],
)
def test_every_code_has_its_failure(status, code, kind, hint):
    with scripted((status, {}, error(code, "as\nthey say"))) as side, pytest.raises(kind) as caught:
        write(side)
    assert caught.value.side == "s3"
    assert caught.value.path == "a"
    assert hint in caught.value.hint
    assert f"{code} (as they say)" in caught.value.what


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Denied), (403, Denied), (400, Rejected), (404, Missing), (408, Unavailable), (502, Unavailable)],
)
def test_an_unknown_code_is_judged_by_its_status(status, kind):
    with scripted((status, {}, error("NeverHeardOf"))) as side, pytest.raises(kind):
        write(side)


def test_how_long_to_wait_is_passed_on():
    with (
        scripted((503, {"retry-after": "7"}, error("SlowDown"))) as side,
        pytest.raises(Unavailable) as caught,
    ):
        write(side)
    assert caught.value.retry_after == 7
    with scripted((429, {"retry-after": "tomorrow"}, "")) as side, pytest.raises(Unavailable) as caught:
        write(side)
    assert caught.value.retry_after is None


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_not_followed_but_explained(status):
    moved = {"location": "http://127.0.0.1:9/", "x-amz-bucket-region": "eu-west-1"}
    with scripted((status, moved, error("PermanentRedirect"))) as side, pytest.raises(Denied) as caught:
        write(side)
    assert caught.value.hint == "the bucket is in region eu-west-1; set 'region: eu-west-1'"


@pytest.mark.parametrize("status", [200, 404, 403, 502])
def test_a_page_that_is_not_s3_s_is_unavailable_and_no_answer(status):
    html = (status, {"content-type": "text/html"}, "<html><body>Sign in to the guest network</body></html>")
    with scripted(html, html, html) as side:
        with pytest.raises(Unavailable):
            write(side)
        with pytest.raises(Unavailable):
            list(side.list())
        with pytest.raises(Unavailable):
            side.open()


def test_an_error_after_a_200_is_an_error():
    with scripted((200, {}, error("InternalError"))) as side, pytest.raises(Unavailable):
        side.label(ENTRY._replace(md5="abc"), Meta(3, ""))


def test_a_condition_that_fails_after_a_200_is_stale():
    failed, head = (200, {}, error("PreconditionFailed")), (404, {}, "")
    with scripted(failed, head) as side, pytest.raises(Stale):
        side.label(ENTRY._replace(md5="abc"), Meta(3, ""))


def test_a_copy_is_conditional_on_both_ends():
    copied = "<CopyObjectResult><ETag>&quot;abc&quot;</ETag></CopyObjectResult>"
    with scripted((200, {}, copied), expected_owner="123456789012", storage_class="STANDARD_IA") as side:
        assert side.label(ENTRY._replace(md5="abc"), Meta(3, "")).stamp == "abc/3"
        method, path, headers = side.server.asked[-1]
    sent = {name.lower(): value for name, value in headers.items()}
    assert (method, path) == ("PUT", "/cases/p/a")
    assert sent["x-amz-copy-source"] == "/cases/p/a"
    assert sent["x-amz-copy-source-if-match"] == sent["if-match"] == '"abc"'
    assert sent["x-amz-expected-bucket-owner"] == "123456789012"
    assert sent["x-amz-storage-class"] == "STANDARD_IA"
    assert sent["x-amz-metadata-directive"] == sent["x-amz-tagging-directive"] == "REPLACE"


def test_what_may_not_be_seen_is_denied_and_not_absent():
    with scripted((403, {}, "")) as side, pytest.raises(Denied):
        side.stat(ENTRY)
    with scripted((503, {}, "")) as side, pytest.raises(Unavailable):
        side.stat(ENTRY)
    with scripted((404, {}, "")) as side:
        assert side.stat(ENTRY) is None


def test_a_body_that_ends_early_is_unavailable_while_it_is_read():
    with scripted((200, {"content-length": "3"}, "12")) as side:
        body = side.read(ENTRY)
        with pytest.raises(Unavailable), body:
            body.read()


def test_a_body_of_another_size_is_stale():
    with scripted((200, {}, "1234")) as side, pytest.raises(Stale):
        side.read(ENTRY)


def test_reading_what_may_not_be_read_is_denied():
    with scripted((403, {}, error("AccessDenied"))) as side, pytest.raises(Denied):
        side.read(ENTRY)


def test_a_connection_that_breaks_is_unavailable():
    with scripted() as side:
        side.server.shutdown()
        side.server.server_close()
        side._wire.close()
        for attempt in (lambda: write(side), lambda: side.read(ENTRY), lambda: side.stat(ENTRY)):
            with pytest.raises(Unavailable):
                attempt()


def test_a_bucket_that_will_not_say_whether_it_keeps_versions_gets_a_trash():
    denied = (403, {}, error("AccessDenied"))
    put = (200, {"etag": '"def"', "date": "Sun, 22 Nov 2026 21:40:00 GMT"}, "")
    copied = (200, {}, "<CopyObjectResult><ETag>abc</ETag></CopyObjectResult>")
    with scripted(denied, (200, {}, LISTING), copied, put, opened=False) as side:
        side.open()
        written = side.write(ENTRY, io.BytesIO(b"123"), Meta(3, ""))
        _, kept, _ = side.server.asked[-2]
    assert kept.startswith("/cases/p/.synctool/trash/2")
    assert kept.endswith("Z/a")
    assert written.mtime_ns == 1795383600 * 10**9


def test_where_objects_are_encrypted_with_kms_no_etag_is_taken_for_an_md5():
    put = (200, {"etag": f'"{"0" * 32}"'}, "")
    with scripted(put, encryption="aws:kms", kms_key_id="key") as side:
        assert write(side).md5 == ""
        sent = {name.lower(): value for name, value in side.server.asked[-1][2].items()}
    assert sent["x-amz-server-side-encryption-aws-kms-key-id"] == "key"


@pytest.mark.parametrize(("claim", "done"), [("", False), ("d" * 64, False), ("ours", True)])
def test_where_no_digest_can_be_had_only_the_writer_s_word_makes_a_write_done(claim, done):
    digest = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3"
    headers = {"etag": '"x-2"', "content-length": "3"}
    if claim:
        headers["x-amz-meta-sha256"] = digest if claim == "ours" else claim
    with scripted((412, {}, error("PreconditionFailed")), (200, headers, "")) as side:
        if done:
            assert side.write(Place("", "a"), io.BytesIO(b"123"), Meta(3, digest)).stamp == "x-2/3"
        else:
            with pytest.raises(Stale):
                side.write(Place("", "a"), io.BytesIO(b"123"), Meta(3, digest))


def test_a_listing_that_goes_in_circles_or_out_of_order_is_unavailable():
    more = LISTING.replace("false<", "true<").replace(
        "</List", "<NextContinuationToken>t</NextContinuationToken></List"
    )
    with scripted((200, {}, more), (200, {}, more)) as side, pytest.raises(Unavailable, match="circles"):
        list(side.list())
    one = "<Contents><Key>p/a</Key><LastModified>2026-11-22T21:40:00Z</LastModified><ETag>e</ETag><Size>1</Size></Contents>"
    twice = LISTING.replace("</List", one + one + "</List")
    with scripted((200, {}, twice)) as side, pytest.raises(Unavailable, match="out of order"):
        list(side.list())


def test_no_secret_stands_in_a_failure():
    for reply in [(403, {}, error("SignatureDoesNotMatch")), (500, {}, "junk"), (301, {}, "")]:
        with scripted(reply) as side, pytest.raises((Denied, Unavailable)) as caught:
            write(side)
        assert "the-secret" not in str(caught.value)
        assert "Signature=" not in str(caught.value)


# Where the keys come from.


@pytest.fixture
def no_credentials(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path


def test_without_credentials_it_is_said_what_to_do(no_credentials):
    with pytest.raises(Denied, match="set AWS_PROFILE"):
        ordinary("s3", "us-east-1", None)


def test_a_profile_that_is_not_there_is_denied(no_credentials, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(Denied, match="ProfileNotFound"):
        ordinary("s3", "us-east-1", None)


def test_the_keys_of_a_profile_sign(no_credentials, monkeypatch):
    (no_credentials / "credentials").write_text(
        "[firm]\naws_access_key_id = AKID\naws_secret_access_key = s\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "firm")
    assert ordinary("s3", "us-east-1", None)() == Keys("AKID", "s")


def test_a_role_is_assumed(no_credentials, monkeypatch):
    with mock_aws():
        keys = ordinary("s3", "us-east-1", "arn:aws:iam::123456789012:role/synctool")()
    assert keys.access.startswith("ASIA")
    assert keys.token


def test_a_role_is_assumed_with_keys_of_its_own(no_credentials):
    with mock_aws():
        role = "arn:aws:iam::123456789012:role/synctool"
        keys = ordinary("s3", "us-east-1", role, ("AKID", "s"))()
    assert keys.access.startswith("ASIA")


def test_keys_of_its_own_go_before_the_chain(no_credentials):
    assert ordinary("s3", "us-east-1", None, ("AKID", "s"))() == Keys("AKID", "s")


def test_a_role_that_cannot_be_had_is_denied(no_credentials, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(Denied, match="EndpointConnectionError"):
        ordinary("s3", "us-east-1", "arn:aws:iam::123456789012:role/synctool")()


def test_the_ordinary_chain_serves_a_side_without_keys_of_its_own(no_credentials):
    side = S3Side("s3", bucket="b", prefix="", clock=now)
    with pytest.raises(Denied, match="no AWS credentials"):
        side.open()


DONE = (200, {"x-amz-version-id": "v1"}, "")
GONE = (204, {"x-amz-version-id": "v2"}, "")
NO = (403, {}, error("AccessDenied"))
WRITTEN = [DONE, DONE, DONE, DONE, GONE, GONE, GONE]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (WRITTEN, []),
        ([NO, NO], ["s3:PutObject"]),
        ([NO, *WRITTEN], ["s3:PutObjectTagging"]),
        (
            [DONE, NO, NO, NO, NO, GONE],
            ["s3:GetObject, s3:GetObjectTagging, s3:GetObjectVersion, s3:DeleteObject"],
        ),
        ([*WRITTEN[:-2], NO, NO], ["an empty version of .synctool/trial stays"]),
    ],
)
def test_each_action_that_is_refused_is_told_and_what_was_written_is_taken_away(script, told):
    with scripted(VERSIONED, *script, opened=False) as side:
        side.open()
        _, *tried = side.remarks()
        assert side.server.script == []
        deletes = [path for method, path, _ in side.server.asked if method == "DELETE"]
    said = " ".join(remark.text for remark in tried if remark.warn or "stays" in remark.text)
    assert [word for word in told if word not in said] == []
    assert any(remark.warn for remark in tried) == ("s3:" in "".join(told))
    assert {remark.code for remark in tried if remark.warn} <= {5}
    assert bool(deletes) == (script != [NO, NO])


def test_a_server_that_fails_in_the_middle_is_told_and_the_trial_is_taken_away():
    with scripted(VERSIONED, DONE, (500, {}, error("InternalError")), GONE, GONE, GONE, opened=False) as side:
        side.open()
        with pytest.raises(Unavailable):
            list(side.remarks())
        assert [method for method, *_ in side.server.asked][-3:] == ["DELETE"] * 3


def test_where_a_key_of_kms_encrypts_its_rights_are_told_too():
    with scripted(VERSIONED, NO, NO, encryption="aws:kms", kms_key_id="k", opened=False) as side:
        side.open()
        assert "kms:GenerateDataKey" in list(side.remarks())[-1].text
