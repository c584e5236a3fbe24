"""The settings: `[tool.mllint]` in pyproject.toml, or mllint.toml, with the ruleset pinned.

Takes over what the older tool of our name was told. Adds to a file; what is there stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli
import tomlkit
from tomlkit.exceptions import TOMLKitError

from mllint.adopt.plan import Advice, Change, Step, as_in, keeps, line_end, text_of
from mllint.config_legacy import FILES
from mllint.config_migrate import Old, find, migrated
from mllint.review import UsageError
from mllint.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mllint.settings import Settings
    from mllint.tree import Tree

_PYPROJECT, _OWN = "pyproject.toml", "mllint.toml"


def old_of(root: Path) -> Old | None:
    """What the older tool was told, if it was used here."""
    try:
        return find(root)
    except UsageError:
        return None


def values_of(profile: str, old: Old | None) -> dict[str, Any]:
    """The settings to be written."""
    table = {} if old is None else tomli.loads(migrated(old))["tool"]["mllint"]
    return {"ruleset": LATEST, "profile": profile, **table}


def step(
    root: Path, tree: Tree, settings: Settings, values: Mapping[str, Any], old: Old | None
) -> Step:
    """The change that writes the settings, where there are none yet."""
    if settings.config_files:
        files = ", ".join(settings.config_files)
        return Step(advice=(Advice(f"{files}: has settings of mllint already"), *_pin(settings)))
    advice = _said(old)
    name = _OWN if old is not None and old.name == _PYPROJECT else _PYPROJECT
    before = text_of(tree, name)
    if name == _PYPROJECT and before is not None:
        after = _added(before, values)
        if after is not None:
            return Step(Change(name, before, after), advice)
    if (root / _OWN).exists():
        return Step(advice=(*advice, Advice(f"{_OWN}: is there, but not read: left as it is")))
    return Step(Change(_OWN, None, tomlkit.dumps(dict(values))), advice)


def _pin(settings: Settings) -> tuple[Advice, ...]:
    if settings.source("ruleset") != "default":
        return ()
    text = "no ruleset is pinned; with this line an update brings no new findings:"
    return (Advice(text, (f'ruleset = "{LATEST}"',)),)


def _said(old: Old | None) -> tuple[Advice, ...]:
    """What becomes of the older tool's settings."""
    if old is None:
        return ()
    lost = [line.lstrip("# ") for line in migrated(old).splitlines() if line.startswith("#   ")]
    where = old.name if old.name in FILES else f"its tables in {old.name}"
    return (
        Advice(f"{old.name}: settings of the older tool are taken over; {where} can go"),
        *(Advice(f"not taken over: {text}") for text in lost),
    )


def _added(before: str, values: Mapping[str, Any]) -> str | None:
    """pyproject.toml with our table; None where that cannot be without touching something else."""
    try:
        document = tomlkit.parse(before)
        tool = document.get("tool")
        if tool is None:
            document["tool"] = tool = tomlkit.table(is_super_table=True)
        tool["mllint"] = dict(values)
        after = tomlkit.dumps(document)
        sound = _plain(after) == _with(_plain(before), values)
    except (TOMLKitError, tomli.TOMLDecodeError, TypeError, AttributeError, ValueError):
        return None
    if line_end(before) == "\r\n":
        after = as_in(before, after.replace("\r\n", "\n"))
    return after if sound and keeps(before, after) else None


def _plain(text: str) -> dict[str, Any]:
    return tomli.loads(text.replace("\r\n", "\n"))


def _with(document: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "tool": {**document.get("tool", {}), "mllint": dict(values)}}
