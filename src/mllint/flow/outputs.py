"""What was last applied to a tensor: softmax, a sigmoid, a plain linear layer.

`always one` is softmax over a single number.

Follows tensors through functions and modules; `apis.toml` says which call is which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.arguments import argument, constant
from mllint.graph import Node
from mllint.graph.same import same
from mllint.names import Names

if TYPE_CHECKING:
    from mllint.flow.modules import Modules
    from mllint.graph import Graph
    from mllint.project import Project

UNKNOWN = "?"
_DEPTH = 24
_GROUPS = ("softmax", "log_softmax", "sigmoid")
_RAW = Names(("torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Conv?d", "torch.nn.Bilinear",
              "torch.nn.functional.linear", "flax.linen.Dense", "flax.linen.Conv",
              "flax.nnx.Linear"))  # fmt: skip
_METHODS = {"softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid",
            "sigmoid_": "sigmoid"}  # fmt: skip
_KEEPING = frozenset(
    {"view", "reshape", "squeeze", "unsqueeze", "flatten", "float", "double", "half", "to", "cuda",
     "cpu", "transpose", "permute", "contiguous", "clone", "type", "type_as", "squeeze_", "expand",
     "detach", "t", "swapaxes", "movedim", "bfloat16", "index_select", "ravel", "unflatten"}
)  # fmt: skip
"""Methods and functions that leave the numbers of a tensor as they are."""
_READY = Names(("torchvision.models.*", "timm.create_model"))
"""Models whose last layer is replaced for a task of one's own."""
_HEADS = frozenset({".fc=", ".classifier=", ".head=", ".heads="})
_STATE = "flax.training.train_state.TrainState.create"
_RUN = ("forward", "call", "__call__")
"""Methods that run when a module of PyTorch, Keras or Flax is called."""
_LAYERS = ("keras.", "tensorflow.keras.", "tf_keras.", "tensorflow.compat.v1.keras.")
_QUIET = frozenset({"Reshape", "Flatten", "Permute"})
"""Layers of Keras that leave numbers as they are."""
_ACTIVATIONS = {"softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid",
                "linear": "linear", "hard_sigmoid": "sigmoid"}  # fmt: skip


