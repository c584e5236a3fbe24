"""One tree has one report: with any cache, any number of workers, any order of hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mllint.catalogue import load

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("libcst", "yaml", "jinja2", "rich")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which the examples of all rules stand side by side."""
    root = tmp_path_factory.mktemp("everything")
    for rule in load(with_examples=True).rules.values():
        for number, example in enumerate(rule.examples):
            for name, text in example.files.items():
                path = root / rule.id / f"{example.kind}-{number}" / name
                if isinstance(text, str):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
    return root


def mllint(root: Path, seed: int, *options: str) -> tuple[dict[str, Any], int]:
    """A report without what may differ, and how many files were known from before."""
    code = (
        "import sys\n"
        "from mllint.cli import run\n"
        "code = run(sys.argv[1:])\n"
        f"sys.stderr.write(' '.join(m for m in {HEAVY} if m in sys.modules))\n"
        "sys.exit(code)\n"
    )
    command = [sys.executable, "-c", code, "check", str(root), "--exit-zero", "--format", "json"]
    cache = {"MLLINT_CACHE_DIR": str(root.parent / "cache"), "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [*command, *options], env={**os.environ, **cache}, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    report = json.loads(done.stdout)
    report["run"].pop("duration_ms")
    return report, report["run"].pop("cached")


def test_cold_warm_serial_and_parallel_runs_say_the_same(everything: Path) -> None:
    first, known = mllint(everything, 1, "-j2")
    assert (known, bool(first["findings"])) == (0, True)
    second, known = mllint(everything, 2, "-j2")
    assert (known > 0, second == first) == (True, True)
    assert mllint(everything, 3, "-j1", "--no-cache") == (first, 0)
    for seed in (4, 5):  # by now no file is so fresh that it is looked at again
        again, known = mllint(everything, seed, "-j2")
        assert (known > 0, again == first) == (True, True)
