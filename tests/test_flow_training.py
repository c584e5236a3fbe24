from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mllint.collect import collect
from mllint.flow.imports import imported_by, running_with
from mllint.flow.modules import modules_of
from mllint.flow.outputs import Outputs
from mllint.flow.seeds import is_fixed, is_reached, seed_calls
from mllint.flow.training import Step, training_of
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mllint.facts import Call
    from mllint.flow.training import Training
    from mllint.project import Project

HEAD = """
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models
"""

ACCELERATED = "from accelerate import Accelerator\nopt, s = Accelerator().prepare(a, b)\n"


def project(files: Mapping[str, str] | str) -> Project:
    tree = Tree.of({"main.py": HEAD + files} if isinstance(files, str) else files)
    return link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)


def training(files: Mapping[str, str] | str) -> Training:
    found = training_of(project(files))
    assert found is not None
    return found


def calls(found: Training, method: str) -> list[Call]:
    rows = found.project.rows("call")
    return [row for row in rows if row.name.rpartition(".")[2] == method]


def test_a_project_without_code_has_no_training() -> None:
    assert training_of(project({"README.md": "# Nothing"})) is None


def test_a_walk_enters_functions_methods_and_what_is_handed_over() -> None:
    found = training(
        {
            "parts.py": "import torch\ndef inner(x):\n    torch.relu(x)\n",
            "main.py": (
                "import torch\nfrom parts import inner\n"
                "class Runner:\n"
                "    def __init__(self): torch.zeros(1)\n"
                "    def run(self):\n"
                "        torch.exp(1)\n"
                "        self.rest()\n"
                "    def rest(self): torch.log(1)\n"
                "def go(step):\n"
                "    inner(1)\n"
                "    Runner().run()\n"
                "    torch.apply(then)\n"
                "def then(): torch.abs(1)\n"
            ),
        }
    )
    names = [step.call.name for step in found.walk("main.py", "go")]
    assert [n for n in names if n.startswith("torch.")] == [
        "torch.relu", "torch.zeros", "torch.exp", "torch.log", "torch.apply", "torch.abs",
    ]  # fmt: skip


def test_a_walk_ends_where_functions_call_each_other() -> None:
    found = training("def a():\n    torch.abs(1)\n    b()\ndef b():\n    torch.exp(1)\n    a()\n")
    names = [s.call.name for s in found.walk("main.py", "a")]
    assert names == ["torch.abs", ".b", "torch.exp", ".a"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("opt = torch.optim.SGD([], 0.1)\nopt.step()", True),
        ("def f(optimizer): optimizer.step()", True),
        ("def f(self): self.d_optim.step()", True),
        ("scaler = torch.amp.GradScaler()\nscaler.step(o)", True),
        ("sched = torch.optim.lr_scheduler.StepLR(o, 3)\nsched.step()", False),
        ("def f(scheduler, lr_opt, env): (scheduler.step(), lr_opt.step(), env.step(1))", False),
        ("o, s = accelerator.prepare(a, b)\no.step()", False),
        (f"{ACCELERATED}opt.step()", True),
        (f"{ACCELERATED}s.step()", False),
    ],
)  # fmt: skip
def test_a_step_of_an_optimizer_is_told_from_other_steps(code: str, *, expected: bool) -> None:
    found = training(code)
    assert any(found.is_update(call) for call in calls(found, "step")) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(loss): loss.backward()", True),
        ("def f(acc, loss): acc.backward(loss)", True),
        ("import torch.distributed.autograd as d\nd.backward(1, [2])", False),
        ("class F(torch.autograd.Function):\n    def backward(self): ...\nF().backward()", False),
    ],
)
def test_backward_is_that_of_pytorch(code: str, *, expected: bool) -> None:
    found = training(code)
    assert any(found.is_backward(call) for call in calls(found, "backward")) is expected


