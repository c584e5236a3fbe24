"""A git revision as a `Tree`, read from git's objects; nothing is checked out."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple, cast
from weakref import finalize

from mllint.gitread import (
    SECONDS,
    GitError,
    Repository,
    Session,
    history,
    holding,
    shown,
)
from mllint.tree import Entry, Tree, TreeError, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from subprocess import Popen


class _Object(NamedTuple):
    path: str
    mode: str
    blob: str
    size: int


def open_revision(path: str, rev: str) -> Tree:
    """The tree of a revision, limited to the folder that `path` names within its repository."""
    root = os.path.realpath(path)
    repo = holding(root)
    if repo is None:
        raise TreeError(f"{shown(path)}: not in a git repository, so it has no revision {rev!r}")
    prefix = os.path.relpath(root, repo.top).replace(os.sep, "/")
    try:
        session = Session(repo, repo.top)
        try:
            return _tree(session, repo, rev, "" if prefix == "." else prefix)
        except BaseException:
            session.close()
            raise
    except GitError as error:
        raise TreeError(f"{shown(path)}: revision {rev!r} cannot be read: {error}") from None


def _tree(session: Session, repo: Repository, rev: str, prefix: str) -> Tree:
    if rev.startswith("-"):
        raise GitError("a revision does not start with a dash")
    if rev == "HEAD" and not (git := session.state()).commits:
        session.close()
        return Tree(f"{repo.top}@", {}, lambda _: b"", git=git)
    try:
        head = session.run("rev-parse", "--verify", rev + "^{commit}").decode().strip()
    except GitError:
        raise GitError("there is no such commit here; perhaps it has to be fetched") from None
    out = session.run("ls-tree", "-r", "-l", "-z", f"{head}:{prefix}")
    listed = [_object(line) for line in os.fsdecode(out).split("\0") if line]
    submodules = [found.path for found in listed if found.mode == "160000"]
    notices = (f"submodules are not read: {', '.join(submodules)}",) if submodules else ()
    entries = {o.path: _entry(o) for o in sorted(listed) if o.mode != "160000"}
    content = _Content(session)

    def fetch(path: str) -> bytes:
        return content.read(entries[path].blob)

    def stored(paths: Sequence[str]) -> dict[str, bytes]:
        return {path: fetch(path) for path in paths if entries[path].size < 1024}

    root = f"{os.path.join(repo.top, prefix)}@{head}"
    home = f"{repo.common}:{prefix}"
    return Tree(
        root, entries, fetch, (), notices, session.state(head), stored, home,
        lambda: history(repo, head, "" if prefix == "." else prefix), prefix,
    )  # fmt: skip


def _object(line: str) -> _Object:
    meta, _, path = line.partition("\t")
    mode, _, blob, size = meta.split()
    return _Object(shown(path), mode, blob, int(size) if size.isdigit() else -1)


def _entry(found: _Object) -> Entry:
    kind = "link" if found.mode == "120000" else "file"
    return Entry(found.size, True, kind, found.blob, found.blob)


class _Content:
    """A running `git cat-file`, started when the first file is read and ended with the tree."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._process: Popen[bytes] | None = None
        self._idle = finalize(self, session.close)

    def read(self, blob: str) -> bytes:
        """The bytes of an object; raises `Unreadable` where it is missing or git hangs."""
        process = self._process or self._start()
        asked, given = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        with suppress(BrokenPipeError):
            asked.write(f"{blob}\n".encode())
            asked.flush()
        if os.name != "nt" and not select.select([given], [], [], SECONDS)[0]:
            process.kill()
        header = given.readline().split()
        if len(header) != 3:
            raise Unreadable("unreadable", "git does not have its content here")
        return given.read(int(header[2]) + 1)[:-1]

    def _start(self) -> Popen[bytes]:
        self._process = process = self._session.start("cat-file", "--batch")
        self._idle.detach()
        finalize(self, _stop, process, self._session)
        return process


def _stop(process: Popen[bytes], session: Session) -> None:
    process.kill()
    process.communicate()
    session.close()
