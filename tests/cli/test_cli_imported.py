"""Findings of other tools, read from SARIF."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mllint.imported import read
from mllint.others import Imported
from mllint.review import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def result(**more: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": "./docker/My%20File"}, "region": {"startLine": 7}}
    return {
        "ruleId": "DF1",
        "level": "error",
        "message": {"text": "pin it"},
        "locations": [{"physicalLocation": place}],
        **more,
    }


def sarif(*results: Any, rules: Any = ()) -> dict[str, Any]:
    driver = {"name": "docklint", "rules": list(rules)}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results)}]}


def written(tmp_path: Path, data: Any) -> Path:
    path = tmp_path / "other.sarif"
    path.write_text(json.dumps(data), "utf-8")
    return path


def test_a_result_is_read(tmp_path: Path) -> None:
    (one,) = read([written(tmp_path, sarif(result()))])
    assert one == Imported("docker/My File", 7, "docklint", "DF1", "error", "pin it")


@pytest.mark.parametrize(
    ("change", "rules", "level", "rule"),
    [
        ({"level": None}, [{"id": "DF1"}], "warning", "DF1"),
        (
            {"level": None},
            [{"id": "DF1", "defaultConfiguration": {"level": "note"}}],
            "note",
            "DF1",
        ),
        ({"ruleId": None, "ruleIndex": 0}, [{"id": "DF9"}], "error", "DF9"),
        ({"level": "none"}, [], "note", "DF1"),
        ({"ruleIndex": 99}, [], "error", "DF1"),
    ],
)
def test_what_a_result_leaves_out_comes_from_its_rule(
    change: dict[str, Any], rules: list[Any], level: str, rule: str, tmp_path: Path
) -> None:
    (one,) = read([written(tmp_path, sarif(result(**change), rules=rules))])
    assert (one.level, one.rule) == (level, rule)


def test_suppressed_and_passing_results_are_left_out(tmp_path: Path) -> None:
    hidden = [result(suppressions=[{"kind": "inSource"}]), result(kind="pass")]
    assert read([written(tmp_path, sarif(*hidden))]) == ()


def test_a_result_without_a_place_is_about_the_repository(tmp_path: Path) -> None:
    (one,) = read([written(tmp_path, sarif(result(locations=[])))])
    assert (one.path, one.line) == ("", 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[]", "is no SARIF file"), ("{", "Expecting"), ('{"runs": 3}', "no list of `runs`")],
)
def test_what_is_no_sarif_is_a_usage_error(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(UsageError, match=said):
        read([tmp_path / "x"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["runs", "tool", "driver", "rules", "results", "message", "text", "locations",
                 "physicalLocation", "artifactLocation", "uri", "region", "startLine", "level",
                 "ruleId", "ruleIndex", "id", "kind", "suppressions", "defaultConfiguration"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(data=st.fixed_dictionaries({"runs": st.lists(JSON, max_size=3)}))
def test_no_json_crashes_the_reader(data: Any, tmp_path: Path) -> None:
    assert isinstance(read([written(tmp_path, data)]), tuple)


def test_what_another_tool_found_is_shown_and_changes_no_exit_code(
    mllint: Callable[..., Any], project: Path, tmp_path: Path
) -> None:
    path = written(tmp_path, sarif(result()))
    plain = mllint("check", str(project), "--format", "json", "--fail-on", "never")
    done = mllint(
        "check", str(project), "--format", "json", "--fail-on", "never", "--import-sarif", str(path)
    )
    data = json.loads(done.out)
    assert data["imported"][0]["message"] == "pin it"
    assert data["score"] == json.loads(plain.out)["score"]
    assert done.code == plain.code == 0
    text = mllint("check", str(project), "--fail-on", "never", "--import-sarif", str(path)).out
    assert "docker/My File:7" in text
    assert "docklint DF1: pin it" in " ".join(text.split())


def test_a_sarif_file_that_is_missing_is_named(mllint: Callable[..., Any], project: Path) -> None:
    done = mllint("check", str(project), "--import-sarif", "nowhere.sarif")
    assert done.code == 2
    assert "nowhere.sarif: No such file" in done.err
