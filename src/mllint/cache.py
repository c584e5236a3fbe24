"""Facts that were read before, in one sqlite file of the user's cache directory.

Holds text and knows nothing of what it says, but gives no text back that is other than it was
written. Never pickle, never a file in the audited repository. A cache that cannot be used is an
empty cache and one notice.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

LIMIT = 500_000_000
"""Bytes that the file may hold; what was used least recently goes first."""

_PAGE = 32_768
"""Bytes of a page: packs have some hundred thousand, and come in twice as fast as by small ones."""
_DAY = 86_400
_VERSION = 2
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS packs
    (id INTEGER PRIMARY KEY, used INTEGER NOT NULL, text BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files
    (key TEXT PRIMARY KEY, pack INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS trees
    (home BLOB PRIMARY KEY, used INTEGER NOT NULL, text BLOB NOT NULL, crc INTEGER NOT NULL);
PRAGMA user_version = {_VERSION};
"""
_TABLES = {"packs", "files", "trees"}
_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_DROP_OLDEST = "DELETE FROM packs WHERE id IN (SELECT id FROM packs ORDER BY used, id LIMIT 100)"
_DROP_LOST = "DELETE FROM files WHERE pack NOT IN (SELECT id FROM packs)"
_DROP_TREES = """
DELETE FROM trees WHERE home IN (SELECT home FROM trees ORDER BY used DESC LIMIT -1 OFFSET 1000)
"""
_BYTES = """
SELECT id, text FROM packs WHERE id IN (SELECT value FROM json_each(?)) AND typeof(text) = 'blob'
"""
_AHEAD = 64_000_000
"""Bytes of packs that are held ready."""
_T = TypeVar("_T")


class Seen(NamedTuple):
    """What a file was when its tree was last collected."""

    stamp: str
    key: str
    """Key of its facts; "" where no reader claims it."""
    pointer: int | None
    """Bytes of the object that it points to as a Git LFS pointer; None if it is none."""


class State(NamedTuple):
    """What `mllint cache info` tells."""

    path: str
    bytes: int
    files: int
    trees: int


def folder() -> str:
    """Where the cache is kept: `MLLINT_CACHE_DIR`, or the user's cache directory."""
    chosen = os.environ.get("MLLINT_CACHE_DIR")
    if chosen:
        return os.path.abspath(chosen)
    from platformdirs import user_cache_dir

    return user_cache_dir("mllint", appauthor=False)


def _file(where: str | None) -> str:
    return os.path.join(where or folder(), "facts.sqlite")


def clean(where: str | None = None) -> int:
    """Removes the cache; returns the bytes that this freed."""
    freed = 0
    for suffix in ("", "-wal", "-shm", "-journal"):
        path = _file(where) + suffix
        with suppress(FileNotFoundError):
            freed += os.path.getsize(path)
            os.remove(path)
    return freed


