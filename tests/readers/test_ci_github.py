from __future__ import annotations

import pytest

from mllint.facts import Ci, Facts, Known
from mllint.readers.ci import read

KNOWN = Known(frozenset(), frozenset())
PATH = ".github/workflows/ci.yml"


def facts(text: str, path: str = PATH) -> Facts:
    return read(path, text.encode(), KNOWN)


def rows(text: str, path: str = PATH) -> list[Ci]:
    return list(facts(text, path).rows.get("ci", ()))


def settings(text: str) -> list[tuple[str, str]]:
    return list(rows(text)[0].settings)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("push", ("push",)),
        ("[push, pull_request]", ("push", "pull_request")),
        ("{push: , pull_request: {branches: [main]}}", ("push", "pull_request")),
        ("{push: {tags: [v*]}}", ("tag",)),
        ("{push: {tags: [v*], branches: [main]}}", ("push", "tag")),
        (
            "{schedule: [{cron: '0 0 * * *'}], workflow_dispatch: }",
            ("schedule", "workflow_dispatch"),
        ),
    ],
)
def test_events(on: str, expected: tuple[str, ...]) -> None:
    assert rows(f"on: {on}\njobs: {{a: {{steps: [{{run: x}}]}}}}")[0].on == expected


STEPS = """\
on: push
permissions: {contents: read}
env: {A: "1"}
jobs:
  test:
    if: github.ref == 'x'
    continue-on-error: true
    timeout-minutes: 10
    runs-on: ubuntu-latest
    steps:
      - name: Get
        uses: actions/checkout@v4
        with: {lfs: true}
      # - run: pytest
      - run: |
          # first
          pytest

          mypy .
        working-directory: sub
      - {run: "ruff check", if: always()}
"""


def test_steps() -> None:
    found = [(r.at.line, r.at.end_line, r.job, r.name, r.uses, r.run) for r in rows(STEPS)]
    assert found == [
        (12, 12, "test", "Get", "actions/checkout@v4", ""),
        (16, 19, "test", "", "", "# first\npytest\n\nmypy .\n"),
        (21, 21, "test", "", "", "ruff check"),
    ]


def test_settings_of_file_job_and_step() -> None:
    shared = [
        ("env.A", "1"),
        ("permissions", "contents: read"),
        ("timeout", "10"),
        ("condition", "github.ref == 'x'"),
        ("allow-failure", "true"),
        ("runs-on", "ubuntu-latest"),
    ]
    assert [list(r.settings) for r in rows(STEPS)] == [
        [*shared, ("with.lfs", "true")],
        [*shared, ("directory", "sub")],
        [*shared, ("condition", "always()")],
    ]


def test_permissions_of_a_job_replace_those_of_the_file() -> None:
    text = "on: push\npermissions: write-all\njobs: {a: {permissions: {}, steps: [{run: x}]}}"
    assert settings(text) == [("permissions", "none")]


def test_matrix() -> None:
    text = (
        "on: push\njobs: {a: {strategy: {matrix: {v: [3.9, '3.10'], include: [{v: 3.12, o: m}],"
        " exclude: [{v: 3.9}]}}, steps: [{run: x}]}}"
    )
    assert settings(text) == [
        ("matrix.v", "3.9"),
        ("matrix.v", "3.10"),
        ("matrix.v", "3.12"),
        ("matrix.o", "m"),
    ]


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        ("steps: [{uses: actions/setup-python@v5, with: {python-version: 3.10}}]", ["3.10"]),
        ('steps: [{uses: x, with: {python-version: "3.9\\n3.11"}}]', ["3.9", "3.11"]),
        (
            (
                "strategy: {matrix: {p: ['3.9', '3.12']}},"
                " steps: [{uses: x, with: {python-version: '${{ matrix.p }}'}}]"
            ),
            ["3.9", "3.12"],
        ),
        (
            "env: {P: '3.11'}, steps: [{uses: x, with: {python-version: '${{ env.P }}'}}]",
            ["3.11"],
        ),
        ("steps: [{uses: x, with: {python-version: '${{ matrix.p }}'}}]", []),
        ("steps: [{uses: x, with: {python-version: pypy3.9}}]", []),
        ("steps: [{uses: x, with: {python-version: 3.x}}]", []),
        ("steps: [{uses: x, with: {python-version: 3.10.x}}]", ["3.10"]),
        ("steps: [{uses: x, with: {python-version: '>=3.9 <3.12'}}]", [">=3.9 <3.12"]),
        ("container: 'python:3.8', steps: []", ["3.8"]),
    ],
)
def test_python_versions(job: str, expected: list[str]) -> None:
    found = facts(f"on: push\njobs: {{a: {{{job}}}}}").rows.get("python", ())
    assert [(p.spec, p.source) for p in found] == [(spec, "ci") for spec in expected]


def test_images_of_container_services_and_steps() -> None:
    text = (
        "on: push\njobs: {a: {container: {image: a:1}, services: {db: {image: b:2}},"
        " steps: [{uses: 'docker://c:3'}]}}"
    )
    found = [(i.name, i.tag, i.source) for i in facts(text).rows["image"]]
    assert found == [("a", "1", "ci"), ("b", "2", "ci"), ("c", "3", "ci")]


def test_reusable_workflow_is_one_row() -> None:
    text = "on: push\njobs: {a: {uses: x/y/a.yml@v1, with: {k: v}, secrets: inherit}}"
    (row,) = rows(text)
    assert (row.job, row.uses, row.run) == ("a", "x/y/a.yml@v1", "")
    assert row.settings == (("secrets", "inherit"), ("with.k", "v"))


def test_composite_action_has_no_events() -> None:
    text = "inputs: {a: {default: b}}\nruns: {using: composite, steps: [{run: x, shell: bash}]}"
    (row,) = rows(text, "tool/action.yml")
    assert (row.on, row.run, row.settings) == ((), "x", (("inputs.a", "b"), ("shell", "bash")))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "on: push",
        "jobs: {a: {steps: [{run: x}]}}",
        "on: push\njobs: [a]",
        "on: push\njobs: {a: 1}",
    ],
)
def test_what_is_no_workflow_has_no_rows(text: str) -> None:
    assert facts(text) == Facts()


def test_broken_yaml_is_a_problem() -> None:
    assert [(p.path, p.kind) for p in facts("on: [push\njobs: }").problems] == [(PATH, "syntax")]
