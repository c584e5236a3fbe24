"""Makefiles: targets with their prerequisites and recipes.

Knows rules, variables and line prefixes; functions and conditions of make are left as written, so
that the recipes of both branches of an `ifeq` belong to a target.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.facts import Facts, Place, Target
from mllint.readers.gather import binary, gather, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_EXPANSION = 20_000
"""Characters that one recipe line may grow to."""

_VARIABLE = re.compile(
    r"(?:(?:export|override|unexport|private)\s+)*([\w.-]+)\s*(\+=|\?=|::?:?=|!=|=)\s*(.*)\Z",
    re.DOTALL,
)
_REFERENCE = re.compile(r"\$(?:\(([\w.-]+)\)|\{([\w.-]+)\}|([@<$]))")
_KEYWORDS = re.compile(
    r"(ifeq|ifneq|ifdef|ifndef|else|endif|include|-include|sinclude|export|unexport|vpath)\b",
)


class _Rule(NamedTuple):
    line: int
    end_line: int
    names: str
    needs: str
    recipe: tuple[str, ...]


def read_make(path: str, data: bytes) -> Facts:
    """The targets of a Makefile, those without a name of their own (patterns) left out."""
    text = text_of(data)
    return binary(path) if text is None else gather(_targets(path, text))


def _targets(path: str, text: str) -> Iterator[Target]:
    variables: dict[str, str] = {"MAKE": "make"}
    rules = list(_rules(text, variables))
    merged: dict[str, Target] = {}
    goal = _expanded(variables.get(".DEFAULT_GOAL", ""), variables).strip()
    if goal:
        yield Target(Place(path, 1), "make", "", (goal,), ())
    is_script = any(rule.names.strip() == ".ONESHELL" for rule in rules)
    for rule in rules:
        needs = tuple(w for w in _expanded(rule.needs, variables).split() if w != "|")
        for name in _expanded(rule.names, variables).split():
            if name.startswith(".") and name[1:].isupper():
                continue
            if "%" in name or "$" in name:
                continue
            known = {**variables, "@": name, "<": needs[0] if needs else ""}
            recipe = [_command(_expanded(line, known)) for line in rule.recipe]
            if is_script and recipe:
                recipe = ["\n".join(recipe)]
            at = Place(path, rule.line, 1, rule.end_line)
            old = merged.get(name, Target(at, "make", name, (), ()))
            if old.commands and not recipe:
                at = old.at
            merged[name] = Target(
                old.at if old.commands else at,
                "make",
                name,
                tuple(dict.fromkeys(old.needs + needs)),
                old.commands + tuple(command for command in recipe if command),
            )
    yield from merged.values()


def _command(line: str) -> str:
    """A recipe line as a shell command; make's `-` becomes `|| true`."""
    command = line.lstrip("@-+ \t")
    prefix = line[: len(line) - len(command)]
    command = command.strip()
    if not command or command.startswith("#"):
        return ""
    return f"{command} || true" if "-" in prefix else command


def _rules(text: str, variables: dict[str, str]) -> Iterator[_Rule]:
    """The rules in their order; the variables found on the way are put in `variables`."""
    rule: _Rule | None = None
    for line, end_line, logical in _logical(text, variables):
        if logical.startswith("\t") and rule is not None:
            body = logical[1:].strip()
            rule = rule._replace(end_line=end_line, recipe=(*rule.recipe, body))
            continue
        statement = _without_comment(logical).strip()
        if not statement or (_KEYWORDS.match(statement) and not _VARIABLE.match(statement)):
            continue
        if found := _VARIABLE.match(statement):
            _assign(found[1], found[2], found[3], variables)
            continue
        if (colon := _colon(statement)) >= 0:
            if rule:
                yield rule
            names, rest = statement[:colon].rstrip("&"), statement[colon:].lstrip(":")
            needs, _, first = rest.partition(";")
            if _VARIABLE.match(needs.strip()):
                needs = ""
            recipe = (first.strip(),) if first.strip() else ()
            rule = _Rule(line, end_line, names, needs.rpartition(":")[2], recipe)
    if rule:
        yield rule


def _colon(statement: str) -> int:
    """The index of the colon that makes the statement a rule, or -1."""
    depth = 0
    for index, character in enumerate(statement):
        depth += (character in "({") - (character in ")}")
        if depth == 0 and character in ":=":
            return index if character == ":" and index else -1
    return -1


def _logical(text: str, variables: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    """First line, last line and text of each logical line; `define` blocks become variables."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        start = number
        parts = [lines[number]]
        while parts[-1].endswith("\\") and number + 1 < len(lines):
            number += 1
            parts[-1] = parts[-1][:-1].rstrip()
            parts.append(lines[number].strip())
        number += 1
        logical = " ".join(parts)
        if found := re.match(r"(?:override\s+)?define\s+([\w.-]+)", logical):
            body: list[str] = []
            while number < len(lines) and lines[number].strip() != "endef":
                body.append(lines[number].strip())
                number += 1
            number += 1
            variables[found[1]] = "\n".join(body)
            continue
        yield start + 1, number, logical


def _without_comment(text: str) -> str:
    found = re.search(r"(?<!\\)#", text)
    return text[: found.start()] if found else text


def _assign(name: str, operator: str, value: str, variables: dict[str, str]) -> None:
    value = value.strip()
    if operator == "!=":
        variables.pop(name, None)
    elif operator == "+=":
        variables[name] = f"{variables.get(name, '')} {value}".strip()[:MAX_EXPANSION]
    elif operator != "?=" or name not in variables:
        if re.search(rf"\$[({{]{re.escape(name)}[)}}]", value):
            value = _expanded(value, {name: variables.get(name, "")})
        variables[name] = value


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    """The text with simple references resolved; `$$` becomes `$`, unknown ones stay."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[3]
        if name == "$":
            return "$$"
        known = variables.get(name)
        return found[0] if known is None else known

    for _ in range(8):
        new = _REFERENCE.sub(value, text)
        if new == text or len(new) > MAX_EXPANSION:
            break
        text = new
    return text.replace("$$", "$")
