"""What kind of project it is: whether it trains, serves, is a library, a template, notebooks.

Traits that the check language cannot say. Good evidence holds the trait, undecided evidence leaves
it open, and none means that it does not hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.facts import Place
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.facts import Call, Tool
    from mllint.project import Project

_FITTING = ("fit", "partial_fit", "fit_predict")
_MAKER = regex(r"(.*)\(\)\.(fit|partial_fit|fit_predict)$")
_TRANSFORMERS = (
    "scaler", "projection", "supervised_transformer", "selector", "stateless", "label_encoder",
    "oversampler", "undersampler",
)  # fmt: skip
_ESTIMATORS = ("classifier", "regressor", "meta_estimator", "search", "pipeline", "unsupervised")
_SUPERVISED = ("classifier", "regressor", "ranker", "keras_model", "forecaster", "search")
_LOSSES = regex(
    r"(cross_entropy|CrossEntropy|NLLLoss|nll_loss|BCE|bce_loss|binary_cross_entropy|MSELoss|"
    r"mse_loss|L1Loss|SmoothL1|HuberLoss|CTCLoss|DiceLoss|FocalLoss)"
)
_FITTED_WITH = (
    "y", "epochs", "validation_data", "eval_set", "callbacks", "batch_size", "datamodule",
    "train_dataloaders", "train_dataloader",
)  # fmt: skip
_OF_FILES = (".ImageFolder", ".DatasetFolder")
"""Data sets of libraries that are folders of the user's."""
_SIDELINES = frozenset({"flask", "fastapi", "bottle", "aiohttp", "sanic", "starlette", "tornado"})
"""Frameworks in which a server is written as an example in a page."""
_SHOWN = 20
"""Pieces of evidence of one kind that a trait shows at most."""
_RECIPES = frozenset({"micro_batch_size", "per_device_train_batch_size"})
"""Settings that only a recipe of axolotl, LLaMA-Factory and their like has at its top."""
_MANY = 0.25
"""Part of the files that must be unread before nobody can tell what the project does."""


def trains(project: Project, *, supervised: bool = False) -> Iterator[Evidence]:
    """Training calls in source code or notebooks.

    `supervised` asks for those that learn from labels; training that may or may not do so leaves
    the question open.
    """
    sure = training_calls(project)
    if not sure:
        yield from _unread(project)
        yield from _by_recipe(project)
    if not supervised:
        for call in sure[:_SHOWN]:
            yield Evidence(True, call.at, f"`{_short(call.name)}`")
        return
    labelled = [c for c in sure if _learns_labels(project, c)]
    if sure and not labelled:
        labelled = [c for c in own(project, project.rows("call")) if _LOSSES.search(c.name)]
    for call in labelled[:_SHOWN]:
        yield Evidence(True, call.at, f"`{_short(call.name)}`")
    unclear = [] if labelled else [c for c in sure if not _needs_no_labels(project, c)]
    if unclear:
        yield Evidence(None, unclear[0].at, "whether the training uses labels cannot be told")


def _unread(project: Project) -> Iterator[Evidence]:
    """Undecided evidence where much of the code could not be read."""
    ours = [
        module
        for module in project.rows("module")
        if project.role(module.at.path) == "source" and (module.code or module.parsed == "none")
    ]
    unread = [m for m in ours if m.parsed == "none"]
    if len(unread) > _MANY * len(ours):
        note = f"{len(unread)} of {len(ours)} files of code could not be read"
        yield Evidence(None, unread[0].at, note)


def _by_recipe(project: Project) -> Iterator[Evidence]:
    """Undecided evidence: a recipe from which a program of others trains."""
    for row in project.rows("setting"):
        if row.key in _RECIPES and project.role(row.at.path) in {"source", "template"}:
            yield Evidence(None, row.at, f"`{row.at.path}` may be a recipe for training")
            return


def own(project: Project, rows: Iterable[Any]) -> Iterator[Any]:
    """The rows of the project's own code: sources, notebooks and, in a template, its files."""
    roles = {"source", "template"} if any(_template_files(project)) else {"source"}
    return (row for row in rows if project.role(row.at.path) in roles)


def training_calls(project: Project) -> Sequence[Call]:
    """The calls that train, in source code or notebooks."""
    return project.shared("nature.training_calls", lambda: list(_training_calls(project)))


def _training_calls(project: Project) -> Iterator[Call]:
    ours = {m.at.path for m in own(project, project.rows("module"))}
    learns = _learning_files(project)
    trainers, steps, index = (
        project.groups["trainer"],
        project.groups["gradient_step"],
        project.names,
    )
    named = {*trainers.among(index), *steps.among(index), *index.ending(_FITTING)}
    for name in sorted(named, key=index.place.__getitem__):
        sure = name in trainers
        step = name in steps
        for call in project.calls_by_name[name]:
            if call.at.path not in ours or call.guard == "type":
                continue
            if sure or (step and call.at.path in learns) or _fits(project, call, learns):
                yield call


