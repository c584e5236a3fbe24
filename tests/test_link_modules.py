from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mllint.facts import Facts, Known
from mllint.link.modules import Modules
from mllint.link.rewrite import rewritten
from mllint.readers.python import read

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = Known(
    frozenset({"sklearn", "torch", "pandas", "sys"}), frozenset({"fit", "eval", "train", "forward"})
)


def facts(files: Mapping[str, str]) -> dict[str, Facts]:
    return {path: read(path, text.encode(), KNOWN) for path, text in files.items()}


def rows(files: Mapping[str, str], path: str, table: str) -> list[Any]:
    found = facts(files)
    return list(rewritten(Modules(found), path, found[path])[table])


def names(files: Mapping[str, str], path: str) -> list[str]:
    return [call.name for call in rows(files, path, "call")]


@pytest.mark.parametrize(
    ("importing", "written", "provider"),
    [
        ("train.py", "import data", "data.py"),
        ("app/train.py", "from app.data import load", "app/data.py"),
        ("app/train.py", "from .data import load", "app/data.py"),
        ("app/train.py", "from data import load", "app/data.py"),
        ("train.py", "from pkg import data", "src/pkg/data.py"),
        ("tests/test_x.py", "import pkg.data", "src/pkg/data.py"),
        ("services/api/main.py", "from api.data import load", "services/api/data.py"),
        ("notebooks/deep/a.py", "from src.pkg.data import load", "src/pkg/data.py"),
        ("train.py", "import pkg", "pkg/__init__.py"),
    ],
)
def test_import_is_first_party(importing: str, written: str, provider: str) -> None:
    files = {importing: f"{written}\n", provider: "def load(): pass\n"}
    assert [i.first_party for i in rows(files, importing, "import")] == [True]


@pytest.mark.parametrize(
    ("files", "importing"),
    [
        ({"train.py": "import pandas\n", "data.py": ""}, "train.py"),
        ({"pandas.py": "import pandas\n"}, "pandas.py"),
        ({"train.py": "from datasets import load_dataset\n", "datasets/make.py": ""}, "train.py"),
        ({"a/train.py": "from helpers import x\n", "b/helpers.py": ""}, "a/train.py"),
    ],
)
def test_import_is_of_a_library(files: Mapping[str, str], importing: str) -> None:
    assert [i.first_party for i in rows(files, importing, "import")] == [False]


def test_file_that_changes_the_path_finds_modules_elsewhere() -> None:
    files = {
        "a/train.py": "import sys\nsys.path.append('../b/lib2')\nfrom helpers import x\n",
        "b/lib2/helpers.py": "x = 1\n",
    }
    assert [i.first_party for i in rows(files, "a/train.py", "import")] == [False, True]


@pytest.mark.parametrize(
    ("written", "const"),
    [
        ("from config import SEED\nsklearn.f(SEED)", 7),
        ("import config\nsklearn.f(config.SEED)", 7),
        ("import config as c\nsklearn.f(c.SEED)", 7),
        ("from config import Settings\nsklearn.f(Settings.rate)", 0.5),
        ("from again import SEED\nsklearn.f(SEED)", 7),
        ("from star import SEED\nsklearn.f(SEED)", 7),
    ],
)
def test_constant_of_another_file_is_known(written: str, const: object) -> None:
    files = {
        "config.py": "SEED = 7\nclass Settings:\n    rate = 0.5\n",
        "again.py": "from config import SEED\n",
        "star.py": "from config import *\n",
        "train.py": f"import sklearn\n{written}\n",
    }
    (call,) = [c for c in rows(files, "train.py", "call") if c.name == "sklearn.f"]
    assert (call.args[0].known, call.args[0].const) == (True, const)


