"""`mllint check --watch`: look again whenever a file changes, and tell what is other.

Asks the file system once a second; needs no library for it. Ends with Ctrl-C.
"""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mllint.cli.output import complain, emit
from mllint.cli.reporting import AUTO, at_terminal, write
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from pathlib import Path

    from mllint.cli.reporting import Asked
    from mllint.review import Report
    from mllint.settings import Settings

SECONDS = 1.0
"""Between two looks at the file system, at least."""
_SHARE = 10
"""A look may take that part of the time at most."""
_SETTLED = 0.2
"""Seconds for whoever writes several files to be done."""


_State: TypeAlias = "dict[str, tuple[int, int]]"
"""Size and time by path."""


class Looked(NamedTuple):
    """One run."""

    report: Report
    settings: Settings


def watch(root: Path, settings: Settings, wanted: Asked, look: Callable[[], Looked]) -> int:
    """Look, and look again on every change; comes back only by an exception."""
    from mllint.comparison import compared
    from mllint.reports.watched import render

    if wanted.format not in {AUTO, "text"}:
        raise UsageError(f"--watch prints text, not {wanted.format}; -o writes other formats")
    written = {os.path.realpath(output.path) for output in wanted.outputs}
    state = _state(root, settings, written)
    last = look()
    write(last.report, wanted)
    while True:
        state, paths = _changed(state, partial(_state, root, last.settings, written))
        try:
            now = look()
        except UsageError as error:  # a configuration that is just being edited
            complain(str(error))
            continue
        view = at_terminal(wanted.view, wanted)
        emit(render(compared(last.report, now.report), paths, time.strftime("%H:%M:%S"), view))
        write(now.report, wanted._replace(format=""))
        last = now


def _changed(state: _State, look: Callable[[], _State]) -> tuple[_State, list[str]]:
    """Waits for a change; the state after it, and the paths that are other."""
    pause = SECONDS
    while True:
        time.sleep(pause)
        started = time.perf_counter()
        now = look()
        pause = max(SECONDS, _SHARE * (time.perf_counter() - started))
        if now != state:
            time.sleep(_SETTLED)
            now = look()
            return now, sorted(p for p in {*now, *state} if now.get(p) != state.get(p))


def _state(root: Path, settings: Settings, written: Container[str]) -> _State:
    """Size and time of every file of the project and of the baseline, reports of ours apart."""
    from mllint.before import baseline_path
    from mllint.tree import Tree, TreeError

    base = os.path.realpath(root)
    try:
        paths = {
            path: os.path.join(base, path)  # noqa: PTH118 - thousands
            for path in Tree.open(
                str(root), settings.exclude, ignored=not settings.respect_gitignore
            ).paths
        }
    except TreeError as error:
        raise UsageError(str(error)) from None
    baseline = baseline_path(root, settings)
    paths[baseline.name] = str(baseline)
    found = {}
    for path, full in paths.items():
        if full in written:
            continue
        try:
            status = os.lstat(full)
        except OSError:
            continue
        found[path] = (status.st_size, status.st_mtime_ns)
    return found
