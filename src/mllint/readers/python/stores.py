"""Which names a block of statements gives values to, found before it is walked."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from mllint.readers.python.calls import MUTATORS
from mllint.readers.python.names import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def stores(body: Iterable[ast.stmt]) -> list[str]:
    """Names and dotted paths that are assigned, deleted or changed, once for each place.

    Functions and classes inside are names here; their bodies are not looked into.
    """
    found: list[str] = []
    stack: list[Any] = list(body)
    while stack:
        node = stack.pop()
        collect = _COLLECT.get(type(node))
        if collect is not None:
            collect(node, found, stack)
    return found


def _target(node: ast.expr | None, found: list[str]) -> None:
    while type(node) in {ast.Subscript, ast.Starred}:
        node = node.value  # type: ignore[union-attr]
    if type(node) is ast.Name:
        found.append(node.id)
    elif type(node) in {ast.Tuple, ast.List}:
        for element in node.elts:  # type: ignore[union-attr]
            _target(element, found)
    elif type(node) is ast.Attribute and (path := dotted(node)):
        found.append(path)
        found.append(path.rpartition(".")[0])


def _assign(node: Any, found: list[str], _stack: list[Any]) -> None:
    for target in node.targets:
        _target(target, found)
    if type(node.value) is ast.Call:
        _called(node.value, found)


def _delete(node: Any, found: list[str], _stack: list[Any]) -> None:
    for target in node.targets:
        _target(target, found)


def _single(node: Any, found: list[str], _stack: list[Any]) -> None:
    _target(node.target, found)


def _expression(node: Any, found: list[str], _stack: list[Any]) -> None:
    if type(node.value) is ast.Call:
        _called(node.value, found)


def _called(node: ast.Call, found: list[str]) -> None:
    func = node.func
    if type(func) is ast.Attribute and (
        func.attr in MUTATORS or any(keyword.arg == "inplace" for keyword in node.keywords)
    ):
        _target(func.value, found)


def _compound(node: Any, found: list[str], stack: list[Any]) -> None:
    target = getattr(node, "target", None)
    if target is not None:
        _target(target, found)
    stack += node.body
    stack += node.orelse


def _with(node: Any, found: list[str], stack: list[Any]) -> None:
    for item in node.items:
        _target(item.optional_vars, found)
    stack += node.body


def _try(node: Any, _found: list[str], stack: list[Any]) -> None:
    for handler in node.handlers:
        stack += handler.body
    stack += node.body
    stack += node.orelse
    stack += node.finalbody


def _match(node: Any, _found: list[str], stack: list[Any]) -> None:
    for case in node.cases:
        stack += case.body


def _imported(node: Any, found: list[str], _stack: list[Any]) -> None:
    found.extend((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _defined(node: Any, found: list[str], _stack: list[Any]) -> None:
    found.append(node.name)


_COLLECT: dict[type[ast.stmt], Callable[[Any, list[str], list[Any]], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _single,
    ast.AugAssign: _single,
    ast.Delete: _delete,
    ast.Expr: _expression,
    ast.For: _compound,
    ast.AsyncFor: _compound,
    ast.While: _compound,
    ast.If: _compound,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.Import: _imported,
    ast.ImportFrom: _imported,
    ast.FunctionDef: _defined,
    ast.AsyncFunctionDef: _defined,
    ast.ClassDef: _defined,
}
if hasattr(ast, "TryStar"):
    _COLLECT[ast.TryStar] = _try
