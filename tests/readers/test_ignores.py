from __future__ import annotations

import pytest

from mllint.facts import Place
from mllint.readers.ignores import Directive, parse_ignore, parse_noqa


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# mllint: ignore[a-b] why", (False, ("a-b",), "accepted", "", "", "why")),
        ("# mllint: ignore[a-b, c/*]", (False, ("a-b", "c/*"), "accepted", "", "", "")),
        ("#mllint:ignore [a-b] - why", (False, ("a-b",), "accepted", "", "", "why")),
        ("# mllint: ignore", (False, (), "accepted", "", "", "")),
        ("# mllint: ignore[] why", (False, (), "accepted", "", "", "why")),
        ("# mllint: file-ignore[a-b] why", (True, ("a-b",), "accepted", "", "", "why")),
        ("<!-- mllint: ignore[a-b] why -->", (False, ("a-b",), "accepted", "", "", "why")),
        (
            "# mllint: ignore[a-b] kind=false-positive until=2026-12-31 issue=#4 why = so",
            (False, ("a-b",), "false-positive", "2026-12-31", "#4", "why = so"),
        ),
        ("# text first  # mllint: ignore[a-b] x", (False, ("a-b",), "accepted", "", "", "x")),
    ],
)
def test_directives(comment: str, expected: tuple[object, ...]) -> None:
    assert parse_ignore(comment) == (*expected, False)


@pytest.mark.parametrize(
    "comment", ["# mllint: off", "# mllint", "# ignore[a-b]", "# mllint: ignored"]
)
def test_no_directive(comment: str) -> None:
    assert parse_ignore(comment) is None


@pytest.mark.parametrize(
    ("comment", "rules"),
    [
        ("# noqa: a-b", ("a-b",)),
        ("# NOQA:E501,a-b, c-d", ("a-b", "c-d")),
    ],
)
def test_noqa_names_our_rules(comment: str, rules: tuple[str, ...]) -> None:
    assert parse_noqa(comment) == Directive(False, rules, "accepted", "", "", "", noqa=True)


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: E501", "# not a-b"])
def test_noqa_of_others(comment: str) -> None:
    assert parse_noqa(comment) is None


def test_a_directive_makes_a_row() -> None:
    at = Place("a.yaml", 3, 1)
    directive = parse_ignore("# mllint: ignore[a-b] until=2030-01-01 why")
    assert directive is not None
    row = directive.over(at, "line", 3, 3)
    assert row == (at, ("a-b",), "line", 3, 3, "accepted", "2030-01-01", "", "why", "ignore")
