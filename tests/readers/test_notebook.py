from __future__ import annotations

import json
import time
from typing import Any

import pytest

from mllint.facts import Cell, Facts, Known
from mllint.readers.notebook import read

KNOWN = Known(frozenset({"torch"}), frozenset({"fit"}))


def code(source: str | list[str], count: int | None = None, **more: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": count}
    return {**cell, "outputs": [], "source": source, **more}


def text(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def facts(*cells: dict[str, Any], indent: int | None = 1, **metadata: Any) -> Facts:
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return read("eda.ipynb", json.dumps(book, indent=indent).encode(), KNOWN)


def test_cells_share_their_names() -> None:
    found = facts(
        code("import torch\nSEED = 7"),
        text("Some words."),
        code(["net = torch.nn.ReLU()\n", "torch.f(SEED)"], id="abc"),
        code("net.fit()"),
    )
    calls = found.rows["call"]
    assert [call.name for call in calls] == ["torch.nn.ReLU", "torch.f", "torch.nn.ReLU().fit"]
    assert calls[1].args[0].const == 7
    assert [call.at.line for call in calls] == [1, 2, 1]
    assert [call.at.cell.index for call in calls] == [3, 3, 4]
    assert [call.at.cell.code for call in calls] == [2, 2, 3]
    assert [call.at.cell.id for call in calls] == ["abc", "abc", ""]
    assert str(calls[1].at) == "eda.ipynb cell 3:2:1"
    assert {value.cell for value in found.values} == {3, 4}


def test_a_function_sees_what_later_cells_define() -> None:
    found = facts(
        code("def run():\n    net.fit()"),
        code("import torch\nnet = torch.nn.ReLU()"),
        code("run()"),
    )
    names = [call.name for call in found.rows["call"]]
    assert names == ["torch.nn.ReLU", ".run", "torch.nn.ReLU().fit"]


@pytest.mark.parametrize("indent", [1, 2, None])
def test_places_name_the_line_of_the_file(indent: int | None) -> None:
    book = {
        "cells": [
            text(["# A\n", "b"]),
            code(["import torch\n", "\n", "x = (1,\n", "  torch.f('\\n\"source\": [')\n", ")"]),
            code("torch.g()\ntorch.h()"),
            code(["torch.", "i()\ntorch.j()\n", "torch.k()"]),
        ],
        "metadata": {},
    }
    raw = json.dumps(book, indent=indent)
    found = read("eda.ipynb", raw.encode(), KNOWN)
    lines = raw.split("\n")
    assert len(found.rows["call"]) == 6
    for call in found.rows["call"]:
        method = call.name.rpartition(".")[2]
        line = lines[call.at.cell.raw - 1]
        assert "torch." in line
        assert f"{method}(" in line or method == "i"


def test_a_notebook_on_one_line_has_raw_line_one() -> None:
    found = facts(code(["import torch\n", "torch.f()"]), indent=None)
    assert found.rows["call"][0].at.cell == Cell(1, 1, "", 1)


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("%matplotlib inline\ntorch.f()", ["torch.f"]),
        ("torch.f()\n!pip install x", ["torch.f"]),
        ("if a:\n    !pip install x\ntorch.f()", ["torch.f"]),
        ("files = !ls\ntorch.f()", ["torch.f"]),
        ("x = %time torch.g()\ntorch.f()", ["torch.f"]),
        ("%time x = torch.f()", ["torch.f"]),
        ("%timeit -n 10 -r3 torch.f()", ["torch.f"]),
        ("%timeit for a in b: pass\ntorch.f()", ["torch.f"]),
        ("%%time\ntorch.f()", ["torch.f"]),
        ("\n%%capture out\ntorch.f()\n!ls", ["torch.f"]),
        ("%%bash\ntorch.f()", []),
        ("%%html\n<b>", []),
        ("%%writefile a.py\ntorch.f()", []),
        ("%%somemagic\ntorch.f()", []),
        ("torch?\ntorch.f()", ["torch.f"]),
        ("?torch.g\ntorch.g??\ntorch.f()", ["torch.f"]),
        ("pip install x\ntorch.f()", ["torch.f"]),
        ("cd ..\ntorch.f()", ["torch.f"]),
        ("ls = torch.f()", ["torch.f"]),
        ("x = '''\n!ls\n%cd\n'''\ntorch.f()", ["torch.f"]),
        ("x = (a\n % b)\ntorch.f()", ["torch.f"]),
        ("  torch.f()\n  torch.f()", ["torch.f", "torch.f"]),
        ("!wget a \\\n  b\ntorch.f()", ["torch.f"]),
        ("await torch.f()", ["torch.f"]),
        ("", []),
        ("# only a comment?", []),
    ],
)
def test_magics_are_taken_out(source: str, calls: list[str]) -> None:
    found = facts(code("import torch"), code(source))
    assert [call.name for call in found.rows.get("call", ())] == calls
    assert found.problems == []


