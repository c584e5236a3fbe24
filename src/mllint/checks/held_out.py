"""What learns from rows that are held out for a score, or from both sides of a split together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.checks import statistics
from mllint.checks.leakage import depends, said, through
from mllint.flow import SIDES, Fit, Flow, Node, Origin, constant, flow_of, part_named
from mllint.flow.objects import LEARNED, MODELS, RESAMPLERS
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project

_AT_ONCE = frozenset({"fit_predict", "fit_transform"})
_TARGET = regex(r"(?i)(y|target|label)s?(_|\d|$)")


def fit_on_test(project: Project) -> Iterator[Evidence]:
    """Transformers, resamplers and models that learn from held-out rows."""
    flow = flow_of(project)
    kinds = LEARNED | RESAMPLERS | {"label", "model", "keras", "search"}
    by_place: dict[object, list[Fit]] = {}
    for fit in flow.fits:
        if fit.data is None or not fit.kinds <= kinds or depends(fit):
            continue
        if not (fit.kinds == {"label"} and _is_target(flow, fit.data)):
            by_place.setdefault(fit.call.at, []).append(fit)
    for fit in (*statistics.of_columns(flow), *statistics.of_expressions(flow)):
        if _is_measured(flow, fit):
            by_place.setdefault(fit.call.at, []).append(fit)
    for same in by_place.values():
        yield from _on_test(flow, same)


def _is_measured(flow: Flow, fit: Fit) -> bool:
    """Whether a model is measured on rows that a statistic has filled or centred."""
    return any(fit.node in flow.trace(score.data) for score in flow.scores)


def _is_target(flow: Flow, data: Node) -> bool:
    """Whether a value goes by the name of a target, which has the same codes anywhere."""
    names = (flow.graph.value(data.at).detail, *flow.graph.targets(data.at))
    return any(map(_TARGET.match, names))


def _on_test(flow: Flow, same: Sequence[Fit]) -> Iterator[Evidence]:
    call = same[0].call
    name = said(flow, same[0])
    by = "" if same[0].method == statistics.STATISTIC else f" by `{same[0].method}`"
    fields = {"name": name, "by": by}
    parts = [flow.rows.part(f.data) for f in same if f.data is not None]
    held = {"test"} if same[0].kinds & {"model", "keras", "search"} else {"test", "validation"}
    for fit, part in zip(same, parts, strict=True):
        if part in held and fit.data is not None and _is_shown(flow, fit):
            yield Evidence(None, call.at, f"what `{name}` makes of {part} rows reaches no model",
                           scope=call.scope)  # fmt: skip
            return
        if part in held and fit.data is not None and not _may_be_fitted(flow, fit):
            where = _split_of(flow, fit.data)
            rows = (Related(where.at, f"these are the {part} rows of this split"),) if where else ()
            related = (*rows, *through(flow, fit.node))
            yield Evidence(False, call.at, f"`{name}` learns from {part} rows", fields=fields,
                           related=related, scope=call.scope,
                           confidence=None if by else "medium")  # fmt: skip
            return
    both = next((f for f in same if f.kinds <= LEARNED and _sees_both(flow, f)), None)
    if both is not None:
        yield Evidence(False, call.at, f"`{name}` learns from training and test rows together",
                       fields=fields, confidence="medium", scope=call.scope,
                       related=through(flow, both.node))  # fmt: skip
        return
    hinted = [_file_part(flow, f.data) for f in same if f.data is not None]
    tested = next((f for f, part in zip(same, hinted, strict=True) if part == "test"), None)
    if tested is not None and not same[0].kinds & {"model", "keras"}:
        yield Evidence(False, call.at, f"`{name}` learns from the rows of a test file",
                       fields=fields, confidence="medium", scope=call.scope,
                       related=through(flow, tested.node))  # fmt: skip
    elif all("train" in said_parts for said_parts in zip(parts, hinted, strict=True)):
        yield Evidence(True, call.at, f"`{name}` learns from training rows", scope=call.scope)
    elif flow.splits and all(part != "whole" for part in parts):
        yield Evidence(None, call.at, f"`{name}`: cannot tell which rows it sees", scope=call.scope)


def _is_shown(flow: Flow, fit: Fit) -> bool:
    """Whether projections or predictions are looked at: no model is seen to be given the result."""
    if not fit.kinds <= LEARNED or fit.method not in _AT_ONCE or fit.data is None:
        return False
    if fit.kinds != {"projection"} and flow.applied(fit.data) is None:
        return False
    given = [score.data for score in flow.scores]
    given += [f.data for f in flow.fits if f.data is not None and f.kinds & MODELS]
    for call in flow.named("predict", "predict_proba", "decision_function"):
        given += [data for node in flow.seen(call) if (data := flow.given(node, "0", "X"))]
    return not any(fit.node in flow.trace(data) for data in given)


def _may_be_fitted(flow: Flow, fit: Fit) -> bool:
    """Whether a model may learn from the second part of a split that nothing calls a test part.

    So do the upper model of a blend, a calibration, and models that are fitted on halves by turns.
    """
    models = fit.kinds & {"model", "keras", "search"}
    return bool(models and fit.data is not None and not flow.rows.named(fit.data))


def _sees_both(flow: Flow, fit: Fit) -> bool:
    return _of_both_sides(flow, fit) or _of_both_files(flow, fit)


def _of_both_files(flow: Flow, fit: Fit) -> bool:
    """Whether rows of a training and of a test file are joined, and a model is measured on these.

    A test file without labels, as of a competition, is measured by nobody here.
    """
    origins = flow.rows.origins(fit.data) if fit.data else frozenset()
    if {_read_part(flow, origin) for origin in origins} != {"train", "test"}:
        return False
    sources = {origin.source for origin in origins}
    return any(
        sources <= {one.source for one in measured} and all(map(_first_test, measured))
        for measured in (flow.rows.origins(score.data) for score in flow.scores)
    )


def _first_test(origin: Origin) -> bool:
    """Whether rows were first set apart as a test part."""
    return next((cut.label for cut in origin.cuts if cut.label in SIDES), "") == "test"


def _of_both_sides(flow: Flow, fit: Fit) -> bool:
    """Whether rows that a split has just set apart are put together again to be learned from."""
    cuts = {origin.cuts[-1:] for origin in flow.rows.origins(fit.data)} if fit.data else set()
    last = {cut for part in cuts for cut in part}
    return (
        len(cuts) == len(last) == 2
        and {cut.label for cut in last} == {"train", "test"}
        and len({cut.by for cut in last}) == 1
        and all(flow.rows.parts.is_split(cut.by.at) for cut in last)
    )


def _split_of(flow: Flow, data: Node) -> Call | None:
    """The call that set the rows of a value apart, last."""
    for origin in flow.rows.origins(data):
        for cut in reversed(origin.cuts):
            if cut.label in SIDES:
                return flow.graph.call(cut.by.at)
    return None


def _file_part(flow: Flow, data: Node) -> str:
    """The part that the names of the files say from which all rows of a value were read."""
    said_parts = {_read_part(flow, origin) for origin in flow.rows.origins(data)}
    return said_parts.pop() if len(said_parts) == 1 else ""


def _read_part(flow: Flow, origin: Origin) -> str:
    """The part that the name of the file says that rows were read from, whole; "" for others."""
    call = flow.graph.call(origin.root.at)
    if call is None or call.name not in flow.objects.group("load") or not _only_clean(origin):
        return ""
    path = constant(call, "0", "filepath_or_buffer", "path")
    stem = path.rpartition("/")[2].partition(".")[0] if isinstance(path, str) else ""
    return part_named(stem)


def _only_clean(origin: Origin) -> bool:
    return not origin.taken and not origin.key
