"""The cache: what it gives back, what it forgets, and that it never stands in the way."""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from mllint import cache as module
from mllint.cache import Cache, Seen, clean, folder

if TYPE_CHECKING:
    from pathlib import Path

SEEN = {"a.py": Seen("1:2", "k1", None), "b.pt": Seen("3:4", "", 9000)}


def stored(where: Path, *texts: str) -> None:
    """Keeps a pack for each text, its key being the text."""
    cache = Cache(str(where))
    for text in texts:
        cache.keep(text, [text])
    cache.close()
    assert cache.notices == []


def known(where: Path, *keys: str) -> set[str]:
    cache = Cache(str(where))
    packs = cache.packs_of(keys)
    texts = cache.texts(packs.values())
    cache.close()
    assert cache.notices == []
    assert {key: texts[pack] for key, pack in packs.items()} == {key: key for key in packs}
    return set(packs)


def test_what_is_kept_is_there_in_the_next_run(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path / "c"))
    cache.keep("text one", ["k1", "k2"])
    cache.keep("text two", ["k3"])
    cache.keep_seen("/home", "base", SEEN)
    assert cache.packs_of(["k1"]) == {}
    cache.close()
    cache = Cache(str(tmp_path / "c"))
    packs = cache.packs_of(["k1", "k2", "k3", "k4"])
    assert set(packs) == {"k1", "k2", "k3"}
    assert packs["k1"] == packs["k2"]
    assert cache.texts({packs["k1"], packs["k3"]}) == {
        packs["k1"]: "text one",
        packs["k3"]: "text two",
    }
    assert cache.seen("/home", "base") == SEEN
    assert cache.seen("/home", "other base") == {}
    assert cache.seen("/other", "base") == {}
    assert cache.state() == (str(tmp_path / "c" / "facts.sqlite"), cache.state().bytes, 3, 1)
    assert cache.state().bytes > 0
    cache.close()


def test_the_latest_pack_of_a_key_counts(tmp_path: Path) -> None:
    for text in ("old", "new"):
        cache = Cache(str(tmp_path))
        cache.keep(text, ["k"])
        cache.keep_seen("/home", text, SEEN)
        cache.close()
    cache = Cache(str(tmp_path))
    assert list(cache.texts(cache.packs_of(["k"]).values()).values()) == ["new"]
    assert cache.seen("/home", "old") == {}
    cache.close()


def test_many_keys_at_once(tmp_path: Path) -> None:
    cache = Cache(str(tmp_path))
    keys = [f"k{number}" for number in range(50_000)]
    cache.keep("text", keys)
    cache.close()
    cache = Cache(str(tmp_path))
    assert len(cache.packs_of(keys)) == len(keys)
    cache.close()


def test_what_was_used_least_recently_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = 0
    monkeypatch.setattr("mllint.cache.time.time", lambda: 1e9 + today * 90_000)
    texts = [f"{number:03}" + "x" * 10_000 for number in range(150)]
    for text in texts:
        today += 1
        cache = Cache(str(tmp_path))
        cache.keep(text, [text[:3]])
        cache.close()
    today += 1
    cache = Cache(str(tmp_path))
    cache.texts(cache.packs_of(["000", "001", "002"]).values())
    cache.close()
    full = cache.state().bytes
    monkeypatch.setattr(module, "LIMIT", 1_200_000)
    cache = Cache(str(tmp_path))
    cache.keep("last", ["last"])
    cache.close()
    cache = Cache(str(tmp_path))
    left = sorted(cache.packs_of([*(text[:3] for text in texts), "last"]))
    assert left == ["000", "001", "002", *(text[:3] for text in texts[103:]), "last"]
    assert cache.state().bytes < full // 2
    cache.close()


def test_the_folder_is_the_users_and_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLLINT_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert folder().endswith("mllint")
    monkeypatch.setenv("MLLINT_CACHE_DIR", str(tmp_path / "mine"))
    assert folder() == str(tmp_path / "mine")
    cache = Cache()
    cache.close()
    assert cache.path == str(tmp_path / "mine" / "facts.sqlite")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700


