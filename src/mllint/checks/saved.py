"""What becomes of trained models: whether anything keeps one apart from the next.

Knows calls that save, and stores that version; knows nothing of what is in the files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_PATH_NAMES = ("filename", "f", "path", "filepath", "fname", "save_directory", "file", "export_dir")
_NUMBERED = regex(r"%|\{|\d{4}-?\d\d")
"""Marks of a path that differs from run to run."""
_MODEL = regex(
    r"model|weight|checkpoint|classif|regress|estimator|pickle|joblib|skops|torch|keras|tensorflow"
    r"|onnx|\.(?:pkl|pt|pth|ckpt|h5|safetensors|gguf|bst|cbm|zip)$",
    re.IGNORECASE,
)
"""A path, a name or a kind of data set that says that a model is in it."""
_SHOWN = 5


def unversioned(project: Project) -> Iterator[Evidence]:
    """Saved models, judged by whether a registry, DVC, LFS or a tracker keeps their versions."""
    if (best := kept(project)) is not None:
        yield best
        return
    training = _training_files(project)
    saves = [
        (call, path)
        for call in _saves(project)
        if call.at.path in training and (path := path_of(project, call)) is not None
    ]
    fixed = [(call, path) for call, path in saves if path and not _NUMBERED.search(path)]
    lines = [(call, path) for call, path in fixed if project.routed(path) is None]
    loose = [(call, path) for call, path in lines if not _is_in_tree(project, path)]
    if loose:
        yield _overwritten(project, loose)
    elif lines:
        yield Evidence(None, lines[0][0].at, f"git may keep each `{lines[0][1]}`")
    elif fixed:
        yield Evidence(True, fixed[0][0].at, f"Git LFS keeps `{fixed[0][1]}`")
    for call, path in saves:
        if not path:
            yield Evidence(None, call.at, "the path of the saved model is computed")


def _is_in_tree(project: Project, path: str) -> bool:
    """Whether a saved model is a file of the repository, so that each commit keeps one."""
    rows = project.by_path.get(path.removeprefix("./"), {}).get("file", ())
    return any(row.tracked is not False for row in rows) and not project.ignored(path)


def _overwritten(project: Project, saves: list[tuple[Call, str]]) -> Evidence:
    """The finding, at the first save; a registry that is only declared earns a part."""
    (first, path), *others = saves
    related = tuple(Related(call.at, f"and `{p}`") for call, p in others[:_SHOWN])
    best = max((t for t in project.used_tools.get("model_registry", ())), key=_credit, default=None)
    note = f"; {best.tool} is there, but {best.grade}" if best is not None else ""
    credit = best.credit if best is not None else 0.0
    return Evidence(
        False, first.at, f"`{path}`{note}", credit, related=related, fields={"path": path}
    )


def _training_files(project: Project) -> set[str]:
    """The files in which something learns."""
    groups = ("trainer", "gradient_step", "train_function")
    found = {call.at.path for group in groups for call in project.calls(group)}
    return found | {
        call.at.path
        for name, calls in project.calls_by_name.items()
        if name.endswith((".fit", ".partial_fit", ".fit_generator"))
        for call in calls
    }


def _credit(tool: object) -> float:
    return float(getattr(tool, "credit", 0.0))


def kept(project: Project) -> Evidence | None:
    """The first sign that versions of models are kept."""
    for tool in project.used_tools.get("model_registry", ()):
        if tool.credit == 1 and "`revision`" not in tool.note:  # of what others have made
            return Evidence(True, tool.at, tool.note)
    for call in project.calls("keep_model"):
        if project.role(call.at.path) == "source":
            return Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` keeps each model")
    cached = [(s, p) for s in project.rows("stage") if s.system == "dvc" for p in s.cached]
    for stage, path in sorted(cached, key=lambda pair: not _MODEL.search(pair[1])):
        return Evidence(True, stage.at, f"DVC keeps `{path}`")
    for pointer in project.rows("pointer"):
        if any(word in pointer.path.lower() for word in ("model", "weights", "checkpoint")):
            return Evidence(True, pointer.at, f"DVC keeps `{pointer.path}`")
    return _in_catalog(project)


def _in_catalog(project: Project) -> Evidence | None:
    """A model of a Kedro catalog of which each version is kept."""
    rows = [r for r in project.rows("setting") if r.key.endswith((".type", ".versioned"))]
    types = {
        (r.at.path, r.key.removesuffix(".type")): str(r.value)
        for r in rows
        if r.key.endswith(".type")
    }
    for row in rows:
        name, _, field = row.key.rpartition(".")
        kind = types.get((row.at.path, name), "")
        if field == "versioned" and row.value is True and _MODEL.search(f"{name} {kind}"):
            return Evidence(True, row.at, f"`{name}` is versioned")
        if field == "type" and re.match(r"kedro_mlflow\..*Model", kind):
            return Evidence(True, row.at, f"MLflow keeps `{name}`")
    return None


def _saves(project: Project) -> Iterator[Call]:
    """Calls of the project's own code that write a model."""
    for group in ("save_model", "save_itself"):
        for call in project.calls(group):
            if project.role(call.at.path) == "source" and call.guard != "type":
                yield call


def path_of(project: Project, call: Call) -> str | None:
    """The path that a call saves to: "" where it is computed, None where it is no path at all."""
    place = 1 if call.name in project.groups["save_model"] else 0
    found = next((one for key in _PATH_NAMES if (one := arg(call, key)) is not None), None)
    found = found or arg(call, str(place))
    if found is None:
        return None
    if not found.known:
        return "" if not found.name.endswith("open()") else None
    return found.const if isinstance(found.const, str) else None
