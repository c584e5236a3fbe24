"""`mllint init`: what it proposes for which project, and what it writes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import tomli
import yaml

from tests.samples import FAULTY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOOKS = ".pre-commit-config.yaml"
WORKFLOW = ".github/workflows/mllint.yml"
BASELINE = ".mllint-baseline.json"
SERVES = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")


@app.post("/predict")
def predict(rows: list[list[float]]):
    return model.predict(rows).tolist()
"""


def git(root: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


@pytest.fixture(name="repo")
def fixture_repo(project: Path) -> Path:
    """The small project under git, with a remote on GitHub, a manifest and a fault."""
    (project / "pyproject.toml").write_text('[project]\nname = "rows"  # ours\n')
    (project / "net.py").write_text(FAULTY)
    git(project, "init", "-q", "-b", "trunk")
    git(project, "remote", "add", "origin", "git@github.com:acme/rows.git")
    commit(project)
    return project


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "change")


def state(root: Path) -> dict[str, bytes]:
    files = (p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts)
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def test_everything_is_proposed_and_nothing_written_without_being_asked(
    mllint: Callable[..., Any], repo: Path
) -> None:
    before = state(repo)
    result = mllint("init")
    assert result.code == 2
    assert "hint: --yes writes it" in result.err
    for path in ("pyproject.toml", HOOKS, WORKFLOW, BASELINE):
        assert f"+++ b/{path}\n" in result.out
    assert state(repo) == before


def test_dry_run_shows_a_patch_that_git_applies(mllint: Callable[..., Any], repo: Path) -> None:
    before = state(repo)
    result = mllint("init", "--dry-run")
    assert (result.code, state(repo)) == (0, before)
    (repo.parent / "p.diff").write_text(result.out)
    git(repo, "apply", "../p.diff")
    patched = state(repo)
    git(repo, "checkout", "-q", ".")
    git(repo, "clean", "-qfd")
    assert mllint("init", "--yes").code == 0
    assert state(repo) == patched


def test_after_init_only_what_is_new_fails(mllint: Callable[..., Any], repo: Path) -> None:
    assert mllint("check").code == 1
    result = mllint("init", "--yes")
    assert result.code == 0
    assert "pre-commit install" in result.out
    commit(repo)
    assert mllint("check").code == 0
    (repo / "more.py").write_text(FAULTY.replace("train", "again"))
    after = mllint("check", "-q")
    assert after.code == 1
    assert "more.py" in after.out
    assert "net.py" not in after.out


def test_twice_is_once(mllint: Callable[..., Any], repo: Path) -> None:
    assert mllint("init", "--yes").code == 0
    first = state(repo)
    result = mllint("init", "--yes")
    assert result.code == 0
    assert "Nothing to write" in result.out
    assert state(repo) == first
    for said in ("has settings of mllint", "has the hooks", "runs mllint", "is there already"):
        assert said in result.err


