"""What the runs of an experiment tracker hold, and where they are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.project import arg
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OURS = frozenset({"source", "template", "notebook"})
_SILENT = frozenset({"MLflow", "Weights & Biases", "Trackio", "SwanLab"})
"""Trackers that record only what they are told to."""
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
    return f"`{call.name.rpartition('()')[2].lstrip('.') or call.name}`"


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
    if not metrics:
        return
    params = _calls(project, "log_params")
    params += [c for c in _calls(project, "open_run") if arg(c, "config") is not None]
    sure = [c for c in _calls(project, "log_all") if c.name.endswith("autolog")]
    for call in [*params, *sure][:20]:
        yield Evidence(True, call.at, _short(call))
    if not params and not sure:
        yield _records_itself(project) or Evidence(False, metrics[0].at, _short(metrics[0]))


def metrics_logged(project: Project) -> Iterator[Evidence]:
    """Whether runs that are begun record any metric."""
    runs = _calls(project, "open_run") or _calls(project, "log_params")
    if not runs:
        return
    metrics = _calls(project, "log_metrics")
    sure = [c for c in _calls(project, "log_all") if c.name.endswith("autolog")]
    for call in [*metrics, *sure][:20]:
        yield Evidence(True, call.at, _short(call))
    if not metrics and not sure:
        yield _records_itself(project) or Evidence(False, runs[0].at, _short(runs[0]))


def runs_closed(project: Project) -> Iterator[Evidence]:
    """MLflow runs that the code begins, judged by whether it ends them."""
    for call in _calls(project, "open_run"):
        if not call.name.startswith("mlflow."):
            continue
        ends = [
            c for c in project.by_path[call.at.path].get("call", ()) if c.name.endswith(".end_run")
        ]
        if call.entered:
            yield Evidence(True, call.at, "`with` ends the run")
        elif ends:
            yield Evidence(True, ends[0].at, "`end_run` ends the run")
        elif call.used:
            yield Evidence(None, call.at, "the run is kept in a name and may be ended elsewhere")
        else:
            yield Evidence(False, call.at)


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
