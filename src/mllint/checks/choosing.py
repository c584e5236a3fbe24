"""What is chosen by a score: of models that are fitted one after another, and of epochs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from mllint.checks.called import part_called
from mllint.checks.written import found_in
from mllint.flow import Flow, Node, Score, flow_of
from mllint.flow.training import training_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.facts import Arg, Assign, Call
    from mllint.flow.training import Training
    from mllint.project import Project

Searched: TypeAlias = "Mapping[tuple[str, str], Call]"
"""Path and name of the functions that a search of hyper-parameters calls, with that search."""

_BEST = regex(
    r"(?i)best|lowest|highest|optimal|greatest|smallest|least|record|(^|_)(top|(max|min)(_|$))"
)
"""Names of what is kept of many."""
_EXTREMES = frozenset({"argmax", "argmin", "nanargmax", "nanargmin", "idxmax", "idxmin"})
_ORDERED = frozenset({"max()", "min()", "sorted()"})
"""Functions that choose where they are told by what."""
_PASSING = frozenset({
    "array", "asarray", "average", "DataFrame", "Series", "dict", "enumerate", "float", "head",
    "item", "items", "list", "max", "mean", "min", "round", "sort_values", "sorted", "sqrt", "sum",
    "tuple",
    "values", "zip",
})  # fmt: skip
"""Functions and methods whose result still holds the scores, or what is made of them."""
_CARRYING = frozenset({"append", "attr", "binary", "container", "item", "iter", "lambda", "loop",
                       "merge", "mutate", "unpack"})  # fmt: skip
_MINIMISING = regex(
    r"scipy\.optimize\.(minimize(_scalar)?|differential_evolution|brute|fminbound|dual_annealing)\(\)"
)
"""Functions that look for the best arguments of another."""
_SEARCHES = ("optimize", "fmin", "gp_minimize", "forest_minimize", "gbrt_minimize",
             "dummy_minimize", "BayesianOptimization")  # fmt: skip
_MOST = 80
"""Values made of one score that are looked at."""


def test_used_in_selection_loop(project: Project) -> Iterator[Evidence]:
    """Models and epochs of which the best is chosen, judged by the rows that it is chosen on."""
    flow = flow_of(project)
    searched = searched_functions(flow)
    seen = set()
    for score in flow.scores:
        rounds = _rounds(flow, score.node, searched) & _rounds(flow, score.fit.node, searched)
        if not rounds or score.call.at in seen:
            continue
        where = chosen(flow, score, searched)
        if where is not None:
            seen.add(score.call.at)
            related = (Related(score.fit.call.at, "fitted anew in each round"), where)
            name = score.call.name.rpartition(".")[2]
            yield _judged(score.call, flow.rows.part(score.data), name, related)
    yield from _epochs(flow)


def _judged(call: Call, part: str, name: str, related: tuple[Related, ...]) -> Evidence:
    if part == "test":
        return Evidence(False, call.at, "the best is chosen by the score on test rows",
                        fields={"metric": name}, related=related, scope=call.scope)  # fmt: skip
    ok = True if part in {"validation", "train"} else None
    return Evidence(ok, call.at, f"the best is chosen on {part} rows", scope=call.scope)


def searched_functions(flow: Flow) -> Searched:
    """The functions that a search of hyper-parameters calls."""
    found: dict[tuple[str, str], Call] = {}
    for call in flow.named(*_SEARCHES):
        for arg in call.args:
            for path, name in _called(flow, call.at.path, arg):
                at = flow.graph.definition(path, name)
                if at is not None:
                    found[at] = call
    return found


def _called(flow: Flow, path: str, arg: Arg) -> Iterator[tuple[str, str]]:
    """The function that an argument is: itself, or given back by another, or within a lambda."""
    graph = flow.graph
    if arg.name[:1] == "." and not arg.name.endswith(")"):
        yield path, arg.name
    at = graph.of(path, arg.value)
    for made in graph.makers(Node(at)) if at >= 0 else ():
        value = graph.value(made.at)
        if value.op == "name" and value.name[:1] == ".":
            yield graph.path(made.at), value.name
        elif value.op == "lambda":
            for inner in flow.trace(made):
                call = graph.call(inner.at)
                if call is not None and graph.entered(inner.at) is not None:
                    yield call.at.path, call.name


def _rounds(flow: Flow, node: Node, searched: Searched) -> set[tuple[str, object]]:
    """The loops and searched functions in which a call is made, also by way of its callers."""
    found: set[tuple[str, object]] = set()
    for at in (*node.calls, node.at):
        call = flow.graph.call(at)
        if call is not None:
            found |= {(call.at.path, loop) for loop in call.loops}
            if (call.at.path, call.scope) in searched:
                found.add((call.at.path, call.scope))
    return found


def chosen(flow: Flow, score: Score, searched: Searched) -> Related | None:
    """Where the best of many scores is chosen; None where all are merely reported."""
    for start in _given_back(flow, score.node):
        for at in _made_of(flow, start):
            found = _choice(flow, at, start)
            if found is not None:
                return found
        call = flow.graph.call(start)
        search = searched.get((call.at.path, call.scope)) if call is not None else None
        if call is not None and search is not None:
            results = flow.graph.results(call.at.path, call.scope)
            if any(start in {n.at for n in flow.trace(result)} for result in results):
                return Related(search.at, "the search maximises what this function returns")
    return None


def _given_back(flow: Flow, node: Node) -> Iterator[int]:
    """The score, and the calls of first-party functions that give it back."""
    yield node.at
    for k in range(len(node.calls) - 1, -1, -1):
        call = Node(node.calls[k], node.calls[:k])
        if flow.graph.returned(call) and node in flow.trace(call):
            yield call.at


def _made_of(flow: Flow, start: int) -> list[int]:
    """A score and what holds it, in its own file."""
    graph = flow.graph
    found = [start]
    for at in found:  # grows
        for after in graph.used_by(at):
            if after not in found and len(found) < _MOST and _carries(flow, after):
                found.append(after)
    return found


def _carries(flow: Flow, at: int) -> bool:
    op = flow.graph.value(at).op
    return op in _CARRYING or (op == "call" and flow.graph.method(at) in _PASSING)


def _choice(flow: Flow, at: int, start: int) -> Related | None:
    """Whether a value that holds scores is where the best is kept or picked."""
    graph = flow.graph
    for row in graph.assigned(at):
        if row.loops and _BEST.search(row.target.rpartition(".")[2]):
            return Related(row.at, "the best is kept here")
    if at == start:
        return None
    where = "the best is chosen here"
    for after in graph.used_by(at):
        value = graph.value(after)
        below = graph.made_from(after)
        if value.op == "item" and at in below[1:] and below[0] != at:
            return Related(graph.place(after), where)
        if value.op != "call":
            continue
        call = graph.call(after)
        if call is not None and graph.method(after) in _EXTREMES and not call.loops:
            return Related(call.at, where)
        ordered = value.name in _ORDERED and len([k for k in below if k >= 0]) > 1
        if ordered or _MINIMISING.fullmatch(value.name):
            return Related(graph.place(after), where)
    return None


def _epochs(flow: Flow) -> Iterator[Evidence]:
    """Results of epochs of which the best is kept, judged by what was iterated over for them."""
    training = training_of(flow.project)
    for row in flow.project.assigned(_BEST) if training is not None else ():
        best = row.value >= 0 and _BEST.search(row.target.rpartition(".")[2])
        if best and flow.counts(row.at.path) and training is not None and _learns(training, row):
            yield from _kept(flow, row)


def _learns(training: Training, row: Assign) -> bool:
    """Whether an assignment is made in each round of a loop that trains."""
    if row.loops:
        steps = training.walk(row.at.path, row.scope, row.loops[0])
        return any(training.is_backward(step.call) for step in steps)
    inside = training.scopes.get((row.at.path, row.scope), ()) if row.scope else ()
    return any(True for call in inside[:1] for _ in training.around(call))


def _kept(flow: Flow, row: Assign) -> Iterator[Evidence]:
    at = flow.graph.of(row.at.path, row.value)
    for way in flow.graph.entries(row.at.path, row.scope)[:1]:
        parts: set[str] = set()
        for part in iterated(flow, flow.trace(Node(at, way))):
            parts.add(part)
            if len(parts) > 1 or part == "train":
                break
        name = row.target.rpartition(".")[2]
        if parts == {"test"} and _compared(flow, row.at.path, name):
            yield Evidence(False, row.at, "the best epoch is chosen on test rows",
                           fields={"metric": name}, scope=row.scope)  # fmt: skip
        elif parts == {"validation"}:
            yield Evidence(True, row.at, "the best epoch is chosen on validation rows",
                           scope=row.scope)  # fmt: skip


def _compared(flow: Flow, path: str, name: str) -> bool:
    """Whether a result so far is compared with another one, not merely kept beside the best."""
    kept = rf"(?:\w+\.)*\b{re.escape(name)}\b"
    asked = rf"[<>]=?\s*{kept}|{kept}\s*[<>]|\b(?:max|min)\([^()]*{kept}"
    return found_in(flow.project, path, re.compile(asked)) is not None


def iterated(flow: Flow, trace: Iterable[Node]) -> Iterator[str]:
    """The parts of the data that are iterated over for a value."""
    for node in trace:
        if flow.graph.value(node.at).op == "iter":
            part = flow.rows.part(node)
            if part in {"train", "validation", "test"}:
                yield part
            elif named := part_called(flow, node):
                yield named