def test_what_is_written_says_what_it_should(mllint: Callable[..., Any], repo: Path) -> None:
    mllint("init", "--yes", "--profile", "production")
    text = (repo / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "rows"  # ours\n')
    assert tomli.loads(text)["tool"]["mllint"] == {"ruleset": "2026.1", "profile": "production"}
    hooks = yaml.safe_load((repo / HOOKS).read_text())["repos"][0]
    assert [hook["id"] for hook in hooks["hooks"]] == ["mllint", "mllint-repo"]
    workflow = yaml.safe_load((repo / WORKFLOW).read_text())
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["mllint"]["steps"]
    assert steps[0]["with"]["fetch-depth"] == 0
    assert steps[1]["uses"].startswith("OWNER/mllint@v")


def test_a_clean_project_gets_no_baseline(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / "net.py").unlink()
    (repo / "train.py").write_text("print(1)\n")
    commit(repo)
    assert BASELINE not in mllint("init", "--dry-run").out


@pytest.mark.parametrize(
    ("part", "path"),
    [("config", "pyproject.toml"), ("hook", HOOKS), ("ci", WORKFLOW), ("baseline", BASELINE)],
)
def test_a_part_can_be_left_out(
    part: str, path: str, mllint: Callable[..., Any], repo: Path
) -> None:
    assert repo.is_dir()
    out = mllint("init", "--dry-run", "--without", part).out
    assert f"+++ b/{path}\n" not in out
    assert out.count("+++ b/") == 3


def test_hooks_come_from_a_mirror(mllint: Callable[..., Any], repo: Path) -> None:
    assert repo.is_dir()
    out = mllint("init", "--dry-run", "--source", "https://git.acme.example/mllint").out
    assert "+  - repo: https://git.acme.example/mllint\n" in out
    assert "git+https://git.acme.example/mllint@v" in out


def test_branch_is_the_one_that_work_is_merged_into(mllint: Callable[..., Any], repo: Path) -> None:
    assert "branches: [main, master]" in mllint("init", "--dry-run").out
    git(repo, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    git(repo, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert "branches: [trunk]" in mllint("init", "--dry-run").out


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("Jenkinsfile", "pipeline {}\n", "Jenkinsfile: add these lines"),
        (".circleci/config.yml", "version: 2.1\n", ".circleci/config.yml: add these lines"),
        (".travis.yml", "script: mllint check\n", ".travis.yml: runs mllint already"),
        ("ops/azure-pipelines.yml", "steps:\n- script: pytest\n", "ops/azure-pipelines.yml: add"),
        ("lefthook.yml", "pre-commit: {}\n", "lefthook.yml: let the hook run"),
        (HOOKS, "repos: []\n", f"{HOOKS}: add this to `repos`"),
        (HOOKS, "repos: [\n", f"{HOOKS}: add this to `repos`"),
        (".gitlab-ci.yml", "a: &a [1\n", ".gitlab-ci.yml: add this job"),
        (".github/workflows/x.yml", "jobs: {a: {steps: [{run: mllint}]}}\n", "x.yml: runs mllint"),
    ],
)
def test_what_is_not_touched_is_said(
    path: str, text: str, said: str, mllint: Callable[..., Any], repo: Path
) -> None:
    (repo / path).parent.mkdir(parents=True, exist_ok=True)
    (repo / path).write_text(text)
    result = mllint("init", "--dry-run")
    assert result.code == 0
    assert said in result.err
    assert f"+++ b/{path}\n" not in result.out


def test_other_ci_is_not_joined_by_a_workflow(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / "Jenkinsfile").write_text(
        "pipeline { stages { stage('a') { steps { sh 'make' } } } }\n"
    )
    assert WORKFLOW not in mllint("init", "--dry-run").out


def test_gitlab_gets_a_job(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / ".gitlab-ci.yml").write_text("stages: [build, checks]\nmake:\n  script: [make]\n")
    assert mllint("init", "--yes").code == 0
    job = yaml.safe_load((repo / ".gitlab-ci.yml").read_text())["mllint"]
    assert job["stage"] == "checks"
    assert job["artifacts"]["reports"]["junit"] == "mllint-junit.xml"
    assert not (repo / WORKFLOW).exists()


def test_without_ci_and_remote_two_lines_are_said(mllint: Callable[..., Any], repo: Path) -> None:
    git(repo, "remote", "remove", "origin")
    result = mllint("init", "--dry-run")
    assert WORKFLOW not in result.out
    assert "    mllint check\n" in result.err


def test_without_git_there_is_no_hook(mllint: Callable[..., Any], project: Path) -> None:
    assert mllint("init", "--yes").code == 0
    assert (project / "mllint.toml").read_text() == 'ruleset = "2026.1"\nprofile = "research"\n'
    assert not (project / HOOKS).exists()


def test_hook_and_workflow_belong_at_the_top(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / "part").mkdir()
    (repo / "part/net.py").write_text(FAULTY)
    result = mllint("init", "part", "--yes")
    assert result.code == 0
    assert "they belong at its top" in result.err
    assert sorted(state(repo / "part")) == [BASELINE, "mllint.toml", "net.py"]


def test_settings_of_the_older_tool_are_taken_over(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / ".mllint.yml").write_text("rules:\n  disabled: [ci/use]\n  custom:\n    - name: Mine\n")
    result = mllint("init", "--yes")
    table = tomli.loads((repo / "pyproject.toml").read_text())["tool"]["mllint"]
    assert table["ignore"] == {"no-ci": "disabled before as ci/use"}
    assert "settings of the older tool are taken over" in result.err
    assert 'not taken over: rules.custom: "Mine"' in result.err
    assert (repo / ".mllint.yml").exists()


def test_tables_of_the_older_tool_stay_where_they_are(
    mllint: Callable[..., Any], repo: Path
) -> None:
    text = '[tool.mllint.rules]\ndisabled = ["ci/use"]\n'
    (repo / "pyproject.toml").write_text(text)
    assert mllint("init", "--yes").code == 0
    assert (repo / "pyproject.toml").read_text() == text
    assert "[ignore]" in (repo / "mllint.toml").read_text()
    assert "Nothing to write" in mllint("init", "--yes").out


def test_a_file_that_cannot_be_written_is_said(mllint: Callable[..., Any], repo: Path) -> None:
    (repo / ".github").write_text("a file where a folder should be\n")
    result = mllint("init", "--yes")
    assert result.code == 2
    assert "error: .github/workflows/mllint.yml: cannot be written" in result.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["init", "nowhere"], "nowhere: is not there"),
        (["init", "train.py"], "train.py: is no folder"),
        (["init", "--yes", "--dry-run"], "do not go together"),
        (["init", "--without", "x"], "'x' is not one of"),
    ],
)
def test_wrong_usage(argv: list[str], said: str, mllint: Callable[..., Any], repo: Path) -> None:
    assert repo.is_dir()
    result = mllint(*argv)
    assert result.code == 2
    assert said in result.err


