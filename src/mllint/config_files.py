"""Configuration files: where they are looked for, how they are read, and what they build on.

Reads `mllint.toml` or `pyproject.toml` of the root, or of the nearest folder above it in the same
git repository. Knows TOML and lines; knows nothing of what a key means but `extend`.
"""

from __future__ import annotations

import stat
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

from mllint.config_legacy import foreign_files, without_legacy
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MAX_BYTES = 10_000_000
NAMES = ("mllint.toml", "pyproject.toml")
"""Of two in one folder the first counts."""
_DEEPEST = 10
"""Files that may build on one another."""
_MOST_FILES = 100
"""Files that one may build upon in all, one that is named twice counted twice."""
_PATTERNS = ("exclude",)


class Layer(NamedTuple):
    """What one source says."""

    values: Mapping[str, Any]
    source: Callable[[tuple[str, ...]], str]
    """Where the value under these keys stands."""
    folder: Path
    """Relative paths count from here."""
    shown: str = ""
    """The file as it is shown; "" where it is none."""


class Loaded(NamedTuple):
    """The configuration files of a run."""

    layers: tuple[Layer, ...] = ()
    """What is built upon first."""
    hints: tuple[str, ...] = ()


def discover(root: Path) -> Loaded:
    """The configuration of a root: that of its own folder, else of the nearest above in its git."""
    hints = foreign_files(root)
    for folder, inside in _upwards(root):
        found = _seen_from(folder, inside)
        hints += found.hints
        if found.layers:
            return Loaded(found.layers, hints)
    return Loaded((), hints)


def above_and_own(root: Path, inside: str) -> tuple[Loaded, Loaded]:
    """The configuration of a root as it holds for a folder in it, and that folder's own."""
    return _seen_from(root, inside), _seen_from(root / inside, "")


def _seen_from(folder: Path, inside: str) -> Loaded:
    """The configuration of a folder for a root that lies in it."""
    prefix = "../" * (inside.count("/") + 1) if inside else ""
    hints: tuple[str, ...] = ()
    for name in NAMES:
        layer = _read(folder / name, prefix + name, needed=False)
        if layer is None:
            continue
        values, more = without_legacy(layer.values, prefix + name)
        hints += more
        if values or not more:
            layer = _as_project(layer._replace(values=_moved(values, inside)), values, inside)
            return Loaded(tuple(_with_bases(layer)), hints)
    return Loaded((), hints)


def _as_project(layer: Layer, values: Mapping[str, Any], inside: str) -> Layer:
    """The layer with the profile that a repository gives to the project in that folder."""
    projects = values.get("projects")
    named = [
        (number, one["profile"])
        for number, one in enumerate(projects if inside and isinstance(projects, list) else ())
        if isinstance(one, dict) and str(one.get("path")).strip("/") == inside and "profile" in one
    ]
    if not named:
        return layer
    number, profile = named[0]
    there = (f"projects[{number}]", "profile")

    def source(path: tuple[str, ...]) -> str:
        return layer.source(there if path == ("profile",) else path)

    return layer._replace(values={**layer.values, "profile": profile}, source=source)


def explicit(path: Path) -> Loaded:
    """The configuration that the user names."""
    layer = _read(path, str(path), needed=True)
    if layer is None:
        raise UsageError(f"--config {path}: has no [tool.mllint] table")
    values, hints = without_legacy(layer.values, str(path))
    return Loaded(tuple(_with_bases(layer._replace(values=values))), hints)


def _upwards(root: Path) -> Iterator[tuple[Path, str]]:
    """The folders whose configuration may hold for a root, and where the root lies in each."""
    yield root, ""
    full = root.absolute()
    top = next((f for f in (full, *full.parents) if (f / ".git").exists()), full)
    folder = full
    while folder != top:
        folder = folder.parent
        yield folder, full.relative_to(folder).as_posix()


# --- what a file builds on -----------------------------------------------------------------------


def _with_bases(
    layer: Layer, trail: tuple[Path, ...] = (), count: Iterator[int] | None = None
) -> Iterator[Layer]:
    """A layer after all that it builds on; `count` goes through the files of the whole."""
    here = (*trail, (layer.folder / Path(layer.shown).name).resolve())
    count = count or iter(range(_MOST_FILES))
    for number, text in enumerate(_bases(layer)):
        where = layer.source((f"extend[{number}]",))
        if next(count, None) is None:
            raise UsageError(f"{where}: extend: over {_MOST_FILES} files are built upon")
        base = _base(layer, text, where)
        path = (base.folder / Path(base.shown).name).resolve()
        if path in here or len(here) > _DEEPEST:
            raise UsageError(f"{where}: extend: {text} leads back to itself")
        yield from _with_bases(base, here, count)
    yield layer._replace(values={k: v for k, v in layer.values.items() if k != "extend"})


