from __future__ import annotations

import shlex
import time

import pytest

from mllint.link.shell import commands
from mllint.link.wrappers import unwrapped


def said(text: str) -> list[str]:
    return [" ".join(command.words) for command in commands(text)]


def swallowed(text: str) -> list[str]:
    return [command.words[0] for command in commands(text) if command.swallowed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytest -x", ["pytest -x"]),
        ("a && b; c | d\ne &", ["a", "b", "c", "d", "e"]),
        ("# pytest\nruff check . # mypy", ["ruff check ."]),
        ("echo a#b", ["echo a#b"]),
        ("pytest \\\n  -x \\\n  --cov", ["pytest -x --cov"]),
        ("if a; then\n  b\nelif c; then d\nelse\n  e\nfi\nf", ["a", "b", "c", "d", "e", "f"]),
        ("for x in 1 2; do a $x; done; b", ["a $x", "b"]),
        ("while read l; do a; done < file", ["read l", "a"]),
        ("case $1 in\n a) b;;\n c|d) e ;;\nesac\nf", ["b", "e", "f"]),
        ("(cd a && b)", ["cd a", "b"]),
        ("{ a; b; }", ["a", "b"]),
        ("A=1 B='x y' pytest > log 2>&1 < in", ["pytest"]),
        ("cat <<EOF > x\npytest\nEOF\nruff .", ["cat", "ruff ."]),
        ("cat <<-'E'\n\tpytest\n\tE\nruff .", ["cat", "ruff ."]),
        ("x=$(git diff | xargs black)", ["git diff", "xargs black"]),
        ('echo "$(a b)"', ["a b", "echo $(a b)"]),
        ("PY=python3\n$PY -m pytest", ["python3 -m pytest"]),
        ("f() {\n  a\n}\ng() { b; }\nf", ["a", "f"]),
        ("function f { a; }; f", ["a", "f"]),
        ("[[ a == b ]] && c", ["c"]),
        ("((i++)); a", ["a"]),
        ("! a", ["a"]),
        ("time a", ["a"]),
        ("a=(1 2\n 3)\nb", ["b"]),
        ("exit 0\npytest", ["exit 0"]),
        ("echo ${{ matrix.a || 'b' }} && c", ["echo ${{ matrix.a || 'b' }}", "c"]),
        ("don't\npytest", ["don't", "pytest"]),
        ("if ($x) { pytest }\nruff", ["$x", "pytest", "ruff"]),
        ("pip install a`\n  b", ["pip install a b"]),
        ("", []),
    ],
)
def test_simple_commands(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_quoted_words_stay_whole() -> None:
    assert commands("pytest -m \"not slow\" 'a b'")[0].words == ("pytest", "-m", "not slow", "a b")


def test_lines_are_those_of_the_text() -> None:
    text = "# x\na\ncat <<E\nb\nE\nc \\\n d\ne"
    assert [(c.words[0], c.line) for c in commands(text)] == [
        ("a", 1),
        ("cat", 2),
        ("c", 5),
        ("e", 7),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || true", ["a"]),
        ("a && b || echo failed", ["a", "b"]),
        ("(a; b) || exit 0", ["a", "b"]),
        ("a || :", ["a"]),
        ("a | tee log || true", ["a", "tee"]),
        ("a || exit 1", []),
        ("a || { echo failed; exit 1; }", []),
        ("a || (echo failed && exit 1)", []),
        ("a || b", []),
        ("a || code=$?", []),
        ("a; true", []),
        ("true || a", []),
    ],
)
def test_swallowed(text: str, expected: list[str]) -> None:
    assert swallowed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "$(" * 50_000,
        "(" * 100_000,
        '"$(' * 33_000,
        "'a" * 50_000,
        "{{" * 50_000,
        "if " * 30_000,
        "((a" * 33_000,
        "<<a\n" * 25_000,
        "${a" * 33_000,
        "f() " * 25_000,
        "case " * 20_000,
        "x=(" * 33_000,
        "{ " * 50_000,
        "! " * 50_000,
        "a|" * 50_000,
    ],
)
def test_hostile_text_ends_soon(text: str) -> None:
    started = time.process_time()
    commands(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("poetry run pytest -x", ["pytest -x"]),
        ("uv run --with pytest --python 3.12 pytest", ["pytest"]),
        ("uv run -m pytest tests", ["pytest tests"]),
        ("python -m pytest", ["pytest"]),
        ("python3.11 -W error -m pytest a", ["pytest a"]),
        ("python -m unittest discover", ["python -m unittest discover"]),
        ("python -m package.train", ["python -m package.train"]),
        ("sudo -E env A=1 B=2 make test", ["make test"]),
        (
            "coverage run --source x -m pytest t",
            ["coverage run --source x -m pytest t", "pytest t"],
        ),
        ("coverage run manage.py test", ["coverage run manage.py test", "python manage.py test"]),
        ("conda run -n x --no-capture-output python train.py", ["python train.py"]),
        ("xvfb-run -a pytest", ["pytest"]),
        ("timeout 10m pytest", ["pytest"]),
        ("uvx ruff@0.4 check .", ["ruff check ."]),
        ("uvx --from nox nox -s t", ["nox -s t"]),
        ("docker run --rm -v a:b img pytest -q", ["pytest -q"]),
        ("docker compose -f x.yml run --rm app pytest", ["pytest"]),
        ("docker compose up -d", ["docker compose up -d"]),
        ("$PYTHON -m build", ["build"]),
        (".venv/bin/pytest", ["pytest"]),
        ("pip3 install x", ["pip install x"]),
        ("./run.sh a", ["./run.sh a"]),
        ("command -v pytest", ["command -v pytest"]),
        ("env", ["env"]),
        ("xargs -n 1 black --check", ["black --check"]),
    ],
)
def test_unwrapped(command: str, expected: list[str]) -> None:
    assert [" ".join(words) for words in unwrapped(shlex.split(command))] == expected
