"""The reference of the command line names every command and option, as they are."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mllint.cli.app import COMMANDS, CONTEXT, app

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs/command-line.md"
SOURCE = Path(__file__).parents[1] / "src/mllint"
MARK = "<!-- commands: "


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command, those of groups after their group."""
    context = click.Context(app, info_name="mllint", **CONTEXT)
    for name in COMMANDS:
        command = app.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner, sub in command.commands.items():
                yield f"{name} {inner}", sub


def section(name: str, command: click.Command) -> str:
    """A command in Markdown: how it is called, what it does, its options."""
    context = click.Context(command, info_name=f"mllint {name}", **CONTEXT)
    usage = " ".join([f"mllint {name}", *command.collect_usage_pieces(context)])
    lines = [f"### `{usage}`", "", re.sub(r"\s*\n\s*(?!\s)", " ", command.help or "").strip(), ""]
    rows = [
        f"| {', '.join(f'`{opt}`' for opt in [*option.opts, *option.secondary_opts])}"
        f"{value(option)} | {said(option)} |"
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]
    if rows:
        lines += ["| option | meaning |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def value(option: click.Option) -> str:
    """What stands behind an option."""
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice) and not option.metavar:
        return f" `{' '.join(map(str, option.type.choices))}`"
    return f" `{option.metavar or option.type.name.upper()}`".replace("|", "\\|")


def said(option: click.Option) -> str:
    """The help of an option, with its default."""
    default = f" Default: `{option.default}`." if option.show_default else ""
    text = (option.help or "").replace("|", "\\|").replace("  ", " ")
    return f"{text}{default}"


def test_the_page_has_every_command_and_option() -> None:
    head, mark, rest = PAGE.read_text("utf-8").partition(MARK)
    assert mark
    line, _, told = rest.partition("\n")
    expected = "\n" + "\n".join(section(name, command) for name, command in commands())
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(f"{head}{mark}{line}\n{expected}", "utf-8")
        told = expected
    assert told == expected


def test_the_page_names_every_variable_that_is_read() -> None:
    page = PAGE.read_text("utf-8")
    texts = [path.read_text("utf-8") for path in SOURCE.rglob("*.py")]
    named = {name for text in texts for name in re.findall(r'"(MLLINT_[A-Z_]+)"', text)}
    assert {name for name in named if f"`{name}`" not in page} == set()
    assert set(re.findall(r"`(MLLINT_[A-Z_]+)`", page)) <= named


def test_the_page_names_every_exit_code() -> None:
    codes = re.findall(r"(?m)^\| (\d+) \|", PAGE.read_text("utf-8"))
    assert codes == ["0", "1", "2", "3", "130"]
