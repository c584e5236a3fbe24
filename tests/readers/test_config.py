from __future__ import annotations

from typing import Any

import pytest

from mllint.facts import Facts, Known
from mllint.readers.config import MAX_ITEMS, MAX_SETTINGS, read

NOTHING = Known(frozenset(), frozenset())


def facts(path: str, text: str | bytes) -> Facts:
    return read(path, text.encode() if isinstance(text, str) else text, NOTHING)


def settings(path: str, text: str | bytes) -> list[tuple[int, str, Any]]:
    return [(r.at.line, r.key, r.value) for r in facts(path, text).rows.get("setting", ())]


def secrets(path: str, text: str) -> list[tuple[int, str]]:
    found = facts(path, text)
    return [(r.at.line, r.target) for r in found.rows.get("literal", ()) if r.kind == "secret"]


@pytest.mark.parametrize(
    ("path", "text", "rows", "kind"),
    [
        (
            "pyproject.toml",
            '[tool.ruff]\nline-length = 100\nselect = [\n  "E",\n  "F",\n]\n[[tool.x]]\ny = true\n',
            [
                (2, "tool.ruff.line-length", 100),
                (4, "tool.ruff.select[]", "E"),
                (5, "tool.ruff.select[]", "F"),
                (8, "tool.x[].y", True),
            ],
            "toml",
        ),
        (
            "conf/train.yaml",
            "defaults:\n  - model: net\n  - _self_\nlr: 1e-4\non:\n  push:\nempty: []\n",
            [
                (2, "defaults[].model", "net"),
                (3, "defaults[]", "_self_"),
                (4, "lr", 1e-4),
                (6, "on.push", None),
                (7, "empty", None),
            ],
            "yaml",
        ),
        ("a.yml", "a: 1\n---\na: 2\n", [(1, "a", 1), (3, "a", 2)], "yaml"),
        (
            "config.json",
            '{\n\t"a": {"b": [1, null]}, // note\n\t"url": "http://h.example", /* x */ "c": 1.5\n}',
            [(2, "a.b[]", 1), (2, "a.b[]", None), (3, "url", "http://h.example"), (3, "c", 1.5)],
            "json",
        ),
        (
            "setup.cfg",
            "[flake8]\nmax-line-length = 88\nextend-ignore =\n  E203,\n  W503\n[x]\nok = True\n",
            [
                (2, "flake8.max-line-length", 88),
                (3, "flake8.extend-ignore", "E203,\nW503"),
                (7, "x.ok", True),
            ],
            "ini",
        ),
        (
            ".editorconfig",
            "root = true\n[*.py]\nindent_size = 4\n",
            [(1, "root", True), (3, "*.py.indent_size", 4)],
            "editorconfig",
        ),
        (
            ".gitignore",
            "# data\n/data/\n\n!keep.csv\n",
            [(2, "pattern", "/data/"), (4, "pattern", "!keep.csv")],
            "ignore",
        ),
        (
            ".gitattributes",
            "*.bin filter=lfs -text\n",
            [(1, "*.bin", "filter=lfs -text")],
            "attributes",
        ),
        (".github/CODEOWNERS", "* @org/team # all\n", [(1, "*", "@org/team")], "codeowners"),
    ],
)
def test_settings_of_each_format(
    path: str, text: str, rows: list[tuple[int, str, Any]], kind: str
) -> None:
    assert settings(path, text) == rows
    assert {r.format for r in facts(path, text).rows["setting"]} == {kind}


def test_json_that_yaml_does_not_cover_has_no_lines() -> None:
    assert settings("config.json", '{"a": "\\ud83d\\ude00", "b": [2]}') == [
        (0, "a", "\U0001f600"),
        (0, "b[]", 2),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "data/train/config.json",
        "datasets/a/settings.json",
        "deep/inside/records.json",
        "package-lock.json",
        "pnpm-lock.yaml",
        "conda-lock.yml",
        "poetry-lock.toml",
    ],
)
def test_data_and_locks_give_no_settings(path: str) -> None:
    text = "a = 1" if path.endswith("toml") else '{"a": 1}'
    found = facts(path, text)
    assert (dict(found.rows), list(found.problems)) == ({}, [])


def test_long_lists_and_long_files_are_cut() -> None:
    numbers = "".join(f"  - {n}\n" for n in range(MAX_ITEMS * 3))
    assert len(settings("a.yaml", f"many:\n{numbers}last: 1\n")) == MAX_ITEMS + 1
    assert settings("a.yaml", numbers) == []
    keys = "".join(f"k{n}: 1\n" for n in range(MAX_SETTINGS + 10))
    assert len(settings("a.yaml", keys)) == MAX_SETTINGS
    assert settings("a.yaml", "k: 1\n" + "#" * 1_000_000) == []
    assert settings("config.json", '{"k": "' + "a" * 200_000 + '"}') == []
    assert settings("a.toml", f'k = "{"a" * 5_000}"') == [(1, "k", "a" * 500)]
    assert len(settings("a.toml", f"k = {list(range(300))}\nl = 1")) == MAX_ITEMS + 1


