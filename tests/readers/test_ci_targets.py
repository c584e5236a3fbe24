from __future__ import annotations

import time

import pytest

from mllint.facts import Facts, Known
from mllint.readers.ci import read

KNOWN = Known(frozenset(), frozenset())
Row = tuple[int, str, tuple[str, ...], tuple[str, ...]]


def facts(path: str, text: str) -> Facts:
    return read(path, text.encode(), KNOWN)


def targets(path: str, text: str) -> list[Row]:
    found = facts(path, text).rows.get("target", ())
    return [(t.at.line, t.name, t.needs, t.commands) for t in found]


MAKE = """\
.PHONY: all test
PY ?= python3
TESTS = tests/ \\
   more
include other.mk
all: test lint
test: deps $(TESTS) | build ## Run
\t@$(PY) -m pytest $(TESTS) \\
\t  --cov
\t# pytest commented
\t-flake8 .
ifeq ($(CI),1)
\tfoo $$HOME
else
\tbar
endif
lint: VAR = 1
lint: ; ruff check .
define run_it
a
b
endef
x y: z
\t$(run_it)
\t$(MAKE) -C docs $@
%.o: %.c
\tcc
deploy-$(ENV):
\techo
a := $(shell git describe)
"""


def test_makefile() -> None:
    assert targets("Makefile", MAKE) == [
        (6, "all", ("test", "lint"), ()),
        (
            7,
            "test",
            ("deps", "tests/", "more", "build"),
            ("python3 -m pytest tests/ more --cov", "flake8 . || true", "foo $HOME", "bar"),
        ),
        (18, "lint", (), ("ruff check .",)),
        (23, "x", ("z",), ("a\nb", "make -C docs x")),
        (23, "y", ("z",), ("a\nb", "make -C docs y")),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".DEFAULT_GOAL := b\na:\n\tx\n", [(1, "", ("b",), ()), (2, "a", (), ("x",))]),
        ("A = $(A) $(B)\nB = $(A)\na:\n\t$(A)\n", [(3, "a", (), None)]),
        (".ONESHELL:\na:\n\tx\n\ty\n", [(2, "a", (), ("x\ny",))]),
        ("a: b\na:\n\tx\n", [(2, "a", ("b",), ("x",))]),
        ("# a:\n#\tx\n", []),
        ("A != git log\n", []),
    ],
)
def test_makefile_details(text: str, expected: list[Row]) -> None:
    found = targets("Makefile", text)
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        assert wanted[3] is None or row[3] == wanted[3]


@pytest.mark.parametrize(
    "text",
    [
        "A = " + "$(A)" * 5_000 + "\na:\n\t$(A)\n",
        "$(a)" * 25_000,
        "a" * 200_000,
        "(" * 100_000 + ":\n",
    ],
)
def test_hostile_makefile_ends_soon(text: str) -> None:
    started = time.process_time()
    facts("Makefile", text)
    assert time.process_time() - started < 5


TOX = """\
[tox]
envlist = py{310,311}-{a,b}, lint, cov
[testenv]
deps = x
commands =
    pytest {posargs:tests} \\
       -x
    a: only-a
    !a: not-a {[base]more}
    - flake8
[testenv:lint]
commands = ruff check {toxinidir}
    # pytest
[testenv:cov]
ignore_outcome = true
commands = coverage run -m pytest
[testenv:{docs,doctest}]
commands = {envpython} -m sphinx
[base]
more = zz
"""


def test_tox() -> None:
    with_a = ("pytest tests -x", "only-a", "flake8 || true")
    without = ("pytest tests -x", "not-a zz", "flake8 || true")
    names = ("py310-a", "py310-b", "py311-a", "py311-b", "lint", "cov")
    assert [(name, needs, run) for _, name, needs, run in targets("tox.ini", TOX)] == [
        ("", names, ()),
        ("testenv", (), without),
        ("py310-a", (), with_a),
        ("py310-b", (), without),
        ("py311-a", (), with_a),
        ("py311-b", (), without),
        ("lint", (), ("ruff check .",)),
        ("cov", (), ("coverage run -m pytest || true",)),
        ("docs", (), ("python -m sphinx",)),
        ("doctest", (), ("python -m sphinx",)),
    ]
    assert [p.spec for p in facts("tox.ini", TOX).rows["python"]] == ["3.10", "3.11"]


