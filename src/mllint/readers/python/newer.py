"""Syntax that is newer than the running Python, blanked out so that the running one can parse it.

libcst reads what the running Python does not. What is left keeps its line and column; type
parameters, which say nothing about what runs, are gone, and an f-string is a call of what is in it.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Any

from mllint.readers.python.guard import danger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SINCE: Mapping[tuple[int, int], str] = {
    (3, 11): r"^[ \t]*except[ \t]*\*|[\w\])][ \t]*\[[ \t]*\*|,[ \t]*\*\w+[ \t]*\]",
    (3, 12): r"^[ \t]*(?:type[ \t]+\w+[^\n]*=|(?:async[ \t]+)?(?:def|class)[ \t]+\w+[ \t]*\[)",
    (3, 14): r"\b[rR]?[tT][rR]?[\"']",
}
"""What syntax looks like that a version of Python was the first to know."""
_SIGNS = re.compile(
    "|".join(sign for since, sign in _SINCE.items() if sys.version_info < since) or r"\Z.",
    re.MULTILINE,
)
_ABOUT_STRINGS = ("f-string", "unterminated string") if sys.version_info < (3, 12) else ()
"""How a Python before 3.12 begins to say what it does not understand in an f-string."""
_MOST_BRANCHES = 300
"""Most `elif` of a file that libcst is given: its parser recurses into each."""
_FIELD = re.compile(r"\{([^{}]{500,})\}")
"""A long field of an f-string, of which `parse` has seen the quotes alone."""


def older(text: str, said: str) -> str | None:
    """The text without its newer syntax, or None where there is nothing to gain.

    `said` is the message with which the running Python refused it.
    """
    newer = said.startswith(_ABOUT_STRINGS) or _SIGNS.search(text)
    if not newer or text.count("elif") > _MOST_BRANCHES:
        return None
    if any(danger(field[1]) for field in _FIELD.finditer(text)):
        return None
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider

    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        spans = wrapper.resolve(PositionProvider)
    except (cst.ParserSyntaxError, RecursionError):
        return None
    page = _Page(text, spans)
    for node in spans:
        rewrite = _REWRITE.get(type(node).__name__)
        if rewrite is not None:
            rewrite(page, node)
    return page.text()


class _Page:
    """A text whose characters can be blanked where they stand."""

    def __init__(self, text: str, spans: Any) -> None:
        self.source = text.split("\n")
        self.lines = [list(line) for line in self.source]
        self.spans = spans
        self.done: set[Any] = set()

    def text(self) -> str:
        return "\n".join("".join(line) for line in self.lines)

    def start(self, node: Any) -> tuple[int, int]:
        return self.spans[node].start.line - 1, self.spans[node].start.column

    def end(self, node: Any) -> tuple[int, int]:
        return self.spans[node].end.line - 1, self.spans[node].end.column

    def part(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """What was written between two points."""
        lines = self.source[start[0] : end[0] + 1]
        lines[-1] = lines[-1][: end[1]]
        lines[0] = lines[0][start[1] :]
        return "\n".join(lines)

    def blank(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        for line in range(start[0], end[0] + 1):
            chars = self.lines[line]
            first = start[1] if line == start[0] else 0
            last = end[1] if line == end[0] else len(chars)
            chars[first:last] = " " * (last - first)

    def put(self, at: tuple[int, int], text: str) -> None:
        self.lines[at[0]][at[1] : at[1] + len(text)] = text


def _parameters(page: _Page, node: Any) -> None:
    page.blank(page.start(node), page.end(node))


def _alias(page: _Page, node: Any) -> None:
    """`type X = ...` is an assignment."""
    start, end = page.start(node), page.end(node.name)
    page.blank(start, end)
    page.put(start, node.name.value)


def _starred_except(page: _Page, node: Any) -> None:
    line, col = page.start(node)
    star = page.source[line].find("*", col)
    if star >= 0 and sys.version_info < (3, 11):
        page.blank((line, star), (line, star + 1))


def _starred_index(page: _Page, node: Any) -> None:
    if node.star and sys.version_info < (3, 11):
        line, col = page.start(node)
        page.blank((line, col), (line, col + 1))


def _string(page: _Page, node: Any) -> None:
    """`f"a {b}"` is `_(b)`, and so are several that stand side by side."""
    if node in page.done:
        return
    pieces = list(_pieces(node))
    page.done.update(pieces)
    start, end = page.start(node), page.end(node)
    if all(type(piece).__name__ == "SimpleString" for piece in pieces):
        return
    if _parses(f"({page.part(start, end)})"):
        page.done.update(inner for piece in pieces for inner in _inside(piece))
        return
    kept = [span for piece in pieces for span in _kept(page, piece)]
    edge = start
    for first, last in kept:
        page.blank(edge, first)
        edge = last
    page.blank(edge, end)
    for _, last in kept:
        page.put(last, ",")
    page.put(start, "_(")
    page.put((end[0], end[1] - 1), ")")


def _pieces(node: Any) -> Iterator[Any]:
    if type(node).__name__ == "ConcatenatedString":
        yield from _pieces(node.left)
        yield from _pieces(node.right)
    else:
        yield node


def _inside(node: Any) -> Iterator[Any]:
    for child in node.children:
        yield child
        yield from _inside(child)


def _kept(page: _Page, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the expressions of an f-string stand."""
    for part in getattr(node, "parts", None) or ():
        if hasattr(part, "expression"):
            yield page.start(part.expression), page.end(part.expression)
            for inner in getattr(part, "format_spec", None) or ():
                if hasattr(inner, "expression"):
                    yield page.start(inner.expression), page.end(inner.expression)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


_REWRITE: dict[str, Callable[[_Page, Any], None]] = {
    "TypeParameters": _parameters,
    "TypeAlias": _alias,
    "ExceptStarHandler": _starred_except,
    "Index": _starred_index,
    "ConcatenatedString": _string,
    "FormattedString": _string,
    "TemplatedString": _string,
}
