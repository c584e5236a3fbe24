"""What names mean at one moment of the walk: scopes, branches and loops.

The one place of the reader where something changes in place. Knows nothing of syntax trees.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from mllint.readers.python.graph import Graph, Node


class Blueprint:
    """What is known of a class of this file."""

    def __init__(self, name: str, bases: tuple[str, ...]) -> None:
        self.name = name
        self.bases = bases
        """Origin paths."""
        self.attributes: dict[str, list[Node]] = {}
        self.methods: set[str] = set()
        self.fields: set[str] = set()
        """Attributes that its body assigns."""
        self.params: list[tuple[str, Node]] = []
        """What the `__init__` takes that is made of its annotated fields, the instance first."""
        self.given: set[str] = set()
        """Those of the fields that have no default."""
        self.filled = False
        """Whether instances may be given other fields: it is decorated, or has a foreign base."""


class Scope:
    """A module, class or function while it is being walked."""

    def __init__(self, kind: str, name: str, parent: Scope | None) -> None:
        self.kind = kind
        """module, class or function."""
        self.name = name
        """Qualified; "" for the module."""
        self.parent = parent
        self.env: dict[str, Node] = {}
        """Names, and dotted paths that were assigned to or read (`self.model`)."""
        self.trail: dict[str, Node | None] | None = None
        """What the current branch has overwritten."""
        self.paths: dict[str, set[str]] = {}
        """Dotted paths in `env`, by the name that they start from."""
        self.stores: Counter[str] = Counter()
        self.outer: frozenset[str] = frozenset()
        """Names that are declared global or nonlocal."""
        self.loops: tuple[int, ...] = ()
        self.within: tuple[str, ...] = ()
        self.guard = ""
        self.returns: list[Node] = []
        self.blueprint: Blueprint | None = None
        """The class whose body, or whose method, this is."""
        self.me = ""
        """Name of the parameter that stands for the instance, or ""."""
        self.asserts = 0
        self.branches = 0
        self.raises = 0
        self.guards = 0

    def bind(self, name: str, value: Node) -> None:
        """Give a name a value; what was known of its attributes is known no more."""
        for path in self.paths.get(name, ()):
            self.forget(path)
        self._set(name, value)

    def bind_path(self, path: str, value: Node) -> None:
        """Give a dotted path a value."""
        held = self.paths.setdefault(path.partition(".")[0], set())
        for longer in held:
            if longer.startswith(f"{path}."):
                self.forget(longer)
        held.add(path)
        self._set(path, value)

    def rebind(self, place: str, value: Node) -> None:
        """Give a name or a dotted path a value."""
        if "." in place:
            self.bind_path(place, value)
        else:
            self.bind(place, value)

    def _set(self, name: str, value: Node) -> None:
        trail = self.trail
        if trail is not None and name not in trail:
            trail[name] = self.env.get(name)
        self.env[name] = value

    def forget(self, name: str) -> None:
        """Unbind a name."""
        if name in self.env:
            if self.trail is not None and name not in self.trail:
                self.trail[name] = self.env[name]
            del self.env[name]

    def qualified(self, name: str) -> str:
        """The qualified name of what is defined here."""
        return f"{self.name}.{name}" if self.name else name


class Branch(NamedTuple):
    """The outcome of one arm of a fork."""

    ended: bool
    """Whether it returns or raises, so that nothing follows it."""
    changes: dict[str, Node | None]


class Fork:
    """Arms that start from one state and end in one."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.arms: list[Branch] = []
        self.outer: dict[str, Node | None] | None = None
        self.before: dict[str, Node | None] = {}

    def open(self) -> None:
        """Begin an arm."""
        self.outer = self.scope.trail
        self.scope.trail = {}

    def close(self, *, ended: bool) -> None:
        """End an arm and go back to the state before it."""
        scope = self.scope
        trail = scope.trail or {}
        env = scope.env
        self.arms.append(Branch(ended, {name: env.get(name) for name in trail}))
        for name, old in trail.items():
            self.before.setdefault(name, old)
            if old is None:
                env.pop(name, None)
            else:
                env[name] = old
        scope.trail = self.outer

    def join(self, graph: Graph, line: int) -> bool:
        """Go on from all arms that have not ended; True where every one has."""
        going = [arm.changes for arm in self.arms if not arm.ended]
        ended = not going
        if ended:  # what follows cannot be reached; any arm will do as its state
            going = [arm.changes for arm in self.arms]
        for name, old in self.before.items():
            value = graph.merge((changes.get(name, old) for changes in going), line, name)
            if value is None:
                self.scope.forget(name)
            else:
                self.scope.rebind(name, value)
        return ended


class Site(NamedTuple):
    """One call as the walk met it."""

    node: Any
    name: str
    args: list[tuple[str, Node]]
    result: Node
    receiver: Node | None
    scope: str
    loops: tuple[int, ...]
    within: tuple[str, ...]
    guard: str
    order: int
    used: bool
    chunk: Any
    entered: bool = False
    shown: bool = False


class Given(NamedTuple):
    """One assignment as the walk met it."""

    node: Any
    target: str
    value: Node
    scope: str
    loops: tuple[int, ...]
    chunk: Any
    guard: str
