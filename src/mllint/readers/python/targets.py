"""Assignment: what names, attributes and items mean afterwards."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mllint.readers.python.constants import quoted
from mllint.readers.python.names import dotted
from mllint.readers.python.scope import Given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Walk

_NAMELESS = frozenset({"binary", "compare", "container", "merge", "unknown", "lambda"})
"""What has no origin of its own: it is called after the name that it is given."""

_STILL = frozenset({"loc", "iloc", "at", "iat", "values", "data", "flat"})
"""Attributes that are a view of their object."""


_TABLES = "pandas."
"""Where an item of an item is told of when it is set: a selection may be a copy."""


def bind(w: Walk, target: ast.expr, value: Node) -> None:
    """Give a target a value."""
    kind = type(target)
    if kind is ast.Name:
        _bind_name(w, target, value)  # type: ignore[arg-type]
    elif kind in {ast.Tuple, ast.List}:
        _unpack(w, target.elts, value)  # type: ignore[attr-defined]
    elif kind is ast.Attribute:
        _bind_attribute(w, target, value)  # type: ignore[arg-type]
    elif kind is ast.Subscript:
        _bind_item(w, target, value)  # type: ignore[arg-type]
    elif kind is ast.Starred:
        bind(w, target.value, value)  # type: ignore[attr-defined]


def given(w: Walk, node: ast.AST, target: str, value: Node) -> None:
    """Record an assignment."""
    scope = w.scope
    w.given.append(Given(node, target, value, scope.name, scope.loops, w.chunk, scope.guard))


def _bind_name(w: Walk, target: ast.Name, value: Node) -> None:
    name = target.id
    scope = w.scope
    if name in scope.outer:
        holder = scope.parent
        while holder is not None and name not in holder.env:
            holder = holder.parent
        (holder or w.module).bind(name, value)
        scope.forget(name)
    else:
        scope.bind(name, value)
    if value.name == "?" and value.op in _NAMELESS:
        value.name = f"?{name}"
    if scope.kind == "class" and scope.blueprint is not None:
        scope.blueprint.attributes.setdefault(name, []).append(value)
        scope.blueprint.fields.add(name)
    given(w, target, name, value)


def _unpack(w: Walk, targets: Sequence[ast.expr], value: Node) -> None:
    parts = value.parts
    starred = [i for i, target in enumerate(targets) if type(target) is ast.Starred]
    if parts is not None and not starred and set(parts) == set(range(len(targets))):
        for i, target in enumerate(targets):
            bind(w, target, parts[i])
        return
    for i, target in enumerate(targets):
        if starred and i == starred[0]:
            detail = f"*{i}"
        elif starred and i > starred[0]:
            detail = str(i - len(targets))
        else:
            detail = str(i)
        name = f"{value.name or '?'}[]"
        bind(w, target, w.graph.add("unpack", name, (value,), detail, target.lineno))


def _bind_attribute(w: Walk, target: ast.Attribute, value: Node) -> None:
    scope = w.scope
    path = dotted(target)
    base = w.value(target.value)
    if base.op != "name" and not value.known and not _is_me(w, base):
        mutate(w, target.value, [value], f".{target.attr}=", target.lineno)
        _keep(w, target.value, base)
    if path:
        scope.bind_path(path, value)
    if scope.blueprint is not None and _is_me(w, base):
        scope.blueprint.attributes.setdefault(target.attr, []).append(value)
        given(w, target, f"self.{target.attr}", value)
        return
    written = f"{base.name}.{target.attr}" if base.op == "name" else path
    given(w, target, written or f"{base.name or '?'}.{target.attr}", value)


def _keep(w: Walk, place: ast.expr, old: Node, *, elsewhere: bool = False) -> None:
    """Let an attribute of the instance that was changed be known by its new value.

    What another method has set may still be seen as it was: which comes first is not known.
    """
    me, _, attr = dotted(place).partition(".")
    held = w.scope.blueprint.attributes.get(attr, []) if w.scope.blueprint is not None else []
    if not me or me != w.scope.me:
        return
    new = w.scope.env.get(f"{me}.{attr}")
    if new is not None and old in held:
        held[held.index(old)] = new
    elif elsewhere and new is not None and held and old.op in {"attr", "mutate"}:
        held.append(new)


def _is_me(w: Walk, base: Node) -> bool:
    return bool(w.scope.me) and base is w.scope.env.get(w.scope.me)


def _bind_item(w: Walk, target: ast.Subscript, value: Node) -> None:
    base = w.value(target.value)
    key = w.value(target.slice)
    if base.name == "os.environ":
        text = quoted(key.const) if key.known else "?"
        w.scope.bind_path(f"os.environ[{text}]", value)
        given(w, target, f"os.environ[{text}]", value)
        return
    if type(target.value) is ast.Subscript and base.name.startswith(_TABLES):
        given(w, target, f"{base.name}[{quoted(key.const) if key.known else '?'}]", value)
    if type(target.value) is ast.Attribute and key.known and value.op == "call":
        given(w, target, f"{dotted(target.value) or '?'}[{quoted(key.const)}]", value)
    if _in_shared_dict(w, target.value) and key.known and not value.known:
        given(w, target, f"{dotted(target.value)}[{quoted(key.const)}]", value)
    went_in = [value] if key.known else [value, key]
    detail = f"[{quoted(key.const)}]=" if key.known else "[]="
    mutate(w, target.value, went_in, detail, target.lineno)
    if w.scope.me:
        _keep(w, target.value, base, elsewhere=True)


def _in_shared_dict(w: Walk, place: ast.expr) -> bool:
    """Whether a function writes into a dict that the module makes empty: `loaded = {}`."""
    if type(place) is not ast.Name or w.scope is w.module:
        return False
    made = w.module.env.get(place.id)
    return made is not None and made.known and made.const == {}


def mutate(w: Walk, place: ast.expr, went_in: Sequence[Node], detail: str, line: int) -> None:
    """Let the name that holds a changed object mean the changed object."""
    at = place
    while True:
        if type(at) is ast.Subscript or (type(at) is ast.Attribute and at.attr in _STILL):
            at = at.value
        elif type(at) is ast.Call and type(at.func) is ast.Attribute:
            return
        else:
            break
    path = dotted(at)
    if not path:
        return
    scope = w.scope
    old = scope.env.get(path)
    if old is None:
        old = w.value(at)
    if old.op == "name":
        return
    changed = w.graph.add("mutate", old.name or f"?{path}", (old, *went_in), detail, line)
    scope.rebind(path, changed)


def iterated(w: Walk, value: Node, line: int) -> Node:
    """An element of what is iterated over."""
    if value.op == "call" and not value.known:
        pieces = [made for made in value.inputs[1:] if made is not None]
        if value.name == "enumerate()" and pieces:
            return _pair(w, None, iterated(w, pieces[0], line), line)
        if value.name == "zip()" and pieces:
            return _row(w, [iterated(w, piece, line) for piece in pieces], line)
        receiver = value.inputs[0]
        if receiver is not None and value.name.endswith(".items()"):
            element = w.graph.add("iter", f"{receiver.name or '?'}[]", (receiver,), "", line)
            return _pair(w, None, element, line)
    return w.graph.add("iter", f"{value.name or '?'}[]", (value,), "", line)


def _pair(w: Walk, key: Node | None, element: Node, line: int) -> Node:
    return _row(w, [key or w.graph.add("unknown", "?", (), "key", line), element], line)


def _row(w: Walk, values: list[Node], line: int) -> Node:
    made = w.graph.add("container", "?", tuple(values), "tuple", line)
    made.parts = dict(enumerate(values))
    return made
