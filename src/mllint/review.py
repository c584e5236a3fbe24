"""What mllint says about a repository: rules, evidence, findings, outcomes, scores, the report.

Pure data. Knows nothing of how evidence is found, of files or of output formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from mllint.others import Attested, Concealed, Imported
from mllint.scorecard import CategoryScore, Fix, Line, Score

if TYPE_CHECKING:
    from mllint.facts import Place, Problem
    from mllint.project import Project
    from mllint.ruleparts import Example, Option
    from mllint.waiver import BaselineUse, Waiver, WaiverUse

__all__ = [
    "CONFIDENCES",
    "EFFORTS",
    "PROFILES",
    "SEVERITIES",
    "SEVERITY_POINTS",
    "SUBJECTS",
    "Attested",
    "Category",
    "CategoryScore",
    "Check",
    "Concealed",
    "Confidence",
    "Edit",
    "Evidence",
    "Finding",
    "Fix",
    "Gate",
    "Imported",
    "Line",
    "Outcome",
    "Profile",
    "Related",
    "Report",
    "Rule",
    "Run",
    "Score",
    "Severity",
    "Status",
    "Subject",
    "Trait",
    "UsageError",
    "Verdict",
]  # fmt: skip

Severity: TypeAlias = Literal["error", "warning", "note"]
FailOn: TypeAlias = Literal["error", "warning", "note", "never"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
Profile: TypeAlias = Literal["research", "internal", "production"]
Verdict: TypeAlias = Literal["pass", "fail", "not-applicable", "blocked", "unknown", "crashed"]
Status: TypeAlias = Literal["new", "baselined", "waived", "hidden"]
Subject: TypeAlias = Literal["place", "file", "project"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first."""
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")
"""Surest first."""
PROFILES: tuple[Profile, ...] = ("research", "internal", "production")
"""Least demanding first."""
SUBJECTS: tuple[Subject, ...] = ("place", "file", "project")
SEVERITY_POINTS: Mapping[Severity, int] = {"error": 10, "warning": 5, "note": 2}
EFFORTS: Mapping[str, int] = {
    "5 min": 5,
    "10 min": 10,
    "15 min": 15,
    "30 min": 30,
    "1 h": 60,
    "2 h": 120,
    "4 h": 240,
    "1 d": 480,
}
"""Minutes of work, a day being eight hours."""


class UsageError(Exception):
    """A mistake of the user's: what is wrong, where, and how to mend it. Exit code 2."""


_NO_FIELDS: Mapping[str, str] = MappingProxyType({})


class Related(NamedTuple):
    """A further place that a finding or a piece of evidence speaks of."""

    at: Place
    text: str
    code: str = ""
    """Its source line, where that is beyond what a finding's snippet can hold."""


class Edit(NamedTuple):
    """A replacement in source text: 0-based code points in the file, or in the notebook cell."""

    path: str
    cell: int
    """1-based index of the cell; 0 outside notebooks."""
    start: int
    end: int
    text: str


class Evidence(NamedTuple):
    """One thing seen that speaks for or against a rule."""

    ok: bool | None
    """True = good, False = bad, None = cannot tell."""
    at: Place | None = None
    """None stands for the repository; the report then shows the rule's anchor."""
    note: str = ""
    """What was seen, in a few words: "`torch.load` without `weights_only`"."""
    credit: float = 0.0
    """For bad evidence, the part of the credit that it still earns: 0.5 optional, 0.25 declared."""
    confidence: Confidence | None = None
    """Overrides the rule's."""
    related: tuple[Related, ...] = ()
    edits: tuple[Edit, ...] = ()
    fields: Mapping[str, str] = _NO_FIELDS
    """What the rule's message may name in braces."""
    scope: str = ""
    """Qualified name of the enclosing function or class; part of the fingerprint."""


