"""Lists the documents of a project, a stretch to a page, and does not read the pages that are known."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial

from synctool.core.model import Entry, Stretch, document_handle
from synctool.sides.filevine.client import DocumentPage, FilevineClient
from synctool.sides.filevine.records import Document, number
from synctool.sides.filevine.tree import LISTED, Tree
from synctool.sides.stretches import digest_of


def relisted(
    client: FilevineClient,
    project: int,
    tree: Tree,
    shown: Callable[[Iterable[Document]], Iterator[Entry]],
    known: Mapping[str, Stretch],
) -> Iterator[Entry | Stretch]:
    """The documents in sight. The last page is no stretch, for whatever is new comes to lie there.

    Nor is there any once the tree had to fetch a folder that the list omits, for its facts say nothing of that.
    """
    after, page = "", DocumentPage(b"", [], 0, more=True)
    while page.more:
        digest = cache(partial(digest_of, after, tree.facts))
        page = client.page(project, page.last, known=partial(_last, known, digest))
        stretch = known.get(digest(page.text))
        if stretch:
            yield stretch
        else:
            entries = [*shown(each for each in page.documents if tree.sight(each.folder) == LISTED)]
            yield from entries
            stretch = Stretch(after, document_handle(page.last), digest(page.text), len(entries))
            if page.more and tree.listed:
                yield stretch
        after = stretch.last


def _last(known: Mapping[str, Stretch], digest: Callable[[bytes], str], text: bytes) -> int | None:
    """The number of the last document on a page of this text, if it is known."""
    stretch = known.get(digest(text))
    return number(stretch.last) if stretch else None
