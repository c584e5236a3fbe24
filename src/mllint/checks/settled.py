"""How far the hyper-parameters of estimators, and the weights of their rows, are thought about.

Knows estimators and arguments; knows nothing of good values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.project import arg, unpacks
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_ASIDE = frozenset({
    "random_state", "seed", "n_jobs", "verbose", "verbosity", "nthread", "silent",
    "eval_metric", "use_label_encoder", "objective", "class_weight", "logging_level", "device",
    "task_type", "allow_writing_files", "enable_categorical", "probability", "random_seed",
    "missing", "copy_X", "warm_start",
})  # fmt: skip
"""Arguments that say nothing about the model itself."""
_SENSITIVE = (
    "RandomForest", "ExtraTrees", "GradientBoosting", "XGB", "LGBM", "CatBoost", "SVC", "SVR",
    "MLP", "KNeighbors", "DecisionTree", "AdaBoost", "SGD", "ElasticNet", "Lasso",
    "GaussianProcess",
)  # fmt: skip
_WEIGHTS = ("sample_weight", "class_weight", "scale_pos_weight", "weights", "pos_weight", "weight")


def defaults(project: Project) -> Iterator[Evidence]:
    """Estimators that depend much on their hyper-parameters, judged by whether any is given."""
    searching = {
        call.at.path for group in ("search", "search_other") for call in project.calls(group)
    }
    for group in ("classifier", "regressor", "ranker"):
        for call in project.calls(group):
            short = call.name.rpartition(".")[2]
            if project.role(call.at.path) not in _OWN or "(" in call.name:
                continue
            if short.startswith(_SENSITIVE) and call.guard != "type":
                ok, note = _judged(call, short, searching)
                yield Evidence(ok, call.at, note, scope=call.scope, fields={"name": short})


def _judged(call: Call, short: str, searching: set[str]) -> tuple[bool | None, str]:
    given = [one.key for one in call.args if one.key not in _ASIDE]
    if unpacks(call):
        return True, f"`{short}` is given its parameters from elsewhere"
    if given:
        return True, f"`{short}` with {', '.join(f'`{key}`' for key in given[:4])}"
    if call.at.path in searching:
        return None, f"`{short}` may be the start of a search"
    return False, f"`{short}` with its defaults"


def weighed(project: Project) -> Iterator[Evidence]:
    """Rows that are dropped to balance classes, judged by whether weights make up for it."""
    dropped = [c for c in project.calls("undersampler") if project.role(c.at.path) in _OWN]
    if not dropped:
        return
    for call in project.rows("call"):
        given = next((key for key in _WEIGHTS if arg(call, key) is not None), None)
        if given and project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"`{given}` in `{call.at.path}`")
            return
    for call in dropped:
        yield Evidence(False, call.at, f"`{call.name.rpartition('.')[2]}`")


def calibrated(project: Project) -> Iterator[Evidence]:
    """Whether probabilities are checked or corrected, where any are asked for."""
    own = [c for c in project.calls("calibration") if project.role(c.at.path) in _OWN]
    for call in own[:5]:
        yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` in `{call.at.path}`")
    if own:
        return
    for name in project.names.ending(("predict_proba",)):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _OWN:
                yield Evidence(False, call.at, f"`{name.rpartition('.')[2]}` in `{call.at.path}`")
                return
