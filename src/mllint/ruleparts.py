"""Parts of a rule: options that a user may set, examples that show it at work. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """A typed option of a rule, with its default."""

    name: str
    default: Any
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A tiny repository that shows a rule at work."""

    kind: Literal["bad", "good", "na"]
    files: Mapping[str, Any]
    """Path -> text, or {text | base64 | size, tracked, lfs}."""
    expect: tuple[str, ...]
    """`path:line` of each finding, or `repo`; for a bad example without `# !` marks."""
    note: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the rule with which it is shown."""
    history: tuple[str, ...] = ()
    """Commits, the newest first, each as `name YYYY-MM-DD subject`."""
