"""Rules about services, releases and schedules, where their examples do not look."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from mllint.collect import collect
from mllint.link import link
from mllint.tree import Tree
from tests.catalogued import CATALOGUE

Cases: TypeAlias = dict[str, tuple[dict[str, str], bool | str | None, str]]
HEAD = "import joblib\nfrom flask import Flask, request\napp = Flask(__name__)\n"
MODEL = "model = joblib.load('m')\n"
ROUTE = "@app.route('/predict', methods=['POST'])\n"
ASKS = f"{HEAD}{MODEL}{ROUTE}def predict():\n    x = request.json\n"
SERVE = f"{ASKS}    return model.predict([[x['age']]])[0]\n"
TRAIN = "from sklearn.linear_model import Ridge\nRidge().fit([[1.0]], [2.0])\n"
WORKFLOW = "on: {on}\njobs:\n  a:\n    runs-on: x\n{more}    steps:\n      - {step}\n"


def workflow(step: str, on: str = "push", more: str = "") -> dict[str, str]:
    return {".github/workflows/a.yml": WORKFLOW.format(on=on, step=step, more=more)}


def seen(rule: str, files: dict[str, str]) -> list[tuple[bool | None, str]]:
    """Whether it is good, and the note, for each piece of evidence."""
    tree = Tree.of(files)
    project = link(collect(tree, CATALOGUE.known, jobs=0), tree, CATALOGUE)
    return [(e.ok, e.note) for e in CATALOGUE.rules[rule].check(project)]


def app(body: str, before: str = "") -> dict[str, str]:
    return {"serve.py": f"{HEAD}{MODEL}{before}{ROUTE}def predict():\n{body}"}


REQUESTS: Cases = {
    "one refusal may not be all": (
        app("    if 'age' not in request.json:\n        return {}, 400\n"
            "    return model.predict([request.json])\n"),
        None, "cannot be told",
    ),
    "several refusals are a check": (
        app("    x = request.json\n    if 'age' not in x:\n        return {}, 400\n"
            "    if x['age'] < 0:\n        return {}, 422\n    return model.predict([x])\n"),
        True, "2 reasons",
    ),
    "the older servers of BentoML take what comes": (
        {"serve.py": "import bentoml\nfrom bentoml.io import JSON\n\n"
         "runner = bentoml.sklearn.get('churn:latest').to_runner()\n"
         "svc = bentoml.Service('churn', runners=[runner])\n\n\n"
         "@svc.api(input=JSON(), output=JSON())\ndef predict(rows):\n"
         "    return runner.predict.run(rows)\n"},
        None, "a model server calls it",
    ),
    "an upload is something else": (
        app("    return model.predict([request.files['image'].read()])\n"), None, "cannot be told",
    ),
    "a comment refuses nothing": (
        app("    x = request.json\n    # return {}, 400\n    return model.predict([x])\n"),
        False, "used as it came",
    ),
    "a reader of arguments": (
        {"serve.py": "from webargs.flaskparser import use_args\n" + HEAD + MODEL + ROUTE
         + "@use_args({'age': 1})\ndef predict(args):\n    return model.predict([args])\n"},
        True, "webargs",
    ),
    "KServe knows the signature": (
        {"serve.py": "import kserve\nclass M(kserve.Model):\n    def predict(self, payload):\n"
         "        return self.model.predict(payload)\n"},
        True, "checks the signature",
    ),
    "LitServe does not": (
        {"serve.py": "import litserve\nclass A(litserve.LitAPI):\n    def predict(self, x):\n"
         "        return self.model.predict(x)\n"},
        None, "a model server calls it",
    ),
    "no handler is seen to ask": (
        {"serve.py": f"{HEAD}@app.route('/a')\ndef a():\n    return agent.run(request.json)\n"},
        None, "whether `a` asks a model",
    ),
}  # fmt: skip
LOADS: Cases = {
    "under a condition": (
        app("    if model is None:\n        model = joblib.load('m')\n"
            "    return model.predict([[1]])\n"),
        None, "once only",
    ),
    "kept after the first request": (
        app("    return model().predict([[1]])\n",
            "kept = {}\ndef model():\n    if 'm' in kept:\n        return kept['m']\n"
            "    kept['m'] = joblib.load('m')\n    return kept['m']\n"),
        None, "once only",
    ),
    "in a class that is made once": (
        {"serve.py": HEAD + "from functools import lru_cache\nclass M:\n    def __init__(self):\n"
         "        self.m = joblib.load('m')\n@lru_cache\ndef made():\n    return M()\n" + ROUTE
         + "def predict():\n    return made().m.predict([[1]])\n"},
        True, "runs once",
    ),
    "by a dependency": (
        {"serve.py": "import joblib\nfrom fastapi import Depends, FastAPI\napp = FastAPI()\n"
         "def model():\n    return joblib.load('m')\n@app.get('/predict')\n"
         "def predict(m=Depends(model)):\n    return m.predict([[1]])\n"},
        False, "in each request",
    ),
    "what the caller names": (
        {"serve.py": f"{HEAD}@app.route('/predict/<name>')\ndef predict(name):\n"
         "    return joblib.load(name).predict([[1]])\n"},
        None, "once only",
    ),
    "nothing but a bento's reference": (
        {"serve.py": "import bentoml\n" + HEAD + ROUTE + "def predict():\n"
         "    return bentoml.sklearn.get('m').to_runner().predict([[1]])\n"},
        "nothing", "",
    ),
}  # fmt: skip
RECORDS: Cases = {
    "printed": (app("    y = model.predict([[1]])\n    print(y)\n    return y\n"), None, "`print`"),
    "saved by an unknown function": (
        app("    y = model.predict([[1]])\n    save_answer(y)\n    return y\n",
            "from elsewhere import save_answer\n"),
        None, "save_answer",
    ),
    "a log line about something else": (
        app("    log.info('took %s', clock())\n    return model.predict([[1]])\n",
            "import logging\nlog = logging.getLogger('a')\n"),
        False, "keeps nothing",
    ),
    "the request alone": (
        app("    log.info('got %s', request.json)\n    return model.predict([request.json])\n",
            "import logging\nlog = logging.getLogger('a')\n"),
        True, "info",
    ),
    "seen by what runs after each request": (
        app("    return model.predict([[1]])\n", "@app.after_request\ndef after(r): return r\n"),
        None, "`after`",
    ),
    "traced by a tool": (
        {"serve.py": SERVE, "t.py": "import langfuse\n@langfuse.observe()\ndef f(): return 1\n"},
        True, "langfuse",
    ),
}  # fmt: skip
METRICS: Cases = {
    "a platform": (
        {"serve.py": "import modal\napp = modal.App('a')\n@app.function()\n"
         "@modal.fastapi_endpoint()\ndef f(): return 1\n"},
        None, "Modal",
    ),
    "a route": ({"serve.py": SERVE + "URL = '/metrics'\n"}, None, "/metrics"),
    "a cloud's own": (
        {"serve.py": SERVE + "import boto3\nboto3.client('cloudwatch').put_metric_data(N='a')\n"},
        True, "put_metric_data",
    ),
}  # fmt: skip
DRIFT: Cases = {
    "by hand": ({"serve.py": "def psi(a, b):\n    return a - b\n" + SERVE}, None, "`psi`"),
    "a test of statistics": (
        {"serve.py": SERVE, "d.py": "from scipy.stats import ks_2samp\nks_2samp(a, b)\n"},
        None, "ks_2samp",
    ),
}  # fmt: skip
HEALTH: Cases = {
    "said in the docstring of the root": (
        {"serve.py": SERVE + "@app.route('/')\ndef root():\n    'Health check.'\n    return 1\n"},
        True, "answers /",
    ),
    "a greeting is none": (
        {"serve.py": SERVE + "@app.route('/')\ndef root():\n    'Hello.'\n    return 1\n"},
        False, "none of 2",
    ),
    "a path that is compared": (
        {"serve.py": "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n"
         "    def do_GET(self):\n        if self.path == '/health':\n            self.ok()\n"},
        True, "/health",
    ),
}  # fmt: skip
RELEASES: Cases = {
    "by a shell on the machine": (
        workflow("run: ssh deploy@host 'cd app && ./restart'"), True, "ssh",
    ),
    "a script handed to an action": (
        workflow("{uses: acme/retry@v1, with: {run: docker push churn}}"), True, "retry",
    ),
    "by a push of git": (
        workflow("run: git push https://x@huggingface.co/spaces/a/b main"), True, "git push",
    ),
    "by a hook": (workflow("run: curl https://a.example/deploy/1"), None, "may deploy"),
    "by steps that stand elsewhere": (
        {".gitlab-ci.yml": "include:\n  - template: Auto-DevOps.gitlab-ci.yml\n"},
        None, "cannot be seen",
    ),
    "by kaniko": (
        {".gitlab-ci.yml": "a:\n  script:\n    - /kaniko/executor --context . --destination x\n"},
        True, "kaniko",
    ),
    "an image that is only built": (
        workflow("{uses: docker/build-push-action@v6, with: {push: false}}"), False, "no CI step",
    ),
    "a script that is named so": (workflow("run: ./deploy.sh"), None, "may deploy"),
    "documents": (workflow("run: mkdocs gh-deploy"), False, "no CI step"),
    "a platform's file": (
        {**workflow("run: pytest"), "render.yaml": "services: []\n"}, None, "render.yaml",
    ),
    "a program": (
        {**workflow("run: pytest"), "go.py": "import sagemaker\nsagemaker.Model('a').deploy()\n"},
        None, "from a program",
    ),
}  # fmt: skip
IMAGES: Cases = {
    "in a job with such a name": (
        {"Dockerfile": "FROM a:1\n", **workflow("run: ./docker-build.sh")}, None, "may build",
    ),
    "by a program": (
        {"b.py": "import bentoml\nbentoml.container.build('a')\n", **workflow("run: python b.py")},
        True, "builds it",
    ),
    "for development": (
        {".devcontainer/Dockerfile": "FROM a:1\n", **workflow("run: pytest")}, "nothing", "",
    ),
}  # fmt: skip
PROMOTE = "import mlflow\n{}mlflow.MlflowClient().set_registered_model_alias('m', 'live', 1)\n"
GATES: Cases = {
    "a condition": (
        {"train.py": TRAIN + PROMOTE.format("if better:\n    ")}, None, "waits for a condition",
    ),
    "an environment": (
        {"train.py": TRAIN, **workflow("run: kubectl apply -f k", more="    environment: live\n")},
        None, "approval",
    ),
    "no release": ({"train.py": TRAIN}, "nothing", ""),
}  # fmt: skip
CLOCKS: Cases = {
    "a cluster's": (
        {"k.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: retrain}\n"
         "spec: {schedule: '0 4 * * *'}\n"},
        True, "CronJob `retrain`",
    ),
    "for something else": (
        {"k.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: backup}\n"
         "spec: {schedule: '0 4 * * *'}\n"},
        None, "CronJob `backup`",
    ),
    "a pipeline without a time": (
        {"train.py": TRAIN + "from airflow import DAG\nDAG('a', schedule=None)\n"},
        False, "by the clock",
    ),
    "a pipeline with one": (
        {"train.py": TRAIN + "from airflow import DAG\nDAG('a', schedule='@daily')\n"},
        True, "sets a schedule",
    ),
    "a command that may": (
        {"train.py": TRAIN, **workflow("run: churn-train", "{schedule: [{cron: '0 4 * * 1'}]}")},
        None, "may train",
    ),
}  # fmt: skip
STRANGERS: Cases = {
    "somebody agrees first": (
        workflow("{uses: actions/checkout@v4, with: {ref: '${{ github.head_ref }}'}}",
                 "pull_request_target", "    environment: external\n"),
        None, "agree",
    ),
    "after another workflow": (
        workflow("{uses: actions/checkout@v4, with: {ref: "
                 "'${{ github.event.workflow_run.head_sha }}'}}",
                 "{workflow_run: {workflows: [a]}}"),
        False, "workflow_run",
    ),
}  # fmt: skip
CASES = [
    pytest.param(rule, *case, id=f"{rule}-{name}")
    for rule, cases in {
        "unvalidated-request": REQUESTS,
        "model-loaded-per-request": LOADS,
        "predictions-not-logged": RECORDS,
        "no-service-metrics": METRICS,
        "no-drift-monitoring": DRIFT,
        "no-health-endpoint": HEALTH,
        "deployed-by-hand": RELEASES,
        "image-not-built": IMAGES,
        "no-quality-gate": GATES,
        "no-scheduled-training": CLOCKS,
        "untrusted-checkout": STRANGERS,
    }.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("rule", "files", "ok", "note"), CASES)
def test_evidence(rule: str, files: dict[str, str], ok: bool | str | None, note: str) -> None:
    found = seen(rule, files)
    if ok == "nothing":
        assert found == []
    else:
        assert found[0][0] is ok, found
        assert note in found[0][1]


def test_versions_that_nox_asks_for_count() -> None:
    nox = "import nox\n@nox.session(python=['3.10', '3.12'])\ndef tests(s): s.run('pytest')\n"
    files = {"noxfile.py": nox, **workflow("run: nox")}
    assert seen("one-python-tested", files) == [(True, "2 versions of Python: 3.10, 3.12")]


def test_a_scanner_of_workflows_counts_once() -> None:
    found = seen("untrusted-text", workflow("run: zizmor ."))
    assert [note.partition(":")[0] for _, note in found][1:] == ["zizmor looks for more"]


def test_a_text_in_a_job_without_secrets_for_strangers_is_left_open() -> None:
    files = workflow("run: echo ${{ github.head_ref }}", "pull_request")
    ((ok, note),) = seen("untrusted-text", files)
    assert ok is None
    assert "github.head_ref" in note
