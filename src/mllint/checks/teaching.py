"""Whether a repository is teaching material: a course, a book, a tutorial of many notebooks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_NUMBERED = regex(
    r"(?:^|/)(?:(?:ch(?:ap(?:ter)?)?|lec(?:ture)?|lesson|week|day|lab|module|unit|session|exercise"
    r"|tutorial|part)?[-_ ]?0*\d{1,2})(?=[-_ .]|$|/)",
    re.IGNORECASE,
)
_TEACHES = regex(
    r"\b(?:course|book|tutorials?|lectures?|lessons?|workshop|bootcamp|zoomcamp|exercises|chapters?"
    r"|curriculum|textbook)\b"
)
_MANY = 5
_FEW = 2
"""Chapters that are enough where each is called a week, a lecture or the like, with no module."""


def course(project: Project) -> Iterator[Evidence]:
    """Notebooks in numbered chapters, in a repository whose README calls itself a course."""
    chapters = sorted(
        {
            found[0].strip("/")
            for row in project.rows("notebook")
            if (found := _NUMBERED.search(row.at.path)) and row.at.path.endswith(".ipynb")
        }
    )
    worded = [name for name in chapters if name[:1].isalpha()]
    code = any(m.code and m.at.path.endswith(".py") for m in project.rows("module"))
    if len(chapters) < (_MANY if code or len(worded) < len(chapters) else _FEW):
        return
    for row in project.rows("prose"):
        if row.at.path.lower().startswith("readme") and (word := _TEACHES.search(row.text)):
            note = f"{len(chapters)} numbered chapters of notebooks; the README says “{word[0]}”"
            yield Evidence(True, row.at, note)
            return
