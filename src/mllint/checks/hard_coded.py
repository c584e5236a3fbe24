"""Whether the hyper-parameters of a training stand in a configuration or in the code.

Knows names of hyper-parameters and tools for configuration; judges the project as a whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_ROOTS = (
    "sklearn.", "torch.", "keras.", "tensorflow.", "transformers.", "xgboost.", "lightgbm.",
    "catboost.", "lightning.", "pytorch_lightning.", "imblearn.", "flax.", "optax.", "fastai.",
)  # fmt: skip
_NOT_FOR_THIS = frozenset({"python-dotenv", "python-decouple", "environs", "pydantic-settings"})
"""Tools of the family that read addresses and secrets rather than parameters."""
_PARAMETER_FILE = re.compile(
    r"(?:.*/)?(?:params|parameters|hparams|hyperparam\w*|train|training|experiment|model)"
    r"[\w-]*\.(?:ya?ml|toml|json|gin|ini)|(?:.*/)?conf/.*parameters.*\.ya?ml"
    r"|(?:.*/)?configs?/.*\.(?:ya?ml|toml|gin|py)",
    re.IGNORECASE,
)
_EXPORTED = re.compile(r"tpot|export|generated", re.IGNORECASE)
"""Names of code that a program wrote."""
_SHOWN = 6


def hard_coded(project: Project, *, at_least: int = 3) -> Iterator[Evidence]:
    """Training code, judged by whether its hyper-parameters can be set from outside."""
    configured = _configured(project)
    if configured is not None:
        yield configured
        return
    sites = [site for call in _calls(project) for site in _literals(project, call)]
    names = list(dict.fromkeys(name for _, name in sites))
    if len(sites) >= at_least and len(names) > 1:
        first = sites[0][0]
        calls = dict.fromkeys(call for call, _ in sites)
        related = tuple(
            Related(c.at, f"`{c.name.rpartition('.')[2]}`") for c in list(calls)[1:_SHOWN]
        )
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
        yield Evidence(False, first.at, f"{len(sites)} literals: {shown}", related=related)
    elif sites:
        yield Evidence(None, sites[0][0].at, "a few hyper-parameters stand in the code")


def _configured(project: Project) -> Evidence | None:
    """The first sign that parameters are set from outside."""
    for tool in project.used_tools.get("config_management", ()):
        if tool.credit >= 0.5 and tool.tool not in _NOT_FOR_THIS:
            return Evidence(True, tool.at, tool.note)
    for file in project.rows("file"):
        if project.role(file.at.path) == "source" and _PARAMETER_FILE.fullmatch(file.at.path):
            return Evidence(True, file.at, f"`{file.at.path}`")
    for row in project.rows("manifest"):
        if row.system == "mlproject":
            return Evidence(True, row.at, "the entry points of MLproject take parameters")
    for call in project.rows("call"):
        if call.name == "sys.argv" or call.name.startswith("argparse."):
            return Evidence(True, call.at, f"`{call.name}`")
    return None


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
    lines = project.text(call.at.path).splitlines()
    text = "\n".join(lines[call.at.line - 1 : max(call.at.end_line, call.at.line)])
    for one in given:
        if re.search(rf"\b{one.key}\s*=\s*[\d(.\[-]", text):
            yield call, one.key


def _is_number(one: Arg) -> bool:
    return one.known and isinstance(one.const, int | float | list) and one.const is not True
