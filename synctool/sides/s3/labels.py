"""Says what is kept beside the bytes of an object: metadata and tags, as request headers."""

import mimetypes
import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import quote, urlencode

from synctool.core.model import Meta

LIMIT = 2048  # bytes of metadata, names included, that S3 takes
TAG_LIMIT = 256  # characters of a tag's value
DIGEST = "x-amz-meta-sha256"
COPIED = "x-amz-meta-copied"
"""The former ETag of an object copied where the ETag does not survive: proof that a repeated copy is already there."""

_TYPES = mimetypes.MimeTypes()  # the built-in table, the same on every computer


def labels(meta: Meta, name: str) -> dict[str, str]:
    """The headers with content type, metadata and tags of one document called name.

    mtime is seconds since the epoch, as rclone writes and reads it. Ids are percent-encoded UTF-8. What is over
    LIMIT is left out, folderPath first.
    """
    kept = {
        DIGEST: meta.sha256,
        "x-amz-meta-mtime": format(Decimal(meta.mtime_ns).scaleb(-9).normalize(), "f")
        if meta.mtime_ns
        else "",
    }
    if meta.ids:
        ids = {"documentId": meta.ids.document, "projectId": meta.ids.project, "folderId": meta.ids.folder}
        kept |= {f"x-amz-meta-{name}": quote(value, safe="") for name, value in ids.items()}
        kept["x-amz-meta-folderPath"] = quote(meta.ids.folder_path.strip("/"), safe="/")
    kept = {name: value for name, value in kept.items() if value}
    while sum(len(name) + len(value) for name, value in kept.items()) > LIMIT:
        kept.popitem()
    kind, encoding = _TYPES.guess_type(name)
    if kind and not encoding:
        kept["content-type"] = kind
    return kept | tagging(_tags(meta))


def tagging(tags: Mapping[str, str]) -> dict[str, str]:
    """The header that sets these tags."""
    return {"x-amz-tagging": urlencode(tags, quote_via=quote, safe="")} if tags else {}


def _tags(meta: Meta) -> dict[str, str]:
    tags = {"origin": meta.origin}
    if meta.ids:
        tags |= {"fv_docid": meta.ids.document, "projectId": meta.ids.project}
    # Letters, digits, spaces and + - = . _ : / @ are what S3 allows in a tag.
    return {name: re.sub(r"[^\w +\-=.:/@]", "_", value)[:TAG_LIMIT] for name, value in tags.items() if value}
