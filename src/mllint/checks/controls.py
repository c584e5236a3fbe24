"""What keeps a training in hand: whether the best round is kept, and whether both curves are seen.

Knows calls and names; knows nothing of the numbers that come out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.written import spelled
from mllint.project import arg, unpacks
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_BEST = re.compile(
    r"(?:.*[.\[_'\"])?(?:best|min|max|lowest|highest)_\w*(?:loss|acc|score|metric|auc|f1|map|err|"
    r"perplexity|ppl|rmse|mae|iou|dice|reward|fitness|perf|bleu|val|precision|recall|r2)\w*['\"\]]*"
    r"|(?:.*\.)?best_(?:model|state|weights|epoch)\w*",
    re.IGNORECASE,
)
"""Variables that hold the best value so far."""
_HELD_OUT = re.compile(
    r"(?:^|[^a-z])(?:val|valid|validation|test|eval|dev|holdout)(?:[^a-z]|$)", re.IGNORECASE
)
_WATCHED = ("validation_data", "validation_split", "eval_set", "evals", "valid_sets",
            "eval_dataset", "val_dataloaders", "test_data", "dev_loader")  # fmt: skip
_SHOWN = 5


def best_kept(project: Project) -> Iterator[Evidence]:
    """Models that are saved under a condition, in a file that remembers the best value so far."""
    best = {
        row.at.path: row.target
        for row in project.rows("assign")
        if project.role(row.at.path) in _OWN and _BEST.fullmatch(row.target)
    }
    shown = 0
    for group in ("save_model", "save_itself"):
        for call in project.calls(group):
            if call.guard == "flag" and call.at.path in best and shown < _SHOWN:
                shown += 1
                note = f"the best model so far is kept, by `{best[call.at.path]}`"
                yield Evidence(True, call.at, note)
    if not shown:
        yield Evidence(False)


def curves(project: Project) -> Iterator[Evidence]:
    """Whether values of held-out rows are recorded beside those of training, round by round."""
    shown = 0
    for call in _recorded(project):
        shown += 1
        yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` of held-out rows")
        if shown == _SHOWN:
            return
    for tool in project.used_tools.get("training_controls", ()):
        if tool.tool == "overfit / underfit diagnostics" and tool.credit:
            shown += 1
            yield Evidence(True, tool.at, tool.note)
    if not shown:
        yield Evidence(False)


def _recorded(project: Project) -> Iterator[Call]:
    """Calls that record a value under a name of held-out rows, or that are given such rows."""
    for call in project.calls("log_curve"):
        if project.role(call.at.path) in _OWN and _HELD_OUT.search(spelled(project, call)):
            yield call
    for group in ("trains_in_rounds", "fit"):
        for call in project.calls(group):
            if project.role(call.at.path) not in _OWN or unpacks(call):
                continue
            if any((one := arg(call, key)) is not None and one.const is None for key in _WATCHED):
                yield call
