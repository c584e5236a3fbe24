"""Which code the tests reach: the files that they import, directly or through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.testing import is_test, starts_others, watching
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.facts import Call, Import
    from mllint.project import Project

_MODEL_BASES = (
    "torch.nn.", "keras.", "tensorflow.keras.", "lightning.", "pytorch_lightning.", "equinox.",
    "flax.linen.", "flax.nnx.", "haiku.", "paddle.nn.", "mxnet.gluon.", "mindspore.nn.",
    "oneflow.nn.", "composer.", "gpytorch.models.", "mlx.nn.", "tinygrad.nn.", "dspy.",
    "transformers.PreTrainedModel", "transformers.modeling_utils.", "torchgeo.trainers.",
    "torch_geometric.nn.", "monai.networks.",
)  # fmt: skip
_NO_MODEL = ("DataModule", "Callback", "Dataset", "Sequence", "Logger", "Loss", "Metric", "Layer")
_DATA_BASES = (
    "torch.utils.data.Dataset",
    "torch.utils.data.IterableDataset",
    "torch.utils.data.dataset.",
    "lightning.LightningDataModule",
    "lightning.pytorch.LightningDataModule",
    "pytorch_lightning.LightningDataModule",
)
_FOREIGN = regex(r"\.(?:nf\.test|bats|robot|feature)$|\.tavern\.ya?ml$")
"""Files of tests that start programs, and import nothing."""
_BY_NAME = frozenset({"importlib", "importlib.import_module", "importlib.util", "runpy", "pkgutil"})
"""Imports of what reaches code by a name that only a run makes known."""


def model_code(project: Project) -> Iterator[Evidence]:
    """Whether a test reaches the code that trains or makes up a model."""
    wanted = _doing(project, ("trainer", "gradient_step", "estimator"))
    wanted |= {
        call.at.path
        for call in project.calls("makes_model")
        if "()" not in call.name
        and not call.name.endswith(".load")
        and project.role(call.at.path) == "source"
        and call.at.cell is None
    }
    for row in project.rows("define"):
        made = [b for b in row.bases if b.startswith(_MODEL_BASES) and not _is_part(b)]
        if made and project.role(row.at.path) == "source" and row.at.cell is None:
            wanted.add(row.at.path)
    yield from _reached(project, wanted, "model", _doing(project, ("predict", "fetches_model")))


def data_code(project: Project) -> Iterator[Evidence]:
    """Whether a test reaches the code that loads or prepares data."""
    wanted = _doing(project, ("load", "split", "scaler")) - watching(project)
    for row in project.rows("define"):
        made = any(b.startswith(_DATA_BASES) for b in row.bases)
        if made and project.role(row.at.path) == "source" and row.at.cell is None:
            wanted.add(row.at.path)
    yield from _reached(project, wanted, "data")


def _is_part(base: str) -> bool:
    """Whether a base is that of something beside the model, or of its parts; Paddle has but one."""
    return base.endswith(_NO_MODEL) and base != "paddle.nn.Layer"


def _doing(project: Project, groups: Iterable[str]) -> set[str]:
    """Source modules that make a call of the groups."""
    return {
        call.at.path
        for group in groups
        for call in project.calls(group)
        if project.role(call.at.path) == "source" and call.at.cell is None
    }


def _reached(
    project: Project, wanted: set[str], what: str, near: Iterable[str] = ()
) -> Iterator[Evidence]:
    """Whether tests import what is wanted; undecided where they import only what is near it."""
    tests = {
        row.at.path for row in project.rows("define") if is_test(project, row) and not row.stub
    }
    if not wanted or not tests:
        return
    reached = closure(project, tests)
    hit = sorted(wanted & reached)
    yield from (Evidence(True, None, f"a test imports `{path}`") for path in hit)
    if hit:
        return
    if (asking := min(reached.intersection(near), default=None)) is not None:
        yield Evidence(None, None, f"a test imports `{asking}`, which asks a model")
        return
    if (way := hidden_way(project, reached) or starts_others(project)) is not None:
        yield Evidence(None, way.at, f"`{way.name}` may reach the {what} code")
        return
    if (
        other := next((r for r in project.rows("file") if _FOREIGN.search(r.at.path)), None)
    ) is not None:
        yield Evidence(None, other.at, f"`{other.at.path}` may reach the {what} code")
        return
    unread = [p for p in tests if project.by_path[p]["module"][0].parsed == "none"]
    if unread:
        yield Evidence(None, None, f"`{unread[0]}` could not be read")
        return
    yield _missed(sorted(wanted))


def hidden_way(project: Project, reached: Iterable[str]) -> Import | Call | None:
    """Where reached code imports other code by a name that cannot be read."""
    for path in sorted(reached):
        tables = project.by_path.get(path, {})
        for row in tables.get("import", ()):
            if row.name in _BY_NAME and not row.first_party:
                return row  # type: ignore[no-any-return]
        for call in tables.get("call", ()):
            if call.name.startswith("hydra.utils."):
                return call  # type: ignore[no-any-return]
    return None


def _missed(wanted: Sequence[str]) -> Evidence:
    more = f" nor {len(wanted) - 1} more such modules" if len(wanted) > 2 else ""
    if len(wanted) == 2:
        more = f" nor `{wanted[1]}`"
    return Evidence(False, None, f"no test imports `{wanted[0]}`{more}")


def closure(project: Project, tests: Iterable[str]) -> set[str]:
    """The files that tests import, directly or through others, and the packages on the way."""
    beside = {row.at.path for row in project.rows("module") if row.at.path.endswith("conftest.py")}
    seen = set(tests) | beside
    waiting = list(seen)
    while waiting:
        path = waiting.pop()
        for row in project.by_path.get(path, {}).get("import", ()):
            if not row.first_party:
                continue
            parts = row.name.removesuffix(".*").split(".")
            for end in range(len(parts), 0, -1):
                found = project.provider(path, ".".join(parts[:end]))
                if found is not None and found not in seen:
                    seen.add(found)
                    waiting.append(found)
    return seen
