"""The check language: a TOML table compiled to a check.

A check is a quantifier (`every`, `no`, `some`) over the rows of a table, filtered by `where` and
judged by `have`. Conditions are three-valued: True, False, or None for what cannot be known.
Knows tables and columns; knows no rule, file or library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from mllint.columns import GROUP_KINDS, MISSING, UNKNOWN, Column, column_names, getter
from mllint.facts import ROWS, Arg, Library
from mllint.names import Names, compiled, glob
from mllint.quantifiers import (
    Condition,
    Matcher,
    Select,
    Truth,
    all_of,
    any_of,
    every_check,
    negate,
    no_check,
    some_check,
)

if TYPE_CHECKING:
    from mllint.project import Project
    from mllint.review import Check, Evidence

QUANTIFIERS = ("every", "no", "some")
OPERATORS = ("not", "re", "min", "max", "given")
_CHECK_KEYS = (*QUANTIFIERS, "where", "have", "at_least", "any", "all", "python", "with", "none")
_REFUSED = re.compile(r"\(\?[=!<]|\\[1-9]|\(\?P=|[*+}]\)[*+{]")
"""Lookaround, backreferences and nested quantifiers."""
_NO_NAMES = Names(())
_SEEN_TEXT = 4096
_RECURRING = frozenset({"name", "path", "role", "root"})
"""Columns in which the same texts stand again and again."""
_MARKS = ("<", ">", "=", "!", "~")


class Mistake(NamedTuple):
    """Something wrong in a check, at a dotted key of its table."""

    key: str
    text: str


def unlike(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for the nearest known word, or ""."""
    near = get_close_matches(word, list(known), 1, 0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def compile_check(spec: Any, mistakes: list[Mistake], groups: Iterable[str]) -> Check:
    """The check that a table spells; what is wrong with it is added to `mistakes`."""
    return _Compiler(mistakes, frozenset(groups)).check(spec, "check")


def late_check(spec: Any, mistakes: list[Mistake], groups: Iterable[str]) -> Check:
    """As `compile_check`, for a table without mistakes: compiled when it first runs."""
    made: list[Check] = []

    def check(project: Project) -> Iterable[Evidence]:
        if not made:
            made.append(compile_check(spec, mistakes, groups))
        return made[0](project)

    return check


def _every(truths: Iterable[Truth]) -> Truth:
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def _any(truths: Iterable[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        if truth:
            return True
        if truth is None:
            result = None
    return result


class _Compiler(NamedTuple):
    mistakes: list[Mistake]
    groups: frozenset[str]

    def wrong(self, key: str, text: str) -> None:
        self.mistakes.append(Mistake(key, text))

    def check(self, spec: Any, key: str) -> Check:
        if not isinstance(spec, Mapping):
            self.wrong(key, "must be a table")
            return _nothing
        for name in spec:
            if name not in _CHECK_KEYS:
                self.wrong(f"{key}.{name}", f"unknown key{unlike(name, _CHECK_KEYS)}")
        kinds = [k for k in (*QUANTIFIERS, "any", "all", "python") if k in spec]
        if len(kinds) != 1:
            self.wrong(
                key, f"needs exactly one of {', '.join((*QUANTIFIERS, 'any', 'all', 'python'))}"
            )
            return _nothing
        kind = kinds[0]
        if kind == "python":
            return self._python(spec, key)
        if kind in {"any", "all"}:
            parts = [self.check(part, f"{key}.{kind}[{i}]") for i, part in enumerate(spec[kind])]
            return any_of(parts, spec.get("none", "")) if kind == "any" else all_of(parts)
        return self._quantified(spec, kind, key)

    def _python(self, spec: Mapping[str, Any], key: str) -> Check:
        module, _, function = str(spec["python"]).partition(":")
        constants = dict(spec.get("with", {}))
        if not module.isidentifier() or not function.isidentifier():
            self.wrong(f"{key}.python", 'must read "module:function" of mllint.checks')
            return _nothing
        return python_check(module, function, constants)

    def _quantified(self, spec: Mapping[str, Any], kind: str, key: str) -> Check:
        table = spec[kind]
        if table not in ROWS:
            self.wrong(f"{key}.{kind}", f'unknown table "{table}"{unlike(str(table), ROWS)}')
            return _nothing
        where = self.condition(spec.get("where", {}), table, f"{key}.where")
        have = self.condition(spec["have"], table, f"{key}.have") if "have" in spec else None
        if kind == "every" and have is None:
            self.wrong(key, "`every` needs `have`")
            return _nothing
        names = self._name_filter(spec.get("where", {}), table)
        select = Select(table, where, names, spec.get("none", ""))
        if kind == "every":
            return every_check(select, have or _always)
        if kind == "no":
            return no_check(select, have)
        return some_check(select, have, int(spec.get("at_least", 1)))

    def _name_filter(self, where: Any, table: str) -> Callable[[Project], Iterable[str]] | None:
        """For calls that are selected by name: the names that may be meant."""
        either = where if isinstance(where, list) else [where]
        if table != "call" or not all(isinstance(one, Mapping) and "name" in one for one in either):
            return None
        names = [one["name"] for one in either]
        wanted = [one for name in names for one in (name if isinstance(name, list) else [name])]
        if not all(isinstance(one, str) for one in wanted):
            return None
        plain = Names(one for one in wanted if one[:1] != "@")
        groups = [one[1:] for one in wanted if one[:1] == "@"]

        def chosen(project: Project) -> Iterable[str]:
            names = (plain, *(_group_names(project, name, "calls") for name in groups))
            found = {name for one in names for name in one.among(project.names)}
            return sorted(found, key=project.names.place.__getitem__)

        return chosen

    def condition(self, spec: Any, table: str, key: str) -> Condition:
        if isinstance(spec, list):
            parts = [self.condition(part, table, f"{key}[{i}]") for i, part in enumerate(spec)]
            return lambda project, row: _any(part(project, row) for part in parts)
        if not isinstance(spec, Mapping):
            self.wrong(key, "must be a table, or a list of tables of which any may hold")
            return _always
        pairs = []
        for name, want in spec.items():
            column = Column.parse(table, name)
            if column is None:
                known = column_names(table)
                self.wrong(
                    f"{key}.{name}", f'table "{table}" has no such column{unlike(name, known)}'
                )
                continue
            match = self.want(want, column, f"{key}.{name}")
            pairs.append((getter(column), _once_each(match) if name in _RECURRING else match))
        if len(pairs) == 1:
            get, match = pairs[0]
            return lambda project, row: match(project, get(project, row))
        return lambda project, row: _every(
            match(project, get(project, row)) for get, match in pairs
        )

    def want(self, spec: Any, column: Column, key: str) -> Matcher:
        if isinstance(spec, list):
            if column.kind != "lib" and len(spec) > 1 and all(map(_is_plain, spec)):
                return _one_of(spec)
            parts = [self.want(part, column, f"{key}[{i}]") for i, part in enumerate(spec)]
            return lambda project, value: _any(part(project, value) for part in parts)
        if isinstance(spec, Mapping):
            parts = [self._operator(op, operand, column, key) for op, operand in spec.items()]
            return lambda project, value: _every(part(project, value) for part in parts)
        if isinstance(spec, str):
            return self._text(spec, column, key)
        if isinstance(spec, bool | int | float):
            return _spread(
                lambda value: (
                    type(value) in {type(spec), int, float, bool}
                    and value == spec
                    and isinstance(value, bool) == isinstance(spec, bool)
                )
            )
        self.wrong(key, f"cannot compare with a {type(spec).__name__}")
        return _never

    def _text(self, spec: str, column: Column, key: str) -> Matcher:
        if column.kind == "lib":
            if not spec.startswith(_MARKS):
                self.wrong(key, 'a version must read like "<2.6" or ">=1,<2"')
            return _version(spec)
        if spec.startswith("@"):
            return self._group(spec[1:], column, key)
        if spec == "None":
            return _spread(lambda value: value is None)
        if "*" in spec or "?" in spec:
            pattern = compiled(spec)
            return _spread(
                lambda value: isinstance(value, str) and bool(pattern.fullmatch(value)),
                origin="." in spec,
            )
        return _spread(lambda value: value == spec, origin="." in spec)

    def _group(self, name: str, column: Column, key: str) -> Matcher:
        kind = GROUP_KINDS.get((column.table, column.name), "calls")
        if name not in self.groups:
            self.wrong(key, f'unknown group "@{name}"{unlike(name, self.groups)}')

        def match(project: Project, value: Any) -> Truth:
            names = _group_names(project, name, kind)
            if kind in {"cli", "gha_uses"}:
                return _spread(lambda one: isinstance(one, str) and names.starts(one))(
                    project, value
                )
            return _spread(lambda one: one in names)(project, value)

        return match

    def _operator(self, op: str, operand: Any, column: Column, key: str) -> Matcher:
        key = f"{key}.{op}"
        if op == "not":
            inner = self.want(operand, column, key)
            return lambda project, value: (
                False if value is MISSING else negate(inner(project, value))
            )
        if op == "given" and isinstance(operand, bool):
            if column.kind == "lib":  # whether a library is declared is known
                return lambda _, value: isinstance(value, Library) is operand
            return lambda _, value: None if value is UNKNOWN else (_given(value) is operand)
        if op == "re" and isinstance(operand, str):
            return self._regex(operand, key)
        if op in {"min", "max"} and isinstance(operand, int | float):
            bound = float(operand)
            low = op == "min"
            return _spread(
                lambda value: (
                    isinstance(value, int | float) and (value >= bound if low else value <= bound)
                )
            )
        hint = (
            "has the wrong type" if op in OPERATORS else f"unknown operator{unlike(op, OPERATORS)}"
        )
        self.wrong(key, hint)
        return _never

    def _regex(self, text: str, key: str) -> Matcher:
        if _REFUSED.search(text):
            self.wrong(key, "lookaround, backreferences and nested quantifiers are not allowed")
            return _never
        try:
            pattern = re.compile(text)
        except re.error as error:
            self.wrong(key, f"not a regular expression: {error}")
            return _never
        return _spread(
            lambda value: isinstance(value, str) and bool(pattern.search(value[:_SEEN_TEXT]))
        )


def _is_plain(spec: Any) -> bool:
    """Whether a wanted value is a text or a glob, and no more."""
    return isinstance(spec, str) and spec[:1] != "@" and spec != "None"


def _one_of(texts: Iterable[str]) -> Matcher:
    """As one matcher for each of some texts and globs, of which any may match."""
    globs = [text for text in texts if "*" in text or "?" in text]
    exact = frozenset(texts) - frozenset(globs)
    pattern = re.compile("|".join(map(glob, globs)), re.DOTALL) if globs else None

    def test(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        return value in exact or (pattern is not None and bool(pattern.fullmatch(value)))

    return _spread(test, origin=all("." in text for text in texts))


def _once_each(match: Matcher) -> Matcher:
    """A matcher that remembers what it made of each text: names recur in thousands of rows."""
    known: dict[str, Truth] = {}

    def remembered(project: Project, value: Any) -> Truth:
        if type(value) is not str:
            return match(project, value)
        if value not in known:
            known[value] = match(project, value)
        return known[value]

    return remembered


def _group_names(project: Project, name: str, kind: str) -> Names:
    """What a group or a family of tools stands for."""
    return project.groups.get(name) or project.tools.get(name, {}).get(kind) or _NO_NAMES


def _nothing(_: Project) -> Iterator[Evidence]:
    return iter(())


def _always(_: Project, __: Any) -> Truth:
    return True


def _never(_: Project, __: Any) -> Truth:
    return False


def _given(value: Any) -> bool:
    return value is not MISSING and value is not None and value not in ("", ())


def _spread(test: Callable[[Any], bool], *, origin: bool = False) -> Matcher:
    """Apply a test to what a column may hold: a scalar, a set of them, an argument, the unknown.

    `origin` says that the test is about where a value comes from, so that an argument of known
    origin that does not pass it surely fails.
    """

    def match(_: Project, value: Any) -> Truth:
        if value is UNKNOWN:
            return None
        if value is MISSING:
            return False
        if type(value) is Arg:
            if value.known:
                return test(value.const)
            if value.name and test(value.name):
                return True
            return False if origin and value.name and "?" not in value.name else None
        if type(value) is tuple:
            return any(test(one) for one in value)
        return test(value)

    return match


def _version(spec: str) -> Matcher:
    def match(_: Project, value: Any) -> Truth:
        from mllint.versions import admits

        return admits(value, spec) if isinstance(value, Library) else None

    return match


def python_check(module: str, function: str, constants: Mapping[str, Any]) -> Check:
    """The check that a function of `mllint.checks` makes; imported when it first runs."""

    def check(project: Project) -> Iterator[Evidence]:
        found: Iterator[Evidence] = getattr(import_module(f"mllint.checks.{module}"), function)(
            project, **constants
        )
        return found

    return check
