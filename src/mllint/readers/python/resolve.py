"""Origin paths that start in this file, followed through the attributes of its classes.

`.Net().scaler.fit` becomes `sklearn.preprocessing.StandardScaler().fit` once it is known what every
method of `Net` assigns to `scaler`. Knows classes of this file only; the rest is for `link`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.readers.python.graph import common_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.readers.python.graph import Node
    from mllint.readers.python.scope import Blueprint

_OWN = re.compile(r"\.([\w.]+?)(\(\))?\.(\w+)")
_DEEPEST = 6


class Resolver:
    """Origin paths after all classes of a file are known."""

    def __init__(self, blueprints: Mapping[str, Blueprint]) -> None:
        self._blueprints = blueprints
        self._known: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The origin path that is meant."""
        if not name.startswith(".") or not self._blueprints:
            return name
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._followed(name, _DEEPEST)
        return found

    def constant(self, name: str) -> tuple[bool, Any]:
        """Whether a path is an attribute that only ever holds one constant, and that constant.

        The fields of a data class are none: they are only what an instance is given by default.
        """
        match = self._split(name)
        if match is None or match[2]:
            return False, None
        cls, attr, _ = match
        if not attr.isupper() and any(b.filled and attr in b.fields for b in self._lineage(cls)):
            return False, None
        values = self._values(cls, attr)
        if len(values) == 1 and values[0].known:
            return True, values[0].const
        return False, None

    def _followed(self, name: str, depth: int) -> str:
        match = self._split(name)
        if match is None or not depth:
            return name
        cls, attr, rest = match
        if any(attr in blueprint.methods for blueprint in self._lineage(cls)):
            return name
        itself = f".{cls}().{attr}"
        values = [value for value in self._values(cls, attr) if value.name != itself]
        if values:
            origin = common_name(values)
            if origin in {"", "?"}:
                return name
            return self._followed(origin + rest, depth - 1)
        foreign = [
            base for b in self._lineage(cls) for base in b.bases if base[:1] not in {".", "?"}
        ]
        if len(foreign) == 1 and foreign[0] != "object":
            return f"{foreign[0]}().{attr}{rest}"
        return name

    def _split(self, name: str) -> tuple[str, str, str] | None:
        """Class, attribute and rest of a path through an instance or a class of this file."""
        if name[:1] != ".":
            return None
        head = name[1:]
        for end in _ends(head):
            cls = head[:end]
            if cls in self._blueprints:
                after = head[end:].removeprefix("()")
                if match := re.match(r"\.(\w+)", after):
                    return cls, match[1], after[match.end() :]
        return None

    def _values(self, cls: str, attr: str) -> list[Node]:
        found = [
            value
            for blueprint in self._lineage(cls)
            for value in blueprint.attributes.get(attr, ())
        ]
        return list(dict.fromkeys(found))

    def _lineage(self, cls: str) -> Iterator[Blueprint]:
        stack, seen = [cls], set()
        while stack:
            name = stack.pop()
            blueprint = self._blueprints.get(name)
            if blueprint is None or name in seen:
                continue
            seen.add(name)
            yield blueprint
            stack.extend(base[1:] for base in blueprint.bases if base.startswith("."))


def _ends(head: str) -> Iterator[int]:
    """Where a class name may end, longest first."""
    stop = len(head)
    for i, char in enumerate(head):
        if char in "([":
            stop = i
            break
    while stop > 0:
        yield stop
        stop = head.rfind(".", 0, stop)
