"""The value graph of all files: what a value was made from, through functions and files.

A value inside a function is seen through the chain of calls that led there, so that two calls of
one function are never mixed up. Knows values and calls; knows nothing of libraries or rules.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from mllint.facts import Assign, Call, Const, Facts, Function, Place, Value
from mllint.graph.node import SHIFT, Node, Resolve
from mllint.graph.objects import Objects
from mllint.graph.part import Part, called, pipes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Graph", "Node", "Resolve"]

_MASK = (1 << SHIFT) - 1
_DEPTH = 6
"""Calls within calls that are followed."""
_WAYS = 24
"""Ways into one function that are told apart."""


class Graph:
    """The values of every file under one numbering."""

    def __init__(
        self,
        facts: Mapping[str, Facts],
        calls: Mapping[str, Sequence[Call]],
        resolve: Resolve,
    ) -> None:
        paths = sorted(path for path in facts if facts[path].rows.get("module"))
        self._parts = [Part(path, facts[path], calls) for path in paths]
        self._number = {part.path: k for k, part in enumerate(self._parts)}
        self._resolve = resolve
        self._entered: dict[int, tuple[int, str] | None] = {}
        self._entries: dict[tuple[int, str], tuple[tuple[int, ...], ...]] = {}
        self._objects = Objects(self)
        self._inputs: dict[tuple[Node, int], tuple[Node, ...]] = {}
        self.notes: dict[str, object] = {}
        """What others have worked out about this graph."""

    def of(self, path: str, index: int) -> int:
        """The graph's index of a file's value; -1 where the value was not kept."""
        number = self._number.get(path) if index >= 0 else None
        return -1 if number is None else (number << SHIFT) | index

    def _part(self, at: int) -> Part:
        return self._parts[at >> SHIFT]

    def value(self, at: int) -> Value:
        """The value itself; its inputs are numbered within its file."""
        return self._part(at).values[at & _MASK]

    def path(self, at: int) -> str:
        """The file of a value."""
        return self._part(at).path

    def place(self, at: int) -> Place:
        """Where a value stands: that of its call where it is one, else its line."""
        call = self.call(at)
        return call.at if call is not None else Place(self.path(at), self.value(at).line)

    def call(self, at: int) -> Call | None:
        """The call that made a value; None for a value that no call made."""
        part = self._part(at)
        position = part.calls.get(at & _MASK)
        return None if position is None else part.rows[position]

    def method(self, at: int) -> str:
        """The last part of the name of the function that a call value calls."""
        call = self.call(at)
        name = call.name if call is not None else self.value(at).name.removesuffix("()")
        return name.rpartition(".")[2]

    def targets(self, at: int) -> Sequence[str]:
        """The names that a value is given to in its file."""
        return self._part(at).targets.get(at & _MASK, ())

    def _numbered(self, path: str, pick: Callable[[Part], Iterable[int]]) -> list[int]:
        """Some values of a file under the numbering of the graph."""
        number = self._number.get(path, -1)
        return [self.of(path, k) for k in (pick(self._parts[number]) if number >= 0 else ())]

    def subscripts(self, path: str) -> list[int]:
        """The values of a file that are subscripts by something that is not constant."""
        return self._numbered(path, lambda part: part.subscripts)

    def reads(self, path: str, name: str) -> list[int]:
        """The values of a file that are attributes of this name."""
        return self._numbered(path, lambda part: part.reads.get(name, ()))

    def assigned(self, at: int) -> Sequence[Assign]:
        """The assignments that give a value a name."""
        return self._part(at).assigns.get(at & _MASK, ())

    def names_in(self, path: str) -> Iterable[str]:
        """The names that values of a file are given to."""
        parts = [self._parts[self._number[path]]] if path in self._number else []
        return chain.from_iterable(t for part in parts for t in part.targets.values())

    @property
    def paths(self) -> Iterable[str]:
        """The files of the graph."""
        return self._number

    def slices(self, path: str) -> list[int]:
        """The values of a file that are subscripts with a colon, or by something not constant."""
        return self._numbered(path, lambda part: part.slices)

    def calls_of(self, path: str, methods: frozenset[str]) -> list[int]:
        """The values of a file that calls of these last names made."""

        def named(part: Part) -> Iterable[int]:
            return (r.value for r in part.rows if r.name.rpartition(".")[2] in methods)

        return [at for at in self._numbered(path, named) if at >= 0]

    def made_from(self, at: int) -> tuple[int, ...]:
        """What a value was made from in its own file; -1 for what was not kept."""
        base = at & ~_MASK
        return tuple(base | k if k >= 0 else -1 for k in self.value(at).inputs)

    def first(self, at: int) -> int:
        """The first of the values that one was made from; -1 where none was kept."""
        inputs = self._part(at).values[at & _MASK].inputs
        return (at & ~_MASK) | inputs[0] if inputs and inputs[0] >= 0 else -1

    def used_by(self, at: int) -> tuple[int, ...]:
        """The values of the same file that were made from a value."""
        base = at & ~_MASK
        return tuple(base | k for k in self._part(at).uses.get(at & _MASK, ()))

    def argument(self, at: int, *keys: str) -> int:
        """The value given to a call under one of these keys; -1 where there is none."""
        call = self.call(at)
        for arg in call.args if call is not None else ():
            if arg.key in keys and arg.value >= 0:
                return (at & ~_MASK) | arg.value
        return -1

    def receiver(self, at: int) -> int:
        """The object whose method a call value is; -1 where there is none."""
        call = self.call(at)
        if call is not None:
            return (at & ~_MASK) | call.receiver if call.receiver >= 0 else -1
        inputs = self.made_from(at)
        return inputs[0] if inputs else -1

    def entered(self, at: int) -> tuple[int, str] | None:
        """The first-party definition that a call value reaches: number of its file, and name."""
        if at not in self._entered:
            self._entered[at] = self._enters(at)
        return self._entered[at]

    def _enters(self, at: int) -> tuple[int, str] | None:
        part = self._part(at)
        position = part.calls.get(at & _MASK)
        return None if position is None else self._reaches(part, called(part.raw[position]))

    def _reaches(self, part: Part, name: str) -> tuple[int, str] | None:
        found = self._resolve(part.path, name)
        number = self._number.get(found[0]) if found is not None else None
        return None if found is None or number is None else (number, found[1])

    def callee(self, at: int) -> tuple[int, Function] | None:
        """The first-party function that a call value enters, with the number of its file."""
        found = self.entered(at)
        function = self._parts[found[0]].functions.get(found[1]) if found is not None else None
        return None if found is None or function is None else (found[0], function)

    def definition(self, path: str, name: str) -> tuple[str, str] | None:
        """The file and qualified name of the first-party definition that a call name reaches."""
        return self._resolve(path, name)

    def results(self, path: str, name: str, calls: tuple[int, ...] = ()) -> list[Node]:
        """The values that a function of a file may give back."""
        number = self._number.get(path)
        function = self.summary(number, name) if number is not None else None
        returns = function.returns if function else ()
        return [Node(self.of(path, k), calls) for k in returns if k >= 0]

    def summary(self, number: int, name: str) -> Function | None:
        """The summary of a function or class of the file with this number."""
        return self._parts[number].functions.get(name)

    def scope(self, at: int) -> str:
        """The qualified name of the function in which a call value stands; "" at module level."""
        call = self.call(at)
        return call.scope if call is not None else ""

    @cached_property
    def _callers(self) -> Mapping[tuple[int, str], Sequence[int]]:
        """File number and function -> the call values that enter it."""
        found: dict[tuple[int, str], list[int]] = {}
        for number, part in enumerate(self._parts):
            for name, calls in part.by_callee.items():
                callee = self._reaches(part, name)
                if callee is not None:
                    made = f"{callee[1]}.__init__"
                    entered = made if made in self._parts[callee[0]].defined else callee[1]
                    at = [(number << SHIFT) | index for index in calls]
                    found.setdefault((callee[0], entered), []).extend(at)
        return {key: sorted(calls) for key, calls in found.items()}

    def entries(self, path: str, scope: str) -> tuple[tuple[int, ...], ...]:
        """The chains of calls that lead into a function; one empty chain where none is known."""
        number = self._number.get(path)
        if number is None or not scope:
            return ((),)
        key = (number, scope)
        if (found := self._entries.get(key)) is None:
            found = self._entries[key] = self._ways(number, scope)
        return found

    def _ways(self, number: int, scope: str) -> tuple[tuple[int, ...], ...]:
        ways: list[tuple[int, ...]] = []
        open_ways: list[tuple[int, str, tuple[int, ...]]] = [(number, scope, ())]
        while open_ways:
            file, name, chain = open_ways.pop()
            callers = [c for c in self._callers.get((file, name), ()) if c not in chain]
            if not callers and (outer := self._parts[file].around(name)):
                open_ways.append((file, outer, chain))
            elif not callers or len(chain) >= _DEPTH:
                ways.append(chain)
            for call in callers if len(chain) < _DEPTH else ():
                inner = self.scope(call)
                if inner:
                    open_ways.append((call >> SHIFT, inner, (call, *chain)))
                else:
                    ways.append((call, *chain))
            if len(ways) + len(open_ways) > _WAYS:
                return ((),)
        return tuple(sorted(dict.fromkeys(ways)))

    def inputs(self, node: Node) -> tuple[Node, ...]:
        """What a value was made from, seen through calls, parameters and attributes."""
        key = (node, self._objects.level)
        if (found := self._inputs.get(key)) is None:
            found = self._inputs[key] = tuple(self._step(node))
        return found

    def _step(self, node: Node) -> list[Node]:
        op = self.value(node.at).op
        if op == "param":
            bound = self.bound(node)
            return [bound] if bound is not None else []
        if op == "call" and (returned := self.returned(node)):
            return returned
        if op == "attr" and (stored := self.attribute(node)):
            return stored
        if op == "name":
            return self._variable(node.at)
        return [Node(at, node.calls) for at in self.made_from(node.at) if at >= 0]

    def _variable(self, at: int) -> list[Node]:
        """The value that a variable of another module ends with."""
        found = self._resolve(self.path(at), self.value(at).name)
        number = self._number.get(found[0]) if found is not None else None
        if found is None or number is None:
            return []
        index = self._parts[number].held.get(found[1], -1)
        return [Node((number << SHIFT) | index)] if index >= 0 else []

    def returned(self, node: Node) -> list[Node]:
        """The values that an entered function may give back; empty where it is not one of ours."""
        callee = self.callee(node.at)
        if callee is None or len(node.calls) >= _DEPTH or node.at in node.calls:
            return []
        number, function = callee
        calls = (*node.calls, node.at)
        return [Node((number << SHIFT) | k, calls) for k in function.returns if k >= 0]

    def bound(self, node: Node) -> Node | None:
        """The argument that a parameter stands for; None where the call is not known."""
        scope, _, name = self.value(node.at).detail.rpartition(":")
        for k in range(len(node.calls) - 1, -1, -1):
            call = node.calls[k]
            callee = self.entered(call)
            if callee is None or callee[0] != node.at >> SHIFT:
                continue
            if scope in {callee[1], f"{callee[1]}.__init__"}:
                given = self._given(call, callee[0], scope, name)
                return Node(given, node.calls[:k]) if given >= 0 else None
        return None

    def _given(self, call: int, number: int, scope: str, name: str) -> int:
        """The value that a call gives to a parameter; -1 where it gives none that was kept."""
        row = self.call(call)
        position = self._position(number, scope, name)
        if position is None or row is None:
            return -1
        if position < 0:
            return self.receiver(call) if not scope.endswith(".__init__") else call
        if any(a.key == "*" for a in row.args):
            return self.argument(call, name)
        if pipes(row) and position == 0:
            return self.receiver(call)
        return self.argument(call, name, str(position))

    def _position(self, number: int, scope: str, name: str) -> int | None:
        """The place of a parameter among the arguments of a call; -1 for the instance."""
        function = self._parts[number].functions.get(scope)
        names = [param for param, _ in function.params] if function is not None else []
        bound = "." in scope and names[:1] in (["self"], ["cls"])
        return names.index(name) - bound if name in names else None

    def fixed(self, node: Node) -> Const:
        """The constant that a parameter is given by the call that was entered, or None."""
        scope, _, name = self.value(node.at).detail.rpartition(":")
        for call in reversed(node.calls):
            callee = self.entered(call)
            if callee is not None and callee == (node.at >> SHIFT, scope):
                row, keys = self.call(call), {name, str(self._position(*callee, name))}
                for arg in row.args if row is not None else ():
                    if arg.known and arg.key in keys:
                        return arg.const
                return dict(self._parts[callee[0]].functions[scope].defaults).get(name)
        return None

    def attribute(self, node: Node) -> list[Node]:
        """What the methods of a first-party class assign to an attribute that is read here."""
        return self._objects.attribute(node)

    def makers(self, node: Node) -> list[Node]:
        """The calls and unbound parameters that made an object, past whatever changed it since."""
        return self._objects.makers(node)

    def elements(self, node: Node) -> list[Node]:
        """The elements of displays that an iteration, subscript or unpacking may give."""
        return self._objects.elements(node)

    def canonical(self, node: Node) -> Node:
        """One form for a value of a function that is entered in one way only."""
        if not node.calls:
            return node
        value = self.value(node.at)
        scope = value.detail.rpartition(":")[0] if value.op == "param" else self.scope(node.at)
        if not scope or len(self.entries(self.path(node.at), scope)) <= 1:
            return Node(node.at)
        return node

    def framed(self, node: Node) -> Node:
        """A value as its own function sees it, where it is seen by one that is defined within."""
        own = (node.at >> SHIFT, self.scope(node.at))
        for k in range(len(node.calls), 0, -1):
            if self.entered(node.calls[k - 1]) == own:
                return Node(node.at, node.calls[:k])
        return node
