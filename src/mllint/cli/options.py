"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from mllint.review import PROFILES, UsageError
from mllint.settings import OVERALL, Settings

F = TypeVar("F", bound=Callable[..., Any])


def project_options(function: F) -> F:
    """The options that say under which settings a project is looked at."""
    for option in reversed(
        (
            click.option(
                "--profile",
                type=click.Choice(PROFILES),
                help="What is expected of the project.  [default: internal]",
            ),
            click.option(
                "--config",
                metavar="FILE|KEY=VALUE",
                multiple=True,
                help="A configuration file, or one setting in TOML.",
            ),
            click.option(
                "--isolated",
                is_flag=True,
                help="Leave out the project's own settings, rules and ignore comments.",
            ),
        )
    ):
        function = option(function)
    return function


def color_option(function: F) -> F:
    """`--color`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="When to colour.",
    )(function)


def printed_option(function: F) -> F:
    """What is printed by commands that tell something: text, markdown or json."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "markdown", "json"]),
        default="text",
        show_default=True,
        help="What is printed.",
    )(function)


def links_option(function: F) -> F:
    """`--links`."""
    return click.option(
        "--links",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="When places are links that the terminal opens (OSC 8).",
    )(function)


def settings_for(
    root: Path, flags: Mapping[str, Any], config: Sequence[str], *, isolated: bool, **run: Any
) -> Settings:
    """The settings of a root; flags that were not given are None or empty."""
    from mllint.config import load

    given = {name: value for name, value in flags.items() if value not in (None, (), [], {})}
    return load(root, given, env=os.environ, config=config, isolated=isolated, **run)


def baseline_name(given: str | None, root: Path) -> str | None:
    """The path of `--baseline` as seen from the root; absolute where it lies outside."""
    if given is None:
        return None
    full, top = Path(given).absolute(), root.absolute()
    return full.relative_to(top).as_posix() if full.is_relative_to(top) else str(full)


def before_options(function: F) -> F:
    """The options about what was known before the run."""
    for option in reversed(
        (
            click.option(
                "--baseline",
                metavar="FILE",
                type=click.Path(dir_okay=False),
                help="The file of known findings.  [default: .mllint-baseline.json if it is there]",
            ),
            click.option("--no-baseline", is_flag=True, help="Leave the baseline out."),
            click.option(
                "--since",
                metavar="REF",
                help="Findings that were there where HEAD left REF fail nothing.",
            ),
            click.option(
                "--changed-lines",
                metavar="REF",
                help="Findings on no line changed since then fail nothing; quicker, and coarser.",
            ),
            click.option(
                "--no-regression",
                is_flag=True,
                help="Fail for a score lower than at --since, or in --against.",
            ),
            click.option(
                "--against",
                metavar="REPORT.json",
                type=click.Path(dir_okay=False, path_type=Path),
                help="The report with the score before.",
            ),
        )
    ):
        function = option(function)
    return function


def split(values: Sequence[str]) -> list[str]:
    """The items of a repeatable option that also takes several, separated by commas."""
    return [item.strip() for value in values for item in value.split(",") if item.strip()]


def least_scores(values: Sequence[str]) -> dict[str, float]:
    """`--min-score 70 --min-score splits=80` as a table."""
    found = {}
    for value in values:
        name, equals, number = value.rpartition("=")
        try:
            found[name if equals else OVERALL] = float(number)
        except ValueError:
            raise UsageError(f"--min-score {value}: wants a number, or CATEGORY=NUMBER") from None
    return found


def target(paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The root to look at, and the paths in it (POSIX, relative) to which findings are limited.

    A single folder is the root itself. Files, or several folders, belong to the current folder
    where they lie in it, else to the nearest folder that holds them all.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder does not exist any more") from None
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: there is no such file or folder")
    if not paths:
        return Path(), ()
    if len(paths) == 1 and Path(paths[0]).is_dir():
        return Path(paths[0]), ()
    full = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - links stay as they are
    root = here
    if not all(path.is_relative_to(here) for path in full):
        root = Path(os.path.commonpath([p if p.is_dir() else p.parent for p in full]))
    inside = tuple(dict.fromkeys(path.relative_to(root).as_posix() for path in full))
    return root, () if "." in inside else inside
