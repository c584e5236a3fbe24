"""Validation: whether choices are made on rows that are neither trained on nor tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, argument, constant, flow_of
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_STOPS = regex(r"(?i)early_?stop")
_WORDS = regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_VALIDATION = frozenset({"val", "validation", "dev", "holdout"})
_ROWS = frozenset(
    {
        "loader",
        "dataloader",
        "ds",
        "dl",
        "dataset",
        "data",
        "df",
        "set",
        "x",
        "y",
        "idx",
        "index",
        "indices",
        "gen",
        "generator",
        "iter",
        "images",
        "labels",
        "features",
        "texts",
        "split",
        "part",
        "fold",
        "loss",
    }
)
"""What `valid` stands before where it is no adjective."""


def validation_part(project: Project) -> Iterator[Evidence]:
    """Rows for choosing: cross-validation, a validation part that is given, named or read.

    Where none is seen, the first choice that the project makes speaks against it.
    """
    flow = flow_of(project)
    found = next(_given(flow), None) or next(_named(flow), None)
    if found is not None:
        yield found
        return
    choice = next(_choices(flow), None)
    if choice is not None:
        note = f"`{choice.name.rpartition('.')[2]}` chooses, and no validation part is seen"
        yield Evidence(False, choice.at, note, scope=choice.scope)


def _given(flow: Flow) -> Iterator[Evidence]:
    """Cross-validation, and a share of the rows that a fit keeps back."""
    for call in flow.grouped("search", "cv_function", "cv_splitter", "time_splitter"):
        yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)
    for call in flow.named("fit"):
        share = constant(call, "validation_split")
        if isinstance(share, float) and share > 0:
            yield Evidence(True, call.at, f"`validation_split={share}`", scope=call.scope)


def _named(flow: Flow) -> Iterator[Evidence]:
    """What names say: variables of several words, loaders, files that are read."""
    for row in flow.project.rows("assign"):
        name = row.target.rpartition(".")[2]
        if flow.counts(row.at.path) and _says(name):
            yield Evidence(True, row.at, f"`{name[:60]}`")
    for row in flow.project.rows("define"):
        if row.name.endswith("val_dataloader") and flow.counts(row.at.path):
            yield Evidence(True, row.at, f"`{row.name}`")
    for call in flow.grouped("load"):
        path = constant(call, "0", "filepath_or_buffer", "path")
        if isinstance(path, str) and _says(path.rpartition("/")[2]):
            yield Evidence(True, call.at, f"`{path[-60:]}`", scope=call.scope)


def _says(name: str) -> bool:
    """Whether one of several words names a validation part; `val` alone may be any value."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if len(words) < 2:
        return False
    kept = "valid" in words and (words[-1] == "valid" or not _ROWS.isdisjoint(words))
    return kept or not _VALIDATION.isdisjoint(words)


def _choices(flow: Flow) -> Iterator[Call]:
    """Searches, early stops, and a second kind of model."""
    yield from flow.grouped("search_other")
    for call in flow.named("fit", "train"):
        if argument(call, "early_stopping_rounds", "eval_set", "validation_data") is not None:
            yield call
    for call in flow.project.rows("call"):
        if _STOPS.search(call.name.rpartition(".")[2]) and flow.counts(call.at.path):
            yield call
    first: str | None = None
    for call in flow.grouped("classifier", "regressor"):
        if first is not None and call.name != first:
            yield call
        first = first or call.name
