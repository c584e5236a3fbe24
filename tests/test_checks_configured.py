"""What a training is told: settings that something reads, options, arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mllint.checks import configured
from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.project import Project
    from mllint.review import Evidence

READS = "import yaml\nparams = yaml.safe_load(open('conf/train.yaml'))\n"
HYDRA = "import hydra\n@hydra.main(config_path='conf')\ndef main(cfg): pass\nmain()\n"
ABSL = "from absl import flags\nflags.DEFINE_integer('patience', 3, 'rounds')\n"


def project(files: dict[str, Any]) -> Project:
    tree = Tree.of(files)
    return link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)


def seen(found: Iterable[Evidence]) -> list[str]:
    return [e.note for e in found if e.ok]


@pytest.mark.parametrize(
    ("files", "notes"),
    [
        ({"train.py": READS}, ["`a.patience: 3` in `conf/train.yaml`"]),
        ({"train.py": HYDRA}, ["`a.patience: 3` in `conf/train.yaml`"]),
        ({"Makefile": "train:\n\tpython t.py --config=conf/train.yaml\n"},
         ["`a.patience: 3` in `conf/train.yaml`"]),
        ({"train.py": "print(1)\n"}, []),
    ],
)  # fmt: skip
def test_a_setting_counts_where_something_reads_its_file(
    files: dict[str, Any], notes: list[str]
) -> None:
    found = project({**files, "conf/train.yaml": "a: {patience: 3}\n"})
    assert seen(configured.setting(found, keys=["patience"])) == notes


@pytest.mark.parametrize("value", ["0", "null", "false", "none"])
def test_a_setting_that_is_off_does_not_count(value: str) -> None:
    found = project({"train.py": READS, "conf/train.yaml": f"patience: {value}\n"})
    assert seen(configured.setting(found, keys=["patience"])) == []


def test_values_are_asked_for_or_left_out() -> None:
    found = project({"train.py": READS, "conf/train.yaml": "precision: 16-mixed\njobs: 1\n"})
    assert seen(configured.setting(found, keys=["precision"], values=["16*"]))
    assert not seen(configured.setting(found, keys=["precision"], values=["32"]))
    assert not seen(configured.setting(found, keys=["jobs"], but=["1"]))


@pytest.mark.parametrize(
    "code",
    [
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--patience')\n",
        "import click\n@click.option('--patience')\ndef main(patience): pass\n",
        ABSL,
    ],
)
def test_options_of_all_kinds(code: str) -> None:
    assert len(seen(configured.option(project({"train.py": code}), names=["patience"]))) == 1


def test_an_argument_that_is_off_does_not_count() -> None:
    code = "from xgboost import XGBRegressor\nXGBRegressor({})\n"
    for given, count in {"n_jobs=4": 1, "n_jobs=1": 0, "n_jobs=None": 0, "**kw": 0}.items():
        found = project({"train.py": code.format(given)})
        assert len(seen(configured.argument(found, names=["n_jobs"], but=["1"]))) == count


def test_files_of_tools_are_not_read_by_a_training() -> None:
    found = project({"train.py": HYDRA, ".pre-commit-config.yaml": "patience: 3\n"})
    assert configured.files_read(found) == frozenset()


TYPER = "import typer\napp = typer.Typer()\n"
FITS = "    XGBClassifier(n_estimators=400, max_depth=6, subsample=0.5).fit(X, y)\n"


@pytest.mark.parametrize(
    ("text", "credited"),
    [
        (TYPER + "@app.command()\ndef fit(X, y, learning_rate):\n" + FITS, True),
        (TYPER + "def fit(X, y, learning_rate):\n" + FITS, False),
        (TYPER + "def fit(X, y, learning_rate):\n" + FITS + "typer.run(fit)\n", True),
        ("import fire\ndef fit(X, y, learning_rate):\n" + FITS + "fire.Fire()\n", True),
        ("import fire\ndef fit(X, y, learning_rate):\n" + FITS + "fire.Fire(other)\n", False),
    ],
)
def test_parameters_count_of_functions_that_are_commands(text: str, credited: bool) -> None:
    found = project({"train.py": "from xgboost import XGBClassifier\n" + text})
    notes = seen(CATALOGUE.rules["hard-coded-config"].check(found))
    assert any("learning_rate" in note for note in notes) == credited
