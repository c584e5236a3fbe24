"""A reader that does what its file says: die, hang, talk ..."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from mllint.facts import Facts, Heading, Known, Place
from mllint.worker import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

KNOWN = Known(frozenset({"torch"}), frozenset({"fit"}))
ODD = dedent("""
    import ctypes, os, sys, time
    from mllint.facts import Facts, Heading, Place

    def read(path, data, known):
        word = data.decode()
        if word == "raise":
            raise ValueError("no good")
        if word == "die":
            os.kill(os.getpid(), 11)
        if word == "exit":
            os._exit(3)
        if word == "leave":
            os._exit(0)
        if word == "spin":
            while True:
                pass
        if word == "sleep":
            time.sleep(600)
        if word == "hog":
            sys.stdout.write(str(len(bytearray(3_000_000_000))))
        if word == "talk":
            print("x" * 100_000, flush=True)
            os.write(1, b"y" * 100_000)
        if word == "number":
            return Facts({"heading": [Heading(Place(path), "", 10**5000, 0)]})
        text = f"{word} {sorted(known.roots)} {sorted(known.methods)}"
        return Facts({"heading": [Heading(Place(path), text, 1, 0)]})
""")


def tasks(reader: str, *words: str) -> list[Task]:
    return [Task(f"{n}.{word}", (reader,), word.encode()) for n, word in enumerate(words)]


def good(reader: str, batch: Sequence[Task]) -> dict[str, Facts]:
    assert reader == "odd_reader"
    return {
        t.path: Facts(
            {"heading": [Heading(Place(t.path), f"{t.data.decode()} ['torch'] ['fit']", 1, 0)]}
        )
        for t in batch
    }
