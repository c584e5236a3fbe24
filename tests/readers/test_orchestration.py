from __future__ import annotations

import time
from typing import Any

import pytest

from mllint.facts import Facts, Known
from mllint.readers.orchestration import read

KNOWN = Known(frozenset(), frozenset())


def facts(path: str, text: str) -> Facts:
    return read(path, text.encode(), KNOWN)


def rows(path: str, text: str, table: str) -> list[Any]:
    return list(facts(path, text).rows.get(table, ()))


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      securityContext: {runAsNonRoot: true}
      containers:
        - name: web
          image: host/app:1.2
          resources:
            limits: {memory: 1Gi}
          securityContext: {privileged: false}
      initContainers:
        - {name: wait, image: "busybox@sha256:0a"}
---
kind: Service
apiVersion: v1
metadata: {name: api}
"""


def test_kubernetes_objects_and_containers() -> None:
    found = rows("deploy.yaml", DEPLOYMENT, "manifest")
    assert [(m.system, m.kind, m.name, m.at.line, m.image) for m in found] == [
        ("kubernetes", "Deployment", "api", 1, ""),
        ("kubernetes", "container", "web", 9, "host/app:1.2"),
        ("kubernetes", "container", "wait", 15, "busybox@sha256:0a"),
        ("kubernetes", "Service", "api", 17, ""),
    ]
    assert {
        "resources.limits.memory",
        "securityContext.privileged",
        "securityContext.privileged=false",
        "pod.securityContext.runAsNonRoot=true",
    } <= set(found[1].keys)
    images = rows("deploy.yaml", DEPLOYMENT, "image")
    assert [(i.name, i.tag, i.digest, i.source) for i in images] == [
        ("host/app", "1.2", "", "kubernetes"),
        ("busybox", "", "sha256:0a", "kubernetes"),
    ]


def test_argo_workflow() -> None:
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {generateName: w-}\n"
        "spec: {templates: [{name: t, container: {image: a:1}}]}"
    )
    found = [(m.system, m.kind, m.name) for m in rows("w.yaml", text, "manifest")]
    assert found == [("argo", "Workflow", "w-"), ("argo", "container", "t")]


@pytest.mark.parametrize(
    "text",
    [
        "kind: Deployment",
        "apiVersion: apps/v1",
        "apiVersion: 1\nkind: X",
        "apiVersion: v1\nkind: lower",
        "- apiVersion: v1\n  kind: X",
        "apiVersion: [\nkind: X",
    ],
)
def test_other_yaml_has_no_rows(text: str) -> None:
    assert facts("a.yaml", text) == Facts()


def test_helm_chart_values_and_templates() -> None:
    chart = rows("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1", "manifest")
    assert [(m.system, m.kind, m.name, m.api) for m in chart] == [("helm", "Chart", "a", "v2")]
    text = "image: {repository: x/y, tag: '1'}\nresources: {limits: {cpu: 1}}\n"
    (values,) = rows("charts/a/values.yaml", text, "manifest")
    assert (values.kind, values.name) == ("values", "a")
    assert "resources.limits.cpu" in values.keys
    images = rows("charts/a/values.yaml", text, "image")
    assert [(i.name, i.tag, i.source) for i in images] == [("x/y", "1", "helm")]
    template = (
        "{{- if .Values.on }}\napiVersion: apps/v1\nkind: Deployment\n"
        "metadata: {name: x}\nspec:\n  containers:\n    - name: c\n"
        '      image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"\n'
        "      resources:\n        {{- toYaml .Values.resources | nindent 8 }}\n{{- end }}\n"
    )
    path = "charts/a/templates/deployment.yaml"
    found = [(m.system, m.kind, m.at.line) for m in rows(path, template, "manifest")]
    assert found == [("helm", "Deployment", 2), ("helm", "container", 7)]
    assert [(i.source, i.resolved) for i in rows(path, template, "image")] == [("helm", False)]


def test_values_of_no_chart_have_no_rows() -> None:
    assert facts("conf/values.yaml", "a: 1") == Facts()


TERRAFORM = """\
terraform {
  backend "s3" { bucket = "b" }
}
# resource "commented" "x" {}
resource "kubernetes_deployment" "api" {
  count = var.on ? 1 : 0
  spec {
    container {
      image = "host/app:1"
      resources { limits = { memory = "1Gi" } }
    }
  }
  tags = merge({ a = "b" }, var.tags)
  policy = <<EOF
resource "inside" "text" {}
EOF
  encrypted = true
}
module "x" { source = "./m" }
data "aws_ami" "y" {}
"""


def test_terraform_blocks() -> None:
    found = rows("main.tf", TERRAFORM, "manifest")
    assert [(m.kind, m.name, m.at.line, m.at.end_line) for m in found] == [
        ("terraform", "", 1, 3),
        ("kubernetes_deployment", "api", 5, 18),
        ("module", "x", 19, 19),
        ("data.aws_ami", "y", 20, 20),
    ]
    assert found[0].keys == ("backend", "backend.bucket")
    assert found[1].keys == (
        *("count", "spec", "spec.container", "spec.container.image", "spec.container.resources"),
        "spec.container.resources.limits",
        "spec.container.resources.limits.memory",
        *("tags", "policy", "encrypted", "encrypted=true"),
    )
    images = rows("main.tf", TERRAFORM, "image")
    assert [(i.name, i.tag, i.at.line) for i in images] == [("host/app", "1", 9)]


POLICY = """\
resource "aws_iam_policy" "a" {
  policy = jsonencode({
    Statement = [
      %s
    ]
  })
}
"""


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ('{ Effect = "Allow", Action = "*", Resource = "x" }', ["policy.Allow.Action=*"]),
        ('{ Action = ["a:b", "*"], Effect = "Allow" }', ["policy.Allow.Action=*"]),
        ('{ Effect = "Deny", Action = "*" }', []),
        ('{ Effect = "Allow", Action = "s3:*", Resource = "*" }', []),
        (
            '{ Effect = "Allow", Principal = "*", Condition = { Bool = { a = "b" } } }',
            [],
        ),
        ('{ Effect = "Allow" }, { Effect = "Deny", Action = "*" }', []),
    ],
)
def test_what_policies_allow(statement: str, expected: list[str]) -> None:
    (found,) = rows("iam.tf", POLICY % statement, "manifest")
    assert [key for key in found.keys if "Allow" in key] == expected


def test_ports_and_values_that_admit_everybody_are_kept() -> None:
    text = """\
