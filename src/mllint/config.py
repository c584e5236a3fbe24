"""Settings from their sources: defaults, configuration files, the environment, flags.

Knows how values are joined. Knows nothing of rules: whether a rule of that name exists is the
engine's question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli

from mllint.config_files import Layer, Loaded, above_and_own, discover, explicit
from mllint.config_schema import PROPERTIES, mistakes
from mllint.review import UsageError
from mllint.settings import LATEST, OVERALL, Origin, ProjectEntry, Settings
from mllint.waiver import Waiver

_APPENDED = ("extend-select", "exclude", "rules", "waivers", "projects")
_MERGED = ("ignore", "min-score", "severity", "options", "traits", "per-path", "attest")


def load(
    root: Path,
    flags: Mapping[str, Any] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
    isolated: bool = False,
    within: tuple[Path, ProjectEntry] | None = None,
    own_rules: bool = True,
    **run: Any,
) -> Settings:
    """The settings for a root.

    `within` says of which repository it is a project: that one's settings hold unless its own say
    otherwise. `flags` has the keys of the configuration; `config` holds files and `key = value`
    texts, as given to `--config`; without `own_rules` folders of rules are left out; `run` holds
    those fields of `Settings` that no file can set.
    Raises UsageError with every mistake, a line each.
    """
    env = env or {}
    files = [c for c in config if not _is_pair(c)]
    if not files and env.get("MLLINT_CONFIG"):
        files = [env["MLLINT_CONFIG"]]
    if files:
        loaded = [explicit(Path(name)) for name in files]
    else:
        loaded = [] if isolated else [_found(root, within)]
    layers = [layer for one in loaded for layer in one.layers]
    named = tuple(dict.fromkeys(layer.shown for layer in layers if layer.shown))
    layers += _environment(env, root)
    layers += [_pair(text) for text in config if _is_pair(text)]
    layers.append(_flags(flags or {}))
    if env.get("MLLINT_CACHE_DIR") and run.get("cache_dir") is None:
        run["cache_dir"] = Path(env["MLLINT_CACHE_DIR"])
    _refuse(layers)
    if not own_rules:
        layers = [_without_rules(layer) for layer in layers]
    settings = _settings(
        layers,
        config_files=named,
        isolated=isolated,
        **run,
    )
    return _with_hints(settings, [hint for one in loaded for hint in one.hints])


def _found(root: Path, within: tuple[Path, ProjectEntry] | None) -> Loaded:
    if within is None:
        return discover(root)
    top, entry = within
    above, own = above_and_own(top, entry.path)
    layers = (*above.layers, *own.layers)
    return Loaded(layers, (*above.hints, *own.hints))


# --- sources -----------------------------------------------------------------------------------


def _is_pair(text: str) -> bool:
    return "=" in text and not Path(text).exists()


def _pair(text: str) -> Layer:
    try:
        values = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        raise UsageError(
            f"--config {text}: is neither a file nor a TOML `key = value`\n"
            "  hint: strings need quotes: --config 'profile = \"research\"'"
        ) from None
    if "extend" in values:
        raise UsageError(f"--config {text}: a file alone can extend another; name it by --config")
    return Layer(values, lambda _: f"--config {text}", Path.cwd())


def _flags(values: Mapping[str, Any]) -> Layer:
    return Layer(values, lambda path: f"--{path[0]}", Path.cwd())


def _environment(env: Mapping[str, str], root: Path) -> list[Layer]:
    if not env.get("MLLINT_PROFILE"):
        return []
    return [Layer({"profile": env["MLLINT_PROFILE"]}, lambda _: "MLLINT_PROFILE", root)]


# --- checking and joining ----------------------------------------------------------------------


def _refuse(layers: Sequence[Layer]) -> None:
    """Raise UsageError with every mistake of every layer."""
    wrong = [
        f"{layer.source(found.path)}: {found.text}"
        for layer in layers
        for found in mistakes(layer.values, "[tool.mllint]")
    ]
    if wrong:
        raise UsageError("\n".join(wrong))


def _settings(layers: Sequence[Layer], **run: Any) -> Settings:
    values: dict[str, Any] = {}
    origins: dict[str, tuple[Origin, ...]] = {}
    for layer in layers:
        _lift(layer, values, origins)
        for path, value in _leaves(layer):
            key = ".".join(path)
            source = layer.source(path)
            origins[key] = (Origin(value, source), *origins.get(key, ()))
            _put(values, path, value)
    fields = {name.replace("-", "_"): value for name, value in values.items()}
    if fields.get("ruleset", LATEST) == "latest":
        fields["ruleset"] = LATEST
    return Settings(**fields, **run, origins=dict(sorted(origins.items())))


def _lift(layer: Layer, values: dict[str, Any], origins: dict[str, tuple[Origin, ...]]) -> None:
    """Drop an `ignore` of an earlier layer that this one takes back by naming it exactly."""
    named = {*layer.values.get("select", ()), *layer.values.get("extend-select", ())}
    ignored = values.get("ignore", {})
    for selector in [s for s in ignored if s in named]:
        del ignored[selector]
        origins.pop(f"ignore.{selector}", None)


def _leaves(layer: Layer) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each value of a layer in its final form, with the keys that lead to it."""
    for name, value in layer.values.items():
        if name not in PROPERTIES:
            continue
        if name == "rules":
            yield (name,), tuple(_folder(layer, text) for text in value)
        elif name == "waivers":
            yield (name,), tuple(_waiver(layer, n, table) for n, table in enumerate(value))
        elif name == "projects":
            yield (name,), tuple(_project(layer, n, table) for n, table in enumerate(value))
        elif name == "min-score" and not isinstance(value, Mapping):
            yield (name, OVERALL), float(value)
        elif name in _MERGED:
            yield from _below((name,), value)
        else:
            yield (name,), tuple(value) if isinstance(value, list | tuple) else value


