"""`mllint check`: exit codes, streams, files, and how it ends when it is cut short."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mllint.reports.json import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def told(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    jsonschema.validate(document, schema(), jsonschema.Draft202012Validator)
    return document


@pytest.mark.parametrize("argv", [[], ["check"], ["check", "."], ["."], ["--fail-on", "error"]])
def test_check_is_what_is_meant(argv: list[str], mllint: Callable[..., Any], project: Path) -> None:
    assert project.is_dir()
    result = mllint(*argv)
    assert result.code == 1
    assert result.out.splitlines()[-1].startswith("FAILED: ")
    assert "unseeded-split" in result.out
    assert result.err == ""


def test_report_is_on_stdout_and_nothing_else(process: Callable[..., Any], project: Path) -> None:
    result = process("check", "--format", "json", cwd=project)
    assert result.code == 1
    assert result.err == ""
    document = told(result.out)
    assert document["gate"]["exit_code"] == 1
    assert "unseeded-split" in {f["rule"] for f in document["findings"]}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--fail-on", "never"], 0),
        (["--exit-zero"], 0),
        (["--fail-on", "never", "--min-score", "100"], 1),
        (["--fail-on", "never", "--min-score", "100", "--exit-zero"], 0),
        (["--fail-on", "never", "--min-score", "splits=100"], 1),
        (["--fail-on", "never", "--min-score", "0"], 0),
        (["--select", "unseeded-split", "--fail-on", "note"], 1),
        (["--select", "no-such-rule"], 2),
        (["--ignore", "all"], 0),
        (["--select", "unseeded-split", "--exclude", "*.py"], 0),
    ],
)
def test_exit_code_depends_on_the_gate_and_not_on_the_format(
    argv: list[str], code: int, mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    assert [mllint("check", "--format", form, *argv).code for form in ("text", "json")] == [
        code
    ] * 2


def test_failed_gate_says_which(mllint: Callable[..., Any], project: Path) -> None:
    assert project.is_dir()
    last = mllint("--fail-on", "never", "--min-score", "100").out.splitlines()[-1]
    assert last.startswith("FAILED: score ")


def test_format_and_profile_come_from_the_environment(
    mllint: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.is_dir()
    monkeypatch.setenv("MLLINT_FORMAT", "json")
    monkeypatch.setenv("MLLINT_PROFILE", "production")
    assert told(mllint("check").out)["project"]["profile"] == "production"


def test_reports_go_to_files_as_well(mllint: Callable[..., Any], project: Path) -> None:
    old = project / "report.json"
    old.write_text("old")
    old.chmod(0o640)
    result = mllint("check", "-o", "json=report.json", "-o", "text=report.txt")
    assert "Score" in result.out
    assert told(old.read_text())["version"] == 1
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert "\x1b" not in (project / "report.txt").read_text()
    assert sorted(p.name for p in project.iterdir()) == [
        "README.md", "report.json", "report.txt", "train.py",
    ]  # fmt: skip


def test_report_follows_a_link_and_fills_a_device(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "link.json").symlink_to("real.json")
    assert mllint("check", "-o", "json=link.json", "-o", f"json={os.devnull}").code == 1
    assert (project / "link.json").is_symlink()
    assert told((project / "real.json").read_text())["version"] == 1


def test_single_file_gives_its_findings_and_no_score(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "other.py").write_text((project / "train.py").read_text())
    document = told(mllint("check", "train.py", "--format", "json").out)
    assert document["score"] is None
    assert {f["location"]["path"] for f in document["findings"]} == {"train.py"}
    assert "No score" in mllint("check", "train.py").out


def test_file_elsewhere_belongs_to_its_own_folder(
    mllint: Callable[..., Any], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    document = told(mllint("check", str(project / "train.py"), "--format", "json").out)
    assert document["project"]["root"] == str(project)
    assert {f["location"]["path"] for f in document["findings"]} == {"train.py"}


def test_current_folder_among_the_paths_is_the_whole(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    assert told(mllint("check", ".", "train.py", "--format", "json").out)["score"] is not None


@pytest.mark.parametrize("scope", ["files", "repo"])
def test_scope_is_partial(scope: str, mllint: Callable[..., Any], project: Path) -> None:
    assert project.is_dir()
    document = told(mllint("check", "--scope", scope, "--format", "json").out)
    assert document["score"] is None
    assert {f["about_repository"] for f in document["findings"]} == {scope == "repo"}


def test_empty_folder_is_fine_and_said_to_be_empty(
    mllint: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    result = mllint("check", str(tmp_path / "empty"))
    assert result.code == 0
    assert "there is no file to look at" in result.err
    assert result.out.splitlines()[-1].startswith("OK")


def test_unread_file_ends_in_3_only_when_strict(mllint: Callable[..., Any], project: Path) -> None:
    (project / "broken.ipynb").write_text("{")
    assert mllint("check", "--fail-on", "never").code == 0
    result = mllint("check", "--fail-on", "never", "--strict")
    assert result.code == 3
    assert "could not be read" in result.out.splitlines()[-1]


def test_quiet_gives_a_line_per_finding_and_the_verdict(
    mllint: Callable[..., Any], project: Path
) -> None:
    assert project.is_dir()
    lines = mllint("check", "-q").out.splitlines()
    assert any(line.startswith("train.py:6:") and "unseeded-split" in line for line in lines)
    assert len(mllint("check", "-qq").out.splitlines()) == 1


def test_colour_is_for_terminals_unless_asked_for(
    mllint: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.is_dir()
    assert "\x1b[" not in mllint("check").out
    assert "\x1b[" in mllint("check", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in mllint("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in mllint("check").out


def test_stdout_that_is_not_utf8_gets_ascii(process: Callable[..., Any], project: Path) -> None:
    (project / "naïve.py").write_text((project / "train.py").read_text())
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = process("check", cwd=project, env=env)
    assert result.code == 1
    assert "na\\xefve.py" in result.out
    assert result.out.isascii()


def test_settings_of_the_project_count_unless_isolated(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "mllint.toml").write_text('fail-on = "never"\nprofile = "research"\n')
    result = mllint("check")
    assert result.code == 0
    assert "profile research (mllint.toml:2)" in result.out
    assert mllint("check", "--isolated").code == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "mllint.toml"])
def test_broken_toml_ends_in_2_with_its_line(
    name: str, mllint: Callable[..., Any], project: Path
) -> None:
    (project / name).write_text("[x]\ny = = 1\n")
    result = mllint("check")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {name}:2: is not valid TOML")


def test_closed_pipe_is_silent(project: Path) -> None:
    command = [sys.executable, "-m", "mllint", "check", "--show", "all", "-v"]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 1


def failing(error: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """A run in which the engine raises."""
    code = (
        "import sys, mllint.engine, mllint.cli\n"
        f"def run(*_, **__): {error}\n"
        "mllint.engine.run = run\n"
        "mllint.cli.main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_fault_of_ours_ends_in_3_with_a_text_for_an_issue(project: Path) -> None:
    assert project.is_dir()
    done = failing("raise KeyError('secret')", "check", "--profile", "research")
    assert (done.returncode, done.stdout) == (3, "")
    assert "mllint failed: KeyError" in done.stderr
    assert "options: --profile" in done.stderr
    assert "Traceback" not in done.stderr
    assert str(project) not in done.stderr


def test_traceback_is_shown_on_request(project: Path) -> None:
    assert project.is_dir()
    assert "Traceback" in failing("raise KeyError(1)", "check", "-v").stderr


def test_interrupt_ends_in_130(project: Path) -> None:
    assert project.is_dir()
    done = failing("raise KeyboardInterrupt", "check")
    assert (done.returncode, done.stdout, done.stderr.strip()) == (130, "", "interrupted")
