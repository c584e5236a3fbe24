"""Random numbers in training: whether every generator in use is seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.nature import training_calls
from mllint.checks.written import found_in
from mllint.flow.imports import running_with
from mllint.flow.seeds import EVERY, is_fixed, is_reached, seed_calls
from mllint.flow.trace import Trace
from mllint.flow.training import Training, training_of
from mllint.graph import Node
from mllint.names import Names
from mllint.project import arg
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call
    from mllint.project import Project


class _Generator(NamedTuple):
    """A global generator of random numbers."""

    title: str
    seeds: str
    """The group of calls that seed it."""
    cure: str


_PYTHON = _Generator("Python's `random`", "seed_python", "random.seed(seed)")
_NUMPY = _Generator("NumPy", "seed_numpy", "numpy.random.seed(seed)")
_TORCH = _Generator("PyTorch", "seed_torch", "torch.manual_seed(seed)")
_TENSORFLOW = _Generator("TensorFlow", "seed_tensorflow", "keras.utils.set_random_seed(seed)")
_KERAS = regex(r"(tensorflow|keras|tf_keras)\.")
_FITS = frozenset({"fit", "fit_generator", "train_on_batch", "apply_gradients", "minimize"})
_SEEDISH = regex(
    r"(?i)(set|fix|setup|init|same|all|every|manual|global|apply)\w*seed|seed_?(every|all|torch|rng|it$)"
    r"|(make|ensure|enable|set|be)\w*(determinis|reproduc)\w*|default_setup$"
)
_PLAIN = regex(r"(?!\?)[\w.]+\.seed$")
"""A function of a module that is called `seed`; methods, as those of environments, are none."""
_HANDED = regex(r"\b(?:torch\.manual_seed|np\.random\.seed|random\.seed)\b(?!\()")
"""A function that seeds, as a value: what calls it is not seen."""
_BY_FRAMEWORK = Names(("sacred.Experiment", "*LightningCLI"))
"""They draw a seed where they are given none, set it, and record it with the run."""
_LIBRARIES = ("numpy.", "torch.", "random.", "tensorflow.")
_LOOKED = 40
"""Training calls, and ways to each, that are looked at for what they are fed."""
_WAYS = 4


def unseeded_training(project: Project) -> Iterator[Evidence]:
    """Each global generator that training draws from, with the call that seeds it.

    Code that runs together is judged together; of each generator the first fault is told.
    """
    training = training_of(project)
    if training is None:
        return
    seeds = list(seed_calls(training))
    told: set[object] = set()
    for files, trains in _together(project):
        for one in _of_files(training, files, trains, [c for c in seeds if c.at.path in files]):
            key = one.at if one.ok else (one.ok, one.fields["generator"])
            if key not in told:
                told.add(key)
                yield one


def _together(project: Project) -> Iterator[tuple[frozenset[str], Sequence[Call]]]:
    """Files that run in one process with code that trains, and the calls of theirs that do so."""
    by_path: dict[str, list[Call]] = {}
    for call in training_calls(project):
        by_path.setdefault(call.at.path, []).append(call)
    by_files: dict[frozenset[str], list[Call]] = {}
    for path in sorted(by_path):
        by_files.setdefault(running_with(project, (path,)), []).extend(by_path[path])
    yield from by_files.items()


def _of_files(
    training: Training, files: frozenset[str], trains: Sequence[Call], seeds: Sequence[Call]
) -> Iterator[Evidence]:
    learning = {(call.at.path, call.scope) for call in trains}
    for generator, sites in _used(training, trains, files):
        fields = {"generator": generator.title, "cure": generator.cure}
        own = [c for c in seeds if c.name in training.group(generator.seeds)]
        good = next((c for c in own if is_fixed(c) and _runs(training, c, learning)), None)
        if good is not None:
            yield Evidence(
                True,
                good.at,
                f"`{_name(good)}` seeds {generator.title}",
                scope=good.scope,
                fields=fields,
            )
            continue
        known = generator in {_TORCH, _TENSORFLOW}
        feeding = sites if known else _feeding(training, trains, sites)
        if feeding:
            site = min(feeding, key=lambda c: (c.at.path, c.at.cell or (), c.at.line))
            ok, note = _elsewhere(training, generator, files)
            related = () if ok else tuple(Related(c.at, _why_not(c)) for c in own[:3])
            yield Evidence(ok, site.at, note, scope=site.scope, related=related, fields=fields)


def _runs(training: Training, seed: Call, learning: set[tuple[str, str]]) -> bool:
    """Whether a seed is set whenever training runs: something reaches it, or it stands beside."""
    if (seed.at.path, seed.scope) in learning or is_reached(training, seed):
        return True
    return any(_leads_to(training, seed, place) for place in sorted(learning)[:_LOOKED])


def _leads_to(training: Training, seed: Call, place: tuple[str, str]) -> bool:
    """Whether each known way to a training leads through the function that seeds."""
    graph = training.graph
    own = (seed.at.path, seed.scope)
    ways = graph.entries(*place)
    return all(own in {(graph.path(at), graph.scope(at)) for at in way} for way in ways)


def _used(
    training: Training, trains: Sequence[Call], files: frozenset[str]
) -> Iterator[tuple[_Generator, Sequence[Call]]]:
    """The generators that may be drawn from, with the calls that do so."""
    torch = [c for c in trains if c.at.path in training.torch_files and _by_torch(training, c)]
    keras = [c for c in trains if _by_keras(c)]
    found: list[tuple[_Generator, Sequence[Call]]] = [(_TORCH, torch), (_TENSORFLOW, keras)]
    for generator, group in ((_NUMPY, "draw_numpy"), (_PYTHON, "draw_python")):
        drawn = [c for c in training.project.calls(group) if c.at.path in files]
        found.append((generator, [c for c in drawn if training.counts(c.at.path)]))
    return (pair for pair in found if pair[1])


def _feeding(training: Training, trains: Sequence[Call], drawn: Sequence[Call]) -> Sequence[Call]:
    """The draws that surely bear on training: made in its loop, or a part of what it is given."""
    graph = training.graph
    looped: set[int] = set()
    given: set[int] = set()
    for call in trains[:_LOOKED]:
        if call.loops:
            steps = training.walk(call.at.path, call.scope, call.loops[0])
            looped |= {id(step.call) for step in steps}
        values = (call.receiver, *(arg.value for arg in call.args))
        for way in graph.entries(call.at.path, call.scope)[:_WAYS]:
            for value in values:
                at = graph.of(call.at.path, value)
                if at >= 0:
                    given |= {node.at for node in Trace(graph, Node(at, way))}
    return [c for c in drawn if id(c) in looped or given & set(_touched(training, c))]


def _touched(training: Training, draw: Call) -> Iterator[int]:
    """What a draw gives, or changes in place."""
    at = training.graph.of(draw.at.path, draw.value)
    yield at
    if draw.name.endswith(".shuffle"):
        yield training.graph.argument(at, "0", "x")


def _by_torch(training: Training, call: Call) -> bool:
    if training.is_backward(call):
        return True
    imported = training.project.by_path[call.at.path].get("import", ())
    lightning = any(row.root in {"lightning", "pytorch_lightning"} for row in imported)
    return lightning and call.name.rpartition(".")[2] == "fit" and "sklearn" not in call.name


def _by_keras(call: Call) -> bool:
    return bool(_KERAS.match(call.name)) and call.name.rpartition(".")[2] in _FITS


def _why_not(call: Call) -> str:
    return "its function is never called" if is_fixed(call) else "no fixed seed is given here"


def _name(call: Call) -> str:
    return call.name.lstrip(".?")


def _elsewhere(
    training: Training, generator: _Generator, files: frozenset[str]
) -> tuple[bool | None, str]:
    """Whether something else seeds a generator, and what."""
    project = training.project
    if generator is _TENSORFLOW:
        for call in project.calls("seeding_estimator"):
            given = arg(call, "tf_random_seed")
            unseeded = given is not None and given.known and given.const is None
            if call.at.path in files and not unseeded:
                return True, f"`{_name(call)}` seeds {generator.title}"
    else:
        trainer = _by_trainer(project, files)
        if trainer:
            return True, f"{trainer} seeds {generator.title}"
        for row in project.rows("setting"):
            if row.key == "seed_everything" and row.value not in (False, None):
                return True, f"`seed_everything: {row.value}` in `{row.at.path}`"
    for call in (c for path in sorted(files) for c in project.by_path[path].get("call", ())):
        if call.name in _BY_FRAMEWORK:
            return None, f"`{_name(call)}` may seed {generator.title}"
        if not _SEEDISH.search(call.name.rpartition(".")[2]) and not _PLAIN.match(call.name):
            continue
        known = any(call.name in training.group(group) for group in EVERY)
        ours = training.graph.definition(call.at.path, call.name) is not None
        if not known and not ours and not call.name.startswith(_LIBRARIES):
            return None, f"`{_name(call)}` may seed {generator.title}"
    for path in sorted(files):
        if generator is not _TENSORFLOW and (found := found_in(project, path, _HANDED)):
            return None, f"`{found[0]}` is handed on in `{path}`"
    return False, f"nothing seeds {generator.title}"


def _by_trainer(project: Project, files: frozenset[str]) -> str:
    """The trainer, or the own kind of one, that seeds by itself, or ""."""
    for call in project.calls("seeding_trainer"):
        if call.at.path in files and "()" not in call.name:
            return f"`{_name(call)}`"
    for row in project.rows("define"):
        own = any(base in project.groups["seeding_trainer"] for base in row.bases)
        if own and row.at.path in files:
            return f"`{row.name}`"
    return ""