@pytest.mark.parametrize(
    ("source", "line", "col"),
    [
        ("!ls\ntorch.f()", 2, 1),
        ("%time torch.f()", 1, 7),
        ("%timeit -n 10 torch.f()", 1, 15),
        ("if a:\n    %time torch.f()", 2, 11),
        ("%%time\n\ntorch.f()", 3, 1),
        ("  x = 1\n  torch.f()", 2, 3),
    ],
)
def test_lines_and_columns_are_those_of_the_cell(source: str, line: int, col: int) -> None:
    found = facts(code("import torch"), code(source))
    at = found.rows["call"][0].at
    assert (at.line, at.col) == (line, col)


@pytest.mark.parametrize(
    ("source", "commands"),
    [
        ("!pip install x==1", [(1, "pip install x==1")]),
        ("%pip install x", [(1, "pip install x")]),
        ("%conda install x", [(1, "conda install x")]),
        ("pip install x", [(1, "pip install x")]),
        ("!wget a \\\n    b\n!ls", [(1, "wget a b"), (3, "ls")]),
        ("files = !ls data", [(1, "ls data")]),
        ("if colab:\n    import os\n    %pip install x", [(3, "pip install x")]),
        ("%run train.py --epochs 3", [(1, "python train.py --epochs 3")]),
        ("run train.py", [(1, "python train.py")]),
        ("%%bash\n# comment\nmake data \\\n  all\n\nls", [(3, "make data all"), (6, "ls")]),
        ("%%sh\nls\nmake \\", [(2, "ls"), (3, "make")]),
        ("%%html\nls", []),
        ("%matplotlib inline", []),
    ],
)
def test_shell_lines_are_rows(source: str, commands: list[tuple[int, str]]) -> None:
    rows = facts(text("words"), code(source)).rows.get("target", ())
    assert [(row.at.line, *row.commands) for row in rows] == commands
    assert [(row.tool, row.name) for row in rows] == [("notebook", "cell 2")] * len(rows)


def test_environment_variables_are_assigned() -> None:
    found = facts(code("x = 1\n%env PYTHONHASHSEED=0"))
    row = found.rows["assign"][-1]
    assert (row.target, row.known, row.const, row.at.line) == (
        "os.environ[PYTHONHASHSEED]",
        True,
        "0",
        2,
    )


def test_a_broken_cell_is_one_problem() -> None:
    found = facts(code("import torch"), code("x = 1\ny = ="), code("torch.f()"))
    (problem,) = found.problems
    assert (problem.kind, problem.line, problem.cell) == ("syntax", 2, 2)
    assert [call.name for call in found.rows["call"]] == ["torch.f"]


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (b"", "empty", 0),
        (b"  \n", "empty", 0),
        (b"[1]", "no object", 1),
        (b'{"a": 1}', "no cells", 0),
        (b'{\n "cells": [\n', "Expecting", 3),
        (b'{\n "cells": [{]}', "Expecting", 2),
        (b'{"cells": []} x', "Extra data", 1),
        (b'{"cells": [], "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nests too deep", 0),
        (b'{"cells": [], "a": ' + b"1" * 10_000 + b"}", "Number too long", 1),
        (b"<html>", "no object", 1),
    ],
)
def test_what_is_no_notebook_is_one_problem(data: bytes, words: str, line: int) -> None:
    found = read("eda.ipynb", data, KNOWN)
    (problem,) = found.problems
    assert (problem.kind, problem.line) == ("invalid", line)
    assert words in problem.text
    assert found.rows == {}


