"""The laws of suppression, on random texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import judged

if TYPE_CHECKING:
    from mllint.review import Report

LINES = {
    "unsafe-yaml-load": "a{n} = yaml.load(open({n}))",
    "absolute-path": 'b{n} = open("/home/ada/rows{n}.csv")',
    "": "c{n} = {n}",
}
COMMENTS = (
    "", "", "  # mllint: ignore[{rule}] why", "  # mllint: ignore[{rule}]", "  # noqa: {rule}",
    "  # mllint: ignore[{rule}] kind=false-positive until=2020-01-01 why",
)  # fmt: skip
LINE = st.tuples(st.sampled_from(sorted(LINES)), st.sampled_from(COMMENTS))
TEXTS = st.lists(LINE, min_size=1, max_size=8)
FEW = settings(max_examples=25, deadline=None)


def text(lines: list[tuple[str, str]]) -> str:
    """A module of those lines; a line without a fault has a comment about one all the same."""
    said = [
        LINES[rule].format(n=n) + comment.format(rule=rule or "absolute-path")
        for n, (rule, comment) in enumerate(lines)
    ]
    return "\n".join(["import yaml", *said, ""])


def faults(report: Report) -> dict[tuple[str, int], str]:
    """Status by rule and line of what is about the code itself."""
    return {(f.rule, f.at.line): f.status for f in report.findings if f.category != "suppressions"}


@FEW
@given(TEXTS, st.data())
def test_a_waiver_hides_its_finding_and_no_other(
    lines: list[tuple[str, str]], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(lines) - 1))
    bare = [*lines[:index], (lines[index][0], ""), *lines[index + 1 :]]
    without, within = faults(judged({"a.py": text(bare)})), faults(judged({"a.py": text(lines)}))
    assert within.keys() == without.keys()
    changed = {key for key in within if within[key] != without[key]}
    assert changed <= {(lines[index][0], index + 2)}
    for key in changed:
        assert (without[key], within[key]) == ("new", "waived")


@FEW
@given(TEXTS)
def test_a_reason_alone_restores_points(lines: list[tuple[str, str]]) -> None:
    bare = judged({"a.py": text([(rule, "") for rule, _ in lines])})
    report = judged({"a.py": text(lines)})
    excused = any(f.excused for f in report.findings)
    strict = report.strict or report.scores
    assert {p: s.value for p, s in strict.items()} == {p: s.value for p, s in bare.scores.items()}
    assert bool(report.strict) == excused
    if not excused:
        assert report.scores == bare.scores
    lost = sum(line.lost for line in report.score.ledger)
    assert report.score.value is None or abs(100 - lost - report.score.value) < 1e-9


@FEW
@given(TEXTS)
def test_a_waiver_without_a_finding_is_reported_and_one_with_it_is_not(
    lines: list[tuple[str, str]],
) -> None:
    report = judged({"a.py": text(lines)})
    unused = {f.at.line for f in report.findings if f.rule == "unused-suppression"}
    expected = {n + 2 for n, (rule, comment) in enumerate(lines) if comment and not rule}
    assert unused == expected