def _fits(project: Project, call: Call, learns: set[str]) -> bool:
    """Whether a `fit` is that of a model rather than of a transformer or of something unknown."""
    groups = project.groups
    if found := _MAKER.match(call.name):
        maker = found[1]
        if any(maker in groups[g] for g in _ESTIMATORS):
            return True
        if any(maker in groups[g] for g in _TRANSFORMERS):
            return False
    if call.at.path not in learns:
        return False
    plain = sum(a.key.isdigit() for a in call.args)
    return plain >= 2 or any(arg(call, key) is not None for key in _FITTED_WITH)


def _learning_files(project: Project) -> set[str]:
    """Files that import an ML framework, and those that a module of the project lends one."""
    known = (
        project.tools.get("deep_learning_frameworks", {}),
        project.tools.get("classical_frameworks", {}),
    )
    roots = {
        p.partition(".")[0]
        for kinds in known
        for p in getattr(kinds.get("imports"), "patterns", ())
    }
    direct = {
        row.at.path for row in project.rows("import") if row.root in roots and not row.first_party
    }
    borrowed = {row.at.path for row in project.rows("import") if row.first_party}
    return direct | (borrowed if direct else set())


def splits(project: Project) -> Iterator[Evidence]:
    """Calls that split data, and data that its provider has split."""
    groups = (
        "split",
        "torch_split",
        "cv_splitter",
        "cv_function",
        "search",
        "provided_split",
        "other_split",
    )
    for group in groups:
        for call in own(project, project.calls(group)):
            yield Evidence(True, call.at, f"`{_short(call.name)}`")
            return
    for call in own(project, project.calls("fit")):
        if arg(call, "validation_split") or arg(call, "validation_data"):
            yield Evidence(True, call.at, f"`{_short(call.name)}` with validation data")
            return
    yield from _open(project, "whether the data are split cannot be told")


def evaluates(project: Project) -> Iterator[Evidence]:
    """Metrics, evaluations, and models put into evaluation mode."""
    learns = _learning_files(project)
    for call in own(project, project.calls("evaluation")):
        if not call.name.startswith(("?", ".")) or call.at.path in learns:
            yield Evidence(True, call.at, f"`{_short(call.name)}`")
            return
    yield from _open(project, "whether the model is evaluated cannot be told")


def _open(project: Project, note: str) -> Iterator[Evidence]:
    """Undecided evidence for a project that trains: what it does may have no known name."""
    if (call := next(iter(training_calls(project)), None)) is not None:
        yield Evidence(None, call.at, note)
    else:
        yield from _unread(project)


def _learns_labels(project: Project, call: Call) -> bool:
    groups = project.groups
    if found := _MAKER.match(call.name):
        if any(found[1] in groups[g] for g in _SUPERVISED):
            return True
        if found[1] in groups["unsupervised"]:
            return False
    if call.name in groups["train_function"]:
        return True
    fits = call.name.rpartition(".")[2] in {"fit", "partial_fit"}
    plain = sum(a.key.isdigit() for a in call.args)
    return fits and (plain >= 2 or arg(call, "y") is not None)


def _needs_no_labels(project: Project, call: Call) -> bool:
    found = _MAKER.match(call.name)
    return found is not None and found[1] in project.groups["unsupervised"]


def _short(name: str) -> str:
    return name.replace("()", "").replace("[]", "").lstrip(".?").rpartition("~")[2]


def serves(project: Project) -> Iterator[Evidence]:
    """Serving tools, and web applications of projects that load a model or ask one."""

    def found(family: str) -> Iterator[Tool]:
        for tool in project.used_tools.get(family, ()):
            if tool.grade == "used" and not tool.at.path.endswith(".ipynb"):
                yield tool

    for tool in found("serving"):
        yield Evidence(True, tool.at, tool.note)
    web = next(found("web_frameworks"), None)
    if web is None:
        return
    if (asked := next(_asked(project), None)) is not None:
        note = f"{web.note}, and `{_short(asked.name)}` in `{asked.at.path}`"
        yield Evidence(True, web.at, note)
    elif any(_is_ml(project)):
        yield Evidence(None, web.at, f"{web.note}, but no model is seen to be loaded or asked")


def aside(project: Project) -> Iterator[Evidence]:
    """Whether the only server is an application that is shown beside the project, not operated.

    It lies in a folder, what is installed does not include its framework, and nothing starts it.
    """
    used = project.used_tools
    web = [tool for tool in used.get("web_frameworks", ()) if tool.grade == "used"]
    roots = {_undeclared(project, tool) for tool in web}
    if web and all(roots) and not any(t.grade == "used" for t in used.get("serving", ())):
        note = f"no manifest declares `{min(roots)}`, and nothing starts `{web[0].at.path}`"
        yield Evidence(True, web[0].at, note)


