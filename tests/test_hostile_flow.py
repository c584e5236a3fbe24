"""Values that flow in circles, and into each other: whatever the code is, every check ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE
from tests.samples import crashed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SECONDS = 20.0
"""Of processor; all checks of one of these programs take less than one."""
HEAD = """\
import numpy as np
import pandas as pd
import torch
from flask import Flask, request
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from other import Link, last

app = Flask(__name__)
"""
OTHER = """\
class Link:
    def __init__(self, rest, rows=None):
        self.rest = rest
        self.other = self.rest.rest
        self.rest = self.other.rest
        self.rows = rows

    def fit(self, rows):
        self.rows = self.rest.fit(rows)
        return self

    def step(self):
        return self.rest.step() or self.step().rest


def last(link, rows=None):
    while link is not None:
        link.rest = link.rest.rest
        link = link.rest
    return last(rows, link)
"""
CIRCLES = """
def deep(tree):
    while True:
        tree = tree["left"]["right"]["left"]
        left, tree = tree
        for tree in tree:
            tree = tree.rest[0].rest
    return tree


@app.post("/run")
def run():
    link = Link(Link(request.json))
    eval(last(link))
    exec(deep(link))
    model = deep(last(link))
    model.fit(last(link))
    print(model.score(deep(link)))
    torch.load(last(deep(link)))
    steps = torch.optim.SGD(model.parameters())
    for x in last(model):
        x = x.rest
        loss = x(model)
        loss.backward()
        steps.step()
"""
NOTHING = """
left, right = np
print(right.train(left), right.eval(), torch.no_grad(right))


def forward(x):
    loss = right(x)
    loss.backward()
    return right.train(x, left[:3])
"""
PLAIN = """
from rows import apply, cat, drop, eq, map, mean, predict, sample, split, to_numpy, transform

rows = drop(sample(pd.read_csv("rows.csv")))
left, right = train_test_split(transform(drop(rows)), test_size=0.5)
for fitted in (
    SVC().fit(drop(rows), map(int, rows)), SVC().fit(sample(rows), apply(rows)),
    SVC().fit(left, cat(rows)), SVC().fit(rows, eq(to_numpy(rows), 1)),
):
    print(mean(predict(fitted, rows) == to_numpy(rows)), score(split(rows), to_numpy(rows)))
