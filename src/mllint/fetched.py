"""A remote repository for an audit: one commit, fetched bare into a folder of our own.

Nothing is checked out, so no filter, hook, submodule or LFS object of it comes into play. This is
the only place where mllint lets a program open a connection, and only for an address that the user
typed.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from mllint.gitread import GitError, program, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECONDS = 600
_SCHEME = re.compile(r"(https?|ssh|git|file)://.+")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:(?!//).+")
_PROTOCOLS = "http:https:ssh:git:file"


class Remote(NamedTuple):
    """The address of a repository, and what of it is asked for."""

    url: str
    ref: str
    """Branch, tag or commit; HEAD for the default branch."""

    @property
    def name(self) -> str:
        """The last part of the address, without `.git`."""
        last = re.split(r"[/:]", self.url.rstrip("/"))[-1].removesuffix(".git")
        return re.sub(r"[^\w.-]", "-", last) or "repository"


def remote(text: str) -> Remote | None:
    """The address that a text is, `@REF` at its end taken off; None for what is a path."""
    if not (_SCHEME.fullmatch(text) or _SCP.fullmatch(text)):
        return None
    head, at, ref = text.rpartition("@")
    last = head.rpartition("/")[2]
    named = at and ref and "://" not in ref and (last or ":" in head) and ":" not in ref
    if named and _is_address(head):
        return Remote(head, ref)
    return Remote(text, "HEAD")


def _is_address(text: str) -> bool:
    """Whether a text names a repository, and is not merely the user before an `@`."""
    if _SCP.fullmatch(text):
        return True
    path = text.partition("://")[2]
    return bool(_SCHEME.fullmatch(text)) and "/" in path


def fetch(wanted: Remote, folder: Path) -> None:
    """Fetch one commit of a remote into a new bare repository; GitError says why it failed."""
    if wanted.ref.startswith("-"):
        raise GitError("a revision does not start with a dash")
    _git(folder, "init", "--quiet", "--bare", "--template=", ".")
    _git(
        folder,
        "-c", f"core.hooksPath={os.devnull}",
        "-c", "protocol.allow=user",
        "-c", "transfer.fsckObjects=false",
        "-c", "fetch.recurseSubmodules=false",
        "-c", "remote.origin.promisor=false",
        "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules",
        "--no-write-fetch-head", "--", wanted.url, f"+{wanted.ref}:refs/heads/audited",
    )  # fmt: skip
    _git(folder, "symbolic-ref", "HEAD", "refs/heads/audited")


def _git(folder: Path, *words: str) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our words; the address follows `--`
            [program(), *words],
            cwd=folder,
            env={**_environment(os.environ), "GIT_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"git took more than {SECONDS} s") from None
    except OSError as error:
        raise GitError(f"git could not be started: {error}") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise GitError(shown(said[-1]))


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """The user's own, for keys and proxies, less what would steer git into another repository."""
    kept = {name: value for name, value in given.items() if not name.startswith("GIT_")}
    for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_ASKPASS"):
        if name in given:
            kept[name] = given[name]
    return kept | {
        "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }
