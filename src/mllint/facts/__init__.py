"""What a repository says: places, rows and the project that holds them.

Pure data. Knows nothing of files, syntax trees, rules or scores; imports nothing of ours. A row is
a frozen tuple of plain values whose first field is its place, so that facts survive JSON. Modules
here do without `from __future__ import annotations`: types of rows are looked at, and texts of
types would each be compiled first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mllint.facts.code import (
    Arg,
    Assign,
    Body,
    Call,
    Comment,
    Compare,
    Define,
    Export,
    Extent,
    Function,
    Import,
    Literal,
    Module,
    Value,
)
from mllint.facts.files import Commit, File, Git, Header, Remote, Tracked
from mllint.facts.places import Cell, Const, Place
from mllint.facts.prose import Fence, Heading, Link, Notebook, Prose
from mllint.facts.runs import Ci, Docker, Hook, Image, Manifest, Stage, Step, Target, Tool
from mllint.facts.settings import Dependency, Library, Manager, Python, Setting

__all__ = [
    "ROWS",
    "Arg",
    "Assign",
    "Body",
    "Call",
    "Cell",
    "Ci",
    "Comment",
    "Commit",
    "Compare",
    "Const",
    "Define",
    "Dependency",
    "Docker",
    "Export",
    "Extent",
    "Facts",
    "Fence",
    "File",
    "Function",
    "Git",
    "Header",
    "Heading",
    "Hook",
    "Ignore",
    "Image",
    "Import",
    "Known",
    "Library",
    "Link",
    "Literal",
    "Manager",
    "Manifest",
    "Module",
    "Notebook",
    "Place",
    "Problem",
    "Prose",
    "Python",
    "Remote",
    "Setting",
    "Stage",
    "Step",
    "Target",
    "Tool",
    "Tracked",
    "Value",
]  # fmt: skip

ROWS: Mapping[str, type[Any]] = {
    "file": File,
    "setting": Setting,
    "dependency": Dependency,
    "manager": Manager,
    "python": Python,
    "ci": Ci,
    "target": Target,
    "hook": Hook,
    "step": Step,
    "docker": Docker,
    "image": Image,
    "manifest": Manifest,
    "stage": Stage,
    "pointer": Tracked,
    "remote": Remote,
    "notebook": Notebook,
    "heading": Heading,
    "link": Link,
    "fence": Fence,
    "prose": Prose,
    "header": Header,
    "git": Git,
    "module": Module,
    "extent": Extent,
    "export": Export,
    "import": Import,
    "call": Call,
    "assign": Assign,
    "compare": Compare,
    "define": Define,
    "body": Body,
    "literal": Literal,
    "comment": Comment,
    "tool": Tool,
}
"""Every table, by the name that rules use."""


class Ignore(NamedTuple):
    """A suppression comment."""

    at: Place
    rules: tuple[str, ...]
    scope: str
    """line, statement, cell, file, or misplaced (meant for the file, but below its first lines)."""
    first: int
    last: int
    """1-based lines that it covers, inclusive; 0, 0 for the file."""
    kind: str
    until: str
    issue: str
    reason: str
    word: str = "ignore"
    """How it is written: ignore, file-ignore, noqa, metadata."""


class Problem(NamedTuple):
    """Something in the repository that could not be read."""

    path: str
    kind: str
    """too-large, encoding, syntax, nesting, crashed, timeout, unreadable, special, outside or
    invalid."""
    text: str
    line: int = 0
    cell: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What one file says. A pure function of its bytes and path, so that it can be cached."""

    rows: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    values: Sequence[Value] = ()
    functions: Sequence[Function] = ()
    ignores: Sequence[Ignore] = ()
    problems: Sequence[Problem] = ()


class Known(NamedTuple):
    """What the catalogue asks of Python code; part of the cache key."""

    roots: frozenset[str]
    """Import roots whose calls are kept even where they are of the standard library."""
    methods: frozenset[str]
    """Method names that are kept on objects of unknown origin: backward, zero_grad, fit ..."""
    names: frozenset[str] = frozenset()
    """Origin paths that are called: they tell which of several `from m import *` brings a name."""
