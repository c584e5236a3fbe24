"""Rules about data, people, features and splits, where their examples do not look."""

from __future__ import annotations

from typing import Any

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

READ = "import pandas as pd\nrows = pd.read_csv('rows.csv')\n"
FIT = READ + "from sklearn.svm import SVC\nSVC().fit(rows[['a']], rows['b'])\n"
PEOPLE = "COLUMNS = ['age', 'gender']\n"
SHIFT = READ + "from sklearn.linear_model import Ridge\nrows['n'] = rows['c'].shift(-1)\n"
WEB = "import joblib\nfrom flask import Flask, request\napp = Flask(__name__)\n"
SPLIT = READ + "from sklearn.model_selection import train_test_split\n"
TRAINER = "from transformers import Trainer\nfrom datasets import load_dataset\n"


def notebook(*lines: str) -> str:
    source = ", ".join(f'"{line}\\n"' for line in lines)
    cell = f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": [{source}]}}'
    return f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'


def seen(rule: str, files: dict[str, Any]) -> list[bool | None]:
    """Whether each piece of evidence is good."""
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [evidence.ok for evidence in CATALOGUE.rules[rule].check(project)]


@pytest.mark.parametrize(
    ("why", "files", "expected"),
    [
        ("two kinds of names are one kind", {"a.csv": "first_name,last_name\nA,B\n"}, [True]),
        ("made up by its name", {"data/fake.csv": "first_name,email\nA,B\n"}, [None]),
        (
            "made up by a library",
            {"make.py": "import faker\n", "data/a.csv": "iban,sum\nA,1\n"},
            [None],
        ),
        ("a test's own rows", {"tests/a.csv": "ssn,name\nx,y\n"}, []),
        ("not kept in git", {"a.csv": {"text": "ssn,name\nx,y\n", "tracked": False}}, []),
        ("in another language", {"a.csv": "Vorname;Geburtsdatum\nA;B\n"}, [False]),
        ("in camel case", {"a.csv": "creditCardNumber,sum\nx,1\n"}, [False]),
    ],
)
def test_personal_data(why: str, files: dict[str, Any], expected: list[bool | None]) -> None:
    assert seen("personal-data-in-git", files) == expected, why


@pytest.mark.parametrize(
    ("why", "files", "expected"),
    [
        (
            "a function that checks, of the tests",
            {"train.py": FIT, "tests/test_a.py": "def test_check_data(d):\n    assert d\n"},
            True,
        ),
        ("a name alone", {"train.py": FIT + "def check_data(d):\n    print(d)\n"}, None),
        (
            "a long function that reads, trains and refuses something",
            {
                "train.py": "import pandas as pd\nfrom sklearn.svm import SVC\n"
                "def main(a):\n    rows = pd.read_csv(a)\n    assert len(rows)\n"
                "    SVC().fit(rows[['a']], rows['b'])\n"
            },
            None,
        ),
        (
            "a function that reads and refuses an argument",
            {
                "train.py": "import pandas as pd\nfrom sklearn.svm import SVC\n"
                "def read(a, n):\n    assert a\n    assert n > 3\n    return pd.read_csv(a)\n"
                "rows = read('a', 4)\nSVC().fit(rows[['a']], rows['b'])\n"
            },
            False,
        ),
        (
            "shown in a notebook, and learned from elsewhere",
            {
                "a.ipynb": notebook(*READ.splitlines(), "rows.describe()"),
                "train.py": "from sklearn.svm import SVC\ndef f(X, y):\n    SVC().fit(X, y)\n",
            },
            False,
        ),
        (
            "shown in a notebook, beside a script that a tool wrote",
            {"a.ipynb": notebook(*READ.splitlines(), "rows.describe()"), "export.py": FIT},
            None,
        ),
        ("shown in a notebook", {"a.ipynb": notebook(*FIT.splitlines(), "rows.describe()")}, None),
        ("counted in a notebook", {"a.ipynb": notebook(*FIT.splitlines(), "rows.isna()")}, None),
        (
            "a library that is called",
            {"train.py": FIT + "import pandera\npandera.DataFrameSchema({}).validate(rows)\n"},
            True,
        ),
        (
            "files of text of its own",
            {"train.py": TRAINER + "load_dataset('json', data_files='a.json')\n"},
            False,
        ),
        ("a data set of a hub", {"train.py": TRAINER + "load_dataset('glue')\n"}, "nothing"),
    ],
)
def test_unchecked_data(why: str, files: dict[str, Any], expected: object) -> None:
    found = seen("unchecked-data", files)
    assert (found[0] if found else "nothing") == expected, why


