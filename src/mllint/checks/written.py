"""What a file of code spells, for the few questions that no row answers.

Knows texts and lines; leaves out comments, and lines that are too long to be code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.regexes import regex

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_LONGEST = 400
"""Characters of a line; longer ones are outputs of notebooks, data or minified."""


def text_of(project: Project, path: str) -> str:
    """The text of a file; "" where it cannot be had."""
    try:
        return project.text(path)
    except KeyError:
        return ""


def lines_of(project: Project, path: str) -> Iterator[str]:
    """The lines of a file that may be code, their indentation and a notebook's quotes taken off."""
    text = text_of(project, path)
    notebook = path.endswith(".ipynb")
    for line in text.splitlines():
        plain = line.strip()
        if notebook:
            plain = plain.removeprefix('"').strip()
        if plain and len(plain) < _LONGEST and not plain.startswith("#"):
            yield plain


def found_in(project: Project, path: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first match in a line of code of a file."""
    return next((m for line in lines_of(project, path) if (m := pattern.search(line))), None)


_END = regex(r"\r\n|\r|\n")
"""What ends a line of code; a form feed does not, unlike in `splitlines`."""


def numbered(project: Project, path: str) -> list[str]:
    """The lines of a file; none where its text cannot be had. Split once, whoever asks."""

    def split() -> list[str]:
        try:
            return _END.split(project.text(path))
        except KeyError:
            return []

    return project.shared(f"lines of {path}", split)


def spelled(project: Project, call: Call) -> str:
    """A call as its source spells it; "" where that cannot be had."""
    first = call.at.cell.raw if call.at.cell is not None else call.at.line
    lines = numbered(project, call.at.path)
    return "\n".join(lines[first - 1 : first + call.at.end_line - call.at.line])
