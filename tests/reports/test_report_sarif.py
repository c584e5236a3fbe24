"""SARIF: the schema of OASIS, what GitHub needs, and places that lead to the right line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from mllint.facts import Cell, Place
from mllint.reports import View, renderer, sarif
from mllint.review import Imported, Related

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from mllint.review import Finding, Report

SCHEMAS = Path(__file__).parent.parent / "schemas"


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return loaded


def log(report: Report, **view: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(renderer("sarif")(report, View(**view)).encode("utf-8"))
    official = jsonschema.Draft4Validator(
        schema("sarif-schema-2.1.0"), format_checker=jsonschema.FormatChecker()
    )
    official.validate(told)
    jsonschema.validate(told, schema("github-code-scanning"))
    run: dict[str, Any] = told["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return run


def only(report: Report, *findings: Finding) -> Report:
    """The report with these findings of `unseeded-split` alone."""
    return replace(
        report,
        outcomes=tuple(
            replace(o, findings=findings if o.rule == "unseeded-split" else ())
            for o in report.outcomes
        ),
    )


@pytest.mark.parametrize("kind", ["sample", "flawless"])
@pytest.mark.parametrize("suppressed", [False, True])
def test_log_fits_both_schemas(kind: str, suppressed: bool, make: SimpleNamespace) -> None:
    log(getattr(make, kind)(), suppressed=suppressed)


def test_log_is_as_it_was(make: SimpleNamespace, golden: Callable[[str, str], None]) -> None:
    golden("sample.sarif", renderer("sarif")(make.sample(), View()))


def test_rules_are_those_that_were_judged_in_order_of_their_ids(make: SimpleNamespace) -> None:
    ids = [rule["id"] for rule in log(make.sample())["tool"]["driver"]["rules"]]
    assert ids == sorted(ids)
    assert "no-group-split" not in ids
    assert "no-readme" in ids


def test_place_has_all_four_ends_of_its_region(make: SimpleNamespace) -> None:
    place = log(make.sample())["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/train.py"
    assert place["region"] == {"startLine": 48, "startColumn": 9, "endLine": 48, "endColumn": 29}


def test_notebook_points_to_the_line_of_the_file_and_names_the_cell(make: SimpleNamespace) -> None:
    results = log(make.sample())["results"]
    found = next(r for r in results if r["ruleId"] == "notebook-out-of-order")
    region = found["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"]) == (112, 112)
    assert found["message"]["text"].startswith("Cell 7, line 1: Execution counts")
    logical = found["locations"][0]["logicalLocations"]
    assert logical[0]["fullyQualifiedName"] == "Cell 7, id 8f3a"


def test_leakage_is_a_flow_in_the_order_of_its_lines(make: SimpleNamespace) -> None:
    first = log(make.sample())["results"][0]
    assert [r["id"] for r in first["relatedLocations"]] == [1]
    assert "[... and split only here](1)" in first["message"]["text"]
    steps = first["codeFlows"][0]["threadFlows"][0]["locations"]
    lines = [s["location"]["physicalLocation"]["region"]["startLine"] for s in steps]
    assert lines == [48, 53]


def test_rule_about_the_repository_has_one_result_at_its_anchor(make: SimpleNamespace) -> None:
    report = make.sample()
    one = make.finding(
        "no-lockfile", 4, "No lock file", Place("pyproject.toml"), 1.0, anchored=True
    )
    outcomes = tuple(
        replace(o, findings=(one, replace(one, id="f" * 16))) if o.rule == "no-lockfile" else o
        for o in report.outcomes
    )
    results = log(replace(report, outcomes=outcomes))["results"]
    found = [r for r in results if r["ruleId"] == "no-lockfile"]
    assert len(found) == 1
    region = found[0]["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == 1


def test_finding_without_any_file_points_to_the_readme(make: SimpleNamespace) -> None:
    one = make.finding("unseeded-split", 9, "m", Place(""), 0.0, anchored=True)
    found = log(only(make.sample(), one))["results"][0]
    uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "README.md"


def test_line_without_columns_reaches_to_its_end_where_that_is_known(make: SimpleNamespace) -> None:
    one = make.finding("unseeded-split", 9, "m", Place("a.py", 3), 0.0, snippet=((3, "x = 1"),))
    region = log(only(make.sample(), one))["results"][0]["locations"][0]["physicalLocation"]
    assert region["region"] == {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 6}


def test_hash_of_github_and_id_of_ours_are_fingerprints(make: SimpleNamespace) -> None:
    one = make.finding("unseeded-split", 9, "m", Place("a.py", 3), 0.0, line_hash="ab:1")
    found = log(only(make.sample(), one))["results"][0]
    assert found["partialFingerprints"] == {
        "primaryLocationLineHash": "ab:1",
        "mllint/v1": f"{9:016x}",
    }


def test_suppressed_results_are_told_only_where_asked_for(make: SimpleNamespace) -> None:
    report = make.sample()
    known = make.finding(
        "unseeded-split", 9, "m", Place("a.py", 3), 0.0, status="baselined", reason="in b.json"
    )
    outcomes = tuple(
        replace(o, findings=(known,)) if o.rule == "unseeded-split" else o for o in report.outcomes
    )
    report = replace(report, outcomes=outcomes)
    assert all("suppressions" not in r for r in log(report)["results"])
    told = log(report, suppressed=True)["results"]
    states = {
        (r["suppressions"][0]["justification"], r["baselineState"])
        for r in told
        if "suppressions" in r
    }
    assert states == {("shows a mistake on purpose", "new"), ("in b.json", "unchanged")}
    assert all(r["baselineState"] == "new" for r in told if "suppressions" not in r)


def test_results_beyond_the_cap_are_left_out_and_counted(make: SimpleNamespace) -> None:
    many = [
        make.finding("unseeded-split", n, "m", Place("a.py", n + 1), 0.0)
        for n in range(sarif.MOST + 3)
    ]
    text = renderer("sarif")(only(make.sample(), *many), View())
    run = json.loads(text)["runs"][0]  # too long for a schema check in no time
    assert len(run["results"]) == sarif.MOST
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert any(n["message"]["text"].startswith("3 results") for n in notes)


def test_only_security_has_a_security_severity(make: SimpleNamespace) -> None:
    report = make.sample()
    rules = dict(report.rules)
    rules["no-readme"] = replace(rules["no-readme"], category="security")
    told = {r["id"]: r for r in log(replace(report, rules=rules))["tool"]["driver"]["rules"]}
    assert told["no-readme"]["properties"]["security-severity"] == "5.5"
    assert "security" in told["no-readme"]["properties"]["tags"]
    assert [n for n, r in told.items() if "security-severity" in r["properties"]] == ["no-readme"]


def test_project_below_the_top_says_where_it_lies(make: SimpleNamespace) -> None:
    report = make.sample()
    run = log(replace(report, run=replace(report.run, inside="services/a b")))
    assert run["automationDetails"]["id"] == "mllint/services/a%20b/"
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "services/a%20b/src/train.py"


def test_findings_of_other_tools_are_left_out(make: SimpleNamespace) -> None:
    other = Imported("a.py", 1, "zizmor", "unpinned-uses", "error", "not pinned")
    report = make.sample()
    assert log(replace(report, imported=(other,)))["results"] == log(report)["results"]


def test_crash_and_unread_files_are_notifications(make: SimpleNamespace) -> None:
    report = make.sample()
    outcomes = tuple(
        replace(o, verdict="crashed", reason="KeyError: 1", findings=())
        if o.rule == "no-readme"
        else o
        for o in report.outcomes
    )
    invocation = log(replace(report, outcomes=outcomes))["invocations"][0]
    assert invocation["executionSuccessful"] is False
    texts = [n["message"]["text"] for n in invocation["toolExecutionNotifications"]]
    assert texts[0] == "not read: Python 2 `print` statement"
    assert "rule no-readme crashed: KeyError: 1" in texts


def test_run_without_a_score_has_none(make: SimpleNamespace) -> None:
    report = make.sample()
    run = log(replace(report, run=replace(report.run, complete=False)))
    assert run["properties"]["mllint"]["score"] is None


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b.py", "a%20b.py"),
        ("50%.py", "50%25.py"),
        ("c:d.py", "c%3Ad.py"),
        ("é#?.py", "%C3%A9%23%3F.py"),
        ("raw\udcff.py", "raw%FF.py"),
        ("lone\ud800.py", "lone%ED%A0%80.py"),
        ("[x](y).py", "%5Bx%5D%28y%29.py"),
    ],
)
def test_paths_are_relative_and_encoded(path: str, uri: str, make: SimpleNamespace) -> None:
    one = make.finding("unseeded-split", 9, "m", Place(path, 1), 0.0)
    found = log(only(make.sample(), one))["results"][0]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize("text", ["\x1b[31m", "\ud800", "::error::x", "]]>", "<script>", "%0A"])
def test_hostile_text_is_told_and_not_obeyed(text: str, make: SimpleNamespace) -> None:
    related = (Related(Place("b.py", 2, 1, 2, 3, Cell(1, 1, text, 5)), f"r {text} [x](y)"),)
    one = make.finding("unseeded-split", 9, f"m {text} [x](y)", Place("a.py", 1), 0.0,
                       related=related, scope=text)  # fmt: skip
    found = log(only(make.sample(), one))["results"][0]
    assert "[x](y)" not in found["message"]["text"]
    assert "\x1b" not in json.dumps(found, ensure_ascii=False)
