"""The rows of a YAML file, by a function that reads one document of it.

Knows how to go on where the YAML is broken; nothing of what a file means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.readers.gather import gather
from mllint.readers.yamldoc import Node, YamlProblem, load_even_templated, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mllint.facts import Facts

MAX_KEYS = 2000
"""Keys that are kept of one manifest."""


def yaml_rows(path: str, data: bytes, rows: Callable[[str, Node], Iterable[Any]]) -> Facts:
    """What the function says of each document; a problem where the file is no YAML."""
    try:
        found = load_even_templated(data)
    except YamlProblem as problem:
        return gather(problem.rows(path))
    return gather(row for document in found for row in rows(path, document))


def keys_of(node: Node) -> tuple[str, ...]:
    """The dotted keys of every entry below a node, each once, in their order.

    A boolean is there with its value as well: `securityContext.privileged=true`.
    """
    found: dict[str, None] = {}
    for key, _, below in walk(node):
        if len(found) >= MAX_KEYS:
            break
        if key and not key.endswith("[]"):
            found[key] = None
            if isinstance(below.value, bool):
                found[f"{key}={str(below.value).lower()}"] = None
    return tuple(found)
