"""What comes after training: whether the model is measured, apart from it, kept and given away.

Knows calls and names; knows nothing of how good the model is.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mllint.checks.effects import estimates_effect
from mllint.checks.nature import training_calls
from mllint.checks.written import found_in
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Arg, Call
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_MEASURES = regex(
    r"(?:^|[_./])(?:eval\w*|test\w*|valid\w*|val|score\w*|accuracy\w*|metrics?|measure\w*|benchmark\w*|"
    r"assess\w*|compute_\w*(?:loss|acc|error)\w*|rmse|mae|mse|rmsle|f1|auc|auroc|"
    r"iou|dice|mape?|wape|smape|mase|r2|ndcg|mrr|recall|precision|pearson\w*|spearman\w*|bleu|rouge|wer|cer|perplexity)(?:[_.]|$)",
    re.IGNORECASE,
)
_SAVES = regex(
    r"(?:^|[._])(?:save(?!fig|_?plot|_?im|_?hyper|_?data)\w*|dump\w*|checkpoint\w*|persist\w*|"
    r"export_\w+|serialize\w*|to_pickle|to_disk|to_onnx|to_csv|to_netcdf|download_mojo|savez\w*"
    r"|log_model|push_to_hub)$",
    re.IGNORECASE,
)
_MAY_SAVE = regex(
    r"(?:^|[._])(?:store\w*|write\w*|to_parquet|to_json|to_sql|to_gbq|upload\w*|log_artifacts?|register\w*|"
    r"pickle\w*|snapshot\w*|put|save\w*|export\w*)$",
    re.IGNORECASE,
)
_BESIDE = regex(
    r"(?i)(?:encoder|scaler|normali[sz]er|imputer|vectori[sz]er|tokeni[sz]er|vocab\w*|columns|params"
    r"|config|mapping)s?$"
)
"""Names of what is kept beside a model."""
_RECORDS = regex(r"save_?(?:dict|json|results?|metrics?|config|args)\b")
"""Functions that rather keep what was measured; of a model only where nothing else is seen."""
_SAVING_OBJECTS = Names((
    "*ModelCheckpoint*", "*Checkpoint*", "*Trainer", "*Saver", "*.autolog",
    "*TrainingArguments", "ultralytics.*", "*CheckpointManager*", "*BackupAndRestore*",
    "sagemaker.*", "zenml.*", "kedro.*", "prefect.*", "dagster.*",
    "metaflow.*", "kfp.*", "flytekit.*", "autogluon.*",
))  # fmt: skip
_SPELLED = regex(r"\w*(?:\.save|save_model|save_checkpoint|dump|checkpoint)\w*\(", re.IGNORECASE)
_WATCHES = frozenset({
    "validation_data", "validation_split", "eval_set", "valid_sets", "evals", "eval_dataset",
    "compute_metrics", "X_val",
})  # fmt: skip
"""Arguments of what trains, for rows or functions that it is measured with."""
_BEST = "best_model_save_path"
"""Where what measures a model saves the best one, too."""
_KEEPING = (
    "output_dir",
    "save_path",
    "checkpoint_dir",
    "model_dir",
    "save_dir",
    "callbacks",
    "default_root_dir",
)
_WEIGHTS = regex(
    r"huggingface\.co/(?!docs|papers|blog|spaces|join|transformers|datasets)[\w.-]+/[\w.-]+|"
    r"\.(?:pth?|ckpt|safetensors|h5|onnx|weights|joblib)\b|kaggle\.com/models/|modelscope\.cn/models|"
    r"tfhub\.dev/[\w.-]+/",
    re.IGNORECASE,
)
_HOSTS = regex(
    r"drive\.google\.com|zenodo\.org/record|/releases/download/|dropbox\.com|1drv\.ms|"
    r"pan\.baidu\.com|figshare\.com|kaggle\.com/[\w-]+/[\w-]+",
    re.IGNORECASE,
)
"""Where weights are kept, and other things as well."""
_OF_MODELS = regex(r"model|weight|checkpoint|ckpt|trained|backbone", re.IGNORECASE)
_NO_MODEL = regex(r"cache|data|feature|vector|encoder|scaler|index", re.IGNORECASE)
_MEASURED = regex(
    r"predict\w*\([^)]*\)\s*(?:==|!=|-)\s*\w+|\w+\s*(?:==|!=|-)\s*[\w.]+\.predict\("
    r"|\.(?:best_score_|cv_results_|oob_score_|best_value|rsquared(?:_adj)?|concordance_index_)\b"
    r"|(?:pearsonr|spearmanr|kendalltau|corrcoef|crosstab)\(.*\.predict\w*\("
    r"|argmax\([^()]*\)\s*(?:==|\.eq\()|\w\s*==\s*[\w.]+\.argmax\("
    r"|\([A-Za-z_][\w.]*(?:\[\w+\])?\s*==\s*[A-Za-z_][\w.]*(?:\[\w+\])?\)"
    r"(?:\.\w+\([\w.]*\))?\.(?:sum|mean)\("
    r"|\babs\([\w.\[\]\"']+\s*-\s*[\w.\[\]\"']+\)(?:\)|\.(?:mean|median|max)\()"
)
"""Predictions that are held against the truth, and what a search has measured."""
_SILENT = frozenset({"torch.no_grad()", "torch.inference_mode()", "torch.set_grad_enabled()"})
_COUNTS = frozenset({"item", "mean", "sum", "argmax", "topk"})
"""What is worked out where no gradients are recorded, when a model is measured by hand."""
_LOADS = ("load", "load_model", "load_from_checkpoint", "from_pretrained", "load_learner")
_SAVED = regex(r"(?:Predictor|Model|Learner|Booster|Classifier|Regressor)\w*(?:\(\))?\.load$")
_MANY_LINES = 40
"""Lines of a script from which on training and evaluation are better apart."""
_SHOWN = 5
_DEEP = 3
"""Functions between a fold and what is done for it."""


def measured(project: Project) -> Iterator[Evidence]:
    """Whether the project holds code that measures the model which it trains."""
    found = list(islice(_measuring(project), _SHOWN))
    yield from found
    if not found and (call := next(iter(training_calls(project)), None)) is not None:
        steps = call.name.endswith("backward")
        differs = not project.names.ending(("parameters",))  # an image is made, no model
        looked_at = project.names.ending(("make_grid", "save_image"))  # what a model has made
        ok = None if steps and (differs or looked_at) else False
        plain = Evidence(ok, call.at, f"`{_short(call)}` in `{call.at.path}`")
        yield estimates_effect(project, training_calls(project)) or plain


def _measuring(project: Project) -> Iterator[Evidence]:
    for call in _evaluations(project):
        yield Evidence(True, call.at, f"`{_short(call)}` in `{call.at.path}`")
    for row in project.rows("define"):
        if project.role(row.at.path) in _OWN and not row.stub and _MEASURES.search(row.name):
            yield Evidence(True, row.at, f"`{row.name}` in `{row.at.path}`")
    for row in project.rows("module"):
        stem = row.at.path.rpartition(".")[0]
        if project.role(row.at.path) in _OWN and row.code and _MEASURES.search(stem):
            yield Evidence(True, row.at, f"`{row.at.path}`")
    for call in (*project.calls("fit"), *project.calls("train_function"), *_trainers(project)):
        given = next((one for one in call.args if one.key in _WATCHES and _is_given(one)), None)
        if given is not None and project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"`{_short(call)}` with `{given.key}`")
    for call in project.rows("call"):
        counts = call.name.rpartition(".")[2] in _COUNTS and not _SILENT.isdisjoint(call.within)
        if counts and project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"a number without gradients in `{call.at.path}`")
    for module in project.rows("module"):
        path = module.at.path
        found = found_in(project, path, _MEASURED) if project.role(path) in _OWN else None
        if found is not None:
            yield Evidence(True, module.at, f"`{found[0]}` in `{path}`")


def _trainers(project: Project) -> Iterator[Call]:
    """Trainers of Hugging Face, which measure between epochs."""
    for call in project.calls("seeding_trainer"):
        if "()" not in call.name:
            yield call


def _is_given(one: Arg) -> bool:
    return not (one.known and one.const is None)


def _evaluations(project: Project) -> Iterator[Call]:
    """Calls that measure a model in the project's own code; modes of modules are none."""
    for call in project.calls("evaluation"):
        own = project.role(call.at.path) in _OWN and call.guard != "type"
        if own and not call.name.endswith(".eval"):
            yield call


