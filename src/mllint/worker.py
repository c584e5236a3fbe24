"""Reads batches of files; run by `pool` in a process of its own, where a parser may die.

Knows the readers by name only. Prints nothing: what it says goes down a pipe, in frames.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import struct
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import IO, TYPE_CHECKING, NamedTuple

from mllint.codec import encode
from mllint.facts import Facts, Known, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MEMORY = 1_500_000_000
"""Bytes of address space that a worker may use."""

_LENGTH = struct.Struct(">I")


class Task(NamedTuple):
    """A file to be read."""

    path: str
    modules: tuple[str, ...]
    """The readers' modules."""
    data: bytes


def send(pipe: IO[bytes], *parts: bytes) -> None:
    """Writes one frame: its length, then its bytes."""
    pipe.write(_LENGTH.pack(sum(map(len, parts))))
    for part in parts:
        pipe.write(part)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """The next frame; None where the other side is gone."""
    header = pipe.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(header)[0]
    frame = pipe.read(size)
    return frame if len(frame) == size else None


def send_batch(pipe: IO[bytes], batch: Sequence[Task]) -> None:
    """Writes a batch as two frames."""
    send(pipe, json.dumps([[t.path, t.modules, len(t.data)] for t in batch]).encode())
    send(pipe, *(task.data for task in batch))


def _receive_batch(pipe: IO[bytes]) -> list[Task] | None:
    head, body = receive(pipe), receive(pipe)
    if head is None or body is None:
        return None
    batch, at = [], 0
    for path, modules, size in json.loads(head):
        batch.append(Task(path, tuple(modules), body[at : at + size]))
        at += size
    return batch


def read_batch(batch: Iterable[Task], known: Known, tick: Callable[[], None]) -> str:
    """The encoded facts of a batch; `tick` is called as each file is done."""
    files = {}
    for task in batch:
        files[task.path] = _read(task, known)
        tick()
    try:
        return encode(files)
    except (ValueError, RecursionError, TypeError):
        return encode({path: _writable(path, facts) for path, facts in files.items()})


def _read(task: Task, known: Known) -> Facts:
    """What all readers of a file say of it. A reader that raises is a problem of that file."""
    found: list[Facts] = []
    for module in task.modules:
        try:
            found.append(import_module(module).read(task.path, task.data, known))
        except Exception as error:  # noqa: BLE001, PERF203 - costs one file, never a run
            text = f"{module.rpartition('.')[2]}: {type(error).__name__}: {error}"
            found.append(Facts(problems=[Problem(task.path, "crashed", text[:500])]))
    return found[0] if len(found) == 1 else _merged(found)


def _merged(found: Sequence[Facts]) -> Facts:
    rows: dict[str, list[object]] = {}
    for facts in found:
        for table, own in facts.rows.items():
            rows.setdefault(table, []).extend(own)
    graph = next((facts for facts in found if facts.values or facts.functions), Facts())
    return Facts(
        rows,
        graph.values,
        graph.functions,
        [ignore for facts in found for ignore in facts.ignores],
        list(dict.fromkeys(problem for facts in found for problem in facts.problems)),
    )


def _writable(path: str, facts: Facts) -> Facts:
    """The facts, or a problem instead where they hold what JSON cannot say."""
    try:
        encode({path: facts})
    except (ValueError, RecursionError, TypeError) as error:
        text = f"facts cannot be written: {type(error).__name__}: {error}"
        return Facts(problems=[Problem(path, "crashed", text[:500])])
    return facts


def bounded(seconds: int) -> None:
    """Bounds on what this process may use from now on: memory, and seconds of the processor."""
    _limit_memory()
    _limit_time(seconds)


def _limit_memory() -> None:
    """Where the system can: a parser that runs wild fails alone."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _limit_time(seconds: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds, hard))


def main(readers: Sequence[str] = ()) -> None:
    """Serves batches until the pipe closes; the first frame says with what and how long.

    Some readers are loaded before it comes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given, said = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    gc.disable()
    for name in readers:
        import_module(f"mllint.readers.{name}")
    *asked, seconds = json.loads(receive(given) or b"[[], [], [], 0]")
    known = Known(*map(frozenset, asked))

    def tick() -> None:
        send(said)
        _limit_time(seconds)

    tick()
    while (batch := _receive_batch(given)) is not None:
        send(said, read_batch(batch, known, tick).encode())
        gc.collect()
        gc.freeze()
