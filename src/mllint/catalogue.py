"""The catalogue: `rules/` read into rules, categories, traits, groups and documents.

Every mistake of every file is collected and reported at once. Knows the keys of the files; knows
nothing of repositories.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.facts import Known
from mllint.language import Mistake, compile_check, late_check, unlike
from mllint.late import Late, Made
from mllint.names import Names
from mllint.review import PROFILES, Category, Check, Profile, Rule, UsageError
from mllint.rulefile import Draft, examples, read_rule
from mllint.ruletables import basis, is_kept, keep, read, recalled, table
from mllint.tools import Families, family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mllint.cache import Cache

_TRAIT_KEYS = ("title", "absent", "check", "fault")


class CatalogueError(UsageError):
    """Mistakes in `rules/`, all of them, a line each."""


@dataclass(frozen=True, slots=True)
class TraitRule:
    """How a trait is decided."""

    id: str
    title: str
    absent: str
    check: Check
    fault: str = ""
    """The rule that reports it where the trait is missing though it should be there, or ""."""


@dataclass(frozen=True, slots=True)
class Document:
    """A source that rules cite."""

    key: str
    title: str
    url: str
    sections: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything that `rules/` says."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    categories: Mapping[str, Category] = field(default_factory=dict)
    traits: Mapping[str, TraitRule] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    groups: Mapping[str, Names] = field(default_factory=dict)
    families: Families = field(default_factory=dict)
    apis: Mapping[str, Any] = field(default_factory=dict)
    """apis.toml as it is written: what `groups` are made of."""
    imports: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """imports.toml: which distributions provide an import root, and what they bring along."""
    ruleset: str = ""
    folders: tuple[Path, ...] = ()

    @cached_property
    def known(self) -> Known:
        """What the Python reader must keep."""
        return _known(self.apis, self.families)


def home() -> Path:
    """The folder `rules/`: inside the installed package, or at the top of a source checkout."""
    package = Path(__file__).parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent.parent / "rules"


def load(
    own: Sequence[Path] = (),
    *,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    with_examples: bool = False,
    cache: Cache | None = None,
    source: Callable[[str], str] = lambda _: "options",
) -> Catalogue:
    """The catalogue of `rules/` and of the user's own rule folders; CatalogueError for mistakes.

    `source` tells where an option (`options.large-file.max-mb`) was set. A cache spares parsing and
    checking what it knows to be without mistakes.
    """
    folders = (home(), *own)
    if cache is None or with_examples:
        return _Loading(folders, options or {}, with_examples, None, source).run()
    key = basis(folders, options or {})
    if _LAST and _LAST[0][0] == key and is_kept(cache, key):
        return _LAST[0][1]
    known = recalled(cache, key)
    loading = _Loading(folders, options or {}, with_examples, known, source)
    catalogue = loading.run()
    if known is None:
        keep(cache, key, loading.tables)
    _LAST[:] = [(key, catalogue)]
    return catalogue


_LAST: list[tuple[str, Catalogue]] = []
"""The catalogue that was loaded last, for the next project or the next look."""


class _Loading:
    def __init__(
        self,
        folders: Sequence[Path],
        options: Mapping[str, Mapping[str, Any]],
        with_examples: bool,
        known: Mapping[Path, dict[str, Any]] | None,
        source: Callable[[str], str],
    ) -> None:
        self.source = source
        self.folders = tuple(folders)
        self.options = options
        self.with_examples = with_examples
        self.sound = known is not None
        """Whether everything was found to be without mistakes before."""
        wrong: dict[Path, str] = {}
        read_now = partial(read, self.folders, wrong, with_examples=with_examples)
        self.tables = read_now() if known is None else known
        self.mistakes = [f"{self.shown(path)}: {text}" for path, text in wrong.items()]

    def run(self) -> Catalogue:
        base = self.folders[0]
        apis = Late(lambda: self.table(base / "apis.toml"))
        groups = Late(lambda: _groups(apis))
        families = self.families(base)
        documents = Late(lambda: _documents(self.table(base / "documents.toml")))
        known_groups = Late(lambda: dict.fromkeys((*groups, *families)))
        traits = self.traits(self.table(base / "traits.toml"), known_groups)
        categories: dict[str, Category] = {}
        drafts: list[Draft] = []
        for path in self.tables:
            if path.name == "category.toml":
                if (category := self.category(path)) is not None:
                    categories[category.id] = category
            elif path.parent not in self.folders and path.parent.name != "tools":
                drafts.append(self.draft(path))
        rules = self.rules(drafts, categories, known_groups)
        if not self.sound:
            self.cross_check(rules, traits, documents)
        if self.mistakes:
            raise CatalogueError("\n".join(self.mistakes))
        return Catalogue(
            rules,
            categories,
            traits,
            documents,
            groups,
            families,
            apis,
            Late(lambda: self.table(base / "imports.toml")),
            "2026.1",
            self.folders,
        )

    def table(self, path: Path) -> dict[str, Any]:
        return self.tables.get(path) or {}

    def families(self, base: Path) -> Families:
        """The families of `tools/*.toml`, by the names of their files."""
        paths = {path.stem: path for path in self.tables if path.parent == base / "tools"}
        return Made(tuple(paths), lambda name: family(self.tables[paths[name]]))

    def draft(self, path: Path) -> Draft:
        folder = path.parent.parent
        return Draft(path, self.tables[path], f"{folder.name}/{path.parent.name}/{path.name}")

    def shown(self, path: Path) -> str:
        for folder in self.folders:
            if path.is_relative_to(folder):
                return f"{folder.name}/{path.relative_to(folder).as_posix()}"
        return str(path)

    def wrong(self, path: Path, found: Sequence[Mistake]) -> None:
        self.mistakes.extend(f"{self.shown(path)}: {m.key}: {m.text}" for m in found)

    def category(self, path: Path) -> Category | None:
        data = self.table(path)
        found: list[Mistake] = [
            Mistake(key, f"unknown key{unlike(key, ('title', 'why', 'budget'))}")
            for key in data
            if key not in {"title", "why", "budget"}
        ]
        budget = data.get("budget", {})
        if set(budget) != set(PROFILES) or not all(
            isinstance(v, int | float) for v in budget.values()
        ):
            found.append(Mistake("budget", f"needs a number for each of {', '.join(PROFILES)}"))
        if not data.get("title"):
            found.append(Mistake("title", "is missing"))
        self.wrong(path, found)
        if found:
            return None
        profiles: dict[Profile, float] = {p: float(budget[p]) for p in PROFILES}
        return Category(path.parent.name, data["title"], data.get("why", ""), profiles)

    def rules(
        self, drafts: Sequence[Draft], categories: Mapping[str, Category], groups: Iterable[str]
    ) -> dict[str, Rule]:
        rules: dict[str, Rule] = {}
        for draft in drafts:
            found: list[Mistake] = []
            rule_id = draft.path.stem
            before = draft.data.get("renamed-from", ())
            chosen = {
                k: v for old in (*before, rule_id) for k, v in self.options.get(old, {}).items()
            }
            rule = read_rule(draft, chosen, groups, found, sound=self.sound)
            if self.with_examples:
                examples(draft.data, found)
            if draft.path.parent.name not in categories:
                found.append(
                    Mistake("category", f'folder "{draft.path.parent.name}" has no category.toml')
                )
            found += [
                Mistake("renamed-from", f'"{old}" is the id of another rule')
                for old in before
                if any(old == other.path.stem for other in drafts)
            ]
            if rule_id in rules:
                found.append(Mistake("id", f"{rules[rule_id].file} has the same id"))
            self.wrong(draft.path, self.without_options(rule_id, found, chosen))
            if rule is not None:
                rules[rule_id] = rule
        return dict(sorted(rules.items(), key=lambda item: (item[1].category, item[0])))

    def without_options(
        self, rule: str, found: Sequence[Mistake], chosen: Mapping[str, Any]
    ) -> list[Mistake]:
        """The mistakes of a rule file; those of the user's options are told by where they stand."""
        mine = {f"options.{name}": f"options.{rule}.{name}" for name in chosen}
        self.mistakes += [
            f"{self.source(mine[m.key])}: {mine[m.key]}: {m.text}" for m in found if m.key in mine
        ]
        return [m for m in found if m.key not in mine]

    def traits(self, data: Mapping[str, Any], groups: Iterable[str]) -> dict[str, TraitRule]:
        traits: dict[str, TraitRule] = {}
        for name, spec in data.items():
            found = [
                Mistake(f"{name}.{key}", f"unknown key{unlike(key, _TRAIT_KEYS)}")
                for key in spec
                if key not in _TRAIT_KEYS
            ]
            found += [
                Mistake(f"{name}.{k}", "is missing") for k in _TRAIT_KEYS[:3] if k not in spec
            ]
            compiling = late_check if self.sound else compile_check
            check = compiling(spec.get("check", {}), found, groups)
            self.wrong(self.folders[0] / "traits.toml", found)
            title, absent, fault = (spec.get(key, "") for key in ("title", "absent", "fault"))
            traits[name] = TraitRule(name, title, absent, check, fault)
        return traits

    def cross_check(
        self,
        rules: Mapping[str, Rule],
        traits: Mapping[str, TraitRule],
        documents: Mapping[str, Document],
    ) -> None:
        for rule in rules.values():
            found = [
                Mistake("when", f'unknown trait "{name}"{unlike(name, traits)}')
                for when in rule.when
                for name in when.split("|")
                if name.lstrip("!") not in traits
            ]
            found += [
                Mistake("requires", f'unknown rule "{name}"{unlike(name, rules)}')
                for name in (*rule.requires, *rule.related)
                if name not in rules
            ]
            for source in rule.source:
                key, _, section = source.partition("#")
                if key not in documents:
                    found.append(
                        Mistake("source", f'unknown document "{key}"{unlike(key, documents)}')
                    )
                elif section and documents[key].sections and section not in documents[key].sections:
                    near = unlike(section, documents[key].sections)
                    found.append(Mistake("source", f'"{key}" has no section "{section}"{near}'))
            if loop := _loop(rule.id, rules):
                found.append(Mistake("requires", f"goes in a circle: {' -> '.join(loop)}"))
            self.mistakes.extend(f"{rule.file}: {m.key}: {m.text}" for m in found)


