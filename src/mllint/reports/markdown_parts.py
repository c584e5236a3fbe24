"""The sections of the Markdown reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.markdown_findings import entry, spot
from mllint.reports.markup import code, folded, table, text
from mllint.reports.places import count, down, duration, place
from mllint.reports.said import NO_ML, NO_SCORE, headline
from mllint.reports.text_score import fix_place, judged, without_waivers
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.reports import View
    from mllint.review import Finding, Report

PIECES = 3
"""Pieces of evidence shown of a rule that passed."""


def title(report: Report) -> list[str]:
    """The score and the verdict."""
    return [f"# mllint: {headline(report)}", "", verdict(report)]


def verdict(report: Report) -> str:
    """Whether the run passes, and what it failed."""
    reasons = "; ".join(map(text, report.gate.reasons))
    if report.gate.passed:
        return f"**Passed**{f' ({reasons})' if reasons else ''}"
    return f"**Failed**: {reasons}" if reasons else "**Failed**"


def scores(report: Report) -> list[str]:
    """The scores of the three profiles, and what they rest on."""
    if not report.run.complete:
        return [f"No score: {NO_SCORE}."]
    if report.score.value is None:
        return [f"No score: {NO_ML}."]
    bare = without_waivers(report)
    rows = []
    for profile in PROFILES:
        one = report.scores.get(profile)
        if one is None:
            continue
        value = "n/a" if one.value is None else down(one.value)
        mine = profile == report.profile
        more = f" ({bare})" if mine and bare else ""
        name = f"**{profile}**" if mine else profile
        rows.append((name, f"{value}{more}", one.grade))
    return [*table(("Profile", "Score:", "Grade"), rows), "", _sentence(judged(report.score))]


def _sentence(parts: Iterable[str]) -> str:
    said = " · ".join(map(text, parts))
    return f"{said[:1].upper()}{said[1:]}"


def categories(report: Report) -> list[str]:
    """What each category earns."""
    parts = [c for c in report.score.categories if c.max > 0]
    if not report.run.complete or report.score.value is None or not parts:
        return []
    rows = [
        (text(c.title), f"{down(c.earned, 1)} / {down(c.max, 1)}", code(bar(c.earned, c.max)))
        for c in parts
    ]
    return table(("Category", "Points:", ""), rows)


def bar(earned: float, most: float, cells: int = 10) -> str:
    """Ten cells, filled as far as points were earned."""
    filled = int(cells * earned / most + 1e-5) if most > 0 else 0
    return "█" * filled + "░" * (cells - filled)


def fix_first(report: Report, view: View) -> list[str]:
    """What to fix first."""
    fixes = report.fix_first[: view.top]
    if not fixes:
        return []
    rows = [
        (
            code(fix.rule),
            _spot(fix_place(fix, report)),
            f"{fix.gain:+.1f}" if fix.gain >= 0.05 else "",
            duration(fix.effort),
            "blocks the gate" if fix.blocks_gate else "",
        )
        for fix in fixes
    ]
    return ["## Fix first", "", *table(("Rule", "Where", "Gain:", "Effort", ""), rows)]


def _spot(where: str) -> str:
    """A place of the text report: a path in a code span, words as they are."""
    return where if where == "repository" or where.endswith(" places") else code(where)


def known(report: Report, view: View) -> list[str]:
    """The findings that were there before."""
    found = [f for f in report.findings if f.status == "baselined"]
    lines = [f"- {code(f.rule)} {entry(f, report, view)}" for f in found]
    return folded(f"Known before: {len(found)}", lines)


def waived(report: Report, view: View) -> list[str]:
    """The findings that were waived, each with who says why."""
    found = [f for f in report.findings if f.status == "waived"]
    return folded(f"Waived: {len(found)}", [_waived(f, report, view) for f in found])


def _waived(finding: Finding, report: Report, view: View) -> str:
    reason = text(finding.reason) if finding.reason else "no reason given"
    source = f" ({finding.waiver.kind}, {code(finding.waiver.source)})" if finding.waiver else ""
    return f"- {code(finding.rule)} {spot(finding, report, view)}: {reason}{source}"


def attested(report: Report) -> list[str]:
    """What people attest, and what they were asked and did not say."""
    lines = [
        f"- {code(one.id)} {text(one.question)} *{one.state}*"
        + (f": {text(one.said)}" if one.state != "open" else "")
        for one in report.attested
    ]
    return folded(f"Attested by people: {len(lines)}", lines)


def imported(report: Report) -> list[str]:
    """What other tools found."""
    lines = []
    for one in report.imported:
        at = f"{one.path}:{one.line}" if one.line else one.path
        shown = f" {code(at)}" if at else ""
        lines.append(f"- {one.level} {code(f'{one.tool} {one.rule}')}{shown}: {text(one.message)}")
    return folded(f"Found by other tools: {len(lines)}", lines)


def passed(report: Report, view: View) -> list[str]:
    """The rules that passed, with what was seen."""
    del view
    lines = []
    for outcome in report.outcomes:
        if outcome.verdict != "pass":
            continue
        lines.append(f"- {code(outcome.rule)}: {text(outcome.reason)}")
        pieces = [e for e in outcome.evidence if e.ok and e.at and e.at.path and e.note]
        if len(pieces) > 1:
            lines += [f"  - {code(place(e.at))}: {text(e.note)}" for e in pieces[:PIECES] if e.at]
    number = sum(o.verdict == "pass" for o in report.outcomes)
    return folded(f"Passed: {count(number, 'rule')}", lines)


def unjudged(report: Report) -> list[str]:
    """The rules without a verdict, each with its reason."""
    masked = {line.rule for line in report.score.ledger if line.masked}
    lines: list[str] = []
    for kind, name in (
        ("not-applicable", "Not applicable"),
        ("unknown", "Unknown"),
        ("blocked", "Blocked"),
        ("crashed", "Crashed"),
    ):
        found = [o for o in report.outcomes if o.verdict == kind and o.rule not in masked]
        rows = [f"- {code(o.rule)}: {text(o.reason)}".rstrip(": ") for o in found]
        lines += folded(f"{name}: {count(len(found), 'rule')}", rows)
    rows = [f"- {code(o.rule)}" for o in report.outcomes if o.rule in masked]
    return [*lines, *folded(f"Not expected at {report.profile}: {count(len(rows), 'rule')}", rows)]


def disabled(report: Report) -> list[str]:
    """The rules that were left out because somebody said so."""
    named = [(k, v) for k, v in sorted(report.disabled.items()) if v != "not selected"]
    rows = [f"- {code(name)}: {text(reason) or 'no reason given'}" for name, reason in named]
    return folded(f"Disabled: {count(len(rows), 'rule')}", rows)


def unread(report: Report) -> list[str]:
    """The files that could not be read."""
    rows = [
        f"- {code(f'{p.path}:{p.line}' if p.line else p.path or '.')}: {text(p.text)}"
        for p in report.problems
    ]
    return folded(f"Not read: {count(len(rows), 'file')}", rows)


def footer(report: Report) -> list[str]:
    """Under which settings the run was done."""
    run = report.run
    parts = [
        f"profile {report.profile}",
        f"ruleset {run.ruleset}",
        f"mllint {run.version}",
        *([f"commit {run.commit[:7]}"] if run.commit else []),
        f"{count(run.files, 'file')}",
    ]
    return [f"<sub>{' · '.join(map(text, parts))}</sub>"]
