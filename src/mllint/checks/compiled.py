"""Metrics that a Keras model is compiled with, judged by whether they are of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.arguments import constant
from mllint.flow.modules import modules_of
from mllint.flow.outputs import UNKNOWN, Outputs
from mllint.flow.training import Step, Training, training_of
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_DISTANCES = (
    "mse", "mae", "mape", "msle", "huber", "huber_loss", "logcosh", "log_cosh", "MSE", "MAE",
    "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
)  # fmt: skip
_SHARES = ("accuracy", "acc")


def counted_hits(project: Project) -> Iterator[Evidence]:
    """Networks that learn one quantity, judged by whether exact hits are counted of them."""
    names = list(project.names.ending(("compile",)))
    training = training_of(project) if names else None
    modules = modules_of(project) if names else None
    if training is None or modules is None:
        return
    outputs = Outputs(project, training.graph, modules)
    for name in names:
        for call in project.calls_by_name[name]:
            told = constant(call, "metrics", "2")
            metrics = [m for m in told if isinstance(m, str)] if isinstance(told, list) else []
            learns = str(constant(call, "loss", "1")) in _DISTANCES
            if metrics and learns and training.counts(call.at.path) and _single(training, call):
                kinds = _ends(training, outputs, call)
                counted = next((m for m in metrics if m in _SHARES), None)
                if kinds == {"linear"}:
                    said = str(counted or metrics[0])
                    fields = {"name": said, "kind": "regressor"}
                    note = f"`{said}` of a regressor"
                    yield Evidence(counted is None, call.at, note, fields=fields, scope=call.scope)


def _ends(training: Training, outputs: Outputs, call: Call) -> frozenset[str]:
    """What the last layer of a model applies."""
    found: frozenset[str] = frozenset()
    for way in training.graph.entries(call.at.path, call.scope):
        model = training.receiver(Step(call, way, ()))
        found |= outputs.keras(model) if model is not None else {UNKNOWN}
    return found


def _single(training: Training, compiling: Call) -> bool:
    """Whether the dense layer that is made last before a model is compiled has one unit."""
    made = training.scopes.get((compiling.at.path, compiling.scope), ())
    layers = [c for c in made if c.name.endswith(".Dense") and c.order < compiling.order]
    return bool(layers) and constant(layers[-1], "units", "0") == 1
