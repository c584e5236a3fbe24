"""Shell text as words and operators.

Knows quotes, substitutions, redirections, comments and here-documents; nothing of commands.
Text of another shell, or with template marks in it, yields words all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 100_000
"""Characters; what lies beyond is not read."""

_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|\|&|[;|&()]")
_REDIRECTION = re.compile(r"(?:\d+|&|\{\w+\})?(?:<<<|<<-|<<|>>|>\||[<>]&|<>|>|<)(?!\()")
_JOINED = re.compile(r"[\\`^][ \t]*\n")
_TEMPLATE = re.compile(r"\$?\{\{.{0,500}?\}\}|\{%.{0,500}?%\}|<%.{0,500}?%>", re.DOTALL)
_ARITHMETIC = re.compile(r"\(\([^\n]{0,200}?\)\)")
_PLAIN = re.compile(r"[^\s\\'\"`$&|;()<>{#]+")
_BRACED = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")


class Token(NamedTuple):
    r"""A word or an operator; a line end is the operator `\\n`."""

    text: str
    """Quotes taken off; substitutions and variables as written."""
    line: int
    """0-based."""
    operator: bool = False
    bare: bool = True
    """Whether no part of it is quoted, so that it may be a keyword or be split once expanded."""
    inner: tuple[str, ...] = ()
    """The text of each command substitution in it."""


def tokens(text: str) -> list[Token]:
    """The words and operators of a shell text, redirections and here-documents left out."""
    return list(_Scanner(text[:MAX_TEXT]).run())


class _Scanner:
    """Reads one text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 0
        self.pending: list[tuple[str, bool]] = []
        self.documents = True
        self.pairs = _Pairs(text)

    def run(self) -> Iterator[Token]:
        text = self.text
        skip_next = False
        while self.at < len(text):
            character = text[self.at]
            if character in " \t\r\f\v":
                self.at += 1
            elif found := _JOINED.match(text, self.at):
                self._move(found.end())
            elif character == "\n":
                yield Token("\n", self.line, operator=True)
                self._move(self.at + 1)
                self._skip_documents()
            elif character == "#":
                end = text.find("\n", self.at)
                self.at = end if end >= 0 else len(text)
            elif found := _REDIRECTION.match(text, self.at):
                self.at = found.end()
                if found[0].endswith(("<<", "<<-")):
                    self._open_document(strip=found[0].endswith("-"))
                else:
                    skip_next = True
            elif found := _OPERATOR.match(text, self.at):
                if found[0] == "(" and self._skip_arithmetic():
                    continue
                self.at = found.end()
                yield Token(found[0], self.line, operator=True)
            else:
                word = self._word()
                if not skip_next:
                    yield word
                skip_next = False

    def _move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def _skip_arithmetic(self) -> bool:
        found = _ARITHMETIC.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found is not None

    def _open_document(self, *, strip: bool) -> None:
        while self.text[self.at : self.at + 1] in {" ", "\t"}:
            self.at += 1
        delimiter = self._word().text
        if self.documents and delimiter:
            self.pending.append((delimiter, strip))

    def _skip_documents(self) -> None:
        for delimiter, strip in self.pending:
            tabs = r"\s*" if strip else ""
            line = re.compile(rf"^{tabs}{re.escape(delimiter)}[ \r]*$\n?", re.MULTILINE)
            found = line.search(self.text, self.at)
            if found is None:
                # Without its end it may be something else, so that nothing is skipped.
                self.documents = False
                break
            self._move(found.end())
        self.pending.clear()

    def _word(self) -> Token:
        text, start, line = self.text, self.at, self.line
        parts: list[str] = []
        inner: list[str] = []
        bare = True
        while self.at < len(text):
            character = text[self.at]
            if character.isspace() or (character in "&|;()" and not _is_inside(text, self.at)):
                break
            if character in "<>":
                if text.startswith("(", self.at + 1):
                    self.at += 1
                    parts.append(self._substitution(inner))
                    continue
                break
            quoted = character in "'\"\\" and not _JOINED.match(text, self.at)
            if quoted:
                bare = False
                self._quoted(parts, inner)
            elif found := _JOINED.match(text, self.at):
                self._move(found.end())
            else:
                self._unquoted(parts, inner)
        if self.at == start:
            self.at += 1
        return Token("".join(parts), line, bare=bare, inner=tuple(inner))

    def _quoted(self, parts: list[str], inner: list[str]) -> None:
        text, quote = self.text, self.text[self.at]
        if quote == "\\":
            parts.append(text[self.at + 1 : self.at + 2])
            self._move(min(self.at + 2, len(text)))
            return
        end = self.pairs.quote(self.at)
        if end < 0:
            # An apostrophe in prose, or another shell's text: no quote at all.
            parts.append(quote)
            self.at += 1
            return
        body = text[self.at + 1 : end]
        if quote == '"':
            inner.extend(self.pairs.substitutions(self.at, end))
            body = re.sub(r'\\(["\\$`])', r"\1", body)
        parts.append(body)
        self._move(end + 1)

    def _unquoted(self, parts: list[str], inner: list[str]) -> None:
        text = self.text
        if found := _TEMPLATE.match(text, self.at):
            parts.append(found[0])
            self._move(found.end())
        elif text.startswith(("$'", '$"'), self.at):
            self.at += 1
            self._quoted(parts, inner)
        elif text.startswith("$(", self.at):
            self.at += 1
            parts.append("$" + self._substitution(inner))
        elif found := _BRACED.match(text, self.at):
            inner.extend(self.pairs.substitutions(self.at, found.end()))
            parts.append(found[0])
            self._move(found.end())
        elif text[self.at] == "`" and (end := self.pairs.quote(self.at)) >= 0:
            inner.append(text[self.at + 1 : end])
            parts.append(text[self.at : end + 1])
            self._move(end + 1)
        else:
            found = _PLAIN.match(text, self.at)
            end = found.end() if found else self.at + 1
            parts.append(text[self.at : end])
            self.at = end

    def _substitution(self, inner: list[str]) -> str:
        """The text of `(...)` at the current place, after which it goes on."""
        end = self.pairs.parenthesis(self.at)
        if end < 0:
            self.at += 1
            return "("
        whole = self.text[self.at : end + 1]
        if not whole.startswith("(("):
            inner.append(whole[1:-1])
        self._move(end + 1)
        return whole


