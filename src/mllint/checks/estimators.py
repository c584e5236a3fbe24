"""Estimators that draw random numbers: whether each is given a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.arguments import argument, constant
from mllint.flow.imports import running_with
from mllint.flow.seeds import is_fixed, is_reached, seed_calls
from mllint.flow.training import training_of
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow.training import Training
    from mllint.project import Project

_SOMETIMES = {
    "sklearn.svm.SVC": ("probability", (True,)),
    "sklearn.svm.NuSVC": ("probability", (True,)),
    "sklearn.linear_model.LogisticRegression": ("solver", ("sag", "saga")),
    "sklearn.linear_model.Ridge": ("solver", ("sag", "saga")),
    "sklearn.linear_model.RidgeClassifier": ("solver", ("sag", "saga")),
    "sklearn.linear_model.Lasso": ("selection", ("random",)),
    "sklearn.linear_model.ElasticNet": ("selection", ("random",)),
    "sklearn.decomposition.PCA": ("svd_solver", ("randomized", "arpack")),
    "sklearn.decomposition.NMF": ("init", ("random", "nndsvdar")),
}
"""Estimators that draw random numbers with some arguments only: which argument and values."""


def unseeded_estimator(project: Project) -> Iterator[Evidence]:
    """Estimators that draw random numbers, with or without `random_state`."""
    training = training_of(project)
    if training is None:
        return
    stochastic = training.group("stochastic")
    seeds = [c for c in seed_calls(training, ("seed_numpy",)) if is_fixed(c)]
    seeded = running_with(project, {c.at.path for c in seeds if is_reached(training, c)})
    for name, calls in project.calls_by_name.items():
        if "(" in name or not (name in stochastic or name in _SOMETIMES):
            continue
        for call in calls:
            if not training.counts(call.at.path) or not _draws(call):
                continue
            ok, note = _judged(call, seeded)
            if ok is False and _set_later(project, call):
                ok, note = None, "may get its `random_state` later"
            elif ok is False and _seeded_by_whole(training, call):
                ok, note = True, "is seeded by the ensemble that it is a part of"
            short = name.rpartition(".")[2]
            yield Evidence(
                ok, call.at, f"`{short}` {note}", scope=call.scope, fields={"name": short}
            )


def _draws(call: Call) -> bool:
    """Whether an estimator draws random numbers with the arguments that it is given."""
    start = argument(call, "init") if call.name.endswith("KMeans") else None
    if start is not None and not isinstance(start.const, str):
        return False  # it begins where it is told to
    condition = _SOMETIMES.get(call.name)
    return condition is None or constant(call, condition[0]) in condition[1]


def _judged(call: Call, seeded: frozenset[str]) -> tuple[bool | None, str]:
    given = argument(call, "random_state")
    if given is not None and not (given.known and given.const is None):
        return True, "has a `random_state`"
    if given is None and argument(call, "**", "*") is not None:
        return None, "is given arguments that are not known"
    if call.at.path in seeded:
        return None, "draws from NumPy's global generator, which is seeded"
    return False, "has no `random_state`"


def _seeded_by_whole(training: Training, call: Call) -> bool:
    """Whether an estimator is given to an ensemble that draws a seed for each of its parts."""
    at = training.graph.of(call.at.path, call.value)
    users = training.graph.used_by(at) if at >= 0 else ()
    rows = [row for user in users if (row := training.graph.call(user)) is not None]
    return bool(rows) and all(
        row.name in training.group("seeding_ensemble") and argument(row, "random_state")
        for row in rows
    )


def _set_later(project: Project, call: Call) -> bool:
    """Whether the parameters of such an estimator are set in the same file afterwards."""
    rows = project.calls_by_name.get(f"{call.name}().set_params", ())
    return any(row.at.path == call.at.path and argument(row, "random_state", "**") for row in rows)
