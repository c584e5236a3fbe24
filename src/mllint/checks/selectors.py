"""Whether what a training watches is watched in the right direction.

Knows the names of measures and which of them are better when they are larger.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.written import spelled
from mllint.graph import Node
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call, Place, Setting
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_LARGER = regex(
    r"(?:^|[^a-z])(?:acc|accuracy|auc|auroc|f1|f1_score|precision|recall|iou|miou|dice|map|r2|bleu|"
    r"rouge\w?|psnr|ssim|ndcg|mrr|mcc|kappa|specificity|sensitivity)(?:$|[^a-z0-9])",
    re.IGNORECASE,
)
_SMALLER = regex(
    r"(?:^|[^a-z])(?:loss|error|err|mse|mae|rmse|mape|wer|cer|ppl|perplexity|fid|nll|ce|bce)"
    r"(?:$|[^a-z0-9])",
    re.IGNORECASE,
)
_WATCHERS = ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau")
_LIGHTNING = ("lightning.", "pytorch_lightning.")
_PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
_GIVEN = regex(r"\.step\(\s*(?:metrics\s*=\s*)?([A-Za-z_][\w.\[\]\"']*)\s*\)")
"""The plain variable, attribute or item that a step is given."""
_KEYS = (".monitor", ".mode")


def direction(project: Project) -> Iterator[Evidence]:
    """Callbacks that watch a measure, judged by whether they wait for the better side of it."""
    for name, calls in project.calls_by_name.items():
        for call in calls if name.endswith(_WATCHERS) else ():
            if project.role(call.at.path) in _OWN and not unpacks(call):
                yield from _of_callback(call)
    for name in project.names.ending(("TrainingArguments", "Seq2SeqTrainingArguments")):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _OWN and not unpacks(call):
                yield from _of_trainer(call)
    yield from _of_settings(project)
    yield from _of_plateaus(project)


def _of_plateaus(project: Project) -> Iterator[Evidence]:
    """Schedules of PyTorch that wait for a plateau of what each step is given."""
    graph = project.graph
    for call in project.calls_by_name.get(f"{_PLATEAU}().step", ()):
        at = graph.of(call.at.path, call.receiver) if graph is not None else -1
        if graph is None or at < 0 or project.role(call.at.path) not in _OWN:
            continue
        made = [graph.call(node.at) for node in graph.makers(Node(at))]
        row = made[0] if len(made) == 1 else None
        given = _GIVEN.search(spelled(project, call))
        if row is not None and row.name == _PLATEAU and given is not None and not unpacks(row):
            mode = arg(row, "mode", 1)
            wanted = "min" if mode is None else mode.const if mode.known else None
            yield from _judged(call.at, given[1], wanted, "mode")


def _of_callback(call: Call) -> Iterator[Evidence]:
    place = None if call.name.endswith("ModelCheckpoint") else 0
    monitor, mode = arg(call, "monitor", place), arg(call, "mode")
    if monitor is None or not isinstance(monitor.const, str):
        return
    wanted = mode.const if mode is not None and mode.known else None
    if mode is None and call.name.startswith(_LIGHTNING) and "Plateau" not in call.name:
        wanted = "min"
    yield from _judged(call.at, monitor.const, wanted, "mode")


def _of_trainer(call: Call) -> Iterator[Evidence]:
    measure, greater = arg(call, "metric_for_best_model"), arg(call, "greater_is_better")
    if measure is not None and isinstance(measure.const, str) and _told(greater):
        wanted = "max" if greater is not None and greater.const else "min"
        yield from _judged(call.at, measure.const, wanted, "greater_is_better")


def _told(given: Arg | None) -> bool:
    return given is not None and given.known and isinstance(given.const, bool)


def _of_settings(project: Project) -> Iterator[Evidence]:
    """Pairs of `monitor` and `mode` that stand together in a configuration."""
    found: dict[tuple[str, str], dict[str, Setting]] = {}
    for row in project.rows("setting"):
        parent, dot, last = row.key.rpartition(".")
        if f"{dot}{last}" in _KEYS and row.format in {"yaml", "toml", "json"}:
            found.setdefault((row.at.path, parent), {})[last] = row
    for (path, _), pair in found.items():
        if len(pair) == 2 and project.role(path) in _OWN:
            monitor, mode = pair["monitor"], pair["mode"]
            yield from _judged(mode.at, str(monitor.value), mode.value, "mode")


def _judged(at: Place, measure: str, wanted: object, key: str) -> Iterator[Evidence]:
    """Whether a measure and a direction fit; nothing where one of them is not known."""
    larger, smaller = _LARGER.search(measure), _SMALLER.search(measure)
    if bool(larger) == bool(smaller) or wanted not in ("min", "max"):
        return
    ok = (wanted == "max") == bool(larger)
    side = "largest" if wanted == "max" else "smallest"
    fields = {"measure": measure, "side": side, "key": key}
    yield Evidence(ok, at, f"the {side} `{measure}` is kept", fields=fields)
