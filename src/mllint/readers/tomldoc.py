"""TOML as plain data, with the line of every key and list item.

Knows TOML's syntax only. tomli reads the values; a second, forgiving scan finds the lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

from mllint.readers.yamldoc import (
    Unreadable,
    YamlProblem,
    decode,
    has_templates,
    without_templates,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Const

MAX_DEPTH = 100
MAX_CHARACTERS = 1_000_000

_AT = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)$")
_STRINGS = (
    r'"""(?:[^\\]|\\.)*?(?:"{3,5}|\Z)|' r"'''.*?(?:'{3,5}|\Z)|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'"
)
_BRACKETS = re.compile(_STRINGS + r"|#[^\n]*|[\[{]|[\]}]", re.DOTALL)
_LONG_KEY = re.compile(r"(?:[\w-]{1,50}\.){200}")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([\w-]+))[ \t]*""")
_SCALAR = re.compile(_STRINGS + r"|[^,\]}#\n]+", re.DOTALL)


class TomlProblem(Unreadable):
    """TOML that cannot be read."""


class TomlDoc(NamedTuple):
    """A TOML text as data, and where its keys stand."""

    data: dict[str, Any]
    lines: dict[str, int]
    """1-based line by path: `project.dependencies[0]`, `tool.uv.index[1].url`."""


@lru_cache(maxsize=2)
def load(source: str | bytes) -> TomlDoc:
    """The document of a TOML text, shared between callers: read it, never change it.

    Where a text with Jinja templates does not parse, they are put out of the way first.
    Raises TomlProblem.
    """
    try:
        text = decode(source).replace("\r\n", "\n")
    except YamlProblem as problem:
        raise TomlProblem(problem.line, problem.text, problem.kind) from None
    try:
        return _document(text)
    except TomlProblem as problem:
        if not has_templates(text):
            raise
        try:
            return _document(without_templates(text))
        except TomlProblem:
            raise problem from None


def _document(text: str) -> TomlDoc:
    if len(text) > MAX_CHARACTERS:
        raise TomlProblem(0, f"more than {MAX_CHARACTERS:,} characters of TOML", "too-large")
    _refuse_nesting(text)
    try:
        data = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        message = str(error)
        found = _AT.search(message)
        line = int(found[1]) if found and found[1] else text.rstrip().count("\n") + 1
        raise TomlProblem(line, _AT.sub("", message)) from None
    except (ValueError, RecursionError, UnicodeError) as error:
        raise TomlProblem(0, str(error) or "nested too deep", "invalid") from None
    return TomlDoc(data, _Finder(text).lines())


def _refuse_nesting(text: str) -> None:
    """Raise TomlProblem for nesting that would exhaust the stack of a recursive parser."""
    long_key = _LONG_KEY.search(text)
    if long_key:
        line = text.count("\n", 0, long_key.start()) + 1
        raise TomlProblem(line, "a key of over 200 parts", "nesting")
    depth = 0
    for found in _BRACKETS.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, found.start()) + 1
                raise TomlProblem(line, f"nested over {MAX_DEPTH} deep", "nesting")
        elif mark in "]}":
            depth -= 1


class _Finder:
    """A scan over text that tomli accepted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._lines: dict[str, int] = {}
        self._tables: dict[str, int] = {}

    def lines(self) -> dict[str, int]:
        """The line of every path."""
        text, table, pos = self._text, "", self._blank(0)
        while pos < len(text):
            if text.startswith("[[", pos):
                table, pos = self._header(pos + 2, array=True)
            elif text[pos] == "[":
                table, pos = self._header(pos + 1, array=False)
            else:
                pos = self._pair(pos, table)
            pos = self._blank(pos)
        return self._lines

    def _blank(self, pos: int) -> int:
        found = _BLANK.match(self._text, pos)
        return found.end() if found else pos

    def _note(self, path: str, pos: int) -> None:
        self._lines.setdefault(path, bisect_right(self._starts, pos))

    def _key(self, pos: int) -> tuple[list[str], int]:
        parts = []
        while found := _KEY.match(self._text, pos):
            parts.append(next(group for group in found.groups() if group is not None))
            pos = found.end()
            if not self._text.startswith(".", pos):
                break
            pos += 1
        return parts, pos

    def _header(self, start: int, *, array: bool) -> tuple[str, int]:
        parts, pos = self._key(start)
        path = ""
        for index, part in enumerate(parts):
            path = f"{path}.{part}" if path else part
            last = index == len(parts) - 1
            if array and last:
                self._tables[path] = self._tables.get(path, -1) + 1
            if path in self._tables:
                path = f"{path}[{self._tables[path]}]"
        self._note(path, start)
        return path, max(self._text.find("\n", pos), pos + 1)

    def _pair(self, start: int, table: str) -> int:
        parts, pos = self._key(start)
        path = ".".join([table, *parts] if table else parts)
        self._note(path, start)
        # Skips to the value; a character that is not expected must still be passed.
        pos = self._blank(pos + 1)
        return max(self._value(pos, path), start + 1)

    def _value(self, pos: int, path: str) -> int:
        opening = self._text[pos : pos + 1]
        if opening == "[":
            return self._items(pos + 1, path, "]")
        if opening == "{":
            return self._items(pos + 1, path, "}")
        found = _SCALAR.match(self._text, pos)
        return found.end() if found else pos + 1

    def _items(self, pos: int, path: str, closing: str) -> int:
        index = 0
        pos = self._blank(pos)
        while pos < len(self._text) and self._text[pos] != closing:
            if self._text[pos] == ",":
                pos += 1
            elif closing == "}":
                pos = self._pair(pos, path)
            else:
                item = f"{path}[{index}]"
                self._note(item, pos)
                pos = self._value(pos, item)
                index += 1
            pos = self._blank(pos)
        return pos + 1


def walk(data: Any) -> Iterator[tuple[str, Const]]:
    """Every scalar with its path as in `TomlDoc.lines`; dates, infinities and NaN as text."""
    stack = [("", data)]
    while stack:
        path, here = stack.pop()
        if isinstance(here, dict):
            prefix = f"{path}." if path else ""
            stack.extend((f"{prefix}{key}", here[key]) for key in reversed(here))
        elif isinstance(here, list):
            pairs = list(enumerate(here))
            stack.extend((f"{path}[{index}]", item) for index, item in reversed(pairs))
        elif isinstance(here, bool | int | str) or (isinstance(here, float) and _finite(here)):
            yield path, here
        else:
            yield path, str(here)


def _finite(number: float) -> bool:
    return number - number == 0


def get(data: Any, path: str) -> Any:
    """What stands under a dotted path of table keys, or None."""
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return data
