"""What a run is asked to do: one frozen value that every layer may read.

Pure data. Knows nothing of configuration files, flags or the environment, which `config` joins
into it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from mllint.review import Confidence, Profile, Severity
    from mllint.waiver import Waiver

FailOn: TypeAlias = Literal["error", "warning", "note", "never"]
Scope: TypeAlias = Literal["files", "repo", "all"]

LATEST = "2026.1"
"""The newest stable ruleset."""
OVERALL = "overall"
"""The key of `min_score` that stands for the whole score."""
STRICT = "strict"
"""The key of `min_score` that stands for the whole score without waivers."""

_RESULTS = (
    "profile", "ruleset", "select", "extend_select", "ignore", "exclude", "min_confidence",
    "severity", "options", "traits", "isolated", "scope", "waivers",
    "per_path", "attest", "respect_gitignore",
)  # fmt: skip


class Origin(NamedTuple):
    """A value that one source gave to a setting."""

    value: Any
    source: str
    """`default`, `pyproject.toml:41`, an environment variable, or a flag."""


class ProjectEntry(NamedTuple):
    """A project of a monorepo."""

    path: str
    """Of its folder, from the root."""
    name: str
    profile: Profile | None
    source: str


@dataclass(frozen=True)
class Settings:
    """The settings of one run."""

    profile: Profile = "internal"
    ruleset: str = LATEST
    select: tuple[str, ...] = ("default",)
    """Selectors: rule id, category, practice, glob, `tag:x`, `profile:x`, `default`, `all`."""
    extend_select: tuple[str, ...] = ()
    ignore: Mapping[str, str] = field(default_factory=dict)
    """Selector -> reason, "" where none was given."""
    waivers: tuple[Waiver, ...] = ()
    """Of the configuration."""
    attest: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Question of the practice map -> who, when, proof, until and says."""
    per_path: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Pattern in gitignore syntax -> `ignore`, `severity`, `options` and `profile` there."""
    baseline: str | None = None
    """The file of known findings, from the root; None = `.mllint-baseline.json` if there is one,
    "" = none."""
    baseline_strict: bool = False
    """Whether entries of the baseline that are mended fail the run."""
    projects: tuple[ProjectEntry, ...] = ()
    since: str = ""
    """Findings that were there where HEAD left this reference are known; "" = none are."""
    changed_lines: str = ""
    """Findings on no line that was changed since HEAD left this reference are known."""
    no_regression: bool = False
    """Whether the run fails for a score lower than before."""
    against: Path | None = None
    """The report in JSON with the score before; None = the score at `since`."""
    exclude: tuple[str, ...] = ()
    """Patterns in gitignore syntax, from the root."""
    min_confidence: Confidence = "medium"
    fail_on: FailOn = "error"
    min_score: Mapping[str, float] = field(default_factory=dict)
    """`overall` or a category -> the least score, 0 to 100; of a category, percent of its part."""
    require_reason: bool = True
    rules: tuple[Path, ...] = ()
    """The user's own rule folders, absolute."""
    severity: Mapping[str, Severity] = field(default_factory=dict)
    """Selector -> severity."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Rule id -> option -> value."""
    traits: Mapping[str, bool] = field(default_factory=dict)
    """Trait id -> whether it holds, whatever the repository says."""
    scope: Scope = "all"
    """files: only rules that look at one file at a time; repo: only the others."""
    jobs: int | None = None
    """Worker processes; None = as many as there are cores."""
    cache: bool = True
    cache_dir: Path | None = None
    """None = the user's cache directory."""
    isolated: bool = False
    """Leaves out the repository's own settings, rule folders and ignore comments."""
    today: date | None = None
    """The day on which waivers are judged; None = today."""
    respect_gitignore: bool = True
    """Whether what git ignores is left out."""
    force_exclude: bool = False
    """Whether what is excluded or ignored is left out even where it is named."""
    timed: bool = False
    """Whether it is told how long each check took; every one runs then."""
    strict: bool = False
    """Whether unread files end in exit code 3."""
    exit_zero: bool = False
    """Whether a failed gate still ends in exit code 0."""
    config_files: tuple[str, ...] = ()
    """The files that were read, relative to the root where they lie in it."""
    hints: tuple[str, ...] = ()
    """What the user should know of the configuration; for stderr."""
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    """By key as in the configuration (`min-score.overall`): what counts first, then what it
    overrode."""

    def source(self, key: str) -> str:
        """Where the value of a key comes from: the key itself, or the nearest table above it."""
        while key and key not in self.origins:
            key = key.rpartition(".")[0]
        return self.origins[key][0].source if key else "default"

    def source_below(self, key: str) -> str:
        """Where a table is first spoken of, by the first of its keys."""
        if key in self.origins:
            return self.origins[key][0].source
        return self._first_below.get(key) or self.source(key)

    @cached_property
    def _first_below(self) -> Mapping[str, str]:
        """The source of the first key below each table."""
        found: dict[str, str] = {}
        for name, origins in self.origins.items():
            while name := name.rpartition(".")[0]:
                found.setdefault(name, origins[0].source)
        return found

    def source_of(self, key: str, item: str) -> str:
        """Where an item of a list that several sources add to comes from."""
        return next((o.source for o in self.origins.get(key, ()) if item in o.value), "default")

    @property
    def config_hash(self) -> str:
        """12 hexadecimal digits over everything here that can change a result."""
        values = {name: getattr(self, name) for name in _RESULTS}
        text = json.dumps(values, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
