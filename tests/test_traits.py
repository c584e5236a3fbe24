"""What a project can be: every trait shown and ruled out on a tiny project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mllint.collect import collect
from mllint.judge import traits
from mllint.link import link
from mllint.observed import Observed
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from mllint.review import Trait


SKLEARN = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

frame = pd.read_csv("data/cases.csv")
x, x_test, y, y_test = train_test_split(frame[["a"]], frame["b"], random_state=1)
model = LogisticRegression().fit(x, y)
print(f1_score(y_test, model.predict(x_test)))
"""
TORCH = """
import torch
from torchvision.datasets import MNIST

def train(net, loader, optimizer):
    for x, y in loader:
        loss = torch.nn.functional.cross_entropy(net(x.cuda()), y)
        loss.backward()
        optimizer.step()
"""
SCALER = """
from sklearn.preprocessing import StandardScaler
def scaled(x):
    return StandardScaler().fit(x).transform(x)
"""
APP = """
import joblib
from flask import Flask, request
app = Flask(__name__)
model = joblib.load("model.joblib")

@app.route("/predict")
def predict():
    return model.predict(request.json)
"""
SHOP = """
from flask import Flask
app = Flask(__name__)
"""
CHAT = """
from openai import OpenAI
answer = OpenAI().chat.completions.create(model="m", messages=[])
"""
TRAINER = """
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
from peft import get_peft_model
model = get_peft_model(AutoModelForCausalLM.from_pretrained("m"), None)
trainer = Trainer(model, TrainingArguments("out", report_to="wandb"))
trainer.train()
"""
MODULE = """
import lightning as L
class Net(L.LightningModule):
    pass
"""
LIBRARY = """
[project]
name = "layers"
version = "1.0"
classifiers = ["Topic :: Scientific/Engineering"]
"""


SMALL = "[metadata]\nname = small_layers\n"


