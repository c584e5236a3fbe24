"""Records in the cache that are other than they were written: none is believed, all are mended."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.conftest import Audit

PACKS = "SELECT id, text FROM packs WHERE id IN (SELECT pack FROM files WHERE key GLOB {!r})"
KINDS = {
    "rules": PACKS.format("rules:*"),
    "evidence": PACKS.format("[el][va]*:*"),
    "facts": PACKS.format("????????????????????????????????"),
    "seen files": "SELECT home, text FROM trees",
}
"""Where the text of each kind of record stands."""
DAMAGE: dict[str, Callable[[bytes], Any]] = {
    "noise": lambda text: bytes(255 - byte for byte in text),
    "cut short": lambda text: text[: len(text) // 2],
    "another shape": lambda _: b'[{}, [null], 1e999]\n[]\n{}\nx\t"a"\t{}',
    "text for bytes": lambda text: text.decode(),
    "a number": lambda _: -(2**63),
}


def spoil(cache: Path, kind: str, how: Callable[[bytes], Any]) -> int:
    """Damages the records of a kind; how many there were."""
    with closing(sqlite3.connect(cache / "facts.sqlite")) as connection, connection:
        table, key = ("trees", "home") if kind == "seen files" else ("packs", "id")
        rows = connection.execute(KINDS[kind]).fetchall()
        if kind in {"facts", "seen files"}:  # which evidence spares
            connection.execute("DELETE FROM files WHERE key GLOB '[el][va]*:*'")
        change = f"UPDATE {table} SET text = ? WHERE {key} = ?"  # noqa: S608 - ours
        connection.executemany(change, [(how(text), which) for which, text in rows])
    return len(rows)


def essence(seen: Audit) -> str:
    parts = (seen.report[name] for name in ("findings", "rules", "score", "project"))
    return json.dumps([*parts, seen.notices])


@pytest.fixture(name="sure")
def fixture_sure(audit: Callable[..., Audit], root: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the report of the project says, which the cache now knows; its files count as old."""
    monkeypatch.setattr("mllint.directory.time.time", lambda: 4e9)
    return essence(audit(root, "--jobs", "1"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_record_is_made_anew(
    kind: str, sure: str, audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    for name, how in DAMAGE.items():
        assert spoil(tmp_path / "cache", kind, how), name
        assert essence(audit(root, "--jobs", "1")) == sure, name
    assert audit(root, "--jobs", "1").report["run"]["cached"] == 1


def test_keys_and_packs_of_odd_types_are_survived(
    sure: str, audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    for value in (b"\xff", 2**62):
        with closing(sqlite3.connect(tmp_path / "cache" / "facts.sqlite")) as cache, cache:
            cache.execute("UPDATE files SET pack = ?", (value,))
        assert essence(audit(root, "--jobs", "1")) == sure


def test_a_cache_in_the_project_is_neither_read_nor_made(
    audit: Callable[..., Audit], root: Path, tmp_path: Path
) -> None:
    sure = audit(root, "--jobs", "1")
    (root / "kept").symlink_to(tmp_path / "cache")
    (tmp_path / "door").symlink_to(root)
    for where in ("project/cache", "door/cache"):
        seen = audit(root, "--jobs", "1", "--cache-dir", str(tmp_path / where))
        assert [n.rpartition(": ")[2] for n in seen.notices] == ["it lies in the project"]
        assert seen.report["run"]["cached"] == 0
        assert seen.found == sure.found
    assert not (root / "cache").exists()


@pytest.mark.parametrize("name", ["tab\tline\n", "caf\udce9"])
def test_rules_from_a_folder_of_an_odd_name_are_kept(
    name: str, audit: Callable[..., Audit], root: Path
) -> None:
    odd = root.rename(root.with_name(name))
    (odd / "own" / "mine").mkdir(parents=True)
    (odd / "own" / "mine" / "category.toml").write_text(
        'title = "Mine"\nwhy = "Ours."\nbudget = {research = 1, internal = 1, production = 1}\n'
    )
    (odd / "mllint.toml").write_text('rules = ["own"]\n')
    for _ in range(2):
        assert audit(odd, "--jobs", "1").notices == []