def test_tox_in_toml() -> None:
    legacy = (
        '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = py38\n[testenv]\ncommands = x\n"""\n'
    )
    native = 'env_list = ["3.12"]\n[env_run_base]\ncommands = [["x", "{posargs}"]]\n'
    for path, text, name in (("pyproject.toml", legacy, "py38"), ("tox.toml", native, "3.12")):
        found = [(name, run) for _, name, _, run in targets(path, text)]
        assert found[0] == ("", ())
        assert [run[0].strip() for _, run in found[1:]] == ["x", "x"]
        assert found[2][0] == name


def test_setup_cfg_without_tox_has_no_rows() -> None:
    assert facts("setup.cfg", "[metadata]\nname = x\n[flake8]\nignore = E1\n") == Facts()


NOX = """\
import nox
nox.options.sessions = ["lint", "tests"]
LOC = "src", "tests"
@nox.session(python=["3.9"])
def tests(session):
    session.install("-e", ".[dev]")
    session.run("pytest", "-m", "not slow", *session.posargs, env={"A": "b"})
    session.run(*LOC)
    session.notify("cov")
@nox.session(name="lint")
def f(s: nox.Session) -> None:
    if s.posargs:
        s.run("ruff", "check", *LOC)
def helper(session):
    session.run("bad")
"""


def test_nox() -> None:
    assert targets("noxfile.py", NOX) == [
        (1, "", ("lint", "tests"), ()),
        (
            5,
            "tests",
            ("cov",),
            ("pip install -e .[dev]", 'pytest -m "not slow"', "src tests"),
        ),
        (11, "lint", (), ("ruff check src tests",)),
    ]


INVOKE = """\
import os
from invoke import task, Collection

@task
def lint(c, fix=False):
    c.run("ruff check .")
    c.sudo("true")
    os.system("bad")

@task(lint, pre=[lint], optional=["x"])
def run_all(ctx):
    ctx.run(f"pytest {os.sep} tests", pty=True)
    ctx.run(make())

def helper(c):
    c.run("bad")
"""


def test_invoke() -> None:
    assert targets("tasks.py", INVOKE) == [
        (5, "lint", (), ("ruff check .", "true")),
        (11, "run-all", ("lint", "lint"), ("pytest  tests",)),
    ]


def test_tasks_of_another_library_are_none() -> None:
    text = "from celery import task  # no invoke\n@task\ndef f(c):\n    c.run('x')\n"
    assert targets("tasks.py", text) == []
    assert [p.kind for p in facts("tasks.py", "import invoke\ndef f(:").problems] == ["syntax"]


@pytest.mark.parametrize("text", ["def f(:", "\0", "x = " + "(" * 5_000])
def test_noxfile_that_does_not_parse_is_a_problem(text: str) -> None:
    assert [p.kind for p in facts("noxfile.py", text).problems] == ["syntax"]


JUST = """\
set shell := ["bash"]
py := "python3"
default: test lint
# test
test *args: (build "x")
    {{py}} -m pytest {{args}} \\
      -x
    -flake8
    @echo hi
alias t := test
script:
    #!/usr/bin/env bash
    set -e
    pytest
lint:
    ruff check
"""


def test_just() -> None:
    assert targets("justfile", JUST) == [
        (3, "default", ("test", "lint"), ()),
        (5, "test", ("build",), ("python3 -m pytest {{args}} -x", "flake8 || true", "echo hi")),
        (11, "script", (), ("set -e\npytest",)),
        (15, "lint", (), ("ruff check",)),
        (10, "t", ("test",), ()),
    ]


