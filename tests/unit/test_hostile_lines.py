import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synctool.core.patterns import Pattern
from synctool.errors import Misuse, StateError
from synctool.store.audit import Audit, entries, link, verify
from synctool.store.ledger import Ledger

SHORT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SIGNS = st.text("*?[]!-^\\/.{}()$+|ab\u0130\ud800\n", max_size=12) | st.text(max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = ("seq", "hash", "prev", "at", "run", "actor", "action", "item", "kind", "side", "path", "to_path", "why", "replaced",
          "code", "rule", "outcome", "after", "before")  # fmt: skip
KNOWN = st.sampled_from(
    ["write", "remove", "override", "2026-11-22T10:00:00+00:00", 1, 2**70, "file", "edited"]
)
RECORDS = st.dictionaries(st.sampled_from(FIELDS), KNOWN | JSON, max_size=12)


def lined(record):
    return json.dumps(record).encode()


LINES = st.lists(
    RECORDS.map(lined) | JSON.map(lined) | st.binary(max_size=20) | st.just(b"[" * 99_999), max_size=4
).map(b"\n".join)


@SHORT
@given(SIGNS, SIGNS)
def test_any_pattern_matches_any_path_or_does_not(text, path):
    try:
        pattern = Pattern(text)
    except Misuse:
        return
    assert pattern.matches(path) in (True, False)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    with Ledger(tmp_path_factory.mktemp("state") / "case.db") as ledger:
        yield ledger


@SHORT
@given(LINES, st.sampled_from([b"", b"\n"]))
def test_whatever_stands_in_a_log_is_read_or_refused_and_what_follows_is_whole(ledger, text, end):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.audit.jsonl"
        file.write_bytes(text + end)
        ledger.recall(entries(file))
        try:
            verify(file)
            sound = True
        except ValueError:
            sound = False
        try:
            audit = Audit(file)
        except StateError:
            assert not sound
            return
        audit.record({"action": "test"})
        (*_, last) = entries(file)
        assert last["hash"] == link(last) == audit.head.hash
