"""The configuration of the older tool of our name: recognised, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tomli

from mllint.catalogue import load
from mllint.config_migrate import RULES, find, migrated
from mllint.config_schema import mistakes
from mllint.review import UsageError

if TYPE_CHECKING:
    from pathlib import Path

YAML = """\
rules:
  disabled:
    - ci/use
    - version-control/data
    - code-quality/pylint/no-issues
  custom:
    - name: Project contains a file named test
      run: touch ran
git:
  maxFileSize: 25000000
code-quality:
  linters: [pylint, mypy]
testing:
  targets: { minimum: 1 }
"""
TOML = '[tool.mllint.rules]\ndisabled = ["testing"]\n'


def test_yaml_is_migrated(tmp_path: Path) -> None:
    (tmp_path / ".mllint.yml").write_text(YAML)
    text = migrated(find(tmp_path))
    table = tomli.loads(text)["tool"]["mllint"]
    assert list(mistakes(table, "")) == []
    assert table == {
        "ignore": {
            "no-ci": "disabled before as ci/use",
            "unversioned-data": "disabled before as version-control/data",
            "dvc-without-remote": "disabled before as version-control/data",
            "dvc-lock-out-of-step": "disabled before as version-control/data",
        },
        "options": {"large-file": {"max-mb": 25}},
    }
    lost = text.partition("# Not carried over:\n")[2].splitlines()
    assert [line.removeprefix("#   ").partition(":")[0] for line in lost] == [
        "rules.disabled", "rules.custom", "code-quality.linters", "testing",
    ]  # fmt: skip
    assert "runs a command, which mllint never does" in lost[1]


def test_pyproject_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(TOML)
    table = tomli.loads(migrated(find(tmp_path)))["tool"]["mllint"]
    assert set(table["ignore"]) == {"no-tests", "tests-not-in-ci", "no-coverage"}


def test_every_rule_that_is_named_exists() -> None:
    known = load().rules
    assert [rule for rules in RULES.values() for rule in rules if rule not in known] == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pyproject.toml", "[tool.mllint]\nprofile = 'research'\n", "has no configuration of"),
        (".mllint.yml", "a: [", "is not YAML that mllint can read"),
        ("pyproject.toml", "[tool", "cannot be read"),
    ],
)
def test_what_cannot_be_migrated_is_told(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=said):
        find(tmp_path)


def test_odd_values_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".mllint.yml").write_text("rules: [x]\ngit: 3\ntesting: no\n")
    assert tomli.loads(migrated(find(tmp_path))) == {"tool": {"mllint": {}}}
