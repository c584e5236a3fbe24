"""Joins the facts of all files to a project: modules, names, values, tools.

Knows what belongs together across files; knows nothing of rules. What a single file says was said
by its readers. Nothing is joined before the project is asked for it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mllint.areas import LINKED, Noting, targets
from mllint.balance import balance
from mllint.facts import ROWS, Facts
from mllint.graph import Graph
from mllint.late import Late, Made
from mllint.link.dependencies import libraries
from mllint.link.modules import Modules
from mllint.link.paths import Ignored, Routed
from mllint.link.rewrite import rewritten
from mllint.link.steps import steps
from mllint.link.tools import tools
from mllint.project import Joined, Project, sizeless
from mllint.roles import role
from mllint.tools import by_kind
from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.catalogue import Catalogue
    from mllint.collected import Collected
    from mllint.facts import Library, Setting
    from mllint.names import Names
    from mllint.tree import Tree

_NOTHING = Facts()
_ENVIRON = re.compile(r"^os\.environ\[")
_WRITTEN = ("ci", "hook", "target", "docker", "stage")
"""The tables from which steps are made."""


def link(collected: Collected, tree: Tree, catalogue: Catalogue) -> Project:
    """The project that the facts of all files make together."""
    joining = _Joining(collected, catalogue)
    tables, imports = joining.tables, catalogue.imports
    return Project(
        tables=tables,
        groups=catalogue.groups,
        tools=joining.kinds,
        libraries=joining.libraries,
        roles=joining.roles,
        joined=Joined(
            graph=joining.graph,
            problems=collected.problems,
            distributions=imports.get("distributions", {}),
            brings=imports.get("brings", {}),
            variants=imports.get("variants", {}),
            ignored=joining.ignored,
            routed=joining.routed,
            provider=joining.provider,
            text=lambda path: _text(tree, path),
            size=lambda path: collected.files[path].size,
            history=tree.history,
            rows=joining.of_file,
            sources=joining.sources,
        ),
    )


def _text(tree: Tree, path: str) -> str:
    """The text of a file; KeyError where it cannot be read."""
    try:
        return tree.read(path).decode("utf-8", "replace")
    except Unreadable as error:
        raise KeyError(path) from error


class _Joining:
    """Everything that is joined, each part when it is first asked for."""

    def __init__(self, collected: Collected, catalogue: Catalogue) -> None:
        self._collected = collected
        self._catalogue = catalogue
        self._code: dict[str, Mapping[str, Sequence[Any]]] = {}
        self.roles = {path: role(path) for path in collected.paths}
        self.tables: Mapping[str, Sequence[Any]] = Made(tuple(ROWS), self._table)
        families = catalogue.families
        self.kinds: Mapping[str, Mapping[str, Names]] = Made(
            tuple(families), lambda name: by_kind({name: families[name]})[name]
        )
        self.libraries: Mapping[str, Library] = Late(self._libraries)
        self.sources: dict[str, set[str]] = {}
        """What those tables are made of that no reader writes."""

    @cached_property
    def modules(self) -> Modules:
        """The Python files, by what they can be imported as."""
        return Modules(self._facts)

    @cached_property
    def _facts(self) -> Mapping[str, Facts]:
        return self._collected.facts

    def of_file(self, path: str, table: str) -> Sequence[Any]:
        """The rows of one file in a table."""
        if table == "file":
            return [sizeless(self._collected.files[path])] if path in self._collected.files else ()
        if table == "git":
            return self._collected.git if not path else ()
        facts = self._facts.get(path, _NOTHING)
        if table not in LINKED or not facts.rows.get("module"):
            return facts.rows.get(table, ())
        if (rows := self._code.get(path)) is None:
            rows = self._code[path] = rewritten(self.modules, path, facts)
        return rows.get(table, ())

    def _table(self, table: str) -> Sequence[Any]:
        """All rows of a table, in the order of the files."""
        if table == "step":
            return self._steps()
        if table == "tool":
            return self._tools()
        rows: list[Any] = []
        for path in sorted(self.roles if table in {"file", "git"} else self._having.get(table, ())):
            rows += self.of_file(path, table)
        return rows

    @cached_property
    def _having(self) -> Mapping[str, Sequence[str]]:
        """The files that have rows in a table."""
        found: dict[str, list[str]] = {}
        for path, facts in self._facts.items():
            for table in facts.rows:
                found.setdefault(table, []).append(path)
        return found

    def _steps(self) -> Sequence[Any]:
        noting = Noting(self.sources.setdefault("step", {"paths"}), self.tables)
        return steps(*(noting[table] for table in _WRITTEN))

    def _tools(self) -> Sequence[Any]:
        environ = [row for row in self.tables["assign"] if _ENVIRON.search(row.target)]
        parts = {"assign": (targets(_ENVIRON), environ)}
        asked = self.sources.setdefault("tool", {"paths", "balance"})
        noting = Noting(asked, self.tables, parts=parts)
        spread = balance(self.tables["extent"], role)
        return tools(noting, self.roles, spread, self._catalogue.families)

    def _libraries(self) -> Mapping[str, Library]:
        variants = self._catalogue.imports.get("variants", {})
        return libraries(self.tables["dependency"], self.tables["setting"], self.roles, variants)

    @cached_property
    def _ignored(self) -> Ignored:
        return Ignored(self.tables["setting"], ".gitignore")

    def ignored(self, path: str) -> bool:
        """Whether a .gitignore names a path."""
        return self._ignored(path)

    @cached_property
    def _routed(self) -> Routed:
        return Routed(self.tables["setting"], ".gitattributes")

    def routed(self, path: str) -> Setting | None:
        """The line of .gitattributes that routes a path through Git LFS."""
        return self._routed(path)

    def provider(self, path: str, name: str) -> str | None:
        """The file that an importing file gets for a dotted name."""
        return self.modules.provider(path, name)

    def graph(self) -> Graph | None:
        """The value graph over all files; None where there is no Python code."""
        coded = [path for path, one in self._facts.items() if one.rows.get("module")]
        if not coded:
            return None
        calls = Made(coded, lambda path: self.of_file(path, "call"))
        return Graph(self._facts, calls, self.modules.callee)
