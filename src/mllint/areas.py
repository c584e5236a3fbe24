"""What can be asked of a project, by name: what a check noted is compared with what has changed.

An area is a table, or `table@PATH` for that of one file; `assign~FLAGS~PATTERN`, `assign:text`,
`assign:list` and `extent>LINES>STATEMENTS` are some rows of a table; `names` is what files offer
each other, `graph` the value graph, `balance` how code is spread; `paths`, `problems` and `git`
speak for themselves; `size:PATH` and `text:PATH` are those of single files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

LINKED = frozenset({"import", "call", "assign", "define"})
"""Tables that `link` rewrites by what other files say."""
MADE = ("step", "tool")
"""Tables that no reader writes: `link` makes them of others."""
GRAPH = ("graph", "names", "paths", "module", "import", "call", "define")
"""What is noted for all that is worked out upon the value graph."""
TEXTS, LISTS = "assign:text", "assign:list"
_CONSTANTS: Mapping[str, tuple[type, ...]] = {TEXTS: (str,), LISTS: (list, dict, tuple)}
"""Areas of assignments of a constant, and its types."""
_SINGLE = ("text:", "size:")


def areas_of(table: str, part: str = "") -> tuple[str, ...]:
    """What is noted when a table, or a part of it, is asked for.

    Where other files have a say in the table, that is `names` too.
    """
    area = part or table
    return (area, "names") if table in LINKED else (area,)


def single(area: str) -> bool:
    """Whether an area is the text or the size of one file."""
    return area.startswith(_SINGLE)


def targets(pattern: re.Pattern[str]) -> str:
    """The area of assignments to names in which a pattern is found."""
    return f"assign~{pattern.flags}~{pattern.pattern}"


def beyond(lines: int, statements: int) -> str:
    """The area of files in which more than that stands outside of functions and classes."""
    return f"extent>{lines}>{statements}"


def part(area: str) -> tuple[str, Callable[[Any], bool]] | None:
    """The table of which an area is some rows, and which rows; None for any other area."""
    if area in _CONSTANTS:
        kinds = _CONSTANTS[area]
        return "assign", lambda row: type(row.const) in kinds
    if area.startswith("assign~"):
        _, flags, pattern = area.split("~", 2)
        found = re.compile(pattern, int(flags)).search
        return "assign", lambda row: found(row.target) is not None
    if area.startswith("extent>"):
        lines, statements = map(int, area.split(">")[1:])
        return "extent", lambda row: row.outside > lines and row.statements > statements
    return None


class Noting(Mapping[str, Sequence[Any]]):
    """Tables that note which of them were asked for: all files' or, with a path, those of one."""

    def __init__(
        self,
        reads: set[str],
        tables: Mapping[str, Sequence[Any]],
        path: str | None = None,
        parts: Mapping[str, tuple[str, Sequence[Any]]] | None = None,
    ) -> None:
        self._reads = reads
        self._tables = tables
        self._at = "" if path is None else f"@{path}"
        self._parts = parts or {}
        """Tables of which there are some rows only, with the area of those."""

    def _note(self, table: str) -> None:
        area = self._parts[table][0] if table in self._parts else f"{table}{self._at}"
        self._reads.update(areas_of(table, area))

    def __getitem__(self, table: str) -> Sequence[Any]:
        self._note(table)
        return self._parts[table][1] if table in self._parts else self._tables[table]

    def get(self, table: str, default: Any = None) -> Any:
        """As of any mapping, without the detour of raising KeyError."""
        self._note(table)
        return self._parts[table][1] if table in self._parts else self._tables.get(table, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
