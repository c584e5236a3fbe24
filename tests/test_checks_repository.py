"""Rules about dependencies, documents and versions, where their examples do not look."""

from __future__ import annotations

from typing import Any

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

LONG = "It predicts which customers leave. " * 12
RECENT = '[project]\nname = "a"\nrequires-python = ">=3.11"\ndependencies = ["b"]\n'
NOTEBOOK = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1,
 "source": "import IPython"}
]}"""
FIT = "from sklearn.svm import SVC\nSVC().fit(X, y)\n"


def seen(rule: str, files: dict[str, Any]) -> list[tuple[bool | None, str, str]]:
    """Whether it is good, where it stands, and the note, for each piece of evidence."""
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    evidence = CATALOGUE.rules[rule].check(project)
    return [(e.ok, e.at.path if e.at else "", e.note) for e in evidence]


def tracked(text: str = "", **more: Any) -> dict[str, Any]:
    return {"text": text, "tracked": True, **more}


UNDECLARED: list[tuple[str, dict[str, str], bool | None]] = [
    (
        "a command of the Dockerfile installs it",
        {
            "requirements.txt": "pandas==1.0\n",
            "a.py": "import torch\n",
            "Dockerfile": "FROM python:3.11\nRUN pip install -q torch\n",
        },
        None,
    ),
    (
        "an image of a remote runner installs it",
        {
            "requirements.txt": "modal==1.0\n",
            "a.py": "import torch\nfrom modal import Image\n"
            "Image.debian_slim().pip_install('torch', ['tqdm'])\n",
        },
        None,
    ),
    (
        "an extra of another is named after it",
        {"requirements.txt": "accelerator[torch]==1.0\n", "a.py": "import torch\n"},
        True,
    ),
    (
        "the manifest computes its dependencies",
        {
            "pyproject.toml": '[project]\nname = "a"\nversion = "1"\ndynamic = ["dependencies"]\n'
            '[project.optional-dependencies]\nx = ["pandas"]\n',
            "a.py": "import torch\n",
        },
        None,
    ),
    (
        "the manifest was not read in full",
        {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["pandas", "&&"]\n',
            "a.py": "import torch\n",
        },
        None,
    ),
    (
        "nobody knows where it comes from",
        {"requirements.txt": "pandas==1.0\n", "a.py": "import ourtools\n"},
        None,
    ),
    (
        "a declared one always brings it along",
        {"requirements.txt": "torchvision==0.16\n", "a.py": "import torch\n"},
        True,
    ),
    (
        "it is imported only under a flag",
        {
            "requirements.txt": "pandas==1.0\n",
            "a.py": "import pandas\nif FLAG:\n    import torch\ndef f():\n    import wandb\n",
        },
        True,
    ),
    (
        "the kernel of a notebook brings it along",
        {
            "requirements.txt": "pandas==1.0\n",
            "a.ipynb": NOTEBOOK,
        },
        None,
    ),
    (
        "a variant for another accelerator",
        {"requirements.txt": "onnxruntime-gpu==1.0\n", "a.py": "import onnxruntime\n"},
        True,
    ),
    (
        "the name is that of another library's plug-in",
        {"requirements.txt": "torch-summary==1.0\n", "a.py": "import torch\n"},
        False,
    ),
    (
        "a folder of requirements speaks for the one above",
        {"requirements/gpu.txt": "torch==2.0\n", "src/a.py": "import torch\n"},
        True,
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in UNDECLARED], ids=[case[0] for case in UNDECLARED]
)
def test_imports(files: dict[str, str], expected: bool | None) -> None:
    found = [ok for ok, _, note in seen("undeclared-import", files) if "modal" not in note]
    assert found == [expected]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": "import torch\n", "env.yml": "x: 1\n"}, None),
        ({"a.py": "import torch\n", "setup.py": "setup(install_requires=read())\n"}, None),
        ({"a.py": "import torch\n", "Makefile": "install:\n\tpip install torch\n"}, False),
        ({"a.py": "import torch\n", "pyproject.toml": "[tool.black]\nline-length = 80\n"}, False),
        ({"a.py": "import torch\n", "vendor/x/requirements.txt": "torch\n"}, False),
        ({"a.py": "import ourtools\n"}, None),
    ],
)
def test_manifests(files: dict[str, str], expected: bool | None) -> None:
    found = [ok for ok, _, _ in seen("no-dependency-manifest", files)]
    assert found == ([] if "ourtools" in files["a.py"] else [expected])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pyproject.toml": '[project]\nname = "a"\ndependencies = ["torch==2.0"]\n'}, [True]),
        (
            {
                "pyproject.toml": '[project]\nname = "a"\ndependencies = ["torch", "tqdm"]\n',
                "requirements.txt": "torch\ntqdm\n",
            },
            [],
        ),
        ({"pyproject.toml": '[dependency-groups]\ndev = ["pytest"]\n'}, []),
        ({"Pipfile": '[packages]\na = {path = "."}\n'}, []),
    ],
)
def test_lock_files(files: dict[str, str], expected: list[bool]) -> None:
    assert [ok for ok, _, _ in seen("no-lockfile", files)] == expected


@pytest.mark.parametrize(
    ("manifest", "lock", "notes"),
    [
        ('"a"', 'name = "b"\nversion = "1"', ["`a` is not in it"]),
        ('"a<1"', 'name = "a"\nversion = "1.2"', ["it holds `a 1.2`, which `<1` does not admit"]),
        ('"a @ git+https://h.example/a@v1"', 'name = "b"\nversion = "1"', []),
        ("\"a; sys_platform == 'x'\"", 'name = "b"\nversion = "1"', []),
        ('"a>=1"', 'name = "a"\nversion = "1.2"', []),
    ],
)
def test_stale_locks(manifest: str, lock: str, notes: list[str]) -> None:
    files = {
        "pyproject.toml": f'[project]\nname = "own"\ndependencies = [{manifest}]\n',
        "uv.lock": f"version = 1\n\n[[package]]\n{lock}\n",
    }
    assert [note for ok, _, note in seen("stale-lockfile", files) if ok is False] == notes


@pytest.mark.parametrize(
    ("requirement", "fixed"),
    [
        ("a==1.0", True),
        ("a~=1.4.2", True),
        ("a==1.4.*", True),
        ("a~=1.4", False),
        ("a>=1,<2", False),
        ("a @ git+https://h.example/o/a.git@4f2a", True),
        ("a @ git+https://h.example/o/a.git", False),
        ("a @ git+https://h.example/o/a.git@master", False),
        ("a @ git+https://h.example/o/a.git@feature/new", False),
        ("a @ git+https://h.example/o/a.git@v1.2#egg=a", True),
        ("a @ https://h.example/a-1.0-py3-none-any.whl", True),
    ],
)
def test_pins(requirement: str, fixed: bool) -> None:
    found = seen("unpinned-dependency", {"requirements.txt": f"{requirement}\nb==1\n"})
    assert [ok for ok, _, _ in found] == [fixed]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {
                "pyproject.toml": RECENT,
                ".github/workflows/ci.yml": "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n"
                "      - uses: actions/setup-python@v5\n        with: {python-version: '3.9'}\n",
            },
            [False],
        ),
        (
            {
                "pyproject.toml": RECENT,
                "api/requirements.txt": "flask==1\n",
                "api/Dockerfile": "FROM python:3.9\n",
            },
            [],
        ),
        ({".python-version": "3.11\n", "Dockerfile": "FROM python:3.12\n"}, [False]),
        ({"pyproject.toml": RECENT, "Dockerfile": "FROM python:3.11\n"}, [True]),
        ({"pyproject.toml": RECENT, "Dockerfile": "FROM python:3\n"}, []),
        ({"pyproject.toml": RECENT, "tox.ini": "[tox]\nenvlist = py310,py311\n"}, [False, True]),
        ({".python-version": "3.11\n", "Dockerfile": "FROM python:3.11.4\n"}, [True]),
        ({"a/Dockerfile": "FROM python:3.11\n", "b/Dockerfile": "FROM python:3.12\n"}, []),
    ],
)
def test_python_versions(files: dict[str, str], expected: list[bool]) -> None:
    assert [ok for ok, _, _ in seen("python-version-conflict", files)] == expected


def test_a_version_that_only_ci_names_is_not_stated_for_a_set_up() -> None:
    workflow = (
        "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n"
        "      - uses: actions/setup-python@v5\n        with: {python-version: '3.9'}\n"
    )
    found = seen("no-python-version", {".github/workflows/ci.yml": workflow, "a.py": ""})
    assert found == [(False, "", "only `.github/workflows/ci.yml` names `3.9`")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"setup.cfg": "[metadata]\nlicense = MIT\n"}, "`setup.cfg` only names"),
        ({"README.md": f"# A\n{LONG}\n## License\n\nMIT\n"}, "the README only speaks"),
        ({"README.md": f"# A\n{LONG}Released under the MIT license.\n"}, "the README only speaks"),
        ({"README.md": f"# A\n{LONG}\n"}, "nothing names a licence"),
    ],
)
def test_a_licence_that_is_only_named(files: dict[str, str], expected: str) -> None:
    ((ok, _, note),) = seen("no-licence", files)
    assert (ok, note[: len(expected)]) == (False, expected)


def test_a_model_card_may_be_the_readme_of_a_hub() -> None:
    files = {"README.md": "---\nlicense: mit\nbase_model: x/y\n---\n" + LONG}
    assert [ok for ok, _, _ in seen("no-model-card", files)] == [True]
    assert [ok for ok, _, _ in seen("no-licence", files)] == [True]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"MODEL_CARD.md": "# Card\n\nTODO\n"}, [(False, "`MODEL_CARD.md` has only")]),
        ({"docs/a.md": f"# A\n## Intended use\n{LONG}\n"}, [(True, "the section")]),
        ({"model_cards/a.yaml": "a: 1\n"}, [(True, "`model_cards/a.yaml`")]),
        ({"tests/MODEL_CARD.md": LONG}, [(False, "there is no model card")]),
    ],
)
def test_model_cards(files: dict[str, str], expected: list[tuple[bool, str]]) -> None:
    found = [(ok, note[: len(expected[0][1])]) for ok, _, note in seen("no-model-card", files)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (f"# A\n{LONG}\n![curve](docs/loss_curve.png)\n", "the figure `curve`"),
        (f"# A\n{LONG}\nIt reaches an F1 score of 0.91 there.\n", "`F1 score of 0.91`"),
        (
            f"# A\n{LONG}\n## Results\n\nSee [the page](https://h.example).\n",
            "the section \u201cResults\u201d",
        ),
        (
            f"# A\n{LONG}\n## Results\n\nSee the paper.\n",
            "it speaks of a paper or its results: \u201cthe paper\u201d",
        ),
        (f"# Our paper\n{LONG}\n", "it speaks of a paper or its results: \u201cOur paper\u201d"),
    ],
)
def test_results_in_a_readme(text: str, note: str) -> None:
    assert [found[2] for found in seen("readme-without-results", {"README.md": text})] == [note]


def test_results_are_asked_of_research_code_only() -> None:
    assert seen("readme-without-results", {"README.md": f"# Results\n{LONG}\n"}) == []


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            f"# A\n{LONG}Run pip install -r requirements.txt first.\n",
            "\u201cpip install -r\u201d in the text",
        ),
        (
            f"# A\n{LONG}You must install Spark first.\n",
            "\u201cmust install spark\u201d in the text",
        ),
        (f"# A\n{LONG}\nSee [the guide](docs/start.md).\n", "refers to `docs/start.md`"),
        (f"# A\n{LONG}\nSee [this page](https://h.example/install).\n", ""),
        (f"# How to install\n{LONG}\n", ""),
    ],
)
def test_set_up_in_a_readme(text: str, note: str) -> None:
    assert [found[2] for found in seen("readme-without-setup", {"README.md": text})] == [note]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (f"# A\n{LONG}\n```\n$ python a.py --x 1\n```\n", "`python a.py --x 1` in a code block"),
        (f"# A\n{LONG}\n```\npython -m pip list\n```\n", ""),
        (f"# A\n{LONG}\n## Testing\n\nAll of it is tested.\n", "the section \u201cTesting\u201d"),
        (f"# A\n{LONG}Make sure that the weather api works.\n", ""),
        (f"# A\n{LONG}\nRead [the book](one.ipynb).\n", "refers to `one.ipynb`"),
    ],
)
def test_usage_in_a_readme(text: str, note: str) -> None:
    assert [found[2] for found in seen("readme-without-usage", {"README.md": text})] == [note]


BELOW = "# B\n```\npip install b\npython b.py\n```\n"


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"README.md": f"# A\n{LONG}\n[b](./b/)\n", "b/README.md": BELOW}, "b/README.md"),
        ({"README.md": f"# A\n{LONG}\n", "b/README.md": BELOW}, "README.md"),
        (
            {"README.md": f"# A\n{LONG}\n", "b/README.md": BELOW, "c/README.md": BELOW},
            "b/README.md",
        ),
    ],
    ids=["linked", "one of many", "several"],
)
def test_readmes_of_folders(files: dict[str, str], path: str) -> None:
    for rule in ("readme-without-setup", "readme-without-usage"):
        assert [found[:2] for found in seen(rule, files)] == [(path != "README.md", path)]


def test_a_readme_that_is_no_text() -> None:
    ((ok, path, _),) = seen("no-readme", {"README.pdf": {"base64": "AAEC/w=="}})
    assert (ok, path) == (None, "README.pdf")


SUBMODULE = '[submodule "lib"]\n  path = lib/tool\n  url = https://h.example/tool.git\n'


@pytest.mark.parametrize(
    ("fence", "expected"),
    [
        ("cd nowhere\npython a.py", None),
        ("cd ..\npython a.py", False),
        ("git clone https://h.example/x\npython a.py", None),
        ("python lib/tool/run.py", None),
        ("cp b.py a.py\npython a.py", None),
        ("python path/to/a.py", "nothing"),
        ("python ../a.py", "nothing"),
        ("python src/b.py", True),
        ("conda env create -n x -f environment.yml", False),
        ("poetry run python a.py", False),
    ],
)
def test_commands_of_a_readme(fence: str, expected: bool | str | None) -> None:
    files = {
        "README.md": f"# A\n\n```bash\n{fence}\n```\n",
        "src/b.py": "",
        ".gitmodules": SUBMODULE,
    }
    found = [ok for ok, _, _ in seen("dead-readme-command", files)]
    assert found == ([] if expected == "nothing" else [expected])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {f"data/train/{n}.png": tracked("x" * 10) for n in range(201)},
            [(False, "data/train/99.png")],
        ),
        ({f"docs/img/{n}.png": tracked("x" * 10) for n in range(201)}, [(True, "")]),
        (
            {f"data/{n}.csv": {"size": 4_900_000, "tracked": True} for n in range(11)},
            [(False, "data/9.csv")],
        ),
        ({"package-lock.json": {"size": 6_000_000, "tracked": True}}, [(True, "")]),
        ({"data/a.zip": {"size": 6_000_000, "tracked": True}}, [(False, "data/a.zip")]),
    ],
    ids=["pictures to learn from", "pictures to look at", "many files", "a lock", "an archive"],
)
def test_data_in_git(files: dict[str, Any], expected: list[tuple[bool, str]]) -> None:
    assert [(ok, path) for ok, path, _ in seen("data-in-git", files)] == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("pd.read_csv(args.path)", [None]),
        ("pd.read_csv('s3://b/a.csv')", [None]),
        ("pd.read_csv('/data/a.csv')", [None]),
        ("pd.read_csv('../a.csv')", [None]),
        ("pd.read_csv('path/to/a.csv')", [None]),
        ("pd.read_csv('results.csv')", []),
        ("df.to_csv('a.csv'); pd.read_csv('a.csv')", []),
        ("pd.read_csv()", []),
        ("pd.read_csv('data/a.csv'); pd.read_csv('c.csv')", [False]),
    ],
)
def test_versions_of_data(call: str, expected: list[bool | None]) -> None:
    files = {"train.py": f"import pandas as pd\ndf = pd.DataFrame()\n{call}\n"}
    assert [ok for ok, _, _ in seen("unversioned-data", files)] == expected


def test_data_of_a_folder_without_git_are_not_judged() -> None:
    files = {"a.py": "import pandas as pd\npd.read_csv('d.csv')\n", "d.csv": "a\n1\n"}
    assert [ok for ok, _, _ in seen("unversioned-data", files)] == [None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import joblib\njoblib.dump(m, 'a.pkl')\n", [False]),
        ("import joblib\njoblib.dump(m, path())\n", [None]),
        ("import joblib\njoblib.dump(m, 'a-20240131.pkl')\n", []),
        ("import pickle\nwith open('a', 'wb') as f:\n    pickle.dump(m, f)\n", []),
        ("import torch\ntorch.save(m, f='a.pt')\n", [False]),
        ("import wandb\nwandb.log_artifact('a.pt')\n", [True]),
    ],
)
def test_versions_of_models(text: str, expected: list[bool | None]) -> None:
    assert [ok for ok, _, _ in seen("unversioned-model", {"train.py": FIT + text})] == expected


@pytest.mark.parametrize(
    "files",
    [
        {".gitattributes": "*.pkl filter=lfs\n"},
        {"model.dvc": "outs:\n- md5: 1f\n  path: model\n"},
        {"conf/base/catalog.yml": "model:\n  type: pickle\n  versioned: true\n"},
    ],
)
def test_stores_of_models(files: dict[str, str]) -> None:
    found = seen(
        "unversioned-model", {"t.py": f"{FIT}import joblib\njoblib.dump(m, 'a.pkl')\n", **files}
    )
    assert [ok for ok, _, _ in found] == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SVC(C=1.0)\n", [None]),
        ("SVC(C=1.0, gamma=0.1, max_iter=10)\n", [False]),
        ("C = 1.0\nSVC(C=C, gamma=C, max_iter=C)\n", []),
        ("SVC(C=1.0, gamma=0.1, max_iter=10)\nimport sys\nsys.argv\n", [False]),
    ],
)
def test_hyper_parameters(text: str, expected: list[bool | None]) -> None:
    files = {"train.py": f"from sklearn.svm import SVC\n{text}"}
    assert [ok for ok, _, _ in seen("hard-coded-config", files)] == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"MLproject": "name: a\nentry_points:\n  main:\n    command: python t.py\n"}, [True]),
        ({"train_params.yaml": "c: 1\n"}, [True]),
        ({"any.json": '{"sgd": {"learning_rate": 0.1}}'}, [True]),
        ({"any.json": '{"sgd": {"learning_rate": "high"}}'}, []),
        ({"plots/plot_c.py": "from sklearn.svm import SVC\nSVC(tol=1, gamma=1, max_iter=1)\n"}, []),
        (
            {
                "a.py": "import argparse\nargparse.ArgumentParser().add_argument('--host')\n",
                "b.py": "from sklearn.svm import SVC\nSVC(gamma=1, max_iter=1, degree=1, C=2)\n",
            },
            [None],
        ),
        ({"tpot_exported.py": "from sklearn.svm import SVC\nSVC(C=1, gamma=1, max_iter=1)\n"}, []),
    ],
)
def test_sources_of_hyper_parameters(files: dict[str, str], expected: list[bool]) -> None:
    assert [ok for ok, _, _ in seen("hard-coded-config", files)] == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"conf/hydra.yaml": "hydra:\n  run:\n    dir: logs\n"}, []),
        ({".env": "MLFLOW_TRACKING_URI=http://h\n"}, [(False, "`outputs`")]),
        ({}, [(False, "`mlruns`, `outputs`")]),
    ],
)
def test_outputs_that_are_sent_elsewhere(
    files: dict[str, str], expected: list[tuple[bool, str]]
) -> None:
    text = "import hydra, mlflow\n@hydra.main()\ndef f():\n    mlflow.start_run()\n"
    if "conf/hydra.yaml" in files:
        text = text.replace("mlflow.start_run()", "pass")
    tree = Tree.of({"t.py": text, **files})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    found = CATALOGUE.rules["output-not-ignored"].check(project)
    assert [(e.ok, e.fields["outs"]) for e in found] == expected


def test_a_folder_that_git_tracks_is_no_output() -> None:
    text = "import torch\ntorch.save(m, 'web/model.pt')\ntorch.save(m, '/tmp/a.pt')\n"
    files = {"t.py": tracked(text), "web/app.js": tracked(), "web/model.pt": tracked("x")}
    assert seen("output-not-ignored", files) == []


@pytest.mark.parametrize(
    ("lock", "expected"),
    [
        ("schema: '2.0'\nstages:\n  train:\n    cmd: python t.py\n    outs: [{path: m}]\n", [True]),
        ("schema: '2.0'\nstages:\n  train:\n    cmd: python t.py\n", [False]),
        ("schema: '2.0'\nstages: {}\n", [None]),
        ("a: [\n", [None]),
    ],
)
def test_locks_of_a_pipeline(lock: str, expected: list[bool | None]) -> None:
    pipeline = "stages:\n  train:\n    cmd: python t.py\n    outs: [m]\n"
    found = seen("dvc-lock-out-of-step", {"dvc.yaml": pipeline, "dvc.lock": lock})
    assert [ok for ok, _, _ in found] == expected


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("tensorflow==2\ntf-nightly==2\n", 1),
        ("torch==2\ntorch==2 ; sys_platform == 'x'\n", 0),
        ("pil\n", 1),
        ("a==1\na>=1\n", 0),
    ],
)
def test_conflicts(text: str, notes: int) -> None:
    found = seen("conflicting-dependencies", {"requirements.txt": text})
    assert sum(ok is False for ok, _, _ in found) == notes


def test_of_several_disagreements_the_first_in_the_file_is_reported() -> None:
    names = ["f", "b", "d", "a", "e", "c"]
    ((ok, _, note),) = seen(
        "two-dependency-managers",
        {
            "requirements.txt": "".join(f"{name}==1.0\n" for name in names),
            "environment.yml": "name: x\ndependencies:\n"
            + "".join(f"  - {name}=2.0\n" for name in names),
        },
    )
    assert (ok, note[:4]) == (False, "`f` ")


RUN = "on: push\njobs:\n  qa:\n    runs-on: x\n    steps:\n      - run: "
HIDDEN: dict[str, dict[str, str]] = {
    "a runner with a file of its own": {".github/workflows/a.yml": f"{RUN}earthly +all\n"},
    "a script that starts others": {
        ".github/workflows/a.yml": f"{RUN}python tools/check.py\n",
        "tools/check.py": "import subprocess\nsubprocess.run(['x'])\n",
    },
    "a script without a suffix": {
        ".github/workflows/a.yml": f"{RUN}./scripts/all\n",
        "scripts/all": "#!/bin/sh\npytest\n",
    },
    "a task of a file that is not there": {
        ".gitlab-ci.yml": "a: {script: [just ml ready]}\n",
        "justfile": "mod ml\n",
    },
    "a file that GitLab includes and nobody reads": {
        ".gitlab-ci.yml": "include: build/all.yml\n",
        "build/all.yml": "a: {script: [pytest]}\n",
    },
    "a script that a shell is given": {
        ".gitlab-ci.yml": "a: {script: [bash script/all]}\n",
        "script/all": "pytest\n",
    },
    "a script of another shell": {
        ".gitlab-ci.yml": "a: {script: [./all.ps1]}\n",
        "all.ps1": "pytest\n",
    },
    "a module that starts programs": {
        ".gitlab-ci.yml": "a: {script: [python -m scripts.ci]}\n",
        "scripts/ci.py": "import subprocess\nsubprocess.run(['all'])\n",
    },
    "a text that a Makefile defines": {
        ".gitlab-ci.yml": "a: {script: [make ci]}\n",
        "Makefile": "define all\n\tpytest\nendef\nci:\n\t$(call all,src)\n",
    },
    "a program of the project": {
        ".gitlab-ci.yml": "a: {script: [uv run ci]}\n",
        "pyproject.toml": "[project]\nname = 'a'\n[project.scripts]\nci = 'scripts.ci:main'\n",
    },
    "a file of another project": {
        ".gitlab-ci.yml": "include:\n  - project: group/ci\n    file: /python.yml\n"
    },
}


@pytest.mark.parametrize("rule", ["tests-not-in-ci", "lint-not-in-ci"])
@pytest.mark.parametrize("case", HIDDEN)
def test_what_ci_runs_out_of_sight_leaves_the_question_open(rule: str, case: str) -> None:
    assert [ok for ok, _, _ in seen(rule, {"a.py": "x = 1\n", **HIDDEN[case]})] == [None]


@pytest.mark.parametrize(
    "path",
    [
        ".cirrus.yml", "Jenkinsfile", ".tekton/ci.yaml", ".cirrus.star", ".zuul.yaml", ".vela.yml",
        ".drone.jsonnet", "codemagic.yaml", ".codecatalyst/workflows/ci.yaml", "ci/pipeline.yml",
        ".taskcluster.yml", "screwdriver.yaml", ".buildkite/pipeline.py", ".prow.yaml",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rule", ["no-ci", "tests-not-in-ci", "lint-not-in-ci"])
def test_a_service_whose_steps_are_not_read_leaves_open_what_it_does(rule: str, path: str) -> None:
    assert [ok for ok, _, _ in seen(rule, {path: "@Library('ci') _\nall()\n"})] == [None]


@pytest.mark.parametrize(
    "workflow", [".github/workflows/ci.yml", ".buildkite/pipeline.yml", ".woodpecker.yaml"]
)
@pytest.mark.parametrize("rule", ["no-ci", "tests-not-in-ci", "lint-not-in-ci", "no-linter"])
def test_a_workflow_that_cannot_be_read_leaves_open_what_ci_does(rule: str, workflow: str) -> None:
    files = {"train.py": "import torch\n", workflow: "on: push\njobs: [\n a: {\n"}
    assert seen(rule, files) == [(None, workflow, f"`{workflow}` could not be read")]


@pytest.mark.parametrize("rule", ["tests-not-in-ci", "lint-not-in-ci", "no-linter"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("azure-pipelines.yml", "jobs:\n  - template: python/check.yml@templates\n"),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  check: {uses: acme/ci/.github/workflows/python.yml@v3}\n",
        ),
    ],
)
def test_what_another_repository_states_leaves_open_what_ci_does(
    rule: str, path: str, text: str
) -> None:
    files = {"train.py": "import torch\n", path: text}
    assert [ok for ok, _, _ in seen(rule, files)] == [None]


def test_an_image_that_ci_builds_may_run_the_tests() -> None:
    docker = {"Dockerfile": "FROM python:3.12\nRUN pytest\n"}
    built = {".gitlab-ci.yml": "a: {script: [docker build .]}\n"}
    other = {".gitlab-ci.yml": "a: {script: [python train.py]}\n"}
    named = {".gitlab-ci.yml": "a: {script: [docker compose run --rm checker]}\n"}
    service = {"docker-compose.yml": "services:\n  checker:\n    image: a\n    command: pytest\n"}
    assert [ok for ok, _, _ in seen("tests-not-in-ci", {**service, **named})] == [None]
    assert [ok for ok, _, _ in seen("tests-not-in-ci", named)] == [False]
    assert [ok for ok, _, _ in seen("tests-not-in-ci", {**docker, **built})] == [None]
    assert [ok for ok, _, _ in seen("tests-not-in-ci", {**docker, **other})] == [False]


@pytest.mark.parametrize("task", ["tox -e py312", "pixi run python train.py", "make docs"])
def test_a_task_that_cannot_be_a_check_is_none(task: str) -> None:
    files = {".gitlab-ci.yml": f"a: {{script: [{task}]}}\n", "tox.ini": "[testenv]\ncommands = a\n"}
    assert [ok for ok, _, _ in seen("lint-not-in-ci", files)] == [False]


@pytest.mark.parametrize("path", [".deepsource.toml", ".codacy.yml", ".coderabbit.yaml"])
def test_a_service_that_reviews_changes_may_lint(path: str) -> None:
    assert [ok for ok, _, _ in seen("no-linter", {"a.py": "x = 1\n", path: "a = 1\n"})] == [None]


def test_what_ci_runs_out_of_sight_may_measure_coverage() -> None:
    files = {
        "pyproject.toml": "[project]\nname = 'a'\nversion = '1'\n",
        "tests/test_a.py": "def test_a():\n    assert 1\n",
        ".github/workflows/a.yml": "on: push\njobs: {a: {steps: [{run: earthly +check}]}}\n",
    }
    assert [ok for ok, _, _ in seen("no-coverage", files)] == [None]


def test_a_service_is_called_by_its_own_name() -> None:
    text = "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n"
    said = [note for _, _, note in seen("no-ci", {".forgejo/workflows/a.yml": text})]
    assert said == ["Forgejo Actions runs on push"]


def test_a_workflow_that_is_read_decides_beside_one_that_cannot_be() -> None:
    files = {
        ".github/workflows/a.yml": "on: push\njobs: [\n a: {\n",
        ".github/workflows/b.yml": "on: push\njobs:\n  a:\n    steps:\n      - run: pytest\n",
    }
    assert [ok for ok, _, _ in seen("no-ci", files)] == [True]
    assert [ok for ok, _, _ in seen("tests-not-in-ci", files)] == [True]


def test_a_test_that_is_never_run_is_no_evidence() -> None:
    once = "import pytest\n\n\n@pytest.mark.skip(reason='x')\ndef test_a():\n    assert train()\n"
    more = "\n\n@pytest.mark.skipif(NO_GPU, reason='slow')\ndef test_b():\n    assert train()\n"
    skipped = [(None, "tests/test_a.py", "`test_a` is skipped, as are all that assert")]
    assert seen("no-tests", {"tests/test_a.py": once}) == skipped
    assert seen("no-tests", {"tests/test_a.py": once + more}) == [
        (True, "tests/test_a.py", "`test_b`")
    ]


@pytest.mark.parametrize(
    ("names", "share"),
    [
        (["pandas"], "its only requirement"),
        (["pandas", "numpy"], "both of its requirements"),
        (["pandas", "numpy", "scipy"], "all of its 3 requirements"),
        (["pandas", "numpy==2.1"], "1 of its 2 requirements"),
    ],
)
def test_how_many_requirements_are_open_is_said_in_words(names: list[str], share: str) -> None:
    tree = Tree.of({"requirements.txt": "\n".join(names), "train.py": "import pandas\n"})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    (found,) = CATALOGUE.rules["unpinned-dependency"].check(project)
    assert found.fields["share"] == share


def test_a_set_up_that_a_course_teaches_is_not_that_of_the_project() -> None:
    text = f"# A\n{LONG}\n## Week 0: project setup\n\n{LONG}\n"
    assert [found[0] for found in seen("readme-without-setup", {"README.md": text})] == [False]


def test_what_keeps_the_model_is_shown_before_what_keeps_results() -> None:
    train = (
        "import torch\nfrom sklearn.svm import SVC\nfrom utils import save_dict\n\n"
        "model = SVC().fit(X, y)\nsave_dict({'auc': 1}, 'm.json')\nmodel.save_weights('m')\n"
    )
    notes = [found[2] for found in seen("model-never-saved", {"train.py": train})]
    assert "save_weights" in notes[0]
    assert "save_dict" in notes[-1]


def test_an_image_that_a_platform_builds_is_not_missed() -> None:
    agent = "from managed_deepagents import define_deep_agent\n\nagent = define_deep_agent()\n"
    notes = [found[::2] for found in seen("no-container", {"agent.py": agent})]
    assert notes == [(None, "LangGraph Platform may build the image")]


def test_held_out_rows_are_shown_before_a_search() -> None:
    train = (
        "from hyperopt import fmin\nfrom xgboost import XGBClassifier\n\n"
        "best = fmin(goal, space)\nXGBClassifier().fit(X, y, eval_set=[(X_val, y_val)])\n"
    )
    notes = [found[2] for found in seen("no-holdout", {"train.py": train})]
    assert notes == ["held-out rows are given to the fit"]


TREE = "from sklearn.tree import DecisionTreeClassifier\nimport pandas as pd\nimport joblib\n"
READS = (
    TREE + "rows = pd.read_csv('rows.csv')\nmodel = DecisionTreeClassifier().fit(rows, rows.y)\n"
)
KEPT = "joblib.dump(label_encoder, 'e.joblib')\n"
POLICY = 'resource "aws_iam_policy" "p" {{\n  policy = {}\n}}\n'
WIDE = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })'
UNPROVEN: list[tuple[str, dict[str, Any]]] = [
    ("model-in-git", {"a.pkl": {"size": -1, "tracked": True}}),
    ("data-in-git", {"data/a.csv": {"size": -1, "tracked": True}}),
    ("large-file", {"a.bin": {"size": -1, "tracked": True}, "b.md": tracked("x")}),
    ("open-access", {"a.tf": POLICY.format('<<EOF\n{"Statement": []}\nEOF')}),
    ("open-access", {"a.tf": POLICY.format(WIDE)}),
    ("model-never-saved", {"train.py": READS + KEPT}),
    ("unchecked-data", {"train.py": READS, "f.py": "import pandas as pd\npd.isnull(status)\n"}),
]


@pytest.mark.parametrize(("rule", "files"), UNPROVEN)
def test_what_shows_nothing_leaves_the_question_open(rule: str, files: dict[str, Any]) -> None:
    assert {ok for ok, _, _ in seen(rule, files)} == {None}


def test_the_versions_that_are_tested_are_shown_where_most_of_them_stand() -> None:
    text = (
        "on: push\njobs:\n  lint:\n    runs-on: x\n    steps:\n"
        "      - uses: actions/setup-python@v5\n        with: {python-version: '3.10'}\n"
        "  test:\n    runs-on: x\n    strategy:\n      matrix:\n"
        "        python-version: ['3.10', '3.11', '3.12']\n    steps:\n"
        "      - uses: actions/setup-python@v5\n"
        "        with: {python-version: '${{ matrix.python-version }}'}\n      - run: pytest\n"
    )
    tree = Tree.of({".github/workflows/a.yml": text})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    (found,) = CATALOGUE.rules["one-python-tested"].check(project)
    assert found.at is not None
    assert found.at.line > 7
