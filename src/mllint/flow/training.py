"""What code does in order, through the functions it calls: the steps of a training loop.

Knows calls, loops and functions; what a call means to PyTorch is said by `apis.toml`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mllint.graph import Node
from mllint.graph.same import SAME
from mllint.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.facts import Assign, Call
    from mllint.graph import Graph
    from mllint.project import Project

_DEPTH = 6
"""Functions within functions that are entered."""
_MOST = 3000
"""Calls that are looked at on one walk."""
_TRIED = 12
"""Values that are looked at for the name of an object."""
_ASIDE = frozenset({"test", "docs", "vendored", "generated", "template"})
"""Roles of files that nobody's results come from."""
_OPTIMIZER = re.compile(r"(?i)opt|adam|sgd|scaler|trainer_[dg]|solver")
_NOT_OPTIMIZER = re.compile(r"(?i)sched|lr_|_lr|warmup|env|profil|prof$|progress|pbar|logger|wandb")
_FORGETS = re.compile(r"(?i)(zero|clear|reset|none)\w*grad|grad\w*(zero|clear|reset|none)")
_TORCH = frozenset({"torch", "lightning", "pytorch_lightning", "accelerate", "torchvision"})
_RIVALS = frozenset({"paddle", "mxnet", "chainer", "caffe", "tensorflow", "keras", "jax",
                     "mindspore", "tinygrad", "jittor", "cntk", "dezero"})  # fmt: skip
_OWN: frozenset[str] = frozenset()
_RETURNED = SAME | {"module"}
_WRAPPERS = frozenset({
    "torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.compile",
    "torch.nn.parallel.DistributedDataParallel", "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
    "torch.distributed.fsdp.FullyShardedDataParallel",
})  # fmt: skip
_PREPARING = Names(("accelerate.*.prepare", "lightning.*Fabric*.setup", "lightning_fabric.*.setup"))
"""Methods that give back what they were given, in order, made ready."""
_WIDE = 60
"""Values that are looked at for what made an object."""
_NONE = Names(())


class Step(NamedTuple):
    """A call as it is met on a walk."""

    call: Call
    way: tuple[int, ...]
    """The calls that were entered on the way, outermost first."""
    loops: tuple[tuple[str, int], ...]
    """The loops around it, outermost first, as path and number; those on the way too."""


class Loop(NamedTuple):
    """A loop that works out gradients and changes weights by them, seen from the outside."""

    path: str
    scope: str
    number: int
    backward: Step
    update: Step


