"""Every call of git. Nothing that the audited repository configures is ever seen by git.

git runs in a directory of our own that borrows the repository's objects, refs and index, so that
the repository's `config` (fsmonitor, hooks, filters, pagers, includes, promisor remotes, work
tree, owner) is never read. Knows nothing of the files on disk.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Commit, Git, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 20.0
"""How long one call of git may take."""
_FORMAT = "%H%x1f%P%x1f%an%x1f%ae%x1f%ct%x1f%s"
_COMMITS = 500
"""Commits that are looked back upon."""
_LONGEST_TIME = 12
"""Digits of seconds; what is longer is no time."""
_SUBJECT = 200
"""Characters that are kept of a subject."""

UNTRACKED_SKIPPED = (
    ".venv/", "venv/", "node_modules/", "site-packages/", "__pycache__/", "__pypackages__/",
    ".tox/", ".nox/", ".eggs/", "*.egg-info/", ".mypy_cache/", ".ruff_cache/", ".pytest_cache/",
    ".hypothesis/", ".ipynb_checkpoints/", ".hg/", ".svn/",
)  # fmt: skip
"""What is never of the project unless git tracks it, in gitignore syntax."""

_CONFIG = f"""\
[core]
    repositoryformatversion = 1
    bare = false
    fsmonitor = false
    untrackedCache = false
    hooksPath = {os.devnull}
    excludesFile = {os.devnull}
    attributesFile = {os.devnull}
[extensions]
"""


class GitError(Exception):
    """git is missing, failed or took too long; the text says which."""


class Repository(NamedTuple):
    """Where a git repository keeps its things."""

    top: str
    """The work tree: the directory that holds `.git`; "" for a bare repository."""
    folder: str
    """Holds HEAD and the index."""
    common: str
    """Holds objects and refs; another folder than the above in a linked work tree."""


class Listed(NamedTuple):
    """A line of git's listing."""

    path: str
    """As the file system has it, relative to the folder that was listed."""
    tracked: bool
    sparse: bool
    """Whether it is left out of a sparse checkout (skip-worktree)."""
    mode: str
    """Octal file mode; "" for an untracked file."""
    blob: str


def small(path: str, limit: int = 4096) -> str:
    """The text of a small regular file; "" for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    try:
        import stat

        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.fsdecode(os.read(descriptor, limit)) if regular else ""
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def is_git_folder(path: str) -> bool:
    """Whether a folder is laid out as git's own: it has HEAD, objects and refs."""
    return (
        os.path.isfile(os.path.join(path, "HEAD"))
        and os.path.isdir(os.path.join(path, "objects"))
        and os.path.isdir(os.path.join(path, "refs"))
    )


def repository(top: str) -> Repository | None:
    """The repository whose work tree is this folder, if it is one."""
    dot = os.path.join(top, ".git")
    folder = dot
    if os.path.isfile(dot):
        link = small(dot)
        if not link.startswith("gitdir:"):
            return None
        folder = os.path.normpath(os.path.join(top, link[len("gitdir:") :].strip()))
    beside = small(os.path.join(folder, "commondir")).strip()
    common = os.path.normpath(os.path.join(folder, beside)) if beside else folder
    if is_git_folder(common) and os.path.isfile(os.path.join(folder, "HEAD")):
        return Repository(top, folder, common)
    return None


def enclosing(root: str) -> Repository | None:
    """The repository that a folder belongs to: its own, or else the nearest above it."""
    while True:
        found = repository(root)
        above = os.path.dirname(root)
        if found or above == root:
            return found
        root = above


def holding(root: str) -> Repository | None:
    """As `enclosing`, or the folder itself where it is a bare repository."""
    if is_git_folder(root) and not os.path.exists(os.path.join(root, ".git")):
        return Repository(root, root, root)
    return enclosing(root)


class Origin(NamedTuple):
    """Where a repository comes from and goes to, as its own files say."""

    remotes: tuple[str, ...]
    """Addresses."""
    branch: str
    """The one that work is merged into; "" where nothing says which."""


