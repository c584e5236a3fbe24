"""Leakage: what is learned from rows, or resampled of them, before they are split."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mllint.checks import statistics
from mllint.checks.named_train import fitted_on_named_train
from mllint.checks.spark import LATER, fitted_early
from mllint.flow import SIDES, Fit, Flow, Node, Origin, Split, constant, flow_of
from mllint.flow.datasets import held
from mllint.flow.moves import FITTING
from mllint.flow.objects import LEARNED, RESAMPLERS
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project

_TARGET = regex(r"(?i)(y|target|label)s?(_|\d|$)")
BOTH = "rows of both sides of a split"
_SPLITS = {
    "split": "the rows are split here",
    "torch": "the rows are split here",
    "hand": "the rows are divided here",
    "folds": "the rows are divided into folds here",
    "cv": "the rows are cross-validated here",
    "search": "the rows are cross-validated by the search here",
}


def fit_before_split(project: Project, *, kinds: Sequence[str]) -> Iterator[Evidence]:
    """Transformers of these kinds that learn from rows which are split or cross-validated later."""
    flow = flow_of(project)
    wanted = frozenset(kinds)
    fits = [f for f in flow.fits if f.data is not None and f.kinds & LEARNED and f.kinds <= wanted]
    if "scaler" in wanted:
        fits.extend(statistics.of_columns(flow))
        fits.extend(statistics.of_expressions(flow))
    if "supervised" in wanted:
        fits.extend(statistics.of_target(flow))
        models = [f for f in flow.fits if f.data is not None and f.kinds == {"model"}]
        early = _early(flow, models)
        fits.extend(f for f in models if f.node in early)
    fits = [f for f in fits if not depends(f)]
    told = list(_judged(flow, fits, "learns from rows that are split later"))
    named = fitted_on_named_train(flow, wanted) if wanted <= LEARNED else {}
    sure = {one.at for one in told if one.ok is not None}
    yield from (one for one in told if one.ok is not None or one.at not in named)
    yield from (one for at, one in named.items() if at not in sure)
    if wanted <= LEARNED:
        yield from fitted_early(flow)
        yield from _inside(flow, wanted)


def resample_before_split(project: Project) -> Iterator[Evidence]:
    """Resampling of rows which are split or cross-validated later."""
    flow = flow_of(project)
    fits = [f for f in flow.fits if f.data is not None and f.kinds <= RESAMPLERS]
    fits.extend(_repeated(flow))
    yield from _judged(flow, fits, "resamples rows that are split later")
    yield from _inside(flow, RESAMPLERS)


def depends(fit: Fit) -> bool:
    """Whether a fit happens only if the caller of its function wants it."""
    return fit.call.guard not in {"", "main"} and bool(fit.node.calls)


def _repeated(flow: Flow) -> Iterator[Fit]:
    """Calls that draw rows with replacement."""
    kinds = frozenset({"oversampler"})
    for call in flow.named("resample", "sample"):
        plain = call.name == "sklearn.utils.resample"
        drawn = constant(call, "replace", "1" if plain else "")
        given = any(arg.key == "replace" for arg in call.args)
        if not (drawn is True or (plain and not given)) or (not plain and call.receiver < 0):
            continue
        for node in flow.seen(call):
            data = (
                flow.given(node, "0") if plain else Node(flow.graph.receiver(node.at), node.calls)
            )
            if data is not None:
                yield Fit(node, call, kinds, "resample", data, None)


def _judged(flow: Flow, fits: Sequence[Fit], fault: str) -> Iterator[Evidence]:
    """One piece of evidence for each place where something is fitted."""
    if not fits:
        return
    early = _early(flow, fits)
    by_place: dict[object, list[Fit]] = {}
    for fit in fits:
        by_place.setdefault(fit.call.at, []).append(fit)
    for same in by_place.values():
        bad = min(
            (f for f in same if f.node in early),
            key=lambda f: list(_SPLITS).index(early[f.node].sort),
            default=None,
        )
        call = same[0].call
        name = said(flow, same[0])
        fields = {"name": name, "method": same[0].method}
        if bad is not None:
            split = early[bad.node]
            fields["rows"] = BOTH if _stands_above(split.call, call) else LATER
            yield Evidence(
                False, call.at, f"`{name}` {fault}", fields=fields, scope=call.scope,
                related=(Related(split.at, _SPLITS[split.sort]), *through(flow, bad.node)),
                confidence="medium" if bad.method == statistics.STATISTIC else None,
            )  # fmt: skip
        elif all(f.data is not None and flow.rows.part(f.data) == "train" for f in same):
            yield Evidence(True, call.at, f"`{name}` learns from training rows", scope=call.scope)
        elif flow.splits and not any(flow.rows.part(f.data) in SIDES for f in same if f.data):
            yield Evidence(None, call.at, f"`{name}`: cannot tell which rows it sees",
                           scope=call.scope)  # fmt: skip


def _stands_above(one: Call | None, other: Call) -> bool:
    """Whether a call is written before another one in the same function, and runs before it."""
    if one is None:
        return False
    same = (one.at.path, one.scope) == (other.at.path, other.scope)
    return same and one.order < other.order and set(one.loops).isdisjoint(other.loops)


def _early(flow: Flow, fits: Sequence[Fit]) -> dict[Node, Split]:
    """The fits whose rows are split later, with the split."""
    found: dict[Node, Split] = {}
    by_node = {flow.graph.canonical(f.node): f for f in fits}
    for split in flow.splits:
        for data in split.inputs:
            if split.sort == "hand" and _joined(flow, data):
                continue
            for node in _fitted(flow, data):
                fit = by_node.get(flow.graph.canonical(node))
                if fit is None or fit.node in found or not _covers(flow, fit, data):
                    continue
                if _later(flow, fit.node, split.node):
                    continue
                if fit.kinds <= LEARNED and data not in _features(flow, split):
                    continue  # what is learned of the target alone does no harm
                if split.sort in {"split", "torch"} or not _set_apart(flow, fit):
                    found[fit.node] = split
    found.update(_applied(flow, by_node, found))
    return found


def _later(flow: Flow, one: Node, other: Node) -> bool:
    """Whether a call surely happens after another: both in one function, or in what it calls."""
    graph = flow.graph
    for mine, yours in zip((*one.calls, one.at), (*other.calls, other.at), strict=False):
        if mine == yours:
            continue
        first, second = graph.call(mine), graph.call(yours)
        if first is None or second is None or graph.path(mine) != graph.path(yours):
            return False
        methods = {call.scope.rpartition(".")[0] for call in (first, second)}
        near = first.scope == second.scope or (len(methods) == 1 and "" not in methods)
        return near and mine > yours and not first.loops
    return False


def _joined(flow: Flow, data: Node) -> bool:
    """Whether rows of several origins are put together, and perhaps only taken apart again."""
    return len({origin.source for origin in flow.rows.origins(data)}) > 1


def _features(flow: Flow, split: Split) -> list[Node]:
    named = split.features if split.sort in {"folds", "hand"} else split.taken
    targets = {n for n in named if any(map(_TARGET.match, flow.graph.targets(n.at)))}
    return [n for n in split.features if n not in targets]


def _fitted(flow: Flow, data: Node) -> Iterator[Node]:
    """The fits (and calls that resample) that a value depends on."""
    inside = [n for maker in flow.graph.makers(data) for n in held(flow.graph, maker)]
    for before in chain.from_iterable(map(flow.trace, (data, *inside))):
        value = flow.graph.value(before.at)
        if value.op == "call":
            yield before
        elif value.op == "mutate" and value.detail in FITTING:
            fit = flow.fit_of(before)
            if fit is not None:
                yield fit


def _covers(flow: Flow, fit: Fit, data: Node) -> bool:
    """Whether all rows of a fit are of the rows that are split, none of them set apart before."""
    if fit.data is None:
        return False
    seen = flow.rows.origins(fit.data)
    rows = flow.rows.origins(data)
    if fit.method == "resample":
        return bool(seen) and not any(_parted(origin) for origin in seen)
    return bool(seen) and all(
        not _parted(one) and any(_begins(one, other) for other in rows) for one in seen
    )


def _set_apart(flow: Flow, fit: Fit) -> bool:
    """Whether the rows of a fit may be a training part: only that is cross-validated then."""
    if fit.data is None or flow.rows.named(fit.data):
        return True
    return any(o.taken or flow.rows.label(o) != "whole" for o in flow.rows.origins(fit.data))


def _parted(origin: Origin) -> bool:
    """Whether rows are one side of a split."""
    return any(cut.label in SIDES for cut in origin.cuts)


def _begins(one: Origin, other: Origin) -> bool:
    """Whether the rows of one include those of the other, as far as selections say."""
    if one.source != other.source:
        return False
    mine, yours = one.taken, other.taken
    return yours[: len(mine)] == mine


def _applied(flow: Flow, fits: dict[Node, Fit], found: dict[Node, Split]) -> dict[Node, Split]:
    """Fits on all rows whose result is then applied to one side of a split of the same rows."""
    more: dict[Node, Split] = {}
    sides = (s for s in flow.splits if s.sort in {"split", "torch", "hand", "folds"})
    by_cut = {flow.graph.canonical(split.node): split for split in sides}
    for fit, data in (*_transforms(flow, fits), *_adapted(flow, fits)):
        if fit.data is None or fit.node in found:
            continue
        seen = flow.rows.origins(fit.data)
        if not seen or any(_parted(one) for one in seen):
            continue
        for origin in flow.rows.origins(data):
            side = next((cut for cut in origin.cuts if cut.label in SIDES), None)
            if side is not None and side.by in by_cut:
                before = origin._replace(cuts=origin.cuts[: origin.cuts.index(side)])
                if all(_begins(one, before) for one in seen):
                    more[fit.node] = by_cut[side.by]
    return more


def _transforms(flow: Flow, fits: dict[Node, Fit]) -> Iterator[tuple[Fit, Node]]:
    """Fits with what their object transforms afterwards."""
    for call in flow.named("transform"):
        for node in flow.seen(call):
            history = flow.history(Node(flow.graph.receiver(node.at), node.calls))
            fit = fits.get(flow.graph.canonical(history[0])) if history else None
            data = flow.given(node, "0", "X", "raw_documents")
            if fit is not None and data is not None:
                yield fit, data


def _adapted(flow: Flow, fits: dict[Node, Fit]) -> Iterator[tuple[Fit, Node]]:
    """Layers that were adapted, with what the network that they are part of is fitted on."""
    if not any(fit.method == "adapt" for fit in fits.values()):
        return
    for model in flow.fits:
        if model.data is not None and model.kinds == {"keras"}:
            network = Node(flow.graph.receiver(model.node.at), model.node.calls)
            for node in _fitted(flow, network):
                fit = fits.get(flow.graph.canonical(node))
                if fit is not None and fit.method == "adapt":
                    yield fit, model.data


def _inside(flow: Flow, wanted: frozenset[str]) -> Iterator[Evidence]:
    """Pipelines that learn on the rows that the model is fitted on: nothing can leak."""
    seen = set()
    for fit in flow.fits:
        if not fit.kinds <= {"model", "search"} or fit.call.at in seen:
            continue
        receiver = Node(flow.graph.receiver(fit.node.at), fit.node.calls)
        if _holds(flow, receiver, wanted):
            seen.add(fit.call.at)
            note = f"`{said(flow, fit)}` fits its steps together"
            yield Evidence(True, fit.call.at, note, scope=fit.call.scope)
    for split in flow.splits:
        if split.sort != "cv" or split.call is None or split.call.at in seen:
            continue
        model = flow.given(split.node, "0", "estimator")
        if model is not None and _holds(flow, model, wanted):
            seen.add(split.call.at)
            yield Evidence(True, split.call.at, "the pipeline is fitted within each fold",
                           scope=split.call.scope)  # fmt: skip


def _holds(flow: Flow, node: Node, wanted: frozenset[str], depth: int = 0) -> bool:
    """Whether an object is a pipeline (or a search over one) with a step of these kinds."""
    for maker in flow.objects.makers(node):
        for part in flow.objects.parts(maker) if depth < 4 else ():
            if flow.objects.kinds(part) & wanted or _holds(flow, part, wanted, depth + 1):
                return True
    return False


def through(flow: Flow, node: Node) -> tuple[Related, ...]:
    """The call through which a function was entered for what is said of a value in it."""
    call = flow.graph.call(node.calls[-1]) if node.calls else None
    return (Related(call.at, "in this call"),) if call is not None else ()


def said(flow: Flow, fit: Fit) -> str:
    """An object in words: the name of its class."""
    receiver = flow.graph.receiver(fit.node.at)
    if fit.method in {"resample", statistics.STATISTIC} or receiver < 0:
        return fit.call.name.rpartition(".")[2]
    makers = flow.objects.makers(Node(receiver, fit.node.calls))
    names = [flow.objects.class_of(maker).rpartition(".")[2] for maker in makers]
    if not any(names):
        names = [fit.call.name.rpartition(".")[0].removesuffix("()").rpartition(".")[2]]
    named = (name for name in names if name and not name.endswith("[]"))
    return "/".join(dict.fromkeys(named)) or fit.method
