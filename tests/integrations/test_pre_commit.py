"""The hooks, really run by pre-commit in scratch repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "src", "rules")
CLEAN = "import numpy as np\n\nprint(np.zeros(3))\n"
FAULTY = """\
import torch


def train(net, loader, criterion):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
"""
NOTEBOOK = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": number,
                "id": f"c{number}",
                "metadata": {},
                "outputs": [],
                "source": [line],
            }
            for number, line in ((2, "x = 1"), (1, "print(x)"))
        ],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)

pytestmark = pytest.mark.slow


def git(folder: Path, *words: str) -> str:
    """Run git without any configuration of the machine."""
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
    names |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
    plain = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**plain, **names, "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module", name="hooks")
def fixture_hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The hook repository as it is in the working tree, and a home for what pre-commit installs."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "hooks")
    return folder, tmp_path_factory.mktemp("home")


class Scratch:
    """A repository whose commits are checked by the hooks."""

    def __init__(self, folder: Path, hooks: tuple[Path, Path]) -> None:
        self.folder = folder
        self.home = hooks[1]
        git(folder, "init", "-q", "-b", "main")
        lines = [
            "repos:",
            f"  - repo: {hooks[0]}",
            f"    rev: {git(hooks[0], 'rev-parse', 'HEAD')}",
        ]
        lines += ["    hooks:", "      - id: mllint", "      - id: mllint-repo"]
        self.stage({".pre-commit-config.yaml": "\n".join(lines) + "\n"})

    def stage(self, files: dict[str, str]) -> None:
        """Write files and stage them."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        git(self.folder, "add", "-A")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run pre-commit on what is staged."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHONPATH"))}
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color", "never", *words],
            cwd=self.folder,
            env={
                **plain,
                "PRE_COMMIT_HOME": str(self.home),
                "MLLINT_CACHE_DIR": str(self.home / "cache"),
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(name="scratch")
def fixture_scratch(tmp_path: Path, hooks: tuple[Path, Path]) -> Scratch:
    """A repository with the hooks."""
    return Scratch(tmp_path, hooks)


def test_staged_files_pass_or_fail(scratch: Scratch) -> None:
    scratch.stage({"train.py": CLEAN})
    assert "Passed" in scratch.run("mllint").stdout
    scratch.stage({"train.py": FAULTY})
    done = scratch.run("mllint")
    assert done.returncode == 1
    assert "missing-zero-grad" in done.stdout


def test_a_fault_in_a_file_that_is_not_staged_stops_nobody(scratch: Scratch) -> None:
    scratch.stage({"train.py": FAULTY})
    git(scratch.folder, "-c", "user.name=a", "-c", "user.email=a@e", "commit", "-qm", "old")
    scratch.stage({"other.py": CLEAN})
    assert scratch.run("mllint").returncode == 0


def test_staged_notebooks_are_looked_at(scratch: Scratch) -> None:
    scratch.stage({"explore.ipynb": NOTEBOOK, "mllint.toml": 'fail-on = "warning"\n'})
    done = scratch.run("mllint")
    assert done.returncode == 1
    assert "notebook-out-of-order" in done.stdout


def test_without_python_or_notebooks_the_hook_is_skipped(scratch: Scratch) -> None:
    scratch.stage({"notes.txt": "nothing\n"})
    done = scratch.run("mllint")
    assert done.returncode == 0
    assert "Skipped" in done.stdout


def test_a_list_of_files_that_is_split_gives_the_same_findings(scratch: Scratch) -> None:
    """A long list reaches the hook in pieces."""
    scratch.stage({"a.py": FAULTY, "b.py": FAULTY, "c.py": CLEAN})

    def found(*names: str) -> set[str]:
        words = [sys.executable, "-m", "mllint", "check", "--scope", "files", "--format", "json"]
        done = subprocess.run(
            [*words, *names], cwd=scratch.folder, capture_output=True, text=True, check=False
        )
        data = json.loads(done.stdout)
        return {f"{f['location']['path']}:{f['rule']}" for f in data["findings"]}

    first = found("a.py")
    assert found("a.py", "b.py", "c.py") == first | found("b.py", "c.py")
    assert "a.py:missing-zero-grad" in first
    assert "b.py:missing-zero-grad" not in first


def test_the_repository_hook_runs_on_its_own_files(scratch: Scratch) -> None:
    scratch.stage({"train.py": FAULTY, "mllint.toml": 'fail-on = "warning"\n'})
    assert "Skipped" in scratch.run("mllint-repo").stdout
    scratch.stage({"requirements.txt": "torch\n"})
    done = scratch.run("mllint-repo")
    assert done.returncode == 1
    assert "unpinned-dependency" in done.stdout or "no-tests" in done.stdout
