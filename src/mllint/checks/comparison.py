"""What the results of a training are held against: other models, baselines, other folds and seeds.

Knows calls, names and files; knows nothing of the numbers that come out.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mllint.checks.configured import argument, files_read, option
from mllint.checks.written import found_in
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.facts import Call, Place
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_SHOWN = 5
_CHOICES = (
    "*arch", "*architecture", "*backbone", "model_type", "*net_type", "net", "network", "algo",
    "algorithm", "classifier", "estimator", "encoder_name",
)  # fmt: skip
_MODEL_FILE = regex(r"(?:.*/)?(?:models?|archs?|architectures|networks?|backbones?)/[^/]+\.ya?ml")
_MODEL_CODE = regex(r"(?:.*/)?(?:models?|archs?|architectures|networks?|nets|backbones?)/[^/]+\.py")
_MODULES = (
    "torch.nn.Module", "torch.nn.modules.module.Module", "keras.Model",
    "tensorflow.keras.Model", "flax.linen.Module", "equinox.Module",
)  # fmt: skip
_BASELINE = regex(
    r"baseline|naive(?!_?bayes)|(?<![a-z])dummy_?(?:classifier|regressor|model)|majority_?(?:class|vote|pred)|"
    r"random_?(?:guess|baseline)|persistence_?(?:model|forecast)|predict_?(?:mean|median|majority)",
    re.IGNORECASE,
)
_MODEL_BEFORE = regex(
    r"(?:^|[._])(?:production|prod|champion|previous|deployed|registered|incumbent|second_best)_?"
    r"(?:models?)?_\w*(?:metric|mse|rmse|mae|acc|accuracy|score|f1|auc|r2|loss|perf)",
    re.IGNORECASE,
)
_COMMITS = regex(r"(?:dvc (?:metrics|exp|plots) diff|cml .*compare)\b")
_RUNS = (
    "seeds", "num_seeds", "n_seeds", "n_runs", "num_runs", "n_repeats", "num_repeats", "runs",
    "repeats", "n_bootstrap*", "num_bootstrap*",
)  # fmt: skip
_SPREAD = Names((
    "scipy.stats.bootstrap", "scipy.stats.sem", "scipy.stats.t.interval",
    "scipy.stats.norm.interval", "*.RepeatedKFold", "*.RepeatedStratifiedKFold",
    "*bootstrap_ci*", "*bootstrap_score*", "*bootstrap_metric*", "*bootstrap_conf*",
    "*confidence_interval*", "statsmodels.stats.proportion.proportion_confint",
    "torchmetrics.*BootStrapper", "*_conf_int*", "rliable.*",
))  # fmt: skip
_SPREAD_IN_TEXT = regex(r"\d\s?(?:±|\+/-|\\pm)\s?\d")
_TRAINS = regex(r"(?i)train|fit|experiment|run_|^run$|^main$")
_FOLDS = (
    "n_splits", "n_folds", "num_folds", "nfolds", "kfold", "k_fold", "folds", "fold",
    "cv_folds", "val_fold",
)  # fmt: skip


def compared(project: Project) -> Iterator[Evidence]:
    """Whether more than one kind of model is tried."""
    found = list(islice(_tried(project), _SHOWN))
    yield from found or [Evidence(False)]


def _tried(project: Project) -> Iterator[Evidence]:
    for group in ("classifier", "regressor", "ranker", "forecaster"):
        classes = _classes(project, group)
        if len(classes) > 1:
            shown = ", ".join(f"`{name}`" for name in list(classes)[:_SHOWN])
            yield Evidence(True, list(classes.values())[1], f"{shown} are tried")
    for tool in project.used_tools.get("automl", ()):
        if tool.credit == 1:
            yield Evidence(True, tool.at, tool.note)
    for tool in project.used_tools.get("hyperparameter_tuning", ()):
        if tool.credit == 1:
            yield Evidence(True, tool.at, f"a search tries configurations: {tool.note}")
    yield from (e for e in option(project, names=_CHOICES) if e.ok)
    yield from _chosen(project)
    configs = [path for path in sorted(files_read(project)) if _MODEL_FILE.fullmatch(path)]
    if len(configs) > 1:
        yield Evidence(True, _whole(project, configs[0]), f"`{configs[0]}` and `{configs[1]}`")
    modules = {
        row.at.path: row.at
        for row in project.rows("define")
        if project.role(row.at.path) in _OWN
        and _MODEL_CODE.fullmatch(row.at.path)
        and any(base in _MODULES for base in row.bases)
    }
    if len(modules) > 1:
        one, other = sorted(modules)[:2]
        yield Evidence(True, modules[one], f"`{one}` and `{other}` hold different models")


def _chosen(project: Project) -> Iterator[Evidence]:
    """Options that choose a model among several."""
    for call in project.rows("call"):
        if call.name.endswith(".add_argument") and project.role(call.at.path) in _OWN:
            first, choices = arg(call, "--model", 0), arg(call, "choices")
            named = first is not None and str(first.const).lstrip("-") in {"model", "m"}
            if named and choices is not None:
                yield Evidence(True, call.at, f"the option `{first.const}` chooses a model")


def _whole(project: Project, path: str) -> Place | None:
    return next((file.at for file in project.rows("file") if file.at.path == path), None)


def _classes(project: Project, *groups: str) -> dict[str, Place]:
    """Classes of the groups that the project's own code makes, each with its first place."""
    found: dict[str, Place] = {}
    for group in groups:
        for call in project.calls(group):
            if project.role(call.at.path) in _OWN and "(" not in call.name:
                found.setdefault(call.name.rpartition(".")[2], call.at)
    return found


