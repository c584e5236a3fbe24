"""Mappings that are made when they are looked at. Knows nothing of what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Made(Mapping[_K, _V], Generic[_K, _V]):
    """A mapping whose values are made when they are first asked for."""

    def __init__(self, keys: Sequence[_K], make: Callable[[_K], _V]) -> None:
        self._keys = dict.fromkeys(keys)
        self._make = make
        self._values: dict[_K, _V] = {}

    def __getitem__(self, key: _K) -> _V:
        if key not in self._values:
            if key not in self._keys:
                raise KeyError(key)
            self._values[key] = self._make(key)
        return self._values[key]

    def get(self, key: _K, default: Any = None) -> Any:
        """As of any mapping, without the detour of raising KeyError."""
        return self[key] if key in self._keys else default

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[_K]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Late(Mapping[_K, _V], Generic[_K, _V]):
    """A mapping that is made as a whole when it is first looked at."""

    def __init__(self, make: Callable[[], Mapping[_K, _V]]) -> None:
        self._make = make

    @cached_property
    def _all(self) -> Mapping[_K, _V]:
        return self._make()

    def __getitem__(self, key: _K) -> _V:
        return self._all[key]

    def __iter__(self) -> Iterator[_K]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)
