"""`mllint config`: show, schema, check, migrate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint.cli.options import project_options, settings_for, target
from mllint.cli.output import emit, note
from mllint.tomltext import quoted
from mllint.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.settings import ProjectEntry, Settings

_TABLES = ("waivers", "projects")
"""Keys whose value is a list of tables."""


@click.group("config", no_args_is_help=False)
def command() -> None:
    """Show, describe, check or migrate the configuration."""


@command.command("show")
@click.argument("path", default=".", type=click.Path())
@project_options
@click.option("--origin", is_flag=True, help="Where each value comes from, and what it overrode.")
def show(path: str, *, origin: bool, **given: Any) -> None:
    """Print the settings that hold for PATH, as TOML."""
    settings = _settings(path, given)
    _hints(settings)
    emit("".join(f"{line}\n" for line in _lines(settings, origin=origin)))


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of [tool.mllint] and mllint.toml."""
    from mllint.config_schema import schema as made

    emit(json.dumps(made(), indent=2) + "\n")


@command.command("check")
@click.argument("path", default=".", type=click.Path())
@project_options
def check(path: str, **given: Any) -> None:
    """Check the configuration of PATH: keys, values, and the rules that they name."""
    from mllint.catalogue import load
    from mllint.per_path import with_options
    from mllint.rulesets import applied
    from mllint.selection import select

    settings = _settings(path, given)
    _hints(settings)
    catalogue = load(settings.rules, options=settings.options, source=settings.source)
    catalogue = applied(catalogue, settings.ruleset, settings.source("ruleset"))
    catalogue = with_options(catalogue, settings)
    rules, _ = select(catalogue, settings)
    rules = {name: rule for name, rule in rules.items() if not rule.meta}
    files = ", ".join(settings.config_files) or "no configuration file"
    emit(f"OK: {files}; {len(rules)} of {len(catalogue.rules)} rules selected\n")


@command.command("migrate")
@click.argument("path", default=".", type=click.Path())
def migrate(path: str) -> None:
    """Print what the configuration of the older tool called mllint comes to in this one."""
    from mllint.config_migrate import find, migrated

    root, _ = target([path])
    emit(migrated(find(root)))


def _settings(path: str, given: Mapping[str, Any]) -> Settings:
    root, _ = target([path])
    flags = {"profile": given["profile"]}
    return settings_for(root, flags, given["config"], isolated=given["isolated"])


def _lines(settings: Settings, *, origin: bool) -> list[str]:
    """`key = value` in TOML, tables last; with `# from` where the origin is wanted."""
    from mllint.config_schema import PROPERTIES

    plain, tables = [], []
    for key in PROPERTIES:
        value = getattr(settings, key.replace("-", "_"), None)
        if value is None or (key in _TABLES and not value):
            continue
        if key in _TABLES:
            for entry in value:
                tables += ["", *_entry(key, entry, origin=origin)]
        elif not hasattr(value, "items"):
            text = f"{key} = {_toml(value)}"
            plain.append(_noted(text, settings, key, origin=origin))
        elif value:
            tables += _table((key,), value, settings, origin=origin)
    return [*plain, *tables]


def _entry(key: str, entry: Waiver | ProjectEntry, *, origin: bool) -> list[str]:
    """A waiver or a project as a table of a list."""
    source = f"  # {entry.source}" if origin else ""
    told: dict[str, Any]
    if isinstance(entry, Waiver):
        told = {"rule": entry.rules[0], "paths": entry.paths, "kind": entry.kind}
        told |= {"reason": entry.reason, "until": entry.until, "issue": entry.issue}
    else:
        told = {"path": entry.path, "name": entry.name, "profile": entry.profile}
    lines = [f"{name} = {_toml(value)}" for name, value in told.items() if value]
    return [f"[[{key}]]{source}", *lines]


def _table(
    keys: tuple[str, ...], table: Mapping[str, Any], settings: Settings, *, origin: bool
) -> list[str]:
    inner = [(name, value) for name, value in table.items() if hasattr(value, "items")]
    lines = []
    if len(inner) < len(table):
        lines = ["", f"[{'.'.join(map(_key, keys))}]"]
    for name, value in table.items():
        if not hasattr(value, "items"):
            text = f"{_key(name)} = {_toml(value)}"
            lines.append(_noted(text, settings, ".".join((*keys, name)), origin=origin))
    for name, value in inner:
        lines += _table((*keys, name), value, settings, origin=origin)
    return lines


def _noted(text: str, settings: Settings, key: str, *, origin: bool) -> str:
    if not origin:
        return text
    origins = settings.origins.get(key, ())
    if not origins:
        return f"{text}  # default"
    over = "".join(f", over {o.source} ({_toml(o.value)})" for o in origins[1:])
    return f"{text}  # {origins[0].source}{over}"


def _key(name: str) -> str:
    bare = name.replace("-", "").replace("_", "")
    return name if bare.isascii() and bare.isalnum() else quoted(name)


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str | Path):
        return quoted(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _hints(settings: Settings) -> None:
    for hint in settings.hints:
        note(*f"warning: {hint}".splitlines())
