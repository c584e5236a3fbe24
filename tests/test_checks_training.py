from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

HEAD = """
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import resnet18
"""
STEP = """
        optimizer.zero_grad()
        model(x).mean().backward()
        optimizer.step()
"""


def seen(rule: str, code: str) -> list[bool | None]:
    """What the evidence of a rule says, in its own order."""
    tree = Tree.of({"main.py": HEAD + code})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [evidence.ok for evidence in CATALOGUE.rules[rule].check(project)]


@pytest.mark.parametrize(
    "rule",
    [r for r in CATALOGUE.rules.values() if r.category == "training" and not r.opinion],
    ids=lambda rule: rule.id,
)
def test_a_rule_has_nothing_to_say_without_code(rule: object) -> None:
    tree = Tree.of({"README.md": "# Nothing here"})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    assert list(rule.check(project)) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("""
def train(engine, loader):
    for x in loader:
        engine.backward(engine(x))
        engine.step()
""", [], id="one object does it all"),
        pytest.param("""
def train(model_opt, loader):
    for x in loader:
        model_opt.backward(model_opt(x))
        model_opt.step()
""", [None], id="one object that looks like an optimizer"),
        pytest.param("""
def train(model, optimizer, loader):
    optimizer.zero_grad()
    for x in loader:
        model(x).mean().backward()
        optimizer.step()
""", [False], id="once, before the loop"),
        pytest.param("""
def inner(model, optimizer, loader):
    for x in loader:
        model(x).mean().backward()
        optimizer.step()
def outer(model, optimizer, loader):
    for epoch in range(3):
        optimizer.zero_grad()
        inner(model, optimizer, loader)
""", [None], id="in the loop around the loop"),
        pytest.param("""
import somewhere
def train(model, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for x in loader:
        model(x).mean().backward()
        optimizer.step()
        somewhere.after_step(optimizer)
""", [None], id="handed to what cannot be read"),
        pytest.param("""
import somewhere
class Trainer(somewhere.Base):
    def train(self, loader):
        optimizer = torch.optim.Adam(self.model.parameters())
        for x in loader:
            self.before_step()
            self.model(x).mean().backward()
            optimizer.step()
""", [None], id="a method of a base that cannot be read"),
        pytest.param("""
def forget(weights):
    for w in weights:
        w.grad = None
def train(model, optimizer, loader):
    for x in loader:
        forget(model.parameters())
        model(x).mean().backward()
        optimizer.step()
""", [True], id="dropped by hand in a function"),
        pytest.param("""
def train(model, loader):
    optimizer = torch.optim.Adam(model.parameters())
    for x in loader:
        model(x).mean().backward()
        optimizer.step()
        for w in model.parameters():
            w.grad.zero_()
""", [True], id="set to zero by hand"),
    ],
)  # fmt: skip
def test_gradients_that_are_never_set_to_zero(code: str, expected: list[bool | None]) -> None:
    assert seen("missing-zero-grad", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("""
def train(model, optimizer, loader):
    for i, x in enumerate(loader):
        model(x).mean().backward()
        if i % 4 == 0:
            optimizer.zero_grad()
            optimizer.step()
""", [None], id="in some rounds only"),
        pytest.param("""
def train(model, one_opt, two_opt, loader):
    for x in loader:
        one_opt.zero_grad()
        two_opt.step()
        model(x).mean().backward()
        one_opt.step()
""", [None, True], id="of two optimizers"),
    ],
)  # fmt: skip
def test_steps_without_gradients(code: str, expected: list[bool | None]) -> None:
    assert seen("step-before-backward", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("for e in range(3):\n    sched.step()", []),
        ("for e in range(3):\n    sched.step(e)\n    opt.step()", []),
        ("for e in range(3):\n    if e:\n        sched.step()\n    opt.step()", []),
        ("sched.step()\nfor e in range(3):\n    opt.step()", []),
        ("for e in range(3):\n    opt.step()\n    sched.step()", [True]),
        ("for e in range(3):\n    sched.step()\n    opt.step()", [False]),
    ],
)
def test_schedules_that_step_first(code: str, expected: list[bool | None]) -> None:
    made = "opt = torch.optim.SGD([], 0.1)\nsched = torch.optim.lr_scheduler.StepLR(opt, 2)\n"
    assert seen("scheduler-before-optimizer", made + code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(f"""
def train(loader, optimizer):
    model, other = resnet18(), resnet18()
    for x in loader:
        model.eval()
        other.train()
{STEP}""", [None], id="another module is put back"),
        pytest.param(f"""
def train(model, loader, optimizer):
    for x in loader:
        model.eval()
{STEP}""", [None], id="a module of unknown layers"),
        pytest.param(f"""
def train(loader, optimizer):
    model = nn.Linear(2, 2)
    for x in loader:
        model.eval()
{STEP}""", [None], id="a module that does not mind"),
        pytest.param(f"""
def train(loader, optimizer):
    model, judge = resnet18(), resnet18()
    for x in loader:
        judge.eval()
        with torch.no_grad():
            judge(x)
{STEP}""", [], id="a module that is not trained"),
        pytest.param(f"""
def train(loader, optimizer):
    model = resnet18()
    for x in loader:
        model.train(False)
{STEP}
        model.train(True)
""", [True], id="modes by argument"),
    ],
)  # fmt: skip
def test_evaluation_modes_in_training_loops(code: str, expected: list[bool | None]) -> None:
    assert seen("eval-mode-never-left", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param("""
def run(model, x):
    model.eval()
    torch.set_grad_enabled(False)
    return model(x)
""", [True], id="turned off"),
        pytest.param("""
def run(model, x):
    model.eval()
    for p in model.parameters():
        p.requires_grad = False
    return model(x)
""", [None], id="frozen"),
        pytest.param("""
def run(model, x):
    model.eval()
    return model(x)
def one(model, x):
    with torch.no_grad():
        return run(model, x)
def two(model, x):
    return run(model, x)
""", [None], id="on some ways only"),
        pytest.param("""
def features(model, x):
    model.eval()
    return model(x)
def train(model, head, x):
    head(features(model, x)).mean().backward()
""", [None], id="a part of what is trained"),
        pytest.param("""
def train(model, head, optimizer, loader):
    for x in loader:
        embed(model, x)
        optimizer.zero_grad()
        head(x).mean().backward()
        optimizer.step()
def embed(model, x):
    model.eval()
    model(x)
""", [None], id="called in a training step"),
        pytest.param("""
def run(model, x):
    model.eval()
    traced = torch.jit.trace(model, x)
    return model(x)
""", [None], id="traced"),
        pytest.param("""
def run(model, x):
    y = model(x)
    model.eval()
    return y
""", [], id="run before"),
    ],
)  # fmt: skip
def test_models_that_are_evaluated_with_gradients(code: str, expected: list[bool | None]) -> None:
    assert seen("missing-no-grad", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("m = resnet18()\nwith torch.no_grad():\n    m(x)", [False]),
        ("m = resnet18()\nm.train(False)\nwith torch.no_grad():\n    m(x)", [True]),
        ("m = resnet18()\ndef f(m): m.eval()\nf(m)\nwith torch.no_grad():\n    m(x)", [True]),
        (
            "m = resnet18()\nm.eval()\nm.train()\ndef f():\n  with torch.no_grad():\n    m(x)",
            [None],
        ),
        ("def f(n): n.eval()\nm = resnet18()\nwith torch.no_grad():\n    m(x)", [None]),
        ("def f(m):\n  with torch.no_grad():\n    m(x)", []),
        ("m = nn.Linear(1, 1)\nwith torch.no_grad():\n    m(x)", []),
        (
            "import timm\nm = timm.create_model('a')\n@torch.inference_mode()\ndef f(): m(x)",
            [False],
        ),
    ],
)
def test_models_that_are_used_in_training_mode(code: str, expected: list[bool | None]) -> None:
    assert seen("missing-eval-mode", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("loss.backward()\n        total += loss", [False]),
        ("loss.backward()\n        total += loss.detach()", [True]),
        ("loss.backward()\n        total += loss.data", []),
        ("total += loss\n        loss.backward()", [False]),
        ("loss.backward()\n        scaled = loss * 2\n        total += scaled", [False]),
        ("p = nn.MSELoss()(x, x)\n        (loss + p).backward()\n        total += p", [False]),
        ("scaler.scale(loss).backward()\n        total += loss", [False]),
        ("accelerator.backward(loss)\n        total += loss", [False]),
        ("torch.autograd.backward(loss)\n        total += loss", [False]),
        ("loss.backward(retain_graph=True)\n        total += loss\n        total.backward()", []),
        ("loss.backward()\n        last = loss", []),
    ],
)  # fmt: skip
def test_losses_that_are_kept(code: str, expected: list[bool | None]) -> None:
    body = f"""
def train(model, optimizer, loader, scaler, accelerator):
    total = 0
    for x in loader:
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), x)
        {code}
        optimizer.step()
    return total
"""
    assert seen("loss-kept-alive", body) == expected


