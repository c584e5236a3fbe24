"""How PyTorch modules hold and run other modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.modules import Kind, Modules, modules_of
from mllint.flow.training import Step, Training, training_of
from mllint.graph import Node
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Assign, Call, Define
    from mllint.project import Project

_HOLDERS = ("torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.Sequential",
            "torch.nn.ParameterList", "torch.nn.ParameterDict")  # fmt: skip
_REGISTERS = frozenset({"add_module", "register_module", "setattr", "__setattr__",
                        "register_parameter", "extend", "ModuleList", "Sequential",
                        "ModuleDict"})  # fmt: skip


def hidden_layers(project: Project) -> Iterator[Evidence]:
    """Layers that a module keeps in a plain list or dict."""
    training, modules = training_of(project), modules_of(project)
    if training is None or modules is None:
        return
    for define in project.rows("define"):
        if define.kind != "class" or not training.counts(define.at.path):
            continue
        if modules.is_module(Kind(define.at.path, define.name)):
            yield from _held(training, modules, define)


def _held(training: Training, modules: Modules, define: Define) -> Iterator[Evidence]:
    """Evidence for what a module keeps its layers in."""
    path, prefix = define.at.path, f"{define.name}."
    given = training.assigned(path)
    inside = [scope for scope in given if scope.startswith(prefix)]
    rows = [row for s in inside for row in given[s] if row.target.startswith("self.")]
    own = training.project.by_path[path].get("call", ())
    calls = [call for call in own if call.scope.startswith(prefix)]
    for row in rows:
        attr = row.target.removeprefix("self.")
        if row.name.removesuffix("()") in _HOLDERS:
            yield Evidence(
                True, row.at, f"`{attr}` is a `{row.name.removesuffix('()')}`", scope=row.scope
            )
            continue
        layer = _layer_in(training, modules, row, calls)
        if layer and not _registered(rows, calls, attr):
            yield Evidence(
                False,
                row.at,
                f"`{attr}` holds `{layer}`",
                scope=row.scope,
                fields={"attr": attr, "layer": layer},
            )


def _layer_in(training: Training, modules: Modules, row: Assign, calls: Sequence[Call]) -> str:
    """The name of a layer with weights that a plain list or dict is made of; "" where none is."""
    path = row.at.path
    if row.known:
        if row.const not in ([], {}):
            return ""
        added = f"().{row.target.removeprefix('self.')}.append"
        nodes = [
            Node(training.graph.of(path, a.value))
            for call in calls
            if call.name.endswith(added)
            for a in call.args
            if a.value >= 0
        ]
    else:
        at = training.graph.of(path, row.value)
        if at < 0 or training.graph.value(at).op != "container":
            return ""
        nodes = [Node(k) for k in training.graph.made_from(at) if k >= 0]
        shape = training.graph.value(at).detail
        if shape not in {"list", "dict"} or not (_many(training, nodes) or len(nodes) > 1):
            return ""
    held = {training.graph.of(path, row.value), *(node.at for node in nodes)} - {-1}
    given = {training.graph.of(path, a.value) for c in calls for a in c.args if _registers(c)}
    if held & given:
        return ""
    names = (_weighted(training, modules, node) for node in nodes if node.at >= 0)
    return next(filter(None, names), "")


def _registers(call: Call) -> bool:
    """Whether a call may register what it is given."""
    return call.name.rpartition(".")[2] != "append"


def _many(training: Training, nodes: Sequence[Node]) -> bool:
    """Whether the one element of a display stands for many: that of a comprehension."""
    calls = [training.graph.call(node.at) for node in nodes]
    return any(call is not None and call.loops for call in calls)


def _weighted(training: Training, modules: Modules, node: Node) -> str:
    """The class of a layer with weights that is not registered by itself; "" for anything else."""
    makers = training.graph.makers(node)
    named = [name for made in (node, *makers) for name in training.graph.targets(made.at)]
    if any(name.startswith("self.") for name in named):
        return ""
    for maker in makers:
        kind = modules.kind(maker)
        if kind is None:
            return ""
        own = bool(kind.path) and modules.is_module(kind)
        if not own and kind.name not in training.group("weighted_layer"):
            return ""
        return kind.name.rpartition(".")[2]
    return ""


def _registered(rows: Sequence[Assign], calls: Sequence[Call], attr: str) -> bool:
    """Whether the layers of an attribute may be registered in another way."""
    if any(r.target == f"self.{attr}" and r.name.startswith("torch.nn.") for r in rows):
        return True
    for call in calls:
        method = call.name.rpartition(".")[2]
        if method in {"add_module", "register_module", "setattr", "__setattr__"}:
            return True
        if method in _REGISTERS and any(attr in arg.name.split(".") for arg in call.args):
            return True
    return False


def forward_called(project: Project) -> Iterator[Evidence]:
    """Modules that are run by their `forward`, which leaves out what a call adds."""
    training, modules = training_of(project), modules_of(project)
    if training is None or modules is None:
        return
    for (path, scope), calls in training.scopes.items():
        if path not in training.torch_files or not training.counts(path):
            continue
        for call in calls:
            direct = call.name.rpartition(".")[2] == "forward"
            if call.receiver < 0 or not (direct or call.name.endswith("()")):
                continue
            if scope.endswith(("__call__", ".forward")):
                continue
            if _runs_module(training, modules, call):
                name = training.called(call)
                note = f"`{name}.forward` is called" if direct else f"`{name}` is called"
                yield Evidence(not direct, call.at, note, scope=scope, fields={"model": name})


def _runs_module(training: Training, modules: Modules, call: Call) -> bool:
    """Whether the object of a call surely is a module other than the one it stands in."""
    receiver = training.receiver(Step(call, (), ()))
    makers = training.graph.makers(receiver) if receiver is not None else []
    for maker in makers:
        kind = modules.kind(maker)
        if kind is None or training.graph.value(maker.at).op != "call":
            return False
        if not modules.is_module(kind) and not kind.name.startswith("torch.nn."):
            return False
    return bool(makers)
