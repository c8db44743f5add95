"""Makes sides in buckets of a real SeaweedFS, with versions and without."""

import itertools
import time
from contextlib import contextmanager
from functools import partial

from synctool.core.model import Entry
from synctool.sides.s3 import S3Side
from tests.conformance.rig import Rig

numbers = itertools.count()


class AsListed:
    """A side that tells of an entry what a listing tells: S3 knows digest and version too, but only sometimes.

    The time of a write is the server's when it answered, which may be a second after the one it lists.
    """

    def __init__(self, side):
        self._side = side

    def __getattr__(self, name):
        found = getattr(self._side, name)
        return partial(self._plain, found) if callable(found) else found

    def _plain(self, method, *args, **kwargs):
        told = method(*args, **kwargs)
        if method.__name__ == "list":
            return (each._replace(mtime_ns=0) for each in told)
        return told._replace(sha256="", version="", mtime_ns=0) if isinstance(told, Entry) else told


class BackDoor:
    """What other people do in the bucket."""

    def __init__(self, client, bucket, prefix):
        self.client, self.bucket, self.prefix = client, bucket, prefix

    def at(self, path):
        return {"Bucket": self.bucket, "Key": self.prefix + path}

    def put(self, path, data):
        parts = path.split("/")
        for n in range(1, len(parts)):
            self.client.put_object(**self.at("/".join(parts[:n]) + "/.placeholder"), Body=b"")
        if not path.endswith("/"):
            self.client.put_object(**self.at(path), Body=data)

    def keys(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return [each["Key"].removeprefix(self.prefix) for page in pages for each in page.get("Contents", [])]

    def read(self, path, **version):
        return self.client.get_object(**self.at(path), **version)["Body"].read()

    def delete(self, path):
        for key in self.keys():
            if key == path or (path.endswith("/") and key.startswith(path)):
                self.client.delete_object(**self.at(key))

    def rename(self, old, new):
        data = self.read(old)
        self.delete(old)
        self.put(new, data)

    def touch(self, path):
        self.put(path, self.read(path))

    def tree(self):
        tree = {}
        for key in self.keys():
            if key.startswith(".synctool/"):
                continue
            folders = key.split("/")[:-1]
            tree |= {"/".join(folders[: n + 1]) + "/": b"" for n in range(len(folders))}
            if not key.endswith("/.placeholder"):
                tree[key] = self.read(key)
        return tree

    def kept(self):
        trash = {self.read(key) for key in self.keys() if key.startswith(".synctool/trash/")}
        listed = self.client.list_object_versions(Bucket=self.bucket, Prefix=self.prefix)
        return trash | {
            self.read(each["Key"].removeprefix(self.prefix), VersionId=each["VersionId"])
            for each in listed.get("Versions", [])
            if each["VersionId"] != "null"
        }


@contextmanager
def make(bucket, request):
    server = request.getfixturevalue("seaweedfs")
    keys = {"access_key": server.access_key, "secret_key": server.secret_key}
    place = {"prefix": f"conformance/{next(numbers)}", "endpoint_url": server.endpoint, "clock": time.time}
    back = BackDoor(server.client(), bucket, place["prefix"] + "/")
    yield Rig(
        side=AsListed(S3Side("s3", bucket=bucket, **place, **keys)),
        put=back.put,
        delete=back.delete,
        rename=back.rename,
        touch=back.touch,
        tree=back.tree,
        kept=back.kept,
        lost=S3Side("s3", bucket="nowhere", **place, **keys),
        mtime_step_ns=None,
    )


MAKERS = {"s3-plain": partial(make, "plain"), "s3-versioned": partial(make, "versioned")}
