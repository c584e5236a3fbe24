"""The commits of which a trend is told: the last ones, or those with a tag.

Knows git's commits; nothing of what is in them.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from mllint.gitread import GitError, Session, holding
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FORMAT = "%H%x1f%ct%x1f%s"


class Moment(NamedTuple):
    """A commit of a project's past."""

    commit: str
    day: str
    """ISO 8601, of UTC; "" where git has no sound date."""
    name: str
    """The tag, or the subject of the commit."""


def commits(root: Path, number: int) -> tuple[Moment, ...]:
    """The last commits of the branch that touch the root, the oldest first."""
    inside = f":(top,literal){_inside(root)}" if _inside(root) else ""
    words = ("log", f"--max-count={number}", "--first-parent", "--no-show-signature")
    lines = _lines(root, *words, f"--format={_FORMAT}", "HEAD", "--", *([inside] if inside else []))
    parts = (line.split("\x1f", 2) for line in lines)
    return tuple(reversed([Moment(commit, _day(time), name) for commit, time, name in parts]))


def tags(root: Path, number: int) -> tuple[Moment, ...]:
    """The last tags of commits, the oldest first."""
    fields = "%(objectname)%1f%(*objectname)%1f%(objecttype)%1f%(*objecttype)%1f"
    form = f"{fields}%(creatordate:unix)%1f%(refname:short)"
    lines = _lines(
        root,
        "for-each-ref",
        "--sort=-version:refname",
        f"--format={form}",
        "refs/tags",
    )
    found: list[tuple[int, Moment]] = []
    for line in lines:
        own, target, kind, target_kind, time, name = line.split("\x1f", 5)
        if "commit" in {kind, target_kind}:
            found.append((int(time or 0), Moment(target or own, _day(time), name)))
    found.sort(key=lambda one: -one[0])  # git itself gives up at a time that it cannot show
    return tuple(reversed([moment for _, moment in found[:number]]))


def _day(time: str) -> str:
    """The day of a Unix time; anybody may write any number into a commit, or none."""
    try:
        return datetime.fromtimestamp(int(time), timezone.utc).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _lines(root: Path, *words: str) -> Sequence[str]:
    repo = holding(os.path.realpath(root))
    if repo is None:
        raise UsageError(f"{root}: is not in a git repository, so it has no past")
    try:
        with Session(repo, repo.top) as session:
            if not session.state().commits:
                raise UsageError(f"{root}: the repository has no commit yet")
            out = session.run(*words)
    except GitError as error:
        raise UsageError(f"{root}: {error}") from None
    return [line for line in os.fsdecode(out).split("\n") if line]


def _inside(root: Path) -> str:
    """Where the root lies in its repository; "" at its top."""
    full = os.path.realpath(root)
    repo = holding(full)
    inside = os.path.relpath(full, repo.top).replace(os.sep, "/") if repo else "."
    return "" if inside == "." else inside