def _bases(layer: Layer) -> Sequence[str]:
    named = layer.values.get("extend", ())
    named = [named] if isinstance(named, str) else named
    if not isinstance(named, list | tuple) or not all(isinstance(n, str) for n in named):
        raise UsageError(f'{layer.source(("extend",))}: "extend" must be a list of texts')
    return named


def _base(layer: Layer, text: str, where: str) -> Layer:
    if "://" in text:
        raise UsageError(f"{where}: extend: {text} is an address; name a file, or pkg:package/file")
    path = _in_package(text, where) if text.startswith("pkg:") else layer.folder / text
    shown = text if text.startswith("pkg:") else _beside(layer.shown, text)
    try:
        base = _read(path, shown, needed=True)
    except UsageError as error:
        raise UsageError(f"{where}: extend: {error}") from None
    if base is None:
        raise UsageError(f"{where}: extend: {text} has no [tool.mllint] table")
    return base


def _beside(shown: str, text: str) -> str:
    folder = shown.rpartition("/")[0]
    return f"{folder}/{text}" if folder and not text.startswith("/") else text


def _in_package(text: str, where: str) -> Path:
    """The path of `pkg:package/file.toml`; the package is found, not imported."""
    name, _, rest = text.removeprefix("pkg:").partition("/")
    if not name.isidentifier() or not rest or ".." in rest.split("/"):
        raise UsageError(f"{where}: extend: {text} is not written as pkg:package/file.toml")
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise UsageError(f"{where}: extend: the package {name} is not installed beside mllint")
    return next((p for f in folders if (p := Path(f) / rest).is_file()), Path(folders[0]) / rest)


# --- patterns of a file that lies above the root -------------------------------------------------


def _moved(values: Mapping[str, Any], inside: str) -> Mapping[str, Any]:
    """The values with their patterns as seen from a root inside the file's folder."""
    if not inside:
        return values
    moved = dict(values)
    for key in _PATTERNS:
        if isinstance(values.get(key), list):
            moved[key] = [p for text in values[key] if (p := rebased(str(text), inside))]
    if isinstance(values.get("per-path"), dict):
        entries = ((rebased(k, inside), v) for k, v in values["per-path"].items())
        moved["per-path"] = {k: v for k, v in entries if k}
    if isinstance(values.get("waivers"), list):
        moved["waivers"] = [_moved_waiver(w, inside) for w in values["waivers"]]
    moved.pop("projects", None)
    return moved


def _moved_waiver(waiver: Any, inside: str) -> Any:
    if not isinstance(waiver, dict) or not isinstance(waiver.get("paths"), list):
        return waiver
    paths = [p for text in waiver["paths"] if (p := rebased(str(text), inside))]
    # A waiver without paths holds everywhere, which this one does not.
    return {**waiver, "paths": paths or ["/none/"]}


def rebased(pattern: str, inside: str) -> str:
    """A gitignore pattern as seen from a folder within; "" where it names nothing there."""
    if pattern.startswith("!"):
        kept = rebased(pattern[1:], inside)
        return f"!{kept}" if kept else ""
    if "/" not in pattern.rstrip("/"):
        named = any(fnmatchcase(part, pattern.rstrip("/")) for part in inside.split("/"))
        return "/**" if named else pattern
    parts = pattern.lstrip("/").split("/")
    for folder in inside.split("/"):
        if parts in ([], [""]):
            return "/**"
        if parts[0] == "**":
            return "/**" if parts in (["**"], ["**", ""]) else "/".join(parts)
        if not fnmatchcase(folder, parts[0]):
            return ""
        parts = parts[1:]
    return "/**" if parts in ([], [""]) else "/" + "/".join(parts)


# --- reading -------------------------------------------------------------------------------------


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
    except ValueError as error:
        raise UsageError(f"{shown}: cannot be read: {error}") from None
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
    return Layer(values, _locator(shown, text, prefix), path.absolute().parent, shown)


def _text(shown: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{shown}:{line}: is not valid TOML: it is not UTF-8 text") from None


def _locator(shown: str, text: str, prefix: tuple[str, ...]) -> Callable[[tuple[str, ...]], str]:
    def source(path: tuple[str, ...]) -> str:
        from mllint.readers import tomldoc

        try:
            lines = tomldoc.load(text).lines
        except tomldoc.TomlProblem:  # larger or nested deeper than lines are looked for
            return shown
        keys = (*prefix, *path)
        while keys and ".".join(keys) not in lines:
            keys = keys[:-1]
        return f"{shown}:{lines['.'.join(keys)]}" if keys else shown

    return source
