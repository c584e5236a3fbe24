"""Networks that go on learning from fold to fold, and so know the rows that they are measured on.

Knows folds of scikit-learn, models of Keras and optimizers of PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node, argument, flow_of
from mllint.flow.training import Step, Training, training_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.facts import Call
    from mllint.project import Project

_ANEW = regex(
    r"(?i)(?:load_weights|set_weights|clone_model|load_model|from_config|load_state_dict|deepcopy"
    r"|from_pretrained|\.apply|reset\w*|init\w*|load)(?:\(\))?$"
)
"""What may put a network back to where it began."""
_SUBSETS = ("Subset", "SubsetRandomSampler")


def learnt_anew(project: Project) -> Iterator[Evidence]:
    """Networks that learn in each fold, judged by whether they are made anew for it."""
    flow = flow_of(project)
    yield from _of_keras(flow)
    training = training_of(project)
    if training is not None:
        yield from _of_torch(flow, training)


def _of_keras(flow: Flow) -> Iterator[Evidence]:
    folds = {flow.graph.canonical(s.node) for s in flow.splits if s.sort == "folds"}
    folds = {node for node in folds if not _in_time(flow, node)}
    seen = set()
    for fit in flow.fits if folds else ():
        call = fit.call
        if fit.kinds != {"keras"} or fit.data is None or not call.loops or call.at in seen:
            continue
        cuts = [cut for origin in flow.rows.origins(fit.data) for cut in origin.cuts]
        if not any(cut.by in folds and cut.label == "train" for cut in cuts):
            continue
        receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
        seen.add(call.at)
        yield from _judged(flow, call, call.loops, flow.objects.makers(receiver))


def _of_torch(flow: Flow, training: Training) -> Iterator[Evidence]:
    seen: set[tuple[str, str, int]] = set()
    for call in flow.named(*_SUBSETS):
        given = argument(call, "indices", "1" if call.name.endswith(".Subset") else "0")
        key = flow.graph.of(call.at.path, given.value) if given is not None else -1
        place = (call.at.path, call.scope, call.loops[-1] if call.loops else 0)
        fold = flow.rows.parts.fold(Node(key)) if key >= 0 and call.loops else None
        if fold is None or fold.label != "train" or place in seen or _in_time(flow, fold.by):
            continue
        seen.add(place)
        steps = training.walk(*place)
        update = next((s for s in steps if training.is_update(s.call)), None)
        if update is not None:
            yield from _judged(flow, call, call.loops, _learner(training, update))


def _in_time(flow: Flow, fold: Node) -> bool:
    """Whether folds go on in time: what was held out before may be learned from afterwards."""
    receiver = flow.graph.receiver(fold.at)
    makers = flow.graph.makers(Node(receiver, fold.calls)) if receiver >= 0 else []
    rows = [flow.graph.call(maker.at) for maker in makers]
    splitters = flow.objects.group("time_splitter")
    return any(row is None or row.name in splitters for row in rows)


def _learner(training: Training, update: Step) -> list[Node]:
    """What made the modules whose weights an optimizer changes."""
    found: list[Node] = []
    for made in training.objects(training.receiver(update)):
        weights = training.graph.argument(made.at, "0", "params")
        listed = training.graph.method(weights) if weights >= 0 else ""
        owner = training.graph.receiver(weights) if listed == "parameters" else -1
        if owner < 0:
            return []
        found.extend(training.objects(Node(owner, made.calls)))
    return found


def _judged(
    flow: Flow, call: Call, loops: tuple[int, ...], makers: Iterable[Node]
) -> Iterator[Evidence]:
    """Evidence for what learns within the loops around a call, by where it was made."""
    made = [_made(flow, call, maker) for maker in makers]
    rows = [row for row in made if row is not None]
    if not rows or len(rows) < len(made):
        return
    if any(set(row.loops) & set(loops) for row in rows):
        yield Evidence(True, call.at, "each fold has a network of its own", scope=call.scope)
    elif any(row.loops for row in rows) or _begins_anew(flow, call, loops):
        yield Evidence(None, call.at, "it may begin anew in each fold", scope=call.scope)
    else:
        related = (Related(rows[0].at, "made once, before the folds"),)
        yield Evidence(False, call.at, "one network learns in all folds", scope=call.scope,
                       related=related)  # fmt: skip


def _made(flow: Flow, call: Call, maker: Node) -> Call | None:
    """The call, in the same function as another one, that makes an object or has it made."""
    for at in (*maker.calls, maker.at):
        row = flow.graph.call(at)
        if row is not None and (row.at.path, row.scope) == (call.at.path, call.scope):
            return row
    return None


def _begins_anew(flow: Flow, call: Call, loops: tuple[int, ...]) -> bool:
    """Whether something within the loops around a call may put a network back to its start."""
    return any(
        row.scope == call.scope and set(row.loops) & set(loops) and _ANEW.search(row.name)
        for row in flow.project.by_path[call.at.path].get("call", ())
    )
