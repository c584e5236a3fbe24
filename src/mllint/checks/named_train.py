"""Preprocessing that is fitted on what its name says are training rows.

Good evidence where the flow of the rows cannot be followed. Names alone never make a finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, part_named
from mllint.flow.objects import LEARNED
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call, Place

_ROWS = ("0", "X", "x", "data")
_PIPELINES = ("sklearn.pipeline.Pipeline().", "sklearn.pipeline.make_pipeline().",
              "sklearn.compose.ColumnTransformer().")  # fmt: skip


def fitted_on_named_train(flow: Flow, wanted: frozenset[str]) -> dict[Place, Evidence]:
    """By place, the fits of preprocessing of these kinds whose rows are called training rows."""
    found: dict[Place, Evidence] = {}
    for call in _fits(flow, wanted):
        rows = next((arg for arg in call.args if arg.key in _ROWS), None)
        name = _training_name(flow, call, rows) if rows is not None else ""
        if name:
            note = f"`{call.name.rpartition('.')[2]}` sees `{name}`"
            found.setdefault(call.at, Evidence(True, call.at, note, scope=call.scope))
    return found


def _fits(flow: Flow, wanted: frozenset[str]) -> Iterator[Call]:
    """Fits of library preprocessing; of pipelines and own transformers, which may do any of it.

    Of those nobody knows whether they ask for the target, so only scalers have use of them.
    """
    unclear = "scaler" in wanted
    own = _own_transformers(flow) if unclear else ()
    for fit in flow.fits:
        unknown = fit.kinds == {"unknown"}
        if (fit.kinds <= LEARNED and fit.kinds & wanted) or (
            unknown and _class_of(fit.call) in own
        ):
            yield fit.call
    for call in flow.named("fit", "fit_transform") if unclear else ():
        if call.name.startswith(_PIPELINES):
            yield call


def _own_transformers(flow: Flow) -> set[str]:
    """Names of classes of the project that can be fitted and then transform, but not predict."""
    methods: dict[str, set[str]] = {}
    for row in flow.project.rows("define"):
        if row.kind == "method":
            owner, _, method = row.name.rpartition(".")
            methods.setdefault(owner.rpartition(".")[2], set()).add(method)
    return {n for n, has in methods.items() if {"fit", "transform"} <= has and "predict" not in has}


def _class_of(call: Call) -> str:
    """The class whose instance a method is called on; "" where it is not known."""
    made, brackets, _ = call.name.rpartition("().")
    return made.rpartition(".")[2] if brackets else ""


def _training_name(flow: Flow, call: Call, rows: Arg) -> str:
    """The name of the rows if it says that they are training rows."""
    names = [
        one.target
        for one in flow.project.by_path[call.at.path].get("assign", ())
        if one.value == rows.value >= 0 and one.scope == call.scope
    ]
    if rows.name.startswith("?"):
        names.append(rows.name[1:])
    return next((name for name in names if part_named(name) == "train"), "")