class Cache:
    """An open cache. Reads at once; what it is to keep is written when it is closed."""

    def __init__(self, where: str | None = None, *, outside: str | Path = "") -> None:
        """`outside` is the folder of a project, which is not trusted with a cache."""
        self.path = _file(where)
        self._outside = os.path.realpath(outside) if outside else ""
        self.notices: list[str] = []
        self._packs: list[tuple[bytes, tuple[str, ...]]] = []
        self._trees: list[tuple[bytes, bytes]] = []
        self._used: set[int] = set()
        self._ahead: dict[int, bytes] = {}
        self._open: sqlite3.Connection | None = None
        self._open = self._try(self._connect, None)

    def _connect(self) -> sqlite3.Connection:
        if self._outside and os.path.realpath(self.path).startswith(
            os.path.join(self._outside, "")
        ):
            raise OSError("it lies in the project")
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        try:
            return _opened(self.path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            clean(os.path.dirname(self.path))
            return _opened(self.path)

    def _try(self, action: Callable[[], _T], otherwise: _T) -> _T:
        """What the action gives; after its first failure the cache is empty and keeps nothing."""
        try:
            return action()
        except (sqlite3.Error, OSError) as error:
            self.notices.append(f"the cache {self.path} is not used: {error}")
            self._abandon()
            if type(error) is sqlite3.DatabaseError:
                clean(os.path.dirname(self.path))
            return otherwise

    def _abandon(self) -> None:
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
        self._open = None

    def seen(self, home: str, base: str) -> dict[str, Seen]:
        """What the tree's files were when it was last collected on that base, by path."""
        rows = self._rows("SELECT 0, text, crc FROM trees WHERE home = ?", (os.fsencode(home),))
        for text in _sound(rows).values():
            known, files = json.loads(text)
            if known == base:
                return {path: Seen(*seen) for path, seen in files.items()}
        return {}

    def knows(self, home: str) -> bool:
        """Whether it remembers anything of a tree."""
        return bool(self._rows("SELECT 1 FROM trees WHERE home = ?", (os.fsencode(home),)))

    def packs_of(self, keys: Sequence[str]) -> dict[str, int]:
        """For each key that is known, the pack that holds its facts."""
        sql = """SELECT key, pack FROM files WHERE key IN (SELECT value FROM json_each(?))
            AND typeof(pack) = 'integer'"""
        return dict(self._rows(sql, (json.dumps(keys),)))

    def texts(self, packs: Iterable[int]) -> dict[int, str]:
        """The texts of packs by their number."""
        self._used.update(packs)
        sql = "SELECT id, text, crc FROM packs WHERE id IN (SELECT value FROM json_each(?))"
        return _sound(self._rows(sql, (json.dumps(sorted(packs)),)))

    def fetch_ahead(self, packs: Iterable[int]) -> None:
        """Has the bytes of packs in memory, as many as are few, for `holding` to search."""

        def taken(rows: Iterable[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
            found, left = [], _AHEAD
            for pack, text in rows:
                left -= len(text)
                if left < 0:
                    break
                found.append((pack, text))
            return found

        self._ahead = dict(self._rows(_BYTES, (json.dumps(sorted(packs)),), taken))

    def holding(self, packs: Iterable[int], words: Iterable[str]) -> dict[int, bool]:
        """Whether one of some words is written in each of the packs that are there."""
        wanted = [word.encode() for word in words]

        def searched(rows: Iterable[tuple[int, bytes]]) -> list[tuple[int, bool]]:
            return [(pack, any(word in text for word in wanted)) for pack, text in rows]

        asked = set(packs)
        here = {pack: text for pack, text in self._ahead.items() if pack in asked}
        more = sorted(asked - here.keys())
        left = self._rows(_BYTES, (json.dumps(more),), searched) if more else []
        return dict([*searched(here.items()), *left])

    def _rows(
        self,
        sql: str,
        values: tuple[object, ...],
        take: Callable[[Iterable[tuple[Any, ...]]], list[tuple[Any, ...]]] = list,
    ) -> list[tuple[Any, ...]]:
        """What is taken of the rows, one at a time: all, by default."""
        connection = self._open
        if connection is None:
            return []
        return self._try(lambda: take(connection.execute(sql, values)), [])

    def keep(self, text: str, keys: Iterable[str]) -> None:
        """Remembers a pack and the keys whose facts it holds."""
        self._packs.append((text.encode(), tuple(keys)))

    def keep_seen(self, home: str, base: str, files: Mapping[str, Seen]) -> None:
        """Remembers what the files of a tree are now."""
        self._trees.append((os.fsencode(home), json.dumps([base, files]).encode()))

    def close(self) -> None:
        """Writes what is to be kept, and makes room; waits 5 s for another run that is writing."""
        connection = self._open
        if connection is not None:
            self._try(lambda: self._write(connection), None)
        self._abandon()

    def _write(self, connection: sqlite3.Connection) -> None:
        now = int(time.time())
        due = "UPDATE packs SET used = ? WHERE used < ? AND id IN (SELECT value FROM json_each(?))"
        stale = (now, now - _DAY, json.dumps(sorted(self._used)))
        with connection:
            if self._packs or self._trees:
                connection.execute("BEGIN IMMEDIATE")
            for text, keys in self._packs:
                sql = "INSERT INTO packs (used, text, crc) VALUES (?, ?, ?)"
                pack = connection.execute(sql, (now, text, crc32(text))).lastrowid
                sql = "INSERT OR REPLACE INTO files (key, pack) VALUES (?, ?)"
                connection.executemany(sql, [(key, pack) for key in keys])
            for home, text in self._trees:
                sql = "INSERT OR REPLACE INTO trees (home, used, text, crc) VALUES (?, ?, ?, ?)"
                connection.execute(sql, (home, now, text, crc32(text)))
            connection.execute(due, stale)
        if self._packs:
            _make_room(connection)

    def state(self) -> State:
        """How much the cache holds."""
        sizes = self._rows("SELECT (SELECT count(*) FROM files), (SELECT count(*) FROM trees)", ())
        files, trees = sizes[0] if sizes else (0, 0)
        size = os.path.getsize(self.path) if os.path.exists(self.path) else 0
        return State(self.path, size, files, trees)


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Makes the tables where there are none; raises where it is no cache of ours."""
    connection.execute("PRAGMA synchronous = OFF")  # what a power cut spoils is made anew
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        tables = {name for (name,) in connection.execute(_NAMES)}
        if not tables <= _TABLES:
            raise sqlite3.OperationalError("it is a database of another program")
        if version:
            raise sqlite3.DatabaseError(f"it is of version {version}")
    if version == 0:
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)


def _sound(rows: Iterable[tuple[int, bytes, int]]) -> dict[int, str]:
    """The texts that are as they were written, by their number."""
    return {
        number: text.decode()
        for number, text, crc in rows
        if isinstance(text, bytes) and crc32(text) == crc
    }


def _make_room(connection: sqlite3.Connection) -> None:
    def size() -> int:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, each = (connection.execute(f"PRAGMA {n}").fetchone()[0] for n in names)
        return int((pages - free) * each)

    if size() <= LIMIT:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        while size() > LIMIT * 3 // 4 and connection.execute(_DROP_OLDEST).rowcount:
            pass
        connection.execute(_DROP_LOST)
        connection.execute(_DROP_TREES)
    connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page
