"""Whether a document has the shape that a JSON Schema asks for.

Knows the part of JSON Schema in which our own schemas are written; knows nothing of what they are
about.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_LARGEST = 2**53
"""Integers beyond are no longer the same for every reader of JSON."""


def faults(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong, a text each that begins with where; `whole` holds the definitions."""
    yield from _against(value, schema, whole["$defs"], "")


def _against(
    value: Any, shape: Mapping[str, Any], named: Mapping[str, Any], where: str
) -> Iterator[str]:
    if "$ref" in shape:
        shape = named[shape["$ref"].rpartition("/")[2]]
    if "anyOf" in shape:
        if not any(_fits(value, one, named, where) for one in shape["anyOf"]):
            yield f"{where or 'it'} has a wrong shape"
        return
    if not _is_allowed(value, shape):
        yield f"{where or 'it'} holds what it may not"
    elif isinstance(value, dict):
        yield from _members(value, shape, named, where)
    elif isinstance(value, list) and "items" in shape:
        for number, one in enumerate(value):
            yield from _against(one, shape["items"], named, f"{where}[{number}]")


def _members(
    value: dict[str, Any], shape: Mapping[str, Any], named: Mapping[str, Any], where: str
) -> Iterator[str]:
    dot = f"{where}." if where else ""
    for name in shape.get("required", ()):
        if name not in value:
            yield f"{dot}{name} is missing"
    known, others = shape.get("properties", {}), shape.get("additionalProperties", {})
    for name, one in value.items():
        inner = known.get(name, others)
        if isinstance(inner, dict):
            yield from _against(one, inner, named, f"{dot}{name}")


def _fits(value: Any, shape: Mapping[str, Any], named: Mapping[str, Any], where: str) -> bool:
    return next(_against(value, shape, named, where), None) is None


def _is_allowed(value: Any, shape: Mapping[str, Any]) -> bool:
    """Whether a value is of a type, and one of the values, that a shape has."""
    kinds = shape.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_TYPES[kind](value) for kind in kinds):
        return False
    if "const" in shape and value != shape["const"]:
        return False
    if "enum" in shape and value not in shape["enum"]:
        return False
    if not isinstance(value, int | float) or isinstance(value, bool):
        return True
    return bool(shape.get("minimum", -math.inf) <= value <= shape.get("maximum", math.inf))


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _is_number(value: object) -> bool:
    return _is_integer(value) or (isinstance(value, float) and math.isfinite(value))


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "integer": _is_integer,
    "number": _is_number,
}
