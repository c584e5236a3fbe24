"""Shell text split into the simple commands that it runs.

Knows the grammar of lists, pipelines and compound commands; nothing of what the commands mean.
Conditions are not weighed: both branches of an `if` count as run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.link.tokens import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_DEPTH = 40

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_DECLARERS = frozenset(("export", "declare", "local", "readonly", "typeset"))
_CLOSERS = frozenset(
    ("then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;", ";&", ";;&"),
)
_SEPARATORS = frozenset((";", "\n", "&"))
_SURE = frozenset(("true", ":", "echo", "printf", "write-host", "write-output", "write-warning"))

_WATCHES = re.compile(
    r"\bset\s.*-\w*e|errexit|pipefail|^#!.*\s-\w*e|\|\||&&|\$\?|\$\{\?|PIPESTATUS|\b(?:exit|trap|return)\b"
    r"|\b(?:if|while|until)\s+(?!\[)|!\s+\w|\b(?:else|elif|case|source|function|exec)\b|^\s*\.\s|\(\)"
)
"""What shows that a script may stop at, or look at, a command that fails."""


class Command(NamedTuple):
    """One simple command; assignments before it and redirections are left out."""

    words: tuple[str, ...]
    line: int
    """0-based line of the text that it starts on."""
    swallowed: bool = False
    """Whether what follows it, as in `|| true`, hides its failure."""
    function: str = ""
    """The shell function whose body holds it, or ""."""


def commands(text: str, variables: Mapping[str, str] | None = None) -> list[Command]:
    """The simple commands of a shell text, in the order of the text.

    `variables` are values that are known from outside. The bodies of functions that are never
    called are left out, as is what follows an `exit` at the top level.
    """
    parser = _Parser(tokens(text), dict(variables or {}), 0)
    found = parser.listed(frozenset(), top=True).commands
    called = {word for command in found for word in command.words}
    return [command for command in found if not command.function or command.function in called]


def goes_on(lines: Sequence[str]) -> bool:
    """Whether a script surely runs to its end, so that only its last command counts.

    A script that looks at how its commands end, or leaves by itself, is left open.
    """
    return not any(_WATCHES.search(line.partition(" #")[0]) for line in lines if _is_code(line))


def _is_code(line: str) -> bool:
    return line.startswith("#!") or not line.lstrip().startswith("#")


class _Run(NamedTuple):
    """Commands, and whether the last of them surely succeeds."""

    commands: list[Command]
    sure: bool = False


class _Parser:
    """Recursive descent over the tokens of one text; nothing in it raises for bad text."""

    def __init__(self, found: list[Token], variables: dict[str, str], depth: int) -> None:
        self.tokens = found
        self.at = 0
        self.variables = variables
        self.depth = depth

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def _is(self, *texts: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token is not None and token.bare and token.text in texts

    def listed(self, stop: frozenset[str], *, top: bool = False) -> _Run:
        """The commands up to a word or operator of `stop`, which is left to the caller."""
        found: list[Command] = []
        sure = False
        while (token := self._peek()) is not None and not self._is(*stop):
            if (token.operator and token.text in _SEPARATORS) or self._is(*_CLOSERS):
                self.at += 1
                continue
            before = self.at
            run = self._and_or()
            self.at += self.at == before
            found.extend(run.commands)
            sure = run.sure
            if top and len(run.commands) == 1 and run.commands[0].words[0] == "exit":
                break
        return _Run(found, sure)

    def _and_or(self) -> _Run:
        found, sure = self._pipeline()
        marked = 0
        while self._is("&&", "||"):
            either = self._is("||")
            self.at += 1
            while self._is("\n"):
                self.at += 1
            right = self._pipeline()
            if either and right.sure:
                found[marked:] = [c._replace(swallowed=True) for c in found[marked:]]
                marked = len(found)
            sure = right.sure if either else sure and right.sure
            found.extend(right.commands)
        return _Run(found, sure)

    def _pipeline(self) -> _Run:
        while self._is("!", "time"):
            self.at += 1
        found, sure = self._command()
        while self._is("|", "|&"):
            self.at += 1
            while self._is("\n"):
                self.at += 1
            right = self._command()
            found.extend(right.commands)
            sure = right.sure
        return _Run(found, sure)

    def _command(self) -> _Run:
        token = self._peek()
        if token is None:
            return _Run([])
        compound = _COMPOUNDS.get(token.text) if token.bare else None
        if compound is None or self.depth >= MAX_DEPTH:
            return self._simple()
        self.depth += 1
        self.at += 1
        run = compound(self)
        self.depth -= 1
        return run

    def _until(self, *stop: str) -> Iterator[Token]:
        """The tokens up to one of `stop`, which is passed too."""
        while (token := self._peek()) is not None:
            self.at += 1
            if token.bare and token.text in stop:
                return
            yield token

    def _block(self, *stop: str) -> _Run:
        run = self.listed(frozenset(stop))
        self.at += self._is(*stop)
        return run

    def if_(self) -> _Run:
        found: list[Command] = []
        while (token := self._peek()) is not None:
            found.extend(self.listed(frozenset(("then", "elif", "else", "fi"))).commands)
            token = self._peek()
            self.at += 1
            if token is None or token.text == "fi":
                break
        return _Run(found)

    def loop(self) -> _Run:
        condition = self._block("do").commands
        return _Run(condition + self._block("done").commands)

    def for_(self) -> _Run:
        inner = [c for token in self._until("do", "{") for c in self._inner(token)]
        closer = "}" if self.at and self.tokens[self.at - 1].text == "{" else "done"
        return _Run(inner + self._block(closer).commands)

    def case(self) -> _Run:
        found = [c for token in self._until("in") for c in self._inner(token)]
        while self._peek() is not None and not self._is("esac"):
            list(self._until(")", "esac"))
            if self.tokens[self.at - 1].text == "esac":
                return _Run(found)
            found.extend(self.listed(frozenset((";;", ";&", ";;&", "esac"))).commands)
            self.at += self._is(";;", ";&", ";;&")
            while self._is("\n", "("):
                self.at += 1
        self.at += 1
        return _Run(found)

    def braces(self) -> _Run:
        return self._block("}")

    def subshell(self) -> _Run:
        return self._block(")")

    def test(self) -> _Run:
        return _Run([c for token in self._until("]]", "\n") for c in self._inner(token)])

    def function(self) -> _Run:
        token = self._peek()
        self.at += token is not None
        while self._is("(", ")", "\n"):
            self.at += 1
        return self._body(token.text if token else "")

    def _body(self, name: str) -> _Run:
        self.depth += 1
        body = self._command().commands if self.depth < MAX_DEPTH else []
        self.depth -= 1
        return _Run([c if c.function else c._replace(function=name) for c in body], sure=True)

    def _simple(self) -> _Run:
        words: list[str] = []
        found: list[Command] = []
        line = -1
        while (token := self._peek()) is not None:
            if token.operator:
                if token.text != "(":
                    break
                if self._is(")", ahead=1) and len(words) == 1:
                    self.at += 2
                    while self._is("\n"):
                        self.at += 1
                    return self._body(words[0])
                self._skip_parentheses()
                continue
            self.at += 1
            line = token.line if line < 0 else line
            found.extend(self._inner(token))
            if not words and (assigned := _ASSIGNMENT.fullmatch(token.text)):
                self._assign(assigned[1], assigned[2])
                continue
            words.extend(self._expanded(token))
        if words and words[-1] == "}":
            # PowerShell ends a block on the line of its last command.
            words.pop()
        if not words:
            return _Run(found)
        if words[0] in _DECLARERS:
            for word in words[1:]:
                if assigned := _ASSIGNMENT.fullmatch(word):
                    self._assign(assigned[1], assigned[2])
        found.append(Command(tuple(words), line))
        return _Run(found, _succeeds(words))

    def _assign(self, name: str, value: str) -> None:
        if "$" in value or "`" in value:
            self.variables.pop(name, None)
        else:
            self.variables[name] = value

    def _skip_parentheses(self) -> None:
        depth = 0
        while (token := self._peek()) is not None:
            self.at += 1
            depth += (token.operator and token.text == "(") - (token.operator and token.text == ")")
            if depth == 0:
                return

    def _expanded(self, token: Token) -> list[str]:
        if "$" not in token.text:
            return [token.text]

        def value(found: re.Match[str]) -> str:
            return self.variables.get(found[1] or found[2], found[0])

        text = _VARIABLE.sub(value, token.text)
        return text.split() if token.bare and text != token.text else [text]

    def _inner(self, token: Token) -> list[Command]:
        """The commands of the substitutions in a word; a lone word there is a variable or data."""
        found: list[Command] = []
        for text in token.inner:
            if self.depth < MAX_DEPTH // 8 and " " in text.strip():
                parser = _Parser(tokens(text), dict(self.variables), self.depth + 1)
                below = parser.listed(frozenset()).commands
                found.extend(c._replace(line=c.line + token.line) for c in below)
        return found


def _succeeds(words: list[str]) -> bool:
    """Whether a simple command surely ends with success."""
    return words[0].lower() in _SURE or words in (["exit", "0"], ["return", "0"])


_COMPOUNDS = {
    "if": _Parser.if_,
    "while": _Parser.loop,
    "until": _Parser.loop,
    "for": _Parser.for_,
    "select": _Parser.for_,
    "case": _Parser.case,
    "{": _Parser.braces,
    "(": _Parser.subshell,
    "[[": _Parser.test,
    "function": _Parser.function,
}
