"""One run: settings and a folder in, a report out.

Joins the layers in order and holds no knowledge of its own about rules, files or formats.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mllint import __version__, waived
from mllint import score as scoring
from mllint.cache import Cache
from mllint.catalogue import load
from mllint.judge import judge_all, traits
from mllint.meta_rules import CATEGORY as META_CATEGORY
from mllint.observed import Observed, key_of, recall
from mllint.review import (
    PROFILES,
    SEVERITIES,
    Finding,
    Gate,
    Outcome,
    Profile,
    Report,
    Rule,
    Run,
    Score,
    UsageError,
)
from mllint.rulesets import applied
from mllint.selection import select
from mllint.settings import OVERALL, STRICT, Settings
from mllint.sources import Sources
from mllint.tree import Tree, TreeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mllint.catalogue import Catalogue
    from mllint.collect import Collected
    from mllint.judge import Locate
    from mllint.observed import Scene
    from mllint.project import Project

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many files of it are done, and how many there are."""


def run(
    root: Path,
    settings: Settings,
    *,
    paths: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Report:
    """Lint and score the tree at `root`; `paths` (files or folders in it) narrow what is shown.

    Raises UsageError for a root, a path or a selector that does not exist, and CatalogueError for
    mistakes in a rule folder.
    """
    started = time.perf_counter()
    own = () if settings.isolated else settings.rules
    catalogue = applied(load(own, options=settings.options), settings.ruleset)
    rules, disabled = select(catalogue, settings)
    tree = _tree(root, settings)
    if not tree.paths:
        rules = {}  # in an empty folder nothing can be missing
    with _cache(settings) as cache:
        key = key_of(tree, catalogue, settings.options) if cache is not None else ""
        observed = _observed(tree, catalogue, settings, cache, key, progress)
        report = review(observed, catalogue, rules, settings, tree)
        if cache is not None and key and observed.made:
            cache.keep(observed.text(), [key])
    chosen = settings.source("select") == "--select"
    narrowed = bool(paths) or settings.scope != "all" or chosen
    report = replace(
        report,
        disabled=disabled,
        run=_run(
            tree,
            settings,
            observed.scene,
            cache.notices if cache else (),
            complete=not narrowed,
            seconds=time.perf_counter() - started,
        ),
    )
    return _narrowed(report, paths, settings) if narrowed else report


def _tree(root: Path, settings: Settings) -> Tree:
    try:
        return Tree.open(str(root), settings.exclude)
    except TreeError as error:
        raise UsageError(str(error)) from error


@contextmanager
def _cache(settings: Settings) -> Iterator[Cache | None]:
    """The cache, open for as long as it is needed; None where none is wanted."""
    if not settings.cache:
        yield None
        return
    cache = Cache(str(settings.cache_dir) if settings.cache_dir else None)
    try:
        yield cache
    finally:
        cache.close()


def _observed(
    tree: Tree,
    catalogue: Catalogue,
    settings: Settings,
    cache: Cache | None,
    key: str,
    progress: Progress,
) -> Observed:
    """What the checks see in the tree, remembered or to be made."""

    def read() -> tuple[Collected, Project]:
        from mllint.collect import collect
        from mllint.link import link

        collected = collect(
            tree,
            catalogue.known,
            jobs=settings.jobs,
            cache=cache,
            progress=partial(progress, "reading"),
        )
        return collected, link(collected, tree, catalogue)

    return recall(cache, key, read) if cache is not None and key else Observed(read)


def review(
    observed: Observed,
    catalogue: Catalogue,
    rules: Mapping[str, Rule],
    settings: Settings,
    tree: Tree,
) -> Report:
    """Judge what was observed: traits, outcomes, the three scores, what to fix first, the gate."""
    scene = observed.scene
    suppressions = waived.suppressions(scene, catalogue, settings)
    sources = Sources(tree, suppressions.covering)
    held = traits(observed, catalogue.traits, settings.traits)
    scored = {name: rule for name, rule in rules.items() if not rule.meta}
    applies = held["ml"].holds is not False if "ml" in held else True

    def judged(locate: Locate) -> tuple[list[Outcome], dict[Profile, Score]]:
        outcomes = judge_all(
            observed, scored, held, settings.profile, locate, settings.min_confidence
        )
        scores: dict[Profile, Score] = {
            p: scoring.score(p, outcomes, scored, catalogue.categories, applies=applies)
            for p in PROFILES
        }
        return _priced(outcomes, scores[settings.profile]), scores

    outcomes, scores = judged(sources.locate)
    bare, strict = judged(sources.bare) if waived.any_excused(outcomes) else (outcomes, {})
    more = waived.told(suppressions, outcomes, rules, settings, sources.locate, tree)
    uses = suppressions.uses(outcomes, waived.prices(bare))
    outcomes = [_masked(o, rules[o.rule], settings.profile) for o in outcomes]
    failing = _failing(outcomes, settings)
    fixes = scoring.fixes(settings.profile, outcomes, scored, catalogue.categories, failing)
    outcomes += more
    return Report(
        run=_run(tree, settings, scene, (), complete=True, seconds=0.0),
        profile=settings.profile,
        rules=rules,
        categories={**catalogue.categories, META_CATEGORY.id: META_CATEGORY},
        traits=held,
        outcomes=tuple(sorted(outcomes, key=lambda o: (o.category, o.rule))),
        scores=scores,
        fix_first=fixes if applies else (),
        problems=scene.problems,
        disabled={},
        gate=gate(outcomes, scores[settings.profile], settings, len(scene.problems), strict),
        strict=strict,
        waivers=uses,
    )


def gate(
    outcomes: Iterable[Outcome],
    score: Score | None,
    settings: Settings,
    unread: int,
    strict: Mapping[Profile, Score] | None = None,
) -> Gate:
    """Whether the run passes: findings at or above the threshold, least scores, crashes."""
    outcomes = list(outcomes)
    reasons = []
    if settings.fail_on != "never":
        bar = SEVERITIES.index(settings.fail_on)
        count = sum(
            f.status == "new" and SEVERITIES.index(f.severity) <= bar
            for o in outcomes
            for f in o.findings
        )
        if count:
            reasons.append(f"{count} finding{'s' * (count > 1)} at or above `{settings.fail_on}`")
    bare = (strict or {}).get(settings.profile, score)
    reasons.extend(_too_low(score, bare, settings.min_score) if score and bare else ())
    crashed = [o.rule for o in outcomes if o.verdict == "crashed"]
    broken = [f"rule {name} crashed" for name in crashed]
    if settings.strict and unread:
        broken.append(f"{unread} file{'s' * (unread > 1)} could not be read")
    code = 3 if broken else 1 if reasons and not settings.exit_zero else 0
    return Gate(not reasons and not broken, code, (*broken, *reasons))


def _too_low(score: Score, strict: Score, wanted: Mapping[str, float]) -> list[str]:
    reasons = []
    for name, least in wanted.items():
        if name == STRICT:
            if strict.value is not None and strict.value < least:
                value = scoring.shown(strict.value)
                reasons.append(f"score without waivers {value} is below {least:g}")
            continue
        if name == OVERALL:
            if score.value is not None and score.value < least:
                reasons.append(f"score {scoring.shown(score.value)} is below {least:g}")
            continue
        for category in score.categories:
            percent = 100.0 * category.earned / category.max
            if category.id == name and percent < least:
                reasons.append(f"{name} {scoring.shown(percent)} is below {least:g}")
    return reasons


def _failing(outcomes: Iterable[Outcome], settings: Settings) -> frozenset[str]:
    """The rules whose findings fail the gate."""
    if settings.fail_on == "never":
        return frozenset()
    bar = SEVERITIES.index(settings.fail_on)
    return frozenset(
        o.rule
        for o in outcomes
        for f in o.findings
        if f.status == "new" and SEVERITIES.index(f.severity) <= bar
    )


def _masked(outcome: Outcome, rule: Rule, profile: Profile) -> Outcome:
    """An outcome without findings where the profile does not expect the rule."""
    if scoring.expects(profile, rule):
        return outcome
    return replace(outcome, findings=())


def _priced(outcomes: Iterable[Outcome], score: Score) -> list[Outcome]:
    """The outcomes with the points that each finding costs in the chosen profile's score."""
    ledger = {line.rule: line for line in score.ledger}
    priced = []
    for outcome in outcomes:
        count = sum(f.costs for f in outcome.findings)
        line = ledger.get(outcome.rule)
        if not count or line is None or score.value is None:
            priced.append(outcome)
            continue
        each = scoring.lost_per_finding(line, count)
        findings = tuple(replace(f, lost=each) if f.costs else f for f in outcome.findings)
        priced.append(replace(outcome, findings=findings))
    return priced


def _narrowed(report: Report, paths: Sequence[str], settings: Settings) -> Report:
    """The report with only the findings of some paths, or of one kind of rule, and no score."""

    def shown(finding: Finding) -> bool:
        per_file = not finding.anchored
        if settings.scope == "files" and not per_file:
            return False
        if settings.scope == "repo":
            return not per_file
        at = finding.at.path
        return not paths or any(at == p or p in {"", "."} or at.startswith(f"{p}/") for p in paths)

    outcomes = tuple(
        replace(o, findings=tuple(f for f in o.findings if shown(f))) for o in report.outcomes
    )
    narrowed = replace(report, outcomes=outcomes, fix_first=())
    return replace(narrowed, gate=gate(outcomes, None, settings, len(report.problems)))


def _run(
    tree: Tree,
    settings: Settings,
    scene: Scene,
    notices: Sequence[str],
    *,
    complete: bool,
    seconds: float,
) -> Run:
    return Run(
        files=len(tree.paths),
        notebooks=scene.notebooks,
        lines=scene.lines,
        cached=scene.cached,
        seconds=seconds,
        root=str(tree.root),
        version=__version__,
        python=platform.python_version(),
        config_files=settings.config_files,
        config_hash=settings.config_hash,
        ruleset=settings.ruleset,
        score_model=scoring.MODEL,
        commit=scene.head,
        complete=complete,
        rule_folders=tuple(str(p) for p in settings.rules),
        notices=tuple(dict.fromkeys((*tree.notices, *scene.notices, *notices))),
    )