def origin(repo: Repository) -> Origin:
    """The remotes of a repository and its main branch."""
    config = small(os.path.join(repo.common, "config"), 65536)
    remotes = re.findall(r"(?m)^\s*url\s*=\s*\"?([^\s\"]+)", config)
    head = small(os.path.join(repo.common, "refs", "remotes", "origin", "HEAD"))
    name = head.strip().removeprefix("ref: refs/remotes/origin/")
    if not name or name == head.strip():
        name = small(os.path.join(repo.folder, "HEAD")).strip().removeprefix("ref: refs/heads/")
        name = name if name in {"main", "master"} else ""
    return Origin(tuple(remotes), name if re.fullmatch(r"[\w./-]+", name) else "")


def program() -> str:
    """Absolute path of git. Relative entries of PATH are passed over: they may lie in the tree."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.get_exec_path():
        path = os.path.join(folder, name)
        if os.path.isabs(path) and os.access(path, os.X_OK):
            return path
    raise GitError("git is not installed")


class Session:
    """One folder of our own from which git looks at a repository, or at a folder without one."""

    def __init__(self, repo: Repository | None, root: str) -> None:
        self._program = program()
        self._root = root
        self._repo = repo
        try:
            self._folder = TemporaryDirectory(prefix="mllint-")
        except OSError as error:
            raise GitError(f"git needs a temporary folder: {error}") from None
        self._environment = self._prepare(self._folder.name)

    def close(self) -> None:
        """Removes the folder."""
        self._folder.cleanup()

    def __enter__(self) -> Session:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepare(self, folder: str) -> dict[str, str]:
        repo = self._repo
        objects, index = os.path.join(folder, "objects"), os.path.join(folder, "index")
        sha256 = reftable = False
        head = "ref: refs/heads/none\n"
        if repo:
            objects, index = (
                os.path.join(repo.common, "objects"),
                os.path.join(repo.folder, "index"),
            )
            if os.path.lexists(index) and not os.path.isfile(index):
                index = os.path.join(folder, "index")  # git would wait for a FIFO
            config = small(os.path.join(repo.common, "config"), 65536)
            sha256 = bool(re.search(r"(?im)^\s*objectformat\s*=\s*\"?sha256", config))
            reftable = os.path.isdir(os.path.join(repo.common, "reftable"))
            head = small(os.path.join(repo.folder, "HEAD"))
            for name in ("refs", "packed-refs", "reftable", "shallow", *_shared(repo.folder)):
                home = repo.folder if name.startswith("sharedindex") else repo.common
                is_sound = os.path.isdir if name in {"refs", "reftable"} else os.path.isfile
                if is_sound(os.path.join(home, name)):
                    with suppress(OSError):
                        os.symlink(os.path.join(home, name), os.path.join(folder, name))
        for name in ("objects", "refs"):
            os.makedirs(os.path.join(folder, name), exist_ok=True)
        with open(os.path.join(folder, "HEAD"), "w", errors="surrogateescape") as file:
            file.write(head)
        with open(os.path.join(folder, "config"), "w") as file:
            file.write(_CONFIG)
            file.write("objectFormat = sha256\n" if sha256 else "")
            file.write("refStorage = reftable\n" if reftable else "")
        return _environment(folder, repo.top if repo else self._root, index, objects)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Starts a git command in the root with pipes on all three streams."""
        try:
            return subprocess.Popen(  # noqa: S603 - our words; paths follow options
                [self._program, "--no-pager", *words],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise GitError(f"git could not be started: {error}") from None

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """Standard output of a git command that succeeded."""
        return finish(self.start(*words), given)[0]

    def start_listing(self, *, ignored: bool = False) -> subprocess.Popen[bytes]:
        """Starts the listing that `listing` reads; `ignored` lists what git ignores, too."""
        words = ["ls-files", "-z", "-t", "--stage", "--cached", "--others"]
        if not ignored:
            words.append("--exclude-per-directory=.gitignore")
        if self._repo and not ignored:
            exclude = os.path.join(self._repo.common, "info", "exclude")
            if os.path.isfile(exclude):
                words.append(f"--exclude-from={exclude}")
        words += [f"--exclude={pattern}" for pattern in UNTRACKED_SKIPPED]
        return self.start(*words)

    def sizes(self, blobs: Sequence[str]) -> dict[str, int]:
        """Bytes of those objects that exist here."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        out = self.run("cat-file", "--batch-check=%(objectname) %(objectsize)", given=asked)
        pairs = (line.split() for line in out.decode().splitlines())
        return {blob: int(size) for blob, size in pairs if size.isdigit()}

    def objects(self, blobs: Sequence[str], limit: int) -> dict[str, bytes]:
        """The bytes of those objects that exist here and are no larger than the limit."""
        fit = [blob for blob, size in self.sizes(blobs).items() if size <= limit]
        out = self.run("cat-file", "--batch", given="".join(f"{b}\n" for b in fit).encode())
        found, at = {}, 0
        for blob in fit:
            end = out.index(b"\n", at)
            at = end + 2 + int(out[at:end].split()[2])
            found[blob] = out[end + 1 : at - 1]
        return found

    def state(self, rev: str = "HEAD") -> Git:
        """What the repository's refs and that commit, the last by default, say."""
        commit = self.start("cat-file", "--batch")
        tags = self.start("for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
        try:
            header, _, body = finish(commit, f"{rev}\n".encode())[0].partition(b"\n")
        finally:
            names = os.fsdecode(finish(tags)[0])
        head, kind, *_ = [*os.fsdecode(header).split(" "), ""]
        found = re.search(rb"(?m)^committer .*> (\d{1,11}) [-+]\d+$", body.partition(b"\n\n")[0])
        shallow = self._repo is not None and bool(small(os.path.join(self._repo.common, "shallow")))
        commits = kind == "commit"
        return Git(
            Place(""),
            commits,
            shallow,
            head if commits else "",
            tuple(shown(names).splitlines()),
            int(found[1]) if found else 0,
            False,
        )


def history(repo: Repository, rev: str, folder: str = "") -> tuple[Commit, ...]:
    """The last commits up to that one, the newest first; none where git cannot say them.

    `folder`, relative to the work tree, leaves out what did not change anything in it.
    """
    words = (f"--max-count={_COMMITS}", "--parents", "--no-show-signature", "--no-mailmap")
    within = (f":(top,literal){folder}",) if folder else ()
    try:
        with Session(repo, repo.top or repo.folder) as session:
            out = session.run("log", *words, f"--format={_FORMAT}", rev, "--", *within)
    except GitError:
        return ()
    found: list[Commit] = []
    following = ""
    for line in shown(os.fsdecode(out)).split("\n"):
        own, above, name, email, when, subject = [*line.split("\x1f", 5), *[""] * 6][:6]
        if when.isascii() and when.isdecimal() and len(when) < _LONGEST_TIME:
            parents = above.split()
            main = not found or own == following
            following = next(iter(parents), "") if main else following
            found.append(Commit(name, email, int(when), len(parents), main, subject[:_SUBJECT]))
    return tuple(found)


def _shared(folder: str) -> list[str]:
    with suppress(OSError):
        return [name for name in os.listdir(folder) if name.startswith("sharedindex.")]
    return []


def _environment(folder: str, top: str, index: str, objects: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "LC_ALL": "C",
        "HOME": folder,
        "XDG_CONFIG_HOME": folder,
        "GIT_DIR": folder,
        "GIT_WORK_TREE": top,
        "GIT_INDEX_FILE": index,
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def finish(process: subprocess.Popen[bytes], given: bytes = b"") -> tuple[bytes, str]:
    """Standard output and error of a command of `Session.start`, which must succeed in time."""
    try:
        out, err = process.communicate(given, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise GitError(f"git took more than {SECONDS:.0f} s") from None
    if process.returncode:
        reason = os.fsdecode(err).strip().splitlines() or [f"exit code {process.returncode}"]
        raise GitError(shown(reason[-1]))
    return out, os.fsdecode(err)


def listing(out: bytes, warnings: str, top: str) -> tuple[list[Listed], list[str]]:
    """What `Session.start_listing` printed, and absolute paths of folders that stayed closed.

    A path in conflict is named once. A repository within ends with a slash.
    """
    lines: dict[str, Listed] = {}
    for line in os.fsdecode(out).split("\0"):
        if line.startswith("? "):
            lines[line[2:]] = Listed(line[2:], False, False, "", "")
        elif line:
            meta, _, path = line.partition("\t")
            tag, mode, blob, _ = meta.split(" ")
            lines[path] = Listed(path, True, tag == "S", mode, blob)
    closed = re.findall(r"(?m)^warning: could not open directory '(.*?)/?': ", warnings)
    return list(lines.values()), [os.path.join(top, path) for path in closed]


def shown(path: str) -> str:
    r"""A name that need not be UTF-8, as valid Unicode: its odd bytes become `\xe9`."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
