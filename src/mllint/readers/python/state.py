"""The walk's state: one file, its scopes, and what has been met so far.

Holds the two dispatch tables but knows no node type itself; `expressions` and `statements` do.
"""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mllint.facts import Cell, Place
from mllint.readers.python.graph import Graph, Node
from mllint.readers.python.guard import comments
from mllint.readers.python.scope import Blueprint, Given, Scope, Site

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

Evaluate: TypeAlias = "Callable[[Walk, Any], Node]"
Execute: TypeAlias = "Callable[[Walk, Any], bool]"

BUILTINS = frozenset(dir(builtins))
_GLOBAL = re.compile(r"^[ \t]*global[ \t]+([\w, \t]+)", re.MULTILINE)


class Chunk:
    """A stretch of source that is parsed on its own: a file, or one cell of a notebook."""

    def __init__(
        self, path: str, text: str, cell: Cell | None, raw: tuple[int, ...], indent: int = 0
    ) -> None:
        self.path = path
        self.text = text
        self.cell = cell
        self.raw = raw
        """Line of the `.ipynb` for each line of the cell."""
        self.indent = indent
        """Characters that were taken off the start of each line."""
        self.comments = comments(text)
        self.lines = [] if text.isascii() else text.split("\n")
        """Empty where every byte is a character."""

    def place(self, node: ast.AST) -> Place:
        """Where a node stands."""
        line, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        start, end = node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        if self.lines:
            start, end = self._points(line, start), self._points(last, end)
        shift = self.indent + 1
        return Place(self.path, line, start + shift, last, end + shift, self.at(line))

    def point(self, line: int, col: int, end_col: int) -> Place:
        """A place within one line; columns are 1-based code points."""
        shift = self.indent
        return Place(self.path, line, col + shift, line, end_col + shift, self.at(line))

    def at(self, line: int) -> Cell | None:
        """The cell, with the raw line for a line of it."""
        if self.cell is None:
            return None
        raw = self.raw[line - 1] if 0 < line <= len(self.raw) else self.cell.raw
        return self.cell._replace(raw=raw)

    def _points(self, line: int, offset: int) -> int:
        return len(self.lines[line - 1].encode()[:offset].decode("utf-8", "ignore"))


class Deferred(NamedTuple):
    """A function whose body is to be walked once its surroundings are complete."""

    node: Any
    name: str
    scope: Scope
    decorators: tuple[str, ...]
    blueprint: Blueprint | None
    chunk: Chunk
    guard: str
    defaults: dict[str, Node]


class Summary(NamedTuple):
    """What a walked function takes and gives."""

    name: str
    params: list[tuple[str, Node]]
    returns: list[Node]
    defaults: list[tuple[str, Any]]


class Walk:
    """One file while it is being walked."""

    def __init__(
        self,
        path: str,
        package: str,
        expressions: Mapping[type[ast.expr], Evaluate],
        statements: Mapping[type[ast.stmt], Execute],
    ) -> None:
        self.path = path
        self.package = package
        """Dotted package that relative imports start from."""
        self._expressions = expressions
        self._statements = statements
        self.graph = Graph()
        self.module = Scope("module", "", None)
        self.scope = self.module
        self.chunk = Chunk(path, "", None, ())
        self.sites: list[Site] = []
        self.given: list[Given] = []
        self.rows: dict[str, list[Any]] = {}
        self.pending: list[Deferred] = []
        self.summaries: list[Summary] = []
        self.blueprints: dict[str, Blueprint] = {}
        self.callable = frozenset[str]()
        """Origin paths that the catalogue names."""
        self.stars: list[str] = []
        """Modules of `from m import *`."""
        self.imported: dict[str, bool] = {}
        """Imported origin -> whether it is optional."""
        self.unknown: dict[str, Node] = {}
        self.probes: set[str] = set()
        """Names that an `ImportError` guard leaves: `HAS_X`, or the import or None."""
        self.shown: set[ast.stmt] = set()
        """The lines whose results are asked for without being named: see `Call.shown`."""
        self.loop = 0
        self.order = 0
        self.target = ""
        """Name or keyword that the expression being evaluated is given to."""

    def row(self, table: str, row: Any) -> None:
        """Add a row."""
        self.rows.setdefault(table, []).append(row)

    def value(self, node: ast.expr) -> Node:
        """What an expression evaluates to."""
        evaluate = self._expressions.get(type(node))
        if evaluate is None:
            return self.graph.add("unknown", "?", (), "", node.lineno)
        return evaluate(self, node)

    def block(self, body: list[ast.stmt]) -> bool:
        """Walk statements; True where nothing can follow them."""
        statements = self._statements
        ended = False
        for node in body:
            execute = statements.get(type(node))
            if execute is not None and execute(self, node):
                ended = True
        return ended

    def begin(self, chunk: Chunk) -> None:
        """Turn to a stretch of source."""
        self.chunk = chunk
        self.graph.cell = chunk.cell.index if chunk.cell else 0
        if "global" in chunk.text:
            for names in _GLOBAL.findall(chunk.text):
                for name in names.split(","):
                    self.module.stores[name.strip()] += 2  # may change at any time

    def next_loop(self) -> int:
        """The id of a new loop."""
        self.loop += 1
        return self.loop

    def lookup(self, name: str, line: int) -> Node:
        """What a name means that the current scope does not bind."""
        scope = self.scope.parent
        while scope is not None:
            if scope.kind != "class":
                found = scope.env.get(name)
                if found is not None:
                    return self._seen(scope, name, found)
            scope = scope.parent
        if name in BUILTINS:
            return self._once(name, "name", name, line)
        star = self._star(name)
        if star:
            return self._once(name, "name", f"{star}.{name}", line)
        return self._once(name, "unknown", f"?{name}", line)

    def _star(self, name: str) -> str:
        """The module whose `*` brings a name: the only one, or the one that is known for it."""
        if len(self.stars) < 2:
            return self.stars[0] if self.stars else ""
        known = [star for star in self.stars if f"{star}.{name}" in self.callable]
        return known[0] if len(known) == 1 else ""

    def _once(self, name: str, op: str, origin: str, line: int) -> Node:
        node = self.unknown.get(name)
        if node is None or node.name != origin:
            node = self.unknown[name] = self.graph.add(op, origin, (), "", line)
        return node

    def _seen(self, scope: Scope, name: str, found: Node) -> Node:
        """A variable of an outer scope: its constant is sure only if it is assigned once."""
        if found.known and scope.stores[name] > 1:
            node = self.graph.add("merge", found.name or "?", (found,), "", found.line)
            scope.env[name] = node
            return node
        return found
