"""doit: tasks as targets, read from dodo.py without running it.

A file of which any task cannot be told in full has no targets: what it runs is not known then.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mllint.facts import Facts, Place, Problem, Target
from mllint.readers.ci.parsed import MAX_BYTES, parsed
from mllint.readers.gather import gather

if TYPE_CHECKING:
    from collections.abc import Sequence

_START = "task_"


def read_dodo(path: str, data: bytes) -> Facts:
    """The tasks that functions give back as constants, and which of them run by default."""
    if len(data) > MAX_BYTES or b"def task_" not in data:
        return Facts()
    tree = parsed(path, data)
    if isinstance(tree, Problem):
        return gather([tree])
    tasks = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name.startswith(_START)]
    targets = [_target(path, one) for one in tasks]
    whole = [one for one in targets if one is not None]
    if len(whole) != len(targets):
        return Facts()
    chosen = _default(tree) or tuple(one.name for one in whole)
    return gather([Target(Place(path), "doit", "", chosen, ()), *whole])


def _default(tree: ast.Module) -> tuple[str, ...]:
    """The tasks that `DOIT_CONFIG` names."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            value = _entry(node.value, "default_tasks") if "DOIT_CONFIG" in names else None
            if value is not None:
                return tuple(_strings(value) or ())
    return ()


def _target(path: str, node: ast.FunctionDef) -> Target | None:
    given = [below.value for below in ast.walk(node) if isinstance(below, ast.Return)]
    yields = any(isinstance(below, ast.Yield | ast.YieldFrom) for below in ast.walk(node))
    if yields or len(given) != 1 or not isinstance(given[0], ast.Dict):
        return None
    commands = _actions(_entry(given[0], "actions"))
    needs = [_strings(v) for k in ("task_dep", "setup") if (v := _entry(given[0], k)) is not None]
    if commands is None or any(one is None for one in needs):
        return None
    named = tuple(name for one in needs for name in one or ())
    at = Place(path, node.lineno, 1, node.end_lineno or node.lineno)
    return Target(at, "doit", node.name.removeprefix(_START), named, tuple(commands))


def _entry(node: ast.Dict, wanted: str) -> ast.expr | None:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == wanted:
            return value
    return None


def _actions(node: ast.expr | None) -> Sequence[str] | None:
    """The commands: texts, or lists of words; None where one is anything else."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return ()
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    found: list[str] = []
    for one in node.elts:
        words = _strings(one) if isinstance(one, ast.List) else None
        if words is not None:
            found.append(" ".join(words))
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.append(one.value)
        else:
            return None
    return found


def _strings(node: ast.expr) -> list[str] | None:
    """The texts of a list of texts; None where it holds anything else."""
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    found = [one.value for one in node.elts if isinstance(one, ast.Constant)]
    texts = [one for one in found if isinstance(one, str)]
    return texts if len(texts) == len(node.elts) else None
