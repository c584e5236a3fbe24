"""Whether a project says what its model is for and when it is good enough.

Knows texts, settings and names; does not judge the goal.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mllint.checks.configured import option, setting
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Prose
    from mllint.project import Project

_TEXTS = frozenset({"source", "docs", "template"})
_TASK = regex(
    r"\b(?:predict\w*|classif\w+|detect\w*|recogni[sz]\w+|forecast\w*|estimat\w+|segment\w*|"
    r"generat(?:es?|ing|ion)|translat\w+|recommend(?:er|s|ations?)|"
    r"regression|identif(?:y|ies|ication)|"
    r"goal|objective|aims? to|problem statement|reconstruct\w*|learns? to|fine-?tun\w+)\b"
)
_ASIDE = regex(
    r"(?:.*/)?(?:licen[cs]e|copying|notice|authors?|contribut\w*|change\w*|history|security|"
    r"code_of_conduct|requirements|manifest)[^/]*",
    re.IGNORECASE,
)
"""Texts that are not about the model."""
_METRIC = (
    r"(?:accuracy|auc|auroc|f1|f1-score|precision|recall|rmse|mae|mse|mape|r2|r²|bleu|rouge|"
    r"perplexity|"
    r"map|iou|miou|dice|psnr|wer|cer|error|score)"
)
_TARGET = regex(
    rf"\b(?:at least|above|over|target(?: of)?|greater than|more than|exceeds?|minimum(?: of)?|"
    rf">=?|≥|"
    rf"below|under|less than|at most|<=?|≤)"
    rf"\s*(?:0?\.\d+|[1-9]\d(?:\.\d+)?)\s*%?\s*(?:\w+\s)?{_METRIC}\b"
    rf"|\b{_METRIC}\b\s*(?:\w+\s)?(?:must|should|needs? to|has to|is to|target)[^.\n]{{0,40}}\d"
    rf"|\b{_METRIC}\b\s*(?:of\s)?(?:at least|>=|≥|<=|≤|<|>|no (?:less|more) than)\s*"
    r"(?:0?\.\d|[1-9]\d)"
    r"|\bsuccess criteri\w+"
)
_GATES = (
    "*min_accuracy*", "*min_auc*", "*min_f1*", "*min_r2*", "*max_rmse*", "*max_mae*",
    "*min_*score*", "*accuracy_threshold*", "*auc_threshold*", "*f1_threshold*",
    "*r2_threshold*", "*rmse_threshold*", "*mae_threshold*", "*metric_threshold*",
    "*performance_threshold*", "*target_accuracy*", "*target_metric*", "*target_score*",
    "*expected_accuracy*", "*required_accuracy*", "*minimum_accuracy*", "*acceptable_*",
)  # fmt: skip
_GATED = Names((
    "mlflow.*MetricThreshold", "tensorflow_model_analysis.*Threshold",
    "deepchecks.*.add_condition_*", "deepchecks.*.add_condition*", "*deployment_trigger*",
    "*model_validation_threshold*", "mlflow.validate_evaluation_results",
))  # fmt: skip
_SHOWN = 5


def stated(project: Project) -> Iterator[Evidence]:
    """Whether a text of the project names the task that its model is to do."""
    texts = 0
    for row in sorted(project.rows("prose"), key=_nearness):
        aside = row.at.path.count("/") > 2 or _ASIDE.fullmatch(row.at.path)
        if project.role(row.at.path) not in _TEXTS or aside:
            continue
        texts += 1
        if found := _TASK.search(f"{row.title.lower()} {row.text}"):
            yield Evidence(True, row.at, f"`{row.at.path}` speaks of “{found[0]}”")
            return
    for row in project.rows("heading"):
        own = row.at.path.endswith(".ipynb") and project.role(row.at.path) == "source"
        if own and _TASK.search(row.text.lower()):
            yield Evidence(True, row.at, f"“{row.text[:60]}”")
            return
    many = f"none of {texts} texts names" if texts > 1 else "no text names"
    yield Evidence(False, None, f"{many} what is to be predicted, or to what end")


def _nearness(row: Prose) -> tuple[int, bool]:
    """The README at the top comes first."""
    return row.at.path.count("/"), "readme" not in row.at.path.lower()


def target(project: Project) -> Iterator[Evidence]:
    """Whether anything says which value of a metric is good enough."""
    found = list(islice(_targets(project), _SHOWN))
    yield from found or [Evidence(False)]


def _targets(project: Project) -> Iterator[Evidence]:
    asking = {
        (row.at.path, row.name)
        for row in project.rows("define")
        if row.asserts and project.role(row.at.path) == "test"
    }
    for call in project.calls("metric"):
        if (call.at.path, call.scope) in asking:
            yield Evidence(True, call.at, f"`{call.scope}` measures a model and asserts something")
    yield from (e for e in setting(project, keys=_GATES) if e.ok)
    yield from (e for e in option(project, names=_GATES) if e.ok)
    gates = Names(_GATES)
    for row in project.rows("assign"):
        name = row.target.rpartition(".")[2].lower()
        number = isinstance(row.const, int | float)
        if number and name in gates and project.role(row.at.path) == "source":
            yield Evidence(True, row.at, f"`{row.target}` in `{row.at.path}`")
    for call in project.rows("call"):
        if call.name in _GATED and project.role(call.at.path) == "source":
            yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`")
    for row in project.rows("define"):
        named = any(name.lower() in gates for name in row.params)
        if named and project.role(row.at.path) == "source":
            yield Evidence(True, row.at, f"`{row.name}` takes a threshold")
    for row in project.rows("prose"):
        own = project.role(row.at.path) in _TEXTS and not _ASIDE.fullmatch(row.at.path)
        if own and (found := _TARGET.search(row.text)):
            yield Evidence(True, row.at, f"`{row.at.path}`: “{found[0]}”")
