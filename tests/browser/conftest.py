"""A real browser, and pages of real runs: of a project with faults, and of one that means harm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "churn"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCRIPT = "<script>window.pwned=1;alert(1)</script>"
IMAGE = '"><img src=x onerror="window.pwned=1">'
CLOSING = "</style></script></title></code></pre><svg onload=window.pwned=1>"
SOURCE = f"""\
import torch
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

rows = StandardScaler().fit_transform(load('''{SCRIPT}''', '''{IMAGE}'''))  # {CLOSING}
left, right = train_test_split(rows)  # \u202e {{{{ 7 * 191 }}}} {{% raw %}} \u2066
model = torch.load("javascript:window.pwned=1//{CLOSING}.pt")
model.fit(left)
"""
CONFIG = f"""
[tool.mllint]
ignore = {{ no-ci = '{SCRIPT}' }}
[[tool.mllint.waivers]]
rule = "no-tests"
reason = '{IMAGE}'
[tool.mllint.attest.Q01]
who = '{SCRIPT}'
when = 2026-01-01
until = 2999-01-01
proof = "javascript:window.pwned=1"
says = '{CLOSING}'
"""


def _found(*names: str) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")


@pytest.fixture(scope="session", name="chromium")
def fixture_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Headless, with an empty profile and a log of what it fetches."""
    webdriver = pytest.importorskip("selenium.webdriver")
    binary, driver = _found(*NAMES), _found("chromedriver")
    if not binary or not driver:
        pytest.skip("no Chromium with its driver here (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    chrome = webdriver.Chrome(options=options, service=service)
    yield chrome
    chrome.quit()


@pytest.fixture(name="browser")
def fixture_browser(chromium: Chrome) -> Chrome:
    """The browser as new: wide, light, its logs empty."""
    resize(chromium, 1200)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme("light"))
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    chromium.get("about:blank")
    for name in ("browser", "performance"):
        logged(chromium, name)
    return chromium


def logged(browser: Chrome, name: str) -> list[dict[str, str]]:
    """What a log holds since it was last read."""
    entries: list[dict[str, str]] = browser.get_log(name)  # type: ignore[no-untyped-call]
    return entries


def resize(browser: Chrome, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def scheme(name: str) -> dict[str, object]:
    return {"media": "", "features": [{"name": "prefers-color-scheme", "value": name}]}


def written(folder: Path, *words: str) -> str:
    """The URL of the page of a folder."""
    page = folder.with_suffix(".html")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MLLINT")}
    command = [sys.executable, "-m", "mllint", "check", str(folder), "--exit-zero", "-qq"]
    subprocess.run(
        [*command, "--no-cache", "-o", f"html={page}", *words],
        check=True,
        capture_output=True,
        env=kept,
    )
    return page.as_uri()


@pytest.fixture(scope="session", name="page")
def fixture_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the bundled example."""
    folder = tmp_path_factory.mktemp("pages") / "churn"
    shutil.copytree(EXAMPLE, folder)
    return written(folder)


@pytest.fixture(scope="session", name="hostile")
def fixture_hostile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a repository that puts markup wherever it can."""
    folder = tmp_path_factory.mktemp("pages") / "<b onclick=alert(1)>"
    folder.mkdir()
    cell = {"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": []}
    notebook = {
        "cells": [
            {**cell, "id": "a", "source": SOURCE},
            {**cell, "id": "b", "execution_count": 1, "source": SOURCE},
        ],
        "metadata": {"kernelspec": {"name": SCRIPT, "display_name": IMAGE}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    sarif = {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": SCRIPT, "rules": []}},
                "results": [{"ruleId": IMAGE, "level": "error", "message": {"text": CLOSING}}],
            }
        ],
    }
    names = ["train.py", '"><img src=x onerror=alert(1)>.py', "<script>alert(1)<.py"]
    for name in [os.fsencode(n) for n in names] + [b"\xff\xfe.py", b"a\nb\x1b[31m.py"]:
        (folder / os.fsdecode(name)).write_text(SOURCE, "utf-8")
    (folder / "broken.py").write_text(f"def {SCRIPT}\n")
    (folder / f"{'n' * 3}<svg onload=alert(1)>.ipynb").write_text(json.dumps(notebook))
    (folder / "README.md").write_text(f"# {SCRIPT}\n\n[x](javascript:alert(1)) {CLOSING}\n")
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / "Dockerfile").write_text(f"FROM python\nRUN pip install '{SCRIPT}'\n# {IMAGE}\n")
    other = folder.parent / "other.sarif"
    other.write_text(json.dumps(sarif))
    return written(folder, "--import-sarif", str(other))
