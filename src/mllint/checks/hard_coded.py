"""Whether the hyper-parameters of a training stand in a configuration or in the code.

Knows names of hyper-parameters and tools for configuration; judges the project as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.written import numbered
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Arg, Call
    from mllint.project import Project

_PARAMETERS = frozenset(
    {
        "lr", "learning_rate", "learning_rate_init", "batch_size", "epochs", "n_epochs",
        "num_epochs", "max_epochs", "n_estimators", "max_depth", "num_leaves", "max_iter",
        "weight_decay", "momentum", "dropout", "hidden_size", "hidden_layer_sizes", "n_neighbors",
        "min_samples_leaf", "min_samples_split", "subsample", "colsample_bytree", "reg_alpha",
        "reg_lambda", "num_train_epochs", "per_device_train_batch_size", "warmup_steps",
        "num_boost_round", "iterations", "l2_leaf_reg", "C", "alpha", "gamma", "max_features",
        "min_child_samples", "early_stopping_rounds",
    }
)  # fmt: skip
_COMMON = frozenset({"C", "alpha", "gamma", "iterations", "momentum", "subsample", "dropout"})
"""Names that mean other things as well."""
_ROOTS = (
    "sklearn.", "torch.", "keras.", "tensorflow.", "transformers.", "xgboost.", "lightgbm.",
    "catboost.", "lightning.", "pytorch_lightning.", "imblearn.", "flax.", "optax.", "fastai.",
)  # fmt: skip
_NOT_FOR_THIS = frozenset({"python-dotenv", "python-decouple", "environs", "pydantic-settings"})
"""Tools of the family that read addresses and secrets rather than parameters."""
_PARAMETER_FILE = regex(
    r"(?:.*/)?(?:params|parameters|hparams|hyperparam\w*|train|training|experiment|model)"
    r"[\w-]*\.(?:ya?ml|toml|json|gin|ini)|(?:.*/)?conf/.*parameters.*\.ya?ml"
    r"|(?:.*/)?configs?/.*(?:\.(?:ya?ml|toml|gin)|(?<!__init__)\.py)",
    re.IGNORECASE,
)
_EXPORTED = regex(r"tpot|export|generated|(?:^|/)plot(?:s|ting)?[_./]", re.IGNORECASE)
"""Names of code that a program wrote, and of code that draws."""
_OPTIONS = regex(r"(?:.*\.)?(?:add_argument|(?:click|typer)\.[oO]ption|DEFINE_\w+)")
_BY_SIGNATURE = frozenset({"fire", "typer", "tyro", "cyclopts", "click"})
"""Import roots that make a command line of a function's parameters."""
_WEAK = frozenset({"TOML / YAML / JSON readers"})
"""Tools that read files of any kind."""
_FORMATS = frozenset({"toml", "yaml", "json", "ini"})
_SHOWN = 6


def hard_coded(project: Project, *, at_least: int = 3) -> Iterator[Evidence]:
    """Training code, judged by whether its hyper-parameters can be set from outside."""
    configured = next(_configured(project), None)
    if configured is not None:
        yield configured
        return
    sites = [site for call in _calls(project) for site in _literals(project, call)]
    names = list(dict.fromkeys(name for _, name in sites))
    many = len(sites) >= at_least and len(names) > 1
    other = next(_for_something(project), None)
    if other is not None:
        note = f"{other.note}, which may set other things"
        yield Evidence(None, other.at, note) if many else other
    elif many:
        yield _written(sites, names)
    elif sites:
        yield Evidence(None, sites[0][0].at, "a few hyper-parameters stand in the code")


def _written(sites: Sequence[tuple[Call, str]], names: Sequence[str]) -> Evidence:
    """The finding, at the first call with literals."""
    calls = {call.at: call.name.rpartition(".")[2] for call, _ in sites}
    related = tuple(Related(at, f"`{name}`") for at, name in list(calls.items())[1:_SHOWN])
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Evidence(False, sites[0][0].at, f"{shown}{more}", related=related)