def test_at_a_terminal_a_yes_writes(terminal: Callable[..., Any], repo: Path) -> None:
    screen = terminal("init")
    screen.wait_for("[y/N]")
    screen.type("y\n")
    code, shown = screen.end()
    assert code == 0
    assert "Write pyproject.toml, " in shown
    assert "+++ b/pyproject.toml" in shown
    assert (repo / HOOKS).exists()


@pytest.mark.parametrize(("answer", "code"), [("n\n", 0), ("\n", 0), ("\x04", 130)])
def test_at_a_terminal_anything_else_writes_nothing(
    answer: str, code: int, terminal: Callable[..., Any], repo: Path
) -> None:
    before = state(repo)
    screen = terminal("init")
    screen.wait_for("[y/N]")
    screen.type(answer)
    assert screen.end()[0] == code
    assert state(repo) == before


def test_who_serves_is_asked_for_the_profile(
    mllint: Callable[..., Any], terminal: Callable[..., Any], repo: Path
) -> None:
    (repo / "app.py").write_text(SERVES)
    commit(repo)
    result = mllint("init", "--dry-run")
    assert '+profile = "internal"\n' in result.out
    assert "hint: if users or decisions depend on it" in result.err
    screen = terminal("init")
    screen.wait_for("(profile production)? [y/N]")
    screen.type("y\n")
    screen.wait_for("Write pyproject.toml")
    screen.type("y\n")
    assert screen.end()[0] == 0
    assert 'profile = "production"' in (repo / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("extra", "profile"),
    [({}, "research"), ({"tests/test_net.py": "def test_a():\n    assert 1\n"}, "internal")],
)
def test_profile_follows_what_the_project_has(
    extra: dict[str, str], profile: str, mllint: Callable[..., Any], repo: Path
) -> None:
    (repo / "pyproject.toml").unlink()
    for path, text in extra.items():
        (repo / path).parent.mkdir()
        (repo / path).write_text(text)
    result = mllint("init", "--dry-run")
    assert f'+profile = "{profile}"\n' in result.out
    assert f"profile {profile}: " in result.err
