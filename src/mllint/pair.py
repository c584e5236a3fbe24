"""Two processes that share work: this one and a copy of it, which has all that it has in memory.

Knows names and what JSON can say of each. Where there is no `fork`, or the copy dies, or something
raises, nothing is lost: what is missing is made later, where it is asked for.
"""

from __future__ import annotations

import json
import mmap
import os
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Make: TypeAlias = Callable[[str], Any]
    Claims: TypeAlias = bytearray | mmap.mmap


def made(names: Sequence[str], make: Make) -> dict[str, Any]:
    """What `make` gives for each name, as JSON has it; nothing where it raises.

    The copy begins with the first name and this process with the last: of names that stand together
    most are made by one process, which works out but once what they share.
    """
    if not hasattr(os, "fork"):
        return _made(names, range(len(names)), bytearray(len(names)), make)
    receive, send = os.pipe()
    with mmap.mmap(-1, len(names)) as claimed:  # shared by both
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a thread at most, which shows progress
            child = os.fork()
        if not child:
            _copy(names, claimed, make, send)
        os.close(send)
        found = _made(names, range(len(names) - 1, -1, -1), claimed, make)
    with os.fdopen(receive, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    with suppress(ValueError):
        found = {**json.loads(said), **found}
    return found


def _copy(names: Sequence[str], claimed: Claims, make: Make, send: int) -> None:
    """The life of the copy: it says what it has made, and ends without a trace."""
    try:
        found = _made(names, range(len(names)), claimed, make)
        with os.fdopen(send, "wb") as pipe:
            pipe.write(json.dumps(found).encode())
    finally:
        os._exit(0)


def _made(
    names: Sequence[str], order: Iterable[int], claimed: Claims, make: Make
) -> dict[str, Any]:
    """What is made of the names that nobody has claimed; one that both claim is made twice."""
    found = {}
    for place in order:
        if not claimed[place]:
            claimed[place] = 1
            with suppress(Exception):  # told where it is asked for
                found[names[place]] = make(names[place])
    return found
