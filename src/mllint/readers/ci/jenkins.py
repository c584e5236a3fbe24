"""Jenkinsfiles, declarative and scripted: the shell steps by stage.

Knows Groovy's comments, strings and braces, and the steps that run something; the rest of the
program is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.facts import Ci, Facts, Place
from mllint.readers.gather import binary, gather, text_of
from mllint.readers.images import image_of, pythons

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TOKENS = 100_000

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<long>'''|\"\"\")"
    r"|(?P<string>'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")"
    r"|(?P<word>[A-Za-z_][\w.]*)"
    r"|(?P<mark>[{}()\[\],:])",
    re.DOTALL,
)
_SHELLS = frozenset(("sh", "bat", "powershell", "pwsh"))
_ESCAPES = {"n": "\n", "t": "\t", "r": "", "\n": ""}
_BUILT_IN = frozenset(
    """archiveArtifacts bat build catchError checkout cleanWs credentials deleteDir dir dockerNode
    echo emailext env error fileExists for if input isUnix junit library load lock mail milestone
    node parallel powershell print println properties publishHTML pwd pwsh readFile readJSON
    readYaml recordIssues retry return script sh sleep sshagent stage stash step string switch
    timeout timestamps tool unstable unstash usernamePassword waitUntil warnError while
    withCredentials withEnv wrap writeFile writeJSON ws""".split()  # noqa: SIM905
)
"""Steps of Jenkins and of its most common plugins, and words of Groovy."""
_CATCHING = frozenset(("catchError", "warnError"))


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Block(NamedTuple):
    """A `{ ... }` with the call before it."""

    word: str
    text: str


def read_jenkins(path: str, data: bytes) -> Facts:
    """The shell steps of a Jenkinsfile, and the images of its agents."""
    text = text_of(data)
    return binary(path) if text is None else gather(_rows(path, _tokens(text)))


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    line, at = 1, 0
    endless: set[str] = set()
    while len(found) < MAX_TOKENS and (match := _TOKEN.search(text, at)):
        line += text.count("\n", at, match.start())
        at, kind, body = match.end(), match.lastgroup or "", match[0]
        if kind == "long":
            end = -1 if body in endless else text.find(body, at)
            if end < 0:
                endless.add(body)
                continue
            kind, at, body = "string", end + 3, text[at:end]
        elif kind == "string":
            body = body[1:-1]
        if kind != "comment":
            found.append(_Token(kind, _unescaped(body) if kind == "string" else body, line))
        line += text.count("\n", match.start(), at)
    return found


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)


def _rows(path: str, tokens: list[_Token]) -> Iterator[Any]:
    on = _events(tokens)
    shared = any(token.text in {"Library", "library"} for token in tokens)
    blocks: list[_Block] = []
    call, argument = "", ""
    for index, token in enumerate(tokens):
        if token.kind == "word":
            if token.text in _SHELLS:
                yield from _step(path, tokens, index, on, blocks)
            elif shared and _is_shared(tokens, index, blocks):
                yield Ci(
                    Place(path, token.line),
                    "jenkins",
                    "",
                    "",
                    on,
                    f"component: {token.text}",
                    "",
                    (),
                )
            elif token.text in {"image", "docker.image"}:
                yield from _image(path, tokens[index + 1 : index + 3])
            if not _is_argument(tokens, index):
                call, argument = token.text, ""
        elif token.kind == "string":
            argument = argument or token.text
        elif token.text == "{":
            blocks.append(_Block(call, argument))
            call, argument = "", ""
        elif token.text == "}" and blocks:
            blocks.pop()
            call, argument = "", ""


def _is_shared(tokens: list[_Token], index: int, blocks: list[_Block]) -> bool:
    """Whether a word may be a step of a shared library: a call that is none of Jenkins itself."""
    word = tokens[index].text
    calls = tokens[index + 1 : index + 2] and tokens[index + 1].text == "("
    inside = any(block.word in {"steps", "script"} for block in blocks[-20:])
    return bool(calls and inside and "." not in word and word not in _BUILT_IN)


def _is_argument(tokens: list[_Token], index: int) -> bool:
    """Whether a word is the name of an argument: `name: value`."""
    return index + 1 < len(tokens) and tokens[index + 1].text == ":"


def _events(tokens: list[_Token]) -> tuple[str, ...]:
    words = {token.text for token in tokens if token.kind == "word"}
    found = ["push"]
    if words & {"changeRequest", "CHANGE_ID", "env.CHANGE_ID", "githubPullRequests"}:
        found.append("pull_request")
    if words & {"buildingTag", "TAG_NAME", "env.TAG_NAME"}:
        found.append("tag")
    if "cron" in words:
        found.append("schedule")
    return tuple(found)


def _step(
    path: str, tokens: list[_Token], index: int, on: tuple[str, ...], blocks: list[_Block]
) -> Iterator[Ci]:
    after = tokens[index + 1 : index + 20]
    script, flags = _arguments(after)
    if script is None or any(block.word == "when" for block in blocks):
        return
    settings: list[tuple[str, str]] = []
    if "returnStatus" in flags or any(block.word in _CATCHING for block in blocks):
        settings.append(("allow-failure", "true"))
    settings.extend(("directory", block.text) for block in blocks if block.word == "dir")
    if tokens[index].text != "sh":
        settings.append(("shell", tokens[index].text))
    job = next((block.text for block in reversed(blocks) if block.word == "stage"), "")
    first = len(script.text) - len(script.text.lstrip("\n"))
    line = script.line + first
    run = script.text.strip("\n")
    at = Place(path, line, 1, line + run.count("\n"))
    yield Ci(at, "jenkins", job, "", on, "", run, tuple(settings))


def _arguments(after: list[_Token]) -> tuple[_Token | None, set[str]]:
    """The script of a step, and the names of its arguments that are set to true."""
    if after and after[0].kind == "string":
        return after[0], set()
    script: _Token | None = None
    flags: set[str] = set()
    depth = 0
    name = ""
    for index, token in enumerate(after):
        depth += (token.text in "([" and token.kind == "mark") - (token.text in ")]")
        if token.kind == "word":
            if _is_argument(after, index):
                name = token.text
            elif token.text == "true":
                flags.add(name)
        elif token.kind == "string" and name in {"", "script"} and script is None:
            script = token
        if (depth <= 0 and index and token.text == ")") or token.text in {"{", "}"}:
            break
    return script, flags


def _image(path: str, after: list[_Token]) -> Iterator[Any]:
    string = next((token for token in after if token.kind == "string"), None)
    image = image_of(Place(path, string.line), string.text, "ci") if string else None
    if image:
        yield image
        yield from pythons(image)
