"""Rulesets: which rules count, how severe they are, and what each category may cost.

A ruleset is a file of `rules/rulesets/`. Once released it stays as it is: rules that came later are
previews in it, which are shown on request and never score. Knows the catalogue; nothing of
repositories.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import tomli

from mllint.review import PROFILES, Category, Profile, Rule, Severity, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.catalogue import Catalogue

Levels: TypeAlias = "Mapping[str, Severity | Mapping[Profile, Severity]]"
"""Rule id -> severity, or severity by profile."""


def applied(catalogue: Catalogue, name: str, where: str = "ruleset") -> Catalogue:
    """The catalogue as a ruleset has it; UsageError for one that there is not, named by `where`."""
    folder = catalogue.folders[0] / "rulesets"
    path = folder / f"{name}.toml"
    if path.parent != folder or not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise UsageError(f"{where}: there is no ruleset {name}; known: {known}")
    data = tomli.loads(path.read_text("utf-8"))
    levels: Levels = data["rules"]
    ours = f"{catalogue.folders[0].name}/"
    rules = {
        rule.id: _as_listed(rule, levels) if rule.file.startswith(ours) else rule
        for rule in catalogue.rules.values()
    }
    categories = {
        one.id: replace(one, budget=data["budgets"][one.id]) if one.id in data["budgets"] else one
        for one in catalogue.categories.values()
    }
    return replace(catalogue, rules=rules, categories=categories, ruleset=name)


def _as_listed(rule: Rule, levels: Levels) -> Rule:
    listed = next((levels[i] for i in (rule.id, *rule.renamed_from) if i in levels), None)
    if listed is None:
        return replace(rule, preview=True)
    severity: dict[Profile, Severity] = {
        profile: listed if isinstance(listed, str) else listed[profile] for profile in PROFILES
    }
    return rule if rule.severity == severity else replace(rule, severity=severity)


def written(catalogue: Catalogue) -> str:
    """The text of a ruleset that has every rule of the catalogue as it is now."""
    lines = [
        "# Which rules count, how severe they are by profile, and the points of each category.",
        "# Made by `python -m mllint.rulesets`; not to be changed once it is released.",
        "released = false",
        "",
        "[budgets]",
    ]
    lines += [
        f"{c.id} = {_budget(c)}" for c in sorted(catalogue.categories.values(), key=lambda c: c.id)
    ]
    lines += ["", "[rules]"]
    lines += [
        f"{rule.id} = {_levels(rule)}"
        for rule in sorted(catalogue.rules.values(), key=lambda r: r.id)
        if not rule.preview
    ]
    return "\n".join(lines) + "\n"


def _budget(category: Category) -> str:
    return "{ " + ", ".join(f"{p} = {category.budget[p]:g}" for p in PROFILES) + " }"


def _levels(rule: Rule) -> str:
    levels = rule.severity
    if len(set(levels.values())) == 1:
        return f'"{levels["internal"]}"'
    return "{ " + ", ".join(f'{p} = "{levels[p]}"' for p in PROFILES) + " }"


def _main() -> None:
    from mllint.catalogue import load
    from mllint.settings import LATEST

    catalogue = load()
    path = catalogue.folders[0] / "rulesets" / f"{LATEST}.toml"
    path.write_text(written(catalogue), "utf-8")


if __name__ == "__main__":
    _main()
