from __future__ import annotations

from importlib import import_module

import pytest

from mllint.facts import Ignore, Known
from mllint.readers import claiming

NOTHING = Known(frozenset(), frozenset())


def ignores(path: str, text: str) -> list[Ignore]:
    """The suppressions that all readers of a file find together."""
    return [
        ignore
        for reader in claiming(path)
        for ignore in import_module(reader.module).read(path, text.encode(), NOTHING).ignores
    ]


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "Makefile",
        "run.sh",
        "requirements.txt",
        "pyproject.toml",
        "a.yaml",
        ".github/workflows/ci.yml",
        "tox.ini",
        ".gitignore",
        "main.tf",
        "Snakefile",
    ],
)
def test_each_file_tells_a_suppression_once(path: str) -> None:
    found = ignores(path, "# mllint: ignore[some-rule] the reason\n\nA:\n  b\n\nC:\n")
    assert [(i.rules, i.first, i.last, i.reason) for i in found] == [
        (("some-rule",), 1, 4, "the reason")
    ]


def test_a_comment_behind_something_covers_its_line() -> None:
    (found,) = ignores("Jenkinsfile", "node {\n  sh 'x' // mllint: ignore[some-rule]\n}\n")
    assert (found.scope, found.first, found.last) == ("line", 2, 2)


def test_the_mark_of_a_document_is_no_content() -> None:
    (found,) = ignores("a.yaml", "---\n# mllint: file-ignore[some-rule] why\na: 1\n")
    assert found.scope == "file"


def test_no_comment_no_suppression() -> None:
    assert ignores("Makefile", "all:\n\techo mllint: ignore\n") == []
