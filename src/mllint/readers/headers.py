"""The names of the columns of a data file: of its first line, and never of any other.

Knows delimited text and JSON lines. A first line that may be data says nothing.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

from mllint.facts import Facts, Header, Known, Place
from mllint.readers.gather import gather, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COLUMNS = 1000
MAX_NAME = 64
"""Characters of a name."""
_DELIMITERS = ",;\t|"
_NAME = re.compile(r"\w(?:[\w .()%$/#&+:'?-]*[\w.)%?²])?")
_VALUE = re.compile(r"[-+]?[\d.,:/ -]+%?|true|false|nan|none|null|na|yes|no", re.IGNORECASE)
"""What a cell of data may be, and a name hardly is."""
_SPOKEN = 6
"""Words from which a cell is a sentence."""


def read(path: str, data: bytes, known: Known) -> Facts:  # noqa: ARG001 - the readers' contract
    """The columns that one file names; none where the first line may not be one of names."""
    text = text_of(data)
    if text is None:
        return Facts()
    first = next((line for line in text.split("\n") if line.strip()), "")
    lines = path.lower().endswith(("jsonl", "ndjson"))
    names = _keys(first) if lines else _cells(first)
    kind = "jsonl" if lines else "csv"
    return gather(
        Header(Place(path, 1), name, index, kind)
        for index, name in enumerate(names[:MAX_COLUMNS])
        if name
    )


def _keys(line: str) -> Sequence[str]:
    """The keys of the object that a line holds."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return ()
    return [key for key in found if _NAME.fullmatch(key)] if isinstance(found, dict) else ()


def _cells(line: str) -> Sequence[str]:
    """The cells of a line of names; a first one without a name is that of an index."""
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        cells = [cell.strip().lstrip("#") for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return ()
    given = [cell for cell in cells if cell]
    names = [cell if _is_name(cell) else "" for cell in cells]
    plain = len(set(given)) == len(given) and len(cells) - len(given) <= 1
    values = any(_VALUE.fullmatch(cell) or "@" in cell for cell in given)
    return names if plain and not values and 2 * sum(map(bool, names)) > len(given) else ()


def _is_name(cell: str) -> bool:
    """Whether a cell may well be the name of a column."""
    return (
        len(cell) <= MAX_NAME and _NAME.fullmatch(cell) is not None and len(cell.split()) < _SPOKEN
    )
