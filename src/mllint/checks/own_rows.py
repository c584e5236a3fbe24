"""Scores of models on rows that they were fitted on."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mllint.checks.spark import scored_on_own_rows
from mllint.flow import SIDES, Fit, Flow, Node, Origin, Score, argument, flow_of
from mllint.flow.moves import LOSING_ATTRIBUTES
from mllint.flow.rows import apart
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Place
    from mllint.project import Project

_HOLDING = ("eval_set", "validation_data", "evals", "valid_sets", "X_val", "x_val",
            "validation_split", "**")  # fmt: skip
"""Arguments of `fit` that may hold rows back."""
_SHOWN = frozenset({"describe", "display", "head", "info", "len", "print", "tail", "type"})
"""Functions and methods that merely look at a table."""


def evaluated_on_training_data(project: Project) -> Iterator[Evidence]:
    """Models whose only score is on rows that they were fitted on."""
    flow = flow_of(project)
    by_fit: dict[object, list[Score]] = {}
    for score in flow.scores:
        if score.fit.kinds in ({"model"}, {"keras"}, {"search"}):
            by_fit.setdefault(score.fit.call.at, []).append(score)
    elsewhere = _Elsewhere(flow)
    elsewhere.own = {s.call.at for scores in by_fit.values() for s in scores if _is_own(flow, s)}
    for scores in by_fit.values():
        yield from _judged(flow, scores, elsewhere)
    yield from scored_on_own_rows(flow)


class _Elsewhere:
    """What the rest of the project does, worked out once for all models."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.own: set[Place] = set()
        """Scores on the very rows of the fit."""

    @cached_property
    def unmeasured(self) -> bool:
        """Whether the project measures and divides nothing else than rows that were fitted on."""
        flow = self._flow
        groups = ("metric", "cv_function", "cv_other", "search", "search_other", "other_split",
                  "evaluation")  # fmt: skip
        found = (*flow.grouped(*groups), *flow.named("score", "evaluate"))
        return not flow.splits and all(call.at in self.own for call in found)

    @cached_property
    def divided(self) -> frozenset[object]:
        """What is split or cross-validated anywhere, and the files in which that happens."""
        found: set[object] = set()
        for split in self._flow.splits:
            found.add(split.at.path)
            for data in split.inputs:
                found.update(origin.source for origin in self._flow.rows.origins(data))
        return frozenset(found)

    @cached_property
    def measuring(self) -> frozenset[str]:
        """Files that load a model and measure it."""
        flow = self._flow
        loading = {c.at.path for c in flow.grouped("load_model")}
        if not loading:
            return frozenset()
        measured = (*flow.grouped("metric"), *flow.named("score", "evaluate"))
        return frozenset(c.at.path for c in measured if c.at.path in loading)

    @cached_property
    def _imports(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Part of a first-party name -> who imports such a name, and its last part."""
        found: dict[str, list[tuple[str, str]]] = {}
        for row in self._flow.project.rows("import"):
            if row.first_party:
                last = row.name.rpartition(".")[2]
                for part in set(row.name.split(".")):
                    found.setdefault(part, []).append((row.at.path, last))
        return found

    def imported(self, path: str) -> frozenset[str]:
        """Names of a file's variables that another file imports."""
        stem = path.rpartition("/")[2].partition(".")[0]
        return frozenset(name for by, name in self._imports.get(stem, ()) if by != path)


def _judged(flow: Flow, scores: Sequence[Score], elsewhere: _Elsewhere) -> Iterator[Evidence]:
    own = []
    for score in scores:
        data = score.fit.data
        if data is None:
            continue
        mine, yours = flow.rows.origins(data), flow.rows.origins(score.data)
        if mine and yours and apart(mine, yours):
            yield Evidence(True, score.call.at, "scored on held-out rows", scope=score.call.scope)
        elif score.only and mine and yours and _among(yours, mine):
            yield _bad(score, "`{}` on some of the rows of the fit")
        elif mine and mine == yours:
            own.append(score)
        else:
            yield Evidence(None, score.call.at, "cannot tell whether the scored rows were held out",
                           scope=score.call.scope)  # fmt: skip
    if own and len(own) == len(scores) and _alone(flow, own[0], elsewhere):
        yield _bad(own[0], "`{}` on the rows of the fit")


def _is_own(flow: Flow, score: Score) -> bool:
    """Whether a score is surely on the rows of the fit."""
    data = score.fit.data
    mine = flow.rows.origins(data) if data is not None else frozenset()
    return bool(mine) and mine == flow.rows.origins(score.data)


def _bad(score: Score, note: str) -> Evidence:
    metric = score.call.name.rpartition(".")[2]
    related = (Related(score.fit.call.at, "the model is fitted on the same rows"),)
    return Evidence(False, score.call.at, note.format(metric), fields={"metric": metric},
                    related=related, scope=score.call.scope)  # fmt: skip


def _among(scored: frozenset[Origin], fitted: frozenset[Origin]) -> bool:
    """Whether scored rows are the held-out side of rows that were all fitted on."""
    return all(
        any(
            one.source == other.source
            and len(one.taken) > len(other.taken)
            and one.taken[: len(other.taken)] == other.taken
            and one.taken[-1].label in {"test", "validation"}
            for other in fitted
        )
        for one in scored
    )


def _alone(flow: Flow, score: Score, elsewhere: _Elsewhere) -> bool:
    """Whether nothing but training rows is ever scored."""
    fit = score.fit
    if fit.kinds == {"search"}:
        return False  # it has measured its models on folds
    if fit.data is None or any(argument(fit.call, key) is not None for key in _HOLDING):
        return False
    if elsewhere.measuring - {score.call.at.path}:
        return False  # another file loads a model and measures it
    if flow.rows.part(fit.data) == "train":
        return all(_wasted(flow, origin, elsewhere) for origin in flow.rows.origins(fit.data))
    if fit.kinds != {"model"} or flow.rows.part(fit.data) != "whole":
        return False
    if flow.rows.named(fit.data) == {"train"} and elsewhere.unmeasured:
        return _answers(flow, fit)  # a file of training rows, and rows that nobody has scored
    return not _held_elsewhere(flow, fit, elsewhere.divided)


def _answers(flow: Flow, fit: Fit) -> bool:
    """Whether the file of a fit predicts for other rows than those of the fit."""
    mine = flow.rows.origins(fit.data) if fit.data is not None else frozenset()
    for call in flow.named("predict", "predict_proba"):
        for node in flow.seen(call) if call.at.path == fit.call.at.path else ():
            data = flow.given(node, "0", "X")
            yours = flow.rows.origins(data) if data is not None else frozenset()
            if yours and not {o.source for o in mine} & {o.source for o in yours}:
                return True
    return False


def _held_elsewhere(flow: Flow, fit: Fit, divided: frozenset[object]) -> bool:
    """Whether the model's rows, or any in its file, are split."""
    if fit.data is None or fit.call.at.path in divided or flow.rows.named(fit.data):
        return True
    return any(origin.source in divided for origin in flow.rows.origins(fit.data))


def _wasted(flow: Flow, origin: Origin, elsewhere: _Elsewhere) -> bool:
    """Whether the other sides of the split that made these rows are never used for anything."""
    cut = next((cut for cut in reversed(origin.taken) if cut.label in SIDES), None)
    if cut is None or not flow.rows.parts.is_split(cut.by.at):
        return False
    for at in flow.graph.used_by(cut.by.at):
        value = flow.graph.value(at)
        if value.op != "unpack" or not value.detail.isdigit():
            return False
        held = flow.rows.parts.sides(cut.by)[int(value.detail) % 2] != "train"
        if held and _is_used(flow, at, elsewhere):
            return False
    return True


def _is_used(flow: Flow, at: int, elsewhere: _Elsewhere) -> bool:
    """Whether a value goes anywhere but to a look at it or to a value that nobody uses."""
    graph = flow.graph
    path = graph.path(at)
    names = set(graph.targets(at))
    if any("." in name for name in names) or names & elsewhere.imported(path):
        return True
    for after in graph.used_by(at):
        value = graph.value(after)
        looks = value.op == "attr" and value.detail in LOSING_ATTRIBUTES
        if looks or (value.op == "call" and graph.method(after) in _SHOWN):
            continue
        kept = flow.rows.steps(Node(after)) or []
        if not any(before.at == at for before, _ in kept) or _is_used(flow, after, elsewhere):
            return True
    return False
