"""What runs of the project write, and whether git would take it in.

Knows where trackers, notebooks and saving calls write; knows nothing of what they write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.saved import path_of
from mllint.facts import Place
from mllint.project import arg, unpacks
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_BY_CALL = (
    ("mlflow.start_run", "mlruns", "MLflow"),
    ("mlflow.set_experiment", "mlruns", "MLflow"),
    ("mlflow.autolog", "mlruns", "MLflow"),
    ("mlflow.sklearn.autolog", "mlruns", "MLflow"),
    ("wandb.init", "wandb", "Weights & Biases"),
    ("torch.utils.tensorboard.SummaryWriter", "runs", "TensorBoard"),
    ("tensorboardX.SummaryWriter", "runs", "TensorBoard"),
    ("hydra.main", "outputs", "Hydra"),
    ("lightning.pytorch.Trainer", "lightning_logs", "Lightning"),
    ("pytorch_lightning.Trainer", "lightning_logs", "Lightning"),
    ("lightning.Trainer", "lightning_logs", "Lightning"),
)
_REDIRECTED = {
    "MLflow": ("zenml", "dagshub", "azureml", "azure", "databricks", "kedro_mlflow", "sagemaker"),
}
"""Import roots that send a tracker's records elsewhere."""
_ELSEWHERE = {
    "TensorBoard": ("log_dir", "logdir"),
    "Weights & Biases": ("dir",),
    "Lightning": ("default_root_dir", "logger"),
}
_VARIABLES = {"MLflow": "MLFLOW_TRACKING_URI", "Weights & Biases": "WANDB_DIR"}


_STORES = ("bentoml.",)
"""Libraries that save under a name in a store of theirs, not at a path."""
_SHOWN = 5


class _Output(NamedTuple):
    """Something that a run writes."""

    path: str
    shown: str
    at: Place
    by: str


def not_ignored(project: Project) -> Iterator[Evidence]:
    """What runs write into the repository's folder, judged by whether a .gitignore names it."""
    seen: set[str] = set()
    tracked = {f.at.path for f in project.rows("file") if f.tracked}
    ignored: list[_Output] = []
    bare: list[_Output] = []
    for one in (*_caches(project), *_runs(project), *_models(project)):
        if one.shown not in seen and not _is_tracked(tracked, one):
            seen.add(one.shown)
            (ignored if _ignored(project, one) else bare).append(one)
    if bare:
        yield _exposed(bare, len(ignored))
        return
    for one in ignored:
        yield Evidence(True, one.at if one.at.line else None, f"`{one.shown}` is ignored")


def _exposed(bare: list[_Output], ignored: int) -> Evidence:
    """One finding for the project, at the first line that writes."""
    written = sorted(bare, key=lambda one: not one.at.line)
    names = [f"`{one.shown}`" for one in written]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    outs = ", ".join(names[:_SHOWN]) + more
    first, *others = written
    return Evidence(
        False,
        first.at if first.at.line else None,
        f"{first.by} writes `{first.shown}`",
        credit=ignored / (ignored + len(bare)),
        related=tuple(Related(o.at, f"{o.by} writes `{o.shown}`") for o in others if o.at.line),
        fields={"outs": outs, "them": "it" if len(bare) == 1 else "them"},
    )


def _bases(one: _Output) -> Iterator[str]:
    """The folders in which the program may be started: the root, and those around the code."""
    yield ""
    folder = one.at.path.rpartition("/")[0]
    while folder:
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]


def _ignored(project: Project, one: _Output) -> bool:
    return any(project.ignored(f"{base}{one.path}") for base in _bases(one))


def _is_tracked(tracked: set[str], one: _Output) -> bool:
    """Whether git has it on purpose, the file itself or files of the folder."""
    places = [f"{base}{one.shown.rstrip('/')}" for base in _bases(one)]
    return any(path == p or path.startswith(f"{p}/") for p in places for path in tracked)


def _caches(project: Project) -> Iterator[_Output]:
    # Python writes bytecode of what is imported, not of a script that is run.
    for row in project.rows("import"):
        if row.first_party and project.role(row.at.path) == "source":
            yield _Output("__pycache__/x.pyc", "__pycache__", Place(row.at.path), "Python")
            break
    for notebook in project.rows("notebook"):
        if project.role(notebook.at.path) == "source":
            name = ".ipynb_checkpoints"
            yield _Output(f"{name}/x.ipynb", name, Place(notebook.at.path), "Jupyter")
            break


def _runs(project: Project) -> Iterator[_Output]:
    """The folders that trackers and frameworks write to unless they are told otherwise."""
    for name, folder, by in _BY_CALL:
        if _sent_elsewhere(project, by):
            continue
        for call in project.calls_by_name.get(name, ()):
            if project.role(call.at.path) == "source" and not _told(call, _ELSEWHERE.get(by, ())):
                yield _Output(f"{folder}/x/y", folder, call.at, by)
                break


def _told(call: Call, keys: tuple[str, ...]) -> bool:
    """Whether a call says where to write."""
    positional = keys and keys[0] == "log_dir" and arg(call, "0") is not None
    return bool(positional) or unpacks(call) or any(arg(call, key) is not None for key in keys)


def _sent_elsewhere(project: Project, by: str) -> bool:
    """Whether a setting, a call or another tool decides where a tool writes."""
    variable = _VARIABLES.get(by, "")
    keys = [row.key for row in project.rows("setting")]
    if by == "Hydra" and any(key.endswith(("run.dir", "sweep.dir")) for key in keys):
        return True
    if variable and any(key.endswith(variable) for key in keys):
        return True
    if by == "MLflow" and "mlflow.set_tracking_uri" in project.calls_by_name:
        return True
    roots = _REDIRECTED.get(by, ())
    return bool(roots) and any(row.root in roots for row in project.rows("import"))


def _models(project: Project) -> Iterator[_Output]:
    """Models that are saved below the folder in which the program runs."""
    for group in ("save_model", "save_itself"):
        for call in project.calls(group):
            own = project.role(call.at.path) == "source" and not call.name.startswith(_STORES)
            path = path_of(project, call) if own else None
            if not path or path.startswith(("/", "~", "..")) or "://" in path or ":" in path[:3]:
                continue
            path = path.removeprefix("./")
            short = call.name.rpartition(".")[2]
            yield _Output(path, path, call.at, f"`{short}`")
