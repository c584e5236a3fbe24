"""Where objects learn, where rows are divided, and where results are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mllint.facts import Call, Place
    from mllint.graph import Node


class Fit(NamedTuple):
    """An object learns from data."""

    node: Node
    call: Call
    kinds: frozenset[str]
    """What the object may be."""
    method: str
    data: Node | None
    target: Node | None


class Split(NamedTuple):
    """Rows are divided."""

    node: Node
    call: Call | None
    """None for a table that is divided by hand."""
    at: Place
    sort: str
    """split, torch (`random_split`), hand (`rows[:n]` and the rest), folds, cv (a function that
    cross-validates) or search (an object that does)."""
    given: tuple[Node | None, ...]
    """What is divided, in order; None for what was not kept."""
    taken: tuple[Node, ...] = ()
    """Tables of which rows are taken by the numbers that are divided."""

    @property
    def inputs(self) -> list[Node]:
        """What is divided."""
        return [*(node for node in self.given if node is not None), *self.taken]

    @property
    def features(self) -> list[Node]:
        """What is divided, the target apart: the last of several."""
        given = self.given[:-1] if self.sort == "split" and len(self.given) > 1 else self.given
        return [*(node for node in given if node is not None), *self.taken]


class Score(NamedTuple):
    """A fitted model is measured on data."""

    node: Node
    call: Call
    fit: Fit
    """The last fit that the model has been through."""
    data: Node
    """What the model is applied to."""
    truth: Node | None
    only: bool
    """Whether that is the only fit that it has been through."""
