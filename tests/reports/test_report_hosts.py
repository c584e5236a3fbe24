"""Formats that hosts and servers take: their schemas, their limits, what hostile text cannot do."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mllint.facts import Cell, Place
from mllint.reports import FORMATS, View, renderer
from mllint.reports.github import EACH, summary
from mllint.review import Gate, Related

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from mllint.review import Finding, Report

SCHEMAS = Path(__file__).parent.parent / "schemas"
CHECKED = {
    "gitlab": "gitlab-code-quality",
    "sonar": "sonar-generic-issues",
    "rdjson": "rdjson",
    "badge-json": "shields-endpoint",
}
GOLDEN = {
    "github": "sample.github.txt",
    "gitlab": "sample.gitlab.json",
    "junit": "sample.junit.xml",
    "sonar": "sample.sonar.json",
    "rdjson": "sample.rdjson",
    "badge-json": "sample.badge.json",
    "badge-svg": "sample.badge.svg",
}
HOSTILE = [
    "\x1b[31m", "\ud800", "\udcff", "\n::error::x", "%0A::error::x", "]]>", "<script>x</script>",
    "\x00", "\u202e", "\ufffe", '"', "a:b,c", "&amp;", "##[error]x",
]  # fmt: skip
XSD = "{http://www.w3.org/2001/XMLSchema}"


def rendered(report: Report, name: str) -> str:
    text = renderer(name)(report, View())
    text.encode("utf-8")
    return text


def checked(report: Report, name: str) -> Any:
    told = json.loads(rendered(report, name))
    schema = json.loads((SCHEMAS / f"{CHECKED[name]}.json").read_text("utf-8"))
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    return told


def only(report: Report, *findings: Finding) -> Report:
    """The report with these findings of `unseeded-split` alone."""
    return replace(
        report,
        outcomes=tuple(
            replace(o, findings=findings if o.rule == "unseeded-split" else ())
            for o in report.outcomes
        ),
    )


def hostile(make: SimpleNamespace, text: str) -> Report:
    related = (Related(Place(f"b{text}.py", 2, 1, 2, 3, Cell(1, 1, text, 5)), f"r {text}"),)
    at = Place(f"a{text}.py", 1, 1, 1, 4)
    one = make.finding("unseeded-split", 9, f"m {text} m", at, 1.0, remedy=f"r {text}",
                       related=related, snippet=((1, f"x{text}y"),))  # fmt: skip
    report = only(make.sample(), one)
    outcomes = tuple(
        replace(o, reason=f"why {text}") if o.verdict == "not-applicable" else o
        for o in report.outcomes
    )
    return replace(report, outcomes=outcomes, gate=Gate(False, 1, (text,)))


@pytest.mark.parametrize("name", GOLDEN)
def test_format_is_as_it_was(
    name: str, make: SimpleNamespace, golden: Callable[[str, str], None]
) -> None:
    golden(GOLDEN[name], rendered(make.sample(), name))


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("kind", ["sample", "flawless"])
def test_format_fits_its_schema(name: str, kind: str, make: SimpleNamespace) -> None:
    checked(getattr(make, kind)(), name)


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_fits_the_schemas(name: str, text: str, make: SimpleNamespace) -> None:
    told = json.dumps(checked(hostile(make, text), name), ensure_ascii=False)
    assert not re.search("[\x00-\x08\x1b\ud800-\udfff]", told)


@pytest.mark.parametrize("name", FORMATS)
def test_partial_run_is_rendered_without_a_score(name: str, make: SimpleNamespace) -> None:
    report = make.sample()
    report = replace(report, run=replace(report.run, complete=False))
    ours = r"<(style|script)>.*?</\1>|sha256-[^']*"  # of a page, where digits may be anything
    assert "74" not in re.sub(ours, "", rendered(report, name), flags=re.DOTALL)


@pytest.mark.parametrize("name", FORMATS)
def test_project_without_ml_is_rendered(name: str, make: SimpleNamespace) -> None:
    report = make.flawless()
    scores = {p: replace(s, value=None, grade="n/a") for p, s in report.scores.items()}
    assert rendered(replace(report, scores=scores), name)


# --- GitHub --------------------------------------------------------------------------------------


def commands(report: Report) -> list[re.Match[str]]:
    found = [
        re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        for line in rendered(report, "github").split("\n")[:-1]
    ]
    assert None not in found
    return [one for one in found if one]


def properties(found: re.Match[str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in found[2].split(","))


def test_annotation_has_columns_only_within_one_line(make: SimpleNamespace) -> None:
    several = make.finding("unseeded-split", 9, "m", Place("a.py", 1, 2, 3, 4), 0.0)
    assert properties(commands(make.sample())[0]) == {
        "title": "fit-before-split",
        "file": "src/train.py",
        "line": "48",
        "endLine": "48",
        "col": "9",
        "endColumn": "29",
    }
    assert properties(commands(only(make.sample(), several))[0]) == {
        "title": "unseeded-split",
        "file": "a.py",
        "line": "1",
        "endLine": "3",
    }


def test_ten_annotations_of_each_level_at_most_by_impact(make: SimpleNamespace) -> None:
    many = [
        make.finding("unseeded-split", n, f"m{n}", Place("a.py", n + 1), n / 10, severity=severity)
        for severity in ("error", "warning", "note")
        for n in range(13)
    ]
    found = commands(only(make.sample(), *many))
    levels = [one[1] for one in found]
    assert [levels.count(level) for level in ("error", "warning", "notice")] == [EACH] * 3
    assert found[0][3].startswith("m12.")
    assert "10 more findings in the job summary" in found[-1][3]


@pytest.mark.parametrize("text", HOSTILE)
def test_annotation_is_one_command_whatever_it_says(text: str, make: SimpleNamespace) -> None:
    found = commands(hostile(make, text))
    assert [one[1] for one in found] == ["error", "notice"]
    assert set(properties(found[0])) == {"title", "file", "line", "endLine", "col", "endColumn"}


def test_step_summary_keeps_within_its_limit(make: SimpleNamespace) -> None:
    many = [
        make.finding("unseeded-split", n, "m" * 500, Place("a.py", n + 1), 0.0) for n in range(900)
    ]
    report = only(make.sample(), *many)
    assert len(summary(report, View()).encode()) > 400_000
    short = summary(report, View(), 20_000)
    assert 0 < len(short.encode()) <= 20_000
    assert "more findings" in short
    assert summary(report, View(), 10) == ""


# --- GitLab, Sonar, reviewdog --------------------------------------------------------------------


def test_gitlab_shows_the_rule_and_ranks_what_caps_the_grade(make: SimpleNamespace) -> None:
    told = checked(make.sample(), "gitlab")
    assert told[0]["description"].startswith("fit-before-split: ")
    severities = [one["severity"] for one in told]
    assert severities[0] == "critical"
    assert set(severities[1:]) == {"minor", "info"}
    assert len({one["fingerprint"] for one in told}) == len(told)


def test_sonar_counts_columns_from_zero(make: SimpleNamespace) -> None:
    told = checked(make.sample(), "sonar")
    assert told["issues"][0]["primaryLocation"]["textRange"] == {
        "startLine": 48,
        "endLine": 48,
        "startColumn": 8,
        "endColumn": 28,
    }
    assert {rule["id"] for rule in told["rules"]} == {issue["ruleId"] for issue in told["issues"]}


def test_reviewdog_counts_bytes(make: SimpleNamespace) -> None:
    line = "é = f(x)"
    one = make.finding(
        "unseeded-split", 9, "m", Place("a.py", 1, 5, 1, 9), 0.0, snippet=((1, line),)
    )
    long = replace(one, at=Place("a.py", 1, 170, 1, 180))
    ranges = [
        checked(only(make.sample(), f), "rdjson")["diagnostics"][0]["location"]["range"]
        for f in (one, long)
    ]
    assert ranges[0] == {"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 10}}
    assert ranges[1] == {"start": {"line": 1}, "end": {"line": 1}}


@pytest.mark.parametrize("name", ["gitlab", "sonar", "rdjson"])
def test_notebook_points_to_the_line_of_the_file(name: str, make: SimpleNamespace) -> None:
    text = rendered(make.sample(), name)
    assert "Cell 7, line 1: Execution counts run 3, 9, 4" in text
    assert ": 112" in text


# --- JUnit ---------------------------------------------------------------------------------------


class Schema:
    """Jenkins' schema, as far as it says which elements and attributes there may be."""

    def __init__(self) -> None:
        root = ET.parse(SCHEMAS / "junit-10.xsd").getroot()  # noqa: S314 - ours
        self.elements = {e.get("name"): e for e in root.findall(f"{XSD}element")}
        pattern = root.find(f".//{XSD}pattern")
        assert pattern is not None
        self.time = re.compile(pattern.get("value", ""))

    def check(self, element: ET.Element) -> None:
        known = self.elements[element.tag]
        attributes = {a.get("name"): a for a in known.iter(f"{XSD}attribute")}
        needed = {n for n, a in attributes.items() if a.get("use") == "required"}
        assert needed <= set(element.attrib) <= set(attributes)
        assert self.time.fullmatch(element.get("time", ""))
        children = {e.get("ref") for e in known.iter(f"{XSD}element")}
        for child in element:
            assert child.tag in children
            self.check(child)


