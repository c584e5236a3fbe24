"""Loops that train by hand: whether gradients, updates and schedules come in the right order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.training import Loop, Step, Training, training_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project


def missing_zero_grad(project: Project) -> Iterator[Evidence]:
    """Loops in which gradients of all rounds add up, because nothing sets them to zero."""
    training = training_of(project)
    if training is None:
        return
    for loop in training.loops:
        steps = list(training.walk(loop.path, loop.scope, loop.number))
        at, scope = loop.backward.call.at, loop.backward.call.scope
        zero = next((s.call for s in steps if training.forgets(s.call)), None)
        if zero is not None:
            yield Evidence(True, at, f"`{_short(zero)}` in the loop", scope=scope)
        elif _dropped(training, loop, steps):
            yield Evidence(True, at, "`grad` is set to None in the loop", scope=scope)
        elif note := _doubt(training, loop, steps):
            yield Evidence(None, at, note, scope=scope)
        else:
            yield Evidence(
                False, at, "no `zero_grad` in the loop", scope=scope,
                related=(Related(loop.update.call.at, "the weights are changed here"),),
            )  # fmt: skip


def _dropped(training: Training, loop: Loop, steps: Sequence[Step]) -> bool:
    """Whether gradients are set to None by hand in the loop."""
    if training.drops(loop.path, loop.scope, loop.number):
        return True
    inner = {at for step in steps for at in training.enters(step.call)}
    return any(training.drops(path, scope) for path, scope in inner)


def _doubt(training: Training, loop: Loop, steps: Sequence[Step]) -> str:
    """Why it cannot be told whether gradients are set to zero; "" where it can."""
    if _head(loop.backward.call) == _head(loop.update.call):
        return "one object works out gradients and steps; it may set them to zero too"
    for way in training.graph.entries(loop.path, loop.scope):
        for at in way:
            call = training.graph.call(at)
            if call is None:
                continue
            around = training.walk(call.at.path, call.scope, call.loops[-1] if call.loops else 0)
            if any(training.forgets(step.call) for step in around):
                return "gradients are set to zero outside of the loop"
    if any(training.forgets(s.call) for s in training.walk(loop.path, loop.scope)):
        return "gradients are set to zero outside of the loop"
    taken = _head(loop.update.call)
    for step in steps:
        call = step.call
        if training.enters(call) or call.name.startswith(_KNOWN):
            continue
        if call.name.startswith(".") and "()." in call.name and call.name.count(".") == 2:
            return f"`{_short(call)}` cannot be followed"
        if any(arg.name == taken for arg in call.args) and not _of_scaler(call):
            return f"`{_short(call)}` is given the optimizer"
    return ""


_KNOWN = ("torch.", "print", "numpy.", "tqdm.", "wandb.", "mlflow.", "logging.")


def _of_scaler(call: Call) -> bool:
    return call.name.rpartition(".")[2] in {"step", "unscale_", "update"}


def _head(call: Call) -> str:
    """The origin path of the object whose method is called."""
    return call.name.rpartition(".")[0]


def _short(call: Call) -> str:
    parts = call.name.replace("()", "").replace("[]", "").lstrip(".?").split(".")
    return ".".join(parts[-2:])
