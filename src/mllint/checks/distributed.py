"""Training in several processes: whether each epoch deals the rows out anew.

Knows the sampler of PyTorch by its name; frameworks that see to it themselves are left alone.
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

_SAMPLERS = (
    "torch.utils.data.DistributedSampler",
    "torch.utils.data.distributed.DistributedSampler",
)
_SEE_TO_IT = frozenset({"lightning", "pytorch_lightning", "lightning_fabric", "accelerate",
                        "ignite", "ray", "composer", "deepspeed", "catalyst", "mmengine",
                        "torchtnt", "fastai"})  # fmt: skip
"""Frameworks that tell samplers the epoch."""
_TRAIN = regex(r"(?i)(?:^|[^a-z])tr(?:ai)?n")
_HELD_OUT = regex(r"(?i)(?:^|[^a-z])(?:val|valid|validation|test|eval|dev|infer)")


def never_dealt_anew(project: Project) -> Iterator[Evidence]:
    """Samplers of several processes that are never told the epoch."""
    training = training_of(project)
    calls = [c for name in _SAMPLERS for c in project.calls_by_name.get(name, ())]
    calls = [c for c in calls if training is not None and training.counts(c.at.path)]
    if training is None or not calls:
        return
    told = next((c for c in project.calls("tell_epoch") if training.counts(c.at.path)), None)
    helped = any(row.root in _SEE_TO_IT for row in project.rows("import"))
    for call in calls:
        if told is not None:
            yield Evidence(True, call.at, "`set_epoch` tells the epoch", scope=call.scope)
        elif helped or not _repeated(training) or not _of_training(training, call):
            note = "whether it needs to be told the epoch cannot be seen"
            yield Evidence(None, call.at, note, scope=call.scope)
        else:
            yield Evidence(False, call.at, "nothing calls `set_epoch`", scope=call.scope)


def _repeated(training: Training) -> bool:
    """Whether a loop that trains is itself run in a loop: over epochs."""
    graph = training.graph
    for loop in training.loops:
        call = loop.backward.call
        ways = graph.entries(loop.path, loop.scope)
        rows = [row for way in ways for at in way if (row := graph.call(at)) is not None]
        if len(call.loops) > 1 or any(row.loops for row in rows):
            return True
    return False


def _of_training(training: Training, call: Call) -> bool:
    """Whether a sampler surely shuffles training rows."""
    shuffle = arg(call, "shuffle", 3)
    if shuffle is not None and not (shuffle.known and shuffle.const is True):
        return False
    data = arg(call, "dataset", 0)
    at = training.graph.of(call.at.path, call.value)
    names = [*(training.graph.targets(at) if at >= 0 else ()), data.name if data else ""]
    if any(_HELD_OUT.search(name) for name in names):
        return False
    return shuffle is not None or any(_TRAIN.search(name) for name in names)
