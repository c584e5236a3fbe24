"""Files that git should hold only as pointers: what DVC and Git LFS were told to keep.

Knows stages, locks, pointers, remotes and the lines of .gitattributes; reads no data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Place
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import File, Remote, Setting, Stage
    from mllint.project import Project

_KEEPERS = frozenset({".gitignore", ".gitkeep", ".keep", "README.md", ".gitattributes"})
"""Files that stand in a folder so that git keeps the folder."""
_BULKY = frozenset({"data", "model", "image", "media", "archive", "binary", "other"})
"""Kinds of file of which the listing knows whether git holds a pointer."""
_OUTSIDE = frozenset({"vendored", "generated", "template", "test"})
_LOCAL = ("/", "./", "../", "~", "file:", "C:", "D:")


def _stages(project: Project, system: str) -> list[Stage]:
    return [
        row
        for row in project.rows("stage")
        if row.system == system and row.name and project.role(row.at.path) not in _OUTSIDE
    ]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def without_remote(project: Project) -> Iterator[Evidence]:
    """Whether what DVC keeps out of git can be had from anywhere but one disk."""
    kept = [row for row in project.rows("pointer") if project.role(row.at.path) not in _OUTSIDE]
    made = [row for row in _stages(project, "dvc") if row.cached]
    if not kept and not made:
        return
    remotes: Sequence[Remote] = project.rows("remote")
    shared = next((r for r in remotes if not r.url.startswith(_LOCAL)), None)
    if shared is not None:
        yield Evidence(True, shared.at, f"the remote `{shared.name}`")
    elif remotes:
        note = f"the only remote is the folder `{remotes[0].url}`"
        yield Evidence(False, remotes[0].at, note, 0.5)
    else:
        first = (kept or made)[0].at.path
        yield Evidence(False, None, f"`{first}` names data, and no remote holds them")


def lock_out_of_step(project: Project) -> Iterator[Evidence]:
    """Stages of dvc.yaml, judged by what dvc.lock recorded of them."""
    paths = {row.at.path for row in project.rows("file")}
    locked: dict[str, dict[str, Stage]] = {}
    for row in _stages(project, "dvc.lock"):
        locked.setdefault(_folder(row.at.path), {})[row.name] = row
    stages: dict[str, list[Stage]] = {}
    for row in _stages(project, "dvc"):
        stages.setdefault(row.at.path, []).append(row)
    for path, rows in stages.items():
        folder = _folder(path)
        if folder in locked:
            for row in rows:
                yield _compared(row, locked[folder])
        elif f"{folder}/dvc.lock".lstrip("/") in paths:
            yield Evidence(None, Place(path), "its dvc.lock was not read")
        else:
            yield Evidence(False, Place(path), "there is no `dvc.lock`")


def _compared(row: Stage, locked: Mapping[str, Stage]) -> Evidence:
    """What is said about one stage."""
    found = locked.get(row.name)
    if found is None:
        looped = "${" in row.name or (not row.deps and not row.outs)
        return Evidence(None if looped else False, row.at, f"the lock has no stage `{row.name}`")
    related = (Related(found.at, "as it was last run"),)
    if "${" not in row.cmd and _command(row.cmd) != _command(found.cmd):
        note = f"the command of `{row.name}` is not the one that was run"
        return Evidence(False, row.at, note, related=related)
    for what, own, theirs in (("deps", row.deps, found.deps), ("outs", row.outs, found.outs)):
        differing = _differing(own, theirs)
        if differing:
            note = f"the {what} of `{row.name}` differ from the lock's: `{differing}`"
            return Evidence(False, row.at, note, related=related)
    return Evidence(True, row.at, f"`{row.name}` is as the lock recorded it")


def _command(text: str) -> list[str]:
    return text.split()


def _differing(own: Sequence[str], locked: Sequence[str]) -> str:
    """A path that only one side has; "" where templates hide some. A `wdir` may shorten paths."""
    if any("${" in path for path in own):
        return ""

    def known(path: str, others: Sequence[str]) -> bool:
        return any(
            path == o or path.endswith(f"/{o}") or o.endswith(f"/{path.lstrip('./')}")
            for o in others
        )

    odd = [p for p in own if not known(p, locked)] + [p for p in locked if not known(p, own)]
    return odd[0] if odd else ""


def output_in_git(project: Project) -> Iterator[Evidence]:
    """What DVC keeps, judged by whether git tracks it as well."""
    tracked = [row.at.path for row in project.rows("file") if row.tracked and not row.link]
    for path, at in _kept(project).items():
        doubled = [
            t
            for t in tracked
            if (t == path or t.startswith(f"{path}/")) and t.rpartition("/")[2] not in _KEEPERS
        ]
        if doubled:
            more = f" and {len(doubled) - 1} more" if len(doubled) > 1 else ""
            note = f"`{doubled[0]}`{more}"
            yield Evidence(False, at, note, fields={"out": path})
        else:
            yield Evidence(True, at, f"git does not track `{path}`")


def _kept(project: Project) -> dict[str, Place]:
    """What DVC keeps out of git, with the place that says so."""
    found: dict[str, Place] = {}
    for row in project.rows("pointer"):
        if row.system == "dvc" and project.role(row.at.path) not in _OUTSIDE:
            found.setdefault(row.path, row.at)
    for stage in _stages(project, "dvc"):
        for path in stage.cached:
            if "${" not in path and "://" not in path:
                found.setdefault(path, stage.at)
    return found


def lfs_not_honoured(project: Project) -> Iterator[Evidence]:
    """Lines that route files through Git LFS, judged by whether git holds pointers to them."""
    by_line: dict[Setting, list[File]] = {}
    for file in project.rows("file"):
        known = file.tracked and not file.link and file.size and file.kind in _BULKY
        if known and file.lfs is not None:
            row = project.routed(file.at.path)
            if row is not None:
                by_line.setdefault(row, []).append(file)
    for row, files in by_line.items():
        whole = [f for f in files if not f.lfs]
        if not whole:
            yield Evidence(True, row.at, f"`{row.key}`: {len(files)} of {len(files)} are pointers")
            continue
        top = max(whole, key=lambda f: (project.size(f.at.path), f.at.path))
        more = f" and {len(whole) - 1} more" if len(whole) > 1 else ""
        note = f"`{top.at.path}`{more}, although `{row.at.path}` routes `{row.key}` through Git LFS"
        yield Evidence(False, Place(top.at.path), note, related=(Related(row.at, "routed here"),))