def _is_inside(text: str, at: int) -> bool:
    """Whether an ampersand belongs to the query of a URL that was left unquoted."""
    return text[at] == "&" and text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()


class _Pairs:
    """Finds the ends of quotes and parentheses, with a bound on all the work it does."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left = 20 * MAX_TEXT

    def quote(self, start: int) -> int:
        """The index of the quote that closes the one at `start`, or -1."""
        text, quote = self.text, self.text[start]
        at = start + 1
        while at < len(text) and self.left > 0:
            if quote != '"':
                at = text.find(quote, at)
                self.left -= len(text) // 100 if at < 0 else 0
                return at
            self.left -= 1
            if text[at] == quote:
                return at
            if text[at] == "\\":
                at += 1
            elif text.startswith("$(", at):
                at = max(at, self.parenthesis(at + 1))
            at += 1
        return -1

    def parenthesis(self, start: int) -> int:
        """The index of the `)` that closes the `(` at `start`, or -1."""
        depth = 0
        at = start
        while at < len(self.text) and self.left > 0:
            self.left -= 1
            character = self.text[at]
            if character == "\\":
                at += 1
            elif character in "'\"":
                at = max(at, self.text.find(character, at + 1))
            elif character in "()":
                depth += 1 if character == "(" else -1
                if depth == 0:
                    return at
            at += 1
        return -1

    def substitutions(self, start: int, end: int) -> Iterator[str]:
        """The command substitutions between two places."""
        at = self.text.find("$(", start, end)
        while at >= 0:
            close = self.parenthesis(at + 1)
            if close < 0:
                return
            if not self.text.startswith("((", at + 1):
                yield self.text[at + 2 : close]
            at = self.text.find("$(", close, end)
