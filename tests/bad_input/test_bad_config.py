"""Settings, manifests, workflows and documents that are broken or mean harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.conftest import Audit

    Said = Callable[..., tuple[int, str, str]]

PEAK = 400_000_000

BROKEN_SETTINGS = {
    "no TOML": ("[tool.mllint]\nprofile = \n", "pyproject.toml:2: is not valid TOML: "),
    "open table": ("[project]\nname = 'a'\n\n[tool\n", "pyproject.toml:4: is not valid TOML: "),
    "open string": ('[project]\nname = "a\n', "pyproject.toml:2: is not valid TOML: "),
    "twice": ("[a]\nb = 1\nb = 2\n", "pyproject.toml:3: is not valid TOML: "),
    "end": ("a = [\n1,\n", "pyproject.toml:3: is not valid TOML: "),
    "conflict": ("a = 1\n<<<<<<< HEAD\n", "pyproject.toml:2: is not valid TOML: "),
    "latin-1": ("[a]\nb = 'é'\n", "pyproject.toml:2: is not valid TOML: it is not UTF-8 text"),
    "NUL": ("a = 1\n\0", "pyproject.toml:2: is not valid TOML: "),
    "deep": ("a = " + "[" * 100_000, "pyproject.toml: is not valid TOML: "),
    "large": ("#" * 11_000_000, "pyproject.toml: is larger than "),
    "no profile": ("[tool.mllint]\n\nprofile = 'strict'\n", "pyproject.toml:3: "),
    "no such key": ("[tool.mllint]\nprofiel = 1\n", "pyproject.toml:2: unknown key"),
    "no table": ("[tool.mllint]\noptions = 3\n", "pyproject.toml:2: "),
    "no such rule": ("[tool.mllint.ignore]\nno-such = 'reason'\n", 'called "no-such"'),
    "no such folder": ('[tool.mllint]\nrules = ["own"]\n', "pyproject.toml:2: there is no folder"),
}


@pytest.mark.parametrize("name", BROKEN_SETTINGS)
def test_broken_settings_end_in_2_with_the_line(name: str, said: Said, root: Path) -> None:
    text, words = BROKEN_SETTINGS[name]
    (root / "pyproject.toml").write_text(text, "latin-1")
    code, out, err = said("check", str(root))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert words in err.splitlines()[0]
    assert len(err) < 1000


@pytest.mark.parametrize("name", ["no TOML", "latin-1", "deep", "large", "no such key"])
def test_broken_settings_do_not_stop_an_isolated_run(
    name: str, audit: Callable[..., Audit], root: Path
) -> None:
    (root / "pyproject.toml").write_text(BROKEN_SETTINGS[name][0], "latin-1")
    seen = audit(root, "--isolated")
    assert set(seen.unread) <= {"pyproject.toml"}
    assert seen.sound


def test_every_mistake_is_told_at_once(said: Said, root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.mllint]\nprofile = 1\nselekt = []\nmin-score = 'a'")
    err = said("check", str(root))[2]
    assert [line.split(":")[2] for line in err.splitlines() if "error" in line] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ('exclude = ["/"]', True),
        ('exclude = ["*"]', False),
        ('exclude = ["[", "!", "**", "\\\\"]', None),
        ('exclude = ["' + "*a" * 2000 + '"]', True),
        ('exclude = ["' + "**/" * 500 + 'x"]', True),
    ],
)
def test_odd_excludes_are_survived(
    settings: str, kept: bool | None, audit: Callable[..., Audit], root: Path
) -> None:
    (root / "pyproject.toml").write_text(f"[tool.mllint]\n{settings}\n")
    (root / ("a" * 200 + ".py")).write_text("import torch\n")
    seen = audit(root)
    assert seen.busy < 30
    if kept is not None:
        assert seen.sound is kept


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
YAML = {
    "bomb": (BOMB, {"too-large"}),
    "merge bomb": (
        "a: &a {k: v}\n"
        + "".join(
            f"{y}: &{y} {{<<: [*{x}, *{x}, *{x}]}}\n"
            for x, y in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        {"too-large", ""},
    ),
    "endless": ("a: &a [*a]\n", {"syntax", "nesting", "too-large", "invalid"}),
    "tag": ("a: !!python/object/apply:os.system ['touch pwned']\n", {""}),
    "own tag": ("a: !vault |\n  63\nb: !Ref x\n", {""}),
    "duplicate keys": ("a: 1\na: 2\n", {""}),
    "no anchor": ("a: *b\n", {"syntax"}),
    "tabs": ("a:\n\t- b\n", {"syntax"}),
    "open": ("a: [b\n", {"syntax"}),
    "deep": ("[" * 100_000, {"nesting"}),
    "deep blocks": ("".join(f"{' ' * i}a:\n" for i in range(500)), {"nesting"}),
    "deep lists": ("- " * 5_000 + "a\n", {"nesting"}),
    "key of keys": ("{" * 90 + "a" + "}: 1" * 90, {"syntax", ""}),
    "many documents": ("---\na: 1\n" * 20_000, {"", "too-large"}),
    "many keys": ("".join(f"k{i}: v\n" for i in range(200_000)), {"too-large", ""}),
    "binary": ("\0" * 1000, {"encoding", "syntax"}),
    "long line": ("a: " + "b" * 5_000_000 + "\n", {"", "too-large"}),
    "Jinja": ("a: {{ b }}\n{% for x in y %}\n- {{ x }}\n{% endfor %}\n", {"", "syntax"}),
    "numbers": ("a: 1e9999\nb: 0o9\nc: 1_0_0\nd: .nan\ne: " + "9" * 9999 + "\n", {""}),
    "dates": ("a: 9999-99-99\nb: 2024-02-30T99:99:99\n", {""}),
}


@pytest.mark.parametrize("folder", ["conf", ".github/workflows", "k8s"])
def test_yaml_is_survived(
    folder: str, audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    (root / folder).mkdir(parents=True)
    for name, (text, _) in YAML.items():
        (root / folder / f"{name}.yaml").write_text(text)
    seen = audit(root)
    for name, (_, kinds) in YAML.items():
        assert seen.kinds.get(f"{folder}/{name}.yaml", "") in kinds, name
    assert seen.sound
    assert seen.busy < 30
    assert not list(tmp_path.rglob("pwned"))


YAML_FILES = (
    "dvc.yaml", "dvc.lock", "docker-compose.yml", ".pre-commit-config.yaml", ".gitlab-ci.yml",
    ".circleci/config.yml", "azure-pipelines.yml", ".travis.yml", "environment.yml", "k8s/a.yaml",
    "chart/Chart.yaml", "chart/values.yaml", "conf/base/catalog.yml", "mkdocs.yml", "Taskfile.yml",
    "action.yml", "bitbucket-pipelines.yml", "MLproject", "data.csv.dvc", "CITATION.cff",
    "conda-lock.yml", "lefthook.yml", "codecov.yml",
)  # fmt: skip


@pytest.mark.parametrize("text", ["- a\n- b: [1]\n", "a\n", "1: {2: [3]}\n", "~\n", BOMB])
def test_yaml_of_another_shape_is_survived(
    text: str, audit: Callable[..., Audit], root: Path
) -> None:
    for name in YAML_FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    seen = audit(root)
    assert "crashed" not in seen.kinds.values()
    assert seen.sound
    assert [r["id"] for r in seen.report["rules"] if r["outcome"] == "crashed"] == []


WORDS = {
    "empty": b"",
    "brackets": b"[" * 50_000,
    "braces": b"{" * 50_000,
    "parentheses": b"(" * 50_000,
    "quotes": b'"' * 49_999,
    "dashes": b"-" * 50_000,
    "continued": b"a \\\n" * 20_000,
    "spaces": b" " * 500_000,
    "one line": b"a" * 500_000,
    "stars": b"*" * 50_000,
    "backticks": b"`" * 50_000,
    "angles": b"<" * 50_000,
    "pipes": b"|a" * 50_000,
    "hashes": b"# " * 50_000,
    "dollars": b"$(" * 20_000,
    "letters": "größe: ﷺ\n".encode("utf-16"),
    "latin-1": "größe = é\n".encode("latin-1") * 100,
    "NUL": b"a\0b\n" * 1000,
    "CR": b"a = b\r" * 1000,
    "JSON of another shape": json.dumps([{"a": [None, 1.5, {"b": "c"}]}, 3]).encode(),
}
FILES = (
    "Dockerfile", "Makefile", "README.md", "README.rst", "requirements.txt", "setup.py",
    "setup.cfg", "tox.ini", "noxfile.py", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock",
    "pdm.lock", "pixi.toml", "pixi.lock", "Jenkinsfile", "justfile", "main.tf", "Snakefile",
    ".gitattributes", ".dockerignore", ".dvcignore", ".flake8", "config.json",
    "package.json", ".devcontainer/devcontainer.json", "run.sh", ".dvc/config", "a.toml",
    "a.ini", "LICENSE", "CODEOWNERS", "a.ipynb", ".env", "chart/templates/a.yaml",
)  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_every_kind_of_file_may_hold_anything(
    name: str, measured: Callable[..., Audit], root: Path
) -> None:
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(WORDS[name])
    seen = measured(root)
    assert [r["id"] for r in seen.report["rules"] if r["outcome"] == "crashed"] == []
    assert {path: kind for path, kind in seen.kinds.items() if kind in {"crashed", "timeout"}} == {}
    assert seen.sound
    assert seen.busy < 30
    assert seen.peak < PEAK


def test_includes_that_go_in_circles_end(audit: Callable[..., Audit], root: Path) -> None:
    texts = {
        "requirements.txt": "-r requirements.txt\n-r other.txt\n-c ../../a\n-r /etc/passwd",
        "other.txt": "-r requirements.txt\n",
        "Makefile": "a: b\n\t$(MAKE) a\nb: a\n\tmake b\n",
        "run.sh": "bash run.sh\n./other.sh\n",
        "other.sh": "./run.sh\n",
        ".github/workflows/a.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/a.yml\n",
        "act/action.yml": "runs:\n  using: composite\n  steps:\n  - uses: ./act\n",
        ".github/workflows/b.yml": (
            "on: push\njobs:\n  b:\n    runs-on: x\n    steps:\n    - uses: ./act\n"
            "    - run: make a\n    - run: ./run.sh\n    - uses: ./../../etc\n"
        ),
        "tox.ini": "[testenv]\ndeps = {[testenv]deps}\ncommands = tox\n",
        "a/__init__.py": "from a.b import x\n",
        "a/b.py": "from a import x\nfrom a.b import x\nx = x\n",
        "c.py": "from d import *\nfrom c import y\n",
        "d.py": "from c import *\ndef f(): return g()\ndef g(): return f()\nf()\n",
        "e.py": "class A(A): pass\nclass B(C): pass\nclass C(B): pass\nC().run()\n",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    seen = audit(root)
    assert seen.sound
    assert "root:x" not in json.dumps(seen.report)
    assert seen.busy < 30
