"""Whatever stands in a profile, it loads or every mistake is told: nothing else is ever raised."""

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synctool import config
from synctool.config.document import parse, plain
from synctool.errors import ProfileError

GOOD = Path(__file__).parents[1] / "unit" / "corpus" / "good"
WHOLE = [plain(parse((GOOD / name).read_bytes(), name)[0]) for name in ("everything.yaml", "template.yaml")]
WHOLE.append(WHOLE[0] | {"extends": ["x"]})
ODD = [
    "",
    "*",
    "/",
    "[",
    "..",
    "a/b",
    "{x}",
    "${NOBODY}",
    "s3",
    "10GB",
    "file:x",
    "x\0",
    "../x.yaml",
    "case.yaml",
    "\\",
    0,
    -1,
    1e30,
    True,
    None,
    [],
    {},
]

ENVIRON = {"ID": "i", "SECRET": "s", "PAT": "p", "BUCKET": "b"}

values = st.sampled_from(ODD) | st.text(max_size=5) | st.lists(st.sampled_from(ODD), max_size=2)
steps = st.lists(st.integers(0, 20), max_size=4)


def mistakes(function, *args, **options):
    try:
        function(*args, **options)
    except ProfileError as told:
        return told.mistakes
    return ()


def changed(value, way, new):
    """The same value with something new where the way leads."""
    if not way or not isinstance(value, (dict, list)) or not value:
        return new
    keys = list(value) if isinstance(value, dict) else range(len(value))
    at = keys[way[0] % len(keys)]
    if isinstance(value, dict):
        return value | {at: changed(value[at], way[1:], new)}
    return [*value[:at], changed(value[at], way[1:], new), *value[at + 1 :]]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(WHOLE), st.lists(st.tuples(steps, values), min_size=1, max_size=3))
def test_a_changed_profile_loads_or_tells_its_mistakes(tmp_path, whole, changes):
    for way, new in changes:
        whole = changed(whole, way, new)
    file = tmp_path / "case.yaml"
    file.write_text(json.dumps(whole), "utf-8")
    assert all(line.startswith(f"{file}:1:") for line in mistakes(config.load, file, environ=ENVIRON))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text("a: -[]{}&*!|>'\"%@`#,\n\t?<1", max_size=60))
def test_any_text_is_a_document_or_no_profile(text):
    assert all(
        line.startswith("x.yaml:") for line in mistakes(parse, text.encode("utf-8", "replace"), "x.yaml")
    )
