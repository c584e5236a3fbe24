"""What a badge says and in which colour; the colour depends on the grade alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.places import down

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.review import Report


class Badge(NamedTuple):
    """Two texts and a colour."""

    label: str
    message: str
    name: str
    """Of the colour, as shields.io has it."""
    color: str
    """The same as a number of CSS."""


_COLORS: Mapping[str, tuple[str, str]] = {
    "A": ("brightgreen", "#2f7d32"),
    "B": ("green", "#4f7a12"),
    "C": ("yellow", "#8a6700"),
    "D": ("orange", "#b34700"),
    "E": ("red", "#b3261e"),
}
_NONE = ("lightgrey", "#5f6368")


def badge(report: Report) -> Badge:
    """The badge of a run; one without a score says so."""
    score = report.score if report.run.complete else None
    if score is None or score.value is None:
        return Badge("mllint", "n/a", *_NONE)
    name, color = _COLORS.get(score.grade, _NONE)
    return Badge("mllint", f"{score.grade} {down(score.value)}", name, color)
