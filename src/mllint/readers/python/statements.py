"""What statements do to the state. One function per node type, definitions apart.

Each returns True where nothing can follow it in its block.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from mllint.readers.python import imports
from mllint.readers.python.calls import call
from mllint.readers.python.definitions import class_definition, function_definition
from mllint.readers.python.names import combined, dotted
from mllint.readers.python.scope import Fork
from mllint.readers.python.stores import stores
from mllint.readers.python.targets import bind, given, iterated, mutate

if TYPE_CHECKING:
    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Execute, Walk

_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_RANKED = re.compile(
    r"(?:^|[._])(?:rank|is_main(?:_process)?|is_master|is_global_zero)$", re.IGNORECASE
)
_RANK = {"": 0, "main": 1, "flag": 2, "optional": 3, "type": 4}


def _expression(w: Walk, node: ast.Expr) -> bool:
    value = node.value
    if type(value) is ast.Await:
        value = value.value
    if type(value) is ast.Call:
        call(w, value, used=False)
        if node in w.shown and w.sites and w.sites[-1].node is value:
            w.sites[-1] = w.sites[-1]._replace(shown=True)
    elif type(value) is not ast.Constant:
        w.value(value)
    return False


def _assign(w: Walk, node: ast.Assign) -> bool:
    first = node.targets[0]
    value = _given_to(w, first, node.value)
    for target in node.targets:
        bind(w, target, value)
    return False


def _given_to(w: Walk, target: ast.expr, node: ast.expr) -> Node:
    if type(target) is ast.Name:
        w.target = target.id
    elif type(target) is ast.Attribute:
        w.target = target.attr
    elif type(target) is ast.Subscript and type(target.slice) is ast.Constant:
        w.target = str(target.slice.value)
    if type(node) not in {ast.Constant, ast.JoinedStr}:
        w.target = ""
    value = w.value(node)
    w.target = ""
    return value


def _annotated(w: Walk, node: ast.AnnAssign) -> bool:
    if node.value is not None:
        bind(w, node.target, _given_to(w, node.target, node.value))
    return False


def _augmented(w: Walk, node: ast.AugAssign) -> bool:
    target = node.target
    value = w.value(node.value)
    if type(target) is ast.Subscript:
        mutate(w, target.value, [value], "[]=", node.lineno)
        return False
    old = w.value(target)
    made = combined(w, node.op, old, value, node.lineno)
    path = dotted(target)
    if path:
        w.scope.rebind(path, made)
        given(w, node, path, made)
    if type(target) is ast.Attribute and w.scope.blueprint is not None:
        w.scope.blueprint.attributes.setdefault(target.attr, []).append(made)
    return False


def _delete(w: Walk, node: ast.Delete) -> bool:
    for target in node.targets:
        if type(target) is ast.Subscript:
            mutate(w, target.value, [w.value(target.slice)], "del", node.lineno)
        elif path := dotted(target):
            w.scope.forget(path)
    return False


def _return(w: Walk, node: ast.Return) -> bool:
    if node.value is not None:
        w.scope.returns.append(w.value(node.value))
    return True


def _raise(w: Walk, node: ast.Raise) -> bool:
    w.scope.raises += node.exc is not None and "NotImplemented" not in ast.dump(node.exc)
    for part in (node.exc, node.cause):
        if part is not None:
            w.value(part)
    return True


def _assert(w: Walk, node: ast.Assert) -> bool:
    w.scope.asserts += 1
    test = w.value(node.test)
    asked = test.inputs if test.op == "compare" else (test,)
    w.scope.guards += all(one is None or one.op in {"param", "const"} for one in asked)
    if node.msg is not None:
        w.value(node.msg)
    return False


def _if(w: Walk, node: ast.If) -> bool:
    scope = w.scope
    before = scope.guard
    fork = Fork(scope)
    at: ast.If = node
    while True:  # elif chains can be long
        scope.branches += 1
        w.value(at.test)
        guard = _guard(w, at.test)
        scope.guard = stronger(before, guard)
        fork.open()
        fork.close(ended=w.block(at.body))
        if len(at.orelse) == 1 and type(at.orelse[0]) is ast.If:
            at = at.orelse[0]
            continue
        break
    scope.guard = stronger(before, guard and "flag")
    fork.open()
    fork.close(ended=w.block(at.orelse))
    scope.guard = before
    return fork.join(w.graph, node.lineno)


def stronger(one: str, other: str) -> str:
    """The guard that says more of two nested ones."""
    return one if _RANK[one] >= _RANK[other] else other


def _guard(w: Walk, test: ast.expr) -> str:
    if type(test) is ast.Compare and type(test.left) is ast.Name and test.left.id == "__name__":
        return "main"
    if type(test) is ast.Constant:
        return "" if test.value else "flag"
    if _of_one_process(test):
        return ""
    if type(test) is ast.Compare and type(test.ops[0]) in {ast.IsNot, ast.NotEq}:
        test = test.left
    if type(test) in {ast.Name, ast.Attribute}:
        value = w.value(test)
        if value.name.endswith("TYPE_CHECKING"):
            return "type"
        if w.imported.get(value.name):
            return "optional"
        if type(test) is ast.Name and test.id in w.probes:
            return "optional"
    return "flag"


def _of_one_process(test: ast.expr) -> bool:
    """Whether a test only asks if this is the main one of several processes."""
    if type(test) is ast.Compare:
        test = test.left
    if type(test) is ast.Call:
        test = test.func
    return _RANKED.search(dotted(test)) is not None


def _loop(w: Walk, node: Any, body: list[ast.stmt], target: ast.expr | None = None) -> None:
    """Walk a loop body once; what it carries round stands for all rounds."""
    scope = w.scope
    over = w.value(node.iter) if target is not None else None
    before = scope.loops
    scope.loops = (*before, w.next_loop())
    scope.branches += 1
    carried = {}
    for name in dict.fromkeys(stores(body)):
        old = scope.env.get(name)
        if old is not None and old.op != "name":
            carried[name] = w.graph.add("loop", old.name or f"?{name}", (old,), "", node.lineno)
            scope.rebind(name, carried[name])
    if target is not None and over is not None:
        bind(w, target, iterated(w, over, node.lineno))
    else:
        w.value(node.test)
    w.block(body)
    for name, head in carried.items():
        last = scope.env.get(name)
        if last is not None and last is not head:
            head.inputs = (*head.inputs, last)
            scope.rebind(name, head)
    scope.loops = before


def _for(w: Walk, node: ast.For) -> bool:
    _loop(w, node, node.body, node.target)
    w.block(node.orelse)
    return False


def _while(w: Walk, node: ast.While) -> bool:
    _loop(w, node, node.body)
    w.block(node.orelse)
    return False


def _with(w: Walk, node: ast.With) -> bool:
    scope = w.scope
    before = scope.within
    guard = scope.guard
    for item in node.items:
        value = w.value(item.context_expr)
        if w.sites and w.sites[-1].node is item.context_expr:
            w.sites[-1] = w.sites[-1]._replace(entered=True)
        if value.name == "contextlib.suppress()" and _suppresses_import(item.context_expr):
            scope.guard = stronger(guard, "optional")
        if value.name:
            scope.within = (*scope.within, value.name)
        if item.optional_vars is not None:
            bind(w, item.optional_vars, value)
    ended = w.block(node.body)
    scope.within = before
    scope.guard = guard
    return ended


def _suppresses_import(node: ast.expr) -> bool:
    return type(node) is ast.Call and any(_catches_import(arg) for arg in node.args)


def _try(w: Walk, node: Any) -> bool:
    scope = w.scope
    before = scope.guard
    if any(_catches_import(handler.type) for handler in node.handlers) and _imports(node.body):
        scope.guard = stronger(before, "optional")
        w.probes.update(stores([*node.body, *(s for h in node.handlers for s in h.body)]))
    fork = Fork(scope)
    fork.open()
    w.shown.update(node.body[-1:])
    ended = w.block(node.body)
    scope.guard = before
    after_body = dict(scope.trail or {})
    reached = {name: scope.env.get(name) for name in after_body}
    fork.close(ended=w.block(node.orelse) or ended)
    for handler in node.handlers:
        scope.branches += 1
        fork.open()
        for name, value in reached.items():  # the body may have failed at any point
            merged = w.graph.merge((after_body[name], value), node.lineno)
            if merged is not None:
                scope.rebind(name, merged)
        if handler.name:
            scope.bind(handler.name, w.graph.add("unknown", "?", (), "except", handler.lineno))
        scope.guard = stronger(before, "flag")
        fork.close(ended=w.block(handler.body))
        scope.guard = before
    ended = fork.join(w.graph, node.lineno)
    return w.block(node.finalbody) or ended


def _catches_import(node: ast.expr | None) -> bool:
    if node is None:
        return True
    parts = node.elts if type(node) is ast.Tuple else [node]
    return any(dotted(part).rpartition(".")[2] in _MISSING for part in parts)


def _imports(body: list[ast.stmt]) -> bool:
    return any(type(node) in {ast.Import, ast.ImportFrom} for node in body)


def _match(w: Walk, node: ast.Match) -> bool:
    scope = w.scope
    before = scope.guard
    subject = w.value(node.subject)
    scope.guard = stronger(before, "flag")
    fork = Fork(scope)
    fork.open()
    fork.close(ended=False)
    for case in node.cases:
        scope.branches += 1
        fork.open()
        for part in ast.walk(case.pattern):
            name = getattr(part, "name", None) or getattr(part, "rest", None)
            if name:
                inputs = (subject,)
                origin = f"{subject.name or '?'}[]"
                scope.bind(name, w.graph.add("unpack", origin, inputs, "", node.lineno))
        if case.guard is not None:
            w.value(case.guard)
        fork.close(ended=w.block(case.body))
    scope.guard = before
    fork.join(w.graph, node.lineno)
    return False


def _global(w: Walk, node: ast.Global | ast.Nonlocal) -> bool:
    w.scope.outer |= frozenset(node.names)
    return False


def _alias(w: Walk, node: Any) -> bool:
    bind(w, node.name, w.value(node.value))
    return False


STATEMENTS: dict[type[ast.stmt], Execute] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Import: imports.plain,
    ast.ImportFrom: imports.origin,
    ast.FunctionDef: function_definition,
    ast.AsyncFunctionDef: function_definition,
    ast.ClassDef: class_definition,
}
_NEWER = {"TryStar": _try, "TypeAlias": _alias}
STATEMENTS |= {getattr(ast, name): do for name, do in _NEWER.items() if hasattr(ast, name)}
