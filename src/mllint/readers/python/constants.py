"""Constants that follow from constants. Never runs anything of the audited code.

Sizes are bounded, so that `"a" * 10**9` costs nothing; what is not known for sure is None.
"""

from __future__ import annotations

import ast
import math
import operator
import posixpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST = 2000
"""Longest string that is kept as a constant, in characters."""
MOST = 64
"""Most elements of a list or dict that is kept as a constant."""
LARGEST = 2**53
"""Beyond it a number does not survive JSON everywhere."""

UNKNOWN = object()
"""Stands for "not known": None is a constant like any other."""


def clean(text: str) -> str:
    """A text that survives UTF-8: half a surrogate pair becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def admitted(value: Any) -> Any:
    """The value itself where it may be kept as a constant; tuples become lists."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return value if len(value) <= LONGEST and clean(value) == value else UNKNOWN
    if kind is int:
        return value if -LARGEST <= value <= LARGEST else UNKNOWN
    if kind is float:
        return value if math.isfinite(value) else UNKNOWN
    if kind is list or kind is dict:
        return value if len(value) <= MOST else UNKNOWN
    if kind is tuple:
        return list(value) if len(value) <= MOST else UNKNOWN
    return UNKNOWN


def _multiplied(one: Any, other: Any) -> Any:
    for side, times in ((one, other), (other, one)):
        if isinstance(side, (str, list)):
            if not isinstance(times, int) or len(side) * times > LONGEST:
                return UNKNOWN
            return side * times
    return one * other


def _divided(one: Any, other: Any) -> Any:
    if isinstance(one, str) and isinstance(other, str):  # only paths can be divided
        return posixpath.join(one, other)
    return one / other


def _power(one: Any, other: Any) -> Any:
    return one**other if abs(other) <= 64 and abs(one) <= 1e6 else UNKNOWN


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiplied,
    ast.Div: _divided,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: lambda one, other: UNKNOWN if isinstance(one, str) else one % other,
    ast.Pow: _power,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}


def binary(op: ast.operator, one: Any, other: Any) -> Any:
    """The constant that an operator makes of two, or UNKNOWN."""
    fold = _BINARY.get(type(op))
    if fold is None or isinstance(one, dict) or isinstance(other, dict):
        return UNKNOWN
    return _guarded(fold, one, other)


def unary(op: ast.unaryop, one: Any) -> Any:
    """The constant that an operator makes of one, or UNKNOWN."""
    fold = _UNARY.get(type(op))
    return UNKNOWN if fold is None else _guarded(fold, one)


def _guarded(fold: Callable[..., Any], *args: Any) -> Any:
    try:
        return admitted(fold(*args))
    except (ArithmeticError, TypeError, ValueError, IndexError, KeyError):
        return UNKNOWN


def _joined(*parts: Any) -> Any:
    if not parts or not all(isinstance(part, str) for part in parts):
        return UNKNOWN
    return posixpath.join(*parts)


def _first(value: Any) -> Any:
    return value


def _number(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: kind(value) if not isinstance(value, str) or len(value) < 40 else UNKNOWN


_CALLS: dict[str, Callable[..., Any]] = {
    "os.path.join": _joined,
    "pathlib.Path": _joined,
    "pathlib.PurePath": _joined,
    "pathlib.PurePosixPath": _joined,
    "os.path.expanduser": _first,
    "str": lambda value: value if isinstance(value, str) else str(value),
    "int": _number(int),
    "float": _number(float),
    "bool": bool,
    "list": lambda value: list(value) if isinstance(value, list) else UNKNOWN,
    "tuple": lambda value: list(value) if isinstance(value, list) else UNKNOWN,
}


def called(name: str, args: Sequence[tuple[str, Any]]) -> Any:
    """The constant that a call of a pure function makes of constants, or UNKNOWN."""
    if name == "dict":
        if all(not key.isdigit() and "*" not in key for key, _ in args):
            return admitted(dict(args))
        return UNKNOWN
    fold = _CALLS.get(name)
    if fold is None or not args or not all(key.isdigit() for key, _ in args):
        return UNKNOWN
    return _guarded(fold, *(value for _, value in args))


def quoted(value: Any) -> str:
    """A constant key as `Value.detail` shows it: a string bare, anything else as Python does."""
    return value[:80] if isinstance(value, str) else repr(value)[:80]
