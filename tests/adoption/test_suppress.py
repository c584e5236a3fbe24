"""What waives a finding, in every kind of file, and what is said of waivers."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from mllint.waiver import Waiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from mllint.review import Report

    Judge = Callable[..., Report]

LOAD = "import yaml\n\nconfig = yaml.load(open(path))"
CODE = f"{LOAD}{{}}\n"


def told(report: Report) -> list[tuple[str, str]]:
    """Rule and status of every finding."""
    return sorted((f.rule, f.status) for f in report.findings)


def notebook(*cells: dict[str, Any], **metadata: Any) -> str:
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book)


def cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code", "id": "a1", "source": source, "metadata": metadata, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


DECORATED = """\
import yaml

# mllint: ignore[unsafe-yaml-load] x
@wrap(yaml.load(a))
def f(b=yaml.load(a)):
    return b
"""
NEAR = 'No rule, category, practice or tag is called "unsafe-yaml-lod"'
WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: one/two@main{}
"""


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("a.py", f"{LOAD}  # mllint: ignore[unsafe-yaml-load] x\n", "unsafe-yaml-load"),
        ("a.py", f"# mllint: file-ignore[unsafe-yaml-load] x\n{LOAD}\n", "unsafe-yaml-load"),
        ("a.py", f"# mllint: file-ignore[security/*] x\n{LOAD}\n", "unsafe-yaml-load"),
        (
            "a.py",
            "import yaml\n\n# mllint: ignore[unsafe-yaml-load] x\nc = yaml.load(\n    a,\n)\n",
            "unsafe-yaml-load",
        ),
        (
            "a.py",
            "import yaml\n\nc = yaml.load(\n    a,\n)  # mllint: ignore[unsafe-yaml-load] x\n",
            "unsafe-yaml-load",
        ),
        (
            "a.py",
            DECORATED,
            "unsafe-yaml-load",
        ),
        (
            ".github/workflows/ci.yml",
            WORKFLOW.format("  # mllint: ignore[unpinned-action] x"),
            "unpinned-action",
        ),
        (
            "Dockerfile",
            "# mllint: ignore[unpinned-base-image] x\nFROM python\nUSER me\n",
            "unpinned-base-image",
        ),
        (
            "a.ipynb",
            notebook(cell(f"{LOAD}  # mllint: ignore[unsafe-yaml-load] x")),
            "unsafe-yaml-load",
        ),
        (
            "a.ipynb",
            notebook(cell(LOAD, mllint={"ignore": ["unsafe-yaml-load"], "reason": "x"})),
            "unsafe-yaml-load",
        ),
        (
            "a.ipynb",
            notebook(cell(LOAD), mllint={"ignore": ["unsafe-yaml-load"], "reason": "x"}),
            "unsafe-yaml-load",
        ),
        (
            "a.ipynb",
            notebook(cell(f"# mllint: file-ignore[unsafe-yaml-load] x\n{LOAD}")),
            "unsafe-yaml-load",
        ),
    ],
)
def test_every_host_can_waive(path: str, text: str, rule: str, judge: Judge) -> None:
    report = judge({path: text})
    assert set(told(report)) == {(rule, "waived")}
    assert {f.reason for f in report.findings} == {"x"}


def test_a_requirement_is_waived_where_it_stands(judge: Judge) -> None:
    text = "numpy==1.26.4\npandas  # mllint: ignore[unpinned-dependency] x\ntorch\n"
    files = {"requirements.txt": text, "a.py": "import torch\n"}
    report = judge(files, ("unpinned-dependency",))
    assert [f.status for f in report.findings if f.at.line == 2] in ([], ["waived"])


@pytest.mark.parametrize(
    ("comment", "rule", "text"),
    [
        (
            "# mllint: ignore[absolute-path] x",
            "unused-suppression",
            "`absolute-path` is suppressed here, but nothing of it was found",
        ),
        (
            "# mllint: ignore[unsafe-yaml-lod] x",
            "unknown-suppression",
            f'{NEAR}; did you mean "unsafe-yaml-load"?',
        ),
        (
            "# mllint: ignore",
            "malformed-suppression",
            "This suppression names no rule: write `ignore[rule-id]`",
        ),
        (
            "# mllint: ignore[all] x",
            "malformed-suppression",
            "This suppression names every rule by `all`: name those that are meant",
        ),
        (
            "# mllint: file-ignore[unsafe-yaml-load] x",
            "malformed-suppression",
            "This suppression is meant for the whole file, but stands below its first statement",
        ),
    ],
)
def test_what_waives_nothing_is_said(comment: str, rule: str, text: str, judge: Judge) -> None:
    report = judge({"a.py": CODE.format(f"  {comment}")})
    (said,) = (f for f in report.findings if f.rule == rule)
    assert (said.message, str(said.at)) == (text, "a.py:3:33")
    assert ("unsafe-yaml-load", "new") in told(report)


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("kind=wrong x", "has an unknown kind `wrong`"),
        ("until=soon x", "ends on `soon`, which is no day"),
    ],
)
def test_a_waiver_with_a_wrong_word_holds_and_is_reported(
    comment: str, text: str, judge: Judge
) -> None:
    report = judge({"a.py": CODE.format(f"  # mllint: ignore[unsafe-yaml-load] {comment}")})
    assert told(report) == [("malformed-suppression", "new"), ("unsafe-yaml-load", "waived")]
    assert text in report.findings[0].message


