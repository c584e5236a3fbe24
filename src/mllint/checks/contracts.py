"""Whether components that the project writes for a framework keep to the framework's contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Define
    from mllint.project import Project

_BASES = ("sklearn.base.", "torch.nn.", "keras.", "tensorflow.keras.", "tensorflow.Module",
          "flax.", "lightning.", "pytorch_lightning.", "torch.utils.data.",
          "transformers.")  # fmt: skip
_ESTIMATOR = "sklearn.base.BaseEstimator"
_BESIDE = ("sklearn.pipeline", "sklearn.compose", "imblearn.pipeline", "sklearn.base")
"""What a file imports that puts components together."""


def kept(project: Project) -> Iterator[Evidence]:
    """Own components for frameworks, judged by their bases and how they take parameters."""
    for path, tables in project.by_path.items():
        if project.role(path) != "source" or path.endswith(".ipynb"):
            continue
        rows = tables.get("define", ())
        methods = _methods(rows)
        names = [row.name for row in tables.get("import", ())]
        near = any(name.startswith(_BESIDE) for name in names)
        for row in rows:
            if row.kind == "class":
                yield from _judge(row, methods.get(row.name, {}), near)


def _methods(rows: Sequence[Define]) -> Mapping[str, Mapping[str, Define]]:
    found: dict[str, dict[str, Define]] = {}
    for row in rows:
        if row.kind == "method":
            owner, _, name = row.name.rpartition(".")
            found.setdefault(owner, {})[name] = row
    return found


def _judge(row: Define, methods: Mapping[str, Define], near: bool) -> Iterator[Evidence]:
    """What is said about one class; nothing where it is no component of a framework."""
    base = next((b for b in row.bases if b.startswith(_BASES)), "")
    if _ESTIMATOR in row.bases and (made := methods.get("__init__")) is not None:
        hidden = next((p for p in made.params if p[:1] == "*" and p[:2] != "**"), "")
        if hidden:
            note = f"`{row.name}.__init__` takes `{hidden}`, which `get_params` cannot name"
            yield Evidence(False, made.at, note)
            return
    if base:
        yield Evidence(True, row.at, f"`{row.name}` is a `{base.rpartition('.')[2]}`")
    elif (
        near
        and not [b for b in row.bases if b != "object"]
        and {"fit", "transform"} <= set(methods)
    ):
        note = f"`{row.name}` has `fit` and `transform`, and is no `BaseEstimator`"
        yield Evidence(False, row.at, note)
