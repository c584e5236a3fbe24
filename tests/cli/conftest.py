"""Running the command line: in this process for what it says, in another for how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mllint.cli import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TRAIN = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

frame = pd.read_csv("rows.csv")
left, right = train_test_split(frame)
model = LogisticRegression()
model.fit(left[["a"]], left["b"])
print(model.score(right[["a"]], right["b"]))
"""


class Result(NamedTuple):
    """How a command line ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours and no cache from outside."""
    for name in list(os.environ):
        if name.startswith("MLLINT_") or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(name="mllint")
def fixture_mllint(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """Runs a command line in this process."""

    def call(*argv: str) -> Result:
        capfdbinary.readouterr()
        code = run(argv)
        out, err = capfdbinary.readouterr()
        return Result(code, out.decode(), err.decode())

    return call


@pytest.fixture(name="process")
def fixture_process() -> Callable[..., Result]:
    """Runs a command line in a process of its own."""

    def call(*argv: str, **more: Any) -> Result:
        command = [sys.executable, "-m", "mllint", *argv]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120, **more)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


@pytest.fixture(name="project")
def fixture_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project that trains a model, as the current folder."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "train.py").write_text(TRAIN)
    (root / "README.md").write_text("# Rows\n\nTrains a model.\n")
    monkeypatch.chdir(root)
    return root