def junit(report: Report) -> ET.Element:
    root = ET.fromstring(rendered(report, "junit"))  # noqa: S314 - ours
    Schema().check(root)
    for suite in root:
        cases = list(suite)
        assert suite.get("tests") == str(len(cases))
        for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.get(name) == str(sum(c.find(tag) is not None for c in cases))
    return root


def test_rule_is_a_test_case_of_its_category(make: SimpleNamespace) -> None:
    root = junit(make.sample())
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert "no-model-card" not in cases  # not expected at this profile
    assert cases["no-readme"].find("*") is None
    skipped = cases["no-group-split"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "not applicable: the data has no groups"
    assert cases["no-readme"].get("classname") == "mllint.docs"


def test_a_case_fails_where_its_findings_fail_the_run(make: SimpleNamespace) -> None:
    """What else a rule found is its output: a build is red where mllint is."""

    def inner(fail_on: str, tag: str) -> Any:
        report = make.sample()
        root = junit(replace(report, gate=replace(report.gate, fail_on=fail_on)))
        return root.find(f".//testcase[@name='notebook-out-of-order']/{tag}")

    failure = inner("warning", "failure")
    assert failure.get("message") == "Execution counts run 3, 9, 4"
    assert "cell 7" in failure.text
    assert inner("error", "failure") is None
    assert "cell 7" in inner("error", "system-out").text
    assert inner("never", "failure") is None


def test_rule_that_crashed_is_an_error(make: SimpleNamespace) -> None:
    report = make.sample()
    outcomes = tuple(
        replace(o, verdict="crashed", reason="KeyError: 1", traceback="Traceback\n  x", findings=())
        if o.rule == "no-readme"
        else o
        for o in report.outcomes
    )
    root = junit(replace(report, outcomes=outcomes))
    assert root.get("errors") == "1"
    error = root.find(".//error")
    assert error is not None
    assert error.text == "Traceback\n  x"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_leaves_the_xml_sound(text: str, make: SimpleNamespace) -> None:
    failure = junit(hostile(make, text)).find(".//failure")
    assert failure is not None
    assert (failure.text or "").startswith("a")


# --- badges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "color"),
    [("A", "brightgreen"), ("B", "green"), ("C", "yellow"), ("D", "orange"), ("E", "red")],
)
def test_colour_of_the_badge_depends_on_the_grade(
    grade: str, color: str, make: SimpleNamespace
) -> None:
    report = make.sample()
    scores = {p: replace(s, grade=grade, value=74.9) for p, s in report.scores.items()}
    told = checked(replace(report, scores=scores), "badge-json")
    assert (told["message"], told["color"]) == (f"{grade} 74", color)


def test_badge_without_a_score_says_so(make: SimpleNamespace) -> None:
    report = make.sample()
    report = replace(report, run=replace(report.run, complete=False))
    told = checked(report, "badge-json")
    assert (told["message"], told["color"]) == ("n/a", "lightgrey")
    assert "mllint: n/a" in rendered(report, "badge-svg")


def test_picture_is_sound_and_fetches_nothing(make: SimpleNamespace) -> None:
    text = rendered(make.sample(), "badge-svg")
    ET.fromstring(text)  # noqa: S314 - ours
    assert "href" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
