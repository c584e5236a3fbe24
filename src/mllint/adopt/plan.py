"""A plan: which files are to be written, what is left to people, and the whole as one diff.

Knows texts and lines; nothing of what is in them. A change that loses or moves a line of a file
cannot be made.
"""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from typing import TYPE_CHECKING, NamedTuple

from mllint.tree import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.tree import Tree


_ODD = re.compile(r'["\\\x00-\x1f\x7f\udc80-\udcff]')


class Change(NamedTuple):
    """A file to be written, or to be written anew with lines added."""

    path: str
    before: str | None
    """None for a file that is not there yet."""
    after: str


class Advice(NamedTuple):
    """What people should know, or do by hand."""

    text: str
    lines: tuple[str, ...] = ()
    """To be added somewhere as they are."""


class Step(NamedTuple):
    """What one part of the adoption comes to."""

    change: Change | None = None
    advice: tuple[Advice, ...] = ()


def text_of(tree: Tree, path: str) -> str | None:
    """The text of a regular file, line ends as they are; None where it is not UTF-8 or no file."""
    if path not in tree.entries:
        return None
    try:
        return tree.read(path).decode("utf-8")
    except (Unreadable, UnicodeDecodeError):
        return None


def keeps(before: str, after: str) -> bool:
    """Whether every line of a text is still there, in the same order."""
    left = iter(_lines(after))
    return all(line in left for line in _lines(before))


def ended(text: str) -> str:
    """The text with a line end at its end, unless it is empty."""
    return text if not text or text.endswith("\n") else text + line_end(text)


def line_end(text: str) -> str:
    """How the lines of a text end."""
    return "\r\n" if "\r\n" in text and "\n" not in text.replace("\r\n", "") else "\n"


def as_in(text: str, added: str) -> str:
    """What is added, with the line ends of the text that it is added to."""
    return added.replace("\n", line_end(text))


def diff(changes: Sequence[Change]) -> str:
    """The changes as one patch, which `git apply` takes."""
    return "".join(line for change in changes for line in _diff(change))


def _diff(change: Change) -> Iterator[str]:
    before = _split(change.before or "")
    ours, theirs = _quoted(f"a/{change.path}"), _quoted(f"b/{change.path}")
    yield f"diff --git {ours} {theirs}\n"
    if change.before is None:
        yield "new file mode 100644\n"
        ours = "/dev/null"
    for line in unified_diff(before, _split(change.after), ours, theirs):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _quoted(path: str) -> str:
    """A path as git writes it: one with control characters, quotes or backslashes in quotes."""
    if not _ODD.search(path):
        return path
    kept = _ODD.sub(lambda odd: "".join(f"\\{byte:03o}" for byte in os.fsencode(odd[0])), path)
    return f'"{kept}"'


def _split(text: str) -> list[str]:
    """The lines with their ends; only a line feed ends one."""
    *whole, rest = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([rest] if rest else [])]


def _lines(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]
