"""Worker processes that read files. One that dies or hangs costs the one file it was reading.

Knows nothing of trees, caches or what facts are.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from mllint import forked
from mllint.facts import Known, Problem
from mllint.worker import Task, read_batch, receive, send, send_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

CPU_SECONDS = 10
"""How long one file may keep a worker busy; asleep or kept waiting, three times as long."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from mllint.worker import main
main(sys.argv[2:])
"""
_USUAL = ("python", "notebook", "config", "prose", "dependencies", "ci")
"""Readers that most trees need."""


class Outcome(NamedTuple):
    """A batch that was read, or a file that could not be."""

    paths: tuple[str, ...]
    text: str
    """The encoded facts of the paths; "" where there is a problem."""
    problem: Problem | None


def _started(*readers: str) -> subprocess.Popen[bytes]:
    """A new process, which loads these readers before it is told anything."""
    return subprocess.Popen(  # noqa: S603 - this very Python
        [sys.executable, "-I", "-S", "-c", _START, json.dumps(_search_path()), *readers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


class Crew:
    """Processes that get ready while it is found out what there is to be read."""

    def __init__(self, jobs: int) -> None:
        self._idle: list[subprocess.Popen[bytes]] = []
        with suppress(OSError):  # told when a worker is needed
            self._idle.extend(_started(*_USUAL) for _ in range(jobs))

    def take(self) -> subprocess.Popen[bytes] | None:
        """One that nobody has; None where there is none left."""
        return self._idle.pop() if self._idle else None

    def dismiss(self) -> None:
        """Ends those that nobody has taken."""
        while process := self.take():
            process.kill()
            process.communicate()


class _Worker:
    """One process, as seen from the thread that feeds it."""

    def __init__(self, known: Known, seconds: int, crew: Crew | None) -> None:
        self._seconds = seconds
        self.since = 0.0
        """When it began the file that it is reading; 0 while it is idle."""
        self.overdue = False
        ready = crew.take() if crew else None
        if ready is not None and self._greet(ready, known):
            return
        if not self._greet(_started(), known):
            raise OSError(self.obituary()[1])

    def _greet(self, process: subprocess.Popen[bytes], known: Known) -> bool:
        """Makes a process this worker's, and tells it its terms; whether it answers."""
        self._process = process
        self._given = cast("IO[bytes]", process.stdin)
        self._said = cast("IO[bytes]", process.stdout)
        asked = [*map(sorted, known), self._seconds]
        with suppress(OSError):
            send(self._given, json.dumps(asked).encode())
        answers = receive(self._said) is not None
        if not answers:
            process.communicate()
        return answers

    def read(self, batch: Sequence[Task]) -> tuple[str, int]:
        """The encoded facts, or "" where it died, and how many files it had done by then."""
        done = 0
        self.since = time.monotonic()
        try:
            send_batch(self._given, batch)
            while (frame := receive(self._said)) == b"":
                done += 1
                self.since = time.monotonic()
        except OSError:
            frame = None
        self.since = 0.0
        return (frame or b"").decode(), done

    def kill(self) -> None:
        """Ends the process; the thread that reads from it notices."""
        self._process.kill()

    def obituary(self) -> tuple[str, str]:
        """Kind and text of the problem that its death is."""
        self._process.communicate()
        code = self._process.returncode
        if self.overdue or -code == getattr(signal, "SIGXCPU", None):
            return "timeout", f"not read within {self._seconds} s"
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return "crashed", f"the parser died ({name})"