def _undeclared(project: Project, web: Tool) -> str:
    """The framework of an application that is only shown; "" where it is meant to run."""
    path = web.at.path
    declared = {row.name.lower().replace("_", "-") for row in project.rows("dependency")}
    roots = {row.root for row in project.by_path[path].get("import", ()) if not row.first_party}
    root = next((one for one in sorted(roots) if one.partition("_")[0] in _SIDELINES), "")
    if "/" not in path or not declared or not root:
        return ""
    if any(one.startswith(root.partition("_")[0]) for one in declared):
        return ""
    stem = re.compile(rf"\b{re.escape(path.rpartition('/')[2].removesuffix('.py'))}\b")
    commands = [row.command for row in project.rows("step")]
    commands += [text for row in project.rows("target") for text in row.commands]
    commands += [row.value for row in project.rows("docker") if row.word in {"CMD", "ENTRYPOINT"}]
    commands += [str(r.value) for r in project.rows("setting") if r.key.endswith("command")]
    return "" if any(stem.search(text) for text in commands) else root


def _is_ml(project: Project) -> Iterator[Evidence]:
    yield from uses(project, families=("*_frameworks",), but=("web_frameworks", "data_frameworks"))


def _asked(project: Project) -> Iterator[Call]:
    """Calls outside notebooks that load a model or ask for a prediction."""
    for group in ("load_model", "predict", "llm_call"):
        for call in own(project, project.calls(group)):
            if not call.at.path.endswith(".ipynb"):
                yield call


def llm_app(project: Project) -> Iterator[Evidence]:
    """Calls of language models from code that is more than a notebook on the side."""
    only_notebooks = bool(list(notebook_only(project)))
    for call in own(project, project.calls("llm_call")):
        if only_notebooks or not call.at.path.endswith(".ipynb"):
            yield Evidence(True, call.at, f"`{_short(call.name)}`")
            return


def notebook_only(project: Project) -> Iterator[Evidence]:
    """Notebooks with hardly any code beside them."""
    if project.balance.only_notebooks:
        trained = [c for c in training_calls(project) if not c.at.path.endswith(".ipynb")]
        if not trained:
            yield Evidence(True, note="hardly any code stands outside of notebooks")


def template(project: Project) -> Iterator[Evidence]:
    """Projects whose product is a template for projects."""
    yield from _template_files(project)


_TEMPLATE = ("cookiecutter.json", "copier.yml", "copier.yaml")


def _template_files(project: Project) -> Iterator[Evidence]:
    for path in project.roles:
        if path.endswith(_TEMPLATE):
            folder, _, name = path.rpartition("/")
            own = "/" not in folder and project.role(path) in {"source", "template"}
            if own and name in _TEMPLATE:
                yield Evidence(True, Place(path), f"`{path}` is there")


def tabular(project: Project) -> Iterator[Evidence]:
    """Tables that are read where models for tables are used."""
    roots = {"sklearn", "xgboost", "lightgbm", "catboost", "pytorch_tabnet", "tabpfn", "autogluon"}
    models = any(
        row.root in roots for row in own(project, project.rows("import")) if not row.first_party
    )
    for call in own(project, project.calls("load")) if models else ():
        if call.name.startswith(("pandas.", "polars.", "dask.dataframe.", "pyspark.")):
            yield Evidence(True, call.at, f"`{_short(call.name)}` beside models for tables")
            return


def own_data(project: Project) -> Iterator[Evidence]:
    """Data that are read from files or stores, rather than those which a library provides."""
    provided = [project.groups[name] for name in ("toy_data", "provided_split")]
    reads = [c for c in own(project, project.calls("load")) if c.guard != "type"]
    ours = [
        c
        for c in reads
        if not any(c.name in names for names in provided)
        or c.name.endswith(_OF_FILES)
        or arg(c, "data_files")
    ]
    for call in ours[:1]:
        yield Evidence(True, call.at, f"`{_short(call.name)}`")
    given = any(True for names in ("toy_data", "provided_split") for _ in project.calls(names))
    if not ours and not given:
        yield from _open(project, "what data are read cannot be told")


def uses(
    project: Project, *, families: Sequence[str], but: Sequence[str] = (), least: float = 0.5
) -> Iterator[Evidence]:
    """Tools of some families that earn at least a credit; `*` stands for any characters."""
    wanted, left_out = Names(families), frozenset(but)
    for family, tools in project.used_tools.items():
        if family in wanted and family not in left_out and tools[0].credit >= least:
            yield Evidence(True, tools[0].at, tools[0].note)


def imports(project: Project, *, roots: Sequence[str]) -> Iterator[Evidence]:
    """Own code imports one of some libraries."""
    wanted = frozenset(roots)
    for row in own(project, (r for r in project.rows("import") if r.root in wanted)):
        if not row.first_party:
            yield Evidence(True, row.at, f"`{row.name}` is imported")
            return


def has_tests(project: Project) -> Iterator[Evidence]:
    """Test functions in files that are tests by their place or name."""
    for row in project.rows("define"):
        tested = row.kind in {"function", "method"} and project.role(row.at.path) == "test"
        if tested and row.name.rpartition(".")[2].startswith("test"):
            yield Evidence(True, row.at, f"`{row.name}`")
            return
