"""A page of explanation: labelled sections, as terminal text or as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mllint.reports.catalogue import escaped
from mllint.reports.lines import (
    Line,
    Span,
    clean,
    columns,
    cut,
    fits,
    indented,
    listed,
    spread,
    wrap,
)
from mllint.reports.paint import paint

if TYPE_CHECKING:
    from mllint.reports import View

LABEL = 18
"""Columns of the labels."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be shown as it stands, under a caption."""

    caption: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list; `style` is that of its name."""

    name: str
    text: str
    style: str = ""


Block: TypeAlias = "str | Code | Item"


@dataclass(frozen=True, slots=True)
class Page:
    """A title, what it is, a sentence, and sections of a label and blocks."""

    title: str
    kinds: tuple[str, ...]
    summary: str
    sections: tuple[tuple[str, tuple[Block, ...]], ...]


def as_text(page: Page, view: View) -> str:
    """The page for a terminal."""
    head: Line = [Span(page.title, "bold")]
    kinds: Line = [Span(" · ".join(page.kinds), "dim")]
    lines: list[Line] = (
        [spread(head, kinds, view.width)]
        if fits(head, kinds, view.width)
        else [head, *listed(page.kinds, view.width, 2, "dim")]
    )
    lines += indented(clean(page.summary), view.width, 0)
    long = True
    for label, blocks in page.sections:
        if blocks:
            section = _section(label, blocks, view)
            # Short sections stand together; a longer one has air around it.
            lines += [[]] if long or len(section) > 1 else []
            lines += section
            long = len(section) > 1
    return paint(lines, view)


def _section(label: str, blocks: tuple[Block, ...], view: View) -> list[Line]:
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, Code):
            lines += _code(block, view)
        elif isinstance(block, Item):
            lines += _item(block, view)
        else:
            lines += indented(clean(block), view.width, LABEL)
    first = lines[0]
    title = Span(f"{label:<{LABEL}}", "bold")
    if first and first[0].text.startswith(" " * LABEL):
        rest = Span(first[0].text[LABEL:], first[0].style)
        return [[title, rest, *first[1:]], *lines[1:]]
    return [[title], *lines]


def _item(item: Item, view: View) -> list[Line]:
    name = clean(item.name)
    room = view.width - LABEL - columns(name) - 2
    if room >= 30:
        parts = wrap(clean(item.text), room)
        pad = " " * (LABEL + columns(name) + 2)
        first = [Span(" " * LABEL), Span(name, item.style), Span(f"  {parts[0]}")]
        return [first, *([Span(pad), Span(part)] for part in parts[1:])]
    head: Line = [Span(" " * LABEL), Span(name, item.style)]
    return [head, *indented(clean(item.text), view.width, LABEL + 2)]


def _code(code: Code, view: View) -> list[Line]:
    lines: list[Line] = (
        [[Span(" " * LABEL), Span(clean(code.caption), "dim")]] if code.caption else []
    )
    for text in code.text.splitlines():
        shown = cut(clean(text), view.width - LABEL - 2)
        lines.append([Span(" " * LABEL), Span("| ", "dim"), Span(shown)])
    return lines


def as_markdown(page: Page) -> str:
    """The page for a document."""
    lines = [f"# {escaped(page.title)}", "", f"*{escaped(' · '.join(page.kinds))}*", ""]
    lines += [escaped(page.summary), ""]
    for label, blocks in page.sections:
        if blocks:
            lines += [f"## {escaped(label)}", ""]
        for block in blocks:
            if lines[-1].startswith("- ") and not isinstance(block, Item):
                lines.append("")
            lines += _markdown(block)
        if lines[-1]:
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _markdown(block: Block) -> list[str]:
    if isinstance(block, Item):
        return [f"- **{escaped(block.name)}** {escaped(block.text)}".rstrip()]
    if isinstance(block, Code):
        caption = [f"{escaped(block.caption)}:", ""] if block.caption else []
        return [*caption, *_fence(block.text)]
    return [escaped(block), ""]


def _fence(text: str) -> list[str]:
    """A code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, *map(clean, text.splitlines()), fence, ""]