@pytest.mark.parametrize(
    ("why", "files", "expected"),
    [
        (
            "a fairness library",
            {
                "a.py": PEOPLE + "from fairlearn.metrics import demographic_parity_ratio\n"
                "demographic_parity_ratio(y, p, sensitive_features=g)\n"
            },
            [True],
        ),
        (
            "a function by its name",
            {"a.py": PEOPLE + "def f1_by_group(y):\n    return y\n"},
            [True],
        ),
        (
            "a loop over something else, after a grouping",
            {
                "a.py": PEOPLE + READ + "from sklearn.metrics import f1_score\n"
                "rows.groupby('town').size()\nprint(rows)\n"
                "for model in models:\n    f1_score(y, model.predict(X))\n"
            },
            [False],
        ),
        (
            "the loop over a grouping that has a name",
            {
                "a.py": PEOPLE + READ + "from sklearn.metrics import f1_score\n"
                "towns = rows.groupby('town')\n"
                "for town, part in towns:\n    f1_score(part.y, part.p)\n"
            },
            [True],
        ),
        (
            "each class, where there are people",
            {
                "a.py": PEOPLE + "from sklearn.metrics import f1_score\n"
                "f1_score(y, p, average=None)\n"
            },
            [False],
        ),
        (
            "each class, where there are none",
            {"a.py": "from sklearn.metrics import f1_score\nf1_score(y, p, average=None)\n"},
            [True],
        ),
        ("a table of classes", {"a.py": "def ap_per_class(y):\n    return y\n"}, [True]),
        ("nobody", {"a.py": "import sklearn\n"}, []),
    ],
)
def test_metrics_by_group(why: str, files: dict[str, Any], expected: list[bool | None]) -> None:
    assert seen("no-subgroup-metrics", files) == expected, why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PEOPLE + READ + "rows.groupby('gender').size()\n", [True]),
        (PEOPLE + READ + "rows.groupby('town').size()\n", [False]),
        (
            PEOPLE + "from aif360.metrics import BinaryLabelDatasetMetric\n"
            "BinaryLabelDatasetMetric(d).mean_difference()\n",
            [True],
        ),
        (READ, []),
    ],
)
def test_counts_of_groups(text: str, expected: list[bool | None]) -> None:
    assert seen("data-bias-unexamined", {"a.py": text}) == expected


@pytest.mark.parametrize(
    ("why", "text", "expected"),
    [
        (
            "the label itself",
            FIT.replace("['a']", "['a', 'gender']").replace("'b'", "'gender'"),
            True,
        ),
        ("through rows", FIT.replace("rows[['a']]", "rows[['a', 'race']].dropna()[:9]"), False),
        ("unknown columns", FIT.replace("rows[['a']]", "rows"), None),
        ("unknown rows", "from sklearn.svm import SVC\nSVC().fit(X, y)\n", None),
    ],
)
def test_protected_features(why: str, text: str, expected: bool | None) -> None:
    assert seen("protected-feature", {"a.py": text}) == ([] if expected is None else [expected]), (
        why
    )


