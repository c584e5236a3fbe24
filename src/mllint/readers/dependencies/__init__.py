"""What a project depends on: manifests, requirements, environments and lock files to rows.

Chooses by file name. Knows nothing of what other files say; `link.dependencies` joins them.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from mllint.facts import Facts, Known, Place, Python
from mllint.readers.dependencies import (
    conda,
    locks,
    pipfile,
    pixi,
    pyproject,
    requirements,
    setup_cfg,
    setup_py,
)
from mllint.readers.dependencies.text import decode
from mllint.readers.gather import gather
from mllint.readers.waivers import waived

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_VERSION = re.compile(r"(?:python-|cpython-)?(\d+(?:\.\d+){0,2}(?:\.\*)?)\s*$")
_TOOL = re.compile(r"python(?:\s+|\s*=\s*[\"'])(\d+(?:\.\d+){0,2})[\"']?(?:\s|$)")


def read(path: str, data: bytes, known: Known) -> Facts:  # noqa: ARG001 - the readers' contract
    """The dependencies, managers and Python versions that one file states."""
    name = path.lower().rpartition("/")[2]
    if name.endswith(".yml") and "conda-lock" in name:
        return waived(gather(locks.read_yaml(path, decode(data), "conda")), path, data)
    if name.endswith((".yml", ".yaml")) and name not in _BY_NAME:
        return gather(conda.read(path, data))
    text = decode(data)
    reader = _BY_NAME.get(name)
    if reader is None:
        if name.startswith("pylock.") and name.endswith(".toml"):
            reader = _BY_NAME["pylock.toml"]
        elif name.startswith("pdm.") and name.endswith(".lock"):
            reader = _BY_NAME["pdm.lock"]
        else:
            reader = conda.exported if conda.is_export(text) else requirements.read
    return waived(gather(reader(path, text)), path, data)


def _version_file(path: str, text: str) -> Iterator[Python]:
    """The rows of .python-version and of runtime.txt."""
    source = path.rpartition("/")[2].lower()
    for number, line in enumerate(text.splitlines(), start=1):
        found = _VERSION.match(line.partition("#")[0].strip())
        if found:
            yield Python(Place(path, number), found[1].removesuffix(".*"), source)
            return


def _tool_file(path: str, text: str) -> Iterator[Python]:
    """The rows of the files in which asdf and mise are told what to install."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TOOL.match(line):
            yield Python(Place(path, number), found[1], ".python-version")
            return


_BY_NAME: dict[str, Callable[[str, str], Iterator[object]]] = {
    "pyproject.toml": pyproject.read,
    "setup.py": setup_py.read,
    "setup.cfg": setup_cfg.read,
    "tox.ini": setup_cfg.read_tox,
    "pipfile": pipfile.read,
    "pipfile.lock": pipfile.read_lock,
    "pixi.toml": pixi.read,
    "uv.lock": partial(locks.read_toml, manager="uv"),
    "poetry.lock": partial(locks.read_toml, manager="poetry"),
    "pdm.lock": partial(locks.read_toml, manager="pdm"),
    "pylock.toml": partial(locks.read_toml, manager="pylock"),
    "pixi.lock": partial(locks.read_yaml, manager="pixi"),
    ".python-version": _version_file,
    "runtime.txt": _version_file,
    **dict.fromkeys((".tool-versions", "mise.toml", ".mise.toml"), _tool_file),
}
