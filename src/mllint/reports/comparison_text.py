"""A comparison of two reports for people at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.compared import LABELS, headline, named, shares
from mllint.reports.lines import Line, Span, clean, indented
from mllint.reports.paint import paint
from mllint.reports.places import SEVERITY_STYLES, count, points, where
from mllint.reports.text_lists import entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.comparison import Change, Comparison
    from mllint.reports import View
    from mllint.review import Finding

_SIGNS = {True: "green", False: "red"}


def render(compared: Comparison, view: View) -> str:
    """The score, why it changed, what is new and what is mended."""
    lines = [[Span(clean(headline(compared)), "bold")]]
    lines += indented(clean(named(compared)), view.width, 0, "dim")
    lines += _parts(compared)
    for note in compared.notes:
        lines += indented(f"note: {clean(note)}", view.width, 0, "yellow")
    lines += _findings("New", compared.found, view)
    lines += _findings("New, by rules that were not judged before", compared.appeared, view)
    lines += _findings("Mended", compared.mended, view)
    lines += _findings("Waived since", compared.waived, view)
    lines += _findings("Gone with rules that are not judged any more", compared.gone, view)
    lines += _changes("Not judged any more", compared.not_judged, view)
    lines += _changes("Newly judged", compared.newly_judged, view)
    if not any((compared.found, compared.appeared, compared.mended, compared.waived)):
        lines += [[], [Span("The findings are the same.")]]
    return paint(lines, view)


def _parts(compared: Comparison) -> list[Line]:
    lines: list[Line] = []
    for name, value, inner in shares(compared):
        style = "" if abs(value) < 0.05 else _SIGNS[value > 0]
        told = f"  {inner}" if inner else ""
        lines.append(
            [Span(f"  {LABELS[name]:<14}"), Span(f"{value:+7.1f}", style), Span(told, "dim")]
        )
    return lines


def _findings(title: str, findings: Sequence[Finding], view: View) -> list[Line]:
    if not findings:
        return []
    lines: list[Line] = [[], [Span(title, "bold"), Span(f"  {len(findings)}", "dim")]]
    for finding in findings[: view.max_findings or None]:
        lines.append(
            [
                Span(f"  {finding.severity:<7}", SEVERITY_STYLES[finding.severity]),
                Span(f" {finding.rule}", "bold"),
                Span(f"  {where(finding)}", "cyan"),
                Span(f"  {points(finding.lost)}" if finding.lost else "", "dim"),
            ]
        )
        lines += indented(clean(finding.message), view.width, 4)
    left = len(findings) - (view.max_findings or len(findings))
    if left > 0:
        lines.append([Span(f"  ... {count(left, 'more finding')} (--max-findings 0)", "dim")])
    return lines


def _changes(title: str, changes: Sequence[Change], view: View) -> list[Line]:
    if not changes:
        return []
    lines: list[Line] = [[], [Span(title, "bold"), Span(f"  {len(changes)}", "dim")]]
    for one in changes:
        said = f"{one.old}, then {one.new}{f': {one.reason}' if one.reason else ''}"
        lines += entry(one.rule, said, view, indent=2)
    return lines
