"""The programs that a project installs, as its manifests name them.

Knows the tables of entry points; knows nothing of what a program does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_TABLE = regex(r"(?:project\.(?:gui-)?scripts|tool\.poetry\.scripts)\.([\w.-]+)")
_POINT = regex(r"^\s*([\w.-]+)\s*=", re.MULTILINE)


def programs(project: Project) -> frozenset[str]:
    """The names of the programs that installing the project gives."""
    return frozenset(_programs(project))


def _programs(project: Project) -> Iterator[str]:
    for row in project.rows("setting"):
        if table := _TABLE.fullmatch(row.key):
            yield table[1]
        elif row.key == "options.entry_points.console_scripts":
            yield from _POINT.findall(str(row.value))
    for call in project.calls_with("entry_points"):
        points = arg(call, "entry_points")
        if points is not None and call.at.path.endswith("setup.py"):
            yield from re.findall(r"([\w.-]+)\s*=\s*[\w.]+:", str(points.const))