resource "aws_security_group_rule" "a" {
  from_port = 22
  cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  policy = <<EOF
{"Statement": [{"Effect": "Allow", "Action": "*"}, {"Effect": "Deny", "Principal": "*"}]}
EOF
}
"""
    (found,) = rows("main.tf", text, "manifest")
    assert [key for key in found.keys if "=" in key] == [
        "from_port=22", "cidr_blocks=0.0.0.0/0", "policy.Allow.Action=*",
    ]  # fmt: skip


ROLES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
rules:
  - {verbs: ["*"], resources: ["pods", "*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: some}
rules:
  - {verbs: ["*"], resources: [jobs]}
  - {verbs: [get], resources: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: bound}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: "system:anonymous"}]
"""


def test_roles_of_everybody_and_everything() -> None:
    found = {
        row.name: [key for key in row.keys if "=" in key]
        for row in rows("roles.yaml", ROLES, "manifest")
    }
    assert found == {
        "all": ["rules[]=*"],
        "some": [],
        "bound": ["roleRef.name=cluster-admin", "subjects[].name=system:unauthenticated"],
    }


@pytest.mark.parametrize(
    "text", ["{" * 200_000, 'a "b" {' * 30_000, "<<A\n" * 20_000, "a = [" * 40_000]
)
def test_hostile_terraform_ends_soon(text: str) -> None:
    started = time.process_time()
    facts("main.tf", text)
    assert time.process_time() - started < 5


DVC = """\
vars: [{name: big}]
stages:
  prepare:
    wdir: sub
    cmd: [python a.py, python b.py]
    deps: [../a.py, "s3://x/y"]
    params: [seed, other.yaml: [lr], "third.yaml:k1,k2", all.yaml: ]
    outs: [out: {cache: false}]
    metrics: [m.json]
  train:
    foreach: [a, b]
    do:
      cmd: python t.py ${item} ${name}
      deps: [sub/out]
      outs: ["${item}/model"]
  score:
    matrix: {x: [1, 2], y: [p]}
    cmd: run ${item.x} ${item.y} ${unknown}
metrics: [sub/out/x.json]
"""


