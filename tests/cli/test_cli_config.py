"""`mllint config` and `mllint cache`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import tomli

from mllint.config_schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFIG = """\
[tool.mllint]
profile = "research"
exclude = ["old/**"]
ignore = { "no-lockfile" = "a paper" }

[tool.mllint.options."large-file"]
max-mb = 20.5
names = ["a", "b\\n"]
"""


def test_shown_settings_are_settings_again(mllint: Callable[..., Any], project: Path) -> None:
    (project / "pyproject.toml").write_text(CONFIG)
    shown = tomli.loads(mllint("config", "show").out)
    jsonschema.validate(shown, schema())
    assert shown["options"] == {"large-file": {"max-mb": 20.5, "names": ["a", "b\n"]}}
    assert shown["ignore"] == {"no-lockfile": "a paper"}


def test_origin_names_the_line_and_what_it_overrode(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "pyproject.toml").write_text(CONFIG)
    lines = mllint("config", "show", "--origin", "--profile", "production").out.splitlines()
    assert 'profile = "production"  # --profile, over pyproject.toml:2 ("research")' in lines
    assert 'exclude = ["old/**"]  # pyproject.toml:3' in lines
    assert 'no-lockfile = "a paper"  # pyproject.toml:4' in lines
    assert "max-mb = 20.5  # pyproject.toml:7" in lines
    assert 'fail-on = "error"  # default' in lines


def test_schema_is_printed(mllint: Callable[..., Any]) -> None:
    assert json.loads(mllint("config", "schema").out) == schema()


def test_sound_configuration_is_told_so(mllint: Callable[..., Any], project: Path) -> None:
    (project / "mllint.toml").write_text('ignore = { "no-lockfile" = "a paper" }\n')
    result = mllint("config", "check")
    assert result.code == 0
    assert result.out.startswith("OK: mllint.toml; ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("min_score = 1", 'mllint.toml:1: unknown key "min_score"'),
        ("x = = 1", "mllint.toml:1: is not valid TOML"),
        ('ignore = { "no-lokfile" = "x" }', 'did you mean "no-lockfile"?'),
        ('select = ["spilts"]', 'did you mean "splits"?'),
        ("traits = { tranis = true }", 'did you mean "trains"?'),
        ("options = { no-rule = { x = 1 } }", "no-rule"),
    ],
)
def test_mistake_in_the_configuration_ends_in_2(
    text: str, said: str, mllint: Callable[..., Any], project: Path
) -> None:
    (project / "mllint.toml").write_text(text + "\n")
    result = mllint("config", "check")
    assert result.code == 2
    assert said in result.err


def test_hints_go_to_stderr(mllint: Callable[..., Any], project: Path) -> None:
    (project / ".mllint.yml").write_text("")
    result = mllint("config", "show")
    assert result.err.startswith("warning: .mllint.yml belongs to an older tool")


def test_cache_folder_is_that_of_the_environment(
    mllint: Callable[..., Any], tmp_path: Path
) -> None:
    assert mllint("cache", "dir").out == f"{tmp_path / 'cache'}\n"


def test_absent_cache_is_empty_and_can_be_cleaned(
    mllint: Callable[..., Any], no_cache: Path
) -> None:
    assert mllint("cache", "info").out == "the cache is empty\n"
    assert mllint("cache", "clean").out == "0.0 MB removed\n"
    assert not no_cache.exists()


def test_unusable_cache_is_told_and_no_failure(mllint: Callable[..., Any], no_cache: Path) -> None:
    (no_cache / "facts.sqlite").mkdir(parents=True)
    result = mllint("cache", "info")
    assert result.code == 0
    assert "warning: the cache" in result.err
