"""The facts of a batch of files as JSON text, and back. Knows nothing of where the text is kept.

The first line names the files and the tables that they have rows in; each table has a line of its
own, and so has the value graph of each file. Whatever is on a line is decoded when it is first
looked at, so that a run pays for the tables that it asks for. Rows are kept by column, numbers
packed, values that recur written once: they are made without a loop of Python.
"""

from __future__ import annotations

import json
from array import array
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import accumulate, chain, islice, repeat
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
    tables = {name: column for name, column in named.items() if any(column)}
    counts = {name: _to_numbers([len(rows) for rows in column]) for name, column in tables.items()}
    lines = []
    for name, column in tables.items():
        rows = [row for part in column for row in part]
        lines.append(_encode_json(_columns(_TABLES[name], rows)))
    body = "\n".join([*lines, *map(_graph, facts)])
    return f"{_encode_json([list(files), counts])}\n{body}"


def decode(text: str) -> dict[str, Facts]:
    """The facts of each file of the batch, by path."""
    head, *lines = text.split("\n")
    paths, counts = json.loads(head)
    tables = {name: _Table(name, paths, counts[name], lines[k]) for k, name in enumerate(counts)}
    found = {}
    for number, (path, graph) in enumerate(zip(paths, lines[len(counts) :], strict=True)):
        own = {name: table for name, table in tables.items() if table.counts[number]}
        ignores, problems = own.pop(_IGNORES, None), own.pop(_PROBLEMS, None)
        found[path] = Facts(
            _Own(number, own),
            *_later(graph),
            ignores=ignores.rows(number) if ignores else (),
            problems=problems.rows(number) if problems else (),
        )
    return found


def decode_sound(text: str) -> dict[str, Facts]:
    """As `decode`, of a text that may be damaged: nothing then."""
    try:
        return decode(text)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return {}


class _Table:
    """One table of a batch; its rows are made when those of any file are asked for."""

    __slots__ = ("_line", "_made", "_name", "_paths", "_starts", "counts")

    def __init__(self, name: str, paths: _Paths, counts: Any, line: str) -> None:
        self._name = name
        self._paths = paths
        self._line = line
        self._made: list[Any] | None = None
        self.counts = list(_numbers(paths, len(paths), counts))
        """Rows of each file."""
        self._starts = [0, *accumulate(self.counts)]

    def rows(self, number: int) -> list[Any]:
        """The rows of one file."""
        if self._made is None:
            places = list(chain.from_iterable(map(repeat, self._paths, self.counts)))
            self._made = _rows(_TABLES[self._name], places, json.loads(self._line))
            self._line = ""
        return self._made[self._starts[number] : self._starts[number + 1]]


class _Own(Mapping[str, Sequence[Any]]):
    """The rows of one file of a batch, by table."""

    __slots__ = ("_number", "_tables")

    def __init__(self, number: int, tables: Mapping[str, _Table]) -> None:
        self._number = number
        self._tables = tables

    def __getitem__(self, name: str) -> Sequence[Any]:
        return self._tables[name].rows(self._number)

    def get(self, name: str, default: Any = None) -> Any:
        table = self._tables.get(name)
        return default if table is None else table.rows(self._number)

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        return repr(dict(self))


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
