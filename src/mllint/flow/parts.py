"""Which part of the data a split, a fold, a key or a provider gives.

Knows the calls that split and the words that name parts; knows nothing of what is done with them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mllint.flow.arguments import argument, constant
from mllint.flow.moves import TEST_NAMES, TRAIN_NAMES, VALIDATION_NAMES
from mllint.graph import Node

if TYPE_CHECKING:
    from mllint.flow.objects import Objects
    from mllint.graph import Graph


class Cut(NamedTuple):
    """A selection of rows."""

    by: Node
    """The split, the fold iterator, the mask ... that made it."""
    label: str
    """train, validation, test, clean (rows dropped to clean), some, rest, or a slice as text."""


Pieces: TypeAlias = "list[tuple[Node, Cut | None]]"

SIDES = frozenset({"train", "validation", "test"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_KEYS = {"train": "train", "training": "train", "test": "test", "testing": "test",
         "validation": "validation", "valid": "validation", "val": "validation",
         "dev": "validation"}  # fmt: skip
_COLUMNS = re.compile(
    r"(?i)(^|_)(col(umn)?s?|feat(ure)?s?|names|fields|numeric(al)?s?|categorical(s|es)?|predictors)"
    r"(_|$)"
)
"""Names of attributes that hold names of columns."""
_OLD_FOLDS = "sklearn.cross_validation."
_BUNDLED = re.compile(r"(sklearn\.datasets\.load_\w+|sklearn\.datasets\.(make|fetch)_\w+)")


@lru_cache(maxsize=10_000)
def part_named(name: str) -> str:
    """The part that the words of a name say: train, validation, test; "" for none or several."""
    words = {word.lower() for word in _WORDS.findall(name.rpartition(".")[2])}
    words |= {word[1:] for word in words if word[0] in "xyz"}  # Xtrain, ytest
    said = []
    if words & TRAIN_NAMES:
        said.append("train")
    if words & VALIDATION_NAMES:
        said.append("validation")
    if words & TEST_NAMES:
        said.append("test")
    return said[0] if len(said) == 1 else ""


class Parts:
    """Splits, folds and provided parts of one graph."""

    def __init__(self, graph: Graph, objects: Objects) -> None:
        self._graph = graph
        self._objects = objects
        self._sides: dict[Node, tuple[str, str]] = {}

    def is_split(self, at: int) -> bool:
        """Whether a value is the result of a call that splits at random."""
        call = self._graph.call(at)
        return call is not None and call.name in self._objects.group("split")

    def halves(self, split: Node) -> bool:
        """Whether both sides of a split are used: else it only draws a sample."""
        places = set()
        for at in self._graph.used_by(split.at):
            value = self._graph.value(at)
            if value.op != "unpack" or not value.detail.isdigit():
                return True
            if not all(name.startswith("_") for name in self._graph.targets(at) or ("",)):
                places.add(int(value.detail) % 2)
        return len(places) != 1

    def sides(self, split: Node) -> tuple[str, str]:
        """The parts that the two outputs of a split are, by position and by their names."""
        if (found := self._sides.get(split)) is None:
            found = self._sides[split] = self._named_sides(split)
        return found

    def _named_sides(self, split: Node) -> tuple[str, str]:
        names: dict[int, set[str]] = {0: set(), 1: set()}
        for at in self._graph.used_by(split.at):
            value = self._graph.value(at)
            if value.op == "unpack" and value.detail.isdigit():
                said = {part_named(t) for t in self._graph.targets(at)} - {""}
                names[int(value.detail) % 2] |= said
        first = names[0].pop() if len(names[0]) == 1 else ""
        second = names[1].pop() if len(names[1]) == 1 else ""
        if first in {"test", "validation"} and second == "train":
            return first, second
        if {first, second} == {"test", "validation"}:
            return first, second
        return "train", second if second in {"test", "validation"} else "test"

    def arrays(self, split: Node) -> list[Node | None]:
        """What a split is given, in order; None for what was not kept."""
        graph = self._graph
        call = graph.call(split.at)
        given = [a for a in call.args if a.key.isdigit() or a.key == "*"] if call else []
        if [arg.key for arg in given] == ["*"]:
            packed = Node(graph.argument(split.at, "*"), split.calls)
            held = graph.makers(packed)
            if len(held) == 1 and graph.value(held[0].at).op == "container":
                inner = graph.made_from(held[0].at)
                return [Node(at, held[0].calls) if at >= 0 else None for at in inner]
        found = [graph.argument(split.at, a.key) for a in given if a.key.isdigit()]
        return [Node(at, split.calls) if at >= 0 else None for at in found]

    def element(self, call: Node, place: str) -> Pieces | None:
        """Whose rows an output of a call has; None where the call is not understood."""
        graph = self._graph
        row = graph.call(call.at)
        method = graph.method(call.at)
        at = int(place) if place.isdigit() else -1
        if row is None or at < 0:
            return None
        by = graph.canonical(call)
        if self.is_split(call.at):
            arrays = self.arrays(call)
            array = arrays[at // 2] if at // 2 < len(arrays) else None
            return [(array or call, Cut(by, self.sides(call)[at % 2]))]
        if self.provides(call.at):
            return [(call, Cut(by, ("train", "test")[at]))] if at < 2 else None
        if row.name in self._objects.group("torch_split"):
            data = graph.argument(call.at, "0", "dataset")
            return (
                [(Node(data, call.calls), Cut(by, self._torch_side(call, at)))]
                if data >= 0
                else None
            )
        if method in {"fit_resample", "fit_sample"} or row.name == "sklearn.utils.shuffle":
            data = graph.argument(call.at, str(at), ("X", "y")[at] if at < 2 else "")
            return [(Node(data, call.calls), None)] if data >= 0 else None
        if _BUNDLED.match(row.name):
            return [(call, None)]
        if method == "train_test_split":
            base = graph.receiver(call.at)
            return (
                [(Node(base, call.calls), Cut(by, ("train", "test")[at]))]
                if at < 2 <= base
                else None
            )
        return None

    def _torch_side(self, split: Node, place: int) -> str:
        names = {}
        for at in self._graph.used_by(split.at):
            value = self._graph.value(at)
            if value.op == "unpack" and value.detail.isdigit():
                said = [part_named(target) for target in self._graph.targets(at)]
                names[int(value.detail)] = said[0] if said else ""
        if names.get(place):
            return names[place]
        return "train" if place == 0 else "validation" if place < len(names) - 1 else "test"

    def provides(self, at: int) -> bool:
        """Whether a call loads data that comes as a train and a test part."""
        call = self._graph.call(at)
        if call is None or call.name not in self._objects.group("provided_split"):
            return False
        return call.name.endswith(".load_data")

    def provided(self, root: Node) -> str:
        """The part that the provider of a data set was asked for, or ""."""
        call = self._graph.call(root.at)
        if call is None or call.name not in self._objects.group("provided_split"):
            return ""
        train = constant(call, "train")
        if isinstance(train, bool):
            return "train" if train else "test"
        split = constant(call, "split")
        if isinstance(split, str):
            return _KEYS.get(re.split(r"\W", split)[0], "")
        return ""

    def of_key(self, detail: str) -> str:
        """The part that a constant key names: `data["test"]`."""
        return _KEYS.get(detail, "")

    def is_table(self, base: Node) -> bool:
        """Whether a subscript of this value chooses columns."""
        name = self._graph.value(base.at).name
        return name.startswith(("pandas.", "polars.", "pyspark.", "dask."))

    def folds(self, node: Node) -> Node | None:
        """The call that yields folds, for an element of what it yields."""
        graph = self._graph
        for _ in range(8):
            value = graph.value(node.at)
            if value.op == "call" and self._yields(node):
                return node
            inputs = graph.inputs(node)
            if value.op == "call" and value.name in {"list()", "next()", "enumerate()", "iter()"}:
                inputs = inputs[-1:]
            elif value.op not in {"iter", "item", "loop", "merge", "param", "name"}:
                return None
            if not inputs:
                return None
            node = inputs[0]
        return None

    def _yields(self, node: Node) -> bool:
        call = self._graph.call(node.at)
        if call is None:
            return False
        if call.name.startswith(_OLD_FOLDS):
            return self._objects.kind(call.name) == "folds"
        receiver = self._graph.receiver(node.at)
        if self._graph.method(node.at) != "split" or receiver < 0:
            return False
        return self._objects.kinds(Node(receiver, node.calls)) == {"folds"}

    def fold(self, key: Node) -> Cut | None:
        """The side of a fold that a subscript of row numbers takes."""
        graph = self._graph
        for _ in range(6):
            value = graph.value(key.at)
            if value.op in {"unpack", "item"} and value.detail in {"0", "1"}:
                below = graph.inputs(key)
                call = self.folds(below[0]) if below else None
                if call is not None:
                    return Cut(graph.canonical(call), ("train", "validation")[int(value.detail)])
                return None
            inputs = graph.inputs(key)
            if value.op not in {"param", "merge", "loop", "name"} or len(inputs) != 1:
                return None
            key = inputs[0]
        return None

    def names_columns(self, key: Node) -> bool:
        """Whether a subscript is a list of column names."""
        graph = self._graph
        for _ in range(8):
            value = graph.value(key.at)
            if value.op == "container":
                return value.detail in {"list", "tuple", "set"} or "list" in value.detail
            if value.op == "attr" and _COLUMNS.search(value.detail):
                return True
            if value.op == "const":
                return True
            inputs = graph.inputs(key)
            if value.op == "param" and not inputs:
                fixed = graph.fixed(key)
                named = fixed if isinstance(fixed, list) else [fixed]
                return bool(named) and all(isinstance(name, str) for name in named)
            if not inputs or value.op in {"compare", "unknown"}:
                return False
            if value.op == "call" and value.name not in {"list()", "set()", "sorted()"}:
                receiver = graph.receiver(key.at)
                inputs = (Node(receiver, key.calls),) if receiver >= 0 else inputs
            key = inputs[0]
        return False

    def shuffles(self, at: int) -> bool:
        """Whether a `sample` call only puts all rows in another order."""
        call = self._graph.call(at)
        return call is not None and constant(call, "frac", "fraction", "1") == 1

    def dropped(self, drop: Node) -> Cut | None:
        """The selection that `drop` makes: None where it drops columns."""
        call = self._graph.call(drop.at)
        if call is None:
            return None
        given = argument(call, "index", "0", "labels")
        rows = argument(call, "index") is not None
        if given is None or constant(call, "axis", "1") in (1, "columns"):
            return None
        if given.known and not rows:
            named = given.const if isinstance(given.const, list) else [given.const]
            return None if all(isinstance(name, str) for name in named) else self._some(drop)
        if given.value < 0:
            return self._some(drop) if rows else None
        key = Node(self._graph.of(self._graph.path(drop.at), given.value), drop.calls)
        below = self._graph.made_from(key.at)
        if self._graph.value(key.at).detail == "index" and below and below[0] >= 0:
            sampled = Node(below[0], drop.calls)
            if self._graph.method(sampled.at) == "sample":
                return Cut(self._graph.canonical(sampled), "rest")
        return self._some(drop) if rows or not self.names_columns(key) else None

    def _some(self, node: Node) -> Cut:
        return Cut(self._graph.canonical(node), "some")
