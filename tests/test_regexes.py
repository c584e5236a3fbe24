"""Patterns that are compiled late: the same as others, and all of those of the checks are sound."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from mllint.regexes import regex

ALL = """
import importlib, pkgutil, re
import mllint.regexes
made = []
def at_once(text, flags=0):
    made.append(re.compile(text, flags))
    return made[-1]
mllint.regexes.regex = at_once
import mllint.checks
for one in pkgutil.iter_modules(mllint.checks.__path__):
    importlib.import_module(f"mllint.checks.{one.name}")
print(len(made))
"""


def test_it_is_as_a_pattern_that_is_compiled_at_once() -> None:
    late, plain = regex("(a+)b", re.IGNORECASE), re.compile("(a+)b", re.IGNORECASE)
    for _ in range(2):  # the second time it is there
        assert late.sub(r"\1", "xAABab") == plain.sub(r"\1", "xAABab")
        found = late.fullmatch("Ab")
        assert found is not None
        assert found[1] == "A"
    assert (late.pattern, late.flags) == (plain.pattern, plain.flags)


def test_nothing_is_compiled_before_it_is_used() -> None:
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.search("")
    with pytest.raises(AttributeError):
        _ = regex("a").nothing  # type: ignore[attr-defined]


def test_every_pattern_of_the_checks_can_be_compiled() -> None:
    done = subprocess.run([sys.executable, "-c", ALL], capture_output=True, check=False, text=True)
    assert done.stderr == ""
    assert int(done.stdout) > 300
