"""Dropout that is a function, and so knows nothing of the mode of the module around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_MEANT = regex(r"MC|(?i:monte|bayes|always|stochastic|uncertain)")
"""Names of classes whose dropout is meant to stay on."""
_SURE = frozenset({"", "main"})


def told_the_mode(project: Project) -> Iterator[Evidence]:
    """Functional dropouts within `forward`, judged by whether they are told the mode."""
    for call in project.calls("dropout_function"):
        whole, _, method = call.scope.rpartition(".")
        if method != "forward" or _MEANT.search(whole) or project.role(call.at.path) != "source":
            continue
        given = arg(call, "training", 2)
        if given is not None:
            ok = given.key != "**" or None
            yield Evidence(ok, call.at, f"`training={given.name or given.const}`", scope=call.scope)
        elif call.guard in _SURE and _drops(project, call):
            note = "`training` is not given, and true by itself"
            fields = {"name": call.name.rpartition(".")[2]}
            yield Evidence(False, call.at, note, scope=call.scope, fields=fields)
        else:
            yield Evidence(None, call.at, "it may be left out on some ways", scope=call.scope)


def _drops(project: Project, call: Call) -> bool:
    """Whether values are dropped by a share that is no choice between two."""
    share = arg(call, "p", 1)
    if share is None or share.known:
        return share is None or bool(share.const)
    at = project.graph.of(call.at.path, share.value) if project.graph is not None else -1
    if project.graph is None or at < 0:
        return False
    value = project.graph.value(at)
    chosen = value.op in {"merge", "binary", "call"}
    return not chosen and value.detail.rpartition(":")[0] != call.scope
