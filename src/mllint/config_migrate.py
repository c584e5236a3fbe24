"""What the configuration of the older tool of our name comes to in ours.

Knows the older tool's keys and rule names as its documentation has them; what has no counterpart is
named, not guessed at. Nothing of it is ever run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

from mllint.config_legacy import FILES, tables_of
from mllint.review import UsageError
from mllint.tomltext import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mllint.readers.yamldoc import Node

RULES: Mapping[str, tuple[str, ...]] = {
    "version-control/code/git": ("not-under-git",),
    "version-control/code/git-no-big-files": ("large-file", "data-in-git", "model-in-git"),
    "version-control/data/dvc": ("unversioned-data",),
    "version-control/data/dvc-has-files": ("unversioned-data",),
    "version-control/data/dvc-has-remote": ("dvc-without-remote",),
    "version-control/data/commit-dvc-lock": ("dvc-lock-out-of-step",),
    "dependency-management/use": ("no-dependency-manifest",),
    "dependency-management/single": ("two-dependency-managers",),
    "ci/use": ("no-ci",),
    "code-quality/use-linters": ("no-linter", "lint-not-in-ci"),
    "testing/has-tests": ("no-tests",),
    "testing/pass": ("tests-not-in-ci",),
    "testing/coverage": ("no-coverage",),
    "version-control/data/commit-dvc-folder": (),
    "version-control/data/dvc-is-installed": (),
    "code-quality/linters-installed": (),
}
"""The older tool's rules; none of ours for those that asked the machine and not the repository."""


class Old(NamedTuple):
    """A configuration of the older tool."""

    name: str
    values: Mapping[str, Any]


def find(root: Path) -> Old:
    """The older tool's configuration of a folder; UsageError where there is none."""
    for name in FILES:
        if (root / name).is_file():
            return Old(name, _yaml(root / name, name))
    path = root / "pyproject.toml"
    if path.is_file():
        try:
            tool = tomli.loads(path.read_text("utf-8")).get("tool", {}).get("mllint", {})
        except (ValueError, OSError, AttributeError) as error:
            raise UsageError(f"pyproject.toml: cannot be read: {error}") from None
        legacy = tables_of(tool) if isinstance(tool, dict) else []
        if legacy:
            return Old("pyproject.toml", {name: tool[name] for name in legacy})
    raise UsageError(
        f"{root}: has no configuration of the older tool: neither .mllint.yml nor "
        "[tool.mllint.rules] with `disabled` in pyproject.toml"
    )


def _yaml(path: Path, name: str) -> Mapping[str, Any]:
    from mllint.readers import yamldoc

    try:
        documents = yamldoc.load(path.read_bytes())
    except (yamldoc.YamlProblem, OSError) as error:
        raise UsageError(f"{name}: is not YAML that mllint can read: {error}") from None
    values = _plain(documents[0]) if documents else {}
    return values if isinstance(values, dict) else {}


def _plain(node: Node) -> Any:
    if node.kind == "mapping":
        return {item.key: _plain(item.node) for item in node.items}
    if node.kind == "sequence":
        return [_plain(one) for one in node.list]
    return node.value


def migrated(old: Old) -> str:
    """The table of ours, in TOML, with what has no counterpart as comments."""
    lines = [f"# Made from {old.name} by `mllint config migrate`.", "[tool.mllint]"]
    ignored, lost = _disabled(old.values)
    if ignored:
        lines.append("[tool.mllint.ignore]")
        lines += [f"{rule} = {quoted(reason)}" for rule, reason in sorted(ignored.items())]
    limit = _at(old.values, "git", "maxFileSize")
    if isinstance(limit, int) and limit > 0:
        lines += ["", "[tool.mllint.options.large-file]", f"max-mb = {max(limit // 1_000_000, 1)}"]
    lost += _lost(old.values)
    if lost:
        lines += ["", "# Not carried over:", *(f"#   {text}" for text in lost)]
    return "\n".join(lines) + "\n"


def _disabled(values: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    named = _at(values, "rules", "disabled")
    slugs = [str(one).strip("/") for one in named] if isinstance(named, list) else []
    ignored: dict[str, str] = {}
    lost = []
    for slug in slugs:
        ours = [
            rule
            for known, rules in RULES.items()
            if known == slug or known.startswith(f"{slug}/")
            for rule in rules
        ]
        for rule in ours:
            ignored.setdefault(rule, f"disabled before as {slug}")
        if not ours:
            lost.append(f"rules.disabled: {slug} has no counterpart")
    return ignored, lost


def _lost(values: Mapping[str, Any]) -> Iterator[str]:
    custom = _at(values, "rules", "custom")
    for one in custom if isinstance(custom, list) else ():
        name = one.get("name") or one.get("slug") if isinstance(one, Mapping) else None
        yield (
            f"rules.custom: {json.dumps(name or 'a rule')} runs a command, which mllint never "
            "does; write it as a rule file (docs/writing-rules.md)"
        )
    if _at(values, "code-quality", "linters"):
        yield "code-quality.linters: mllint credits whichever linter CI or a hook runs"
    if isinstance(values.get("testing"), Mapping):
        yield "testing: mllint looks at the tests and at CI, not at a report of a test run"


def _at(values: Mapping[str, Any], *keys: str) -> Any:
    found: Any = values
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
