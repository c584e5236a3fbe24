"""Terraform: resources, modules, providers and backends.

Knows blocks, attributes, strings and comments of HCL; expressions are not evaluated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Facts, Manifest, Place
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.images import image_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_TOKENS = 200_000
MAX_TEXT = 10_000
"""Characters that are kept of a text in several lines."""
MAX_DEPTH = 20
"""Parts of a dotted key."""

_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<heredoc><<-?\s*(?P<end>\w+)[^\n]*\n)"
    r'|(?P<string>"(?:\\.|\$\{[^{}\n]*\}|[^"\\\n])*")'
    r"|(?P<word>[A-Za-z_][\w-]*)"
    r"|(?P<number>\d+)"
    r"|(?P<mark>[{}=\[\]()]|\n)",
    re.DOTALL,
)
_OPEN = frozenset(
    {"*", "0.0.0.0/0", "::/0", "public-read", "public-read-write", "allUsers",
     "allAuthenticatedUsers", "Deny"}
)  # fmt: skip
"""Values that say who may do what, as far as that is everybody or everything."""
_PORTS = frozenset({"from_port", "to_port", "port", "ports", "protocol", "ip_protocol", "type"})
"""Attributes whose plain values are kept as well."""
_WILD = re.compile(r"\{[^{}]*\"Effect\"\s*:\s*\"Allow\"[^{}]*\}", re.DOTALL)
_ANY = re.compile(r"\"(Action|Principal)\"\s*:\s*\[?\s*\"\*\"")
_IMAGES = frozenset(("image", "image_uri", "container_image"))
_KINDS = frozenset(("module", "provider", "terraform", "variable", "output", "locals"))


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Block(NamedTuple):
    """A top-level block."""

    head: tuple[str, ...]
    line: int
    end: int
    keys: tuple[str, ...]
    images: tuple[_Token, ...]


def read_terraform(path: str, data: bytes) -> Facts:
    """The top-level blocks of a Terraform file, and the images that attributes name."""
    text = text_of(data)
    return binary(path) if text is None else gather(_rows(path, _tokens(text)))


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    line, at = 1, 0
    endless: set[str] = set()
    while len(found) < MAX_TOKENS and (match := _TOKEN.search(text, at)):
        line += text.count("\n", at, match.start())
        kind, body, end = match.lastgroup or "", match[0], match.end()
        if name := match["end"]:
            line_of_end = re.compile(rf"^\s*{name}\s*$", re.MULTILINE)
            close = None if name in endless else line_of_end.search(text, end)
            body = text[end : close.start()][:MAX_TEXT] if close else ""
            kind, end = "string", close.end() if close else end
            endless.update(() if close else (name,))
        elif kind == "string":
            body = body[1:-1]
        if kind != "comment":
            found.append(_Token(kind, body, line))
        line += text.count("\n", match.start(), end)
        at = end
    return found


def _rows(path: str, tokens: list[_Token]) -> Iterator[Any]:
    at = 0
    while at < len(tokens):
        head: list[str] = []
        start = at
        while at < len(tokens) and tokens[at].kind in {"word", "string"}:
            head.append(tokens[at].text)
            at += 1
        if head and at < len(tokens) and tokens[at].text == "{":
            block, at = _block(tokens, at + 1, tuple(head), tokens[start].line)
            yield from _manifest(path, block)
        else:
            at += 1


def _block(tokens: list[_Token], at: int, head: tuple[str, ...], line: int) -> tuple[_Block, int]:
    """The block whose brace is passed, and the place after its end."""
    keys: dict[str, None] = {}
    images: list[_Token] = []
    names: list[str] = []
    while at < len(tokens):
        token = tokens[at]
        after = tokens[at + 1] if at + 1 < len(tokens) else token
        at += 1
        if token.text == "}" and token.kind == "mark":
            if not names:
                return _Block(head, line, token.line, tuple(keys), tuple(images)), at
            names.pop()
        elif token.kind == "mark":
            continue
        elif after.text == "=" and after.kind == "mark":
            path = ".".join([*names[:MAX_DEPTH], token.text])
            keys[path] = None
            value = tokens[at + 1] if at + 1 < len(tokens) else after
            if value.text == "{" and value.kind == "mark":
                names.append(token.text)
                at += 2
                continue
            if value.text in {"true", "false"}:
                keys[f"{path}={value.text}"] = None
            if token.text in _IMAGES and value.kind == "string":
                images.append(value)
            end = _after_expression(tokens, at + 1)
            keys.update(dict.fromkeys(_stated(path, token.text, tokens[at + 1 : end])))
            at = end
        else:
            while at < len(tokens) and tokens[at].kind in {"word", "string"}:
                at += 1
            if at < len(tokens) and tokens[at].text == "{":
                keys[".".join([*names[:MAX_DEPTH], token.text])] = None
                names.append(token.text)
                at += 1
    return _Block(head, line, line, tuple(keys), tuple(images)), at


def _stated(path: str, name: str, value: Sequence[_Token]) -> Iterator[str]:
    """What an attribute says of who may do what: `path=value`, and what policies in it allow."""
    for token in value:
        plain = token.kind in {"string", "number"}
        if plain and (token.text in _OPEN or name in _PORTS):
            yield f"{path}={token.text[:20]}"
        if token.kind == "string" and "Effect" in token.text:
            for statement in _WILD.findall(token.text):
                yield from (f"{path}.Allow.{word}=*" for word in _ANY.findall(statement))
    yield from _allowed(path, value)


def _allowed(path: str, value: Sequence[_Token]) -> Iterator[str]:
    """What the statements of a policy, written as objects, allow to everybody or altogether."""
    said: list[dict[str, set[str]]] = []
    name = ""
    for at, token in enumerate(value):
        if token.text == "{" and token.kind == "mark":
            said.append({})
        elif token.text == "}" and token.kind == "mark" and said:
            done = said.pop()
            if "Allow" in done.get("Effect", ()) and "Condition" not in done:
                for word in ("Action", "Principal"):
                    if "*" in done.get(word, ()):
                        yield f"{path}.Allow.{word}=*"
        elif value[at + 1 : at + 2] and value[at + 1].text == "=":
            name = token.text
            if said:
                said[-1].setdefault(name, set())
        elif token.kind == "string" and said:
            said[-1].setdefault(name, set()).add(token.text)


def _after_expression(tokens: list[_Token], at: int) -> int:
    """The place of the line end, or of the brace, that ends an expression."""
    depth = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark":
            if depth == 0 and token.text in {"\n", "}"}:
                return at
            depth += (token.text in "{[(") - (token.text in "}])")
        at += 1
    return at


def _manifest(path: str, block: _Block) -> Iterator[Any]:
    word, *labels = block.head
    at = Place(path, block.line, 1, block.end)
    reference = block.images[0].text if block.images else ""
    if word in {"resource", "data"} and len(labels) == 2:
        kind = labels[0] if word == "resource" else f"data.{labels[0]}"
        yield Manifest(at, "terraform", kind, labels[1], word, block.keys, reference)
    elif word in _KINDS:
        name = labels[-1] if labels else ""
        yield Manifest(at, "terraform", word, name, "", block.keys, reference)
    for token in block.images:
        image = image_of(Place(path, token.line), token.text, "terraform")
        if image:
            yield image
