"""Configuration through the command line: what holds where, and from which file it comes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Any]

FAULT = "import yaml\n\nconfig = yaml.load(open('x'))\n"


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


def found(result: Any, rule: str) -> list[dict[str, Any]]:
    assert result.code in {0, 1}, result.err
    return [f for f in told(result.out)["findings"] if f["rule"] == rule]


def configured(project: Path, text: str, name: str = "mllint.toml") -> None:
    (project / name).write_text(text)


JSON = ("check", "--format", "json")


def test_what_is_ignored_at_a_path_is_waived_there(mllint: Run, project: Path) -> None:
    (project / "old").mkdir()
    (project / "old/a.py").write_text(FAULT)
    (project / "b.py").write_text(FAULT)
    text = '[per-path."old/**"]\nignore = { "unsafe-yaml-load" = "goes away in May" }\n'
    configured(project, text)
    loads = found(mllint(*JSON), "unsafe-yaml-load")
    assert {(f["location"]["path"], f["status"], f["reason"]) for f in loads} == {
        ("old/a.py", "waived", "goes away in May"),
        ("b.py", "new", None),
    }
    assert {f["waiver"] for f in loads} == {"mllint.toml:2", None}


def test_a_severity_holds_at_its_path(mllint: Run, project: Path) -> None:
    (project / "old").mkdir()
    (project / "old/a.py").write_text(FAULT)
    (project / "b.py").write_text(FAULT)
    configured(
        project,
        '[severity]\n"security" = "error"\n"unsafe-yaml-load" = "warning"\n'
        '[per-path."old/**"]\nseverity = { "security" = "note" }\n',
    )
    loads = found(mllint(*JSON), "unsafe-yaml-load")
    assert {f["location"]["path"]: f["severity"] for f in loads} == {
        "old/a.py": "note", "b.py": "warning",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "level"),
    [
        ("unseeded-split", "note"),
        ("category:splits", "note"),
        ("split.seeded", "note"),
        ("unseeded-*", "note"),
    ],
)
def test_severities_go_by_any_selector(
    selector: str, level: str, mllint: Run, project: Path
) -> None:
    configured(project, f'[severity]\n"{selector}" = "{level}"\n')
    assert {f["severity"] for f in found(mllint(*JSON), "unseeded-split")} == {level}


NOTEBOOK = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code", "metadata": {}, "execution_count": 1, "id": f"c{n}",
                "source": f"x{n} = {n}\nprint(x{n})\n" * 60, "outputs": [],
            }
            for n in range(12)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)  # fmt: skip


def test_a_path_can_be_held_to_another_profile(mllint: Run, project: Path) -> None:
    drafts = project / "drafts"
    drafts.mkdir()
    for path in (drafts / "a.ipynb", project / "b.ipynb"):
        path.write_text(NOTEBOOK)
    rule = "long-notebook"
    both = {f["location"]["path"] for f in found(mllint(*JSON), rule)}
    assert both == {"b.ipynb", "drafts/a.ipynb"}
    expected = told(mllint("explain", rule, "--format", "json").out)["rule"]["profile"]
    configured(project, '[per-path."drafts/**"]\nprofile = "research"\n')
    paths = {f["location"]["path"] for f in found(mllint(*JSON), rule)}
    assert paths == ({"b.ipynb"} if expected != "research" else both)


def test_options_hold_at_their_path(mllint: Run, project: Path) -> None:
    drafts = project / "drafts"
    drafts.mkdir()
    for path in (drafts / "a.ipynb", project / "b.ipynb"):
        path.write_text(NOTEBOOK)
    option = told(mllint("explain", "long-notebook", "--format", "json").out)["rule"]["options"]
    name = option[0]["name"]
    configured(
        project, f'[per-path."drafts/**"]\noptions = {{ long-notebook = {{ {name} = 100000 }} }}\n'
    )
    for _ in range(2):
        paths = {f["location"]["path"] for f in found(mllint(*JSON), "long-notebook")}
        assert paths == {"b.ipynb"}
    configured(project, f"[options.long-notebook]\n{name} = 100000\n")
    assert found(mllint(*JSON), "long-notebook") == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            '[per-path."a/**"]\noptions = { long-notebook = { zzz = 1 } }\n',
            2,
            "long-notebook: options.zzz: no such option",
        ),
        (
            '[per-path."a/**"]\nignore = { "no-sea" = "x" }\n',
            2,
            'no rule, category, practice or tag is called "no-sea"',
        ),
        (
            '[per-path."a/**"]\nseverity = { "unseeded-splt" = "note" }\n',
            2,
            'did you mean "unseeded-split"?',
        ),
        ('[per-path."a/**"]\nexclude = ["x"]\n', 2, 'unknown key "exclude" in "per-path.a/**"'),
        ("[options.long-notebook]\nzzz = 1\n", 2, "options.long-notebook.zzz: no such option"),
        (
            '[options.long-notebook]\nmax-lines = "many"\n',
            2,
            "options.long-notebook.max-lines: must be a whole number",
        ),
        ('ruleset = "1999.1"\n', 1, "there is no ruleset 1999.1; known: 2026.1"),
        ('ruleset = "../2026.1"\n', 1, "there is no ruleset ../2026.1; known: 2026.1"),
        (
            "min-score = { splitz = 70 }\n",
            1,
            'min-score: no category is called "splitz"; did you mean "splits"?',
        ),
    ],
)
def test_mistakes_are_told_with_their_line(
    text: str, line: int, said: str, mllint: Run, project: Path
) -> None:
    configured(project, text)
    result = mllint("check")
    assert result.code == 2
    assert said in result.err
    assert f"mllint.toml:{line}: " in result.err
    assert mllint("config", "check").err == result.err


def test_settings_that_match_nothing_are_told(mllint: Run, project: Path) -> None:
    configured(
        project,
        'exclude = ["gone/**", "*.tmp"]\nignore = { "no-canary-release" = "never on anyway" }\n'
        '[severity]\n"no-shadow-release" = "error"\n'
        '[per-path."lost/deep/**"]\nprofile = "research"\n',
    )
    said = {
        (f["location"]["start"]["line"], f["message"])
        for f in found(mllint(*JSON), "unused-setting")
    }
    assert said == {
        (1, "Nothing is excluded by `gone/**`: there is no such path"),
        (2, "`no-canary-release` is ignored, but would not run anyway"),
        (4, "`no-shadow-release` has a severity, but does not run"),
        (6, "The settings for `lost/deep/**` hold nowhere: there is no such path"),
    }


# --- files that build on others -------------------------------------------------------------------


def test_a_file_builds_on_others(mllint: Run, project: Path) -> None:
    (project / "conf").mkdir()
    configured(
        project,
        'profile = "research"\nfail-on = "note"\nexclude = ["one/**"]\n'
        'ignore = { "no-ci" = "elsewhere", "no-licence" = "inside only" }\n'
        '[[waivers]]\nrule = "no-tests"\nreason = "soon"\n',
        "conf/base.toml",
    )
    configured(
        project,
        'extend = ["conf/base.toml"]\nprofile = "production"\nexclude = ["two/**"]\n'
        'extend-select = ["no-ci"]\nignore = { "no-readme" = "a draft" }\n',
    )
    shown = mllint("config", "show", "--origin").out.splitlines()
    assert 'profile = "production"  # mllint.toml:2, over conf/base.toml:1 ("research")' in shown
    assert 'fail-on = "note"  # conf/base.toml:2' in shown
    assert any(line.startswith('exclude = ["one/**", "two/**"]  # mllint.toml:3') for line in shown)
    assert 'no-licence = "inside only"  # conf/base.toml:4' in shown
    assert 'no-readme = "a draft"  # mllint.toml:5' in shown
    assert not any(line.startswith("no-ci = ") for line in shown)
    assert "[[waivers]]  # conf/base.toml:6" in shown
    assert told(mllint(*JSON).out)["project"]["config_files"] == ["conf/base.toml", "mllint.toml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('extend = ["none.toml"]\n', "mllint.toml:1: extend: none.toml: there is no such file"),
        ('extend = ["mllint.toml"]\n', "mllint.toml:1: extend: mllint.toml leads back to itself"),
        ('extend = ["https://x.example/a.toml"]\n', "is an address; name a file"),
        ('extend = ["pkg:no_such_package_here/a.toml"]\n', "no_such_package_here is not installed"),
        ('extend = ["pkg:nothing"]\n', "is not written as pkg:package/file.toml"),
        ('extend = ["pkg:json/../x.toml"]\n', "is not written as pkg:package/file.toml"),
        ("extend = [3]\n", '"extend" must be a list of texts'),
    ],
)
def test_what_cannot_be_built_on_is_told(text: str, said: str, mllint: Run, project: Path) -> None:
    configured(project, text)
    result = mllint("check")
    assert result.code == 2
    assert said in result.err


def test_a_shared_file_of_a_package_is_read_and_not_run(
    mllint: Run, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "acme_standards"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    (package / "mllint.toml").write_text('profile = "production"\n')
    monkeypatch.syspath_prepend(str(package.parent))
    configured(project, 'extend = "pkg:acme_standards/mllint.toml"\n')
    shown = mllint("config", "show", "--origin").out
    assert 'profile = "production"  # pkg:acme_standards/mllint.toml:1' in shown
    assert "acme_standards" not in sys.modules


def test_the_configuration_of_the_repository_holds_in_its_folders(
    mllint: Run, project: Path, git: Callable[..., str]
) -> None:
    ranker = project / "services" / "ranker"
    (ranker / "old").mkdir(parents=True)
    (ranker / "old/a.py").write_text(FAULT)
    (ranker / "train.py").write_text((project / "train.py").read_text())
    configured(
        project,
        'profile = "production"\nexclude = ["services/*/old/**", "elsewhere/**", "*.md"]\n'
        '[[waivers]]\nrule = "unseeded-split"\npaths = ["services/ranker/*.py"]\nreason = "x"\n'
        '[[waivers]]\nrule = "unseeded-split"\npaths = ["train.py", "tools/**"]\nreason = "y"\n',
    )
    alone = told(mllint(*JSON, "services/ranker").out)
    assert alone["project"]["config_files"] == []
    git(project, "init", "-q", "-b", "main")
    report = told(mllint(*JSON, "services/ranker").out)
    assert report["project"]["config_files"] == ["../../mllint.toml"]
    assert report["project"]["profile"] == "production"
    (split,) = (f for f in report["findings"] if f["rule"] == "unseeded-split")
    assert (split["status"], split["reason"]) == ("waived", "x")
    assert not [f for f in report["findings"] if f["rule"] == "unsafe-yaml-load"]
    configured(ranker, 'profile = "research"\n')
    assert told(mllint(*JSON, "services/ranker").out)["project"]["profile"] == "research"


# --- rules that were called otherwise ----------------------------------


def test_a_former_id_still_stands_for_its_rule(mllint: Run, project: Path) -> None:
    mine = project / "mine" / "house"
    mine.mkdir(parents=True)
    (mine / "category.toml").write_text(
        'title = "House"\nwhy = "x"\nbudget = { research = 5, internal = 5, production = 5 }\n'
    )
    (mine / "no-print.toml").write_text(
        'title = "No print"\nsource = ["000_4f0fedcbb2b0d56a"]\nseverity = "warning"\n'
        'confidence = "high"\nprofile = "research"\neffort = "5 min"\nmessage = "print"\n'
        'remedy = "x"\nwhy = "y"\nrenamed-from = ["print-used"]\n'
        '[check]\nno = "call"\nwhere = { name = "print" }\n'
    )
    train = project / "train.py"
    train.write_text(
        train.read_text().replace('["b"]))', '["b"]))  # mllint: ignore[print-used] shows it')
    )
    configured(project, 'rules = ["mine"]\n[severity]\n"print-used" = "note"\n')
    result = mllint(*JSON)
    (shown,) = found(result, "no-print")
    assert (shown["severity"], shown["status"]) == ("note", "waived")
    assert "warning: mllint.toml:3: `print-used` is called `no-print` now" in result.err
    assert "warning: train.py:9: `print-used` is called `no-print` now" in result.err
    assert mllint("check", "--select", "print-used").code == 0


# --- the older tool ------------------------------------------------------------------------


def test_the_older_configuration_is_recognised_and_migrated(mllint: Run, project: Path) -> None:
    configured(project, '[tool.mllint.rules]\ndisabled = ["ci/use"]\n', "pyproject.toml")
    result = mllint("check")
    assert "written for an older tool that was also called mllint; not read" in result.err
    assert "`mllint config migrate` prints what it comes to" in result.err
    migrated = mllint("config", "migrate")
    assert migrated.code == 0
    configured(project, migrated.out, "pyproject.toml")
    assert mllint("config", "check").code == 0
    assert found(mllint(*JSON), "no-ci") == []
    assert mllint("config", "migrate").code == 2


def test_what_is_shown_is_a_configuration_again(mllint: Run, project: Path) -> None:
    configured(
        project,
        'baseline = "known.json"\nbaseline-strict = true\nmin-score = { strict = 50 }\n'
        '[[waivers]]\nrule = "no-ci"\npaths = ["a b/**"]\nreason = "said \\"so\\""\n'
        "until = 2031-01-31\n"
        '[per-path."a b/**"]\nprofile = "research"\nignore = { "no-ci" = "x", "docs/*" = "y" }\n'
        'options = { long-notebook = { max-lines = 7 } }\n[[projects]]\npath = "a b"\n',
    )
    first = mllint("config", "show").out
    configured(project, first)
    assert mllint("config", "show").out == first
    for key in ("baseline-strict = true", 'until = "2031-01-31"', "max-lines = 7", "strict = 50"):
        assert key in first


def test_a_pair_cannot_extend(mllint: Run, project: Path) -> None:
    assert project.is_dir()
    result = mllint("check", "--config", 'extend = ["a.toml"]')
    assert result.code == 2
    assert "a file alone can extend another" in result.err
