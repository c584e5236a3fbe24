"""Lays what mllint says of the practices beside labels that people gave by reading repositories.

python bench/agreement.py FOLDER                    FOLDER holds the repositories by their names
python bench/agreement.py FOLDER --truth FILE.toml  other labels than tests/corpus/truth.toml

Counted are the labels yes and no: mllint agrees where it says the same, and does not where it says
anything else. Exits with 1 below 0.95 over all, or below 0.8 for a practice with five such labels.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import tomli

TRUTH = Path(__file__).parent.parent / "tests" / "corpus" / "truth.toml"
OVERALL, EACH, ENOUGH = 0.95, 0.8, 5
OPTIONS = ("--isolated", "--select", "all", "--profile", "production", "--exit-zero")
STATES = {
    "pass": "yes",
    "fail": "no",
    "blocked": "no",
    "unknown": "unclear",
    "crashed": "unclear",
    "not-applicable": "na",
}
"""What an outcome says of a practice: a rule that is blocked waits for what another one misses."""
STRONGEST = ("no", "yes", "unclear", "na")
"""Which state counts where several rules decide about one practice."""

Served: TypeAlias = Mapping[str, Sequence[str]]


class Label(NamedTuple):
    """What a person found."""

    label: str
    at: str
    why: str


class Said(NamedTuple):
    """What mllint says, and by which rule."""

    state: str
    rule: str
    reason: str


class Pair(NamedTuple):
    """A label and what mllint says to it."""

    repository: str
    practice: str
    label: Label
    said: Said

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.label.label == self.said.state

    def __str__(self) -> str:
        """Both sides with their reasons."""
        at, why = self.label.at, self.label.why
        return (
            f"  {self.repository}: {self.practice}: labelled {self.label.label} ({at}: {why}); "
            f"mllint says {self.said.state} ({self.said.rule or '-'}: {self.said.reason})"
        )


def load(path: Path) -> dict[str, dict[str, Label]]:
    """Repository -> practice -> label."""
    tables = tomli.loads(path.read_text("utf-8"))
    return {
        repository: {
            practice: Label(entry["label"], entry["at"], entry["why"])
            for practice, entry in table.items()
            if isinstance(entry, dict)
        }
        for repository, table in tables.items()
    }


def deciders(rules: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Practice -> the rules that are about it: those that cite it first, else all that cite it."""
    first: dict[str, list[str]] = {}
    further: dict[str, list[str]] = {}
    for rule in rules:
        for place, practice in enumerate(rule["practices"]):
            (further if place else first).setdefault(practice, []).append(rule["id"])
    return {**further, **first}


def fold(practice: str, served: Served, outcomes: Mapping[str, Mapping[str, Any]]) -> Said:
    """What the deciding rules say together: one that fails outweighs the others."""
    said: dict[str, Said] = {}
    for rule in served.get(practice, ()):
        if (found := outcomes.get(rule)) is not None:
            state = STATES[found["outcome"]]
            said.setdefault(state, Said(state, rule, found["reason"] or found["outcome"]))
    return next(
        (said[state] for state in STRONGEST if state in said), Said("unclear", "", "no rule")
    )


def ask(*words: str) -> dict[str, Any]:
    """The JSON that a command of mllint prints."""
    command = [sys.executable, "-m", "mllint", *words, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def judged(folder: Path, truth: Mapping[str, Mapping[str, Label]]) -> list[Pair]:
    """Every label beside what mllint says about the repository in the folder."""
    if missing := [name for name in truth if not (folder / name).is_dir()]:
        sys.exit(f"not in {folder}: {', '.join(missing)}")
    served = deciders(ask("rules")["rules"])
    pairs = []
    for name, labels in truth.items():
        report = ask("check", str(folder / name), *OPTIONS)
        outcomes = {rule["id"]: rule for rule in report["rules"]}
        pairs += [
            Pair(name, practice, label, fold(practice, served, outcomes))
            for practice, label in labels.items()
        ]
    return pairs


def share(pairs: Sequence[Pair]) -> float:
    """How many agree; 1 where there is nothing to agree about."""
    return sum(pair.agrees for pair in pairs) / len(pairs) if pairs else 1.0


def by_practice(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """The pairs whose label is yes or no."""
    groups: dict[str, list[Pair]] = {pair.practice: [] for pair in pairs}
    for pair in pairs:
        if pair.label.label in {"yes", "no"}:
            groups[pair.practice].append(pair)
    return groups


def weak(groups: Mapping[str, Sequence[Pair]]) -> list[str]:
    """The practices with enough labels and too little agreement."""
    return [p for p, own in groups.items() if len(own) >= ENOUGH and share(own) < EACH]


def page(pairs: Sequence[Pair]) -> str:
    """A line per practice, each disagreement, and the whole."""
    groups = by_practice(pairs)
    counted = [pair for own in groups.values() for pair in own]
    lines = []
    for practice, own in groups.items():
        labels = Counter(pair.label.label for pair in own)
        agreed = sum(pair.agrees for pair in own)
        lines.append(
            f"{practice:24} yes {labels['yes']:2}  no {labels['no']:2}  "
            f"agreed {agreed:2}  {share(own):.2f}"
        )
        lines += [str(pair) for pair in own if not pair.agrees]
    if wrong := [p for p in pairs if p.label.label == "na" and p.said.state == "no"]:
        lines += ["", "mllint misses what does not apply, as the label says (not counted):"]
        lines += [str(pair) for pair in wrong]
    agreed = sum(pair.agrees for pair in counted)
    lines += ["", f"{agreed} of {len(counted)} labels yes or no agreed: {share(counted):.3f}"]
    lines.append(f"under {EACH} with {ENOUGH} labels or more: {', '.join(weak(groups)) or 'none'}")
    return "\n".join(lines)


def passes(pairs: Sequence[Pair]) -> bool:
    """Whether agreement is high enough, over all and for each practice."""
    groups = by_practice(pairs)
    return share([p for own in groups.values() for p in own]) >= OVERALL and not weak(groups)


def main() -> None:
    """Print the agreement; exit with 1 where it is too low."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--truth", type=Path, default=TRUTH)
    given = parser.parse_args()
    pairs = judged(given.folder, load(given.truth))
    print(page(pairs))
    sys.exit(not passes(pairs))


if __name__ == "__main__":
    main()
