from __future__ import annotations

import pytest

from mllint.readers.yamldoc import MAX_NODES, YamlProblem, child, get, load, texts, walk


def values(text: str, *, templated: bool = False) -> dict[str, object]:
    return {
        key: node.value
        for document in load(text, templated=templated)
        for key, _, node in walk(document)
        if node.kind == "scalar"
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0o17", 15),
        ("0xff", 255),
        ("1_000", "1_000"),
        ("1e-4", 1e-4),
        (".5", 0.5),
        ("3.10", 3.1),
        ("1.2.3", "1.2.3"),
        (".inf", ".inf"),
        ("12:30:45", "12:30:45"),
        ("2024-01-02", "2024-01-02"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("!Ref name", "name"),
        ("9" * 500, "9" * 500),
        ("-", [None]),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object) -> None:
    (document,) = load(f"k: {text}\n" if text != "-" else "k:\n-\n")
    node = get(document, "k")
    assert node is not None
    found = [n.value for n in node.list] if node.kind == "sequence" else node.value
    assert found == value
    assert type(found) is type(value)


def test_keys_stay_as_written() -> None:
    assert list(values("on: 1\nno: 2\n3.10: 3\n? [a]\n: 4\n")) == ["on", "no", "3.10", ""]


def test_lines_of_keys_and_values() -> None:
    (document,) = load("# top\na:\n  b: |\n    one\n    two\n\n\nc:\n  - x\n  - y: 1\n")
    lines = [(key, line, n.line, n.end_line) for key, line, n in walk(document) if key]
    assert lines == [
        ("a", 2, 3, 7),
        ("a.b", 3, 3, 7),
        ("c", 8, 9, 10),
        ("c[]", 9, 9, 9),
        ("c[]", 10, 10, 10),
        ("c[].y", 10, 10, 10),
    ]


def test_columns_count_code_points() -> None:
    (document,) = load("é: {ü: x}\n")
    node = get(document, "é.ü")
    assert node is not None
    assert (node.line, node.col) == (1, 8)


def test_several_documents_and_none() -> None:
    assert [get(d, "a") is not None for d in load("a: 1\n---\nb: 2\n---\na: 3\n")] == [1, 0, 1]
    assert load("") == []
    assert load("# only a comment\n") == []


def test_last_of_duplicate_keys_counts_and_both_are_kept() -> None:
    (document,) = load("a: 1\na: 2\n")
    assert [item.node.value for item in document.items] == [1, 2]
    assert texts(child(document, "a")) == ("2",)


def test_merge_keys_yield_to_own_keys_wherever_they_stand() -> None:
    text = "base: &b {x: 1, y: 2}\nmore: &m {y: 5, z: 3}\nown:\n  x: 9\n  <<: [*b, *m]\n"
    found = values(text)
    assert {k: v for k, v in found.items() if k.startswith("own")} == {
        "own.x": 9,
        "own.y": 2,
        "own.z": 3,
    }


@pytest.mark.parametrize(
    "text", ["k: !Ref a", "k: !vault |\n  a\n", "k: !reference [a, b]", "!x {k: a}"]
)
def test_unknown_tags_are_tolerated(text: str) -> None:
    node = child(load(text)[0], "k")
    assert node is not None
    assert texts(node)[0].strip() == "a"


def test_encodings() -> None:
    assert values("k: ü") == {"k": "ü"}
    for data in (b"\xef\xbb\xbfk: \xc3\xbc", "\ufeffk: ü".encode("utf-16-le")):
        assert load(data)[0].items[0].node.value == "ü"


@pytest.mark.parametrize(
    ("source", "line", "kind"),
    [
        ("a: b: c", 1, "syntax"),
        ("a: 1\nb: [1,\n", 3, "syntax"),
        ("a: 1\n\tb: 2\n", 2, "syntax"),
        ("a: 1\nb: *none\n", 2, "syntax"),
        ("a: &x [*x]\n", 1, "syntax"),
        ("a: 1\nb: \x00\n", 2, "syntax"),
        ("a: 1\nb: \x07\n", 2, "syntax"),
        ("a: \ud800\n", 0, "encoding"),
        (b"a: 1\nb: \xe9\n", 2, "encoding"),
        ("[" * 10_000, 1, "nesting"),
        ("{a: " * 10_000, 1, "nesting"),
        ("- " * 10_000, 1, "nesting"),
        ("\n".join(" " * n + "a:" for n in range(1_000)), 101, "nesting"),
        ("- 1\n" * (MAX_NODES + 1), MAX_NODES, "too-large"),
        ("#" * 4_000_001, 0, "too-large"),
    ],
)
def test_problems_have_a_line_and_a_kind(source: str | bytes, line: int, kind: str) -> None:
    with pytest.raises(YamlProblem) as caught:
        load(source)
    assert (caught.value.line, caught.value.kind) == (line, kind)
    assert caught.value.text


def test_exploding_aliases_are_refused() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 12):
        text += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n"
    with pytest.raises(YamlProblem) as caught:
        load(text)
    assert caught.value.kind == "too-large"


def test_aliases_do_not_nest_deeper_than_brackets_may() -> None:
    text = f"a0: &a0 {'[' * 60}{']' * 60}\na1: &a1 {'[' * 60}*a0{']' * 60}\n"
    with pytest.raises(YamlProblem) as caught:
        load(text)
    assert (caught.value.line, caught.value.kind) == (2, "nesting")


def test_templates_become_words_or_blanks() -> None:
    text = (
        "{% if cookiecutter.ci %}\n"
        'image: {{ .Values.image }}:{{ .Values.tag | default "x" }}\n'
        "{% endif %}\n"
        "name: '{{ cookiecutter.name }}'\n"
        '{{- include "labels" . | nindent 4 }}\n'
        "{# a\n  note #}\n"
        "last: 3\n"
    )
    found = values(text, templated=True)
    assert list(found) == ["image", "name", "last"]
    assert ".Values.image" in str(found["image"])
    (document,) = load(text, templated=True)
    assert [item.line for item in document.items] == [2, 4, 8]