def apart(project: Project) -> Iterator[Evidence]:
    """Whether the model can be measured without being trained anew; scripts only."""
    tries = _Tries(project)
    trains = {_unit(c): c for c in training_calls(project) if not c.at.path.endswith(".ipynb")}
    functions = {(row.at.path, row.name) for row in project.rows("define") if not row.stub}
    measures = {
        _measured_in(project, c, functions): c
        for c in _evaluations(project)
        if not c.at.path.endswith(".ipynb") and not c.scope.endswith("__init__") and c not in tries
    }
    if not trains or not measures:
        return
    loads = {
        _unit(c)
        for name in project.names.ending(_LOADS)
        if not name.endswith(".load") or _SAVED.search(name)
        for c in project.calls_by_name[name]
    }
    apart_from = trains.keys() - loads  # what loads a model only trains something to compare with
    free = [(unit, call) for unit, call in measures.items() if unit not in apart_from]
    for (path, scope), call in free[:_SHOWN]:
        where = f"`{scope}` in `{path}`" if scope else f"`{path}`"
        yield Evidence(True, call.at, f"{where} measures without training")
    if free:
        return
    (path, scope), call = next(iter(measures.items()))
    lines = sum(extent.code_lines for extent in project.by_path[path]["extent"])
    if lines >= _MANY_LINES:
        what = f"`{scope}`" if scope else f"`{path}`"
        yield Evidence(False, call.at, f"{what} trains and measures in one go")


