"""Attestations: what people say where no repository can show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOAL = """
[attest.Q01]
who = "Nora Lind"
when = 2026-05-04
proof = "docs/goal.md"
until = {until}
says = "less churn; agreed with sales"
"""
ELSEWHERE = """
[attest.Q21]
who = "Nora Lind"
when = 2026-05-04
proof = "https://example.org/splits"
until = 2027-05-04
says = "the split is made by the feature platform"
"""


def attested(project: Path, text: str, *, proof: bool = True) -> Path:
    (project / "mllint.toml").write_text(text)
    if proof:
        (project / "docs").mkdir()
        (project / "docs/goal.md").write_text("# Goal\n")
    return project


def checked(mllint: Callable[..., Any], project: Path, *more: str) -> dict[str, Any]:
    words = ("check", str(project), "--format", "json", "--today", "2026-06-01", *more)
    data: dict[str, Any] = json.loads(mllint(*words).out)
    return data


def state(data: dict[str, Any], name: str = "Q01") -> str:
    return next(str(one["state"]) for one in data["attestations"] if one["id"] == name)


def test_an_attestation_is_listed_and_changes_no_score(
    mllint: Callable[..., Any], project: Path
) -> None:
    (project / "docs").mkdir()
    (project / "docs/goal.md").write_text("# Goal\n")
    before = checked(mllint, project)
    (project / "mllint.toml").write_text(GOAL.format(until="2027-05-04"))
    after = checked(mllint, project)
    assert before["attestations"] == []
    assert state(after) == "valid"
    assert after["score"] == before["score"]
    assert len(after["findings"]) == len(before["findings"])


@pytest.mark.parametrize(
    ("until", "proof", "wanted"),
    [
        ("2027-05-04", True, "valid"),
        ("2026-06-01", True, "valid"),
        ("2026-05-31", True, "expired"),
        ("2027-05-04", False, "unproven"),
    ],
)
def test_an_attestation_holds_until_its_day_and_with_its_proof(
    until: str, wanted: str, mllint: Callable[..., Any], project: Path, *, proof: bool
) -> None:
    attested(project, GOAL.format(until=until), proof=proof)
    assert state(checked(mllint, project)) == wanted


def test_what_holds_settles_its_practice_and_what_has_run_out_does_not(
    mllint: Callable[..., Any], project: Path
) -> None:
    def row() -> dict[str, Any]:
        words = ("rules", "--practices", str(project), "--format", "json")
        rows = json.loads(mllint(*words).out)["practices"]
        return next(r for r in rows if r["attestation"] == "Q01" and r["see"] == "no")

    assert row()["state"] == "open"
    attested(project, GOAL.format(until="2999-01-01"))
    assert row()["state"] == "attested"
    assert "Nora Lind" in row()["reason"]
    (project / "mllint.toml").write_text(GOAL.format(until="2001-01-01"))
    assert row()["state"] == "open"


def test_the_text_report_lists_what_is_attested_and_counts_the_open(
    mllint: Callable[..., Any], project: Path
) -> None:
    attested(project, GOAL.format(until="2999-01-01"))
    out = " ".join(mllint("check", str(project), "--fail-on", "never").out.split())
    assert "less churn; agreed with sales (Nora Lind, 2026-05-04; docs/goal.md)" in out
    assert "37 questions open" in out


def test_all_questions_are_listed_on_request(mllint: Callable[..., Any], project: Path) -> None:
    done = mllint("check", str(project), "--fail-on", "never", "--show", "attested")
    assert "Q38" in done.out
    assert "note: open:" in done.out


def test_done_elsewhere_waives_with_two_scores(mllint: Callable[..., Any], project: Path) -> None:
    """Findings about it stay listed, as waived; the score without the waiver stands beside."""
    (project / "train.py").write_text(
        "import pandas as pd\nfrom sklearn.linear_model import Ridge\n"
        'rows = pd.read_csv("rows.csv")\nRidge().fit(rows[["a"]], rows["y"])\n'
    )
    before = checked(mllint, project, "--extend-select", "unversioned-data")
    attested(project, ELSEWHERE, proof=False)
    after = checked(mllint, project, "--extend-select", "unversioned-data")

    def waived(data: dict[str, Any]) -> set[str]:
        return {f["rule"] for f in data["findings"] if f["status"] == "waived"}

    assert waived(before) == set()
    assert waived(after) >= {"no-holdout"}
    assert {f["rule"] for f in after["findings"]} == {f["rule"] for f in before["findings"]}
    assert after["score"]["value"] > before["score"]["value"]
    assert after["score"]["strict"] == before["score"]["value"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[attest.Q99]\nwho='a'\nwhen=2026-01-01\nproof='b'\nuntil=2027-01-01\n", "no question"),
        ("[attest.Q01]\nwho='a'\n", 'needs a "proof"'),
        ("[attest.Q01]\nwho='a'\nwhen='May'\nproof='b'\nuntil=2027-01-01\n", "must be a day"),
        ("[attest.Q01]\nby='a'\n", 'unknown key "by"'),
    ],
)
def test_a_mistake_in_an_attestation_is_a_usage_error(
    text: str, said: str, mllint: Callable[..., Any], project: Path
) -> None:
    (project / "mllint.toml").write_text(text)
    done = mllint("check", str(project))
    assert done.code == 2
    assert said in done.err
    assert "mllint.toml:" in done.err
