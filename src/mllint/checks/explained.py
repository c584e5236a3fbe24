"""Whether anybody looks into the model: why it answers as it does, and where it fails.

Knows tools, calls and attributes; does not judge what was found.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from mllint.checks.written import found_in
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_TELLING = regex(r"\.(feature_importances?_?|get_feature_importance|coef_)\b(?! *=[^=])")
_LOOKING = Names((
    "*confusion_matrix*", "*ConfusionMatrix*", "*classification_report*", "*.plot_residuals*",
    "*error_analysis*", "*misclassif*", "*per_class*", "*class_accuracy*", "*by_group*",
    "*PredictionErrorDisplay*", "snorkel.slicing.*", "*slicing_function",
    "fairlearn.metrics.MetricFrame", "*find_label_issues*", "cleanlab.*",
    "*worst_predictions*", "*top_losses*", "*ClassificationInterpretation*",
    "*WeakSegmentsPerformance*", "*plot_errors*", "*hard_examples*", "*residual_plot*",
    "*residplot*", "*error_distribution*", "*slice_metrics*", "*evaluate_slices*",
    "*ap_per_class*",
))  # fmt: skip
_ERRORS = regex(
    r"residuals?$|per_\w+_(?:rmse|mae|mse|r2|acc|f1|score|error)|(?:rmse|mae|acc|f1|score|error|"
    r"metrics?)_(?:per|by)_|misclassified|wrong_pred|error_analysis|false_(?:positives|negatives)|per_class|"
    r"worst_",
    re.IGNORECASE,
)
_ERRORS_KEPT = regex(
    r"(\w*(?:residuals?|misclassified\w*|wrong_pred\w*|incorrect_pred\w*|errors_df|"
    r"false_positives|false_negatives|worst_\w+))[\"'\\\]]* *= ?[^=]",
    re.IGNORECASE,
)
_DRAWN = Names((
    "*plot_confusion*", "*plot_roc*", "*plot_pr*curve*", "*plot_metrics*", "*plot_result*",
    "*plot_residual*", "*plot_loss*", "*plot_history*", "*plot_learning*", "*plot_accuracy*",
    "*ConfusionMatrixDisplay*", "*RocCurveDisplay*", "*PrecisionRecallDisplay*",
    "*plot_evaluation*", "*plot_predict*", "*plot_curve*", "*.log_figure", "*plot_images*",
    "*log_confusion_matrix*", "*plot_importance*", "*.add_figure", "*plot_mc_curve",
    "*plot_feature_importance*",
))  # fmt: skip
_SAVED = ("savefig", "write_html", "write_image", "show")
_SHOWN = 5


def explained(project: Project) -> Iterator[Evidence]:
    """Whether an explanation of the model, or the weight of its features, is worked out."""
    found = list(islice(chain(_tools(project, "interpretability"), _weights(project)), _SHOWN))
    yield from found or [_least(project, "interpretability")]


def _weights(project: Project) -> Iterator[Evidence]:
    """Files that take up what a model says of its features."""
    for module in project.rows("module"):
        path = module.at.path
        found = found_in(project, path, _TELLING) if _own(project, path) else None
        if found is not None:
            yield Evidence(True, module.at, f"`{found[1]}` in `{path}`")


def analysed(project: Project) -> Iterator[Evidence]:
    """Whether errors are looked at one by one, or class by class."""
    found = list(islice(_looks(project), _SHOWN))
    yield from found or [Evidence(False)]


def _looks(project: Project) -> Iterator[Evidence]:
    for name in _LOOKING.among(project.names):
        for call in project.calls_by_name[name]:
            if _own(project, call.at.path):
                yield Evidence(True, call.at, f"`{_short(name)}` in `{call.at.path}`")
    for call in project.calls("metric_labels"):
        average = arg(call, "average")
        if average is not None and average.known and average.const is None:
            yield Evidence(True, call.at, f"`{_short(call.name)}` of each class")
    for call in project.calls("draw_evaluation"):
        named = arg(call, "name", 0)
        if named is not None and "confusion" in str(named.const) and _own(project, call.at.path):
            yield Evidence(True, call.at, f"`{named.const}` in `{call.at.path}`")
    for row in project.rows("define"):
        if not row.stub and _own(project, row.at.path):
            if any(name in _LOOKING for name in row.decorators):
                yield Evidence(True, row.at, f"`{row.name}` is a slice to look at")
            elif _ERRORS.search(row.name):
                yield Evidence(True, row.at, f"`{row.name}` in `{row.at.path}`")
    asking = {call.at.path: call.at for call in project.calls("predict")}
    for path, at in asking.items():
        found = found_in(project, path, _ERRORS_KEPT) if _own(project, path) else None
        if found is not None:
            yield Evidence(True, at, f"`{found[1]}` in `{path}`")


def drawn(project: Project) -> Iterator[Evidence]:
    """Whether a picture of the evaluation is made."""
    found = list(islice(_pictures(project), _SHOWN))
    yield from found or [_least(project, "evaluation_plots")]


def _pictures(project: Project) -> Iterator[Evidence]:
    yield from (e for e in _tools(project, "evaluation_plots", but="plotting libraries"))
    for name in _DRAWN.among(project.names):
        for call in project.calls_by_name[name]:
            if _own(project, call.at.path):
                yield Evidence(True, call.at, f"`{_short(name)}` in `{call.at.path}`")
    for call in project.calls("draw_evaluation"):
        if _own(project, call.at.path):
            yield Evidence(True, call.at, f"`{_short(call.name)}` in `{call.at.path}`")
    measured = {c.at.path for c in project.calls("metric") if _own(project, c.at.path)}
    for name in project.names.ending(_SAVED):
        for call in project.calls_by_name[name]:
            if call.at.path in measured and name.startswith(("matplotlib.", "plotly.", "altair.")):
                note = f"`{_short(name)}` in `{call.at.path}`, which measures a model"
                yield Evidence(True, call.at, note)


def to_users(project: Project) -> Iterator[Evidence]:
    """Whether explanations stand where predictions are served."""
    served = {
        tool.at.path.rpartition("/")[0]
        for family in ("serving", "web_frameworks", "demo_apps")
        for tool in project.used_tools.get(family, ())
        if tool.credit == 1
    }
    weights = list(chain(_tools(project, "interpretability"), _weights(project)))
    near = [e for e in weights if e.at is not None and e.at.path.rpartition("/")[0] in served]
    yield from near[:_SHOWN]
    if near:
        return
    for row in project.rows("define"):
        if "explain" in row.name.lower() and not row.stub and _own(project, row.at.path):
            yield Evidence(True, row.at, f"`{row.name}` in `{row.at.path}`")
            return
    note = "explanations are made, but not where predictions are served" if weights else ""
    yield Evidence(False, None, note or "nothing explains a decision")


def _tools(project: Project, family: str, but: str = "") -> Iterator[Evidence]:
    for tool in project.used_tools.get(family, ()):
        if tool.credit >= 0.5 and tool.tool != but:
            yield Evidence(True, tool.at, tool.note)


def _least(project: Project, family: str) -> Evidence:
    """The finding, with the best of what does not count."""
    tool = next(iter(project.used_tools.get(family, ())), None)
    if tool is None or not tool.credit:
        return Evidence(False)
    return Evidence(False, tool.at, tool.note, tool.credit)


def _own(project: Project, path: str) -> bool:
    return project.role(path) in _OWN


def _short(name: str) -> str:
    return name.rpartition("()")[2].lstrip(".?") or name
