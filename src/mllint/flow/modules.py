"""What a PyTorch module is made of: its class, the layers in it, what its `forward` gives.

Asks the graph and `apis.toml`; knows nothing of loops or of rules.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mllint.graph import Node
from mllint.graph.same import same
from mllint.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Call, Define
    from mllint.graph import Graph
    from mllint.project import Project

_DEPTH = 6
"""Classes within classes that are looked into."""
MODULES = Names((
    "torch.nn.Module", "torch.nn.modules.*", "torch.nn.Sequential", "torch.nn.ModuleList",
    "lightning.*LightningModule", "pytorch_lightning.*LightningModule", "*.PreTrainedModel",
    "transformers.*Model", "torchvision.models.*", "timm.models.*", "torch.jit.ScriptModule",
    "torch_geometric.nn.*", "torch.nn.Transformer*", "torch.nn.Linear", "torch.nn.Conv?d",
))  # fmt: skip
"""Library classes whose subclasses are modules."""
_NONE = Names(())


class Kind(NamedTuple):
    """The class that made an object."""

    path: str
    """The file of a first-party class; "" for a library's."""
    name: str
    """Qualified within its file, or the origin path."""


class Modules:
    """The modules of one project."""

    def __init__(self, project: Project, graph: Graph) -> None:
        self._project = project
        self._graph = graph
        self._moded: dict[Kind, bool | None] = {}

    def _group(self, name: str) -> Names:
        return self._project.groups.get(name, _NONE)

    @cached_property
    def _defines(self) -> Mapping[tuple[str, str], Define]:
        return {(d.at.path, d.name): d for d in self._project.rows("define")}

    @cached_property
    def _calls(self) -> Mapping[tuple[str, str], Sequence[Call]]:
        """Calls by path and each function or class around them."""
        found: dict[tuple[str, str], list[Call]] = {}
        for call in self._project.rows("call"):
            path, scope = call.at.path, call.scope
            found.setdefault((path, scope), []).append(call)
            while "." in scope:
                scope = scope.rpartition(".")[0]
                found.setdefault((path, scope), []).append(call)
        return found

    def kind(self, maker: Node) -> Kind | None:
        """The class of an object by the value that made it; None where that is not known."""
        value = self._graph.value(maker.at)
        if value.op == "attr" and value.detail == "super":
            return None
        if value.op == "param":
            scope, _, name = value.detail.rpartition(":")
            owner = (self._graph.path(maker.at), scope.rpartition(".")[0])
            if name == "self" and owner in self._defines:
                return Kind(*owner)
            return None
        if value.op != "call":
            return None
        return self.named(self._graph.path(maker.at), value.name.removesuffix("()"))

    def named(self, path: str, name: str) -> Kind | None:
        """The class or factory of a name in a file."""
        if not name or name[0] == "?" or "(" in name or "[" in name:
            return None
        at = self._graph.definition(path, name)
        if at is None:
            return None if name[0] == "." else Kind("", name)
        define = self._defines.get(at)
        return Kind(*at) if define is not None and define.kind == "class" else None

    def is_module(self, kind: Kind, depth: int = 0) -> bool:
        """Whether a class surely is one of PyTorch modules."""
        if not kind.path:
            return kind.name in MODULES
        define = self._defines.get(kind)
        if define is None or define.kind != "class" or depth > _DEPTH:
            return False
        bases = (self.named(kind.path, base) for base in define.bases)
        return any(base is not None and self.is_module(base, depth + 1) for base in bases)

    def method(self, kind: Kind, name: str) -> tuple[str, str] | None:
        """The first-party definition of a method of a first-party class."""
        if not kind.path:
            return None
        return self._graph.definition(kind.path, f".{kind.name}().{name}")

    def moded(self, maker: Node) -> bool | None:
        """Whether an object has layers that differ between training and evaluation."""
        kind = self.kind(maker)
        if kind is None:
            return None
        if not kind.path and kind.name in {"torch.nn.Sequential", "torch.nn.ModuleList"}:
            return self._held(maker)
        return self._class_moded(kind, 0)

    def _held(self, maker: Node) -> bool | None:
        """Whether a container of layers holds one that differs."""
        found: bool | None = False
        for at in self._graph.made_from(maker.at)[1:]:
            for inner in self._graph.makers(Node(at, maker.calls)) if at >= 0 else ():
                here = self.moded(inner)
                if here:
                    return True
                found = None if here is None else found
        return found

    def _class_moded(self, kind: Kind, depth: int) -> bool | None:
        if kind not in self._moded:
            self._moded[kind] = None  # what a circle sees
            self._moded[kind] = self._looked_into(kind, depth)
        return self._moded[kind]

    def _looked_into(self, kind: Kind, depth: int) -> bool | None:
        if not kind.path:
            if kind.name in self._group("moded_layer") or kind.name in self._group("moded_model"):
                return True
            return False if kind.name.startswith("torch.") else None
        define = self._defines.get(kind)
        if define is None or depth > _DEPTH:
            return None
        names = [base for base in define.bases if base not in {"object", "torch.nn.Module"}]
        names += [call.name for call in self._calls.get(kind, ())]
        found: bool | None = False
        for name in dict.fromkeys(names):
            here = self._name_moded(kind.path, name, depth)
            if here:
                return True
            found = None if here is None else found
        return found

    def _name_moded(self, path: str, name: str, depth: int) -> bool | None:
        if name in self._group("moded_layer"):
            return True
        if (
            name.startswith(("torch.", "numpy.", "print", "math.", "einops."))
            and "models" not in name
        ):
            return False
        if "(" in name or "[" in name or (name[:1] == "?" and "." in name):
            return False  # a method of something else
        at = self._graph.definition(path, name)
        if at is None:
            return None if name[:1] in {"?", "."} else self._class_moded(Kind("", name), depth + 1)
        define = self._defines.get(at)
        if define is not None and define.kind == "class" and not self.is_module(Kind(*at)):
            return False
        return self._class_moded(Kind(*at), depth + 1)

    def forward(self, node: Node, *methods: str) -> list[Node]:
        """The values that calling a first-party module may give; empty where it is not known."""
        receiver = self._graph.receiver(node.at)
        found: list[Node] = []
        makers = self._graph.makers(Node(receiver, node.calls)) if receiver >= 0 else ()
        for maker in same(self._graph, makers):
            kind = self.kind(maker)
            ways = (self.method(kind, name) for name in methods or ("forward",)) if kind else ()
            at = next(filter(None, ways), None)
            if at is None or len(node.calls) > _DEPTH or node.at in node.calls:
                return []
            found.extend(self._graph.results(*at, (*node.calls, node.at)))
        return found


def modules_of(project: Project) -> Modules | None:
    """The modules of a project, worked out once; None where there is no Python code."""
    graph = project.graph
    if graph is None:
        return None
    found = graph.notes.get("modules")
    if not isinstance(found, Modules) or found._project is not project:  # noqa: SLF001
        found = graph.notes["modules"] = Modules(project, graph)
    return found
