"""Styled lines: the text layout that coloured and plain reports share.

A line is a list of spans; painting it in colour or plain never moves a character. Knows columns,
not findings. Text of a repository passes through `clean` and can therefore neither move the cursor
nor break a line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_UNSAFE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f"  # control characters
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # of direction, and ends of lines
    "\xad\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # what is not seen
    "\U000e0000-\U000e007f"
    "\ud800-\udfff]"
    r"|#(?=#\w*\[)"  # what opens a command of a build server's log
)
_ASCII = str.maketrans("·█░…“”", '-#-~""')


class Span(NamedTuple):
    """Text in one style."""

    text: str
    style: str = ""
    """A rich style, or ""."""
    link: str = ""
    """URL that a terminal may open, or ""."""


Line: TypeAlias = list[Span]


def clean(text: str) -> str:
    r"""The text on one line with control, direction and lone surrogate characters escaped: `\x1b`.

    So is what logs of build servers would take for a command. Tabs become four spaces.
    """
    return _UNSAFE.sub(_escaped, text.replace("\t", "    "))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return {"\n": "\\n", "\r": "\\r"}.get(found[0]) or (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def plain(text: str) -> str:
    """The text with our own ornaments in ASCII, column for column."""
    return text.translate(_ASCII)


def columns(text: str) -> int:
    """Terminal columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def span_columns(line: Iterable[Span]) -> int:
    """Terminal columns that a line takes."""
    return sum(columns(span.text) for span in line)


def cut(text: str, width: int) -> str:
    """The text, its end replaced by `…` where it is wider than that."""
    if columns(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns(kept + character) > width - 1:
            break
        kept += character
    return kept + "…" if width > 0 else ""


def cut_start(text: str, width: int) -> str:
    """The text, its start replaced by `…`: of a long path the end says more."""
    return cut(text[::-1], width)[::-1] if columns(text) > width else text


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most that many columns, broken at spaces; longer words are broken."""
    width = max(width, 10)
    lines, here = [], ""
    for word in text.split():
        while columns(word) > width:
            if here:
                lines.append(here)
                here = ""
            head = cut(word, width + 1)[:-1]
            lines.append(head)
            word = word[len(head) :]  # noqa: PLW2901 - what is left of it
        if not here:
            here = word
        elif columns(here) + 1 + columns(word) <= width:
            here += f" {word}"
        else:
            lines.append(here)
            here = word
    return [*lines, here] if here or not lines else lines


def spread(left: Line, right: Line, width: int) -> Line:
    """One line with its right part flush right, at least two columns from the left part."""
    gap = width - span_columns(left) - span_columns(right)
    return [*left, Span(" " * max(gap, 2)), *right]


def fits(left: Line, right: Line, width: int) -> bool:
    """Whether both parts stand side by side."""
    return span_columns(left) + 2 + span_columns(right) <= width


def indented(text: str, width: int, indent: int, style: str = "", hang: int = 0) -> list[Line]:
    """A paragraph; `hang` columns more from its second line on."""
    first = wrap(text, width - indent)
    if hang and len(first) > 1:
        rest = text[len(first[0]) :].strip() if text.startswith(first[0]) else ""
        first = [first[0], *wrap(rest or " ".join(first[1:]), width - indent - hang)]
    return [
        [Span(" " * (indent + (hang if n else 0))), Span(part, style)]
        for n, part in enumerate(first)
    ]


def listed(parts: Iterable[str], width: int, indent: int, style: str = "") -> list[Line]:
    """Parts joined by dots; lines break between parts where that is possible."""
    lines: list[str] = []
    for part in parts:
        if lines and columns(lines[-1]) + columns(part) + 3 <= width - indent:
            lines[-1] += f" · {part}"
        else:
            lines += wrap(part, width - indent)
    return [[Span(" " * indent), Span(line, style)] for line in lines]


def text_of(lines: Sequence[Line]) -> str:
    """Lines as plain text, each ended."""
    return "".join("".join(span.text for span in line).rstrip() + "\n" for line in lines)
