"""`mllint completion`."""

from __future__ import annotations

import click

from mllint.cli.output import emit

_VARIABLE = "_MLLINT_COMPLETE"
_BASH = f"""\
_mllint_completion() {{
    local line="${{COMP_LINE:0:COMP_POINT}}" typed kept="" kind value
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    typed="${{words[${{#words[@]}} - 1]}}"
    # Only what follows the last of these is replaced by what is proposed.
    [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && kept="${{typed%"${{typed##*:}}"}}"
    [[ $COMP_WORDBREAKS == *=* && $typed == -*=* ]] && kept=""
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("${{value#"$kept"}}")
                [[ $value == *[=:] ]] && compopt -o nospace
                ;;
        esac
    done < <(COMP_WORDS="$line" COMP_CWORD=$((${{#words[@]}} - 1)) {_VARIABLE}=bash_complete "$1")
}}
complete -o nosort -F _mllint_completion mllint mlrepo-lint
"""
"""Unlike click's own, it takes a word with colons for one word."""

_MENDED = {
    "zsh": (
        (
            "compadd -U -V unsorted -a completions",
            'compadd -U -P "${(M)words[CURRENT]##-[^=]#=}" -V unsorted -a completions',
        ),
        ("local -a completions\n", "setopt localoptions extendedglob\n    local -a completions\n"),
    ),
    "fish": (
        ('string split ","', 'string split -m 1 ","'),
        (
            "echo $metadata[2]",
            "echo (commandline -ct | string replace -r -- '^(-[^=]*=)?.*' '$1')$metadata[2]",
        ),
    ),
}
"""What click's own scripts get wrong: the value behind `--option=`, and commas within a value."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    bash: eval "$(mllint completion bash)" in ~/.bashrc; zsh likewise in ~/.zshrc;
    fish: mllint completion fish > ~/.config/fish/completions/mllint.fish
    """
    from click.shell_completion import get_completion_class

    from mllint.cli.app import app

    if shell == "bash":
        emit(_BASH)
        return
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"there is no completion for {shell}")
    text = kind(app, {}, "mllint", _VARIABLE).source()
    for found, wanted in _MENDED[shell]:
        text = text.replace(found, wanted, 1)
    emit(f"{text}\n")
