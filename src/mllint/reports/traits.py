"""What a run takes the project to be, with the reason for each trait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.catalogue import escaped
from mllint.reports.lines import Line, Span, clean, indented, wrap
from mllint.reports.paint import paint

if TYPE_CHECKING:
    from mllint.reports import View
    from mllint.review import Report, Trait

_SUMMARY = "What mllint takes the project to be; [tool.mllint.traits] overrides it."
_WORDS = {True: ("yes", "green"), None: ("unknown", "yellow"), False: ("no", "dim")}
_COLUMN = 31


def as_text(report: Report, view: View) -> str:
    """A line per trait: what holds first, then what is unknown, then what does not."""
    lines: list[Line] = [*indented(_SUMMARY, view.width, 0), []]
    for trait in _ordered(report):
        word, style = _WORDS[trait.holds]
        parts = wrap(clean(_reason(trait)), view.width - _COLUMN)
        lines.append([Span(f"  {trait.id:<20} "), Span(f"{word:<8}", style), Span(parts[0])])
        lines += [[Span(" " * _COLUMN), Span(part)] for part in parts[1:]]
    return paint(lines, view)


def as_markdown(report: Report) -> str:
    """The traits as a table."""
    lines = ["# Traits", "", _SUMMARY, "", "| Trait | Holds | Reason |", "|---|---|---|"]
    lines += [
        f"| `{t.id}` | {_WORDS[t.holds][0]} | {escaped(_reason(t))} |" for t in _ordered(report)
    ]
    return "\n".join(lines) + "\n"


def _ordered(report: Report) -> list[Trait]:
    order = list(_WORDS)
    return sorted(report.traits.values(), key=lambda t: (order.index(t.holds), t.id))


def _reason(trait: Trait) -> str:
    return trait.reason.rstrip(": ") or trait.title
