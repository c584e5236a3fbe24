"""Whether a saved model comes with the preprocessing that its inputs went through.

Asks the data flow what a model was fitted on and what else is saved; judges what is seen whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.flow import Flow, Node, flow_of
from mllint.flow.objects import LEARNED, MODELS
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mllint.facts import Call
    from mllint.flow import Fit
    from mllint.project import Project

_APPLYING = frozenset({"transform", "fit_transform"})
_OBJECT = ("0", "obj", "value", "sk_model", "model", "xgb_model", "lgb_model", "artifact")
_DEEP = 4
"""Containers within containers that are looked into."""


class _Saved(NamedTuple):
    """A call that writes objects, with what made each of them."""

    call: Call
    makers: Sequence[Node]


def preprocessing_saved(project: Project) -> Iterator[Evidence]:
    """Saved models, judged by whether what their inputs were transformed with is saved too."""
    flow = flow_of(project)
    saves = list(_saves(flow))
    kept = {flow.graph.canonical(maker) for save in saves for maker in save.makers}
    fits = _fits(flow)
    unclear = any(_may_hold(flow, maker) for save in saves for maker in save.makers)
    seen: set[tuple[str, int, int]] = set()
    for save in saves:
        for maker in save.makers:
            at = save.call.at
            if flow.objects.kinds(maker) <= MODELS and (at.path, at.line, maker.at) not in seen:
                seen.add((at.path, at.line, maker.at))
                used = _transformers(flow, fits.get(flow.graph.canonical(maker), ()))
                found = _judged(flow, save, maker, used, kept, unclear=unclear)
                if found is not None:
                    yield found


def _saves(flow: Flow) -> Iterator[_Saved]:
    for call in flow.grouped("save_object"):
        for node in flow.seen(call):
            named = call.name.startswith("bentoml.")  # what it is to be called comes first
            given = flow.given(node, *(("1", "model") if named else _OBJECT))
            if given is not None:
                yield _Saved(call, list(_held(flow, given, 0)))


def _held(flow: Flow, node: Node, depth: int) -> Iterator[Node]:
    """What made an object, or the objects in a container."""
    for maker in flow.objects.makers(node):
        value = flow.graph.value(maker.at)
        if value.op == "attr" and value.detail == "best_estimator_" and depth < _DEEP:
            base = flow.graph.first(maker.at)
            yield from _held(flow, maker._replace(at=base), depth + 1) if base >= 0 else ()
        elif value.op == "container" and depth < _DEEP:
            for at in flow.graph.made_from(maker.at):
                if at >= 0:
                    yield from _held(flow, maker._replace(at=at), depth + 1)
        else:
            yield maker


def _may_hold(flow: Flow, maker: Node) -> bool:
    """Whether a saved object may hold a transformer that nobody sees: its kind is not known."""
    return flow.objects.kinds(maker) == {"unknown"}


def _judged(
    flow: Flow,
    save: _Saved,
    model: Node,
    used: Mapping[Node, Call],
    kept: set[Node],
    *,
    unclear: bool,
) -> Evidence | None:
    """Whether everything that a model's inputs went through is saved; None where it is nothing."""
    if not used:
        inner = [p for p in flow.objects.parts(model) if flow.objects.kinds(p) & LEARNED]
        if not inner:
            return None
        name = _name(flow, inner[0])
        return Evidence(True, save.call.at, f"the saved pipeline holds its `{name}`")
    missing = {maker: call for maker, call in used.items() if maker not in kept}
    names = ", ".join(dict.fromkeys(f"`{_name(flow, maker)}`" for maker in missing or used))
    if not missing:
        return Evidence(True, save.call.at, f"{names} is saved as well")
    if unclear or any(_passed_on(flow, maker) for maker in missing):
        return Evidence(None, save.call.at, f"{names} may be saved in another way")
    related = tuple(
        Related(call.at, "its inputs are transformed here") for call in missing.values()
    )
    fields = {"names": names}
    return Evidence(False, save.call.at, names, related=related[:3], fields=fields)


def _fits(flow: Flow) -> Mapping[Node, Sequence[Fit]]:
    """The fits of each object, by what made it."""
    found: dict[Node, list[Fit]] = {}
    for fit in flow.fits:
        receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
        for maker in {flow.graph.canonical(m) for m in flow.objects.makers(receiver)}:
            found.setdefault(maker, []).append(fit)
    return found


def _transformers(flow: Flow, fits: Iterable[Fit]) -> dict[Node, Call]:
    """What the inputs of a model's fits were transformed with, and where."""
    found: dict[Node, Call] = {}
    for fit in fits:
        if fit.data is None:
            continue
        for before in flow.trace(fit.data):
            call = flow.graph.call(before.at)
            if call is None or flow.graph.method(before.at) not in _APPLYING:
                continue
            by = Node(flow.graph.receiver(before.at), before.calls)
            if by.at >= 0 and flow.objects.kinds(by) <= LEARNED:
                for maker in flow.objects.makers(by):
                    found.setdefault(flow.graph.canonical(maker), call)
    return found


def _passed_on(flow: Flow, maker: Node) -> bool:
    """Whether a transformer, or what it has learned, is given to something that may keep it."""
    made = f"{flow.objects.class_of(maker)}()"
    saving = flow.objects.group("save_object")
    for call in flow.project.rows("call"):
        if not flow.counts(call.at.path) or call.name.startswith("sklearn.") or call.name in saving:
            continue
        if any(one.name == made or _is_learned(made, one.name) for one in call.args):
            return True
    return False


def _is_learned(made: str, name: str) -> bool:
    """Whether a name is that of an attribute that a fit sets: `StandardScaler().mean_`."""
    return name.startswith(f"{made}.") and name.endswith("_")


def _name(flow: Flow, maker: Node) -> str:
    return flow.objects.class_of(maker).rpartition(".")[2] or "a transformer"
