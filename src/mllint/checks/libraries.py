"""Packages that are published for others to build on.

Knows how packages reach an index and what is said of them; knows nothing of what they do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.nature import own, serves, training_calls
from mllint.flow.handlers import service_of
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_PUBLISHERS = ("pypa/gh-action-pypi-publish", "jrubics/poetry-publish", "messense/maturin-action")
_PUBLISHES = regex(
    r"twine upload|(?:poetry|uv|flit|hatch|pdm|maturin) publish|python setup.py .*upload"
)
_SIDE = 20
"""Files of code for each that answers requests, from which on serving is not what it is for."""
_NAME_KEYS = ("project.name", "tool.poetry.name", "metadata.name")
_FROM_INDEX = regex(
    r"^\s*[$%>!]?\s*(?:pip3?|uv|uv\s+pip|pipx|poetry|pdm|conda|mamba|python\d?\s+-m\s+pip)\s+(?:install|add)"
    r"\s+(?:-U\s+|--upgrade\s+)?[\"']?([A-Za-z][\w.-]*)(?:\[[\w,-]+\])?[\"']?\s*(?:#.*)?$",
    re.MULTILINE,
)
_IN_TEXT = regex(r"\b(?:pip3?|uv add|uv pip|conda|mamba) (?:install )?([a-z][\w-]*)")
_CLASSIFIER_KEYS = ("project.classifiers[]", "tool.poetry.classifiers[]")


def library(project: Project) -> Iterator[Evidence]:
    """Packages that are published for others to build on, and do not train by themselves."""
    signs = (*_publishing(project), *_classifiers(project), *_installed(project))
    published = next(iter(signs), None)
    if published is None:
        return
    trained = {c.at.path for c in training_calls(project)}
    runs = any(m.main and m.at.path in trained for m in project.rows("module"))
    loads = trained and any(True for _ in own(project, project.calls("load")))
    if runs or loads or (any(e.ok for e in serves(project)) and not _serves_aside(project)):
        return
    yield published


def _serves_aside(project: Project) -> bool:
    """Whether next to all of the code does something else than to answer requests."""
    answering = {handler.define.at.path for handler in service_of(project).handlers}
    files = sum(project.role(row.at.path) == "source" for row in project.rows("module"))
    return bool(answering) and len(answering) * _SIDE <= files


def _installed(project: Project) -> Iterator[Evidence]:
    """Commands of a README that install the package itself from an index."""
    names = {
        row.value.lower().replace("_", "-")
        for row in project.rows("setting")
        if row.at.path in {"pyproject.toml", "setup.cfg"} and row.key in _NAME_KEYS
        and isinstance(row.value, str)
    }  # fmt: skip
    for row in project.rows("fence") if names else ():
        if row.at.path.rpartition("/")[0] or not row.at.path.lower().startswith("readme"):
            continue
        for found in _FROM_INDEX.findall(row.text):
            if found.lower().replace("_", "-") in names:
                yield Evidence(True, row.at, f"its README says `pip install {found}`")
                return
    for row in project.rows("prose") if names else ():
        if row.at.path.rpartition("/")[0] or not row.at.path.lower().startswith("readme"):
            continue
        for found in _IN_TEXT.findall(row.text):
            if found.replace("_", "-") in names:
                yield Evidence(True, row.at, f"its README says `pip install {found}`")
                return


def _publishing(project: Project) -> Iterator[Evidence]:
    for row in project.rows("ci"):
        if row.uses.startswith(_PUBLISHERS):
            yield Evidence(True, row.at, f"{row.system} publishes by `{row.uses}`")
    for row in project.rows("step"):
        if row.origin == "ci" and _PUBLISHES.match(row.command):
            yield Evidence(True, row.at, f"{row.system} runs `{row.command[:60]}`")


def _classifiers(project: Project) -> Iterator[Evidence]:
    """Trove classifiers in the metadata of the package at the root."""
    for row in project.rows("setting"):
        told = row.at.path == "pyproject.toml" and row.key in _CLASSIFIER_KEYS
        if told or (row.at.path == "setup.cfg" and row.key == "metadata.classifiers"):
            yield Evidence(True, row.at, f"its metadata classify it: `{row.value}`")
            return
    for call in project.rows("call"):
        if call.at.path == "setup.py" and call.name.endswith("setup") and arg(call, "classifiers"):
            yield Evidence(True, call.at, "its metadata classify it for a package index")
            return
