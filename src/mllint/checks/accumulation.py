"""Losses that are summed or collected over a training loop together with their graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.flow.training import Training, training_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.graph import Graph
    from mllint.project import Project

_WIDE = 400
"""Values that are looked at for what becomes of a loss."""
_LOSSES = ("torch.nn.",)
_GATHERS = ("torch.stack()", "torch.cat()", "sum()", ".mean()")
_FREE = frozenset({"item", "detach", "tolist", "numpy", "float"})


def loss_kept_alive(project: Project) -> Iterator[Evidence]:
    """Sums and lists of losses that keep the graph of every batch."""
    training = training_of(project)
    if training is None:
        return
    seen = set()
    for loop in training.loops:
        call = loop.backward.call
        if call.at in seen:
            continue
        seen.add(call.at)
        yield from _kept(training, call)


def _kept(training: Training, call: Call) -> Iterator[Evidence]:
    """Evidence for what a loop does with the loss that it works out gradients of."""
    graph = training.graph
    alive = _alive(graph, _loss(graph, call))
    kept = [at for at in _gathered(graph, alive) if not _differentiated(graph, at)]
    for at in kept:
        value = graph.value(at)
        verb = "is collected" if value.op == "mutate" else "is summed up"
        yield Evidence(
            False,
            _place(graph, at, call),
            f"the loss {verb} with its graph",
            scope=call.scope,
            fields={"how": "collects" if value.op == "mutate" else "sums up"},
            related=(Related(call.at, "it is differentiated here"),),
        )
    freed = next((at for at in alive for at in graph.used_by(at) if _frees(graph, at)), -1)
    if not kept and freed >= 0:
        yield Evidence(True, call.at, "only the number is taken from the loss", scope=call.scope)


def _loss(graph: Graph, call: Call) -> int:
    """The value that gradients are worked out of; -1 where it was not kept."""
    at = graph.of(call.at.path, call.value)
    given = graph.argument(at, "0", "loss", "tensors")
    if given >= 0 and call.name.rpartition(".")[0] != "torch.autograd":
        return given
    loss = given if given >= 0 else graph.of(call.at.path, call.receiver)
    made = graph.made_from(loss) if loss >= 0 else ()
    if len(made) > 1 and graph.value(loss).name.endswith(".scale()"):
        return made[1]
    return loss


def _alive(graph: Graph, loss: int) -> list[int]:
    """Values that surely carry the graph of a loss: it, what it was scaled from, and to."""
    found = [loss] if loss >= 0 else []
    for at in found:  # grows
        value = graph.value(at)
        before = [k for k in graph.made_from(at) if k >= 0] if value.op == "binary" else []
        for k in before:
            name = graph.value(k).name
            if len(before) == 1 or (name.startswith(_LOSSES) and graph.value(k).op == "call"):
                found.append(k)
        found.extend(
            k
            for k in graph.used_by(at)
            if graph.value(k).op == "binary" and graph.value(k).detail in {"Mult", "Div"}
        )
        found = list(dict.fromkeys(found))
        if len(found) > _WIDE:
            break
    return found


def _gathered(graph: Graph, alive: list[int]) -> list[int]:
    """Sums and lists that a value with a graph goes into in every round of a loop."""
    found = []
    for at in alive:
        for k in graph.used_by(at):
            value = graph.value(k)
            summed = value.op == "binary" and value.detail == "Add"
            listed = value.op == "mutate" and value.detail == "append"
            if (summed or listed) and any(_carried(graph, old, k) for old in graph.made_from(k)):
                found.append(k)
    return list(dict.fromkeys(found))


def _carried(graph: Graph, old: int, new: int) -> bool:
    """Whether a value is what an earlier round of a loop left, and goes on as the new one."""
    if old < 0 or graph.value(old).op != "loop":
        return False
    stack, seen = [k for k in graph.made_from(old) if k >= 0], set[int]()
    while stack and len(seen) < _WIDE:
        at = stack.pop()
        if at == new:
            return True
        if at not in seen and graph.value(at).op in {"merge", "mutate", "loop", "binary"}:
            seen.add(at)
            stack.extend(k for k in graph.made_from(at) if k >= 0)
    return False


def _differentiated(graph: Graph, kept: int) -> bool:
    """Whether gradients are worked out of what is gathered, or it is handed to unknown code."""
    stack, seen = [kept], set[int]()
    while stack and len(seen) < _WIDE:
        at = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        value = graph.value(at)
        if value.op == "call" and value.name.endswith((".backward()", ".grad()", ".scale()")):
            return True
        if value.op != "call" or value.name.endswith(_GATHERS):
            stack.extend(graph.used_by(at))
    return False


def _frees(graph: Graph, at: int) -> bool:
    """Whether a call takes the number out of a tensor."""
    name = graph.value(at).name.removesuffix("()")
    return graph.value(at).op == "call" and name.rpartition(".")[2] in _FREE


def _place(graph: Graph, at: int, near: Call) -> Place:
    """Where a value stands, in the cell of a call near it."""
    line = graph.value(at).line
    cell = near.at.cell
    if cell is not None and cell.index == graph.value(at).cell:
        cell = cell._replace(raw=cell.raw + line - near.at.line)
    return Place(graph.path(at), line, cell=cell)
