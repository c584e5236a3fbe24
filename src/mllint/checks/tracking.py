"""What the runs of an experiment tracker hold, where they are kept, and whether they end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_BY_TRAINER = "Hugging Face Trainer integrations"
_SILENT = frozenset({"MLflow", "Weights & Biases", "Trackio", "SwanLab"})
"""Trackers that record only what they are told to."""
_BEGINS = ("mlflow.", "wandb.", "trackio.", "swanlab.")
_CONFIG = re.compile(r"^wandb\.config")
_TELLS_ALL = re.compile(r"autolog$|\.(MLflow|Wandb)LoggerCallback$|\.setup_(mlflow|wandb)$")
"""What records parameters by itself, whatever else it records."""
_PARTS = frozenset({"kfp.dsl.component", "kfp.v2.dsl.component", "kfp.dsl.component()"})
"""Decorators of functions whose metrics Kubeflow shows with each run."""
_OUTPUTS = (
    ("MLflow runs", re.compile(r"((?:^|.*/)mlruns)/(?:\.trash|\d+|models)/.*")),
    ("runs of Weights & Biases", re.compile(r"((?:^|.*/)wandb)/(?:offline-)?run-\d.*/.*")),
    ("Lightning logs", re.compile(r"((?:^|.*/)lightning_logs)/version_\d+/.*")),
    ("TensorBoard events", re.compile(r"(.*?)/?[^/]*events\.out\.tfevents\.[^/]*")),
    ("Aim runs", re.compile(r"((?:^|.*/)\.aim)/.*")),
    ("Neptune runs", re.compile(r"((?:^|.*/)\.neptune)/.*")),
    ("CatBoost logs", re.compile(r"((?:^|.*/)catboost_info)/.*")),
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
    if tools:
        fields = {"more": f": {tools[0].note}"}
        yield Evidence(False, tools[0].at, tools[0].note, tools[0].credit, fields=fields)
    else:
        yield Evidence(False, None, "no experiment tracker was found", fields={"more": ""})


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


def params_logged(project: Project) -> Iterator[Evidence]:
    """Whether runs that record metrics record parameters too."""
    metrics = _calls(project, "log_metrics")
    runs = _calls(project, "open_run")
    params = _calls(project, "log_params")
    params += [c for c in runs if arg(c, "config") is not None]
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
    else:
        yield _records_itself(project) or Evidence(False, metrics[0].at, _short(metrics[0]))


def _params_by_others(project: Project) -> Iterator[Evidence]:
    """Parameters that a trainer records by itself, or that a loop logs one by one."""
    for tool in project.used_tools.get("experiment_tracking", ()):
        if tool.tool == _BY_TRAINER and tool.credit >= 0.5 and "Arguments" in tool.note:
            yield Evidence(True, tool.at, f"the Trainer records its arguments: {tool.note}")
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
    if not metrics:
        yield _records_itself(project) or Evidence(False, runs[0].at, _short(runs[0]))


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
