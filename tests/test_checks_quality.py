"""Rules about the quality of code and the kinds of tests, where their examples do not look."""

from __future__ import annotations

from typing import Any

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

FIT = "from sklearn.linear_model import Ridge\n\n\ndef train(X, y):\n    return Ridge().fit(X, y)\n"
SMOKE = """
import requests


def main(url):
    answer = requests.post(url, json={"rows": [[1.0]]})
    assert answer.status_code == 200
"""
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: {}\n"


def seen(rule: str, files: dict[str, Any]) -> list[tuple[bool | None, str]]:
    """Whether it is good and where it stands, for each piece of evidence."""
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [(e.ok, e.at.path if e.at else "") for e in CATALOGUE.rules[rule].check(project)]


@pytest.mark.parametrize(
    ("rule", "test"),
    [
        ("no-pipeline-test", "import subprocess\ndef test_a():\n    assert subprocess"),
        ("no-pipeline-test", "def test_end_to_end():\n    assert run()"),
        ("no-behaviour-test", "def test_a(model):\n    assert model.predict([1])"),
        ("no-behaviour-test", "def test_invariance(x):\n    assert x"),
        ("untested-api", "def test_health_endpoint(x):\n    assert x"),
        ("no-stand-in-for-model", "def test_a(monkeypatch):\n    assert monkeypatch"),
    ],
)
def test_a_test_that_may_ask_leaves_the_question_open(rule: str, test: str) -> None:
    assert seen(rule, {"train.py": FIT, "test_a.py": test}) == [(None, "test_a.py")]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python -m ops.smoke https://example.org", True),
        ("python ops/smoke.py https://example.org", True),
        ("echo python ops/smoke.py", False),
    ],
)
def test_a_script_that_asks_the_service_counts_where_ci_runs_it(
    command: str, expected: bool
) -> None:
    files = {"ops/smoke.py": SMOKE, ".github/workflows/ci.yml": WORKFLOW.format(command)}
    assert [ok for ok, _ in seen("untested-api", files)] == [expected]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".husky/pre-commit": "ruff check\n"}, [(True, ".husky/pre-commit")]),
        ({"prek.toml": "x = 1\n"}, [(False, "prek.toml")]),
        ({"a.py": "x = 1\n"}, [(False, "")]),
    ],
)
def test_hooks_count_wherever_they_are_defined(
    files: dict[str, str], expected: list[tuple[bool, str]]
) -> None:
    assert seen("no-commit-hooks", files) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"app.py": "import transformers\n"}, None),
        ({"app.py": "import joblib\nm = joblib.load('a.pkl')\n"}, None),
        ({"conf.yaml": "_target_: tensorflow.keras.Model\n", "app.py": "x = 1\n"}, None),
        ({"old.py": "print 'x'\n"}, None),
        ({"app.py": "import numpy\n"}, False),
        ({"docs/a.py": "import tensorflow\n"}, True),
    ],
)
def test_a_library_is_unused_only_where_nothing_may_use_it(
    other: dict[str, str], expected: bool | None
) -> None:
    files = {"requirements.txt": "tensorflow==2.16.1\n", **other}
    assert seen("unused-dependency", files) == [(expected, "requirements.txt")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"setup.py": "from setuptools import setup\nsetup(version='1.3.0')\n"}, True),
        ({"setup.cfg": "[metadata]\nname = a\nversion = 0.4.2\n"}, True),
        ({"pyproject.toml": '[project]\nname = "a"\nversion = "0.1.0"\n'}, None),
        ({"pyproject.toml": "[tool.commitizen]\nname = 'x'\n"}, True),
        ({".github/workflows/r.yml": WORKFLOW.format("twine upload dist/*")}, True),
    ],
)
def test_a_release_shows_in_versions_and_in_ci(
    files: dict[str, str], expected: bool | None
) -> None:
    assert seen("no-release", files)[0][0] is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"deploy.yaml": "base_image: ray/ray:2.9.0-py310\n"}, True),
        ({"Dockerfile": "FROM acme/base:3.1-python3.11\n"}, True),
        ({"deploy.yaml": "base_image: ray/ray:2.9.0\n"}, False),
    ],
)
def test_the_tag_of_an_image_may_state_the_python(files: dict[str, str], expected: bool) -> None:
    assert [ok for ok, _ in seen("no-python-version", files)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("trained on 8 V100", True),
        ("Training takes two days on a node with 8 GPUs.", True),
        ("experiments ran on 4 gpus", True),
        ("set --ngpus 2 to train on 2 gpus", False),
        ("an RTX 4090 is enough", True),
        ("the T5 model", False),
    ],
)
def test_hardware_is_a_kind_or_a_number_that_was_used(text: str, expected: bool) -> None:
    assert [ok for ok, _ in seen("hardware-not-stated", {"README.md": f"# A\n\n{text}\n"})] == [
        expected
    ]


@pytest.mark.parametrize(
    ("image", "line", "expected"),
    [
        ("nvidia/cuda:12.1.0-base", "tensorflow==2.13.0", False),
        ("nvidia/cuda:11.8.0-base", "tensorflow==2.13.0", True),
        ("nvidia/cuda:11.8.0-base", "torch==2.1.0+cu121", False),
        ("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime", "torch==2.1.0+cu121", True),
        ("nvidia/cuda:11.8.0-base", "cupy-cuda12x==12.0", False),
        ("nvidia/cuda:11.8.0-base", "torch==2.1.0", None),
        ("python:3.11", "torch==2.1.0+cu121", None),
    ],
)
def test_cuda_is_compared_where_both_sides_say_it(
    image: str, line: str, expected: bool | None
) -> None:
    found = seen(
        "cuda-conflict",
        {"Dockerfile": f"FROM {image}\nCOPY requirements.txt /\n", "requirements.txt": line},
    )
    assert found == ([] if expected is None else [(expected, "requirements.txt")])
