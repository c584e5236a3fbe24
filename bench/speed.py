"""Times mllint on a tree and compares it, in the same run, with libcst's parser and with ruff.

    python bench/speed.py PATH [--runs N]

PATH is copied to a temporary folder first, so that one file can be changed. Each round takes all
the commands in turn, so that a slow moment of the machine touches them alike. A ratio is the median
of the ratios within a round: of the seconds that passed, and of the processor's seconds. Needs
ruff and pathspec beside this Python, which the requirements for development bring.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

PARSE = """
import sys, libcst
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*.py"):
    try:
        libcst.parse_module(path.read_bytes())
    except Exception:
        pass
"""
LIGHT = "import click, yaml, pathspec, packaging.specifiers"
CLOCK = """
import resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - started
if done.returncode:
    sys.exit(f"exit code {done.returncode} of {sys.argv[1:]}: {done.stderr.decode()}")
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Times the command of its arguments; run without `site`, so that its own start is short."""


class Sample(NamedTuple):
    """One finished command."""

    seconds: float
    processor: float
    """Seconds of processor, those of its children included."""
    memory: float
    """Peak of any one process of it, in megabytes."""


def timed(command: list[str], environment: dict[str, str]) -> Sample:
    """Run a command to its end; a command that fails ends the benchmark, with what it said."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", CLOCK, *command],
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    if done.returncode:
        sys.exit(1)
    seconds, processor, memory = map(float, done.stdout.split())
    scale = 1 / 1024 if sys.platform != "darwin" else 1 / 1024 / 1024
    return Sample(seconds, processor, memory * scale)


def sources(root: Path) -> list[Path]:
    """The Python files of a tree, biggest last."""
    found = [p for p in root.rglob("*.py") if p.is_file() and not p.is_symlink()]
    return sorted(found, key=lambda p: p.stat().st_size)


def _below_imports(text: str) -> int:
    """The number of lines up to the last import of a module; 0 where that cannot be told."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return 0
    ends = [n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
    return max(ends, default=0)


def _fit_for_edits(files: Sequence[Path]) -> Path:
    """The file of median size, or the next one that can be parsed and imports something."""
    middle = len(files) // 2
    for path in (*files[middle:], *reversed(files[:middle])):
        if _below_imports(path.read_text("utf-8", errors="replace")):
            return path
    sys.exit("no file of the tree can be edited")


class Bench:
    """A copy of a tree, and the commands that are timed on it."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root = scratch / "tree"
        shutil.copytree(root, self.root, symlinks=True, ignore_dangling_symlinks=True)
        self.files = sources(self.root)
        self.edited = _fit_for_edits(self.files)
        self.cache = scratch / "cache"
        self.environment = {
            **os.environ,
            "MLLINT_CACHE_DIR": str(self.cache),
            "MLLINT_NO_PROGRESS": "1",
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.check = [sys.executable, "-m", "mllint", "check", str(self.root), "--exit-zero"]
        self.changes = 0
        self.written = time.time()

    def run(self, command: list[str]) -> Sample:
        """Time one command."""
        return timed(command, self.environment)

    def cold(self) -> Sample:
        """Time a run with an empty cache, of a tree in which nothing was written a moment ago.

        Files of the last two seconds are looked at again by the next run, whatever their date.
        """
        time.sleep(max(0.0, self.written + 2.5 - time.time()))
        shutil.rmtree(self.cache, ignore_errors=True)
        return self.run(self.check)

    def changed(self) -> Sample:
        """Time a run after a constant was added to one file."""
        return self.inserted("changed_{0} = {0}\n")

    def called(self) -> Sample:
        """Time a run after a call was added to one file, which rules may ask about."""
        return self.inserted("open('changed_{0}.txt')\n")

    def inserted(self, statement: str) -> Sample:
        """Time a run after a statement was added to one file, below its imports.

        All that follows it moves down a line, as in most edits.
        """
        self.changes += 1
        lines = self.edited.read_text("utf-8").splitlines(keepends=True)
        lines.insert(_below_imports("".join(lines)), statement.format(self.changes))
        self.edited.write_text("".join(lines), "utf-8")
        self.written = time.time()
        return self.run(self.check)

    def commented(self) -> Sample:
        """Time a run after a comment was put below one file: code says the same as before."""
        self.edited.write_bytes(self.edited.read_bytes() + b"\n# no more\n")
        self.written = time.time()
        return self.run(self.check)

    def round(self) -> dict[str, Sample]:
        """One sample of everything, in turn."""
        python = sys.executable
        ruff = shutil.which(
            "ruff", path=f"{Path(python).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        )
        samples = {
            "cold": self.cold(),
            "warm": self.run(self.check),
            "one changed": self.changed(),
            "one commented": self.commented(),
            "one called": self.called(),
            "libcst": self.run([python, "-c", PARSE, str(self.root)]),
            "import libcst": self.run([python, "-c", "import libcst"]),
            "import click ...": self.run([python, "-c", LIGHT]),
        }
        if ruff:
            samples["ruff"] = self.run(
                [
                    *(ruff, "check", "--isolated", "--select", "ALL", "--no-cache"),
                    *("--exit-zero", "--quiet", str(self.root)),
                ]
            )
        return samples


RATIOS = (
    ("cold", "libcst"),
    ("warm", "libcst"),
    ("cold", "ruff"),
    ("warm", "ruff"),
    ("one changed", "import libcst"),
    ("one commented", "import libcst"),
    ("one called", "import libcst"),
    ("warm", "import click ..."),
)


def main() -> None:
    """Print the table and the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options.path.resolve(), Path(scratch))
        lines = sum(path.read_bytes().count(b"\n") for path in bench.files)
        print(f"{len(bench.files)} Python files, {lines} lines; median of {options.runs} rounds")
        bench.cold()  # not counted: compiles whatever Python has not compiled yet
        rounds = [bench.round() for _ in range(options.runs)]
    for name in rounds[0]:
        seconds = median(r[name].seconds for r in rounds)
        processor = median(r[name].processor for r in rounds)
        memory = max(r[name].memory for r in rounds)
        print(
            f"{name:18} {seconds:7.2f} s  {processor:7.2f} s of processor"
            f"  {memory:5.0f} MB peak of any process"
        )
    for above, below in RATIOS:
        if below in rounds[0]:
            passed = median(r[above].seconds / r[below].seconds for r in rounds)
            used = median(r[above].processor / r[below].processor for r in rounds)
            print(f"{above + ' / ' + below:30} {passed:7.3f}    of processor {used:7.3f}")


if __name__ == "__main__":
    main()
