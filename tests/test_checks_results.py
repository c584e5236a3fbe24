"""What training is held against, tied to and followed by: each kind of sign on a tiny project."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import tomli

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

CASES = tomli.loads((Path(__file__).parent / "signs.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["check"])
def test_a_sign_is_seen_or_is_none(case: dict[str, Any]) -> None:
    tree = Tree.of(case["files"])
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    module, _, name = case["check"].partition(":")
    found = list(getattr(import_module(f"mllint.checks.{module}"), name)(project))
    if "note" in case:
        assert any(case["note"] in e.note and e.ok is not False for e in found), found
    else:
        assert [e.ok for e in found] == [False]
