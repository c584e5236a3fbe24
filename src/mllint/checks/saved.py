"""What becomes of trained models: whether anything keeps one apart from the next.

Knows calls that save, and stores that version; knows nothing of what is in the files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_PATH_NAMES = ("filename", "f", "path", "filepath", "fname", "save_directory", "file", "export_dir")
_NUMBERED = re.compile(r"%|\{|\d{4}-?\d\d")
"""Marks of a path that differs from run to run."""
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
    if lines:
        yield _overwritten(project, lines)
    elif fixed:
        yield Evidence(True, fixed[0][0].at, f"Git LFS keeps `{fixed[0][1]}`")
    for call, path in saves:
        if not path:
            yield Evidence(None, call.at, "the path of the saved model is computed")


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
        if tool.credit == 1:
            return Evidence(True, tool.at, tool.note)
    for call in project.calls("keep_model"):
        if project.role(call.at.path) == "source":
            return Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}` keeps each model")
    for stage in project.rows("stage"):
        if stage.system == "dvc" and stage.cached:
            return Evidence(True, stage.at, f"DVC keeps `{stage.cached[0]}`")
    for pointer in project.rows("pointer"):
        if any(word in pointer.path.lower() for word in ("model", "weights", "checkpoint")):
            return Evidence(True, pointer.at, f"DVC keeps `{pointer.path}`")
    for row in project.rows("setting"):
        if row.key.endswith(".versioned") and row.value is True:
            return Evidence(True, row.at, f"`{row.key.rpartition('.')[0]}` is versioned")
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
