"""Judging a few texts with a few rules, all in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mllint.collect import collect
from mllint.engine import review
from mllint.known import Known
from mllint.link import link
from mllint.meta_rules import RULES as META
from mllint.observed import Observed
from mllint.settings import Settings
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mllint.review import Report

RULES = ("unsafe-yaml-load", "absolute-path", "unpinned-action", "unpinned-base-image")


def judged(
    files: Mapping[str, Any],
    rules: tuple[str, ...] = RULES,
    known: Known | None = None,
    **settings: Any,
) -> Report:
    """The report on some texts."""
    tree = Tree.of(files)
    collected = collect(tree, CATALOGUE.known, jobs=0)
    project = link(collected, tree, CATALOGUE)
    chosen = {**{name: CATALOGUE.rules[name] for name in rules}, **META}
    observed = Observed.of(collected, project)
    settings = {"profile": "production", **settings}
    return review(observed, CATALOGUE, chosen, Settings(**settings), tree, known or Known())


@pytest.fixture(name="judge")
def fixture_judge() -> Callable[..., Report]:
    """`judged`, for tests of other modules."""
    return judged
