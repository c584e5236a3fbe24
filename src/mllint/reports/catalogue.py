"""Lists of rules: a table for people, JSON, Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mllint.reports.lines import Line, Span, clean, columns, cut
from mllint.reports.paint import paint
from mllint.reports.places import SEVERITY_STYLES, count
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.reports import View
    from mllint.review import Category, Profile, Rule


def as_table(
    rules: Mapping[str, Rule], categories: Mapping[str, Category], profile: Profile, view: View
) -> str:
    """A line per rule under the title of its category."""
    lines: list[Line] = []
    wide = max((columns(name) for name in rules), default=0)
    category = ""
    for rule in rules.values():
        if rule.category != category:
            category = rule.category
            title = categories[category].title if category in categories else category
            lines += [[], [Span(clean(title), "bold"), Span(f"  {category}", "dim")]]
        severity = rule.severity[profile]
        marks = "".join(f"  {mark}" for mark in _marks(rule))
        room = view.width - wide - 13 - columns(marks)
        lines.append(
            [
                Span("  "),
                Span(f"{severity:<7}", SEVERITY_STYLES[severity]),
                Span(f"  {rule.id}{' ' * (wide - columns(rule.id))}  "),
                Span(cut(clean(rule.title), room)),
                Span(marks, "dim"),
            ]
        )
    last = f"{count(len(rules), 'rule')}; mllint explain RULE says more"
    return paint([*lines[1:], [], [Span(last, "dim")]] if lines else [[Span("no rules")]], view)


def as_json(rules: Mapping[str, Rule], categories: Mapping[str, Category]) -> str:
    """The rules with all that can be said of them, and their categories."""
    told = {
        "categories": [
            {"id": c.id, "title": c.title, "why": c.why, "budget": dict(c.budget.items())}
            for c in categories.values()
        ],
        "rules": [as_data(rule) for rule in rules.values()],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_data(rule: Rule) -> dict[str, Any]:
    """A rule as plain data, its check and examples left out."""
    return {
        "id": rule.id,
        "category": rule.category,
        "title": rule.title,
        "severity": {profile: rule.severity[profile] for profile in PROFILES},
        "confidence": rule.confidence,
        "profile": rule.profile,
        "when": list(rule.when),
        "requires": list(rule.requires),
        "effort": rule.effort,
        "message": rule.message,
        "remedy": rule.remedy,
        "why": rule.why,
        "how": rule.how,
        "limits": rule.limits,
        "source": list(rule.source),
        "practices": list(rule.practices),
        "references": list(rule.references),
        "related": list(rule.related),
        "tags": list(rule.tags),
        "options": [{"name": o.name, "default": o.default, "text": o.text} for o in rule.options],
        "since": rule.since,
        "preview": rule.preview,
        "opinion": rule.opinion,
    }


def as_markdown(rules: Mapping[str, Rule], categories: Mapping[str, Category]) -> str:
    """A table of rules per category."""
    lines: list[str] = []
    category = ""
    for rule in rules.values():
        if rule.category != category:
            category = rule.category
            title = categories[category].title if category in categories else category
            lines += ["", f"## {escaped(title)}", ""]
            lines += ["| Rule | Says | " + " | ".join(PROFILES) + " |", "|---|---|---|---|---|"]
        from_here = PROFILES[PROFILES.index(rule.profile) :]
        levels = [rule.severity[p] if p in from_here else "" for p in PROFILES]
        lines.append(f"| `{rule.id}` | {escaped(rule.title)} | {' | '.join(levels)} |")
    return "\n".join(lines).strip() + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it stands, code spans left alone."""
    parts = clean(text).split("`")
    for n in range(0, len(parts), 2):
        for character in "\\*_[]<>|":
            parts[n] = parts[n].replace(character, f"\\{character}")
    return "`".join(part.replace("|", "\\|") if n % 2 else part for n, part in enumerate(parts))


def _marks(rule: Rule) -> list[str]:
    marks = [] if rule.profile == PROFILES[0] else [f"from {rule.profile}"]
    marks += ["preview"] * rule.preview + ["opinion"] * rule.opinion
    return marks
