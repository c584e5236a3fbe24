"""The baseline: its file, and what is laid beside its entries."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mllint.baseline import Entry, collected, entry, matched, parsed, written
from mllint.facts import Place
from mllint.fingerprints import fingerprint, sketch, tokens
from mllint.review import Finding, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mllint.review import Report

ONE = Entry("a-b", "src/a.py", "train", "00" * 8, "aabbcc", 2)
TWO = Entry("a-b", "src/é.py", "", "11" * 8, "")


def finding(
    text: str, path: str = "a.py", rule: str = "a-b", scope: str = "", **more: Any
) -> Finding:
    words = tokens(path, text)
    given: dict[str, Any] = {
        "id": "x", "rule": rule, "category": "c", "severity": "error", "confidence": "high",
        "message": "", "remedy": "", "at": Place(path, 3), "anchored": False, "related": (),
        "snippet": (), "status": "new", "lost": 0.0, "effort": 5, "scope": scope,
        "fingerprint": fingerprint(scope, words), "sketch": sketch(words),
    }  # fmt: skip
    return Finding(**{**given, **more})


def whole(path: str, content: str) -> Finding:
    """A finding about a file as a whole."""
    return finding(
        "", path, at=Place(path), fingerprint=fingerprint("", [path]), sketch=f"blob:{content}"
    )


def laid(
    findings: list[Finding], before: list[Finding], paths: tuple[str, ...] = ("a.py",)
) -> list[bool]:
    """Which findings are known."""
    found = matched(findings, collected(map(entry, before)), paths, {})
    return [n in found.known for n in range(len(findings))]


def test_a_baseline_is_read_as_it_was_written() -> None:
    text = written([TWO, ONE], "2026.1", "0.1.0")
    assert parsed(text.encode(), "b.json") == (ONE, TWO)
    assert json.loads(text)["version"] == 1
    assert [line.count('"fp"') for line in text.splitlines()] == [0, 1, 1, 0]
    assert text.isascii()


def test_like_entries_are_counted_in_order() -> None:
    assert collected([TWO, ONE, TWO]) == (ONE, TWO._replace(n=2))


def test_an_empty_baseline_is_one_too() -> None:
    assert parsed(written([], "2026.1", "0.1.0").encode(), "b.json") == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<<<<<<< ours", "is not valid JSON"),
        (b"[]", "is not a baseline of mllint"),
        (b'{"version": 1}', "is not a baseline of mllint"),
        (b'{"version": 2, "entries": []}', "has version 2; this mllint reads 1"),
        (b'{"version": 1, "entries": [3]}', "entry 1 is not one"),
        (b'{"version": 1, "entries": [{"rule": "a", "fp": 3}]}', "entry 1 is not one"),
        (b'{"version": 1, "entries": [{"rule": "a", "fp": "x", "n": 0}]}', "entry 1 is not one"),
        (b'{"version": 1, "entries": [{"rule": "", "fp": "x"}]}', "entry 1 is not one"),
        (b"[" * 100_000, "is not valid JSON"),
    ],
)
def test_a_broken_baseline_is_refused(data: bytes, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        parsed(data, "b.json")


@pytest.mark.parametrize(
    ("new", "old", "known"),
    [
        ("f(a, b)", "f(a, b)", True),
        ('f(a,  "b")  # why', "f(\n    a,\n    'b',\n)", True),
        ("f(a, b)", "f(a, c)", False),
        ("f(a, b=1, c=2, d=3)", "f(a, b=1, c=2, d=4)", True),
        ("f(a, b=1, c=2, d=3)", "g(x, y=5, z=6, d=4)", False),
    ],
)
def test_texts_are_compared_by_their_words(new: str, old: str, known: bool) -> None:
    assert laid([finding(new)], [finding(old)]) == [known]


def test_an_edited_line_is_known_in_its_own_scope_alone() -> None:
    old = finding("f(a, b=1, c=2, d=3)", scope="train")
    near = "f(a, b=1, c=2, d=4)"
    assert laid([finding(near, scope="train")], [old]) == [True]
    assert laid([finding(near, scope="test")], [old]) == [False]
    assert laid([finding(near, scope="train", rule="c-d")], [old]) == [False]


def test_one_entry_stands_for_one_finding() -> None:
    old = finding("f(a)")
    assert laid([old, old], [old]) == [True, False]
    assert laid([old, old], [old, old]) == [True, True]


def test_of_two_edited_lines_the_nearer_one_is_known() -> None:
    old = finding("f(a, b=1, c=2, d=3)")
    near, nearer = finding("f(a, b=1, c=9, d=9)"), finding("f(a, b=1, c=2, d=9)")
    assert laid([near, nearer], [old]) == [False, True]


def test_a_renamed_file_takes_its_findings_along() -> None:
    old = finding("f(a)", "old.py")
    moved = finding("f(a)", "new.py")
    assert laid([moved], [old], paths=("new.py",)) == [True]
    assert laid([moved], [old], paths=("new.py", "old.py")) == [False]


def test_a_whole_file_is_known_by_its_content_when_it_was_renamed() -> None:
    old = whole("old.bin", "1")
    assert laid([whole("new.bin", "1")], [old], paths=("new.bin",)) == [True]
    assert laid([whole("new.bin", "2")], [old], paths=("new.bin",)) == [False]
    assert laid([whole("old.bin", "2")], [old], paths=("old.bin",)) == [True]
    unread = [whole("new.bin", ""), whole("old.bin", "")]
    assert laid(unread[:1], unread[1:], paths=("new.bin",)) == [False]


def test_a_finding_about_the_whole_is_known_wherever_it_is_shown() -> None:
    old = finding("", "", anchored=True)
    assert laid([replace(old, at=Place("README.md"))], [old]) == [True]


def test_a_renamed_rule_keeps_its_entries() -> None:
    old, new = finding("f(a)", rule="old-name"), finding("f(a)", rule="new-name")
    found = matched([new], [entry(old)], ("a.py",), {"old-name": "new-name"})
    assert (found.known, found.left) == (frozenset({0}), ())


def test_entries_that_are_left_are_told_as_they_were_written() -> None:
    old = entry(finding("f(a)", rule="old-name"))._replace(n=3)
    found = matched([finding("f(a)")], [old], ("a.py",), {"old-name": "a-b"})
    assert found.left == (old._replace(n=2),)


def test_many_findings_in_one_scope_take_no_time() -> None:
    old = [finding(f"f(a{n}, b=1, c=2, d={n})") for n in range(400)]
    new = [finding(f"f(a{n}, b=1, c=2, d={n}, e=1, g=2)") for n in range(400)]
    assert len(laid(new, old)) == 400


CELL: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
LOADS = "import yaml\nyaml.load(open('x'))"


def book(*sources: str, ids: bool) -> str:
    cells = [
        {**CELL, "source": text, **({"id": f"c{text.count('x')}"} if ids else {})}
        for text in sources
    ]
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5 if ids else 4}
    )


@pytest.mark.parametrize("ids", [True, False])
def test_a_cell_above_changes_no_fingerprint(ids: bool, judge: Callable[..., Report]) -> None:
    one = judge({"a.ipynb": book(LOADS, ids=ids)}).findings
    two = judge({"a.ipynb": book("y = 1", LOADS, ids=ids)}).findings
    assert [f.fingerprint for f in one] == [f.fingerprint for f in two]
    assert one[0].at != two[0].at
