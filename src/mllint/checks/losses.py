"""Losses: whether each is given what it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.flow.arguments import argument, constant
from mllint.flow.modules import modules_of
from mllint.flow.outputs import UNKNOWN, Outputs
from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project


class _Wants(NamedTuple):
    """What a group of losses expects."""

    text: str
    wrong: frozenset[str]


_TORCH = {
    "logits_loss": _Wants("raw scores", frozenset({"softmax", "sigmoid"})),
    "binary_logits_loss": _Wants("raw scores", frozenset({"softmax", "sigmoid"})),
    "probability_loss": _Wants("probabilities", frozenset({"linear"})),
    "log_loss": _Wants("logarithms of probabilities", frozenset({"softmax", "sigmoid", "linear"})),
}
_RAW = _Wants("raw scores (`from_logits=True`)", frozenset({"softmax", "sigmoid"}))
_PROBABLE = _Wants("probabilities", frozenset({"linear"}))
_CROSS = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy",
                    "binary_crossentropy", "CategoricalCrossentropy",
                    "SparseCategoricalCrossentropy", "BinaryCrossentropy"})  # fmt: skip
_SAID = {"softmax": "softmax", "sigmoid": "a sigmoid", "linear": "a layer without activation"}


def wrong_loss_input(project: Project) -> Iterator[Evidence]:
    """Losses that are given probabilities for scores, or scores for probabilities."""
    training, modules = training_of(project), modules_of(project)
    if training is None or modules is None:
        return
    outputs = Outputs(project, training.graph, modules)
    for group, wants in _TORCH.items():
        names = training.group(group)
        told = {n for n in project.calls_by_name if n in names or n.removesuffix("()") in names}
        for call in project.rows("call") if told else ():
            if call.name not in told:
                continue
            applied = call.name if call.receiver < 0 else call.name.removesuffix("()")
            made = applied in names and (call.name.endswith("()") or "functional" in applied)
            if made and training.counts(call.at.path):
                yield from _judged(call, applied, wants, _given(training, outputs, call))
    for call in _compiled(project, training):
        yield from _compilation(training, outputs, call)


def _given(training: Training, outputs: Outputs, call: Call) -> frozenset[str]:
    """What was last applied to the input of a loss, over all ways to it."""
    graph = training.graph
    at = graph.of(call.at.path, call.value)
    given = graph.argument(at, "0", "input") if at >= 0 else -1
    ways = graph.entries(call.at.path, call.scope)
    return frozenset().union(*(outputs.kinds(Node(given, way)) for way in ways))


def _judged(call: Call, loss: str, wants: _Wants, kinds: frozenset[str]) -> Iterator[Evidence]:
    """Evidence for a loss that is given an output of some kinds."""
    short = loss.rpartition(".")[2]
    said = " or ".join(_SAID.get(kind, kind) for kind in sorted(kinds - {UNKNOWN})) or "something"
    fields = {"loss": short, "given": said, "wants": wants.text}
    if kinds <= wants.wrong:
        yield Evidence(
            False,
            call.at,
            f"`{short}` is given the output of {said}",
            fields=fields,
            scope=call.scope,
        )
    elif UNKNOWN in kinds or kinds & wants.wrong:
        yield Evidence(None, call.at, f"what `{short}` is given cannot be told", scope=call.scope)
    else:
        yield Evidence(True, call.at, f"`{short}` is given the output of {said}", scope=call.scope)


def _compiled(project: Project, training: Training) -> Iterator[Call]:
    """Calls that tell a Keras model its loss."""
    for name, calls in project.calls_by_name.items():
        if name.endswith(".compile"):
            for call in calls:
                if training.counts(call.at.path) and call.receiver >= 0:
                    yield call


def _compilation(training: Training, outputs: Outputs, call: Call) -> Iterator[Evidence]:
    """Evidence for a Keras model and the loss that it is compiled with."""
    loss = argument(call, "loss", "1")
    if loss is None:
        return
    name, raw = _keras_loss(training, call)
    if name not in _CROSS or raw is None:
        return
    kinds: frozenset[str] = frozenset()
    for way in training.graph.entries(call.at.path, call.scope):
        model = training.receiver(Step(call, way, ()))
        kinds |= outputs.keras(model) if model is not None else {UNKNOWN}
    if UNKNOWN not in kinds:
        yield from _judged(call, name, _RAW if raw else _PROBABLE, kinds)


def _keras_loss(training: Training, call: Call) -> tuple[str, bool | None]:
    """The loss that a model is compiled with, and whether it expects raw scores."""
    said = constant(call, "loss", "1")
    if isinstance(said, str):
        return said, False
    given = argument(call, "loss", "1")
    at = training.graph.of(call.at.path, given.value) if given is not None else -1
    makers = training.graph.makers(Node(at)) if at >= 0 else []
    made = training.graph.call(makers[0].at) if len(makers) == 1 else None
    if made is None:
        short = given.name.rpartition(".")[2] if given is not None else ""
        return short, False
    logits = argument(made, "from_logits", "**")
    raw = False if logits is None else logits.const if logits.known else None
    return made.name.rpartition(".")[2], raw
