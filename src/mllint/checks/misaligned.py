"""Predictions that stand in another order than the truth that they are compared with.

Knows readers of pictures in Keras, which shuffle unless told otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node, argument, flow_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_PREDICT = ("predict", "predict_generator")
_TRUTH = frozenset({"classes", "labels"})
_FAR = 12


def compared_in_order(project: Project) -> Iterator[Evidence]:
    """Metrics of what a model says of shuffled pictures, judged by where the truth comes from."""
    flow = flow_of(project)
    folders = flow.objects.group("image_folder")
    if not any(name in folders for name in project.calls_by_name):
        return
    for call in flow.grouped("metric"):
        for node in list(flow.seen(call))[:1]:
            sides = [flow.given(node, key) for key in ("0", "1", "y_true", "y_pred")]
            nodes = [side for side in sides if side is not None]
            read = {made for side in nodes for made in _read(flow, side)}
            asked = [(made, said) for side in nodes for made, said in _asked(flow, side)]
            for made, said in asked:
                if made in read:
                    yield _judged(flow, call, made, said)
                    break


def _judged(flow: Flow, call: Call, made: Node, said: Call) -> Evidence:
    folder = flow.graph.call(made.at)
    assert folder is not None  # noqa: S101 - it is one of a group of calls
    shuffle = argument(folder, "shuffle")
    name = call.name.rpartition(".")[2]
    if shuffle is not None and not (shuffle.known and shuffle.const):
        ok = True if shuffle.known else None
        return Evidence(ok, call.at, "the pictures keep their order", scope=call.scope)
    related = (
        Related(folder.at, "the pictures are shuffled here"),
        Related(said.at, "what the model says of them, in that order"),
    )
    return Evidence(False, call.at, f"`{name}` compares two orders", fields={"name": name},
                    scope=call.scope, related=related)  # fmt: skip


def _read(flow: Flow, node: Node) -> Iterator[Node]:
    """The readers of pictures whose list of classes a value is, or that are gone through for it."""
    for before in flow.trace(node):
        inputs = flow.graph.inputs(before)
        if flow.graph.value(before.at).op == "iter" and inputs:
            yield from _folders(flow, inputs[0])
    here: Node | None = node
    for _ in range(_FAR):
        if here is None:
            return
        value = flow.graph.value(here.at)
        inputs = flow.graph.inputs(here)
        if value.op == "attr" and value.detail in _TRUTH and inputs:
            yield from _folders(flow, inputs[0])
            return
        chosen = value.op == "item" and value.detail == "?"
        here = inputs[0] if inputs and not chosen else None


def _asked(flow: Flow, node: Node) -> Iterator[tuple[Node, Call]]:
    """The readers of pictures of which a model says what a value is made of."""
    for before in flow.trace(node):
        call = flow.graph.call(before.at)
        if call is not None and call.name.rpartition(".")[2] in _PREDICT:
            data = flow.given(before, "0", "x", "generator")
            for made in _folders(flow, data) if data is not None else ():
                yield made, call


def _folders(flow: Flow, node: Node) -> Iterator[Node]:
    group = flow.objects.group("image_folder")
    for made in flow.graph.makers(node):
        call = flow.graph.call(made.at)
        if call is not None and call.name in group:
            yield flow.graph.canonical(made)
