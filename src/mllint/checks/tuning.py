"""What test rows decide while a model is trained: when it stops, and which epoch is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.called import part_called
from mllint.checks.choosing import iterated
from mllint.flow import Flow, Node, argument, constant, flow_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_SELECTING = regex(
    r"(.*\.)?(EarlyStopping|early_stopping|ModelCheckpoint|EarlyStoppingCallback)", re.DOTALL
)
_SETS = ("eval_set", "validation_data", "evals", "valid_sets", "X_val", "x_val", "eval_dataset",
         "val_dataloaders")  # fmt: skip
"""Keywords of `fit` and `train` under which data for choosing is given."""
_LIGHTNING = regex(r"(lightning|pytorch_lightning)\.([\w.]+\.)?Trainer")
_HUB = regex(r"(transformers|trl|setfit|sentence_transformers)\.([\w.]+\.)?\w*Trainer")
_REPORTS = ("evaluate", "predict", "test", "validate", "evaluate_generator", "predict_generator")
_STOPPING = regex(r"(?i)early_?stop|stopper|stopping")
"""Names of objects that are told a score and say when to stop."""


class _Run(NamedTuple):
    """A training that watches rows to choose by."""

    node: Node
    call: Call
    watched: Node
    trained: Node | None
    """What the model learns from."""


def tuned_on_test(project: Project) -> Iterator[Evidence]:
    """Test rows that decide when training stops or what is kept, and are then reported on."""
    flow = flow_of(project)
    seen = set()
    for run in (*_fitted(flow), *_trainers(flow)):
        judged = _judged(flow, run)
        if (run.call.at, judged.ok) not in seen:
            seen.add((run.call.at, judged.ok))
            yield judged
    yield from _scheduled(flow)


def _judged(flow: Flow, run: _Run) -> Evidence:
    call = run.call
    part, sure = _part(flow, run)
    if part in {"validation", "train"}:
        return Evidence(True, call.at, f"early stopping watches {part} rows", scope=call.scope)
    if part != "test":
        return Evidence(None, call.at, "cannot tell which rows decide when training stops",
                        scope=call.scope)  # fmt: skip
    report = _report(flow, run)
    if report is None:
        return Evidence(None, call.at, "early stopping watches rows that are not scored afterwards",
                        scope=call.scope)  # fmt: skip
    return Evidence(
        False, call.at, "early stopping watches the test rows", scope=call.scope,
        fields={"name": call.name.rpartition(".")[2]}, confidence=None if sure else "medium",
        related=(Related(report.at, "the same rows are reported on here"),),
    )  # fmt: skip


def _part(flow: Flow, run: _Run) -> tuple[str, bool]:
    """The part that is watched, and whether more than a name says so."""
    part = flow.rows.part(run.watched)
    if _folders(flow, run.watched):
        named = part_called(flow, run.watched)
        return named or part, bool(named)
    if part == "test" and any(_made_of_train(flow, cut.by) for origin in
                              flow.rows.origins(run.watched) for cut in origin.cuts):  # fmt: skip
        return "unknown", False
    if part == "whole" and run.trained is not None and flow.rows.named(run.watched) == {"test"}:
        mine = {origin.source for origin in flow.rows.origins(run.watched)}
        theirs = {origin.source for origin in flow.rows.origins(run.trained)}
        return ("unknown" if not theirs or mine & theirs else "test"), False
    return part, True


def _folders(flow: Flow, node: Node) -> set[Node]:
    """The readers of folders of pictures that made a value."""
    group = flow.objects.group("image_folder")
    made = flow.graph.makers(node)
    rows = [flow.graph.call(maker.at) for maker in made]
    return set(made) if all(row is not None and row.name in group for row in rows) else set()


def _made_of_train(flow: Flow, by: Node) -> bool:
    """Whether a part is called "test" by a library that knows no other name for it."""
    return any(
        flow.graph.value(node.at).name.endswith(".train_test_split()")
        and not flow.rows.parts.is_split(node.at)
        for node in flow.rows.passed(by)
    )


def _fitted(flow: Flow) -> Iterator[_Run]:
    """Calls of `fit` and `train` that are given rows to choose by, and do choose."""
    for call in flow.named("fit", "train", "fit_generator"):
        for node in flow.seen(call):
            keys = (*_SETS, "2") if _is_lightning(flow, node) else _SETS
            given = next((n for key in keys if (n := flow.given(node, key)) is not None), None)
            if given is None or not _selects(flow, node, call):
                continue
            trained = flow.given(node, "1" if len(keys) > len(_SETS) else "0", "X", "x", "dtrain")
            yield _Run(node, call, _last_set(flow, given), trained)


def _trainers(flow: Flow) -> Iterator[_Run]:
    """Trainers of Hugging Face's libraries that keep the best step."""
    for call in flow.project.rows("call"):
        if not _HUB.fullmatch(call.name) or not flow.counts(call.at.path):
            continue
        for node in flow.seen(call):
            watched, options = flow.given(node, "eval_dataset"), flow.given(node, "args", "1")
            callbacks = flow.given(node, "callbacks")
            stops = callbacks is not None and any(_chooses(flow, n) for n in flow.trace(callbacks))
            if watched is not None and (stops or _keeps_best(flow, options)):
                yield _Run(node, call, watched, flow.given(node, "train_dataset"))


