"""Waivers in a run: where they come from, what the findings would cost without them.

Between the engine, which judges, and `suppress` and `meta`, which know what waivers are.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mllint import meta, per_path
from mllint.attest import elsewhere
from mllint.meta_rules import RULES
from mllint.suppress import Suppressions, of_comment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.catalogue import Catalogue
    from mllint.judge import Locate
    from mllint.observed import Scene
    from mllint.others import Attested
    from mllint.review import Outcome, Rule
    from mllint.settings import Settings


_SHARED = ("../", "/", "pkg:")
"""Begins the name of a configuration that others use as well."""


def suppressions(
    scene: Scene, catalogue: Catalogue, settings: Settings, attested: Iterable[Attested]
) -> Suppressions:
    """All waivers of a run; an isolated one has those alone that the user gave it."""
    comments = () if settings.isolated else map(of_comment, scene.ignores)
    today = settings.today or datetime.now(tz=timezone.utc).date()
    ours = (*settings.waivers, *per_path.waivers(settings))
    waivers = (*comments, *ours, *elsewhere(attested, catalogue))
    return Suppressions(waivers, {**catalogue.rules, **RULES}, today)


def any_excused(outcomes: Iterable[Outcome]) -> bool:
    """Whether any finding is out of the score because of a waiver."""
    return any(f.excused for outcome in outcomes for f in outcome.findings)


def prices(outcomes: Iterable[Outcome]) -> Mapping[tuple[str, str], float]:
    """Points by rule and id of a finding."""
    return {(o.rule, f.id): f.lost for o in outcomes for f in o.findings}


def told(
    suppressions: Suppressions,
    judged: Sequence[Outcome],
    rules: Mapping[str, Rule],
    settings: Settings,
    locate: Locate,
    idle: Sequence[tuple[str, str]],
) -> list[Outcome]:
    """What is to be said of the waivers and of settings that match nothing."""
    return meta.outcomes(
        suppressions,
        judged,
        rules,
        settings.profile,
        locate,
        own=frozenset(f for f in settings.config_files if not f.startswith(_SHARED)),
        needs_reason=settings.require_reason,
        idle_settings=idle,
    )
