from __future__ import annotations

import time
from typing import Any

import pytest

from mllint.facts import Facts, Known, Prose
from mllint.readers.prose import MAX_TEXT, read

NOTHING = Known(frozenset(), frozenset())


def facts(path: str, text: str | bytes) -> Facts:
    return read(path, text.encode() if isinstance(text, str) else text, NOTHING)


def headings(path: str, text: str) -> list[tuple[int, str, int, int]]:
    rows = facts(path, text).rows.get("heading", ())
    return [(r.at.line, r.text, r.level, r.words) for r in rows]


def links(path: str, text: str) -> list[tuple[str, str, bool]]:
    return [(r.target, r.text, r.image) for r in facts(path, text).rows.get("link", ())]


def fences(path: str, text: str) -> list[tuple[int, str, str, str]]:
    rows = facts(path, text).rows.get("fence", ())
    return [(r.at.line, r.language, r.text, r.heading) for r in rows]


def whole(path: str, text: str) -> Prose:
    row: Any = facts(path, text).rows["prose"][0]
    assert isinstance(row, Prose)
    return row


MARKDOWN = """\
# The *Tool* [![b](i.svg)](u)

One two three.

Set up
------

```bash
pip install it
```

### Deeper ###

four `five` <!-- six -->

Use
===
seven
<h2 align="center">
  Last <b>one</b>
</h2>
eight
"""


def test_headings_of_markdown_with_the_words_below_them() -> None:
    assert headings("README.md", MARKDOWN) == [
        (1, "The Tool", 1, 8),
        (5, "Set up", 2, 5),
        (12, "Deeper", 3, 2),
        (16, "Use", 1, 2),
        (19, "Last one", 2, 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "#no space",
        "a\n\n---\nb",
        "- item\n---\n",
        "| a |\n---\n",
        "```\n# code\n```",
        "    # code",
        "> quote\n---",
    ],
)
def test_what_is_no_heading(text: str) -> None:
    assert headings("a.md", text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a b](x.md)", [("x.md", "a b", False)]),
        ('[a](<x y.md> "t")', [("x y.md", "a", False)]),
        ('[a](x.md "t") and ![alt](p.png)', [("p.png", "alt", True), ("x.md", "a", False)]),
        ("[![alt](b.svg)](ci)", [("b.svg", "alt", True), ("ci", "", False)]),
        ("[w](https://h.example/a_(b))", [("https://h.example/a_(b)", "w", False)]),
        (
            "[a][r] [r] [n]\n\n[r]: http://h.example/r 'x'",
            [("http://h.example/r", "a", False), ("http://h.example/r", "r", False)],
        ),
        ("[![alt][b]][r]\n\n[r]: /r\n[b]: /b", [("/b", "alt", True), ("/r", "", False)]),
        (
            "<https://h.example/x> https://h.example/y.",
            [("https://h.example/x", "", False), ("https://h.example/y", "", False)],
        ),
        ('<a href="z"><img width=1 src="i.png"></a>', [("i.png", "", True), ("z", "", False)]),
        ("```\n[a](x)\n```", []),
        ("<!-- [a](x) -->", []),
        ("[^1]: note", []),
    ],
)
def test_links_of_markdown(text: str, found: list[tuple[str, str, bool]]) -> None:
    assert links("a.md", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# H\n```python\nx\n\ny\n```\n", [(2, "python", "x\n\ny", "H")]),
        ("~~~~ {.Bash}\na\n~~~\n~~~~", [(1, "bash", "a\n~~~", "")]),
        ("1. step\n   ```sh\n   run\n   ```\n", [(2, "sh", "   run", "")]),
        ("- ```\n  run\n  ```\n", [(1, "", "  run", "")]),
        ("text\n\n    indented\n\n    more\n\ntext", [(3, "", "indented\n\nmore", "")]),
        ("- item\n\n    not code\n", []),
        ("text\n    not code\n", []),
        ("```\nnever closed\n", [(1, "", "never closed", "")]),
        ("`a` ``` b", []),
    ],
)
def test_code_blocks_of_markdown(text: str, found: list[tuple[int, str, str, str]]) -> None:
    assert fences("a.md", text) == found


def test_the_whole_text() -> None:
    row = whole("README.md", MARKDOWN)
    assert (row.title, row.words) == ("The Tool", 10)
    assert row.text == "the tool one two three. set up deeper four five use seven last one eight"
    assert whole("a.md", "just\ntext").title == "just"
    assert whole("a.md", "").title == ""
    assert len(whole("a.md", "word " * 10_000).text) == MAX_TEXT


def test_front_matter() -> None:
    text = "---\nlicense: mit\ntags:\n- a\nmodel-index:\n- name: x\n---\n# Card\n"
    rows = facts("README.md", text).rows["setting"]
    assert [(r.at.line, r.key, r.value, r.format) for r in rows] == [
        (2, "license", "mit", "front-matter"),
        (4, "tags[]", "a", "front-matter"),
        (6, "model-index[].name", "x", "front-matter"),
    ]
    assert headings("README.md", text) == [(8, "Card", 1, 0)]


@pytest.mark.parametrize("text", ["---\n: : a: [\n---\nx", "---\nnever closed\n", "---\n---\n"])
def test_what_only_looks_like_front_matter(text: str) -> None:
    found = facts("a.md", text)
    assert "setting" not in found.rows
    assert list(found.problems) == []


