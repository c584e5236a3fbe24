from __future__ import annotations

import time

import pytest

from mllint.facts import Facts, Known, Step
from mllint.link.steps import steps
from mllint.readers import claiming
from mllint.readers.ci import read as read_ci
from mllint.readers.docker import read as read_docker
from mllint.readers.orchestration import read as read_orchestration

KNOWN = Known(frozenset(), frozenset())
READ = {"ci": read_ci, "docker": read_docker, "orchestration": read_orchestration}
WORKFLOW = ".github/workflows/ci.yml"


def linked(tree: dict[str, str]) -> list[Step]:
    tables: dict[str, list[object]] = {}
    for path, text in tree.items():
        for reader in claiming(path):
            if reader.name in READ:
                found: Facts = READ[reader.name](path, text.encode(), KNOWN)
                for table, rows in found.rows.items():
                    tables.setdefault(table, []).extend(rows)
    names = ("ci", "hook", "target", "docker", "stage")
    return steps(*(tables.get(name, []) for name in names))  # type: ignore[arg-type]


def workflow(*runs: str, extra: str = "") -> str:
    listed = "".join(f"      - run: {run}\n" for run in runs)
    return f"on: [push, pull_request]\njobs:\n  test:\n{extra}    steps:\n{listed}"


def ran(tree: dict[str, str]) -> list[str]:
    return [step.command for step in linked(tree)]


def test_step_of_a_workflow() -> None:
    (step,) = linked({WORKFLOW: workflow("poetry run pytest -x")})
    assert step == Step(
        step.at,
        "ci",
        "github",
        "test",
        ("push", "pull_request"),
        "pytest",
        "pytest -x",
        (WORKFLOW,),
        swallowed=False,
    )
    assert str(step.at) == f"{WORKFLOW}:5:14"


def test_line_of_a_command_in_a_block() -> None:
    text = workflow("|\n          # first\n          pytest\n\n          ruff check .")
    assert [(s.tool, s.at.line) for s in linked({WORKFLOW: text})] == [("pytest", 7), ("ruff", 9)]


