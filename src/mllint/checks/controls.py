"""What keeps a training in hand: whether the best round is kept, and whether both curves are seen.

Knows calls and names; knows nothing of the numbers that come out.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from mllint.checks.configured import argument, option, setting
from mllint.checks.written import lines_of, spelled
from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_METRIC = (
    r"(?:loss|acc|score|metric|auc|f1|map|err|perplexity|ppl|rmse|mae|iou|dice|reward|fitness|perf|"
    r"bleu|val|precision|recall|r2)"
)
_BEST = regex(
    rf"(?:.*[.\[_'\"])?(?:best|min|max|lowest|highest)_\w*{_METRIC}\w*['\"\]]*"
    rf"|(?:.*[.\[_'\"])?\w*{_METRIC}\w*_(?:best|min|max)['\"\]]*"
    r"|(?:.*\.)?best_(?:model|state|weights|epoch)\w*",
    re.IGNORECASE,
)
"""Variables that hold the best value so far."""
_STOPPERS = Names((
    "*EarlyStop*", "*early_stop*", "*ASHAScheduler", "*HyperBandScheduler",
    "*MedianStoppingRule", "*MedianPruner", "*HyperbandPruner", "*SuccessiveHalvingPruner",
    "*.should_prune",
))  # fmt: skip
_KEEPING = ("load_best_model_at_end", "save_best_only", "checkpoint_score_attribute", "keep_best")
_SETTINGS = (
    "early_stop*", "*early_stopping*", "patience", "load_best_model_at_end", "save_best_only",
    "save_best",
)  # fmt: skip
_OPTIONS = ("patience", "*early_stop*", "*save_best*")
_HELD_OUT = regex(
    r"(?:^|[^a-z])(?:val|valid|validation|test|eval|dev|holdout)(?:[^a-z]|$)", re.IGNORECASE
)
_WATCHED = (
    "validation_data", "validation_split", "eval_set", "evals", "valid_sets", "eval_dataset",
    "val_dataloaders", "test_data", "dev_loader",
)  # fmt: skip
_SETS = ("eval_set", "evals", "valid_sets")
_IN_SET = 160
"""Characters of a call after the name of a set of rows that are looked at for their names."""
_TRAIN_CURVE = regex(r"\btrain(?:ing)?[/_ ]\w*(?:loss|acc|\{)", re.IGNORECASE)
_OTHER_CURVE = regex(
    r"\b(?:val|valid|validation|test|eval|dev)[/_ ]\w*(?:loss|acc|\{)", re.IGNORECASE
)
_SINK = regex(
    r"\.write\(|\.writerow\(|\blogg?(?:er|ing)\.\w+\(|\.report\(|\.add_scalars?\(|\.log\("
)
_SHOWN = 5


def stopped(project: Project) -> Iterator[Evidence]:
    """Whether a training stops, or keeps its model, by how it does on held-out rows."""
    vain = next((call for call in project.calls("fit") if watches_training(project, call)), None)
    found = list(islice(_ways(project, boosted=vain is None), _SHOWN))
    yield from found
    if not found and vain is not None:
        note = f"`{vain.name.rpartition('.')[2]}` watches the rows of training only"
        yield Evidence(False, vain.at, note)
    elif not found:
        yield Evidence(False)


def _ways(project: Project, *, boosted: bool) -> Iterator[Evidence]:
    """What stops or keeps; what an argument of a booster does, where it watches other rows."""
    for tool in project.used_tools.get("training_controls", ()):
        by_argument = "early_stopping_round" in tool.note or "od_type" in tool.note
        if tool.tool == "early stopping" and tool.credit >= 0.5 and (boosted or not by_argument):
            yield Evidence(True, tool.at, tool.note)
    for name in _STOPPERS.among(project.names):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _OWN:
                yield Evidence(True, call.at, f"`{name.rpartition('.')[2]}` in `{call.at.path}`")
    for name, calls in project.calls_by_name.items():
        for call in calls if name.endswith("ModelCheckpoint") else ():
            monitor = arg(call, "monitor")
            given = monitor is not None and not (monitor.known and monitor.const is None)
            if given and "keras" not in name and project.role(call.at.path) in _OWN:
                yield Evidence(True, call.at, f"`ModelCheckpoint` watches in `{call.at.path}`")
    yield from (e for e in argument(project, names=_KEEPING) if e.ok)
    yield from _best_kept(project)
    if boosted:
        told = chain(setting(project, keys=_SETTINGS), option(project, names=_OPTIONS))
        yield from (e for e in told if e.ok)


def _best_kept(project: Project) -> Iterator[Evidence]:
    """Models that are saved under a condition, in a file that remembers the best value so far."""
    best = {
        row.at.path: row.target
        for row in project.assigned(_BEST)
        if project.role(row.at.path) in _OWN and _BEST.fullmatch(row.target)
    }
    for group in ("save_model", "save_itself"):
        for call in project.calls(group):
            if call.guard == "flag" and call.at.path in best:
                note = f"the best model so far is kept, by `{best[call.at.path]}`"
                yield Evidence(True, call.at, note)


def curves(project: Project) -> Iterator[Evidence]:
    """Whether values of held-out rows are recorded beside those of training, round by round."""
    found = list(islice(chain(_recorded(project), _diagnosed(project), _told(project)), _SHOWN))
    yield from found or [Evidence(False)]


def _recorded(project: Project) -> Iterator[Evidence]:
    """Calls that record a value under a name of held-out rows, or that are given such rows."""
    for call in project.calls("log_curve"):
        if project.role(call.at.path) in _OWN and _HELD_OUT.search(spelled(project, call)):
            yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` of held-out rows")
    for group in ("trains_in_rounds", "fit"):
        for call in project.calls(group):
            if project.role(call.at.path) not in _OWN or unpacks(call):
                continue
            given = any((one := arg(call, key)) and one.const is None for key in _WATCHED)
            if given and not watches_training(project, call):
                yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` of held-out rows")


def _diagnosed(project: Project) -> Iterator[Evidence]:
    vain = {call.at for call in project.calls("fit") if watches_training(project, call)}
    for tool in project.used_tools.get("training_controls", ()):
        named = tool.tool == "overfit / underfit diagnostics" and tool.credit
        if named and tool.at not in vain:
            yield Evidence(True, tool.at, tool.note)


def _told(project: Project) -> Iterator[Evidence]:
    """Files that train and name the curves of both parts, and write somewhere but the screen."""
    modules = {row.at.path: row.at for row in project.rows("module")}
    for path, at in modules.items():
        if project.role(path) in _OWN and not path.endswith(".ipynb"):
            text = "\n".join(lines_of(project, path))
            if all(one.search(text) for one in (_TRAIN_CURVE, _OTHER_CURVE, _SINK)):
                yield Evidence(True, at, f"`{path}` writes down the curves of both parts")


def watches_training(project: Project, call: Call) -> bool:
    """Whether a booster watches nothing but rows that it is trained on, as their names tell."""
    key = next((key for key in _SETS if arg(call, key) is not None), None)
    if key is None:
        return False
    text = spelled(project, call).partition(f"{key}=")[2][:_IN_SET].partition("]")[0]
    return "train" in text.lower() and not _HELD_OUT.search(text.replace("_", " "))
