"""Parts of a `tf.data` pipeline that is shuffled anew, in another order, whenever it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.flow import Flow, Node, argument, constant, flow_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_KEEPING = frozenset({
    "apply", "batch", "enumerate", "filter", "map", "padded_batch", "prefetch", "repeat",
    "unbatch", "with_options",
})  # fmt: skip
"""Methods that go through their data set anew whenever they are gone through."""
_FEW = 16
"""Elements that are rather taken to be looked at."""
_FAR = 40
"""Values between a part and the shuffling before it."""
_FOREIGN = {"datasets", "grain", "ray"}
"""Libraries whose data sets have such methods too, and keep their order."""


class _Part(NamedTuple):
    """Elements that are taken of a shuffled data set."""

    shuffle: Node
    call: Call
    takes: bool
    """Whether it is the first elements rather than the rest."""


def reshuffled_parts(project: Project) -> Iterator[Evidence]:
    """Shuffled data sets that are divided by `take` and `skip`, held still or not."""
    flow = flow_of(project)
    by_shuffle: dict[object, list[_Part]] = {}
    for part in _parts(flow):
        shuffle = flow.graph.call(part.shuffle.at)
        if shuffle is not None:
            by_shuffle.setdefault(shuffle.at, []).append(part)
    for parts in by_shuffle.values():
        made = flow.graph.call(parts[0].shuffle.at)
        if made is not None and len({part.takes for part in parts}) > 1:
            yield _judged(made, parts)


def _judged(shuffle: Call, parts: list[_Part]) -> Evidence:
    given = argument(shuffle, "reshuffle_each_iteration", "2")
    if given is None and argument(shuffle, "**") is not None:
        return Evidence(None, shuffle.at, "arguments are unpacked", scope=shuffle.scope)
    if given is not None and not (given.known and given.const in (None, True)):
        ok = True if given.known else None
        return Evidence(ok, shuffle.at, "the order is drawn once", scope=shuffle.scope)
    related = tuple(
        Related(part.call.at, f"`{part.call.name.rpartition('.')[2]}` takes a part of it here")
        for part in parts[:2]
    )
    return Evidence(False, shuffle.at, "a data set that is shuffled anew is divided",
                    related=related, scope=shuffle.scope)  # fmt: skip


def _parts(flow: Flow) -> Iterator[_Part]:
    for call in flow.named("take", "skip"):
        takes = call.name.endswith("take")
        count = constant(call, "count", "0")
        few = takes and isinstance(count, int) and abs(count) <= _FEW
        if few or call.receiver < 0 or not _is_tensorflow(flow, call):
            continue
        for node in flow.seen(call):
            for shuffle in _shuffles(flow, Node(flow.graph.receiver(node.at), node.calls)):
                yield _Part(shuffle, call, takes)


def _is_tensorflow(flow: Flow, call: Call) -> bool:
    """Whether a method is one of TensorFlow's data sets, be it by what its file imports."""
    if call.name[:1] not in {"?", "."}:
        return call.name.startswith(("tensorflow.", "tensorflow_datasets."))
    roots = {row.root for row in flow.project.by_path[call.at.path].get("import", ())}
    return "tensorflow" in roots and not roots & _FOREIGN


def _shuffles(flow: Flow, node: Node) -> Iterator[Node]:
    """The shufflings that a data set passes whenever it is gone through, none kept in a cache."""
    graph = flow.graph
    stack = [node]
    seen: set[Node] = set()
    while stack and len(seen) < _FAR:
        here = stack.pop()
        if here in seen or here.at < 0:
            continue
        seen.add(here)
        op = graph.value(here.at).op
        if op in {"merge", "loop", "param", "name", "attr"} or graph.returned(here):
            stack.extend(graph.inputs(here))
        elif op == "call" and graph.receiver(here.at) >= 0:
            method = graph.method(here.at)
            if method == "shuffle":
                yield here
            elif method in _KEEPING:
                stack.append(Node(graph.receiver(here.at), here.calls))
