"""Where a branch began: the merge base with a reference, from git's objects alone.

Knows git's commits and what to say when one is not there. Fetches and checks out nothing.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from mllint.gitread import GitError, Session, enclosing
from mllint.review import UsageError
from mllint.tree import Tree, TreeError

if TYPE_CHECKING:
    from pathlib import Path

MISSING = "git does not have its content here"
"""What is said of a file that a partial clone lacks."""


class Start(NamedTuple):
    """The commit from which a branch went off."""

    commit: str
    name: str
    """For people: `merge base 1a2b3c4 with main`."""


def start_of(root: Path, ref: str, flag: str) -> Start:
    """The merge base of a reference and HEAD; UsageError with the command that mends it."""
    asked = f"{flag} {ref}"
    repo = enclosing(os.path.realpath(root))
    if repo is None:
        raise UsageError(f"{asked}: {root} is not in a git repository")
    try:
        with Session(repo, repo.top) as session:
            state = session.state()
            if not state.commits:
                raise UsageError(f"{asked}: the repository has no commit yet")
            commit = _commit(session, ref)
            if not commit:
                raise UsageError(_unknown(session, ref, asked, shallow=state.shallow))
            base = _merge_base(session, commit)
            if not base:
                raise UsageError(_unrelated(ref, asked, shallow=state.shallow))
    except GitError as error:
        raise UsageError(f"{asked}: {error}") from None
    return Start(base, f"merge base {base[:7]} with {ref}")


def tree_of(root: Path, start: Start, exclude: tuple[str, ...]) -> Tree:
    """The files of the root at that commit; none where the folder did not exist then."""
    try:
        return Tree.at(str(root), start.commit, exclude)
    except TreeError:
        if _folder_existed(root, start.commit):
            raise
        return Tree(f"{root}@{start.commit}", {}, lambda _: b"")


def refuse_gaps(tree: Tree, problems: list[str]) -> None:
    """Raise UsageError where git has the commit, but not what is in its files."""
    if any(MISSING in text for text in problems):
        raise UsageError(
            f"{tree.root}: this partial clone lacks the files of that commit\n"
            "  hint: git fetch --refetch --no-filter origin"
        )


def _commit(session: Session, ref: str) -> str:
    if ref.startswith("-"):
        return ""
    try:
        return session.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except GitError:
        return ""


def _merge_base(session: Session, commit: str) -> str:
    try:
        return session.run("merge-base", commit, "HEAD").decode().split("\n")[0].strip()
    except GitError:
        return ""


def _folder_existed(root: Path, commit: str) -> bool:
    top = os.path.realpath(root)
    repo = enclosing(top)
    if repo is None:
        return True
    inside = os.path.relpath(top, repo.top).replace(os.sep, "/")
    with Session(repo, repo.top) as session:
        try:
            session.run("rev-parse", "--verify", "--quiet", f"{commit}:{inside}")
        except GitError:
            return False
    return True


# --- what to say ---------------------------------------------------------------------------------


def _unknown(session: Session, ref: str, asked: str, *, shallow: bool) -> str:
    names = os.fsdecode(session.run("for-each-ref", "--format=%(refname:short)")).split()
    near = get_close_matches(ref, names, n=1, cutoff=0.75)
    meant = f"; did you mean `{near[0]}`?" if near else ""
    remote, slash, branch = ref.partition("/")
    remotes = {name.partition("/")[0] for name in names if "/" in name}
    fetch = "git fetch --unshallow" if shallow else "git fetch"
    flag = asked.split(maxsplit=1)[0]
    if any(mark in ref for mark in "~^@:"):
        command = f"{fetch} origin"
    elif slash and (remote in remotes or remote in {"origin", "upstream"}):
        command = f"{fetch} {remote} {branch}:refs/remotes/{remote}/{branch}"
    elif len(ref) >= 7 and not set(ref.lower()) - set("0123456789abcdef"):
        command = f"{fetch} origin {ref}"
    else:
        command = f"{fetch} origin {ref}:refs/remotes/origin/{ref}  (then: {flag} origin/{ref})"
    return _hinted(
        f"{asked}: there is no such commit in this clone{meant}", command, shallow=shallow
    )


def _unrelated(ref: str, asked: str, *, shallow: bool) -> str:
    if not shallow:
        return f"{asked}: HEAD and {ref} have no commit in common"
    text = f"{asked}: this shallow clone does not reach back to where HEAD left {ref}"
    return _hinted(text, "git fetch --unshallow origin", shallow=True)


def _hinted(text: str, command: str, *, shallow: bool) -> str:
    lines = [text, f"  hint: {command}"]
    if shallow:
        lines.append(
            "  hint: in GitHub Actions give actions/checkout `fetch-depth: 0`; "
            "in GitLab CI set GIT_DEPTH: 0"
        )
    return "\n".join(lines)
