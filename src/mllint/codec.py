"""The facts of a batch of files as JSON text, and back. Knows nothing of where the text is kept.

The first line holds the rows of all the files, each other line the value graph of one file, which
is large, of use to few, and decoded when first looked at. Rows are kept by table and column,
numbers packed, values that recur written once: a warm run makes its rows without a loop of Python.
"""

from __future__ import annotations

import json
from array import array
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, islice, repeat
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints, overload

from mllint.facts import ROWS, Cell, Facts, Function, Ignore, Place, Problem, Value

_T = TypeVar("_T")
_Column = Sequence[Any]
_Paths = Sequence[str]
_IGNORES, _PROBLEMS = "@ignore", "@problem"
_TABLES: Mapping[str, type[Any]] = {**ROWS, _IGNORES: Ignore, _PROBLEMS: Problem}
_encode_json = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode


class Later(Sequence[_T]):
    """A sequence that is made when it is first looked at."""

    __slots__ = ("_items", "_make")

    def __init__(self, make: Callable[[], list[_T]]) -> None:
        self._make = make
        self._items: list[_T] | None = None

    def _all(self) -> list[_T]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[_T]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | Sequence[_T]:
        items = self._items
        return (self._all() if items is None else items)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == list(other)

    __hash__ = None  # type: ignore[assignment]


def encode(files: Mapping[str, Facts]) -> str:
    """The text of the facts of some files, all ASCII."""
    facts = list(files.values())
    named = {name: [each.rows.get(name, ()) for each in facts] for name in ROWS}
    named[_IGNORES] = [each.ignores for each in facts]
    named[_PROBLEMS] = [each.problems for each in facts]
    tables = {
        name: _to_many(partial(_columns, _TABLES[name]), column)
        for name, column in named.items()
        if any(column)
    }
    return "\n".join([_encode_json([list(files), tables]), *map(_graph, facts)])


def decode(text: str) -> dict[str, Facts]:
    """The facts of each file of the batch, by path."""
    head, *graphs = text.split("\n")
    paths, tables = json.loads(head)
    rows: list[dict[str, list[Any]]] = [{} for _ in paths]
    for name, (sizes, columns) in tables.items():
        counts = list(_numbers(paths, len(paths), sizes))
        places = list(chain.from_iterable(map(repeat, paths, counts)))
        made, start = _rows(_TABLES[name], places, columns), 0
        for number, count in enumerate(counts):
            if count:
                rows[number][name] = made[start : start + count]
                start += count
    return {
        path: Facts(
            own, *_later(graph), ignores=own.pop(_IGNORES, ()), problems=own.pop(_PROBLEMS, ())
        )
        for path, own, graph in zip(paths, rows, graphs, strict=True)
    }


def _graph(facts: Facts) -> str:
    if not facts.values and not facts.functions:
        return ""
    return _encode_json([_columns(Value, facts.values), _columns(Function, facts.functions)])


def _later(graph: str) -> tuple[Sequence[Value], Sequence[Function]]:
    if not graph:
        return (), ()
    both: Later[list[Any]] = Later(partial(json.loads, graph))
    return Later(lambda: _rows(Value, (), both[0])), Later(lambda: _rows(Function, (), both[1]))


def _columns(row: type[Any], rows: Sequence[Any]) -> list[Any]:
    """The number of rows, then each column; nothing where there are no rows."""
    if not rows:
        return []
    columns = zip(_codes(cast("Any", row)), zip(*rows, strict=True), strict=True)
    return [len(rows), *(write(column) for (write, _), column in columns)]


def _rows(row: type[_T], paths: Sequence[str], packed: list[Any]) -> list[_T]:
    """The rows of these columns; `paths` has the file of each row, for its place."""
    if not packed:
        return []
    count, *rest = packed
    columns = zip(_codes(cast("Any", row)), rest, strict=True)
    made = [read(paths, count, column) for (_, read), column in columns]
    return list(map(_maker(row), zip(*made, strict=True)))


def _maker(row: type[_T]) -> Callable[[Iterable[Any]], _T]:
    """What makes a row of its fields, without the detour through Python of `_make`."""
    return cast("Callable[[Iterable[Any]], _T]", partial(tuple.__new__, cast("Any", row)))


def _as_is(column: _Column) -> Any:
    return column


def _to_flags(column: _Column) -> Any:
    """One value where all are equal, which is told from many by the length."""
    return column[:1] if column.count(column[0]) == len(column) else column


