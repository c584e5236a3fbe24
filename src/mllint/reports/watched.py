"""What a change of files did to a report, in a few lines for whoever watches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, clean, columns, cut
from mllint.reports.paint import paint
from mllint.reports.places import count, down
from mllint.reports.text import verdict
from mllint.reports.text_findings import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.comparison import Comparison
    from mllint.reports import View
    from mllint.review import Finding, Report


def render(compared: Comparison, paths: Sequence[str], when: str, view: View) -> str:
    """When, what changed, which findings came and went, the score, the verdict."""
    lines: list[Line] = [[], [Span(f"{when}  ", "dim"), Span(_named(paths, view.width))]]
    gone = [*compared.mended, *compared.waived, *compared.gone]
    come = [*compared.found, *compared.appeared]
    lines += _findings("-", "green", gone, compared.old, view)
    lines += _findings("+", "red", come, compared.new, view)
    if not gone and not come:
        lines.append([Span("  the findings are the same", "dim")])
    return paint([*lines, *_score(compared), [Span("  "), *verdict(compared.new)]], view)


def _named(paths: Sequence[str], width: int) -> str:
    whole = ", ".join(map(clean, paths))
    if columns(whole) + 18 <= width:
        return f"{whole} changed"
    first = cut(clean(paths[0]), max(width - 40, 20))
    return f"{first} and {count(len(paths) - 1, 'more file')} changed"


def _findings(
    sign: str, style: str, found: Sequence[Finding], report: Report, view: View
) -> list[Line]:
    most = view.max_findings or len(found)
    lines = [[Span(f"  {sign} ", style), *one_line(finding, report)] for finding in found[:most]]
    if len(found) > most:
        lines.append([Span(f"  {sign} {count(len(found) - most, 'more finding')}", style)])
    return lines


def _score(compared: Comparison) -> list[Line]:
    """The score and by how much it is another; nothing where there is none."""
    score, delta = compared.new.score, compared.delta
    if score.value is None or not compared.new.run.complete:
        return []
    moved = ""
    if delta is not None:
        moved = f" ({delta:+.1f})" if abs(delta) >= 0.05 else " (as before)"
    style = "" if delta is None or abs(delta) < 0.05 else "green" if delta > 0 else "red"
    return [[Span(f"  Score {down(score.value)} / 100  {score.grade}"), Span(moved, style)]]
