"""mllint passes mllint."""

from __future__ import annotations

from pathlib import Path

from mllint import engine
from mllint.settings import Settings

ROOT = Path(__file__).parent.parent


def test_mllint_passes_mllint() -> None:
    report = engine.run(ROOT, Settings(cache=False))
    assert [f"{f.at}: {f.rule}: {f.message}" for f in report.findings if f.status == "new"] == []
    assert report.gate.passed
    assert report.score.value is None, "nothing here is machine learning"


def test_no_rule_crashes_on_mllint() -> None:
    report = engine.run(ROOT, Settings(cache=False, profile="production", select=("all",)))
    assert [o.rule for o in report.outcomes if o.verdict == "crashed"] == []
