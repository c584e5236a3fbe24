"""The value graph of one file as it grows, and the part of it that is worth keeping.

Knows what a value is made of; knows nothing of syntax or of rows other than `Value`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LONGEST = 200
"""Longest origin path, in characters: of a longer chain the middle is left out."""


class Node:
    """What one expression evaluates to, while its file is being read."""

    __slots__ = (
        "cell",
        "const",
        "detail",
        "index",
        "inputs",
        "known",
        "line",
        "name",
        "op",
        "parts",
    )

    def __init__(
        self, op: str, name: str, inputs: tuple[Node | None, ...], detail: str, line: int
    ) -> None:
        self.op = op
        self.name = name
        self.inputs = inputs
        """None where there is nothing (no receiver)."""
        self.detail = detail
        self.line = line
        self.known = False
        self.const: Any = None
        self.parts: dict[Any, Node] | None = None
        """Elements of a display by position or constant key; None where not known."""
        self.index = 0
        self.cell = 0


class Graph:
    """All values of one file, in order of evaluation."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.cell = 0

    def add(
        self,
        op: str,
        name: str,
        inputs: tuple[Node | None, ...] = (),
        detail: str = "",
        line: int = 0,
    ) -> Node:
        """A new value."""
        if len(name) > LONGEST:
            name = shortened(name)
        node = Node(op, name, inputs, detail, line)
        node.index = len(self.nodes)
        node.cell = self.cell
        self.nodes.append(node)
        return node

    def constant(self, const: Any, line: int) -> Node:
        """A value that is known."""
        node = Node("const", "", (), "", line)
        node.known = True
        node.const = const
        node.index = len(self.nodes)
        node.cell = self.cell
        self.nodes.append(node)
        return node

    def merge(self, values: Iterable[Node | None], line: int, named: str = "") -> Node | None:
        """What a name is after branches that left it with these values; None where unbound."""
        distinct = list(dict.fromkeys(value for value in values if value is not None))
        if len(distinct) < 2:
            return distinct[0] if distinct else None
        first = distinct[0]
        if first.known and all(v.known and _same(v.const, first.const) for v in distinct):
            return first
        given = [value for value in distinct if not (value.known and value.const is None)]
        if all(value.op == "name" for value in given):  # an import that may have failed
            return given[0]
        origin = common_name(distinct)
        if origin == "?":
            origin += named
        return self.add("merge", origin, tuple(distinct), "", line)


def shortened(name: str) -> str:
    """A long origin path without its middle: where it started, and the last step."""
    first = name.find("()") + 2
    head = name[:first] if 2 < first < LONGEST // 2 else name.partition(".")[0][: LONGEST // 2]
    return f"{head}.….{name.rpartition('.')[2][-LONGEST // 2 :]}"


def common_name(values: Iterable[Node]) -> str:
    """The origin that several values share, None and other constants apart; else "?".

    Of two imports of one name (`try: ... except ImportError: ...`) the first counts: they are meant
    to be interchangeable.
    """
    named = [value for value in values if not value.known]
    names = {value.name for value in named}
    if len(names) == 1:
        return named[0].name
    if named and all(value.op == "name" for value in named):
        return named[0].name
    return "?"


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def pruned(
    nodes: Sequence[Node],
    roots: Iterable[Node],
    leaf: Callable[[Node], bool],
    resolve: Callable[[str], str],
) -> tuple[list[Value], dict[int, int]]:
    """The values from which the roots were made, and where each of them is now.

    Constants and `leaf` values (a module, a class of a library) are left out: arguments name them.
    """
    wanted: set[int] = set()
    stack = [root for root in roots if not root.known and not leaf(root)]
    while stack:
        node = stack.pop()
        if node.index in wanted:
            continue
        wanted.add(node.index)
        stack.extend(
            made
            for made in node.inputs
            if made is not None and not made.known and made.index not in wanted and not leaf(made)
        )
    order = sorted(wanted)
    place = {old: new for new, old in enumerate(order)}
    return [_value(nodes[index], place, resolve) for index in order], place


def _value(node: Node, place: dict[int, int], resolve: Callable[[str], str]) -> Value:
    if node.op in {"call", "container"}:
        inputs = tuple(place.get(made.index, -1) if made else -1 for made in node.inputs)
    else:
        inputs = tuple(place[m.index] for m in node.inputs if m is not None and m.index in place)
    return Value(node.op, resolve(node.name), inputs, node.detail, node.line, node.cell)
