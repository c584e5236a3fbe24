"""The command group: commands by name, each loaded when it is first asked for."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

import mllint

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "check": "Lint and score a project.",
    "audit": "Look at a project as a reviewer, whatever its own settings say.",
    "init": "Set mllint up for a project: settings, hook, CI job, baseline.",
    "explain": "Explain a rule, a category, a practice, a finding, a profile or the score.",
    "rules": "List the rules.",
    "checklist": "Fill in a published checklist for a project.",
    "suppress": "Write suppression comments, or remove those that hide nothing.",
    "baseline": "Keep the findings that are known already, so that only new ones fail.",
    "compare": "Tell what changed between two reports or two commits, and why the score did.",
    "trend": "Tell the score of the last commits or tags.",
    "render": "Write a JSON report in other formats, without running again.",
    "config": "Show, describe, check or migrate the configuration.",
    "cache": "Show or empty the cache.",
    "completion": "Print the completion script of a shell.",
}
"""Command -> what it does; each is `command` of the module of that name."""
CONTEXT: Mapping[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_GROUP_OPTIONS = frozenset({"-h", "--help", "--version", "-V"})


class Commands(click.Group):
    """The commands of `COMMANDS`, `check` being the one that is meant where none is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, its module imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return cast("click.Command", import_module(f"mllint.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, with `check` put before a path, an option of its or nothing at all."""
        # Its value is optional and follows `=`; what stands behind it is a path.
        args = ["--statistics=count" if word == "--statistics" else word for word in args]
        first = args[0] if args else ""
        if not ctx.resilient_parsing and first not in COMMANDS and _means_check(first):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; UsageError with the nearest name for an unknown."""
        name = args[0]
        if name not in COMMANDS and not ctx.resilient_parsing:
            near = get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(f"there is no command or path `{name}`{hint}", ctx)
        return super().resolve_command(ctx, args)


def _means_check(first: str) -> bool:
    if not first:
        return True
    if first.startswith("-"):
        return first not in _GROUP_OPTIONS
    return Path(first).exists()


@click.group(cls=Commands, context_settings=CONTEXT, invoke_without_command=True)
@click.version_option(mllint.__version__, "-V", "--version", message="mllint %(version)s")
def app() -> None:
    """A best-practices linter for machine-learning repositories, with a score.

    `mllint` alone is `mllint check .`, and `mllint PATH` is `mllint check PATH`.
    """
