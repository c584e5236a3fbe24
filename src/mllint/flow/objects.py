"""What an object is: a scaler, a model, a pipeline that ends in a model ...

Asks the graph who made it and `apis.toml` what that means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.flow.arguments import argument, constant
from mllint.graph import Node
from mllint.names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.graph import Graph

_KINDS = (
    ("stateless", "stateless"),
    ("label", "label_encoder"),
    ("selector", "selector"),
    ("supervised", "supervised_transformer"),
    ("projection", "projection"),
    ("scaler", "scaler"),
    ("oversampler", "oversampler"),
    ("undersampler", "undersampler"),
    ("search", "search"),
    ("model", "estimator"),
    ("dummy", "dummy"),
    ("keras", "keras_model"),
    ("unsupervised", "unsupervised"),
    ("folds", "cv_splitter"),
)
"""Kinds and the groups that make them; the first match counts."""
LEARNED = frozenset({"scaler", "projection", "supervised", "selector"})
"""Kinds of transformers that learn from the rows they are fitted on."""
RESAMPLERS = frozenset({"oversampler", "undersampler"})
MODELS = frozenset({"model", "search", "keras"})
_STRENGTH = ("model", "search", "keras", "selector", "supervised", "projection", "scaler",
             "oversampler", "undersampler", "unknown", "label", "stateless")  # fmt: skip
"""What counts most in a pipeline or union."""
_WRAPPERS = frozenset({"clone", "deepcopy", "copy"})
_TOLD_BY = ("categories", "vocabulary", "mean")
_NONE = Names(())


class Objects:
    """Kinds of objects, worked out once each."""

    def __init__(self, graph: Graph, groups: Mapping[str, Names]) -> None:
        self._graph = graph
        self._groups = groups
        self._kinds: dict[Node, frozenset[str]] = {}
        self._classes: dict[str, str] = {}

    def group(self, name: str) -> Names:
        """A group of `apis.toml`; empty where there is none."""
        return self._groups.get(name, _NONE)

    def kinds(self, node: Node) -> frozenset[str]:
        """What an object may be; `unknown` among them where that is not certain."""
        if (found := self._kinds.get(node)) is None:
            self._kinds[node] = frozenset({"unknown"})  # what a circle sees
            kinds = {self._made(maker, 0) for maker in self.makers(node)}
            found = self._kinds[node] = frozenset(kinds or {"unknown"})
        return found

    def makers(self, node: Node) -> list[Node]:
        """The values that made an object, past copies of it."""
        found = []
        for made in self._graph.makers(node):
            chained = self._graph.receiver(made.at)
            if chained >= 0 and self._is_itself(made, chained):
                found.extend(self.makers(Node(chained, made.calls)))
                continue
            inner = self._graph.argument(made.at, "0", "estimator")
            if self._graph.method(made.at) in _WRAPPERS and inner >= 0:
                found.extend(self._graph.makers(made._replace(at=inner)))
            else:
                found.append(made)
        return found

    def _is_itself(self, made: Node, receiver: int) -> bool:
        """Whether a method gives back its object: `Ridge().fit(X, y)`."""
        name = self._graph.value(made.at).name
        return self._graph.call(made.at) is not None and name == self._graph.value(receiver).name

    def class_of(self, maker: Node) -> str:
        """The origin path of the class or function that made an object; "" for another value."""
        value = self._graph.value(maker.at)
        if value.op != "call":
            return ""
        call = self._graph.call(maker.at)
        name = value.name.removesuffix("()")
        if call is not None and "(" not in call.name:
            name = call.name
        return name if name[:1] not in {"?", ""} else ""

    def kind(self, name: str) -> str:
        """The kind that a class makes."""
        if (found := self._classes.get(name)) is None:
            kinds = (kind for kind, group in _KINDS if name in self.group(group))
            found = self._classes[name] = next(kinds, "unknown")
        return found

    def _made(self, maker: Node, depth: int) -> str:
        name = self.class_of(maker)
        if not name or depth > 4:
            return "unknown"
        steps = name in self.group("pipeline")
        if steps or name in self.group("composite"):
            inner = {self._made(part, depth + 1) for part in self.parts(maker)}
            return next((k for k in _STRENGTH if k in inner), "unknown")
        kind = self.kind(name)
        return "stateless" if kind == "scaler" and self._is_told(maker, name) else kind

    def _is_told(self, maker: Node, name: str) -> bool:
        """Whether a transformer is given what it would have to learn."""
        call = self._graph.call(maker.at)
        if call is None:
            return False
        if name.endswith("SimpleImputer"):
            return bool(constant(call, "strategy", "1") == "constant")
        given = argument(call, *_TOLD_BY)
        return given is not None and not (given.known and given.const in (None, "auto"))

    def parts(self, maker: Node) -> list[Node]:
        """The objects that a pipeline, union, search or meta-estimator is given, in order."""
        call = self._graph.call(maker.at)
        base = maker.at
        found: list[Node] = []
        for arg in call.args if call is not None else ():
            if arg.value >= 0 and arg.key not in {"param_grid", "param_distributions", "cv"}:
                at = self._graph.of(self._graph.path(base), arg.value)
                found.extend(self._flat(maker._replace(at=at), 0))
        return found

    def _flat(self, node: Node, depth: int) -> list[Node]:
        found: list[Node] = []
        for made in self._graph.makers(node):
            value = self._graph.value(made.at)
            if value.op == "container" and depth < 4:
                for at in self._graph.made_from(made.at):
                    if at >= 0:
                        found.extend(self._flat(made._replace(at=at), depth + 1))
            elif value.op == "call":
                found.append(made)
        return found

    def last(self, node: Node, depth: int = 0) -> frozenset[str]:
        """Classes of the estimators that predict: the last step, or the estimator in a search."""
        found: set[str] = set()
        for maker in self.makers(node):
            name = self.class_of(maker)
            inner = self.parts(maker)
            if name in self.group("pipeline") and inner and depth < 4:
                found |= self.last(inner[-1], depth + 1)
            elif name in self.group("search") and inner and depth < 4:
                found |= self.last(inner[0], depth + 1)
            else:
                found.add(name or "?")
        return frozenset(found)
