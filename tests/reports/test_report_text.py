"""The text report: goldens at two widths, and what hostile text cannot do."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Place
from mllint.reports import SECTIONS, View, renderer
from mllint.reports.lines import columns
from mllint.review import Gate

if TYPE_CHECKING:
    from types import SimpleNamespace

    from mllint.review import Report

GOLDENS = Path(__file__).parent / "goldens"
ANSI = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")

VIEWS = {
    "sample-80": View(origin="default"),
    "sample-120": View(width=120, origin="--profile"),
    "sample-60": View(width=60),
    "sample-ascii": View(unicode=False),
    "sample-all": View(max_findings=0),
    "sample-two": View(max_findings=2, top=1),
    "sample-quiet": View(verbosity=-1),
    "sample-verdict": View(verbosity=-2),
    "sample-statistics": View(statistics=True),
    "sample-sections": View(show=frozenset(SECTIONS), verbosity=1),
    "flawless-80": View(origin="default"),
}


def rendered(report: Report, **view: Any) -> str:
    return renderer("text")(report, View(**view))


def golden(name: str, text: str) -> None:
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("name", VIEWS)
def test_report_is_as_it_was(name: str, make: SimpleNamespace) -> None:
    report = make.flawless() if name.startswith("flawless") else make.sample()
    golden(name, renderer("text")(report, VIEWS[name]))


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(width: int, make: SimpleNamespace) -> None:
    text = rendered(make.sample(), width=width, show=frozenset(SECTIONS), verbosity=1)
    assert [line for line in text.splitlines() if columns(line) > width] == []


def test_colour_moves_no_character(make: SimpleNamespace) -> None:
    plain = rendered(make.sample(), show=frozenset(SECTIONS))
    coloured = rendered(make.sample(), show=frozenset(SECTIONS), color=True)
    assert ANSI.sub("", coloured) == plain
    assert "\x1b[1;31merror" in coloured


def test_links_are_the_paths_of_the_root(make: SimpleNamespace) -> None:
    report = make.sample()
    report = replace(report, run=replace(report.run, root="/srv/a b"))
    text = rendered(report, color=True, links=True)
    assert "file:///srv/a%20b/src/train.py" in text
    assert ANSI.sub("", text) == rendered(report)


def test_clean_run_takes_three_lines(make: SimpleNamespace) -> None:
    assert len(rendered(make.flawless()).splitlines()) == 3


def hostile(make: SimpleNamespace, text: str) -> Report:
    at = Place(f"a{text}.py", 1, 1, 1, 4)
    one = make.finding(
        "unseeded-split", 9, f"m {text} m", at, 1.0, snippet=((1, f"x{text}y"),), remedy=f"r {text}"
    )
    report: Report = make.sample()
    outcomes = tuple(
        replace(o, findings=(one,), reason=text) if o.rule == "unseeded-split" else o
        for o in report.outcomes
    )
    return replace(report, outcomes=outcomes)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\x1b]8;;http://x\x1b\\", "\\x1b]8;;http://x\\x1b\\"),
        ("\n::error::x", "\\n::error::x"),
        ("\r", "\\r"),
        ("\x85", "\\x85"),
        ("\u2028", "\\u2028"),
        ("\u202e", "\\u202e"),
        ("\udcff", "\\xff"),
        ("\ud800", "\\ud800"),
        ("[red]x[/red]", "[red]x[/red]"),
        (":boom:", ":boom:"),
    ],
)
def test_text_of_the_repository_is_shown_and_not_obeyed(
    text: str, shown: str, make: SimpleNamespace
) -> None:
    report = hostile(make, text)
    for color in (False, True):
        out = rendered(report, color=color, show=frozenset(SECTIONS), verbosity=1)
        out = ANSI.sub("", out)
        assert shown in out
        assert "\x1b" not in out
        assert not [line for line in out.split("\n") if line.startswith("::")]
        out.encode()


def test_long_source_line_is_cut_around_its_mark(make: SimpleNamespace) -> None:
    at = Place("a.py", 1, 501, 1, 505)
    line = "x" * 500 + "MARK" + "y" * 500
    report = make.sample()
    one = make.finding("unseeded-split", 9, "m", at, 0.0, snippet=((1, line),))
    outcomes = tuple(
        replace(o, findings=(one,)) for o in report.outcomes if o.rule == "unseeded-split"
    )
    text = rendered(replace(report, outcomes=outcomes))
    source, carets = (row for row in text.splitlines() if " | " in row)
    assert source[carets.index("^") : carets.rindex("^") + 1] == "MARK"


@pytest.mark.parametrize(
    ("line", "at", "marked"),
    [
        ("\tx = f(1)", Place("a.py", 1, 6, 1, 10), "f(1)"),
        ("名前 = f(1)", Place("a.py", 1, 6, 1, 10), "f(1)"),
        ("x = f(", Place("a.py", 1, 5, 3, 2), "f("),
        ("x = f(1)", Place("a.py", 1, 5), "f(1)"),
    ],
)
def test_carets_stand_under_what_they_mark(
    line: str, at: Place, marked: str, make: SimpleNamespace
) -> None:
    from mllint.reports.snippets import snippet

    one = make.finding("unseeded-split", 9, "m", at, 0.0, snippet=((1, line),))
    source, carets = ("".join(span.text for span in row) for row in snippet(one, 80))
    start = columns(source[: source.index(marked)])
    assert carets.index("^") == start
    assert carets.count("^") == columns(marked)


def test_related_place_in_the_snippet_is_marked_there(make: SimpleNamespace) -> None:
    report = make.sample()
    one = report.findings[0]
    line = "    X_tr, X_te = train_test_split(X, y)"
    one = replace(one, snippet=(*one.snippet, (53, line)))
    outcomes = tuple(replace(o, findings=(one,)) for o in report.outcomes if o.rule == one.rule)
    text = rendered(replace(report, outcomes=outcomes))
    assert "   53 |     X_tr, X_te = train_test_split(X, y)\n" in text
    assert "      |                  ---------------- ... and split only here\n" in text
    assert "= src/train.py" not in text


def test_place_beyond_a_cut_line_has_no_mark(make: SimpleNamespace) -> None:
    from mllint.reports.snippets import snippet

    at = Place("a.py", 1, 500, 1, 510)
    one = make.finding("unseeded-split", 9, "m", at, 0.0, snippet=((1, "x" * 160),))
    assert len(snippet(one, 80)) == 1


def test_crashed_rule_is_told_with_its_traceback_on_request(make: SimpleNamespace) -> None:
    report = make.sample()
    crashed = replace(
        report.outcomes[0],
        verdict="crashed",
        findings=(),
        reason="KeyError: 1",
        traceback="deep\nin",
    )
    report = replace(
        report, outcomes=(crashed,), gate=Gate(passed=False, exit_code=3, reasons=("it crashed",))
    )
    assert "crashed no-lockfile" in rendered(report)
    assert "   | deep" not in rendered(report)
    assert "   | deep" in rendered(report, verbosity=1)
    assert rendered(report).endswith("FAILED: it crashed\n")


def test_partial_run_has_no_score(make: SimpleNamespace) -> None:
    report = make.sample()
    report = replace(report, run=replace(report.run, complete=False), fix_first=())
    text = rendered(report)
    assert "No score: only part" in text
    assert "/ 100" not in text


def test_nothing_to_score_says_why(make: SimpleNamespace) -> None:
    report = make.sample()
    scores = {p: replace(s, value=None, grade="n/a") for p, s in report.scores.items()}
    assert "Score n/a  nothing here" in rendered(replace(report, scores=scores, fix_first=()))
