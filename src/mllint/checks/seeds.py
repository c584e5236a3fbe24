"""Seeds that are set too often, or to the same number in every worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.seeds import EVERY, seed_calls, seed_of
from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Arg, Call
    from mllint.project import Project

_WIDE = 200
"""Values that are looked at for what a seed depends on."""


def reseeded_in_loop(project: Project) -> Iterator[Evidence]:
    """Seeds that are set again in each round of a loop that goes on training one model."""
    training = training_of(project)
    if training is None or not training.loops:
        return
    for call in {call.at: call for call in seed_calls(training)}.values():
        if call.at.path not in training.torch_files:
            continue
        found = [_again(training, call, *loop) for loop in training.around(call)]
        bad = next((e for e in found if e is not None), None)
        yield bad or Evidence(
            True, call.at, "seeded outside of the loop that trains", scope=call.scope
        )


def _again(training: Training, call: Call, path: str, scope: str, number: int) -> Evidence | None:
    """Evidence against a seed in a loop; None where each round trains anew or has its own seed."""
    steps = list(training.walk(path, scope, number))
    update = next((s for s in steps if training.is_update(s.call)), None)
    own = next((s for s in steps if s.call is call), None)
    if update is None or own is None:
        return None
    outlives = _outlives(training, update, number, steps)
    if not outlives or _varies(training, own, scope, number):
        return None
    fields = {"name": _name(call)}
    rows = [training.graph.call(at) for at in own.way]
    if any(row is None or row.guard not in {"", "main"} for row in (*rows, call)):
        return Evidence(None, call.at, "not in every round", scope=call.scope, fields=fields)
    return Evidence(
        False,
        call.at,
        "the same seed in every round",
        scope=call.scope,
        fields=fields,
        related=(Related(update.call.at, "one model is trained in all rounds"),),
    )


def _outlives(training: Training, update: Step, number: int, steps: Sequence[Step]) -> bool:
    """Whether the optimizer that steps was made before the loop."""
    inside = {id(step.call) for step in steps}
    made = training.objects(training.receiver(update))
    for maker in made:
        row = training.graph.call(maker.at)
        if row is None or id(row) in inside or number in row.loops:
            return False
    return bool(made)


def _varies(training: Training, step: Step, scope: str, number: int) -> bool:
    """Whether a seed depends, or may depend, on something that a loop changes."""
    given = seed_of(step.call)
    if given is None or given.known:
        return given is None
    start = training.node(step, given.value)
    stack, seen = [start] if start is not None else [], set[Node]()
    while stack and len(seen) < _WIDE:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        value = training.graph.value(node.at)
        inputs = training.graph.inputs(node)
        if value.op in {"iter", "loop", "unknown"}:
            return True
        if value.op == "param" and not inputs and value.detail.rpartition(":")[0] != scope:
            return True
        row = training.graph.call(node.at) if value.op == "call" else None
        if value.op == "call" and (row is None or row.scope != scope or number in row.loops):
            return True
        stack.extend(inputs)
    return not seen


def worker_seed(project: Project) -> Iterator[Evidence]:
    """Functions that seed the workers of a data loader, all with one seed or each with its own."""
    training = training_of(project)
    if training is None:
        return
    groups = tuple(group for group in EVERY if group != "seed_tensorflow")
    for call in project.rows("call"):
        given = next((a for a in call.args if a.key == "worker_init_fn"), None)
        if given is None or not training.counts(call.at.path):
            continue
        for seed in _worker_calls(training, call, given):
            if any(seed.name in training.group(group) for group in groups):
                ok = not _constant(training, seed)
                note = "each worker has its own seed" if ok else "every worker has the same seed"
                yield Evidence(
                    ok,
                    seed.at,
                    note,
                    scope=seed.scope,
                    fields={"name": _name(seed)},
                    related=() if ok else (Related(call.at, "the workers start here"),),
                )


def _worker_calls(training: Training, call: Call, given: Arg) -> Sequence[Call]:
    """What a function does that is handed to the workers of a loader."""
    at = training.graph.of(call.at.path, given.value)
    if at >= 0 and training.graph.value(at).op == "lambda":
        body = (training.graph.call(k) for k in training.graph.made_from(at) if k >= 0)
        return [row for row in body if row is not None]
    found = training.graph.definition(call.at.path, given.name) if given.name else None
    return training.scopes.get(found, ()) if found is not None else ()


def _constant(training: Training, seed: Call) -> bool:
    """Whether a seed surely is the same whenever it is set."""
    given = seed_of(seed)
    if given is None:
        return False
    if given.known:
        return given.const is not None
    at = training.graph.of(seed.at.path, given.value)
    stack, seen = [Node(at)] if at >= 0 else [], set[Node]()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        value = training.graph.value(node.at)
        if value.op not in {"attr", "name", "item", "call"} or "initial_seed" in value.name:
            return False
        if value.op == "call" and "parse_args" not in value.name:
            return False
        if value.op != "call":
            stack.extend(training.graph.inputs(node))
    return bool(seen)


def _name(call: Call) -> str:
    return call.name.lstrip(".?")
