"""Everything that was collected of a tree. Knows nothing of how it was read, or when."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mllint.facts import Facts, File, Git, Problem


@dataclass(frozen=True)
class Collected:
    """What was collected of a tree."""

    facts: Mapping[str, Facts] = field(default_factory=dict)
    """What the readers say of each file, by path, in the tree's order."""
    files: Mapping[str, File] = field(default_factory=dict)
    """The row of each file."""
    git: Sequence[Git] = ()
    """The row of the repository; none where there is no git."""
    problems: Sequence[Problem] = ()
    """All of them, the tree's and the files' own, sorted."""
    notices: Sequence[str] = ()
    """What the user should know of how it was done; what the cache has to say apart."""
    cached: int = 0
    """Files whose facts came from the cache."""
    read: int = 0
    """Files that were read, or could not be."""

    @property
    def paths(self) -> Sequence[str]:
        """Every path of which there are rows; "" is that of the repository."""
        return ("", *self.files) if self.git else tuple(self.files)
