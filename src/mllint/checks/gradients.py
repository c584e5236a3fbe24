"""Loops that train by hand: whether gradients, updates and schedules come in the right order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.training import Loop, Step, Training, training_of
from mllint.graph import Node
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
        if zero is not None and (left := _left_out(training, loop, steps)) is not None:
            yield _of_another(training, left, zero)
        elif zero is not None:
            yield Evidence(True, at, f"`{_named(training, zero)}` in the loop", scope=scope)
        elif _dropped(training, loop, steps):
            yield Evidence(True, at, "`grad` is set to None in the loop", scope=scope)
        elif note := _doubt(training, loop, steps):
            yield Evidence(None, at, note, scope=scope)
        else:
            before = next((s.call for s in training.walk(loop.path, loop.scope)
                           if training.forgets(s.call)), None)  # fmt: skip
            yield Evidence(
                False,
                at,
                "nothing in this loop calls `zero_grad`"
                if before is None
                else f"`{_named(training, before)}` is called only before the loop",
                scope=scope,
                related=(
                    Related(loop.update.call.at, "the weights are changed here"),
                    *((Related(before.at, "only before the loop"),) if before is not None else ()),
                ),
                confidence=None if before is None else "medium",
            )


def _left_out(training: Training, loop: Loop, steps: Sequence[Step]) -> Call | None:
    """The step of an optimizer that is not the one whose gradients are set to zero."""
    forgotten = _forgotten(training, steps)
    if forgotten is None:
        return None
    for step in steps:
        made = _optimizers(training, step) if training.is_update(step.call) else frozenset()
        if not made or made & forgotten:
            continue
        if _always(training, step):
            return step.call
        anywhere = _forgotten(training, training.walk(loop.path, loop.scope))
        if anywhere is not None and not made & anywhere:
            return step.call
    return None


def _forgotten(training: Training, steps: Iterable[Step]) -> set[Node] | None:
    """The optimizers whose gradients are set to zero; None where that is not known of each."""
    found: set[Node] = set()
    for step in steps:
        if training.forgets(step.call):
            made = _optimizers(training, step)
            if not made:
                return None
            found |= made
    return found


def _optimizers(training: Training, step: Step) -> frozenset[Node]:
    """What made the object of a method call, where that surely is an optimizer of PyTorch."""
    made = training.objects(training.receiver(step))
    rows = [training.graph.call(node.at) for node in made]
    known = all(row is not None and row.name.startswith("torch.optim.") for row in rows)
    return made if known else frozenset()


def _of_another(training: Training, update: Call, zero: Call) -> Evidence:
    return Evidence(
        False,
        update.at,
        f"`{_named(training, zero)}` sets those of another optimizer to zero",
        scope=update.scope,
        related=(Related(zero.at, "only this optimizer's gradients are set to zero"),),
        fields={"name": _named(training, update)},
    )


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
            if any(_now_and_then(training, loop, step.call) for step in around):
                return "gradients are set to zero outside of the loop"
    if any(_now_and_then(training, loop, s.call) for s in training.walk(loop.path, loop.scope)):
        return "gradients are set to zero outside of the loop"
    if _may_forget(training, loop.update.call):
        return f"`{_named(training, loop.update.call)}` may set gradients to zero itself"
    taken = _head(loop.update.call)
    for step in steps:
        call = step.call
        if training.enters(call) or call.name.startswith(_KNOWN):
            continue
        if _of_self(training, step):
            return f"`{_named(training, call)}` cannot be followed"
        if any(arg.name == taken for arg in call.args) and not _of_scaler(call):
            return f"`{_named(training, call)}` is given the optimizer"
    return ""


def _now_and_then(training: Training, loop: Loop, call: Call) -> bool:
    """Whether a call sets gradients to zero, and not just once before the loop."""
    once = (call.at.path, call.scope) == (loop.path, loop.scope) and not call.loops
    return training.forgets(call) and not once


def step_before_backward(project: Project) -> Iterator[Evidence]:
    """Steps of an optimizer right after its gradients were set to zero."""
    training = training_of(project)
    if training is None:
        return
    seen = set()
    for loop in training.loops:
        walk = training.walk(loop.path, loop.scope, loop.number)
        events = [step for step in walk if _event(training, step)]
        for k, step in enumerate(events):
            if training.is_update(step.call) and step.call.at not in seen:
                seen.add(step.call.at)
                yield _stepping(training, loop, events, k)


def _stepping(training: Training, loop: Loop, events: Sequence[Step], place: int) -> Evidence:
    """Evidence for one step of an optimizer among what else happens to gradients in a loop."""
    call = events[place].call
    before = _before(training, events, place)
    if before is None or training.is_backward(before.call):
        note = "gradients are worked out before the step"
        return Evidence(True, call.at, note, scope=call.scope)
    alike = all(s.loops == loop.update.loops and _always(training, s) for s in events)
    if not alike or _head(before.call) != _head(call):
        note = "not every round takes the same steps"
        return Evidence(None, call.at, note, scope=call.scope)
    return Evidence(
        False,
        call.at,
        f"`{_named(training, before.call)}` comes right before",
        fields={"name": _named(training, call)},
        scope=call.scope,
        related=(
            Related(before.call.at, "gradients are set to zero here"),
            Related(loop.backward.call.at, "they are worked out here"),
        ),
    )


def _event(training: Training, step: Step) -> bool:
    call = step.call
    return training.forgets(call) or training.is_backward(call) or training.is_update(call)


def _always(training: Training, step: Step) -> bool:
    """Whether a call is made in every round."""
    rows = [training.graph.call(at) for at in step.way]
    return all(row is not None and row.guard in {"", "main"} for row in (*rows, step.call))


def _before(training: Training, events: Sequence[Step], place: int) -> Step | None:
    """What last happened to the gradients before a step, in this round or the one before."""
    for step in (*reversed(events[:place]), *reversed(events[place:])):
        if not training.is_update(step.call):
            return step
    return None


def scheduler_before_optimizer(project: Project) -> Iterator[Evidence]:
    """Learning-rate schedules that step before the optimizer does."""
    training = training_of(project)
    if training is None:
        return
    for call in training.calls("gradient_descent"):
        if not call.loops or not _is_schedule(training, call):
            continue
        if any(arg.key == "0" for arg in call.args) or call.guard not in {"", "main"}:
            continue
        around = list(training.walk(call.at.path, call.scope, call.loops[-1]))
        updates = [k for k, s in enumerate(around) if training.is_update(s.call)]
        own = next((k for k, s in enumerate(around) if s.call is call), None)
        if not updates or own is None:
            continue
        first = around[updates[0]].call
        ok = updates[0] < own
        yield Evidence(
            ok,
            call.at,
            f"`{_named(training, first)}` comes {'before' if ok else 'after'} it",
            fields={"name": _named(training, call)},
            scope=call.scope,
            related=() if ok else (Related(first.at, "the optimizer steps here"),),
        )


def _is_schedule(training: Training, call: Call) -> bool:
    if training.is_schedule(_head(call)):
        return True
    at = training.graph.of(call.at.path, call.receiver)
    made = training.objects(Node(at)) if at >= 0 else ()
    return bool(made) and all(training.is_schedule(training.graph.value(m.at).name) for m in made)


def clip_before_unscale(project: Project) -> Iterator[Evidence]:
    """Gradients that are clipped while they still carry the scale of mixed precision."""
    training = training_of(project)
    if training is None:
        return
    seen = set()
    for loop in training.loops:
        scaled: Step | None = None
        unscaled = False
        for step in training.walk(loop.path, loop.scope, loop.number):
            call = step.call
            if training.is_backward(call):
                scaled = step if call.name.endswith(".scale().backward") else None
                unscaled = False
            elif call.name in training.group("unscale"):
                unscaled = True
            elif call.name in training.group("clip_gradients") and scaled and call.at not in seen:
                seen.add(call.at)
                note = "`unscale_` before clipping" if unscaled else "no `unscale_` before clipping"
                related = () if unscaled else (Related(scaled.call.at, "the loss is scaled here"),)
                fields = {"name": call.name.rpartition(".")[2]}
                yield Evidence(
                    unscaled, call.at, note, scope=call.scope, related=related, fields=fields
                )


_KNOWN = ("torch.", "print", "numpy.", "tqdm.", "wandb.", "mlflow.", "logging.")


def _may_forget(training: Training, update: Call) -> bool:
    """Whether an optimizer may be one of the project's own that forgets gradients in its step."""
    if update.name.startswith("torch."):
        return False
    return any(
        scope.endswith(".step") and any(training.forgets(call) for call in calls)
        for (_, scope), calls in training.scopes.items()
    )


def _of_self(training: Training, step: Step) -> bool:
    """Whether a call is one of a method of the class that it stands in."""
    at = training.graph.of(step.call.at.path, step.call.receiver)
    return at >= 0 and training.graph.value(at).detail.endswith(":self")


def _of_scaler(call: Call) -> bool:
    return call.name.rpartition(".")[2] in {"step", "unscale_", "update"}


def _head(call: Call) -> str:
    """The origin path of the object whose method is called."""
    return call.name.rpartition(".")[0]


def _named(training: Training, call: Call) -> str:
    """A method call as the code writes it: `optimizer.step`."""
    head, _, method = call.name.rpartition(".")
    return f"{training.called(call)}.{method}" if call.receiver >= 0 else f"{head}.{method}"