def _configured(project: Project) -> Iterator[Evidence]:
    """The signs that parameters of the training are set from outside, best first."""
    yield from _options(project)
    for tool in project.used_tools.get("config_management", ()):
        if tool.credit == 1 and tool.tool not in _NOT_FOR_THIS | _WEAK:
            yield Evidence(True, tool.at, tool.note)
    for row in project.rows("setting"):
        last = row.key.removesuffix("[]").rpartition(".")[2]
        own = row.format in _FORMATS and project.role(row.at.path) == "source"
        if own and last in _PARAMETERS - _COMMON and isinstance(row.value, int | float):
            yield Evidence(True, row.at, f"`{row.key}` in `{row.at.path}`")
    for file in project.rows("file"):
        if project.role(file.at.path) == "source" and _PARAMETER_FILE.fullmatch(file.at.path):
            yield Evidence(True, file.at, f"`{file.at.path}`")
    for row in project.rows("manifest"):
        if row.system == "mlproject":
            yield Evidence(True, row.at, "the entry points of MLproject take parameters")


def _options(project: Project) -> Iterator[Evidence]:
    """Options, and parameters of commands, that are named like hyper-parameters."""
    for row in project.rows("call"):
        if _OPTIONS.fullmatch(row.name) and project.role(row.at.path) == "source":
            for one in row.args:
                if one.key.isdigit() and isinstance(one.const, str) and _is_named(one.const):
                    yield Evidence(True, row.at, f"`{one.const}` in `{row.at.path}`")
    commands = {row.at.path for row in project.rows("import") if row.root in _BY_SIGNATURE}
    handed = _handed_over(project) if commands else set()
    for row in project.rows("define"):
        named = next((name for name in row.params if _is_named(name)), None)
        own = row.at.path in commands and project.role(row.at.path) == "source"
        told = row.decorators or not {row.name, "*"}.isdisjoint(handed)
        if named and own and told and row.kind == "function":
            yield Evidence(True, row.at, f"`{named}` of the command `{row.name}`")


def _handed_over(project: Project) -> set[str]:
    """The functions that a command line is made of by a call; `*` for all that a file has."""
    calls = [
        call
        for name, calls in project.calls_by_name.items()
        if name.partition(".")[0].partition("(")[0] in _BY_SIGNATURE
        for call in calls
    ]
    names = {one.name.rpartition(".")[2] for call in calls for one in call.args if one.name}
    return names | ({"*"} if any(c.name == "fire.Fire" and not c.args for c in calls) else set())


def _is_named(option: str) -> bool:
    """Whether an option or parameter is a hyper-parameter, or the end of its name: `--depth`."""
    name = option.lstrip("-").replace("-", "_")
    return len(name) > 1 and any(
        name == p or name.endswith(f"_{p}") or p.endswith(f"_{name}") for p in _PARAMETERS - _COMMON
    )


def _for_something(project: Project) -> Iterator[Evidence]:
    """Command lines and files of settings, whatever they set."""
    for tool in project.used_tools.get("config_management", ()):
        if tool.credit >= 0.5 and tool.tool not in _NOT_FOR_THIS:
            yield Evidence(True, tool.at, tool.note.partition(";")[0])
    for call in project.rows("call"):
        if call.name.startswith("argparse."):
            yield Evidence(True, call.at, f"`{call.name}`")


def _calls(project: Project) -> Iterator[Call]:
    for name, calls in project.calls_by_name.items():
        if name.startswith(_ROOTS):
            for call in calls:
                own = project.role(call.at.path) == "source" and not call.at.cell
                if own and not _EXPORTED.search(call.at.path) and call.guard != "type":
                    yield call


def _literals(project: Project, call: Call) -> Iterator[tuple[Call, str]]:
    """The hyper-parameters that a call spells as literals, each with the call."""
    given = [one for one in call.args if one.key in _PARAMETERS and _is_number(one)]
    if not given:
        return
    lines = numbered(project, call.at.path)
    text = "\n".join(lines[call.at.line - 1 : max(call.at.end_line, call.at.line)])
    for one in given:
        if re.search(rf"\b{one.key}\s*=\s*[\d(.\[-]", text):
            yield call, one.key


def _is_number(one: Arg) -> bool:
    return one.known and isinstance(one.const, int | float | list) and one.const is not True