def baseline(project: Project) -> Iterator[Evidence]:
    """Whether a simple model, or none at all, is measured beside the real one."""
    found = list(islice(_baselines(project), _SHOWN))
    yield from found or [Evidence(False)]


def _baselines(project: Project) -> Iterator[Evidence]:
    for call in _own(project, project.calls("dummy")):
        yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` in `{call.at.path}`")
    simple = _classes(project, "interpretable")
    for group in ("classifier", "regressor"):
        classes = _classes(project, group)
        plain = next((name for name in classes if name in simple), None)
        other = next((name for name in classes if name not in simple), None)
        if plain is not None and other is not None:
            yield Evidence(True, classes[plain], f"`{plain}` beside `{other}`")
    for row in project.rows("define"):
        if project.role(row.at.path) in _OWN and not row.stub and _BASELINE.search(row.name):
            yield Evidence(True, row.at, f"`{row.name}` in `{row.at.path}`")
    for row in project.rows("assign"):
        if project.role(row.at.path) in _OWN and _BASELINE.search(row.target):
            yield Evidence(True, row.at, f"`{row.target}` in `{row.at.path}`")
    for row in project.rows("module"):
        name = row.at.path.rpartition("/")[2]
        if project.role(row.at.path) in _OWN and row.code and _BASELINE.search(name):
            yield Evidence(True, row.at, f"`{row.at.path}`")
    yield from _before(project)


def _before(project: Project) -> Iterator[Evidence]:
    """Comparisons with the model before: the one in production, or that of another commit."""
    for table in ("define", "assign"):
        for row in project.rows(table):
            name = row.name if table == "define" else row.target
            if project.role(row.at.path) in _OWN and _MODEL_BEFORE.search(name):
                yield Evidence(True, row.at, f"`{name}` in `{row.at.path}`")
    for step in project.rows("step"):
        if _COMMITS.match(step.command):
            yield Evidence(True, step.at, f"{step.system} runs `{step.command[:60]}`")


def _own(project: Project, calls: Iterable[Call]) -> Iterator[Call]:
    return (call for call in calls if project.role(call.at.path) in _OWN and call.guard != "type")


def repeated(project: Project) -> Iterator[Evidence]:
    """Whether results are told with their spread over seeds, folds or samples."""
    found = list(islice(_spread(project), _SHOWN))
    yield from found or [Evidence(False)]


def _spread(project: Project) -> Iterator[Evidence]:
    for call in _own(project, project.rows("call")):
        if call.loops and _reseeded(project, call):
            yield Evidence(True, call.at, "a seed of its own in each round of a loop")
        elif call.name in _SPREAD:
            yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`")
        elif call.name.endswith("std") and any(
            "cross_val" in name for name in (call.name, *(one.name for one in call.args))
        ):
            yield Evidence(True, call.at, "the spread over folds")
    yield from (e for e in option(project, names=_RUNS) if e.ok)
    for row in project.rows("setting"):
        if (
            row.key.rpartition(".")[2] in {"seeds[]", "seed[]"}
            and project.role(row.at.path) in _OWN
        ):
            yield Evidence(True, row.at, f"`{row.key}` in `{row.at.path}`")
    for row in project.rows("prose"):
        if project.role(row.at.path) in {"source", "docs"} and _SPREAD_IN_TEXT.search(row.text):
            yield Evidence(True, row.at, f"`{row.at.path}` tells a spread")


