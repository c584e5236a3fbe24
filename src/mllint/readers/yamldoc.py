"""YAML as plain nodes that know their lines; the one place that touches a YAML parser.

Knows YAML's syntax and its traps (bombs, booleans, templates), nothing of what a file means.
Scalars follow the YAML 1.2 core schema, so `on:` stays a string and `1e-4` is a number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from mllint.facts import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Const

MAX_DEPTH = 100
MAX_NODES = 200_000
"""Nodes of a document after its aliases are expanded."""
MAX_CHARACTERS = 4_000_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_WORDS: dict[str, Const] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?\Z")
_TEMPLATE = re.compile(
    r"\{\{(?:(?!\{\{).){0,1000}?\}\}|\{%(?:(?!\{%).){0,1000}?%\}|\{#(?:(?!\{#).){0,5000}?#\}",
    re.DOTALL,
)
_NOT_WORD = re.compile(r"[^\w.\n]", re.ASCII)
_NOT_NEWLINE = re.compile(r"[^\n]")


class Unreadable(Exception):  # noqa: N818 - it becomes a Problem of the report
    """A text that cannot be read: the 1-based line, what is wrong, and the kind of `Problem`."""

    def __init__(self, line: int, text: str, kind: str = "syntax") -> None:
        super().__init__(line, text, kind)
        self.line = line
        self.text = text
        self.kind = kind

    def rows(self, path: str) -> tuple[Problem, ...]:
        """The problem as a row; none for a file in a folder whose name is a template."""
        return () if "{{" in path else (Problem(path, self.kind, self.text, self.line),)


class YamlProblem(Unreadable):
    """YAML that cannot be read."""


class Item(NamedTuple):
    """One entry of a mapping; `line` is the line of its key."""

    key: str
    """As written, quotes apart; "" for a key that is a list or a mapping."""
    line: int
    node: Node


class Node(NamedTuple):
    """A scalar, mapping or sequence."""

    kind: str
    """scalar, mapping or sequence."""
    line: int
    col: int
    end_line: int
    """The last line that holds some of it."""
    value: Const = None
    """None, bool, int, float or str of a scalar; infinities and NaN stay strings."""
    items: tuple[Item, ...] = ()
    """Entries of a mapping, merged ones first, duplicate keys kept; the last one counts."""
    list: tuple[Node, ...] = ()
    tag: str = ""
    """A tag that is not of YAML itself, such as `!Ref`."""
    style: str = ""
    """Of a scalar: `|`, `>`, `'`, `"`, or "" for a plain one; a block's text starts below it."""
    raw: str = ""
    """The text of a scalar as written, quotes apart: "3.10" where `value` is 3.1."""


class _Frame:
    """A collection that is still open."""

    __slots__ = ("anchor", "children", "height", "key", "mapping", "size", "start", "tag")

    def __init__(self, event: Any, *, mapping: bool) -> None:
        self.mapping = mapping
        self.anchor: str | None = event.anchor
        self.tag = _custom(event.tag)
        self.start = event.start_mark
        self.children: list[Any] = []
        self.key: Node | None = None
        self.size = 1
        self.height = 1

    def add(self, node: Node, size: int, height: int) -> None:
        self.size += size
        self.height = max(self.height, height + 1)
        if not self.mapping:
            self.children.append(node)
        elif self.key is None:
            self.key = node
        else:
            self.children.append(Item(self.key.raw, self.key.line, node))
            self.key = None


class _Built(NamedTuple):
    node: Node
    size: int
    height: int


def load(source: str | bytes, *, templated: bool = False) -> list[Node]:
    """The documents of a YAML text; an empty text has none.

    With `templated`, Jinja and Go templates are put out of the way first: a `{{ x }}` becomes a
    word of the same length, and what stands alone on its lines becomes blank.
    Raises YamlProblem.
    """
    return list(_load(source, templated))


def load_even_templated(source: str | bytes) -> list[Node]:
    """As `load`, and once more as a template where a text with templates does not parse."""
    try:
        return load(source)
    except YamlProblem as problem:
        try:
            if not has_templates(decode(source)):
                raise
            return load(source, templated=True)
        except YamlProblem:
            raise problem from None


