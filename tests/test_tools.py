"""The catalogue of tools: sound, clear about its mistakes, and open to rules by kind of trace."""

from __future__ import annotations

from pathlib import Path

from mllint.tools import by_kind, call_roots, load_tools, mistakes

RULES = Path(__file__).parent.parent / "rules"


def test_the_catalogue_of_tools_is_sound() -> None:
    assert list(mistakes(RULES)) == []


def test_mistakes_of_a_catalogue_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/trackers.toml").write_text(
        'titel = "T"\n[A]\ncals = ["a.b"]\n'
        '[B]\nimports = ["b", "b"]\nat_most = "half"\n'
        "[C]\nfiles = 1\n"
    )
    assert list(mistakes(tmp_path)) == [
        "tools/trackers.toml: titel: unknown key",
        "tools/trackers.toml: A: cals: unknown key",
        "tools/trackers.toml: A: has no trace",
        "tools/trackers.toml: B: imports: names something twice",
        "tools/trackers.toml: B: at_most: is no grade",
        "tools/trackers.toml: B: at_most: needs `why`",
        "tools/trackers.toml: C: files: has the wrong type",
        "tools/trackers.toml: C: has no trace",
    ]


def test_a_tool_inherits_what_its_family_says() -> None:
    families = load_tools(RULES)
    assert families["linting"]["Ruff"]["run"] == "ci"
    assert "run" not in families["experiment_tracking"]["MLflow"]


def test_families_by_kind_of_trace() -> None:
    kinds = by_kind({"trackers": {"Own": {"calls": ["own.log", "own.Run#x"], "cli": ["own run"]}}})
    assert kinds["trackers"]["calls"].patterns == ("own.log",)
    assert kinds["trackers"]["cli"].starts("own run --fast")
    assert "own" in kinds["trackers"]["names"]


def test_roots_of_calls() -> None:
    families = {
        "trackers": {"Own": {"calls": ["own.log"], "opens": ["pwn.init"], "imports": ["qwn"]}}
    }
    assert call_roots(families) == {"own", "pwn"}
