"""Rows about what people read: documents, and notebooks as a whole."""

from typing import NamedTuple

from mllint.facts.places import Place


class Heading(NamedTuple):
    """A heading of a Markdown, RST or notebook text."""

    at: Place
    text: str
    level: int
    words: int
    """Words of prose and code below it, up to the next heading of its level or above."""


class Link(NamedTuple):
    """A link of a text."""

    at: Place
    target: str
    text: str
    image: bool


class Fence(NamedTuple):
    """A code block of a text."""

    at: Place
    language: str
    text: str
    heading: str


class Prose(NamedTuple):
    """One Markdown, RST or text document as a whole."""

    at: Place
    title: str
    words: int
    text: str
    """Its first 16 KB, code blocks and comments left out, lower case, white space single."""


class Notebook(NamedTuple):
    """What a notebook's JSON says, its code apart."""

    at: Place
    cells: int
    code_cells: int
    markdown_cells: int
    empty_cells: int
    """Code cells without code."""
    executed: int
    """Code cells with an execution count."""
    in_order: bool | None
    """Whether the execution counts rise; None where fewer than two cells were run."""
    from_one: bool | None
    """Whether the counts are 1, 2, 3 ... without a gap; None as above."""
    outputs: int
    """Cells with a saved output."""
    output_bytes: int
    errors: int
    """Saved outputs that are errors."""
    lines: int
    """Lines of code, blank and comment lines apart."""
    longest_cell: int
    defines: int
    """Functions and classes."""
    python: str
    """Version that the metadata name, or ""."""
    kernel: str
    language: str
    disorder: tuple[int, ...]
    """1-based index of each cell whose count is lower than one before it."""
    failed: tuple[int, ...] = ()
    """1-based index of each cell with a saved error that its tags do not announce."""
