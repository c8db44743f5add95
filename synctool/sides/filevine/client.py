"""Calls Filevine's API (version 2): one method for each call that synctool needs, values in and out.

Facts: the vendor's API description. Every method raises Unavailable, Denied, Missing, Stale, InUse or Rejected.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from synctool.errors import Denied, InUse, Missing, Rejected, Stale, Unavailable
from synctool.sides.filevine import records
from synctool.sides.filevine.account import Grant, Session
from synctool.sides.filevine.auth import SignIn
from synctool.sides.filevine.calls import MEANING, PAGE, Call, Caller
from synctool.sides.filevine.pacing import Pacer
from synctool.sides.filevine.records import Document, Folder, Locator, Upload
from synctool.sides.filevine.storage import Storage
from synctool.sides.filevine.wire import Wire

T = TypeVar("T")
BASE_PATH = "/fv-app/v2"
COMMITS = 3  # tries of the one call that must not be repeated blindly


class DocumentPage(NamedTuple):
    """A page of documents, by ascending number, and the number of the last; whether more follow."""

    text: bytes
    documents: list[Document]
    last: int
    more: bool


class FilevineClient:
    """One account of one organisation, safe to use from several threads.

    pacer is shared by every client of the run, and session, when given, by those of the same account; clock and sleep count seconds; chance is a number from 0 to 1.
    """

    def __init__(  # noqa: PLR0913
        self,
        *,
        api_url: str,
        sign_in: SignIn,
        pacer: Pacer,
        session: Session | None = None,
        base_path: str = BASE_PATH,
        requests_per_second: float = 4.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        api = api_url.rstrip("/") + base_path.rstrip("/")
        self._wire = Wire(sleep=sleep, chance=chance)
        self._session = session or Session(clock)

        def renew(former: Grant | None) -> Grant:
            return sign_in(self._wire, api, former)

        self._calls = Caller(api, self._wire, partial(self._session.grant, renew), pacer, requests_per_second)
        self.storage = Storage(self._wire, api)

    def close(self) -> None:
        """Let go of the connections. May be called twice."""
        self._wire.close()

    def call(self, call: Call) -> Any:
        """The answer to any other call, as JSON with lower-case keys; None for an empty one."""
        return self._calls.call(call)

    def read(self, parse: Callable[[Any], T], call: Call) -> T:
        """The answer to any other call as a value. Raises Unavailable when it is not what was due."""
        return self._calls.read(parse, call)

    def root(self, project: int) -> int | None:
        """The root folder of a project, when it says. Raises Missing or Denied when there is no such project for us."""
        found = self._calls.read(records.parse_root, Call("GET", f"/Projects/{project}"))
        if found is not None:
            self._session.roots[project] = found
        return found

    def known_root(self, project: int) -> int | None:
        """The root folder of a project, if this account was told it before."""
        return self._session.roots.get(project)

    def documents(self, project: int, folder: int | None = None) -> Iterator[Document]:
        """Every document of a project, or of a folder, by ascending number, a page at a time."""
        last, more = 0, True
        while more:
            page = self.page(project, last, folder)
            yield from page.documents
            last, more = page.last, page.more

    def page(
        self,
        project: int,
        last: int,
        folder: int | None = None,
        known: Callable[[bytes], int | None] = lambda _: None,
    ) -> DocumentPage:
        """The documents of a project, or of a folder, that come after a number, as many as the list answers at once.

        known: the number of the last document on a page that another follows, by its text, if that need not be read.
        """
        query = {
            "projectId": project,
            **({"folderId": folder} if folder else {}),
            "lastId": last,
            "limit": PAGE,
        }
        call = Call("GET", "/DocumentSeries", query)
        answer = self._calls.answer(call, known)
        if end := known(answer.text):
            return DocumentPage(answer.text, [], end, more=True)
        page, more = self._calls.items(records.parse_document, call, answer)
        _check(page, project)
        fresh = {document.id: document for document in page if document.id > last}
        if more and not fresh:
            raise Unavailable("the list of documents does not go on, though it is not at its end")
        found = [fresh[number] for number in sorted(fresh)]
        return DocumentPage(answer.text, found, found[-1].id if found else last, more)

    def document(self, project: int, number: int) -> Document | None:
        """One document as the list has it now; None: the project has no such document.

        The list is the only proof: asked for the document itself, the API says 403 whether it is gone or forbidden.
        """
        query = {"projectId": project, "lastId": number - 1, "limit": 1}
        page, _ = self._calls.page(records.parse_document, Call("GET", "/DocumentSeries", query))
        _check(page, project)
        return next((document for document in page if document.id == number), None)

    def folders(self, project: int) -> dict[int, Folder]:
        """Every folder the list names, archived ones too; it may omit some, and never has the root."""
        found = self._folders("/Folders/list", {"projectId": project, "includeArchivedFolders": "true"})
        _check(found.values(), project)
        return found

    def children(self, folder: int) -> dict[int, Folder]:
        """The folders right in a folder. Raises Missing when it is gone."""
        return self._folders(f"/Folders/{folder}/children", {})

    def folder(self, number: int) -> Folder:
        """One folder. Raises Missing when it is gone, Denied when we may not see it."""
        return self._calls.read(records.parse_folder, Call("GET", f"/Folders/{number}"))

    def holds_documents(self, project: int, folder: int) -> bool:
        """Whether any document lies right in a folder (or below it, should the server look there too)."""
        query = {"projectId": project, "folderId": folder, "limit": 1}
        page, _ = self._calls.page(records.parse_document, Call("GET", "/DocumentSeries", query))
        return bool(page)

    def make_folder(self, project: int, parent: int, name: str) -> Folder:
        """Create a folder; a lost answer is not asked for again. Raises Stale when the name is taken."""
        body = {"Name": name, "ProjectId": {"Native": project}, "ParentId": {"Native": parent}}
        return self._calls.read(records.parse_folder, Call("POST", "/Folders", body=body, tries=1))

    def change_folder(self, project: int, wanted: Folder) -> Folder:
        """Rename and/or move a folder. Raises Stale when the name is taken."""
        body = {
            "Name": wanted.name,
            "ProjectId": {"Native": project},
            "ParentId": {"Native": wanted.parent},
            "IsArchived": wanted.archived,
        }
        answer = self.call(Call("PATCH", f"/Folders/{wanted.id}", body=body))
        try:
            return records.parse_folder(answer)
        except (KeyError, TypeError, ValueError, AttributeError):  # what it answers is not documented
            return self.folder(wanted.id)

    def create(self, project: int, folder: int | None, name: str, size: int, key: str = "") -> Upload:
        """Announce a document, pending and invisible until committed; key becomes its partner id.

        Raises Rejected or Stale when the server does not take it, also for a key that is in use.
        """
        body: dict[str, object] = {"Filename": name, "Size": size, "ProjectId": {"Native": project}}
        if folder:
            body["FolderId"] = {"Native": folder}
        if key:
            body["DocumentId"] = {"Partner": key}
        meaning = {**MEANING, 404: Stale, 422: Stale}  # the folder is gone
        return self._calls.read(records.parse_upload, Call("POST", "/Documents", body=body, meaning=meaning))

    def commit(self, project: int, document: int, folder: int | None) -> Document:
        """Make a pending document visible; after a lost answer only when the list does not have it yet."""
        query = {"folderId": folder} if folder else None
        path, meaning = (
            f"/Projects/{project}/Documents/{document}",
            {**MEANING, 400: Stale},
        )  # the name is taken
        call = Call("POST", path, query, {}, tries=1, meaning=meaning)

        def attempt() -> Document:
            try:
                return self._calls.read(records.parse_document, call)
            except Unavailable as lost:
                done = self.document(project, document)
                if done is None:
                    raise lost from None
                return done

        return self._wire.persist(attempt, COMMITS)

    def revise(self, original: int, revision: int) -> Document:
        """Make a pending document the new version of another.

        Raises Missing when either is gone: after a lost answer that means, probably, that it is done.
        """
        path, body = f"/Documents/{original}/Revisions", {"Native": revision}
        meaning = {**MEANING, 409: Unavailable}  # another revision is being applied
        return self._calls.read(records.parse_document, Call("POST", path, body=body, meaning=meaning))

    def lock(self, document: int) -> None:
        """Tell people that we work on a document. Raises InUse when one of them does."""
        self.call(Call("POST", f"/Documents/{document}/lock", meaning={**MEANING, 409: InUse}))

    def unlock(self, document: int) -> None:
        """Tell people that we are done."""
        self.call(Call("POST", f"/Documents/{document}/unlock"))

    def change_document(self, document: int, changes: Mapping[str, object]) -> Document:
        """Rename (``Filename``) and/or move (``FolderId``). Raises Stale when the name is taken."""
        meaning = {**MEANING, 400: Stale}
        call = Call("PATCH", f"/Documents/{document}", body=changes, meaning=meaning)
        return self._calls.read(records.parse_document, call)

    def delete_document(self, document: int) -> None:
        """Delete a document; only a person can bring it back. Raises Denied also when it is gone."""
        self.call(Call("DELETE", f"/Documents/{document}"))

    def locator(self, document: int) -> Locator:
        """Where the bytes of a document are, for an hour."""
        return self._calls.read(records.parse_locator, Call("GET", f"/Documents/{document}/locator"))

    def partner(self, key: str) -> int | None:
        """The number of the document, pending or not, that has a partner id; None when none has."""
        meaning = {**MEANING, 401: Unavailable}  # which says nothing about the id
        try:
            call = Call("GET", _partner_path(key), meaning=meaning)
            return self._calls.read(records.parse_identifier, call)
        except (Missing, Denied, Rejected):
            return None

    def free(self, key: str) -> None:
        """Take a partner id from the document that has it; where none has, as after a lost answer, nothing happens."""
        with suppress(Missing, Denied, Rejected):
            self.call(Call("DELETE", _partner_path(key)))

    def _folders(self, path: str, query: Mapping[str, object]) -> dict[int, Folder]:
        found: dict[int, Folder] = {}
        offset, more = 0, True
        while more:
            asked = {**query, "limit": PAGE, "offset": offset}
            page, more = self._calls.page(records.parse_folder, Call("GET", path, asked))
            fresh = {folder.id: folder for folder in page if folder.id not in found}
            if more and not fresh:
                raise Unavailable("the list of folders does not go on, though it is not at its end")
            found |= fresh
            offset += len(page)
        return found


def _check(found: Iterable[Document | Folder], project: int) -> None:
    """Raises Unavailable when a list has anything of another case: nothing of it may come in here."""
    if any(each.project not in (None, project) for each in found):
        raise Unavailable(f"the list of project {project} has something of another project")


def _partner_path(key: str) -> str:
    return f"/PartnerIdentifiers/Document/@{quote(key, safe='')}"
