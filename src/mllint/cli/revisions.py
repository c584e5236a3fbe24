"""Reports on git revisions, each under the configuration that it had itself.

The configuration of a revision is written to a temporary folder, TOML files alone; the files of
the project are read from git's objects and never written.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mllint.cli.options import settings_for
from mllint.cli.output import note
from mllint.reports.places import count
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.engine import Progress
    from mllint.review import Report
    from mllint.tree import Tree

F = TypeVar("F", bound=Callable[..., Any])
LARGEST = 10_000_000
"""Bytes of a file that may be configuration or a baseline."""


def run_options(function: F) -> F:
    """The options of commands that look at several commits."""
    for option in reversed(
        (
            click.option(
                "-C",
                "--path",
                "root",
                default=".",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                help="The project, if not the current folder.",
            ),
            click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
            click.option(
                "--cache-dir",
                type=click.Path(file_okay=False, path_type=Path),
                help="Where the cache is kept.",
            ),
            click.option(
                "--no-progress",
                is_flag=True,
                envvar="MLLINT_NO_PROGRESS",
                help="Show no progress.",
            ),
        )
    ):
        function = option(function)
    return function


def report_of(root: Path, rev: str, given: Mapping[str, Any], progress: Progress) -> Report:
    """The report on a revision, or on the files as they are now where `rev` is ""."""
    if not rev:
        return judged(root, root, "", given, progress)
    with _configuration(root, rev) as folder:
        return judged(root, folder, rev, given, progress)


def judged(
    root: Path, folder: Path, rev: str, given: Mapping[str, Any], progress: Progress
) -> Report:
    """The report on a revision of the root, under the configuration of a folder."""
    from mllint.engine import run
    from mllint.since import MISSING

    flags = {"profile": given["profile"]}
    settings = settings_for(
        folder,
        flags,
        given["config"],
        isolated=given["isolated"],
        cache=not given["no_cache"],
        cache_dir=given["cache_dir"],
    )
    bare = replace(settings, baseline="")  # it hides no point and would only mark findings
    report = run(root, bare, progress=progress, hashed=False, rev=rev)
    if lacking := sum(MISSING in problem.text for problem in report.problems):
        told = count(lacking, "file")
        note(
            f"warning: this partial clone lacks {told} of {rev[:12]}, whose score may be off",
            "  hint: git fetch --refetch --no-filter origin",
        )
    return report


@contextmanager
def _configuration(root: Path, rev: str) -> Iterator[Path]:
    """A folder that stands for the root, with the TOML files of a revision's repository."""
    from mllint.tree import Tree, TreeError

    try:
        own = Tree.at(str(root), rev)
        top = root.resolve()
        for _ in PurePosixPath(own.inside).parts:
            top = top.parent
        tree = Tree.at(str(top), rev) if own.inside else own
    except TreeError as error:
        raise UsageError(str(error)) from error
    with TemporaryDirectory(prefix="mllint-") as name:
        home = Path(name)
        (home / ".git").mkdir()  # configuration is looked for up to here
        write_own(tree, home)
        folder = home / own.inside
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def write_own(tree: Tree, home: Path, also: str = "") -> None:
    """Write the TOML files of a tree, and the file called `also`, below a folder of ours.

    A tree object may hold names that no work tree can, such as absolute ones: those are left out.
    """
    from mllint.tree import Unreadable

    for path, entry in tree.entries.items():
        parts = set(path.split("/"))
        plain = path.isprintable() and parts.isdisjoint({"", ".", "..", ".git"})
        wanted = path == also or path.endswith(".toml")
        if not plain or not wanted or entry.kind != "file" or entry.size > LARGEST:
            continue
        with suppress(Unreadable, OSError):
            data = tree.read(path)
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(data)
