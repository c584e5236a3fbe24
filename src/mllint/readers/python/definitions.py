"""Functions and classes: what they bind, and their bodies once the rest is known."""

from __future__ import annotations

import ast
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mllint.facts import Body, Define
from mllint.readers.python.scope import Blueprint, Scope
from mllint.readers.python.state import Deferred, Summary
from mllint.readers.python.stores import stores

if TYPE_CHECKING:
    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Walk

_FILLING = frozenset({
    "attr.attrs", "attr.define", "attr.frozen", "attr.s", "attrs.define", "attrs.frozen",
    "dataclasses.dataclass", "pydantic.BaseModel",
    "pydantic.dataclasses.dataclass", "typing.NamedTuple",
})  # fmt: skip
"""What gives a class an `__init__` that takes its annotated fields."""
SHAPED = 6
"""Fewest lines of a function whose shape is worth comparing."""


def function_definition(w: Walk, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Bind a function and put its body off."""
    scope = w.scope
    decorators = tuple(w.value(decorator).name or "?" for decorator in node.decorator_list)
    name = scope.qualified(node.name)
    scope.bind(node.name, w.graph.add("name", f".{name}", (), "", node.lineno))
    blueprint = scope.blueprint if scope.kind == "class" else None
    if blueprint is not None:
        blueprint.methods.add(node.name)
    defaults = _defaults(w, node.args)
    later = Deferred(node, name, scope, decorators, blueprint, w.chunk, scope.guard, defaults)
    w.pending.append(later)
    return False


def _defaults(w: Walk, args: ast.arguments) -> dict[str, Node]:
    found = {}
    plain = [*args.posonlyargs, *args.args]
    pairs = [
        *zip(plain[len(plain) - len(args.defaults) :], args.defaults, strict=True),
        *zip(args.kwonlyargs, args.kw_defaults, strict=True),
    ]
    for arg, default in pairs:
        if default is not None:
            w.target = arg.arg
            found[arg.arg] = w.value(default)
            w.target = ""
    return found


def class_definition(w: Walk, node: ast.ClassDef) -> bool:
    """Bind a class and walk its body; methods are put off."""
    outer = w.scope
    decorators = tuple(w.value(decorator).name or "?" for decorator in node.decorator_list)
    bases = tuple(w.value(base).name or "?" for base in node.bases)
    for keyword in node.keywords:
        w.value(keyword.value)
    name = outer.qualified(node.name)
    outer.bind(node.name, w.graph.add("name", f".{name}", (), "", node.lineno))
    scope = Scope("class", name, outer)
    scope.blueprint = w.blueprints[name] = Blueprint(name, bases)
    scope.blueprint.filled = bool(decorators) or any(base[:1] != "." for base in bases)
    scope.guard = outer.guard
    scope.stores = Counter(stores(node.body))
    w.scope = scope
    w.block(node.body)
    w.scope = outer
    if _FILLING.intersection(name.removesuffix("()") for name in (*decorators, *bases)):
        _fields(w, node, scope.blueprint)
    place = w.chunk.place(node)
    w.row(
        "define",
        Define(place, name, "class", bases, decorators, (), False, _is_stub(node.body), 0),
    )
    w.row("body", Body(place, name, _lines(node), _docstring(node.body)))
    return False


def _fields(w: Walk, node: ast.ClassDef, blueprint: Blueprint) -> None:
    """Note what the `__init__` takes that a class gets for its annotated fields."""
    fields = [one for one in node.body if type(one) is ast.AnnAssign]
    named = [(one, one.target.id) for one in fields if type(one.target) is ast.Name]
    if not named or "__init__" in blueprint.methods:
        return
    made, line = f"{blueprint.name}.__init__", node.lineno
    me = w.graph.add("param", f".{blueprint.name}()", (), f"{made}:self", line)
    blueprint.params.append(("self", me))
    for one, name in named:
        value = w.graph.add("param", f"?{name}", (), f"{made}:{name}", one.lineno)
        blueprint.params.append((name, value))
        if one.value is None:
            blueprint.given.add(name)


def run(w: Walk) -> None:
    """Walk every function body that was put off, and those inside them."""
    at = 0
    while at < len(w.pending):
        _body(w, w.pending[at])
        at += 1
    w.pending.clear()
    w.scope = w.module


def _body(w: Walk, later: Deferred) -> None:
    node = later.node
    scope = Scope("function", later.name, later.scope)
    scope.within = later.decorators
    scope.guard = later.guard if later.guard in {"optional", "type"} else ""
    scope.blueprint = later.blueprint
    w.scope = later.scope
    w.chunk = later.chunk
    w.graph.cell = later.chunk.cell.index if later.chunk.cell else 0
    annotations = _annotations(w, node.args)
    w.scope = scope
    params = _params(w, later, scope)
    scope.stores = Counter(stores(node.body))
    first = len(w.graph.nodes)
    w.block(node.body)
    defaults = [(key, value.const) for key, value in later.defaults.items() if value.known]
    w.summaries.append(Summary(later.name, params, scope.returns, defaults))
    annotated = node.returns is not None or any(annotations)
    kind = "method" if later.blueprint is not None else "function"
    place = w.chunk.place(node)
    w.row(
        "define",
        Define(
            place, later.name, kind, (), later.decorators, tuple(key for key, _ in params),
            annotated, _is_stub(node.body), scope.asserts,
            raises=scope.raises, guards=scope.guards, annotations=annotations,
        ),
    )  # fmt: skip
    lines = _lines(node)
    shape = _shape(w.graph.nodes[first:], lines)
    docstring = _docstring(node.body)
    w.row("body", Body(place, later.name, lines, docstring, shape, scope.branches))


def _annotations(w: Walk, args: ast.arguments) -> tuple[str, ...]:
    """The origin path of each parameter's annotation."""
    every = [*args.posonlyargs, *args.args]
    every += [args.vararg] if args.vararg is not None else []
    every += args.kwonlyargs
    every += [args.kwarg] if args.kwarg is not None else []
    found = tuple("" if a.annotation is None else _annotation(w, a.annotation) for a in every)
    return found if any(found) else ()


def _annotation(w: Walk, node: ast.expr) -> str:
    """What an annotation names: the type within `Optional` and `Annotated`, else the outer one."""
    match node:
        case ast.Constant(value=str() as text) if text.replace(".", "_").isidentifier():
            return _annotation(w, ast.copy_location(ast.parse(text, mode="eval").body, node))
        case ast.BinOp(left=ast.Constant(value=None), right=other) | ast.BinOp(left=other):
            return _annotation(w, other)
        case ast.Subscript(value=outer, slice=inner):
            name = _annotation(w, outer)
            if name.rpartition(".")[2] in {"Optional", "Annotated"}:
                first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                return _annotation(w, first)
            return name
        case ast.Name() | ast.Attribute():
            return w.value(node).name or "?"
    return "?"


def _params(w: Walk, later: Deferred, scope: Scope) -> list[tuple[str, Node]]:
    args = later.node.args
    named = [(arg.arg, arg.arg) for arg in (*args.posonlyargs, *args.args)]
    if args.vararg is not None:
        named.append((args.vararg.arg, f"*{args.vararg.arg}"))
    named += [(arg.arg, arg.arg) for arg in args.kwonlyargs]
    if args.kwarg is not None:
        named.append((args.kwarg.arg, f"**{args.kwarg.arg}"))
    params = []
    line = later.node.lineno
    for i, (name, key) in enumerate(named):
        origin, op = f"?{name}", "param"
        if not i and later.blueprint is not None and "staticmethod" not in later.decorators:
            scope.me = name
            origin = f".{later.blueprint.name}()"
            if "classmethod" in later.decorators:
                origin, op = f".{later.blueprint.name}", "name"
        node = w.graph.add(op, origin, (), f"{later.name}:{name}", line)
        scope.env[name] = node
        params.append((key, node))
    return params


def _lines(node: Any) -> int:
    return int(node.end_lineno - node.lineno + 1)


def _docstring(body: list[ast.stmt]) -> bool:
    first = body[0]
    return (
        type(first) is ast.Expr
        and type(first.value) is ast.Constant
        and isinstance(first.value.value, str)
    )


def _is_stub(body: list[ast.stmt]) -> bool:
    """Whether a body does nothing."""
    for node in body:
        kind = type(node)
        if kind is ast.Pass or (kind is ast.Expr and type(node.value) is ast.Constant):  # type: ignore[attr-defined]
            continue
        if kind is ast.Assert and type(node.test) is ast.Constant and node.test.value:  # type: ignore[attr-defined]
            continue
        if kind is ast.Expr and _asks_constants(node.value):  # type: ignore[attr-defined]
            continue
        if kind is ast.Raise and "NotImplemented" in ast.dump(node.exc or node):  # type: ignore[attr-defined]
            continue
        return False
    return True


def _asks_constants(node: ast.expr) -> bool:
    """Whether an expression is `self.assertTrue(True)` or the like."""
    return (
        type(node) is ast.Call
        and type(node.func) is ast.Attribute
        and node.func.attr.startswith("assert")
        and type(node.func.value) is ast.Name
        and node.func.value.id == "self"
        and bool(node.args)
        and all(type(one) is ast.Constant for one in node.args)
    )


def _shape(nodes: list[Node], lines: int) -> str:
    """A hash of what a body does, names and constants apart."""
    if lines < SHAPED:
        return ""
    text = " ".join(node.op for node in nodes if node.op not in {"name", "unknown"})
    return blake2b(text.encode(), digest_size=8).hexdigest()
