"""Files made to break parsers, for the real readers: each costs itself at most, never the run."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from mllint.collect import collect
from mllint.facts import Known
from mllint.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Known(frozenset({"torch"}), frozenset())
CELL = {"cell_type": "code", "source": "import torch\n", "outputs": [], "metadata": {}}
NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL] * 10_000}
OLD = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12)
)
FILES: dict[str, tuple[str | bytes, str]] = {
    "good.py": ("import torch\ntorch.load('x')\n", ""),
    "operators.py": ("import torch\nx = " + "1+" * 20_000 + "1\n", "nesting"),
    "ands.py": ("import torch\nx = " + "1 and " * 8_000 + "1\n", "nesting"),
    "ternaries.py": ("import torch\nx = " + "1 if a else " * 3_000 + "1\n", "nesting"),
    "brackets.py": ("import torch\nx = " + "(" * 2_000 + ")" * 2_000 + "\n", "nesting"),
    "calls.py": ("import torch\nx = a" + ".b()" * 20_000 + "\n", "nesting"),
    "string.py": ("import torch\nx = '" + "a" * 5_000_000 + "'\n", ""),
    "large.py": (b"#" * 50_000_000, "too-large"),
    "utf16.py": ("import torch\n".encode("utf-16"), "encoding"),
    "nul.py": (b"import torch\n\0\n", "encoding"),
    "bom.py": ("\ufeffimport torch\n", ""),
    "declared.py": ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), ""),
    "latin1.py": ("x = 'é'\n".encode("latin-1"), "encoding"),
    "python2.py": ("print 'x'\n", "syntax"),
    "template.py": ("import {{ x }}\n", "syntax"),
    "syntax.py": ("def (:\n", "syntax"),
    "surrogate.py": ("x = '\\ud800'\n", ""),
    "bomb.yaml": (BOMB, "too-large"),
    "tags.yaml": ("a: !!python/object/apply:os.system ['touch pwned']\n", ""),
    "double.yaml": ("a: 1\na: 2\n", ""),
    "deep.yaml": ("[" * 5_000 + "]" * 5_000, "nesting"),
    "deep.json": ("[" * 100_000 + "]" * 100_000, "nesting"),
    "deep.toml": ("a = " + "[" * 5_000 + "]" * 5_000, "nesting"),
    "none.ipynb": ("hello", "invalid"),
    "old.ipynb": (json.dumps(OLD), ""),
    "long.ipynb": (json.dumps(NOTEBOOK), ""),
    "Dockerfile": ("FROM x\n" + "RUN a \\\n" * 20_000, ""),
    "README.md": ("# " + "[" * 20_000 + "\n" + "*" * 50_000, ""),
}


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_file_costs_itself_at_most(
    tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, (content, _) in FILES.items():
        (tmp_path / name).write_bytes(
            content if isinstance(content, bytes) else content.encode("utf-8")
        )
    start = time.monotonic()
    found = collect(Tree.open(str(tmp_path)), KNOWN, jobs=jobs)
    assert time.monotonic() - start < 60
    problems = dict.fromkeys(FILES, "") | {p.path: p.kind for p in found.problems}
    assert problems == {path: kind for path, (_, kind) in FILES.items()}
    assert [call.name for call in found.facts["good.py"].rows["call"]] == ["torch.load"]
    assert set(found.facts) == set(FILES)
    assert not (tmp_path / "pwned").exists()


def test_one_line_of_five_megabytes(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text("import torch\nx = [" + "1, " * 1_700_000 + "]\n")
    (tmp_path / "good.py").write_text("import torch\ntorch.load('x')\n")
    found = collect(Tree.open(str(tmp_path)), KNOWN, jobs=1)
    assert "call" in found.facts["good.py"].rows
    assert set(found.facts) == {"good.py", "line.py"}
