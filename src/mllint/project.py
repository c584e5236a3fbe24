"""The linked project: every row by table, and what joins the files.

Made by `link`, asked by the check language, the checks and `flow`. Joins nothing before it is asked
for it, and notes what was asked, so that evidence is known to hold while that is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from mllint.facts import ROWS, Call, Commit, File, Library, Problem, Setting, Tool
from mllint.names import NameIndex

if TYPE_CHECKING:
    from mllint.graph import Graph
    from mllint.names import Names

_K = TypeVar("_K")
_V = TypeVar("_V")

CODE = frozenset({"module", "import", "call", "assign", "define"})
"""Tables that `link` rewrites by what other files say: where one changes, all of them may."""


def area(table: str) -> str:
    """What is noted when a table is asked for: its name, or `code` for all tables of `CODE`."""
    return "code" if table in CODE else table


class Made(Mapping[_K, _V], Generic[_K, _V]):
    """A mapping whose values are made when they are first asked for."""

    def __init__(self, keys: Sequence[_K], make: Callable[[_K], _V]) -> None:
        self._keys = dict.fromkeys(keys)
        self._make = make
        self._values: dict[_K, _V] = {}

    def __getitem__(self, key: _K) -> _V:
        if key not in self._values:
            if key not in self._keys:
                raise KeyError(key)
            self._values[key] = self._make(key)
        return self._values[key]

    def get(self, key: _K, default: Any = None) -> Any:
        """As of any mapping, without the detour of raising KeyError."""
        return self[key] if key in self._keys else default

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[_K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Late(Mapping[_K, _V], Generic[_K, _V]):
    """A mapping that is made as a whole when it is first looked at."""

    def __init__(self, make: Callable[[], Mapping[_K, _V]]) -> None:
        self._make = make

    @cached_property
    def _all(self) -> Mapping[_K, _V]:
        return self._make()

    def __getitem__(self, key: _K) -> _V:
        return self._all[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


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
        """What was asked since this was last emptied: tables (see `area`), `paths`, `problems`,
        `size:PATH` and `text:PATH`."""

    @property
    def sources(self) -> Mapping[str, set[str]]:
        """What the tables were made of that no reader writes, as far as they are made."""
        return self._joined.sources

    def rows(self, table: str) -> Sequence[Any]:
        """The rows of a table, in order of path and position; KeyError for an unknown table."""
        self.reads.add(area(table))
        return self._tables.get(table) or () if table in ROWS else self._tables[table]

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

        What is worked out upon it is shared by the checks: it may ask code and roles only.
        """
        self.reads.update(("code", "paths"))
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
        self.reads.add("code")
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
        self.reads.add("code")
        return found

    @cached_property
    def _grouped(self) -> dict[str, Sequence[Call]]:
        return {}

    @property
    def calls_by_name(self) -> Mapping[str, Sequence[Call]]:
        """Calls by their full origin name."""
        self.reads.add("code")
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
        self.reads.add("code")
        return self._names

    @cached_property
    def _names(self) -> NameIndex:
        return NameIndex(self._calls_by_name)

    def calls_with(self, keyword: str) -> Sequence[Call]:
        """The calls that are given an argument under this keyword."""
        self.reads.add("code")
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
            return {path: Noting(self.reads, one) for path, one in found.items()}

        def of(path: str) -> Mapping[str, Sequence[Any]]:
            own = Made(tuple(ROWS), lambda table: rows(path, table))
            return Noting(self.reads, own)

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
    return File(row[0], min(row[1], 1), *row[2:])


class Noting(Mapping[str, Sequence[Any]]):
    """Tables that note which of them were asked for."""

    def __init__(
        self,
        reads: set[str],
        tables: Mapping[str, Sequence[Any]],
    ) -> None:
        self._reads = reads
        self._tables = tables

    def __getitem__(self, table: str) -> Sequence[Any]:
        self._reads.add(area(table))
        return self._tables[table]

    def get(self, table: str, default: Any = None) -> Any:
        """As of any mapping, without the detour of raising KeyError."""
        self._reads.add(area(table))
        return self._tables.get(table, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def arg(call: Call, key: str, position: int | None = None) -> Any:
    """The argument of that keyword or 0-based position; None where it is not given."""
    for one in call.args:
        if one.key == key or (position is not None and one.key == str(position)):
            return one
    return None


def unpacks(call: Call) -> bool:
    """Whether `*` or `**` arguments may hide what is given."""
    return any(one.key in {"*", "**"} for one in call.args)
