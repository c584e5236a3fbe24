"""The dependencies of setup.py, read from its syntax; never executed.

Follows constants, names bound to them, sums, and a few methods of strings and lists. What comes
from elsewhere (a file, a function) is unknown and gives no row.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mllint.facts import Manager, Place, Problem, Python, Setting
from mllint.readers.dependencies.requirement import bare, group_of, parse, row, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GROUPS = {"install_requires": "main", "tests_require": "test", "setup_requires": "build"}
_MAX_CHARACTERS = 500_000


class _Said(NamedTuple):
    """A string constant and its line."""

    text: str
    line: int


_Known: TypeAlias = Any
"""_Said, list, dict of these, or None for what is not known."""


def read(path: str, text: str) -> Iterator[object]:
    """The rows of a setup.py; none but its manager where it does not parse."""
    yield Manager(Place(path), "setuptools", "manifest")
    if len(text) > _MAX_CHARACTERS:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        yield from list(_rows(path, tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The reader of Python code reports it.
        return


def _rows(path: str, tree: ast.Module) -> Iterator[object]:
    names: dict[str, _Known] = {}
    for statement in _in_order(tree.body):
        call = _setup_call(statement)
        if call is not None:
            arguments = _arguments(call, names)
            yield from _declared(path, arguments)
            yield from _computed(path, call, arguments)
            return
        _bind(statement, names)


def _in_order(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of the module and of its blocks, function and class bodies last."""
    later: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            later.extend(statement.body)
            continue
        yield statement
        for name in ("body", "orelse", "finalbody"):
            yield from _in_order(getattr(statement, name, []))
    if later:
        yield from _in_order(later)


def _setup_call(statement: ast.stmt) -> ast.Call | None:
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr | ast.Assign | ast.Return):
        return None
    if isinstance(value, ast.Call) and _callee(value) == "setup":
        return value
    return None


