"""Splits: whether rows are held out at all, and whether each split does what its names say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mllint.checks.controls import watches_training
from mllint.checks.drawn import drawn, sorted_out
from mllint.checks.effects import estimates_effect
from mllint.flow import Fit, Flow, Node, Split, argument, constant, flow_of, part_named
from mllint.flow.imports import running_with
from mllint.flow.objects import RESAMPLERS
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from mllint.facts import Arg, Call
    from mllint.project import Project

_SHUFFLED_FOLDS = regex(r".*\.(KFold|StratifiedKFold|StratifiedGroupKFold)", re.DOTALL)
_RANDOM_FOLDS = regex(
    r".*\.(Repeated\w*KFold|ShuffleSplit|StratifiedShuffleSplit|GroupShuffleSplit)", re.DOTALL
)
_SEEDING = ("random.seed", ".manual_seed", ".seed_everything", ".set_random_seed", ".set_seed")
"""How the names of calls end that seed a global generator."""
_HALF = 0.5
_HELD = regex(
    r"(?i:(^|[^a-z])(test|valid|validation|val|dev|holdout|hold_out|eval|oof|fold|folds|cv|splits?)"
    r"([^a-z]|$))|(Test|Valid|Val|Split)(?![a-z])"
)
_WITHIN = ("oob_score", "early_stopping")
"""Arguments by which estimators measure themselves on rows that they have not learned from."""
_DEV = regex(r"(?i)(?:^|_)dev(?:_|$)")


def unseeded_split(project: Project) -> Iterator[Evidence]:
    """Random splits and shuffled folds, with or without a seed."""
    flow = flow_of(project)
    seeded = _seeded(flow)
    for call in (*flow.grouped("split", "torch_split", "cv_splitter"), *_by_method(flow)):
        if keys := _seed_keys(call):
            yield _seeding(call, keys, seeded)
    for call, key in drawn(flow):
        yield _seeding(call, (key,), seeded)
    for call in sorted_out(flow):
        name = call.name.rpartition(".")[2]
        if call.at.path in seeded:
            note = f"`{name}` draws from the global generator, which is seeded"
            yield Evidence(True, call.at, note, scope=call.scope)
        else:
            yield Evidence(None, call.at, f"`{name}` may divide the rows", scope=call.scope)


def _seeding(call: Call, keys: tuple[str, ...], seeded: frozenset[str]) -> Evidence:
    """Whether a split has a seed."""
    fields = {"name": call.name.rpartition(".")[2], "seed": keys[0]}
    seed = argument(call, *keys)
    if seed is None and argument(call, "**", "*") is not None:
        ok, note = None, "arguments are unpacked"
    elif seed is not None and not (seed.known and seed.const is None):
        ok, note = True, f"`{fields['name']}` has a seed"
    elif seed is None and call.at.path in seeded:
        ok, note = None, f"`{fields['name']}` draws from the global generator, which is seeded"
    else:
        ok, note = False, f"`{fields['name']}` without a seed"
    return Evidence(ok, call.at, note, fields=fields, scope=call.scope)


def _by_method(flow: Flow) -> Iterator[Call]:
    """`Dataset.train_test_split` of Hugging Face's datasets, and `randomSplit` of Spark."""
    for call in flow.named("train_test_split", "randomSplit"):
        if call.name.startswith(("datasets.", "pyspark.")) and call.receiver >= 0:
            yield call


def _seed_keys(call: Call) -> tuple[str, ...]:
    """The keywords that make a split repeatable; empty where it is not random."""
    name = call.name
    if "random_split" in name:
        return ("generator", "2")
    if _RANDOM_FOLDS.fullmatch(name):
        return ("random_state",)
    if _SHUFFLED_FOLDS.fullmatch(name):
        old = name.startswith("sklearn.cross_validation.")
        shuffled = constant(call, "shuffle", "2" if old else "1")
        return ("random_state", "3" if old else "2") if shuffled is True else ()
    if name.endswith(".randomSplit"):
        return ("seed", "1")
    if name.startswith("datasets."):
        return () if constant(call, "shuffle") is False else ("seed", "generator")
    if name.endswith(".train_test_split"):
        return () if constant(call, "shuffle") is False else ("random_state",)
    return ()


