"""Our signature is the one botocore makes, for any request."""

from datetime import UTC, datetime
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st

from synctool.sides.s3.sigv4 import Keys, Request, encode, sign
from synctool.sides.s3.wire import Where

text = st.text(st.characters(codec="utf-8"), max_size=20)
visible = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20)
AT = 1_800_000_000.0


@settings(max_examples=200, deadline=None)
@given(
    method=st.sampled_from(["GET", "PUT", "HEAD", "DELETE", "POST"]),
    key=text,
    query=st.dictionaries(st.sampled_from(["prefix", "list-type", "uploads", "X-y", "ab"]), text, max_size=4),
    headers=st.dictionaries(
        st.sampled_from(["x-amz-meta-documentId", "if-match", "content-type", "x-amz-tagging"]), visible
    ),
    token=st.sampled_from(["", "FwoGZXIvYXdzEBYaD//session+token=="]),
)
def test_a_request_is_signed_as_botocore_signs_it(method, key, query, headers, token):
    path = "/bucket/" + quote(key, safe="/")
    url = f"https://s3.example.org{path}" + (f"?{encode(query)}" if query else "")
    theirs = AWSRequest(method, url, headers={"x-amz-content-sha256": "0" * 64, **headers})
    with freeze_time(datetime.fromtimestamp(AT, UTC)):
        signer = S3SigV4Auth(Credentials("AKIDEXAMPLE", "secret", token or None), "s3", "eu-west-1")
        signer.payload = lambda request: "0" * 64
        signer.add_auth(theirs)
    request = Request(method, path, query, {"host": "s3.example.org", **headers}, "0" * 64)
    ours = sign(request, Keys("AKIDEXAMPLE", "secret", token), "eu-west-1", AT)
    assert ours["authorization"] == theirs.headers["Authorization"]


def test_aws_is_addressed_by_virtual_host_save_for_a_bucket_with_dots():
    where = Where("s3", "firm-cases", "", "eu-west-1")
    assert where.base() == ("https://firm-cases.s3.eu-west-1.amazonaws.com", "")
    dotted = where._replace(bucket="firm.cases")
    assert dotted.base() == ("https://s3.eu-west-1.amazonaws.com", "/firm.cases")
    china = where._replace(region="cn-north-1")
    assert china.base() == ("https://firm-cases.s3.cn-north-1.amazonaws.com.cn", "")


def test_a_server_of_ones_own_is_addressed_by_path():
    where = Where("s3", "cases", "", "us-east-1", "http://nas.example.org:8333/s3/")
    assert where.base() == ("http://nas.example.org:8333", "/s3/cases")