def test_a_kept_loss_of_a_notebook_is_found_in_its_cell() -> None:
    source = (
        "total = 0\\nfor x in data:\\n    loss = nn.MSELoss()(model(x), x)\\n    loss.backward()\\n"
        "    opt.step()\\n    total += loss\\nprint(total)"
    )
    head = "import torch\\nfrom torch import nn"
    cells = [
        f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": "{text}"}}'
        for text in (head, source)
    ]
    text = (
        f'{{"cells": [{", ".join(cells)}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'
    )
    tree = Tree.of({"a.ipynb": text})
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    (found,) = CATALOGUE.rules["loss-kept-alive"].check(project)
    assert found.at is not None
    assert found.at.cell is not None
    assert (found.at.cell.index, found.at.line) == (2, 6)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('m.compile("adam", "binary_crossentropy")', [False]),
        ('m.compile("adam", loss=keras.losses.BinaryCrossentropy(from_logits=raw))', []),
        ('m.compile("adam", loss=keras.losses.binary_crossentropy)', [False]),
        ('m.compile("adam", "mse")', []),
        ('m.compile("adam")', []),
        (
            'm.add(keras.layers.Activation("sigmoid"))\nm.compile("adam", "binary_crossentropy")',
            [True],
        ),
        ('m.add(keras.layers.Softmax())\nm.compile("adam", "categorical_crossentropy")', [True]),
        ('m.add(keras.layers.Dropout(0.1))\nm.compile("adam", "categorical_crossentropy")', []),
        ('m.add(keras.layers.Dense(1, **more))\nm.compile("adam", "categorical_crossentropy")', []),
        ('def f(): return m\nf().compile("adam", "binary_crossentropy")', [False]),
        ('keras.Model(a, o(3)(b)).compile("adam", "binary_crossentropy")', []),
        (
            'keras.Model(a, keras.layers.Dense(1)(b)).compile("adam", "binary_crossentropy")',
            [False],
        ),
        ('keras.Sequential(keep).compile("adam", "binary_crossentropy")', []),
    ],
)  # fmt: skip
def test_losses_of_keras(code: str, expected: list[bool | None]) -> None:
    made = "import keras\nm = keras.Sequential([keras.layers.Dense(1)])\n"
    assert seen("softmax-before-cross-entropy", made + code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(x, y):\n  x = F.softmax(x, 1) if y else x\n  return F.cross_entropy(x, y)", [None]),
        ("def f(x, y):\n  return F.cross_entropy(F.log_softmax(x, 1), y)", [True]),
        ("def f(x, y):\n  return F.nll_loss(nn.Linear(2, 2)(x), y)", [False]),
        ("def f(x, y):\n  return nn.NLLLoss()(torch.log(x), y)", [None]),
        ("def f(x, y):\n  return F.cross_entropy(x, F.softmax(y, 1))", [None]),
    ],
)
def test_losses_of_pytorch(code: str, expected: list[bool | None]) -> None:
    assert seen("softmax-before-cross-entropy", code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("self.a = [nn.Linear(1, 1), nn.Linear(2, 2)]", [False]),
        ("self.a = {'x': nn.Linear(1, 1), 'y': nn.Linear(2, 2)}", [False]),
        ("self.a = [nn.Linear(1, 1)]", []),
        ("self.a = [nn.ReLU(), nn.ReLU()]", []),
        ("self.a = [build(), build()]", []),
        ("self.a = (nn.Linear(1, 1), nn.Linear(2, 2))", []),
        ("self.a = [1, 2]", []),
        ("self.a = []\n        for k in n:\n            self.a.append(nn.Linear(k, k))", [False]),
        ("self.a = [nn.Linear(1, 1), nn.Linear(2, 2)]\n        self.register(self.a)", []),
        ("self.a = nn.ModuleDict({'x': nn.Linear(1, 1)})", [True]),
    ],
)
def test_layers_that_are_hidden(code: str, expected: list[bool | None]) -> None:
    body = f"class Net(nn.Module):\n    def __init__(self, n):\n        {code}\n"
    assert seen("submodules-in-plain-list", body) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("torch.manual_seed(0)", [False]),
        ("torch.manual_seed(epoch)", [True]),
        ("torch.manual_seed(draw())", [True]),
        ("if epoch > 3:\n        torch.manual_seed(0)", [None]),
        ("torch.manual_seed(args.seed)", [False]),
    ],
)
def test_seeds_in_loops(code: str, expected: list[bool | None]) -> None:
    body = f"""
def main(model, args, loader):
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for epoch in range(3):
        {code.replace(chr(10), chr(10) + "    ")}
        for x in loader:
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
"""
    assert seen("reseeded-in-loop", body) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def init(w): torch.manual_seed(7)", [False]),
        ("def init(w): torch.manual_seed(args.seed)", [False]),
        ("def init(w): torch.manual_seed(args.seed + w)", [True]),
        ("def init(w): torch.manual_seed(torch.initial_seed())", [True]),
        ("def init(w): torch.manual_seed()", [True]),
        ("init = somewhere", []),
    ],
)
def test_seeds_of_workers(code: str, expected: list[bool | None]) -> None:
    parsed = "import argparse\nargs = argparse.ArgumentParser().parse_args()\n"
    loader = "\ntorch.utils.data.DataLoader(d, worker_init_fn=init)"
    assert seen("constant-worker-seed", parsed + code + loader) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("RandomForestClassifier(**chosen)", [None]),
        ("RandomForestClassifier()\nimport numpy as np\nnp.random.seed(1)", [None]),
        ("f = RandomForestClassifier()\nf.set_params(random_state=3)", [None]),
        ("KMeans(3, init=starts, n_init=1)", []),
        ("KMeans(3, init='random')", [False]),
        ("PCA(3)", []),
        ("PCA(3, svd_solver='randomized')", [False]),
    ],
)
def test_estimators_without_a_seed(code: str, expected: list[bool | None]) -> None:
    head = (
        "from sklearn.cluster import KMeans\nfrom sklearn.decomposition import PCA\n"
        "from sklearn.ensemble import RandomForestClassifier\n"
    )
    assert seen("unseeded-estimator", head + code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("if a:\n    cudnn.benchmark = True\ncudnn.deterministic = True", [None]),
        ("cudnn.benchmark = True\nif a:\n    cudnn.deterministic = True", [False]),
        ("cudnn.benchmark = True\ncudnn.benchmark = False\ncudnn.deterministic = True", [None]),
        ("torch.use_deterministic_algorithms(False)\ncudnn.benchmark = True", []),
        ("torch.use_deterministic_algorithms(mode=True)\ncudnn.benchmark = True", [False]),
    ],
)
def test_switches_that_contradict(code: str, expected: list[bool | None]) -> None:
    assert (
        seen("contradictory-determinism", f"from torch.backends import cudnn\n{code}") == expected
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("somewhere.seed_all_things(3)", [None]),
        ("torch.manual_seed(None)", [False]),
        ("import random\nrows = Data()\nrandom.shuffle(rows)\nload = Data(rows)", [False, False]),
        ("import random\njitter = random.random()", [False]),
        ("import numpy as np\nnp.random.seed(2)\nnoise = np.random.rand(2)", [False, True]),
    ],
)
def test_generators_that_training_draws_from(code: str, expected: list[bool | None]) -> None:
    loop = """
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.SGD(model.parameters(), 0.1)
for x in load:
    optimizer.zero_grad()
    model(x).mean().backward()
    optimizer.step()
"""
    body = f"import somewhere\nfrom somewhere import Data\nload = Data()\n{code}{loop}"
    assert seen("unseeded-training", body) == expected
