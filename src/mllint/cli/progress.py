"""Progress on stderr: only on a terminal, and only for work longer than half a second."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from mllint.cli.output import dumb

if TYPE_CHECKING:
    from types import TracebackType

    from rich.status import Status
    from typing_extensions import Self

DELAY = 0.5
"""Seconds before anything is shown."""


class Progress:
    """A context manager; called with what is being done, how much is done and of how much."""

    def __init__(self, *, wanted: bool) -> None:
        self._lock = threading.Lock()
        self._text = "reading"
        self._status: Status | None = None
        self._timer: threading.Timer | None = None
        if wanted and sys.stderr.isatty() and not dumb():
            self._timer = threading.Timer(DELAY, self._start)
            self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._timer is not None:
            self._timer.start()
        return self

    def __call__(self, doing: str, done: int, total: int) -> None:
        """Say how far the work is."""
        text = f"{doing} {done} of {total}" if total else doing
        with self._lock:
            self._text = text
            if self._status is not None:
                self._status.update(text)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer.join()
        with self._lock:
            if self._status is not None:
                self._status.stop()
                self._status = None

    def _start(self) -> None:
        from rich.console import Console
        from rich.text import Text

        with self._lock:
            self._status = Console(stderr=True).status(Text(self._text))
            self._status.start()
