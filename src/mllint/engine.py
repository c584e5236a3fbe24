"""One run: settings and a folder in, a report out.

Joins the layers in order and holds no knowledge of its own about rules, files or formats.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mllint import __version__, per_path, waived
from mllint import score as scoring
from mllint.attest import attested
from mllint.before import before, fallen, mended, own_files
from mllint.beside import Beside
from mllint.cache import Cache
from mllint.catalogue import load
from mllint.gate import failing, gate
from mllint.idle import idle_settings
from mllint.judge import by_need, judge_all, open_rules, traits
from mllint.known import Known, marked
from mllint.memory import Memory
from mllint.meta_rules import CATEGORY as META_CATEGORY
from mllint.observed import Observed
from mllint.renames import notices
from mllint.review import (
    PROFILES,
    Finding,
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
from mllint.sources import Sources
from mllint.tree import Tree, TreeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mllint.catalogue import Catalogue
    from mllint.collect import Collection
    from mllint.collected import Collected
    from mllint.judge import Locate
    from mllint.observed import Scene
    from mllint.pool import Crew
    from mllint.project import Project
    from mllint.settings import Settings

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many files of it are done, and how many there are."""
_GLANCE, _MUCH = 60, 8
"""Entries of a folder that are looked at, and files of code that are worth a second worker."""
NOTHING: Mapping[str, bytes] = {}


def run(
    root: Path,
    settings: Settings,
    *,
    paths: Sequence[str] = (),
    progress: Progress = lambda *_: None,
    hashed: bool = True,
    rev: str = "",
    over: Mapping[str, bytes] = NOTHING,
    meanwhile: Callable[[], None] = lambda: None,
) -> Report:
    """Lint and score the tree at `root`; `paths` (files or folders in it) narrow what is shown.

    `rev` is a git revision that is read from git's objects in place of the files; `over` holds
    files as they are taken to be, whatever is there. `hashed` is whether findings get the hash of
    their line, which SARIF alone has a use for. `meanwhile` may be called while others are at work.
    Raises UsageError for a root, a path or a selector that does not exist, and CatalogueError for
    mistakes in a rule folder.
    """
    started = time.perf_counter()
    own = () if settings.isolated else settings.rules
    with (
        Beside(partial(_tree, root, settings, rev)) as listing,
        _cache(root, settings) as cache,
        _crew(root, settings, cache) as crew,
    ):
        catalogue = load(own, options=settings.options, cache=cache, source=settings.source)
        catalogue = per_path.with_options(
            applied(catalogue, settings.ruleset, settings.source("ruleset")), settings
        )
        rules, disabled = select(catalogue, settings)
        tree = _with_named(listing.result(), paths, over, settings)

        def look(seen: Tree, known: Known) -> tuple[Report, Scene]:
            observed, keep = _observed(seen, catalogue, settings, cache, progress, crew, meanwhile)
            wanted = rules if seen.paths else {}  # in an empty folder nothing can be missing
            report = review(observed, catalogue, wanted, settings, seen, known, hashed=hashed)
            keep(observed)
            return report, observed.scene

        def judged(base: Tree) -> Report:
            return replace(look(base, Known())[0], disabled=disabled)

        known = before(root, tree, settings, judged)
        report, scene = look(tree, known)
    chosen = settings.source("select") == "--select"
    narrowed = bool(paths) or settings.scope != "all" or chosen
    report = replace(
        report,
        disabled=disabled,
        run=_run(
            tree,
            settings,
            scene,
            (*notices(settings, scene.ignores, catalogue.rules), *(cache.notices if cache else ())),
            complete=not narrowed,
            seconds=time.perf_counter() - started,
        ),
    )
    if narrowed:
        return _narrowed(report, paths, settings)
    base = known.base
    return replace(report, before=base.report, before_name=base.name) if base else report


def _tree(root: Path, settings: Settings, rev: str) -> Tree:
    exclude = (*settings.exclude, *own_files(settings))
    try:
        if rev:
            return Tree.at(str(root), rev, exclude)
        return Tree.open(str(root), exclude, ignored=not settings.respect_gitignore)
    except TreeError as error:
        raise UsageError(str(error)) from error


def _with_named(
    tree: Tree, paths: Sequence[str], over: Mapping[str, bytes], settings: Settings
) -> Tree:
    """The tree with the files that the user names, even where they are excluded or ignored."""
    if not settings.force_exclude:
        return tree.over(over).naming(paths)
    # What is on disk and not in the tree is left out of it.
    there = {p: text for p, text in over.items() if p in tree.entries or not _lies(tree, p)}
    return tree.over(there).without(settings.exclude)


def _lies(tree: Tree, path: str) -> bool:
    return Path(tree.root, path).exists()


@contextmanager
def _cache(root: Path, settings: Settings) -> Iterator[Cache | None]:
    """The cache, open for as long as it is needed; None where none is wanted."""
    if not settings.cache:
        yield None
        return
    cache = Cache(str(settings.cache_dir) if settings.cache_dir else None, outside=root)
    try:
        yield cache
    finally:
        cache.close()


@contextmanager
def _crew(root: Path, settings: Settings, cache: Cache | None) -> Iterator[Crew | None]:
    """Workers that get ready at once where many files will have to be read; None elsewhere."""
    known = cache is not None and cache.knows(os.path.realpath(root))
    if settings.jobs == 0 or known or not _holds_much(root):
        yield None
        return
    from mllint.collect import jobs_here
    from mllint.pool import Crew

    crew = Crew(settings.jobs or jobs_here())
    try:
        yield crew
    finally:
        crew.dismiss()


