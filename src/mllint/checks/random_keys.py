"""Keys of JAX: each is good for one draw.

Knows what draws by a key and how a key is made; knows nothing of what is drawn for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.arguments import argument
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.graph import Graph
    from mllint.project import Project

_SURE = frozenset({"", "main"})
_MAKERS = frozenset({f"jax.random.{name}" for name in ("PRNGKey", "key", "split", "fold_in")})


def used_once(project: Project) -> Iterator[Evidence]:
    """Draws, judged by whether their key has been used for another one."""
    graph = project.graph
    if graph is None:
        return
    first: dict[tuple[int, str], Call] = {}
    for call in sorted(project.calls("draw_jax"), key=lambda c: (c.at.path, c.order)):
        given = argument(call, "0", "key")
        key = graph.of(call.at.path, given.value) if given is not None else -1
        around = _around(graph, key, call) if key >= 0 else None
        if given is None or around is None or project.role(call.at.path) != "source":
            continue
        before = first.setdefault((key, call.scope), call)
        fields = {"name": call.name.removeprefix("jax.")}
        sure = call.guard in _SURE and before.guard in _SURE
        if before is not call and sure and before.loops == call.loops:
            note = "the key was used before"
            related = (Related(before.at, "the same key draws here"),)
            yield Evidence(False, call.at, note, fields=fields, scope=call.scope, related=related)
        elif before is call and len(call.loops) > len(around):
            note = "the key is the same in each round"
            yield Evidence(False, call.at, note, fields=fields, scope=call.scope)
        elif before is call:
            yield Evidence(True, call.at, "the key is used for one draw", scope=call.scope)


def _around(graph: Graph, key: int, call: Call) -> tuple[int, ...] | None:
    """The loops in which the key of a call is made; None where it is not known to be one key."""
    value = graph.value(key)
    if value.op == "param":
        return () if value.detail.rpartition(":")[0] == call.scope else None
    if value.op in {"unpack", "item"}:
        if value.detail in {"", "?"} or ":" in value.detail:
            return None
        key = graph.first(key)
    made = graph.call(key) if key >= 0 else None
    if made is None or made.name not in _MAKERS or made.scope != call.scope:
        return None
    return made.loops