RST = """\
=====
Title
=====

.. image:: logo.png
   :width: 10

Intro with `a link <http://h.example/a>`_ and named_ and :ref:`other <x>`.

Install
-------

Run this::

    pip install it

.. code-block:: python
   :linenos:

   import it

.. a comment
   # not said

Deeper
~~~~~~
word

.. note:: Take care.

.. _named: http://h.example/n
"""


def test_restructured_text() -> None:
    assert headings("a.rst", RST) == [
        (2, "Title", 1, 18),
        (10, "Install", 2, 10),
        (25, "Deeper", 3, 3),
    ]
    assert links("a.rst", RST) == [
        ("logo.png", "", True),
        ("http://h.example/a", "a link", False),
        ("http://h.example/n", "named", False),
    ]
    assert fences("a.rst", RST) == [
        (13, "", "pip install it", "Install"),
        (17, "python", "import it", "Install"),
    ]
    assert "not said" not in whole("a.rst", RST).text


ORG = """\
#+title: Title
#+author: nobody

* Set-up
Say =pip install it= here, see [[file:b.org][more]].

#+begin_src sh
* no heading
#+end_src

** Deeper

: run it
"""
ADOC = """\
= Title

== Set-up

Say `pip install it` here, see link:b.adoc[more].

[source,sh]
----
== no heading
----
"""


def test_org_and_asciidoc() -> None:
    assert [h[:3] for h in headings("a.org", ORG)] == [
        (1, "Title", 1),
        (4, "Set-up", 1),
        (11, "Deeper", 2),
    ]
    assert links("a.org", ORG) == [("b.org", "more", False)]
    assert fences("a.org", ORG) == [
        (7, "sh", "* no heading", "Set-up"),
        (13, "", "run it", "Deeper"),
    ]
    assert [h[:3] for h in headings("a.adoc", ADOC)] == [(1, "Title", 1), (3, "Set-up", 2)]
    assert links("a.adoc", ADOC) == [("b.adoc", "more", False)]
    assert fences("a.adoc", ADOC) == [(8, "sh", "== no heading", "Set-up")]


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("LICENSE", "\nMIT License\n\nPermission ...", "MIT License"),
        ("COPYING.txt", "GNU\n===\n", "GNU"),
        ("CITATION.cff", "cff-version: 1.2.0\ntitle: T\n", "cff-version: 1.2.0"),
        ("CONTRIBUTING", "Contributing\n===\nhello", "Contributing"),
    ],
)
def test_other_documents(path: str, text: str, title: str) -> None:
    assert whole(path, text).title == title


def test_citation_gives_settings() -> None:
    rows = facts("CITATION.cff", "cff-version: 1.2.0\ntitle: T\n").rows["setting"]
    assert [(r.at.line, r.key, r.value) for r in rows] == [
        (1, "cff-version", "1.2.0"),
        (2, "title", "T"),
    ]


@pytest.mark.parametrize(
    "path", ["license_plate.py", "readme.html", "contributing.png", "license.json"]
)
def test_files_that_only_have_the_name(path: str) -> None:
    assert dict(facts(path, "# x\n").rows) == {}


def test_binary_data_is_a_problem() -> None:
    assert [p.kind for p in facts("README", b"\x7fELF\0\0").problems] == ["encoding"]


def test_suppressions() -> None:
    text = """\
<!-- mllint: file-ignore[rule-a] all of it -->
# T
<!-- mllint: ignore[rule-b]
why -->
one
two

three <!-- mllint: ignore[rule-c] x -->
<!-- mllint: file-ignore[rule-d] too late -->
"""
    found = facts("README.md", text).ignores
    assert [(i.rules, i.scope, i.first, i.last) for i in found] == [
        (("rule-a",), "file", 0, 0),
        (("rule-b",), "statement", 3, 6),
        (("rule-c",), "line", 8, 8),
        (("rule-d",), "misplaced", 0, 0),
    ]
    (rst,) = facts("a.rst", ".. mllint: ignore[rule-a] why\n\ntext\n").ignores
    assert (rst.rules, rst.first, rst.last) == (("rule-a",), 1, 3)


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "![" * 100_000, "(" * 100_000, "`" * 100_000, "<" * 100_000, "*" * 200_000,
     "[a](" * 50_000, "# " * 50_000, "<!-- " * 50_000, "> " * 50_000, "[a][b]" * 30_000,
     "_a" * 100_000, "[x](" + "y" * 90_000, "# a" + " " * 90_000 + "b", "`" + " " * 90_000,
     "<h1>" * 30_000, "```\n" * 20_000, "<h1>\n" * 5_000, "<a " * 50_000, "[x](y" + "(" * 50_000,
     "- " * 100_000, "a\n===\n" * 20_000, "link:a[" * 90_000, "=a" * 100_000, "~a =" * 90_000,
     "[[a" * 90_000, ("link:a[" * 2_800 + "\n") * 20, ("=a ~" * 4_900 + "\n") * 20],
)  # fmt: skip
@pytest.mark.parametrize("path", ["a.md", "a.rst", "a.org", "a.adoc"])
def test_hostile_texts_are_quick(path: str, text: str) -> None:
    start = time.process_time()
    facts(path, text)
    assert time.process_time() - start < 3
