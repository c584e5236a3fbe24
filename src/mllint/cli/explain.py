"""`mllint explain`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from mllint.cli.completing import complete_targets
from mllint.cli.options import color_option, printed_option, project_options, settings_for, target
from mllint.cli.output import colored, emit, emit_utf8, note, unicode_out, width
from mllint.review import PROFILES, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from mllint.catalogue import Catalogue
    from mllint.reports import View
    from mllint.reports.page import Page
    from mllint.review import Finding, Profile, Report, Rule
    from mllint.settings import Settings

_FINDING = re.compile(r"[0-9a-f]{16}(-[0-9]+)?")
_MARKS = (
    ".git", "mllint.toml", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt",
    "environment.yml", "Pipfile", "Dockerfile",
)  # fmt: skip
"""What makes a folder a project; explaining must not read a home folder through."""


class Asked(NamedTuple):
    """What is to be explained, and beside which project."""

    name: str
    format: str
    settings: Settings
    catalogue: Catalogue
    report: Report | None
    why_none: str
    view: View


@click.command("explain")
@click.argument("target_", metavar="TARGET", shell_complete=complete_targets)
@click.argument("path", required=False, type=click.Path())
@project_options
@printed_option
@color_option
def command(target_: str, path: str | None, **given: Any) -> None:
    """Explain TARGET, with what the project at PATH shows of it.

    TARGET is a rule, a category, a practice of a document (S0-DM-1), what practices come down to
    (split.seeded), an attestation (Q12), the id of a finding, `score`, `profile` or the name of
    one, or `traits`.
    """
    from mllint.catalogue import load
    from mllint.meta_rules import with_meta
    from mllint.reports import View

    root, _ = target([path] if path else [])
    flags = {"profile": given["profile"]}
    settings = settings_for(root, flags, given["config"], isolated=given["isolated"])
    own = () if settings.isolated else settings.rules
    catalogue = with_meta(load(own, options=settings.options, with_examples=True))
    kind = _kind(target_, catalogue)
    needed = kind in {"score", "finding", "traits"}
    report, why = _report(root, settings, needed=needed or path is not None)
    color = colored(given["color"], sys.stdout)
    view = View(width=width(), color=color, unicode=unicode_out(sys.stdout))
    asked = Asked(target_, given["format_"], settings, catalogue, report, why, view)
    _PRINTERS[kind](asked)


def _kind(name: str, catalogue: Catalogue) -> str:
    if name in {"score", "profile", "traits"}:
        return name
    if name in catalogue.rules:
        return "rule"
    if name in catalogue.categories:
        return "category"
    if name in PROFILES:
        return "profile"
    if _FINDING.fullmatch(name):
        return "finding"
    from mllint.cli.practices import kind_of
    from mllint.config_schema import nearest
    from mllint.practices import load

    practices = load(catalogue)
    if kind := kind_of(name, practices):
        return kind
    known = {
        *catalogue.rules, *catalogue.categories, *PROFILES, "score", "traits",
        *practices.rows, *practices.checks, *practices.attestations,
    }  # fmt: skip
    raise UsageError(
        f"there is nothing called `{name}` to explain{nearest(name, known)}\n"
        "  hint: mllint rules lists the rules"
    )


def _report(root: Path, settings: Settings, *, needed: bool) -> tuple[Report | None, str]:
    """The report of the project, or None and why there is none."""
    if not needed and not any((root / mark).exists() for mark in _MARKS):
        return None, "not looked at: there is no project in this folder (name one as PATH)"
    from mllint.cli.progress import Progress
    from mllint.engine import run

    try:
        with Progress(wanted=True) as progress:
            return run(root, settings, progress=progress), ""
    except UsageError as error:
        if needed:
            raise
        note(f"warning: {error}")
        return None, "not looked at: see the warning"


def _print_rule(asked: Asked) -> None:
    rule = asked.catalogue.rules[asked.name]
    if asked.format == "json":
        _json({"kind": "rule", "rule": _data(rule), "outcome": _outcome(rule, asked.report)})
    else:
        _page(asked, _rule_page(rule, asked))


def _rule_page(rule: Rule, asked: Asked) -> Page:
    from mllint.reports.explain import rule_page

    return rule_page(
        rule,
        asked.catalogue.categories.get(rule.category),
        profile=asked.settings.profile,
        sources=_sources(rule, asked.catalogue),
        report=asked.report,
        unavailable=asked.why_none,
    )


def _print_category(asked: Asked) -> None:
    from mllint.reports.explain import category_page

    category = asked.catalogue.categories[asked.name]
    rules = [r for r in asked.catalogue.rules.values() if r.category == category.id]
    if asked.format == "json":
        _json({"kind": "category", "id": category.id, "rules": _told(rules, asked.report)})
        return
    _page(
        asked, category_page(category, rules, profile=asked.settings.profile, report=asked.report)
    )


def _print_practice(asked: Asked) -> None:
    from mllint.cli import practices
    from mllint.practices import load

    known = load(asked.catalogue)
    if asked.format == "json":
        _json(practices.data(asked.name, known, asked.report))
    else:
        profile = asked.settings.profile
        _page(asked, practices.page(asked.name, known, asked.catalogue, profile, asked.report))


def _print_profile(asked: Asked) -> None:
    from mllint.reports.explain import profile_page
    from mllint.score import expects

    wanted: tuple[Profile, ...] = tuple(p for p in PROFILES if asked.name in {p, "profile"})
    rules = list(asked.catalogue.rules.values())
    if asked.format == "json":
        told = [{"id": p, "rules": [r.id for r in rules if expects(p, r)]} for p in wanted]
        _json({"kind": "profile", "profiles": told})
        return
    for n, profile in enumerate(wanted):
        if n:
            emit("\n")
        page = profile_page(
            profile, rules, asked.catalogue.categories, expects=expects, report=asked.report
        )
        _page(asked, page)


def _print_score(asked: Asked) -> None:
    from mllint.reports import ledger
    from mllint.reports.json import document

    report = _needed(asked)
    if asked.format == "json":
        whole = document(report)
        _json({"kind": "score", "score": whole["score"], "rules": whole["rules"]})
    elif asked.format == "markdown":
        emit_utf8(ledger.as_markdown(report))
    else:
        emit(ledger.as_text(report, asked.view))


def _print_traits(asked: Asked) -> None:
    from mllint.reports import traits

    report = _needed(asked)
    if asked.format == "json":
        from mllint.reports.json import document

        _json({"kind": "traits", "traits": document(report)["project"]["traits"]})
    elif asked.format == "markdown":
        emit_utf8(traits.as_markdown(report))
    else:
        emit(traits.as_text(report, asked.view))


def _print_finding(asked: Asked) -> None:
    report = _needed(asked)
    finding = next((f for f in report.findings if f.id == asked.name), None)
    if finding is None:
        raise UsageError(f"this project has no finding `{asked.name}`")
    rule = asked.catalogue.rules[finding.rule]
    if asked.format == "json":
        from mllint.reports.json import document

        told = next(f for f in document(report)["findings"] if f["id"] == finding.id)
        _json({"kind": "finding", "finding": told, "rule": _data(rule)})
        return
    if asked.format == "text":
        emit(_finding_text(finding, report, asked.view) + "\n")
    _page(asked, _rule_page(rule, asked))


def _finding_text(finding: Finding, report: Report, view: View) -> str:
    from mllint.reports.paint import paint
    from mllint.reports.text_findings import block

    return paint(block(finding, report, view, remedy=True), view)


_PRINTERS = {
    "rule": _print_rule,
    "category": _print_category,
    "practice": _print_practice,
    "check": _print_practice,
    "attestation": _print_practice,
    "profile": _print_profile,
    "score": _print_score,
    "traits": _print_traits,
    "finding": _print_finding,
}


def _needed(asked: Asked) -> Report:
    if asked.report is None:
        raise UsageError(f"`{asked.name}` needs a project: {asked.why_none}")
    return asked.report


def _page(asked: Asked, page: Page) -> None:
    from mllint.reports.page import as_markdown, as_text

    if asked.format == "markdown":
        emit_utf8(as_markdown(page))
    else:
        emit(as_text(page, asked.view))


def _sources(rule: Rule, catalogue: Catalogue) -> list[str]:
    found = []
    for source in rule.source:
        key, _, section = source.partition("#")
        document = catalogue.documents.get(key)
        found.append(", ".join(filter(None, (document.title if document else key, section))))
    return found


def _data(rule: Rule) -> dict[str, Any]:
    from mllint.reports.catalogue import as_data

    return as_data(rule)


def _outcome(rule: Rule, report: Report | None) -> dict[str, Any] | None:
    from mllint.reports.json import document

    if report is None:
        return None
    whole = document(report)
    told: dict[str, Any] | None = next((r for r in whole["rules"] if r["id"] == rule.id), None)
    if told is None:
        return None
    return {**told, "findings": [f for f in whole["findings"] if f["rule"] == rule.id]}


def _told(rules: list[Rule], report: Report | None) -> list[dict[str, Any]]:
    verdicts = {o.rule: o.verdict for o in report.outcomes} if report else {}
    return [{"id": r.id, "title": r.title, "outcome": verdicts.get(r.id)} for r in rules]


def _json(told: dict[str, Any]) -> None:
    import json

    emit_utf8(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