def _seeded(flow: Flow) -> frozenset[str]:
    """The files that run together with one that seeds a global generator."""
    calls = flow.named(*(ending.rpartition(".")[2] for ending in _SEEDING))
    return running_with(flow.project, {c.at.path for c in calls if c.name.endswith(_SEEDING)})


def split_order_swapped(project: Project) -> Iterator[Evidence]:
    """Targets of `train_test_split` whose names contradict the order of its outputs."""
    flow = flow_of(project)
    for call in flow.grouped("split"):
        names = _targets(flow, call)
        arrays = sum(arg.key.isdigit() for arg in call.args)
        if len(names) < 2 or argument(call, "*") is not None:
            continue
        said = _said(names)
        first = {said[k] for k in said if not k % 2} - {""}
        second = {said[k] for k in said if k % 2} - {""}
        fields = {"names": ", ".join(names[k] for k in sorted(names)), "order": _order(names)}
        if len(first) > 1 or len(second) > 1 or first & second:
            yield Evidence(False, call.at, f"`{fields['names']}` in this order", fields=fields,
                           scope=call.scope)  # fmt: skip
        elif second == {"train"} and first and (share := _second_share(call)) < _HALF:
            note = f"{share:.0%} of the rows are named the training part"
            yield Evidence(False, call.at, note, fields=fields, scope=call.scope)
        elif second == {"train"} or len(names) != 2 * arrays:
            yield Evidence(None, call.at, f"`{fields['names']}`", scope=call.scope)
        elif first or second:
            yield Evidence(True, call.at, "the names follow the order", scope=call.scope)


def _said(names: dict[int, str]) -> dict[int, str]:
    """The parts that names say, by position; beside a validation part, `dev` learns."""
    said = {place: part_named(name) for place, name in names.items()}
    dev = {place for place, name in names.items() if _DEV.search(name)}
    if any(said[place] == "validation" for place in said.keys() - dev):
        said |= dict.fromkeys(dev, "train")
    return said


def _second_share(call: Call) -> float:
    """The share of the rows that the second output of a split holds; 1 where it is not known."""
    second, first = argument(call, "test_size"), argument(call, "train_size")
    if second is None and first is None:
        return 0.25
    sizes = (constant(call, "test_size"), constant(call, "train_size"))
    if isinstance(sizes[0], float) and 0 < sizes[0] < 1:
        return sizes[0]
    return 1 - sizes[1] if isinstance(sizes[1], float) and 0 < sizes[1] < 1 else 1


def _targets(flow: Flow, call: Call) -> dict[int, str]:
    """The names that the outputs of a split are given to, by position."""
    found: dict[int, str] = {}
    at = flow.graph.of(call.at.path, call.value)
    for used in flow.graph.used_by(at) if at >= 0 else ():
        value = flow.graph.value(used)
        names = flow.graph.targets(used)
        if value.op == "unpack" and value.detail.isdigit() and names:
            found[int(value.detail)] = names[0]
    return found


def _order(names: dict[int, str]) -> str:
    """The names as they should stand: both parts of each array, one array after another."""
    early = part_named(names[min(names)])
    train = [names[k] for k in sorted(names) if part_named(names[k]) == early]
    other = [names[k] for k in sorted(names) if part_named(names[k]) != early]
    pairs = [name for pair in zip(train, other, strict=False) for name in pair]
    return ", ".join(pairs)


def separate_splits(project: Project) -> Iterator[Evidence]:
    """Features and target that are split by separate calls with differing seeds."""
    flow = flow_of(project)
    seeded = _seeded(flow)
    seen = set()
    for fit in flow.fits:
        if fit.data is None or fit.target is None or not flow.is_model(fit.kinds):
            continue
        one, other = _splitter(flow, fit.data), _splitter(flow, fit.target)
        if one is None or other is None or fit.call.at in seen:
            continue
        seen.add(fit.call.at)
        ok = True if one == other else _alike(flow, one, other, seeded)
        first, second = flow.graph.call(one.at), flow.graph.call(other.at)
        if first is None or second is None:
            continue
        note = (
            "features and target come from one split"
            if one == other
            else ("features and target come from two splits")
        )
        yield Evidence(
            ok, second.at, note, scope=second.scope,
            related=() if ok else (Related(first.at, "the features are split here"),
                                   Related(fit.call.at, "both are fitted on here")),
        )  # fmt: skip


