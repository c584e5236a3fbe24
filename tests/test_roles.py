"""Roles of paths and kinds of files: tables of names."""

from __future__ import annotations

import pytest

from mllint.kinds import extension, kind
from mllint.roles import role


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("train.py", "source"),
        ("src/models/net.py", "source"),
        ("test.py", "source"),
        ("src/testing_utils.py", "source"),
        ("tests/test_net.py", "test"),
        ("src/pkg/tests/data.csv", "test"),
        ("test_net.py", "test"),
        ("pkg/net_test.py", "test"),
        ("conftest.py", "test"),
        ("data/test/rows.csv", "source"),
        ("data/external/rows.csv", "source"),
        ("external/lib/a.py", "vendored"),
        ("third_party/a.py", "vendored"),
        ("third_party/tests/test_a.py", "vendored"),
        ("docs/conf.py", "docs"),
        ("Docs/index.md", "docs"),
        ("examples/train.py", "example"),
        ("examples/tests/test_a.py", "test"),
        ("notebooks/eda.ipynb", "source"),
        ("notebooks/.ipynb_checkpoints/eda-checkpoint.ipynb", "generated"),
        ("venv/lib/python3.11/site-packages/a.py", "generated"),
        ("env/cartpole.py", "source"),
        ("build/lib/a.py", "generated"),
        ("src/build/a.py", "source"),
        ("pkg.egg-info/PKG-INFO", "generated"),
        ("wandb/run-20261121/files/config.yaml", "generated"),
        ("wandb/sweep.yaml", "source"),
        (".dvc/cache/aa/bb", "generated"),
        (".dvc/config", "source"),
        ("mlruns/0/meta.yaml", "generated"),
        ("{{cookiecutter.name}}/train.py", "template"),
        ("templates/deploy.yaml.j2", "template"),
    ],
)
def test_role(path: str, expected: str) -> None:
    assert role(path) == expected


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("train.py", 1, "code"),
        ("eda.ipynb", 1, "notebook"),
        ("data/rows.csv", 1, "data"),
        ("model.PT", 1, "model"),
        ("a.h5", 1, "data"),
        ("weights/a.h5", 1, "model"),
        ("best_model.h5", 1, "model"),
        ("data/raw.pkl", 1, "data"),
        ("scaler.pkl", 1, "model"),
        ("x.pkl", 1, "model"),
        ("pytorch_model.bin", 1, "model"),
        ("firmware.bin", 1, "binary"),
        ("config.json", 999_999, "config"),
        ("annotations.json", 1_000_000, "data"),
        ("requirements-dev.txt", 1, "config"),
        ("data/words.txt", 1, "data"),
        ("notes.txt", 1, "doc"),
        ("logo.svg", 1, "image"),
        ("clip.mp4", 1, "media"),
        ("data.tar.gz", 1, "archive"),
        ("Dockerfile", 1, "config"),
        ("Dockerfile.gpu", 1, "config"),
        ("Makefile", 1, "code"),
        ("LICENSE", 1, "doc"),
        (".gitignore", 1, "config"),
        ("noidea", 1, "other"),
    ],
)
def test_kind(path: str, size: int, expected: str) -> None:
    assert kind(path, size) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.PY", ".py"),
        ("a.tar.gz", ".gz"),
        (".env", ""),
        ("a.b/c", ""),
        ("a.", ""),
        ("x/.a.b", ".b"),
    ],
)
def test_extension(path: str, expected: str) -> None:
    assert extension(path) == expected
