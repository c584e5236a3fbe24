"""From what the walk met to the rows and values that are worth keeping.

A call to something that no rule can ask about is dropped here, and with it whatever only it was
made from.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from mllint.facts import Arg, Assign, Call, Function, Value
from mllint.readers.python.graph import pruned
from mllint.readers.python.names import root_of
from mllint.readers.python.resolve import Resolver
from mllint.readers.python.state import BUILTINS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mllint.facts import Known
    from mllint.readers.python.graph import Node
    from mllint.readers.python.scope import Given, Site
    from mllint.readers.python.state import Walk

_STANDARD = frozenset({"open", "print", "eval", "exec", "compile", "__import__", "sorted", "set",
                       "input", "hash", "id", "breakpoint", "pdb.set_trace", "sys.path.append",
                       "sys.path.insert", "os.chdir", "os.system", "os.popen", "subprocess.run",
                       "subprocess.call", "subprocess.Popen", "subprocess.check_output",
                       "subprocess.check_call", "subprocess.getoutput",
                       "subprocess.getstatusoutput", "warnings.filterwarnings",
                       "warnings.simplefilter", "functools.partial"})  # fmt: skip
"""Functions of Python itself that rules may ask about, beside the roots that are kept whole."""

_LOSS = re.compile(r"(?i)\?(?:crit|criterion|loss|loss_?fn|loss_?func|loss_?function)$")
"""Losses that a function is handed to call."""
_SILENT = frozenset({"torch.no_grad()", "torch.inference_mode()"})

_VIEWS = 3
"""Views of one another that are looked through for the rows that they are of."""

_STDLIB = frozenset(sys.stdlib_module_names) | BUILTINS


class Kept:
    """Which calls and values of a file are kept."""

    def __init__(self, w: Walk, known: Known) -> None:
        self.w = w
        self.known = known
        self.resolve = Resolver(w.blueprints)

    def wants(self, name: str) -> bool:
        """Whether any rule may ask about a call of this name."""
        root = root_of(name)
        if root in self.known.roots or not root:
            return True
        if root[0] == "?":
            return "." in name and name.rpartition(".")[2] in self.known.methods
        if root in _STDLIB:
            return name in _STANDARD
        return True

    def chosen(self, sites: list[tuple[Site, str]]) -> list[tuple[Site, str]]:
        """The calls to keep, with their resolved names.

        An object of unknown origin counts when it is called itself (`model(x)`) where one of its
        methods does (`model.eval()`), where no gradients are recorded, or with a mode; and when its
        name is that of a loss.
        """
        wanted = [self.wants(name) for _, name in sites]
        objects = {
            name.rpartition(".")[0]
            for (_, name), keep in zip(sites, wanted, strict=True)
            if keep and name[0] == "?"
        }
        return [
            (site, name)
            for (site, name), keep in zip(sites, wanted, strict=True)
            if keep
            or name in objects
            or (name[0] == "?" and (_LOSS.match(name) or _runs_model(site)))
        ]

    def is_leaf(self, node: Node) -> bool:
        """Whether a value is a mere name of a library: arguments say it, the graph need not."""
        if node.op == "name":
            root = root_of(node.name)
            return not root or root in self.known.roots or root in _STDLIB
        return False


def _runs_model(site: Site) -> bool:
    """Whether a call is made without gradients, or is told the mode: `model(x, training=True)`."""
    return not _SILENT.isdisjoint(site.within) or any(key == "training" for key, _ in site.args)


def emitted(w: Walk, known: Known) -> tuple[list[Call], list[Assign], list[Value], list[Function]]:
    """Calls, assignments, values and summaries of a walked file."""
    kept = Kept(w, known)
    named = ((site, kept.resolve(site.name)) for site in w.sites)
    sites = kept.chosen(list(named))
    given = [one for one in w.given if _tells(one, kept)]
    roots: list[Node] = []
    for site, _ in sites:
        roots.append(site.result)
        roots.extend(value for _, value in site.args)
        if site.receiver is not None:
            roots.append(site.receiver)
    roots.extend(one.value for one in given if _is_named(one))
    functions = _summaries(w)
    for _, params, returns, attributes, _ in functions:
        if returns or attributes:
            roots.extend(node for _, node in params)
        roots.extend(returns)
        roots.extend(node for _, node in attributes)
    _tell(w, functions, kept.resolve)
    values, place = pruned(w.graph.nodes, roots, kept.is_leaf, kept.resolve)
    calls = [_call(site, name, place, kept) for site, name in sites]
    assigns = [_assign(one, place, kept) for one in given if _is_kept(one, place)]
    rows = [
        Function(
            name,
            tuple((key, place.get(node.index, -1)) for key, node in params),
            tuple(dict.fromkeys(place.get(node.index, -1) for node in returns)),
            tuple((key, place.get(node.index, -1)) for key, node in attributes),
            tuple(defaults),
        )
        for name, params, returns, attributes, defaults in functions
    ]
    return calls, assigns, values, rows


def _call(site: Site, name: str, place: dict[int, int], kept: Kept) -> Call:
    resolve = kept.resolve
    return Call(
        site.chunk.place(site.node),
        name,
        tuple(_arg(key, value, place, resolve) for key, value in site.args),
        site.scope,
        site.loops,
        tuple(resolve(name) for name in site.within),
        site.guard,
        place.get(site.result.index, -1),
        place.get(site.receiver.index, -1) if site.receiver is not None else -1,
        site.order,
        site.used,
        site.entered,
        site.shown,
    )


def _arg(key: str, value: Node, place: dict[int, int], resolve: Resolver) -> Arg:
    if value.known:
        return Arg(key, True, value.const, resolve(value.name), -1)
    known, const = resolve.constant(value.name)
    if known:
        return Arg(key, True, const, "", -1)
    return Arg(key, False, None, resolve(value.name) or "?", place.get(value.index, -1))


def _tells(one: Given, kept: Kept) -> bool:
    """Whether an assignment is worth a row."""
    if one.value.known:
        return True
    if _is_named(one):
        return True
    if _cuts(one.value):
        return True
    return one.value.op in {"call", "unpack", "item"} and kept.wants(kept.resolve(one.value.name))


def _is_named(one: Given) -> bool:
    """Whether the target alone says that somebody may ask: an attribute, an item, the best."""
    return "." in one.target or "[" in one.target or "best" in one.target.lower()


def _cuts(value: Node) -> bool:
    """Whether a value is some rows of a table, be it worked out: `X[:n]`, `X[:n].copy()`."""
    for _ in range(_VIEWS):
        if value.op == "item" and ":" in value.detail:
            return True
        if value.op not in {"call", "attr"} or not value.inputs or value.inputs[0] is None:
            return False
        value = value.inputs[0]
    return False


def _is_kept(one: Given, place: dict[int, int]) -> bool:
    """A bare name is told of for its constant or its value only."""
    return _is_named(one) or one.value.known or one.value.index in place


def _assign(one: Given, place: dict[int, int], kept: Kept) -> Assign:
    value = one.value
    return Assign(
        one.chunk.place(one.node),
        one.target,
        value.known,
        value.const if value.known else None,
        kept.resolve(value.name) or ("" if value.known else "?"),
        one.scope,
        one.loops,
        place.get(value.index, -1),
        one.guard,
    )


def _tell(w: Walk, functions: Sequence[Any], resolve: Resolver) -> None:
    """Say in the rows of definitions what functions return and what instances hold."""
    made: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
    for name, _, returns, attributes, _ in functions:
        names = {resolve(node.name) for node in returns if not node.known}
        only = names.pop() if len(names) == 1 else ""
        held = tuple((key, resolve(node.name) or "?") for key, node in attributes)
        if name and (held or only.lstrip("?")):
            made[name] = "" if only[:1] == "?" else only, held
    rows = w.rows.get("define", ())
    w.rows["define"] = [
        row._replace(makes=made[row.name][0], attributes=made[row.name][1])
        if row.name in made
        else row
        for row in rows
    ]


def _summaries(w: Walk) -> list[tuple[str, Any, list[Node], list[tuple[str, Node]], Any]]:
    functions: list[tuple[str, Any, list[Node], list[tuple[str, Node]], Any]] = []
    held = [
        (name, node)
        for name, node in w.module.env.items()
        if "." not in name and "[" not in name and not node.known and node.op != "name"
    ]
    functions.append(("", [], [], held, ()))
    functions.extend((s.name, s.params, s.returns, [], s.defaults) for s in w.summaries)
    for blueprint in w.blueprints.values():
        attributes = []
        for attr, nodes in blueprint.attributes.items():
            merged = w.graph.merge([node for node in nodes if not node.known], nodes[0].line)
            if merged is not None:
                attributes.append((attr, merged))
        taken = [(key, node) for key, node in blueprint.params if key in blueprint.given]
        functions.append((blueprint.name, [], [], [*attributes, *taken], ()))
        if taken:
            functions.append((f"{blueprint.name}.__init__", blueprint.params, [], [], ()))
    return functions
