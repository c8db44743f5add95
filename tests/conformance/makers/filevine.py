"""Makes a Filevine side on an emulator that, unlike its default, lets a folder hold a name only once."""

import time
from contextlib import contextmanager
from pathlib import PurePosixPath

import pytest

from synctool.emulators.filevine import FilevineEmulator
from synctool.sides.filevine.auth import TokenSignIn
from synctool.sides.filevine.client import FilevineClient
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.side import FilevineSide
from synctool.sides.filevine.tree import TRASH
from tests.conformance.rig import Rig

WAIVED = {
    "test_reading_a_changed_document_is_stale": "a read is two requests, neither of which tells versions of one size apart",
}


def side_of(fv, project):
    known = fv.credentials
    sign_in = TokenSignIn(
        identity_url=fv.url, client_id=known.client_id, client_secret=known.client_secret, token=known.pat
    )
    client = FilevineClient(
        api_url=fv.url,
        sign_in=sign_in,
        pacer=Pacer(),
        requests_per_second=1e6,
        sleep=lambda seconds: time.sleep(seconds / 1000),
    )
    return FilevineSide("filevine", client=client, project=project, clock=time.time_ns)


class Colleague:
    """A person at the browser, by common paths."""

    def __init__(self, fv, project):
        self.door = fv.colleague
        self.project = project

    def document(self, path):
        return next((leaf.id for leaf in self.door.tree(self.project) if leaf.path == path), None)

    def folder(self, path):
        return self.door.folders(self.project)[path.rstrip("/")]

    def put(self, path, data):
        if path.endswith("/"):
            self.door.add_folder(self.project, path.rstrip("/"))
        elif document := self.document(path):
            self.door.revise(document, data)
        else:
            self.door.upload(self.project, path, data)

    def delete(self, path):
        if path.endswith("/"):
            self.door.delete_folder(self.folder(path))
        else:
            self.door.delete(self.document(path))

    def rename(self, old, new):
        above, _, name = new.rstrip("/").rpartition("/")
        parent = self.folder(above) if above else self.door.root(self.project)
        if old.endswith("/"):
            self.door.move_folder(self.folder(old), parent)
            self.door.rename_folder(self.folder(f"{above}/{old.split('/')[-2]}".strip("/")), name)
        else:
            document = self.document(old)
            self.door.move(document, parent)
            self.door.rename(document, name)

    def touch(self, path):
        document = self.document(path)
        self.door.revise(document, self.door.versions(document)[-1])

    def tree(self):
        found = {f"{path}/": b"" for path in self.door.folders(self.project)}
        found |= {leaf.path: leaf.bytes for leaf in self.door.tree(self.project)}
        return {path: data for path, data in found.items() if not path.startswith(f"{TRASH}/")}

    def kept(self):
        leaves = self.door.tree(self.project)
        trash = {leaf.bytes for leaf in leaves if leaf.path.startswith(f"{TRASH}/")}
        return trash.union(*(self.door.versions(leaf.id)[:-1] for leaf in leaves))


def spelling(name):
    """An extension stays as it was, and here they all begin in lower case."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) + suffix.lower()


@contextmanager
def make(request):
    if reason := WAIVED.get(request.function.__name__):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    with FilevineEmulator(requests_per_minute=None, duplicates="reject") as fv:
        project = fv.colleague.add_project("Smith v Jones")
        colleague = Colleague(fv, project)
        yield Rig(
            side=side_of(fv, project),
            put=colleague.put,
            delete=colleague.delete,
            rename=colleague.rename,
            touch=colleague.touch,
            tree=colleague.tree,
            kept=colleague.kept,
            lost=side_of(fv, project + 1),
            spelling=spelling,
            ignores_case=True,
            tells_replaced=False,
            mtime_step_ns=None,
            streams=False,  # the emulator shares the process; tests/sides/filevine measures the side alone
        )


MAKERS = {"filevine": make}