def _to_numbers(column: Sequence[int]) -> Any:
    """One number where all are equal; else 32 bits each, little end first, as base64."""
    if column.count(column[0]) == len(column):
        return column[0]
    try:
        return b2a_base64(_little(array("i", column)).tobytes(), newline=False).decode()
    except OverflowError:
        return column


def _to_words(column: _Column) -> Any:
    """The values where few recur; else each once, and which of them each row has."""
    known = {value: number for number, value in enumerate(dict.fromkeys(column))}
    if len(known) > len(column) // 2 and len(known) > 1:
        return [list(column)]
    return [list(known), _to_numbers([known[value] for value in column])]


def _to_places(column: Sequence[Place]) -> Any:
    """Without the path, which is the file's own."""
    *numbers, cells = list(zip(*column, strict=True))[1:]
    return [*map(_to_numbers, numbers), _to_flags(cells)]


def _to_many(inner: Callable[[_Column], Any], column: Sequence[_Column]) -> Any:
    """How many items each row has, and all the items as one column."""
    items = [item for part in column for item in part]
    return [_to_numbers([len(part) for part in column]), inner(items) if items else None]


def _little(numbers: array[int]) -> array[int]:
    from sys import byteorder

    if byteorder == "big":
        numbers.byteswap()
    return numbers


def _same(_: _Paths, __: int, column: _Column) -> Iterable[Any]:
    return column


def _flags(_: _Paths, count: int, column: _Column) -> Iterable[Any]:
    return repeat(column[0], count) if len(column) == 1 else column


def _numbers(_: _Paths, count: int, column: int | str | list[int]) -> Iterable[int]:
    if isinstance(column, int):
        return repeat(column, count)
    return _little(array("i", a2b_base64(column))) if isinstance(column, str) else column


def _words(paths: _Paths, count: int, column: list[Any]) -> Iterable[Any]:
    if len(column) == 1:
        return cast("list[Any]", column[0])
    known, which = column
    return map(known.__getitem__, _numbers(paths, count, which))


def _tuples(paths: _Paths, count: int, column: list[Any]) -> Iterable[tuple[Any, ...]]:
    column[0] = list(map(tuple, column[0]))
    return _words(paths, count, column)


def _pairs(_: _Paths, __: int, column: _Column) -> Iterable[tuple[Any, ...]]:
    return map(tuple, column)


def _places(paths: _Paths, count: int, column: list[Any]) -> Iterable[Place]:
    parts = [_numbers(paths, count, part) for part in column[:-1]]
    cells: Iterable[Cell | None] = repeat(None, count)
    if column[-1] != [None]:
        cells = (cell and Cell(*cell) for cell in _flags(paths, count, column[-1]))
    return map(_maker(Place), zip(paths, *parts, cells, strict=True))


def _many(
    inner: Callable[[_Paths, int, Any], Iterable[Any]], paths: _Paths, count: int, column: list[Any]
) -> Iterable[tuple[Any, ...]]:
    counts = list(_numbers(paths, count, column[0]))
    if column[1] is None:
        return repeat((), count)
    items = iter(inner(paths, sum(counts), column[1]))
    return (tuple(islice(items, size)) for size in counts)


def _inner(row: type[Any], paths: _Paths, _: int, column: list[Any]) -> Iterable[Any]:
    return _rows(row, paths, column)


_Code = tuple[Callable[[Any], Any], Callable[[_Paths, int, Any], Iterable[Any]]]
_PLAIN: _Code = (_as_is, _same)
_FLAGS: _Code = (_to_flags, _flags)
_SIMPLE: Mapping[Any, _Code] = {
    Place: (_to_places, _places),
    str: (_to_words, _words),
    int: (_to_numbers, _numbers),
    bool: _FLAGS,
    bool | None: _FLAGS,
    tuple[str, ...]: (_to_words, _tuples),
}


@cache
def _code(said: Any) -> _Code:
    """How a column of that type is written and read."""
    item, *rest = *get_args(said), None
    if said in _SIMPLE or get_origin(said) is not tuple or rest[0] is not Ellipsis:
        return _SIMPLE.get(said, _PLAIN)
    write, read = _code(item)
    if hasattr(item, "_fields"):
        write, read = partial(_columns, item), partial(_inner, item)
    elif (write, read) == _PLAIN and get_origin(item) is tuple:
        read = _pairs
    return partial(_to_many, write), partial(_many, read)


@cache
def _codes(row: Any) -> tuple[_Code, ...]:
    return tuple(_code(said) for said in get_type_hints(row).values())
