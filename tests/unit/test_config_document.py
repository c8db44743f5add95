"""What is read as YAML, and what is too much of it."""

import pytest

from synctool import config
from synctool.config.document import parse, plain
from synctool.config.schema import published
from synctool.errors import ProfileError


def read(text):
    node, mistakes = parse(text.encode(), "x.yaml")
    assert mistakes == []
    return plain(node)


def test_words_are_what_yaml_1_2_says_they_are():
    words = (
        "a: [yes, No, on, true, FALSE, ~, null, '', 1_000, 12:30, 2026-11-22, 0o17, 017, 0x1F, -3, +4, '5']"
    )
    assert read(words)["a"] == [
        *("yes", "No", "on", True, False, None, None, "", "1_000", "12:30", "2026-11-22"),
        *(15, 17, 31, -3, 4, "5"),
    ]
    assert read("{a: , b: .5, c: 1e3, d: 1., e: .inf, f: =, g: <<}") == {
        "a": None,
        "b": 0.5,
        "c": 1000.0,
        "d": 1.0,
        "e": ".inf",
        "f": "=",
        "g": "<<",
    }


def test_keys_are_always_text():
    assert read("{1: a, no: b, null: c}") == {"1": "a", "no": "b", "null": "c"}


def test_a_number_too_long_for_a_whole_number_is_no_whole_number():
    assert isinstance(read("a: " + "9" * 5000)["a"], float)


BOMB = (
    "a: &a ["
    + "x, " * 9
    + "x]\n"
    + "".join(
        f"{name}: &{name} [{', '.join([f'*{former}'] * 9)}]\n"
        for former, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
)


@pytest.mark.parametrize(
    "text",
    [BOMB, "a: " + "[" * 100 + "]" * 100, "a: " + "[" * 5000, "a: [" + "1, " * 30_000 + "]", "&a {a: *a}"],
    ids=["bomb", "deep", "deep and open", "long", "endless"],
)
def test_what_is_too_large_is_refused(text):
    with pytest.raises(ProfileError, match=r"x.yaml:1:\d+: more than 20000 values, or nested deeper than 30"):
        read(text)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "1:1: a profile is a mapping"),
        (b"# nothing\n", "1:1: a profile is a mapping"),
        (b"\n- a", "2:1: a profile is a mapping"),
        (b"a: \xff", "1:1: not a text in UTF-8"),
        (b"a: \x00", "1:1: not a text in UTF-8"),
        (b"a: 1\n---\nb: 1", "2:1: but found another document"),
        (b"a: *nobody", "1:4: found undefined alias 'nobody'"),
        (b"a: !!python/object:os.system x", "1:4: tags have no place"),
        (b"a: !secret x", "1:4: tags have no place"),
        (b"a:\n\tb: 1", "2:1: found character '\\t'"),
    ],
)
def test_what_is_no_profile_is_refused_in_place(data, why):
    with pytest.raises(ProfileError) as told:
        parse(data, "x.yaml")
    assert str(told.value).startswith(f"x.yaml:{why}")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ProfileError, match=r"case.yaml:1:1: cannot be read: No such file"):
        config.load(tmp_path / "case.yaml", environ={})


def test_the_schema_is_found_in_an_installed_package(tmp_path, monkeypatch):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "plan.schema.json").write_text('{"title": "installed"}', "utf-8")
    monkeypatch.setattr("synctool.config.schema._PACKAGE", tmp_path)
    assert published.__wrapped__("plan") == {"title": "installed"}


def described(schema, path=""):
    for key, part in schema.get("properties", {}).items():
        yield f"{path}.{key}", part
        yield from described(part, f"{path}.{key}")
    for key, part in schema.get("$defs", {}).items():
        yield f"#{key}", part
        yield from described(part, f"#{key}")


def test_every_property_of_the_schema_has_a_description_and_an_example():
    schema = published("profile")
    for path, part in described(schema):
        target = schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        assert part.get("description", target.get("description")), path
        assert target.get("examples"), path


def test_every_mapping_of_the_schema_says_what_else_may_be_in_it():
    either = {"#side", "#auth"}  # closed by their kind and mode
    for path, part in described(published("profile")):
        assert part.get("type") != "object" or path in either or "additionalProperties" in part, path


def test_every_number_of_the_schema_has_an_upper_limit():
    for path, part in described(published("profile")):
        numbers = {"integer", "number"} & set(
            [part.get("type")] if isinstance(part.get("type"), str) else part.get("type", ())
        )
        assert not numbers or "maximum" in part, path
