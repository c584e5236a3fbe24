"""Where data are cleaned and prepared: in code that can be imported, or in notebooks only.

Knows what cleans a table; counts calls by the kind of file that they stand in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call, Define
    from mllint.project import Project

_CLEANING = (
    "missing_treatment", "duplicate_check", "type_normalising", "scaler", "projection",
    "label_encoder", "selector", "scaling_function",
)  # fmt: skip
_STEPS = frozenset({"rename", "replace", "merge", "query", "get_dummies", "resample", "melt"})
_NAMED = regex(
    r"(?:^|[._])(?:(?:clean|pre_?process|featuri[sz]e?|tokeni[sz]e|augment|normali[sz]e|impute"
    r"|transform|prepare|collate|wrangle)\w*|(?:split|make|get|load)_(?:data\w*|df|frame|features)"
    r"|build_features|[a-z_]+_(?:cleaning|preprocessing))$",
    re.IGNORECASE,
)
"""Functions that by their names clean or prepare data."""
_SETS = ("torch.utils.data.", "lightning.LightningDataModule", "tensorflow.keras.utils.Sequence",
         "lightning.pytorch.LightningDataModule", "pytorch_lightning.LightningDataModule",
         "sklearn.base.TransformerMixin", "torchvision.datasets.")  # fmt: skip
"""Bases of classes that prepare data."""
_SOME = 5
"""Cleaning calls in notebooks from which they do the cleaning."""


def importable(project: Project) -> Iterator[Evidence]:
    """Whether the project cleans its data in modules or pipelines rather than in notebooks only."""
    calls = list({call.at: call for call in _cleaning(project)}.values())
    outside = [call for call in calls if call.at.cell is None]
    if outside:
        first = next((call for call in outside if call.scope), outside[0])
        yield Evidence(True, first.at, f"`{first.name.rpartition('.')[2]}` in `{first.at.path}`")
    elif (named := _named(project)) is not None:
        yield Evidence(True, named.at, f"`{named.name}`")
    elif len(calls) >= _SOME:
        first = min(calls, key=lambda call: (call.at.path, call.order))
        fields = {"many": str(len(calls)), "first": first.at.path}
        yield Evidence(False, first.at, "all cleaning is in notebooks", fields=fields)


def _named(project: Project) -> Define | None:
    """A function or class of a module that prepares data."""
    for row in project.rows("define"):
        if row.stub or row.at.cell is not None or project.role(row.at.path) != "source":
            continue
        if any(base.startswith(_SETS) for base in row.bases):
            return row  # type: ignore[no-any-return]
        if row.kind != "class" and _NAMED.search(row.name):
            return row  # type: ignore[no-any-return]
    return None


def _cleaning(project: Project) -> Iterator[Call]:
    """Calls of own code that clean or prepare a table, in order of group and place."""
    for group in _CLEANING:
        for call in project.calls(group):
            arrays = group == "type_normalising" and not call.name.startswith("pandas.")
            if project.role(call.at.path) == "source" and not arrays:
                yield call
    for name, calls in project.calls_by_name.items():
        if name.startswith(("pandas.", "polars.", "pyspark.")) and (
            name.rpartition(".")[2] in _STEPS
        ):
            yield from (call for call in calls if project.role(call.at.path) == "source")


def copied(project: Project) -> Iterator[Evidence]:
    """Functions of notebooks, judged by whether another notebook has the same under one name."""
    by_shape: dict[tuple[str, str], list[Define]] = {}
    for row, body in zip(project.rows("define"), project.rows("body"), strict=True):
        own = project.role(row.at.path) == "source" and row.at.cell is not None
        if own and row.kind == "function" and body.shape:
            by_shape.setdefault((row.name, body.shape), []).append(row)
    several = {path for rows in by_shape.values() for path in {row.at.path for row in rows}}
    for (name, _), rows in by_shape.items():
        files = list(dict.fromkeys(row.at.path for row in rows))
        if len(files) > 1:
            other = next(row for row in rows if row.at.path != rows[0].at.path)
            more = f" and {len(files) - 2} more" if len(files) > 2 else ""
            note = f"`{name}` is in `{files[0]}` and `{files[1]}`{more}"
            fields = {"name": name, "files": f"`{files[0]}`{more}"}
            yield Evidence(False, other.at, note, fields=fields)
        elif len(several) > 1:
            yield Evidence(True, rows[0].at, f"`{name}` stands once")