def test_constant_that_is_assigned_twice_is_not_known() -> None:
    files = {
        "config.py": "SEED = 7\nSEED = 8\n",
        "train.py": "import sklearn\nfrom config import SEED\nsklearn.f(SEED)\n",
    }
    (call,) = [c for c in rows(files, "train.py", "call") if c.name == "sklearn.f"]
    assert not call.args[0].known


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (
            {"train.py": "from sklearn.svm import SVC\ndef get(): return SVC()\nget().fit(1)\n"},
            "sklearn.svm.SVC().fit",
        ),
        (
            {
                "models.py": "from sklearn.svm import SVC\ndef get():\n    return SVC()\n",
                "train.py": "from models import get\nmodel = get()\nmodel.fit(1)\n",
            },
            "sklearn.svm.SVC().fit",
        ),
        (
            {
                "models.py": "from sklearn.svm import SVC\n",
                "train.py": "import models\nmodels.SVC().fit(1)\n",
            },
            "sklearn.svm.SVC().fit",
        ),
        (
            {
                "pkg/__init__.py": "from .inner import get\n",
                "pkg/inner.py": "from sklearn.svm import SVC\ndef get(): return SVC()\n",
                "train.py": "from pkg import get\nget().fit(1)\n",
            },
            "sklearn.svm.SVC().fit",
        ),
        (
            {
                "net.py": "import torch.nn as nn\nclass Net(nn.Module):\n    def go(self): pass\n",
                "train.py": "from net import Net\nnet = Net()\nnet.eval()\n",
            },
            "torch.nn.Module().eval",
        ),
        (
            {
                "base.py": "import torch.nn as nn\nclass Base(nn.Module): pass\n",
                "net.py": "from base import Base\nclass Net(Base): pass\n",
                "train.py": "from net import Net\nNet().eval()\n",
            },
            "torch.nn.Module().eval",
        ),
        (
            {
                "state.py": "from sklearn.svm import SVC\nmodel = SVC()\n",
                "train.py": "from state import model\nmodel.fit(1)\n",
            },
            "sklearn.svm.SVC().fit",
        ),
        (
            {
                "hold.py": (
                    "from sklearn.svm import SVC\nclass Hold:\n"
                    "    def __init__(self):\n        self.model = SVC()\n"
                ),
                "train.py": "from hold import Hold\nHold().model.fit(1)\n",
            },
            "sklearn.svm.SVC().fit",
        ),
    ],
)
def test_name_stands_for_what_another_file_makes(files: Mapping[str, str], name: str) -> None:
    assert name in names(files, "train.py")


@pytest.mark.parametrize(
    ("models", "name"),
    [
        ("def get(x):\n    return SVC() if x else Ridge()\n", "models.get().fit"),
        ("def get(x):\n    return x\n", "models.get().fit"),
        ("def get(x):\n    return get(x)\n", "models.get().fit"),
    ],
)
def test_name_stays_where_it_may_stand_for_several_things(models: str, name: str) -> None:
    head = "from sklearn.svm import SVC\nfrom sklearn.linear_model import Ridge\n"
    files = {"models.py": head + models, "train.py": "import models\nmodels.get(1).fit(2)\n"}
    assert name in names(files, "train.py")


def test_method_that_a_class_defines_itself_is_not_that_of_its_base() -> None:
    files = {
        "net.py": "import torch\nclass Net(torch.nn.Module):\n    def eval(self): pass\n",
        "train.py": "from net import Net\nNet().eval()\n",
    }
    assert "net.Net().eval" in names(files, "train.py")


def test_method_that_a_class_has_from_its_base() -> None:
    head = "from pandera import DataFrameModel\nclass Rows(DataFrameModel):\n"
    use = "from rows import Rows\nRows.validate(1)\nRows.own(1)\nRows.kind(1)\n"
    files = {
        "rows.py": f"{head}    kind = str\n    def own(self): pass\n",
        "train.py": use,
    }
    assert names(files, "train.py") == [
        "pandera.DataFrameModel().validate",
        "rows.Rows.own",
        "rows.Rows.kind",
    ]


def test_imports_in_a_circle_come_to_an_end() -> None:
    files = {
        "a.py": "from b import f\nf().fit(1)\n",
        "b.py": "from a import f\n",
        "c.py": "from c import *\nfrom a import *\nf().fit(1)\n",
    }
    assert names(files, "a.py") == ["b.f", "b.f().fit"]
    assert names(files, "c.py") == ["?f().fit"]
