"""Files that nothing runs or imports, and all that speaks against it."""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

LOGS = "import mlflow\n\n\ndef record(score):\n    mlflow.log_metric('r2', score)\n"
TRAIN = "import sklearn\n\nprint(sklearn)\n"


def grade(**files: str) -> str:
    """The grade of MLflow where the only call of it stands in `book_keeping.py`."""
    named = {name.replace("__", ".").replace("_in_", "/"): text for name, text in files.items()}
    tree = Tree.of({"book_keeping.py": LOGS, "train.py": TRAIN, **named})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return project.used_tools["experiment_tracking"][0].grade


def test_what_stands_in_a_file_that_nothing_runs_is_hardly_evidence() -> None:
    assert grade() == "declared"


@pytest.mark.parametrize(
    "files",
    [
        {"train__py": "from book_keeping import record\n"},
        {"train__py": "import importlib\n\nimportlib.import_module(name)\n"},
        {"train__py": "import os\n\nos.system('python book_keeping.py')\n"},
        {"README__md": "# A\n\nRun `python book_keeping.py`.\n"},
        {"README__md": "# A\n\n```bash\npython -m book_keeping\n```\n"},
        {"Makefile": "log:\n\tpython -c 'import book_keeping'\n"},
        {"conf__yaml": "logger:\n  _target_: book_keeping.record\n"},
        {"pyproject__toml": "[project]\nname = 'ranker'\nversion = '1'\n"},
        {"setup__py": "from setuptools import setup\n\nsetup(name='ranker')\n"},
        {"book_keeping__py": LOGS + "\n\nrecord(0.5)\n"},
        {"book_keeping__py": LOGS + "\n\nif __name__ == '__main__':\n    record(0.5)\n"},
        {"book_keeping__py": LOGS.replace("def", "@step\ndef")},
    ],
)
def test_anything_that_may_run_it_makes_it_evidence(files: dict[str, str]) -> None:
    assert grade(**files) == "used"
