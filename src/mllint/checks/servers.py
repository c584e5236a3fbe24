"""How web servers are started in code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.project import arg, unpacks
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_STARTS = ("flask.Flask().run", "dash.Dash().run", "dash.Dash().run_server",
           "quart.Quart().run")  # fmt: skip
_READ = frozenset({"source", "template"})


def in_debug_mode(project: Project) -> Iterator[Evidence]:
    """Servers that code starts, judged by whether their debug mode is on."""
    for name in _STARTS:
        for call in project.calls_by_name.get(name, ()):
            if project.role(call.at.path) not in _READ:
                continue
            given = arg(call, "debug", 2 if name.startswith("flask") else None)
            if given is None:
                ok = None if unpacks(call) else True
            else:
                ok = given.const is not True if given.known else None
            note = f"`{name.replace('()', '')}` without the debug mode"
            if ok is False:
                note = f"`{name.replace('()', '')}` with `debug=True`"
            elif ok is None and given is not None:
                ok, note = True, "whether to debug is asked at run time"
            yield Evidence(ok, call.at, note, scope=call.scope)
