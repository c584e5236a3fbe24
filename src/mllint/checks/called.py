"""Which part of the data a loader is of, by what its author calls it.

For loaders that code of the project makes, of which the rows cannot be told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.flow.moves import TEST_NAMES, TRAIN_NAMES, VALIDATION_NAMES
from mllint.flow.parts import part_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow import Flow, Node

_PASSED = frozenset({"iter", "loop", "merge", "name", "param"})
_LOADER = re.compile(r"(?i)(?:loader|dataset|enumerate|tqdm)(?:\(\))?$")
_PLAIN = re.compile(r"(?i)(train|test|val|valid)_?(?:data_?)?(?:loader|dl|iter|set|ds)$")
_MOST = 30


def part_called(flow: Flow, node: Node) -> str:
    """train, validation or test, where all names on the way to a loader say the same; else ""."""
    said = {name for name in _said(flow, node) if name}
    return said.pop() if len(said) == 1 else ""


def _said(flow: Flow, node: Node) -> Iterator[str]:
    """What the names and texts say that a loader and its data were given."""
    graph = flow.graph
    stack: list[Node] = [node]
    seen: set[Node] = set()
    while stack and len(seen) < _MOST:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        value, call = graph.value(here.at), graph.call(here.at)
        for name in graph.targets(here.at):
            plain = _PLAIN.search(name)
            yield _part(plain[1]) if plain else part_named(name)
        if call is not None:
            yield from _told(call)
            if _LOADER.search(call.name):
                given = flow.given(here, "0", "dataset", "iterable")
                stack += [given] if given is not None else []
        elif value.op in _PASSED:
            stack += graph.inputs(here)


def _told(call: Call) -> Iterator[str]:
    """The parts that the texts among the arguments of a call name, whole words of paths too."""
    for arg in call.args:
        if arg.key == "train" and isinstance(arg.const, bool):
            yield "train" if arg.const else "test"
        elif arg.known and isinstance(arg.const, str):
            yield from (_part(word) for word in re.split(r"[^a-z]+", arg.const.lower()))


def _part(word: str) -> str:
    word = word.lower()
    for part, names in (("train", TRAIN_NAMES), ("validation", VALIDATION_NAMES)):
        if word in names:
            return part
    return "test" if word in TEST_NAMES else ""