class Training:
    """The calls of one project in the order in which they run."""

    def __init__(self, project: Project, graph: Graph) -> None:
        self.project = project
        self.graph = graph
        self._learning: dict[tuple[str, str, int], bool] = {}
        self._objects: dict[Node, frozenset[Node]] = {}
        self._entered: dict[int, Sequence[tuple[str, str]]] = {}
        self._run: dict[tuple[str, str], Sequence[tuple[str, str]]] = {}
        self._assigned: dict[str, dict[str, list[Assign]]] = {}
        self._walks: dict[tuple[str, str, int], Sequence[Step]] = {}

    def counts(self, path: str) -> bool:
        """Whether a file takes part in the project's results."""
        return path not in self._aside

    @cached_property
    def _aside(self) -> frozenset[str]:
        return frozenset(path for path, role in self.project.roles.items() if role in _ASIDE)

    def group(self, name: str) -> Names:
        """A group of `apis.toml`; empty where there is none."""
        return self.project.groups.get(name, _NONE)

    @cached_property
    def scopes(self) -> Mapping[tuple[str, str], Sequence[Call]]:
        """Calls by path and enclosing function, in order of evaluation."""
        found: dict[tuple[str, str], list[Call]] = {}
        for call in self.project.rows("call"):
            found.setdefault((call.at.path, call.scope), []).append(call)
        for calls in found.values():
            calls.sort(key=lambda call: call.order)
        return found

    def assigned(self, path: str) -> Mapping[str, Sequence[Assign]]:
        """The assignments of a file by enclosing function."""
        rows = self.project.by_path[path].get("assign", ())
        if (found := self._assigned.get(path)) is None:
            found = self._assigned[path] = {}
            for row in rows:
                found.setdefault(row.scope, []).append(row)
        return found

    @cached_property
    def _functions(self) -> frozenset[tuple[str, str]]:
        rows = self.project.rows("define")
        return frozenset((row.at.path, row.name) for row in rows if row.kind != "class")

    @cached_property
    def torch_files(self) -> frozenset[str]:
        """Files whose `backward` and `step` are those of PyTorch."""
        roots: dict[str, set[str]] = {}
        for row in self.project.rows("import"):
            if not row.first_party:
                roots.setdefault(row.at.path, set()).add(row.root)
        if not any("torch" in found for found in roots.values()):
            return frozenset()
        paths = (row.at.path for row in self.project.rows("module"))
        return frozenset(
            p for p in paths if (found := roots.get(p, _OWN)) & _TORCH or not found & _RIVALS
        )

    def calls(self, group: str) -> Iterator[Call]:
        """The calls of the project's own PyTorch files that are in a group."""
        for call in self.project.calls(group):
            if self.counts(call.at.path) and call.at.path in self.torch_files:
                yield call

    def enters(self, call: Call) -> Sequence[tuple[str, str]]:
        """The first-party functions that a call runs: its callee, and functions it is handed."""
        if (found := self._entered.get(id(call))) is None:
            found = self._entered[id(call)] = list(self._enters(call))
        return found

    def _enters(self, call: Call) -> Iterator[tuple[str, str]]:
        path = call.at.path
        for name in (call.name, *(arg.name for arg in call.args)):
            if name[:1] not in {"", "?"}:
                yield from self._runs(path, name)
        if call.name.endswith("()"):
            at = self.graph.definition(path, f"{call.name}.__call__")
            if at is not None:
                yield at

    def _runs(self, path: str, name: str) -> Sequence[tuple[str, str]]:
        """The first-party functions that a name stands for: of a class, itself and its maker."""
        if (found := self._run.get((path, name))) is None:
            at = self.graph.definition(path, name)
            inner = ((at[0], at[1]), (at[0], f"{at[1]}.__init__")) if at is not None else ()
            found = [one for one in inner if one in self.scopes or one in self._functions]
            self._run[path, name] = found
        return found

    def walk(self, path: str, scope: str, loop: int = 0) -> Sequence[Step]:
        """Everything that a function, or one loop of it, does, in order."""
        key = (path, scope, loop)
        if (found := self._walks.get(key)) is None:
            found = list(self._walk(path, scope, loop, (), (), ((path, scope),), [_MOST]))
            self._walks[key] = found
        return found

    def _walk(
        self,
        path: str,
        scope: str,
        loop: int,
        way: tuple[int, ...],
        loops: tuple[tuple[str, int], ...],
        stack: tuple[tuple[str, str], ...],
        left: list[int],
    ) -> Iterator[Step]:
        for call in self.scopes.get((path, scope), ()):
            if loop and loop not in call.loops:
                continue
            left[0] -= 1
            if left[0] < 0:
                return
            around = (*loops, *((path, number) for number in call.loops))
            yield Step(call, way, around)
            if len(stack) > _DEPTH:
                continue
            at = self.graph.of(path, call.value)
            for inner in self.enters(call):
                if inner not in stack:
                    yield from self._walk(*inner, 0, (*way, at), around, (*stack, inner), left)

    def node(self, step: Step, value: int) -> Node | None:
        """A value of a call's file as it is seen on the walk; None where it was not kept."""
        at = self.graph.of(step.call.at.path, value)
        return Node(at, step.way) if at >= 0 else None

    def receiver(self, step: Step) -> Node | None:
        """The object whose method is called, or that is called."""
        return self.node(step, step.call.receiver)

    def objects(self, node: Node | None) -> frozenset[Node]:
        """What made an object, seen through methods and wrappers that give back what they got."""
        if node is None:
            return frozenset()
        if (found := self._objects.get(node)) is None:
            found = self._objects[node] = self._made(node)
        return found

    def _made(self, node: Node) -> frozenset[Node]:
        found: set[Node] = set()
        seen: set[Node] = set()
        stack = [node]
        while stack and len(seen) < _WIDE:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            for made in self.graph.makers(here):
                inner = self._wrapped(made.at)
                if inner >= 0:
                    stack.append(made._replace(at=inner))
                else:
                    found.add(self.graph.canonical(self.graph.framed(made)))
        return frozenset(found)

    def _wrapped(self, at: int) -> int:
        """The object that a call gives back as it was, or wrapped; -1 for any other value."""
        value = self.graph.value(at)
        if value.op == "unpack":
            base = self.graph.first(at)
            whole = self.graph.call(base) if base >= 0 else None
            prepared = whole is not None and whole.name in _PREPARING
            return self.graph.argument(base, value.detail) if prepared else -1
        call = self.graph.call(at)
        if call is None:
            return -1
        if call.name.rpartition(".")[2] in _RETURNED and self.graph.receiver(at) >= 0:
            return self.graph.receiver(at)
        wraps = call.name in _WRAPPERS or call.name in _PREPARING
        return self.graph.argument(at, "0", "module", "model") if wraps else -1

    def same(self, one: Node | None, other: Node | None) -> bool:
        """Whether two values are, or may be, one object."""
        if one is None or other is None:
            return False
        return one == other or bool(self.objects(one) & self.objects(other))

    def is_backward(self, call: Call) -> bool:
        """Whether a call works out the gradients of a loss."""
        if call.name not in self.group("backward") or call.at.path not in self.torch_files:
            return False
        if call.name.startswith("torch.distributed.autograd."):
            return False  # its gradients live in a context of their own
        return self.graph.definition(call.at.path, call.name) is None

    def is_update(self, call: Call) -> bool:
        """Whether a call has an optimizer change weights."""
        head, _, method = call.name.rpartition(".")
        if method != "step" or call.at.path not in self.torch_files:
            return False
        if "lr_scheduler" in head or self.is_schedule(head):
            return False
        if head.startswith(("torch.optim.", "torch.cuda.amp.", "torch.amp.")):
            return True
        last = self.called(call)
        return bool(_OPTIMIZER.search(last)) and not _NOT_OPTIMIZER.search(last)

    def called(self, call: Call) -> str:
        """What the object of a method call, or the object that is called, is named in the code."""
        stack = [self.graph.of(call.at.path, call.receiver)]
        for at in stack:  # grows
            if at < 0:
                continue
            value = self.graph.value(at)
            if value.op == "param":
                return value.detail.rpartition(":")[2]
            if names := self.graph.targets(at):
                return names[0].rpartition(".")[2]
            if value.op in {"merge", "loop", "mutate"} and len(stack) < _TRIED:
                stack.extend(self.graph.made_from(at))
            elif value.op == "attr" or (value.op == "item" and value.detail.isidentifier()):
                return value.detail
        name = call.name if call.name.endswith("()") else call.name.rpartition(".")[0]
        return re.split(r"[.()\[\]?]+", name.rstrip("()[]"))[-1]

    def is_schedule(self, head: str) -> bool:
        """Whether an origin path is that of a learning-rate schedule."""
        return head.endswith("()") and head[:-2] in self.group("schedule")

    def forgets(self, call: Call) -> bool:
        """Whether a call sets gradients to zero."""
        if call.name.endswith(".zero_"):
            return ".grad." in call.name or ".grad()" in call.name
        return call.name in self.group("zero_grad") or bool(
            _FORGETS.search(call.name.rpartition(".")[2])
        )

    def drops(self, path: str, scope: str, loop: int = 0) -> bool:
        """Whether a function, or one loop of it, sets a `grad` to None by hand."""
        return any(
            row.target.endswith(".grad") and (not loop or loop in row.loops)
            for row in self.assigned(path).get(scope, ())
        )

    @cached_property
    def loops(self) -> Sequence[Loop]:
        """The innermost loops that hold both a `backward` and a step of an optimizer."""
        found: dict[tuple[str, int], Loop] = {}
        for call in self.calls("backward"):
            if self.is_backward(call):
                for loop in self._around(call):
                    found.setdefault((loop.path, loop.number), loop)
        return list(found.values())

    @cached_property
    def callers(self) -> Mapping[tuple[str, str], Sequence[Call]]:
        """The calls that run a function, by its path and name."""
        found: dict[tuple[str, str], list[Call]] = {}
        for calls in self.scopes.values():
            for call in calls:
                for at in self.enters(call):
                    found.setdefault(at, []).append(call)
        return found

    def _around(self, backward: Call) -> Iterator[Loop]:
        """The innermost loop around a `backward` that also holds a step, for each way to it."""
        seen: set[tuple[str, str]] = set()
        stack = [backward]
        while stack:
            row = stack.pop()
            loop = self._held(row, backward) if row.loops else None
            at = (row.at.path, row.scope)
            if loop is not None:
                yield loop
            elif at not in seen:
                seen.add(at)
                stack.extend(self.callers.get(at, ()))

    def around(self, call: Call) -> Iterator[tuple[str, str, int]]:
        """The innermost loops around a call that also work out gradients: path, scope, number."""
        seen: set[tuple[str, str]] = set()
        stack = [call]
        while stack:
            row = stack.pop()
            path, scope = row.at.path, row.scope
            number = next((n for n in reversed(row.loops) if self._learns(path, scope, n)), 0)
            if number:
                yield path, scope, number
            elif (path, scope) not in seen:
                seen.add((path, scope))
                stack.extend(self.callers.get((path, scope), ()))

    def _learns(self, path: str, scope: str, loop: int) -> bool:
        key = (path, scope, loop)
        if key not in self._learning:
            steps = self.walk(*key)
            self._learning[key] = any(self.is_backward(step.call) for step in steps)
        return self._learning[key]

    def _held(self, row: Call, backward: Call) -> Loop | None:
        """The innermost loop around a call in which an optimizer steps."""
        for number in reversed(row.loops):
            steps = list(self.walk(row.at.path, row.scope, number))
            inner = next((s for s in steps if s.call is backward), None)
            if inner is None:
                continue
            for step in steps:
                if self.is_update(step.call) and inner.loops[: len(step.loops)] == step.loops:
                    return Loop(row.at.path, row.scope, number, inner, step)
        return None


def training_of(project: Project) -> Training | None:
    """The training of a project, worked out once; None where there is no Python code."""
    graph = project.graph
    if graph is None:
        return None
    found = graph.notes.get("training")
    if not isinstance(found, Training) or found.project is not project:
        found = graph.notes["training"] = Training(project, graph)
    return found
