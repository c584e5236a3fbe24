"""What made an object, where attributes and elements of other objects are on the way.

A question that arises within another is a level deeper; below the last level nothing is found.
Without that, `node = node.next` would be asked for without end. Answers are kept by level, so that
they are the same whoever asks first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.graph.mappings import put_under
from mllint.graph.node import SHIFT, Node
from mllint.graph.same import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from mllint.graph import Graph

_LEVELS = 10
_MOST = 200
"""Values that are looked at on the way to what made one object."""


class Objects:
    """The objects of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.level = _LEVELS
        """How many questions may yet be asked within the present one."""
        self._known: dict[tuple[str, Node, int], list[Node]] = {}

    def attribute(self, node: Node) -> list[Node]:
        """See `Graph.attribute`."""
        return self._deeper("attribute", self._attribute, node)

    def elements(self, node: Node) -> list[Node]:
        """See `Graph.elements`."""
        return self._deeper("elements", self._elements, node)

    def _deeper(self, kind: str, find: Callable[[Node], list[Node]], node: Node) -> list[Node]:
        if not self.level:
            return []
        key = (kind, node, self.level)
        if (found := self._known.get(key)) is None:
            self.level -= 1
            try:
                found = self._known[key] = find(node)
            finally:
                self.level += 1
        return found

    def _attribute(self, node: Node) -> list[Node]:
        value = self._graph.value(node.at)
        owner = self._graph.made_from(node.at)
        if not owner or owner[0] < 0:
            return []
        for made in same(self._graph, self.makers(Node(owner[0], node.calls))):
            op = self._graph.value(made.at)
            if op.op == "param":
                scope, _, name = op.detail.rpartition(":")
                class_name = scope.rpartition(".")[0]
                if name != "self" or not class_name:
                    continue
                number, calls = made.at >> SHIFT, made.calls
            else:
                callee = self._graph.callee(made.at)
                if callee is None:
                    continue
                number, class_name = callee[0], callee[1].name
                calls = (*made.calls, made.at)
            function = self._graph.summary(number, class_name)
            if function is None:
                continue
            return [
                Node((number << SHIFT) | k, calls)
                for name, k in function.attributes
                if name == value.detail and k >= 0
            ]
        return []

    def makers(self, node: Node) -> list[Node]:
        """See `Graph.makers`."""
        found: list[Node] = []
        seen: set[Node] = set()
        stack = [node] if node.at >= 0 else []
        while stack and len(seen) < _MOST:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            op = self._graph.value(here.at).op
            inputs = self._graph.inputs(here)
            if (op == "param" and not inputs) or (op == "call" and not self._graph.returned(here)):
                found.append(here)
            elif op in {"merge", "loop", "param", "call"}:
                stack.extend(inputs)
            elif op == "mutate":
                stack.extend(inputs[:1])
            elif op in {"attr", "name"} and (
                stored := inputs if op == "name" else self.attribute(here)
            ):
                stack.extend(stored)
            elif op in {"iter", "item", "unpack"} and (inner := self.elements(here)):
                stack.extend(inner)
            else:
                found.append(here)
        return found

    def _elements(self, node: Node) -> list[Node]:
        found: list[Node] = []
        value = self._graph.value(node.at)
        for base in self._graph.inputs(node)[:1]:
            if value.op == "item" and (put := put_under(self._graph, base, value.detail)):
                return put
            for made in self.makers(base):
                shape = self._graph.value(made.at)
                if shape.op != "container":
                    return []
                inner = self._graph.made_from(made.at)
                place = int(value.detail) if value.op == "unpack" and value.detail.isdigit() else -1
                if shape.detail == "tuple" and 0 <= place < len(inner):
                    inner = inner[place : place + 1]
                found.extend(Node(k, made.calls) for k in inner if k >= 0)
        return found