Check: TypeAlias = Callable[["Project"], Iterable[Evidence]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One file of the catalogue."""

    id: str
    category: str
    title: str
    source: tuple[str, ...]
    """`document#section` keys of documents.toml."""
    practices: tuple[str, ...]
    """Check ids of the practice map that the rule serves: `split.seeded`."""
    severity: Mapping[Profile, Severity]
    confidence: Confidence
    profile: Profile
    """The least demanding profile that expects this."""
    when: tuple[str, ...]
    requires: tuple[str, ...]
    effort: str
    message: str
    remedy: str
    why: str
    limits: str
    references: tuple[str, ...]
    related: tuple[str, ...]
    tags: tuple[str, ...]
    options: tuple[Option, ...]
    anchor: tuple[str, ...]
    """Where a finding without a place is shown: the first of these paths that exists."""
    since: str
    preview: bool
    opinion: bool
    check: Check
    how: str
    """How it is found, in words made from the check."""
    examples: tuple[Example, ...]
    file: str
    """The rule's file, relative to its rule folder."""
    counted: str = ""
    """What its good places are, in the plural: "actions are pinned"; "" where one is enough."""
    nothing: str = "there is nothing to judge"
    """What is missing where it does not apply, or where a search finds nothing."""
    subject: Subject = "place"
    """What a finding is about, and is known by, wherever it is shown."""
    distinct: tuple[str, ...] = ()
    """Fields of evidence by which a finding is known instead of its text: the name of a package."""
    renamed_from: tuple[str, ...] = ()
    """Ids that it had before, which still stand for it."""
    meta: bool = False
    """Whether it is about suppressions and settings: always on, never scored."""


@dataclass(frozen=True, slots=True)
class Category:
    """A folder of rules."""

    id: str
    title: str
    why: str
    budget: Mapping[Profile, float]
    """Points of the category when every rule of it applies, per profile."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Bad evidence, worded."""

    id: str
    """Of rule and fingerprint, 16 hexadecimal digits; `-2` and so on for further ones alike."""
    rule: str
    category: str
    severity: Severity
    confidence: Confidence
    message: str
    remedy: str
    at: Place
    anchored: bool
    """Whether `at` is only the anchor of a finding about the whole repository."""
    related: tuple[Related, ...]
    snippet: tuple[tuple[int, str], ...]
    """Line number and text of each line shown."""
    status: Status
    """baselined: known before; fails no gate, costs what it costs. waived: somebody wrote why it
    stays, or merely that it does. hidden: below the wanted confidence, or a preview rule; never
    scored."""
    lost: float
    """Points of the chosen profile's score."""
    effort: int
    reason: str = ""
    """Why it was waived; without a reason it still costs its points. Or where it is known from."""
    waiver: Waiver | None = None
    fingerprint: str = ""
    """Of scope and text, whatever rule and path are called."""
    subject: Subject = "place"
    scope: str = ""
    """Qualified name of the function or class around it, or the cell."""
    sketch: str = ""
    """What an edited text is known by: `fingerprints.sketch`, or the blob of a whole file."""
    line_hash: str = ""
    """`linehash` of the line of the file; "" where that could not be read."""

    @property
    def place(self) -> str:
        """The path that it is about; "" for the whole project."""
        return "" if self.anchored or self.subject == "project" else self.at.path

    @property
    def excused(self) -> bool:
        """Whether it is out of verdict and score, because somebody said why it may stay."""
        return self.status == "waived" and bool(self.reason)

    @property
    def costs(self) -> bool:
        """Whether it can cost points."""
        return self.status != "hidden" and not self.excused and self.confidence != "low"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule."""

    rule: str
    category: str
    verdict: Verdict
    share: float
    """Credit earned, 0 to 1, before the cap for errors."""
    sites: int
    """Places judged for good or bad."""
    bad: int
    findings: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    """Good and undecided evidence, the first 200 pieces."""
    reason: str
    """One sentence: what was seen, why it does not apply, what blocks it, why nobody can tell."""
    blockers: tuple[str, ...] = ()
    """The failed rules on which a blocked rule waits."""
    undecided: int = 0
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that the project is or has."""

    id: str
    title: str
    holds: bool | None
    reason: str
    overridden: bool = False
    fault: str = ""
    """The rule that reports its absence: where that fails, what needs the trait is blocked."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the run passes, and which thresholds it failed."""

    passed: bool
    exit_code: int
    reasons: tuple[str, ...]
    fail_on: FailOn = "error"
    """Findings of this severity or a worse one fail the run."""

    def stops(self, finding: Finding) -> bool:
        """Whether a finding fails the run."""
        if self.fail_on == "never" or finding.status != "new":
            return False
        return SEVERITIES.index(finding.severity) <= SEVERITIES.index(self.fail_on)


@dataclass(frozen=True, slots=True)
class Run:
    """Facts of the run itself."""

    files: int
    notebooks: int
    lines: int
    cached: int
    seconds: float
    root: str
    version: str
    python: str
    config_files: tuple[str, ...]
    config_hash: str
    ruleset: str
    score_model: int
    commit: str
    complete: bool
    """False where a path, a selection or a scope left part of the rules or files out."""
    rule_folders: tuple[str, ...]
    notices: tuple[str, ...]
    """What the user should know of how the run was done: a cache that is not used, and the like."""
    inside: str = ""
    """Where the root lies in its git repository, POSIX; "" at its top."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run says."""

    run: Run
    profile: Profile
    rules: Mapping[str, Rule]
    categories: Mapping[str, Category]
    traits: Mapping[str, Trait]
    outcomes: tuple[Outcome, ...]
    """Ordered by category, then rule id."""
    scores: Mapping[Profile, Score]
    fix_first: tuple[Fix, ...]
    problems: Sequence[Problem]
    """Unread files."""
    disabled: Mapping[str, str]
    """Rules that were not selected, with the reason."""
    gate: Gate
    imported: tuple[Imported, ...] = ()
    """Findings of other tools: shown, never scored."""
    attested: tuple[Attested, ...] = ()
    """All questions that only people can answer, if any was answered or they were asked for."""
    concealed: tuple[Concealed, ...] = ()
    """In an audit: what the repository's own settings would have hidden."""
    strict: Mapping[Profile, Score] = field(default_factory=dict)
    """The scores without any waiver; empty where no waiver has an effect."""
    waivers: tuple[WaiverUse, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long the check of each rule took, where somebody asked for it."""
    before: Report | None = None
    """The report that this one is compared with: of the base of the branch, or an older one."""
    before_name: str = ""
    baseline: BaselineUse | None = None
    """None where there is no baseline."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all outcomes, worst severity first, then by points lost and place."""
        found = [f for outcome in self.outcomes for f in outcome.findings]
        return tuple(
            sorted(
                found,
                key=lambda f: (
                    SEVERITIES.index(f.severity),
                    -round(f.lost, 6),  # as reports in JSON have it
                    f.at.path,
                    f.at.cell or (),
                    f.at.line,
                    f.rule,
                ),
            )
        )

    @property
    def score(self) -> Score:
        """The score of the chosen profile."""
        return self.scores[self.profile]