@pytest.mark.parametrize(
    "comment", ["# mllint: ignore[unsafe-yaml-load]", "# noqa: unsafe-yaml-load"]
)
def test_without_a_reason_the_line_is_hidden_and_costs_its_points(
    comment: str, judge: Judge
) -> None:
    bare = judge({"a.py": CODE.format("")})
    report = judge({"a.py": CODE.format(f"  {comment}")})
    assert told(report) == [("suppression-without-reason", "new"), ("unsafe-yaml-load", "waived")]
    assert report.scores == bare.scores
    assert report.strict == {}


def test_no_reason_is_asked_for_where_none_is_required(judge: Judge) -> None:
    files = {"a.py": CODE.format("  # mllint: ignore[unsafe-yaml-load]")}
    assert told(judge(files, require_reason=False)) == [("unsafe-yaml-load", "waived")]


def test_codes_of_other_linters_are_none_of_ours(judge: Judge) -> None:
    files = {"a.py": "x = 1  # noqa: some-code, E501\n"}
    assert told(judge(files)) == []


def test_only_rules_that_ran_can_be_unused(judge: Judge) -> None:
    text = "x = 1  # mllint: ignore[unseeded-split, splits/*] x\n"
    report = judge({"a.py": text})
    assert told(report) == []
    assert [use.state for use in report.waivers] == ["idle"]


def test_of_several_rules_that_are_named_the_unused_one_is_said(judge: Judge) -> None:
    comment = "  # mllint: ignore[unsafe-yaml-load, absolute-path] x"
    report = judge({"a.py": CODE.format(comment)})
    assert told(report) == [("unsafe-yaml-load", "waived"), ("unused-suppression", "new")]
    (unused,) = (f for f in report.findings if f.status == "new")
    assert unused.message.startswith("`absolute-path`")


def test_an_expired_waiver_gives_its_finding_back(judge: Judge) -> None:
    files = {"a.py": CODE.format("  # mllint: ignore[unsafe-yaml-load] until=2026-06-30 x")}
    last = judge(files, today=date(2026, 6, 30))
    assert told(last) == [("unsafe-yaml-load", "waived")]
    after = judge(files, today=date(2026, 7, 1))
    assert told(after) == [("expired-suppression", "new"), ("unsafe-yaml-load", "new")]
    assert [use.state for use in after.waivers] == ["expired"]


@pytest.mark.parametrize("path", ["vendor/a.py", "tests/fixtures/repo/a.py"])
def test_what_others_wrote_is_not_spoken_of(path: str, judge: Judge) -> None:
    assert told(judge({path: "x = 1  # mllint: ignore[absolute-path] x\n"})) == []


def test_what_a_rule_could_not_decide_is_not_called_unused(judge: Judge) -> None:
    text = "import yaml\n\nyaml.load(a, Loader=pick())  # mllint: ignore[unsafe-yaml-load] x\n"
    report = judge({"a.py": text})
    (outcome,) = (o for o in report.outcomes if o.rule == "unsafe-yaml-load")
    assert outcome.undecided == 1
    assert told(report) == []


def waiver(**more: Any) -> Waiver:
    given = {
        "rules": ("unsafe-yaml-load",), "source": "pyproject.toml:4", "reason": "read by us alone"
    }  # fmt: skip
    return Waiver(**{**given, **more})


@pytest.mark.parametrize(
    ("paths", "status"), [((), "waived"), (("*.py",), "waived"), (("b/**",), "new")]
)
def test_the_configuration_waives_by_path(
    paths: tuple[str, ...], status: str, judge: Judge
) -> None:
    files = {"a.py": CODE.format(""), "pyproject.toml": "[tool.mllint]\n"}
    report = judge(files, waivers=(waiver(paths=paths),), config_files=("pyproject.toml",))
    assert ("unsafe-yaml-load", status) in told(report)
    unused = [f.message for f in report.findings if f.rule == "unused-setting"]
    where = "Nothing of `unsafe-yaml-load` was found in b/**, so there is nothing to waive"
    assert unused == ([where] if status == "new" else [])


def test_a_shared_configuration_may_waive_what_there_is_not(judge: Judge) -> None:
    report = judge({"a.py": "x = 1\n"}, waivers=(waiver(source="pkg:standards/mllint.toml:3"),))
    assert told(report) == []
    assert [use.state for use in report.waivers] == ["unused"]


def test_a_finding_about_the_whole_is_waived_by_the_configuration(judge: Judge) -> None:
    files = {"train.py": "import torch\n\ntorch.nn.Linear(1, 1)\n"}
    plain = judge(files, ("no-readme",))
    assert told(plain) == [("no-readme", "new")]
    report = judge(files, ("no-readme",), waivers=(waiver(rules=("no-readme",)),))
    assert told(report) == [("no-readme", "waived")]
    assert report.outcomes[0].verdict == "not-applicable"
    profile = report.profile
    assert report.strict[profile].value == plain.scores[profile].value
    (use,) = report.waivers
    assert (use.state, use.matched, use.points) == ("used", 1, plain.findings[0].lost)


def test_what_waits_for_a_waived_rule_does_not_apply_and_is_held_against_no_one(
    judge: Judge,
) -> None:
    files = {"train.py": "import torch\n\ntorch.nn.Linear(1, 1)\n"}
    rules = ("no-ci", "tests-not-in-ci")
    report = judge(files, rules, waivers=(waiver(rules=("no-ci",), kind="elsewhere"),))
    verdicts = {o.rule: o.verdict for o in report.outcomes}
    assert verdicts["no-ci"] == "not-applicable"
    assert verdicts["tests-not-in-ci"] == "not-applicable"


def test_an_isolated_run_reads_no_comments(judge: Judge) -> None:
    files = {"a.py": CODE.format("  # mllint: ignore[unsafe-yaml-load] x")}
    assert told(judge(files, isolated=True)) == [("unsafe-yaml-load", "new")]
