"""Attestations: what people say of a project where no repository can show it.

An attestation stands beside the evidence: it costs nothing, earns nothing and hides no finding.
Those that say "done elsewhere" make waivers of that kind, so that both scores are shown. Knows the
questions of the practice map; knows nothing of configuration files.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from mllint.language import unlike
from mllint.others import Attested
from mllint.review import UsageError
from mllint.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from typing import Any

    from mllint.catalogue import Catalogue
    from mllint.practices import PracticeMap
    from mllint.settings import Settings


def attested(
    settings: Settings, catalogue: Catalogue, paths: Container[str], *, every: bool = False
) -> tuple[Attested, ...]:
    """All questions with what is attested; none where nothing is, unless `every` is asked for.

    `paths` are the files of the project, among which a proof may be. UsageError for a question
    that there is not.
    """
    if not (settings.attest or every):
        return ()
    from mllint.practices import load

    known = load(catalogue).attestations
    unknown = [name for name in settings.attest if name not in known]
    if unknown:
        raise UsageError(
            "\n".join(
                f'{settings.source(f"attest.{name}.who")}: there is no question "{name}" to attest'
                f"{unlike(name, known)}; `mllint check --show attested` lists them"
                for name in unknown
            )
        )
    today = settings.today or datetime.now(tz=timezone.utc).date()
    return tuple(
        _one(
            Attested(name, question.topic, question.question, effect=question.effect),
            settings.attest.get(name),
            settings.source(f"attest.{name}.who"),
            paths,
            today.isoformat(),
        )
        for name, question in known.items()
    )


def _one(
    asked: Attested,
    given: Mapping[str, Any] | None,
    source: str,
    paths: Container[str],
    today: str,
) -> Attested:
    """The question with its answer, and whether that holds."""
    if given is None:
        return asked
    proof, until = given["proof"], str(given["until"])
    missing = "://" not in proof and proof.partition("#")[0].removeprefix("./") not in paths
    return replace(
        asked,
        state="expired" if until < today else "unproven" if missing else "valid",
        who=given["who"],
        when=str(given["when"]),
        proof=proof,
        until=until,
        says=given.get("says", ""),
        source=source,
    )


def sayings(found: Iterable[Attested]) -> dict[str, str]:
    """Question -> what is said, of those attestations that hold."""
    return {one.id: one.said for one in found if one.state == "valid"}


def elsewhere(found: Iterable[Attested], catalogue: Catalogue) -> tuple[Waiver, ...]:
    """The waivers that attestations of the effect `elsewhere` are."""
    saying = [one for one in found if one.state == "valid" and one.effect == "elsewhere"]
    if not saying:
        return ()
    from mllint.practices import load

    known = load(catalogue)
    return tuple(
        Waiver(_about(one.id, known), one.source, "elsewhere", one.said, one.until, attested=True)
        for one in saying
    )


def _about(question: str, known: PracticeMap) -> tuple[str, ...]:
    """The rules that decide the practices which a question is asked of."""
    rows = [row for row in known.rows.values() if row.attest == question]
    return tuple(dict.fromkeys(rule for row in rows for rule in known.deciding(row)))
