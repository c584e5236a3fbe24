"""The practice map: what the documents ask for, and which rules look at it.

Reads `rules/practices/`, which an ordinary check never does. Knows rules by their ids; knows
nothing of how evidence is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import tomli

from mllint.catalogue import CatalogueError
from mllint.language import unlike

if TYPE_CHECKING:
    from pathlib import Path

    from mllint.catalogue import Catalogue

See: TypeAlias = Literal["yes", "partly", "no"]
Effect: TypeAlias = Literal["", "elsewhere", "annotates"]
_KINDS = ("research", "pipeline", "service", "library", "notebook")
_CHECKS, _ATTESTATIONS = "checks", "attestations"
"""The files that hold no rows; every other one is named by its document."""
_KEYS: Mapping[str, tuple[str, ...]] = {
    "check": ("asks", "counts", "against", "na", "kinds"),
    "attestation": ("topic", "question", "nearest", "effect"),
    "row": ("says", "see", "checks", "attest", "counts", "against", "na", "kinds"),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "check": ("asks", "counts"),
    "attestation": ("topic", "question", "nearest"),
    "row": ("says", "see", "checks"),
}
_CHOICES: Mapping[str, Sequence[str]] = {
    "see": ("yes", "partly", "no"),
    "effect": ("elsewhere", "annotates"),
}


@dataclass(frozen=True, slots=True)
class PracticeCheck:
    """What can be asked of a repository: `split.seeded`."""

    id: str
    asks: str
    counts: str
    """What shows it."""
    against: str
    """What does not count, or speaks against it; "" where nothing does."""
    na: str
    """Where it does not apply."""
    kinds: tuple[str, ...]
    """Kinds of project of which it is expected; empty for all."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """What only people can answer."""

    id: str
    topic: str
    question: str
    nearest: str
    """What a repository can show of it."""
    effect: Effect
    """Whether it says that something is done elsewhere, or only annotates results."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A row of a document."""

    id: str
    document: str
    section: str
    says: str
    see: See
    """How much of it a repository can show."""
    checks: tuple[str, ...]
    """Ids of `PracticeCheck`, the deciding one first."""
    attest: str
    """Id of the `Attestation` that settles or completes it; "" for none."""
    counts: str
    against: str
    na: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PracticeMap:
    """The practices of all documents, and the rules that look at them."""

    checks: Mapping[str, PracticeCheck]
    rows: Mapping[str, Practice]
    attestations: Mapping[str, Attestation]
    served: Mapping[str, tuple[str, ...]]
    """Id of a check or row -> ids of the rules that cite it."""
    about: Mapping[str, str]
    """Rule -> the check or row that it cites first."""

    def deciding(self, row: Practice) -> tuple[str, ...]:
        """The rules that cite the row or its deciding check."""
        return tuple(dict.fromkeys((*self._citing(row.id), *self._citing(row.checks[0]))))

    def rules(self, row: Practice) -> tuple[str, ...]:
        """All rules that look at the row, the deciding ones first."""
        further = (rule for check in row.checks[1:] for rule in self._citing(check))
        return tuple(dict.fromkeys((*self.deciding(row), *further)))

    def _citing(self, name: str) -> tuple[str, ...]:
        return self.served.get(name, ())


def load(catalogue: Catalogue) -> PracticeMap:
    """The practice map beside the rules of a catalogue; CatalogueError names every mistake."""
    return _Loading(catalogue).run()


