"""Two processes that share work: this one and a copy of it, which has all that it has in memory.

Knows names and what JSON can say of each. Where there is no `fork`, or the copy dies, or something
raises, nothing is lost: what is missing is made later, where it is asked for.
"""

from __future__ import annotations

import json
import mmap
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from mllint.copied import copy

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    Make: TypeAlias = Callable[[str], Any]


class Pair:
    """A copy of this process, at work from now on; this one joins in when it is told to finish.

    The copy begins with the first name and this process with the last: of names that stand together
    most are made by one process, which works out but once what they share.
    """

    def __init__(self, names: Sequence[str], make: Make) -> None:
        self.names = names
        self._make = make
        self._claimed = mmap.mmap(-1, len(names) or 1)  # shared by both
        places = range(len(names))
        self._copy = copy(lambda: json.dumps(self._made(places)).encode())

    def drop(self, names: Container[str]) -> None:
        """Nobody need make these any more; the copy may have made some of them."""
        for place, name in enumerate(self.names):
            if name in names:
                self._claimed[place] = 1

    def finish(self) -> dict[str, Any]:
        """What `make` gives for each name, as JSON has it; nothing where it raises."""
        found = self._made(range(len(self.names) - 1, -1, -1))
        if self._copy is not None:
            with os.fdopen(self._copy.pipe, "rb") as pipe:
                said = pipe.read()
            os.waitpid(self._copy.process, 0)
            with suppress(ValueError):
                found = {**json.loads(said), **found}
        self._claimed.close()
        return found

    def _made(self, order: Iterable[int]) -> dict[str, Any]:
        """What is made of the names that nobody has claimed; one that both claim is made twice."""
        found = {}
        for place in order:
            if not self._claimed[place]:
                self._claimed[place] = 1
                with suppress(Exception):  # told where it is asked for
                    found[self.names[place]] = self._make(self.names[place])
        return found
