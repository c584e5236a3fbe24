"""Formats through the command line: real files, hostile names, several reports in one run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from mllint.linehash import LineHashes
from mllint.reports import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMAS = Path(__file__).parent.parent / "schemas"
HOSTILE = [
    "::error::x",
    "%0A::warning::x",
    "<script>x",
    "]]>",
    "\x1b[31m",
    "a`b|c",
    "@all #1",
    "[x](y)",
]
CELL = ["from sklearn.model_selection import train_test_split\n", "a, b = train_test_split(X, y)"]
ALL = [f"{name}=out/{name}.{number}" for number, name in enumerate(FORMATS)]


def notebook(*, indent: int | None) -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Rows"]},
        {
            "cell_type": "code", "id": "8f3a", "execution_count": 1, "metadata": {}, "outputs": [],
            "source": CELL,
        },
    ]  # fmt: skip
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=indent
    )


def outputs(folder: Path) -> list[str]:
    (folder / "out").mkdir()
    return [part for name in ALL for part in ("-o", name)]


def read(folder: Path, name: str) -> str:
    number = list(FORMATS).index(name)
    return (folder / "out" / f"{name}.{number}").read_text("utf-8")


def valid_sarif(text: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(text)
    for name, kind in (
        ("sarif-schema-2.1.0", jsonschema.Draft4Validator),
        ("github-code-scanning", jsonschema.Draft202012Validator),
    ):
        kind(json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))).validate(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def test_every_format_is_written_in_one_run(mllint: Callable[..., Any], project: Path) -> None:
    result = mllint("check", *outputs(project), "--exclude", "out")
    assert result.code == 1
    assert "Score" in result.out
    assert len(list((project / "out").iterdir())) == len(FORMATS)
    valid_sarif(read(project, "sarif"))
    for name in ("gitlab", "sonar", "rdjson", "badge-json"):
        json.loads(read(project, name))
    ET.fromstring(read(project, "junit"))  # noqa: S314 - ours
    assert read(project, "github").startswith("::error ")
    assert read(project, "markdown").startswith("# mllint: ")


def test_exit_code_is_the_same_in_every_format(mllint: Callable[..., Any], project: Path) -> None:
    assert project.is_dir()
    for name in FORMATS:
        assert mllint("check", "--format", name).code == 1, name
        assert mllint("check", "--format", name, "--fail-on", "never").code == 0, name


def test_hash_is_that_of_the_line(mllint: Callable[..., Any], project: Path) -> None:
    (project / "bom.py").write_bytes(b"\xef\xbb\xbf" + (project / "train.py").read_bytes())
    results = valid_sarif(mllint("check", "--format", "sarif").out)["results"]
    hashed = 0
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        text = (project / place["artifactLocation"]["uri"]).read_bytes().decode()
        line = place["region"]["startLine"]
        assert result["partialFingerprints"]["primaryLocationLineHash"] == LineHashes(text).at(line)
        hashed += 1
    assert hashed > 3


@pytest.mark.parametrize("indent", [1, 4, None])
def test_notebook_is_marked_at_the_line_of_its_file(
    indent: int | None, mllint: Callable[..., Any], project: Path
) -> None:
    text = notebook(indent=indent)
    (project / "split.ipynb").write_text(text)
    line = next(n for n, row in enumerate(text.split("\n"), 1) if "a, b = train" in row)
    assert mllint("check", "--exit-zero", *outputs(project), "--exclude", "out").code == 0
    run = valid_sarif(read(project, "sarif"))
    found = next(
        r
        for r in run["results"]
        if r["ruleId"] == "unseeded-split"
        and r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "split.ipynb"
    )
    assert found["message"]["text"].startswith("Cell 2, line 2: ")
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == line
    assert f"file=split.ipynb,line={line}::Cell 2, line 2: " in read(project, "github")
    gitlab = [i for i in json.loads(read(project, "gitlab")) if i["check_name"] == "unseeded-split"]
    assert {"path": "split.ipynb", "lines": {"begin": line, "end": line}} in [
        i["location"] for i in gitlab
    ]


def test_hostile_names_break_no_format(mllint: Callable[..., Any], project: Path) -> None:
    source = (project / "train.py").read_bytes()
    names = [f"{name}.py".encode() for name in HOSTILE] + [b"\xff.py", b"a\nb.py"]
    for raw in names:
        (project / os.fsdecode(raw)).write_bytes(source)
    result = mllint("check", *outputs(project), "--exclude", "out", "--max-findings", "0")
    assert result.code == 1
    uris = {
        unquote_to_bytes(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for r in valid_sarif(read(project, "sarif"))["results"]
    }
    assert {b"::error::x.py", b"%0A::warning::x.py", b"]]>.py", b"@all #1.py"} <= uris
    for line in read(project, "github").split("\n")[:-1]:
        assert re.fullmatch(r"::(error|warning|notice) [^:]*::.*", line)
    ET.fromstring(read(project, "junit"))  # noqa: S314 - ours
    assert "<script>x" not in re.sub(r"`[^`\n]*`", "", read(project, "markdown").split("```")[0])
    for name in FORMATS:
        assert "\x1b" not in read(project, name)


def test_paths_count_from_the_top_of_the_repository(
    mllint: Callable[..., Any], project: Path
) -> None:
    inner = project / "services" / "rank"
    inner.mkdir(parents=True)
    (project / "train.py").rename(inner / "train.py")
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    run = valid_sarif(mllint("check", str(inner), "--format", "sarif").out)
    assert run["automationDetails"]["id"] == "mllint/services/rank/"
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }
    assert "services/rank/train.py" in uris


def test_suppressed_results_are_in_sarif_only_where_asked_for(
    mllint: Callable[..., Any], project: Path
) -> None:
    path = project / "train.py"
    comment = "train_test_split(frame)  # mllint: ignore[unseeded-split] on purpose"
    path.write_text(path.read_text().replace("train_test_split(frame)", comment))
    plain = valid_sarif(mllint("check", "--format", "sarif").out)["results"]
    told = valid_sarif(mllint("check", "--format", "sarif", "--sarif-suppressed").out)["results"]
    assert [r["ruleId"] for r in plain if "suppressions" in r] == []
    suppressed = [r for r in told if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["unseeded-split"]
    assert suppressed[0]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "on purpose"}
    ]


# --- in GitHub Actions ---------------------------------------------------------------------------


@pytest.fixture(name="actions")
def fixture_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The job summary of a made-up run in GitHub Actions."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def test_actions_get_text_annotations_and_a_summary(
    mllint: Callable[..., Any], project: Path, actions: Path
) -> None:
    assert project.is_dir()
    result = mllint("check")
    assert result.code == 1
    assert "Score" in result.out
    assert " title=unseeded-split,file=train.py,line=6," in result.err
    assert actions.read_text().startswith("before\n# mllint: ")


def test_annotations_are_printed_where_they_are_the_format(
    mllint: Callable[..., Any], project: Path, actions: Path
) -> None:
    assert project.is_dir()
    result = mllint("check", "--format", "github")
    assert result.out.startswith("::error ")
    assert "::error" not in result.err
    assert "# mllint: " in actions.read_text()


def test_other_formats_leave_actions_alone(
    mllint: Callable[..., Any], project: Path, actions: Path
) -> None:
    assert project.is_dir()
    assert mllint("check", "--format", "text").err == ""
    assert mllint("check", "--format", "json").err == ""
    assert actions.read_text() == "before\n"


def test_text_is_no_command_in_actions(
    mllint: Callable[..., Any], project: Path, actions: Path
) -> None:
    assert actions.exists()
    for name in ("##[error]x.py", "::stop-commands::x.py", "##vso[task.x]y.py"):
        (project / name).write_bytes((project / "train.py").read_bytes())
    for words in ("-q", "--format=text", "--format=junit", "--format=markdown"):
        out = mllint("check", "--max-findings", "0", words).out
        assert not re.search(r"(?m)^\s*::|##\[|##vso\[", out)
        assert r"\x3a:stop-commands::x.py" in out or "::stop-commands::x.py" in out


def test_summary_that_cannot_be_written_is_a_warning(
    mllint: Callable[..., Any], project: Path, actions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.is_dir()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(actions.parent / "none" / "x.md"))
    result = mllint("check")
    assert result.code == 1
    assert "warning: the job summary cannot be written" in result.err


def test_places_are_links_to_the_commit(
    mllint: Callable[..., Any], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.is_dir()
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://host")
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    shown = mllint("check", "--format", "markdown").out
    assert f"](https://host/o/r/blob/{'a' * 40}/train.py#L6)" in shown
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r) [x](http://evil")
    assert "evil" not in mllint("check", "--format", "markdown").out


# --- render --------------------------------------------------------------------------------------


def test_rendered_report_is_that_of_the_run(mllint: Callable[..., Any], project: Path) -> None:
    (project / "split.ipynb").write_text(notebook(indent=1))
    direct = [word for name in FORMATS for word in ("-o", f"{name}={name}.direct")]
    assert mllint("check", *direct, "-o", "json=report.json", "--no-cache").code == 1
    again = [word for name in FORMATS for word in ("-o", f"{name}={name}.again")]
    result = mllint("render", "report.json", *again)
    assert (result.code, result.out, result.err) == (0, "", "")
    for name in FORMATS:
        was, is_ = ((project / f"{name}.{p}").read_text("utf-8") for p in ("direct", "again"))
        if name == "text":  # its head says which project it was
            head, is_ = is_.split("\n", 3)[1], is_.split("\n", 3)[3]
            assert str(project) in head
            was = was.split("\n", 2)[2]
        assert is_ == was, name


def test_render_prints_where_no_file_is_named(mllint: Callable[..., Any], project: Path) -> None:
    mllint("check", "-o", "json=report.json")
    (project / "train.py").unlink()
    assert "Score" in mllint("render", "report.json").out
    assert mllint("render", "report.json", "--format", "github").out.startswith("::error ")
    both = mllint("render", "report.json", "--format", "badge-json", "-o", "markdown=r.md")
    assert json.loads(both.out)["label"] == "mllint"
    assert (project / "r.md").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "r.json: cannot be read"),
        ("{}", "r.json: is no JSON report of mllint"),
        ('{"schema": "mllint-report-9", "version": 9}', "reads version 1"),
    ],
)
def test_render_refuses_what_is_no_report(
    text: str | None, said: str, mllint: Callable[..., Any], project: Path
) -> None:
    if text is not None:
        (project / "r.json").write_text(text)
    result = mllint("render", "r.json")
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_render_reads_stdin(process: Callable[..., Any], project: Path) -> None:
    report = process("check", "--format", "json", cwd=project).out
    done = process("render", "-", "--format", "badge-json", cwd=project, input=report.encode())
    assert json.loads(done.out)["schemaVersion"] == 1


def test_module_of_a_format_is_loaded_only_where_it_is_asked_for(project: Path) -> None:
    code = (
        "import sys\n"
        "from mllint.cli import run\n"
        "run(sys.argv[1:])\n"
        "loaded = sorted(m for m in sys.modules if m.startswith('mllint.reports.'))\n"
        "sys.stderr.write(' '.join(loaded))\n"
    )
    loaded = {}
    for name in ("text", "sarif"):
        done = subprocess.run(
            [sys.executable, "-c", code, "check", "--format", name],
            cwd=project, capture_output=True, check=True,
        )  # fmt: skip
        loaded[name] = set(done.stderr.decode().split())
    foreign = {f"mllint.reports.{n.replace('-', '_')}" for n in FORMATS} - {"mllint.reports.text"}
    assert not loaded["text"] & foreign
    assert loaded["sarif"] & foreign == {"mllint.reports.sarif", "mllint.reports.json"}
