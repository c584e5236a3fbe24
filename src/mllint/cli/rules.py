"""`mllint rules`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.completing import complete_categories
from mllint.cli.options import (
    color_option,
    project_options,
    settings_for,
    target,
)
from mllint.cli.output import colored, emit, emit_utf8, unicode_out, width
from mllint.cli.survey import surveyed
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.catalogue import Catalogue
    from mllint.reports import View
    from mllint.review import Report, Rule
    from mllint.settings import Settings


@click.command("rules")
@click.argument("path", required=False, type=click.Path())
@project_options
@click.option(
    "--category",
    metavar="NAME",
    shell_complete=complete_categories,
    help="Only the rules of this category.",
)
@click.option(
    "--applicable",
    is_flag=True,
    help="Only the rules that apply to the project at PATH; it is read for that.",
)
@click.option(
    "--practices",
    "by_practice",
    is_flag=True,
    help="The practices of the documents and the rules that look at them; with PATH, how the "
    "project there stands to each.",
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
def command(path: str | None, *, applicable: bool, by_practice: bool, **given: Any) -> None:
    """List the rules; with --profile only those that it expects."""
    from mllint.catalogue import load
    from mllint.score import expects

    root, _ = target([path] if path else [])
    flags = {"profile": given["profile"]}
    settings = settings_for(root, flags, given["config"], isolated=given["isolated"])
    loaded = load(() if settings.isolated else settings.rules, options=settings.options)
    rules: Mapping[str, Rule] = loaded.rules
    if given["category"]:
        rules = _of_category(rules, given["category"], loaded.categories)
    if given["profile"]:
        profile = next(p for p in PROFILES if p == given["profile"])
        rules = {name: r for name, r in rules.items() if expects(profile, r)}
    report = surveyed(root, settings) if applicable or (by_practice and path) else None
    if applicable and report:
        judged = {o.rule for o in report.outcomes if o.verdict != "not-applicable"}
        rules = {name: r for name, r in rules.items() if name in judged}
    if by_practice:
        _practices(loaded, rules, report if path else None, given)
    else:
        _rules(loaded, rules, settings, given)


def _rules(
    loaded: Catalogue, rules: Mapping[str, Rule], settings: Settings, given: Mapping[str, Any]
) -> None:
    from mllint.reports import catalogue

    if given["format_"] == "json":
        emit_utf8(catalogue.as_json(rules, loaded.categories))
    elif given["format_"] == "markdown":
        emit_utf8(catalogue.as_markdown(rules, loaded.categories))
    else:
        emit(catalogue.as_table(rules, loaded.categories, settings.profile, _view(given)))


def _practices(
    loaded: Catalogue, rules: Mapping[str, Rule], report: Report | None, given: Mapping[str, Any]
) -> None:
    """The practices that the rules look at; all of them where no rule was left out."""
    from mllint.attest import sayings
    from mllint.practices import load
    from mllint.reports import practices
    from mllint.standing import standings

    known = load(loaded)
    rows = [
        row
        for row in known.rows.values()
        if len(rules) == len(loaded.rules) or not rules.keys().isdisjoint(known.rules(row))
    ]
    stands = standings(known, report, sayings(report.attested)) if report else None
    if given["format_"] == "json":
        emit_utf8(practices.as_json(known, rows, loaded.documents, stands))
    elif given["format_"] == "markdown":
        emit_utf8(practices.as_markdown(known, rows, loaded.documents, stands))
    else:
        emit(practices.as_table(known, rows, loaded.documents, stands, _view(given)))


def _view(given: Mapping[str, Any]) -> View:
    from mllint.reports import View

    color = colored(given["color"], sys.stdout)
    return View(width=width(), color=color, unicode=unicode_out(sys.stdout))


def _of_category(
    rules: Mapping[str, Rule], name: str, categories: Mapping[str, object]
) -> dict[str, Rule]:
    if name not in categories:
        from mllint.config_schema import nearest

        raise click.UsageError(f"there is no category `{name}`{nearest(name, categories)}")
    return {rule_id: rule for rule_id, rule in rules.items() if rule.category == name}
