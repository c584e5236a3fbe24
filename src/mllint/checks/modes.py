"""Training and evaluation mode of PyTorch modules, and gradients that nobody asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.written import spelled
from mllint.flow.modules import Kind, Modules, modules_of
from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project

_SILENT = regex(r"(?i)no_?grad|inference_?mode|grad_enabled|eval_?mode|evaluating")
_ASKS = regex(r"(?i)(^|\.)(grad|backward|requires_grad_|saliency|jit\.trace|export|retain_grad)$")
_COUNTS = regex(r"\.(?:item|argmax|eq|topk|tolist)$")
"""Methods that make numbers of an output, of which nobody asks for gradients."""
_EVALUATED = regex(r".*\.from_pretrained|transformers\.pipeline|torch\.jit\.load|onnx.*", re.DOTALL)
"""Makers of models that are in evaluation mode from the start."""
_JUDGES = regex(r"(?i)(?:^|_)(?:val|valid|validate|validation|eval|evaluate|evaluation)(?:_|$)"
                     r"|^(?:test|predict|infer|inference)(?:_|$)")  # fmt: skip
"""Names of functions that measure a model or use it."""


_ITEM = regex(r"""(\w+)\[["'](\w+)["']\]\(""")
"""An item of a dict that is called."""
_CUTTING = frozenset({"argmax", "argmin", "detach", "item", "numpy", "tolist"})
"""Methods whose result carries no gradients."""
_FOLLOWED = 60
"""Values made of what a model gives that are looked at."""


class _Scene(NamedTuple):
    """What the checks of this module share."""

    training: Training
    modules: Modules


def _scene(project: Project) -> _Scene | None:
    training, modules = training_of(project), modules_of(project)
    return _Scene(training, modules) if training is not None and modules is not None else None


def _is_eval(call: Call) -> bool:
    """Whether a call puts its object into evaluation mode."""
    method = call.name.rpartition(".")[2]
    if method == "eval":
        return not call.args
    given = arg(call, "mode", 0)
    return method == "train" and given is not None and given.known and given.const is False


def _is_train(call: Call) -> bool:
    """Whether a call may put its object into training mode."""
    if call.name.rpartition(".")[2] != "train" or len(call.args) > 1:
        return False
    given = arg(call, "mode", 0)
    if call.receiver < 0:
        return False
    return given is None or (given.key in {"0", "mode"} and given.const is not False)


def _is_silent(training: Training, step: Step) -> bool:
    """Whether a call runs where no gradients are recorded."""
    rows = [step.call, *(row for at in step.way if (row := training.graph.call(at)))]
    return any(_SILENT.search(name) for row in rows for name in row.within)


def missing_no_grad(project: Project) -> Iterator[Evidence]:
    """Models in evaluation mode that are run while gradients are recorded."""
    scene = _scene(project)
    if scene is None:
        return
    training = scene.training
    loops = _trained(training)
    for (path, scope), calls in training.scopes.items():
        if not training.counts(path) or path not in training.torch_files:
            continue
        modes = [c for c in calls if _is_eval(c) and c.name in training.group("mode")]
        judges = not modes and _judges(training, path, scope)
        seen = set()
        for call in calls if modes or judges else ():
            mode = next((m for m in modes if _runs(training, m, call)), None)
            if mode is None and not (judges and _measured(scene, call)):
                continue
            key = mode.at if mode is not None else call.name
            if key not in seen:
                seen.add(key)
                ok, note = _recorded(training, calls, call, loops)
                begins = mode.at if mode is not None and not ok else None
                yield Evidence(
                    ok,
                    call.at,
                    note,
                    scope=scope,
                    fields={"model": training.called(call)},
                    related=(Related(begins, "evaluation mode begins here"),) if begins else (),
                )


def _judges(training: Training, path: str, scope: str) -> bool:
    """Whether a function measures or uses a model, by its name, and works out no gradients."""
    calls = training.scopes.get((path, scope), ())
    named = _JUDGES.search(scope.rpartition(".")[2])
    return bool(named) and not any(_ASKS.search(c.name.removesuffix("()")) for c in calls)


def _measured(scene: _Scene, call: Call) -> bool:
    """Whether a call runs a model over and over that was not made just there, to try it out."""
    if not call.loops or not _runs_moded(scene, call) or _of_unseen(scene, call):
        return False
    rows = [scene.training.graph.call(m.at) for m in _all_makers(scene.training, call)]
    here = (call.at.path, call.scope)
    return all(row is None or (row.at.path, row.scope) != here for row in rows)


def _of_unseen(scene: _Scene, call: Call) -> bool:
    """Whether a module that nobody is seen to ask makes a call: who asks may record nothing."""
    owner = Kind(call.at.path, call.scope.rpartition(".")[0])
    unseen = scene.training.graph.entries(call.at.path, call.scope) == ((),)
    return unseen and scene.modules.is_module(owner)


def _runs_moded(scene: _Scene, call: Call) -> bool:
    """Whether a call runs a model that is known to have layers that differ."""
    makers = _all_makers(scene.training, call) if _is_run(call) else ()
    return bool(makers) and all(scene.modules.moded(m) for m in makers)


def _trained(training: Training) -> frozenset[int]:
    """The calls, by identity, that are made in a loop that trains."""
    return frozenset(
        id(step.call)
        for loop in training.loops
        for step in training.walk(loop.path, loop.scope, loop.number)
    )


def _runs(training: Training, mode: Call, call: Call) -> bool:
    """Whether a call runs the object that was put into a mode before, in the same function."""
    if call.order < mode.order or call.receiver < 0 or not _is_run(call):
        return False
    return training.same(
        training.receiver(Step(mode, (), ())), training.receiver(Step(call, (), ()))
    )


def _is_run(call: Call) -> bool:
    """Whether an object itself is called, not a method of one."""
    return call.receiver >= 0 and "." not in call.name.rpartition(")")[2]


def _recorded(
    training: Training, calls: Sequence[Call], call: Call, loops: frozenset[int]
) -> tuple[bool | None, str]:
    """Whether it is well that gradients are recorded for a call, and why."""
    ways = training.graph.entries(call.at.path, call.scope)
    if all(_is_silent(training, Step(call, way, ())) for way in ways):
        return True, "no gradients are recorded"
    if any(_SILENT.search(c.name) for c in calls if c.order < call.order and not c.used):
        return True, "gradients are turned off before"
    asked = [c.loops for c in calls if _ASKS.search(c.name.removesuffix("()"))]
    rows = training.assigned(call.at.path).get(call.scope, ())
    asked += [row.loops for row in rows if "grad" in row.target.rpartition(".")[2]]
    counts = any(c.loops == call.loops and _COUNTS.search(c.name) for c in calls)
    if not all(counts and _beside(loops_of, call.loops) for loops_of in asked):
        return None, "gradients may be wanted here"
    if id(call) in loops:
        return None, "it is a part of a training step"
    if _handed_on(training, call):
        return None, "what the model gives is handed to code that trains"
    if any(_is_silent(training, Step(call, way, ())) for way in ways):
        return None, "gradients are recorded on some ways only"
    return False, f"`{training.called(call)}` is run with gradients"


def _beside(other: tuple[int, ...], mine: tuple[int, ...]) -> bool:
    """Whether something stands in another loop, next to the one around a call."""
    return bool(mine) and mine[-1] not in other and other != mine[: len(other)]


def _handed_on(training: Training, call: Call) -> bool:
    """Whether the function of a call is used by code that works out gradients."""
    if not _gives_back(training, call):
        return False
    seen: set[tuple[str, str]] = set()
    stack = [(call.at.path, call.scope)]
    while stack:
        at = stack.pop()
        if at in seen or not at[1]:
            continue
        seen.add(at)
        for row in training.callers.get(at, ()):
            here = training.scopes.get((row.at.path, row.scope), ())
            if row.used and any(training.is_backward(c) for c in here):
                return True
            stack.append((row.at.path, row.scope))
    return False


def _gives_back(training: Training, call: Call) -> bool:
    """Whether a function may give back what a call of it makes, with gradients."""
    graph = training.graph
    start = graph.of(call.at.path, call.value)
    if start < 0:
        return True
    given = {node.at for node in graph.results(call.at.path, call.scope)}
    met = [start]
    for at in met:  # grows
        value = graph.value(at)
        kept = value.op == "mutate" and not value.detail.startswith("append")
        if at in given or kept or len(met) > _FOLLOWED:
            return True
        for after in graph.used_by(at):
            cut = graph.value(after).op == "call" and graph.method(after) in _CUTTING
            if after not in met and not cut and graph.value(after).op != "compare":
                met.append(after)
    return False


def eval_mode_never_left(project: Project) -> Iterator[Evidence]:
    """Loops that put a model into evaluation mode and go on training it so."""
    scene = _scene(project)
    if scene is None:
        return
    training = scene.training
    for call in training.calls("mode"):
        if not _is_eval(call):
            continue
        for path, scope, number in training.around(call):
            ways = training.graph.entries(path, scope)
            found = _left(scene, call, list(training.walk(path, scope, number)), ways)
            if found is not None:
                yield found


def _left(
    scene: _Scene, mode: Call, steps: Sequence[Step], ways: Sequence[tuple[int, ...]]
) -> Evidence | None:
    """Whether a loop that some ways lead to leaves the evaluation mode that a call of it sets."""
    training = scene.training
    step = next((s for s in steps if s.call is mode), None)
    model = training.receiver(step) if step is not None else None
    if model is None:
        return None
    name = training.called(mode)
    seen = Evidence(None, mode.at, "", scope=mode.scope, fields={"model": name})
    trained = [s for s in steps if _is_train(s.call)]
    back = next((s for s in trained if training.same(training.receiver(s), model)), None)
    if back is not None:
        return seen._replace(ok=True, note=f"`train` follows in `{back.call.scope or 'the loop'}`")
    runs = [s for s in steps if _forward(training, s, model) and not _is_silent(training, s)]
    learning = next((s for s in runs if _feeds(training, s, steps)), None)
    if learning is None:
        return None
    if trained:
        return seen._replace(note="some module is put back into training mode")
    seen_by = [model._replace(calls=(*way, *model.calls)) for way in ways]
    makers = [maker for node in seen_by for maker in training.objects(node)]
    if not makers or not all(scene.modules.moded(maker) for maker in makers):
        return seen._replace(note="whether the modes differ for it cannot be told")
    related = (Related(learning.call.at, "it is trained here"),)
    return seen._replace(ok=False, note=f"no `train` for `{name}` in the loop", related=related)


def _forward(training: Training, step: Step, model: Node | None) -> bool:
    """Whether a step runs a model."""
    return _is_run(step.call) and training.same(training.receiver(step), model)


def _feeds(training: Training, run: Step, steps: Sequence[Step]) -> bool:
    """Whether gradients are worked out right after a model is run, in the same loop."""
    place = next(k for k, s in enumerate(steps) if s is run)
    after = next((s for s in steps[place:] if training.is_backward(s.call)), None)
    return after is not None and after.loops[: len(run.loops)] == run.loops


def missing_eval_mode(project: Project) -> Iterator[Evidence]:
    """Models with dropout or batch normalisation that are used in training mode."""
    scene = _scene(project)
    if scene is None:
        return
    training = scene.training
    loops = _trained(training)
    modes = [c for c in training.calls("mode") if c.receiver >= 0]
    blind = any(not _known(training, c) for c in modes if _is_eval(c) or c.args)
    seen = set()
    for (path, scope), calls in training.scopes.items():
        if not training.counts(path) or path not in training.torch_files:
            continue
        for call in calls:
            if id(call) in loops or not _used(scene, call) or (path, scope, call.name) in seen:
                continue
            seen.add((path, scope, call.name))
            if _of_noise(training, call):
                continue
            ok, note = _prepared(scene, call, modes, blind=blind)
            yield Evidence(ok, call.at, note, scope=scope, fields={"model": training.called(call)})


def _known(training: Training, call: Call) -> bool:
    """Whether it is known what object a method is called on."""
    receiver = training.receiver(Step(call, (), ()))
    if receiver is None:
        return False
    return all(training.graph.value(m.at).op == "call" for m in _all_makers(training, call))


def _all_makers(training: Training, call: Call) -> set[Node]:
    """What made the object of a call, over all ways to it."""
    at = training.graph.of(call.at.path, call.receiver)
    if at >= 0 and training.graph.value(at).op == "item" and not training.graph.made_from(at):
        return _of_dict(training, call)
    found: set[Node] = set()
    for way in training.graph.entries(call.at.path, call.scope) if at >= 0 else ():
        step = Step(call, way, ())
        receiver = training.receiver(step)
        found |= training.objects(receiver)
    return found


def _of_dict(training: Training, call: Call) -> set[Node]:
    """What made an object that functions keep in a dict of the module: `loaded["model"](x)`."""
    said = set(_ITEM.findall(spelled(training.project, call)))
    target = "{}[{}]".format(*said.pop()) if len(said) == 1 else ""
    path = call.at.path
    kept = [r for rows in training.assigned(path).values() for r in rows if r.target == target]
    nodes = [Node(training.graph.of(path, row.value)) for row in kept]
    if any(node.at < 0 for node in nodes):
        return set()
    return {maker for node in nodes for maker in training.objects(node)}


def _used(scene: _Scene, call: Call) -> bool:
    """Whether a call uses a model with layers that differ, rather than training it."""
    silent = any(_SILENT.search(name) for name in call.within)
    if silent:
        return _runs_moded(scene, call)
    return _judges(scene.training, call.at.path, call.scope) and _measured(scene, call)


def _prepared(
    scene: _Scene, call: Call, modes: Sequence[Call], *, blind: bool
) -> tuple[bool | None, str]:
    """Whether a model was put into evaluation mode before it is used."""
    training = scene.training
    makers = {m.at for m in _all_makers(training, call)}
    made = [training.graph.value(at).name for at in makers]
    here = [c for c in modes if {m.at for m in _all_makers(training, c)} & makers]
    if any(_EVALUATED.match(name) for name in made) and not any(_is_train(c) for c in here):
        return True, "it is loaded in evaluation mode"
    evals = [c for c in here if _is_eval(c) or c.args]
    near = any((c.at.path, c.scope) == (call.at.path, call.scope) for c in evals)
    if near or (evals and len(evals) == len(here)):
        return True, f"`{training.called(call)}.eval()` is called"
    if any(training.graph.value(at).op == "param" for at in makers):
        return None, "whoever calls this method may set the mode"
    if evals or blind:
        return None, "evaluation mode is set elsewhere"
    if call.scope.endswith((".forward", ".training_step")):
        return None, "it is a part of another model"
    return False, f"`{training.called(call)}` is never put into evaluation mode"


def _of_noise(training: Training, call: Call) -> bool:
    """Whether a model is given noise, as generators are, which are often used in training mode."""
    given = arg(call, "input", 0)
    at = training.graph.of(call.at.path, given.value) if given is not None else -1
    rows = [training.graph.call(m.at) for m in training.objects(Node(at))] if at >= 0 else []
    return any(row is not None and row.name in training.group("noise") for row in rows)