@pytest.mark.parametrize(
    ("run", "files", "expected"),
    [
        (
            "make test",
            {"Makefile": "test: lint\n\tpytest\nlint:\n\truff check .\n"},
            ["make test", "ruff check .", "pytest"],
        ),
        ("make", {"Makefile": "all: a\na:\n\tx\n"}, ["make", "x"]),
        (
            "make -C sub a",
            {"sub/Makefile": "a:\n\tx\n", "Makefile": "a:\n\ty\n"},
            ["make -C sub a", "x"],
        ),
        ("cd sub && make a", {"Makefile": "a:\n\ty\n"}, ["make a"]),
        ("make -n a", {"Makefile": "a:\n\tx\n"}, ["make -n a"]),
        ("make --version", {"Makefile": "a:\n\tx\n"}, []),
        ("make a", {"Makefile": "a: b\n\tx\nb: a\n\ty\n"}, ["make a", "y", "x"]),
        ("bash ci/t.sh", {"ci/t.sh": "#!/bin/sh\nset -e\npytest\n"}, ["bash ci/t.sh", "pytest"]),
        ("./t.sh", {"t.sh": "./t.sh\npytest\n"}, ["./t.sh", "./t.sh", "pytest"]),
        ("bash -c 'pytest && mypy .'", {}, ["pytest", "mypy ."]),
        (
            "tox -e lint",
            {"tox.ini": "[testenv]\ncommands=pytest\n[testenv:lint]\ncommands=ruff check\n"},
            ["tox -e lint", "ruff check"],
        ),
        (
            "tox",
            {
                "tox.ini": "[tox]\nenvlist=py310,lint\n[testenv]\ncommands=pytest\n"
                "[testenv:lint]\ncommands=ruff check\n[testenv:docs]\ncommands=mkdocs build\n"
            },
            ["tox", "pytest", "ruff check"],
        ),
        ("tox -e py", {"tox.ini": "[testenv]\ncommands=pytest\n"}, ["tox -e py", "pytest"]),
        (
            "nox -s lint",
            {
                "noxfile.py": "import nox\n@nox.session\ndef lint(s):\n    s.run('ruff')\n"
                "@nox.session\ndef t(s):\n    s.run('pytest')\n"
            },
            ["nox -s lint", "ruff"],
        ),
        ("just", {"justfile": "a: b\nb:\n  pytest\n"}, ["just", "pytest"]),
        ("task t", {"Taskfile.yml": "tasks: {t: {cmds: [pytest]}}"}, ["task t", "pytest"]),
        ("npm test", {"package.json": '{"scripts": {"test": "jest"}}'}, ["npm test", "jest"]),
        ("mise run t", {"mise.toml": "[tasks]\nt = 'pytest'\n"}, ["mise run t", "pytest"]),
        ("mise t", {"mise.toml": "[tasks]\nt = 'pytest'\n"}, ["mise t", "pytest"]),
        (
            "'mise r a ::: b'",
            {"mise.toml": "[tasks]\na = 'pytest'\nb = 'ruff check'\n"},
            ["mise r a ::: b", "pytest", "ruff check"],
        ),
        ("mise exec -- pytest", {}, ["pytest"]),
        ("pixi run -e dev ruff check", {}, ["pixi run -e dev ruff check", "ruff check"]),
        ("hatch run +py=3.11 dev:pytest", {}, ["hatch run +py=3.11 dev:pytest", "pytest"]),
        (
            "pixi run task t",
            {"Taskfile.yml": "tasks: {t: {cmds: [x]}}"},
            ["pixi run task t", "task t", "x"],
        ),
        ("devbox run -- pytest", {}, ["pytest"]),
        ("guix time-machine -C c -- shell -m m -- pytest", {}, ["pytest"]),
        ("apptainer exec --nv -B /a i.sif pytest t", {}, ["pytest t"]),
        ("direnv exec . pytest", {}, ["pytest"]),
        ("nix-shell --run 'pytest -x'", {}, ["pytest -x"]),
        ("nix run nixpkgs#ruff -- check", {}, ["ruff check"]),
        ("nix run .#check", {}, ["nix run .#check"]),
        ("nix shell nixpkgs#ruff -c ruff check", {}, ["ruff check"]),
        (
            "earthly --ci +a",
            {"Earthfile": "VERSION 0.8\na:\n    RUN pytest\n"},
            ["earthly --ci +a", "pytest"],
        ),
        ("doit", {"dodo.py": "def task_a():\n    return {'actions': ['x']}\n"}, ["doit", "x"]),
        ("pipx run ruff==0.8.2 check", {}, ["ruff check"]),
        ("poe t", {"pyproject.toml": '[tool.poe.tasks]\nt = "pytest"\n'}, ["poe t", "pytest"]),
        ("pdm run t", {"pyproject.toml": '[tool.pdm.scripts]\nt = "pytest"\n'}, ["t", "pytest"]),
        ("pdm run pytest", {"pyproject.toml": '[tool.pdm.scripts]\nt = "x"\n'}, ["pytest"]),
        (
            "hatch run dev:t",
            {"pyproject.toml": '[tool.hatch.envs.dev.scripts]\nt = "pytest"\n'},
            ["hatch run dev:t", "pytest"],
        ),
        ("pixi run t", {"pixi.toml": '[tasks]\nt = "pytest"\n'}, ["pixi run t", "pytest"]),
        (
            "dvc repro",
            {"dvc.yaml": "stages: {a: {cmd: python t.py}}"},
            ["dvc repro", "python t.py"],
        ),
        ("echo 'pytest'", {}, ["echo pytest"]),
        ("pytest --version", {}, []),
        ("./tool.py x", {}, ["python ./tool.py x"]),
    ],
)
def test_followed(run: str, files: dict[str, str], expected: list[str]) -> None:
    assert ran({WORKFLOW: workflow(run), **files}) == expected


