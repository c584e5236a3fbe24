"""Classes of unequal size: whether they are looked at, kept apart fairly and measured fairly.

Knows what weighs, draws and counts classes; sees no label.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.flow import argument, constant, flow_of
from mllint.flow.objects import RESAMPLERS
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.flow import Flow
    from mllint.project import Project

_WEIGHTS = ("class_weight", "class_weights", "scale_pos_weight", "is_unbalance",
            "auto_class_weights", "pos_weight")  # fmt: skip
"""Arguments by which an estimator or a loss weighs classes."""
_NEUTRAL = (None, 1, 1.0, False, "None")
_ACCURACY = regex(r"(?:sklearn\.metrics\.)?accuracy_score")
_UNCLEAR = (".score", ".evaluate", ".evaluate_generator", ".test")
"""Measurements of which nobody can tell what they measure."""
_CLASSIFYING = regex(
    r"\b(?:cross_entropy|CrossEntropyLoss|BCE\w*|binary_cross_entropy\w*|NLLLoss)\b|Classif"
)
_COUNTED = regex(r"(?:^|[_.])(?:class|label|target)_?(?:counts?|balance|distribution|weights?)")
_SHOWN = 3


def _treatments(flow: Flow) -> Sequence[Call]:
    """What treats classes of unequal size, in order of place."""
    return flow.project.shared("classes.treatments", lambda: _treating(flow))


def _treating(flow: Flow) -> list[Call]:
    found = [*flow.grouped("class_balancing")]
    found += [c for key in _WEIGHTS for c in flow.project.calls_with(key) if _weighs(flow, c)]
    by_place = {call.at: call for call in found}
    return sorted(by_place.values(), key=lambda call: (call.at.path, call.order))


def _weighs(flow: Flow, call: Call) -> bool:
    """Whether a call is told to weigh classes; a weight that may be None counts for nothing."""
    if not flow.counts(call.at.path):
        return False
    given = next((one for key in _WEIGHTS if (one := arg(call, key)) is not None), None)
    if given is None or (given.known and given.const in _NEUTRAL):
        return False
    return given.known or given.name not in {"", "?"} or given.value >= 0


def balance_examined(project: Project) -> Iterator[Evidence]:
    """Whether a project that trains classifiers counts or treats its classes."""
    flow = flow_of(project)
    classifies = next(flow.grouped("classifier"), None) or next(
        (call for call in project.rows("call")
         if flow.counts(call.at.path) and _CLASSIFYING.search(call.name)), None
    )  # fmt: skip
    seen = [
        *(Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)
          for call in [*_treatments(flow), *flow.grouped("class_count", "class_metric")]),
        *(Evidence(True, call.at, "the split keeps the shares of the classes")
          for call in _stratified(flow)),
        *(Evidence(True, row.at, f"`{row.name}`") for row in project.rows("define")
          if flow.counts(row.at.path) and _COUNTED.search(row.name)),
    ]  # fmt: skip
    yield from seen[:_SHOWN]
    if not seen and classifies is not None:
        yield Evidence(False, None, "no call counts, weighs or measures classes apart")


def _stratified(flow: Flow) -> list[Call]:
    """Splits that keep the shares of the classes."""
    kept = [call for call in flow.grouped("split") if _keeps(call) is True]
    kept += [call for call in flow.grouped("cv_splitter", "group_splitter", "other_split")
             if "Stratified" in call.name]  # fmt: skip
    return kept


def _keeps(call: Call) -> bool | None:
    """Whether a split is told to keep the shares of the classes; None where that is hidden."""
    given = argument(call, "stratify", "stratify_by_column")
    if given is not None:
        return None if given.known and given.const is None else True
    return None if unpacks(call) else False


def unstratified_split(project: Project) -> Iterator[Evidence]:
    """Random splits, judged by whether they keep the shares of classes known to be unequal."""
    flow = flow_of(project)
    treated: dict[str, Call] = {}
    for call in _treatments(flow):
        if arg(call, "pos_weight") is None and "ocal" not in call.name:  # often of pixels
            treated.setdefault(call.at.path, call)
    for call in _stratified(flow):
        yield Evidence(True, call.at, "the shares of the classes are kept", scope=call.scope)
    for call in flow.grouped("split"):
        sign = treated.get(call.at.path)
        if constant(call, "shuffle") is False or _keeps(call) is not False or sign is None:
            continue
        if _divides_again(call) or _evened(flow, call):
            continue
        yield Evidence(
            False, call.at, "the shares of the classes are left to chance", scope=call.scope,
            related=(Related(sign.at, "the classes are unequal, as this says"),),
        )  # fmt: skip


def plain_split(project: Project) -> Iterator[Evidence]:
    """Random splits of projects that classify, judged by whether they keep shares of classes."""
    flow = flow_of(project)
    kept = _stratified(flow)
    yield from (Evidence(True, c.at, "the shares of the classes are kept") for c in kept)
    files = {call.at.path for call in flow.grouped("classifier")}
    alone = bool(files) and not any(True for _ in flow.grouped("regressor"))
    for call in [] if kept or not files else flow.grouped("split"):
        if constant(call, "shuffle") is not False:
            ok = _keeps(call) if alone or call.at.path in files else None
            yield Evidence(ok, call.at, "the shares of the classes are left to chance")


def _evened(flow: Flow, split: Call) -> bool:
    """Whether classes were made equal, for good or ill, before their rows are split."""
    resampled = {fit.node for fit in flow.fits if fit.kinds <= RESAMPLERS}
    given = [
        data
        for node in (flow.seen(split) if resampled else ())
        for data in flow.rows.parts.arrays(node)
        if data is not None
    ]
    return any(not resampled.isdisjoint(flow.trace(data)) for data in given)


def _divides_again(call: Call) -> bool:
    """Whether the rows that are split are groups, or files, rather than labelled rows."""
    names = " ".join(one.name for one in call.args if one.key.isdigit())
    return bool(re.search(r"groups?|patients?|users?|subjects?|unique|\bids?\b", names))


def accuracy_alone(project: Project) -> Iterator[Evidence]:
    """Files that treat unequal classes and measure a model, judged by what they measure."""
    flow = flow_of(project)
    measured: dict[str, list[Call]] = {}
    for call in flow.grouped("evaluation"):
        if not call.name.endswith(".eval"):
            measured.setdefault(call.at.path, []).append(call)
    seen = set()
    for sign in _treatments(flow):
        calls = measured.get(sign.at.path, [])
        if sign.at.path in seen or not calls:
            continue
        seen.add(sign.at.path)
        others = [call for call in calls if not _is_accuracy(flow, call)]
        if others:
            sure = next((c for c in others if not c.name.endswith(_UNCLEAR)), None)
            known = sure or others[0]
            note = f"`{known.name.rpartition('.')[2]}` is measured"
            yield Evidence(True if sure else None, known.at, note, scope=known.scope)
            continue
        yield Evidence(
            False, calls[0].at, f"`{calls[0].name.rpartition('.')[2]}` is all that is measured",
            related=(Related(sign.at, "the classes are unequal, as this says"),),
            scope=calls[0].scope,
        )  # fmt: skip


def _is_accuracy(flow: Flow, call: Call) -> bool:
    """Whether a measurement surely is plain accuracy: the metric, or `score` of a classifier."""
    if _ACCURACY.fullmatch(call.name):
        return True
    head, _, method = call.name.rpartition(".")
    made = head.removesuffix("()")
    return method == "score" and made in flow.project.groups["classifier"]
