"""Whatever is edited, what is remembered gives the report of a run that remembers nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint import engine
from mllint.settings import Settings

if TYPE_CHECKING:
    from mllint.review import Report

CELLS = ("import pandas as pd\n", "frame = pd.read_csv('rows.csv')\n", "frame.head()\n")
FILES = {
    "train.py": """\
import torch
from sklearn.model_selection import train_test_split

from features import RATE, SEED, prepared

rows = prepared("rows.csv")
left, right = train_test_split(rows, random_state=SEED)
net = torch.nn.Linear(2, 1)
steps = torch.optim.SGD(net.parameters(), lr=RATE)
for epoch in range(3):
    loss = net(left).sum()
    loss.backward()
    steps.step()
torch.save(net, "net.pt")
""",
    "features.py": """\
import pandas as pd
from sklearn.preprocessing import StandardScaler

RATE = 0.1
SEED = 7


def prepared(path):
    frame = pd.read_csv(path)
    scaler = StandardScaler()
    return scaler.fit_transform(frame)
""",
    "serve.py": """\
import os

import torch
from fastapi import FastAPI

app = FastAPI()
os.environ["WANDB_MODE"] = "offline"


@app.post("/predict")
def predict(body: dict):
    net = torch.load("net.pt")
    return net(body["x"])
""",
    "tests/test_features.py": """\
from features import prepared


def test_it():
    assert prepared
""",
    "requirements.txt": "torch==2.5.0\nscikit-learn\npandas\n",
    "README.md": "# Rows\n\n## Usage\n\nRun `python train.py`.\n",
    ".github/workflows/ci.yml": """\
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pytest
""",
    "Dockerfile": """\
FROM python:3.11
COPY . .
RUN pip install -r requirements.txt
CMD ["python", "serve.py"]
""",
    "eda.ipynb": json.dumps({
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": n + 1,
             "source": [text]}
            for n, text in enumerate(CELLS)
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }, indent=1),
}  # fmt: skip
LINES = {
    ".py": ("", "# so", "RATE = 0.2", "seed = 3", "import numpy as np", "np.random.seed(3)",
            "torch.manual_seed(1)", "rows = rows.dropna()", "paths = ['a', 'b']", "net.eval()",
            "from features import *", "x = torch.load('a.pt')", "def prepared(path): return path"),
    ".md": ("", "More.", "Run `python gone.py`.", "[more](gone.md)"),
    ".txt": ("", "mlflow", "torch==1.13.0", "# so"),
    ".yml": ("      - run: ruff check .", "      # so", "      - run: python train.py"),
    "file": ("USER app", "# so", "RUN pip install mlflow"),
    ".ipynb": ('"x": 1,', ""),
}  # fmt: skip
"""Lines that are put into files, by the end of their names."""


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "insert", "insert", "delete", "swap", "move", "drop"]),
        st.sampled_from(sorted(FILES)),
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=4,
)


def edited(root: Path, what: str, name: str, line: int, which: int) -> None:
    """Changes one file, if it is there."""
    path = root / name
    if not path.exists():
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(FILES[name])
        return
    lines = path.read_text().split("\n")
    at = line % len(lines)
    if what == "insert":
        end = next(end for end in LINES if name.endswith(end))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())] if end == ".py" else ""
        lines.insert(at, indent + LINES[end][which % len(LINES[end])])
    elif what == "delete":
        del lines[at]
    elif what == "swap":
        lines[at - 1], lines[at] = lines[at], lines[at - 1]
    elif what == "move":
        path.rename(path.with_name(f"other_{path.name}"))
        return
    else:
        path.unlink()
        return
    path.write_text("\n".join(lines))


def said(root: Path, cache: Path) -> Report:
    """The report about a tree without what may differ."""
    report = engine.run(root, Settings(jobs=0, cache_dir=cache))
    return replace(report, run=replace(report.run, cached=0, seconds=0.0), rules={})


def fresh(rules: Path, folder: Path) -> Path:
    """A cache that knows the rules and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(rules, folder)
    return folder


def written(folder: Path) -> Path:
    """The project, in a folder of its own."""
    root = folder / "rows"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("features.py", "SEED = 7", "SEED = None"),
        ("features.py", "SEED = 7\n", ""),
        ("features.py", "    scaler =", '    frame["a"][0] = 3\n    scaler ='),
        ("features.py", "    scaler =", "    # so\n    scaler ="),
        ("features.py", "RATE = 0.1", 'RATE = 0.1\nCOLUMNS = ["age", "gender"]'),
        ("train.py", "import torch", "# so\nimport torch"),
        ("train.py", "    loss.backward", "    steps.zero_grad()\n    loss.backward"),
        ("serve.py", '"offline"', '"online"'),
        ("tests/test_features.py", "    assert prepared", "    pass"),
        ("Dockerfile", "FROM", "# so\nFROM"),
        ("Dockerfile", "COPY . .", "USER app\nCOPY . ."),
        (".github/workflows/ci.yml", "run: pytest", "run: echo"),
        ("requirements.txt", "2.5.0", "2.6.0"),
        ("README.md", "train.py", "gone.py"),
    ],
)
def test_what_an_edit_changes_is_seen(
    tmp_path: Path, known_rules: Path, name: str, old: str, new: str
) -> None:
    root, cache = written(tmp_path), fresh(known_rules, tmp_path / "cache")
    before = said(root, cache)
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))
    after = said(root, cache)
    assert after == said(root, fresh(known_rules, tmp_path / "other"))
    assert after != before


def test_names_that_are_passed_on_from_another_module_are_seen(
    tmp_path: Path, known_rules: Path
) -> None:
    root, cache = written(tmp_path), fresh(known_rules, tmp_path / "cache")
    (root / "safe.py").write_text("ONLY_WEIGHTS = True\n")
    (root / "unsafe.py").write_text("ONLY_WEIGHTS = False\n")
    serve, between = root / "serve.py", root / "between.py"
    call = 'torch.load("net.pt", weights_only=ONLY_WEIGHTS)'
    text = serve.read_text().replace('torch.load("net.pt")', call)
    serve.write_text(f"from between import ONLY_WEIGHTS\n{text}")
    between.write_text("from safe import ONLY_WEIGHTS\n")
    before = said(root, cache)
    between.write_text("from unsafe import ONLY_WEIGHTS\n")
    after = said(root, cache)
    assert after == said(root, fresh(known_rules, tmp_path / "other"))
    assert after != before


@pytest.mark.parametrize("count", [1, 2000])
def test_however_many_names_change_nothing_is_lost(
    tmp_path: Path, known_rules: Path, count: int
) -> None:
    root, cache = written(tmp_path), fresh(known_rules, tmp_path / "cache")
    names = root / "names.py"
    names.write_text("".join(f"first_{n} = {n}\n" for n in range(count)))
    before = said(root, cache)
    names.write_text("".join(f"other_{n} = {n}\n" for n in range(count)))
    after = said(root, cache)
    assert after == said(root, fresh(known_rules, tmp_path / "other"))
    assert after.run.notices == before.run.notices


@settings(max_examples=6)
@given(EDITS)
def test_the_report_is_that_of_a_run_that_remembers_nothing(
    known_rules: Path, edits: list[tuple[str, str, int, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, cache = written(Path(folder)), fresh(known_rules, Path(folder, "cache"))
        said(root, cache)
        for edit in edits:
            edited(root, *edit)
            other = fresh(known_rules, Path(folder, "other"))
            assert said(root, cache) == said(root, other), edit
