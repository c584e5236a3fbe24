"""Pages that explain a rule, a category or a profile, with what a run saw of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.reports.page import Block, Code, Item, Page
from mllint.reports.places import SEVERITY_STYLES, count, down, place, where
from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mllint.review import (
        Category,
        Outcome,
        Profile,
        Report,
        Rule,
        Severity,
        Trait,
    )
    from mllint.ruleparts import Example

SHOWN = 5
"""Places shown of each kind."""
VERDICT_STYLES = {"pass": "green", "fail": "red", "crashed": "bold red"}
PROFILE_TEXTS: Mapping[Profile, tuple[str, str]] = {
    "research": (
        "papers, exploration, course work",
        "leakage, seeds, the environment, where data comes from",
    ),
    "internal": (
        "shared tools and batch jobs",
        "the same, and tests, CI, pinning, structure",
    ),
    "production": (
        "services, and decisions about people",
        "the same, and serving, monitoring, model cards, security, rollback",
    ),
}
"""What a profile is for, and what it weighs most."""
_EXAMPLES = {"bad": "Bad", "good": "Good", "na": "Does not apply"}


def rule_page(
    rule: Rule,
    category: Category | None,
    *,
    profile: Profile,
    sources: Sequence[str],
    report: Report | None,
    unavailable: str = "",
) -> Page:
    """The page of a rule; `unavailable` says why no project stands beside it."""
    title = category.title if category else rule.category
    marks = ["preview"] * rule.preview + ["opinion"] * rule.opinion
    here = _here(rule, report) if report else (unavailable,) if unavailable else ()
    severity = rule.severity[profile]
    return Page(
        rule.id,
        (severity, f"{rule.confidence} confidence", f"since ruleset {rule.since}", title, *marks),
        rule.title,
        (
            ("In this project", here),
            ("Severity", (_levels(rule),)),
            ("Why it matters", (rule.why.strip(),)),
            *_examples(rule.examples),
            ("How it is found", (rule.how,)),
            ("Known limits", (rule.limits.strip(),) if rule.limits.strip() else ()),
            ("Applies where", _when(rule)),
            ("Needs", tuple(Item(name, "must pass first") for name in rule.requires)),
            ("Fix", (f"{rule.remedy} About {rule.effort} of work.",)),
            ("Options", _options(rule)),
            ("Suppress", (Code("", f"# mllint: ignore[{rule.id}] the reason"),)),
            ("Related", tuple(rule.related)),
            ("Sources", tuple(sources)),
            ("References", tuple(rule.references)),
            ("Practices", (", ".join(rule.practices),) if rule.practices else ()),
        ),
    )


def category_page(
    category: Category, rules: Iterable[Rule], *, profile: Profile, report: Report | None
) -> Page:
    """The page of a category: what it is worth, and its rules."""
    listed = list(rules)
    budget = "; ".join(f"{p}: {category.budget[p]:g}" for p in PROFILES if p in category.budget)
    return Page(
        category.id,
        ("category", count(len(listed), "rule")),
        category.title,
        (
            ("In this project", _part(category, report) if report else ()),
            ("Why it matters", (category.why.strip(),) if category.why.strip() else ()),
            ("Points", (f"{budget}, when every rule of it applies",) if budget else ()),
            ("Rules", rule_items(listed, profile, report)),
        ),
    )


def profile_page(
    profile: Profile,
    rules: Iterable[Rule],
    categories: Mapping[str, Category],
    *,
    expects: Callable[[Profile, Rule], bool],
    report: Report | None,
) -> Page:
    """The page of a profile: what it is for, what it expects, and the score under it."""
    audience, most = PROFILE_TEXTS[profile]
    expected = [rule for rule in rules if expects(profile, rule)]
    own = [rule for rule in expected if rule.profile == profile]
    ranked = sorted(categories.values(), key=lambda c: (-c.budget.get(profile, 0), c.id))
    parts = tuple(
        Item(f"{c.budget[profile]:>4g}", f"{c.title} ({_many(expected, c.id)})")
        for c in ranked
        if c.budget.get(profile)
    )
    here: tuple[Block, ...] = ()
    if report and (score := report.scores.get(profile)) is not None and report.run.complete:
        value = "n/a" if score.value is None else f"{down(score.value)} of 100, grade {score.grade}"
        here = (f"score {value}",)
    first = profile == PROFILES[0]
    return Page(
        profile,
        ("profile", count(len(expected), "rule")),
        f"For {audience}.",
        (
            ("In this project", here),
            ("Weighs most", (most,)),
            ("Points", parts),
            (
                "" if first else "Beyond the others",
                () if first else rule_items(own, profile, report),
            ),
        ),
    )


def _here(rule: Rule, report: Report) -> tuple[Block, ...]:
    outcome = next((o for o in report.outcomes if o.rule == rule.id), None)
    if not report.run.files:
        return ("there is no file",)
    if outcome is None:
        return (f"disabled: {report.disabled.get(rule.id, 'not selected')}",)
    head = f"{outcome.verdict}: {outcome.reason}" if outcome.reason else outcome.verdict
    blocks: list[Block] = [head]
    if cost := _cost(outcome, report):
        blocks.append(cost)
    new = [f for f in outcome.findings if f.status == "new"]
    for f in new[:SHOWN]:
        blocks.append(Item(where(f), f.message, SEVERITY_STYLES[f.severity]))  # noqa: PERF401
    if len(new) > SHOWN:
        blocks.append(f"... and {len(new) - SHOWN} more (mllint check --select {rule.id})")
    blocks += [
        Item(where(f), f"waived: {f.reason or 'no reason given'}")
        for f in outcome.findings
        if f.status == "waived"
    ]
    blocks += _seen(outcome)
    return (*blocks, *(_trait(report.traits[name]) for name in _traits(rule, report)))


def _trait(trait: Trait) -> Item:
    word = {True: "yes", False: "no", None: "unknown"}[trait.holds]
    return Item(f"{trait.id}: {word}", f"({trait.reason.rstrip(': ')})" if trait.reason else "")


def _seen(outcome: Outcome) -> list[Block]:
    """The first good and undecided pieces of evidence."""
    blocks: list[Block] = []
    for ok, word, style in ((True, "good", "green"), (None, "unsure", "yellow")):
        pieces = [e for e in outcome.evidence if e.ok is ok and (e.at or e.note)]
        for piece in pieces[:SHOWN]:
            at = place(piece.at) if piece.at else "repository"
            blocks.append(Item(at, f"{word}: {piece.note}" if piece.note else word, style))
        if len(pieces) > SHOWN:
            blocks.append(f"... and {len(pieces) - SHOWN} more {word}")
    return blocks


def _traits(rule: Rule, report: Report) -> list[str]:
    names = [part.lstrip("!") for when in rule.when for part in when.split("|")]
    return [n for n in dict.fromkeys(names) if n in report.traits]


def _cost(outcome: Outcome, report: Report) -> str:
    if not report.run.complete:
        return ""
    parts = []
    costs = False
    for profile in PROFILES:
        score = report.scores.get(profile)
        line = next((x for x in score.ledger if x.rule == outcome.rule), None) if score else None
        if line is None or score is None or score.value is None:
            continue
        if line.masked:
            parts.append(f"{profile}: not expected")
        elif line.lost + line.booked > 0:
            costs = True
            parts.append(f"{profile}: {line.lost + line.booked:.1f}")
        else:
            parts.append(f"{profile}: nothing")
    return f"costs, of 100 points: {'; '.join(parts)}" if costs else ""


def _levels(rule: Rule) -> str:
    levels = [_level(rule, p) for p in PROFILES]
    if len(set(levels)) == 1:
        return f"{levels[0]} at every profile"
    return "; ".join(f"{p}: {level}" for p, level in zip(PROFILES, levels, strict=True))


def _level(rule: Rule, profile: Profile) -> str:
    if PROFILES.index(rule.profile) > PROFILES.index(profile):
        return "not expected"
    severity: Severity = rule.severity[profile]
    return severity


def _examples(examples: Iterable[Example]) -> list[tuple[str, tuple[Block, ...]]]:
    """The first example of each kind."""
    found: dict[str, tuple[Block, ...]] = {}
    for example in examples:
        if example.kind not in found:
            blocks: list[Block] = [example.note] if example.note else []
            blocks += [Code(path, _content(spec)) for path, spec in example.files.items()]
            blocks += [Code("git log", "\n".join(example.history))] if example.history else []
            found[example.kind] = tuple(blocks)
    return [(label, found.get(kind, ())) for kind, label in _EXAMPLES.items() if kind != "na"]


def _content(spec: object) -> str:
    if isinstance(spec, str):
        return "\n".join(line.replace("# !", "# <- here") for line in spec.strip("\n").splitlines())
    if isinstance(spec, dict) and "text" in spec:
        return _content(spec["text"])
    size = spec.get("size") if isinstance(spec, dict) else None
    return f"({size:,} bytes)" if isinstance(size, int) else "(a binary file)"


def _when(rule: Rule) -> tuple[Block, ...]:
    if not rule.when:
        return ("every project",)
    words = [
        " or ".join(f"not {p[1:]}" if p.startswith("!") else p for p in when.split("|"))
        for when in rule.when
    ]
    return (f"the project is: {', and '.join(words)} (mllint explain traits)",)


def _options(rule: Rule) -> tuple[Block, ...]:
    if not rule.options:
        return ()
    known = tuple(Item(f"{o.name} = {_toml(o.default)}", o.text) for o in rule.options)
    return (*known, Code("", f"[tool.mllint.options.{rule.id}]"))


def _toml(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def rule_items(rules: Sequence[Rule], profile: Profile, report: Report | None) -> tuple[Block, ...]:
    """The rules with their verdicts, or with their severities where nothing was run."""
    verdicts = {o.rule: o.verdict for o in report.outcomes} if report else {}
    blocks = []
    for rule in rules:
        verdict = verdicts.get(rule.id, "")
        word = verdict or _level(rule, profile)
        style = VERDICT_STYLES.get(verdict, "")
        blocks.append(Item(f"{word:<14}", f"{rule.id}: {rule.title}", style))
    return tuple(blocks)


def _part(category: Category, report: Report) -> tuple[Block, ...]:
    if not report.run.complete:
        return ()
    part = next((c for c in report.score.categories if c.id == category.id), None)
    if part is None or report.score.value is None:
        return ("nothing of it could be judged",)
    return (f"earns {down(part.earned, 1)} of {part.max:.1f} points at {report.profile}",)


def _many(rules: Iterable[Rule], category: str) -> str:
    return count(sum(rule.category == category for rule in rules), "rule")