def test_hooks_that_ci_runs() -> None:
    hooks = (
        "repos:\n- repo: https://forge.test/a/ruff-pre-commit\n  rev: v1\n  hooks:\n"
        "  - id: ruff\n    args: [--fix]\n- repo: local\n  hooks:\n"
        "  - {id: t, entry: poetry run pytest, language: system}\n"
    )
    tree = {WORKFLOW: workflow("pre-commit run --all-files"), ".pre-commit-config.yaml": hooks}
    assert [(s.origin, s.tool, s.command) for s in linked(tree)] == [
        ("ci", "pre-commit", "pre-commit run --all-files"),
        ("ci", "ruff", "ruff check --fix"),
        ("ci", "pytest", "pytest"),
        ("hook", "ruff", "ruff check --fix"),
        ("hook", "pytest", "pytest"),
    ]
    assert linked(tree)[1].via == (WORKFLOW, ".pre-commit-config.yaml")


def test_action_that_runs_a_tool() -> None:
    text = "on: push\njobs: {a: {steps: [{uses: psf/black@stable}, {uses: actions/cache@v4}]}}"
    assert [(s.tool, s.command) for s in linked({WORKFLOW: text})] == [
        ("black", "psf/black@stable"),
    ]


def test_reusable_workflow_runs_with_its_callers_events() -> None:
    tree = {
        WORKFLOW: "on: pull_request\njobs: {a: {uses: ./.github/workflows/t.yml, with: {e: lint}}}",
        ".github/workflows/t.yml": (
            "on: {workflow_call: {inputs: {e: {default: x}}}}\n"
            "jobs: {b: {steps: [{run: 'tox -e ${{ inputs.e }}'}]}}"
        ),
    }
    (step,) = linked(tree)
    assert (step.job, step.on, step.command) == ("a", ("pull_request",), "tox -e lint")
    assert step.via == (WORKFLOW, ".github/workflows/t.yml")


def test_local_composite_action() -> None:
    tree = {
        WORKFLOW: "on: push\njobs: {a: {steps: [{uses: ./.github/actions/t}]}}",
        ".github/actions/t/action.yml": "runs: {using: composite, steps: [{run: pytest}]}",
        "other/action.yml": "runs: {using: composite, steps: [{run: mypy}]}",
    }
    assert [(s.command, s.on) for s in linked(tree)] == [("pytest", ("push",))]


def test_workflows_that_call_each_other_end() -> None:
    tree = {
        ".github/workflows/a.yml": "on: push\njobs: {a: {uses: ./.github/workflows/b.yml}}",
        ".github/workflows/b.yml": (
            "on: workflow_call\njobs:\n  b: {uses: ./.github/workflows/a.yml}\n"
            "  c: {steps: [{run: pytest}]}"
        ),
    }
    assert "pytest" in ran(tree)


def test_workflow_that_nobody_calls_keeps_its_event() -> None:
    text = "on: workflow_call\njobs: {b: {steps: [{run: pytest}]}}"
    assert [s.on for s in linked({WORKFLOW: text})] == [("workflow_call",)]


@pytest.mark.parametrize("off", ["if: false", "if: ${{ false }}"])
def test_job_that_is_off_runs_nothing(off: str) -> None:
    assert ran({WORKFLOW: workflow("pytest", extra=f"    {off}\n")}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (workflow("pytest || true"), True),
        (workflow("pytest"), False),
        (workflow("pytest", extra="    continue-on-error: true\n"), True),
        (workflow("flake8 --exit-zero"), True),
        (workflow("make t"), True),
    ],
)
def test_swallowed_step(text: str, expected: bool) -> None:
    found = linked({WORKFLOW: text, "Makefile": "t:\n\t-pytest\n"})
    assert found[-1].swallowed is expected


