"""DVC: stages, what the lock recorded of them, pointers to data, and remotes.

Knows DVC's files. Paths come out relative to the root; a template that needs `params.yaml` stays as
it is written.
"""

from __future__ import annotations

import posixpath
import re
from itertools import islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Facts, Place, Remote, Stage, Tracked
from mllint.readers.ci.scripts import text_under
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.yamldoc import Node, child, texts, walk
from mllint.readers.yamlrows import yaml_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_STAGES = 500
"""Stages that one `foreach` or `matrix` may unfold to."""

_VARIABLE = re.compile(r"\$\{\s*([\w.\[\]-]+)\s*\}")
_SECTION = re.compile(r"\[\s*'?remote\s+\"?([^\"'\]]+)\"?'?\s*\]")
_SUMS = ("md5", "etag", "checksum", "sha256", "hash")


class _Entry(NamedTuple):
    path: str
    node: Node


def read_pipeline(path: str, data: bytes) -> Facts:
    """The stages of dvc.yaml, `foreach` and `matrix` unfolded."""
    return yaml_rows(path, data, _pipeline)


def read_lock(path: str, data: bytes) -> Facts:
    """What dvc.lock recorded: stages, and the data that they read and wrote."""
    return yaml_rows(path, data, _lock)


def read_pointer(path: str, data: bytes) -> Facts:
    """The data that a `.dvc` file points to."""
    return yaml_rows(path, data, _pointer)


def read_config(path: str, data: bytes) -> Facts:
    """The remotes of `.dvc/config`."""
    text = text_of(data)
    return binary(path) if text is None else gather(_remotes(path, text))


def _inside(folder: str, name: str) -> str:
    """A path relative to the root; an address stays as it is."""
    if "://" in name or name.startswith(("/", "~")):
        return name
    return posixpath.normpath(posixpath.join(folder, name))


def _pipeline(path: str, document: Node) -> Iterator[Stage]:
    variables = dict(_variables(child(document, "vars")))
    folder = posixpath.dirname(path)
    stages = child(document, "stages")
    found: list[Stage] = []
    for item in stages.items if stages else ():
        at = Place(path, item.line, 1, item.node.end_line)
        for name, body, values in islice(_unfolded(item.key, item.node, variables), MAX_STAGES):
            found.append(_stage(at, folder, name, body, values))
    metrics = tuple(
        _inside(folder, _filled(entry.path, variables)) for entry in _entries(document, "metrics")
    )
    left = [m for m in metrics if not any(_is_below(m, out) for s in found for out in s.outs)]
    for stage in found:
        own = tuple(m for m in metrics if any(_is_below(m, out) for out in stage.outs))
        yield stage._replace(metrics=tuple(dict.fromkeys(stage.metrics + own)))
    if left:
        node = child(document, "metrics") or document
        at = Place(path, node.line, node.col, node.end_line)
        yield Stage(at, "dvc", "", "", (), (), (), tuple(left))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _variables(node: Node | None) -> Iterator[tuple[str, str]]:
    for one in node.list if node else ():
        for key, _, below in walk(one):
            if key and below.kind == "scalar" and not key.endswith("[]"):
                yield key, below.raw


def _unfolded(
    name: str, node: Node, variables: Mapping[str, str]
) -> Iterator[tuple[str, Node, dict[str, str]]]:
    """Name, body and variables of a stage, or of each of those that a loop makes."""
    own = {**variables, **dict(_variables(child(node, "vars")))}
    loop, body = child(node, "foreach"), child(node, "do")
    matrix = child(node, "matrix")
    if loop is not None and body is not None:
        if not loop.list and not loop.items:
            yield name, body, own
        for index, one in enumerate(loop.list):
            key = one.raw if one.kind == "scalar" else str(index)
            yield f"{name}@{key}", body, {**own, **_item(one)}
        for item in loop.items:
            yield f"{name}@{item.key}", body, {**own, **_item(item.node), "key": item.key}
    elif matrix is not None and matrix.items:
        axes = [[(item.key, text) for text in texts(item.node)] for item in matrix.items]
        for pick in product(*axes):
            values = {f"item.{key}": text for key, text in pick}
            label = "-".join(text for _, text in pick)
            yield f"{name}@{label}", node, {**own, **values}
    else:
        yield name, node, own


def _item(node: Node) -> dict[str, str]:
    if node.kind == "scalar":
        return {"item": node.raw}
    return {key: below.raw for key, _, below in walk(node, "item") if below.kind == "scalar"}


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: variables.get(found[1], found[0]), text)


