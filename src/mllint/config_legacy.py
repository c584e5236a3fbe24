"""The configuration of an older tool that was also called mllint: recognised, never obeyed.

Knows its keys and what they come to here; nothing of how settings are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILES = (".mllint.yml", ".mllint.yaml")
TABLES = ("git", "code-quality", "testing")
"""Besides `rules` as a table, the top-level keys."""


def foreign_files(root: Path) -> tuple[str, ...]:
    """A hint for each file of the older tool in a folder."""
    return tuple(
        f"{name} belongs to an older tool that was also called mllint; it is not read\n"
        "  hint: `mllint config migrate` prints what it comes to in [tool.mllint]"
        for name in FILES
        if (root / name).is_file()
    )


def without_legacy(
    values: Mapping[str, Any], shown: str
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The values without the tables of the older tool, and a hint where there were any."""
    legacy = tables_of(values)
    if not legacy:
        return values, ()
    names = ", ".join(f"[tool.mllint.{name}]" for name in sorted(legacy))
    hint = (
        f"{shown}: {names}: written for an older tool that was also called mllint; not read"
        "\n  hint: `mllint config migrate` prints what it comes to"
    )
    return {k: v for k, v in values.items() if k not in legacy}, (hint,)


def tables_of(values: Mapping[str, Any]) -> list[str]:
    """The keys that only the older tool has."""
    legacy = [name for name in TABLES if isinstance(values.get(name), dict)]
    return [*legacy, *(["rules"] if isinstance(values.get("rules"), dict) else [])]
