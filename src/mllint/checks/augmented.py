"""Pictures that a model is measured on, though they are altered at random.

Knows generators of Keras and transforms of torchvision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow import Flow, Node, constant, flow_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_ALTERING = frozenset({
    "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range",
    "channel_shift_range", "brightness_range", "horizontal_flip", "vertical_flip",
})  # fmt: skip
"""Arguments of `ImageDataGenerator` that alter pictures at random."""
_FLOWS = ("flow", "flow_from_directory", "flow_from_dataframe")
_FITS = ("fit", "fit_generator")
_HELD = regex(r"(?i)(?:^|[/\\_])(?:val|valid|validation|test|testing)(?:$|[/\\])")
_FOLDERS = (".ImageFolder", ".DatasetFolder")
_SPLITS = ("test", "val", "valid", "validation")


def measured_on_altered(project: Project) -> Iterator[Evidence]:
    """Pictures of held-out parts, judged by whether they are altered at random."""
    flow = flow_of(project)
    yield from _of_keras(flow)
    yield from _of_torch(flow)


def _of_keras(flow: Flow) -> Iterator[Evidence]:
    watched = _watched(flow)
    for call in flow.named(*_FLOWS):
        makers = [flow.graph.call(m.at) for m in _makers(flow, call)]
        names = flow.objects.group("image_augmentation")
        if not makers or not all(made is not None and made.name in names for made in makers):
            continue
        at = flow.graph.of(call.at.path, call.value)
        if constant(call, "subset") != "validation" and at not in watched:
            continue
        altering = next((made for made in makers if made is not None and _alters(made)), None)
        if altering is None:
            yield Evidence(True, call.at, "the pictures are left as they are", scope=call.scope)
        else:
            related = (Related(altering.at, "this alters them"),)
            yield Evidence(False, call.at, "the validation part is altered at random",
                           scope=call.scope, related=related)  # fmt: skip


def _alters(made: Call) -> bool:
    return any(arg.key in _ALTERING and arg.known and arg.const for arg in made.args)


def _makers(flow: Flow, call: Call) -> list[Node]:
    at = flow.graph.of(call.at.path, call.receiver)
    return flow.graph.makers(Node(at)) if at >= 0 else []


def _watched(flow: Flow) -> set[int]:
    """What makes the validation data of fits."""
    found: set[int] = set()
    for call in flow.named(*_FITS):
        for node in flow.seen(call):
            data = flow.given(node, "validation_data")
            found |= {made.at for made in flow.graph.makers(data)} if data is not None else set()
    return found


def _of_torch(flow: Flow) -> Iterator[Evidence]:
    for call in flow.grouped("torch_split"):
        for node in list(flow.seen(call))[:1]:
            data = flow.given(node, "0", "dataset")
            made = flow.graph.makers(data) if data is not None else []
            transforms = [_transform(flow, one) for one in made]
            kept = "_" not in _names(flow, node.at)
            if len(made) == 1 and transforms[0] and kept and not _changed_later(flow, call):
                related = (Related(transforms[0].at, "this alters them"),)
                yield Evidence(False, call.at, "both parts are altered at random",
                               scope=call.scope, related=related)  # fmt: skip
    for call in flow.named(*_datasets(flow)):
        if not _held_out(call):
            continue
        for node in list(flow.seen(call))[:1]:
            altering = _transform(flow, node)
            note = "a held-out part is altered at random" if altering else "nothing alters them"
            why = [Related(altering.at, "this alters them")] if altering else []
            yield Evidence(not why, call.at, note, scope=call.scope, related=tuple(why))


def _names(flow: Flow, at: int) -> set[str]:
    """The names that the outputs of a call are given to."""
    return {name for used in flow.graph.used_by(at) for name in flow.graph.targets(used)}


def _datasets(flow: Flow) -> set[str]:
    names = flow.project.calls_by_name
    return {n.rpartition(".")[2] for n in names if n.startswith("torchvision.datasets.")}


def _held_out(call: Call) -> bool:
    """Whether a data set of torchvision surely is one that a model is measured on."""
    if not call.name.startswith("torchvision.datasets."):
        return False
    if constant(call, "train") is False or str(constant(call, "split")) in _SPLITS:
        return True
    root = constant(call, "0", "root")
    folder = call.name.endswith(_FOLDERS)
    return folder and isinstance(root, str) and _HELD.search(root) is not None


def _transform(flow: Flow, made: Node) -> Call | None:
    """What alters the pictures of a data set at random, where that is all its transform can be."""
    row = flow.graph.call(made.at)
    second = ("1",) if row is not None and row.name.endswith(_FOLDERS) else ()
    given = flow.given(made, "transform", *second)
    joined = flow.graph.makers(given) if given is not None else []
    if len(joined) != 1:
        return None
    whole = flow.graph.call(joined[0].at)
    if whole is None or whole.name not in flow.objects.group("joined_transforms"):
        return None
    steps = (flow.graph.call(step.at) for step in flow.objects.parts(joined[0]))
    altering = flow.objects.group("random_transform")
    return next((step for step in steps if step is not None and step.name in altering), None)


def _changed_later(flow: Flow, split: Call) -> bool:
    """Whether one of the parts may be given another transform than the whole."""
    rows = flow.project.by_path[split.at.path].get("assign", ())
    return any(row.target.endswith((".transform", ".dataset")) for row in rows)
