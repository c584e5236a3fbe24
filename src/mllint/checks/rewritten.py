"""Data files that are read and written: whether raw data stay as they were.

Knows the constant paths of readings and writings.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.facts import Call
    from mllint.project import Project

_WRITES = regex(
    r".*\.(?:to_(?:csv|parquet|pickle|feather|json|excel|hdf)|write_(?:csv|parquet|ipc))"
    r"|numpy\.save(?:z|txt|z_compressed)?"
)
_DERIVED = regex(
    r"result|metric|submission|\blog|history|score|pred|output|tmp|temp|cache|process|interim|clean"
    r"|derived|feature|leaderboard|report|train|test",
    re.IGNORECASE,
)
"""Paths of what a run makes rather than of what it is given."""
_FROM = ("filepath_or_buffer", "path_or_buf", "io", "path", "source", "file", "fname", "0")
_TO = ("path_or_buf", "path", "excel_writer", "file", "fname", "0")
_OURS = frozenset({"source", "template"})


def overwritten(project: Project) -> Iterator[Evidence]:
    """Data files that are written, judged by whether they are the sources of what is written."""
    reads = list(_paths(project, project.calls("load"), _FROM))
    writes = list(_paths(project, _writing(project), _TO))
    if not reads or not writes:
        return
    read_first: dict[tuple[str, str], Call] = {}
    for path, call in sorted(reads, key=lambda one: one[1].order):
        read_first.setdefault((call.at.path, path), call)
    clean = True
    for path, call in writes:
        before = read_first.get((call.at.path, path))
        if before is None or before.order > call.order or before.scope != call.scope:
            continue
        made = any(other == path and one is not call for other, one in writes)
        made = made or _DERIVED.search(path) is not None
        if not made:
            clean = False
            yield Evidence(
                False, call.at, f"`{path}` is written over", fields={"path": path},
                scope=call.scope, related=(Related(before.at, "it is read here"),),
            )  # fmt: skip
    if clean:
        path, call = writes[0]
        yield Evidence(True, call.at, f"`{path}` is another file than those that are read")


def _writing(project: Project) -> Iterator[Call]:
    for name, calls in project.calls_by_name.items():
        if _WRITES.fullmatch(name):
            yield from calls


def _paths(
    project: Project, calls: Iterable[Call], keys: Iterable[str]
) -> Iterator[tuple[str, Call]]:
    """The calls of own code with the constant paths that they are given."""
    for call in calls:
        if project.role(call.at.path) not in _OURS:
            continue
        given = next((one for key in keys if (one := arg(call, key)) is not None), None)
        if given is not None and given.known and isinstance(given.const, str):
            yield posixpath.normpath(given.const), call
