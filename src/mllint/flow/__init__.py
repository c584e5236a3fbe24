"""Questions about the data flow of a project: who fits what on which rows, and what is split where.

Asks the graph, `apis.toml` and the tables; knows nothing of rules or severities.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mllint.flow.arguments import argument, constant
from mllint.flow.moves import FITTING
from mllint.flow.objects import MODELS, Objects
from mllint.flow.parts import SIDES, Cut, part_named
from mllint.flow.rows import Origin, Rows
from mllint.flow.sites import Fit, Score, Split
from mllint.flow.trace import Trace
from mllint.graph import Graph, Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Call
    from mllint.project import Project

__all__ = ["SIDES", "Cut", "Fit", "Flow", "Node", "Origin", "Score", "Split", "argument",
           "constant", "flow_of", "part_named"]  # fmt: skip

_DATA = ("0", "X", "x", "raw_documents", "data")
_TARGET = ("1", "y")
_PREDICTED = ("y_pred", "y_score", "y_prob", "y_proba", "probas_pred")
_PREDICTING = frozenset({"predict", "predict_proba", "predict_log_proba", "decision_function",
                         "predict_classes", "fit_predict"})  # fmt: skip
_ASIDE = frozenset({"test", "docs", "vendored", "generated", "template"})
"""Roles of files that nobody's results come from."""
_SUBSETS = frozenset({"DataLoader", "Subset"})
_HISTORY = 60
"""Changes of an object that are looked back upon."""


