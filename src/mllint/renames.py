"""Former ids of rules: still understood wherever a rule is named, and told of.

Knows who may name a rule; nothing of what the rule does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.selection import renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mllint.facts import Ignore
    from mllint.review import Rule
    from mllint.settings import Settings

_KEYS = ("ignore", "severity", "options")


def notices(
    settings: Settings, ignores: Iterable[Ignore], rules: Mapping[str, Rule]
) -> tuple[str, ...]:
    """A sentence for each place that calls a rule by a former id."""
    old = renamed(rules)
    if not old:
        return ()
    named = (*_settings(settings), *_comments(() if settings.isolated else ignores))
    return tuple(
        f"{source}: `{name}` is called `{old[name]}` now" for name, source in named if name in old
    )


def _settings(settings: Settings) -> Iterator[tuple[str, str]]:
    for key, names in (("select", settings.select), ("extend-select", settings.extend_select)):
        yield from ((name, settings.source(key)) for name in names)
    for key in _KEYS:
        yield from ((n, settings.source_below(f"{key}.{n}")) for n in getattr(settings, key))
    for waiver in settings.waivers:
        yield from ((name, waiver.source) for name in waiver.rules)
    for pattern, table in settings.per_path.items():
        for key in _KEYS:
            where = settings.source_below(f"per-path.{pattern}.{key}")
            yield from ((name, where) for name in table.get(key, ()))


def _comments(ignores: Iterable[Ignore]) -> Iterator[tuple[str, str]]:
    for ignore in ignores:
        yield from ((name, str(ignore.at._replace(col=0))) for name in ignore.rules)