def _reseeded(project: Project, call: Call) -> bool:
    """Whether a call trains, or seeds, with a seed that is not one constant."""
    groups = project.groups
    if any(call.name in groups[name] for name in ("seed_numpy", "seed_torch", "seed_tensorflow")):
        first = arg(call, "seed", 0)
        return first is not None and not first.known
    seed = arg(call, "random_state") or arg(call, "seed")
    trains = call.name in groups["estimator"] or _TRAINS.search(call.name.rpartition(".")[2])
    return bool(trains) and seed is not None and not seed.known


def cross_validated(project: Project) -> Iterator[Evidence]:
    """Whether models of tables are measured on more than one part; no place for other models."""
    found = list(islice(_folds(project), _SHOWN))
    if found:
        yield from found
    elif tables := _classes(project, "classifier", "regressor", "ranker"):
        name, at = next(iter(tables.items()))
        yield Evidence(False, at, f"`{name}` is measured on one part only")


def _folds(project: Project) -> Iterator[Evidence]:
    for group in ("cv_function", "cv_splitter", "cv_other", "search"):
        for call in _own(project, project.calls(group)):
            yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` in `{call.at.path}`")
    yield from (e for e in argument(project, names=("n_splits", "nfold", "n_folds", "cv")) if e.ok)
    yield from (e for e in option(project, names=_FOLDS) if e.ok)


def searched(project: Project) -> Iterator[Evidence]:
    """Whether what a search of hyper-parameters found is looked at or kept."""
    paths: dict[str, Call] = {}
    for call in _own(project, project.calls("search_begun")):
        paths.setdefault(call.at.path, call)
    for tool in project.used_tools.get("hyperparameter_tuning", ()):
        if tool.tool in _KEEPS and tool.credit == 1:
            yield Evidence(True, tool.at, f"{tool.tool} keeps its trials: {tool.note}")
            return
    kept = [call for path, call in paths.items() if found_in(project, path, _KEPT)]
    yield from (Evidence(True, call.at, "what it found is read") for call in kept[:_SHOWN])
    if not kept:
        for call in list(paths.values())[:1]:
            name = call.name.rpartition(".")[2]
            yield Evidence(False, call.at, f"`{name}`", fields={"name": name})


_KEEPS = frozenset({
    "W&B sweeps", "Ray Tune", "KerasTuner", "Katib", "DVC queue / grid", "Hydra sweepers",
    "Vertex Vizier / SageMaker tuner / AzureML sweep", "NNI", "Talos",
})  # fmt: skip
_KEPT = regex(
    r"(?:best_params|best_estimator|best_trial|best_score|cv_results|best_value|best_config|"
    r"best_hyperparameters|trials_dataframe|space_eval|best_index|get_best_\w+|storage=|best_result|"
    r"autolog\()"
)