def _callee(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _arguments(call: ast.Call, names: dict[str, _Known]) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for keyword in call.keywords:
        value = _value(keyword.value, names)
        if keyword.arg:
            found[keyword.arg] = value
        elif isinstance(value, dict):
            found.update(value)
    return found


def _declared(path: str, arguments: dict[str, _Known]) -> Iterator[object]:
    python = arguments.get("python_requires")
    if isinstance(python, _Said):
        spec = tidy(python.text)
        yield Python(Place(path, python.line), bare(spec or python.text), "requires-python")
    for key, group in _GROUPS.items():
        yield from _listed(path, arguments.get(key), group)
    extras = arguments.get("extras_require")
    for extra, listed in extras.items() if isinstance(extras, dict) else ():
        name, _, marker = extra.partition(":")
        yield from _listed(path, listed, group_of(name) if name else "main", marker)


def _computed(path: str, call: ast.Call, arguments: dict[str, _Known]) -> Iterator[Setting]:
    """A setting without value where the requirements are not all written down here."""
    listed = arguments.get("install_requires")
    if "install_requires" in arguments and (
        listed is None or (_is_list(listed) and None in listed)
    ):
        lines = [k.value.lineno for k in call.keywords if k.arg == "install_requires"]
        yield Setting(Place(path, lines[0] if lines else 0), "install_requires", None, "python")


def _listed(path: str, listed: _Known, group: str, marker: str = "") -> Iterator[object]:
    for item in _items(listed):
        text = item.text.partition(" #")[0].strip()
        said = parse(text)
        if said is not None:
            limited = said._replace(marker=said.marker or marker)
            yield row(Place(path, item.line), limited, group=group, source="setup.py")
        elif text and not text.startswith(("#", "-")):
            shown = f"`{text[:60]}` is not a requirement"
            yield Problem(path, "invalid", shown, item.line)


def _items(listed: _Known) -> list[_Said]:
    if isinstance(listed, _Said):
        lines = enumerate(listed.text.split("\n"))
        return [_Said(text, listed.line + n) for n, text in lines]
    return [i for i in listed if isinstance(i, _Said)] if _is_list(listed) else []


def _is_list(value: _Known) -> bool:
    return isinstance(value, list)


def _bind(statement: ast.stmt, names: dict[str, _Known]) -> None:
    """Record what a statement makes of a name."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        _store(statement.targets[0], _value(statement.value, names), names)
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        _store(statement.target, _value(statement.value, names), names)
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
        old = _value(_as_load(statement.target), names)
        _store(statement.target, _sum(old, _value(statement.value, names)), names)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        _mutate(statement.value, names)


def _as_load(target: ast.expr) -> ast.expr:
    return target if isinstance(target, ast.Name | ast.Subscript) else ast.Constant(None)


def _store(target: ast.expr, value: _Known, names: dict[str, _Known]) -> None:
    if isinstance(target, ast.Name):
        names[target.id] = value
    elif isinstance(target, ast.Subscript):
        table, key = _value(target.value, names), _value(target.slice, names)
        if (
            isinstance(table, dict)
            and isinstance(key, _Said)
            and isinstance(target.value, ast.Name)
        ):
            names[target.value.id] = {**table, key.text: value}


def _mutate(call: ast.Call, names: dict[str, _Known]) -> None:
    """`names.append(x)` and `names.extend(x)`."""
    func = call.func
    if not (isinstance(func, ast.Attribute) and len(call.args) == 1):
        return
    added = _value(call.args[0], names)
    if func.attr == "append":
        added = [added]
    elif func.attr != "extend":
        return
    if isinstance(func.value, ast.Name | ast.Subscript):
        _store(func.value, _sum(_value(func.value, names), added), names)


def _sum(left: _Known, right: _Known) -> _Known:
    if isinstance(left, _Said) and isinstance(right, _Said):
        return _Said(left.text + right.text, left.line)
    if isinstance(left, list) or isinstance(right, list):
        return [*(left if _is_list(left) else ()), *(right if _is_list(right) else ())]
    return None


def _value(node: ast.expr, names: dict[str, _Known]) -> _Known:
    evaluate = _EVALUATE.get(type(node))
    return evaluate(node, names) if evaluate else None


def _constant(node: Any, _: dict[str, _Known]) -> _Known:
    return _Said(node.value, node.lineno) if isinstance(node.value, str) else None


def _sequence(node: Any, names: dict[str, _Known]) -> _Known:
    found: list[_Known] = []
    for item in node.elts:
        value = _value(item.value if isinstance(item, ast.Starred) else item, names)
        if isinstance(item, ast.Starred):
            found.extend(value if _is_list(value) else ())
        else:
            found.append(value)
    return found


def _mapping(node: ast.Dict, names: dict[str, _Known]) -> _Known:
    found: dict[str, _Known] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        value = _value(item, names)
        said = _value(key, names) if key is not None else None
        if key is None and isinstance(value, dict):
            found.update(value)
        elif isinstance(said, _Said):
            found[said.text] = value
    return found


def _joined(node: ast.JoinedStr, names: dict[str, _Known]) -> _Known:
    parts = [
        _value(part.value if isinstance(part, ast.FormattedValue) else part, names)
        for part in node.values
    ]
    known = [part.text for part in parts if isinstance(part, _Said)]
    return _Said("".join(known), node.lineno) if len(known) == len(parts) else None


def _subscript(node: ast.Subscript, names: dict[str, _Known]) -> _Known:
    table, key = _value(node.value, names), _value(node.slice, names)
    return table.get(key.text) if isinstance(table, dict) and isinstance(key, _Said) else None


def _call(node: ast.Call, names: dict[str, _Known]) -> _Known:
    name = _callee(node)
    if isinstance(node.func, ast.Attribute):
        method = _METHODS.get(name)
        value = _value(node.func.value, names)
        given = [_value(argument, names) for argument in node.args]
        return method(value, given) if method else None
    if name == "dict":
        return _arguments(node, names)
    if name in {"list", "set", "sorted", "tuple", "sum"} and node.args:
        value = _value(node.args[0], names)
        if name == "sum" and _is_list(value):
            return [item for part in value if _is_list(part) for item in part]
        return value if _is_list(value) else None
    return None


def _split(value: _Known, given: list[_Known]) -> _Known:
    if not isinstance(value, _Said):
        return None
    if given and isinstance(given[0], _Said) and given[0].text != "\n":
        return [_Said(part, value.line) for part in value.text.split(given[0].text or None)]
    if not given:
        return [_Said(part, value.line) for part in value.text.split()]
    return _items(value)


def _lines(value: _Known, _: list[_Known]) -> _Known:
    return _items(value) if isinstance(value, _Said) else None


def _strip(value: _Known, _: list[_Known]) -> _Known:
    if not isinstance(value, _Said):
        return None
    skipped = len(value.text) - len(value.text.lstrip("\n"))
    return _Said(value.text.strip(), value.line + skipped)


_METHODS: dict[str, Callable[[_Known, list[_Known]], _Known]] = {
    "split": _split,
    "splitlines": _lines,
    "strip": _strip,
    "copy": lambda value, _: value,
}
_EVALUATE: dict[type, Callable[[Any, dict[str, _Known]], _Known]] = {
    ast.Constant: _constant,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _mapping,
    ast.JoinedStr: _joined,
    ast.Name: lambda node, names: names.get(node.id),
    ast.BinOp: lambda node, names: (
        _sum(_value(node.left, names), _value(node.right, names))
        if isinstance(node.op, ast.Add | ast.BitOr)
        else None
    ),
    ast.Subscript: _subscript,
    ast.Call: _call,
}
