"""A made-up report for the goldens: what one run might say about a small project."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Cell, Place, Problem
from mllint.review import (
    PROFILES,
    Category,
    CategoryScore,
    Evidence,
    Finding,
    Fix,
    Gate,
    Line,
    Outcome,
    Profile,
    Related,
    Report,
    Rule,
    Run,
    Score,
    Severity,
    Trait,
    Verdict,
)
from mllint.ruleparts import Option

if TYPE_CHECKING:
    from collections.abc import Callable

CATEGORIES = {
    "splits": Category("splits", "Data splits", "Numbers must hold on new data.", {}),
    "notebooks": Category("notebooks", "Notebooks", "A notebook must run from top to bottom.", {}),
    "dependencies": Category("dependencies", "Dependencies", "Others must get what you got.", {}),
    "docs": Category("docs", "Documentation", "", {}),
}


def rule(name: str, category: str, severity: Severity = "warning", **more: Any) -> Rule:
    """A rule with made-up texts."""
    words = name.replace("-", " ")
    given: dict[str, Any] = {
        "id": name, "category": category, "title": f"No {words}", "source": ("handbook#Splits",),
        "practices": ("split.seeded",) if category == "splits" else (),
        "severity": dict.fromkeys(PROFILES, severity), "confidence": "high", "profile": "research",
        "when": ("trains",), "requires": (), "effort": "10 min", "message": words,
        "remedy": f"Mend the {words}.", "why": f"The {words} makes results hard to trust.",
        "limits": "Does not follow values through other modules.", "references": (), "related": (),
        "tags": (), "options": (), "anchor": (), "since": "2026.1", "preview": False,
        "opinion": False, "check": lambda _: (), "how": "every call of a splitter", "examples": (),
        "file": f"rules/{category}/{name}.toml",
    }  # fmt: skip
    return Rule(**{**given, **more})


RULES = {
    r.id: r
    for r in (
        rule("no-lockfile", "dependencies"),
        rule("unpinned-dependency", "dependencies", "note"),
        rule("no-model-card", "docs", profile="production"),
        rule("no-readme", "docs"),
        rule("notebook-out-of-order", "notebooks"),
        rule("fit-before-split", "splits", "error", related=("unseeded-split",),
             options=(Option("extra-splitters", [], "Further functions that split."),)),
        rule("no-group-split", "splits"),
        rule("shuffled-time-series", "splits"),
        rule("unseeded-split", "splits", "error"),
    )
}  # fmt: skip


def finding(name: str, number: int, message: str, at: Place, lost: float, **more: Any) -> Finding:
    """A finding of a rule of `RULES`."""
    one = RULES[name]
    given: dict[str, Any] = {
        "id": f"{number:016x}", "rule": name, "category": one.category,
        "severity": one.severity["internal"], "confidence": "high", "message": message,
        "remedy": one.remedy, "at": at, "anchored": False, "related": (), "snippet": (),
        "status": "new", "lost": lost, "effort": 10,
    }  # fmt: skip
    return Finding(**{**given, **more})


def findings() -> dict[str, tuple[Finding, ...]]:
    """The findings by rule."""
    train = Place("src/train.py", 48, 9, 48, 29)
    split = Place("src/train.py", 53, 18, 53, 34)
    cell = Place("notebooks/eda.ipynb", 1, 1, 1, 12, Cell(7, 5, "8f3a", 112))
    pins = [
        finding("unpinned-dependency", 32 + n, f"`{name}` may be of any version",
                Place("requirements.txt", n, 1, n, len(name) + 1), 0.3, snippet=((n, name),))
        for n, name in enumerate(("numpy", "pandas", "scipy", "torch", "tqdm", "wandb"), 1)
    ]  # fmt: skip
    return {
        "fit-before-split": (
            finding(
                "fit-before-split", 1,
                "`scaler.fit_transform` is fitted on every row before the split, so the reported "
                "test score is optimistic", train, 6.04,
                related=(Related(split, "... and split only here"),),
                snippet=((47, "    scaler = StandardScaler()"),
                         (48, "    X = scaler.fit_transform(df[FEATURES])")),
            ),
        ),
        "notebook-out-of-order": (
            finding("notebook-out-of-order", 2, "Execution counts run 3, 9, 4", cell, 0.8,
                    snippet=((1, "df.describe()"),)),
            finding("notebook-out-of-order", 3, "Execution counts run 2, 1", cell, 0.0,
                    status="waived", reason="shows a mistake on purpose"),
        ),
        "no-lockfile": (
            finding("no-lockfile", 4, "No lock file fixes the versions",
                    Place("pyproject.toml"), 2.7, anchored=True),
        ),
        "unpinned-dependency": tuple(pins),
        "unseeded-split": (
            finding("unseeded-split", 5, "perhaps unseeded", train, 0.0, confidence="low",
                    status="hidden"),
        ),
    }  # fmt: skip


def outcomes() -> tuple[Outcome, ...]:
    """One outcome of every kind."""
    found = findings()
    seen = tuple(
        Evidence(ok=True, at=Place("src/train.py", 50 + n, 5), note="`random_state=7`")
        for n in range(7)
    )
    texts: dict[str, tuple[Verdict, float, int, int, str]] = {
        "no-lockfile": ("fail", 0.0, 1, 1, "the one place judged is not as it should be"),
        "unpinned-dependency": ("fail", 0.5, 12, 6, "6 of 12 places are as they should be"),
        "no-model-card": ("fail", 0.0, 1, 1, "no model card"),
        "no-readme": ("pass", 1.0, 1, 0, "README.md:1: has set-up and use"),
        "notebook-out-of-order": ("fail", 0.8, 5, 1, "4 of 5 places are as they should be"),
        "fit-before-split": ("fail", 0.0, 1, 1, "the one place judged is not as it should be"),
        "no-group-split": ("not-applicable", 0.0, 0, 0, "the data has no groups"),
        "shuffled-time-series": ("unknown", 0.0, 0, 0, "1 place could not be decided"),
        "unseeded-split": ("pass", 1.0, 7, 0, "7 of 7 places are as they should be"),
    }
    return tuple(
        Outcome(
            name, RULES[name].category, verdict, share, sites, bad, found.get(name, ()),
            seen if name == "unseeded-split" else (), reason,
        )
        for name, (verdict, share, sites, bad, reason) in texts.items()
    )  # fmt: skip


def score(profile: Profile, value: float) -> Score:
    """A score whose losses are not computed but made up."""
    ledger = tuple(
        Line(o.rule, o.category, RULES[o.rule].severity[profile], 2.0, 12.5, o.share,
             sum(f.lost for f in o.findings), 0.0, o.verdict, o.rule == "no-model-card")
        for o in outcomes()
    )  # fmt: skip
    return Score(
        profile, value, "C", ("fit-before-split",), False,
        (CategoryScore("splits", "Data splits", 30.0, 20.59),
         CategoryScore("notebooks", "Notebooks", 8.0, 7.2),
         CategoryScore("dependencies", "Dependencies", 14.0, 9.5),
         CategoryScore("docs", "Documentation", 5.0, 5.0)),
        ledger, 6, 1, 1, 0, 0, 0.97,
    )  # fmt: skip


def sample() -> Report:
    """A report with something of everything."""
    run = Run(
        214, 37, 20_500, 203, 1.94, ".", "0.1.0", "3.12.1", ("pyproject.toml",), "0123456789ab",
        "2026.1", 1, "abc1234", complete=True, rule_folders=(), notices=(),
    )  # fmt: skip
    return Report(
        run=run, profile="internal", rules=RULES, categories=CATEGORIES,
        traits={
            "serves": Trait("serves", "serves predictions", False, "nothing serves"),
            "trains": Trait("trains", "trains models", True, "src/train.py:60:5: `fit`"),
            "vision": Trait("vision", "works on images", None, ""),
        },
        outcomes=outcomes(),
        scores={"research": score("research", 88.17), "internal": score("internal", 74.06),
                "production": score("production", 55.3)},
        fix_first=(
            Fix("fit-before-split", ("0000000000000001",), "src/train.py:48:9", 6.04, 30, True),
            Fix("no-lockfile", ("0000000000000004",), "pyproject.toml", 2.7, 10, False),
            Fix("unpinned-dependency", tuple(f"{32 + n:016x}" for n in range(1, 7)), "6 places",
                1.8, 60, False),
        ),
        problems=(Problem("src/old.py", "syntax", "Python 2 `print` statement", 3),),
        disabled={"no-coverage": "measured by another service"},
        gate=Gate(False, 1, ("1 finding at or above `error`",)),
    )  # fmt: skip


def flawless() -> Report:
    """A report without findings."""
    report = sample()
    passed = tuple(
        replace(o, verdict="pass", findings=(), share=1.0, bad=0) for o in report.outcomes
    )
    scores = {p: replace(s, value=100.0, grade="A", capped_by=()) for p, s in report.scores.items()}
    return replace(
        report, outcomes=passed, scores=scores, fix_first=(), problems=(), disabled={},
        gate=Gate(True, 0, ()),
    )  # fmt: skip


@pytest.fixture(name="make")
def fixture_make() -> SimpleNamespace:
    """The makers of this module."""
    return SimpleNamespace(sample=sample, flawless=flawless, finding=finding, rule=rule)


@pytest.fixture(name="golden")
def fixture_golden() -> Callable[[str, str], None]:
    """Compares a text with what it was; UPDATE_GOLDENS writes it anew."""

    def compare(name: str, text: str) -> None:
        path = Path(__file__).parent / "goldens" / name
        if os.environ.get("UPDATE_GOLDENS"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