def test_clean_removes_the_cache_and_nothing_else(tmp_path: Path) -> None:
    stored(tmp_path, "text")
    (tmp_path / "other").write_text("")
    assert clean(str(tmp_path)) > 0
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    assert clean(str(tmp_path)) == 0


@pytest.mark.parametrize("damage", [b"", b"this is no database" * 100, b"SQLite format 3\0" * 300])
def test_a_damaged_file_is_built_anew(tmp_path: Path, damage: bytes) -> None:
    stored(tmp_path, "text")
    clean(str(tmp_path))
    (tmp_path / "facts.sqlite").write_bytes(damage)
    for _ in range(2):
        cache = Cache(str(tmp_path))
        cache.keep("text", ["text"])
        cache.close()
    assert known(tmp_path, "text") == {"text"}


def test_damage_that_shows_late_is_built_anew_by_the_next_run(tmp_path: Path) -> None:
    stored(tmp_path, *(f"{number}" * 5000 for number in range(20)))
    data = bytearray((tmp_path / "facts.sqlite").read_bytes())
    data[32_768:] = bytes(byte ^ 0x5A for byte in data[32_768:])
    (tmp_path / "facts.sqlite").write_bytes(data)
    cache = Cache(str(tmp_path))
    assert cache.packs_of(["0" * 5000]) == {}
    cache.keep("text", ["text"])
    cache.close()
    assert "is not used: " in cache.notices[0]
    stored(tmp_path, "text")
    assert known(tmp_path, "text") == {"text"}


def test_a_file_of_a_later_version_is_built_anew(tmp_path: Path) -> None:
    stored(tmp_path, "text")
    with sqlite3.connect(tmp_path / "facts.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    stored(tmp_path, "new")
    assert known(tmp_path, "text", "new") == {"new"}


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "facts.sqlite"
    for version in (0, 2, 99):
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("CREATE TABLE IF NOT EXISTS theirs (id)")
        connection.close()
        before = path.read_bytes()
        cache = Cache(str(tmp_path))
        cache.keep("text", ["text"])
        cache.close()
        assert len(cache.notices) == 1
        assert path.read_bytes() == before


def unusable(cache: Cache) -> None:
    """It gives nothing, takes everything, says why once."""
    assert cache.seen("/home", "base") == {}
    assert cache.packs_of(["k"]) == {}
    assert cache.texts([1]) == {}
    cache.keep("text", ["k"])
    cache.keep_seen("/home", "base", SEEN)
    assert cache.state()[2:] == (0, 0)
    cache.close()
    assert len(cache.notices) == 1
    assert cache.notices[0].startswith(f"the cache {cache.path} is not used: ")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    unusable(Cache(str(tmp_path / "file" / "cache")))


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "facts.sqlite").mkdir()
    unusable(Cache(str(tmp_path)))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o500)
    if os.access(tmp_path / "shut", os.W_OK):
        pytest.skip("this user writes everywhere")
    unusable(Cache(str(tmp_path / "shut")))


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    stored(tmp_path, "text")
    cache = Cache(str(tmp_path))
    connection = cache._open  # noqa: SLF001 - a disk cannot be filled by a test
    assert connection is not None
    connection.execute("PRAGMA max_page_count = 20")
    cache.keep("x" * 1_000_000, ["x"])
    cache.close()
    assert cache.notices == [f"the cache {cache.path} is not used: database or disk is full"]
    assert known(tmp_path, "text", "x") == {"text"}


def test_two_runs_at_once(tmp_path: Path) -> None:
    failures: list[str] = []

    def run(name: str) -> None:
        for number in range(10):
            cache = Cache(str(tmp_path))
            cache.packs_of(["a0"])
            cache.keep(f"{name}{number}", [f"{name}{number}"])
            cache.close()
            failures.extend(cache.notices)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    keys = {f"{name}{number}" for name in "abcd" for number in range(10)}
    assert known(tmp_path, *keys) == keys
