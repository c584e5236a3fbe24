"""Which rows a value holds: where they were read, and which splits they have passed since.

Follows tables and arrays back through what keeps or takes rows. What is not understood starts rows
of its own, so that it is never taken for something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mllint.flow import moves
from mllint.flow.datasets import held
from mllint.flow.parts import SIDES, Cut, Parts, part_named
from mllint.flow.slices import Slices
from mllint.graph import Node
from mllint.graph.mappings import put_under

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.flow.objects import Objects
    from mllint.graph import Graph

_LIMIT = 400
"""Steps back before a value is of unknown rows."""
_ELEMENT = 60
"""Values between an element and the sequences that it may be of."""
_CUTS = 8
"""Selections in a row that are told apart."""


class Origin(NamedTuple):
    """Rows as they were read, and the selections they have passed, the first one first."""

    root: Node
    key: str
    """Attribute of the root, for objects of unknown kind."""
    cuts: tuple[Cut, ...]

    @property
    def source(self) -> tuple[Node, str]:
        """What was read."""
        return self.root, self.key

    @property
    def taken(self) -> tuple[Cut, ...]:
        """The selections, those that only clean a table left out."""
        return tuple(cut for cut in self.cuts if cut.label != "clean")


Step: TypeAlias = "tuple[Node, Cut | None]"


class Rows:
    """The rows of values, worked out once each."""

    def __init__(self, graph: Graph, objects: Objects, *, follows_keys: bool = True) -> None:
        self._keys = Rows(graph, objects, follows_keys=False) if follows_keys else None
        """The rows of what subscripts take rows by; those of keys of keys are not asked, since a
        loop may make a key of itself."""
        self.graph = graph
        self.objects = objects
        self.parts = Parts(graph, objects)
        self.slices = Slices(graph, self.parts)
        self._origins: dict[Node, frozenset[Origin]] = {}
        self._names: dict[Node, frozenset[str]] = {}
        self._steps: dict[Node, list[Step] | None] = {}

    def origins(self, node: Node) -> frozenset[Origin]:
        """Where the rows of a value come from; empty for a value without rows."""
        if (found := self._origins.get(node)) is None:
            found = self._origins[node] = self._search(node)
        return found

    def named(self, node: Node) -> frozenset[str]:
        """The parts that the names say which the rows of a value went by."""
        self.origins(node)
        return self._names[node]

    def _search(self, node: Node) -> frozenset[Origin]:
        names = {name for before in self.passed(node) for name in self._called_by(before)}
        self._names[node] = frozenset(part_named(name) for name in names) - {""}
        return self._sources(node)

    def _called_by(self, node: Node) -> Iterable[str]:
        value = self.graph.value(node.at)
        if value.op == "param":
            return (value.detail.rpartition(":")[2],)
        return self.graph.targets(node.at)

    def passed(self, node: Node) -> set[Node]:
        """Every value that the rows of a value have passed through."""
        seen: set[Node] = set()
        stack = [node]
        while stack and len(seen) < _LIMIT:
            here = stack.pop()
            if here not in seen:
                seen.add(here)
                stack.extend(before for before, _ in self.steps(here) or ())
        return seen

    def _sources(self, node: Node) -> frozenset[Origin]:
        found: set[Origin] = set()
        seen: set[tuple[Node, tuple[Cut, ...]]] = set()
        stack: list[tuple[Node, tuple[Cut, ...]]] = [(node, ())]
        while stack:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            at, cuts = here
            if len(seen) > _LIMIT:
                return frozenset({Origin(node, "?", ())})
            steps = self.steps(at)
            if steps is None:
                found.add(self._root(at, cuts))
                continue
            for before, cut in steps:
                if cut is None or (cuts and cuts[0] == cut):
                    stack.append((before, cuts))
                elif len(cuts) < _CUTS:
                    stack.append((before, (cut, *cuts)))
        return frozenset(found)

    def _root(self, node: Node, cuts: tuple[Cut, ...]) -> Origin:
        key = ""
        while self.graph.value(node.at).op == "attr":
            key = f".{self.graph.value(node.at).detail}{key}"
            below = self.graph.made_from(node.at)
            if not below or below[0] < 0:
                break
            node = Node(below[0], node.calls)
        return Origin(self.graph.canonical(node), key, cuts)

    def steps(self, node: Node) -> list[Step] | None:
        """Whose rows a value has: None where it starts rows of its own, empty where it has none."""
        if node not in self._steps:
            self._steps[node] = self._back(node)
        return self._steps[node]

    def _back(self, node: Node) -> list[Step] | None:
        op = self.graph.value(node.at).op
        if op in {"merge", "loop", "binary", "compare", "container"}:
            return [(before, None) for before in self.graph.inputs(node)]
        if op in {"param", "name"}:
            return [(before, None) for before in self.graph.inputs(node)] or None
        if op == "mutate":
            return self._mutated(node)
        if op == "iter":
            return self._iterated(node)
        if op in {"attr", "item", "unpack", "call"}:
            found = {"attr": self._attribute, "item": self._item, "unpack": self._unpacked,
                     "call": self._called}[op](node)  # fmt: skip
            return self._sided(node, found) if op in {"item", "call"} else found
        return None if op == "unknown" else []

    def _sided(self, node: Node, steps: list[Step] | None) -> list[Step] | None:
        """The steps back, with the part that a selection by hand is named after."""
        if steps is None or len(steps) != 1 or (cut := steps[0][1]) is None or cut.label in SIDES:
            return steps
        side = self.slices.of(node.at)
        if side is None:
            return steps
        by = self.graph.canonical(Node(side.base, node.calls))
        return [(steps[0][0], Cut(by, side.side))]

    def _mutated(self, node: Node) -> list[Step]:
        inputs = self.graph.inputs(node)
        detail = self.graph.value(node.at).detail
        if detail in {"append", "extend", "insert", "add", "update"}:
            return [(before, None) for before in inputs]
        if detail in moves.CLEANING:
            return [(inputs[0], Cut(node, "clean"))] if inputs else []
        return [(before, None) for before in inputs[:1]]

    def _iterated(self, node: Node) -> list[Step] | None:
        if self.parts.folds(node) is not None:
            return []
        return [(before, None) for before in self.graph.inputs(node)[:1]]

    def _attribute(self, node: Node) -> list[Step] | None:
        stored = self.graph.attribute(node)
        if stored:
            return [(before, None) for before in stored]
        value = self.graph.value(node.at)
        if value.detail in moves.LOSING_ATTRIBUTES:
            return []
        below = self.graph.inputs(node)
        if value.detail in moves.KEEPING_ATTRIBUTES or value.name.startswith("pandas."):
            return [(before, None) for before in below[:1]]
        return None

    def _item(self, node: Node) -> list[Step] | None:
        inputs = [Node(at, node.calls) for at in self.graph.made_from(node.at) if at >= 0]
        if not inputs:
            return []
        base, keys = inputs[0], inputs[1:]
        detail = self.graph.value(node.at).detail
        if detail.lstrip("-").isdigit():
            return self._element(base, detail, node)
        if not keys and (found := put_under(self.graph, base, detail)):
            return [(before, None) for before in found]
        label = self.parts.of_key(detail)
        if label and not self.parts.is_table(base):
            return [(base, Cut(self.graph.canonical(base), label))]
        chosen = [key for key in keys if self.graph.value(key.at).op != "unknown"]
        rows = detail.partition(", ")[0] if detail[:1] in {":", "?"} or "," in detail else detail
        if detail[:1] == "[" or (not keys and ":" not in detail):
            return [(base, None)]  # columns
        if rows == ":" or (":" not in rows and not chosen):
            return [(base, None)]
        if ":" in rows:
            by = self.graph.canonical(chosen[0]) if chosen else Node(-1)
            return [(base, Cut(by, rows))]
        return [(base, self._picked(chosen[0]))]

    def _picked(self, key: Node) -> Cut | None:
        """The selection that a subscript makes: by folds, indexes, columns or a mask."""
        fold = self.parts.fold(key)
        if fold is not None:
            return fold
        if self.parts.names_columns(key):
            return None
        rows = self._keys.origins(key) if self._keys else ()
        cuts = {origin.cuts[-1] for origin in rows if origin.cuts}
        if len(cuts) == 1 and (cut := cuts.pop()).label in SIDES:
            return cut
        return Cut(self.graph.canonical(key), "some")

    def _unpacked(self, node: Node) -> list[Step] | None:
        below = self.graph.made_from(node.at)
        if not below or below[0] < 0:
            return None
        if (side := self.slices.of(node.at)) is not None:
            table = Node(side.base, node.calls)
            return [(table, Cut(self.graph.canonical(table), side.side))]
        return self._element(Node(below[0], node.calls), self.graph.value(node.at).detail, node)

    def _element(self, base: Node, place: str, node: Node) -> list[Step] | None:
        """Whose rows the element of a sequence has."""
        steps: list[Step] = []
        seen: set[Node] = set()
        stack = [base]
        while stack:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            found = self._element_of(here, place, node)
            if found is not None:
                steps.extend(found)
                continue
            op = self.graph.value(here.at).op
            inputs = self.graph.inputs(here)
            through = op in {"merge", "loop", "param", "attr", "name"} or self.graph.returned(here)
            if not through or not inputs or len(seen) > _ELEMENT:
                return None
            stack.extend(inputs)
        return steps

    def _element_of(self, base: Node, place: str, node: Node) -> list[Step] | None:
        """Whose rows an element has, where the sequence itself tells; None where it does not."""
        value = self.graph.value(base.at)
        if value.op == "container":
            inner = self.graph.made_from(base.at)
            if value.detail in {"tuple", "list"} and place.isdigit() and int(place) < len(inner):
                at = inner[int(place)]
                return [(Node(at, base.calls), None)] if at >= 0 else []
            return [(before, None) for before in self.graph.inputs(base)]
        if value.op == "call":
            cut = self.parts.element(base, place)
            if cut is None and self.graph.method(base.at) in moves.LOSING_METHODS:
                return []  # x.max(0)[0] and the like
            return list(cut) if cut is not None else None
        if value.op == "item":
            return [(base, Cut(self.graph.canonical(node), "some"))]
        batch = value.op == "iter" and self.parts.folds(base) is None
        return [(base, None)] if batch or (value.op == "unpack" and self._provided(base)) else None

    def _provided(self, node: Node) -> bool:
        below = self.graph.made_from(node.at)
        return bool(below) and below[0] >= 0 and self.parts.provides(below[0])

    def _called(self, node: Node) -> list[Step] | None:
        graph = self.graph
        returned = graph.returned(node)
        if returned or (returned := held(graph, node)):
            return [(before, None) for before in returned]
        value = graph.value(node.at)
        method = graph.method(node.at)
        receiver = graph.receiver(node.at)
        if receiver >= 0:
            if value.name == graph.value(receiver).name and graph.call(node.at) is None:
                return [(Node(receiver, node.calls), None)]  # x.to(device) and the like
            return self._method(node, method, receiver)
        return self._function(node, method)

    def _method(self, node: Node, method: str, receiver: int) -> list[Step] | None:
        graph = self.graph
        if method in moves.APPLYING:
            data = graph.argument(node.at, "0", "X", "x", "raw_documents", "data")
            if data >= 0:
                return [(Node(data, node.calls), None)]
        table = Node(receiver, node.calls)
        if method in moves.SOME_METHODS:
            if method == "sample" and self.parts.shuffles(node.at):
                return [(table, None)]
            label = "clean" if method in moves.CLEANING else "some"
            return [(table, Cut(graph.canonical(node), label))]
        if method == "drop":
            return [(table, self.parts.dropped(node))]
        if method in {"append", "union", "join"}:
            other = graph.argument(node.at, "0", "other")
            return [(table, None), *([(Node(other, node.calls), None)] if other >= 0 else [])]
        if method in moves.KEEPING_METHODS:
            return [(table, None)]
        if method in moves.LOSING_METHODS:
            return None if "groupby()" in graph.value(node.at).name else []
        if method in {"groupby", "pop"}:
            return [(table, None)]
        return None

    def _function(self, node: Node, name: str) -> list[Step] | None:
        graph = self.graph
        call = graph.call(node.at)
        root = graph.value(node.at).name.partition(".")[0].removesuffix("()")
        inputs = [Node(at, node.calls) for at in graph.made_from(node.at)[1:] if at >= 0]
        if call is not None and self.objects.kind(call.name) != "unknown":
            return []
        if name in moves.LOSING_FUNCTIONS and root in {*moves.ROOTS, name}:
            return []
        if root in moves.BUILTINS:
            return [(before, None) for before in inputs] or None
        if root not in moves.ROOTS:
            return None
        if name in moves.JOINING_FUNCTIONS:
            return [(before, None) for before in inputs] or None
        if name in moves.KEEPING_FUNCTIONS:
            first = graph.argument(node.at, "0", "data", "x", "X", "a", "arrays")
            return [(Node(first, node.calls), None)] if first >= 0 else None
        if name == "Subset":
            first, key = (
                graph.argument(node.at, "0", "dataset"),
                graph.argument(node.at, "1", "indices"),
            )
            if first >= 0 and key >= 0:
                return [(Node(first, node.calls), self._picked(Node(key, node.calls)))]
        return None

    def part(self, node: Node) -> str:
        """train, validation, test or whole; `unknown` where the rows are of several, or unclear."""
        labels = {self.label(origin) for origin in self.origins(node)}
        return labels.pop() if len(labels) == 1 else "unknown"

    def label(self, origin: Origin) -> str:
        """The part that rows belong to."""
        for cut in reversed(origin.cuts):
            if cut.label in SIDES:
                return cut.label
            if cut.label != "clean":
                return "unknown"
        return self.parts.provided(origin.root) or "whole"

    def same(self, one: Node, other: Node) -> bool | None:
        """Whether two values hold the same rows; None where that is not certain."""
        mine, yours = self.origins(one), self.origins(other)
        if not mine or not yours:
            return None
        if mine == yours:
            return True
        if apart(mine, yours):
            return False
        return None


def apart(mine: Iterable[Origin], yours: Iterable[Origin]) -> bool:
    """Whether no row of one can be a row of the other: they are on two sides of each split."""
    yours = list(yours)
    return all(_apart(one, other) for one in mine for other in yours)


def _apart(one: Origin, other: Origin) -> bool:
    if one.source != other.source:
        return False
    sides = {cut.by: cut.label for cut in one.cuts if cut.label in SIDES}
    return any(
        cut.label in SIDES and cut.by in sides and sides[cut.by] != cut.label for cut in other.cuts
    )
