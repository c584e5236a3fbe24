"""Which part of the data a loader is of, by what its author calls it.

For loaders that code of the project makes, of which the rows cannot be told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.flow.moves import TEST_NAMES, TRAIN_NAMES, VALIDATION_NAMES
from mllint.flow.parts import part_named
from mllint.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow import Flow, Node

_PASSED = frozenset({"iter", "loop", "merge", "name", "param"})
_LOADER = regex(r"(?i)(?:loader|dataset|enumerate|tqdm)(?:\(\))?$")
_PLAIN = regex(r"(?i)(train|test|val|valid)_?(?:data_?)?(?:loader|dl|iter|set|ds)$")
_MOST = 30


def part_called(flow: Flow, node: Node) -> str:
    """train, validation or test, where all that is said of a loader says the same; else "".

    One name alone says test only where the same file has a loader to validate with.
    """
    texts: set[str] = set()
    names: set[str] = set()
    path, times = "", 0
    for here in _way(flow, node):
        named = {_of_loader(name) or part_named(name) for name in flow.graph.targets(here.at)}
        path = flow.graph.path(here.at) if named - {""} else path
        times += "test" in named
        names |= named
        call = flow.graph.call(here.at)
        texts |= set(_told(call)) if call is not None else set()
    said = (texts | names) - {""}
    part = said.pop() if len(said) == 1 else ""
    alone = part == "test" and part not in texts and times == 1
    return "" if alone and not _validates(flow, path) else part


def _validates(flow: Flow, path: str) -> bool:
    """Whether a file has a loader that is named as the one to validate with."""
    return any(_of_loader(name) == "validation" for name in flow.graph.names_in(path))


def _of_loader(name: str) -> str:
    """The part that the name of a loader says: `valloader`, `test_dl`."""
    found = _PLAIN.search(name)
    return _part(found[1]) if found is not None else ""


def _way(flow: Flow, node: Node) -> Iterator[Node]:
    """A loader, and what it was made from, as long as that is the same data."""
    graph = flow.graph
    stack: list[Node] = [node]
    seen: set[Node] = set()
    while stack and len(seen) < _MOST:
        here = stack.pop()
        if here in seen:
            continue
        seen.add(here)
        yield here
        value, call = graph.value(here.at), graph.call(here.at)
        if call is not None and _LOADER.search(call.name):
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