def _splitter(flow: Flow, node: Node) -> Node | None:
    """The one random split that all rows of a value have come through last."""
    found = set()
    for origin in flow.rows.origins(node):
        cuts = [cut for cut in origin.cuts if cut.label != "clean"]
        if not cuts or cuts[-1].by.at < 0 or not flow.rows.parts.is_split(cuts[-1].by.at):
            return None
        found.add(cuts[-1].by)
    return found.pop() if len(found) == 1 else None


def _alike(flow: Flow, one: Node, other: Node, seeded: frozenset[str]) -> bool | None:
    """Whether two splits surely divide alike: same seed and size, or no shuffling."""
    first, second = flow.graph.call(one.at), flow.graph.call(other.at)
    if first is None or second is None:
        return None
    if constant(first, "shuffle") is False and constant(second, "shuffle") is False:
        return True
    pairs = [_same(first, second, key) for key in ("random_state", "test_size", "train_size")]
    seeds = pairs[0]
    if argument(first, "random_state") is None or argument(second, "random_state") is None:
        return None if first.at.path in seeded else False
    if seeds is False or False in pairs[1:]:
        return False
    return None if None in pairs else True


def _same(one: Call, other: Call, key: str) -> bool | None:
    mine, yours = argument(one, key), argument(other, key)
    if mine is None and yours is None:
        return True
    if mine is None or yours is None:
        return False
    return _equal(mine, yours)


def _equal(mine: Arg, yours: Arg) -> bool | None:
    if mine.known and yours.known:
        return bool(mine.const == yours.const) and mine.const is not None
    same = mine.value >= 0 and mine.value == yours.value
    return True if same or (mine.name == yours.name and mine.name not in {"", "?"}) else None


def resampler_in_sklearn_pipeline(project: Project) -> Iterator[Evidence]:
    """Resamplers in scikit-learn's own pipeline, which refuses them."""
    flow = flow_of(project)
    for call in flow.grouped("pipeline"):
        for node in list(flow.seen(call))[:1]:
            held = [n for n in flow.objects.parts(node) if flow.objects.kinds(n) <= RESAMPLERS]
            if not held:
                continue
            name = flow.objects.class_of(held[0]).rpartition(".")[2]
            ok = call.name not in flow.objects.group("sklearn_pipeline")
            step = flow.graph.call(held[0].at)
            yield Evidence(ok, call.at, f"`{name}` in `{call.name}`", fields={"name": name},
                           scope=call.scope,
                           related=(Related(step.at, "made here"),) if step else ())  # fmt: skip


def no_holdout(project: Project) -> Iterator[Evidence]:
    """Whether a project that fits supervised models keeps any rows back.

    Held-out rows count wherever they are seen; that there are none is only said where a fit is
    seen whose rows the project has read itself.
    """
    flow = flow_of(project)
    sign = _sign(flow) or _scored_apart(flow)
    if sign is not None:
        yield sign
        return
    fits = [fit for fit in flow.fits if _trains(flow, fit)]
    if not fits:
        return
    hint = _hint(flow) or _chosen(flow, fits)
    if (hint := hint or estimates_effect(project, [fit.call for fit in fits])) is not None:
        yield hint
        return
    first = min(fits, key=lambda f: (f.call.at.path, f.call.at.line))
    yield Evidence(False, first.call.at, "no rows are held out anywhere", scope=first.call.scope)


def _chosen(flow: Flow, fits: Iterable[Fit]) -> Evidence | None:
    """A fit on some of the rows that were read: the others may be held out elsewhere."""
    for fit in fits:
        if fit.data is not None and any(o.taken for o in flow.rows.origins(fit.data)):
            note = "the fit sees some of the rows, and what becomes of the others cannot be told"
            return Evidence(None, fit.call.at, note, scope=fit.call.scope)
    return None


def _trains(flow: Flow, fit: Fit) -> bool:
    """Whether an application fits a supervised model: on rows that it has read itself."""
    if fit.kinds not in ({"model"}, {"keras"}) or fit.data is None or fit.target is None:
        return False
    if not flow.counts(fit.call.at.path) or flow.project.role(fit.call.at.path) != "source":
        return False
    loads = flow.objects.group("load")
    for origin in flow.rows.origins(fit.data):
        call = flow.graph.call(origin.root.at)
        if call is None or call.name not in loads or call.name in flow.objects.group("toy_data"):
            return False
    return bool(flow.rows.origins(fit.data))


