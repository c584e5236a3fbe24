from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from mllint.facts import Known
from mllint.readers.python import read

if TYPE_CHECKING:
    from mllint.facts import Facts

KNOWN = Known(
    frozenset({"torch", "sklearn", "numpy", "os"}), frozenset({"fit", "backward", "eval"})
)


def facts(source: str, path: str = "src/pkg/train.py") -> Facts:
    return read(path, dedent(source).encode(), KNOWN)


def names(source: str) -> list[str]:
    return [call.name for call in facts(source).rows["call"]]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nnp.random.seed(1)", "numpy.random.seed"),
        ("import numpy.random\nnumpy.random.seed(1)", "numpy.random.seed"),
        ("from numpy import random as r\nr.seed(1)", "numpy.random.seed"),
        ("from torch import *\nzeros(3)", "torch.zeros"),
        ("from .data import load\nload()", "src.pkg.data.load"),
        ("from . import data\ndata.load()", "src.pkg.data.load"),
        ("from ..other import load\nload()", "src.other.load"),
        ("def go(): pass\ngo()", ".go"),
        ("class Net: pass\nNet()", ".Net"),
        ("go()\ndef go(): pass", "?go"),
        ("open('x')", "open"),
        ("import torch\ntorch.nn.Linear(1)(2)", "torch.nn.Linear()"),
        ("import torch\nf = torch.zeros\nf(3)", "torch.zeros"),
        ("import torch\nlayers = [torch.relu]\nlayers[0](3)", "torch.relu"),
        ("import torch\ngetattr(torch, 'relu')(3)", "torch.relu"),
        ("import torch\n(torch.relu if a else torch.relu)(3)", "torch.relu"),
        ("import torch\nx = y = torch\ny.relu(3)", "torch.relu"),
        ("import torch as t\na, b = t.relu, t.abs\nb(3)", "torch.abs"),
        ("import torch\nif (n := torch.nn): n.ReLU()", "torch.nn.ReLU"),
    ],
)
def test_the_callee_is_named_by_where_it_came_from(source: str, expected: str) -> None:
    found = [call.name for call in facts(source).rows.get("call", ())]
    assert found[-1:] == ([expected] if not expected.startswith("?") else [])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            """
            from sklearn.preprocessing import StandardScaler
            StandardScaler().fit_transform(X)
            """,
            "sklearn.preprocessing.StandardScaler().fit_transform",
        ),
        (
            """
            import torch
            model = torch.nn.Linear(1, 2).to("cuda").eval()
            model.train()
            """,
            "torch.nn.Linear().train",
        ),
        (
            """
            import torch
            with torch.no_grad() as guard, torch.profiler.profile() as prof:
                prof.step()
            """,
            "torch.profiler.profile().step",
        ),
        (
            """
            import torch
            for x, y in torch.utils.data.DataLoader(d):
                x.fit()
            """,
            "torch.utils.data.DataLoader()[][].fit",
        ),
        (
            """
            import torch
            for i, (x, y) in enumerate(torch.utils.data.DataLoader(d)):
                y.fit()
            """,
            "torch.utils.data.DataLoader()[][].fit",
        ),
        (
            """
            import torch
            from tqdm import tqdm
            for batch in tqdm(torch.utils.data.DataLoader(d), desc="train"):
                batch.fit()
            """,
            "torch.utils.data.DataLoader()[].fit",
        ),
        (
            """
            import torch
            for a, b in zip(torch.rand(1), other):
                a.fit()
            """,
            "torch.rand()[].fit",
        ),
        (
            """
            import torch
            for name, part in torch.nn.ModuleDict().items():
                part.fit()
            """,
            "torch.nn.ModuleDict()[].fit",
        ),
        (
            """
            import torch
            models = {"a": torch.nn.ReLU()}
            models["a"].eval()
            """,
            "torch.nn.ReLU().eval",
        ),
        (
            """
            import torch
            net = torch.nn.DataParallel(torch.nn.ReLU())
            net.eval()
            """,
            "torch.nn.ReLU().eval",
        ),
        (
            """
            import torch
            class Net(torch.nn.Module):
                def __init__(self):
                    super().__init__()
            """,
            "torch.nn.Module().__init__",
        ),
        (
            """
            import torch
            def run(model):
                model.eval()
            """,
            "?model.eval",
        ),
        (
            """
            def run(x, y):
                total = x + y
                total.backward()
            """,
            "?total.backward",
        ),
        (
            """
            import torch
            def outer():
                net = torch.nn.ReLU()
                def inner():
                    net.eval()
            """,
            "torch.nn.ReLU().eval",
        ),
        (
            """
            import torch
            net = torch.nn.ReLU()
            def run():
                net.eval()
            """,
            "torch.nn.ReLU().eval",
        ),
        (
            """
            class A:
                @classmethod
                def make(cls):
                    return cls().run()
            """,
            ".A().run",
        ),
        (
            """
            class A:
                @staticmethod
                def make(model):
                    return model.eval()
            """,
            "?model.eval",
        ),
        (
            """
            import torch
            class A(torch.nn.Module):
                def f(self):
                    def inner():
                        super().forward(1)
            """,
            "torch.nn.Module().forward",
        ),
        (
            """
            class A:
                def step(self): pass
                def f(self, x):
                    x.register(self.step)
                    self.step()
            """,
            ".A().step",
        ),
        (
            """
            import torch
            class A:
                def f(self):
                    self.loss = torch.nn.MSELoss()
                    self.loss(1, 2)
            """,
            "torch.nn.MSELoss()",
        ),
        (
            """
            import torch
            net = getattr(torch.nn, kind, None) or torch.nn.ReLU
            torch.f(net)
            """,
            "torch.f",
        ),
        (
            """
            import torch
            act = getattr(torch, "relu", None)
            act(1)
            """,
            "torch.relu",
        ),
        (
            """
            import torch
            "a".join(torch.f())
            """,
            "torch.f",
        ),
        (
            """
            def run():
                helper()
            def helper():
                pass
            """,
            ".helper",
        ),
        (
            """
            import torch
            parts = [torch.nn.ReLU() for _ in range(3)]
            (lambda net: net.eval())(parts)
            """,
            "?()",
        ),
    ],
)
def test_a_method_is_named_by_what_made_its_object(source: str, expected: str) -> None:
    found = [call.name for call in facts(source).rows["call"]]
    if expected == "?()":
        assert "?net.eval" in found
    else:
        assert expected == found[-1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.scaler.fit(X)", "sklearn.preprocessing.StandardScaler().fit"),
        ("self.given.fit(X)", "?given.fit"),
        ("self.helper()", ".Job().helper"),
        ("self.log(X)", "torch.nn.Module().log"),
        ("self.made.eval()", "torch.nn.ReLU().eval"),
        ("self.KIND.eval()", "torch.nn.Tanh().eval"),
        ("self.wrapped.scaler.fit(X)", "sklearn.preprocessing.StandardScaler().fit"),
    ],
)
def test_attributes_are_known_in_every_method(body: str, expected: str) -> None:
    source = f"""
        import torch
        from sklearn.preprocessing import StandardScaler
        class Job(torch.nn.Module):
            KIND = torch.nn.Tanh()
            def run(self, X):
                {body}
            def helper(self):
                self.made = torch.nn.ReLU()
            def __init__(self, given):
                self.scaler = StandardScaler()
                self.given = given
                self.wrapped = Job(given)
        """
    assert expected in names(source)


