"""Models of Keras that are measured as if they were being trained.

Knows the `training` argument, tapes and names of functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.training import Training, training_of
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_MEASURES = regex(r"(?i)(?:^|_)(?:val|valid|validate|validation|eval|evaluate|test)(?:_|$)")
_ON_PURPOSE = regex(r"(?i)mc|monte|uncertain|bayes|sampl|ensemble|dropout|train")
_TAPE = regex(r"GradientTape")
_CALL = regex(r"\.(?:gradient|apply_gradients|minimize|train_on_batch)$")


def measured_in_training_mode(project: Project) -> Iterator[Evidence]:
    """Calls of models with `training=True` in functions that measure them."""
    training = training_of(project)
    if training is None:
        return
    for (path, scope), calls in training.scopes.items():
        name = scope.rpartition(".")[2]
        if not training.counts(path) or not _MEASURES.search(name) or _ON_PURPOSE.search(name):
            continue
        if any(_CALL.search(call.name) for call in calls):
            continue
        for call in calls:
            given = arg(call, "training")
            if given is None or not given.known or _taped(call):
                continue
            if isinstance(given.const, bool) and call.receiver >= 0:
                yield _judged(training, call, training_mode=given.const)


def _taped(call: Call) -> bool:
    return any(_TAPE.search(name) for name in call.within)


def _judged(training: Training, call: Call, *, training_mode: bool) -> Evidence:
    name = training.called(call)
    return Evidence(
        not training_mode,
        call.at,
        f"`{name}` is measured with `training={training_mode}`",
        fields={"model": name},
        scope=call.scope,
    )