@pytest.mark.parametrize(
    ("why", "text", "expected"),
    [
        ("dropped", SHIFT + "Ridge().fit(rows.drop(columns=['n', 'y']), rows['y'])\n", []),
        ("kept", SHIFT + "Ridge().fit(rows.drop(columns=['y']), rows['y'])\n", [False]),
        (
            "rows of which the last may come first",
            SHIFT.replace("rows['n']", "rows = rows.sort_values('d', ascending=False)\nrows['n']")
            + "Ridge().fit(rows, y)\n",
            [None],
        ),
        ("of a difference", SHIFT.replace("shift", "diff") + "Ridge().fit(rows, y)\n", [False]),
        ("columns that are not known", SHIFT + "Ridge().fit(rows[names()], y)\n", []),
        ("dropped by a name that is not known", SHIFT + "Ridge().fit(rows.drop(a()), y)\n", []),
        ("taken out later", SHIFT + "rows.pop('n')\nRidge().fit(rows, y)\n", []),
        (
            "inside an expression",
            SHIFT + "rows['r'] = rows['c'].shift(-2) / rows['c'] - 1\n"
            "Ridge().fit(rows[['r', 'c']], y)\n",
            [False],
        ),
        (
            "a two-sided filter",
            READ + "from sklearn.linear_model import Ridge\n"
            "from statsmodels.tsa.seasonal import seasonal_decompose\n"
            "rows['t'] = seasonal_decompose(rows['c'], period=7).trend\n"
            "Ridge().fit(rows[['t']], rows['c'])\n",
            [False],
        ),
        (
            "one of two tables of a pipeline that chooses",
            SHIFT + "from sklearn.compose import ColumnTransformer\n"
            "from sklearn.pipeline import make_pipeline\n"
            "some = ColumnTransformer([('a', 'passthrough', ['c'])])\n"
            "make_pipeline(some, Ridge()).fit(rows, y)\n",
            [],
        ),
    ],
)
def test_features_that_look_ahead(why: str, text: str, expected: list[bool | None]) -> None:
    assert seen("future-in-features", {"a.py": text}) == expected, why


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("t = load_dataset('a', split='test[:50%]')\nTrainer(train_dataset=t)\n", [False]),
        ("t = load_dataset('a', split='validation')\nTrainer(train_dataset=t)\n", []),
        ("Trainer(train_dataset=rows())\n", []),
        ("Trainer(eval_dataset=load_dataset('a', split='test'))\n", []),
    ],
)
def test_test_rows_in_training(text: str, expected: list[bool | None]) -> None:
    assert seen("test-data-in-training", {"a.py": TRAINER + text}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "rows['l'] = rows.groupby('user_id')['a'].shift(1)\n"
                "train_test_split(rows, shuffle=False)\n"
            ),
            [],
        ),
        (
            (
                "rows['l'] = rows.groupby(['user_id'])['a'].transform('mean')\n"
                "a, b = train_test_split(rows, random_state=1)\n"
            ),
            [False],
        ),
        (
            (
                "rows['l'] = rows.groupby('town')['a'].shift(1)\n"
                "a, b = train_test_split(rows, random_state=1)\n"
            ),
            [],
        ),
        (
            (
                "from sklearn.model_selection import GroupKFold, cross_val_score\n"
                "cross_val_score(m, rows, y, cv=GroupKFold(), groups=rows['user_id'])\n"
            ),
            [True, True],
        ),
    ],
)
def test_rows_of_one_entity(text: str, expected: list[bool | None]) -> None:
    assert seen("group-across-split", {"a.py": SPLIT + text}) == expected


def test_parts_that_come_apart_may_lose_their_duplicates() -> None:
    assert seen("duplicates-dropped-late", {"a.py": READ + "rows.drop_duplicates()\n"}) == [True]
    apart = "import pandas as pd\ndef f(rows):\n    return rows.drop_duplicates()\n"
    assert seen("duplicates-dropped-late", {"a.py": apart}) in ([], [True])


