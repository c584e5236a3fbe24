"""Which files a command line is about: paths, a text on stdin, what is left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from mllint.cli.options import target
from mllint.review import UsageError

F = TypeVar("F", bound=Callable[..., Any])
STDIN = "-"


class Aim(NamedTuple):
    """What is looked at."""

    root: Path
    inside: tuple[str, ...]
    """Paths in the root (POSIX, relative) to which findings are limited; none = all."""
    over: Mapping[str, bytes]
    """Files that are taken to hold this."""

    @property
    def of_files(self) -> bool:
        """Whether single files were named."""
        return bool(self.over) or any(not (self.root / path).is_dir() for path in self.inside)


def input_options(function: F) -> F:
    """The options that say which files are looked at."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_OPTIONS = (
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Do not look at these paths (gitignore syntax), unless they are named as PATHS.",
    ),
    click.option(
        "--force-exclude",
        is_flag=True,
        help="Leave out what is excluded or ignored even where it is named as PATHS.",
    ),
    click.option(
        "--no-respect-gitignore", is_flag=True, help="Look at files that git ignores, too."
    ),
    click.option(
        "--stdin-filename",
        metavar="PATH",
        help="Where the text that `-` reads from stdin stands in the current folder.",
    ),
    click.option(
        "--scope",
        type=click.Choice(["auto", "files", "repo", "all"]),
        default="auto",
        help="Findings with a place of their own, those about the repository, or both.",
    ),
)


def aimed(paths: Sequence[str], stdin_name: str | None) -> Aim:
    """What the paths of a command line come to; reads stdin where `-` asks for it."""
    if STDIN not in paths:
        if stdin_name is not None:
            raise UsageError("--stdin-filename names what `-` reads: `mllint check - ...`")
        return Aim(*target(paths), {})
    if len(paths) > 1:
        raise UsageError("`-` reads one file from stdin; other paths cannot stand beside it")
    if not stdin_name:
        raise UsageError("`-` needs --stdin-filename PATH: what a file is depends on its name")
    here = Path.cwd()
    full = here / stdin_name
    if ".." in full.parts or not full.is_relative_to(here) or full == here or full.is_dir():
        raise UsageError(f"--stdin-filename {stdin_name}: is no file in the current folder")
    name = full.relative_to(here).as_posix()
    return Aim(Path(), (name,), {name: sys.stdin.buffer.read()})
