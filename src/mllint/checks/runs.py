"""What a recorded run is tied to: its outputs, its code, its data, its environment, its team.

Knows trackers by what they record unasked; knows nothing of the values that are recorded.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mllint.checks.configured import option
from mllint.checks.saved import kept
from mllint.checks.written import found_in
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call, Tool
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_WITH_CODE = frozenset({
    "MLflow", "Weights & Biases", "Comet", "Neptune", "ClearML", "DVCLive / DVC experiments",
    "Sacred", "Guild AI", "SwanLab", "Aim", "Polyaxon", "Determined AI", "labml", "MLRun",
    "Azure ML", "kedro-mlflow",
})  # fmt: skip
"""Trackers that note the commit of a run by themselves."""
_WITH_ENVIRONMENT = frozenset({
    "Weights & Biases", "Comet", "ClearML", "Sacred", "Guild AI", "SwanLab", "Azure ML",
    "Polyaxon", "SageMaker Experiments", "Keepsake",
})  # fmt: skip
"""Trackers that note the installed packages of a run by themselves."""
_SHARED = frozenset({
    "Comet", "Neptune", "ClearML", "Azure ML", "SageMaker Experiments",
    "Vertex AI Experiments", "Polyaxon", "Determined AI", "SwanLab", "MLRun",
})  # fmt: skip
"""Trackers that keep their runs on a server."""
_COMMIT = regex(
    r"\bgit[\"', ]+(?:rev-parse|describe|log)\b|GITHUB_SHA|CI_COMMIT_SHA|GIT_COMMIT|"
    r"BUILD_SOURCEVERSION"
)
_STARTERS = frozenset({"subprocess", "os", "git", "sh", "plumbum"})
"""Import roots by which code can ask git, or read what CI says of the commit."""
_GIT = Names(
    ("git.Repo", "*.get_git_*", "*get_sha", "*git_hash*", "*git_sha*", "*git_commit*", "*.log_code")
)
_DATA = Names((
    "mlflow.log_input", "mlflow.data.*", "wandb.*.use_artifact", "wandb.use_artifact",
    "*.use_artifact", "dvc.api.*", "clearml.Dataset.get", "neptune.*.track_files",
    "*.track_files", "wandb.*.log_dataset", "azureml.core.Dataset.get_by_name",
    "azureml.core.*.get_by_id", "lakefs*", "comet_ml.*.log_artifact",
    "comet_ml.*.log_dataset*", "mlflow.*.log_inputs", "trackio.log_artifact",
    "*.get_dataset_version",
))  # fmt: skip
_DATA_NAME = regex(
    r"data_?(?:set)?_?(?:version|hash|rev(?:ision)?|sha|md5|tag|fingerprint|snapshot|id)\b",
    re.IGNORECASE,
)
_LOCAL = regex(
    r"^(?:file:|\.|/|sqlite:|mlruns|https?://(?:localhost|127\.|0\.0\.0\.0))", re.IGNORECASE
)
_ELSEWHERE = regex(r"MLFLOW_TRACKING_URI|DATABRICKS_HOST")
_MODE = regex(r"^os\.environ\[WANDB_MODE\]$")
_OFFLINE = ("offline", "disabled", "dryrun")
_OPEN = frozenset({"Hugging Face Trainer integrations", "kedro-mlflow", "Ray results"})
"""Trackers that hand runs on to others, whichever are installed."""
_FREEZE = regex(r"\bpip3? (?:freeze|list)\b|\bconda (?:env )?(?:export|list)\b")
_ARTIFACTS = Names((
    "mlflow.log_figure", "mlflow.log_image", "mlflow.log_text", "mlflow.log_table",
    "wandb.Artifact", "wandb.Image", "wandb.Table", "*.log_figure", "*.log_image",
    "*.log_artifact*", "*.upload_artifact", "*.log_asset*", "*.log_model*",
    "azureml.core.*.upload_file*", "huggingface_hub.*upload_*", "*.add_figure", "*.add_image",
    "dvclive.*.log_*plot*", "*.save_artifact", "clearml.*.OutputModel", "neptune.*.upload",
    "trackio.log_artifact",
))  # fmt: skip
_SHOWN = 5


def artifacts(project: Project) -> Iterator[Evidence]:
    """Whether models or plots are stored with the run that made them."""
    found = list(islice(_artifacts(project), _SHOWN))
    yield from found or [Evidence(False)]


def _artifacts(project: Project) -> Iterator[Evidence]:
    if (one := kept(project)) is not None:
        yield one
    for call in _named(project, _ARTIFACTS):
        yield Evidence(True, call.at, f"`{_short(call)}` in `{call.at.path}`")
    for call in project.rows("call"):
        given = next((arg(call, key) for key in _KEEPING if arg(call, key) is not None), None)
        on = given is not None and not (given.known and given.const in (False, None))
        if given is not None and on and project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"`{_short(call)}` with `{given.key}`")


_KEEPING = ("log_model", "save_artifact", "log_models", "push_to_hub", "log_checkpoints")


def code(project: Project) -> Iterator[Evidence]:
    """Whether runs are tied to a commit, by the tracker itself or by hand."""
    by_hand = list(islice(_commits(project), _SHOWN))
    yield from by_hand
    tools = _trackers(project)
    knowing = [tool for tool in tools if tool.tool in _WITH_CODE]
    scripts = [tool for tool in knowing if not tool.at.path.endswith(".ipynb")]
    for tool in scripts:
        yield Evidence(True, tool.at, f"{tool.tool} notes the commit: {tool.note}")
    if by_hand or scripts:
        return
    for tool in knowing[:1]:
        yield Evidence(None, tool.at, f"{tool.tool} in a notebook may not see the commit")
    if not knowing:
        yield from _lacking(tools, "does not note the commit")


def _commits(project: Project) -> Iterator[Evidence]:
    for call in _named(project, _GIT):
        yield Evidence(True, call.at, f"`{_short(call)}` in `{call.at.path}`")
    asking = {row.at.path: row.at for row in project.rows("import") if row.root in _STARTERS}
    for path, at in asking.items():
        if project.role(path) in _OWN and found_in(project, path, _COMMIT):
            yield Evidence(True, at, f"`{path}` asks for the commit")


def data(project: Project) -> Iterator[Evidence]:
    """Whether runs are tied to a version of the data."""
    found = list(islice(_versions(project), _SHOWN))
    yield from found
    if not found:
        yield from _lacking(_trackers(project), "is told no version of the data", sure=True)


def _versions(project: Project) -> Iterator[Evidence]:
    for call in _named(project, _DATA):
        yield Evidence(True, call.at, f"`{_short(call)}` in `{call.at.path}`")
    for group in ("log_params", "open_run", "log_all"):
        for call in project.calls(group):
            if project.role(call.at.path) in _OWN and any(map(_DATA_NAME.search, _words(call))):
                yield Evidence(True, call.at, f"`{_short(call)}` of a version of the data")
    yield from (e for e in option(project, names=_DATA_OPTIONS) if e.ok)
    for stage in project.rows("stage"):
        if stage.system == "dvc.lock" and stage.deps:
            yield Evidence(True, stage.at, f"`dvc.lock` notes what `{stage.name}` read")


_DATA_OPTIONS = (
    "data_version",
    "dataset_version",
    "data_revision",
    "dataset_revision",
    "data_hash",
)


def environment(project: Project) -> Iterator[Evidence]:
    """Whether the packages of a run can be told afterwards."""
    found = list(islice(_environments(project), _SHOWN))
    yield from found
    tool = next(iter(_trackers(project)), None)
    if not found and tool is not None:
        yield Evidence(
            False, tool.at, f"{tool.tool} notes no packages, and no lock file fixes them"
        )


def _environments(project: Project) -> Iterator[Evidence]:
    for tool in _trackers(project):
        if tool.tool in _WITH_ENVIRONMENT:
            yield Evidence(True, tool.at, f"{tool.tool} notes the packages: {tool.note}")
    for call in project.calls("keep_model"):
        logs = call.name.startswith("mlflow.") and call.name.endswith(("log_model", "autolog"))
        if logs and project.role(call.at.path) in _OWN:
            yield Evidence(True, call.at, f"`{_short(call)}` keeps the requirements of the model")
    for manager in project.rows("manager"):
        if manager.role == "lock" and project.role(manager.at.path) in _OWN:
            yield Evidence(
                True, manager.at, f"`{manager.at.path}` fixes the packages of each commit"
            )
    for call in project.rows("call"):
        if project.role(call.at.path) in _OWN and _FREEZE.search(" ".join(_words(call))):
            yield Evidence(True, call.at, f"`{_short(call)}` lists the packages")


def shared(project: Project) -> Iterator[Evidence]:
    """Whether runs are kept where others see them."""
    found = list(islice(_places(project), _SHOWN))
    yield from found
    if not found:
        yield from _lacking(_trackers(project), "keeps its runs on one machine")


def _places(project: Project) -> Iterator[Evidence]:
    for tool in _trackers(project):
        if tool.tool in _SHARED or (tool.tool == "Weights & Biases" and not _offline(project)):
            yield Evidence(True, tool.at, f"{tool.tool} keeps its runs on a server: {tool.note}")
    for name in project.names.ending(("set_tracking_uri",)):
        for call in project.calls_by_name[name]:
            uri = arg(call, "uri", 0)
            if uri is None or project.role(call.at.path) not in _OWN:
                continue
            if not uri.known:
                yield Evidence(True, call.at, "the address of the server comes from a setting")
            elif isinstance(uri.const, str) and not _LOCAL.match(uri.const):
                yield Evidence(True, call.at, f"`{uri.const[:60]}`")
    for row in project.rows("setting"):
        if _ELSEWHERE.search(row.key) and not _LOCAL.match(str(row.value)):
            yield Evidence(True, row.at, f"`{row.key}` in `{row.at.path}`")
    for step in project.rows("ci"):
        for key, value in step.settings:
            if _ELSEWHERE.search(key) and not _LOCAL.match(value):
                yield Evidence(True, step.at, f"`{key}` in `{step.at.path}`")


def _offline(project: Project) -> bool:
    """Whether Weights & Biases is told to keep its runs to itself."""
    for call in project.calls("open_run"):
        mode = arg(call, "mode")
        if call.name == "wandb.init" and mode is not None and mode.const in _OFFLINE:
            return True
    return any(row.const in _OFFLINE for row in project.assigned(_MODE))


def _lacking(tools: list[Tool], what: str, *, sure: bool = False) -> Iterator[Evidence]:
    """What the first tracker lacks; undecided where another one may have it."""
    for tool in tools[:1]:
        passed_on = any(one.tool in _OPEN for one in tools) and not sure
        if passed_on:
            yield Evidence(None, tool.at, f"{tool.tool} may hand its runs on to another tracker")
        else:
            yield Evidence(False, tool.at, f"{tool.tool} {what}")


def _trackers(project: Project) -> list[Tool]:
    return [t for t in project.used_tools.get("experiment_tracking", ()) if t.credit >= 0.5]


def _named(project: Project, names: Names) -> Iterator[Call]:
    """The calls of the project's own code with such names, in the order of their names."""
    for name in names.among(project.names):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _OWN:
                yield call


def _words(call: Call) -> Iterator[str]:
    """The strings that a call is given, those in lists and keys of dictionaries included."""
    for one in call.args:
        if isinstance(one.const, str):
            yield one.const
        elif isinstance(one.const, list | dict):
            yield from (text for text in one.const if isinstance(text, str))


def _short(call: Call) -> str:
    return call.name.rpartition("()")[2].lstrip(".?") or call.name
