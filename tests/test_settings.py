"""Settings from their sources: which one wins, where a value comes from, what is refused."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli

import mllint
from mllint.config import load
from mllint.config_schema import PROPERTIES, mistakes, schema
from mllint.review import UsageError
from mllint.settings import Settings

ROOT = Path(__file__).parent.parent


def project(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def refused(folder: Path, **more: Any) -> str:
    with pytest.raises(UsageError) as caught:
        load(folder, **more)
    return str(caught.value)


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_pyproject_table_is_read_with_its_lines(tmp_path: Path) -> None:
    project(tmp_path, '[project]\nname = "x"\n\n[tool.mllint]\n# so\nprofile = "research"\n')
    settings = load(tmp_path)
    assert settings.profile == "research"
    assert settings.source("profile") == "pyproject.toml:6"
    assert settings.config_files == ("pyproject.toml",)


def test_own_file_wins_over_pyproject(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nprofile = "research"\nmin-score = 3\n')
    project(tmp_path, 'profile = "production"\n', "mllint.toml")
    settings = load(tmp_path)
    assert settings.profile == "production"
    assert settings.min_score == {}
    assert settings.source("profile") == "mllint.toml:1"


def test_pyproject_without_the_table_is_no_configuration(tmp_path: Path) -> None:
    project(tmp_path, "[tool.other]\nx = 1\n")
    assert load(tmp_path).config_files == ()


def test_folders_above_the_root_are_not_looked_at(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nprofile = "research"\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner).profile == "internal"


def test_flag_over_environment_over_file_over_default(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nprofile = "research"\n')
    env = {"MLLINT_PROFILE": "production"}
    settings = load(tmp_path, {"profile": "internal"}, env=env)
    assert [(o.value, o.source) for o in settings.origins["profile"]] == [
        ("internal", "--profile"),
        ("production", "MLLINT_PROFILE"),
        ("research", "pyproject.toml:2"),
    ]
    assert settings.profile == "internal"
    assert load(tmp_path, env=env).profile == "production"


def test_isolated_leaves_the_file_out_but_not_an_explicit_one(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nprofile = "research"\n')
    own = tmp_path / "own.toml"
    own.write_text('profile = "production"\n')
    assert load(tmp_path, isolated=True).profile == "internal"
    assert load(tmp_path, isolated=True, config=[str(own)]).profile == "production"


def test_config_variable_names_the_file(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("min-score = 40\n")
    env = {"MLLINT_CONFIG": str(own)}
    assert load(tmp_path, env=env).min_score == {"overall": 40.0}


def test_config_pair_overrides_the_file(tmp_path: Path) -> None:
    project(tmp_path, "[tool.mllint.options.large-file]\nmax-mb = 20\nkinds = 3\n")
    settings = load(tmp_path, config=["options.large-file.max-mb = 5"])
    assert settings.options == {"large-file": {"max-mb": 5, "kinds": 3}}


@pytest.mark.parametrize("text", ["no such file.toml", "profile = research"])
def test_config_argument_that_is_nothing_is_refused(tmp_path: Path, text: str) -> None:
    assert text in refused(tmp_path, config=[text])


def test_lists_are_appended_and_tables_merged(tmp_path: Path) -> None:
    text = '[tool.mllint]\nexclude = ["a"]\nignore = { x = "why" }\nselect = ["all"]\n'
    project(tmp_path, text)
    flags = {"exclude": ["b", "a"], "ignore": ["y"], "select": ["docs"]}
    settings = load(tmp_path, flags)
    assert settings.exclude == ("a", "b")
    assert settings.ignore == {"x": "why", "y": ""}
    assert settings.select == ("docs",)


def test_rule_named_exactly_is_ignored_no_longer(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nignore = { x = "why", y = "why" }\n')
    assert load(tmp_path, {"select": ["x", "y*"]}).ignore == {"y": "why"}


def test_own_rule_folders_count_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    project(tmp_path, '[tool.mllint]\nrules = ["./mine"]\n')
    assert load(tmp_path).rules == (tmp_path / "mine",)


def test_missing_rule_folder_is_refused(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nrules = ["mine"]\n')
    assert refused(tmp_path) == "pyproject.toml:2: there is no folder mine"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("min_score = 1", 'unknown key "min_score" in [tool.mllint]; did you mean "min-score"?'),
        ("zzz = 1", 'unknown key "zzz" in [tool.mllint]'),
        ("waivers = [{ rule = 'a' }]", '"waivers[0]" needs a "reason"'),
        ("waivers = [{ rule = 'a', reason = '' }]", '"waivers[0].reason" needs a reason: say why'),
        (
            "waivers = [{ rule = 'a', reason = 'b', until = 'soon' }]",
            '"waivers[0].until" must be a day like 2026-12-31, not "soon"',
        ),
        (
            "waivers = [{ rule = 'a', reason = 'b', issue = 3 }]",
            '"waivers[0].issue" must be a string, not 3',
        ),
        (
            "waivers = [{ rule = 'a', reason = 'b', path = ['c'] }]",
            'unknown key "path" in "waivers[0]"; did you mean "paths"?',
        ),
        (
            "per-path = { 'a/**' = { profil = 'research' } }",
            'unknown key "profil" in "per-path.a/**"; did you mean "profile"?',
        ),
        ("profile = 2026-01-01", '"profile" must be a string, not a date'),
        ('min-score = "high"', '"min-score" must be a number or a table, not "high"'),
        ("min-score = true", '"min-score" must be a number or a table, not true'),
        ("min-score = 101", '"min-score" must be from 0 to 100, not 101'),
        (
            'min-confidence = "lo"',
            '"min-confidence" must be one of low, medium, high, not "lo"; did you mean "low"?',
        ),
        ("profile = 3", '"profile" must be a string, not 3'),
        ('ignore = { x = "" }', '"ignore.x" needs a reason: say why'),
        ("exclude = [1]", '"exclude" must be a string, not 1'),
        ("traits = { trains = 1 }", '"traits.trains" must be true or false, not 1'),
        ("require-reason = 1979-01-01", '"require-reason" must be true or false, not a date'),
    ],
)
def test_mistake_is_named_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    project(tmp_path, f"[tool.mllint]\n\n{text}\n")
    assert refused(tmp_path) == f"pyproject.toml:3: {expected}"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    project(tmp_path, "[tool.mllint]\na = 1\n[tool.mllint.severity]\nx = 'fatal'\n")
    lines = refused(tmp_path, flags={"min-confidence": "sure"}).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "pyproject.toml:2",
        "pyproject.toml:4",
        "--min-confidence",
    ]


@pytest.mark.parametrize("name", ["pyproject.toml", "mllint.toml"])
@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"x = 1\ny = = 2\n", ":2"),
        (b"x = 1\nx = 2\n", ":2"),
        (b'x = "\xff"\n', ":1"),
        (b"x = [", ":1"),
        (b"x = " + b"[" * 100_000, ""),
    ],
)
def test_broken_toml_is_refused_with_its_line(
    tmp_path: Path, name: str, data: bytes, line: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert refused(tmp_path).startswith(f"{name}{line}: is not valid TOML: ")


def test_what_is_not_a_file_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "mllint.toml").mkdir()
    assert load(tmp_path) == Settings()


@pytest.mark.parametrize(
    "text",
    [
        '[tool.mllint.rules]\ndisabled = ["x"]\n',
        "[tool.mllint.git]\nmaxFileSize = 3\n",
        '[tool.mllint.code-quality]\nlinters = ["a"]\n',
    ],
)
def test_configuration_of_the_older_tool_earns_a_hint(tmp_path: Path, text: str) -> None:
    project(tmp_path, text)
    settings = load(tmp_path)
    assert "older tool" in settings.hints[0]
    assert settings.config_files == ()


def test_file_of_the_older_tool_earns_a_hint(tmp_path: Path) -> None:
    (tmp_path / ".mllint.yml").write_text("rules: {}\n")
    assert ".mllint.yml belongs to an older tool" in load(tmp_path).hints[0]


def test_ignoring_without_a_reason_earns_a_hint(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nignore = ["x"]\n')
    assert "pyproject.toml:2: ignored without a reason: x" in load(tmp_path).hints[0]
    project(tmp_path, '[tool.mllint]\nrequire-reason = false\nignore = ["x"]\n')
    assert load(tmp_path).hints == ()


def test_source_of_a_nested_key_is_that_of_the_nearest_table(tmp_path: Path) -> None:
    project(tmp_path, '[tool.mllint]\nignore = { x = "why" }\n')
    assert load(tmp_path).source("ignore.x") == "pyproject.toml:2"
    assert load(tmp_path).source("severity.x") == "default"


def test_hash_changes_with_what_changes_results_alone() -> None:
    assert Settings(jobs=3).config_hash == Settings().config_hash
    assert Settings(profile="research").config_hash != Settings().config_hash


def test_ruleset_latest_is_the_newest(tmp_path: Path) -> None:
    assert load(tmp_path, {"ruleset": "latest"}).ruleset == Settings().ruleset
    assert load(tmp_path, {"ruleset": "1999.1"}).ruleset == "1999.1"


VALID = """
ruleset = "2026.1"
profile = "internal"
select = ["default"]
extend-select = ["notebooks"]
ignore = { "no-data-versioning" = "warehouse snapshots" }
exclude = ["third_party/**"]
min-confidence = "medium"
fail-on = "never"
min-score = { overall = 70, splits = 90.5 }
require-reason = true
rules = ["./rules"]
extend = ["pkg:standards/mllint.toml", "../base.toml"]
baseline = "known.json"
baseline-strict = true
[severity]
"category:docs" = "note"
[options.large-file]
max-mb = 20
[traits]
trains = true
[[waivers]]
rule = "no-data-versioning"
paths = ["data/**"]
kind = "elsewhere"
reason = "snapshots of the warehouse"
until = "2027-01-31"
issue = "ML-88"
[per-path."notebooks/**"]
profile = "research"
ignore = { "notebook-too-long" = "drafts" }
severity = { "unseeded-split" = "note" }
options = { large-file = { max-mb = 3 } }
[[projects]]
path = "services/ranker"
name = "ranker"
profile = "production"

