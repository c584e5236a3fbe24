"""Configuration files as settings: TOML, YAML, JSON, INI, and files of one statement per line.

Knows what is configuration by the look of a file, not what any setting means. Data that happens
to be written as JSON or YAML, lock files and machine-made texts give no rows.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from mllint.facts import Facts, Known, Literal, Place, Problem, Setting
from mllint.readers import inidoc, linefiles, tomldoc, yamldoc
from mllint.readers.dependencies.text import decode
from mllint.readers.gather import gather
from mllint.readers.secrets import hide
from mllint.readers.waivers import waivers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mllint.facts import Const

    Rows = Iterable[Setting | Literal | Problem]

MAX_SETTINGS = 2_000
MAX_ITEMS = 100
"""Items of one list that give settings."""
MAX_TEXT = 500
"""Characters of a value that are kept."""
MAX_JSON = 200_000
MAX_BYTES = 1_000_000

_INDEX = re.compile(r"\[(\d+)\]")
_LOCKS = re.compile(
    r"(?:package-lock|npm-shrinkwrap|composer\.lock|pnpm-lock|conda-lock|pylock\b.*|.*[-.]lock)"
    r"\.(?:json|ya?ml|toml)"
)
_CONFIG_JSON = re.compile(
    r".*(?:config|settings|params|hparams|hyperparam|args|options|schema|metrics|manifest|setup"
    r"|deepspeed|zero|spec|model_index|modules|environment|pipeline|dashboard|workflow|renovate"
    r"|package|devcontainer|tsconfig|codemeta|zenodo|metadata|report|results|summary).*\.json"
)
_CONFIG_FOLDER = re.compile(
    r"(?:^|/)(?:conf|cfg|configs?|configuration|settings|params|\.vscode|\.github|\.devcontainer)/"
)
_DATA_FOLDER = re.compile(r"(?:^|/)(?:data|datasets?|annotations?|labels?|cassettes|node_modules)/")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_NOT_NEWLINE = re.compile(r"[^\n]")
_NUMBER = re.compile(r"-?\d{1,15}")


def read(path: str, data: bytes, known: Known) -> Facts:  # noqa: ARG001 - the readers' contract
    """The settings of one file, at most `MAX_SETTINGS` of them."""
    name = path.rpartition("/")[2].lower()
    if len(data) > MAX_BYTES or _LOCKS.fullmatch(name):
        return Facts()
    text = decode(data)
    if "\0" in text:
        return gather([Problem(path, "encoding", "not text")])
    rows = islice(_reader(name)(path, text), MAX_SETTINGS)
    facts = gather(rows)
    ignores = waivers(path, text)
    return Facts(facts.rows, ignores=ignores, problems=facts.problems) if ignores else facts


def _reader(name: str) -> Callable[[str, str], Rows]:
    by_name = _BY_NAME.get(name)
    if by_name is not None:
        return by_name
    if name.startswith(".env"):
        return linefiles.environment
    return _BY_ENDING.get(name.rpartition(".")[2], linefiles.ignore_file)


def _toml(path: str, text: str) -> Rows:
    try:
        document = tomldoc.load(text)
    except tomldoc.TomlProblem as problem:
        return problem.rows(path)
    return hide(_toml_settings(path, document))


def _toml_settings(path: str, document: tomldoc.TomlDoc) -> Iterator[Setting]:
    for key, value in tomldoc.walk(document.data):
        if all(int(index) < MAX_ITEMS for index in _INDEX.findall(key)):
            line = document.lines.get(key, 0)
            yield Setting(Place(path, line), _INDEX.sub("[]", key), _short(value), "toml")


def _yaml(path: str, text: str) -> Rows:
    try:
        documents = yamldoc.load_even_templated(text)
    except yamldoc.YamlProblem as problem:
        # A template says nothing wrong by not being YAML before it is filled in.
        return () if yamldoc.has_templates(text) else problem.rows(path)
    return hide(_nodes(path, documents, "yaml"))


def _nodes(path: str, documents: Iterable[yamldoc.Node], kind: str) -> Iterator[Setting]:
    for document in documents:
        if document.kind == "sequence" and len(document.list) > MAX_ITEMS:
            continue
        for key, line, node in _walk(document):
            if node.kind == "scalar" or not (node.items or node.list):
                yield Setting(Place(path, line), key, _short(node.value), kind)


def _walk(root: yamldoc.Node) -> Iterator[tuple[str, int, yamldoc.Node]]:
    """As `yamldoc.walk`, without the tails of long lists."""
    short = root._replace(list=root.list[:MAX_ITEMS])
    stack = [("", root.line, short)]
    while stack:
        key, line, node = stack.pop()
        yield key, line, node
        prefix = f"{key}." if key else ""
        stack.extend((prefix + i.key, i.line, i.node) for i in reversed(node.items))
        stack.extend((f"{key}[]", n.line, n) for n in reversed(node.list[:MAX_ITEMS]))


def _short(value: Const) -> Const:
    return value[:MAX_TEXT] if isinstance(value, str) else value


def _json(path: str, text: str) -> Rows:
    lower = path.lower()
    shallow = lower.count("/") <= 1
    named = _CONFIG_JSON.fullmatch(lower.rpartition("/")[2]) or _CONFIG_FOLDER.search(lower)
    if len(text) > MAX_JSON or _DATA_FOLDER.search(lower) or not (shallow or named):
        return ()
    if "//" in text or "/*" in text:
        text = _COMMENT.sub(_uncommented, text)
    try:
        return hide(_nodes(path, yamldoc.load(text), "json"))
    except yamldoc.YamlProblem as problem:
        return _plain_json(path, text, problem)


def _uncommented(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else _NOT_NEWLINE.sub(" ", found[0])


def _plain_json(path: str, text: str, problem: yamldoc.YamlProblem) -> Rows:
    """The settings without lines, for JSON that YAML does not cover, such as surrogate pairs."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        if "{{" in text or "{%" in text or not isinstance(error, json.JSONDecodeError):
            return problem.rows(path)
        return yamldoc.YamlProblem(error.lineno, f"not JSON: {error.msg}").rows(path)
    return hide(_plain_settings(path, data))


def _plain_settings(path: str, data: Any) -> Iterator[Setting]:
    for key, value in tomldoc.walk(data):
        if all(int(index) < MAX_ITEMS for index in _INDEX.findall(key)):
            yield Setting(Place(path), _INDEX.sub("[]", key), _short(value), "json")


def _ini(path: str, text: str) -> Rows:
    return hide(_ini_settings(path, text, "ini"))


def _editorconfig(path: str, text: str) -> Rows:
    return _ini_settings(path, text, "editorconfig")


def _ini_settings(path: str, text: str, kind: str) -> Iterator[Setting]:
    for entry in inidoc.entries(text):
        key = f"{entry.section}.{entry.key}" if entry.section else entry.key
        yield Setting(Place(path, entry.line), key, _short(_ini_value(entry.text)), kind)


def _ini_value(text: str) -> Const:
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return int(text) if _NUMBER.fullmatch(text) else text


_BY_NAME: dict[str, Callable[[str, str], Rows]] = {
    ".gitattributes": linefiles.attributes,
    "codeowners": linefiles.owners,
    ".editorconfig": _editorconfig,
    ".flake8": _ini,
    ".pylintrc": _ini,
    "pylintrc": _ini,
    ".coveragerc": _ini,
}
_BY_ENDING: dict[str, Callable[[str, str], Rows]] = {
    "toml": _toml,
    "yaml": _yaml,
    "yml": _yaml,
    "json": _json,
    "ini": _ini,
    "cfg": _ini,
}
