"""What all tests share: a git that is the same on every machine, a cache that knows the rules.

No example of a law has a deadline: a machine that is several times as slow fails none.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from mllint.cache import Cache
from mllint.catalogue import load
from tests.odd import ODD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

settings.register_profile(
    "suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.org",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def pytest_configure() -> None:
    """Workers that run tests side by side have a processor each.

    So each run of mllint within a test, unless it is told otherwise, starts one reader and not as
    many as the machine has processors. Signals reach what tests start, even where they run in the
    background of a shell, which may have them ignored.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        processors = sorted(os.sched_getaffinity(0))
        number = int(worker.removeprefix("gw"))
        os.sched_setaffinity(0, {processors[number % len(processors)]})


def pytest_collection_finish() -> None:
    """Thousands of tests are no garbage: nobody need look through them after each."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", name="known_rules")
def fixture_known_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a cache that knows the rules, as any earlier run leaves it, and nothing else."""
    folder = tmp_path_factory.mktemp("known")
    cache = Cache(str(folder))
    load(cache=cache)
    cache.close()
    return folder / "facts.sqlite"


@pytest.fixture(name="cache")
def fixture_cache(tmp_path: Path, known_rules: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a cache that knows the rules and no project, the one that runs use."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    shutil.copy(known_rules, folder)
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(name="no_cache")
def fixture_no_cache(cache: Path) -> Path:
    """The folder of the cache that runs use, before the first of them: it is not there."""
    shutil.rmtree(cache)
    return cache


@pytest.fixture
def git() -> Callable[..., str]:
    """Runs git in a folder and returns what it printed."""

    def run(folder: Path, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=_ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def repo(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A repository with one commit of `train.py` and `data/rows.csv`."""
    folder = tmp_path / "repo"
    (folder / "data").mkdir(parents=True)
    (folder / "train.py").write_text("import torch\n")
    (folder / "data" / "rows.csv").write_text("a,b\n1,2\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


@pytest.fixture(name="odd")
def fixture_odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A reader that does what the file says."""
    (tmp_path / "odd_reader.py").write_text(ODD)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "odd_reader", raising=False)
    return "odd_reader"
