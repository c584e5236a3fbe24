"""A project that would run at every chance: nothing of it is run, imported, unpickled or changed.

An audit hook in mllint and in each of its workers writes down what they do; see PEP 578.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
import tempfile
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bad_input.conftest import Audit, Ended

HOOK = """
import sys, os, _thread

def listen():
    log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    busy = set()  # threads
    wanted = ("socket.", "subprocess.", "os.", "pty.", "shutil.", "pickle.", "ctypes.", "urllib.",
              "http.", "ftplib.", "smtplib.", "webbrowser.", "winreg.", "tempfile.", "syslog.")

    def hook(event, args):
        here = _thread.get_ident()
        if here in busy or not (event in ("open", "exec", "import") or event.startswith(wanted)):
            return
        busy.add(here)
        try:
            if event == "exec":
                args = [getattr(args[0], "co_filename", "")]
            elif event == "import":
                args = [args[0], args[1]]
            words = [event, *(os.fsdecode(a) if isinstance(a, (str, bytes)) else repr(a)
                              for a in args)]
            line = "\\x1f".join(words).replace("\\n", " ") + "\\n"
            os.write(log, line.encode("utf-8", "replace"))
        finally:
            busy.discard(here)

    sys.addaudithook(hook)

listen()
"""


class Event(NamedTuple):
    """What Python told the hook."""

    name: str
    words: tuple[str, ...]


class Watched(NamedTuple):
    """What came out of a run, and what it did for it."""

    seen: Audit
    main: list[Event]
    workers: list[Event]


@pytest.fixture(name="watched")
def fixture_watched(measured: Callable[..., Audit], tmp_path: Path) -> Callable[..., Watched]:
    """Runs `mllint check` under the eyes of a hook, and its workers under those of another."""

    def call(path: Path, *options: str, **more: object) -> Watched:
        logs = [tmp_path / "main", tmp_path / "workers"]
        main, worker = (HOOK.format(log=str(log)) for log in logs)
        code = f"import mllint.pool\nmllint.pool._START = {worker!r} + mllint.pool._START\n{main}"
        seen = measured(path, *options, code=code, **more)
        return Watched(seen, *(_events(log) for log in logs))

    return call


def _events(log: Path) -> list[Event]:
    lines = [line.split("\x1f") for line in log.read_text("utf-8").splitlines()]
    return [Event(name, tuple(words)) for name, *words in lines]


MARK = "import pathlib; pathlib.Path({marker!r}).touch()\n"
SHADOWS = (
    "setup.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "noxfile.py", "tasks.py",
    "dodo.py", "manage.py", "fabfile.py", "SConstruct", "wscript", "hubconf.py", "__init__.py",
    "__main__.py", "mllint/__init__.py", "mllint/__main__.py", "mllint/cli/__init__.py",
    "mllint_plugin.py", "click.py", "click/__init__.py", "yaml.py", "libcst.py", "tomli.py",
    "rich.py", "packaging/__init__.py", "platformdirs.py", "pathspec.py", "jinja2.py", "json.py",
    "ast.py", "re.py", "typing_extensions.py", "docs/conf.py", "tests/conftest.py",
    "versioneer.py", "_version.py", "build.py", "gunicorn.conf.py", "celeryconfig.py",
)  # fmt: skip


class _Bomb:
    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.marker}",)


@pytest.fixture(name="marker")
def fixture_marker(tmp_path: Path) -> Path:
    """The file that is made as soon as anything of the project runs."""
    return tmp_path / "ran"


@pytest.fixture(name="eager")
def fixture_eager(root: Path, marker: Path) -> Path:
    """A project that runs at every chance."""
    mark, shell = MARK.format(marker=str(marker)), f"touch {marker}"
    texts = {
        **dict.fromkeys(SHADOWS, mark),
        "evil.pth": mark.replace("\n", ""),
        "pyproject.toml": dedent("""\
            [build-system]
            requires = []
            build-backend = "mllint_plugin"
            backend-path = ["."]
            [project]
            name = "eager"
            dynamic = ["version", "dependencies"]
            [project.entry-points.mllint]
            plugin = "mllint_plugin"
            [project.entry-points.pytest11]
            plugin = "mllint_plugin"
            [tool.setuptools.dynamic]
            version = {attr = "mllint_plugin.version"}
            dependencies = {file = "requirements.txt"}
            [tool.mllint]
            rules = ["own"]
            [tool.mllint.ignore]
            no-readme = "not yet"
            """),
        "own/x/category.toml": 'title = "X"\nbudget = {research=1, internal=1, production=1}\n',
        "own/x/mine.py": mark,
        "setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n",
        "requirements.txt": "-e .\ngit+https://example.invalid/x.git\nhttps://example.invalid/y.whl\n",
        "Makefile": f"X := $(shell {shell})\nall:\n\t{shell}\ntest: all\n",
        "justfile": f"x := `{shell}`\nall:\n  {shell}\n",
        "Snakefile": f"{mark}shell('{shell}')\n",
        "Dockerfile": f"FROM python\nRUN {shell}\n",
        "Jenkinsfile": f"node {{ sh '{shell}' }}\n",
        "run.sh": f"#!/bin/sh\n{shell}\n",
        ".envrc": f"{shell}\n",
        ".env": f"X=$({shell})\n",
        "tox.ini": f"[testenv]\ncommands = {shell}\n",
        "params.yaml": f"x: !!python/object/apply:os.system ['{shell}']\n",
        "dvc.yaml": f"stages:\n  a:\n    cmd: {shell}\n",
        ".pre-commit-config.yaml": f"repos:\n- repo: local\n  hooks: [{{id: x, entry: {shell}}}]\n",
        ".github/workflows/a.yml": f"on: push\njobs: {{a: {{steps: [run: make; {shell}]}}}}\n",
        "main.tf": f'data "external" "x" {{ program = ["sh", "-c", "{shell}"] }}\n',
        "a.ipynb": json.dumps({
            "cells": [{"cell_type": "code", "source": f"!{shell}\n%run setup.py\n{mark}",
                       "metadata": {}, "outputs": [], "execution_count": None}],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
        }),
        "train.py": f"{mark}import setup\nfrom torch import load\nload('model.pkl')\n",
    }  # fmt: skip
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if name in {"run.sh", "setup.py", "Makefile"}:
            path.chmod(0o755)
    for name in ("model.pkl", "model.pt", "facts.sqlite", "data.npy"):
        (root / name).write_bytes(pickle.dumps(_Bomb(str(marker))))
    for name in ("git", "python", "python3", "mllint"):
        shutil.copy(root / "run.sh", root / name)
        (root / name).chmod(0o755)
    return root


def state(root: Path) -> dict[str, tuple[int, ...]]:
    """What would change if anything were written."""
    found: dict[str, tuple[int, ...]] = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_mtime_ns, status.st_size, status.st_mode, status.st_ino)
    return found


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_of_a_project_is_run(
    jobs: str,
    eager: Path,
    marker: Path,
    tmp_path: Path,
    git: Callable[..., str],
    watched: Callable[..., Watched],
) -> None:
    git(eager, "init", "-q")
    git(eager, "add", "sound.py", "train.py", "setup.py")
    git(eager, "commit", "-q", "-m", "one")
    before = state(eager)
    path = os.pathsep.join([".", "", os.environ["PATH"]])
    seen, main, workers = watched(eager, "-j", jobs, env={**os.environ, "PATH": path})
    assert not marker.exists()
    assert seen.sound
    assert state(eager) == before
    assert programs(main) == {sys.executable, shutil.which("git")}
    for events in (main, workers):
        names = {event.name for event in events}
        assert {"open", "exec", "import"} < names
        assert {n for n in names if n.startswith(NEVER)} == set()
        assert [e for e in events if e.name in {"exec", "import"} and within(e, eager)] == []
    deeds = {event.name for event in workers if "__pycache__" not in str(event.words)}
    assert deeds <= {"open", "exec", "import", "os.listdir", "os.scandir"}
    assert [e for e in workers if within(e, eager)] == []
    assert {path for path in written(main) if not ours(path, tmp_path)} == set()
    assert {path for path in written(workers) if not ours(path, tmp_path)} == set()
    assert [e for e in main if e.name in CHANGES and within(e, eager)] == []


NEVER = (
    "socket.", "pty.", "pickle.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.",
    "os.system", "os.exec", "os.spawn", "os.startfile", "os.putenv",
)  # fmt: skip
STARTS = {"subprocess.Popen", "os.posix_spawn"}
"""The second is how the first is done since Python 3.13."""
CHANGES = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod",
           "os.truncate", "os.utime", "os.chown", "shutil.rmtree"}  # fmt: skip


def programs(events: list[Event]) -> set[str]:
    """The programs that were started."""
    return {event.words[0] for event in events if event.name in STARTS}


def within(event: Event, folder: Path) -> bool:
    """Whether the event is about a path in the folder."""
    return any(word.startswith(f"{folder}/") for word in event.words)


def written(events: list[Event]) -> set[str]:
    """The paths that were opened to be written to."""
    writing = os.O_WRONLY | os.O_RDWR
    opened = [event.words for event in events if event.name == "open"]
    return {path for path, _, flags in opened if flags.isdigit() and int(flags) & writing}


def ours(path: str, tmp_path: Path) -> bool:
    """Whether that may be written to: the cache, what git is given, Python's own, or nothing."""
    folder = Path(path).parent
    return (
        folder in {tmp_path / "cache", Path(tempfile.gettempdir())}
        or folder.name.startswith(("mllint-", "__pycache__"))
        or path == os.devnull
        or path.isdigit()
    )


