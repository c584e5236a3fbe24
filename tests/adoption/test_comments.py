"""Suppression comments put into texts and taken out again; the code stays what it is."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.comments import added, removed, takes_comments

FENCED = """\
text

<!-- mllint: ignore[a-b] kind=elsewhere the reason -->
```bash
python gone.py
```
"""
REST = "kind=elsewhere the reason"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", True), ("docker/Dockerfile.gpu", True), ("requirements.txt", True),
        (".github/workflows/ci.yml", True), ("README.md", True), (".gitignore", True),
        ("pyproject.toml", True), ("Makefile", True), ("a.json", False), ("a.ipynb", False),
        ("uv.lock", False), ("rows.csv", False), ("LICENSE", False),
    ],
)  # fmt: skip
def test_which_files_take_comments(path: str, expected: bool) -> None:
    assert takes_comments(path) is expected


@pytest.mark.parametrize(
    ("path", "text", "line", "expected"),
    [
        (
            "a.py",
            "def f():\n    g(1)\n",
            2,
            "def f():\n    # mllint: ignore[a-b] kind=elsewhere the reason\n    g(1)\n",
        ),
        ("a.py", "g(1)", 1, "# mllint: ignore[a-b] kind=elsewhere the reason\ng(1)"),
        (
            "a.yaml",
            "a:\r\n  - b\r\n",
            2,
            "a:\r\n  # mllint: ignore[a-b] kind=elsewhere the reason\r\n  - b\r\n",
        ),
        (
            "README.md",
            "# T\n\ntext\n",
            3,
            "# T\n\n<!-- mllint: ignore[a-b] kind=elsewhere the reason -->\ntext\n",
        ),
        (
            "README.md",
            "text\n\n```bash\npython gone.py\n```\n",
            4,
            FENCED,
        ),
        (
            "run.sh",
            "ls\nruff check \\\n  . || true\n",
            3,
            "ls\n# mllint: ignore[a-b] kind=elsewhere the reason\nruff check \\\n  . || true\n",
        ),
        ("a.py", 'x = """\ntext\n"""\n', 2, 'x = """\ntext\n"""\n'),
        ("a.py", "x = 1 + \\\n    g(2)\n", 2, "x = 1 + \\\n    g(2)\n"),
        ("a.py", "x = (\n", 1, "x = (\n"),
        ("a.toml", 'a = """\nb\n"""\n', 2, 'a = """\nb\n"""\n'),
        ("a.py", "g(1)\n", 9, "g(1)\n"),
    ],
)
def test_a_comment_is_put_above_its_line(path: str, text: str, line: int, expected: str) -> None:
    assert added(path, text, {line: ["a-b"]}, REST) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g(1)  # mllint: ignore[a-b] why\n", "g(1)\n"),
        ("# mllint: ignore[a-b] why\ng(1)\n", "g(1)\n"),
        ("g(1)  # mllint: ignore[a-b, c-d] why\n", "g(1)  # mllint: ignore[c-d] why\n"),
        ("g(1)  # mllint: ignore[c-d] why\n", "g(1)  # mllint: ignore[c-d] why\n"),
        ("g(1)  # text  # mllint: ignore[a-b] why\n", "g(1)  # text\n"),
        ("# mllint: file-ignore[a-b]\n\ng(1)\n", "\ng(1)\n"),
        ("g(1)  # noqa: a-b\n", "g(1)  # noqa: a-b\n"),
        ("x = '# mllint: ignore[a-b]'\n", "x = '# mllint: ignore[a-b]'\n"),
    ],
)
def test_a_selector_is_taken_out(text: str, expected: str) -> None:
    assert removed("a.py", text, {1: {"a-b"}}) == expected


def test_several_lines_of_a_file() -> None:
    text = "# mllint: ignore[a-b] x\nf()\n# mllint: ignore[a-b] y\ng()\n"
    assert removed("a.py", text, {1: {"a-b"}, 3: {"a-b"}}) == "f()\ng()\n"
    assert removed("a.md", "<!-- mllint: ignore[a-b] x -->\nf\n", {1: {"a-b"}}) == "f\n"


LINES = st.lists(
    st.sampled_from(["g(1)", "x = (1,\n     2)", "if x:\n    y = 2", "def f():\n    return g(3)"]),
    min_size=1,
    max_size=6,
)


@given(LINES, st.data())
def test_what_is_put_in_can_be_taken_out(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines) + "\n"
    at = data.draw(st.integers(1, text.count("\n")))
    once = added("a.py", text, {at: ["a-b"]}, "why")
    assert ast.dump(ast.parse(once)) == ast.dump(ast.parse(text))
    if once != text:
        assert removed("a.py", once, {at: {"a-b"}}) == text
