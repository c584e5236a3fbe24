"""What a Python file offers to others, by name. Knows nothing of other files."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Assign, Define, Facts


class Offers:
    """Definitions, imports and variables of one file."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def defines(self) -> Mapping[str, Define]:
        """Definitions by qualified name."""
        return {d.name: d for d in self.facts.rows.get("define", ())}

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Origins by the name they are bound to at module level."""
        return {i.alias: i.name for i in self.facts.rows.get("import", ()) if not i.scope}

    @cached_property
    def stars(self) -> Sequence[str]:
        """Modules of `from m import *`."""
        rows = self.facts.rows.get("import", ())
        return [i.name.removesuffix(".*") for i in rows if i.alias == "*"]

    @cached_property
    def assigns(self) -> Mapping[tuple[str, str], Sequence[Assign]]:
        """Assignments by scope and target."""
        found: dict[tuple[str, str], list[Assign]] = {}
        for row in self.facts.rows.get("assign", ()):
            found.setdefault((row.scope, row.target), []).append(row)
        return found

    @cached_property
    def variables(self) -> frozenset[str]:
        """Names that other files can import and that are neither imported nor defined here."""
        exports = {name for row in self.facts.rows.get("export", ()) for name in row.names}
        return frozenset(exports - self.imports.keys() - self.defines.keys())

    @cached_property
    def finds_path(self) -> bool:
        """Whether the file changes the import path itself."""
        return any(c.name.startswith("sys.path.") for c in self.facts.rows.get("call", ()))

    def assigned(self, scope: str, target: str) -> Assign | None:
        """The one assignment to a name; None where there are none or several."""
        rows = self.assigns.get((scope, target), ())
        return rows[0] if len(rows) == 1 and not rows[0].loops else None