def test_taskfile() -> None:
    text = (
        "vars: {PY: python3}\ntasks:\n  test:\n    deps: [build, {task: x}]\n    cmds:\n"
        '      - "{{.PY}} -m pytest"\n      - {cmd: flake8, ignore_error: true}\n'
        "      - task: lint\n  lint: ruff check\n  b: [a, b]\n"
    )
    assert targets("Taskfile.yml", text) == [
        (3, "test", ("build", "x", "lint"), ("python3 -m pytest", "flake8 || true")),
        (9, "lint", (), ("ruff check",)),
        (10, "b", (), ("a", "b")),
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("package.json", '{"scripts": {\n"test": "jest", "n": 1}}', [(2, "test", (), ("jest",))]),
        ("pyproject.toml", '[tool.poe.tasks]\na = "x"', [(2, "a", (), ("x",))]),
        (
            "pyproject.toml",
            '[tool.poe.tasks]\na = ["b", {cmd = "y"}]\nb.shell = "z"',
            [(2, "a", ("b",), ("y",)), (3, "b", (), ("z",))],
        ),
        (
            "pyproject.toml",
            '[tool.pdm.scripts]\na = {composite = ["b -x", "y"]}\nb = {cmd = ["z", "w"]}',
            [(2, "a", ("b",), ("y",)), (3, "b", (), ("z w",))],
        ),
        (
            "pyproject.toml",
            '[tool.hatch.envs.dev.scripts]\na = ["b --cov", "y"]\nb = "z {args}"',
            [(2, "dev:a", ("dev:b",), ("y",)), (3, "dev:b", (), ("z {args}",))],
        ),
        ("pixi.toml", '[tasks]\na = {cmd = "x", depends-on = ["b"]}', [(2, "a", ("b",), ("x",))]),
        ("Pipfile", '[scripts]\na = "x"', [(2, "a", (), ("x",))]),
        ("pyproject.toml", '[project]\nname = "x"', []),
        (
            "mise.toml",
            "[tasks.a]\ndepends = ['b']\nrun = ['x', 'y']\n",
            [(1, "a", ("b",), ("x", "y"))],
        ),
        (".mise.toml", "[tasks]\na = 'x'\n", [(2, "a", (), ("x",))]),
        ("pyproject.toml", "[tool.poe", []),
        ("package.json", "[1]", []),
        (
            "Earthfile",
            (
                "VERSION 0.8\nFROM x\na:\n    FROM +b\n    RUN --mount=x pytest \\\n      -x\n"
                '    # RUN mypy\n    COPY +c/x ./x\nb: # base\n    RUN ["ruff", "check"]\n'
            ),
            [(3, "a", ("b", "c"), ("pytest -x",)), (9, "b", (), ("ruff check",))],
        ),
        (
            "dodo.py",
            (
                "DOIT_CONFIG = {'default_tasks': ['b']}\ndef task_a():\n"
                "    return {'actions': ['x', ['y', '-z']]}\n"
                "def task_b():\n    return {'actions': None, 'task_dep': ['a']}\n"
            ),
            [(0, "", ("b",), ()), (2, "a", (), ("x", "y -z")), (4, "b", ("a",), ())],
        ),
        ("dodo.py", "def task_a():\n    return {'actions': [f]}\n", []),
        ("dodo.py", "def task_a():\n    yield {'actions': ['x'], 'name': 'b'}\n", []),
    ],
)
def test_tasks(path: str, text: str, expected: list[Row]) -> None:
    assert targets(path, text) == expected


def test_shell_script_keeps_its_lines() -> None:
    text = "#!/bin/bash\n# pytest\nset -e\n\npytest \\\n  -x\ncat <<EOF\n# data\nEOF\n"
    (target,) = facts("ci/t.sh", text).rows["target"]
    assert (target.tool, target.name) == ("shell", "ci/t.sh")
    assert target.commands == (
        *("", "", "set -e", "", "pytest -x", ""),
        *("cat <<EOF", "# data", "EOF"),
    )


@pytest.mark.parametrize("path", ["Makefile", "t.sh", "justfile", "tox.ini", "Jenkinsfile"])
def test_binary_is_a_problem(path: str) -> None:
    assert [p.kind for p in read(path, b"a\0b", KNOWN).problems] == ["encoding"]
