"""Practices of which the signs are there, if not the proof: rules of absence leave them open."""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

SIGNS = {
    "A builder may hand the code to a tool that is set up": (
        "no-security-analysis",
        {
            "fit.py": "x = 1\n",
            "ruff.toml": 'lint.select = ["S"]\n',
            "BUILD": 'ruff_lint(name = "lint")\n',
            ".drone.yml": "steps:\n- {name: a, commands: [bazel build //...]}\n",
        },
    ),
    "A pipeline in code names the tool": (
        "no-secret-scan",
        {
            "fit.py": "x = 1\n",
            "dagger/main.py": 'dag.container().with_exec(["gitleaks", "detect"])\n',
            ".gitlab-ci.yml": "a: {script: [dagger call check]}\n",
        },
    ),
    "Nix puts the package in the environment": (
        "undeclared-import",
        {
            "fit.py": "import xarray\n",
            "requirements.txt": "torch\n",
            "flake.nix": "{ py = python3.withPackages (p: with p; [ torch xarray ]); }\n",
        },
    ),
    "A step of a pipeline lists the package": (
        "undeclared-import",
        {
            "fit.py": "import dsl\nimport xarray\n"
            "@dsl.component(packages_to_install=['kfp', 'xarray==2024.1'])\ndef f(): pass\n",
            "requirements.txt": "kfp\n",
        },
    ),
    "A step of a shared library": (
        "no-secret-scan",
        {
            "fit.py": "x = 1\n",
            "Jenkinsfile": "@Library('a') _\npipeline { stages { stage('S') { steps { scan(1) }}}}",
        },
    ),
    "Argo starts something on a push": (
        "no-ci",
        {
            "fit.py": "x = 1\n",
            "ci/sensor.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Sensor\n",
        },
    ),
    "Tests of Nextflow start the script": (
        "untested-data-code",
        {
            "bin/check.py": "import pandas as pd\npd.read_csv('rows.csv')\n",
            "tests/check.nf.test": "nextflow_process {}\n",
            "tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n",
        },
    ),
    "Scores are put at the end of a file": (
        "no-experiment-tracking",
        {
            "fit.py": "import json\nfrom sklearn.svm import SVC\nmodel = SVC().fit(X, y)\n"
            "with open('runs.jsonl', 'a') as file:\n"
            "    file.write(json.dumps({'c': 1, 'score': model.score(late, truth)}))\n",
        },
    ),
    "A step of the pipeline refuses a weak model": (
        "no-quality-test",
        {
            "flow.py": "from sklearn.svm import SVC\nSVC().fit(X, y)\ndef gate(found):\n"
            "    if found['aucpr'] < 1.2 * found['rule']:\n        raise RuntimeError\n",
            "tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n",
        },
    ),
    "A test fits a model and asks for its error": (
        "no-quality-test",
        {
            "model.py": "from sklearn.svm import SVR\ndef fit(x): return SVR().fit(x, x)\n"
            "def mape(m, x): return abs(m - x).mean()\n",
            "tests/test_a.py": "import model\ndef test_a():\n"
            "    assert model.mape(model.fit(rows), rows) < 0.2\n",
        },
    ),
    "A plugin is named after what it needs": (
        "undeclared-import",
        {"fit.py": "import pandera\n", "requirements.txt": "kedro-pandera==0.2.1\n"},
    ),
    "A component of another repository may measure coverage": (
        "no-coverage",
        {
            "pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n",
            "tests/test_a.py": "def test_a():\n    assert 1 + 1 == 2\n",
            ".gitlab-ci.yml": "include: [{component: host/ci/python@1}]\n",
        },
    ),
    "A service that nobody knows runs a check": (
        "no-ci",
        {"fit.py": "x = 1\n", "newci.yml": "phases: [{script: 'pip install . && pytest'}]\n"},
    ),
    "What a service runs is not all seen": (
        "no-secret-scan",
        {"fit.py": "x = 1\n", ".vela.yml": "steps: [{commands: [pytest]}]\n"},
    ),
    "A test reaches what only asks a fetched model": (
        "untested-model-code",
        {
            "train.py": "from ultralytics import YOLO\nYOLO('a.yaml').train(data='b.yaml')\n"
            "from sklearn.svm import SVC\nSVC().fit(X, y)\n",
            "watch.py": "import ultralytics\nm = ultralytics.YOLO('a')\ndef near(x): return x\n",
            "tests/test_a.py": "from watch import near\ndef test_a():\n    assert near(1) == 1\n",
        },
    ),
    "The saved model lies in the repository": (
        "unversioned-model",
        {
            "fit.py": "import joblib\nfrom sklearn.svm import SVC\nmodel = SVC().fit(X, y)\n"
            "joblib.dump(model, 'model.joblib')\n",
            "model.joblib": "x\n",
        },
    ),
    "A study that is kept with all its trials": (
        "no-experiment-tracking",
        {
            "fit.py": """\
import optuna
from sklearn.svm import SVC
def tried(trial):
    model = SVC(C=trial.suggest_float("c", 0.1, 9)).fit(X, y)
    return model.score(late, truth)
optuna.create_study(storage="sqlite:///trials.db").optimize(tried)
""",
        },
    ),
    "The configuration of the trainer says where to": (
        "no-experiment-tracking",
        {
            "tune.py": """\
from transformers import HfArgumentParser, Trainer, TrainingArguments
(options,) = HfArgumentParser(TrainingArguments).parse_yaml_file("tune.yaml")
Trainer(model, options, train_dataset=rows).train()
""",
            "tune.yaml": """\
output_dir: out
report_to: mlflow
""",
        },
    ),
    "The run is handed to a function": (
        "no-experiment-tracking",
        {
            "fit.py": """\
import wandb
from sklearn.linear_model import Ridge
def note(run, score):
    run.log({"r2": score})
run = wandb.init(project="rent")
model = Ridge()
model.fit(X, y)
note(run, model.score(late, truth))
""",
        },
    ),
    "Set on the run, item by item": (
        "params-not-logged",
        {
            "fit.py": """\
import wandb
from sklearn.linear_model import Ridge
model = Ridge()
model.fit(X, y)
run = wandb.init(project="rent")
run.config["alpha"] = 1.0
run.log({"r2": model.score(late, truth)})
""",
        },
    ),
    "The file of parameters goes with the run": (
        "params-not-logged",
        {
            "fit.py": """\
import mlflow
from sklearn.linear_model import Ridge
model = Ridge()
model.fit(X, y)
mlflow.log_metric("r2", model.score(late, truth))
mlflow.log_artifact("config.yaml")
""",
        },
    ),
    "Each in turn": (
        "unseeded-training",
        {
            "fit.py": """\
import random
import numpy as np
import torch
for seeds in (random.seed, np.random.seed, torch.manual_seed):
    seeds(7)
import torch
model = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in batches:
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
""",
        },
    ),
    "Tests of a shell, of R, or by other names": (
        "no-tests",
        {
            "rent/fit.py": "def rent(size):\n    return 9 * size\n",
            "checks/run.bats": '@test "it runs" {\n  run python -m rent.fit\n}\n',
        },
    ),
    "A runner that is told of other names": (
        "no-tests",
        {
            "rent/fit.py": "def rent(size):\n    return 9 * size\n",
            "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
        },
    ),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_is_neither_a_fault_nor_a_proof(sign: str) -> None:
    rule, files = SIGNS[sign]
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    found = [evidence.ok for evidence in CATALOGUE.rules[rule].check(project)]
    assert found
    assert set(found) == {None}
