"""Lets servers say our secrets back to us, and looks for them in all that the commands show and leave."""

import json

import pytest

from tests.reliability.liar import between, page
from tests.reliability.tally import tried
from tests.scenarios.test_bad_input import Hurried

SIGNED = "https://storage.example/a/x?sig=PLANTED-SECRET-0123456789"


def echo(liar, status, kind):
    """Everything a request held, said back wherever an answer has room for words."""

    def answer():
        heads = liar.heard[-1].head.decode("latin-1").splitlines()
        said = " ".join(
            [SIGNED, *(line for line in heads if line.lower().startswith(("authorization", "x-fv")))]
        )
        if kind == "xml":
            code = "AccessDenied" if status.startswith("403") else "A1" * 30
            body = f"<Error><Code>{code}</Code><Message>no: {said}</Message></Error>"
        elif kind == "json":
            body = json.dumps({"message": f"no: {said}"})
        else:
            body = "<html>"
        where = f"x-amz-bucket-region: {SIGNED}\r\n".encode()
        yield page(
            body.encode(), status=status, kind=kind if kind in ("xml", "json") else said, headers=where
        )

    return answer


CASES = [
    ("filevine", "403 Forbidden", "json"),
    ("filevine", "200 OK", "web"),
    ("s3", "403 Forbidden", "xml"),
    ("s3", "301 Moved Permanently", "xml"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("side", "status", "kind"), CASES)
def test_a_secret_that_a_server_says_back_is_shown_and_written_nowhere(office, side, status, kind):
    office.zdrive.put("a.txt", b"a")
    server = {"filevine": office.fv.url, "s3": office.weed.endpoint}[side]
    with between(server) as liar:
        urls = ("api_url",) if side == "filevine" else ("endpoint_url",)
        office.says(sides={side: dict.fromkeys(urls, liar.url)})
        word = {"filevine": "/Folders/list", "s3": "list-type=2"}[side]
        liar.lies = [(word, echo(liar, status, kind))]
        acts = [("--log-format", "json", "apply", "--yes", "--json"), ("status",), ("log",)]
        shown = ""
        if kind == "web":  # is asked for again, with waits that a command would really take
            shown = repr(office.run(clock=Hurried()))
            del acts[0]
        for words in acts:
            code, out, err = office.command(*words, str(office.file))
            assert "Traceback" not in out + err
            shown += out + err
            assert code == 5 or "apply" not in words, shown
        written = shown.encode()
        for file in office.folder.rglob("*"):
            written += file.read_bytes() if file.is_file() else b""
        sent = [line for line in liar.sent().split(b"\r\n") if line.lower().startswith(b"authorization: ")]
        assert sent
        secrets = [b"PLANTED-SECRET", b"A1" * 15]
        secrets += [line.replace(b"=", b" ").split()[-1] for line in sent]
        assert not [secret for secret in secrets if secret in written], shown
        if status.startswith("403"):
            assert "(no: " in shown, shown
    tried("hostile", "a secret that a server says back")
