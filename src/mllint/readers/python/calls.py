"""What a call evaluates to, and the record of it that becomes a row."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mllint.readers.python import constants
from mllint.readers.python.constants import UNKNOWN
from mllint.readers.python.names import attribute, dotted, origin, root_of
from mllint.readers.python.scope import Scope, Site
from mllint.readers.python.targets import mutate

if TYPE_CHECKING:
    from mllint.readers.python.graph import Node
    from mllint.readers.python.state import Walk

MUTATORS = frozenset({
    "fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample", "fit_sample", "adapt",
    "fit_on_texts",
    "append", "appendleft", "extend", "insert", "add", "update", "setdefault", "push", "put",
    "load_state_dict", "load_weights", "add_module", "set_params",
})  # fmt: skip
"""Methods that change their object, so that its name means something else afterwards."""

SAME = frozenset({"to", "cuda", "cpu", "half", "double", "bfloat16", "requires_grad_", "float",
                  "set_params", "partial_fit"})  # fmt: skip
"""Methods that return their own object: what they give is still what made it."""

_TORCH = frozenset({"torch", "torchvision", "timm", "transformers", "segmentation_models_pytorch"})
_SAME_IN = {
    "eval": _TORCH,
    "train": _TORCH,
    "fit": frozenset({"sklearn", "imblearn", "xgboost", "lightgbm", "catboost", "skorch", "sktime",
                      "category_encoders", "feature_engine", "hdbscan", "umap", "sklearnex",
                      "cuml"}),
}  # fmt: skip
"""The same for methods that do so in some libraries only, by import root."""

_TRANSPARENT = frozenset({
    "tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.rich.tqdm", "rich.progress.track",
    "copy.copy", "copy.deepcopy", "sklearn.base.clone", "torch.compile", "torch.nn.DataParallel",
    "torch.nn.parallel.DataParallel", "torch.nn.parallel.DistributedDataParallel",
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
})  # fmt: skip
"""Functions that give back what they are given, or a wrapper that behaves like it."""


def call(w: Walk, node: ast.Call, *, used: bool = True) -> Node:
    """The result of a call."""
    func = node.func
    name, receiver = _callee(w, func)
    args = _arguments(w, node)
    if name in _SPECIAL and (made := _SPECIAL[name](w, node, args)) is not None:
        return made
    result = _result(w, node, name, receiver, args)
    w.order += 1
    scope = w.scope
    w.sites.append(
        Site(node, name, args, result, receiver, scope.name, scope.loops, scope.within,
             scope.guard, w.order, used, w.chunk)
    )  # fmt: skip
    if type(func) is ast.Attribute:
        if receiver is not None and (func.attr in MUTATORS or _in_place(args)):
            mutate(w, func.value, [value for _, value in args], func.attr, node.lineno)
        if func.attr.startswith("assert") or name == "pytest.raises":
            scope.asserts += 1
    return result


def _in_place(args: list[tuple[str, Node]]) -> bool:
    return any(key == "inplace" and value.known and value.const is True for key, value in args)


def _callee(w: Walk, func: ast.expr) -> tuple[str, Node | None]:
    """The origin path of what is called, and the object: whose method it is, or which is called."""
    if type(func) is not ast.Attribute:
        callee = w.value(func)
        return callee.name or "?", None if callee.op == "name" else callee
    base = w.value(func.value)
    path = dotted(func)
    stored = w.scope.env.get(path) if path else None
    if stored is None and _holds(w, base, func.attr):
        stored = w.value(func)
    elif stored is not None and stored.op == "attr" and stored.inputs[:1] == (base,):
        stored = stored if _holds(w, base, func.attr) else None
    if stored is not None:
        return stored.name or "?", None if stored.op == "name" else stored
    return f"{origin(base)}.{func.attr}", None if base.op == "name" else base


def _holds(w: Walk, base: Node, attr: str) -> bool:
    """Whether an attribute of an instance of this file is a value that was put there, no method."""
    if not base.name.startswith(".") or not base.name.endswith("()"):
        return False
    blueprint = w.blueprints.get(base.name[1:-2])
    return blueprint is not None and attr in blueprint.attributes and attr not in blueprint.methods


def _arguments(w: Walk, node: ast.Call) -> list[tuple[str, Node]]:
    args: list[tuple[str, Node]] = []
    sure = True
    for arg in node.args:
        value = w.value(arg)
        if type(arg) is ast.Starred:
            parts = value.parts
            if parts is not None and sure and set(parts) == set(range(len(parts))):
                first = len(args)
                args.extend((str(first + i), parts[i]) for i in range(len(parts)))
            else:
                sure = False
                args.append(("*", value))
        else:
            args.append((str(len(args)) if sure else "*", value))
    for keyword in node.keywords:
        key = keyword.arg
        if key is None:
            value = w.value(keyword.value)
            args.extend(_unpacked(w, value))
            continue
        w.target = key
        value = w.value(keyword.value)
        w.target = ""
        args.append((key, value))
    return args


def _unpacked(w: Walk, value: Node) -> list[tuple[str, Node]]:
    """The arguments that `**value` stands for."""
    if value.parts is not None and all(isinstance(key, str) for key in value.parts):
        return list(value.parts.items())
    if value.known and isinstance(value.const, dict):
        return [(key, w.graph.constant(v, value.line)) for key, v in value.const.items()]
    return [("**", value)]


def _result(
    w: Walk, node: ast.Call, name: str, receiver: Node | None, args: list[tuple[str, Node]]
) -> Node:
    inputs = (receiver, *(value for _, value in args))
    made = w.graph.add("call", _made(name, args), inputs, "", node.lineno)
    if all(value.known for _, value in args):
        const = constants.called(name, [(key, value.const) for key, value in args])
        if const is not UNKNOWN:
            made.known = True
            made.const = const
    if name == "dict" and all(not key.isdigit() and "*" not in key for key, _ in args):
        made.parts = dict(args)
    return made


def _made(name: str, args: list[tuple[str, Node]]) -> str:
    """The origin path of what a call returns."""
    head, _, method = name.rpartition(".")
    if head and (head[-1] in ")]" or head[0] == "?"):
        if method in SAME:
            return head
        if (roots := _SAME_IN.get(method)) and root_of(head) in roots:
            return head
    if name in _TRANSPARENT and args:
        return args[0][1].name or f"{name}()"
    return f"{name}()"


def _super(w: Walk, _node: ast.Call, _args: list[tuple[str, Node]]) -> Node | None:
    scope: Scope | None = w.scope
    while scope is not None and scope.blueprint is None:
        scope = scope.parent
    if scope is None or scope.blueprint is None or not scope.blueprint.bases:
        return None
    me = w.scope.env.get(scope.me)
    name = f"{scope.blueprint.bases[0]}()"
    return w.graph.add("attr", name, (me,) if me else (), "super", _node.lineno)


def _getattr(w: Walk, node: ast.Call, args: list[tuple[str, Node]]) -> Node | None:
    if len(args) < 2 or not args[1][1].known or not isinstance(args[1][1].const, str):
        return None
    found = attribute(w, args[0][1], args[1][1].const, node.lineno)
    if len(args) > 2:
        return w.graph.merge((found, args[2][1]), node.lineno)
    return found


_SPECIAL = {"super": _super, "getattr": _getattr}
