"""What evidence of a tool is worth by where it stands: sources, tests, examples, notebooks, guards.

Knows roles, imports and command-line switches; knows nothing of particular tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mllint.link.unreached import unreached

if TYPE_CHECKING:
    from mllint.balance import Balance
    from mllint.facts import Call, Import
    from mllint.tools import Spec

Tables = Mapping[str, Sequence[Any]]

_OFF = (None, False, "", 0, "none", "off", "disabled", "[]", "null", "false", "no")
"""Values that turn an option off."""
_OPTION_CALLS = ("add_argument", "option", "add_option")


@dataclass(frozen=True)
class Ground:
    """Where the evidence of one project stands."""

    roles: Mapping[str, str]
    notebooks: bool
    """Whether notebooks are the project itself rather than beside it."""
    templates: bool
    """Whether files with placeholders are the project itself."""
    ours: frozenset[tuple[str, str]]
    """Path and import root that a module of the project provides."""
    guarded: frozenset[tuple[str, str]]
    """Path and import root that is imported only where it is installed."""
    switched_off: tuple[str, ...]
    """Command-line options that are off unless asked for, letters only."""
    unreached: frozenset[str] = frozenset()
    """Source files that nothing runs or imports."""

    def worth(self, path: str, spec: Spec) -> str:
        """The best grade of evidence in a file: used, optional or vendored."""
        role = self.roles.get(path, "source")
        if role == "test":
            return "used" if spec.get("tests") else "vendored"
        if role == "template":
            return "used" if self.templates else "vendored"
        if role != "source":
            return "vendored"
        return "optional" if path.endswith(".ipynb") and not self.notebooks else "used"

    def off_by_default(self, spec: Spec) -> bool:
        """Whether an option that names the tool turns it on, and is off unless given."""
        words = [_letters(name.partition(".")[0]) for name in spec.get("imports", ())]
        return any(
            word in option for word in words if len(word) > 2 for option in self.switched_off
        )


def ground(tables: Tables, roles: Mapping[str, str], spread: Balance) -> Ground:
    """The ground of a project."""
    imports: Sequence[Import] = tables.get("import", ())
    guarded = {(i.at.path, i.root) for i in imports if i.optional}
    sure = {(i.at.path, i.root) for i in imports if not i.optional}
    return Ground(
        roles,
        notebooks=spread.on_notebooks,
        templates=spread.on_templates,
        ours=frozenset((i.at.path, i.root) for i in imports if is_ours(i)),
        guarded=frozenset(guarded - sure),
        switched_off=tuple(_switches(tables.get("call", ()))),
        unreached=unreached(tables, roles),
    )


def is_ours(row: Import) -> bool:
    """Whether an import is of a module of the project; nobody guards those against absence."""
    return row.first_party and not row.optional


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _switches(calls: Iterable[Call]) -> Iterable[str]:
    """The options of argparse and click that are off by default."""
    for call in calls:
        if not call.name.endswith(_OPTION_CALLS):
            continue
        names = [a.const for a in call.args if a.key.isdigit() and a.known]
        given = {a.key: a.const for a in call.args if a.known}
        off = given.get("action") == "store_true" or given.get("is_flag") is True
        if off or ("default" in given and is_off(given["default"])):
            yield from (_letters(n) for n in names if isinstance(n, str) and n.startswith("-"))


def is_off(value: Any) -> bool:
    """Whether a known value of an option turns it off."""
    if isinstance(value, str):
        return value.lower() in _OFF
    return value is None or value is False or value in ([], 0)