@pytest.mark.parametrize(
    ("why", "files", "expected"),
    [
        (
            "a saved transformer",
            {
                "train.py": FIT,
                "app.py": WEB + "scaler = joblib.load('scaler.pkl')\n"
                "@app.route('/')\ndef f():\n    return scaler.transform(request.json)\n",
            },
            [True],
        ),
        (
            "only settings are shared",
            {
                "conf.py": "def get_config_for_features():\n    return 1\n",
                "train.py": "from conf import get_config_for_features\n" + FIT,
                "app.py": WEB + "from conf import get_config_for_features\n"
                "@app.route('/')\ndef f():\n    return str(get_config_for_features())\n",
            },
            [None],
        ),
        ("nothing is trained", {"app.py": WEB}, []),
    ],
)
def test_features_of_a_service(
    why: str, files: dict[str, Any], expected: list[bool | None]
) -> None:
    assert seen("features-written-twice", files) == expected, why


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return str(PCA().fit_transform(load()))\n", []),
        ("    return str(PCA().fit_transform(pd.read_csv('train.csv')))\n", []),
        ("    x = PCA().fit_transform([request.json])\n    m.fit(x, y)\n    return 'a'\n", []),
        ("    return str(PCA().fit_transform([request.json]))\n", [False]),
        ("    return str(pca.transform([request.json]))\n", [True]),
    ],
)
def test_what_a_route_fits(body: str, expected: list[bool | None]) -> None:
    head = WEB + "import pandas as pd\nfrom sklearn.decomposition import PCA\n"
    text = head + "pca = joblib.load('a')\n@app.route('/')\ndef f():\n" + body
    found = seen("fitted-while-serving", {"app.py": text})
    assert found == expected or (found == [False]) is (expected == [False])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"clean.py": "def clean_rows(rows):\n    return rows\n"}, [True]),
        ({"clean.py": "def clean_rows(rows):\n    pass\n"}, []),
        ({"tests/clean.py": "def clean_rows(rows):\n    return rows\n"}, []),
        (
            {"a.py": "import sklearn.base as b\nclass A(b.TransformerMixin):\n    x = 1\n"},
            [True],
        ),
    ],
)
def test_cleaning_in_modules(files: dict[str, Any], expected: list[bool | None]) -> None:
    assert seen("cleaning-only-in-notebooks", files) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from sklearn.svm import SVC\nSVC(class_weight=weights())\n", [True]),
        ("from sklearn.svm import SVC\nSVC(class_weight=None)\n", [False]),
        ("import sklearn.svm\ndef class_counts(y):\n    return y\n", [True]),
        ("from sklearn.model_selection import StratifiedKFold\nStratifiedKFold()\n", [True]),
        ("import sklearn.linear_model\nsklearn.linear_model.Ridge()\n", []),
    ],
)
def test_classes_that_are_looked_at(text: str, expected: list[bool | None]) -> None:
    assert seen("class-balance-unexamined", {"a.py": text}) == expected


def test_a_split_of_groups_is_no_split_of_classes() -> None:
    text = SPLIT + "from sklearn.svm import SVC\nSVC(class_weight='balanced')\n"
    assert seen("unstratified-split", {"a.py": text + "train_test_split(patients)\n"}) == []
    assert seen("unstratified-split", {"a.py": text + "a, b = train_test_split(rows)\n"}) == [False]
    assert seen("unstratified-split", {"a.py": text + "train_test_split(rows, **more)\n"}) == []


def test_a_description_that_is_a_template_describes_nothing() -> None:
    card = "# Data set card\n" + "[More Information Needed]\n" * 4 + "word " * 30
    assert seen("undescribed-data", {"a.py": READ, "data/README.md": card}) == [False]
    link = "URL = 'https://zenodo.org/records/1/files/rows.csv'\n"
    assert seen("undescribed-data", {"a.py": READ + link}) == [True]


def test_a_table_of_results_is_no_raw_data() -> None:
    text = READ.replace("rows.csv", "results.csv") + "rows.to_csv('results.csv')\n"
    assert False not in seen("raw-data-overwritten", {"a.py": text})


def test_a_list_of_distinct_names_drops_no_duplicates() -> None:
    text = SPLIT + "a, b = train_test_split(rows, random_state=1)\n"
    names = text + "names = a[['name']].drop_duplicates()\n"
    assert False not in seen("duplicates-dropped-late", {"a.py": names})


def test_helpers_that_are_copied_are_no_features() -> None:
    helper = "def load_config(p):\n" + "".join(f"    a{k} = p + {k}\n" for k in range(7))
    files = {
        "train.py": FIT + helper,
        "app.py": WEB + helper + "@app.route('/')\ndef f():\n    return 1\n",
    }
    assert False not in seen("features-written-twice", files)


@pytest.mark.parametrize(
    ("measured", "expected"),
    [("SVC().score(X, y)", False), ("f1_score(y, p)", True), ("model.evaluate(X)", None)],
)
def test_what_is_measured_of_unequal_classes(measured: str, expected: bool | None) -> None:
    head = "from sklearn.svm import SVC\nfrom sklearn.metrics import f1_score\n"
    text = head + "SVC(class_weight='balanced')\n" + measured + "\n"
    assert seen("accuracy-of-unequal-classes", {"a.py": text}) == [expected]


