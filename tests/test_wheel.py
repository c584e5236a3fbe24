"""The wheel: built, installed where nothing of the checkout is, and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import mllint

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", name="wheel")
def fixture_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout with what is installed here; nothing is downloaded."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", name="installed")
def fixture_installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a fresh environment that holds the wheel.

    The libraries that it needs are those of this environment: they come last on its path, and this
    checkout, which is installed here as editable, does not come at all.
    """
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    commands = folder / ("Scripts" if os.name == "nt" else "bin")
    python = commands / "python"
    words = ["--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, capture_output=True)
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True)
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(site.stdout.strip()) / "libraries.pth").write_text("\n".join(libraries))
    return commands


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "MLLINT_CACHE_DIR": str(tmp_path / "cache")}


def run(command: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [command, *words],
        cwd=folder,
        env=environment(folder),
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_all_that_is_read_at_run_time(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src" / "mllint"
    code = {
        f"mllint/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    rules = {
        f"mllint/rules/{path.relative_to(ROOT / 'rules').as_posix()}"
        for path in (ROOT / "rules").rglob("*.toml")
    }
    assert code | rules <= names
    assert {"mllint/py.typed", "mllint/reports/report.schema.json"} <= names
    others = {name for name in names if not name.startswith("mllint/")}
    assert {name.partition("/")[0] for name in others} == {
        f"mlrepo_lint-{mllint.__version__}.dist-info"
    }
    assert any(name.endswith("/licenses/LICENSE") for name in others)


def test_the_metadata_is_complete(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        text = archive.read(name).decode()
    for line in ("Name: mlrepo-lint", "License-Expression: MIT", "Requires-Python: >=3.10"):
        assert f"\n{line}\n" in text
    assert "Description-Content-Type: text/markdown" in text


@pytest.mark.parametrize("name", ["mllint", "mlrepo-lint"])
def test_both_commands_are_there(name: str, installed: Path, tmp_path: Path) -> None:
    done = run(installed / name, "--version", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"mllint {mllint.__version__}\n")


def test_the_installed_one_is_what_runs(installed: Path, tmp_path: Path) -> None:
    asked = "import mllint; print(mllint.__file__)"
    done = run(installed / "python", "-c", asked, folder=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


def test_the_example_is_checked_as_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "churn", tmp_path / "churn")
    words = ["check", "churn", "--format", "json", "--no-cache"]
    done = run(installed / "mllint", *words, folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert len(report["rules"]) + len(report["disabled"]) >= 60
    assert "unseeded-split" in {finding["rule"] for finding in report["findings"]}
    here = run(Path(sys.executable), "-m", "mllint", *words, folder=tmp_path)
    own = json.loads(here.stdout)
    for one in (report, own):
        one["run"]["duration_ms"] = 0
    assert report == own


def test_rules_and_schema_are_found(installed: Path, tmp_path: Path) -> None:
    mllint_ = installed / "mllint"
    explained = run(mllint_, "explain", "unseeded-split", folder=tmp_path)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "Bad" in explained.stdout
    schema = run(mllint_, "config", "schema", folder=tmp_path)
    assert json.loads(schema.stdout)["type"] == "object"
    listed = run(mllint_, "rules", folder=tmp_path)
    assert "no-readme" in listed.stdout


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(archive, tmp_path, filter="data")
    (source,) = [path for path in tmp_path.iterdir() if path.is_dir()]
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=source, check=True, capture_output=True)
    (again,) = tmp_path.glob("*.whl")
    names = [set(zipfile.ZipFile(one).namelist()) for one in (wheel, again)]
    assert names[0] == names[1]
