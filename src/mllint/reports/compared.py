"""What a comparison says in one line, for all its formats alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.reports.places import down

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.comparison import Comparison
    from mllint.review import Report

LABELS: Mapping[str, str] = {
    "code": "code",
    "rules": "rules",
    "configuration": "configuration",
    "waivers": "waivers",
}
_INNER: Mapping[str, str] = {
    "mended": "mended",
    "worse": "worse",
    "not-judged": "no longer applicable",
    "newly-judged": "newly judged",
}
_LEAST = 0.05
"""Points that are worth a word."""


class Share(NamedTuple):
    """A part of the change of the score."""

    name: str
    """Of `LABELS`."""
    points: float
    inner: str
    """What it is made of: "+3.8 mended, -6.0 worse"."""


def shares(compared: Comparison) -> Iterator[Share]:
    """The parts of the change: code first, what it is made of beside it."""
    if not compared.parts:
        return
    inner = [
        f"{part.points:+.1f} {_INNER[part.name]}"
        for part in compared.parts
        if part.name in _INNER and abs(part.points) >= _LEAST
    ]
    yield Share("code", compared.points(*_INNER), ", ".join(inner))
    for name in list(LABELS)[1:]:
        yield Share(name, compared.points(name), "")


def headline(compared: Comparison) -> str:
    """`Score 76.2 -> 74.0 (-2.2), grade B -> C`."""
    old, new = _score(compared.old), _score(compared.new)
    change = "" if compared.delta is None else f" ({change_shown(compared)})"
    grades = [r.score.grade if r.run.complete else "n/a" for r in (compared.old, compared.new)]
    grade = grades[0] if grades[0] == grades[1] else f"{grades[0]} -> {grades[1]}"
    return f"Score {old} -> {new}{change}, grade {grade}"


def change_shown(compared: Comparison) -> str:
    """The change between the two scores as they are shown: `-2.2`."""
    return signed(float(_score(compared.new)) - float(_score(compared.old)))


def signed(value: float) -> str:
    """A change of points: `+1.3`, `-0.4`, `unchanged`."""
    return f"{value:+.1f}" if abs(value) >= _LEAST else "unchanged"


def named(compared: Comparison) -> str:
    """Which two reports these are."""
    return f"{compared.old_name or 'old'} -> {compared.new_name or 'new'}"


def _score(report: Report) -> str:
    value = report.score.value if report.run.complete else None
    return "n/a" if value is None else down(value, 1)
