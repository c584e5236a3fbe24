"""What was known before a run: reads the baseline, and judges the base of a branch.

Between the engine, which judges a tree, and `baseline`, `since` and `changed`.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

from mllint.baseline import MAX_BYTES, NAME, collected, entry, parsed
from mllint.known import Base, Known
from mllint.named import content
from mllint.review import UsageError
from mllint.score import MODEL, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mllint.baseline import Entry
    from mllint.review import Report, Score
    from mllint.settings import Settings
    from mllint.tree import Tree
    from mllint.waiver import BaselineUse

_TOLERATED = 1e-6
"""Points by which a score may fall without having fallen: reports round to that."""


def before(root: Path, tree: Tree, settings: Settings, judged: Callable[[Tree], Report]) -> Known:
    """What is known before a run. `judged` gives the report on the tree of a base."""
    entries, path = _baseline(root, settings)
    base = _base(root, settings, judged) if settings.since else None
    if settings.against is not None:
        score = _score_in(settings.against, settings)
        base = Base(base.entries if base else (), base.name if base else "", score)
    touched = None
    if settings.changed_lines:
        from mllint.changed import Changes
        from mllint.since import start_of, tree_of

        start = start_of(root, settings.changed_lines, "--changed-lines")
        touched = Changes(tree, tree_of(root, start, settings.exclude)).touch
    return Known(entries, path, base, touched)


def own_files(settings: Settings) -> tuple[str, ...]:
    """Patterns of files of ours that are no part of the project."""
    return tuple(f"/{name}" for name in dict.fromkeys((NAME, settings.baseline or NAME)))


def baseline_path(root: Path, settings: Settings) -> Path:
    """Where the baseline of a root is, or would be."""
    return root / (settings.baseline or NAME)


def _baseline(root: Path, settings: Settings) -> tuple[tuple[Entry, ...] | None, str]:
    if settings.baseline == "" or (settings.isolated and settings.baseline is None):
        return None, ""
    path = baseline_path(root, settings)
    name = settings.baseline or NAME
    data = read(path, name, needed=settings.baseline is not None)
    return (None if data is None else parsed(data, name)), name


def read(path: Path, shown_as: str, *, needed: bool) -> bytes | None:
    """The bytes of a regular file; None for one that need not be there and is not."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise UsageError(f"{shown_as}: is no file that mllint would read")
        return path.read_bytes()
    except FileNotFoundError:
        if not needed:
            return None
        raise UsageError(
            f"{shown_as}: there is no such baseline\n  hint: `mllint baseline create` writes one"
        ) from None
    except OSError as error:
        raise UsageError(f"{shown_as}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{shown_as}: cannot be read: {error}") from None


def _base(root: Path, settings: Settings, judged: Callable[[Tree], Report]) -> Base:
    from mllint.since import refuse_gaps, start_of, tree_of

    start = start_of(root, settings.since, "--since")
    tree = tree_of(root, start, (*settings.exclude, *own_files(settings)))
    report = judged(tree)
    refuse_gaps(tree, [problem.text for problem in report.problems])
    found = collected(entry(f) for f in report.findings if f.status == "new")
    return Base(found, start.name, report.score.value, report)


def _score_in(path: Path, settings: Settings) -> float | None:
    """The score of a report in JSON; UsageError where the two cannot be compared."""
    try:
        document = json.loads(content(path))
        project, score = document["project"], document["score"]
        ours = {
            "profile": settings.profile,
            "ruleset": settings.ruleset,
            "score_model": MODEL,
        }
        theirs = {name: project[name] for name in ours}
        value = score["value"] if score is not None else None
    except OSError as error:
        raise UsageError(f"--against {path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"--against {path}: is no report of mllint in JSON") from None
    if score is None:
        raise UsageError(f"--against {path}: is a report on a part of the project, without a score")
    for name, value_ in ours.items():
        if theirs[name] != value_:
            raise UsageError(
                f"--against {path}: has {name.replace('_', ' ')} {theirs[name]}, this run "
                f"{value_}; their scores cannot be compared"
            )
    return None if value is None else float(value)


def fallen(
    known: Known, score: Score, settings: Settings, use: BaselineUse | None
) -> tuple[str, ...]:
    """Why the run fails next to what was before."""
    reasons = mended(use, settings)
    old = known.base.score if known.base else None
    if settings.no_regression and old is not None:
        new = score.value
        if new is not None and new < old - _TOLERATED:
            reasons += (f"the score fell from {_exact(old, new)} to {_exact(new, old)}",)
    return reasons


def mended(use: BaselineUse | None, settings: Settings) -> tuple[str, ...]:
    """A reason where a strict baseline has entries that are mended."""
    if use is None or not settings.baseline_strict or not use.mended:
        return ()
    what = "entry is" if use.mended == 1 else "entries are"
    return (f"{use.mended} {what} mended in {use.path}: run `mllint baseline prune`",)


def _exact(value: float, other: float) -> str:
    """As many digits as tell two scores apart."""
    return shown(value) if shown(value) != shown(other) else f"{value:.2f}"