def _holds_much(root: Path) -> bool:
    """Whether a glance at a folder, and at those in it, shows more code than one worker is for."""
    found = 0
    folders = [root]
    for depth in (0, 1):
        inner: list[Path] = []
        for folder in folders[:_GLANCE]:
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in islice(entries, _GLANCE):
                    found += entry.name.endswith((".py", ".ipynb"))
                    if depth == 0 and entry.is_dir(follow_symlinks=False):
                        inner.append(Path(entry.path))
        if found >= _MUCH:
            return True
        folders = inner
    return False


def _observed(
    tree: Tree,
    catalogue: Catalogue,
    settings: Settings,
    cache: Cache | None,
    progress: Progress,
    crew: Crew | None,
    meanwhile: Callable[[], None],
) -> tuple[Observed, Callable[[Observed], None]]:
    """What the checks see in the tree, remembered or to be made; and what remembers it."""

    def collection() -> Collection:
        from mllint.collect import Collection

        reading = partial(progress, "reading")
        known, jobs = catalogue.known, settings.jobs
        return Collection(
            tree, known, jobs=jobs, cache=cache, progress=reading, crew=crew, meanwhile=meanwhile
        )

    def join(collected: Collected) -> Project:
        from mllint.link import link

        return link(collected, tree, catalogue)

    def read() -> tuple[Collected, Project]:
        collected = collection().whole()
        return collected, join(collected)

    if cache is None or settings.timed:
        return Observed(read, alone=settings.timed), lambda _: None
    memory = Memory(cache, tree, catalogue, per_path.options(settings), collection)
    return memory.recall(join), memory.keep


def review(
    observed: Observed,
    catalogue: Catalogue,
    rules: Mapping[str, Rule],
    settings: Settings,
    tree: Tree,
    known: Known = Known(),  # noqa: B008 - frozen
    *,
    hashed: bool = True,
) -> Report:
    """Judge what was observed: traits, outcomes, the three scores, what to fix first, the gate."""
    scene = observed.scene
    said = attested(settings, catalogue, tree.entries)
    suppressions = waived.suppressions(scene, catalogue, settings, said)
    there = per_path.PerPath(settings, rules)
    sources = Sources(tree, suppressions.covering, there.severity, observed.told, hashed=hashed)
    scored = {name: rule for name, rule in rules.items() if not rule.meta}
    unknown = any(f"trait:{name}" not in observed.remembered for name in catalogue.traits)
    if unknown and (settings.jobs is None or settings.jobs > 1):
        observed.begin({rule.id: rule.check for rule in by_need(scored)})
    held = traits(observed, catalogue.traits, settings.traits)
    observed.prepare({rule.id for rule in open_rules(scored, held)})
    applies = held["ml"].holds is not False if "ml" in held else True

    def judged(locate: Locate) -> tuple[list[Outcome], dict[Profile, Score]]:
        outcomes = judge_all(
            observed, scored, held, settings.profile, locate, settings.min_confidence, there.counts
        )
        scores: dict[Profile, Score] = {
            p: scoring.score(p, outcomes, scored, catalogue.categories, applies=applies)
            for p in PROFILES
        }
        return _priced(outcomes, scores[settings.profile]), scores

    outcomes, scores = judged(sources.locate)
    bare, strict = judged(sources.bare) if waived.any_excused(outcomes) else (outcomes, {})
    idle = tuple(idle_settings(settings, catalogue, tree))
    more = waived.told(suppressions, outcomes, rules, settings, sources.locate, idle)
    uses = suppressions.uses(outcomes, waived.prices(bare))
    outcomes, use = marked(known, [*outcomes, *more], tree.entries, rules)
    outcomes = [_masked(o, rules[o.rule], there) for o in outcomes]
    fixes = scoring.fixes(
        settings.profile,
        [o for o in outcomes if o.rule in scored],
        scored,
        catalogue.categories,
        failing(outcomes, settings),
    )
    score = scores[settings.profile]
    reasons = fallen(known, score, settings, use)
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
        gate=gate(outcomes, score, settings, len(scene.problems), strict, reasons),
        strict=strict,
        seconds=observed.seconds if settings.timed else {},
        waivers=uses,
        baseline=use,
        attested=said,
    )


def _masked(outcome: Outcome, rule: Rule, there: per_path.PerPath) -> Outcome:
    """An outcome without the findings whose profile does not expect the rule."""
    if all(scoring.expects(there.profile(f.place), rule) for f in outcome.findings):
        return outcome
    kept = (f for f in outcome.findings if scoring.expects(there.profile(f.place), rule))
    return replace(outcome, findings=tuple(kept))


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

    # Without a score nothing has a price.
    outcomes = tuple(
        replace(o, findings=tuple(replace(f, lost=0.0) for f in o.findings if shown(f)))
        for o in report.outcomes
    )
    narrowed = replace(report, outcomes=outcomes, fix_first=())
    more = mended(report.baseline, settings)
    return replace(narrowed, gate=gate(outcomes, None, settings, len(report.problems), more=more))


def _run(
    tree: Tree,
    settings: Settings,
    scene: Scene,
    said: Sequence[str],
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
        notices=tuple(dict.fromkeys((*tree.notices, *scene.notices, *said))),
        inside=tree.inside,
    )
