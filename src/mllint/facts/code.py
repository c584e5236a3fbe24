"""Rows about code, and the values that flow in it."""

from typing import NamedTuple

from mllint.facts.places import Const, Place


class Module(NamedTuple):
    """A Python file or notebook as a whole."""

    at: Place
    name: str
    """Dotted, from the tree's root or from its source root: `pkg.train`."""
    code: bool
    """Whether it has any line of code."""
    main: bool
    """Whether it has an `if __name__ == "__main__"` block."""
    docstring: bool
    defines: int
    works: bool
    """Whether statements at module level do work (calls, loops), definitions and imports apart."""
    parsed: str
    """full, or none where it does not parse."""
    asserts: int = 0
    """`assert` and `raise` statements at its top level."""


class Extent(NamedTuple):
    """How much stands in a Python file or notebook: apart from `Module`, since any edit tells."""

    at: Place
    lines: int
    code_lines: int
    """Lines that hold more than space and comments."""
    outside: int
    """Lines of code that stand in no function or class."""
    statements: int
    """Statements at module level that do work, as in `Module.works`."""


class Export(NamedTuple):
    """The names that other modules can import from a Python file."""

    at: Place
    names: tuple[str, ...]


class Import(NamedTuple):
    """One imported name."""

    at: Place
    name: str
    """Dotted origin: `sklearn.model_selection.train_test_split`; relative ones made absolute."""
    alias: str
    """The name it is bound to."""
    root: str
    first_party: bool
    """Set by `link`: whether a file of the project provides it."""
    optional: bool
    """Inside `try ... except ImportError`, or only for type checking."""
    scope: str
    guard: str = ""
    """As in `Call.guard`."""


class Arg(NamedTuple):
    """One argument of a call."""

    key: str
    """"0", "1" ... or the keyword; "*" and "**" for unpacked ones."""
    known: bool
    """Whether `const` is the statically known value."""
    const: Const
    name: str
    """Origin path of the expression: `torch.float16`; "" for a constant, "?" if unknown."""
    value: int
    """Index of its value in the file's graph; -1 where it was not kept."""


class Call(NamedTuple):
    """One call."""

    at: Place
    name: str
    """Origin path of the callee: `sklearn.preprocessing.StandardScaler().fit_transform`."""
    args: tuple[Arg, ...]
    scope: str
    """Qualified name of the enclosing function or class; "" at module level."""
    loops: tuple[int, ...]
    """Ids of the enclosing loops within its function, outermost first; comprehensions too."""
    within: tuple[str, ...]
    """Origin paths of enclosing `with` items and decorators: `torch.no_grad()`."""
    guard: str
    """"" = always, or on the main one of several processes; optional = under an ImportError guard;
    main = under the `__main__` guard; flag = under any other `if`; type = under TYPE_CHECKING."""
    value: int
    """Index of its result in the graph; -1 where not kept."""
    receiver: int
    """Index of the object whose method is called; -1 for a plain function or where not kept."""
    order: int
    """Position in evaluation order within the file."""
    used: bool
    """Whether its result is used (not a bare expression statement)."""
    entered: bool = False
    """Whether it is an item of a `with` statement."""
    shown: bool = False
    """Whether it is the last line of a cell of a notebook or of a script with cells (`# %%`), whose
    result is shown, or of a `try`, where it is asked if it works."""


class Assign(NamedTuple):
    """An assignment of a constant or an origin to a name, attribute or item."""

    at: Place
    target: str
    """As written, its root resolved: `SEED`, `self.lr`, `torch.backends.cudnn.deterministic`,
    `os.environ[X]`."""
    known: bool
    const: Const
    name: str
    """Origin path of the value, as in `Arg.name`."""
    scope: str
    loops: tuple[int, ...]
    value: int
    guard: str = ""
    """As in `Call.guard`."""


class Compare(NamedTuple):
    """A comparison by `==` or `!=` with what is no number (NaN, NaT, NA); no others are kept."""

    at: Place
    left: str
    """Origin path of the left side, as in `Arg.name`."""
    right: str
    how: str
    """Eq or NotEq."""
    scope: str


class Define(NamedTuple):
    """A function, method or class."""

    at: Place
    name: str
    """Qualified within its file: `Net.forward`."""
    kind: str
    """function, method, class, lambda."""
    bases: tuple[str, ...]
    """Origin paths of the bases of a class."""
    decorators: tuple[str, ...]
    params: tuple[str, ...]
    annotated: bool
    stub: bool
    """Whether its body does nothing: pass, ..., a docstring, raise NotImplementedError."""
    asserts: int
    """`assert` statements, `self.assert*` and `pytest.raises` in it."""
    makes: str = ""
    """Origin path of what a function returns; "" where that is not one known thing."""
    attributes: tuple[tuple[str, str], ...] = ()
    """For a class: attribute and the origin path of what its methods assign to it."""
    raises: int = 0
    """`raise` statements in a function that name an error, NotImplementedError apart."""
    guards: int = 0
    """Those of its `assert` statements that only ask about its parameters."""
    annotations: tuple[str, ...] = ()
    """For a function: origin path of each parameter's annotation, in the order of `params`, without
    what stands in brackets: `dict`, `pydantic.EmailStr`; that within `Optional` and `Annotated`; ""
    where there is none. () where no parameter has one."""


class Body(NamedTuple):
    """What stands in a function, method or class: apart from `Define`, since any edit tells."""

    at: Place
    name: str
    """As in `Define`."""
    lines: int
    docstring: bool
    shape: str = ""
    """Hash of a function's body with names and constants taken out, for near-duplicates; ""
    where short."""
    branches: int = 0
    """`if`, `elif`, loops, `except` and `case` in a function, those inside other functions apart:
    its cyclomatic complexity but for the one way through."""


class Literal(NamedTuple):
    """A string constant that may matter: a path, a URL, a secret, a long prompt."""

    at: Place
    text: str
    """At most 512 characters."""
    kind: str
    """path, url, secret, sql, prompt."""
    target: str
    """Name or keyword it is given to, or ""."""


class Comment(NamedTuple):
    """A comment with a meaning for tools, or commented-out code."""

    at: Place
    kind: str
    """todo, noqa, type-ignore, nosec, code."""
    text: str


class Value(NamedTuple):
    """A node of the value graph: what one expression evaluates to."""

    op: str
    """call, param, const, name, attr, item, unpack, binary, compare, container, merge (branches),
    loop (value carried round a loop), mutate (object changed by a call or assignment), iter
    (element of an iterable), lambda, unknown."""
    name: str
    """Origin path, or "?..."."""
    inputs: tuple[int, ...]
    """Values it was made from. call: receiver first (or -1), then the arguments in order;
    container: the elements in order, -1 for a constant; mutate: the old object, then the values
    that went in; item: object, then key."""
    detail: str
    """attr: the attribute; item, unpack: constant key or position; binary, compare: operator;
    param: `scope:name`; mutate: method or `[]=`; const: repr."""
    line: int
    cell: int
    """Cell index in a notebook, else 0."""


class Function(NamedTuple):
    """The summary of a function, by which `link` follows values through it."""

    name: str
    """Qualified within its file; "" is the module itself."""
    params: tuple[tuple[str, int], ...]
    """Parameter name and the value that stands for it, in order; `*args` and `**kw` with stars."""
    returns: tuple[int, ...]
    """Values that it may return; a returned tuple is one container value."""
    attributes: tuple[tuple[str, int], ...]
    """For a class: attribute and the value that its methods assign to it; for the module: its
    variables."""
    defaults: tuple[tuple[str, Const], ...] = ()
    """Parameter and its constant default."""
