"""Which sections the page has, and what its filter can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.html.sections import Section, rules
from mllint.reports.said import shown
from mllint.review import SEVERITIES

if TYPE_CHECKING:
    from mllint.others import Concealed
    from mllint.review import Finding, Line, Outcome, Report


class Others(NamedTuple):
    """A list of findings that do not fail the run."""

    id: str
    title: str
    note: str
    findings: tuple[Finding, ...]


_OTHERS = (
    ("known", "baselined", "Known before", "They fail no gate, and cost what they cost."),
    (
        "waived",
        "waived",
        "Waived",
        "Somebody wrote that they may stay; a reason spares points.",
    ),
    ("unsure", "hidden", "Unsure", "Low confidence, or a rule on trial: never scored."),
)


def others(report: Report) -> list[Others]:
    """The findings that are known, waived or unsure."""
    lists = [
        Others(name, title, note, tuple(f for f in report.findings if f.status == status))
        for name, status, title, note in _OTHERS
    ]
    return [one for one in lists if one.findings]


def concealed(report: Report) -> list[tuple[Concealed, Finding | None]]:
    """What the project's own settings would have hidden, with its finding in this report."""
    found = {(f.rule, f.place, f.at.line * bool(f.place), f.message): f for f in report.findings}
    return [
        (one, found.get((one.rule, one.path, one.line, one.message))) for one in report.concealed
    ]


def statuses(report: Report) -> list[tuple[str, str]]:
    """What can be filtered by: the status of findings, and what became of the other rules."""
    found = [("new", "new")] if shown(report) else []
    if report.concealed:
        found.append(("concealed", "hidden by settings"))
    found += [(one.findings[0].status, one.title.lower()) for one in others(report)]
    if report.imported:
        found.append(("imported", "other tools"))
    found += [(one.status, one.title.lower()) for one in rules(report)]
    if report.attested:
        found.append(("attested", "attested"))
    return found


def contents(report: Report, *, scored: bool) -> list[tuple[str, str, int | None]]:
    """The anchors of the sections, with their titles and how much each holds."""
    lists: list[tuple[str, str, int | None]] = []
    if scored and report.fix_first:
        lists.append(("first", "Fix first", None))
    lists.append(("findings", "Findings", len(shown(report))))
    if report.concealed:
        lists.append(("concealed", "Hidden by settings", len(report.concealed)))
    lists += [(one.id, one.title, len(one.findings)) for one in others(report)]
    if report.imported:
        lists.append(("imported", "Other tools", len(report.imported)))
    passed, unjudged = _split(rules(report))
    lists += [(one.status, one.title, one.number) for one in passed]
    if unjudged:  # the first of them leads to all
        lists.append((unjudged[0].status, "Not judged", sum(one.number for one in unjudged)))
    if report.attested:
        lists.append(("attested", "Attested", len(report.attested)))
    if report.problems:
        lists.append(("unread", "Not read", len(report.problems)))
    if scored:
        lists.append(("ledger", "Every point", None))
    return lists


def _split(sections: list[Section]) -> tuple[list[Section], list[Section]]:
    """What passed, and all other rules."""
    passed = [one for one in sections if one.status == "passed"]
    return passed, [one for one in sections if one.status != "passed"]


def ledger(report: Report) -> list[tuple[Line, Outcome]]:
    """The rules that have points, those that lost most first."""
    outcomes = {o.rule: o for o in report.outcomes}
    counted = [line for line in report.score.ledger if line.points > 0]
    counted.sort(key=lambda line: (-line.lost, SEVERITIES.index(line.severity), line.rule))
    return [(line, outcomes[line.rule]) for line in counted]
