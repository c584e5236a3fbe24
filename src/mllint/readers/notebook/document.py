"""The JSON of a notebook, versions 3 and 4, with the line on which each line of source stands.

Knows the format; knows nothing of what is in the cells.
"""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.readers.python.constants import clean

if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
"""A key without escapes, up to its value."""
_NEXT = re.compile(r"[ \t\n\r]*([,}\]])[ \t\n\r]*")
_PIECE = re.compile(r'[ \t\r]*"')
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder(strict=False)


class NotANotebook(Exception):  # noqa: N818 - a state of the file, not a mistake of ours
    """A text that is no notebook."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


class RawCell(NamedTuple):
    """A cell as the file has it."""

    kind: str
    """code, markdown, raw, heading (version 3)."""
    id: str
    source: str
    raw: tuple[int, ...]
    """1-based line of the file for each line of the source; never empty."""
    executed: int | None
    """Execution count."""
    outputs: tuple[Any, ...]
    output_bytes: int
    metadata: dict[str, Any]
    level: int
    """Of a heading cell."""


class Document(NamedTuple):
    """A notebook."""

    metadata: dict[str, Any]
    cells: list[RawCell]


def document(text: str) -> Document:
    """The notebook that a text holds; raises `NotANotebook`."""
    try:
        return _Scan(text).document()
    except JSONDecodeError as error:
        raise NotANotebook(f"is not a notebook: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise NotANotebook("is not a notebook: it nests too deep") from error


class _Scan:
    """A walk over the text that decodes values but keeps where sources stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.cells: list[RawCell] = []
        self.metadata: dict[str, Any] = {}
        self.has_cells = False
        self._escapes = _SURROGATE.search(text) is not None
        self._at = 0
        self._line = 1

    def document(self) -> Document:
        start = self._space(0)
        if not self.text[start:]:
            raise NotANotebook("is empty")
        if self.text[start] != "{":
            raise NotANotebook("is not a notebook: the JSON is no object", self._line_of(start))
        end = self._space(self._members(start, self._top))
        if end != len(self.text):
            raise JSONDecodeError("Extra data", self.text, end)
        if not self.has_cells:
            raise NotANotebook("is not a notebook: it has no cells")
        return Document(self.metadata, self.cells)

    def _top(self, key: str, at: int) -> int:
        if key == "cells":
            self.has_cells = True
            return self._items(at, self._cell)
        if key == "worksheets":
            return self._items(at, lambda sheet: self._members(sheet, self._top))
        value, end = self._decode(at)
        if key == "metadata" and isinstance(value, dict):
            self.metadata |= value
        return end

    def _cell(self, start: int) -> int:
        line = self._line_of(start)
        found: dict[str, Any] = {}
        source: list[tuple[str, int]] = []
        size = 0

        def member(key: str, at: int) -> int:
            nonlocal size, source
            if key in {"source", "input"}:
                source, end = self._source(at)
                return end
            value, end = self._decode(at)
            found[key] = value
            if key == "outputs" and value:
                size = end - at
            return end

        end = self._members(start, member)
        text, raw = _joined(source, line)
        outputs = found.get("outputs")
        metadata = found.get("metadata")
        count = found.get("execution_count", found.get("prompt_number"))
        level = found.get("level")
        self.cells.append(
            RawCell(
                str(found.get("cell_type", "")),
                str(found.get("id") or ""),
                text,
                raw,
                count if type(count) is int and count > 0 else None,  # kernels count from 1
                tuple(outputs) if isinstance(outputs, list) else (),
                size,
                metadata if isinstance(metadata, dict) else {},
                level if type(level) is int else 1,
            )
        )
        return end

    def _source(self, at: int) -> tuple[list[tuple[str, int]], int]:
        """The pieces of a source, each with its line, and where it ends."""
        pieces: list[tuple[str, int]] = []

        def piece(start: int) -> int:
            value, end = self._decode(start)
            if isinstance(value, str):
                pieces.append((value, self._line_of(start)))
            return end

        if self.text[at : at + 1] != "[":
            return pieces, piece(at)
        value, end = self._decode(at)
        lines = self.text[at:end].split("\n")[1:-1]
        if not (len(lines) == len(value) and all(map(_PIECE.match, lines))):
            return pieces, self._items(at, piece)
        first = self._line_of(at) + 1  # as all tools write it, one piece a line
        return [(one, first + k) for k, one in enumerate(value) if isinstance(one, str)], end

    def _members(self, at: int, visit: Callable[[str, int], int]) -> int:
        """Visit each key and the start of its value; the visit returns where the value ends."""
        if self.text[at : at + 1] != "{":
            return self._decode(at)[1]
        at = self._space(at + 1)
        if self.text[at : at + 1] == "}":
            return at + 1
        while True:
            plain = _KEY.match(self.text, at)
            key, at = (plain[1], plain.end()) if plain else self._key(at)
            at = visit(key, at)
            after = self._next(at, "}")
            if after[1] == "}":
                return after.end(1)
            at = after.end()

    def _key(self, at: int) -> tuple[str, int]:
        """A key that needs decoding, and where its value starts."""
        if self.text[at : at + 1] != '"':
            raise JSONDecodeError("Expecting property name", self.text, at)
        key, at = self._decode(at)
        at = self._space(at)
        if self.text[at : at + 1] != ":":
            raise JSONDecodeError("Expecting ':' delimiter", self.text, at)
        return key, self._space(at + 1)

    def _next(self, at: int, closing: str) -> re.Match[str]:
        """The comma or the closing bracket after a value."""
        found = _NEXT.match(self.text, at)
        if found is None or found[1] not in {",", closing}:
            raise JSONDecodeError("Expecting ',' delimiter", self.text, self._space(at))
        return found

    def _items(self, at: int, visit: Callable[[int], int]) -> int:
        if self.text[at : at + 1] != "[":
            return self._decode(at)[1]
        at = self._space(at + 1)
        if self.text[at : at + 1] == "]":
            return at + 1
        while True:
            after = self._next(visit(at), "]")
            if after[1] == "]":
                return after.end(1)
            at = after.end()

    def _decode(self, at: int) -> tuple[Any, int]:
        try:
            value, end = _DECODER.raw_decode(self.text, at)
        except ValueError as error:
            if isinstance(error, JSONDecodeError):
                raise
            raise JSONDecodeError("Number too long", self.text, at) from error
        return (_cleaned(value) if self._escapes else value), end

    def _space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def _line_of(self, at: int) -> int:
        """The line of a position; positions come in rising order."""
        self._line += self.text.count("\n", self._at, at)
        self._at = at
        return self._line


def _cleaned(value: Any) -> Any:
    """A value whose texts survive UTF-8."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


def _joined(pieces: list[tuple[str, int]], line: int) -> tuple[str, tuple[int, ...]]:
    """A source and, for each of its lines, the line of the file on which it starts."""
    raw: list[int] = []
    fresh = True
    for text, at in pieces:
        lines = text.count("\n") + (not text.endswith("\n"))
        raw.extend([at] * (lines if fresh else lines - 1))
        fresh = text.endswith("\n")
    source = "".join(text for text, _ in pieces).replace("\r\n", "\n").replace("\r", "\n")
    if not raw or source.endswith("\n"):
        raw.append(pieces[-1][1] if pieces else line)
    return source, tuple(raw)
