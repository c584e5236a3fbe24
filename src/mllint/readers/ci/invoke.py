"""Invoke: tasks as targets, read from tasks.py without running it.

Knows the calls of a task that run a command; of a text that is put together the parts are kept
that are constant.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mllint.facts import Facts, Place, Problem, Target
from mllint.readers.ci.parsed import MAX_BYTES, parsed
from mllint.readers.gather import gather

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_invoke(path: str, data: bytes) -> Facts:
    """The tasks of a file that imports Invoke, each with what it runs and the tasks before it."""
    if len(data) > MAX_BYTES or b"invoke" not in data:
        return Facts()
    tree = parsed(path, data)
    if isinstance(tree, Problem):
        return gather([tree])
    return gather(_targets(path, tree) if _imports(tree) else ())


def _imports(tree: ast.Module) -> bool:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "invoke":
            return True
        if isinstance(node, ast.Import) and any(a.name == "invoke" for a in node.names):
            return True
    return False


def _targets(path: str, tree: ast.Module) -> Iterator[Target]:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
            if name == "task":
                at = Place(path, node.lineno, 1, node.end_lineno or node.lineno)
                needs = tuple(_needs(decorator))
                yield Target(at, "invoke", _dashed(node.name), needs, tuple(_commands(node)))
                break


def _dashed(name: str) -> str:
    return name.strip("_").replace("_", "-")


def _needs(decorator: ast.expr) -> Iterator[str]:
    """The tasks that run before: given by position, or as `pre`."""
    if not isinstance(decorator, ast.Call):
        return
    before = list(decorator.args)
    for keyword in decorator.keywords:
        if keyword.arg == "pre" and isinstance(keyword.value, ast.List | ast.Tuple):
            before.extend(keyword.value.elts)
    for one in before:
        if isinstance(one, ast.Name):
            yield _dashed(one.id)


def _commands(node: ast.FunctionDef) -> Iterator[str]:
    """What the context, which is the first parameter, is told to run."""
    context = node.args.args[0].arg if node.args.args else ""
    found = [
        below
        for below in ast.walk(node)
        if isinstance(below, ast.Call)
        and isinstance(below.func, ast.Attribute)
        and below.func.attr in {"run", "sudo"}
        and isinstance(below.func.value, ast.Name)
        and below.func.value.id == context
    ]
    for call in sorted(found, key=lambda one: (one.lineno, one.col_offset)):
        command = _text(call.args[0]) if call.args else ""
        if command.strip():
            yield command


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return ""
