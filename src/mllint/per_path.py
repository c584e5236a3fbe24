"""Settings that hold for some paths: what is ignored there, how severe it is, which profile holds.

Knows patterns and what they say; the last one that names a path and says something counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.catalogue import reread
from mllint.gitignore import matcher
from mllint.score import expects
from mllint.selection import chosen, renamed
from mllint.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mllint.catalogue import Catalogue
    from mllint.project import Project
    from mllint.review import Check, Evidence, Profile, Rule, Severity
    from mllint.settings import Settings


class _Part(NamedTuple):
    """What one pattern says."""

    names: Callable[[str], bool]
    profile: Profile | None
    severity: Mapping[str, Severity]
    """By rule id."""


class PerPath:
    """What holds for a path."""

    def __init__(self, settings: Settings, rules: Mapping[str, Rule]) -> None:
        self._parts = [
            _Part(matcher((pattern,)), table.get("profile"), _severities(table, rules))
            for pattern, table in settings.per_path.items()
            if "profile" in table or "severity" in table
        ]
        self._severe = [part for part in self._parts if part.severity]
        self._profile = settings.profile
        self._profiles: dict[str, Profile] = {}
        """By path, as far as it was asked for."""

    def profile(self, path: str) -> Profile:
        """The profile to which a path is held."""
        if path not in self._profiles:
            parts = reversed(self._parts if path else ())
            said = (p.profile for p in parts if p.profile and p.names(path))
            self._profiles[path] = next(said, self._profile)
        return self._profiles[path]

    def severity(self, rule: Rule, path: str) -> Severity:
        """How severe a finding of a rule is at a path."""
        for part in reversed(self._severe):
            if path and rule.id in part.severity and part.names(path):
                return part.severity[rule.id]
        return rule.severity[self.profile(path)]

    def counts(self, rule: Rule, evidence: Evidence) -> bool:
        """Whether evidence speaks for or against a rule: not where its path is held to less."""
        if not self._parts or evidence.at is None or rule.subject == "project":
            return True
        held = self.profile(evidence.at.path)
        return held == self._profile or expects(held, rule) or not expects(self._profile, rule)


def _severities(table: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Severity]:
    named = [(chosen(s, rules), level) for s, level in table.get("severity", {}).items()]
    named.sort(key=lambda pair: -len(pair[0]))
    return {rule: level for ids, level in named for rule in ids}


def waivers(settings: Settings) -> Iterator[Waiver]:
    """What is ignored at some paths, as waivers."""
    for pattern, table in settings.per_path.items():
        for selector, reason in table.get("ignore", {}).items():
            source = settings.source(f"per-path.{pattern}.ignore.{selector}")
            yield Waiver((selector,), source, reason=reason.strip(), paths=(pattern,))


def options(settings: Settings) -> dict[str, Mapping[str, Any]]:
    """All options of a run, those of some paths under a name of their own."""
    found: dict[str, Mapping[str, Any]] = dict(settings.options)
    for pattern, table in settings.per_path.items():
        for rule, values in table.get("options", {}).items():
            found[f"{rule} in {pattern}"] = values
    return found


def with_options(catalogue: Catalogue, settings: Settings) -> Catalogue:
    """The catalogue whose rules look at some paths with the options that hold there."""
    old = renamed(catalogue.rules)
    rules = dict(catalogue.rules)
    for pattern, table in settings.per_path.items():
        for name, values in table.get("options", {}).items():
            rule = rules.get(old.get(name, name))
            if rule is None:
                continue  # `select` says so
            chosen_ = {**settings.options.get(name, {}), **values}
            there = reread(catalogue, rule, chosen_, settings.source_below(f"per-path.{pattern}"))
            rules[rule.id] = replace(rule, check=_split(rule.check, there, matcher((pattern,))))
    return replace(catalogue, rules=rules)


def _split(elsewhere: Check, there: Check, names: Callable[[str], bool]) -> Check:
    """A check that is one thing at some paths and another at all others."""

    def within(evidence: Evidence) -> bool:
        return evidence.at is not None and bool(evidence.at.path) and names(evidence.at.path)

    def check(project: Project) -> Iterator[Evidence]:
        yield from (e for e in elsewhere(project) if not within(e))
        yield from (e for e in there(project) if within(e))

    return check
