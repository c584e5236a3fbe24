"""The columns that rules may ask for: fields of the rows, and a few that are derived.

`path`, `role` and `line` exist on every table; `lib.NAME` asks for the admitted versions of a
distribution; `arg.NAME` and `arg.NAME@POSITION` (0-based) ask for an argument of a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import ROWS
from mllint.project import Project, arg, unpacks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Sentinel:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


MISSING = _Sentinel("MISSING")
"""An argument that is not given: it satisfies nothing but `given = false`."""
UNKNOWN = _Sentinel("UNKNOWN")
"""A value that cannot be known."""

DERIVED = ("path", "role", "line")

_NULLABLE = frozenset({"tracked", "lfs", "in_order", "from_one"})
"""Fields in which None means that nobody knows."""

GROUP_KINDS: Mapping[tuple[str, str], str] = {
    ("import", "name"): "imports",
    ("import", "root"): "imports",
    ("dependency", "name"): "dists",
    ("manager", "name"): "names",
    ("step", "command"): "cli",
    ("step", "tool"): "cli",
    ("ci", "uses"): "gha_uses",
    ("hook", "id"): "precommit_hooks",
    ("hook", "repo"): "precommit_hooks",
    ("image", "name"): "images",
}
"""Which kind of trace of a family in tools.toml `@family` means in a column; elsewhere calls."""


class Column(NamedTuple):
    """A column of a table, parsed."""

    table: str
    name: str
    kind: str = "field"
    """field, path, role, line, lib or arg."""
    position: int | None = None

    @classmethod
    def parse(cls, table: str, text: str) -> Column | None:
        """The column that the text names; None where the table has no such column."""
        if text.startswith("lib."):
            return cls(table, text[4:], "lib")
        if text.startswith("arg.") and table == "call":
            name, _, position = text[4:].partition("@")
            if not position:
                return cls(table, name, "arg")
            return cls(table, name, "arg", int(position)) if position.isdigit() else None
        if text in DERIVED and text not in ROWS[table]._fields:
            return cls(table, text, text)
        if text != "at" and text in ROWS[table]._fields:
            return cls(table, text)
        return None


def column_names(table: str) -> tuple[str, ...]:
    """Every column of a table that has a fixed name."""
    own = tuple(f for f in ROWS[table]._fields if f != "at")
    return (*own, *(d for d in DERIVED if d not in own))


def getter(column: Column) -> Callable[[Project, Any], Any]:
    """The function that reads a column of a row."""
    if column.kind == "field":
        return _field(column)
    if column.kind == "path":
        return lambda _, row: row.at.path
    if column.kind == "role":
        return lambda project, row: project.role(row.at.path)
    if column.kind == "line":
        return lambda _, row: row.at.line
    if column.kind == "lib":
        return lambda project, _: project.libraries.get(column.name, UNKNOWN)
    return lambda _, row: _argument(row, column)


def _field(column: Column) -> Callable[[Project, Any], Any]:
    index = ROWS[column.table]._fields.index(column.name)
    if column.name in _NULLABLE:
        return lambda _, row: UNKNOWN if row[index] is None else row[index]
    if column == Column("file", "size"):
        return lambda project, row: project.size(row.at.path)
    if column == Column("assign", "const"):
        return lambda _, row: row[index] if row.known else UNKNOWN
    return lambda _, row: row[index]


def _argument(row: Any, column: Column) -> Any:
    found = arg(row, column.name, column.position)
    if found is not None:
        return found
    return UNKNOWN if unpacks(row) else MISSING
