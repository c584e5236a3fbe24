"""How a project's own code is spread over scripts, notebooks and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mllint.facts import Extent

_NOTEBOOK_SHARE = 2.0
"""Lines of scripts per line of notebooks from which on notebooks are a side matter."""
_WEIGHT = 0.25
"""Lines of scripts per line of notebooks up to which the notebooks are the project."""


class Balance(NamedTuple):
    """How the project's own code is spread, in lines."""

    scripts: int
    cells: int
    """Of notebooks."""
    templates: int

    @property
    def says(self) -> tuple[bool, bool, bool]:
        """All that is asked of it."""
        return self.on_notebooks, self.only_notebooks, self.on_templates

    @property
    def on_notebooks(self) -> bool:
        """Whether notebooks are the project itself rather than beside it."""
        return self.scripts < _NOTEBOOK_SHARE * self.cells

    @property
    def only_notebooks(self) -> bool:
        """Whether there is hardly any code beside notebooks."""
        return self.cells > 0 and self.scripts <= _WEIGHT * self.cells

    @property
    def on_templates(self) -> bool:
        """Whether files with placeholders are the project itself."""
        return self.templates > self.scripts + self.cells


def balance(extents: Iterable[Extent], role: Callable[[str], str]) -> Balance:
    """How code is spread; `role` tells that of a path."""
    lines = {"scripts": 0, "cells": 0, "templates": 0}
    for row in extents:
        kind = role(row.at.path)
        if kind == "template":
            lines["templates"] += row.code_lines
        elif kind == "source":
            lines["cells" if row.at.path.endswith(".ipynb") else "scripts"] += row.code_lines
    return Balance(**lines)
