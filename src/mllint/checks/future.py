"""Features that look ahead, and trainers that are given test rows.

Knows what looks along a time series in the wrong direction; follows columns one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks.features import column_of, ways_back
from mllint.flow import Flow, Node, argument, constant, flow_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call, Place
    from mllint.flow import Fit, Origin
    from mllint.project import Project

_LOOKING = frozenset({"shift", "diff", "pct_change"})
"""Methods of columns that look back by the rows they are told, and ahead if these are negative."""
_ALONG = _LOOKING | {"rolling", "ewm", "expanding"}
_TWO_SIDED = frozenset({"seasonal_decompose", "STL", "savgol_filter"})
"""Functions whose result for one row uses the rows after it."""
_EXPRESSION = 60
"""Values of one expression that are looked at."""
_TRAINER = regex(r"(?:transformers|trl|sentence_transformers|setfit|peft)\.(?:\w+\.)*\w*Trainer")
_WITH_TEST = regex(r"\+\s*test\b|^\s*test\b")


def future_in_features(project: Project) -> Iterator[Evidence]:
    """Models whose features look along time, judged by whether any of them looks ahead."""
    flow = flow_of(project)
    sorts = flow.named("sort_values", "sort_index", "sort")
    backwards = {call.at.path for call in sorts if _is_descending(call)}
    seen: set[Place] = set()
    told: set[Place] = set()
    for fit in flow.fits:
        if fit.data is None or fit.call.at in seen or not flow.is_model(fit.kinds):
            continue
        looks = list(_looks(flow, fit))
        ahead = {call.at: (name, call) for name, call, wrong in looks if wrong}
        if looks:
            seen.add(fit.call.at)
        if any(place.path in backwards for place in ahead):
            yield Evidence(None, next(iter(ahead)), "which way the rows are ordered cannot be told")
            continue
        for name, call in ahead.values():
            if call.at not in told:
                told.add(call.at)
                yield Evidence(
                    False, call.at, f"`{name}` is a feature", fields={"column": name},
                    related=(Related(fit.call.at, "the model learns from it here"),),
                    scope=call.scope,
                )  # fmt: skip
        if looks and not ahead:
            yield Evidence(True, looks[0][1].at, f"`{looks[0][0]}` looks back only")


def _is_descending(call: Call) -> bool:
    """Whether a sort may put the last rows first."""
    order = argument(call, "ascending", "descending")
    return order is not None and (not order.known or order.const is (order.key == "descending"))


def _looks(flow: Flow, fit: Fit) -> Iterator[tuple[str, Call, bool]]:
    """The features of a fit that look along time: column, call, and whether it looks ahead."""
    target = column_of(flow, fit.target) if fit.target is not None else None
    given: set[str] = {target[0]} if target is not None else set()
    for node, holds in ways_back(flow, fit) if fit.data is not None else ():
        value = flow.graph.value(node.at)
        column = value.detail[1:-2] if value.op == "mutate" and value.detail[:1] == "[" else ""
        if not column or column in given or not value.detail.endswith("]="):
            continue
        given.add(column)
        if holds(column) and len(value.inputs) > 1:
            yield from _inside(flow, column, Node(flow.graph.made_from(node.at)[-1], node.calls))


def _inside(flow: Flow, column: str, node: Node) -> Iterator[tuple[str, Call, bool]]:
    """What looks along time in the expression that a column is given."""
    stack, left = [node], _EXPRESSION
    while stack and left:
        left -= 1
        here = stack.pop()
        if here.at < 0:
            continue
        call = flow.graph.call(here.at)
        if call is not None:
            method = call.name.rpartition(".")[2]
            if method in _ALONG or method in _TWO_SIDED:
                yield column, call, _ahead(call, method)
                return
        value = flow.graph.value(here.at)
        if value.op not in {"item", "mutate", "param"}:
            stack.extend(Node(at, here.calls) for at in flow.graph.made_from(here.at))
        elif value.op == "item" and "()" in value.name.rpartition("[]")[0]:
            stack.extend(Node(at, here.calls) for at in flow.graph.made_from(here.at)[:1])


def _ahead(call: Call, method: str) -> bool:
    """Whether a call surely uses rows that come later."""
    if method in _LOOKING:
        rows = constant(call, "periods", "0")
        return isinstance(rows, int) and rows < 0
    if method in _TWO_SIDED:
        return method != "seasonal_decompose" or constant(call, "two_sided") is not False
    return method == "rolling" and constant(call, "center") is True


def test_in_training(project: Project) -> Iterator[Evidence]:
    """Trainers, judged by whether the rows that they are given to learn from are test rows."""
    flow = flow_of(project)
    seen = set()
    for call in project.rows("call"):
        if not _TRAINER.fullmatch(call.name) or not flow.counts(call.at.path):
            continue
        for node in flow.seen(call):
            data = flow.given(node, "train_dataset")
            if data is None or call.at in seen:
                continue
            origins = flow.rows.origins(data)
            bad = next((o for o in origins if _is_test(flow, o)), None)
            if bad is not None:
                seen.add(call.at)
                yield Evidence(
                    False, call.at, "`train_dataset` holds test rows", scope=call.scope,
                    related=(Related(flow.graph.place(bad.root.at), "they are loaded here"),),
                )  # fmt: skip
            elif origins and all(flow.rows.label(o) == "train" for o in origins):
                seen.add(call.at)
                yield Evidence(True, call.at, "`train_dataset` holds training rows")


def _is_test(flow: Flow, origin: Origin) -> bool:
    """Whether rows surely are, or contain, those of the test part that a provider made."""
    load = flow.graph.call(origin.root.at)
    if load is None or load.name != "datasets.load_dataset":
        return False
    split = constant(load, "split")
    if isinstance(split, str) and not origin.taken:
        return _WITH_TEST.search(split) is not None
    return flow.rows.label(origin) == "test" and all(c.label == "test" for c in origin.taken)