@pytest.mark.parametrize(
    "cells",
    [
        '{"cells": {"a": 1}, "metadata": []}',
        '{"cells": [1, "a", null, {"cell_type": 3, "source": 4, "outputs": {}}]}',
        '{"cells": [{"cell_type": "code", "source": [1, null, "x = 1"], "outputs": [1]}]}',
        '{"cells": [{"cell_type": "code"}], "metadata": {"kernelspec": 3, "language_info": []}}',
        '{"worksheets": [{"cells": [{"cell_type": "code", "input": null}]}, 3]}',
        '{"cells": [], "cells": []}',
    ],
)
def test_odd_json_is_survived(cells: str) -> None:
    found = read("eda.ipynb", cells.encode(), KNOWN)
    assert found.problems == []
    assert len(found.rows["notebook"]) == 1


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    data = rb"""{"cells": [
        {"cell_type": "markdown", "source": "# \ud800 \ud83e\udd16", "id": "\ud800"},
        {"cell_type": "code", "source": "x = '\ud800'"}],
        "metadata": {"kernelspec": {"name": "\udfff"}}}"""
    found = read("eda.ipynb", data, KNOWN)
    assert found.problems == []
    (heading,) = found.rows["heading"]
    assert heading.text == "? \N{ROBOT FACE}"
    assert found.rows["notebook"][0].kernel == "?"
    assert found.rows["assign"][0].const == "?"


def test_version_three() -> None:
    book = {
        "metadata": {"name": "a"},
        "nbformat": 3,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": ["Title"]},
                    {
                        "cell_type": "code",
                        "input": ["import torch\n", "torch.f()"],
                        "prompt_number": 3,
                        "language": "python",
                        "outputs": [{"output_type": "pyerr"}],
                    },
                    {"cell_type": "code", "input": "torch.g()", "prompt_number": 1, "outputs": []},
                ]
            }
        ],
    }
    found = read("eda.ipynb", json.dumps(book, indent=1).encode(), KNOWN)
    assert [call.name for call in found.rows["call"]] == ["torch.f", "torch.g"]
    (row,) = found.rows["notebook"]
    assert (row.cells, row.code_cells, row.markdown_cells, row.errors) == (3, 2, 1, 1)
    assert (row.in_order, row.disorder) == (False, (3,))
    assert [(heading.text, heading.level) for heading in found.rows["heading"]] == [("Title", 2)]


@pytest.mark.parametrize(
    ("counts", "in_order", "from_one", "disorder"),
    [
        ([], None, None, ()),
        ([None, None], None, None, ()),
        ([4], None, None, ()),
        ([1, 2, 3], True, True, ()),
        ([1, None, 2], True, True, ()),
        ([1, 0, 3], True, False, ()),
        ([0, 0], None, None, ()),
        ([2, 3], True, False, ()),
        ([1, 3], True, False, ()),
        ([1, 1], False, False, ()),
        ([3, 1, 2, 4], False, False, (2, 3)),
    ],
)
def test_the_order_of_execution(
    counts: list[int | None],
    in_order: bool | None,
    from_one: bool | None,
    disorder: tuple[int, ...],
) -> None:
    (row,) = facts(*(code("x = 1", count) for count in counts)).rows["notebook"]
    assert (row.in_order, row.from_one, row.disorder) == (in_order, from_one, disorder)


