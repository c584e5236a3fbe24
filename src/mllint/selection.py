"""Which rules run: selectors resolved against the catalogue.

A selector is a rule id, a category, a practice, a glob over ids, `category/*`, `tag:x`,
`profile:x`, `default` (all but opinions and previews) or `all`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.language import unlike
from mllint.meta_rules import RULES as META
from mllint.names import compiled
from mllint.review import PROFILES, Profile, Rule, Severity, UsageError
from mllint.score import expects
from mllint.settings import OVERALL, STRICT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mllint.catalogue import Catalogue
    from mllint.settings import Settings


def chosen(selector: str, rules: Mapping[str, Rule]) -> frozenset[str]:
    """The ids that a selector names; UsageError for one that names none."""
    if selector == "all":
        return frozenset(rules)
    if selector == "default":
        return frozenset(r.id for r in rules.values() if not (r.opinion or r.preview))
    kind, _, value = selector.partition(":")
    if kind == "tag" and value:
        found = frozenset(r.id for r in rules.values() if value in r.tags)
    elif kind == "profile" and value in PROFILES:
        found = frozenset(r.id for r in rules.values() if expects(value, r))
    else:
        name = value if kind == "category" and value else selector
        glob = compiled(name)
        found = frozenset(
            r.id
            for r in rules.values()
            if name in {r.id, r.category}
            or name in r.practices
            or name in r.renamed_from
            or glob.fullmatch(r.id)
            or glob.fullmatch(f"{r.category}/{r.id}")
        )
    if not found:
        known = {*rules, *(r.category for r in rules.values()), "default", "all"}
        raise UsageError(
            f'no rule, category, practice or tag is called "{selector}"{unlike(selector, known)}'
        )
    return found


def select(catalogue: Catalogue, settings: Settings) -> tuple[dict[str, Rule], dict[str, str]]:
    """The rules to run, and those left out with the reason. UsageError names every bad selector."""
    mistakes: list[str] = []
    known = {**catalogue.rules, **META}
    old = renamed(catalogue.rules)

    def ids(selector: str) -> frozenset[str]:
        try:
            return chosen(selector, known)
        except UsageError as error:
            mistakes.append(str(error))
            return frozenset()

    wanted: set[str] = set().union(*map(ids, (*settings.select, *settings.extend_select)))
    ignored = {
        rule: reason or "ignored" for s, reason in settings.ignore.items() for rule in ids(s)
    }
    # Of several that name a rule, the one that names the fewest counts.
    levels = sorted(settings.severity.items(), key=lambda pair: -len(ids(pair[0])))
    severities = {rule: level for s, level in levels for rule in ids(s)}
    mistakes += [
        f'no trait is called "{name}"{unlike(name, catalogue.traits)}'
        for name in settings.traits
        if name not in catalogue.traits
    ]
    mistakes += [
        f'options: no rule is called "{name}"{unlike(name, catalogue.rules)}'
        for name in settings.options
        if name not in catalogue.rules and name not in old
    ]
    named = [*_named(settings)]
    wrong = {selector: _mistake(selector, known) for selector, _ in named}
    mistakes += [f"{where}: {wrong[selector]}" for selector, where in named if wrong[selector]]
    scores = {OVERALL, STRICT, *catalogue.categories}
    mistakes += [
        f"{settings.source(f'min-score.{name}')}: min-score: no category is called "
        f'"{name}"{unlike(name, scores)}'
        for name in settings.min_score
        if name not in scores
    ]
    if mistakes:
        raise UsageError("\n".join(mistakes))
    rules, left_out = {}, {}
    for name, rule in known.items():
        if name in ignored:
            left_out[name] = ignored[name]
        elif name not in wanted and not rule.meta:
            left_out[name] = "not selected"
        else:
            rules[name] = _at(rule, severities.get(name))
    return rules, left_out


def _named(settings: Settings) -> Iterator[tuple[str, str]]:
    """Selectors of waivers and of settings for some paths, and where they stand."""
    for waiver in settings.waivers:
        yield from ((selector, waiver.source) for selector in waiver.rules)
    for pattern, table in settings.per_path.items():
        for key in ("ignore", "severity", "options"):
            for name in table.get(key, ()):
                yield name, settings.source_below(f"per-path.{pattern}.{key}.{name}")


def _mistake(selector: str, rules: Mapping[str, Rule]) -> str:
    try:
        chosen(selector, rules)
    except UsageError as error:
        return str(error)
    return ""


def renamed(rules: Mapping[str, Rule]) -> dict[str, str]:
    """Former id of a rule -> its id today."""
    return {old: rule.id for rule in rules.values() for old in rule.renamed_from}


def _at(rule: Rule, severity: Severity | None) -> Rule:
    if severity is None:
        return rule
    levels: dict[Profile, Severity] = dict.fromkeys(PROFILES, severity)
    return replace(rule, severity=levels)
