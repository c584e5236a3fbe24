"""Services of CI that are less common: whatever stands in their files under the name of a script.

Not all that such a service runs is seen: what is not found may be run as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Ci, Facts, Place
from mllint.readers.ci.scripts import run_of, scalars, text_under
from mllint.readers.yamldoc import Node, child
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM = "other"
MAX_DEPTH = 14

_ON = ("push",)
_SCRIPTS = frozenset({"script", "scripts", "commands", "run", "content", "command", "bash", "sh"})
_STARTED = (("command", "arguments"), ("binary", "args"), ("path", "args"), ("command", "args"))
"""Where a program and its words stand apart."""
_NAMED = frozenset({"steps", "tasks"})
"""Lists whose items may be a name and its script."""
_NO_SCRIPT = frozenset({"uses", "name", "task", "image", "get", "put", "template", "type", "id"})


def read_other(path: str, data: bytes) -> Facts:
    """The scripts of a definition, wherever they stand in it."""
    return yaml_rows(path, data, _rows)


def _rows(path: str, document: Node) -> Iterator[Ci]:
    yield from _walk(path, "", document, 0)


def _walk(path: str, job: str, node: Node, depth: int) -> Iterator[Ci]:
    if depth > MAX_DEPTH:
        return
    job = text_under(node, "name") or job
    started = _started(path, job, node)
    if started is not None:
        yield started
    for item in node.items:
        scripts = list(scalars(item.node)) if item.key in _SCRIPTS else []
        if scripts and started is None:
            yield _step(path, job, scripts)
        elif item.key in _NAMED:
            yield from _of_names(path, item.node)
        if not scripts:
            yield from _walk(path, job, item.node, depth + 1)
    for one in node.list:
        yield from _walk(path, job, one, depth + 1)


def _of_names(path: str, node: Node) -> Iterator[Ci]:
    """The scripts of `- lint: ruff check`."""
    for one in node.list:
        for item in one.items if len(one.items) == 1 else ():
            if item.node.kind == "scalar" and item.key not in _NO_SCRIPT | _SCRIPTS:
                yield _step(path, item.key, [item.node])


def _started(path: str, job: str, node: Node) -> Ci | None:
    """A program that stands apart from its words; of a shell the text alone."""
    for program, rest in _STARTED:
        first, words = child(node, program), list(scalars(child(node, rest)))
        if first is None or first.kind != "scalar" or not words:
            continue
        if words[0].raw.startswith("-") and words[0].raw.endswith("c"):
            return _step(path, job, words[-1:])
        run = " ".join(one.raw for one in (first, *words))
        return Ci(Place(path, first.line, 1, words[-1].line), SYSTEM, job, "", _ON, "", run, ())
    return None


def _step(path: str, job: str, nodes: list[Node]) -> Ci:
    at, run = run_of(path, nodes)
    return Ci(at, SYSTEM, job, "", _ON, "", run, ())
