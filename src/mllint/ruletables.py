"""The TOML files of rule folders, parsed, and remembered while none of them changes.

Knows where rule folders keep what; knows no key of any file.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.late import Made

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mllint.cache import Cache

_FORMAT = 1
_EXAMPLES = re.compile(r"^\[\[(?:bad|good|na)\]\]", re.MULTILINE)
_NOT_RULES = frozenset({"practices", "rulesets"})
"""Folders of `rules/` that are read by others."""


def read(
    folders: Sequence[Path], mistakes: dict[Path, str], *, with_examples: bool = False
) -> dict[Path, dict[str, Any]]:
    """The tables of every file of the rule folders; what is wrong is added, by file."""
    found: dict[Path, dict[str, Any]] = {}
    for folder in folders:
        top = sorted(folder.glob("*.toml")) if folder == folders[0] else []
        for path in (*top, *sorted(folder.glob("*/*.toml"))):
            if path.parent.name in _NOT_RULES and path.parent != folder:
                continue
            try:
                found[path] = table(path, with_examples=with_examples)
            except (OSError, ValueError, RecursionError) as error:
                mistakes[path] = str(error)
    return found


def table(path: Path, *, with_examples: bool = False) -> dict[str, Any]:
    """The table of one file; raises OSError or ValueError."""
    import tomli

    text = _text(path)
    cut = None if with_examples else _EXAMPLES.search(text)
    return tomli.loads(text if cut is None else text[: cut.start()])


def _text(path: Path) -> str:
    """The text of a file. Nothing else is opened: a FIFO would hold up the run for ever."""
    if path.exists() and not path.is_file():
        raise OSError("is not a file")
    return path.read_text("utf-8")


@cache
def _program(*folders: Path) -> list[tuple[str, int, int]]:
    """The signs of the program and of its rules, which stay as they are while it runs."""
    return [sign for folder in folders for sign in _signs(folder)]


def _signs(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of change of each file."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        for name in sorted(names):
            if name.endswith((".py", ".toml", ".json")):
                path = os.path.join(at, name)  # noqa: PTH118 - hundreds of them on every run
                with suppress(OSError):  # whoever reads it says so
                    found = os.stat(path)  # noqa: PTH116
                    yield path, found.st_size, found.st_mtime_ns


def basis(folders: Sequence[Path], options: Mapping[str, Any]) -> str:
    """What a catalogue depends on: program, rule folders and options; a digest."""
    program = _program(Path(__file__).parent, folders[0])
    states = [program, *(list(_signs(folder)) for folder in folders[1:])]
    asked = (_FORMAT, sys.version_info[:2], sorted(options.items()), states)
    return blake2b(repr(asked).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def is_kept(cache: Cache, key: str) -> bool:
    """Whether tables were kept under a basis."""
    return bool(cache.packs_of([f"rules:{key}"]))


def recalled(cache: Cache, key: str) -> Mapping[Path, dict[str, Any]] | None:
    """The tables that were kept under a basis, each parsed when it is first looked at."""
    texts = cache.texts(cache.packs_of([f"rules:{key}"]).values())
    if not texts:
        return None
    parts = (line.partition("\t") for text in texts.values() for line in text.split("\n"))
    lines = {Path(json.loads(path)): line for path, _, line in parts}
    return Made(tuple(lines), lambda path: json.loads(lines[path]))


def keep(cache: Cache, key: str, tables: Mapping[Path, Mapping[str, Any]]) -> None:
    """Remembers tables in which nothing was wrong, unless they hold what JSON cannot say."""
    try:
        lines = [f"{json.dumps(str(path))}\t{json.dumps(data)}" for path, data in tables.items()]
    except TypeError:
        return
    cache.keep("\n".join(lines), [f"rules:{key}"])
