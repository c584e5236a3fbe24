"""What a stage of DVC names, held against what is there: its script, its parameters."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Place, Setting, Stage
    from mllint.project import Project

_SCRIPT = regex(r"(?:^|\s)([\w./-]+\.(?:py|sh|R|ipynb))(?=\s|$)")


def _stages(project: Project) -> Iterator[Stage]:
    """The stages of DVC, one of those that a loop makes of the same command."""
    seen: set[tuple[Place, str]] = set()
    for row in project.rows("stage"):
        first = not row.name.partition("@")[2] or (row.at, row.cmd) not in seen
        seen.add((row.at, row.cmd))
        if first and row.system == "dvc" and project.role(row.at.path) in {"source", "template"}:
            yield row


def _home(project: Project, stage: Stage) -> str:
    """The folder in which a stage runs."""
    folder = posixpath.dirname(stage.at.path)
    name = stage.name.partition("@")[0]
    for row in project.by_path[stage.at.path].get("setting", ()):
        if row.key in {f"stages.{name}.wdir", f"stages.{name}.do.wdir"}:
            folder = posixpath.normpath(posixpath.join(folder, str(row.value)))
    return "" if folder == "." else folder


def _always_runs(project: Project, stage: Stage) -> bool:
    """Whether a stage is told to run each time, whatever has changed."""
    name = stage.name.partition("@")[0]
    return any(
        row.key == f"stages.{name}.always_changed" and row.value is True
        for row in project.by_path[stage.at.path].get("setting", ())
    )


def script_is_watched(project: Project) -> Iterator[Evidence]:
    """Stages that run a script of the repository, judged by whether they depend on it."""
    for stage in _stages(project):
        found = _SCRIPT.search(stage.cmd)
        if found is None or _always_runs(project, stage):
            continue
        script = posixpath.normpath(posixpath.join(_home(project, stage), found[1]))
        if script not in project.by_path:
            continue
        watched = any(
            dep == script or dep in {"", "."} or script.startswith(f"{dep.rstrip('/')}/")
            for dep in stage.deps
        )
        fields = {"stage": stage.name, "script": script}
        yield Evidence(watched, stage.at, f"`{stage.name}` runs `{script}`", fields=fields)


def params_exist(project: Project) -> Iterator[Evidence]:
    """Parameters that stages depend on, judged by whether their file has them."""
    unread = {problem.path for problem in project.problems}
    made = {out for stage in project.rows("stage") for out in stage.outs}
    for stage in _stages(project):
        for text in stage.params:
            name, _, key = text.partition(":")
            path = posixpath.normpath(posixpath.join(_home(project, stage), name or "params.yaml"))
            tables = project.by_path.get(path)
            if "$" in text or not key or path in unread or path.endswith(".py") or path in made:
                continue
            fields = {"stage": stage.name, "key": key, "file": path}
            if tables is None:
                if not project.ignored(path):
                    note = f"`{stage.name}` depends on `{key}` of `{path}`, which is not there"
                    yield Evidence(False, stage.at, note, fields=fields)
                continue
            there = _has(tables.get("setting", ()), key)
            related = () if there else (Related(stage.at._replace(path=path, line=1), "here"),)
            note = f"`{stage.name}` depends on `{key}` of `{path}`"
            yield Evidence(there, stage.at, note, related=related, fields=fields)


def _has(settings: Sequence[Setting], key: str) -> bool:
    """Whether a file has a key, or anything below it."""
    return any(row.key == key or row.key.startswith((f"{key}.", f"{key}[")) for row in settings)