def test_the_row_of_a_notebook() -> None:
    output = {"output_type": "stream", "text": "a" * 100}
    found = facts(
        text("# Title"),
        code("import torch\n# comment\n\ndef f():\n    pass", 1, outputs=[output]),
        code("class A: pass\nx = f()\ny = 1", 2, outputs=[output, {"output_type": "error"}]),
        code("", None),
        kernelspec={"name": "python3", "language": "python"},
        language_info={"name": "python", "version": "3.11.4"},
    )
    (row,) = found.rows["notebook"]
    assert row.output_bytes > 200
    assert row._replace(output_bytes=0)[1:] == (
        4, 3, 1, 1, 2, True, True, 2, 0, 1, 6, 3, 2, "3.11.4", "python3", "python", (), (3,)
    )  # fmt: skip
    (python,) = found.rows["python"]
    assert (python.spec, python.source) == ("3.11.4", "notebook")
    (module,) = found.rows["module"]
    assert (module.name, module.defines, module.parsed) == ("eda", 2, "full")


def test_headings_with_the_words_below_them() -> None:
    found = facts(
        text("intro words\n# One\ntwo words\n## Sub *x*\nthree more words\n```\n# no heading\n```"),
        code("x = 1"),
        text(["<h2 align=center>Other <b>one</b></h2>\n", "a\n", "Last\n", "====\n", "b c"]),
    )
    rows = [(h.text, h.level, h.words, h.at.line, h.at.cell.index) for h in found.rows["heading"]]
    assert rows == [
        ("One", 1, 9, 2, 1),
        ("Sub *x*", 2, 6, 4, 1),
        ("Other one", 2, 1, 1, 3),
        ("Last", 1, 2, 3, 3),
    ]


@pytest.mark.parametrize("language", ["R", "julia", "scala"])
def test_other_languages_are_not_read_as_python(language: str) -> None:
    found = facts(code("x <- 1"), language_info={"name": language})
    assert not found.problems
    assert "call" not in found.rows
    assert found.rows["notebook"][0].language == language.lower()


def test_suppressions() -> None:
    found = facts(
        text("x", metadata={"mllint": {"ignore": ["a-b"], "reason": "y", "until": "2030-01-01"}}),
        code("# mllint: file-ignore[c-d] all\nx = 1"),
        code("# mllint: file-ignore[e-f] too late\ny = 1  # mllint: ignore[g-h] here"),
        code("z = 1", metadata={"mllint": {"ignore": "i-j"}}),
        code("z = 1", metadata={"mllint": 3}),
        text("Some words.\n<!-- mllint: ignore[m-n] so -->"),
        mllint={"ignore": ["k-l"], "reason": "all"},
    )  # fmt: skip
    told = {
        (i.rules, i.scope, i.at.cell.index if i.at.cell else 0, i.reason, i.until)
        for i in found.ignores
    }
    assert told == {
        (("a-b",), "cell", 1, "y", "2030-01-01"),
        (("c-d",), "file", 2, "all", ""),
        (("e-f",), "misplaced", 3, "too late", ""),
        (("g-h",), "line", 3, "here", ""),
        (("i-j",), "cell", 4, "", ""),
        (("k-l",), "file", 0, "all", ""),
        (("m-n",), "cell", 6, "so", ""),
    }


def test_ten_thousand_cells() -> None:
    cells = [code(f"x{i} = torch.f({i})", i) for i in range(10_000)]
    data = json.dumps({"cells": [code("import torch"), *cells], "metadata": {}}, indent=1).encode()
    start = time.process_time()
    found = read("eda.ipynb", data, KNOWN)
    assert time.process_time() - start < 20
    assert len(found.rows["call"]) == 10_000
    assert found.rows["call"][-1].at.cell.code == 10_001


def test_a_cell_that_means_to_fail_has_not_failed() -> None:
    error = {"output_type": "error"}
    meant = {**code("int('a')", 1, outputs=[error]), "metadata": {"tags": ["raises-exception"]}}
    (row,) = facts(meant, code("int('b')", 2, outputs=[error])).rows["notebook"]
    assert (row.errors, row.failed) == (2, (2,))


@pytest.mark.parametrize("kind", [{}, [], None, 1])
def test_an_output_of_an_odd_kind_is_no_error(kind: object) -> None:
    (row,) = facts(code("f()", 1, outputs=[{"output_type": kind}, kind])).rows["notebook"]
    assert (row.errors, row.failed) == (0, ())
