"""A comparison of two reports as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.compared import LABELS, headline, named, shares
from mllint.reports.markdown_findings import entry
from mllint.reports.markup import code, folded, table, text
from mllint.reports.places import points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.comparison import Change, Comparison
    from mllint.reports import View
    from mllint.review import Finding, Report


def render(compared: Comparison, view: View) -> str:
    """The whole comparison."""
    lines = [f"# mllint: {text(headline(compared))}", "", text(named(compared)), ""]
    lines += parts(compared)
    lines += [f"> {text(note)}" for note in compared.notes]
    new, old = compared.new, compared.old
    for title, findings, report in (
        ("New", compared.found, new),
        ("New, by rules that were not judged before", compared.appeared, new),
        ("Mended", compared.mended, old),
        ("Waived since", compared.waived, new),
        ("Gone with rules that are not judged any more", compared.gone, old),
    ):
        if findings:
            lines += ["", f"## {title}: {len(findings)}", "", *entries(findings, report, view)]
    for title, changes in (
        ("Not judged any more", compared.not_judged),
        ("Newly judged", compared.newly_judged),
    ):
        lines += ["", *folded(f"{title}: {len(changes)}", _changes(changes))] if changes else []
    return "\n".join(lines).rstrip() + "\n"


def parts(compared: Comparison) -> list[str]:
    """Why the score is another; nothing where nobody can tell."""
    rows = [(LABELS[s.name], f"{s.points:+.1f}", text(s.inner)) for s in shares(compared)]
    return [*table(("Due to", "Points:", ""), rows), ""] if rows else []


def entries(findings: Sequence[Finding], report: Report, view: View) -> list[str]:
    """A line for each finding."""
    lines = []
    for one in findings:
        price = points(one.lost)
        cost = f" *{price}*" if price else ""
        lines.append(f"- {one.severity} {code(one.rule)} {entry(one, report, view)}{cost}")
    return lines


def _changes(changes: Sequence[Change]) -> list[str]:
    return [
        f"- {code(one.rule)}: {one.old}, then {one.new}"
        f"{f': {text(one.reason)}' if one.reason else ''}"
        for one in changes
    ]
