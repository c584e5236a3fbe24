"""Which functions answer requests, by what path, and what runs when they do."""

from __future__ import annotations

import pytest

from mllint.collect import collect
from mllint.flow.handlers import Service, service_of
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE


def service(files: dict[str, str]) -> Service:
    tree = Tree.of(files)
    return service_of(link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE))


FOUND = {
    "Flask": (
        "from flask import Flask\na = Flask('x')\n@a.route('/p')\ndef f(): return 1",
        [("f", ("/p",), True)],
    ),
    "two routes": (
        "from flask import Flask\na = Flask('x')\n@a.route('/p')\n@a.get('/q')\ndef f(): return 1",
        [("f", ("/p", "/q"), True)],
    ),
    "FastAPI inside a function": (
        (
            "from fastapi import FastAPI\ndef make():\n    a = FastAPI()\n"
            "    @a.post('/p')\n    async def f(): return 1\n    return a"
        ),
        [("make.f", ("/p",), True)],
    ),
    "a router": (
        "from fastapi import APIRouter\nr = APIRouter()\n@r.get(path='/p')\ndef f(): return 1",
        [("f", ("/p",), True)],
    ),
    "an application that is handed over": (
        "import flask\ndef register(app):\n    @app.route('/p')\n    def f(): return 1",
        [("register.f", ("/p",), True)],
    ),
    "a class": (
        (
            "from flask_restful import Resource\nclass P(Resource):\n    def post(self): return 1\n"
            "    def other(self): return 2"
        ),
        [("P.post", (), True)],
    ),
    "Django": (
        "from django.urls import path\ndef f(request): return 1\nurls = [path('p/', f)]",
        [("f", ("p/",), True)],
    ),
    "the standard library": (
        (
            "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n"
            "    def do_POST(self):\n        self.wfile.write(b'')"
        ),
        [("H.do_POST", (), True)],
    ),
    "BentoML": (
        "import bentoml\n@bentoml.service\nclass S:\n    @bentoml.api\n    def p(self): return 1",
        [("S.p", (), False)],
    ),
    "KServe": (
        "import kserve\nclass M(kserve.Model):\n    def predict(self, payload): return 1",
        [("M.predict", (), False)],
    ),
    "AWS Lambda": ("def f(event, context): return 1", [("f", (), False)]),
    "gRPC": (
        "import p\nclass P(p.PServicer):\n    def Ask(self, request, context): return 1",
        [("P.Ask", (), False)],
    ),
    "no application": ("class A:\n    def get(self): return 1\ndef f(): return 1", []),
    "another decorator": ("import click\n@click.command()\ndef f(): return 1", []),
    "a client": ("import requests\ndef get():\n    return requests.get('/p')", []),
}


@pytest.mark.parametrize("name", FOUND)
def test_handlers(name: str) -> None:
    source, expected = FOUND[name]
    found = service({"serve.py": source}).handlers
    assert [(h.define.name, h.routes, h.web) for h in found] == expected


def test_handlers_of_tests_are_none() -> None:
    source = "from flask import Flask\na = Flask('x')\n@a.route('/p')\ndef f(): return 1"
    assert service({"tests/test_serve.py": source}).handlers == []


def test_an_application_of_another_file() -> None:
    files = {
        "core.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "schemas.py": "from pydantic import BaseModel\nclass Row(BaseModel):\n    a: int\n",
        "serve.py": "from core import app\nimport schemas\n"
        "@app.post('/p')\ndef f(row: schemas.Row): return 1\n",
    }
    (handler,) = service(files).handlers
    assert handler.routes == ("/p",)
    assert handler.define.annotations == ("schemas.Row",)


def test_what_runs_to_answer() -> None:
    files = {
        "model.py": "import joblib\nclass Model:\n    def __init__(self):\n"
        "        self.inner = joblib.load('m')\n"
        "    def predict(self, x):\n        return self._asked(x)\n"
        "    def _asked(self, x):\n        return self.inner.predict(x)\n",
        "serve.py": "from fastapi import FastAPI\nfrom model import Model\napp = FastAPI()\n"
        "def unused(): return 0\n"
        "@app.post('/p')\ndef f(x: int):\n    return Model().predict(x)\n",
    }
    found = service(files)
    runs = found.reached(found.handlers[0].define)
    assert [(r.path, r.name, len(r.way)) for r in runs] == [
        ("serve.py", "f", 0),
        ("model.py", "Model.__init__", 1),
        ("model.py", "Model.predict", 1),
        ("model.py", "Model._asked", 2),
    ]


def test_functions_that_run_each_other_end() -> None:
    source = (
        "from flask import Flask\na = Flask('x')\n@a.route('/p')\ndef f():\n    return g()\n"
        "def g():\n    return f()\n"
    )
    found = service({"serve.py": source})
    assert [r.name for r in found.reached(found.handlers[0].define)] == ["f", "g"]


def test_dependencies_run_before_the_handler() -> None:
    source = (
        "from fastapi import Depends, FastAPI\napp = FastAPI()\n"
        "def model(): return 1\ndef other(): return 2\n"
        "@app.get('/p')\ndef f(m=Depends(model)): return m\n"
        "@app.get('/q')\ndef g(m=Depends(other)): return m\n"
    )
    found = service({"serve.py": source})
    runs = [[r.name for r in found.reached(h.define)] for h in found.handlers]
    assert runs == [["f", "model"], ["g", "other"]]