@lru_cache(maxsize=2)
def _load(source: str | bytes, templated: bool) -> tuple[Node, ...]:
    # Several readers look at the same file one after the other; hence the cache.
    text = decode(source)
    if len(text) > MAX_CHARACTERS:
        raise YamlProblem(0, f"more than {MAX_CHARACTERS:,} characters of YAML", "too-large")
    if templated:
        text = without_templates(text)
    try:
        return tuple(_documents(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(mark.line + 1 if mark else 0, error.problem or "not YAML") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlProblem(line, f"character U+{_code(error):04X} is not allowed") from None
    except yaml.YAMLError as error:
        raise YamlProblem(0, str(error)) from None
    except UnicodeError:
        raise YamlProblem(0, "not valid Unicode", "encoding") from None


def _code(error: Any) -> int:
    character = error.character
    return character if isinstance(character, int) else ord(character)


def decode(source: str | bytes) -> str:
    """The text without its byte order mark; UTF-8 unless the mark says UTF-16."""
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    encoding = "utf-16" if source[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise YamlProblem(line, f"not {encoding.removesuffix('-sig')}", "encoding") from None


def has_templates(text: str) -> bool:
    """Whether a text holds what Jinja or Go templates would replace."""
    return _TEMPLATE.search(text) is not None


def without_templates(text: str) -> str:
    """The text with templates replaced, every other character at its line and column."""

    def replace(found: re.Match[str]) -> str:
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        end = text.find("\n", found.end())
        after = text[found.end() : end if end >= 0 else len(text)]
        alone = not before.strip() and not after.strip()
        if alone or not found[0].startswith("{{"):
            return _NOT_NEWLINE.sub(" ", found[0])
        return _NOT_WORD.sub("_", found[0]).replace("\n", " ")

    return _TEMPLATE.sub(replace, text)


def _documents(text: str) -> Iterator[Node]:
    loader = _LOADER(text)
    try:
        anchors: dict[str, _Built] = {}
        stack: list[_Frame] = []
        while True:
            event = loader.get_event()
            step = _STEPS.get(type(event))
            if step is None:
                if isinstance(event, yaml.StreamEndEvent):
                    return
                anchors = {}
                continue
            built = step(event, stack, anchors)
            if built is None:
                continue
            if stack:
                stack[-1].add(*built)
                if stack[-1].size > MAX_NODES:
                    raise YamlProblem(
                        built.node.line, f"more than {MAX_NODES:,} values", "too-large"
                    )
            else:
                yield built.node
    finally:
        loader.dispose()


def _open_mapping(event: Any, stack: list[_Frame], _: dict[str, _Built]) -> None:
    _open(event, stack, mapping=True)


def _open_sequence(event: Any, stack: list[_Frame], _: dict[str, _Built]) -> None:
    _open(event, stack, mapping=False)


def _open(event: Any, stack: list[_Frame], *, mapping: bool) -> None:
    if len(stack) >= MAX_DEPTH:
        raise YamlProblem(event.start_mark.line + 1, f"nested over {MAX_DEPTH} deep", "nesting")
    stack.append(_Frame(event, mapping=mapping))


def _close(event: Any, stack: list[_Frame], anchors: dict[str, _Built]) -> _Built:
    frame = stack.pop()
    line, col = frame.start.line + 1, frame.start.column + 1
    children = frame.children
    end = event.end_mark.line + 1
    if event.end_mark.column == 0 or not event.end_mark.index > event.start_mark.index:
        # A block collection ends where the next thing starts, maybe many lines below.
        last = children[-1] if children else None
        end = (last.node if isinstance(last, Item) else last).end_line if last else line
    if frame.mapping:
        node = Node("mapping", line, col, end, items=_merged(children), tag=frame.tag)
    else:
        node = Node("sequence", line, col, end, list=tuple(children), tag=frame.tag)
    return _kept(_Built(node, frame.size, frame.height), frame.anchor, anchors)


def _scalar(event: Any, _: list[_Frame], anchors: dict[str, _Built]) -> _Built:
    start, end, style = event.start_mark, event.end_mark, event.style or ""
    last = end.line + 1 if end.column or end.line == start.line else end.line
    value = event.value
    if event.tag is not None:
        value = _tagged(event.tag, value)
    elif event.implicit[0]:
        value = resolve(value)
    tag = _custom(event.tag)
    line, col = start.line + 1, start.column + 1
    node = Node("scalar", line, col, last, value, tag=tag, style=style, raw=event.value)
    return _kept(_Built(node, 1, 1), event.anchor, anchors)


def _alias(event: Any, stack: list[_Frame], anchors: dict[str, _Built]) -> _Built:
    line = event.start_mark.line + 1
    found = anchors.get(event.anchor)
    if found is None:
        raise YamlProblem(line, f"alias `*{event.anchor}` has no anchor before it")
    if len(stack) + found.height > MAX_DEPTH:
        raise YamlProblem(line, f"nested over {MAX_DEPTH} deep", "nesting")
    return found


_STEPS: dict[type, Any] = {
    yaml.MappingStartEvent: _open_mapping,
    yaml.SequenceStartEvent: _open_sequence,
    yaml.MappingEndEvent: _close,
    yaml.SequenceEndEvent: _close,
    yaml.ScalarEvent: _scalar,
    yaml.AliasEvent: _alias,
}


def _kept(built: _Built, anchor: str | None, anchors: dict[str, _Built]) -> _Built:
    if anchor is not None:
        anchors[anchor] = built
    return built


def _custom(tag: str | None) -> str:
    return "" if tag is None or tag.startswith(_STANDARD) or tag == "!" else tag


def _merged(items: list[Item]) -> tuple[Item, ...]:
    """The entries with those of `<<` put first, so that own keys win."""
    if all(item.key != "<<" for item in items):
        return tuple(items)
    own = [item for item in items if item.key != "<<"]
    merged: dict[str, Item] = {}
    for item in items:
        if item.key == "<<":
            for source in item.node.list or (item.node,):
                for entry in source.items:
                    merged.setdefault(entry.key, entry)
    names = {item.key for item in own}
    return (*(entry for key, entry in merged.items() if key not in names), *own)


def resolve(text: str) -> Const:
    """The value of a plain scalar by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789" or len(text) > 100:
        return text
    if _INT.match(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text) if _FLOAT.match(text) else text


def _tagged(tag: str, text: str) -> Const:
    kind = tag.removeprefix(_STANDARD)
    if kind in {"int", "float", "bool", "null"} and kind != tag:
        return resolve(text)
    return text


def get(node: Node | None, path: str) -> Node | None:
    """The node under a dotted path of mapping keys, or None."""
    for key in path.split("."):
        node = child(node, key)
    return node


def child(node: Node | None, key: str) -> Node | None:
    """The node under one key, which may contain dots, or None."""
    found = None
    for item in node.items if node else ():
        if item.key == key:
            found = item.node
    return found


def texts(node: Node | None) -> tuple[str, ...]:
    """The scalars of a scalar or of a sequence, as written; () for None, null and mappings."""
    if node is None:
        return ()
    nodes = node.list if node.kind == "sequence" else (node,)
    return tuple(n.raw for n in nodes if n.kind == "scalar" and n.value is not None)


def walk(node: Node, key: str = "") -> Iterator[tuple[str, int, Node]]:
    """Every node with its dotted key and the line of that key, in the order of the text.

    The items of a list share the key `a.b[]`, and the root has the key "".
    """
    stack = [(key, node.line, node)]
    while stack:
        path, line, here = stack.pop()
        yield path, line, here
        if here.kind == "mapping":
            prefix = f"{path}." if path else ""
            stack.extend((prefix + i.key, i.line, i.node) for i in reversed(here.items))
        elif here.kind == "sequence":
            stack.extend((f"{path}[]", n.line, n) for n in reversed(here.list))
