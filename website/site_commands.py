"""The page of commands and their options, written from the command line itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from site_links import plain

from mllint.cli.app import CONTEXT, app

if TYPE_CHECKING:
    from collections.abc import Iterator


def page() -> str:
    """Every command with its usage, its help and its options."""
    lines = [
        "# Commands",
        "",
        "What `mllint COMMAND --help` says, of all commands. `mllint` alone is `mllint check .`.",
        "",
    ]
    for command, context in commands(app, click.Context(app, info_name="mllint", **CONTEXT)):
        lines += _section(command, context)
    return "\n".join(lines)


def commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """The commands of a group, those of its groups among them."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, info_name=name, parent=context, **CONTEXT)
            yield command, inner
            if isinstance(command, click.Group):
                yield from commands(command, inner)


def _section(command: click.Command, context: click.Context) -> list[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    lines = [f"## {context.command_path}", "", f"```text\n{usage}\n```", ""]
    for paragraph in (command.help or "").replace("\b", "").split("\n\n"):
        lines += [plain(" ".join(paragraph.split())), ""]
    rows = [_row(p, context) for p in command.params if isinstance(p, click.Option)]
    if rows:
        lines += ["| Option | Meaning | Default |", "|---|---|---|", *rows, ""]
    return lines


def _row(option: click.Option, context: click.Context) -> str:
    names = " ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if not option.is_flag and not option.count:
        metavar = option.make_metavar(context)
        names += f" {plain(metavar.replace('|', ', ') if metavar[:1] == '[' else metavar)}"
    says, _, said = (option.help or "").partition("[default: ")
    default = said.rstrip("]") or option.get_help_extra(context).get("default", "")
    return f"| {names} | {plain(says.strip())} | {plain(default)} |"