"""
"""Functions named as methods are: there is no object."""
NAMES = st.sampled_from(["a", "b", "c", "rows", "link", "model"])
METHODS = st.sampled_from(
    [
        "fit",
        "predict",
        "transform",
        "fit_transform",
        "score",
        "train",
        "eval",
        "to",
        "step",
        "zero_grad",
        "backward",
        "sample",
        "split",
        "groupby",
        "mean",
        "apply",
        "parameters",
        "argmax",
        "item",
        "map",
        "batch",
        "shuffle",
        "take",
        "skip",
        "suggest_float",
        "optimize",
        "from_pretrained",
        "detach",
        "dropna",
        "drop",
        "merge",
        "iterrows",
        "append",
        "load_state_dict",
        "compile",
        "set_epoch",
    ]
)
KEYWORDS = st.sampled_from(
    ["training", "axis", "shuffle", "random_state", "columns", "mode", "path"]
)
WORDS = st.sampled_from(["class_weight", "lr", "inplace", "revision", "batch_size", "average"])
APIS = st.sampled_from([
    "torch.load", "pd.read_csv", "pd.DataFrame", "train_test_split", "SVC", "GridSearchCV",
    "np.load", "torch.manual_seed", "np.random.seed", "torch.optim.SGD", "StandardScaler",
    "torch.utils.data.DataLoader", "open", "torch.nn.Linear",
])  # fmt: skip
ODD = st.sampled_from(
    ["[]", "{}", "[[1]]", '{"a": []}', "None", "-1", '""', "True", "1e999", "...", "b''"]
)
"""Constants where others are expected."""
KEYS = st.sampled_from(["rest", "rows", "left", "T", "iloc"])


def _deeper(inner: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.one_of(
        st.builds("{}.{}".format, inner, KEYS),
        st.builds('{}["{}"]'.format, inner, KEYS),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("Link({}, {})".format, inner, inner),
        st.builds("last({})".format, inner),
        st.builds("work({}, {})".format, inner, inner),
        st.builds("{}.{}({})".format, inner, METHODS, inner),
        st.builds("{}.{}()".format, inner, METHODS),
        st.builds("{}({})".format, METHODS, inner),
        st.builds("{}(*{}, **{})".format, inner, inner, inner),
        st.builds("{}.{}({}={})".format, inner, METHODS, KEYWORDS, ODD),
        st.builds("{}({}={}, {}={})".format, APIS, KEYWORDS, ODD, WORDS, ODD),
        st.builds("StandardScaler().fit_transform({})".format, inner),
        st.builds("SVC().fit({}, {})".format, inner, inner),
        st.builds("pd.concat([{}, {}])".format, inner, inner),
        st.builds("({}, {})".format, inner, inner),
        st.builds("[{0} for {0} in {1}]".format, NAMES, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(lambda {}: {})".format, NAMES, inner),
        st.builds("train_test_split({}, {})".format, inner, inner),
    )


VALUES = st.recursive(
    st.one_of(NAMES, st.sampled_from(["request.json", "pd.read_csv('a.csv')", "0", "self.rest"])),
    _deeper,
    max_leaves=5,
)
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, NAMES, VALUES),
    st.builds("{}, {} = {}".format, NAMES, NAMES, VALUES),
    st.builds("{}, {} = {}".format, NAMES, NAMES, st.sampled_from(["np", "torch", "work", "None"])),
    st.builds("{}.{} = {}".format, NAMES, KEYS, VALUES),
    st.builds("{}[{}] = {}".format, NAMES, VALUES, VALUES),
    st.builds("{} += {}".format, NAMES, VALUES),
    st.builds("eval({})".format, VALUES),
    st.builds("{}.backward()".format, VALUES),
    st.builds("print({}.score({}, {}))".format, VALUES, VALUES, VALUES),
    st.builds("torch.save({}, {})".format, VALUES, VALUES),
    st.builds("return {}".format, VALUES),
)
BLOCKS = st.one_of(
    STATEMENTS,
    st.builds("for {} in {}:\n    {}".format, NAMES, VALUES, STATEMENTS),
    st.builds("while {}:\n    {}".format, VALUES, STATEMENTS),
    st.builds("with {} as {}:\n    {}".format, VALUES, NAMES, STATEMENTS),
    st.builds("if {}:\n    {}".format, VALUES, STATEMENTS),
    st.builds("def {}({}):\n    return {}".format, NAMES, NAMES, VALUES),
)


def program(blocks: list[str]) -> str:
    """A function of these blocks, which calls itself, and is called."""
    lines = [line for block in blocks for line in block.split("\n")]
    body = "\n".join(f"    {line}" for line in lines)
    head, end = (
        "def work(a, b, c=None):\n",
        "\n    return work(b, c, a)\n\n\nmodel = work(last, Link)\n",
    )
    return f"{head}{body}{end}"


def crashes(text: str) -> list[str]:
    """The checks that end with an error on a program, and whether they take too long."""
    files = {"run.py": HEAD + text, "other.py": OTHER}
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    started = time.process_time()
    found = [said for rule in CATALOGUE.rules.values() if (said := crashed(rule, project))]
    spent = time.process_time() - started
    return found if spent < SECONDS else [*found, f"{spent:.0f} s"]


@pytest.mark.parametrize("text", [CIRCLES, NOTHING, PLAIN], ids=["circles", "nothing", "plain"])
def test_odd_values_are_followed_to_an_end(text: str) -> None:
    assert crashes(text) == []


@settings(max_examples=40)
@given(st.lists(BLOCKS, min_size=2, max_size=9))
def test_whatever_flows_where_every_check_ends(blocks: list[str]) -> None:
    assert crashes(program(blocks)) == []
