"""The linked project: every row by table, and what joins the files.

Made by `link`, asked by the check language, the checks and `flow`. Pure data with indexes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mllint.facts import ROWS, Call, Library, Problem, Setting, Tool
from mllint.names import NameIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mllint.graph import Graph
    from mllint.names import Names


@dataclass(frozen=True)
class Project:
    """What a repository says, joined."""

    tables: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    groups: Mapping[str, Names] = field(default_factory=dict)
    """Groups of `apis.toml`, by name: split, fit, load ..."""
    tools: Mapping[str, Mapping[str, Names]] = field(default_factory=dict)
    """Families of `tools.toml`: family -> kind of trace (calls, dists, cli ...) -> names."""
    libraries: Mapping[str, Library] = field(default_factory=dict)
    """By normalised distribution name."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Role of each path: source, test, example, docs, vendored, generated, template."""
    graph: Graph | None = None
    """The value graph over all files; None where no file has values."""
    problems: Sequence[Problem] = ()
    distributions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Import root -> the distributions that provide it, the usual one first."""
    brings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Distribution -> the import roots that always come along with it."""
    variants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Distribution -> those that are built from the same source and share its version numbers."""
    ignored: Callable[[str], bool] = lambda _: False
    """Whether a .gitignore names a path; it need not exist."""
    routed: Callable[[str], Setting | None] = lambda _: None
    """The line of .gitattributes that routes a path through Git LFS."""
    provider: Callable[[str, str], str | None] = lambda _path, _name: None
    """The file that an importing file gets for a dotted name; None for a library's."""
    text: Callable[[str], str] = str
    """The text of a file of the tree, for the few checks that must see it; raises KeyError."""
    files: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    """What `by_path` gives, where the rows are at hand by file already."""

    def rows(self, table: str) -> Sequence[Any]:
        """The rows of a table, in order of path and position; KeyError for an unknown table."""
        return self.tables.get(table) or () if table in ROWS else self.tables[table]

    def role(self, path: str) -> str:
        """The role of a path; `source` where nothing is known."""
        return self.roles.get(path, "source")

    def calls(self, group: str) -> Sequence[Call]:
        """The calls whose name is in a group of `apis.toml`."""
        if (found := self._grouped.get(group)) is None:
            by_name = self.calls_by_name
            names = self.groups[group].among(self.names)
            found = self._grouped[group] = [call for name in names for call in by_name[name]]
        return found

    @cached_property
    def _grouped(self) -> dict[str, Sequence[Call]]:
        return {}

    @cached_property
    def calls_by_name(self) -> Mapping[str, Sequence[Call]]:
        """Calls by their full origin name."""
        found: dict[str, list[Call]] = {}
        for call in self.rows("call"):
            found.setdefault(call.name, []).append(call)
        return found

    @cached_property
    def names(self) -> NameIndex:
        """The names of `calls_by_name`."""
        return NameIndex(self.calls_by_name)

    @cached_property
    def by_path(self) -> Mapping[str, Mapping[str, Sequence[Any]]]:
        """Rows by path, then table, steps and tools apart: for checks of one file at a time."""
        if self.files:
            return self.files
        found: dict[str, dict[str, list[Any]]] = {}
        for table, rows in self.tables.items():
            for row in rows:
                found.setdefault(row.at.path, {}).setdefault(table, []).append(row)
        return found

    @cached_property
    def used_tools(self) -> Mapping[str, Sequence[Tool]]:
        """Evidence of tools by family, best first."""
        found: dict[str, list[Tool]] = {}
        for tool in self.rows("tool"):
            found.setdefault(tool.family, []).append(tool)
        return {k: sorted(v, key=lambda t: -t.credit) for k, v in found.items()}


def arg(call: Call, key: str, position: int | None = None) -> Any:
    """The argument of that keyword or 0-based position; None where it is not given."""
    for one in call.args:
        if one.key == key or (position is not None and one.key == str(position)):
            return one
    return None


def unpacks(call: Call) -> bool:
    """Whether `*` or `**` arguments may hide what is given."""
    return any(one.key in {"*", "**"} for one in call.args)