@pytest.mark.parametrize(
    ("path", "text", "kind", "line"),
    [
        ("a.toml", "a = 1\nb = ]\n", "syntax", 2),
        ("a.yaml", "a: 1\nb: [\n", "syntax", 3),
        ("a.yaml", "[" * 10_000, "nesting", 1),
        ("config.json", '{\n"a": 1,,\n}', "syntax", 2),
        ("a.ini", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "encoding", 0),
    ],
)
def test_problems(path: str, text: str | bytes, kind: str, line: int) -> None:
    assert [(p.kind, p.line) for p in facts(path, text).problems] == [(kind, line)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "templates/deploy.yaml",
            "{{- if .Values.x }}\na: {{ .Values.a }}\n{{- else }}\n  b: : c\n",
        ),
        ("{{ cookiecutter.name }}/pyproject.toml", "name = {{ cookiecutter.name|tojson }}\n"),
        ("{{ cookiecutter.name }}/a.yaml", "a: b: c\n"),
    ],
)
def test_templates_are_no_problem(path: str, text: str) -> None:
    assert list(facts(path, text).problems) == []


def test_templates_that_parse_once_put_aside_give_settings() -> None:
    text = "name: {{ x }}\n{% if y %}\nport: 80\n{% endif %}\n"
    assert settings("a.yaml", text)[1:] == [(3, "port", 80)]


TOKEN = "ghp_" + "a1B2" * 9  # made up
MIXED = "Zx81" + "kq9vT"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (".env", f"GITHUB_TOKEN={TOKEN}", [(1, "GITHUB_TOKEN")]),
        (".env", f"export DB_PASSWORD='{MIXED}' # note", [(1, "DB_PASSWORD")]),
        (".env", "API_KEY=your_key_here\nB_TOKEN=\nC_SECRET=<secret>\nD_TOKEN=${X}", []),
        (".env.example", f"DB_PASSWORD={MIXED}", []),
        (".env.example", f"GITHUB_TOKEN={TOKEN}", [(1, "GITHUB_TOKEN")]),
        ("a.yaml", f"x:\n  api_key: {MIXED}\n", [(2, "api_key")]),
        ("a.yaml", f"x:\n  - {TOKEN}\n", [(2, "x")]),
        ("a.yaml", f"url: postgres://bob:{MIXED}@db.internal/db\n", [(1, "url")]),
        (
            "a.yaml",
            "credentials: db_credentials\ntoken: ${{ secrets.T }}\npassword: example1\n",
            [],
        ),
        ("a.yaml", "pad_token: '[PAD]'\ntokenizer: bert-base-2\nkey: a1b2c3d4e5\n", []),
        ("a.yaml", "HF_TOKEN: ''\nDB_PASSWORD:\napi_key: null\n", []),
        ("a.toml", 'HF_TOKEN = ""\n', []),
        ("config.json", '{"HF_TOKEN": ""}', []),
        ("a.ini", "[x]\npassword =\nHF_TOKEN =\n", []),
        ("a.yaml", "api_key: sk-your_openai_api_key_12_here\n", []),
        ("a.toml", f'[x]\nsecret = "{MIXED}"\n', [(2, "secret")]),
        ("config.json", f'{{"password": "{MIXED}"}}', [(1, "password")]),
        ("a.ini", f"[x]\npassword = {MIXED}\n", [(2, "password")]),
    ],
)
def test_secrets_are_told_and_not_shown(path: str, text: str, found: list[tuple[int, str]]) -> None:
    assert secrets(path, text) == found
    assert TOKEN not in repr(facts(path, text))
    if found:
        assert MIXED not in repr(facts(path, text))


def test_env_shows_only_what_is_plainly_no_secret() -> None:
    text = "DEBUG=true\nPORT=8080\nHOST=localhost:80\nNAME=my project\nMODEL=resnet\nEMPTY=\n"
    assert settings(".env", text) == [
        (1, "DEBUG", "true"),
        (2, "PORT", "8080"),
        (3, "HOST", "localhost:80"),
        (4, "NAME", "my project"),
        (5, "MODEL", "***"),
        (6, "EMPTY", ""),
    ]


def test_suppressions_cover_a_line_or_a_block() -> None:
    text = """\
# mllint: file-ignore[rule-a] the reason
a: 1  # mllint: ignore[rule-b] why
# mllint: ignore[rule-c] kind=false-positive
job:
  steps:
    - x

  more: 1
last: 2
# mllint: file-ignore[rule-d] too late
"""
    found = facts("a.yaml", text).ignores
    assert [(i.rules, i.scope, i.first, i.last, i.reason) for i in found] == [
        (("rule-a",), "file", 0, 0, "the reason"),
        (("rule-b",), "line", 2, 2, "why"),
        (("rule-c",), "statement", 3, 8, ""),
        (("rule-d",), "misplaced", 0, 0, "too late"),
    ]
    places = ["a.yaml:1:1", "a.yaml:2:7", "a.yaml:3:1", "a.yaml:10:1"]
    assert [str(i.at) for i in found] == places


def test_a_comment_within_a_string_of_toml_suppresses_nothing() -> None:
    text = 'a = """\n# mllint: ignore[rule-a] x\n"""\nb = 1  # mllint: ignore[rule-b] y\n'
    assert [(i.rules, i.first) for i in facts("a.toml", text).ignores] == [(("rule-b",), 4)]


def test_a_suppression_at_the_end_covers_itself() -> None:
    (found,) = facts(".gitignore", "*.pyc\n# mllint: ignore[rule-a] why\n").ignores
    assert (found.first, found.last) == (2, 2)
