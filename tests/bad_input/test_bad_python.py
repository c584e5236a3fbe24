"""Python files that are none, that Python refuses, or that bring parsers down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.conftest import Audit

LOAD = "import torch\n\ntorch.load('größe.pt', weights_only=False)\n"
UNSAFE = "unsafe-checkpoint-load"
PEAK = 400_000_000
"""Bytes that no process may exceed."""


ENCODINGS = {
    "BOM": (b"\xef\xbb\xbf" + LOAD.encode(), ""),
    "latin-1": (b"# coding: latin-1\n" + LOAD.encode("latin-1"), ""),
    "cp1252": (b"# coding: cp1252\r\n" + LOAD.encode("cp1252"), ""),
    "CRLF": (LOAD.replace("\n", "\r\n").encode(), ""),
    "CR": (LOAD.replace("\n", "\r").encode(), ""),
    "form feed": (b"\x0c" + LOAD.encode(), ""),
    "no last newline": (LOAD.rstrip().encode(), ""),
    "latin-1 undeclared": (LOAD.encode("latin-1"), "encoding"),
    "UTF-16": (LOAD.encode("utf-16"), "encoding"),
    "UTF-32": (LOAD.encode("utf-32"), "encoding"),
    "unknown coding": (b"# coding: no-such\n" + LOAD.encode(), "encoding"),
    "coding of bytes": (b"# coding: zlib\n" + LOAD.encode(), "encoding"),
}


def test_text_in_any_encoding_is_read(audit: Callable[..., Audit], root: Path) -> None:
    for name, (data, _) in ENCODINGS.items():
        (root / f"{name}.py").write_bytes(data)
    seen = audit(root)
    assert seen.found >= {(UNSAFE, f"{name}.py") for name in ENCODINGS}
    assert seen.kinds == {f"{name}.py": kind for name, (_, kind) in ENCODINGS.items() if kind}


UNREADABLE = {
    "Python 2": (b"import torch\nprint 'loss', loss\n", "syntax", "is Python 2"),
    "exec": (b"exec 'import torch'\n", "syntax", "is Python 2"),
    "old except": (b"try:\n    pass\nexcept OSError, e:\n    pass\n", "syntax", ""),
    "syntax error": (b"import torch\ndef train(:\n    pass\n", "syntax", "is not valid Python"),
    "fraction": (b"rows = [0.065, ..., a=1]\n", "syntax", "is not valid Python"),
    "octal": (b"import os\nos.chmod(path, 0755)\n", "syntax", "is Python 2"),
    "indentation": (b"def f():\npass\n", "syntax", "is not valid Python"),
    "open string": (b"x = '''\n" + b"a\n" * 1000, "syntax", "is not valid Python"),
    "open bracket": (b"x = [1,\n" * 50, "syntax", "is not valid Python"),
    "conflict": (b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n", "syntax", ""),
    "Jinja": (b"import {{ package }}\n{% if x %}\ny = 1\n{% endif %}\n", "syntax", "a template"),
    "NUL": (b"import torch\nx = '\0'\n", "encoding", "NUL"),
    "all NUL": (b"\0" * 1000, "encoding", "NUL"),
    "binary": (bytes(range(256)) * 40, "encoding", ""),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), "encoding", ""),
    "HTML": (b"<!DOCTYPE html>\n<html></html>\n", "syntax", "is not valid Python"),
}


def test_what_is_not_python_is_named_with_its_reason(
    audit: Callable[..., Audit], root: Path
) -> None:
    for name, (data, _, _) in UNREADABLE.items():
        (root / f"{name}.py").write_bytes(data)
    seen = audit(root)
    assert seen.kinds == {f"{name}.py": kind for name, (_, kind, _) in UNREADABLE.items()}
    for name, (_, _, words) in UNREADABLE.items():
        assert words in seen.unread[f"{name}.py"][1]
    assert seen.sound


def test_the_report_for_people_names_what_was_not_read(
    said: Callable[..., tuple[int, str, str]], root: Path
) -> None:
    (root / "bad.py").write_text("def f(:\n")
    for option in ("-v", "--show=problems"):
        out = said("check", str(root), option)[1]
        assert "Not read  1\n" in out
        assert re.search(r"(?m)^  bad.py:1 +syntax: is not valid Python: invalid syntax$", out)
    assert "1 file not read (--show problems)" in said("check", str(root))[1]
    assert said("check", str(root), "--strict")[0] == 3


LONG = {
    "operators": "x = " + "+".join(["1"] * 20_000),
    "and": "x = " + " and ".join(["a"] * 8_000),
    "ternaries": "x = " + "1 if a else " * 3_000 + "0",
    "comparisons": "x = a" + " < a" * 8_000,
    "signs": "x = " + "-" * 20_000 + "a",
    "not": "x = " + "not " * 20_000 + "a",
    "dots": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "items": "x = a" + "[0]" * 20_000,
    "lambdas": "x = " + "lambda: " * 5_000 + "a",
    "awaits": "async def f():\n    " + "await " * 5_000 + "a",
    "loops of a list": "x = [a " + "for a in b " * 5_000 + "]",
    "parentheses": "x = " + "(" * 5_000 + ")" * 5_000,
    "brackets": "[" * 100_000,
    "braces": "x = " + "{1:" * 5_000 + "1" + "}" * 5_000,
    "continued lines": "x = 1 \\\n + 1 \\\n" * 10_000,
    "over lines": "x = (\n" + "    + 1\n" * 20_000 + ")",
}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_brings_parsers_down_is_named(
    jobs: str, measured: Callable[..., Audit], root: Path
) -> None:
    for name, text in LONG.items():
        (root / f"{name}.py").write_text(f"import torch\n{text}\n")
    seen = measured(root, "-j", jobs)
    assert seen.kinds == {f"{name}.py": "nesting" for name in LONG}
    assert seen.sound
    assert seen.busy < 30
    assert seen.peak < PEAK


def test_what_is_deep_in_other_ways_costs_one_file(
    measured: Callable[..., Audit], root: Path
) -> None:
    texts = {
        "elif": "if a:\n    pass\n" + "elif a:\n    pass\n" * 5_000,
        "blocks": "".join(f"{' ' * i}if a:\n" for i in range(1_000)) + " " * 1_000 + "pass\n",
        "functions": "".join(f"{' ' * i}def f():\n" for i in range(95)) + " " * 95 + "pass\n",
        "f-string": "x = f'{" + "+".join(["1"] * 20_000) + "}'",
        "f-strings": "x = " + "f'{" * 90 + "1" + "}'" * 90,
        "targets": "x = " * 20_000 + "a",
        "decorators": "@a\n" * 20_000 + "def f(): pass\n",
        "strings": "x = (" + "'a' " * 20_000 + ")",
        "with": "with " + "a, " * 20_000 + "a:\n    pass\n",
        "except": "try:\n    pass\n" + "except a:\n    pass\n" * 10_000,
        "parameters": "def f(" + ", ".join(f"a{i}" for i in range(20_000)) + "): pass\n",
        "digits": "x = " + "9" * 100_000 + "\n",
    }
    for name, text in texts.items():
        (root / f"{name}.py").write_text(f"import torch\n{text}\n")
    seen = measured(root)
    assert set(seen.unread) <= {f"{name}.py" for name in texts}
    assert set(seen.kinds.values()) <= {"nesting", "syntax", "crashed", "timeout", "too-large"}
    assert seen.sound
    assert seen.peak < PEAK


UNGUARDED = """
import mllint.pool
mllint.pool.Pool.__init__.__defaults__ = (2, *mllint.pool.Pool.__init__.__defaults__[1:])
mllint.pool._START = mllint.pool._START.replace("from mllint.worker", '''
import libcst, os, mllint.readers.python.syntax as syntax
parsed = syntax._parsed

def unguarded(text):
    if "this kills" in text:
        os.kill(os.getpid(), 11)
    libcst.parse_module(text)
    return parsed(text)

syntax.danger = lambda text: ""
syntax._parsed = unguarded
from mllint.worker''')
"""
"""Takes the guard from the workers, and gives all to libcst, which dies or is still busy in 2 s."""


def test_a_parser_that_dies_costs_one_file(measured: Callable[..., Audit], root: Path) -> None:
    """`tests/test_pool.py` does so with one worker and with several."""
    texts = {"chain": LONG["operators"], "and": LONG["and"], "signal": "x = 'this kills'"}
    for name, text in texts.items():
        (root / f"{name}.py").write_text(f"import torch\n{text}\n")
    (root / "second.py").write_bytes((root / "sound.py").read_bytes())
    seen = measured(root, "-j", "1", code=UNGUARDED)
    assert set(seen.unread) == {f"{name}.py" for name in texts}
    assert set(seen.kinds.values()) <= {"crashed", "timeout", "nesting"}
    assert seen.unread["signal.py"] == ("crashed", "the parser died (SIGSEGV)")
    assert {(UNSAFE, "second.py"), (UNSAFE, "sound.py")} <= seen.found
    assert seen.busy < 40


def test_chains_within_strings_are_as_dangerous(measured: Callable[..., Audit], root: Path) -> None:
    """A Python before 3.12 does not know these files; a newer one has to read them by itself."""
    for name in ("operators", "and", "parentheses"):
        text = f"type Row = dict[str, int]\nx = f'{{{LONG[name][4:]}}}'\n"
        (root / f"{name}.py").write_text(text)
    seen = measured(root)
    assert seen.sound
    assert set(seen.kinds.values()) <= {"nesting", "syntax"}
    assert seen.busy < 30


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_large_files_cost_little(jobs: str, measured: Callable[..., Audit], root: Path) -> None:
    with (root / "large.py").open("wb") as file:
        file.writelines([b"x = 1\n" * 10_000] * 834)
    (root / "string.py").write_text("import torch\nx = '" + "a" * 5_000_000 + "'\n")
    (root / "list.py").write_text("import torch\nx = [" + "1, " * 1_600_000 + "]\n")
    (root / "comment.py").write_text("import torch\n#" + " torch" * 800_000 + "\n")
    (root / "name.py").write_text("import torch\nf(" + "a" * 5_000_000 + ")\n")
    (root / "spaces.py").write_text("import torch\nx = " + " " * 5_000_000 + "1\n")
    (root / "lines.py").write_text("x = 1\n" * 200_000)
    seen = measured(root, "-j", jobs)
    assert seen.unread["large.py"] == ("too-large", "50.0 MB; the limit is 10 MB")
    assert seen.kinds == dict.fromkeys(("large.py", "list.py", "lines.py"), "too-large")
    assert seen.sound
    assert seen.busy < 30
    assert seen.peak < PEAK
