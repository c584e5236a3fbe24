"""A directory as a `Tree`. With `gitread`, the only place that opens files of the audited project.

Opens nothing but regular files, follows no link, climbs above the root only to find `.git`.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.facts import Problem
from mllint.gitread import (
    UNTRACKED_SKIPPED,
    GitError,
    Listed,
    Repository,
    Session,
    enclosing,
    finish,
    history,
    is_git_folder,
    listing,
    shown,
    small,
)
from mllint.tree import LIMIT, Entry, Tree, TreeError, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mllint.facts import Commit, Git

_SMALL = 1024
"""Bytes. A Git LFS pointer is smaller."""

_NESTED = 100
"""How many repositories within a folder of no repository are listed by git, each by a call."""

_SPECIAL = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}


def open_directory(path: str, *, ignored: bool = False) -> Tree:
    """The tree of a directory, of one file, or of the HEAD of a bare repository.

    `ignored` is whether it has what git ignores, too.
    """
    if not os.path.exists(path):
        raise TreeError(f"{shown(path)}: there is no such file or folder")
    root = os.path.realpath(path)
    only = ""
    if not os.path.isdir(root):
        root, only = os.path.split(root)
    if is_git_folder(root) and not os.path.exists(os.path.join(root, ".git")):
        from mllint.revision import open_revision

        return open_revision(root, "HEAD")
    repo = enclosing(root)
    notices: list[str] = []
    problems: list[Problem] = []
    if repo is None and os.path.lexists(os.path.join(root, ".git")):
        notices.append("`.git` is no repository that git can read; it is ignored")
    git: Git | None = None
    try:
        listed, git = _by_git(repo, root, notices, problems, ignored=ignored)
    except GitError as error:
        listed = _by_hand(root, problems, ignored=ignored)
        notices.append(f"files are listed without git: {error}")
    if only:
        own = [line for line in listed if line.path == only]
        listed = own or [Listed(only, False, False, "", "")]
    tree = _look(root, listed, repo if git else None, git, problems, notices)
    inside = os.path.relpath(root, repo.top).replace(os.sep, "/") if repo and git else "."
    tree = replace(tree, inside="" if inside == "." else inside)
    return replace(tree, home="") if only else tree


def _by_git(
    repo: Repository | None,
    root: str,
    notices: list[str],
    problems: list[Problem],
    *,
    ignored: bool,
) -> tuple[list[Listed], Git | None]:
    """What git lists below the root; a folder of no repository is listed as git would add it."""
    with Session(repo, root) as session:
        running = session.start_listing(ignored=ignored)
        try:
            git = session.state() if repo else None
        finally:
            listed, closed = listing(*finish(running), repo.top if repo else root)
        if repo and repo.top != root and not listed:
            plain = _by_git(None, root, notices, problems, ignored=ignored)
            if plain[0]:  # the repository ignores all of it
                return plain
    nested = [line.path for line in listed if line.path.endswith("/")]
    files = [line for line in listed if not line.path.endswith("/")]
    if repo and nested:
        names = ", ".join(shown(path) for path in nested)
        notices.append(f"nested repositories are not read: {names}")
    elif nested:
        files += _nested(root, nested, closed, ignored=ignored)
    problems += [_closed(os.path.relpath(path, root)) for path in closed]
    return files, git


def _nested(root: str, folders: list[str], closed: list[str], *, ignored: bool) -> Iterator[Listed]:
    """The files of repositories that lie in a folder of no repository."""
    for count, folder in enumerate(folders):
        if count == _NESTED:
            raise GitError(f"it holds more than {_NESTED} repositories")
        top = os.path.join(root, folder)
        with Session(None, top) as session:
            listed, shut = listing(*finish(session.start_listing(ignored=ignored)), top)
        closed += shut
        for line in listed:
            inner = line._replace(path=folder + line.path)
            if inner.path.endswith("/"):
                folders.append(inner.path)
            else:
                yield inner


def _closed(path: str) -> Problem:
    return Problem(shown(path) or ".", "unreadable", "the folder cannot be opened")


def _by_hand(root: str, problems: list[Problem], *, ignored: bool) -> list[Listed]:
    from mllint.gitignore import walk

    rules = (lambda _: "") if ignored else (lambda path: small(path, LIMIT))
    found, closed = walk(root, UNTRACKED_SKIPPED, rules)
    problems += [_closed(path) for path in closed]
    return [Listed(path, False, False, "", "") for path in found]


def _look(
    root: str,
    listed: list[Listed],
    repo: Repository | None,
    git: Git | None,
    problems: list[Problem],
    notices: list[str],
) -> Tree:
    """The tree of the listed files as they are on disk now."""
    states = _states(root, listed, problems)
    sizes = _sizes(repo, root, [line.blob for line in listed if line.sparse])
    real: dict[str, str] = {}
    entries: dict[str, Entry] = {}
    for line in listed:
        state, path = states.get(line.path), shown(line.path)
        tracked = line.tracked if git else None
        if state is None:
            if line.sparse and line.mode != "160000":
                entries[path] = Entry(sizes.get(line.blob, -1), tracked, "absent", "", line.blob)
        elif stat.S_ISLNK(state.st_mode):
            entries[path] = Entry(state.st_size, tracked, "link", "", line.blob)
            problems += _astray(root, line.path)
        elif stat.S_ISREG(state.st_mode):
            entries[path] = Entry(state.st_size, tracked, "file", _stamp(state), line.blob)
            real[path] = os.path.join(root, line.path)
    submodules = [shown(line.path) for line in listed if line.mode == "160000"]
    if submodules:
        notices.append(f"submodules are not read: {', '.join(submodules)}")
    return Tree(
        root,
        dict(sorted(entries.items())),
        lambda path: read_regular(real[path]),
        tuple(sorted(set(problems))),
        tuple(notices),
        git,
        lambda paths: _stored(repo, root, {path: entries[path].blob for path in paths}),
        root,
        lambda: _history(repo, root, git),
    )


def _history(repo: Repository | None, root: str, git: Git | None) -> tuple[Commit, ...]:
    if repo is None or git is None or not git.commits:
        return ()
    return history(repo, git.head, "" if repo.top == root else os.path.relpath(root, repo.top))


def _states(root: str, listed: list[Listed], problems: list[Problem]) -> dict[str, os.stat_result]:
    """The state of each listed path that is there, found without following a link."""
    wanted: dict[str, set[str]] = {"": set()}
    for line in listed:
        folder, _, name = line.path.rpartition("/")
        wanted.setdefault(folder, set()).add(name)
        while folder:
            folder, _, name = folder.rpartition("/")
            wanted.setdefault(folder, set())
    states: dict[str, os.stat_result] = {}
    folders = {""}
    for folder in sorted(wanted):
        if folder not in folders:
            continue
        start, names = f"{folder}/" if folder else "", wanted[folder]
        try:
            with os.scandir(os.path.join(root, folder)) as found:
                for item in found:
                    if item.is_dir(follow_symlinks=False):
                        folders.add(start + item.name)
                    elif item.name in names:
                        states[start + item.name] = item.stat(follow_symlinks=False)
                    if not (item.is_symlink() or item.is_dir() or item.is_file()):
                        problems += _special(start + item.name, item)
        except OSError:
            problems.append(_closed(folder))
    return states


def _special(path: str, item: os.DirEntry[str]) -> list[Problem]:
    kind = _SPECIAL.get(stat.S_IFMT(item.stat(follow_symlinks=False).st_mode))
    return [Problem(shown(path), "special", f"{kind} is never opened")] if kind else []


def _stamp(state: os.stat_result) -> str:
    """Two seconds old at least, since a file may be written twice within one tick of its clock."""
    if time.time() - max(state.st_mtime, state.st_ctime) < 2:
        return ""
    return f"{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}:{state.st_ino}"


def _astray(root: str, path: str) -> list[Problem]:
    """The problem of a link that leaves the root or leads nowhere but to itself."""
    full = os.path.join(root, path)
    try:
        target = os.readlink(full)
        lexical = os.path.normpath(os.path.join(os.path.dirname(full), target))
        if _inside(root, lexical) and _inside(root, os.path.realpath(full)):
            os.stat(full)
            return []
    except OSError as error:
        if error.errno == errno.ELOOP:
            return [Problem(shown(path), "unreadable", "a symbolic link that leads to itself")]
        return []
    return [Problem(shown(path), "outside", f"a symbolic link to {shown(target)}")]


def _inside(root: str, path: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))


def contents(root: str, paths: Iterable[str]) -> dict[str, bytes]:
    """What those of the paths hold that are regular files; no folder on the way may be a link."""
    found = {}
    top = os.path.realpath(root)
    for path in paths:
        full = os.path.join(top, path)
        if os.path.realpath(os.path.dirname(full)) == os.path.dirname(full):
            with suppress(Unreadable):
                found[path] = read_regular(full)
    return found


def read_regular(path: str) -> bytes:
    """The content of a regular file of at most `LIMIT` bytes; raises `Unreadable`.

    What the path names may have changed since it was listed, so the file is checked once open.
    """
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise Unreadable("unreadable", error.strerror or "cannot be opened") from None
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("special", "not a regular file")
        chunks, left = [], LIMIT + 1
        while left and (chunk := os.read(descriptor, min(left, state.st_size + 1))):
            chunks.append(chunk)
            left -= len(chunk)
        if not left:
            raise Unreadable("too-large", "grew over 10 MB while it was read")
    except OSError as error:
        raise Unreadable("unreadable", error.strerror or "cannot be read") from None
    finally:
        os.close(descriptor)
    return b"".join(chunks)


def _sizes(repo: Repository | None, root: str, blobs: list[str]) -> dict[str, int]:
    if repo is None or not blobs:
        return {}
    with Session(repo, root) as session:
        return session.sizes(blobs)


def _stored(repo: Repository | None, root: str, blobs: dict[str, str]) -> dict[str, bytes]:
    named = {path: blob for path, blob in blobs.items() if blob}
    if repo is None or not named:
        return {}
    with Session(repo, root) as session:
        found = session.objects(sorted(set(named.values())), _SMALL)
    return {path: found[blob] for path, blob in named.items() if blob in found}