def test_an_attribute_with_two_origins_is_not_resolved() -> None:
    source = """
        import torch
        class Job:
            def __init__(self, a):
                self.net = torch.nn.ReLU()
            def change(self):
                self.net = torch.nn.Tanh()
            def run(self):
                self.net.eval()
        """
    assert ".Job().net.eval" in names(source)


def test_an_attribute_that_may_be_none_keeps_its_origin() -> None:
    source = """
        import torch
        class Job:
            net = None
            def build(self):
                self.net = torch.nn.ReLU()
            def run(self):
                self.net.eval()
        """
    assert "torch.nn.ReLU().eval" in names(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("try:\n    import torch\nexcept ImportError:\n    torch = None", "torch.zeros"),
        ("try:\n    import torch\nexcept ImportError:\n    import numpy as torch", "torch.zeros"),
        ("if a:\n    import torch\nelse:\n    torch = None", "torch.zeros"),
        ("import torch\nwhile a:\n    b = 1", "torch.zeros"),
    ],
)
def test_an_import_that_may_fail_keeps_its_name(source: str, expected: str) -> None:
    assert names(f"{source}\ntorch.zeros(1)") == [expected]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("train.py", "train"),
        ("src/pkg/train.py", "src.pkg.train"),
        ("src/pkg/__init__.py", "src.pkg"),
        ("__init__.py", ""),
    ],
)
def test_a_module_is_named_by_its_path(path: str, name: str) -> None:
    assert facts("x = 1", path).rows["module"][0].name == name


@pytest.mark.parametrize(
    ("path", "statement", "expected"),
    [
        ("pkg/a.py", "from .b import c", ("pkg.b.c", "c")),
        ("pkg/__init__.py", "from .b import c as d", ("pkg.b.c", "d")),
        ("pkg/sub/a.py", "from ..b import c", ("pkg.b.c", "c")),
        ("pkg/sub/a.py", "from .. import c", ("pkg.c", "c")),
        ("a.py", "from .b import c", ("b.c", "c")),
        ("a.py", "from ...b import c", ("b.c", "c")),
        ("a.py", "import x.y.z", ("x.y.z", "x")),
        ("a.py", "import x.y as z", ("x.y", "z")),
        ("a.py", "from x import *", ("x.*", "*")),
    ],
)
def test_imports(path: str, statement: str, expected: tuple[str, str]) -> None:
    row = facts(statement, path).rows["import"][0]
    assert (row.name, row.alias) == expected


@pytest.mark.parametrize(
    ("source", "optional"),
    [
        ("import torch", False),
        ("try:\n    import torch\nexcept ImportError:\n    pass", True),
        ("try:\n    import torch\nexcept (OSError, ModuleNotFoundError):\n    pass", True),
        ("try:\n    import torch\nexcept ValueError:\n    pass", False),
        ("from typing import TYPE_CHECKING as T\nif T:\n    import torch", True),
        ("import typing\nif typing.TYPE_CHECKING:\n    import torch", True),
        ("if a:\n    import torch", False),
        ("from contextlib import suppress\nwith suppress(ImportError):\n    import torch", True),
        ("from contextlib import suppress\nwith suppress(OSError):\n    import torch", False),
    ],
)
def test_optional_imports(source: str, optional: bool) -> None:
    assert facts(source).rows["import"][-1].optional is optional


@pytest.mark.parametrize(
    ("source", "guard"),
    [
        ("import torch", ""),
        ("if a:\n    import torch", "flag"),
        ("if __name__ == '__main__':\n    import torch", "main"),
        ("try:\n    import torch\nexcept ImportError:\n    pass", "optional"),
    ],
)
def test_guards_of_imports(source: str, guard: str) -> None:
    assert facts(source).rows["import"][-1].guard == guard


def test_a_long_chain_keeps_where_it_started() -> None:
    (*_, last) = names("import numpy\nx = numpy.load(f)\n" + "x = x.transposed()\n" * 60)
    assert last.startswith("numpy.load().….transposed")
    assert len(last) < 250
