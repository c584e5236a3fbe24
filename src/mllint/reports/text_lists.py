"""The further sections of the text report: what passed, what was not judged, what was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, clean, columns, cut_start, indented
from mllint.reports.places import count, place, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mllint.reports import View
    from mllint.review import Evidence, Finding, Outcome, Report

_STATES = {
    "valid": "",
    "expired": "note: has run out: ",
    "unproven": "note: its proof is not there: ",
}
"""What is said before an attestation, by its state."""
PIECES = 5
"""Pieces of evidence shown per rule under `-v`."""


def passed(report: Report, view: View) -> list[Line]:
    """The rules that passed, by category, with what was seen."""
    outcomes = [o for o in report.outcomes if o.verdict == "pass"]
    if not outcomes:
        return []
    lines: list[Line] = [[Span("Passed", "bold"), Span(f"  {count(len(outcomes), 'rule')}", "dim")]]
    category = ""
    for outcome in outcomes:
        if outcome.category != category:
            category = outcome.category
            known = report.categories.get(category)
            lines.append([Span(f"  {known.title if known else category}")])
        lines += entry(outcome.rule, outcome.reason, view, indent=4, style="green")
        if view.verbosity > 0:
            lines += evidence(outcome.evidence, view)
    return lines


def evidence(pieces: Sequence[Evidence], view: View) -> list[Line]:
    """The first pieces of evidence, one to a line."""
    lines: list[Line] = []
    for piece in pieces[:PIECES]:
        mark = "?" if piece.ok is None else "+" if piece.ok else "-"
        at = f"{place(piece.at)}: " if piece.at else ""
        text = f"{mark} {at}{clean(piece.note)}".rstrip(": ")
        lines += indented(text, view.width, 6, hang=2)
    if len(pieces) > PIECES:
        lines.append([Span(f"      ... and {len(pieces) - PIECES} more", "dim")])
    return lines


def unjudged(report: Report, view: View) -> list[Line]:
    """The rules without a verdict, by kind, each with its reason."""
    masked = {line.rule for line in report.score.ledger if line.masked}
    kinds = (
        ("Not applicable", "not-applicable"),
        ("Unknown", "unknown"),
        ("Blocked", "blocked"),
    )
    lines: list[Line] = []
    for title, verdict in kinds:
        found = [o for o in report.outcomes if o.verdict == verdict and o.rule not in masked]
        lines += _section(title, ((o.rule, o.reason) for o in found), view)
    title = f"Not expected at {report.profile}"
    lines += _section(
        title, ((o.rule, o.verdict) for o in report.outcomes if o.rule in masked), view
    )
    return lines + _section("Disabled", sorted(report.disabled.items()), view)


def crashed(outcomes: Iterable[Outcome], view: View) -> list[Line]:
    """The rules of ours that failed; with tracebacks under `-v`."""
    lines: list[Line] = []
    for outcome in outcomes:
        lines += [[Span("crashed ", "bold red"), Span(outcome.rule, "bold")]]
        lines += indented(clean(outcome.reason), view.width, 3)
        if view.verbosity > 0:
            lines += [[Span(f"   | {clean(t)}", "dim")] for t in outcome.traceback.splitlines()]
    if lines:
        text = "This is a fault of mllint, not of your project; please report it."
        lines += indented(text + ("" if view.verbosity > 0 else " -v shows where."), view.width, 3)
    return lines


def waived(report: Report, view: View) -> list[Line]:
    """The findings that were waived, each with its reason."""
    found = [f for f in report.findings if f.status == "waived"]
    return _section("Waived", ((_name(f), _why(f)) for f in found), view)


def _why(finding: Finding) -> str:
    """The reason of a waiver, with its kind, last day and issue."""
    waiver = finding.waiver
    if waiver is None:
        return finding.reason or "no reason given"
    more = [waiver.kind] if waiver.kind != "accepted" else []
    more += [f"until {waiver.until}"] if waiver.until else []
    more += [waiver.issue] if waiver.issue else []
    said = finding.reason or "no reason given"
    return f"{said} ({', '.join(more)})" if more else said


def attested(report: Report, view: View) -> list[Line]:
    """What people attest; the questions that nobody has answered are counted, or listed."""
    rows = [
        (f"{one.id} {one.topic}", _STATES[one.state] + one.said)
        for one in report.attested
        if one.state != "open"
    ]
    left = [one for one in report.attested if one.state == "open"]
    if "attested" in view.show:
        rows += [(f"{one.id} {one.topic}", f"note: open: {one.question}") for one in left]
    elif left:
        rows.append(("note", f"{count(len(left), 'question')} open (--show attested)"))
    return _section("Attested by people; no points", rows, view)


def concealed(report: Report, view: View) -> list[Line]:
    """What the repository's own settings would have hidden, in an audit."""
    rows = []
    for one in report.concealed:
        at = ":".join([clean(one.path) or "repository", *([str(one.line)] if one.line else [])])
        rows.append((f"{one.severity} {one.rule}", f"{at}: {one.by}"))
    return _section("Hidden by the repository's own settings", rows, view)


def imported(report: Report, view: View) -> list[Line]:
    """The findings of other tools, a line each."""
    most = view.max_findings or len(report.imported)
    rows = []
    for one in report.imported[:most]:
        at = ":".join([clean(one.path) or "repository", *([str(one.line)] if one.line else [])])
        rows.append((at, f"{one.level} {one.tool} {one.rule}: {one.message}"))
    if len(report.imported) > most:
        rows.append(("...", f"{len(report.imported) - most} more (--max-findings 0)"))
    return _section("From other tools; no points, no gate", rows, view)


def known(report: Report, view: View) -> list[Line]:
    """The findings that were known before, each with where it is known from."""
    found = [f for f in report.findings if f.status == "baselined"]
    return _section("Known before", ((_name(f), f.reason) for f in found), view)


def problems(report: Report, view: View) -> list[Line]:
    """The files that could not be read, or not wholly."""
    rows = []
    for one in report.problems:
        cell = f" cell {one.cell}" if one.cell else ""
        line = f":{one.line}" if one.line else ""
        rows.append((f"{clean(one.path) or '.'}{cell}{line}", f"{one.kind}: {one.text}"))
    return _section("Not read", rows, view)


def entry(name: str, text: str, view: View, indent: int, style: str = "") -> list[Line]:
    """A name with a sentence beside it, or below it where the name is long."""
    column = indent + 32
    paragraph = indented(clean(text), view.width, column)
    if columns(name) > 30 or view.width < 70:
        name = cut_start(name, view.width - indent)
        below = indented(clean(text), view.width, indent + 4)
        return [[Span(" " * indent), Span(name, style)], *below]
    head = [Span(" " * indent), Span(name, style), Span(" " * (32 - columns(name)))]
    return [[*head, *paragraph[0][1:]], *paragraph[1:]]


def _section(title: str, rows: Iterable[tuple[str, str]], view: View) -> list[Line]:
    found = list(rows)
    if not found:
        return []
    lines: list[Line] = [[Span(title, "bold"), Span(f"  {len(found)}", "dim")]]
    for name, text in found:
        lines += entry(name, text, view, indent=2)
    return [*lines, []]


def _name(finding: Finding) -> str:
    return f"{finding.rule}  {where(finding)}"
