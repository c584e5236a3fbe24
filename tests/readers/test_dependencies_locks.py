from __future__ import annotations

import time

import pytest

from mllint.facts import Dependency, Known
from mllint.readers.dependencies import read

NOTHING = Known(frozenset(), frozenset())


def locked(path: str, text: str) -> list[Dependency]:
    return list(read(path, text.encode(), NOTHING).rows.get("dependency", ()))


def brief(rows: list[Dependency]) -> list[tuple[int, str, str, bool, str, str]]:
    return [(r.at.line, r.name, r.version, r.hashed, r.group, r.url) for r in rows]


UV = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "inner"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "numpy" },
]

[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://f.example/numpy-1.26.4.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [
    { url = "https://f.example/numpy-1.26.4-cp310.whl", hash = "sha256:bb", size = 1 },
]

[[package]]
name = "lib"
version = "2.0"
source = { git = "https://h.example/o/lib?rev=v2#abcdef" }
"""

POETRY = """\
[[package]]
name = "numpy"
version = "1.26.4"
description = "arrays"
category = "main"
files = [
    {file = "numpy-1.26.4.tar.gz", hash = "sha256:aa"},
]

[[package]]
name = "pytest"
version = "8.0.0"
groups = ["dev", "test"]
markers = "python_version >= \\"3.9\\""
files = []

[[package]]
name = "lib"
version = "2.0"
groups = ["main", "dev"]

[package.source]
type = "git"
url = "https://h.example/o/lib.git"
reference = "v2"

[metadata]
lock-version = "2.0"
"""

PDM = """\
[metadata]
groups = ["default", "dev"]

[[package]]
name = "numpy"
version = "1.26.4"
groups = ["default"]
files = [
    {file = "numpy-1.26.4.tar.gz", hash = "sha256:aa"},
]

[[package]]
name = "own"
version = "0.1"
path = "./own"

[[package]]
name = "lib"
version = "2.0"
groups = ["dev"]
git = "https://h.example/o/lib.git"
revision = "abc"
"""

PIPFILE = """\
{
    "_meta": {"hash": {"sha256": "aa"}},
    "default": {
        "numpy": {
            "hashes": [
                "sha256:aa"
            ],
            "markers": "python_version >= '3.9'",
            "version": "==1.26.4"
        }
    },
    "develop": {
        "lib": {
            "git": "https://h.example/o/lib.git",
            "ref": "abc"
        }
    }
}
"""

CONDA_LOCK = """\
version: 1
metadata:
  channels:
    - url: conda-forge
package:
- name: numpy
  version: 1.26.4
  manager: conda
  platform: linux-64
  dependencies:
    python: '>=3.10'
  url: https://c.example/linux-64/numpy-1.26.4-py310_0.conda
  hash:
    md5: aa
    sha256: bb
  category: main
- name: numpy
  version: 1.26.4
  manager: conda
  platform: osx-64
  category: main
- name: pytest
  version: '8.0'
  manager: pip
  category: dev
"""

PIXI = """\
version: 6
environments:
  default:
    packages:
      linux-64:
      - conda: https://c.example/linux-64/numpy-1.26.4-py310_0.conda
packages:
- conda: https://c.example/linux-64/numpy-1.26.4-py310_0.conda
  sha256: aa
  depends:
  - python >=3.10
- conda: https://c.example/osx-64/numpy-1.26.4-py310_0.conda
  sha256: bb
- pypi: https://f.example/torch-2.4.0-cp310-cp310-linux.whl
  name: torch
  version: 2.4.0
  sha256: cc
