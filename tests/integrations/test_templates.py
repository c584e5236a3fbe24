"""The GitLab component and the image, as far as they can be tried without GitLab and Docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FAULTY = "import torch\n\nstate = torch.load('model.pt', weights_only=False)\n"


def component() -> tuple[dict[str, Any], dict[str, Any]]:
    spec, job = yaml.safe_load_all((ROOT / "templates/mllint.yml").read_text("utf-8"))
    return spec["spec"]["inputs"], job["mllint"]


def test_the_component_uses_every_input_that_it_declares() -> None:
    inputs, job = component()
    used = set(re.findall(r"\$\[\[ inputs\.([\w-]+) \]\]", json.dumps(job)))
    assert used == set(inputs)


def test_the_job_leaves_both_reports_and_fails_with_mllint(tmp_path: Path) -> None:
    _, job = component()
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "mllint").write_text(f'#!/bin/sh\nexec {sys.executable} -m mllint "$@"\n')
    (commands / "mllint").chmod(0o755)
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "score.py").write_text(FAULTY)
    (repo / "requirements.txt").write_text("torch==2.7.0\n")
    script = job["script"][-1].replace("/tmp/mllint/bin", str(commands))  # noqa: S108 - of the job
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT", "MLLINT_PROFILE"))}
    env = {**kept, "MLLINT_FAIL_ON": "note", "MLLINT_PROFILE": "production"}
    env["MLLINT_CACHE_DIR"] = str(tmp_path / "cache")
    done = subprocess.run(["sh", "-c", script], cwd=repo, env=env, check=False, capture_output=True)
    assert done.returncode == 1, done.stderr
    assert b"profile production" in done.stdout
    reports = job["artifacts"]["reports"]
    quality = json.loads((repo / reports["codequality"]).read_text("utf-8"))
    assert {"check_name", "fingerprint", "location", "severity"} <= set(quality[0])
    assert ET.parse(repo / reports["junit"]).getroot().tag == "testsuites"  # noqa: S314 - our own


def test_the_image_installs_the_pinned_libraries_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "--require-hashes -r requirements-run.txt" in text
    assert text.rindex("USER mllint") < text.rindex("ENTRYPOINT")
    copied = set(re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE))
    wanted = {word for line in copied for word in line.split()}
    kept = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert wanted <= {line[1:] for line in kept if line.startswith("!")}
    assert all((ROOT / name).exists() for name in wanted)


def test_the_pinned_libraries_are_those_of_development() -> None:
    def pins(name: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for line in (ROOT / name).read_text("utf-8").splitlines():
            if pin := re.match(r"([\w.-]+)==([\w.]+)", line):
                found.setdefault(pin[1], set()).add(pin[2])
        return found

    everything = pins("requirements-dev.txt")
    run = pins("requirements-run.txt")
    assert {"click", "libcst", "pyyaml"} <= set(run)
    assert {name: everything[name] for name in run} == run
