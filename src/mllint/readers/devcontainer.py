"""Development containers: `devcontainer.json`, which is JSON with comments.

Knows that file; a Dockerfile that it names is read for itself.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Manifest, Place, Problem
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.images import image_of, pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_BLANK = re.compile(r"[^\n]")
_COMMA_AT_END = re.compile(r'"(?:\\.|[^"\\\n])*"|,(?=\s*[}\]])')


def read_devcontainer(path: str, data: bytes) -> Facts:
    """The rows that a development container states."""
    text = text_of(data)
    if text is None:
        return binary(path)
    try:
        value = json.loads(_plain(text))
    except (ValueError, RecursionError) as error:
        return gather([Problem(path, "syntax", str(error), getattr(error, "lineno", 0))])
    return gather(_rows(path, text, value) if isinstance(value, dict) else ())


def _plain(text: str) -> str:
    """The text without comments and trailing commas, line for line."""

    def strings_stay(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith('"') else _BLANK.sub(" ", found[0])

    return _COMMA_AT_END.sub(strings_stay, _TOKEN.sub(strings_stay, text))


def _rows(path: str, text: str, value: dict[str, Any]) -> Iterator[Any]:
    reference = value.get("image")
    reference = reference if isinstance(reference, str) else ""
    name = value.get("name")
    title = name if isinstance(name, str) else ""
    at = Place(path, 1, 1, text.count("\n") + 1)
    yield Manifest(at, "devcontainer", "devcontainer", title, "", _keys(value), reference)
    line = next((n for n, row in enumerate(text.split("\n"), 1) if '"image"' in row), 1)
    image = image_of(Place(path, line), reference, "devcontainer")
    if image:
        yield image
        yield from pythons(image)


def _keys(value: dict[str, Any]) -> tuple[str, ...]:
    """The dotted keys of all entries, in their order."""
    found: list[str] = []
    stack = [(key, item) for key, item in reversed(value.items())]
    while stack:
        key, item = stack.pop()
        found.append(key)
        if isinstance(item, dict):
            stack.extend((f"{key}.{name}", below) for name, below in reversed(item.items()))
    return tuple(found)