"""


def test_uv_lock() -> None:
    assert brief(locked("uv.lock", UV)) == [
        (12, "numpy", "1.26.4", True, "main", ""),
        (21, "lib", "2.0", False, "main", "git+https://h.example/o/lib?rev=v2#abcdef"),
    ]


def test_poetry_lock() -> None:
    rows = locked("poetry.lock", POETRY)
    assert brief(rows) == [
        (1, "numpy", "1.26.4", True, "main", ""),
        (10, "pytest", "8.0.0", False, "dev", ""),
        (17, "lib", "2.0", False, "main", "git+https://h.example/o/lib.git"),
    ]
    assert rows[1].marker == 'python_version >= "3.9"'


def test_poetry_lock_with_all_hashes_at_its_end() -> None:
    text = '[[package]]\nname = "a"\nversion = "1"\n\n[metadata.files]\na = [\n]\n'
    assert brief(locked("poetry.lock", text)) == [(1, "a", "1", True, "main", "")]


def test_pdm_lock() -> None:
    assert brief(locked("pdm.lock", PDM)) == [
        (4, "numpy", "1.26.4", True, "main", ""),
        (17, "lib", "2.0", False, "dev", "git+https://h.example/o/lib.git@abc"),
    ]


def test_pipfile_lock() -> None:
    assert brief(locked("Pipfile.lock", PIPFILE)) == [
        (4, "numpy", "1.26.4", True, "main", ""),
        (13, "lib", "", False, "dev", "git+https://h.example/o/lib.git@abc"),
    ]


def test_conda_lock() -> None:
    assert brief(locked("conda-lock.yml", CONDA_LOCK)) == [
        (6, "numpy", "1.26.4", True, "main", ""),
        (22, "pytest", "8.0", False, "dev", ""),
    ]


def test_pixi_lock() -> None:
    assert brief(locked("pixi.lock", PIXI)) == [
        (8, "numpy", "1.26.4", True, "main", ""),
        (14, "torch", "2.4.0", True, "main", ""),
    ]


def test_pylock() -> None:
    text = (
        'lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = "1.26.4"\n'
        'wheels = [{name = "x.whl", hashes = {sha256 = "aa"}}]\n'
    )
    for path in ("pylock.toml", "pylock.dev.toml"):
        assert brief(locked(path, text)) == [(2, "numpy", "1.26.4", True, "main", "")]


@pytest.mark.parametrize(
    ("path", "manager", "source"),
    [
        ("uv.lock", "uv", "lock:uv"),
        ("poetry.lock", "poetry", "lock:poetry"),
        ("pdm.lock", "pdm", "lock:pdm"),
        ("Pipfile.lock", "pipenv", "lock:pipfile"),
        ("conda-lock.yml", "conda-lock", "lock:conda"),
        ("pixi.lock", "pixi", "lock:pixi"),
    ],
)
def test_managers_and_sources_of_locks(path: str, manager: str, source: str) -> None:
    texts = {
        "Pipfile.lock": PIPFILE,
        "conda-lock.yml": CONDA_LOCK,
        "pixi.lock": PIXI,
    }
    facts = read(path, texts.get(path, UV).encode(), NOTHING)
    assert [(m.name, m.role) for m in facts.rows["manager"]] == [(manager, "lock")]
    assert {r.source for r in facts.rows["dependency"]} == {source}


@pytest.mark.parametrize("text", ["", "not json", "[]", "[" * 100_000, '{"default": {"a": 1}}'])
def test_odd_pipfile_locks_do_not_crash(text: str) -> None:
    assert locked("Pipfile.lock", text) == []


@pytest.mark.parametrize("path", ["uv.lock", "poetry.lock", "pixi.lock", "conda-lock.yml"])
def test_odd_locks_do_not_crash(path: str) -> None:
    for text in ("", "[[package]]", "packages:\n- conda:\n", "package:\n- name: \n", "\0" * 99):
        assert locked(path, text) == []


@pytest.mark.parametrize(
    ("path", "head", "block"),
    [
        ("uv.lock", UV, UV[UV.index('[[package]]\nname = "numpy"') : UV.index("wheels")]),
        ("poetry.lock", POETRY, POETRY[: POETRY.index("[[package]]", 9)]),
        ("pixi.lock", PIXI, PIXI[PIXI.index("- pypi") :]),
        ("conda-lock.yml", CONDA_LOCK, CONDA_LOCK[CONDA_LOCK.rindex("- name") :]),
    ],
)
def test_locks_of_five_megabytes_are_quick(path: str, head: str, block: str) -> None:
    text = head + block * (5_000_000 // len(block))
    start = time.process_time()
    assert locked(path, text)
    assert time.process_time() - start < 5


def test_explicit_list_of_conda_is_a_lock() -> None:
    text = "# platform: linux-64\n@EXPLICIT\nhttps://c.example/linux-64/numpy-1.26.4-py310_0.conda#aa\n"
    assert brief(locked("conda-linux-64.lock", text)) == [
        (3, "numpy", "1.26.4", False, "conda", "")
    ]
    facts = read("conda-linux-64.lock", text.encode(), NOTHING)
    assert [(m.name, m.role) for m in facts.rows["manager"]] == [("conda-lock", "lock")]
