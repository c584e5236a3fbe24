"""Rows that belong together: entities with several rows, and rows that stand twice.

Knows what keeps them on one side of a split; where that is not seen, it asks rather than claims.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.splits import division
from mllint.flow import SIDES, Node, argument, flow_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.flow import Flow, Split
    from mllint.project import Project

_ENTITY = regex(
    r"(?:.*_)?(?:patient|subject|user|customer|client|student|person|participant|speaker|account"
    r"|device|session|visit|household|store|shop|driver|author|group|series|animal|player|engine"
    r"|machine|vehicle)_?(?:ids?|no|num|number|key|name)?",
    re.IGNORECASE,
)
_ID = regex(r"(?i)(?:^|_|[a-z])id$")
_PERSON = regex(
    r"(?:patient|subject|participant|speaker|animal)_?(?:ids?|no|num|number|name)?", re.IGNORECASE
)
_PIECE = regex(
    r"(?:slice|frame|window|segment|patch|tile|trial|utterance|recording)(?:_?(?:ids?|no|num|number"
    r"|idx|index|name))?|(?:visit|session|scan)_?(?:no|num|number|idx|index)",
    re.IGNORECASE,
)
"""Columns that tell the pieces of one person's data apart."""
_KEEPING = frozenset(
    {"shift", "transform", "cumsum", "cumcount", "cumprod", "cummax", "diff", "pct_change", "rank",
     "rolling", "expanding", "ffill", "bfill", "ewm"}
)  # fmt: skip
"""What is done to groups of rows that each keep their row: an entity then has several."""
_DEDUPLICATING = frozenset({"drop_duplicates", "duplicated"})


def kept_together(project: Project) -> Iterator[Evidence]:
    """Random splits of rows of which an entity has several, judged by whether it stays whole."""
    flow = flow_of(project)
    for call in flow.grouped("group_splitter"):
        yield Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)
    seen = set()
    for split in flow.splits:
        cut = split.call
        if cut is None or cut.at in seen:
            continue
        if argument(cut, "groups", "group") is not None:
            seen.add(cut.at)
            yield Evidence(True, cut.at, "the split is given groups", scope=cut.scope)
            continue
        if division(flow, split) != "random":
            continue
        entity = _entity(flow, split)
        if entity is not None:
            seen.add(cut.at)
            name, made = entity
            yield Evidence(
                False, cut.at, f"rows of one `{name}` may be on both sides",
                fields={"entity": name, "name": cut.name.rpartition(".")[2]}, scope=cut.scope,
                related=(Related(made.at, f"each `{name}` has several rows, as this shows"),),
            )  # fmt: skip


def _entity(flow: Flow, split: Split) -> tuple[str, Call] | None:
    """The entity of which the rows that are split hold several, and where that is seen.

    Rows of several entities at once, as those of users and what they rate, belong to each of them.
    """
    found: tuple[str, Call] | None = None
    keys: set[str] = set()
    for data in split.inputs:
        for node in flow.trace(data):
            call = flow.graph.call(node.at)
            if call is None:
                continue
            if call.name.endswith(".drop") and (person := _dropped(call)):
                return person, call
            if "groupby()" in call.name and call.name.rpartition(".")[2] in _KEEPING:
                key = _grouped_by(flow, node)
                keys |= {key} if key and _ID.search(key) else set()
                if found is None and key and _ENTITY.fullmatch(key):
                    found = key, call
    return found if len(keys) < 2 else None


def _dropped(call: Call) -> str:
    """The person of whom a table has several pieces, where both their columns are dropped."""
    given = argument(call, "columns", "labels", "0")
    named = given.const if given is not None and given.known else None
    names = [name for name in named if isinstance(name, str)] if isinstance(named, list) else []
    pieces = any(_PIECE.fullmatch(name) for name in names)
    return next((name for name in names if _PERSON.fullmatch(name)), "") if pieces else ""


def _grouped_by(flow: Flow, node: Node) -> str:
    """The one column by which the rows are grouped that a method is called on."""
    at = flow.graph.receiver(node.at)
    for _ in range(6):
        call = flow.graph.call(at) if at >= 0 else None
        if call is not None and call.name.rpartition(".")[2] == "groupby":
            key = argument(call, "by", "0")
            named = key.const if key is not None and key.known else None
            first = named[0] if isinstance(named, list) and len(named) == 1 else named
            return first if isinstance(first, str) else ""
        below = flow.graph.made_from(at) if at >= 0 else ()
        at = below[0] if below else -1
    return ""


def dropped_late(project: Project) -> Iterator[Evidence]:
    """Where duplicates are dropped, judged by whether that is before rows are split."""
    flow = flow_of(project)
    dividing = {flow.graph.canonical(s.node) for s in flow.splits if s.sort in {"split", "hand"}}
    seen = set()
    for call in flow.named("drop_duplicates"):
        for node in flow.seen(call):
            receiver = Node(flow.graph.receiver(node.at), node.calls)
            if receiver.at < 0 or call.at in seen:
                continue
            origins = flow.rows.origins(receiver)
            splits = [cut.by for origin in origins for cut in origin.cuts if cut.label in SIDES]
            early = any(
                flow.graph.method(before.at) in _DEDUPLICATING
                for before in flow.trace(receiver)
                if before != node
            )
            seen.add(call.at)
            if origins and not splits:
                yield Evidence(True, call.at, "duplicates are dropped from the whole table")
            elif splits and not early and dividing.issuperset(splits) and _learned_from(flow, node):
                yield Evidence(
                    False, call.at, "duplicates are dropped from a part only", scope=call.scope,
                    related=(Related(flow.graph.place(splits[0].at), "the rows are split here"),),
                )  # fmt: skip


def _learned_from(flow: Flow, node: Node) -> bool:
    """Whether a model learns from rows that were made from a value."""
    return any(
        node in flow.trace(fit.data)
        for fit in flow.fits
        if fit.data is not None and flow.is_model(fit.kinds)
    )
