"""What expressions evaluate to. One function per node type, calls apart."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from mllint.facts import Compare
from mllint.readers.python import constants, literals
from mllint.readers.python.calls import call
from mllint.readers.python.constants import UNKNOWN, quoted
from mllint.readers.python.names import attribute, combined, dotted
from mllint.readers.python.targets import bind, iterated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Evaluate, Walk

_NO_NUMBERS = frozenset(
    {"numpy.nan", "numpy.NaN", "numpy.NAN", "math.nan", "torch.nan", "jax.numpy.nan", "pandas.NaT",
     "pandas.NA"}
)  # fmt: skip
"""What is not even equal to itself."""


def _constant(w: Walk, node: ast.Constant) -> Node:
    value = node.value
    if type(value) is str and len(value) > 3:
        literals.note(w, node, value)
    value = constants.admitted(value)
    if value is UNKNOWN:
        return w.graph.add("unknown", "?", (), "", node.lineno)
    return w.graph.constant(value, node.lineno)


def _name(w: Walk, node: ast.Name) -> Node:
    found = w.scope.env.get(node.id)
    return found if found is not None else w.lookup(node.id, node.lineno)


def _attribute(w: Walk, node: ast.Attribute) -> Node:
    path = dotted(node)
    if path and (stored := w.scope.env.get(path)) is not None:
        return stored
    base = w.value(node.value)
    made = attribute(w, base, node.attr, node.lineno)
    if path and base.op != "name":  # read again, it is the same object
        w.scope.bind_path(path, made)
    return made


def _subscript(w: Walk, node: ast.Subscript) -> Node:
    base = w.value(node.value)
    text, keys, plain = _key(w, node.slice)
    if base.parts is not None and plain and keys[0].known:
        key = keys[0].const
        if type(key) is int and key < 0:
            key += len(base.parts)
        if isinstance(key, (str, int)) and key in base.parts:
            return base.parts[key]
    if base.known and plain and keys[0].known:
        item = _item(base.const, keys[0].const)
        if item is not UNKNOWN:
            return w.graph.constant(item, node.lineno)
    name = f"{base.name or '?'}[]"
    if base.name == "os.environ":
        stored = w.scope.env.get(f"os.environ[{text}]")
        if stored is not None:
            return stored
    inputs = (base, *(key for key in keys if not key.known))
    return w.graph.add("item", name, inputs, text, node.lineno)


def _item(value: Any, key: Any) -> Any:
    if type(value) not in {list, dict, str} or type(key) not in {int, str}:
        return UNKNOWN
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return UNKNOWN


def _key(w: Walk, node: ast.expr) -> tuple[str, list[Node], bool]:
    """A subscript as text with "?" for what is not known, its values, and whether it is one key."""
    if type(node) is ast.Slice:
        texts, values = [], []
        for bound in (node.lower, node.upper, node.step):
            if bound is None:
                texts.append("")
                continue
            value = w.value(bound)
            values.append(value)
            texts.append(quoted(value.const) if value.known else "?")
        text = ":".join(texts if node.step is not None else texts[:2])
        return text, values, False
    if type(node) is ast.Tuple:
        texts, values = [], []
        for element in node.elts:
            text, inner, _ = _key(w, element)
            texts.append(text)
            values += inner
        return ", ".join(texts), values, False
    value = w.value(node)
    return (quoted(value.const) if value.known else "?"), [value], True


def _binary(w: Walk, node: ast.BinOp) -> Node:
    chain = []
    left: ast.expr = node
    while type(left) is ast.BinOp:  # long sums are deep to the left
        chain.append(left)
        left = left.left
    value = w.value(left)
    for link in reversed(chain):
        value = combined(w, link.op, value, w.value(link.right), node.lineno)
    return value


def _unary(w: Walk, node: ast.UnaryOp) -> Node:
    value = w.value(node.operand)
    if value.known:
        folded = constants.unary(node.op, value.const)
        if folded is not UNKNOWN:
            return w.graph.constant(folded, node.lineno)
    return w.graph.add("binary", "?", (value,), type(node.op).__name__, node.lineno)


def _compare(w: Walk, node: ast.Compare) -> Node:
    values = [w.value(node.left), *(w.value(other) for other in node.comparators)]
    words = " ".join(type(op).__name__ for op in node.ops[:4])
    if words in {"Eq", "NotEq"} and any(value.name in _NO_NUMBERS for value in values):
        left, right = (value.name or "?" for value in values)
        place = w.chunk.place(node)
        w.row("compare", Compare(place, left, right, words, w.scope.name))
    return w.graph.add("compare", "?", tuple(values), words, node.lineno)


def _choice(w: Walk, node: ast.BoolOp) -> Node:
    values = [w.value(value) for value in node.values]
    return w.graph.merge(values, node.lineno) or values[0]


def _ternary(w: Walk, node: ast.IfExp) -> Node:
    values: list[Node] = []
    at: ast.expr = node
    while type(at) is ast.IfExp:
        w.value(at.test)
        values.append(w.value(at.body))
        at = at.orelse
    values.append(w.value(at))
    return w.graph.merge(values, node.lineno) or values[0]


def _sequence(w: Walk, node: ast.List | ast.Tuple | ast.Set) -> Node:
    values = [w.value(element) for element in node.elts]
    starred = any(type(element) is ast.Starred for element in node.elts)
    kind = type(node).__name__.lower()
    made = w.graph.add("container", "?", tuple(values), kind, node.lineno)
    if not starred:
        made.parts = dict(enumerate(values))
        if len(values) <= constants.MOST and all(value.known for value in values):
            made.known = True
            made.const = [value.const for value in values]
            made.name = ""
    return made


def _dict(w: Walk, node: ast.Dict) -> Node:
    parts: dict[Any, Node] = {}
    values = []
    sure = True
    for key, element in zip(node.keys, node.values, strict=True):
        made = w.value(key) if key is not None else None
        name = made.const if made is not None and made.known else None
        if isinstance(name, str):
            w.target = name
        value = w.value(element)
        w.target = ""
        values.append(value)
        if made is not None and not made.known:
            values.append(made)
        if isinstance(name, (str, int)):
            parts[name] = value
        else:
            sure = False
    made = w.graph.add("container", "?", tuple(values), "dict", node.lineno)
    if sure:
        made.parts = parts
        if len(parts) <= constants.MOST and all(value.known for value in parts.values()):
            made.known = True
            made.const = {str(key): value.const for key, value in parts.items()}
            made.name = ""
    return made


def _joined(w: Walk, node: ast.JoinedStr) -> Node:
    parts: list[Any] = []
    values = []
    for piece in node.values:
        if type(piece) is ast.Constant:
            parts.append(piece.value)
            continue
        value = w.value(piece)
        values.append(value)
        plain = type(piece) is ast.FormattedValue and piece.format_spec is None
        parts.append(str(value.const) if value.known and plain else None)
    text = "".join("{}" if part is None else part for part in parts)
    literals.note(w, node, text)
    if None not in parts and constants.admitted(text) is not UNKNOWN:
        return w.graph.constant(text, node.lineno)
    return w.graph.add("binary", "?", tuple(values), constants.clean(text[:80]), node.lineno)


def _formatted(w: Walk, node: ast.FormattedValue) -> Node:
    value = w.value(node.value)
    if node.format_spec is not None:
        w.value(node.format_spec)
    return value


def _lambda(w: Walk, node: ast.Lambda) -> Node:
    args = node.args
    for default in (*args.defaults, *(d for d in args.kw_defaults if d is not None)):
        w.value(default)
    every = (*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg)
    names = [arg.arg for arg in every if arg is not None]

    def body() -> Node:
        for name in names:
            detail = f"{w.scope.qualified('<lambda>')}:{name}"
            w.scope.bind(name, w.graph.add("param", f"?{name}", (), detail, node.lineno))
        return w.value(node.body)

    return w.graph.add("lambda", "?", (_apart(w, body),), ",".join(names), node.lineno)


def _apart(w: Walk, evaluate: Callable[[], Node]) -> Node:
    """Evaluate where bound names do not outlive the expression."""
    scope = w.scope
    outer, scope.trail = scope.trail, {}
    try:
        return evaluate()
    finally:
        for name, old in scope.trail.items():
            if old is None:
                scope.env.pop(name, None)
            else:
                scope.env[name] = old
        scope.trail = outer


def _comprehension(w: Walk, node: Any, elements: Sequence[ast.expr], kind: str) -> Node:
    def body() -> Node:
        scope = w.scope
        before = scope.loops
        for part in node.generators:
            bind(w, part.target, iterated(w, w.value(part.iter), part.iter.lineno))
            if scope.loops == before:
                scope.loops = (*before, w.next_loop())
            for test in part.ifs:
                w.value(test)
        made = tuple(w.value(element) for element in elements)
        scope.loops = before
        return w.graph.add("container", "?", made, kind, node.lineno)

    return _apart(w, body)


def _walrus(w: Walk, node: ast.NamedExpr) -> Node:
    value = w.value(node.value)
    w.scope.bind(node.target.id, value)
    return value


def _yield(w: Walk, node: ast.Yield) -> Node:
    value = w.value(node.value) if node.value is not None else None
    if value is not None:
        w.scope.returns.append(w.graph.add("container", "?", (value,), "yield", node.lineno))
    return w.graph.add("unknown", "?", (), "yield", node.lineno)


def _yield_from(w: Walk, node: ast.YieldFrom) -> Node:
    value = w.value(node.value)
    w.scope.returns.append(value)
    return w.graph.add("unknown", "?", (value,), "yield", node.lineno)


EXPRESSIONS: dict[type[ast.expr], Evaluate] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _choice,
    ast.IfExp: _ternary,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
    ast.FormattedValue: _formatted,
    ast.Lambda: _lambda,
    ast.ListComp: lambda w, node: _comprehension(w, node, (node.elt,), "list"),
    ast.SetComp: lambda w, node: _comprehension(w, node, (node.elt,), "set"),
    ast.GeneratorExp: lambda w, node: _comprehension(w, node, (node.elt,), "generator"),
    ast.DictComp: lambda w, node: _comprehension(w, node, (node.key, node.value), "dict"),
    ast.NamedExpr: _walrus,
    ast.Await: lambda w, node: w.value(node.value),
    ast.Starred: lambda w, node: w.value(node.value),
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.Slice: lambda w, node: w.graph.add("unknown", _key(w, node)[0], (), "", node.lineno),
}
_NEWER: dict[str, Evaluate] = {
    "TemplateStr": _joined,
    "Interpolation": lambda w, node: w.value(node.value),
}
EXPRESSIONS |= {getattr(ast, name): do for name, do in _NEWER.items() if hasattr(ast, name)}