def notebook(*lines: str) -> str:
    source = ", ".join(f'"{line}\\n"' for line in lines)
    return (
        '{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], '
        f'"source": [{source}]}}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    )


TRAINING_NOTEBOOK = notebook(
    "from sklearn.cluster import KMeans",
    "import numpy as np",
    "x = np.ones((9, 2))",
    "KMeans(3).fit(x)",
    "print(x)",
)


def held(files: dict[str, Any]) -> dict[str, Trait]:
    tree = Tree.of(files)
    collected = collect(tree, CATALOGUE.known, jobs=0)
    observed = Observed.of(collected, link(collected, tree, CATALOGUE))
    return traits(observed, CATALOGUE.traits, {})


INSTALLED = """# Layers

```bash
pip install small-layers
```
"""
PARTS = {f"layers/part{number}.py": "import torch\n" for number in range(20)}
WEEKS = {"week1/a.ipynb": TRAINING_NOTEBOOK, "week2/b.ipynb": TRAINING_NOTEBOOK}
CHAPTERS = {f"0{number}_chapter.ipynb": TRAINING_NOTEBOOK for number in range(1, 6)}


@pytest.mark.parametrize(
    ("files", "yes", "no"),
    [
        (
            {"train.py": SKLEARN},
            "ml trains trains-supervised splits evaluates sklearn tabular has-python",
            "torch serves library template notebooks has-tests has-ci tracks pipeline vision gpu",
        ),
        (
            {"train.py": TORCH},
            "ml trains trains-supervised iterative torch vision gpu",
            "sklearn tabular keras-tf jax lightning",
        ),
        ({"pyproject.toml": '[project]\nname = "a"\n'}, "packaged", "library"),
        ({"setup.py": "from setuptools import setup\nsetup()\n"}, "packaged", "library"),
        ({"pyproject.toml": "[tool.black]\nline-length = 90\n"}, "", "packaged"),
        ({"tests/test_train.py": SKLEARN}, "has-python", "ml trains splits evaluates sklearn"),
        ({"examples/train.py": TORCH}, "", "ml trains torch vision gpu"),
        ({"third_party/net/train.py": TORCH}, "", "ml trains torch"),
        ({"scale.py": SCALER}, "ml sklearn", "trains trains-supervised evaluates"),
        (
            {"app.py": APP, "requirements.txt": "scikit-learn\n"},
            "serves",
            "trains demo side-server",
        ),
        ({"rest/app.py": APP, "requirements.txt": "scikit-learn\n"}, "serves side-server", ""),
        ({"rest/app.py": APP, "requirements.txt": "flask-cors\n"}, "serves", "side-server"),
        (
            {
                "rest/app.py": APP,
                "requirements.txt": "scikit-learn\n",
                "Dockerfile": "FROM python:3.12\nCMD gunicorn rest.app:app\n",
            },
            "serves",
            "side-server",
        ),
        ({"net.py": MODULE}, "iterative lightning", "sklearn"),
        ({"train.py": SKLEARN}, "", "iterative"),
        ({"shop.py": SHOP}, "", "ml serves"),
        ({"chat.py": CHAT}, "ml llm-app", "trains llm-finetune"),
        ({"tune.py": TRAINER}, "trains hf llm-finetune tracks", "llm-app"),
        (
            {"a.ipynb": TRAINING_NOTEBOOK},
            "ml trains notebooks notebook-only",
            "trains-supervised library",
        ),
        (
            {"a.ipynb": TRAINING_NOTEBOOK, "train.py": SKLEARN},
            "notebooks trains",
            "notebook-only",
        ),
        (
            {"pyproject.toml": LIBRARY, "layers/dense.py": "import torch\n"},
            "library torch",
            "trains",
        ),
        (
            {"pyproject.toml": LIBRARY, "layers/train.py": SKLEARN},
            "trains",
            "library",
        ),
        (
            {"pyproject.toml": '[project]\nname = "small_layers"\n', "README.md": INSTALLED},
            "library",
            "",
        ),
        (
            {"pyproject.toml": '[project]\nname = "churn"\n', "README.md": INSTALLED},
            "",
            "library",
        ),
        (
            {"pyproject.toml": LIBRARY, "layers/serve.py": APP, **PARTS},
            "library serves",
            "",
        ),
        ({"pyproject.toml": LIBRARY, "layers/serve.py": APP}, "serves", "library"),
        (
            {"setup.cfg": SMALL, "README.rst": "Layers\n\nUse ``pip install small-layers``.\n"},
            "library",
            "",
        ),
        (
            {"setup.cfg": SMALL, "README.rst": "Layers\n\nUse ``pip install torch``.\n"},
            "",
            "library",
        ),
        ({"setup.cfg": f"{SMALL}classifiers =\n    Topic :: A\n"}, "library", ""),
        ({"cookiecutter.json": "{}", "{{cookiecutter.name}}/a.py": TORCH}, "template trains", ""),
        ({"pkg/data/starters/cookiecutter.json": "{}"}, "", "template"),
        ({**CHAPTERS, "README.md": "# Exercises of the course\n"}, "course notebooks", ""),
        ({**CHAPTERS, "README.md": "# Churn\n"}, "notebooks", "course"),
        ({"1-trees.ipynb": TRAINING_NOTEBOOK, "README.md": "# Tutorial\n"}, "", "course"),
        ({**WEEKS, "README.md": "# Exercises of the course\n"}, "course", ""),
        ({**WEEKS, "a.py": SKLEARN, "README.md": "# Exercises of the course\n"}, "", "course"),
    ],
)
def test_what_a_project_is(files: dict[str, Any], yes: str, no: str) -> None:
    found = held(files)
    assert {name: found[name].holds for name in yes.split()} == dict.fromkeys(yes.split(), True)
    assert {name: found[name].holds for name in no.split()} == dict.fromkeys(no.split(), False)


@pytest.mark.parametrize(
    ("trait", "path", "text"),
    [
        ("has-tests", "tests/test_a.py", "def test_a():\n    assert True\n"),
        ("has-ci", ".github/workflows/ci.yml", "on: push\njobs: {a: {steps: [{run: ls}]}}\n"),
        ("has-docker", "Dockerfile", "FROM python:3.12\n"),
        ("has-python", "a.py", "x = 1\n"),
        ("has-dependencies", "requirements.txt", "torch\n"),
        ("has-dvc", ".dvc/config", "[core]\n"),
        ("trains", "a.py", "from flax import nnx\nstep = nnx.value_and_grad(f)\n"),
        ("trains", "a.py", "from darts.models import TiDEModel\nTiDEModel(4, 1).fit(s)\n"),
        ("evaluates", "a.py", "from darts.metrics import mase\nmase(a, b, c)\n"),
        ("compose", "compose.yaml", "services: {a: {image: b}}\n"),
        (
            "kubernetes",
            "k8s/a.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
        ),
        ("data-in-repo", "data/a.csv", "a,b\n" + "1,2\n" * 400),
        ("pipeline", "Snakefile", "rule all:\n    input: 'a'\n"),
        ("demo", "app.py", "import streamlit as st\nst.title('a')\n"),
        ("jax", "a.py", "import jax\n"),
        ("keras-tf", "a.py", "from tensorflow import keras\n"),
        ("lightning", "a.py", "import lightning as L\n"),
        ("time-series", "a.py", "from prophet import Prophet\n"),
        ("feature-store", "a.py", "from feast import FeatureView\nv = FeatureView(name='v')\n"),
        ("own-data", "a.py", "import pandas as pd\nrows = pd.read_csv('rows.csv')\n"),
        ("people-data", "data/a.csv", "id,gender,age\n1,f,30\n"),
        ("people-data", "a.py", "columns = ['age', 'gender', 'income']\n"),
        ("publishes-models", "a.py", "import torch\ndef f(m):\n    m.push_to_hub('a/b')\n"),
    ],
)
def test_a_trait_that_one_file_shows(trait: str, path: str, text: str) -> None:
    assert held({path: text})[trait].holds is True
    assert held({"NOTES.txt": "nothing\n"})[trait].holds is False


@pytest.mark.parametrize(
    ("trait", "files"),
    [
        ("splits", {"train.py": TORCH.replace("from torchvision.datasets import MNIST\n", "")}),
        ("evaluates", {"train.py": TORCH}),
        ("trains-supervised", {"a.py": "import torch\ndef f(loss):\n    loss.backward()\n"}),
        ("serves", {"app.py": SHOP, "net.py": "import torch\n"}),
        ("trains", {"train.py": "import torch\nprint 'old'\n"}),
        ("trains", {"recipe.yml": "base_model: a/b\nmicro_batch_size: 1\n"}),
        ("people-data", {"a.py": "columns = ['gender', 'income']\n"}),
        ("own-data", {"train.py": TORCH.replace("from torchvision.datasets import MNIST\n", "")}),
    ],
)
def test_what_cannot_be_told_stays_open(trait: str, files: dict[str, Any]) -> None:
    found = held(files)[trait]
    assert found.holds is None
    assert found.reason


def test_a_trait_says_where_it_was_seen() -> None:
    assert held({"train.py": SKLEARN})["trains"].reason.startswith("train.py:9:9: `sklearn.")


def test_every_trait_says_why_it_does_not_hold() -> None:
    found = held({"NOTES.txt": "nothing\n"})
    assert {name for name, trait in found.items() if trait.holds is not False} == set()
    assert all(trait.reason for trait in found.values())
    assert set(found) == set(CATALOGUE.traits)


def test_a_reason_is_whole_where_a_row_has_no_words_or_no_place() -> None:
    found = held({"train.py": {"text": "print(1)\n", "tracked": True}})
    assert found["has-python"].reason == "train.py"
    assert found["has-git"].reason == "the project is under git"
