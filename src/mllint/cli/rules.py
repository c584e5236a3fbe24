"""`mllint rules`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.options import (
    color_option,
    complete_selectors,
    project_options,
    settings_for,
    target,
)
from mllint.cli.output import colored, emit, emit_utf8, unicode_out, width
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.review import Rule


@click.command("rules")
@click.argument("path", default=".", type=click.Path())
@project_options
@click.option(
    "--category",
    metavar="NAME",
    shell_complete=complete_selectors,
    help="Only the rules of this category.",
)
@click.option(
    "--applicable",
    is_flag=True,
    help="Only the rules that apply to the project at PATH; it is read for that.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="What is printed.",
)
@color_option
def command(path: str, *, applicable: bool, **given: Any) -> None:
    """List the rules; with --profile only those that it expects."""
    from mllint.catalogue import load
    from mllint.reports import View, catalogue
    from mllint.score import expects

    root, _ = target([path])
    flags = {"profile": given["profile"]}
    settings = settings_for(root, flags, given["config"], isolated=given["isolated"])
    loaded = load(() if settings.isolated else settings.rules, options=settings.options)
    rules: Mapping[str, Rule] = loaded.rules
    if given["category"]:
        rules = _of_category(rules, given["category"], loaded.categories)
    if given["profile"]:
        profile = next(p for p in PROFILES if p == given["profile"])
        rules = {name: r for name, r in rules.items() if expects(profile, r)}
    if applicable:
        from mllint.engine import run

        report = run(root, settings)
        judged = {o.rule for o in report.outcomes if o.verdict != "not-applicable"}
        rules = {name: r for name, r in rules.items() if name in judged}
    if given["format_"] == "json":
        emit_utf8(catalogue.as_json(rules, loaded.categories))
    elif given["format_"] == "markdown":
        emit_utf8(catalogue.as_markdown(rules, loaded.categories))
    else:
        view = View(
            width=width(),
            color=colored(given["color"], sys.stdout),
            unicode=unicode_out(sys.stdout),
        )
        emit(catalogue.as_table(rules, loaded.categories, settings.profile, view))


def _of_category(
    rules: Mapping[str, Rule], name: str, categories: Mapping[str, object]
) -> dict[str, Rule]:
    if name not in categories:
        from mllint.config_schema import nearest

        raise click.UsageError(f"there is no category `{name}`{nearest(name, categories)}")
    return {rule_id: rule for rule_id, rule in rules.items() if rule.category == name}
