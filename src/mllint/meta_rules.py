"""The rules about suppressions and settings, as data.

They are always on and cost no points. What they find is decided in `meta`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mllint.review import PROFILES, Category, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.catalogue import Catalogue

CATEGORY = Category(
    "suppressions",
    "Suppressions and settings",
    "What hides findings must say why, and must not outlive what it hides.",
    dict.fromkeys(PROFILES, 0.0),
)


def _rule(name: str, title: str, message: str, remedy: str, why: str) -> Rule:
    return Rule(
        id=name, category=CATEGORY.id, title=title, source=(), practices=(),
        severity=dict.fromkeys(PROFILES, "warning"), confidence="high", profile="research",
        when=(), requires=(), effort="5 min", message=message, remedy=remedy, why=why, limits="",
        references=(), related=(), tags=(), options=(), anchor=(), since="2026.1", preview=False,
        opinion=False, check=lambda _: (), how="Compares what is suppressed with what was found.",
        examples=(), file="", meta=True, distinct=("selector", "said"),
    )  # fmt: skip


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        _rule(
            "unused-suppression",
            "A suppression hides nothing",
            "`{selector}` is suppressed here, but nothing of it was found",
            "Remove it: `mllint suppress --remove-unused` does so.",
            "A suppression that outlives its finding hides the next one at the same place.",
        ),
        _rule(
            "unknown-suppression",
            "A suppression names a rule that there is not",
            "{note}",
            "Write the id of the rule as `mllint rules` lists it.",
            "It hides nothing, although somebody believes that it does.",
        ),
        _rule(
            "suppression-without-reason",
            "A suppression does not say why",
            "`{selector}` is suppressed without a reason; this hides it, and restores no points",
            "Say why behind the bracket: `# mllint: ignore[{selector}] the reason`.",
            "Whoever comes next cannot tell whether the reason still holds.",
        ),
        _rule(
            "expired-suppression",
            "The last day of a suppression has passed",
            "`{selector}` was suppressed until {until}, and what it hid is still there",
            "Mend the finding, or set a new day by `until=` and say what holds it up.",
            "Somebody meant to come back to it by that day.",
        ),
        _rule(
            "malformed-suppression",
            "A suppression is not written as it should be",
            "This suppression {note}",
            "Write `# mllint: ignore[rule-id] kind=accepted until=2026-12-31 the reason`.",
            "A suppression that is misread hides more, or less, than was meant.",
        ),
        _rule(
            "unused-setting",
            "An entry of the configuration matches nothing",
            "{note}",
            "Remove the entry, or mend its pattern.",
            "Settings that match nothing look like protection and are none.",
        ),
    )
}
"""By id."""


def with_meta(catalogue: Catalogue) -> Catalogue:
    """The catalogue with these rules besides its own, for those who list or explain rules."""
    return replace(
        catalogue,
        rules={**catalogue.rules, **RULES},
        categories={**catalogue.categories, CATEGORY.id: CATEGORY},
    )
