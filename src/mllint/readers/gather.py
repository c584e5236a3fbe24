"""The text of a file, and mixed rows sorted into the tables of a `Facts`.

Knows encodings and tables, no file format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mllint.facts import ROWS, Facts, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLES = {row: table for table, row in ROWS.items()}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def text_of(data: bytes) -> str | None:
    """The text with line feeds only at its line ends; None for binary data.

    Bytes that are not UTF-8 become replacement characters: a strange comment in a Makefile hides
    nothing else that it says.
    """
    encoding = next((e for mark, e in _MARKS.items() if data.startswith(mark)), "utf-8")
    text = data.decode(encoding, errors="replace")
    if "\0" in text:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def binary(path: str) -> Facts:
    """What is said of a file that should be text and is not."""
    return Facts(problems=(Problem(path, "encoding", "not text"),))


def gather(rows: Iterable[Any]) -> Facts:
    """The rows by table, in their order and each once; a `Problem` goes to the problems."""
    tables: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for row in dict.fromkeys(rows):
        if isinstance(row, Problem):
            problems.append(row)
        else:
            tables.setdefault(_TABLES[type(row)], []).append(row)
    return Facts(rows=tables, problems=tuple(problems))
