"""Text of a repository in GitHub's and GitLab's Markdown: shown as it stands, and pinging nobody.

Neither a backslash nor an entity keeps a host from turning `@name`, `#12` or an address into a
link and a notification; a zero-width space behind the sign does, and so does a code span.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.reports.lines import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SPAN = re.compile(r"`([^`]+)`")
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
"""What means something within a line; text never begins one."""
_NOTIFIES = re.compile(r"[@#]|GH-|!(?=\d)|(?i:https?|ftp|www)(?=[:.])")
_BREAK = "\u200b"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def text(value: str) -> str:
    """Text on one line; what stands in backquotes stays a code span."""
    shown, at, parts = clean(value), 0, []
    for span in _SPAN.finditer(shown):
        parts += [_plain(shown[at : span.start()]), code(span[1])]
        at = span.end()
    return "".join([*parts, _plain(shown[at:])])


def code(value: str) -> str:
    """A code span, whatever the text holds; in a table too."""
    shown = clean(value).replace("|", "\\|")
    if not shown.strip():
        return "` `"
    fence = "`"
    while fence in shown:
        fence += "`"
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _plain(value: str) -> str:
    kept = _SPECIAL.sub(r"\\\1", value.translate(_ENTITIES))
    return _NOTIFIES.sub(lambda found: found[0] + _BREAK, kept)


def link(shown: str, target: str) -> str:
    """A link, its text being Markdown already; the text alone where there is no target."""
    return f"[{shown}]({target})" if target else shown


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; a column is flush right where its heading ends with a colon."""
    marks = ("---:" if name.endswith(":") else "---" for name in head)
    names = (name.rstrip(":") for name in head)
    lines = [f"| {' | '.join(names)} |", f"|{'|'.join(marks)}|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def folded(title: str, lines: Sequence[str]) -> list[str]:
    """Lines that show when their title is opened; none where there are none."""
    if not lines:
        return []
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""]
