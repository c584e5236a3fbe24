"""What files there are and what they hold: a directory, a git revision, or a dict of texts.

With `directory` and `gitread`, its two sources, the only door to the disk and to git. Knows
nothing of file formats, facts' tables or rules.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mllint.facts import Commit, Git, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

LIMIT = 10_000_000
"""Bytes. Larger files are listed, never read."""


class TreeError(Exception):
    """There is nothing to audit at that path or revision; the text says how to mend it."""


class Unreadable(Exception):  # noqa: N818 - a state of the file, not a mistake
    """A listed file cannot be read. `kind` is one of `Problem.kind`."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class Entry(NamedTuple):
    """What is known of a file without reading it."""

    size: int
    """Bytes; of the object itself where `lfs` is True; -1 where git does not have it here."""
    tracked: bool | None = None
    """Whether git tracks it; None where there is no git."""
    kind: str = "file"
    """file; link (symbolic, never followed); absent (tracked, left out of a sparse checkout)."""
    stamp: str = ""
    """Changes whenever the content may have changed; "" where nothing vouches for that."""
    blob: str = ""
    """Id of the object that git stores for it, or ""."""
    lfs: bool | None = None
    """Whether git stores a Git LFS pointer for it; None where only the content can tell."""


FileSpec: TypeAlias = "str | bytes | Mapping[str, Any]"
"""A text, bytes, or a table of `text` or `base64` or `size`, with `tracked` and `lfs`."""


@dataclass(frozen=True)
class Tree:
    """The files of a project. Paths are POSIX, relative to its root, and valid Unicode."""

    root: str
    """Absolute path of the directory (with `@` and the commit for a revision); "" in memory."""
    entries: Mapping[str, Entry]
    """By path, in sorted order."""
    fetch: Callable[[str], bytes]
    """The bytes of one listed path; raises `Unreadable`."""
    problems: tuple[Problem, ...] = ()
    """What was found and can never be read: special files, links that leave the root ..."""
    notices: tuple[str, ...] = ()
    """What the user should know of how the tree was listed."""
    git: Git | None = None
    """None where there is no git. `lfs` is not filled in: it takes a look at the files."""
    stored: Callable[[Sequence[str]], dict[str, bytes]] = lambda _: {}
    """For those of the given paths whose object in git is small (under 1 KB), its bytes."""
    home: str = ""
    """Stamps of trees of the same home can be compared; "" where there are none."""
    history: Callable[[], tuple[Commit, ...]] = tuple
    """The last commits, the newest first; none where there is no git."""
    inside: str = ""
    """Where the root lies in its git repository, POSIX; "" at its top or without one."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return tuple(self.entries)

    def entry(self, path: str) -> Entry:
        """What is known of a listed path; KeyError for any other."""
        return self.entries[path]

    def read(self, path: str) -> bytes:
        """The content of a listed file; raises `Unreadable`. Opens nothing but regular files."""
        entry = self.entries[path]
        if entry.kind == "link":
            raise Unreadable("unreadable", "a symbolic link")
        if entry.kind == "absent":
            raise Unreadable("unreadable", "not checked out (sparse checkout)")
        if entry.size > LIMIT and not entry.lfs:
            raise Unreadable("too-large", f"{entry.size / 1e6:.1f} MB; the limit is 10 MB")
        return self.fetch(path)

    def without(self, exclude: Iterable[str]) -> Tree:
        """The tree less what these patterns (in gitignore syntax, from the root) name."""
        patterns = tuple(exclude)
        if not patterns:
            return self
        from mllint.gitignore import matcher

        ignored = matcher(patterns)
        return replace(
            self,
            entries={p: e for p, e in self.entries.items() if not ignored(p)},
            problems=tuple(p for p in self.problems if not ignored(p.path)),
        )

    def over(self, texts: Mapping[str, bytes]) -> Tree:
        """The tree with these files as if they held that; those that it does not have, too."""
        if not texts:
            return self
        fetch = self.fetch

        def entry(path: str) -> Entry:
            known = self.entries.get(path, Entry(0, False if self.git else None))
            return known._replace(size=len(texts[path]), kind="file", stamp="", blob="", lfs=False)

        return replace(
            self,
            entries=dict(sorted({**self.entries, **{p: entry(p) for p in texts}}.items())),
            fetch=lambda path: texts[path] if path in texts else fetch(path),
        )

    def naming(self, paths: Iterable[str]) -> Tree:
        """The tree with those files of its directory that it leaves out; what is none is passed."""
        left = [path for path in paths if path not in self.entries]
        if not left or not self.root:
            return self
        from mllint.directory import contents

        return self.over(contents(self.root, left))

    @staticmethod
    def open(path: str, exclude: Iterable[str] = (), *, ignored: bool = False) -> Tree:
        """The tree of a directory, of a single file, or of the HEAD of a bare repository.

        `ignored` is whether it has what git ignores, too.
        """
        from mllint.directory import open_directory

        return open_directory(path, ignored=ignored).without(exclude)

    @staticmethod
    def at(repo: str, rev: str, exclude: Iterable[str] = ()) -> Tree:
        """The tree of a git revision, read from git's objects; limited to `repo` if a subfolder."""
        from mllint.revision import open_revision

        return open_revision(repo, rev).without(exclude)

    @staticmethod
    def of(
        files: Mapping[str, FileSpec], git: Git | None = None, history: Sequence[Commit] = ()
    ) -> Tree:
        """A tree in memory.

        It has git if `git` or a history is given, or if any file says whether it is tracked.
        """
        specs = {path: _spec(files[path]) for path in sorted(files)}
        tracked = any("tracked" in spec for spec in specs.values())
        if git is None and (tracked or history):
            git = Git(Place(""), True, False, "0" * 40, (), 0, False)
        default = True if git else None
        entries = {
            path: Entry(_size(spec), spec.get("tracked", default), lfs=spec.get("lfs"))
            for path, spec in specs.items()
        }

        def fetch(path: str) -> bytes:
            content = _content(specs[path])
            if content is None:
                raise Unreadable("unreadable", "only its size is given")
            return content

        return Tree("", entries, fetch, git=git, history=lambda: tuple(history))


def _spec(spec: FileSpec) -> Mapping[str, Any]:
    if isinstance(spec, (str, bytes)):
        return {"text": spec}
    unknown = set(spec) - {"text", "base64", "size", "tracked", "lfs"}
    if unknown:
        raise ValueError(f"unknown key of a file: {', '.join(sorted(unknown))}")
    return spec


def _content(spec: Mapping[str, Any]) -> bytes | None:
    if "base64" in spec:
        return b64decode(spec["base64"], validate=True)
    text = spec.get("text")
    if text is None:
        return None if "size" in spec else b""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _size(spec: Mapping[str, Any]) -> int:
    return int(spec["size"]) if "size" in spec else len(_content(spec) or b"")
