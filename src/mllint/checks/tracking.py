"""What the runs of an experiment tracker hold, where they are kept, and whether they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.written import found_in
from mllint.facts import Place
from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call, Tool
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_BY_TRAINER = "Hugging Face Trainer integrations"
_SILENT = frozenset({"MLflow", "Weights & Biases", "Trackio", "SwanLab"})
"""Trackers that record only what they are told to."""
_BEGINS = ("mlflow.", "wandb.", "trackio.", "swanlab.")
_CONFIG = regex(r"^(?:wandb|swanlab|trackio)\.config|\brun\.config[.\[]")
_OF_RUN = regex(r"\b(?:wandb|swanlab|trackio|run)\.config\b(?! *=)")
"""Words of code that asks a run for its parameters, or sets one."""
_KEPT = regex(r"(?i)conf|cfg|param|\bargs|option|hydra|\.(?:ya?ml|toml|ini)$")
_SWEEPS = ("bayes", "grid", "random")
_TELLS_ALL = regex(r"autolog$|\.(MLflow|Wandb)LoggerCallback$|\.setup_(mlflow|wandb)$")
"""What records parameters by itself, whatever else it records."""
_BY_HOOKS = "kedro-mlflow"
_HUGGING_FACE = ("transformers.", "trl.", "sentence_transformers.", "setfit.")
_SUMMARY = regex(r"\.summary[\[.]")
_BY_RUN = regex(
    r"\b(?:\w+[._])?(?:run|experiment|tracker)\.(?:log|summary|track)\w*[.(\[]"
    r"|\bWandb\w*(?:Callback|Logger)\("
)
"""Words of code that records with a run that it was given."""
_PARTS = frozenset({"kfp.dsl.component", "kfp.v2.dsl.component", "kfp.dsl.component()"})
"""Decorators of functions whose metrics Kubeflow shows with each run."""
_TOLD = regex(
    r"(?i)(?:^|\.)(?:(?:report_to|log_with|@loggers|logger|type)(?:\[\])?=.*?"
    r"(?:\b(?:wandb|mlflow|tensorboard|comet_ml|trackio|swanlab|clearml|neptune|dvclive)\b"
    r"|\bspacy\.(?:wandb|mlflow|clearml)logger|\btracking\.(?:metrics|json)dataset|\bkedro_mlflow\.)"
    r"|wandb_project=\w)"
)
"""A line of a configuration that names where a framework records its runs."""
_WRITERS = frozenset({"json", "csv", "sqlite3", "jsonlines", "ujson", "orjson", "tinydb", "duckdb"})
_APPENDS = regex(
    r"""(?i)\bopen\((?:[^()]*,\s*)?(?:mode\s*=\s*)?["']a|\binsert into\b|\bTinyDB\("""
    r"""|["']a["']\)|mode\s*=\s*["']a["']"""
)
"""How a line is put at the end of a file, or a row into a table."""
_KEEPS_SCORES = regex(
    r"(?i)\.(?:(?:write|append|log|record|insert)\w*|add|execute)\(.*"
    r"(?<![a-z])(?:loss|scores?|metrics?|acc|accuracy|auc|mae|rmse|f1)(?![a-z])"
)
_OUTPUTS = (
    ("MLflow runs", regex(r"((?:^|.*/)mlruns)/(?:\.trash|\d+|models)/.*")),
    ("runs of Weights & Biases", regex(r"((?:^|.*/)wandb)/(?:offline-)?run-\d.*/.*")),
    ("Lightning logs", regex(r"((?:^|.*/)lightning_logs)/version_\d+/.*")),
    ("TensorBoard events", regex(r"(.*?)/?[^/]*events\.out\.tfevents\.[^/]*")),
    ("Aim runs", regex(r"((?:^|.*/)\.aim)/.*")),
    ("Neptune runs", regex(r"((?:^|.*/)\.neptune)/.*")),
    ("CatBoost logs", regex(r"((?:^|.*/)catboost_info)/.*")),
)


def _calls(project: Project, group: str) -> list[Call]:
    return [c for c in project.calls(group) if project.role(c.at.path) in _OURS]


def _short(call: Call) -> str:
    return f"`{call.name.rpartition('()')[2].lstrip('.?') or call.name}`"


def tracked(project: Project) -> Iterator[Evidence]:
    """Whether an experiment tracker records runs."""
    tools = [t for t in project.used_tools.get("experiment_tracking", ()) if t.grade != "vendored"]
    used = [t for t in tools if t.grade == "used"]
    yield from (Evidence(True, t.at, t.note) for t in used)
    parts = [c for c in _calls(project, "log_metrics") if any(w in _PARTS for w in c.within)]
    yield from (Evidence(True, c.at, f"Kubeflow records {_short(c)}") for c in parts)
    told = [c for c in _calls(project, "policy_learner") if _is_given(c, "tensorboard_log")]
    yield from (Evidence(True, c.at, f"{_short(c)} writes to TensorBoard") for c in told)
    if used or parts or told:
        return
    known = project.tools.get("experiment_tracking", {}).get("imports", Names(())).patterns
    for row in project.rows("import"):
        named = row.name in known or row.name.startswith(tuple(f"{one}." for one in known))
        if named and not row.first_party and project.role(row.at.path) == "example":
            yield Evidence(None, row.at, f"`{row.name}` is imported in an example")
            return
    if (perhaps := _perhaps_tracked(project, tools)) is not None:
        yield perhaps
    elif tools:
        fields = {"more": f": {tools[0].note}"}
        yield Evidence(False, tools[0].at, tools[0].note, tools[0].credit, fields=fields)
    else:
        yield Evidence(False, None, "no experiment tracker was found", fields={"more": ""})


def _perhaps_tracked(project: Project, tools: Sequence[Tool]) -> Evidence | None:
    """Undecided evidence: a framework keeps a record by itself, or may pass it on to a tracker."""
    noted = _calls(project, "log_curve")
    for call in _calls(project, "records_itself"):
        logger = arg(call, "logger")
        off = logger is not None and logger.known and not logger.const
        by_hand = call.name.startswith(("lightning.", "pytorch_lightning."))
        if not off and (noted or not by_hand):
            return Evidence(None, call.at, f"{_short(call)} keeps a record of each run by itself")
    for row in project.rows("setting"):
        if row.value and _TOLD.search(f"{row.key}={row.value}"):
            return Evidence(None, row.at, f"`{row.key}` in `{row.at.path}` names a tracker")
    for call in _calls(project, "log_metrics"):
        if call.name.startswith("?"):
            return Evidence(None, call.at, f"{_short(call)} may record in a tracker")
    if _calls(project, "seeding_trainer"):
        for call in project.calls_by_name.get("transformers.HfArgumentParser", ()):
            return Evidence(None, call.at, "the command line may name a tracker")
    for call in project.calls_by_name.get("optuna.create_study", ()):
        if _is_given(call, "storage"):
            return Evidence(None, call.at, "the study keeps parameters and results of its trials")
    return (_handed_on(project, tools) if tools else None) or _own_record(project)


def _own_record(project: Project) -> Evidence | None:
    """Undecided evidence: lines with scores are put at the end of a file or into a table."""
    for row in project.rows("import"):
        path = row.at.path
        if row.root not in _WRITERS or project.role(path) not in _OURS:
            continue
        if not found_in(project, path, _APPENDS):
            continue
        if found := found_in(project, path, _KEEPS_SCORES):
            return Evidence(None, row.at, f"`{found[0][:60]}` may keep a record of each run")
    return None


def _handed_on(project: Project, tools: Sequence[Tool]) -> Evidence | None:
    """Undecided evidence where a tracker is there, and something unseen may record with it."""
    if any(tool.tool == _BY_HOOKS for tool in tools):
        return Evidence(None, tools[0].at, f"{_BY_HOOKS} records wherever it is installed")
    for call in _calls(project, "seeding_trainer"):
        if call.name.startswith(_HUGGING_FACE):
            return Evidence(None, call.at, f"{_short(call)} reports to what is installed")
    return _by_run(project)


def _by_run(project: Project) -> Evidence | None:
    """Undecided evidence: code that records with a run which it was given."""
    for row in project.rows("module"):
        path = row.at.path
        if project.role(path) in _OURS and (found := found_in(project, path, _BY_RUN)):
            return Evidence(None, row.at, f"`{found[0]}` in `{path}` may record with a run")
    return None


def _is_given(call: Call, key: str) -> bool:
    """Whether an argument is given, and not None."""
    given = arg(call, key)
    return given is not None and not (given.known and given.const is None)


def _records_itself(project: Project) -> Evidence | None:
    """Undecided evidence where something may record parameters and metrics unasked."""
    for call in _calls(project, "log_all"):
        return Evidence(None, call.at, f"{_short(call)} may record them by itself")
    for tool in project.used_tools.get("experiment_tracking", ()):
        if tool.grade in {"used", "optional"} and tool.tool not in _SILENT:
            return Evidence(None, tool.at, f"{tool.tool} may record them by itself")
    return None


def _tools(project: Project) -> frozenset[str]:
    return frozenset(t.tool for t in project.used_tools.get("experiment_tracking", ()) if t.credit)


def params_logged(project: Project) -> Iterator[Evidence]:
    """Whether runs that record metrics record parameters too."""
    metrics = _calls(project, "log_metrics")
    runs = _calls(project, "open_run")
    params = _calls(project, "log_params")
    params += [c for c in runs if arg(c, "config", 2) is not None]
    params += [c for c in _calls(project, "log_all") if _TELLS_ALL.search(c.name)]
    yield from (Evidence(True, call.at, _short(call)) for call in params)
    settings = project.assigned(_CONFIG)
    yield from (Evidence(True, one.at, f"`{one.target}` is set") for one in settings)
    yield from (by_others := list(_params_by_others(project)))
    stages = [s for s in project.rows("stage") if s.params and s.system == "dvc"]
    yield from (Evidence(True, s.at, f"DVC records the parameters of `{s.name}`") for s in stages)
    if params or settings or by_others or stages or not metrics:
        return
    hidden = next((c for c in runs if unpacks(c)), None)
    if hidden is not None:
        yield Evidence(None, hidden.at, f"{_short(hidden)} is given arguments that cannot be read")
        return
    plain = Evidence(False, metrics[0].at, _short(metrics[0]))
    yield _records_itself(project) or _perhaps_params(project, runs) or plain


def _perhaps_params(project: Project, runs: Sequence[Call]) -> Evidence | None:
    """Undecided evidence: a file, a tag or a run's own configuration may hold parameters."""
    for name in project.names.ending(("log_artifact", "log_artifacts", "log_text", "log_table")):
        for call in project.calls_by_name[name]:
            given = [one for one in call.args if not one.known or _KEPT.search(str(one.const))]
            if given and project.role(call.at.path) in _OURS:
                return Evidence(None, call.at, f"{_short(call)} may keep the parameters")
    for call in runs:
        if arg(call, "tags") is not None or arg(call, "sync_tensorboard") is not None:
            return Evidence(None, call.at, f"{_short(call)} may be given the parameters")
    for call in project.calls_by_name.get("mlflow.set_tags", ()):
        return Evidence(None, call.at, f"{_short(call)} may be given the parameters")
    for row in project.rows("module"):
        if project.role(row.at.path) in _OURS:
            found = found_in(project, row.at.path, _OF_RUN)
            if found is not None:
                return Evidence(None, row.at, f"`{found[0]}` in `{row.at.path}`")
    return None


def _params_by_others(project: Project) -> Iterator[Evidence]:
    """Parameters that a trainer records by itself, or that a loop logs one by one."""
    for tool in project.used_tools.get("experiment_tracking", ()):
        if tool.tool == _BY_TRAINER and tool.credit >= 0.5 and "Arguments" in tool.note:
            yield Evidence(True, tool.at, f"the Trainer records its arguments: {tool.note}")
    for row in project.rows("setting"):
        if row.key == "method" and row.value in _SWEEPS and "Weights & Biases" in _tools(project):
            yield Evidence(True, row.at, f"a sweep is described in `{row.at.path}`")
    for file in project.rows("file"):
        if file.at.path in {"MLproject", "config-defaults.yaml"}:
            yield Evidence(True, file.at, f"runs record what `{file.at.path}` states")
    for call in _calls(project, "log_metrics"):
        if any(within in _PARTS for within in call.within):
            yield Evidence(True, call.at, "Kubeflow shows what each component is given")
    for call in project.calls_by_name.get("wandb.agent", ()):
        yield Evidence(True, call.at, "each run of a sweep records what it was given")
    for name in project.names.ending(("log",)):
        for call in project.calls_by_name[name] if name.startswith("azureml.") else ():
            first = arg(call, "name", 0)
            if call.loops and first is not None and not first.known:
                yield Evidence(True, call.at, "each of several values is logged by its name")


def metrics_logged(project: Project) -> Iterator[Evidence]:
    """Whether runs that are begun record any metric."""
    runs = _calls(project, "open_run") or [
        call for call in _calls(project, "log_params") if call.name.startswith(_BEGINS)
    ]
    if not runs:
        return
    metrics = _calls(project, "log_metrics")
    metrics += [c for c in _calls(project, "log_all") if c.name.endswith("autolog")]
    yield from (Evidence(True, call.at, _short(call)) for call in metrics)
    summaries = [] if metrics else project.assigned(_SUMMARY)
    yield from (Evidence(True, one.at, f"`{one.target}` is set") for one in summaries)
    if not metrics and not summaries:
        plain = Evidence(False, runs[0].at, _short(runs[0]))
        yield _records_itself(project) or _by_run(project) or plain


def runs_closed(project: Project) -> Iterator[Evidence]:
    """MLflow runs that the code begins, judged by whether it ends them."""
    ended = {
        c.at.path: c
        for name, calls in project.calls_by_name.items()
        if name.rpartition(".")[2] in {"end_run", "set_terminated"}
        for c in calls
    }
    for call in _calls(project, "open_run"):
        if not call.name.startswith("mlflow."):
            continue
        if call.entered:
            yield Evidence(True, call.at, "`with` ends the run")
        elif call.at.path in ended:
            yield Evidence(True, ended[call.at.path].at, "`end_run` ends the run")
        elif call.used:
            yield Evidence(None, call.at, "the run is kept in a name and may be ended elsewhere")
        elif ended:
            yield Evidence(None, call.at, "a run is ended in another file")
        else:
            yield Evidence(False, call.at, _short(call))


def output_in_git(project: Project) -> Iterator[Evidence]:
    """Folders of runs that git tracks, once a folder."""
    found: dict[tuple[str, str], list[str]] = {}
    for file in project.rows("file"):
        if not file.tracked or project.role(file.at.path) == "vendored":
            continue
        for kind, pattern in _OUTPUTS:
            if match := pattern.fullmatch(file.at.path):
                found.setdefault((kind, match[1]), []).append(file.at.path)
                break
    for (kind, folder), paths in found.items():
        note = f"{len(paths)} file{'s' if len(paths) > 1 else ''} of {kind} in `{folder or '.'}`"
        yield Evidence(False, Place(paths[0]), note)
    if not found:
        yield Evidence(True, None, "git tracks no recorded run")
