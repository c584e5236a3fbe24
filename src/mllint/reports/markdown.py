"""The whole report as Markdown: for a job summary, a wiki, a review."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.reports import markdown_parts as parts
from mllint.reports.markdown_findings import block
from mllint.reports.places import count
from mllint.reports.said import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.reports import View
    from mllint.review import Finding, Report


def render(report: Report, view: View) -> str:
    """Everything that there is to say."""
    return within(report, view, 0)


def within(report: Report, view: View, room: int) -> str:
    """The report in at most that many bytes (0 = any): the details go first, then findings."""
    groups = _groups(report)
    text = _text(report, view, groups, details=True)
    if not room or _size(text) <= room:
        return text
    kept = len(groups)
    text = _text(report, view, groups, details=False)
    while _size(text) > room and kept:
        kept //= 2
        text = _text(report, view, groups[:kept], details=False)
    return text if _size(text) <= room else ""


def _text(report: Report, view: View, groups: Sequence[Sequence[Finding]], *, details: bool) -> str:
    sections = [
        parts.title(report),
        parts.scores(report),
        parts.categories(report),
        parts.fix_first(report, view),
        _findings(report, view, groups),
        parts.known(report, view),
        parts.waived(report, view),
        parts.imported(report),
        parts.attested(report),
    ]
    if details:
        sections += [
            parts.passed(report, view),
            parts.unjudged(report),
            parts.disabled(report),
        ]
    sections += [parts.unread(report), parts.footer(report)]
    text = "\n".join(line for lines in sections if lines for line in [*lines, ""])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _findings(report: Report, view: View, groups: Sequence[Sequence[Finding]]) -> list[str]:
    everything = shown(report)
    if not everything:
        return []
    lines = [f"## {count(len(everything), 'finding')}", ""]
    for group in groups:
        lines += block(group, report, view)
    left = len(everything) - sum(map(len, groups))
    if left:
        lines.append(f"{count(left, 'more finding')}: run `mllint check --max-findings 0`.")
    return lines


def _groups(report: Report) -> list[list[Finding]]:
    """The new findings by rule, the worst rule first."""
    groups: dict[str, list[Finding]] = {}
    for finding in shown(report):
        groups.setdefault(finding.rule, []).append(finding)
    return list(groups.values())


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