def test_what_is_written_elsewhere_is_derived() -> None:
    text = READ + "rows.to_csv('rows.csv')\n"
    assert seen("raw-data-overwritten", {"a.py": text}) == [False]
    made = "import pandas as pd\npd.DataFrame().to_csv('rows.csv')\n"
    assert False not in seen("raw-data-overwritten", {"a.py": text, "b.py": made})
    assert seen("raw-data-overwritten", {"tests/test_a.py": text}) == []


@pytest.mark.parametrize(
    ("why", "line", "expected"),
    [
        ("a folder for results", "EVAL_PATH = 'eval'\n", [None]),
        ("rows of their own", "EVAL_PATH = 'data/eval.csv'\n", [True]),
        ("nothing", "", [False]),
        ("a part of the rows", "x = rows[rows['d'] < 9]\nSVC().fit(x[['a']], x['b'])\n", [None]),
    ],
)
def test_a_name_of_held_out_rows_has_rows(why: str, line: str, expected: list[bool | None]) -> None:
    assert seen("no-holdout", {"train.py": FIT + line}) == expected, why


def test_a_model_that_is_saved_is_shown_before_features_that_are() -> None:
    kept = "import pickle\npickle.dump(rows, open('rows.pkl', 'wb'))\n"
    tree = Tree.of({"features.py": READ + kept, "train.py": FIT + kept})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    first = next(iter(CATALOGUE.rules["model-never-saved"].check(project)))
    assert first.at is not None
    assert first.at.path == "train.py"


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("a function refuses", "def read():\n    pd.read_csv('a.csv')\n    raise ValueError\n"),
        ("a script asserts", f"{FIT}assert not rows.isna().any().any()\n"),
        ("a plain name", f"{FIT}def check(rows):\n    if rows.empty:\n        raise ValueError\n"),
    ],
)
def test_what_refuses_data_may_check_them(why: str, code: str) -> None:
    assert seen("no-data-test", {"train.py": f"import pandas as pd\n{code}"}) == [None], why


def test_a_training_that_refuses_a_bad_model_may_be_the_test_of_it() -> None:
    gate = "def train(a, b):\n    if mean_absolute_error(a, b) > 3:\n        raise ValueError\n"
    files = {
        "train.py": f"from sklearn.metrics import mean_absolute_error\n{FIT}{gate}",
        "test_rows.py": "def test_rows():\n    assert 1\n",
    }
    assert seen("no-quality-test", files) == [None]


HELD_BACK = {
    "a function that measures and refuses": """
from models import backtest

def main():
    if backtest() > 1:
        raise RuntimeError("worse than the naive forecast")
""",
    "a model that goes out on a condition": """
from mlflow import MlflowClient

def train(better):
    if better:
        MlflowClient().set_registered_model_alias("heat", "live", 3)
""",
    "a step of a pipeline that waits for a condition": """
from kfp import dsl

@dsl.pipeline
def route(auc):
    with dsl.If(auc > 0.8):
        deploy()
""",
}


@pytest.mark.parametrize("case", HELD_BACK)
def test_a_program_that_may_hold_a_model_back_leaves_the_question_open(case: str) -> None:
    models = (
        "from sklearn.metrics import f1_score\n\n\ndef backtest():\n    return f1_score(a, b)\n"
    )
    files = {"models.py": models, "tests/test_a.py": "def test_a():\n    assert 1\n"}
    assert seen("no-quality-test", files) == [False]
    assert seen("no-quality-test", {**files, "run.py": HELD_BACK[case]}) == [None]


@pytest.mark.parametrize(("unread", "expected"), [(1, [True]), (3, [None])])
def test_nothing_is_clean_where_most_files_are_not_understood(
    unread: int, expected: list[bool | None]
) -> None:
    """Python 2, say: what is not read holds whatever it holds."""
    old = {f"old{n}.py": "print 'x'\nimport pdb; pdb.set_trace()\n" for n in range(unread)}
    new = {"new.py": "print('x')\n", "other.py": "print('y')\n"}
    assert seen("debugger-left", {**new, **old}) == expected
