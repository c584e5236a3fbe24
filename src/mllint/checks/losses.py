"""Losses: whether each is given what it expects."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.flow.arguments import argument, constant
from mllint.flow.modules import modules_of
from mllint.flow.outputs import UNKNOWN, Outputs
from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.regexes import regex
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
_RAW = _Wants("raw scores (`from_logits=True`)", frozenset({"softmax", "sigmoid", "always one"}))
_PROBABLE = _Wants("probabilities", frozenset({"linear", "always one"}))
_KERAS = ("keras.losses.", "tensorflow.keras.losses.", "tf_keras.losses.")
_CROSS = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy",
                    "binary_crossentropy", "CategoricalCrossentropy",
                    "SparseCategoricalCrossentropy", "BinaryCrossentropy"})  # fmt: skip
_SAID = {"softmax": "softmax", "sigmoid": "a sigmoid", "linear": "a layer without activation",
         "always one": "softmax over one unit, which is always 1"}  # fmt: skip
_LENT = regex(r"(?i)\?(?:crit|criterion|loss|loss_?fn|loss_?func|loss_?function)")
_SCORES = ("0", "input", "logits")


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
            short = applied.rpartition(".")[2]
            made = applied in names and (call.name.endswith("()") or short.islower())
            if made and training.counts(call.at.path):
                yield from _judged(call, applied, wants, _given(training, outputs, call))
    for call in _handed(project, training):
        loss, lent = _lent(training, call)
        if lent is not None:
            yield from _judged(call, loss, lent, _given(training, outputs, call))
    for call in _compiled(project, training):
        yield from _compilation(training, outputs, call)
    for call in _worked_out(project, training):
        yield from _of_keras(training, outputs, call)


def _handed(project: Project, training: Training) -> Iterator[Call]:
    """Calls of what a function was handed under the name of a loss."""
    for name, calls in project.calls_by_name.items():
        if name[:1] == "?" and _LENT.fullmatch(name):
            for call in calls:
                if training.counts(call.at.path) and call.at.path in training.torch_files:
                    yield call


def _lent(training: Training, call: Call) -> tuple[str, _Wants | None]:
    """The loss that a function was handed, and what it expects; None where it may be several."""
    rows = [training.graph.call(made.at) for made in _makers(training, call)]
    names = {row.name if row is not None else "" for row in rows}
    groups = [w for group, w in _TORCH.items() if min(names, default="") in training.group(group)]
    return (min(names), groups[0]) if len(names) == 1 and groups else ("", None)


def _given(
    training: Training, outputs: Outputs, call: Call, keys: tuple[str, ...] = _SCORES
) -> frozenset[str]:
    """What was last applied to the input of a loss, over all ways to it."""
    graph = training.graph
    at = graph.of(call.at.path, call.value)
    given = graph.argument(at, *keys) if at >= 0 else -1
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


def _worked_out(project: Project, training: Training) -> Iterator[Call]:
    """Calls that work out a cross-entropy of Keras, in a training loop written by hand."""
    for name, calls in project.calls_by_name.items():
        head, _, last = name.rpartition(".")
        plain = last.removesuffix("()")
        works = last.endswith("()") or last.islower()
        if works and plain in _CROSS and f"{head}.".startswith(_KERAS):
            yield from (call for call in calls if training.counts(call.at.path))


def _of_keras(training: Training, outputs: Outputs, call: Call) -> Iterator[Evidence]:
    """Evidence for a loss of Keras that is given the truth and what a model says."""
    raw: bool | None
    if call.name.endswith("()"):
        made = [training.graph.call(m.at) for m in _makers(training, call)]
        raws = {_expects_raw(one) if one is not None else None for one in made}
        raw = raws.pop() if len(raws) == 1 else None
    else:
        raw = _expects_raw(call)
    if raw is not None:
        kinds = _given(training, outputs, call, ("1", "y_pred"))
        short = call.name.removesuffix("()").rpartition(".")[2]
        yield from _judged(call, short, _RAW if raw else _PROBABLE, kinds)


def _makers(training: Training, call: Call) -> list[Node]:
    """What made the object that is called, over all ways to it."""
    ways = training.graph.entries(call.at.path, call.scope)
    given = [training.receiver(Step(call, way, ())) for way in ways]
    return [m for node in given if node is not None for m in training.graph.makers(node)]


def _expects_raw(made: Call) -> bool | None:
    """Whether a loss of Keras takes raw scores by its arguments; None where it cannot be told."""
    logits = argument(made, "from_logits", "**")
    if logits is None:
        return False
    return bool(logits.const) if logits.known else None


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
    return made.name.rpartition(".")[2], _expects_raw(made)
