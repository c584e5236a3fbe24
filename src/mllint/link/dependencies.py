"""Joins manifests, constraints and lock files: which versions of each library a project admits.

Knows rows of dependencies and the roles of files; asks `versions` what a specifier means.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mllint.facts import Library
from mllint.versions import hull, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.facts import Dependency, Setting

_OUTSIDE = frozenset({"vendored", "generated", "template"})
_LOCK = "lock:"


def libraries(
    rows: Iterable[Dependency],
    settings: Iterable[Setting] = (),
    roles: Mapping[str, str] | None = None,
    variants: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Library]:
    """What is admitted of each distribution, by normalised name.

    In a folder a lock or a pin beats a range; constraints narrow it. Where folders differ, the
    library has the range that spans them. `settings` tell which files only constrain, `roles`
    which files speak for others' code, and `variants` which distributions share the versions of
    another: a project that asks for `tensorflow-cpu` has `tensorflow` too.
    """
    original = {v: name for name, found in (variants or {}).items() for v in found}
    constraining = _constraining(settings)
    by_name: dict[str, list[Dependency]] = {}
    for row in rows:
        if row.at.path in constraining:
            row = row._replace(source="constraint")  # noqa: PLW2901 - the same row, better known
        if (roles or {}).get(row.at.path) not in _OUTSIDE:
            by_name.setdefault(original.get(row.name, row.name), []).append(row)
    found: dict[str, Library] = {}
    for name, all_rows in by_name.items():
        library = _library(name, _speaking(all_rows, roles or {}))
        for own in {name, *(row.name for row in all_rows)}:
            found[own] = library._replace(name=own)
    return found


def _constraining(settings: Iterable[Setting]) -> frozenset[str]:
    """The files that are only ever named after `-c`."""
    named: dict[str, set[str]] = {"include": set(), "constraint": set()}
    for row in settings:
        if row.format == "requirements" and row.key in named:
            folder = posixpath.dirname(row.at.path)
            named[row.key].add(posixpath.normpath(posixpath.join(folder, str(row.value))))
    only = named["constraint"] - named["include"]
    # What pip-tools layers (`-c requirements.txt`) is installed on its own as well.
    return frozenset(p for p in only if not posixpath.basename(p).startswith("requirements"))


def _speaking(rows: Sequence[Dependency], roles: Mapping[str, str]) -> Sequence[Dependency]:
    """The rows that speak for the project's own code, where there are any."""
    for wanted in (
        [r for r in rows if roles.get(r.at.path, "source") == "source" and r.group != "build"],
        [r for r in rows if r.group != "build"],
    ):
        if any(row.source != "constraint" for row in wanted):
            return wanted
    return rows


def _library(name: str, rows: Sequence[Dependency]) -> Library:
    declared = any(_declares(row) for row in rows)
    asked = [row for row in rows if row.source != "constraint"]
    limits = [row.spec for row in rows if row.source == "constraint" and row.spec]
    specs = list(dict.fromkeys(_specs(asked or rows)))
    versions = [spec.lstrip("=") for spec in specs if spec.startswith("==") and "*" not in spec]
    if len(versions) == len(specs) and all(same(versions[0], other) for other in versions):
        return Library(name, versions[0], f"=={versions[0]}", declared)
    whole = specs[0] if len(specs) == 1 else hull(specs)
    if limits and asked:
        whole = ",".join(part for part in (whole, *dict.fromkeys(limits)) if part)
        pins = [limit[2:] for limit in limits if limit.startswith("==") and "*" not in limit]
        if pins and all(same(pins[0], other) for other in pins):
            return Library(name, pins[0], whole, declared)
    return Library(name, "", whole, declared)


def _declares(row: Dependency) -> bool:
    """Whether a row asks for its distribution; a compiled file is often all that there is."""
    if row.source == "lock:pip-tools":
        return True
    return row.source != "constraint" and not row.source.startswith(_LOCK)


def _specs(rows: Sequence[Dependency]) -> Iterable[str]:
    """The specifiers of each folder; below a folder that fixes versions only pins count."""
    folders: dict[str, list[Dependency]] = {}
    for row in rows:
        folders.setdefault(posixpath.dirname(row.at.path), []).append(row)
    fixed = {folder for folder, here in folders.items() if any(r.version for r in here)}
    for folder, here in sorted(folders.items()):
        locked = [r for r in here if r.source.startswith(_LOCK) and r.version]
        pins = locked or [r for r in here if r.version]
        if pins:
            yield from (f"=={row.version}" for row in pins)
        elif not _below(folder, fixed):
            yield from (row.spec for row in here)


def _below(folder: str, fixed: set[str]) -> bool:
    while folder:
        folder = posixpath.dirname(folder)
        if folder in fixed:
            return True
    return False
