"""The comment on a pull request: what changed first, within what hosts take as one comment.

The hidden first line tells a project's comment from others, so that it can be replaced.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from mllint.comparison import compared
from mllint.reports import markdown_parts as parts
from mllint.reports.compared import change_shown, shares
from mllint.reports.compared import headline as change_of
from mllint.reports.comparison_markdown import entries
from mllint.reports.comparison_markdown import parts as reasons
from mllint.reports.markup import code, folded, table, text
from mllint.reports.places import count, duration
from mllint.reports.said import counts, headline, shown, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.comparison import Comparison
    from mllint.reports import View
    from mllint.review import Finding, Report

ROOM = 60_000
"""Characters; GitHub takes 65,536."""
OPEN = 10
"""Findings that are listed before the rest is folded away."""
_VERSION = "v1"


def render(report: Report, view: View) -> str:
    """The comment; details go first where it grows too long, then findings."""
    change = compared(report.before, report) if report.before else None
    most = len(shown(report))
    details = True
    while True:
        comment = _comment(report, view, change, most, details=details)
        if len(comment) <= ROOM or not most:
            return comment[:ROOM]
        if details:
            details = False
        else:
            most //= 2


def marker(report: Report) -> str:
    """The hidden line by which the comment of a project is found again."""
    project = quote(report.run.inside.encode("utf-8", "surrogatepass")) or "."
    return f"<!-- mllint:pr project={project} {_VERSION} -->"


def _comment(
    report: Report, view: View, change: Comparison | None, most: int, *, details: bool
) -> str:
    sections = [
        [marker(report), f"### {_title(report, change)}"],
        _table(report, change),
        _findings(report, view, change, most),
        _first(report),
        _details(report, view, change) if details else [],
        [_footer(report, change)],
    ]
    comment = "\n".join(line for lines in sections if lines for line in [*lines, ""])
    return re.sub(r"\n{3,}", "\n\n", comment).rstrip() + "\n"


def _title(report: Report, change: Comparison | None) -> str:
    said = text(change_of(change)) if change and change.delta is not None else headline(report)
    verdict = "gate passed" if report.gate.passed else "gate **failed**"
    why = "" if report.gate.passed else f": {'; '.join(map(text, report.gate.reasons))}"
    return f"mllint: {said.removeprefix('Score ')} · {verdict}{why}".replace("-&gt;", "→")


def _table(report: Report, change: Comparison | None) -> list[str]:
    if change is None:
        known = sum(f.status == "baselined" for f in report.findings)
        more = f", {known} known before" if known else ""
        return [f"{tally(report) or 'No findings'}{more}."]
    new = [*change.found, *change.appeared]
    total = [f for f in report.findings if f.status in {"new", "baselined"}]
    rows = [
        ("New findings", counts(new) or "none", str(len(total))),
        ("Mended", counts(change.mended) or "none", ""),
    ]
    if change.waived:
        rows.append(("Waived", counts(change.waived), ""))
    if change.delta is not None:
        rows.append(("Points", _reasons(change), change_shown(change)))
    return table(("", "This change:", "Total:"), rows)


def _reasons(change: Comparison) -> str:
    """`+3.8 mended, -6.0 worse, -1.0 rules`."""
    told = []
    for share in shares(change):
        if share.inner:
            told.append(share.inner)
        elif abs(share.points) >= 0.05:
            told.append(f"{share.points:+.1f} {share.name}")
    return ", ".join(told) or "unchanged"


def _findings(report: Report, view: View, change: Comparison | None, most: int) -> list[str]:
    new = [*change.found, *change.appeared] if change else list(shown(report))
    lines = _list("New" if change else "Findings", new[:most], len(new), report, view)
    if change and change.mended and most:
        mended = entries(change.mended[:most], change.old, view)
        lines += ["", *folded(f"Mended: {len(change.mended)}", mended)]
    return lines


def _list(
    title: str, findings: Sequence[Finding], total: int, report: Report, view: View
) -> list[str]:
    if not total:
        return []
    lines = [f"**{title}**", *entries(findings[:OPEN], report, view)]
    rest = entries(findings[OPEN:], report, view)
    lines += ["", *folded(f"{len(rest)} more", rest)] if rest else []
    left = total - len(findings)
    return [*lines, f"- {left} more in the job summary, or with `mllint check`"] if left else lines


def _first(report: Report) -> list[str]:
    fixes = report.fix_first[:3]
    if not fixes:
        return []
    told = [
        f"{code(fix.rule)} ({fix.gain:+.1f}, about {duration(fix.effort)})"
        if fix.gain >= 0.05
        else f"{code(fix.rule)} (about {duration(fix.effort)})"
        for fix in fixes
    ]
    return [f"**Fix first**: {'; '.join(told)}"]


def _details(report: Report, view: View, change: Comparison | None) -> list[str]:
    lines = folded("Score by category", parts.categories(report))
    if change and change.parts:
        lines += folded("Why the score changed", [*reasons(change), *_notes(change)])
    lines += parts.waived(report, view)
    if change is None:
        lines += parts.known(report, view)
    return [*lines, *parts.imported(report), *parts.unread(report)]


def _notes(change: Comparison) -> list[str]:
    return [f"- {text(note)}" for note in change.notes]


def _footer(report: Report, change: Comparison | None) -> str:
    run = report.run
    judged, complete = report.score, report.run.complete
    told = [
        f"profile {report.profile}",
        f"ruleset {run.ruleset}",
        f"mllint {run.version}",
        *([f"commit {code(run.commit[:7])}"] if run.commit else []),
        *([f"{judged.judged} rules judged, {judged.not_applicable} not applicable"] * complete),
        *([f"compared with the {text(report.before_name)}"] if change else []),
        count(run.files, "file"),
    ]
    return f"<sub>{' · '.join(told)}</sub>"
