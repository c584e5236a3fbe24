from __future__ import annotations

import pytest

from mllint.facts import Docker, Facts, Image, Known
from mllint.readers.docker import read

KNOWN = Known(frozenset(), frozenset())


def facts(text: str, path: str = "Dockerfile") -> Facts:
    return read(path, text.encode(), KNOWN)


def docker(text: str) -> list[Docker]:
    return list(facts(text).rows.get("docker", ()))


def images(text: str, path: str = "Dockerfile") -> list[tuple[str, str, str]]:
    return [(i.name, i.tag, i.digest) for i in facts(text, path).rows.get("image", ())]


def test_continuations_are_joined_and_comments_inside_them_dropped() -> None:
    rows = docker(
        "FROM a:1\nRUN apt-get update && \\\n  # why\n\n  apt-get install -y git \\\n\nUSER x\n"
    )
    assert [(r.word, r.value, r.at.line, r.at.end_line) for r in rows] == [
        ("FROM", "a:1", 1, 1),
        ("RUN", "apt-get update && apt-get install -y git USER x", 2, 7),
    ]


def test_escape_directive_changes_the_continuation() -> None:
    rows = docker("# escape=`\nFROM a:1\nCOPY a b\\\nRUN x `\n  y\n")
    assert [(r.word, r.value) for r in rows] == [("FROM", "a:1"), ("COPY", "a b\\"), ("RUN", "x y")]


def test_heredoc_is_data_of_its_instruction() -> None:
    rows = docker("FROM a:1\nRUN <<EOF bash\npip install x\nUSER root\nEOF\nUSER app\n")
    assert [(r.word, r.value) for r in rows] == [
        ("FROM", "a:1"),
        ("RUN", "<<EOF bash\npip install x\nUSER root\nEOF"),
        ("USER", "app"),
    ]
    assert rows[1].at.end_line == 5


def test_heredoc_without_end_swallows_nothing() -> None:
    assert [r.word for r in docker("FROM a:1\nRUN cat <<EOF\nUSER app\n")] == [
        "FROM",
        "RUN",
        "USER",
    ]


def test_flags_are_taken_off() -> None:
    row = docker("FROM a:1\nCOPY --from=build --chown=a:b /x /y\n")[1]
    assert (row.value, row.flags) == ("/x /y", (("from", "build"), ("chown", "a:b")))


def test_stages_and_the_last_one_with_its_ancestors() -> None:
    rows = docker(
        "ARG V=1\nFROM a:$V AS base\nRUN x\nFROM b:1 AS tool\nRUN y\n"
        "FROM Base\nCOPY --from=tool /a /a\n",
    )
    assert [(r.word, r.stage, r.final) for r in rows] == [
        ("ARG", "", False),
        ("FROM", "base", True),
        ("RUN", "base", True),
        ("FROM", "tool", False),
        ("RUN", "tool", False),
        ("FROM", "2", True),
        ("COPY", "2", True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.10-slim", [("python", "3.10-slim", "")]),
        ("FROM python", [("python", "", "")]),
        ("from python:3.10 as x", [("python", "3.10", "")]),
        ("FROM --platform=linux/amd64 a/b:1 AS x", [("a/b", "1", "")]),
        ("FROM host:5000/a/b@sha256:0a", [("host:5000/a/b", "", "sha256:0a")]),
        ("FROM host:5000/a/b:1@sha256:0a", [("host:5000/a/b", "1", "sha256:0a")]),
        ("FROM scratch", []),
        ("# FROM a:1\nFROM b:1", [("b", "1", "")]),
        ("ARG V=3.11\nFROM python:${V}-slim", [("python", "3.11-slim", "")]),
        ("ARG A=x B=y\nFROM $A/$B", [("x/y", "", "")]),
        ('ARG I="a:1"\nFROM ${I}', [("a", "1", "")]),
        ("FROM a:${V:-2}", [("a", "2", "")]),
        ("FROM a:1 AS x\nFROM x\nCOPY --from=0 /a /a", [("a", "1", "")]),
        ("FROM a:1\nCOPY --from=b/uv:latest /uv /uv", [("a", "1", ""), ("b/uv", "latest", "")]),
    ],
)
def test_images(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert images(text) == expected


def test_variable_without_default_is_not_resolved() -> None:
    (image,) = facts("ARG V\nFROM python:${V}\n").rows["image"]
    assert image == Image(image.at, "python", "${V}", "", "docker", resolved=False)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("python:3.10-slim", ["3.10"]),
        ("python:3.11.4", ["3.11.4"]),
        ("docker.io/library/python:3", ["3"]),
        ("x/devcontainers/python:1-3.12-bookworm", ["3.12"]),
        ("x/uv:python3.12-bookworm", ["3.12"]),
        ("x/azure/python:4-python3.10", ["3.10"]),
        ("python:slim", []),
        ("nvidia/cuda:12.1.0-base", []),
        ("continuumio/miniconda3:4.10", []),
    ],
)
def test_python_version_of_a_base(reference: str, expected: list[str]) -> None:
    assert [p.spec for p in facts(f"FROM {reference}\n").rows.get("python", ())] == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("apt-get update && apt-get install -y curl python3.10 && rm -rf x", ["3.10"]),
        ("conda create -n a python=3.9 numpy", ["3.9"]),
        ("uv python install 3.12", ["3.12"]),
        ("apt-get install -y python3 && python3.10 -m pip list", []),
        ("pip install python-dotenv==3.1", []),
    ],
)
def test_python_version_that_an_image_installs(command: str, expected: list[str]) -> None:
    rows = facts(f"FROM ubuntu:22.04\nRUN {command}\n").rows.get("python", ())
    assert [(p.spec, p.source) for p in rows] == [(spec, "docker") for spec in expected]