class Flow:
    """The data flow of one project."""

    def __init__(self, project: Project, graph: Graph) -> None:
        self.project = project
        self.graph = graph
        self.objects = Objects(graph, project.groups)
        self.rows = Rows(graph, self.objects)
        self._traces: dict[Node, Trace] = {}
        self._taken: dict[tuple[str, tuple[int, ...]], dict[Node, dict[Node, None]]] = {}
        """Tables by the split of the numbers by which their rows are taken, for each function."""

    def counts(self, path: str) -> bool:
        """Whether a file takes part in the project's results."""
        return path not in self._aside

    @cached_property
    def _aside(self) -> frozenset[str]:
        return frozenset(path for path, role in self.project.roles.items() if role in _ASIDE)

    def seen(self, call: Call) -> Iterator[Node]:
        """The value of a call, once for each known way into its function."""
        at = self.graph.of(call.at.path, call.value)
        if at >= 0:
            for way in self.graph.entries(call.at.path, call.scope):
                yield Node(at, way)

    def named(self, *methods: str) -> Iterator[Call]:
        """The calls of the project's own files whose last name is one of these."""
        by_name = self.project.calls_by_name
        for name in self.project.names.ending(methods):
            yield from (call for call in by_name[name] if self.counts(call.at.path))

    def grouped(self, *groups: str) -> Iterator[Call]:
        """The calls of the project's own files that are in one of these groups."""
        for group in groups:
            if group in self.project.groups:
                yield from (c for c in self.project.calls(group) if self.counts(c.at.path))

    def given(self, node: Node, *keys: str) -> Node | None:
        """The value that a call gets under one of these keys; None where it was not kept."""
        at = self.graph.argument(node.at, *keys)
        return Node(at, node.calls) if at >= 0 else None

    def trace(self, node: Node) -> Trace:
        """Everything that a value was made from."""
        if (found := self._traces.get(node)) is None:
            found = self._traces[node] = Trace(self.graph, node)
        return found

    def path(self, node: Node, other: Node) -> list[Node]:
        """The chain from one value to another that was made from it; empty where there is none."""
        return self.trace(other).path(node)

    @cached_property
    def fits(self) -> Sequence[Fit]:
        """Every fit, once for each known way into its function."""
        found = []
        for call in self.named(*FITTING):
            for node in self.seen(call):
                fit = self.fit(node)
                if fit is not None:
                    found.append(fit)
        return found

    def fit(self, node: Node) -> Fit | None:
        """The fit that a call is; None where it is none."""
        call = self.graph.call(node.at)
        method = self.graph.method(node.at)
        receiver = self.graph.receiver(node.at)
        if call is None or method not in FITTING or receiver < 0:
            return None
        kinds = self.objects.kinds(Node(receiver, node.calls))
        if kinds == {"unknown"}:
            head = call.name.rpartition(".")[0]
            kinds = frozenset({self.objects.kind(head.removesuffix("()"))})
        if kinds == {"unknown"} and method == "fit_resample":
            kinds = frozenset({"oversampler"})  # only samplers have that method
        data, target = self.given(node, *_DATA), self.given(node, *_TARGET)
        return Fit(node, call, kinds, method, data, target)

    @cached_property
    def splits(self) -> Sequence[Split]:
        """Every split, once for each known way into its function."""
        searches = [f for f in self.fits if f.kinds == {"search"} and f.data is not None]
        return [
            *self._halves(),
            *self._of_torch(),
            *self._by_hand(),
            *self._folds(),
            *(
                Split(node, call, call.at, "cv", (self.given(node, "1", "X"),))
                for call in self.grouped("cv_function")
                for node in self.seen(call)
            ),
            *(Split(fit.node, fit.call, fit.call.at, "search", (fit.data,)) for fit in searches),
        ]

    def _halves(self) -> Iterator[Split]:
        """Random splits of which both sides are used."""
        for call in self.grouped("split"):
            for node in self.seen(call):
                if self.rows.parts.halves(node):
                    given = tuple(self.rows.parts.arrays(node))
                    taken = self._numbered(node) if len(given) == 1 else ()
                    yield Split(node, call, call.at, "split", given, taken)

    def _of_torch(self) -> Iterator[Split]:
        """Data sets of PyTorch that are split at random."""
        for call in self.grouped("torch_split"):
            for node in self.seen(call):
                yield Split(node, call, call.at, "torch", (self.given(node, "0", "dataset"),))

    def _by_hand(self) -> Iterator[Split]:
        """Tables that are divided by hand, once for each known way into the function."""
        for path in self.graph.paths:
            divided = self.rows.slices.within(path) if self.counts(path) else {}
            first = {side.base: side.named for _, side in sorted(divided.items(), reverse=True)}
            for base, row in first.items():
                for way in self.graph.entries(path, row.scope):
                    node = Node(base, way)
                    yield Split(node, None, row.at, "hand", (node,), self._numbered(node))

    def _numbered(self, split: Node) -> tuple[Node, ...]:
        """The tables of the same file whose rows are taken by the numbers that are divided."""
        graph = self.graph
        at = (graph.path(split.at), split.calls)
        if (found := self._taken.get(at)) is None:
            found = self._taken[at] = {}
            taken = [graph.made_from(item) for item in graph.subscripts(at[0])]
            for call in graph.calls_of(at[0], _SUBSETS):
                given = graph.argument(call, "0", "dataset"), self._indices(Node(call, at[1]))
                taken.extend([given] if min(given) >= 0 else [])
            for base, *keys in ([Node(k, split.calls) for k in one if k >= 0] for one in taken):
                cuts = {o.cuts[-1] for key in keys[:1] for o in self.rows.origins(key) if o.cuts}
                if len(cuts) == 1 and (cut := cuts.pop()).label in SIDES:
                    found.setdefault(cut.by, {})[base] = None
        return tuple(found.get(graph.canonical(split), ()))

    def _indices(self, taking: Node) -> int:
        """The numbers by which a subset or a loader takes rows; -1 where none are seen."""
        graph = self.graph
        if graph.method(taking.at) == "Subset":
            return graph.argument(taking.at, "1", "indices")
        at = graph.argument(taking.at, "sampler")
        made = [n.at for n in graph.makers(Node(at, taking.calls))] if at >= 0 else []
        if len(made) == 1 and graph.method(made[0]) == "SubsetRandomSampler":
            return graph.argument(made[0], "0", "indices")
        return -1

    def _folds(self) -> Iterator[Split]:
        """Fold iterators, with the tables that their row numbers are used upon."""
        splitters = next(iter(self.grouped("cv_splitter")), None)
        for call in self.named("split") if splitters is not None else ():
            for node in self.seen(call) if self._may_fold(call) else ():
                if self.rows.parts.folds(node) != node:
                    continue
                by = self.graph.canonical(node)
                given = self.given(node, "0", "X")
                used = [
                    Node(self.graph.first(at), node.calls)
                    for at in self.graph.subscripts(call.at.path)
                    if self._takes_fold(Node(at, node.calls), by)
                ]
                given_all = tuple(dict.fromkeys((given, *used)))
                yield Split(node, call, call.at, "folds", given_all)

    def _may_fold(self, call: Call) -> bool:
        """Whether the name of a `split` call leaves open that it yields folds."""
        head = call.name.rpartition(".")[0]
        plain = head.endswith("()") and head[0] not in {"?", "."} and "(" not in head[:-2]
        return not plain or self.objects.kind(head[:-2]) == "folds"

    def _takes_fold(self, node: Node, by: Node) -> bool:
        keys = [Node(at, node.calls) for at in self.graph.made_from(node.at)[1:] if at >= 0]
        return any((cut := self.rows.parts.fold(key)) is not None and cut.by == by for key in keys)

    @cached_property
    def scores(self) -> Sequence[Score]:
        """Every measurement of a model whose last fit is known."""
        found: list[Score] = []
        for call in self.grouped("metric"):
            for node in self.seen(call):
                for keys in (("1", *_PREDICTED), ("0", "y_true")):
                    predicted = self.given(node, *keys)
                    used = self.applied(predicted) if predicted is not None else None
                    if used is not None:
                        truth = self.given(node, "0" if keys[0] == "1" else "1", "y_true")
                        found.extend(self._score(node, call, used, truth))
                        break
        for call in self.named("score", "evaluate"):
            for node in self.seen(call):
                found.extend(self._score(node, call, node, self.given(node, *_TARGET)))
        for call in self.named("mean"):
            for node in self.seen(call):
                found.extend(self._share(node, call))
        return found

    def _share(self, node: Node, call: Call) -> Iterator[Score]:
        """The share of predictions that are right, or wrong, worked out by hand."""
        given = self.given(node, "0", "a") if call.receiver < 0 else None
        compared = given or Node(self.graph.receiver(node.at), node.calls)
        if compared.at < 0 or self.graph.value(compared.at).detail not in {"Eq", "NotEq"}:
            return
        sides = self.graph.inputs(compared)
        found = [self.applied(side) for side in sides]
        for used, truth in zip(found, reversed(sides), strict=True):
            if used is not None and found.count(None) == 1 == len(sides) - 1:
                yield from self._score(node, call, used, truth)

    def applied(self, node: Node) -> Node | None:
        """The nearest call that applied a model and that a value was made from."""
        for before in self.trace(node):
            called = self.graph.value(before.at).op == "call"
            if (
                called
                and self.graph.receiver(before.at) >= 0
                and (self.graph.method(before.at) in _PREDICTING)
            ):
                return before
        return None

    def _score(self, node: Node, call: Call, used: Node, truth: Node | None) -> Iterator[Score]:
        data = self.given(used, *_DATA)
        fits = self.history(Node(self.graph.receiver(used.at), used.calls))
        fit = self.fit(fits[0]) if fits else None
        if data is not None and fit is not None and self.is_model(fit.kinds):
            yield Score(node, call, fit, data, truth, len(fits) == 1)

    def history(self, node: Node) -> list[Node]:
        """The fits that an object has been through, the last one first."""
        graph = self.graph
        found: list[Node] = []
        seen: set[Node] = set()
        stack = [node] if node.at >= 0 else []
        while stack and len(seen) < _HISTORY:
            here = stack.pop(0)
            if here in seen:
                continue
            seen.add(here)
            value = graph.value(here.at)
            if value.op == "mutate":
                fit = self.fit_of(here)
                if fit is not None:
                    found.append(fit)
                stack.extend(graph.inputs(here)[:1])
            elif value.op == "call":
                returned = graph.returned(here)
                receiver = graph.receiver(here.at)
                if returned:
                    stack.extend(returned)
                elif receiver >= 0 and graph.method(here.at) in FITTING | {
                    "to",
                    "set_params",
                    "eval",
                }:
                    if graph.method(here.at) in FITTING:
                        found.append(here)
                    stack.append(Node(receiver, here.calls))
            elif value.op in {"merge", "loop", "param", "attr", "name"}:
                stack.extend(graph.inputs(here))
        return list(dict.fromkeys(found)) or self._only_fit(node)

    def _only_fit(self, node: Node) -> list[Node]:
        """The fit of an object that is fitted in one place only, be it in another method."""
        places = {
            fit.call.at: fit.node
            for maker in self.graph.makers(node)
            for fit in self._fitted.get(self.graph.canonical(maker), ())
        }
        return list(places.values()) if len(places) == 1 else []

    @cached_property
    def _fitted(self) -> Mapping[Node, Sequence[Fit]]:
        """The fits of each object, by what made it."""
        found: dict[Node, list[Fit]] = {}
        for fit in self.fits:
            receiver = Node(self.graph.receiver(fit.node.at), fit.node.calls)
            for maker in self.graph.makers(receiver):
                found.setdefault(self.graph.canonical(maker), []).append(fit)
        return found

    def fit_of(self, changed: Node) -> Node | None:
        """The call that changed an object by fitting it."""
        value = self.graph.value(changed.at)
        if value.detail not in FITTING or not value.inputs:
            return None
        old = self.graph.first(changed.at)
        for at in self.graph.used_by(old) if old >= 0 else ():
            if at < changed.at and self.graph.receiver(at) == old:
                other = self.graph.value(at)
                if (
                    other.op == "call"
                    and other.line == value.line
                    and self.graph.method(at) == value.detail
                ):
                    return Node(at, changed.calls)
        return None

    def prediction(self, node: Node) -> Node | None:
        """The call of `predict` that a value surely is the plain result of."""
        graph = self.graph
        for _ in range(12):
            value = graph.value(node.at)
            if value.op == "call" and graph.method(node.at) in {"predict", "predict_classes"}:
                return node
            inputs = graph.inputs(node)
            if value.op == "call" and graph.method(node.at) in {
                "astype",
                "ravel",
                "flatten",
                "to_numpy",
            }:
                inputs = (Node(graph.receiver(node.at), node.calls),)
            elif (value.op == "call" and not graph.returned(node)) or value.op not in {
                "param",
                "name",
                "call",
                "merge",
                "loop",
            }:
                return None
            if len(inputs) != 1 or inputs[0].at < 0:
                return None
            node = inputs[0]
        return None

    def is_model(self, kinds: frozenset[str]) -> bool:
        """Whether an object surely is a supervised model, or one of several beside a baseline."""
        return bool(kinds & MODELS) and kinds <= MODELS | {"dummy"}


def flow_of(project: Project) -> Flow:
    """The data flow of a project, worked out once; an empty one where there is no Python code."""
    graph = project.graph
    if graph is None:
        return Flow(project, Graph({}, {}, lambda _path, _name: None))
    found = graph.notes.get("flow")
    if not isinstance(found, Flow) or found.project is not project:
        found = graph.notes["flow"] = Flow(project, graph)
    return found