def test_backward_of_another_framework_is_none() -> None:
    found = training({
        "a.py": "import torch\n",
        "b.py": "import paddle\ndef f(loss): loss.backward()\n",
    })  # fmt: skip
    assert not any(found.is_backward(call) for call in calls(found, "backward"))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for x in a:\n    for y in b:\n        l.backward()\n        opt.step()", [2]),
        ("for x in a:\n    for y in b:\n        l.backward()\n    opt.step()", [1]),
        ("for x in a:\n    l.backward()\nfor x in a:\n    opt.step()", []),
        ("for x in a:\n    l.backward()\n    for o in opts:\n        opt.step()", []),
        ("l.backward()\nopt.step()", []),
        ("def f():\n    l.backward()\n    opt.step()\nfor x in a:\n    f()", [1]),
        ("for x in a:\n    def f():\n        l.backward()\n    opt.step(f)", [1]),
    ],
)
def test_the_loop_that_trains_is_the_innermost_with_both(code: str, expected: list[int]) -> None:
    head = "opt = torch.optim.SGD([], 0.1)\nl = nn.MSELoss()(1, 2)\n"
    assert [loop.number for loop in training(head + code).loops] == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("m = build()\nm.eval()\nm.train()", True),
        ("m = models.resnet18()\nm.to('cuda').eval()\nm.train()", True),
        ("m = models.resnet18()\nnn.DataParallel(m).eval()\nm.train()", True),
        ("def a(x): x.eval()\ndef b(x): x.train()\nm = models.resnet18()\na(m)\nb(m)", True),
        ("m = models.resnet18()\nn = models.resnet18()\nm.eval()\nn.train()", False),
    ],
)
def test_objects_are_told_apart(code: str, *, expected: bool) -> None:
    found = training(code)
    steps = list(found.walk("main.py", ""))
    first = next(s for s in steps if s.call.name.endswith(".eval"))
    second = next(s for s in steps if s.call.name.endswith(".train"))
    assert found.same(found.receiver(first), found.receiver(second)) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("nn.Linear(2, 2)", False),
        ("nn.Dropout(0.1)", True),
        ("nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm2d(3)))", True),
        ("nn.Sequential(nn.Linear(2, 2), build())", None),
        ("models.resnet18()", True),
        ("Plain()", False),
        ("Deep()", True),
        ("Child()", True),
        ("Made()", True),
        ("somewhere.Net()", None),
    ],
)
def test_a_module_knows_whether_modes_matter(code: str, *, expected: bool | None) -> None:
    classes = """
import somewhere
def block():
    return nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
class Plain(nn.Module):
    def __init__(self): self.a = nn.Linear(1, 1)
class Inner(nn.Module):
    def __init__(self): self.d = nn.Dropout()
class Deep(nn.Module):
    def __init__(self): self.i = Inner()
class Child(Inner):
    pass
class Made(nn.Module):
    def __init__(self): self.b = block()
"""
    found = project(f"{classes}\nm = {code}\nm.eval()")
    modules, steps = modules_of(found), training_of(found)
    assert modules is not None
    assert steps is not None
    (call,) = calls(steps, "eval")
    receiver = steps.receiver(Step(call, (), ()))
    assert receiver is not None
    assert {modules.moded(maker) for maker in steps.objects(receiver)} == {expected}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("F.softmax(x, 1)", {"softmax"}),
        ("torch.sigmoid(x).view(-1).float()", {"sigmoid"}),
        ("x.softmax(dim=1)", {"softmax"}),
        ("torch.squeeze(nn.Linear(2, 2)(x))", {"linear"}),
        ("nn.Sequential(nn.Linear(2, 2), nn.LogSoftmax(1))(x)", {"log_softmax"}),
        ("nn.Sequential(*layers)(x)", {"?"}),
        ("F.relu(x)", {"?"}),
        ("F.softmax(x, 1) * 2", {"?"}),
        ("Net()(x)", {"softmax", "linear"}),
        ("Pair()(x)[0]", {"linear"}),
        ("Pair()(x)[1]", {"softmax"}),
        ("twice(x)", {"sigmoid"}),
        ("F.softmax(x, 1)[:, 0]", {"softmax"}),
        ("F.softmax(x, 1)[:3]", {"softmax"}),
    ],
)
def test_the_last_activation_is_followed(code: str, expected: set[str]) -> None:
    classes = """
class Net(nn.Module):
    def __init__(self): self.a = nn.Linear(1, 1)
    def forward(self, x):
        x = self.a(x)
        if self.training:
            return x
        return F.softmax(x, 1)
class Pair(nn.Module):
    def __init__(self): self.a = nn.Linear(1, 1)
    def forward(self, x):
        z = self.a(x)
        return z, z.softmax(1)
def twice(x):
    return torch.sigmoid(torch.sigmoid(x))
"""
    found = project(f"{classes}\ntorch.show({code})")
    modules, steps = modules_of(found), training_of(found)
    assert modules is not None
    assert steps is not None
    (call,) = calls(steps, "show")
    node = steps.node(Step(call, (), ()), call.args[0].value)
    assert node is not None
    assert Outputs(found, steps.graph, modules).kinds(node) == expected


@pytest.mark.parametrize(
    ("code", "fixed", "reached"),
    [
        ("torch.manual_seed(3)", True, True),
        ("torch.manual_seed(args.seed)", True, True),
        ("import numpy as np\nnp.random.seed()", False, True),
        ("import numpy as np\nnp.random.seed(None)", False, True),
        ("import time\ntorch.manual_seed(time.time())", False, True),
        ("def seed(n): torch.manual_seed(n)", True, False),
        ("def seed(n): torch.manual_seed(n)\nseed(3)", True, True),
        ("def f(n): torch.manual_seed(n)\ntorch.utils.data.DataLoader(d, init=f)", True, False),
        ("def main(): torch.manual_seed(1)", True, True),
        ("class A:\n    def seed(self): torch.manual_seed(1)", True, True),
    ],
)  # fmt: skip
def test_seeds_that_count(code: str, *, fixed: bool, reached: bool) -> None:
    found = training(code)
    (call,) = dict.fromkeys(seed_calls(found))
    assert (is_fixed(call), is_reached(found, call)) == (fixed, reached)


def test_files_run_with_those_they_import_and_those_that_import_them() -> None:
    files = {
        "app/train.py": "from app.data import load\nfrom . import net\n",
        "app/data.py": "import helpers\n",
        "app/net.py": "",
        "app/__init__.py": "",
        "helpers.py": "",
        "main.py": "from app import train\n",
        "plots.py": "import helpers\n",
    }
    found = project(files)
    assert imported_by(found)["app/train.py"] == {"app/data.py", "app/net.py"}
    expected = {"app/train.py", "app/data.py", "app/net.py", "helpers.py", "main.py"}
    assert running_with(found, ["app/train.py"]) == {*expected, "app/__init__.py"}


def test_a_package_may_begin_at_the_root() -> None:
    found = project({"__init__.py": "import helpers\n", "helpers.py": "", "train.py": ""})
    assert running_with(found, ["train.py"]) == {"train.py", "__init__.py", "helpers.py"}