def test_dvc_stages() -> None:
    found = rows("p/dvc.yaml", DVC, "stage")
    assert [(s.name, s.cmd, s.deps, s.outs) for s in found] == [
        (
            "prepare",
            "python a.py\npython b.py",
            ("p/a.py", "s3://x/y"),
            ("p/sub/out", "p/sub/m.json"),
        ),
        ("train@a", "python t.py a big", ("p/sub/out",), ("p/a/model",)),
        ("train@b", "python t.py b big", ("p/sub/out",), ("p/b/model",)),
        ("score@1-p", "run 1 p ${unknown}", (), ()),
        ("score@2-p", "run 2 p ${unknown}", (), ()),
    ]
    params = (":seed", "other.yaml:lr", "third.yaml:k1", "third.yaml:k2", "all.yaml:")
    assert found[0].params == params
    assert [s.cached for s in found[:2]] == [("p/sub/m.json",), ("p/a/model",)]
    assert found[0].metrics == ("p/sub/m.json", "p/sub/out/x.json")


LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: python t.py
    deps: [{path: data, md5: aa.dir, size: 10}]
    params: {params.yaml: {seed: 1}, o.yaml: {k: 2}}
    outs: [{path: model, md5: bb}]
"""


def test_dvc_lock() -> None:
    found = facts("dvc.lock", LOCK).rows
    assert [(s.system, s.name, s.deps, s.outs, s.params) for s in found["stage"]] == [
        ("dvc.lock", "train", ("data",), ("model",), (":seed", "o.yaml:k")),
    ]
    assert [(t.path, t.hash, t.size) for t in found["pointer"]] == [
        ("data", "aa.dir", 10),
        ("model", "bb", None),
    ]


def test_dvc_pointer() -> None:
    text = "wdir: ../models\nouts:\n- md5: ab\n  size: 5\n  path: m.ckpt\n"
    found = rows("w/files/m.dvc", text, "pointer")
    assert [(t.at.line, t.system, t.path, t.hash, t.size) for t in found] == [
        (3, "dvc", "w/models/m.ckpt", "ab", 5),
    ]


def test_dvc_remotes() -> None:
    text = (
        "[core]\n    remote = b\n    autostage = true\n['remote \"a\"']\n    url = s3://x\n"
        "# ['remote \"c\"']\n['remote \"b\"']\n    url = /mnt\n"
    )
    assert [(r.at.line, r.name, r.url, r.default) for r in rows(".dvc/config", text, "remote")] == [
        (5, "a", "s3://x", False),
        (8, "b", "/mnt", True),
    ]


def test_mlproject() -> None:
    text = (
        "name: x\ndocker_env: {image: 'a:1'}\nentry_points:\n  main:\n"
        "    parameters: {lr: float}\n    command: python t.py --lr {lr}\n"
    )
    found = facts("MLproject", text).rows
    assert [(m.kind, m.name, m.image) for m in found["manifest"]] == [
        ("environment", "docker_env", "a:1"),
        ("entry-point", "main", ""),
    ]
    assert [(t.tool, t.name, t.commands) for t in found["target"]] == [
        ("mlproject", "main", ("python t.py --lr {lr}",)),
    ]


SNAKE = """\
configfile: "c.yaml"
rule all:
    input: "m.pkl"

rule train:
    input:
        data="d.csv",  # rule x:
        # "commented",
        code="t.py"
    output: "m.pkl"
    shell:
        "python t.py "
        "{input.data}"

checkpoint c:
    output: 'x'
    script: "s.py"
"""


def test_snakefile_rules() -> None:
    found = rows("workflow/Snakefile", SNAKE, "stage")
    assert [(s.at.line, s.name, s.cmd, s.deps, s.outs) for s in found] == [
        (2, "all", "", ("m.pkl",), ()),
        (5, "train", "python t.py {input.data}", ("d.csv", "t.py"), ("m.pkl",)),
        (15, "c", "python s.py", (), ("x",)),
    ]
    assert [m.keys for m in rows("workflow/Snakefile", SNAKE, "manifest")] == [
        ("input",),
        ("input", "output", "shell"),
        ("output", "script"),
    ]


def test_kedro_catalogue() -> None:
    text = "_base: {type: x}\ndata:\n  type: pandas.CSVDataset\n  versioned: true\nother: 1\n"
    (dataset,) = rows("conf/base/catalog.yml", text, "manifest")
    assert (dataset.kind, dataset.name, dataset.api) == ("dataset", "data", "pandas.CSVDataset")
    assert "versioned=true" in dataset.keys


@pytest.mark.parametrize(
    "path",
    ["dvc.yaml", "dvc.lock", "a.dvc", "MLproject", "conf/base/catalog.yml", "charts/values.yaml"],
)
@pytest.mark.parametrize("text", ["", "a", "- b", "stages: 1", "stages: {a: 1}", "outs: x"])
def test_strange_shapes_do_not_crash(path: str, text: str) -> None:
    assert facts(path, text).problems == ()
