"""One tree has one report: with any cache, any number of workers, any order of hashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mllint import engine
from mllint.collect import collect
from mllint.link import link
from mllint.settings import Settings
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

    from mllint.review import Report, Rule

HEAVY = ("libcst", "yaml", "jinja2", "rich")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which a bad example of each rule stands beside good ones of some of them."""
    root = tmp_path_factory.mktemp("everything")
    for number, rule in enumerate(CATALOGUE.rules.values()):
        for kind in ("bad", "good")[: 1 if number % 4 else 2]:
            files = next((e.files for e in rule.examples if e.kind == kind), {})
            for name, text in files.items():
                path = root / rule.id / f"{kind}-0" / name
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


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _a_line_above(root: Path) -> None:
    for path in sorted(root.glob("unseeded-split/*/*.py")):
        path.write_text("import random\n\n" + path.read_text())


def _a_comment_below(root: Path) -> None:
    for path in sorted(root.glob("[a-m]*/bad-0/*.py")):
        path.write_text(path.read_text() + "\n# no more\n")


def _a_new_module(root: Path) -> None:
    (root / "loaded.py").write_text("import torch\n\nmodel = torch.load('model.pt')\n")
    (root / "settings.py").write_text("SEED = 7\n")


def _another_name(root: Path) -> None:
    (root / "loaded.py").rename(root / "weights.py")


def _a_file_less(root: Path) -> None:
    (root / "settings.py").unlink()
    for path in sorted(root.glob("fit-before-split/*/*.py"))[:1]:
        path.unlink()


def _a_lock(root: Path) -> None:
    (root / "requirements.txt").write_text("torch==2.5.0\nscikit-learn\n")


def _another_lock(root: Path) -> None:
    edited(root / "requirements.txt", "2.5.0", "2.6.0")


def _a_setting(root: Path) -> None:
    (root / "pyproject.toml").write_text('[project]\nname = "all"\nversion = "1"\n')
    (root / ".gitignore").write_text("*.pt\nmlruns/\n")


def _a_word(root: Path) -> None:
    (root / "README.md").write_text("# All\n\n## Usage\n\nRun `python loaded.py` with mlflow.\n")


EDITS = (_a_line_above, _a_comment_below, _a_new_module, _another_name, _a_file_less, _a_lock,
         _another_lock, _a_setting, _a_word)  # fmt: skip


def said(root: Path, **options: Any) -> Report:
    """A report without what may differ."""
    settings = Settings(jobs=1, cache_dir=root.parent / "other", **options)
    report = engine.run(root, settings)
    return replace(report, run=replace(report.run, cached=0, seconds=0.0), rules={})


def test_after_any_edit_the_report_is_that_of_a_run_without_memory(everything: Path) -> None:
    said(everything)
    for edit in EDITS:
        edit(everything)
        assert said(everything) == said(everything, cache=False), edit.__name__


def asked(rule: Rule, *, after_all: bool) -> set[str]:
    """What a rule asks of its own example, alone or after all other rules have run upon it."""
    tree = Tree.of(rule.examples[0].files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    if after_all:
        for other in CATALOGUE.rules.values():
            with suppress(Exception):  # not all of them apply
                list(other.check(project))
    project.reads.clear()
    list(rule.check(project))
    return set(project.reads)


@pytest.mark.parametrize("name", [r.id for r in CATALOGUE.rules.values() if r.examples][::5])
def test_what_a_check_asks_is_noted_whatever_ran_before_it(name: str) -> None:
    rule = CATALOGUE.rules[name]
    assert asked(rule, after_all=False) <= asked(rule, after_all=True)
