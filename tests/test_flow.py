from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mllint.collect import collect
from mllint.flow import Flow, Node, flow_of
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
df = pd.read_csv("rows.csv")
X, y = df[["a", "b"]], df["y"]
"""


_FIELDS = """
from dataclasses import dataclass
@dataclass
class Parts:
    train: object
    held: object
    name: str = "rows"
"""
_STATE = """
def divided(state):
    state["a"], state["b"] = train_test_split(X)
    return state
def later(state):
    return state["a"]
state = divided({"seed": np.show})
"""
_ROWS = """
class Rows:
    def __init__(self, rows):
        self.rows, self.names = rows.values, df.columns
    def __getitem__(self, number):
        return np.log(self.rows[number])
"""


def flow(files: Mapping[str, str] | str) -> Flow:
    tree = Tree.of({"main.py": HEAD + files} if isinstance(files, str) else files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return flow_of(project)


def shown(found: Flow, name: str) -> list[Node]:
    """The first argument of each call of `name`, once for each way into its function."""
    calls = [c for calls in found.project.calls_by_name.values() for c in calls if c.name == name]
    nodes = [found.given(node, "0") for call in calls for node in found.seen(call)]
    return [node for node in nodes if node is not None]


def part(code: str) -> str:
    """The part that the argument of `np.show` belongs to."""
    found = flow(code)
    (node,) = shown(found, "numpy.show")
    return found.rows.part(node)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("np.show(X)", "whole"),
        ("np.show(X.dropna().values)", "whole"),
        ("np.show(df['a'].fillna(0).astype(int).to_numpy().reshape(-1, 1))", "whole"),
        ("np.show(df.head(5))", "unknown"),
        ("np.show(df[df.a > 1])", "unknown"),
        ("np.show(X[:100])", "unknown"),
        ("a, b = train_test_split(X)\nnp.show(a)", "train"),
        ("a, b = train_test_split(X)\nnp.show(b)", "test"),
        ("a, b, c, d = train_test_split(X, y)\nnp.show(d)", "test"),
        ("X_train, X_val = train_test_split(X)\nnp.show(X_val)", "validation"),
        ("X_test, X_train = train_test_split(X)\nnp.show(X_test)", "test"),
        ("p = train_test_split(X)\nnp.show(p[1])", "test"),
        ("a, b = train_test_split(X)\nc, d = train_test_split(a)\nnp.show(d)", "test"),
        ("a, b = train_test_split(X)\nnp.show(np.log1p(b[['a']]))", "test"),
        ("a, b = train_test_split(X)\nnp.show(StandardScaler().fit(a).transform(b))", "test"),
        ("a, b = train_test_split(X)\nnp.show(pd.concat([a, b]))", "unknown"),
        ("a, b = train_test_split(X)\nfor one in (a, b):\n    np.show(one)", "unknown"),
        ("a, b = train_test_split(X)\nnp.show(a if df.size else b)", "unknown"),
        ("i, j = train_test_split(np.arange(9))\nnp.show(X.iloc[j])", "test"),
        ("for i, j in KFold(3).split(X):\n    np.show(X.iloc[i])", "train"),
        ("for i, j in KFold(3).split(X):\n    np.show(X.iloc[j])", "validation"),
        ("for k, (i, j) in enumerate(KFold(3).split(X)):\n    np.show(y[j])", "validation"),
        ("i, j = next(KFold(3).split(X))\nnp.show(y[i])", "train"),
        ("np.show(unheard_of(X))", "whole"),
        ("X['c'] = 1\nX.loc[0, 'a'] = 2\nnp.show(X)", "whole"),
        ("X.dropna(inplace=True)\nnp.show(X)", "whole"),
        ("np.show(df.sample(frac=1))", "whole"),
        ("np.show(df.sample(frac=0.8))", "unknown"),
        ("np.show(df.drop(columns=['y']))", "whole"),
        ("np.show(df.drop('y', axis=1))", "whole"),
        ("np.show(df.drop([0, 1]))", "unknown"),
        ("np.show(df.drop(index=[0]))", "unknown"),
        ("np.show(df.drop(df.columns[0], axis=1))", "whole"),
        ("t = df.sample(frac=0.8)\nnp.show(df.drop(t.index))", "unknown"),
        ("names = [n for n in df.columns if n != 'y']\nnp.show(df[names])", "whole"),
        ("np.show(df[list(df.columns)])", "whole"),
        ("np.show(X.values[:, 1:])", "whole"),
        ("np.show(df.groupby('a').mean())", "whole"),
        ("np.show(np.hstack([X, y]))", "whole"),
        ("np.show(np.concatenate(train_test_split(X)))", "whole"),
        ("a, b = train_test_split(X)\nnp.show([r for r in b.values])", "test"),
        ("a, b = train_test_split(X)\nrows = []\nrows.append(b)\nnp.show(rows)", "test"),
        ("a, b = train_test_split(X)\nparts = {'x': b}\nnp.show(parts['x'])", "test"),
        ("a, *rest = train_test_split(X)\nnp.show(a)", "train"),
        (
            "a, b, c, d = train_test_split(X, y)\nnp.show(SVC().fit(a, c).predict(b))",
            "test",
        ),
        ("from sklearn.utils import shuffle\na, b = shuffle(X, y)\nnp.show(a)", "whole"),
        (
            "from sklearn.datasets import load_iris\na, b = load_iris(return_X_y=True)\nnp.show(b)",
            "whole",
        ),
        ("from sklearn.datasets import load_iris\nd = load_iris()\nnp.show(d.data)", "whole"),
        ("i, j = list(KFold(3).split(X))[0]\nnp.show(X.iloc[i])", "train"),
        (
            (
                "from torch.utils.data import Subset\n"
                "for i, j in KFold(3).split(X):\n    np.show(Subset(X, i))"
            ),
            "train",
        ),
        (
            (
                "from sklearn.cross_validation import KFold as Old\n"
                "for i, j in Old(9, 3):\n    np.show(X[j])"
            ),
            "validation",
        ),
        ("def rows(n):\n    return X if n else df\nnp.show(rows(1))", "whole"),
        (f"a, b = train_test_split(X)\n{_FIELDS}np.show(Parts(a, held=b).held)", "test"),
        (f"a, b = train_test_split(X)\n{_FIELDS}np.show(Parts(a, b).train)", "train"),
        (f"{_STATE}np.show(state['b'])", "test"),
        (f"{_STATE}state['b'] = X\nnp.show(state['b'])", "whole"),
        (f"{_STATE}np.show(later(state))", "train"),
        ("def later(s):\n    s['a'] = train_test_split(X)[1]\n    np.show(s['a'])", "whole"),
        (f"a, b = train_test_split(X)\n{_ROWS}np.show(Rows(b))", "test"),
        (f"{_ROWS}np.show(Rows(X))", "whole"),
        ("np.show(X.to(3))", "whole"),
    ],
)
def test_part(code: str, expected: str) -> None:
    assert part(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import torchvision\nnp.show(torchvision.datasets.MNIST('.', train=False))", "test"),
        ("import torchvision\nnp.show(torchvision.datasets.MNIST('.', train=True))", "train"),
        ("import datasets\nnp.show(datasets.load_dataset('x', split='validation'))", "validation"),
        ("import datasets\nd = datasets.load_dataset('x')\nnp.show(d['test'])", "test"),
        (
            "import datasets\na, b = datasets.load_dataset('x').train_test_split()\nnp.show(b)",
            "test",
        ),
        ("import datasets\nnp.show(datasets.load_dataset('x', split='train[:9%]'))", "train"),
        ("import torchvision\nnp.show(torchvision.datasets.SVHN('.', split='extra'))", "whole"),
        (
            (
                "from tensorflow import keras\n"
                "(a, b), (c, d) = keras.datasets.mnist.load_data()\nnp.show(c / 255)"
            ),
            "test",
        ),
        (
            (
                "from torch.utils.data import random_split, DataLoader\n"
                "train, val, test = random_split(df, [7, 2, 1])\nnp.show(DataLoader(val))"
            ),
            "validation",
        ),
    ],
)
def test_part_that_is_provided(code: str, expected: str) -> None:
    assert part(code) == expected


def test_values_are_followed_through_functions_one_call_at_a_time() -> None:
    found = flow(
        "def prepared(rows):\n    rows = rows.copy()\n    np.show(rows)\n    return rows\n"
        "train, test = train_test_split(df)\n"
        "np.see(prepared(train))\nnp.see(prepared(test))\n"
    )
    assert [found.rows.part(n) for n in shown(found, "numpy.show")] == ["train", "test"]
    assert [found.rows.part(n) for n in shown(found, "numpy.see")] == ["train", "test"]


def test_values_are_followed_through_files_and_attributes() -> None:
    found = flow(
        {
            "data.py": (
                "import pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
                "class Data:\n"
                "    def __init__(self, path):\n"
                "        self.rows = pd.read_csv(path)\n"
                "        self.train, self.test = train_test_split(self.rows)\n"
                "    def held(self):\n"
                "        return self.test\n"
                "ROWS = pd.read_csv('b.csv')\n"
            ),
            "main.py": (
                "import numpy as np\nfrom data import Data, ROWS\n"
                "data = Data('a.csv')\nnp.show(data.train)\nnp.show(data.held())\nnp.show(ROWS)\n"
            ),
        }
    )
    parts = [found.rows.part(node) for node in shown(found, "numpy.show")]
    assert parts == ["train", "test", "whole"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("np.show(X); np.show(df)", True),
        ("np.show(X.values); np.show(y.to_numpy())", True),
        ("a, b = train_test_split(X)\nnp.show(a); np.show(b)", False),
        ("a, b, c, d = train_test_split(X, y)\nnp.show(b); np.show(d)", True),
        ("np.show(X[:9]); np.show(y[:9])", True),
        ("np.show(X[:9]); np.show(y[9:])", None),
        ("m = df.a > 1\nnp.show(X[m]); np.show(y[m])", True),
        ("np.show(X[df.a > 1]); np.show(y[df.b > 1])", None),
        ("np.show(X); np.show(pd.read_csv('other.csv'))", None),
        ("np.show(len(X)); np.show(X)", None),
        ("n = len(X)\nnp.show(X[:n]); np.show(y[:n])", True),
        ("np.show(X); np.show(pd.get_dummies(df))", True),
        ("np.show(df['a'].mean()); np.show(X)", None),
        ("t = df.sample(9)\nnp.show(t); np.show(t['a'])", True),
        ("np.show(unheard_of(X)); np.show(X)", None),
        ("for i, j in KFold(3).split(X):\n    np.show(X[i]); np.show(y[j])", False),
    ],
)
def test_same_rows(code: str, *, expected: bool | None) -> None:
    found = flow(code)
    one, other = shown(found, "numpy.show")
    assert found.rows.same(one, other) is expected


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("m = SVC()", {"model"}),
        ("m = make_pipeline(StandardScaler(), SVC())", {"model"}),
        ("m = make_pipeline(StandardScaler())", {"scaler"}),
        ("m = SVC() if df.size else StandardScaler()", {"model", "scaler"}),
        ("m = unheard_of()", {"unknown"}),
        ("def made():\n    return SVC()\nm = made()", {"model"}),
        ("m = {'a': SVC(), 'b': LogisticRegression()}['a']", {"model"}),
        (
            "from sklearn.model_selection import GridSearchCV\nm = GridSearchCV(SVC(), {})",
            {"search"},
        ),
        ("from copy import deepcopy\nm = deepcopy(SVC())", {"model"}),
        ("class Own:\n    def fit(self, a, b): pass\nm = Own()", {"unknown"}),
        (
            "class Hold:\n    def __init__(self):\n        self.inner = SVC()\nm = Hold().inner",
            {"model"},
        ),
        ("from sklearn.base import clone\nm = clone(SVC())", {"model"}),
        ("from sklearn.impute import SimpleImputer\nm = SimpleImputer()", {"scaler"}),
        (
            "from sklearn.impute import SimpleImputer\nm = SimpleImputer(strategy='constant')",
            {"stateless"},
        ),
    ],
)
def test_kinds(code: str, kinds: set[str]) -> None:
    found = flow(f"{code}\nm.fit(X, y)")
    assert [fit.kinds for fit in found.fits] == [kinds]


def test_objects_in_a_loop_over_a_display() -> None:
    found = flow("for name, m in {'a': SVC(), 'b': LogisticRegression()}.items():\n    m.fit(X, y)")
    assert [fit.kinds for fit in found.fits] == [{"model"}]


def test_last_fit_counts() -> None:
    found = flow("m = SVC()\nm.fit(X, y)\nm.fit(df, y)\nnp.show(m)")
    (node,) = shown(found, "numpy.show")
    lines = [found.graph.value(fit.at).line for fit in found.history(node)]
    assert lines == [13, 12]


@pytest.mark.parametrize(
    ("code", "depends"),
    [
        ("z = StandardScaler().fit_transform(X)\nnp.show(z)", True),
        ("X['z'] = StandardScaler().fit_transform(y)\nnp.show(X)", True),
        ("X['z'] = StandardScaler().fit_transform(y)\nnp.show(X[['a']])", False),
        ("X['z'] = StandardScaler().fit_transform(y)\nnp.show(X.drop(columns=['z']))", False),
        ("X['z'] = StandardScaler().fit_transform(y)\nnp.show(X.drop('z', axis=1))", False),
        ("X['z'] = StandardScaler().fit_transform(y)\nnp.show(X[['z', 'a']])", True),
        ("s = StandardScaler().fit(X)\nnp.show(s.transform(X))", True),
        ("s = StandardScaler()\ns.fit(X)\nnp.show(StandardScaler().fit_transform(X))", True),
        ("np.show(X)", False),
    ],
)
def test_trace_follows_columns(code: str, *, depends: bool) -> None:
    found = flow(code)
    (node,) = shown(found, "numpy.show")
    trace = found.trace(node)
    assert any(fit.node in trace for fit in found.fits) is depends


def test_trace_forgets_an_earlier_fit_of_the_same_object() -> None:
    found = flow("s = StandardScaler()\ns.fit(df)\nz = s.fit_transform(X)\nnp.show(z)")
    (node,) = shown(found, "numpy.show")
    trace = found.trace(node)
    assert [fit.method for fit in found.fits if fit.node in trace] == ["fit_transform"]


def test_path_shows_the_chain() -> None:
    found = flow("z = StandardScaler().fit_transform(X)\nw = z + 1\nnp.show(w)")
    (node,) = shown(found, "numpy.show")
    (fit,) = found.fits
    chain = [found.graph.value(step.at).op for step in found.path(fit.node, node)]
    assert chain == ["call", "binary"]


def test_functions_that_call_each_other_come_to_an_end() -> None:
    found = flow(
        "def one(rows):\n    np.show(rows)\n    return other(rows)\n"
        "def other(rows):\n    return one(rows)\n"
        "one(X)\n"
    )
    assert found.fits == []
    assert shown(found, "numpy.show")


def test_long_chains_do_not_overflow() -> None:
    found = flow("".join(f"X['c{k}'] = X['c{k - 1}'] + 1\n" for k in range(1500)) + "np.show(X)\n")
    (node,) = shown(found, "numpy.show")
    assert found.rows.part(node) in {"whole", "unknown"}
    assert found.trace(node) is not None


def test_files_of_tests_do_not_count() -> None:
    found = flow({"tests/test_a.py": HEAD + "SVC().fit(X, y)\n"})
    assert found.fits == []


def test_prediction_is_found_behind_plain_conversions() -> None:
    found = flow("m = SVC().fit(X, y)\np = m.predict(X).astype(int)\nnp.show(p)")
    (node,) = shown(found, "numpy.show")
    assert found.prediction(node) is not None


@pytest.mark.parametrize("code", ["p = m.predict(X) + 1", "p = m.predict_proba(X)", "p = X"])
def test_other_values_are_no_plain_predictions(code: str) -> None:
    found = flow(f"m = SVC().fit(X, y)\n{code}\nnp.show(p)")
    (node,) = shown(found, "numpy.show")
    assert found.prediction(node) is None


def test_history_goes_through_functions() -> None:
    found = flow("def fitted(m):\n    m.fit(X, y)\n    return m\nnp.show(fitted(SVC()))")
    (node,) = shown(found, "numpy.show")
    assert [found.graph.method(fit.at) for fit in found.history(node)] == ["fit"]


def test_function_with_many_callers_is_seen_without_any() -> None:
    calls = "".join(f"show(X[['c{k}']])\n" for k in range(40))
    found = flow(f"def show(rows):\n    np.show(rows)\n{calls}")
    (node,) = shown(found, "numpy.show")
    assert node.calls == ()


def test_variable_of_another_module_is_followed() -> None:
    found = flow(
        {
            "data.py": (
                "import pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
                "train, test = train_test_split(pd.read_csv('a.csv'))\n"
            ),
            "main.py": "import numpy as np\nimport data\nnp.show(data.test)\n",
        }
    )
    (node,) = shown(found, "numpy.show")
    assert found.rows.part(node) == "test"


def test_place_of_a_value() -> None:
    found = flow("z = X + 1\nnp.show(z)")
    (node,) = shown(found, "numpy.show")
    assert str(found.graph.place(node.at)) == "main.py:11"
    (call,) = found.named("show")
    assert found.graph.place(found.graph.of(call.at.path, call.value)) == call.at


def test_project_without_code_has_nothing_to_follow() -> None:
    found = flow({"README.md": "# None\n"})
    assert (found.fits, found.splits, found.scores) == ([], [], [])
