"""Writes anew what README and docs show of mllint: real output, and the table of rules.

    python website/site_outputs.py            rewrites them
    python website/site_outputs.py --check    shows what is out of date, and then exits with 1

A page is a session in a checkout that holds `examples/` alone: each `$ command` of its `console`
blocks is run in turn, and each `diff` block is applied. Times and ids of commits may differ.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mllint import catalogue
from mllint.reports.catalogue import escaped
from mllint.review import CONFIDENCES, SEVERITY_POINTS, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "docs/index.md", "docs/tutorial.md")
"""What shows output."""
_BLOCK = re.compile(r"^```(console|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"(<!-- rules -->\n).*?(<!-- end of rules -->)", re.DOTALL)
_TIMES = re.compile(r"\d+\.\d s(?: \(\d+ cached\))?|\([0-9a-f]{7}\)")
_PREPARED = (
    "git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b commit -qm checkout"
)
COLUMNS = "92"
"""How wide reports are: what a page of the site shows without a bar to scroll."""


class Session:
    """A shell in a copy of the checkout; it keeps its folder from one command to the next."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "mllint"
        self.folder.mkdir()
        shutil.copytree(ROOT / "examples", self.folder / "examples")
        commands = home / "bin"
        commands.mkdir()
        program = commands / "mllint"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mllint "$@"\n', "utf-8")
        program.chmod(0o755)
        self.environment = {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": str(home),
            "MLLINT_CACHE_DIR": str(home / "cache"),
            "COLUMNS": COLUMNS,
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ada@example.org" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_DATE": "1700000000 +0000" for who in ("AUTHOR", "COMMITTER")},
        }
        self.run(_PREPARED)

    def run(self, command: str, given: str = "") -> str:
        """What a command prints, errors included; the next one begins where it ended."""
        kept = self.home / "folder"
        done = subprocess.run(
            ["bash", "-c", f'{command}\npwd >"{kept}"'],
            cwd=self.folder,
            env=self.environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self.folder = Path(kept.read_text("utf-8").strip())
        return done.stdout.replace(str(self.home), "~")

    def block(self, kind: str, body: str) -> str:
        """A block as it should read."""
        if kind == "diff":
            if wrong := self.run("git apply -", body):
                raise SystemExit(f"this does not apply: {wrong}\n{body}")
            return body
        shown = ""
        for command in re.findall(r"^\$ (.*(?:\n> .*)*)", body, re.MULTILINE):
            output = self.run(command.replace("\n> ", "\n"))
            shown += f"$ {command}\n{output}"
            shown += "\n" if output and not output.endswith("\n") else ""
        return shown


def outputs(text: str) -> str:
    """A page with its output as it is today; a time or an id of a commit alone changes nothing."""
    with tempfile.TemporaryDirectory() as home:
        session = Session(Path(home).resolve())

        def anew(match: re.Match[str]) -> str:
            shown = session.block(match[1], match[2])
            return match[0] if same(shown, match[2]) else f"```{match[1]}\n{shown}```"

        return _BLOCK.sub(anew, text)


def same(one: str, other: str) -> bool:
    """Whether two outputs differ in times and ids of commits alone."""
    return _TIMES.sub("", one) == _TIMES.sub("", other)


def table() -> str:
    """The table of categories in the README."""
    loaded = catalogue.load()
    rows = ["| | rules | opinions | for example |", "|---|---:|---:|---|"]
    for category in sorted(loaded.categories.values(), key=lambda c: -c.budget["internal"]):
        members = [r for r in loaded.rules.values() if r.category == category.id]
        own = [r for r in members if not (r.opinion or r.preview)]
        first = min(own, key=_weightiest)
        opinions = len(members) - len(own)
        rows.append(f"| {escaped(category.title)} | {len(own)} | {opinions} | `{first.id}` |")
    return "\n".join([*rows, ""])


def _weightiest(rule: Rule) -> tuple[int, int, str]:
    return (
        -SEVERITY_POINTS[rule.severity["internal"]],
        CONFIDENCES.index(rule.confidence),
        rule.id,
    )


def written(text: str) -> str:
    """A page as it should be."""
    return outputs(_TABLE.sub(lambda m: f"{m[1]}{table()}{m[2]}", text))


def main(words: Iterable[str]) -> int:
    """Rewrite the pages, or say which are out of date."""
    stale = 0
    for name in PAGES:
        path = ROOT / name
        before = path.read_text("utf-8")
        after = written(before)
        if after == before:
            continue
        stale = 1
        if "--check" in words:
            lines = difflib.unified_diff(
                before.splitlines(), after.splitlines(), name, "today", lineterm=""
            )
            print("\n".join(lines))
        else:
            path.write_text(after, "utf-8")
            print(f"wrote {name}")
    return stale if "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
