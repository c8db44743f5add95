"""The pattern language, case by case."""

import time

import pytest

from synctool.core.patterns import Pattern, decide
from synctool.core.policy import Rule
from synctool.errors import Misuse

MATCHES = [
    # pattern      files that match                       files that do not
    ("/a/b",       ["a/b"],                               ["x/a/b", "a/b/c", "a"]),
    ("b",          ["b", "a/b", "a/c/b"],                 ["b/c", "ab", "bc"]),
    ("a/b",        ["a/b", "x/a/b", "a/b/a/b"],           ["xa/b", "a/b/c"]),
    ("b/",         ["b/c", "a/b/c", "b/b"],               ["b", "ab/c"]),
    ("/b/",        ["b/c", "b/c/d"],                      ["a/b/c", "b"]),
    ("b/**",       ["b/c", "a/b/c/d"],                    ["b"]),
    ("b/***",      ["b/c", "a/b/c/d"],                    ["b"]),
    ("/b/*",       ["b/c"],                               ["b/c/d", "a/b/c"]),
    ("*.pdf",      ["a.pdf", "x/.pdf"],                   ["a.pdf/b", "a.pdfs"]),
    ("a*b*c",      ["abc", "axbxbxc", "abcbc"],           ["ac", "acb", "ab/c"]),
    ("?",          ["a", "x/é", "?"],                     ["ab", ""]),
    ("/a?b",       ["axb"],                               ["a/b", "ab"]),
    ("**",         ["a", "a/b/c"],                        []),
    ("/**",        ["a", "a/b/c"],                        []),
    ("*",          ["a", "a/b/c"],                        []),
    ("/*",         ["a"],                                 ["a/b"]),
    ("**/x",       ["x", "a/x", "a/b/x"],               ["x/a", "ax"]),
    ("**/**/x/",   ["x/a", "b/x/a"],                      ["x", "b/x"]),
    ("/**/x",      ["a/x", "a/b/x"],                      ["x"]),
    ("**/",        ["a/b", "a/b/c"],                      ["a"]),
    ("/a/**/x",    ["a/b/x", "a/b/c/x"],                  ["a/x", "b/a/b/x"]),
    ("/a**c/d*e",  ["ac/de", "a/b/c/c/dxe"],              ["a/b/c/d/e"]),
    ("**a*b",      ["ab", "x/a/aab", "a/ab"],             ["a/b"]),
    ("/a**b**c",   ["a1b2c", "a/b/c"],                    ["ab", "a1c"]),
    ("a*b*c*d",    ["a1b2c3d", "abcd"],                   ["abc", "abd"]),
    ("[a-c]x",     ["ax", "Bx"],                          ["dx", "x", "xx"]),
    ("[!a]",       ["b", "-"],                            ["a", "A", "aa"]),
    ("[^a]",       ["b", "^"],                            ["a"]),
    ("[]a-]",      ["]", "a", "-"],                       ["b"]),
    (r"[a\]-]x",   ["ax", "]x", "-x"],                    [r"\x"]),
    ("[--9]",      [".", "5", "-"],                       [":"]),
    ("a[--9]b",    ["a.b"],                               ["a/b"]),
    ("[&|~[]",     ["&", "|", "~", "["],                  ["a"]),
    (r"\*\?\[\]\\", [r"*?[]\ "[:-1]],                     ["ab[]c"]),
    ("a.b+(c)$",   ["a.b+(c)$"],                          ["axb+(c)$"]),
    ("RÉSUMÉ.doc", ["résumé.DOC", "re\u0301sume\u0301.doc"], ["resume.doc"]),
    ("re\u0301",   ["ré"],                                ["re"]),
    ("a",          ["a"],                                 ["a\n", "\na"]),
    ("a*",         ["a\nb"],                              []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "yes", "no"), MATCHES, ids=[text for text, *_ in MATCHES])
def test_a_pattern_matches_these_files_and_not_those(text, yes, no):
    pattern = Pattern(text)
    assert [path for path in yes if not pattern.matches(path)] == []
    assert [path for path in no if pattern.matches(path)] == []


@pytest.mark.parametrize("text", ["/b", "b", "b/", "/b/**", "**", "[a-c]", "/*", "/b/***"])
def test_a_pattern_matches_the_folder_itself(text):
    assert Pattern(text).matches("b", folder=True)


@pytest.mark.parametrize("text", ["/b/*", "b/c", "/b/**/*", "/**/b", "/b/**/c/"])
def test_a_pattern_for_what_is_inside_does_not_match_the_folder(text):
    assert not Pattern(text).matches("b", folder=True)


@pytest.mark.parametrize("text", ["", "/", "//", "[a", "a[", "[]", "[z-a]", "[[:alpha:]]", "a\\b", "a\\"])
def test_what_is_no_pattern_is_refused(text):
    with pytest.raises(Misuse, match="pattern"):
        Pattern(text)


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("/", "pattern '/' is empty", "** matches everything"),
        ("[z-a]", "pattern '[z-a]': bad character range z-a", ""),
        ("a\\b", r"pattern 'a\\b': '\\b' is not understood", "folders are divided by /"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told(text, says, hint):
    with pytest.raises(Misuse) as told:
        Pattern(text)
    assert told.value.what == says
    assert (told.value.hint or "") == hint


@pytest.mark.parametrize(
    "text", ["*a" * 30 + "b", "**a*" * 30 + "b", "a/*" * 30 + "b", "**" + "/*a" * 30, "*" * 500]
)
def test_a_hostile_pattern_is_answered_quickly(text):
    before = time.process_time()
    for path in ("a" * 400, "a/" * 200 + "a", "a" * 200 + "/" + "a" * 200):
        Pattern(text).matches(path)
    assert time.process_time() - before < 1


def test_the_first_rule_that_matches_decides():
    keep, drop = Rule(Pattern("/a/*.doc"), include=True), Rule(Pattern("/a/"), include=False)
    assert decide([keep, drop], "a/b.doc") is keep
    assert decide([keep, drop], "a/b.pdf") is drop
    assert decide([keep, drop], "a", folder=True) is drop
    assert decide([keep, drop], "b") is None