def _unit(call: Call) -> tuple[str, str]:
    return call.at.path, call.scope


def _measured_in(project: Project, call: Call, functions: set[tuple[str, str]]) -> tuple[str, str]:
    """The file and function that a call measures in: the project's own one, if it names one."""
    plain = call.name.replace("()", "")
    module, _, name = plain.rpartition(".")
    if plain.startswith("."):
        named = call.at.path, plain[1:]
    else:
        named = project.provider(call.at.path, module) or "", name
    return named if named in functions else _unit(call)


class _Tries:
    """What is done once for each fold of a cross-validation: it leaves no model to be kept."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._functions = {call.at for call in project.calls("cv_function")}
        folds = project.groups["cv_splitter"]
        self._folded = {
            _unit(call)
            for name, calls in project.calls_by_name.items()
            if name.endswith("().split") and name.removesuffix("().split") in folds
            for call in calls
        }

    def __contains__(self, call: Call) -> bool:
        return call.at in self._functions or self._for_folds(call, _DEEP)

    def _for_folds(self, call: Call, deep: int) -> bool:
        if self._loops(call):
            return True
        named = self._project.calls_by_name.get(f".{call.scope}", ()) if call.scope else ()
        callers = [one for one in named if one.at.path == call.at.path]
        return deep > 0 and bool(callers) and all(self._for_folds(c, deep - 1) for c in callers)

    def _loops(self, call: Call) -> bool:
        return bool(call.loops) and _unit(call) in self._folded


def kept(project: Project) -> Iterator[Evidence]:
    """Whether a script that trains writes anything down: the model, or what it predicts."""
    tries = _Tries(project)
    trains = [
        call
        for call in training_calls(project)
        if not call.at.path.endswith(".ipynb") and call not in tries
    ]
    if not trains:
        return
    files = {call.at.path for call in trains}
    keeping = sorted(
        _keeping(project),
        key=lambda e: (e.at is None or e.at.path not in files, bool(_RECORDS.search(e.note))),
    )
    keeping = [one for one in keeping if one.ok] or keeping[:1]
    found = keeping[:_SHOWN] or list(islice(_perhaps(project), 1))
    yield from found
    if not found:
        first = next((c for c in trains if not c.scope.endswith(".fit")), trains[0])
        plain = Evidence(False, first.at, f"`{_short(first)}` in `{first.at.path}`")
        yield estimates_effect(project, trains) or plain


def _kept(call: Call) -> Evidence:
    """A call that saves something: a model, as far as its name tells."""
    what = arg(call, "value", 0) if call.name.endswith(".dump") else None
    ok = None if what is not None and _BESIDE.search(what.name) else True
    return Evidence(ok, call.at, f"`{_short(call)}` in `{call.at.path}`")


def _keeping(project: Project) -> Iterator[Evidence]:
    """Calls that save a model, objects and frameworks that do, and own functions named so."""
    for group in ("save_model", "save_itself", "keep_model", "publish_model", "save_object"):
        for call in project.calls(group):
            if project.role(call.at.path) in _OWN:
                yield _kept(call)
    for name, calls in project.calls_by_name.items():
        saves = _SAVES.search(name) or name in _SAVING_OBJECTS
        measures = _MEASURES.search(name.rpartition("()")[2])
        for call in calls:
            given = any(
                one.key == _BEST or (one.key in _KEEPING and not measures) for one in call.args
            )
            if (saves or given) and project.role(call.at.path) in _OWN:
                yield _kept(call)
    for tool in project.used_tools.get("pipeline_orchestration", ()):
        if tool.credit >= 0.5:
            yield Evidence(True, tool.at, f"{tool.tool} keeps what its steps give back")


def _perhaps(project: Project) -> Iterator[Evidence]:
    """Undecided evidence: something is written, by whatever name."""
    for name, calls in project.calls_by_name.items():
        if _MAY_SAVE.search(name) or _SAVES.search(name):
            for call in calls:
                if project.role(call.at.path) in _OWN | {"example"}:
                    yield Evidence(None, call.at, f"`{_short(call)}` may save the model")
    for module in project.rows("module"):
        if project.role(module.at.path) in _OWN:
            found = found_in(project, module.at.path, _SPELLED)
            if found is not None:
                yield Evidence(None, module.at, f"`{found[0]}` in `{module.at.path}` may save it")
    for call in project.calls_by_name.get("open", ()):
        mode = arg(call, "mode", 1)
        writes = mode is not None and "w" in str(mode.const)
        if writes and project.role(call.at.path) in _OWN:
            yield Evidence(None, call.at, "a file is written")


def given_away(project: Project) -> Iterator[Evidence]:
    """Whether the trained weights can be had."""
    found = list(islice(_weights(project), _SHOWN))
    yield from found or [Evidence(False)]


def _weights(project: Project) -> Iterator[Evidence]:
    for call in project.calls("publish_model"):
        if project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"`{_short(call)}` in `{call.at.path}`")
    for file in project.rows("file"):
        named = _NO_MODEL.search(file.at.path.rpartition("/")[2])
        own = project.role(file.at.path) in _OWN and not named
        if file.kind == "model" and file.size and own:
            yield Evidence(True, file.at, f"`{file.at.path}` is there")
    for pointer in project.rows("pointer"):
        if re.search(r"model|weights|checkpoint", pointer.path, re.IGNORECASE):
            yield Evidence(True, pointer.at, f"DVC keeps `{pointer.path}`")
    for link in project.rows("link"):
        found = _WEIGHTS.search(link.target)
        if found is None and _OF_MODELS.search(f"{link.text} {link.target}"):
            found = _HOSTS.search(link.target)
        if found is not None and project.role(link.at.path) in {"source", "docs"}:
            yield Evidence(True, link.at, f"a link to `{found[0]}`")


def _short(call: Call) -> str:
    return call.name.rpartition("()")[2].lstrip(".?") or call.name
