"""Runs mllint over every repository in a folder and prints a table, or a random sample to read.

python bench/corpus.py FOLDER                        a row per repository
python bench/corpus.py FOLDER --sample 60 --seed 7   60 findings and 60 passes, with their places
python bench/corpus.py FOLDER --sample 60 --cap 3    the same, of each rule at most 3
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

HEAD = (
    "| repository | files | lines | seconds | research | internal | production "
    "| errors | warnings | unread |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def report(repository: Path, options: list[str]) -> tuple[dict[str, Any], float]:
    """The JSON report of one repository, and the seconds that the process took."""
    command = [sys.executable, "-m", "mllint", "check", str(repository), "--exit-zero"]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--format", "json", *options], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{repository}: exit code {done.returncode}\n{done.stderr}")
    data: dict[str, Any] = json.loads(done.stdout)
    return data, seconds


def row(name: str, data: dict[str, Any], seconds: float) -> str:
    """A line of the table."""
    levels = Counter(f["severity"] for f in data["findings"] if f["status"] == "new")
    scores = [data["score"]["by_profile"][p] for p in ("research", "internal", "production")]
    shown = ["n/a" if s is None else f"{s:.1f}" for s in scores]
    unread = {n["path"] for n in data["run"]["notices"] if n["path"]}
    cells = [
        name, data["run"]["files"], data["run"]["lines"], f"{seconds:.1f}", *shown,
        levels["error"], levels["warning"], len(unread),
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def place(location: dict[str, Any] | None) -> str:
    """`path:line`, or the notebook's cell."""
    if not location or not location["path"]:
        return "(repository)"
    cell = (location.get("notebook") or {}).get("cell")
    line = (location.get("notebook") or {}).get("line") if cell else location["start"]["line"]
    return f"{location['path']}{f' cell {cell}' if cell else ''}{f':{line}' if line else ''}"


def drawn(
    lines: list[tuple[str, str]], count: int, cap: int, draw: random.Random
) -> list[tuple[str, str]]:
    """`count` of the lines at random, of each rule at most `cap` (0: as many as come)."""
    seen: Counter[str] = Counter()
    kept = []
    for rule, line in draw.sample(lines, len(lines)):
        seen[rule] += 1
        if not cap or seen[rule] <= cap:
            kept.append((rule, line))
    return kept[:count]


def sampled(reports: dict[str, dict[str, Any]], count: int, seed: int, cap: int) -> str:
    """Findings and passes drawn at random, to be read against the files."""
    findings = [
        (f["rule"], f"{name}: {f['rule']} {place(f['location'])}: {f['message']}")
        for name, data in reports.items()
        for f in data["findings"]
        if f["status"] == "new"
    ]
    passes = [
        (r["id"], f"{name}: {r['id']}: {r['reason']}")
        for name, data in reports.items()
        for r in data["rules"]
        if r["outcome"] == "pass"
    ]
    draw = random.Random(seed)  # noqa: S311 - a sample that anyone can draw again
    parts = []
    for title, lines in (("findings", findings), ("passes", passes)):
        chosen = drawn(lines, count, cap, draw)
        limit = f", at most {cap} of a rule" if cap else ""
        parts.append(f"# {len(chosen)} of {len(lines)} {title}, seed {seed}{limit}")
        parts += [f"{n}. {text}" for n, (_, text) in enumerate(chosen, 1)]
    return "\n".join(parts)


def main() -> None:
    """Print the table or the sample."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cap", type=int, default=0, help="of each rule at most so many lines")
    parser.add_argument("options", nargs="*", help="further options of `mllint check`, after --")
    given = parser.parse_args()
    reports = {}
    if not given.sample:
        print(HEAD)
    for repository in sorted(p for p in given.folder.iterdir() if p.is_dir() and p.name[0] != "."):
        data, seconds = report(repository, given.options)
        reports[repository.name] = data
        if not given.sample:
            print(row(repository.name, data, seconds), flush=True)
    if given.sample:
        print(sampled(reports, given.sample, given.seed, given.cap))


if __name__ == "__main__":
    main()