class _Loading:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.folder = catalogue.folders[0] / "practices"
        self.mistakes: list[str] = []

    def run(self) -> PracticeMap:
        checks = self.checks()
        attestations = {
            name: Attestation(
                name, spec["topic"], spec["question"], spec["nearest"], spec.get("effect", "")
            )
            for name, spec in self.entries(_ATTESTATIONS, "attestation")
        }
        rows = self.rows(checks, attestations)
        served = self.served({*checks, *rows})
        if self.mistakes:
            raise CatalogueError("\n".join(self.mistakes))
        about = {r.id: r.practices[0] for r in self.catalogue.rules.values() if r.practices}
        return PracticeMap(checks, rows, attestations, served, about)

    def table(self, path: Path) -> dict[str, Any]:
        try:
            return tomli.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            self.mistakes.append(f"practices/{path.name}: {error}")
            return {}

    def entries(self, stem: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The well-formed tables of a file."""
        found = self.table(self.folder / f"{stem}.toml").items()
        return [(name, spec) for name, spec in found if self.sound(stem, name, spec, kind)]

    def sound(self, stem: str, name: str, spec: Any, kind: str) -> bool:
        """Whether a table has the keys of its kind; what is wrong is kept."""
        wrong = []
        if not isinstance(spec, Mapping):
            wrong, spec = ["must be a table"], {}
        else:
            wrong += [f"{key} is missing" for key in _NEEDED[kind] if not spec.get(key)]
        for key, value in spec.items():
            if key not in _KEYS[kind]:
                wrong.append(f"unknown key {key}{unlike(key, _KEYS[kind])}")
            elif key in _CHOICES and value not in _CHOICES[key]:
                wrong.append(f"{key} must be one of {', '.join(_CHOICES[key])}")
        wrong += [
            f"unknown kind {word}{unlike(word, _KINDS)}"
            for word in spec.get("kinds", ())
            if word not in _KINDS
        ]
        self.mistakes += [f"practices/{stem}.toml: {name}: {text}" for text in wrong]
        return not wrong

    def checks(self) -> dict[str, PracticeCheck]:
        found = {}
        for group, members in self.table(self.folder / f"{_CHECKS}.toml").items():
            for name, spec in members.items():
                full = f"{group}.{name}"
                if self.sound(_CHECKS, full, spec, "check"):
                    found[full] = PracticeCheck(
                        full,
                        spec["asks"],
                        spec["counts"],
                        spec.get("against", ""),
                        spec.get("na", ""),
                        tuple(spec.get("kinds", ())),
                    )
        return found

    def rows(
        self, checks: Mapping[str, PracticeCheck], attestations: Mapping[str, Attestation]
    ) -> dict[str, Practice]:
        """The rows of all documents, in the order of documents.toml."""
        documents = self.catalogue.documents
        stems = {path.stem for path in self.folder.glob("*.toml")} - {_CHECKS, _ATTESTATIONS}
        self.mistakes += [
            f'practices/{stem}.toml: unknown document "{stem}"{unlike(stem, documents)}'
            for stem in sorted(stems - set(documents))
        ]
        rows: dict[str, Practice] = {}
        for stem in (key for key in documents if key in stems):
            for section, entries in self.table(self.folder / f"{stem}.toml").items():
                if section not in documents[stem].sections:
                    near = unlike(section, documents[stem].sections)
                    self.mistakes.append(f'practices/{stem}.toml: no section "{section}"{near}')
                for name, spec in entries.items():
                    if name in rows:
                        self.mistakes.append(f"practices/{stem}.toml: {name}: is there twice")
                    if self.sound(stem, name, spec, "row") and self.known(
                        stem, name, spec, checks, attestations
                    ):
                        rows[name] = _row(name, stem, section, spec, checks)
        return rows

    def known(
        self,
        stem: str,
        name: str,
        spec: Mapping[str, Any],
        checks: Mapping[str, PracticeCheck],
        attestations: Mapping[str, Attestation],
    ) -> bool:
        """Whether everything that a row names exists."""
        wrong = [
            f'unknown check "{check}"{unlike(check, checks)}'
            for check in spec["checks"]
            if check not in checks
        ]
        if (attest := spec.get("attest")) and attest not in attestations:
            wrong.append(f'unknown attestation "{attest}"')
        if spec["see"] == "no" and not attest:
            wrong.append("what no repository shows needs an attestation")
        self.mistakes += [f"practices/{stem}.toml: {name}: {text}" for text in wrong]
        return not wrong

    def served(self, known: set[str]) -> dict[str, tuple[str, ...]]:
        """Check or row -> the rules that cite it."""
        found: dict[str, list[str]] = {}
        for rule in self.catalogue.rules.values():
            for name in rule.practices:
                found.setdefault(name, []).append(rule.id)
                if name not in known:
                    near = unlike(name, known)
                    self.mistakes.append(f'{rule.file}: practices: unknown practice "{name}"{near}')
        return {name: tuple(rules) for name, rules in found.items()}


def _row(
    name: str,
    document: str,
    section: str,
    spec: Mapping[str, Any],
    checks: Mapping[str, PracticeCheck],
) -> Practice:
    """The row; what it leaves out is as its deciding check says."""
    first = checks[spec["checks"][0]]
    return Practice(
        name,
        document,
        section,
        spec["says"],
        cast("See", spec["see"]),
        tuple(spec["checks"]),
        spec.get("attest", ""),
        spec.get("counts", first.counts),
        spec.get("against", first.against),
        spec.get("na", first.na),
        tuple(spec.get("kinds", first.kinds)),
    )
