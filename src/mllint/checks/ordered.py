"""Time series whose neighbouring rows a split sends to both sides.

Knows lags, rolling windows and windows that are cut out by hand; knows nothing of forecasts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.splits import division
from mllint.flow import Flow, Node, Split, argument, constant, flow_of
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call, Place
    from mllint.project import Project


def shuffled_time_series(project: Project) -> Iterator[Evidence]:
    """Shuffling splits of rows that carry lags or rolling windows of a time series."""
    flow = flow_of(project)
    seen = set()
    for split in flow.splits:
        if split.call is None or split.call.at in seen:
            continue
        drawn = division(flow, split)
        lag = (_lagged(flow, split) or _windows(flow, split)) if drawn is not None else None
        if lag is None or drawn is None:
            continue
        seen.add(split.call.at)
        ok = {"random": False, "in order": True}.get(drawn)
        yield Evidence(ok, split.call.at, "rows with lags are split at random",
                       related=() if ok else (Related(lag, "the lag or window"),),
                       scope=split.call.scope)  # fmt: skip


def _lagged(flow: Flow, split: Split) -> Place | None:
    """A lag or window among the features of rows that stand in time."""
    lag: Call | None = None
    dated = False
    for data in split.inputs:
        for node in flow.trace(data):
            call = flow.graph.call(node.at)
            value = flow.graph.value(node.at)
            if value.op == "mutate" and value.detail in {"sort_values", "sort_index", "set_index"}:
                dated = dated or value.detail != "sort_values"
            if call is None:
                continue
            method = call.name.rpartition(".")[2]
            if method in {"shift", "rolling", "pct_change"} and "groupby" not in call.name:
                lag = lag or call
            dated = dated or _dates(call, method)
    return lag.at if lag is not None and dated else None


def _windows(flow: Flow, split: Split) -> Place | None:
    """Where overlapping windows of a table are cut out one by one, each with what comes next."""
    graph = flow.graph
    cut: dict[int, Node] = {}
    nexts: set[int] = set()
    read = False
    for data in split.inputs:
        for node in flow.trace(data):
            call = graph.call(node.at)
            read = read or (call is not None and call.name in flow.objects.group("load"))
            inputs = graph.made_from(node.at)
            if graph.value(node.at).op != "item" or not inputs or inputs[0] < 0:
                continue
            detail = graph.value(node.at).detail.partition(", ")[0]
            if detail == "?:?" and _slides(flow, inputs[1:3]):
                cut[inputs[0]] = node
            elif detail == "?" and _counted(flow, inputs[1:]):
                nexts.add(inputs[0])
    found = next((node for base, node in cut.items() if base in nexts), None)
    return graph.place(found.at) if found is not None and read else None


def _slides(flow: Flow, bounds: Sequence[int]) -> bool:
    """Whether a slice moves on by one row from round to round: `rows[i : i + width]`."""
    if len(bounds) != 2 or min(bounds) < 0:
        return False
    low, high = ({at, *flow.graph.made_from(at)} for at in bounds)
    return any(_counter(flow, at) for at in low & high if at >= 0)


def _counted(flow: Flow, keys: Sequence[int]) -> bool:
    """Whether a row is taken by the counter of a loop, or at a distance from it."""
    near = (at for key in keys[:1] if key >= 0 for at in (key, *flow.graph.made_from(key)))
    return any(_counter(flow, at) for at in near if at >= 0)


def _counter(flow: Flow, at: int) -> bool:
    """Whether a value counts up by one: an element of `range(n)`."""
    graph = flow.graph
    below = graph.made_from(at)
    if graph.value(at).op != "iter" or not below or below[0] < 0:
        return False
    counts = graph.value(below[0])
    return counts.name == "range()" and len(counts.inputs) <= 3


def _dates(call: Call, method: str) -> bool:
    """Whether a call reads, makes or sorts by dates."""
    if method in {"to_datetime", "resample", "asfreq", "date_range", "sort_index"}:
        return call.name != "sklearn.utils.resample"
    if method.startswith("read_"):
        return argument(call, "parse_dates") is not None
    column = constant(call, "0", "by", "keys")
    timed = isinstance(column, str) and bool(re.search(r"(?i)date|time|day|month|year", column))
    return method in {"sort_values", "set_index"} and timed
