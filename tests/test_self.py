"""mllint passes mllint."""

from __future__ import annotations

from pathlib import Path

from mllint import engine
from mllint.settings import Settings

ROOT = Path(__file__).parent.parent


def test_mllint_passes_mllint_and_no_rule_crashes(tmp_path: Path) -> None:
    report = engine.run(ROOT, Settings(cache_dir=tmp_path))
    assert [f"{f.at}: {f.rule}: {f.message}" for f in report.findings if f.status == "new"] == []
    assert report.gate.passed
    assert report.score.value is None, "nothing here is machine learning"
    every = Settings(cache_dir=tmp_path, profile="production", select=("all",))
    assert [o.rule for o in engine.run(ROOT, every).outcomes if o.verdict == "crashed"] == []