def test_gitlab_allow_failure() -> None:
    text = "t: {script: [pytest], allow_failure: true}"
    assert [s.swallowed for s in linked({".gitlab-ci.yml": text})] == [True]


def test_matrix_values_in_a_script() -> None:
    text = workflow("tox -e ${{ matrix.e }}", extra="    strategy: {matrix: {e: [a, b]}}\n")
    assert ran({WORKFLOW: text}) == ["tox -e a", "tox -e b"]


def test_working_directory() -> None:
    tree = {
        WORKFLOW: "on: push\njobs: {a: {steps: [{run: make t, working-directory: ./sub}]}}",
        "sub/Makefile": "t:\n\tpytest\n",
    }
    assert ran(tree) == ["make t", "pytest"]


def test_image() -> None:
    text = (
        "FROM a:1 AS base\nRUN pip install -r r.txt && pytest\nRUN <<EOF\nmypy .\nEOF\n"
        'ENTRYPOINT ["python"]\nCMD ["app.py"]\nHEALTHCHECK --interval=5s CMD curl localhost\n'
    )
    assert [(s.origin, s.job, s.on, s.command) for s in linked({"Dockerfile": text})] == [
        ("docker", "base", (), "pip install -r r.txt"),
        ("docker", "base", (), "pytest"),
        ("docker", "base", (), "mypy ."),
        ("docker", "base", (), "python"),
        ("docker", "base", (), "python app.py"),
        ("docker", "base", (), "curl localhost"),
    ]


def test_script_of_an_image_is_found_by_its_name() -> None:
    tree = {"Dockerfile": "FROM a:1\nCMD /app/run.sh\n", "docker/run.sh": "uvicorn app:app\n"}
    assert ran(tree) == ["/app/run.sh", "uvicorn app:app"]


def test_gitlab_file_that_is_not_included_does_not_run() -> None:
    tree = {
        ".gitlab-ci.yml": "include: {local: /ci/a.yml}\nt: {script: [x]}",
        "ci/a.yml": "a: {stage: b, script: [y]}",
        "ci/b.gitlab-ci.yml": "b: {script: [z]}",
    }
    assert ran(tree) == ["x", "y"]


def test_azure_template() -> None:
    tree = {
        "azure-pipelines.yml": "trigger: [main]\npr: none\nsteps: [{template: ci/a.yml}]",
        "ci/a.yml": "steps: [{script: pytest}]",
        "ci/b.yml": "parameters: []\nsteps: [{script: mypy}]",
    }
    assert [(s.command, s.on) for s in linked(tree)] == [("pytest", ("push",))]


def test_what_calls_itself_many_times_over_ends_soon() -> None:
    names = [f"t{n}" for n in range(60)]
    needs = "".join(f"{name}: {' '.join(names)}\n" for name in names)
    calls = "".join(f"u{n}:\n" + "\tmake u1 u2 u3 u4 u5\n" * 9 for n in range(9))
    jobs = "".join(f"  j{n}: {{uses: ./.github/workflows/b.yml}}\n" for n in range(60))
    tree = {
        WORKFLOW: workflow("make t0", "make u0") + jobs,
        ".github/workflows/b.yml": f"on: workflow_call\njobs:\n{jobs}".replace("b.yml", "c.yml"),
        ".github/workflows/c.yml": f"on: workflow_call\njobs:\n{jobs}".replace("b.yml", "d.yml"),
        ".github/workflows/d.yml": f"on: workflow_call\njobs:\n{jobs}".replace("b.yml", "e.yml"),
        ".github/workflows/e.yml": "on: workflow_call\njobs: {a: {steps: [{uses: x/y@v1}]}}",
        "Makefile": needs + calls,
    }
    started = time.process_time()
    linked(tree)
    assert time.process_time() - started < 15