def test_the_hook_sees_what_it_should(process: Callable[..., Ended], tmp_path: Path) -> None:
    log = tmp_path / "log"
    deeds = (
        "import os, pickle, socket, subprocess\n"
        "socket.socket().close()\n"
        "subprocess.run(['true'])\n"
        f"open({str(tmp_path / 'new')!r}, 'w').close()\n"
        "pickle.loads(pickle.dumps(print))\n"
        "os.system('true')\n"
    )
    process("--version", code=HOOK.format(log=str(log)) + deeds)
    events = _events(log)
    assert programs(events) == {"true"}
    assert str(tmp_path / "new") in written(events)
    names = {event.name for event in events}
    assert {"socket.__new__", "pickle.find_class", "os.system"} <= names


def test_the_project_may_be_the_current_folder(
    eager: Path, marker: Path, process: Callable[..., Ended]
) -> None:
    """Python itself imports the package `mllint` of the current folder for `python -m mllint`."""
    script = Path(sys.executable).with_name("mllint")
    commands = [[sys.executable, "-m", "mllint"], *([[str(script)]] if script.exists() else [])]
    shutil.rmtree(eager / "mllint")
    for command in commands:
        code = f"import os\nos.execv({command[0]!r}, {[*command, 'check']!r})"
        ended = process(code=f"import sys\nsys.path.remove('')\n{code}", cwd=eager)
        assert ended.code in {0, 1}, ended.err
        assert b"unsafe-checkpoint-load" in ended.out
        assert not marker.exists()
