"""Lock files in TOML and YAML, scanned line by line: they reach megabytes and are machine-made.

Knows only how each tool lays its file out. What a person has rewritten may be read in part.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from mllint.facts import Dependency, Manager, Place
from mllint.readers.dependencies.requirement import from_address, group_of, normal

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOML_START = re.compile(r"^\[\[packages?\]\][ \t]*\r?$", re.MULTILINE)
_TOML_FIELD = re.compile(
    r"""^(name|version|category|path|url|git|ref|revision)[ ]*=[ ]*"([^"\n]*)\"""", re.MULTILINE
)
_TOML_GROUPS = re.compile(r'^groups[ ]*=[ ]*\[\s*((?:"[^"\n]*",?\s*)*)\]', re.MULTILINE)
_TOML_MARKER = re.compile(r'^markers?[ ]*=[ ]*"((?:[^"\\\n]|\\.)*)"', re.MULTILINE)
_TOML_HASH = re.compile(r'\bhash(?:es)?[ ]*=[ ]*(?:"sha|\{)|"?sha256"?[ ]*[=:]')
_UV_SOURCE = re.compile(r'^source[ ]*=[ ]*\{[ ]*(\w+)[ ]*=[ ]*"([^"\n]*)"', re.MULTILINE)
_POETRY_SOURCE = re.compile(
    r'^\[package\.source\]\s*type = "(\w+)"\s*url = "([^"\n]*)"', re.MULTILINE
)
_HASHES_BELOW = re.compile(r"^\[metadata\.(?:files|hashes)\]", re.MULTILINE)
_OWN = frozenset({"virtual", "editable", "directory"})
_GROUPS = {"default": "main"}

_YAML_ITEM = re.compile(r"\s*- (?:(conda|pypi|name|kind|platform): ?)?(.*)")
_YAML_FIELD = re.compile(r"\s+(name|version|manager|category|sha256|md5|url|kind): ?(.*)")
_CONDA_FILE = re.compile(r"(?P<name>[\w.+-]+)-(?P<version>[^-]+)-[^-]+\.(?:conda|tar\.bz2)")


def read_toml(path: str, text: str, manager: str) -> Iterator[object]:
    """The rows of uv.lock, poetry.lock, pdm.lock or pylock.toml."""
    yield Manager(Place(path), manager if manager != "pylock" else "pip", "lock")
    bounds = [*(m.start() for m in _TOML_START.finditer(text)), len(text)]
    hashes_below = _HASHES_BELOW.search(text) is not None
    line, last = 1, 0
    for start, end in pairwise(bounds):
        line += text.count("\n", last, start)
        last = start
        found = _block(Place(path, line), text[start:end], manager)
        if found is not None:
            yield found._replace(hashed=True) if hashes_below and not found.url else found


def _block(at: Place, block: str, manager: str) -> Dependency | None:
    head = block if len(block) < 4_000 else _without_files(block)
    fields: dict[str, str] = {}
    for key, value in _TOML_FIELD.findall(head):
        fields.setdefault(key, value)
    name, version = fields.get("name", ""), fields.get("version", "")
    kind, url = _source(head, fields)
    if not name or kind in _OWN:
        return None
    marker = _TOML_MARKER.search(head)
    return Dependency(
        at,
        normal(name),
        f"=={version}" if version else "",
        version,
        _TOML_HASH.search(block) is not None,
        _group(head, fields),
        f"lock:{manager}",
        url,
        marker[1].replace('\\"', '"') if marker else "",
    )


def _without_files(block: str) -> str:
    """The block with its long lists of files left out."""
    return "\n".join(line for line in block.splitlines() if not line.startswith((" ", "\t")))


def _source(head: str, fields: dict[str, str]) -> tuple[str, str]:
    """The kind of source and the address where that is not a registry."""
    uv = _UV_SOURCE.search(head)
    if uv:
        return uv[1], {"git": f"git+{uv[2]}", "url": uv[2], "path": uv[2]}.get(uv[1], "")
    poetry = _POETRY_SOURCE.search(head)
    if poetry and poetry[1] != "legacy":
        if poetry[1] == "directory":
            return "directory", poetry[2]
        return poetry[1], f"git+{poetry[2]}" if poetry[1] == "git" else poetry[2]
    if "git" in fields:
        return "git", f"git+{fields['git']}@{fields.get('revision', '')}".removesuffix("@")
    if "path" in fields:
        return "directory", fields["path"]
    return "", ""


def _group(head: str, fields: dict[str, str]) -> str:
    found = _TOML_GROUPS.search(head)
    names = re.findall(r'"([^"]*)"', found[1]) if found else [fields.get("category", "main")]
    groups = [_GROUPS.get(name) or group_of(name) for name in names]
    return "main" if "main" in groups or not groups else groups[0]


def read_yaml(path: str, text: str, manager: str) -> Iterator[object]:
    """The rows of pixi.lock or conda-lock.yml, one for each name and version."""
    tool = {"pixi": "pixi", "conda": "conda-lock"}[manager]
    yield Manager(Place(path), tool, "lock")
    seen: set[tuple[str, str]] = set()
    for at, item in _items(path, text):
        name, version = item.get("name", ""), item.get("version", "")
        if not (name and version):
            name, version = _from_url(item.get("url", ""))
        if not name or not version or (name, version) in seen:
            continue
        seen.add((name, version))
        category = item.get("category", "main")
        group = group_of(category) if category != "main" else "main"
        hashed = "sha256" in item or "md5" in item
        yield Dependency(
            at, normal(name), f"=={version}", version, hashed, group, f"lock:{manager}", "", ""
        )


def _from_url(url: str) -> tuple[str, str]:
    found = _CONDA_FILE.fullmatch(url.rpartition("/")[2][-300:])
    return (found["name"], found["version"]) if found else from_address(url)


def _items(path: str, text: str) -> Iterator[tuple[Place, dict[str, str]]]:
    """The entries of the list of packages, each with its first line."""
    inside, item = False, None
    at = Place(path)
    for number, line in enumerate(text.splitlines(), start=1):
        if line[:1].isalpha():
            inside = line.startswith(("packages:", "package:"))
            if item:
                yield at, item
            item = None
            continue
        if not inside:
            continue
        start = _YAML_ITEM.match(line)
        if start and start[1]:
            if item:
                yield at, item
            key = "url" if start[1] in {"conda", "pypi"} else start[1]
            at, item = Place(path, number), {key: _plain(start[2])}
            continue
        field = _YAML_FIELD.match(line) if item is not None else None
        if field and item is not None:
            item.setdefault(field[1], _plain(field[2]))
    if item:
        yield at, item


def _plain(text: str) -> str:
    return text.strip().strip("'\"")