def reread(catalogue: Catalogue, rule: Rule, options: Mapping[str, Any], where: str) -> Check:
    """The check of a rule with other options; CatalogueError for wrong ones, named by `where`."""
    name, _, rest = rule.file.partition("/")
    named = (f for f in catalogue.folders if f.name == name and (f / rest).is_file())
    path = next(named) / rest
    found: list[Mistake] = []
    groups = (*catalogue.groups, *catalogue.families)
    made = read_rule(Draft(path, table(path), rule.file), options, groups, found)
    if made is None:
        raise CatalogueError("\n".join(f"{where}: {rule.id}: {m.key}: {m.text}" for m in found))
    return made.check


def _loop(start: str, rules: Mapping[str, Rule]) -> list[str]:
    """The chain of `requires` from a rule back to itself; empty where there is none."""
    trail: list[tuple[str, list[str]]] = [(start, [start])]
    seen: set[str] = set()
    while trail:
        here, way = trail.pop()
        for needed in rules[here].requires if here in rules else ():
            if needed == start:
                return [*way, start]
            if needed not in seen:
                seen.add(needed)
                trail.append((needed, [*way, needed]))
    return []


def _groups(apis: Mapping[str, Any]) -> Mapping[str, Names]:
    """Group -> names; a group may take in others by `@name`."""

    def members(name: str, seen: frozenset[str]) -> Iterator[str]:
        for entry in apis.get(name, {}).get("calls", ()):
            if entry.startswith("@"):
                if entry[1:] not in seen:
                    yield from members(entry[1:], seen | {name})
            else:
                yield entry

    names = tuple(name for name in apis if name != "read")
    return Made(names, lambda name: Names(members(name, frozenset({name}))))


def _known(apis: Mapping[str, Any], families: Families) -> Known:
    """What the Python reader must keep: the roots and methods that groups and families name."""
    read = apis.get("read", {})
    roots = set(read.get("roots", ()))
    methods = set(read.get("methods", ()))
    names = set()
    for name, group in apis.items():
        if name == "read":
            continue
        for entry in group.get("calls", ()):
            root, _, rest = entry.partition(".")
            if root.isidentifier():
                roots.add(root)
            elif root == "*" and rest.isidentifier():
                methods.add(rest)
            if root.isidentifier() and "*" not in rest:
                names.add(entry)
    for tools in families.values():
        for tool in tools.values():
            for entry in (*tool.get("calls", ()), *tool.get("imports", ())):
                root = entry.partition(".")[0]
                if root.isidentifier():
                    roots.add(root)
    return Known(frozenset(roots), frozenset(methods), frozenset(names))


def _documents(data: Mapping[str, Any]) -> dict[str, Document]:
    return {
        key: Document(
            key, spec.get("title", key), spec.get("url", ""), tuple(spec.get("sections", ()))
        )
        for key, spec in data.items()
    }
