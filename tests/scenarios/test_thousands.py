"""Syncs thousands of documents from Filevine to an empty bucket and an empty drive, and looks again."""

import resource
import time

import pytest

DOCUMENTS, FOLDERS = 3_000, 100

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_thousands_of_documents_go_everywhere_and_an_unchanged_run_only_lists(make_office, capsys):
    office = make_office("plain-cases")
    for n in range(DOCUMENTS):
        office.fv.colleague.upload(
            office.project, f"Folder {n % FOLDERS}/Document {n}.txt", b"document %d" % n
        )
    office.fv.forget_requests()
    began = time.monotonic()
    first = office.done()
    took = time.monotonic() - began
    seen = office.fv.requests_seen
    assert len(first.done) == 2 * (DOCUMENTS + FOLDERS)
    assert seen["GET", "/Documents/{documentId}/locator"] == DOCUMENTS
    assert seen["GET", "/s3/{key}"] == DOCUMENTS
    office.zdrive.age()
    office.done()
    office.fv.forget_requests()
    began = time.monotonic()
    assert not office.done().done
    again = time.monotonic() - began
    unchanged = sum(office.fv.requests_seen.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with capsys.disabled():
        print(
            f"\n{DOCUMENTS} documents: first run {took:.1f} s, unchanged run {again:.1f} s with {unchanged} "
            f"Filevine requests, {peak:.0f} MB at most with the emulator in it"
        )
    assert len(office.zdrive.tree()) == DOCUMENTS + FOLDERS
    assert len(office.s3.keys()) == DOCUMENTS + FOLDERS + 1  # and the marker
