"""Apps whose script runs anew at each click: what they load each time.

Knows Streamlit, which keeps nothing between two runs of the script but what it is told to keep.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.flow.handlers import service_of
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow.handlers import Reached
    from mllint.project import Project

_KEEPS = regex(r"cache|lru|memoi[sz]e|singleton", re.IGNORECASE)
"""Decorators that keep what a function gave."""
_LIGHT = regex(r"(?:Processor|Tokenizer\w*|Config|Extractor)\.from_pretrained$|\.loads$")
"""Names among those that load models which load little."""
_ALWAYS = frozenset({"", "main"})


def loaded_once(project: Project) -> Iterator[Evidence]:
    """Loads of models by scripts of Streamlit, judged by whether each run repeats them."""
    scripts = _scripts(project)
    loads: dict[tuple[str, str], list[Call]] = {}
    for call in project.calls("load_model") if scripts else ():
        if not _is_light(project, call) and not _is_handed_over(project, call):
            loads.setdefault((call.at.path, call.scope), []).append(call)
    for path in sorted(scripts) if loads else ():
        for call in loads.get((path, ""), ()):
            yield _judged(call, repeated=call.guard in _ALWAYS or None)
        for run in service_of(project).started(path):
            for call in loads.get((run.path, run.name), ()):
                if _is_kept(project, run):
                    yield Evidence(True, call.at, f"`{run.name}` keeps what it loads")
                else:
                    steps = (*run.way, call)
                    sure = all(one.guard in _ALWAYS for one in steps)
                    yield _judged(call, repeated=sure or None)


def _scripts(project: Project) -> set[str]:
    """The files that Streamlit runs: those that speak to it and that no other file imports."""
    found = {
        call.at.path
        for call in project.rows("call")
        if call.name.startswith("streamlit.") and project.role(call.at.path) == "source"
    }
    if not found:
        return found
    lent = {
        project.provider(row.at.path, row.name) for row in project.rows("import") if row.first_party
    }
    return {path for path in found - lent if path.endswith(".py")}


def _is_light(project: Project, call: Call) -> bool:
    """Whether a call only bears the name of one that loads a model."""
    graph = project.graph
    own = graph is not None and graph.definition(call.at.path, call.name) is not None
    return own or _LIGHT.search(call.name) is not None


def _is_handed_over(project: Project, call: Call) -> bool:
    """Whether a call stands within one that keeps what it gives: `st.cache_data(lambda: ...)`."""
    return any(
        other.at.line <= call.at.line <= other.at.end_line and _KEEPS.search(other.name)
        for other in project.by_path[call.at.path].get("call", ())
        if other.name.startswith(("streamlit.", "functools."))
    )


def _is_kept(project: Project, run: Reached) -> bool:
    """Whether a function on the way to a load is told to keep what it gives."""
    around = {(call.at.path, call.scope) for call in run.way} | {(run.path, run.name)}
    owners = {(path, name.rpartition(".")[0]) for path, name in around}
    return any(
        _KEEPS.search(decorator)
        for path, name in (around | owners) - {("", "")}
        for row in project.by_path[path].get("define", ())
        if name and row.name == name
        for decorator in row.decorators
    )


def _judged(call: Call, *, repeated: bool | None) -> Evidence:
    short = call.name.replace("()", "").lstrip(".?")
    ok = None if repeated is None else False
    return Evidence(ok, call.at, f"`{short}` in each run", fields={"load": short}, scope=call.scope)