[attest.Q01]
who = "Nora Lind"
when = "2026-05-04"
proof = "docs/goal.md"
until = "2027-05-04"
"""


def test_schema_accepts_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    table = tomli.loads(VALID)
    assert set(table) == set(PROPERTIES)
    jsonschema.validate(table, schema())
    assert list(mistakes(table, "")) == []


@pytest.mark.parametrize(
    "table",
    [
        {"x": 1},
        {"profile": "x"},
        {"profile": 1},
        {"select": "default"},
        {"select": [1]},
        {"min-score": 101},
        {"min-score": True},
        {"min-score": {"overall": "x"}},
        {"ignore": {"x": ""}},
        {"ignore": {"x": 1}},
        {"ignore": [1]},
        {"severity": {"x": "fatal"}},
        {"options": {"x": 1}},
        {"traits": {"x": "yes"}},
        {"require-reason": "yes"},
        {"rules": {}},
    ],
)
def test_schema_and_checks_refuse_the_same(table: dict[str, Any]) -> None:
    assert list(mistakes(table, ""))
    assert not jsonschema.Draft202012Validator(schema()).is_valid(json.loads(json.dumps(table)))


def test_the_shipped_schema_is_the_one_that_is_printed() -> None:
    path = Path(mllint.__file__).with_name("config.schema.json")
    assert json.loads(path.read_text("utf-8")) == schema()


def test_validate_pyproject_is_given_the_schema() -> None:
    project = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (name,) = project["entry-points"]["validate_pyproject.tool_schema"].values()
    module, _, function = name.partition(":")
    given = getattr(import_module(module), function)("mllint")
    jsonschema.Draft7Validator.check_schema(given)
    jsonschema.Draft7Validator(given).validate(tomli.loads(VALID))


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs/configuration.md").read_text("utf-8")
    assert [name for name in PROPERTIES if f"| `{name}` |" not in text] == []
