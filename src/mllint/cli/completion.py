"""`mllint completion`."""

from __future__ import annotations

import click

from mllint.cli.output import emit

_VARIABLE = "_MLLINT_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    bash: eval "$(mllint completion bash)" in ~/.bashrc; zsh likewise in ~/.zshrc;
    fish: mllint completion fish > ~/.config/fish/completions/mllint.fish
    """
    from click.shell_completion import get_completion_class

    from mllint.cli.app import app

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    emit(kind(app, {}, "mllint", _VARIABLE).source() + "\n")
