"""Files of known formats with values of types that nobody expects: no reader and no rule falls."""

from __future__ import annotations

from itertools import chain, cycle, islice, repeat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bad_input.conftest import Audit

YAML = (
    "null", "[[]]", "9" * 400, ".nan", "{1: 2}", "2020-99-99", "!!python/object:os.system x",
    "{null: x}", "[1, a, null]", "{a: 1, a: 2}", "!custom {b: 1}", '"\\x00"', "true", "12:30:45",
    "{[a]: b}", "!!binary aGk=", "''", "-1.5", "*gone", "{{ x }}",
)  # fmt: skip
CODE = (
    "None", "1e999", "10**400", "[[None]]", "b'x'", "lambda: 0", "{1: 2}", "*{1: 2}", "**[1]",
    "'\\ud800'", "x[0]", "...", "(yield)", "{**x}", "not x", "1j",
)  # fmt: skip
FILES = {
    "main.tf": 'resource "aws_s3_bucket" V {\n  acl = V\n  versioning { on = V }\n}\nmodule V {}\n',
    "k8s/rbac.yaml": "kind: ClusterRole\nrules:\n- {apiGroups: V, resources: V, verbs: V}\n- V\n"
    "---\nkind: RoleBinding\nsubjects: V\nroleRef: V\n---\nkind: V\nsubjects: [{kind: V}]\n",
    "k8s/deploy.yaml": "kind: Deployment\nmetadata: V\nspec:\n  replicas: V\n  template:\n"
    "    spec: {securityContext: V, containers: [{image: V, resources: V, env: V, args: V}, V]}\n",
    "chart/Chart.yaml": "name: V\nversion: V\ndependencies: V\n",
    "chart/values.yaml": "image: V\nreplicas: V\n",
    "chart/templates/d.yaml": "kind: Deployment\nspec:\n  {{- with V }}\n  x: V\n  {{- end }}\n",
    "dvc.yaml": "vars: V\nstages:\n  a: {cmd: V, deps: V, outs: V, params: V, metrics: V}\n  b: V\n"
    "  c: {foreach: V, do: V}\n  d: {matrix: V, cmd: V}\n",
    "a.csv.dvc": "outs:\n- {md5: V, size: V, path: V, remote: V}\n- V\ndeps: V\n",
    "dvc.lock": "schema: V\nstages:\n  a: {cmd: V, outs: [{path: V, md5: V}], params: V}\n  b: V\n",
    "MLproject": "name: V\nconda_env: V\nentry_points:\n  a: {parameters: V, command: V}\n  b: V\n",
    "params.yaml": "seed: V\ntrain: {lr: V, seed: V}\nV : V\n",
    "conf/config.yaml": "defaults: V\nhydra: V\nmodel: {_target_: V}\n",
    "conf/model/a.yaml": "# @package _global_\ndefaults:\n- V\n- override V : V\n_target_: V\n",
    "serverless.yml": "provider: V\nfunctions:\n  a: {handler: V, events: V}\n  b: V\n",
    "template.yaml": "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: V}\n  G: V\n",
    "app.py": "from fastapi import FastAPI\nimport hydra, mlflow\napp = FastAPI(V)\n"
    "@app.post(V, dependencies=V)\ndef h(x: V, y=V):\n    return model.predict(V)\n"
    "@app.get(V, V)\nasync def g(*a: V): pass\napp.add_api_route(V, V, methods=V)\n"
    "def lambda_handler(event=V, context=V):\n    return {'statusCode': V, 'body': event[V]}\n"
    "mlflow.log_params(V)\n@hydra.main(config_path=V, config_name=V)\ndef main(c): c[V].x = V\n",
}


def filled(text: str, values: Iterator[str]) -> str:
    """The text with a value in each place of a lonely V."""
    words = text.replace("V", "\0").split("\0")
    return words[0] + "".join(
        f"{value}{word}" for word, value in zip(words[1:], values, strict=False)
    )


@pytest.mark.parametrize("start", range(3))
def test_values_of_odd_types_bring_nothing_down(
    start: int, audit: Callable[..., Audit], root: Path
) -> None:
    yaml, code = cycle(YAML[start:] + YAML[:start]), cycle(CODE[start:] + CODE[:start])
    for name, text in FILES.items():
        odd = code if name == "app.py" else yaml
        # Where all other values are sound, the file is read to its end.
        texts = [filled(text, odd)] + [
            filled(text, chain(["a"] * number, islice(odd, 1), repeat("a")))
            for number in range(text.count("V"))
        ]
        for number, one in enumerate(texts):
            path = root / str(number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one)
    seen = audit(root, "--jobs", "1")
    assert seen.sound
    assert "crashed" not in {*seen.kinds.values(), *(r["outcome"] for r in seen.report["rules"])}