@pytest.mark.parametrize("path", ["dockerfile_parser.py", "Dockerfile.md", "dockerfiles.txt"])
def test_other_files_of_that_name_are_not_read(path: str) -> None:
    assert facts("FROM python\n", path) == Facts()


def test_binary_is_a_problem() -> None:
    assert [p.kind for p in read("Dockerfile", b"FROM a\0", KNOWN).problems] == ["encoding"]


COMPOSE = """
services:
  api:
    build: .
    image: mine
    deploy:
      resources:
        limits:
          memory: 1g
  db:
    image: "postgres:${TAG:-16}"
    healthcheck: {test: [x]}
volumes:
  data: {}
"""


def test_compose_services() -> None:
    found = facts(COMPOSE, "docker-compose.yml")
    manifests = [(m.kind, m.name, m.at.line, m.image) for m in found.rows["manifest"]]
    assert manifests == [
        ("service", "api", 3, "mine"),
        ("service", "db", 10, "postgres:${TAG:-16}"),
        ("volume", "data", 14, ""),
    ]
    assert "deploy.resources.limits.memory" in found.rows["manifest"][0].keys
    assert images(COMPOSE, "docker-compose.yml") == [("postgres", "16", "")]


@pytest.mark.parametrize("path", ["composer-x.yml", "decompose.yaml"])
def test_yaml_that_only_sounds_like_compose(path: str) -> None:
    assert facts(COMPOSE, path) == Facts()


def test_broken_compose_is_a_problem() -> None:
    found = facts("a: [1\nb: }\n", "compose.yaml")
    assert [(p.path, p.kind) for p in found.problems] == [("compose.yaml", "syntax")]


def test_devcontainer_with_comments() -> None:
    text = (
        '{\n  // the "base"\n  "name": "dev",\n'
        '  "image": "a/python:3.11", /* x */\n  "features": {"f": {},},\n}\n'
    )
    found = facts(text, ".devcontainer/devcontainer.json")
    (manifest,) = found.rows["manifest"]
    assert (manifest.name, manifest.keys) == ("dev", ("name", "image", "features", "features.f"))
    assert [(i.name, i.tag, i.at.line) for i in found.rows["image"]] == [("a/python", "3.11", 4)]


def test_broken_devcontainer_is_a_problem() -> None:
    assert [p.kind for p in facts("{", "devcontainer.json").problems] == ["syntax"]
