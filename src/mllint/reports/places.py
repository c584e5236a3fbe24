"""How places and quantities are worded for people."""

from __future__ import annotations

from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.reports.lines import Span, clean

if TYPE_CHECKING:
    from mllint.facts import Place
    from mllint.review import Finding, Report

SEVERITY_STYLES = {"error": "bold red", "warning": "yellow", "note": "blue"}


def place(at: Place) -> str:
    """`train.py:12:5`, `eda.ipynb cell 7 (code 5), line 1`, or `repository` without a path."""
    path = clean(at.path)
    if not path:
        return "repository"
    if at.cell:
        code = f" (code {at.cell.code})" if at.cell.code else ""
        line = f", line {at.line}" if at.line else ""
        return f"{path} cell {at.cell.index}{code}{line}"
    return ":".join([path, *(str(n) for n in (at.line, at.col) if n)])


def where(finding: Finding) -> str:
    """The place of a finding; one about the whole repository has no place of its own."""
    return "repository" if finding.anchored else place(finding.at)


def linked(text: str, at: Place, report: Report, style: str = "") -> Span:
    """The text as a link to the file it names."""
    link = ""
    if at.path and Path(report.run.root).is_absolute():
        link = (Path(report.run.root) / at.path).as_uri() if _sound(at.path) else ""
    return Span(text, style, link)


def _sound(path: str) -> bool:
    return path.isprintable()


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def points(value: float) -> str:
    """Lost points with a sign, one decimal: `-2.7 points`; "" for none."""
    if value <= 0:
        return ""
    return f"-{value:.1f} points" if value >= 0.05 else "-<0.1 points"


def down(value: float, digits: int = 0) -> str:
    """A number rounded down, so that a whole score means that nothing was lost."""
    scale = 10**digits
    return f"{floor(value * scale + 1e-9) / scale:.{digits}f}"


def duration(minutes: int) -> str:
    """Minutes of work: `10 min`, `2 h`, `1 d`; a day has eight hours."""
    if minutes >= 480 and minutes % 480 == 0:
        return f"{minutes // 480} d"
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"
