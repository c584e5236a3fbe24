"""Switches for repeatable results that work against each other, and noise that repeats itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.modules import Kind, Modules, modules_of
from mllint.flow.training import Training, training_of
from mllint.graph import Node
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related
from mllint.versions import admits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Assign, Call
    from mllint.project import Project

_BENCHMARK = "torch.backends.cudnn.benchmark"
_DETERMINISTIC = "torch.backends.cudnn.deterministic"
_SWITCHES = regex(r"^torch\.backends\.cudnn\.(?:benchmark|deterministic)$")
_DATASETS = frozenset({"torch.utils.data.Dataset", "torch.utils.data.IterableDataset",
                       "torch.utils.data.dataset.Dataset"})  # fmt: skip
_DEEP = 6
_KEPT = regex(r"^self\.")
_GENERATORS = frozenset({"numpy.random.default_rng()", "numpy.random.RandomState()",
                         "numpy.random.Generator()", "random.Random()"})  # fmt: skip


def contradictory_determinism(project: Project) -> Iterator[Evidence]:
    """Functions that ask cuDNN both for repeatable results and for the fastest algorithm."""
    training = training_of(project)
    if training is None:
        return
    asked: dict[tuple[str, str], Assign | Call] = {}
    switched = project.assigned(_SWITCHES)
    for row in switched:
        if row.target == _DETERMINISTIC and row.known and row.const is True:
            asked.setdefault((row.at.path, row.scope), row)
    for call in project.calls_by_name.get("torch.use_deterministic_algorithms", ()):
        if _is_on(call):
            asked.setdefault((call.at.path, call.scope), call)
    for (path, scope), first in asked.items():
        rows = [r for r in switched if (r.at.path, r.scope) == (path, scope)]
        if training.counts(path):
            yield _weighed(first, [r for r in rows if r.target == _BENCHMARK], scope)


def _is_on(call: Call) -> bool:
    given = arg(call, "mode", 0)
    return given is not None and given.known and given.const is True


def _weighed(asked: Assign | Call, benchmarks: list[Assign], scope: str) -> Evidence:
    """Evidence for one function that asks for repeatable results."""
    fast = [r for r in benchmarks if r.known and r.const is True]
    if not fast:
        return Evidence(True, asked.at, "repeatable results, no benchmarking", scope=scope)
    if len(fast) < len(benchmarks) or any(r.guard not in {"", "main"} for r in fast):
        return Evidence(None, fast[0].at, "benchmarking depends on a condition", scope=scope)
    return Evidence(
        False,
        fast[0].at,
        "benchmarking is on",
        scope=scope,
        related=(Related(asked.at, "repeatable results are asked for here"),),
    )


def repeated_noise(project: Project) -> Iterator[Evidence]:
    """Datasets that draw the same numbers in every worker of a loader."""
    training, modules = training_of(project), modules_of(project)
    if training is None or modules is None:
        return
    yield from _copied_generators(project, training, modules)
    library = project.libraries.get("torch")
    if library is None:
        return
    loader = next(_bare_loaders(project, training), None)
    old = admits(library, "<1.9")
    for call in project.calls("draw_numpy"):
        owner, _, method = call.scope.rpartition(".")
        if method not in {"__getitem__", "__iter__"} or not training.counts(call.at.path):
            continue
        if not _is_dataset(training, Kind(call.at.path, owner), 0):
            continue
        if old is False or loader is None:
            note = "each worker draws other numbers"
            yield Evidence(True, call.at, note, scope=call.scope)
        elif old is None:
            yield Evidence(
                None,
                call.at,
                "before PyTorch 1.9 all workers draw the same numbers",
                scope=call.scope,
            )
        else:
            yield Evidence(
                False,
                call.at,
                "all workers draw the same numbers",
                scope=call.scope,
                fields={
                    "name": call.name.rpartition(".")[2],
                    "why": "with this version of PyTorch",
                },
                related=(Related(loader.at, "the workers start here"),),
            )


def _copied_generators(
    project: Project, training: Training, modules: Modules
) -> Iterator[Evidence]:
    """Datasets that hold a generator, which each worker gets a copy of in the same state."""
    held = [
        row
        for row in project.assigned(_KEPT)
        if row.name in _GENERATORS
        and row.scope.endswith(".__init__")
        and training.counts(row.at.path)
    ]
    aware = project.calls_by_name.get("torch.utils.data.get_worker_info")
    for row in held:
        owner = Kind(row.at.path, row.scope.rpartition(".")[0])
        draw = _drawn(training, row, owner) if _is_dataset(training, owner, 0) else None
        if draw is None:
            continue
        given = (c for c in _bare_loaders(project, training) if _feeds(training, modules, c, owner))
        loader = None if aware else next(given, None)
        note = "each worker gets a copy of one generator"
        yield Evidence(
            False if loader is not None else None,
            draw.at,
            note,
            scope=draw.scope,
            fields={"name": draw.name.rpartition(".")[2], "why": f"because {note}"},
            related=(
                Related(row.at, "the generator is made here, once"),
                *((Related(loader.at, "the workers start here"),) if loader is not None else ()),
            ),
        )


def _drawn(training: Training, row: Assign, owner: Kind) -> Call | None:
    """Where items are made with a generator that is assigned once; None where they are not."""
    given = training.assigned(owner.path)
    prefix = f"{owner.name}."
    again = [r for s in given if s.startswith(prefix) for r in given[s] if r.target == row.target]
    if len(again) > 1:
        return None
    for method in ("__getitem__", "__iter__"):
        for step in training.walk(owner.path, f"{prefix}{method}"):
            call = step.call
            at = training.graph.of(call.at.path, call.receiver)
            own = at >= 0 and training.graph.value(at).detail == row.target.removeprefix("self.")
            if own and call.name.startswith(f"{row.name}.") and call.scope.startswith(prefix):
                return call
    return None


def _feeds(training: Training, modules: Modules, loader: Call, owner: Kind) -> bool:
    """Whether a loader is surely given a dataset of a class."""
    data = arg(loader, "dataset", 0)
    at = training.graph.of(loader.at.path, data.value) if data is not None else -1
    for way in training.graph.entries(loader.at.path, loader.scope) if at >= 0 else ():
        kinds = [modules.kind(m) for m in training.graph.makers(Node(at, way))]
        if kinds and all(kind == owner for kind in kinds):
            return True
    return False


def _bare_loaders(project: Project, training: Training) -> Iterator[Call]:
    """Loaders with workers of their own that nothing seeds."""
    for call in project.calls_by_name.get("torch.utils.data.DataLoader", ()):
        workers = arg(call, "num_workers", 5)
        if workers is None or (workers.known and not workers.const):
            continue
        hidden = any(a.key in {"*", "**"} for a in call.args)
        if arg(call, "worker_init_fn", 9) is None and not hidden and training.counts(call.at.path):
            yield call


def _is_dataset(training: Training, kind: Kind, depth: int) -> bool:
    define = next(
        (
            d
            for d in training.project.by_path.get(kind.path, {}).get("define", ())
            if d.name == kind.name
        ),
        None,
    )
    if define is None or depth > _DEEP:
        return False
    for base in define.bases:
        if base in _DATASETS:
            return True
        at = training.graph.definition(kind.path, base)
        if at is not None and _is_dataset(training, Kind(*at), depth + 1):
            return True
    return False
