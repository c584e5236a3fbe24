"""The dependencies of setup.cfg and tox.ini."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.facts import Manager, Place, Problem, Python
from mllint.readers.dependencies import requirements
from mllint.readers.dependencies.requirement import bare, group_of, parse, row, tidy
from mllint.readers.inidoc import Entry, Line, entries

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPTIONS = {"install_requires": "main", "tests_require": "test", "setup_requires": "build"}
_EXTRAS = "options.extras_require"
_FACTORS = re.compile(r"^!?[\w{},.!-]+:\s+")
_BASEPYTHON = re.compile(r"python(\d\.\d+)$")


def read(path: str, text: str) -> Iterator[object]:
    """The rows of setup.cfg."""
    found = list(entries(text))
    if any(e.section in {"metadata", "options"} for e in found):
        yield Manager(Place(path), "setuptools", "manifest")
    for entry in found:
        key = entry.key.replace("-", "_")
        if entry.section == "options" and key == "python_requires":
            spec = tidy(entry.text)
            yield Python(Place(path, entry.line), bare(spec or entry.text), "requires-python")
        elif entry.section == "options" and key in _OPTIONS:
            yield from _listed(path, entry, _OPTIONS[key])
        elif entry.section == _EXTRAS:
            yield from _listed(path, entry, group_of(entry.key))


def _listed(path: str, entry: Entry, group: str) -> Iterator[object]:
    if entry.text.startswith("file:"):
        return
    for line in entry.value:
        for part in line.text.split(";") if _several(line) else (line.text,):
            said = parse(part.strip()) if part.strip() else None
            if said is not None:
                yield row(Place(path, line.number), said, group=group, source="setup.cfg")
            elif part.strip() and "%(" not in part:
                text = f"`{part.strip()[:60]}` is not a requirement"
                yield Problem(path, "invalid", text, line.number)


def _several(line: Line) -> bool:
    """Whether a line lists requirements with semicolons, as setuptools allows."""
    return ";" in line.text and parse(line.text) is None


def read_tox(path: str, text: str) -> Iterator[object]:
    """The rows of tox.ini."""
    for entry in entries(text):
        if not entry.section.startswith("testenv"):
            continue
        if entry.key == "basepython":
            found = _BASEPYTHON.match(entry.text)
            if found:
                yield Python(Place(path, entry.line), found[1], "tox")
        elif entry.key == "deps":
            group = group_of(entry.section.partition(":")[2] or "test")
            group = group if group in {"docs", "dev", "build"} else "test"
            file = requirements.Source(path, group, "tox")
            for line in entry.value:
                said = _FACTORS.sub("", line.text, count=1)
                if "{" not in said:
                    yield from requirements.line(file, line.number, said)
