"""What a shell may propose: names of rules, categories, practices, checklists and formats.

Taken from the names of files, or from single files, so that a key press loads no catalogue.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.shell_completion import CompletionItem

from mllint.review import PROFILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click

_TAGS = re.compile(r"(?m)^tags\s*=\s*\[([^\]]*)\]")


def complete_targets(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What can be explained: rules and categories; from the first letter on practices, too."""
    del ctx, parameter
    names = [*rule_names(), *category_names(), *PROFILES, "score", "profile", "traits"]
    return _items(names + (practice_names() if incomplete else []), incomplete)


def complete_selectors(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Selectors of rules, after the last comma."""
    del ctx, parameter
    head, comma, last = incomplete.rpartition(",")
    names = ["default", "all", *category_names(), *rule_names()]
    names += [f"profile:{profile}" for profile in PROFILES]
    names += [f"tag:{tag}" for tag in _tags()] if last.startswith("t") else ["tag:"]
    names += [name for name in practice_names() if "." in name] if last else []
    return [CompletionItem(f"{head}{comma}{name}") for name in names if name.startswith(last)]


def complete_categories(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The categories of rules."""
    del ctx, parameter
    return _items(category_names(), incomplete)


def complete_scores(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What a least score can be of."""
    del ctx, parameter
    return _items((f"{name}=" for name in ("strict", *category_names())), incomplete)


def complete_outputs(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The formats that a report can be written in."""
    del ctx, parameter
    from mllint.reports import FORMATS

    return _items((f"{name}=" for name in FORMATS), incomplete)


def complete_checklists(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The checklists."""
    del ctx, parameter
    return _items(checklist_names(), incomplete)


def rule_names() -> list[str]:
    """The ids of the shipped rules."""
    return sorted(path.stem for path in _rule_files())


def category_names() -> list[str]:
    """The shipped categories."""
    return sorted(path.parent.name for path in folder().glob("*/category.toml"))


def checklist_names() -> list[str]:
    """The documents whose practices are mapped."""
    names = (path.stem for path in folder().glob("practices/*.toml"))
    return sorted(name for name in names if name not in {"attestations", "checks"})


def practice_names() -> list[str]:
    """The practices of the documents, the checks that they come down to, and attestations."""
    import tomli

    found: set[str] = set()
    for path in folder().glob("practices/*.toml"):
        found.update(_names(tomli.loads(path.read_text("utf-8"))))
    return sorted(found)


def _names(table: dict[str, Any], above: str = "") -> Iterator[str]:
    for key, value in table.items():
        if not isinstance(value, dict):
            continue
        if "says" in value:
            yield key
        elif "asks" in value or "question" in value:
            yield f"{above}{key}"
        else:
            yield from _names(value, f"{above}{key}.")


def _tags() -> list[str]:
    lists = (_TAGS.search(path.read_text("utf-8")) for path in _rule_files())
    return sorted({tag for found in lists if found for tag in re.findall(r'"([^"]+)"', found[1])})


def _rule_files() -> list[Path]:
    categories = {path.parent for path in folder().glob("*/category.toml")}
    paths = (path for parent in categories for path in parent.glob("*.toml"))
    return [path for path in paths if path.name != "category.toml"]


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def folder() -> Path:
    """The shipped rules."""
    import mllint

    package = Path(mllint.__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent.parent / "rules"