def _sign(flow: Flow) -> Evidence | None:
    """Rows that are held out: by a call, in a file, under a name."""
    groups = ("split", "torch_split", "cv_splitter", "cv_function", "search", "provided_split",
              "time_splitter", "cv_other", "cv_within", "other_split")  # fmt: skip
    for call in flow.grouped(*groups):
        return Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)
    for call in flow.grouped("load"):
        path = constant(call, "0", "filepath_or_buffer", "path")
        if isinstance(path, str) and _HELD.search(path) and "select " not in path.lower():
            return Evidence(True, call.at, f"`{path[-60:]}`", scope=call.scope)
    for call in flow.named("fit", "train", "split"):
        given = argument(call, "validation_split", "validation_data", "eval_set", "evals", "**")
        if given is not None and not watches_training(flow.project, call):
            return Evidence(True, call.at, "held-out rows are given to the fit", scope=call.scope)
    for row in flow.project.assigned(_HELD):
        word = isinstance(row.const, str) and row.const.isidentifier()
        if flow.counts(row.at.path) and not word:
            return Evidence(True, row.at, f"`{row.target[:60]}`")
    for call in flow.grouped("classifier", "regressor"):
        key = next((key for key in _WITHIN if constant(call, key) is True), "")
        if key:
            return Evidence(True, call.at, f"`{key}=True` holds rows out", scope=call.scope)
    for call in flow.grouped("search_other"):
        return Evidence(True, call.at, f"`{call.name.rpartition('.')[2]}`", scope=call.scope)
    return _held(flow, "file", "at", {"data", "archive"})


def _hint(flow: Flow) -> Evidence | None:
    """Names and texts that may speak of held-out rows: too little to count, too much to fail."""
    for call in flow.grouped("cv_inner"):
        note = f"`{call.name.rpartition('.')[2]}` holds rows out, and tells no score"
        return Evidence(None, call.at, note, scope=call.scope)
    found = _held(flow, "define", "name") or _held(flow, "literal", "text")
    found = found or _held(flow, "assign", "target")
    found = found or _held(flow, "file", "at", {"code", "notebook"})
    return found._replace(ok=None) if found else None


def _held(flow: Flow, table: str, column: str, kinds: Container[str] = ()) -> Evidence | None:
    """The first row whose words speak of held-out rows; `kinds` are those of files."""
    for row in flow.project.rows(table):
        if kinds and row.kind not in kinds:
            continue
        if flow.counts(row.at.path) and _HELD.search(_words(row, column)):
            return Evidence(True, row.at, f"`{_words(row, column)[:60]}`")
    return None


def _scored_apart(flow: Flow) -> Evidence | None:
    """A score on other rows than those of the fit, however they were chosen."""
    for score in flow.scores:
        if score.fit.data is None:
            continue
        mine, yours = flow.rows.origins(score.fit.data), flow.rows.origins(score.data)
        chosen = [{(o.source, o.taken) for o in rows} for rows in (mine, yours)]
        if mine and yours and chosen[0] != chosen[1]:
            note = "other rows are scored than were fitted on"
            return Evidence(True, score.call.at, note, scope=score.call.scope)
    return None


def _words(row: Any, column: str) -> str:
    return str(row.at.path if column == "at" else getattr(row, column))


def division(flow: Flow, split: Split) -> str | None:
    """How a split divides rows: random, in order, unknown; None where it tells nothing of time."""
    call = split.call
    if split.sort == "torch":
        return "random"
    if call is not None and split.sort == "split":
        given = argument(call, "shuffle")
        if given is None or given.known:
            return "in order" if given is not None and given.const is False else "random"
        return "unknown"
    folds = flow.given(split.node, "cv") if split.sort == "cv" else None
    if split.sort == "folds":
        folds = Node(flow.graph.receiver(split.node.at), split.node.calls)
    made = [flow.graph.call(maker.at) for maker in flow.graph.makers(folds)] if folds else []
    if len(made) != 1 or made[0] is None:
        return None
    if made[0].name in flow.objects.group("time_splitter"):
        return "in order"
    grouped = made[0].name in flow.objects.group("group_splitter")
    return "random" if not grouped and _seed_keys(made[0]) else None