def _entries(node: Node, key: str) -> Iterator[_Entry]:
    """The paths of a list whose items are names, or names with options."""
    listed = child(node, key)
    for one in listed.list if listed else ():
        if one.kind == "scalar" and one.value is not None:
            yield _Entry(one.raw, one)
        for item in one.items:
            yield _Entry(item.key, item.node)
    for item in listed.items if listed else ():
        yield _Entry(item.key, item.node)


def _stage(at: Place, folder: str, name: str, body: Node, values: Mapping[str, str]) -> Stage:
    inner = _inside(folder, _filled(text_under(body, "wdir") or ".", values))

    def paths(*keys: str) -> tuple[str, ...]:
        names = (entry.path for key in keys for entry in _entries(body, key))
        return tuple(dict.fromkeys(_inside(inner, _filled(one, values)) for one in names))

    command = "\n".join(_filled(text, values) for text in texts(child(body, "cmd")))
    outs = paths("outs", "metrics", "plots")
    params = tuple(_filled(text, values) for text in _parameters(body))
    cached = tuple(
        dict.fromkeys(
            _inside(inner, _filled(entry.path, values))
            for key in ("outs", "metrics", "plots")
            for entry in _entries(body, key)
            if text_under(entry.node, "cache") != "false"
        )
    )
    return Stage(at, "dvc", name, command, paths("deps"), outs, params, paths("metrics"), cached)


def _parameters(body: Node) -> Iterator[str]:
    params = child(body, "params")
    for one in params.list if params else ():
        if one.kind == "scalar" and one.value is not None:
            file, colon, keys = one.raw.rpartition(":")
            for key in keys.split(",") if colon else [one.raw]:
                yield f"{_file(file)}:{key.strip()}"
        for item in one.items:
            for key in texts(item.node) or ("",):
                yield f"{_file(item.key)}:{key}"


def _file(name: str) -> str:
    return "" if name == "params.yaml" else name


def _lock(path: str, document: Node) -> Iterator[Any]:
    folder = posixpath.dirname(path)
    stages = child(document, "stages")
    if stages is None and child(document, "schema") is None:
        # Before schema 2.0 the stages stood at the top.
        stages = document
    for item in stages.items if stages else ():
        at = Place(path, item.line, 1, item.node.end_line)
        named = {key: list(_listed(item.node, key)) for key in ("deps", "outs")}
        paths = {
            key: tuple(_inside(folder, text_under(node, "path")) for node in nodes)
            for key, nodes in named.items()
        }
        command = "\n".join(texts(child(item.node, "cmd")))
        params = tuple(_locked(child(item.node, "params")))
        name = item.key
        yield Stage(at, "dvc.lock", name, command, paths["deps"], paths["outs"], params, ())
        yield from _tracked(path, folder, "dvc.lock", (*named["deps"], *named["outs"]))


def _listed(node: Node, key: str) -> Iterable[Node]:
    listed = child(node, key)
    return [one for one in listed.list if text_under(one, "path")] if listed else ()


def _locked(node: Node | None) -> Iterator[str]:
    for item in node.items if node else ():
        for entry in item.node.items:
            yield f"{_file(item.key)}:{entry.key}"


def _pointer(path: str, document: Node) -> Iterator[Tracked]:
    folder = _inside(posixpath.dirname(path), text_under(document, "wdir") or ".")
    yield from _tracked(path, folder, "dvc", _listed(document, "outs"))


def _tracked(path: str, folder: str, system: str, nodes: Iterable[Node]) -> Iterator[Tracked]:
    for node in nodes:
        at = Place(path, node.line, node.col, node.end_line)
        total = next((text for key in _SUMS if (text := text_under(node, key))), "")
        size = child(node, "size")
        number = size.value if size is not None and isinstance(size.value, int) else None
        name = _inside(folder, text_under(node, "path"))
        yield Tracked(at, system, name, total, number)


def _remotes(path: str, text: str) -> Iterator[Remote]:
    section, default = "", ""
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            continue
        if stripped.startswith("["):
            remote = _SECTION.match(stripped)
            section = f"remote {remote[1]}" if remote else stripped.strip("[] ")
            continue
        key, _, value = (part.strip() for part in stripped.partition("="))
        if section == "core" and key == "remote":
            default = value
        elif section.startswith("remote ") and key == "url":
            found[section.removeprefix("remote ")] = (number, value)
    for name, (number, url) in found.items():
        yield Remote(Place(path, number), name, url, name == default)
