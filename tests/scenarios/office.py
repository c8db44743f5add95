"""Stands up a law firm's office: a case in Filevine, a bucket and a drive, people who work in them, and its profile."""

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from synctool.config import load
from synctool.engine import cycle
from synctool.engine.clock import SYSTEM
from synctool.engine.tools import Ask, Tools
from synctool.sides.base import PLACEHOLDER, RESERVED
from tests.conformance.makers.filevine import Colleague

VERSIONED, PLAIN = "firm-cases", "plain-cases"
HOUR = 3600 * 10**9
MAIN = "from synctool.entry.cli import main; raise SystemExit(main())"


class Bucket:
    """A person, or another program, at the bucket; by common paths."""

    def __init__(self, client, bucket, prefix):
        self.client, self.bucket, self.prefix = client, bucket, prefix

    def key(self, path):
        return self.prefix + (path + PLACEHOLDER if path.endswith("/") else path)

    def keys(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", ())]

    def get(self, key):
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def put(self, path, data=b"", **more):
        self.client.put_object(Bucket=self.bucket, Key=self.key(path), Body=data, **more)

    def delete(self, path):
        inside = path.endswith("/") and [k for k in self.keys() if k.startswith(self.prefix + path)]
        for key in inside or [self.key(path)]:
            self.client.delete_object(Bucket=self.bucket, Key=key)

    def rename(self, old, new):
        pairs = [(self.key(old), self.key(new))]
        if old.endswith("/"):
            start = self.prefix + old
            pairs = [
                (k, self.prefix + new + k.removeprefix(start)) for k in self.keys() if k.startswith(start)
            ]
        for was, now in pairs:
            source = {"Bucket": self.bucket, "Key": was}
            self.client.copy_object(Bucket=self.bucket, Key=now, CopySource=source)
            self.client.delete_object(Bucket=self.bucket, Key=was)

    def tree(self):
        found = {key.removeprefix(self.prefix): key for key in self.keys()}
        return {
            path.removesuffix(PLACEHOLDER): self.get(key)
            for path, key in found.items()
            if not path.startswith(f"{RESERVED}/")
        }

    def kept(self):
        """The bytes of every former version, and of everything in the trash."""
        found = {self.get(k) for k in self.keys() if k.startswith(f"{self.prefix}{RESERVED}/trash/")}
        if self.bucket == VERSIONED:
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for each in (v for page in pages for v in page.get("Versions", ())):
                where = {"Bucket": self.bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
                found.add(self.client.get_object(**where)["Body"].read())
        return found

    def metadata(self, path):
        return self.client.head_object(Bucket=self.bucket, Key=self.key(path))["Metadata"]

    def tags(self, path):
        said = self.client.get_object_tagging(Bucket=self.bucket, Key=self.key(path))
        return {each["Key"]: each["Value"] for each in said["TagSet"]}


class Drive:
    """A person at the share."""

    def __init__(self, root):
        self.root = root

    def put(self, path, data=b""):
        place = self.root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def delete(self, path):
        place = self.root / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    def rename(self, old, new):
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        (self.root / old).rename(self.root / new)

    def touch(self, path):
        (self.root / path).touch()

    def link(self, path, to):
        (self.root / path).symlink_to(self.root / to)

    def leave(self):
        self.root.rename(self.root.with_name("away"))

    def come_back(self):
        self.root.with_name("away").rename(self.root)

    def age(self):
        """Let an hour pass since everything was saved."""
        for place in filter(Path.is_file, self.root.rglob("*")):
            saved = place.stat().st_mtime_ns - HOUR
            os.utime(place, ns=(saved, saved))

    def tree(self):
        found = {}
        for place in self.root.rglob("*"):
            path = place.relative_to(self.root).as_posix()
            if path.split("/")[0] != RESERVED:
                found |= {path: place.read_bytes()} if place.is_file() else {f"{path}/": b""}
        return found

    def kept(self):
        return {each.read_bytes() for each in (self.root / RESERVED / "trash").rglob("*") if each.is_file()}


class Office:
    """One case on three real sides. ``case`` is the profile's document; change it with ``says``."""

    def __init__(self, folder, fv, weed, client, *, bucket=VERSIONED):
        self.fv, self.weed, self.folder = fv, weed, folder
        self.project = fv.colleague.add_project("Smith v Jones")
        self.filevine = Colleague(fv, self.project)
        self.s3 = Bucket(client, bucket, f"cases/{self.project}/")
        self.zdrive = Drive(folder / "Z")
        self.zdrive.root.mkdir(parents=True)
        self.state = folder / "state"
        self.away, self.secrets = set(), []
        self.people = {"filevine": self.filevine, "s3": self.s3, "zdrive": self.zdrive}
        known = fv.credentials
        self.environ = {
            "FILEVINE_CLIENT_ID": known.client_id,
            "FILEVINE_CLIENT_SECRET": known.client_secret,
            "FILEVINE_PAT": known.pat,
            "FILEVINE_KEY": known.api_key,
            "FILEVINE_KEY_SECRET": known.api_secret,
            "AWS_ACCESS_KEY_ID": weed.access_key,
            "AWS_SECRET_ACCESS_KEY": weed.secret_key,
        }
        self.case = {
            "version": 1,
            "project": self.project,
            "watch": {"settle_seconds": 0},
            "sides": {
                "filevine": {
                    "kind": "filevine",
                    "api_url": fv.url,
                    "identity_url": fv.url,
                    "auth": {
                        "mode": "token",
                        "client_id": "${FILEVINE_CLIENT_ID}",
                        "client_secret": "${FILEVINE_CLIENT_SECRET}",
                        "token": "${FILEVINE_PAT}",
                    },
                    "requests_per_second": 1000,
                },
                "s3": {
                    "kind": "s3",
                    "bucket": bucket,
                    "prefix": "cases/{project}/",
                    "region": "us-east-1",
                    "endpoint_url": weed.endpoint,
                },
                "zdrive": {"kind": "drive", "root": str(self.zdrive.root)},
            },
        }

    def says(self, **changes):
        """Change the profile; ``sides`` is merged side by side."""
        changes = copy.deepcopy(changes)
        for side, more in changes.pop("sides", {}).items():
            self.case["sides"][side] |= more
        self.case |= changes

    @property
    def file(self):
        file = self.folder / "profiles" / f"case-{self.project}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(self.case, sort_keys=False), encoding="utf-8")
        return file

    @property
    def profile(self):
        return load(self.file, environ=self.environ)

    def plan(self, **ask):
        return cycle.plan(self.profile, Ask(**ask), Tools(self.state)).plan

    def run(self, confirm=cycle.always, clock=SYSTEM, **ask):
        return cycle.apply(self.profile, Ask(**ask), Tools(self.state, clock), confirm=confirm)

    def done(self, **ask):
        """One run, which must end well."""
        outcome = self.run(**ask)
        assert outcome.exit_code == 0, (
            outcome.failed,
            outcome.planned.plan.brakes,
            outcome.planned.plan.unknown,
        )
        return outcome

    def command(self, *args):
        """``synctool`` as people start it: exit code, stdout, stderr."""
        words = (sys.executable, "-c", MAIN, *args)
        known = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "FILEVINE_", "SYNCTOOL_"))}
        ended = subprocess.run(
            words,
            cwd=Path(__file__).parents[2],
            env=known | self.environ | {"SYNCTOOL_STATE": str(self.state)},
            capture_output=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return ended.returncode, ended.stdout.decode(), ended.stderr.decode()

    def trees(self):
        return {name: person.tree() for name, person in self.people.items()}

    def settled(self):
        """What all sides hold; they hold the same, and another plan is empty."""
        trees = self.trees()
        assert trees["s3"] == trees["filevine"], trees
        assert trees["zdrive"] == trees["filevine"], trees
        plan = self.plan()
        assert not plan.steps, plan.steps
        return trees["filevine"]
