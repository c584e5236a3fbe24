"""Lines as terminal text: plain, or in colour by rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.lines import Line, Span, plain, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.reports import View


def paint(lines: Sequence[Line], view: View) -> str:
    """The text of lines. Without colour rich is not even imported."""
    if not view.unicode:
        lines = [[Span(plain(s.text), s.style, s.link) for s in line] for line in lines]
    if view.color:
        return _rich(lines, view)
    if view.links:
        lines = [[_linked(span) for span in line] for line in lines]
    return text_of(lines)


def _linked(span: Span) -> Span:
    """The span with its link written out (OSC 8), for a terminal without colour."""
    if not span.link:
        return span
    return span._replace(text=f"\x1b]8;;{span.link}\x1b\\{span.text}\x1b]8;;\x1b\\")


def _rich(lines: Sequence[Line], view: View) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    console = Console(
        file=StringIO(), width=10_000, force_terminal=True, legacy_windows=False,
        color_system="standard", emoji=False, markup=False, highlight=False,
    )  # fmt: skip
    styles: dict[tuple[str, str], Style] = {}

    def style(span: Span) -> Style:
        key = (span.style, span.link if view.links else "")
        if key not in styles:
            styles[key] = Style.parse(key[0]) + Style(link=key[1] or None)
        return styles[key]

    with console.capture() as captured:
        for line in lines:
            text = Text(no_wrap=True, end="\n")
            for span in line:
                text.append(span.text, style(span))
            text.rstrip()
            console.print(text, soft_wrap=True)
    return captured.get()
