"""Settings from their sources: defaults, one configuration file, the environment, flags.

Reads `mllint.toml` or `pyproject.toml` of the root and nothing above it. Knows nothing of rules:
whether a rule of that name exists is the engine's question.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomli

from mllint.config_schema import PROPERTIES, mistakes
from mllint.review import UsageError
from mllint.settings import LATEST, OVERALL, Origin, Settings

MAX_BYTES = 10_000_000

_APPENDED = ("extend-select", "exclude", "rules")
_MERGED = ("ignore", "min-score", "severity", "options", "traits")
_LEGACY_FILES = (".mllint.yml", ".mllint.yaml")
_LEGACY_TABLES = ("git", "code-quality", "testing")
"""Besides `rules` as a table, the top-level keys of the older tool's configuration."""


class Layer(NamedTuple):
    """What one source says."""

    values: Mapping[str, Any]
    source: Callable[[tuple[str, ...]], str]
    """Where the value under these keys stands."""
    folder: Path
    """Relative paths count from here."""


class Loaded(NamedTuple):
    """A configuration file as it was read."""

    layer: Layer | None
    shown: str
    hints: tuple[str, ...] = ()


def load(
    root: Path,
    flags: Mapping[str, Any] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
    isolated: bool = False,
    **run: Any,
) -> Settings:
    """The settings for a root.

    `flags` has the keys of the configuration; `config` holds files and `key = value` texts, as
    given to `--config`; `run` holds those fields of `Settings` that no file can set.
    Raises UsageError with every mistake, a line each.
    """
    env = env or {}
    files = [c for c in config if not _is_pair(c)]
    if not files and env.get("MLLINT_CONFIG"):
        files = [env["MLLINT_CONFIG"]]
    if files:
        loaded = [_explicit(Path(name)) for name in files]
    else:
        loaded = [] if isolated else [_discover(root)]
    layers = [file.layer for file in loaded if file.layer]
    layers += _environment(env, root)
    layers += [_pair(text) for text in config if _is_pair(text)]
    layers.append(_flags(flags or {}))
    if env.get("MLLINT_CACHE_DIR") and run.get("cache_dir") is None:
        run["cache_dir"] = Path(env["MLLINT_CACHE_DIR"])
    _refuse(layers)
    settings = _settings(
        layers,
        config_files=tuple(file.shown for file in loaded if file.layer),
        isolated=isolated,
        **run,
    )
    return _with_hints(settings, [hint for file in loaded for hint in file.hints])


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
    return Layer(values, lambda _: f"--config {text}", Path.cwd())


def _flags(values: Mapping[str, Any]) -> Layer:
    return Layer(values, lambda path: f"--{path[0]}", Path.cwd())


def _environment(env: Mapping[str, str], root: Path) -> list[Layer]:
    if not env.get("MLLINT_PROFILE"):
        return []
    return [Layer({"profile": env["MLLINT_PROFILE"]}, lambda _: "MLLINT_PROFILE", root)]


def _discover(root: Path) -> Loaded:
    hints = tuple(
        f"{name} belongs to an older tool that was also called mllint; it is not read\n"
        "  hint: put your settings into [tool.mllint] of pyproject.toml (mllint config schema)"
        for name in _LEGACY_FILES
        if (root / name).is_file()
    )
    own = _read(root / "mllint.toml", "mllint.toml", needed=False)
    if own is not None:
        return Loaded(own, "mllint.toml", hints)
    project = _read(root / "pyproject.toml", "pyproject.toml", needed=False)
    if project is None:
        return Loaded(None, "", hints)
    values, more = _without_legacy(project.values)
    layer = project._replace(values=values) if values or not more else None
    return Loaded(layer, "pyproject.toml", (*hints, *more))


def _explicit(path: Path) -> Loaded:
    layer = _read(path, str(path), needed=True)
    if layer is None:
        raise UsageError(f"--config {path}: has no [tool.mllint] table")
    values, hints = _without_legacy(layer.values)
    return Loaded(layer._replace(values=values), str(path), hints)


