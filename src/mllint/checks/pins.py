"""Whether what is installed tomorrow is what was installed today: pins, lock files, and their fit.

Knows specifiers and lock files; knows nothing of who imports what.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks import elsewhere
from mllint.checks.manifests import SIDE_GROUPS, Part, parts
from mllint.facts import Dependency, Library, Place
from mllint.regexes import regex
from mllint.review import Evidence, Related
from mllint.versions import admits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.project import Project

_LISTS = frozenset({"requirements", "conda"})
"""Manifests that are installed as they are."""
_RANGES = frozenset({"pyproject", "poetry", "pdm", "pipfile", "pixi", "setup.py", "setup.cfg"})
"""Manifests whose managers write a lock file, or that belong to packages."""
_TOOLS = frozenset(
    {"pip", "setuptools", "wheel", "python", "uv", "poetry", "pip-tools", "conda", "mamba"}
)
_FROZEN_NAME = regex(r"lock|frozen|freeze|\bpins\b|pinned|compiled", re.IGNORECASE)
_PREFIX_PIN = regex(r"==\d+\.\d+(?:\.\d+)*\.\*|~=\d+\.\d+\.\d+\S*")
_REF = regex(r"@([\w./+-]+)(?:#.*)?$|/(?:archive|releases/download)/\S+")
_BRANCH = regex(
    r"main|master|develop(?:ment)?|dev|head|trunk|nightly|(?:feature|bugfix|release)/.*",
    re.IGNORECASE,
)
"""References that move."""
_LOCKERS = frozenset({"uv", "poetry", "pdm", "pipenv"})
_SHOWN = 10


def unpinned(project: Project) -> Iterator[Evidence]:
    """Lists of requirements, judged by the share that a pin, a lock or a constraint fixes."""
    found = parts(project)
    for part in found:
        fixed = _fixed_around(found, part)
        for path, rows in _lists(part):
            loose = [d for d in rows if not _pinned(d) and d.name not in fixed]
            if not loose:
                by = next((f" by `{fixed[d.name]}`" for d in rows if not _pinned(d)), "")
                yield Evidence(True, Place(path), f"all {len(rows)} of `{path}` are fixed{by}")
                continue
            yield _open(path, loose, len(rows))


def _open(path: str, loose: Sequence[Dependency], count: int) -> Evidence:
    """The finding about a list that leaves versions open, for the part that it does."""
    names = ", ".join(f"`{d.name}{d.spec}`" for d in loose[:_SHOWN])
    more = f" and {len(loose) - _SHOWN} more" if len(loose) > _SHOWN else ""
    whole = {1: "its only requirement", 2: "both of its requirements"}
    share = f"{len(loose) if len(loose) < count else 'all'} of its {count} requirements"
    if len(loose) == count:
        share = whole.get(count, share)
    return Evidence(
        False,
        loose[0].at,
        f"`{path}` fixes {count - len(loose) or 'none'} of {count}",
        credit=1 - len(loose) / count,
        related=tuple(Related(d.at, "open as well") for d in loose[1:_SHOWN]),
        fields={"path": path, "share": share, "names": names + more},
    )


def _lists(part: Part) -> Iterator[tuple[str, Sequence[Dependency]]]:
    """What is installed as it is listed, by file."""
    by_path: dict[str, list[Dependency]] = {}
    for row in part.stated:
        if (
            row.source in _LISTS
            and row.group not in SIDE_GROUPS
            and row.name not in _TOOLS
            and not _local(row)
        ):
            by_path.setdefault(row.at.path, []).append(row)
    yield from by_path.items()


def _local(row: Dependency) -> bool:
    return row.url.startswith((".", "/", "file:", "~"))


def _pinned(row: Dependency) -> bool:
    if row.url:
        ref = _REF.search(row.url.partition("://")[2])
        if ref is not None:
            return ref[1] is None or not _BRANCH.fullmatch(ref[1])
        return row.url.partition("#")[0].endswith((".whl", ".tar.gz", ".zip"))
    return bool(row.version) or bool(_PREFIX_PIN.search(row.spec))


def _fixed_around(found: Sequence[Part], part: Part) -> Mapping[str, str]:
    """Names that a lock file, a constraint, a frozen or a compiled list fixes for a part.

    Each with the path of what fixes it.
    """
    asked = {d.at.path for p in found for d in p.dependencies if d.at.path.endswith(".in")}
    return {
        d.name: d.at.path
        for other in found
        if other.holds(f"{part.folder}/x" if part.folder else "x")
        for d in other.dependencies
        if d.version
        and (
            d.source.startswith("lock:")
            or d.source == "constraint"
            or _FROZEN_NAME.search(d.at.path)
            or f"{d.at.path.removesuffix('.txt')}.in" in asked
        )
    }


def no_lockfile(project: Project) -> Iterator[Evidence]:
    """Manifests that state ranges, judged by whether a lock file or a full list fixes them."""
    found = parts(project)
    for part in found:
        wanted = [d for d in part.stated if d.source in _RANGES and _is_main(d) and not _local(d)]
        if not wanted:
            continue
        at = wanted[0].at
        lock = next(
            (m for p in found if p.holds(at.path) for m in p.managers if m.role == "lock"), None
        )
        if lock is not None:
            yield Evidence(True, lock.at, f"`{lock.at.path}`")
            continue
        lists = _full_list(part, {d.name for d in wanted})
        if lists:
            yield Evidence(True, Place(lists), f"`{lists}` fixes what `{at.path}` states")
        elif held := _held_elsewhere(found, {d.name for d in wanted}):
            yield Evidence(True, Place(held), f"`{held}` fixes what `{at.path}` states")
        elif _listed(part, {d.name for d in wanted}):
            continue
        elif sign := elsewhere.seen(project, elsewhere.LOCKED):
            yield Evidence(None, Place(sign[0]), f"`{sign[0]}` may fix them")
        elif loose := [d for d in wanted if not _pinned(d)]:
            share = f"{len(loose)} of its {len(wanted)} dependencies"
            yield Evidence(False, Place(at.path), fields={"path": at.path, "share": share})
        else:
            yield Evidence(True, Place(at.path), f"all {len(wanted)} of `{at.path}` are fixed")


def _is_main(row: Dependency) -> bool:
    """Whether every user gets it: of pixi what comes from conda, too."""
    return row.group == "main" or (row.source == "pixi" and row.group == "conda")


def _listed(part: Part, names: set[str]) -> bool:
    """Whether a requirements file lists most of the names, and so is what gets installed."""
    listed = {d.name for _, rows in _lists(part) for d in rows}
    return len(names & listed) * 2 >= len(names)


def _held_elsewhere(found: Sequence[Part], names: set[str]) -> str:
    """A list of constraints or a frozen list, wherever it stands, that fixes the names; or ""."""
    by_path: dict[str, list[Dependency]] = {}
    for part in found:
        for row in part.dependencies:
            frozen = row.source in _LISTS and _FROZEN_NAME.search(row.at.path)
            if row.source == "constraint" or frozen:
                by_path.setdefault(row.at.path, []).append(row)
    for path, rows in by_path.items():
        conda = any(d.source == "conda" for d in rows)
        if all(_pinned(d) for d in rows) and (conda or names <= {d.name for d in rows}):
            return path
    return ""


def _full_list(part: Part, names: set[str]) -> str:
    """A requirements file that fixes all it lists, the wanted names among it; or ""."""
    for path, rows in _lists(part):
        if all(_pinned(d) for d in rows) and names <= {d.name for d in rows}:
            return path
    return ""


def stale_lockfile(project: Project) -> Iterator[Evidence]:
    """Lock files, judged by whether they hold what the manifest beside them asks for."""
    for part in parts(project):
        locks = [m for m in part.managers if m.role == "lock" and m.name in _LOCKERS]
        for lock in locks:
            held = _of_file(part.locked, lock.at.path)
            own = [
                d for d in part.stated if d.group == "main" and d.source in _wanted_by(lock.name)
            ]
            if not held or not own:
                continue
            wrong = [(d, why) for d in own if (why := _unmet(d, held))]
            if not wrong:
                yield Evidence(True, lock.at, f"holds all {len(own)} that the manifest asks for")
            for row, why in wrong:
                yield Evidence(False, row.at, why, fields={"name": row.name, "lock": lock.at.path})


def _wanted_by(manager: str) -> frozenset[str]:
    sources = {
        "pipenv": {"pipfile"},
        "poetry": {"poetry", "pyproject"},
        "pdm": {"pdm", "pyproject"},
    }
    return frozenset(sources.get(manager, {"pyproject"}))


def _of_file(locked: Mapping[str, Sequence[Dependency]], path: str) -> dict[str, list[Dependency]]:
    found = {name: [d for d in rows if d.at.path == path] for name, rows in locked.items()}
    return {name: rows for name, rows in found.items() if rows}


def _unmet(row: Dependency, held: Mapping[str, Sequence[Dependency]]) -> str:
    """How a lock file fails a requirement; "" where it does not, or may not."""
    if row.name not in held:
        return "" if row.marker or _local(row) or row.url else f"`{row.name}` is not in it"
    locked = [d for d in held[row.name] if d.version]
    if not row.spec or row.url or not locked or any(d.url for d in held[row.name]):
        return ""
    fits = [admits(Library(d.name, d.version, "", declared=True), row.spec) for d in locked]
    if all(fit is False for fit in fits):
        return f"it holds `{row.name} {locked[0].version}`, which `{row.spec}` does not admit"
    return ""