class Outputs:
    """The last activations of the tensors of one project."""

    def __init__(self, project: Project, graph: Graph, modules: Modules) -> None:
        self._groups = {name: project.groups.get(name, Names(())) for name in _GROUPS}
        self._graph = graph
        self._modules = modules
        self._project = project

    def kinds(self, node: Node, depth: int = 0) -> frozenset[str]:
        """What may have been applied last: softmax, log_softmax, sigmoid, linear, or "?"."""
        if node.at < 0 or depth > _DEPTH:
            return frozenset({UNKNOWN})
        value = self._graph.value(node.at)
        if value.op == "call":
            return self._called(node, depth)
        if value.op in {"merge", "param", "name", "attr", "mutate"}:
            inputs = self._graph.inputs(node)
            return self._all(inputs[:1] if value.op == "mutate" else inputs, depth)
        if value.op in {"item", "unpack"}:
            return self._element(node, depth)
        return frozenset({UNKNOWN})

    def _all(self, nodes: tuple[Node, ...] | list[Node], depth: int) -> frozenset[str]:
        if not nodes or len(nodes) > _DEPTH:
            return frozenset({UNKNOWN})
        return frozenset().union(*(self.kinds(node, depth + 1) for node in nodes))

    def _called(self, node: Node, depth: int) -> frozenset[str]:
        graph = self._graph
        if returned := self._run(node):
            return self._all(returned, depth)
        row = graph.call(node.at)
        name = row.name if row is not None else graph.value(node.at).name.removesuffix("()")
        name = name.removesuffix("()")
        for kind, group in self._groups.items():
            if name in group:
                return frozenset({kind})
        if name in _RAW:
            return frozenset({"linear"})
        receiver = Node(graph.receiver(node.at), node.calls)
        method = name.rpartition(".")[2]
        if name == "torch.nn.Sequential":
            return self._sequence(receiver)
        if name.startswith(_LAYERS) and receiver.at >= 0:
            built = self.keras(receiver)
            return self._last(receiver) if built == {UNKNOWN} else built
        headed = self._headed(receiver) if receiver.at >= 0 else None
        if headed is not None:
            return headed
        if method in _METHODS and receiver.at >= 0:
            return frozenset({_METHODS[method]})
        if method in _KEEPING and name.startswith("torch.") and "(" not in name:
            return self.kinds(Node(graph.argument(node.at, "0", "input"), node.calls), depth + 1)
        if method in _KEEPING:
            return self.kinds(receiver, depth + 1)
        return frozenset({UNKNOWN})

    def _run(self, node: Node) -> list[Node]:
        """What a call gives that runs a function or a module of the project's own."""
        if returned := self._graph.returned(node):
            return returned
        if self._graph.value(node.at).name.endswith(".apply_fn()"):
            return self._of_state(node)
        applied = self._graph.method(node.at) == "apply"
        return self._modules.forward(node, *(("__call__",) if applied else _RUN))

    def _of_state(self, node: Node) -> list[Node]:
        """What the models give that the project puts into training states of Flax."""
        found: list[Node] = []
        for row in self._project.calls_by_name.get(_STATE, ()):
            given = self._graph.argument(self._graph.of(row.at.path, row.value), "apply_fn")
            made = self._graph.made_from(given)[:1] if given >= 0 else ()
            makers = [m for at in made for m in self._graph.makers(Node(at))]
            kinds = [self._modules.kind(maker) for maker in makers]
            ways = [self._modules.method(kind, "__call__") if kind else None for kind in kinds]
            if not ways or None in ways:
                return []
            for way in filter(None, ways):
                found.extend(self._graph.results(*way, (*node.calls, node.at)))
        return found

    def _sequence(self, receiver: Node) -> frozenset[str]:
        """What the last layers of a `Sequential` apply."""
        found: set[str] = set()
        makers = self._graph.makers(receiver) if receiver.at >= 0 else []
        for maker in same(self._graph, makers):
            call = self._graph.call(maker.at)
            if call is None or not call.args:
                return frozenset({UNKNOWN})
            last = Node(self._graph.of(call.at.path, call.args[-1].value), maker.calls)
            layers = self._ends(last, 0) if call.args[-1].key == "*" else [last]
            for layer in layers or [Node(-1)]:
                found |= self._layer(layer)
        return frozenset(found or {UNKNOWN})

    def _ends(self, layers: Node, depth: int) -> list[Node]:
        """The layers that a list may end with, or the one layer that is given; else nothing."""
        if layers.at < 0 or depth > _DEPTH:
            return []
        value, inputs = self._graph.value(layers.at), self._graph.inputs(layers)
        made = self._graph.made_from(layers.at)
        if value.op == "call" and not self._graph.returned(layers):
            return [layers]
        if value.op == "container" and value.detail in {"list", "tuple"} and made:
            return [Node(made[-1], layers.calls)]
        if value.op == "mutate" and value.detail == "append" and len(inputs) > 1:
            return [inputs[1]]
        if value.op == "binary" and value.detail == "Add" and len(made) > 1:
            return self._ends(Node(made[1], layers.calls), depth + 1)
        if value.op not in {"merge", "param", "call", "name"}:
            return []
        found = [self._ends(one, depth + 1) for one in inputs]
        return [end for ends in found for end in ends] if all(found) else []

    def _headed(self, model: Node) -> frozenset[str] | None:
        """What the new last layer of a ready-made model applies; None where it has none."""
        graph = self._graph
        head: Node | None = None
        for _ in range(_DEPTH):
            value = graph.value(model.at)
            inputs = graph.inputs(model)
            if value.op == "mutate" and head is None and value.detail in _HEADS:
                head = inputs[1] if len(inputs) > 1 else None
            if value.op == "call" and not graph.returned(model):
                receiver = graph.receiver(model.at)
                if receiver < 0 or graph.value(receiver).name != value.name:
                    ready = value.name.removesuffix("()") in _READY
                    return self._layer(head) if ready and head is not None else None
                inputs = (Node(receiver, model.calls),)  # net.to(device) and the like
            several = value.op != "mutate" and len(inputs) != 1
            if several or not inputs or inputs[0].at < 0:
                return None
            model = inputs[0]
        return None

    def _layer(self, layer: Node) -> frozenset[str]:
        found: set[str] = set()
        for made in self._graph.makers(layer) if layer.at >= 0 else ():
            name = self._graph.value(made.at).name.removesuffix("()")
            known = [kind for kind, group in self._groups.items() if name in group]
            if name == "torch.nn.Sequential":
                found |= self._sequence(made)
            elif known or name in _RAW:
                found.add(known[0] if known else "linear")
            else:
                found.add(UNKNOWN)
        return frozenset(found or {UNKNOWN})

    def _element(self, node: Node, depth: int) -> frozenset[str]:
        """What was applied to a part: of a tuple that a model gives, or of a tensor."""
        value = self._graph.value(node.at)
        base = next(iter(self._graph.inputs(node)), None)
        if base is None:
            return frozenset({UNKNOWN})
        whole = self._run(base)
        place = int(value.detail) if value.detail.isdigit() else -1
        parts = []
        for one in whole:
            shape = self._graph.value(one.at)
            inner = self._graph.made_from(one.at)
            if shape.op != "container" or shape.detail != "tuple" or not 0 <= place < len(inner):
                return frozenset({UNKNOWN})
            parts.append(Node(inner[place], one.calls))
        if parts:
            return self._all(parts, depth)
        if value.op == "item" and ":" in value.detail:
            return self.kinds(base, depth + 1)
        return frozenset({UNKNOWN})

    def keras(self, model: Node) -> frozenset[str]:
        """What the last layer of a Keras model applies."""
        graph = self._graph
        for _ in range(_DEPTH):
            value = graph.value(model.at)
            inputs = graph.inputs(model)
            if value.op == "mutate" and value.detail == "add" and len(inputs) > 1:
                return self._last(inputs[1])
            if value.op == "mutate" and inputs:
                model = inputs[0]
                continue
            if value.op in {"unpack", "item"}:
                inputs = tuple(graph.elements(model))
            taken = value.op in {"param", "name", "attr", "merge", "loop", "unpack", "item"}
            if taken or graph.returned(model):
                if len(inputs) != 1:
                    return frozenset({UNKNOWN})
                model = inputs[0]
                continue
            return self._built(model)
        return frozenset({UNKNOWN})

    def _built(self, model: Node) -> frozenset[str]:
        graph = self._graph
        call = graph.call(model.at)
        if call is None or not call.name.startswith(_LAYERS):
            return frozenset({UNKNOWN})
        kind = call.name.rpartition(".")[2]
        if kind == "Sequential":
            ends = self._ends(Node(graph.argument(model.at, "0", "layers"), model.calls), 0)
            kinds = [self._last(end) for end in ends]
            return frozenset().union(*kinds) if kinds else frozenset({UNKNOWN})
        if kind in {"Model", "Functional"}:
            output = graph.argument(model.at, "1", "outputs")
            if output >= 0 and graph.value(output).op == "call":
                return self._last(Node(graph.receiver(output), model.calls))
        return frozenset({UNKNOWN})

    def _last(self, layer: Node) -> frozenset[str]:
        """What a layer of Keras applies."""
        makers = self._graph.makers(layer) if layer.at >= 0 else []
        call = self._graph.call(makers[0].at) if len(makers) == 1 else None
        if call is None or not call.name.startswith(_LAYERS):
            return frozenset({UNKNOWN})
        kind = call.name.rpartition(".")[2]
        if kind == "Softmax":
            return frozenset({"softmax"})
        if kind not in {"Dense", "Activation"} or argument(call, "**", "*") is not None:
            return frozenset({UNKNOWN})
        keys = ("activation", "1") if kind == "Dense" else ("activation", "0")
        given = argument(call, *keys)
        if given is None or (given.known and given.const is None):
            return frozenset({"linear"})
        said = constant(call, *keys) if given.known else given.name.rpartition(".")[2]
        if said == "linear" and kind == "Activation":
            return frozenset({UNKNOWN})  # it leaves what the layer before it gives as it is
        if said == "softmax" and kind == "Dense" and constant(call, "units", "0") == 1:
            return frozenset({"always one"})
        return frozenset({_ACTIVATIONS.get(str(said), UNKNOWN)})
