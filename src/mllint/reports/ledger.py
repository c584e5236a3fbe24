"""The whole account of a score: every rule, its points, its credit, and what was lost."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

from mllint.reports.catalogue import escaped
from mllint.reports.lines import Line, Span, clean, columns, cut, indented, spread
from mllint.reports.paint import paint
from mllint.reports.text_lists import entry
from mllint.reports.text_score import headline, judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.reports import View
    from mllint.review import CategoryScore, Outcome, Report
    from mllint.review import Line as Entry

_HOW = (
    "100 points are shared out among the rules that could be judged, by the budget of their "
    "category and by their severity. A rule earns the part of its points that its credit says; "
    "an error with any bad place earns at most half. What is lost adds up to 100 - score."
)
_COLUMNS = ("good", "credit", "points", "lost")


def as_text(report: Report, view: View) -> str:
    """The account for a terminal."""
    lines = headline(report, view)
    lines += indented(" · ".join(judged(report.score)), view.width, 2)
    lines += [[], *indented(_HOW, view.width, 0), []]
    outcomes = {o.rule: o for o in report.outcomes}
    for category in report.score.categories:
        entries = _of(report, category)
        lines += [*_category(category, entries, outcomes, view), []]
    lines += _total(report, view)
    lines += _left_out(report, outcomes, view)
    return paint(lines, view)


def as_markdown(report: Report) -> str:
    """The account as a table."""
    score = report.score
    value = "n/a" if score.value is None else f"{score.value:.1f} of 100"
    lines = [f"# Score {value}, grade {score.grade}", "", _HOW, ""]
    lines += ["| Rule | Verdict | Good places | Credit | Points | Lost | Booked |"]
    lines += ["|---|---|---:|---:|---:|---:|---:|"]
    outcomes = {o.rule: o for o in report.outcomes}
    for line in score.ledger:
        good = _good(outcomes[line.rule])
        numbers = [line.credit, line.points, line.lost, line.booked] if line.points else []
        cells = [f"{n:.2f}" for n in numbers] or [""] * 4
        lines.append(f"| `{line.rule}` | {line.verdict} | {good} | {' | '.join(cells)} |")
    lines += ["", f"Lost in all: {_lost(score.ledger):.2f}"]
    reasons = [(line.rule, outcomes[line.rule].reason) for line in score.ledger if not line.points]
    lines += ["", *(f"- `{rule}`: {escaped(reason)}" for rule, reason in reasons if reason)]
    return "\n".join(lines).rstrip() + "\n"


def _of(report: Report, category: CategoryScore) -> list[Entry]:
    found = [e for e in report.score.ledger if e.category == category.id and e.points > 0]
    return sorted(found, key=lambda e: (-(e.lost + e.booked), e.rule))


def _category(
    category: CategoryScore, entries: Sequence[Entry], outcomes: dict[str, Outcome], view: View
) -> list[Line]:
    head: Line = [Span(clean(category.title), "bold")]
    share = f"{category.earned:.1f} of {category.max:.1f}"
    names = "".join(f"{name:>9}" for name in _COLUMNS)
    lines = [spread([*head, Span(f"  {share}", "dim")], [Span(names, "dim")], view.width)]
    for one in entries:
        style = {"pass": "green", "fail": "red"}.get(one.verdict, "yellow")
        name = cut(one.rule, view.width - 50)
        left = [Span(f"  {one.verdict:<8}", style), Span(f" {name}")]
        lost = f"{-one.lost:.2f}" if one.lost else ""
        numbers = f"{_good(outcomes[one.rule]):>9}{one.credit:>9.2f}{one.points:>9.2f}{lost:>9}"
        lines.append(spread(left, [Span(numbers)], view.width))
        waiting = [e.rule for e in entries if one.rule in outcomes[e.rule].blockers]
        if waiting and columns(waiting[0]):
            text = f"{', '.join(waiting)} {'wait' if len(waiting) > 1 else 'waits'} for it"
            lines += indented(text, view.width, 11, "dim")
    return lines


def _total(report: Report, view: View) -> list[Line]:
    value = report.score.value
    if value is None:
        return []
    lost = _lost(report.score.ledger)
    text = f"100 - {lost:.2f} lost = {value:.2f}"
    return [spread([Span("Score", "bold")], [Span(text, "bold")], view.width), []]


def _left_out(report: Report, outcomes: dict[str, Outcome], view: View) -> list[Line]:
    """The rules that stay out of the sum, each with its reason."""
    lines: list[Line] = []
    out = [e for e in report.score.ledger if e.points <= 0]
    if out or report.disabled:
        lines.append([Span("Not in the sum", "bold")])
    for one in out:
        why = f"not expected at {report.profile}" if one.masked else ""
        reason = why or f"{one.verdict}: {outcomes[one.rule].reason}"
        lines += entry(one.rule, reason, view, indent=2)
    for name, reason in sorted(report.disabled.items()):
        lines += entry(name, f"disabled: {reason}", view, indent=2)
    return lines


def _good(outcome: Outcome) -> str:
    return f"{outcome.sites - outcome.bad}/{outcome.sites}" if outcome.sites else ""


def _lost(ledger: Iterable[Entry]) -> float:
    return fsum(one.lost for one in ledger)