def _keeps_best(flow: Flow, options: Node | None) -> bool:
    made = flow.graph.makers(options) if options is not None else []
    calls = [call for maker in made if (call := flow.graph.call(maker.at)) is not None]
    return any(constant(call, "load_best_model_at_end") is True for call in calls)


def _is_lightning(flow: Flow, node: Node) -> bool:
    receiver = flow.graph.receiver(node.at)
    makers = flow.graph.makers(Node(receiver, node.calls)) if receiver >= 0 else []
    return any(_LIGHTNING.fullmatch(flow.objects.class_of(maker)) for maker in makers)


def _last_set(flow: Flow, given: Node) -> Node:
    """The X of the last of the sets in `eval_set=[(X, y), ...]` or `validation_data=(X, y)`."""
    graph = flow.graph
    for _ in range(6):
        value = graph.value(given.at)
        inputs = graph.inputs(given)
        if value.op in {"param", "name", "merge"} and len(inputs) == 1:
            given = inputs[0]
            continue
        if value.op != "container":
            break
        inner = [at for at in graph.made_from(given.at) if at >= 0]
        if not inner:
            break
        given = Node(inner[-1] if value.detail == "list" else inner[0], given.calls)
    return given


def _selects(flow: Flow, node: Node, call: Call) -> bool:
    """Whether a training run stops early or keeps its best epoch."""
    rounds = argument(call, "early_stopping_rounds")
    if rounds is not None:
        return not (rounds.known and rounds.const is None)
    callbacks = flow.given(node, "callbacks")
    if callbacks is not None and any(_chooses(flow, n) for n in flow.trace(callbacks)):
        return True
    if call.receiver < 0:
        return False
    for maker in flow.objects.makers(Node(flow.graph.receiver(node.at), node.calls)):
        made = flow.graph.call(maker.at)
        if made is None:
            continue
        if constant(made, "early_stopping_rounds") is not None:
            return True
        if made.name.startswith("catboost.") and constant(call, "use_best_model") is not False:
            return constant(made, "use_best_model") is not False
        listed = flow.given(maker, "callbacks")
        if listed is not None and any(_chooses(flow, n) for n in flow.trace(listed)):
            return True
    return False


def _chooses(flow: Flow, node: Node) -> bool:
    call = flow.graph.call(node.at)
    if call is None or not _SELECTING.fullmatch(call.name):
        return False
    keeps = call.name.endswith("ModelCheckpoint")  # which takes a path first
    monitor = constant(call, "monitor", *(() if keeps else ("0",)))
    if isinstance(monitor, str) and not monitor.startswith(("val", "eval")):
        return False
    if not keeps:
        return True
    rows = flow.project.by_path.get(call.at.path, {}).get("call", ())
    if "lightning" in call.name:
        return isinstance(monitor, str) and any(constant(r, "ckpt_path") == "best" for r in rows)
    reloads = any(row.name.endswith(("load_weights", "load_model")) for row in rows)
    return reloads and constant(call, "save_best_only") is True


def _report(flow: Flow, run: _Run) -> Call | None:
    """Where the rows that are watched are reported on as well."""
    for score in flow.scores:
        if score.node != run.node and flow.rows.same(score.data, run.watched):
            return score.call
    for call in flow.named(*_REPORTS):
        for node in flow.seen(call) if call.at != run.call.at and call.receiver >= 0 else ():
            given = [n for arg in call.args if (n := flow.given(node, arg.key)) is not None]
            if any(_same(flow, n, run.watched) for n in given):
                return call
            trainer = flow.graph.makers(Node(flow.graph.receiver(node.at), node.calls))
            own = run.node in trainer and not call.args
            if own and call.name.rpartition(".")[2] == "evaluate":
                return call
    return None


def _same(flow: Flow, one: Node, other: Node) -> bool:
    """Whether two values surely hold the same rows."""
    mine, yours = _folders(flow, one), _folders(flow, other)
    return mine == yours if mine and yours else flow.rows.same(one, other) is True


def _scheduled(flow: Flow) -> Iterator[Evidence]:
    """Scores of test rows that lower the learning rate, or stop a loop of epochs."""
    seen = set()
    for call in flow.project.rows("call"):
        plateau = call.name.endswith("ReduceLROnPlateau().step")
        stops = _STOPPING.search(call.name) and (call.name.endswith("()") or call.receiver >= 0)
        if not (plateau or stops) or not call.loops or not flow.counts(call.at.path):
            continue
        for node in flow.seen(call):
            given = flow.given(node, "0", "metrics", "val_loss")
            parts = set(iterated(flow, flow.trace(given))) if given is not None else set()
            if len(parts) == 1 and call.at not in seen:
                seen.add(call.at)
                part = parts.pop()
                fields = {"name": call.name.rpartition(".")[2]}
                note = f"{part} rows decide on the next epoch"
                yield Evidence(part != "test", call.at, note, fields=fields, scope=call.scope)
