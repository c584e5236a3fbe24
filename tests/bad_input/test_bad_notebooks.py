"""Notebooks that are none, of another age, without ids, or endless."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bad_input.conftest import Audit

UNSAFE = "unsafe-checkpoint-load"
LOAD = "import torch\ntorch.load('a.pt', weights_only=False)"
COUNTS: tuple[object, ...] = ("x", -1, 2.5, [], 10**30)
IDS: tuple[object, ...] = (1, None, [], "same", "same", "x" * 9999)
META = {"kernelspec": {"language": "python", "name": "python3"}}


def code(source: object, **more: object) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    return {**cell, "source": source, **more}


def notebook(cells: object, **more: object) -> str:
    return json.dumps(
        {"cells": cells, "metadata": META, "nbformat": 4, "nbformat_minor": 5, **more}
    )


NO_NOTEBOOKS = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "a word": "null",
    "Python": LOAD,
    "HTML": "<html></html>",
    "half": notebook([code(LOAD)])[:-20],
    "a conflict": "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> b\n",
    "deep": "[" * 100_000,
    "deep cells": '{"nbformat": 4, "cells": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "binary": "\0" * 1000,
}


def test_what_is_no_notebook_is_named(audit: Callable[..., Audit], root: Path) -> None:
    for name, text in NO_NOTEBOOKS.items():
        (root / f"{name}.ipynb").write_text(text)
    seen = audit(root)
    assert set(seen.unread) == {f"{name}.ipynb" for name in NO_NOTEBOOKS}
    assert set(seen.kinds.values()) <= {"invalid", "nesting", "encoding"}
    assert seen.sound


ODD = {
    "without cells": "{}",
    "cells that are none": notebook([1, None, "x", [], {}, {"cell_type": 3}]),
    "cells that are no list": notebook({"a": 1}),
    "odd sources": notebook([code(1), code(None), code([1, None]), code({"a": "b"})]),
    "odd counts": notebook([code("a = 1", execution_count=c) for c in COUNTS]),
    "odd outputs": notebook([code("a = 1", outputs=o) for o in (None, 1, [1], [{"data": 3}])]),
    "odd ids": notebook([code("a = 1", id=i) for i in IDS]),
    "odd metadata": notebook([code("a = 1", metadata=3)], metadata=[]),
    "odd version": notebook([code("a = 1")], nbformat="four"),
    "not a number": '{"cells": [{"cell_type": "code", "execution_count": NaN, "source": "a"}]}',
    "large number": '{"cells": [{"cell_type": "code", "execution_count": 1e999, "source": "a"}]}',
    "surrogates": notebook([code("a = '\ud800'"), {"cell_type": "markdown", "source": "\udfff"}]),
    "NUL": notebook([code("a = 1\0")]),
    "duplicate keys": '{"cells": [], "cells": 1, "metadata": {}, "metadata": 2}',
}


def test_odd_notebooks_bring_nothing_down(audit: Callable[..., Audit], root: Path) -> None:
    for name, text in ODD.items():
        (root / f"{name}.ipynb").write_text(text)
    seen = audit(root)
    assert set(seen.kinds.values()) <= {"invalid", "syntax", "encoding"}
    assert seen.sound


def test_version_three_is_read(audit: Callable[..., Audit], root: Path) -> None:
    cells = [{"cell_type": "code", "input": LOAD.splitlines(keepends=True), "prompt_number": 1}]
    text = json.dumps({"nbformat": 3, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]})
    (root / "old.ipynb").write_text(text)
    seen = audit(root)
    assert (UNSAFE, "old.ipynb") in seen.found
    assert seen.unread == {}


def test_cells_without_ids_are_told_apart(audit: Callable[..., Audit], root: Path) -> None:
    (root / "old.ipynb").write_text(notebook([code(LOAD), code("\n" + LOAD)]))
    found = [f for f in audit(root).report["findings"] if f["rule"] == UNSAFE]
    places = [f["location"]["notebook"] for f in found if f["location"]["notebook"]]
    assert [(at["cell"], at["id"], at["line"]) for at in places] == [(1, None, 2), (2, None, 3)]
    assert len({f["id"] for f in found}) == len(found)


def test_a_broken_cell_is_one_problem(audit: Callable[..., Audit], root: Path) -> None:
    (root / "a.ipynb").write_text(notebook([code("print 'a'"), code(LOAD), code("def f(:")]))
    seen = audit(root)
    cells = [n["cell"] for n in seen.report["run"]["notices"] if n["path"] == "a.ipynb"]
    assert cells == [1, 3]
    assert (UNSAFE, "a.ipynb") in seen.found


def test_cells_that_bring_parsers_down_are_named(
    measured: Callable[..., Audit], root: Path
) -> None:
    chains = [code("x = " + "+".join(["1"] * 20_000)), code("x = " + "(" * 5_000)]
    (root / "a.ipynb").write_text(notebook([*chains, code(LOAD)]))
    seen = measured(root, "-j", "1")
    assert seen.kinds == {"a.ipynb": "nesting"}
    assert (UNSAFE, "a.ipynb") in seen.found


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ten_thousand_cells_are_read(jobs: str, measured: Callable[..., Audit], root: Path) -> None:
    cells = [code(f"frame_{i} = load({i})\nprint(frame_{i})") for i in range(9_998)]
    text = notebook([code("import torch"), *cells, code("torch.load('a', weights_only=False)")])
    (root / "long.ipynb").write_text(text)
    seen = measured(root, "-j", jobs)
    assert {(UNSAFE, "long.ipynb"), ("long-notebook", "long.ipynb")} <= seen.found
    assert seen.unread == {}
    assert seen.busy < 40
    assert seen.peak < 400_000_000


def test_large_outputs_are_not_looked_through(measured: Callable[..., Audit], root: Path) -> None:
    outputs = [{"output_type": "display_data", "data": {"image/png": "a" * 8_000_000}}]
    (root / "plots.ipynb").write_text(notebook([code(LOAD, outputs=outputs)]))
    (root / "larger.ipynb").write_text(notebook([code(LOAD, outputs=outputs * 2)]))
    seen = measured(root)
    assert (UNSAFE, "plots.ipynb") in seen.found
    assert seen.kinds == {"larger.ipynb": "too-large"}
    assert seen.peak < 400_000_000
