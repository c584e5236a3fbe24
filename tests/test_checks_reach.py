"""Which code the tests reach, where the examples of the rules cannot say that it is undecided."""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

TRAIN = """
from sklearn.linear_model import LogisticRegression


def train(rows, labels):
    return LogisticRegression().fit(rows, labels)
"""
ASKS = """
class Service:
    def __init__(self, model):
        self.model = model

    def answer(self, row):
        return float(self.model.predict([row])[0])
"""
SHAPES = """
class Service:
    def shape(self, row):
        return {"minutes": row["minutes"]}
"""
TEST = """
from churn.service import Service


def test_service():
    assert Service
"""


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (ASKS, (None, "a test imports `churn/service.py`, which asks a model")),
        (SHAPES, (False, "no test imports `churn/train.py`")),
    ],
)
def test_tests_of_the_code_around_a_model(service: str, expected: tuple[bool | None, str]) -> None:
    files = {
        "churn/train.py": TRAIN,
        "churn/service.py": service,
        "tests/test_service.py": TEST,
    }
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    evidence = CATALOGUE.rules["untested-model-code"].check(project)
    assert [(one.ok, one.note) for one in evidence] == [expected]
