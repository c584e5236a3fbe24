"""What gitignore patterns mean: for excludes, and for listing a folder where git cannot.

Knows nothing of git's own folders or objects. A pattern becomes a regex that never takes a `*` back
once the text after it was found, so that no pattern takes for ever.
Source: gitignore(5), and wildmatch.c of git for what the manual leaves open.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~",
    "punct": r"!-/:-@\[-`{-~", "space": r" \t-\r", "upper": "A-Z", "xdigit": "0-9a-fA-F",
}  # fmt: skip
_ANY = re.compile(r"\A\*{3,}\Z")
_TOKEN = re.compile(r"\*+|\?|\[|\\(?P<escaped>.)|(?P<plain>[^*?\[\\])", re.DOTALL)
_MEMBER = re.compile(r"\[:(?P<class>\w+):\]|\\?(?P<first>.)(?:-(?!\])\\?(?P<last>.))?", re.DOTALL)


class Rule(NamedTuple):
    """A line of a .gitignore."""

    names: Callable[[str], object]
    """Whether a path, relative to the file's folder and without a slash at its end, is meant."""
    ignores: bool
    """False for `!`."""
    folders: bool
    """Whether it names folders alone."""


def rules(lines: Iterable[str]) -> Sequence[Rule]:
    """What lines say, the last first, for it is the last that counts."""
    found = [rule for line in lines if (rule := _rule(line))]
    return found[::-1]


def matcher(lines: Iterable[str]) -> Callable[[str], bool]:
    """Whether lines name a path relative to the root, or a folder above it.

    A path with a slash at its end is a folder's.
    """
    known = rules(lines)

    @lru_cache(maxsize=10_000)
    def shut(folder: str) -> bool:
        return bool(_last(known, folder, folder=True))

    def names(path: str) -> bool:
        plain = path.rstrip("/")
        end = -1
        while (end := plain.find("/", end + 1)) >= 0:
            if shut(plain[:end]):
                return True
        return bool(_last(known, plain, folder=plain != path))

    return names


def walk(
    root: str, always: Sequence[str], read: Callable[[str], str]
) -> tuple[list[str], list[str]]:
    """The files below a folder that no .gitignore names, and the folders that cannot be opened.

    Paths are as the file system has them. Ignored folders are not entered, as git does it; neither
    are links, `.git` and what `always` names. `read` gives the text of a file, "" where there is
    none.
    """
    ignored = rules(always)
    found: list[str] = []
    closed: list[str] = []
    stack: list[tuple[str, tuple[tuple[str, Sequence[Rule]], ...]]] = [("", ())]
    while stack:
        folder, specs = stack.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as entries:
                children = list(entries)
        except OSError:
            closed.append(folder)
            continue
        if any(child.name == ".gitignore" for child in children):
            lines = read(os.path.join(root, folder, ".gitignore")).split("\n")
            specs = (*specs, (folder, rules(lines)))
        for child in children:
            path = f"{folder}/{child.name}" if folder else child.name
            inner = child.is_dir(follow_symlinks=False)
            if (
                child.name == ".git"
                or _named(path, inner, specs)
                or _last(ignored, path, folder=inner)
            ):
                continue
            if inner:
                stack.append((path, specs))
            else:
                found.append(path)
    return found, closed


def _named(path: str, folder: bool, specs: tuple[tuple[str, Sequence[Rule]], ...]) -> bool:
    """Whether the innermost .gitignore that speaks of the path ignores it."""
    for base, known in reversed(specs):
        said = _last(known, path[len(base) + 1 :] if base else path, folder=folder)
        if said is not None:
            return said
    return False


def _last(known: Sequence[Rule], path: str, *, folder: bool) -> bool | None:
    """What the last rule that names the path says of it."""
    for rule in known:
        if (folder or not rule.folders) and rule.names(path):
            return rule.ignores
    return None


@lru_cache(maxsize=2_000)
def _rule(line: str) -> Rule | None:
    """The rule of a line; None for a comment, and where it is malformed, as git has it."""
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    ignores = not text.startswith("!")
    text = text if ignores else text[1:]
    folders = text.endswith("/")
    text = text[:-1] if folders else text
    anchored = "/" in text
    names = _pattern(text.removeprefix("/"), anchored)
    return Rule(names.match, ignores, folders) if names else None


def _pattern(text: str, anchored: bool) -> re.Pattern[str] | None:
    segments = [_ANY.sub("**", one) for one in text.split("/")]
    if not all(segments):
        return None
    if not anchored:
        segments.insert(0, "**")
    groups = _Groups()
    try:
        parts = ["/".join(map(groups.segment, run)) for run in _runs(segments)]
    except ValueError:
        return None
    skip = "(?:[^/]+/)*?"
    *middle, last = parts
    first = middle.pop(0) if middle else ""
    whole = f"{first}/" if first else ""
    for part in middle:
        whole += groups.atomic(f"{skip}{part}/")
    if len(parts) > 1:
        whole += skip
    return re.compile(rf"{whole}{last}\Z" if last else rf"{whole}.+\Z", re.DOTALL)


def _runs(segments: Sequence[str]) -> Iterator[Sequence[str]]:
    """The segments between one `**` and the next."""
    run: list[str] = []
    for at, segment in enumerate(segments):
        if segment != "**":
            run.append(segment)
        elif at == 0 or segments[at - 1] != "**":
            yield run
            run = []
    yield run


class _Groups:
    """Numbers the groups of one regex."""

    def __init__(self) -> None:
        self._count = 0

    def atomic(self, regex: str) -> str:
        """The regex, whose first match is final: Python 3.10 has no atomic groups."""
        self._count += 1
        return f"(?=(?P<g{self._count}>{regex}))(?P=g{self._count})"

    def segment(self, text: str) -> str:
        """The regex of one name; ValueError where it is malformed."""
        first, *others = _pieces(text)
        if not others:
            return first
        *middle, last = others
        inner = "".join(self.atomic(f"[^/]*?{piece}") for piece in middle if piece)
        return f"{first}{inner}[^/]*{last}(?![^/])"


def _pieces(text: str) -> list[str]:
    """The regexes between the stars of a name, each of one length."""
    pieces = [""]
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError("a backslash at the end")
        at = token.end()
        if token[0][0] == "*":
            pieces.append("")
        elif token[0] == "?":
            pieces[-1] += "[^/]"
        elif token[0] == "[":
            members, at = _members(text, at)
            pieces[-1] += members
        else:
            pieces[-1] += re.escape(token["escaped"] or token["plain"])
    return pieces


def _members(text: str, at: int) -> tuple[str, int]:
    """The regex of what follows `[`, and where it ends; ValueError where it does not."""
    without = text[at : at + 1] in {"!", "^"}
    at += without
    start, found = at, ""
    while at == start or text[at : at + 1] != "]":
        member = _MEMBER.match(text, at)
        if member is None:
            raise ValueError("a bracket is open")
        at = member.end()
        if member["class"] in _CLASSES:
            found += _CLASSES[member["class"]]
        elif member["class"]:
            raise ValueError("no such class")
        else:
            found += re.escape(member["first"])
        if member["last"] and member["first"] < member["last"]:
            found += f"-{re.escape(member['last'])}"
    return f"(?!/)[{'^' if without else ''}{found}]", at + 1