def _below(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values of a table that is merged by key; a list of what is ignored has no reasons."""
    if path[-1] == "ignore" and not isinstance(value, Mapping):
        yield from (((*path, selector), "") for selector in value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below((*path, key), inner)
    else:
        yield path, value


def _waiver(layer: Layer, number: int, table: Mapping[str, Any]) -> Waiver:
    return Waiver(
        rules=(table["rule"],),
        source=layer.source((f"waivers[{number}]", "rule")),
        kind=table.get("kind", "accepted"),
        reason=table["reason"].strip(),
        until=str(table.get("until", "")),
        issue=table.get("issue", ""),
        paths=tuple(table.get("paths", ())),
    )


def _project(layer: Layer, number: int, table: Mapping[str, Any]) -> ProjectEntry:
    path = table["path"].strip("/")
    return ProjectEntry(
        path, table.get("name", path), table.get("profile"), layer.source((f"projects[{number}]",))
    )


def _without_rules(layer: Layer) -> Layer:
    return layer._replace(values={k: v for k, v in layer.values.items() if k != "rules"})


def _folder(layer: Layer, text: str) -> Path:
    folder = (layer.folder / text).absolute()
    if not folder.is_dir():
        raise UsageError(f"{layer.source(('rules',))}: there is no folder {text}")
    return folder


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    if path[0] in _APPENDED:
        before = values.get(path[0], ())
        values[path[0]] = (*before, *(item for item in value if item not in before))
        return
    for key in path[:-1]:
        values = values.setdefault(key, {})
    values[path[-1]] = value


def _with_hints(settings: Settings, hints: list[str]) -> Settings:
    from dataclasses import replace

    if settings.require_reason:
        for key, table in _ignores(settings):
            bare = [
                selector
                for selector, reason in table.items()
                if not reason and settings.source(f"{key}.{selector}") != "--ignore"
            ]
            if bare:
                where = settings.source(f"{key}.{bare[0]}")
                hints.append(
                    f"{where}: ignored without a reason: {', '.join(bare)}\n"
                    f'  hint: ignore = {{ "{bare[0]}" = "the reason" }}'
                )
    return replace(settings, hints=tuple(hints)) if hints else settings


def _ignores(settings: Settings) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every table of what is ignored, by its key."""
    yield "ignore", settings.ignore
    for pattern, table in settings.per_path.items():
        yield f"per-path.{pattern}.ignore", table.get("ignore", {})
