"""What differs between two states of a file, and where what is the same went."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.facts import Facts, Known, Place
from mllint.readers import notebook, python
from mllint.turned import Turned, speaks

KNOWN = Known(frozenset({"torch", "sklearn", "numpy"}), frozenset({"fit", "eval", "step"}))
SOURCE = '''\
"""Trains."""
import torch
from sklearn.preprocessing import StandardScaler

RATE = 0.1


class Net(torch.nn.Module):
    WIDTH = 8

    def forward(self, x):
        return torch.relu(x)


def train(rows):
    scaler = StandardScaler()
    data = scaler.fit(
        rows,
        sample_weight=None,
    )
    for epoch in range(3):
        net = Net()
        net.step(data)
    return net


train(torch.load("rows.pt"))
'''


def read(source: str) -> Facts:
    return python.read("train.py", source.encode(), KNOWN)


def turned(old: str, new: str) -> Turned:
    return Turned(read(old), read(new))


@pytest.mark.parametrize(
    ("old", "new", "tables", "graph"),
    [
        ("RATE", "# so\nRATE", {"extent"}, False),
        ("RATE", "\n\nRATE", {"extent"}, False),
        ("    scaler =", "    # so\n    scaler =", {"extent", "body"}, False),
        ("0.1", "0.2", {"assign"}, False),
        ("RATE = 0.1", "RATE = 0.1\nSEED = 3", {"extent", "assign", "export"}, False),
        ("RATE = 0.1", "", {"extent", "assign", "export"}, False),
        ('"rows.pt"', '"rows.pth"', {"call"}, False),
        ("net.step(data)", "net.step(rows)", {"call"}, True),
        ("range(3)", "range(4)", set(), False),
        ("        net.step", "        net.eval()\n        net.step",
         {"extent", "call", "body"}, True),
        ("import torch\n", "import torch\nimport numpy\n",
         {"extent", "import", "export"}, False),
        ("def train(rows)", "def train(rows, more)", {"define", "call", "assign"}, True),
        ("train(torch", "if RATE:\n    train(torch", {"extent", "call"}, False),
        ("rows,\n        sample", "rows, sample", {"extent", "call", "body"}, False),
        ("    net = Net()\n", "    net = Net(); torch.relu(net)\n", {"call", "body"}, True),
    ],
)  # fmt: skip
def test_what_differs(old: str, new: str, tables: set[str], graph: bool) -> None:
    assert SOURCE.count(old) >= 1
    found = turned(SOURCE, SOURCE.replace(old, new))
    assert found.tables - {"comment"} == tables
    assert found.graph == graph


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 25), st.sampled_from(["", "# so", "    # so"]))))
def test_what_has_moved_is_found_where_it_stands_now(added: list[tuple[int, str]]) -> None:
    lines = SOURCE.split("\n")
    for line, text in sorted(added, reverse=True):
        lines.insert(line, text)
    old, new = read(SOURCE), read("\n".join(lines))
    found = Turned(old, new)
    stretched = any(17 <= line <= 19 for line, _ in added)  # inside of a call
    assert found.tables <= {"extent", "body", "comment"} | ({"call"} if stretched else set())
    assert not found.graph
    assert not found.offered
    for table in ("call", "assign", "define", "import"):
        if table not in found.tables:
            for one, other in zip(old.rows[table], new.rows[table], strict=True):
                assert found.moved(one.at) == other.at
    for value, after in zip(old.values, new.values, strict=True):
        assert found.moved(Place("train.py", value.line)) == Place("train.py", after.line)


def test_rows_around_what_differs_are_found_too() -> None:
    new = SOURCE.replace("RATE = 0.1", "SEED = 3\nRATE = 0.1")
    found = turned(SOURCE, new)
    rate = next(row for row in read(SOURCE).rows["assign"] if row.target == "RATE")
    after = next(row for row in read(new).rows["assign"] if row.target == "RATE")
    assert found.moved(rate.at) == after.at
    assert [row.target for row in found.other["assign"]] == ["SEED"]


def test_what_is_gone_is_nowhere() -> None:
    found = turned(SOURCE, SOURCE.replace("RATE = 0.1", ""))
    rate = next(row for row in read(SOURCE).rows["assign"] if row.target == "RATE")
    assert found.moved(rate.at) is None
    assert found.moved(Place("train.py")) == Place("train.py")
    assert Turned(read(SOURCE), None).moved(Place("train.py")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.load(1)\ntorch.load(2)\n", "torch.load(1); torch.load(2)\n"),
        ("torch.load(1); torch.load(2)\n", "torch.load(1)\ntorch.load(2)\n"),
        ("torch.load(1)\n# TODO\n", "# TODO\ntorch.load(1)\n"),
    ],
)
def test_where_lines_do_not_go_to_lines_in_order_nothing_is_the_same(old: str, new: str) -> None:
    before = read(f"import torch\n{old}")
    found = Turned(before, read(f"import torch\n{new}"))
    assert found.tables >= {"call", "module"}
    assert found.graph
    assert found.moved(before.rows["call"][0].at) is None


def test_equal_numbers_of_other_types_differ() -> None:
    assert "assign" in turned("a = 1\n", "a = True\n").tables
    assert "assign" in turned("a = 1\n", "a = 1.0\n").tables


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("RATE = 0.1", "RATE = 0.2", {"RATE"}),
        ("RATE = 0.1", "RATE = 0.1\nRATE = 0.1", {"RATE"}),
        ("WIDTH = 8", "WIDTH = 9", {"WIDTH"}),
        ("def train(rows)", "def fit(rows)", {"train", "fit"}),
        ("        net = Net()", "        net = None", {"train"}),
        ("    scaler = StandardScaler()", "    scaler = None", set()),
        ("net.step(data)", "net.eval(data)", set()),
    ],
)
def test_what_a_file_offers(old: str, new: str, names: set[str]) -> None:
    assert turned(SOURCE, SOURCE.replace(old, new)).offered == names


@pytest.mark.parametrize(
    ("old", "new", "imports"),
    [
        ("RATE", "import numpy\nRATE", True),
        ("RATE", "import sys\nsys.path.append('lib')\nRATE", True),
        ("RATE", "if RATE\nRATE", True),
        ("RATE = 0.1", "RATE = 0.2", False),
    ],
)
def test_what_a_file_imports(old: str, new: str, imports: bool) -> None:
    assert turned(SOURCE, SOURCE.replace(old, new)).imports == imports


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from train import RATE", True),
        ("from train import *\ntorch.load(RATE)", True),
        ("import train\ntorch.load(train.RATE)", True),
        ("class Big(train.RATE): pass", True),
        ("RATE = 3", False),
        ("import train", False),
        ("torch.load(train.RATES)", False),
    ],
)
def test_who_takes_a_name(source: str, found: bool) -> None:
    assert speaks(read(f"import torch, train\n{source}\n"), re.compile(r"\bRATE\b")) == found


def test_cells_of_notebooks_keep_their_own_lines() -> None:
    def cells(*sources: str) -> Facts:
        made = ", ".join(
            f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{source}"}}'
            for source in sources
        )
        text = f'{{"cells": [{made}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
        return notebook.read("a.ipynb", text.encode(), KNOWN)

    old = cells("import torch", "x = torch.load(1)")
    new = cells("import torch", "# so\\nx = torch.load(1)")
    found = Turned(old, new)
    assert "call" not in found.tables
    assert found.moved(old.rows["call"][0].at) == new.rows["call"][0].at
    more = cells("# so", "import torch", "x = torch.load(1)")
    assert "call" in Turned(old, more).tables
