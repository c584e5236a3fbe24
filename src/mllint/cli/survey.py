"""A run of all rules, opinions included: what practices and checklists are judged by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mllint.cli.options import settings_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mllint.catalogue import Catalogue
    from mllint.review import Report
    from mllint.settings import Settings


def survey(
    root: Path, given: Mapping[str, Any], *, wanted: bool
) -> tuple[Catalogue, Report | None]:
    """The catalogue of a root, and the report on it if that is wanted."""
    from mllint.catalogue import load

    settings = settings_for(
        root, {"profile": given["profile"]}, given["config"], isolated=given["isolated"]
    )
    loaded = load(() if settings.isolated else settings.rules, options=settings.options)
    return loaded, surveyed(root, settings) if wanted else None


def surveyed(root: Path, settings: Settings) -> Report:
    """The report on a root by every rule that the settings do not ignore."""
    from mllint.cli.progress import Progress
    from mllint.engine import run

    with Progress(wanted=True) as progress:
        return run(root, replace(settings, select=("all",), extend_select=()), progress=progress)
