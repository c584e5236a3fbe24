"""`mllint cache`: dir, info, clean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.output import emit, note

if TYPE_CHECKING:
    from collections.abc import Callable

_DIR = click.option(
    "--cache-dir",
    type=click.Path(file_okay=False),
    help="Where the cache is kept, if not in the user's cache folder.",
)


@click.group("cache", no_args_is_help=False)
def command() -> None:
    """Show or empty the cache: what mllint remembers of files that it has read."""


def _command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    return lambda function: command.command(name)(_DIR(function))


@_command("dir")
def show_dir(cache_dir: str | None) -> None:
    """Print the folder of the cache."""
    from mllint.cache import folder

    emit(f"{cache_dir or folder()}\n")


@_command("info")
def show_info(cache_dir: str | None) -> None:
    """Print how much the cache holds."""
    from mllint.cache import LIMIT, Cache, folder

    if not Path(cache_dir or folder()).is_dir():
        emit("the cache is empty\n")
        return
    cache = Cache(cache_dir)
    state = cache.state()
    cache.close()
    for notice in cache.notices:
        note(f"warning: {notice}")
    emit(
        f"{state.path}\n"
        f"{state.bytes / 1e6:.1f} MB of at most {LIMIT / 1e6:.0f} MB\n"
        f"{state.files:,} files of {state.trees:,} projects\n"
    )


@_command("clean")
def clean(cache_dir: str | None) -> None:
    """Remove the cache."""
    from mllint.cache import clean as remove

    emit(f"{remove(cache_dir) / 1e6:.1f} MB removed\n")
