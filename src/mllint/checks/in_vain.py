"""What a training loop does to no effect, or at the wrong time: clipping, layers, schedules.

Knows PyTorch's optimizers and schedules by their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.project import arg
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Assign, Call, Place
    from mllint.project import Project

_ADDING = frozenset({"peft.get_peft_model", "peft.mapping.get_peft_model"})
"""Functions that put layers to be trained into the model that they are given."""
_ALWAYS = frozenset({"", "main"})
_LENGTHS = {
    "torch.optim.lr_scheduler.OneCycleLR": (("steps_per_epoch", 4), ("total_steps", 2)),
    "torch.optim.lr_scheduler.CosineAnnealingLR": (("T_max", 1),),
    "transformers.get_scheduler": (("num_training_steps", 3),),
    "transformers.get_linear_schedule_with_warmup": (("num_training_steps", 2),),
    "transformers.get_cosine_schedule_with_warmup": (("num_training_steps", 2),),
    "transformers.get_polynomial_decay_schedule_with_warmup": (("num_training_steps", 2),),
}
"""Schedules, and the arguments that say how long they are."""
_WORKED_OUT = frozenset({"binary", "name", "merge", "attr"})
_ROUNDING = frozenset({"int()", "math.ceil()", "max()", "round()"})
_TERMS = 20
"""Values of which a length is worked out that are looked at."""


def clip_before_backward(project: Project) -> Iterator[Evidence]:
    """Gradients that are clipped when there are none, or when they have been used."""
    training = training_of(project)
    if training is None:
        return
    seen: set[Place] = set()
    for loop in training.loops:
        events = [
            step
            for step in training.walk(loop.path, loop.scope, loop.number)
            if _moves(training, step.call) or step.call.name in training.group("clip_gradients")
        ]
        for k, step in enumerate(events):
            if not _moves(training, step.call) and step.call.at not in seen:
                seen.add(step.call.at)
                yield _clipping(training, events, k)


def _moves(training: Training, call: Call) -> bool:
    return training.forgets(call) or training.is_backward(call) or training.is_update(call)


def _clipping(training: Training, events: Sequence[Step], place: int) -> Evidence:
    """Evidence for one clipping among what else happens to gradients in a loop."""
    call = events[place].call
    others = [s for s in (*events[place:], *events[:place]) if _moves(training, s.call)]
    before = others[-1] if others else None
    if before is None or training.is_backward(before.call):
        return Evidence(True, call.at, "gradients are worked out before", scope=call.scope)
    kinds = [training.is_backward(s.call) for s in others].count(True)
    alike = len({s.loops for s in (*others, events[place])}) == 1 and kinds == 1
    steps = [s for s in others if training.is_update(s.call)]
    guards = {s.call.guard for s in (*others, events[place])}
    if not alike or len(steps) != 1 or not guards <= _ALWAYS:
        note = "not every round takes the same steps"
        return Evidence(None, call.at, note, scope=call.scope)
    what = "set to zero" if training.forgets(before.call) else "used by the optimizer"
    return Evidence(
        False,
        call.at,
        f"gradients were {what} before",
        fields={"name": call.name.rpartition(".")[2], "what": what},
        scope=call.scope,
        related=(Related(before.call.at, f"they are {what} here"),),
    )


def layers_after_optimizer(project: Project) -> Iterator[Evidence]:
    """Layers that a model is given after its optimizer was made, and that so are never trained."""
    training = training_of(project)
    if training is None:
        return
    for (path, scope), calls in training.scopes.items():
        if not training.counts(path):
            continue
        made = [c for c in calls if _is_optimizer(c)]
        for call in made:
            model = _optimized(training, call)
            if model is None or call.guard not in _ALWAYS:
                continue
            later = [c for c in calls if c.order > call.order]
            name, value = model
            at = _added(training, call, name, value, later)
            if at is None:
                yield Evidence(True, call.at, f"`{name}` is whole by then", scope=scope)
            elif any(_optimizes(training, c) for c in later):
                yield Evidence(None, call.at, "parameters are added later", scope=scope)
            else:
                related = (Related(at, "layers are added here"),)
                fields = {"model": name}
                yield Evidence(
                    False, call.at, "layers come later", fields=fields, scope=scope, related=related
                )


def _is_optimizer(call: Call) -> bool:
    head, _, last = call.name.rpartition(".")
    return head == "torch.optim" and last[:1].isupper()


def _optimizes(training: Training, call: Call) -> bool:
    """Whether a call makes an optimizer, be it within a function, or tells one more weights."""
    if _is_optimizer(call) or call.name.endswith(".add_param_group"):
        return True
    inner = (c for at in training.enters(call) for c in training.scopes.get(at, ()))
    return any(_is_optimizer(c) for c in inner)


def _optimized(training: Training, call: Call) -> tuple[str, Node] | None:
    """The model whose parameters, all of them, an optimizer is given: its name, and itself."""
    given = arg(call, "params", 0)
    at = training.graph.of(call.at.path, given.value) if given is not None else -1
    if at >= 0 and training.graph.value(at).name == "filter()":
        at = training.graph.made_from(at)[-1]
    row = training.graph.call(at) if at >= 0 else None
    if row is None or row.name.rpartition(".")[2] != "parameters" or row.receiver < 0:
        return None
    return training.called(row), Node(training.graph.of(call.at.path, row.receiver))


def _added(
    training: Training, call: Call, name: str, model: Node, later: Sequence[Call]
) -> Place | None:
    """Where a model is given layers after its optimizer was made; None where it is not."""
    for row in training.assigned(call.at.path).get(call.scope, ()):
        if _is_layer(training, row, name) and _follows(call, row):
            return row.at
    for other in later:
        whole = other.name in _ADDING
        given = training.graph.argument(training.graph.of(other.at.path, other.value), "0", "model")
        if not whole or given < 0 or other.guard not in _ALWAYS or other.loops != call.loops:
            continue
        if training.same(Node(given), model):
            return other.at
    return None


def _is_layer(training: Training, row: Assign, name: str) -> bool:
    """Whether an assignment puts a new layer with weights into a model of some name."""
    head, dot, _ = row.target.partition(f"{name}.")
    made = row.name.removesuffix("()")
    weighted = made in training.group("weighted_layer") or made == "torch.nn.Sequential"
    return bool(dot) and head in {"", "self.", "."} and weighted and made != row.name


def _follows(call: Call, row: Assign) -> bool:
    """Whether an assignment surely comes after a call, once for each call of it."""
    cells = [at.cell.index if at.cell is not None else 0 for at in (call.at, row.at)]
    after = (cells[0], call.at.line) < (cells[1], row.at.line)
    return after and row.loops == call.loops and row.guard in _ALWAYS


def stepped_by_epoch(project: Project) -> Iterator[Evidence]:
    """Schedules that count batches and are stepped once in an epoch."""
    training = training_of(project)
    if training is None or not any(map(project.calls_by_name.get, _LENGTHS)):
        return
    stepping: dict[Node, list[tuple[Call, bool | None]]] = {}
    for call in training.calls("gradient_descent"):
        for maker in _cycles(training, call):
            stepping.setdefault(maker, []).append((call, _rarely(training, call)))
    for found in stepping.values():
        call, rarely = found[0]
        name = f"{training.called(call)}.step"
        if any(one is not True for _, one in found):
            ok = True if any(one is False for _, one in found) else None
            yield Evidence(ok, call.at, f"`{name}` is called for each batch", scope=call.scope)
        elif rarely:
            note = f"`{name}` is called once in an epoch"
            yield Evidence(False, call.at, note, fields={"name": name}, scope=call.scope)


def _cycles(training: Training, call: Call) -> frozenset[Node]:
    """The schedules that count batches which a call may step."""
    at = training.graph.of(call.at.path, call.receiver)
    ways = training.graph.entries(call.at.path, call.scope) if at >= 0 else ()
    made = frozenset().union(*(training.objects(Node(at, way)) for way in ways))
    return made if made and all(_counts_batches(training, node) for node in made) else frozenset()


def _counts_batches(training: Training, made: Node) -> bool:
    """Whether a schedule is told how many batches there are, by the length of what holds them."""
    row = training.graph.call(made.at)
    for key, place in _LENGTHS.get(row.name, ()) if row is not None else ():
        given = arg(row, key, place) if row is not None else None
        if given is None or given.known:
            continue
        at = training.graph.of(training.graph.path(made.at), given.value)
        if key == "steps_per_epoch" or (at >= 0 and _by_length(training, Node(at, made.calls))):
            return True
    return False


def _by_length(training: Training, node: Node) -> bool:
    """Whether a number is worked out from the length of something."""
    stack, left = [node], _TERMS
    while stack and left:
        left -= 1
        here = stack.pop()
        value = training.graph.value(here.at)
        if value.name == "len()":
            of = [at for at in training.graph.made_from(here.at) if at >= 0]
            return bool(of) and all(training.graph.value(at).op != "container" for at in of)
        if value.op in _WORKED_OUT or value.name in _ROUNDING:
            stack.extend(
                Node(at, here.calls) for at in training.graph.made_from(here.at) if at >= 0
            )
    return False


def _rarely(training: Training, call: Call) -> bool | None:
    """Whether an optimizer steps in a loop within the one around a call, and not beside it."""
    if not call.loops:
        return None
    around = training.walk(call.at.path, call.scope, call.loops[-1])
    own = next((s for s in around if s.call is call), None)
    updates = [s for s in around if training.is_update(s.call)]
    if own is None or not updates:
        return None
    deeper = [len(s.loops) > len(own.loops) for s in updates]
    return all(deeper) if all(deeper) or not any(deeper) else None