class Pool:
    """Reads batches in processes that start at once; iterate to have what they said.

    Batches are drawn as workers are free, so that few are in memory. With 0 jobs all is read in
    this very process: only for what is trusted.
    """

    def __init__(
        self,
        batches: Iterable[Sequence[Task]],
        known: Known,
        jobs: int,
        seconds: int = CPU_SECONDS,
        crew: Crew | None = None,
    ) -> None:
        self._batches = iter(batches)
        self._known = known
        self._jobs = jobs
        self._seconds = seconds
        self._crew = crew
        self._todo: SimpleQueue[Sequence[Task] | None] = SimpleQueue()
        self._done: SimpleQueue[Outcome | None] = SimpleQueue()
        self._workers: dict[int, _Worker] = {}
        self._threads: list[Thread] = []
        self._open = 0
        self._closed = False
        self._draw(2 * jobs)

    def __enter__(self) -> Pool:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all workers, whatever they are at."""
        self._closed = True
        for _thread in self._threads:
            self._todo.put(None)
        for worker in list(self._workers.values()):
            worker.kill()
        for thread in self._threads:
            thread.join()

    def __iter__(self) -> Iterator[Outcome]:
        if not self._jobs:
            for batch in self._batches:
                text = read_batch(batch, self._known, lambda: None)
                yield Outcome(tuple(task.path for task in batch), text, None)
        while self._open:
            try:
                outcome = self._done.get(timeout=0.2)
            except Empty:
                self._watch()
                continue
            if outcome is None:
                self._open -= 1
                self._draw(1)
            else:
                yield outcome

    def _draw(self, count: int) -> None:
        for batch in islice(self._batches, count):
            self._todo.put(batch)
            self._open += 1
            if len(self._threads) < self._jobs:
                thread = Thread(target=self._serve, args=(len(self._threads),), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _watch(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers.values()):
            if worker.since and now - worker.since > 3 * self._seconds:
                worker.overdue = True
                worker.kill()

    def _serve(self, number: int) -> None:
        """Keeps one worker busy until there is nothing more to do."""
        while (batch := self._todo.get()) is not None:
            again = [batch]
            while again and not self._closed:
                again += self._read(number, again.pop())
            self._done.put(None)
        if number in self._workers:
            worker = self._workers.pop(number)
            worker.kill()
            worker.obituary()

    def _read(self, number: int, batch: Sequence[Task]) -> list[Sequence[Task]]:
        """Has a batch read; what comes back is to be read again, without the file at fault."""
        try:
            worker = self._workers.get(number) or _Worker(self._known, self._seconds, self._crew)
        except OSError as error:
            text = f"no process could be started to read it: {error}"
            self._fail([Problem(task.path, "crashed", text) for task in batch])
            return []
        self._workers[number] = worker
        if self._closed:
            return []
        text, done = worker.read(batch)
        if text:
            self._done.put(Outcome(tuple(task.path for task in batch), text, None))
            return []
        del self._workers[number]
        kind, text = worker.obituary()
        if done == len(batch) > 1:
            return [[task] for task in batch]
        at = min(done, len(batch) - 1)
        self._fail([Problem(batch[at].path, kind, text)])
        rest = [*batch[:at], *batch[at + 1 :]]
        return [rest] if rest else []

    def _fail(self, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self._done.put(Outcome((problem.path,), "", problem))


def outcomes(
    batches: Iterable[Sequence[Task]],
    known: Known,
    jobs: int,
    crew: Crew | None,
    size: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> Generator[Outcome, None, None]:
    """What is said of batches of so many bytes in all: by a copy of this process or by a pool.

    `meanwhile` is called while a copy is at work.
    """
    left = iter(batches)
    if jobs and crew is None and size <= forked.MOST:
        first = next(left, None)
        text = forked.read(first, known, meanwhile) if first else ""
        if first and text:
            yield Outcome(tuple(task.path for task in first), text, None)
        elif first:
            left = chain([first], left)
    with Pool(left, known, jobs, crew=crew) as pool:
        yield from pool


def _search_path() -> list[str]:
    """Where a worker finds modules: as here, but never in the current folder, which may be audited.

    mllint's own folder comes first: it may be known to this process by an import hook alone.
    """
    home = str(Path(__file__).resolve().parent.parent)
    here = str(Path.cwd())
    return [home, *(str(Path(path).absolute()) for path in sys.path if path not in {"", here})]
