"""A few files read in a copy of this process, which is there at once and has all that it needs.

The copy has the bounds of a worker. Where there is no `fork`, or the copy dies, takes too long or
says anything else than what it should, nothing is said of the files: a pool then reads them anew
and finds the one at fault.
"""

from __future__ import annotations

import os
import select
import signal
import time
from typing import TYPE_CHECKING

from mllint.copied import copy
from mllint.worker import bounded, read_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mllint.facts import Known
    from mllint.worker import Task

MOST = 32_000
"""Bytes of files up to which a process of its own would cost more than reading them."""
_SECONDS = 3
"""How long it may take; what takes longer is left to a pool, which waits for more."""
_CHUNK = 1 << 16
_END = b"\n."
"""What follows the text, so that one that was cut short is known."""


def read(batch: Sequence[Task], known: Known, meanwhile: Callable[[], None] = lambda: None) -> str:
    """The encoded facts of some files; "" where they are to be read in another way.

    `meanwhile` is called while the copy is at work.
    """
    reader = copy(lambda: _read(batch, known))
    if reader is None:
        return ""
    try:
        meanwhile()
        said = _heard(reader.pipe)
    finally:
        os.close(reader.pipe)
        os.kill(reader.process, signal.SIGKILL)  # it has ended, or never will
        _, status = os.waitpid(reader.process, 0)
    whole = said.endswith(_END) and status in {0, signal.SIGKILL}
    return said.removesuffix(_END).decode() if whole else ""


def _read(batch: Sequence[Task], known: Known) -> bytes:
    """What the copy says: it prints nothing and has the bounds of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)
    bounded(_SECONDS)
    return read_batch(batch, known, lambda: None).encode() + _END


def _heard(pipe: int) -> bytes:
    """All that comes down a pipe until it is closed, or until it has taken too long."""
    said = b""
    end = time.monotonic() + _SECONDS
    while (left := end - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            break
        part = os.read(pipe, _CHUNK)
        if not part:
            return said
        said += part
    return b""
