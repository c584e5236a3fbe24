"""What others say of a project: people who attest, other tools, its own settings.

Pure data. Knows nothing of rules and scores, which it never touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Attested:
    """A question that only people can answer, and what they said."""

    id: str
    topic: str
    question: str
    state: Literal["valid", "expired", "unproven", "open"] = "open"
    """unproven: the file that is to prove it is not there; open: nobody has said anything."""
    who: str = ""
    when: str = ""
    """ISO 8601."""
    proof: str = ""
    """A file of the repository, or a link."""
    until: str = ""
    """Its last day, ISO 8601."""
    says: str = ""
    source: str = ""
    """Where it stands: `pyproject.toml:41`."""
    effect: str = ""
    """`elsewhere`: what it is about is done in another place; `annotates`: qualifies results."""

    @property
    def said(self) -> str:
        """What was said, by whom, when, and what proves it."""
        return f"{self.says or 'yes'} ({self.who}, {self.when}; {self.proof})"


@dataclass(frozen=True, slots=True, order=True)
class Imported:
    """A finding of another tool, as its SARIF file has it."""

    path: str
    """As the file has it, relative where it is; "" without a place."""
    line: int
    """1-based; 0 for a whole file."""
    tool: str
    rule: str
    level: Literal["error", "warning", "note"]
    message: str


@dataclass(frozen=True, slots=True)
class Concealed:
    """A finding that the repository's own settings would have hidden."""

    path: str
    """"" for the whole repository."""
    line: int
    """1-based; 0 for a whole file."""
    rule: str
    severity: Literal["error", "warning", "note"]
    message: str
    by: str
    """What hides it, in words."""
