"""Rows about files: what lies in the tree, what git has of it, what its data hold."""

from typing import NamedTuple

from mllint.facts.places import Place


class File(NamedTuple):
    """A file of the tree, from its name, its size and what git says of it."""

    at: Place
    size: int
    """Bytes. For a Git LFS pointer, the size of the object it points to; -1 where nothing tells.

    Checks see 1, or 0 where it is empty: bytes change with every edit, so `Project.size` is asked
    for them where they matter.
    """
    kind: str
    """code, notebook, data, model, image, media, archive, config, doc, binary, other."""
    tracked: bool | None
    """Whether git tracks it; None where there is no git."""
    lfs: bool | None
    """Whether the content is a Git LFS pointer; None where that could not be read."""
    ext: str
    """Lower-case last suffix with its dot, or ""."""
    link: bool
    """Whether it is a symbolic link."""


class Git(NamedTuple):
    """What git knows of the repository. There is no row where there is no git."""

    at: Place
    commits: bool
    """Whether there is any commit."""
    shallow: bool
    head: str
    tags: tuple[str, ...]
    last_commit: int
    """Seconds since 1970, UTC; 0 where unknown."""
    lfs: bool
    """Whether a .gitattributes of the tree routes any file through LFS."""


class Commit(NamedTuple):
    """One commit of the history. It is in no table: few ask who worked when."""

    name: str
    email: str
    when: int
    """Seconds since 1970, UTC."""
    parents: int
    main: bool
    """Whether the branch itself went through it, rather than a branch that was merged."""
    subject: str


class Tracked(NamedTuple):
    """A data pointer: an output in a .dvc file, or an entry of dvc.lock."""

    at: Place
    system: str
    path: str
    """Relative to the repository root."""
    hash: str
    size: int | None
    """Bytes."""


class Remote(NamedTuple):
    """A DVC remote."""

    at: Place
    name: str
    url: str
    default: bool


class Header(NamedTuple):
    """A column of a data file, by the name that the file's first line gives it."""

    at: Place
    name: str
    """At most 64 characters; never a value of the data."""
    index: int  # type: ignore[assignment]  # hides the method of a tuple, which no row needs
    """0-based position of the column."""
    format: str
    """csv or jsonl."""
