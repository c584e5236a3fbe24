"""Files with one statement per line: ignore files, .gitattributes, CODEOWNERS and .env."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Literal, Place, Setting
from mllint.readers.secrets import HIDDEN, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$")
_OPEN = re.compile(
    r"|true|false|yes|no|on|off|none|null|-?\d{1,6}(?:\.\d{1,6})?|<.*>|\$\{.*\}|\$\w+|x{3,}|\*+|\.{3}"
    r"|(?:your|my|change|replace|insert|enter|add|put|example|dummy|placeholder|todo|fixme|secret"
    r"|password|token)\b.*|.*_here|.*-here|localhost(?::\d+)?|127\.0\.0\.1(?::\d+)?|development"
    r"|production|staging|debug|info|warning|error|local|dev|prod|test",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"example|sample|template|dist|default|test", re.IGNORECASE)


def ignore_file(path: str, text: str) -> Iterator[Setting]:
    """The patterns of an ignore file, in their order."""
    for number, line in enumerate(text.splitlines(), start=1):
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            yield Setting(Place(path, number), "pattern", pattern, "ignore")


def attributes(path: str, text: str) -> Iterator[Setting]:
    """The attributes of each pattern: the key is the pattern."""
    yield from _pairs(path, text, "attributes")


def owners(path: str, text: str) -> Iterator[Setting]:
    """The owners of each pattern: the key is the pattern."""
    yield from _pairs(path, text, "codeowners")


def _pairs(path: str, text: str, kind: str) -> Iterator[Setting]:
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.partition(" #")[0].strip()
        if said and not said.startswith(("#", "[")):
            pattern, *rest = said.split(maxsplit=1)
            yield Setting(Place(path, number), pattern, "".join(rest), kind)


def environment(path: str, text: str) -> Iterator[Setting | Literal]:
    """The names of a .env file; a value is shown only where it is plainly no secret."""
    example = _EXAMPLE.search(path.rpartition("/")[2]) is not None
    for number, line in enumerate(text.splitlines(), start=1):
        found = _ASSIGNMENT.match(line)
        if found is None:
            continue
        at, name = Place(path, number), found[1]
        value = _unquoted(found[2])
        shown = value if _OPEN.fullmatch(value) else HIDDEN
        yield Setting(at, name, shown, "env")
        # Under a name that tells nothing only a token's own form counts, as in an example file.
        if shown == HIDDEN and is_secret("" if example else name, value):
            yield Literal(at, value[:4] + HIDDEN, "secret", name)


def _unquoted(text: str) -> str:
    quote = text[:1]
    if quote and quote in "'\"" and quote in text[1:]:
        return text[1 : text.index(quote, 1)]
    return text.partition(" #")[0].strip()
