from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mllint.collect import collect
from mllint.facts import ROWS
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from mllint.project import Project


def project(files: dict[str, str]) -> Project:
    tree = Tree.of(files)
    return link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)


def test_empty_tree_makes_an_empty_project() -> None:
    found = project({})
    assert found.graph is None
    assert not any(found.rows(table) for table in ROWS if table != "git")


def test_tree_without_python_has_no_graph() -> None:
    assert project({"README.md": "# A title\n"}).graph is None


def test_rows_are_in_order_of_path() -> None:
    found = project({"b.py": "import numpy\n", "a.py": "import pandas\n"})
    assert [row.at.path for row in found.rows("import")] == ["a.py", "b.py"]


def test_constant_of_another_file_reaches_the_rows() -> None:
    found = project(
        {
            "config.py": "SEED = 3\n",
            "data.py": (
                "from sklearn.model_selection import train_test_split\nfrom config import SEED\n"
                "train, test = train_test_split([1, 2], random_state=SEED)\n"
            ),
        }
    )
    (call,) = found.calls("split")
    assert [(a.known, a.const) for a in call.args if a.key == "random_state"] == [(True, 3)]


def test_text_of_a_file() -> None:
    assert project({"a.py": "x = 1\n"}).text("a.py") == "x = 1\n"


def test_text_of_a_file_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        project({"a.py": "x = 1\n"}).text("b.py")
