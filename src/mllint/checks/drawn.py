"""Random numbers by which a table is divided by hand: `rows[order[:n]]` and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node, argument, part_named
from mllint.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call

_ORDER = regex(
    r"(numpy\.random\.(permutation|shuffle)|random\.(shuffle|sample)|torch\.randperm"
    r"|sklearn\.utils\.shuffle|.*\.sample)"
)
"""What puts rows, or their numbers, in a random order."""
_MASK = regex(r"numpy\.random\.(rand|random|random_sample|uniform|choice|randint)")
"""What may choose rows as well; on its own it makes numbers."""
_ONE = ("random.random", "random.uniform", "numpy.random.rand", "numpy.random.random",
        "numpy.random.uniform")  # fmt: skip
"""What draws a number for one row."""
_TABLES = frozenset({"cudf", "dask", "geopandas", "modin", "pandas", "polars", "pyspark"})
"""Libraries whose `sample` takes rows."""
_SEEDS = {"torch.randperm": "generator", "sklearn.utils.shuffle": "random_state"}
_FAR = 8
"""Values between a table and what put it in order."""


def drawn(flow: Flow) -> Iterator[tuple[Call, str]]:
    """The draws by which tables are divided, and the keyword that would make each repeatable.

    The keyword is `seed` for functions that draw from a global generator and take none.
    """
    seen = set()
    for split in flow.splits:
        if split.sort != "hand":
            continue
        divided = flow.rows.slices.within(split.at.path)
        for at, side in divided.items():
            if side.base == split.node.at:
                for call in _draws(flow, Node(at, split.node.calls)):
                    if call.at not in seen:
                        seen.add(call.at)
                        yield call, _seed(call)


def sorted_out(flow: Flow) -> Iterator[Call]:
    """Draws that seem to send single rows to one of two parts: `a if random.random() > p else b`.

    The parts are told by names in the same function: one for training, one to be kept apart.
    """
    for name in _ONE:
        for call in flow.project.calls_by_name.get(name, ()):
            own = flow.counts(call.at.path) and call.loops and call.used
            if own and {"train"} < _parts(flow, call):
                yield call


def _parts(flow: Flow, call: Call) -> set[str]:
    """The parts of the data that the names of a call's function tell of."""
    tables = flow.project.by_path[call.at.path]
    names = [row.target for row in tables.get("assign", ()) if row.scope == call.scope]
    names += [p for row in tables.get("define", ()) if row.name == call.scope for p in row.params]
    return {part for name in names if (part := part_named(name))}


def _seed(call: Call) -> str:
    sampled = call.name.endswith(".sample") and call.receiver >= 0
    if sampled and not call.name.startswith(("polars.", "pyspark.")):
        return "random_state" if argument(call, "seed") is None else "seed"
    return _SEEDS.get(call.name, "seed")


def _draws(flow: Flow, side: Node) -> Iterator[Call]:
    """The random draws that one side was taken by."""
    graph = flow.graph
    for key in graph.made_from(side.at)[1:] if graph.value(side.at).op == "item" else ():
        for before in flow.trace(Node(key, side.calls)) if key >= 0 else ():
            yield from _random(flow, before, masks=True)
    here: Node | None = side
    for _ in range(_FAR):
        if here is None:
            return
        yield from _random(flow, here, masks=False)
        steps = flow.rows.steps(here) or []
        here = steps[0][0] if len(steps) == 1 else None


def _orders(call: Call) -> bool:
    """Whether a call puts rows in a random order; a distribution, too, has a `sample`."""
    if _ORDER.fullmatch(call.name) is None:
        return False
    root = call.name.partition(".")[0].removesuffix("()")
    table = root[:1] in {"?", ""} or root in _TABLES
    many = any(one.key in {"0", "n", "frac", "fraction", "*", "**"} for one in call.args)
    return not call.name.endswith(".sample") or root == "random" or (table and many)


def _random(flow: Flow, node: Node, *, masks: bool) -> Iterator[Call]:
    call = flow.graph.call(node.at)
    if call is not None and (_orders(call) or (masks and _MASK.fullmatch(call.name))):
        yield call
    for at in flow.graph.used_by(node.at):
        changed = flow.graph.call(at)
        if changed is not None and changed.name in {"random.shuffle", "numpy.random.shuffle"}:
            yield changed
