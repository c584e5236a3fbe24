"""INI files as entries that know their lines: setup.cfg, tox.ini, .flake8, .editorconfig ...

Knows the syntax of Python's configparser, forgivingly: a line that it cannot read is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?$")
_PAIR = re.compile(r"([^=:\s][^=:]*)[=:]\s*(.*)$")
_INLINE = re.compile(r"\s[#;].*$")


class Line(NamedTuple):
    """One line of a value, comments and outer white space off."""

    number: int
    """1-based."""
    text: str


class Entry(NamedTuple):
    """One key and its value, which may span lines."""

    section: str
    """"" before the first section."""
    key: str
    line: int
    value: tuple[Line, ...]
    """The lines that are not empty."""

    @property
    def text(self) -> str:
        """The value as one string."""
        return "\n".join(line.text for line in self.value)


def entries(text: str) -> Iterator[Entry]:
    """The entries in the order of the text."""
    section, open_entry = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and open_entry is not None:
            added = Line(number, _INLINE.sub("", stripped))
            open_entry = open_entry._replace(value=(*open_entry.value, added))
            continue
        if open_entry is not None:
            yield open_entry
            open_entry = None
        heading = _SECTION.match(stripped)
        pair = None if heading else _PAIR.match(stripped)
        if heading:
            section = heading[1].strip()
        elif pair:
            value = _INLINE.sub("", f" {pair[2]}").strip()
            open_entry = Entry(
                section, pair[1].strip(), number, (Line(number, value),) if value else ()
            )
    if open_entry is not None:
        yield open_entry