def _read(path: Path, shown: str, *, needed: bool) -> Layer | None:
    """The layer of a file; None where it is absent or a pyproject.toml without our table."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            if needed:
                raise UsageError(f"{shown}: is not a file")
            return None
        if status.st_size > MAX_BYTES:
            raise UsageError(f"{shown}: is larger than {MAX_BYTES // 1_000_000} MB")
        data = path.read_bytes()
    except FileNotFoundError:
        if needed:
            raise UsageError(f"{shown}: there is no such file") from None
        return None
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}") from None
    return _layer(path, shown, data)


def _layer(path: Path, shown: str, data: bytes) -> Layer | None:
    text = _text(shown, data)
    try:
        values: Any = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        message, _, at = str(error).partition(" (at ")
        line = at.split()[1].rstrip(",") if at.startswith("line ") else str(text.count("\n") + 1)
        raise UsageError(f"{shown}:{line}: is not valid TOML: {message}") from None
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{shown}: is not valid TOML: {error}") from None
    prefix: tuple[str, ...] = ()
    if path.name == "pyproject.toml":
        tool = values.get("tool")
        values = tool.get("mllint") if isinstance(tool, dict) else None
        if not isinstance(values, dict):
            return None
        prefix = ("tool", "mllint")
    return Layer(values, _locator(shown, text, prefix), path.absolute().parent)


def _text(shown: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown}:{line}: is not valid TOML: it is not UTF-8 text") from None


def _locator(shown: str, text: str, prefix: tuple[str, ...]) -> Callable[[tuple[str, ...]], str]:
    def source(path: tuple[str, ...]) -> str:
        from mllint.readers import tomldoc

        lines = tomldoc.load(text).lines
        keys = (*prefix, *path)
        while keys and ".".join(keys) not in lines:
            keys = keys[:-1]
        return f"{shown}:{lines['.'.join(keys)]}" if keys else shown

    return source


def _without_legacy(values: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The values without the tables of the older tool, and a hint where there were any."""
    legacy = [name for name in _LEGACY_TABLES if isinstance(values.get(name), dict)]
    if isinstance(values.get("rules"), dict):
        legacy.append("rules")
    if not legacy:
        return values, ()
    names = ", ".join(f"[tool.mllint.{name}]" for name in sorted(legacy))
    hint = (
        f"pyproject.toml: {names}: written for an older tool that was also called mllint; not read"
        '\n  hint: rules are left out by `ignore = { "rule-id" = "the reason" }` in [tool.mllint]'
    )
    return {k: v for k, v in values.items() if k not in legacy}, (hint,)


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
    elif fields.get("ruleset", LATEST) != LATEST:
        where, name = origins["ruleset"][0].source, fields["ruleset"]
        raise UsageError(f"{where}: there is no ruleset {name}; known: {LATEST}")
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
        elif name == "min-score" and not isinstance(value, Mapping):
            yield (name, OVERALL), float(value)
        elif name == "ignore" and not isinstance(value, Mapping):
            yield from (((name, selector), "") for selector in value)
        elif name in _MERGED:
            for key, inner in value.items():
                if isinstance(inner, Mapping):
                    yield from (((name, key, option), v) for option, v in inner.items())
                else:
                    yield (name, key), inner
        else:
            yield (name,), tuple(value) if isinstance(value, list | tuple) else value


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
        bare = [
            selector
            for selector, reason in settings.ignore.items()
            if not reason and settings.source(f"ignore.{selector}") != "--ignore"
        ]
        if bare:
            where = settings.source(f"ignore.{bare[0]}")
            hints.append(
                f"{where}: ignored without a reason: {', '.join(bare)}\n"
                f'  hint: ignore = {{ "{bare[0]}" = "the reason" }}'
            )
    return replace(settings, hints=tuple(hints)) if hints else settings
