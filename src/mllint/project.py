"""The linked project: every row by table, and what joins the files.

Made by `link`, asked by the check language, the checks and `flow`. Joins nothing before it is asked
for it, and notes what was asked, so that evidence is known to hold while that is as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mllint.areas import GRAPH, LISTS, TEXTS, Noting, areas_of, beyond, part, targets
from mllint.balance import Balance, balance
from mllint.facts import ROWS, Assign, Call, Commit, Extent, File, Library, Problem, Setting, Tool
from mllint.late import Made
from mllint.names import NameIndex

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping, Sequence

    from mllint.graph import Graph
    from mllint.names import Names

_V = TypeVar("_V")


@dataclass(frozen=True)
class Joined:
    """What `link` knows beside tables; functions, so that nothing is made before it is needed."""

    graph: Callable[[], Graph | None] = lambda: None
    problems: Sequence[Problem] = ()
    distributions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    brings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    variants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ignored: Callable[[str], bool] = lambda _: False
    routed: Callable[[str], Setting | None] = lambda _: None
    provider: Callable[[str, str], str | None] = lambda _path, _name: None
    text: Callable[[str], str] = str
    size: Callable[[str], int] = lambda _: 0
    history: Callable[[], Sequence[Commit]] = tuple
    rows: Callable[[str, str], Sequence[Any]] | None = None
    """The rows of a file (by path) in a table, steps and tools apart."""
    sources: Mapping[str, set[str]] = field(default_factory=dict)
    """What was asked to make the tables that no reader writes: `step` and `tool`."""


class Project:
    """What a repository says, joined."""

    def __init__(
        self,
        tables: Mapping[str, Sequence[Any]] | None = None,
        groups: Mapping[str, Names] | None = None,
        tools: Mapping[str, Mapping[str, Names]] | None = None,
        libraries: Mapping[str, Library] | None = None,
        roles: Mapping[str, str] | None = None,
        joined: Joined | None = None,
    ) -> None:
        self._tables = tables or {}
        self._libraries = libraries or {}
        self._roles = roles or {}
        self._joined = joined or Joined()
        self.groups: Mapping[str, Names] = {} if groups is None else groups
        """Groups of `apis.toml`, by name: split, fit, load ..."""
        self.tools: Mapping[str, Mapping[str, Names]] = {} if tools is None else tools
        """Families of `tools.toml`: family -> kind of trace (calls, dists, cli ...) -> names."""
        self.distributions = self._joined.distributions
        """Import root -> the distributions that provide it, the usual one first."""
        self.brings = self._joined.brings
        """Distribution -> the import roots that always come along with it."""
        self.variants = self._joined.variants
        """Distribution -> those of the same source, which share its version numbers."""
        self.reads: set[str] = set()
        """What was asked since this was last emptied: see `areas`."""

    @property
    def sources(self) -> Mapping[str, set[str]]:
        """What the tables were made of that no reader writes, as far as they are made."""
        return self._joined.sources

    def rows(self, table: str) -> Sequence[Any]:
        """The rows of a table, in order of path and position; KeyError for an unknown table."""
        self.reads.update(areas_of(table))
        return self._rows(table)

    def _rows(self, table: str) -> Sequence[Any]:
        return self._tables.get(table) or () if table in ROWS else self._tables[table]

    def assigned(self, target: re.Pattern[str]) -> Sequence[Assign]:
        """The assignments to a name in which the pattern is found."""
        return self._some(targets(target))

    def assigned_texts(self) -> Sequence[Assign]:
        """The assignments of a constant string."""
        return self._some(TEXTS)

    def assigned_lists(self) -> Sequence[Assign]:
        """The assignments of a constant list or mapping."""
        return self._some(LISTS)

    def extending(self, lines: int, statements: int) -> Sequence[Extent]:
        """Files in which more than so much stands outside of functions and classes."""
        return self._some(beyond(lines, statements))

    def _some(self, area: str) -> Sequence[Any]:
        """The rows of an area that is a part of a table."""
        if (known := self._parts.get(area)) is None:
            of = part(area)
            assert of is not None, area  # noqa: S101 - areas are made in here
            table, belongs = of
            known = self._parts[area] = (table, list(filter(belongs, self._rows(table))))
        self.reads.update(areas_of(known[0], area))
        return known[1]

    @cached_property
    def _parts(self) -> dict[str, tuple[str, Sequence[Any]]]:
        return {}

    @property
    def balance(self) -> Balance:
        """How the project's own code is spread over scripts, notebooks and templates."""
        self.reads.add("balance")
        return self._balance

    @cached_property
    def _balance(self) -> Balance:
        return balance(self._rows("extent"), lambda path: self._roles.get(path, "source"))

    def size(self, path: str) -> int:
        """Bytes of a file of the tree; of a Git LFS pointer, of what it points to."""
        self.reads.add(f"size:{path}")
        return self._joined.size(path)

    def sized(self, row: File) -> File:
        """A row of `file` with its size in bytes."""
        return row._replace(size=self.size(row.at.path))

    @property
    def roles(self) -> Mapping[str, str]:
        """Role of each path: source, test, example, docs, vendored, generated, template."""
        self.reads.add("paths")
        return self._roles

    def role(self, path: str) -> str:
        """The role of a path; `source` where nothing is known."""
        self.reads.add("paths")
        return self._roles.get(path, "source")

    @property
    def libraries(self) -> Mapping[str, Library]:
        """The versions that the project admits, by normalised distribution name."""
        self.reads.update(("dependency", "setting", "paths"))
        return self._libraries

    @property
    def graph(self) -> Graph | None:
        """The value graph over all files; None where no file has values.

        What is worked out upon it is shared by the checks: it may ask what is noted here only.
        """
        self.reads.update(GRAPH)
        return self._graph

    @cached_property
    def _graph(self) -> Graph | None:
        return self._joined.graph()

    def shared(self, name: str, make: Callable[[], _V]) -> _V:
        """What several checks work out alike, made once; what that asks is noted for each."""
        if name not in self._shared:
            asked = set(self.reads)
            self.reads.clear()
            self._shared[name] = (make(), frozenset(self.reads))
            self.reads |= asked
        made, areas = self._shared[name]
        self.reads |= areas
        return cast("_V", made)

    @cached_property
    def _shared(self) -> dict[str, tuple[object, frozenset[str]]]:
        return {}

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be read."""
        self.reads.add("problems")
        return self._joined.problems

    def ignored(self, path: str) -> bool:
        """Whether a .gitignore names a path; it need not exist."""
        self.reads.add("setting")
        return self._joined.ignored(path)

    def routed(self, path: str) -> Setting | None:
        """The line of .gitattributes that routes a path through Git LFS."""
        self.reads.add("setting")
        return self._joined.routed(path)

    def provider(self, path: str, name: str) -> str | None:
        """The file that an importing file gets for a dotted name; None for a library's."""
        self.reads.add("names")
        return self._joined.provider(path, name)

    def text(self, path: str) -> str:
        """The text of a file of the tree, for the few checks that must see it; raises KeyError."""
        self.reads.update(("paths", f"text:{path}"))
        return self._joined.text(path)

    def history(self) -> Sequence[Commit]:
        """The last commits, the newest first, for the few checks that ask who works how on it."""
        self.reads.add("git")
        return self._joined.history()

    def calls(self, group: str) -> Sequence[Call]:
        """The calls whose name is in a group of `apis.toml`."""
        if (found := self._grouped.get(group)) is None:
            by_name = self._calls_by_name
            names = self.groups[group].among(self._names)
            found = self._grouped[group] = [call for name in names for call in by_name[name]]
        self.reads.update(("call", "names"))
        return found

    @cached_property
    def _grouped(self) -> dict[str, Sequence[Call]]:
        return {}

    @property
    def calls_by_name(self) -> Mapping[str, Sequence[Call]]:
        """Calls by their full origin name."""
        self.reads.update(("call", "names"))
        return self._calls_by_name

    @cached_property
    def _calls_by_name(self) -> Mapping[str, Sequence[Call]]:
        found: dict[str, list[Call]] = {}
        for call in self.rows("call"):
            found.setdefault(call.name, []).append(call)
        return found

    @property
    def names(self) -> NameIndex:
        """The names of `calls_by_name`."""
        self.reads.update(("call", "names"))
        return self._names

    @cached_property
    def _names(self) -> NameIndex:
        return NameIndex(self._calls_by_name)

    def calls_with(self, keyword: str) -> Sequence[Call]:
        """The calls that are given an argument under this keyword."""
        self.reads.update(("call", "names"))
        return self._by_keyword.get(keyword, ())

    @cached_property
    def _by_keyword(self) -> Mapping[str, Sequence[Call]]:
        found: dict[str, list[Call]] = {}
        for call in self.rows("call"):
            for one in call.args:
                if not one.key.isdigit():
                    found.setdefault(one.key, []).append(call)
        return found

    @property
    def by_path(self) -> Mapping[str, Mapping[str, Sequence[Any]]]:
        """Rows by path, then table, steps and tools apart: for checks of one file at a time."""
        self.reads.add("paths")
        return self._by_path

    @cached_property
    def _by_path(self) -> Mapping[str, Mapping[str, Sequence[Any]]]:
        rows = self._joined.rows
        if rows is None:
            found: dict[str, dict[str, list[Any]]] = {}
            for table, listed in self._tables.items():
                for row in listed:
                    found.setdefault(row.at.path, {}).setdefault(table, []).append(row)
            return {path: Noting(self.reads, one, path) for path, one in found.items()}

        def of(path: str) -> Mapping[str, Sequence[Any]]:
            own = Made(tuple(ROWS), lambda table: rows(path, table))
            return Noting(self.reads, own, path)

        return Made(tuple(self._roles), of)

    @property
    def used_tools(self) -> Mapping[str, Sequence[Tool]]:
        """Evidence of tools by family, best first."""
        self.reads.add("tool")
        return self._used_tools

    @cached_property
    def _used_tools(self) -> Mapping[str, Sequence[Tool]]:
        found: dict[str, list[Tool]] = {}
        for tool in self.rows("tool"):
            found.setdefault(tool.family, []).append(tool)
        return {k: sorted(v, key=lambda t: -t.credit) for k, v in found.items()}


def sizeless(row: File) -> File:
    """A row of `file` as checks see it: with 1 for its size, or 0 where it is empty."""
    return File(row[0], 1 if row[1] else 0, *row[2:])


def arg(call: Call, key: str, position: int | None = None) -> Any:
    """The argument of that keyword or 0-based position; None where it is not given."""
    for one in call.args:
        if one.key == key or (position is not None and one.key == str(position)):
            return one
    return None


def unpacks(call: Call) -> bool:
    """Whether `*` or `**` arguments may hide what is given."""
    return any(one.key in {"*", "**"} for one in call.args)
