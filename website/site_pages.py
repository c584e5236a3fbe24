"""The pages of the documentation site that the catalogue writes: rules, practices, traits.

A page says what `mllint explain` says, under headings that are the same on every page.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import site_commands
import site_links as link
from site_links import plain

from mllint import catalogue, practices
from mllint.meta_rules import with_meta
from mllint.reports.explain import rule_page
from mllint.reports.page import Code, Item
from mllint.reports.practice_pages import check_page
from mllint.review import PROFILES
from mllint.score import counts, expects, weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mllint.catalogue import Catalogue
    from mllint.practices import PracticeCheck, PracticeMap
    from mllint.reports.page import Block
    from mllint.review import Profile, Rule
    from mllint.ruleparts import Example

RULE_SECTIONS = (
    "Severity",
    "Why it matters",
    "Bad",
    "Good",
    "How it is found",
    "Known limits",
    "Not applicable",
    "Fix",
    "Options",
    "Suppress",
    "Sources",
    "Practices",
)
"""The headings of every page of a rule, in this order."""
PRACTICE_SECTIONS = (
    "What counts",
    "What does not",
    "Does not apply",
    "Expected of",
    "Rules",
    "Documents",
)
"""The headings of every page of a practice, in this order."""
_NOTHING = {
    "Bad": "The places themselves are the example: a suppression or a setting of the project.",
    "Good": "There is none of it.",
    "Known limits": "None that we know of.",
    "Options": "None.",
    "Sources": "The rules of mllint itself.",
    "Practices": "None: it keeps suppressions and settings honest.",
    "What does not": "Nothing in particular.",
    "Does not apply": "It is asked of every project of the kinds below.",
    "Rules": "None: only people can answer it.",
}
"""What a section says that has nothing to say."""
_OPINIONS = """\
An opinion is a practice that a team may rightly lack: it is off in an ordinary run and costs \
nothing. Checklists and `mllint rules --practices` ask it; `--extend-select RULE` turns it on. A \
dash says that the profile does not expect the rule."""
_TRAITS = """\
A rule applies where the project has the traits that it needs. Where one is missing, the rule is \
not applicable, and the report says which. `mllint explain traits` shows those of a project, each \
with what was seen."""
_BRACES = re.compile(r"\{[^}]*\}")
"""Stand for what a finding is about."""
_LANGUAGES = {
    "py": "python", "toml": "toml", "yml": "yaml", "yaml": "yaml", "json": "json",
    "ipynb": "json", "md": "markdown", "sh": "bash", "cfg": "ini", "ini": "ini",
}  # fmt: skip


class Known(NamedTuple):
    """What pages are written from."""

    catalogue: Catalogue
    practices: PracticeMap
    weights: Mapping[Profile, Mapping[str, float]]


def known() -> Known:
    """Everything that `rules/` says, examples and the rules about suppressions included."""
    loaded = with_meta(catalogue.load(with_examples=True))
    weight = {p: weights(p, loaded.rules, loaded.categories) for p in PROFILES}
    return Known(loaded, practices.load(loaded), weight)


def pages(all_: Known) -> dict[str, str]:
    """Path in the site -> Markdown, for every generated page."""
    rules = all_.catalogue.rules.values()
    checks = all_.practices.checks.values()
    return {
        "rules.md": rule_index(all_),
        "checks.md": check_index(all_),
        "traits.md": trait_index(all_),
        "commands.md": site_commands.page(),
        **{f"rules/{one.id}.md": of_rule(one, all_) for one in rules},
        **{f"practices/{one.id}.md": of_check(one, all_) for one in checks},
    }


def changelog(text: str) -> str:
    """The changelog as a page: what it links stands beside it there."""
    return text.replace("](docs/", "](")


def of_rule(rule: Rule, all_: Known) -> str:
    """The page of a rule."""
    here = f"rules/{rule.id}.md"
    loaded = all_.catalogue
    page = rule_page(
        rule, loaded.categories[rule.category], profile="internal", sources=(), report=None
    )
    told = {label: _blocks(blocks) for label, blocks in page.sections}
    category = loaded.categories[rule.category]
    section = link.to(here, f"rules.md#{category.id}", plain(category.title))
    marks = ["opinion"] * rule.opinion + ["preview"] * rule.preview
    kinds = [f"{rule.confidence} confidence", f"since ruleset {rule.since}", *marks]
    told |= {
        "Severity": _severities(rule, all_),
        "Bad": _example(rule.examples, "bad"),
        "Good": _example(rule.examples, "good"),
        "Not applicable": _applies(rule, all_, here),
        "Sources": _sources(rule, loaded),
        "Practices": [_asked(name, all_, here) for name in rule.practices],
    }
    head = [f"# {rule.id}", "", f"{section} · {' · '.join(kinds)}", "", f"**{plain(rule.title)}.**"]
    message = _BRACES.sub("…", plain(rule.message))
    head += ["", f"A finding reads: {message}.", ""] if message.strip("…` ") else [""]
    tail = _related(rule, here)
    return _document(head, told, RULE_SECTIONS, tail)


def of_check(check: PracticeCheck, all_: Known) -> str:
    """The page of a practice, to which rows of documents come down."""
    here = f"practices/{check.id}.md"
    told = {
        label: _blocks(blocks)
        for label, blocks in check_page(
            check, all_.practices, (), profile="internal", report=None
        ).sections
    }
    rows = [row for row in all_.practices.rows.values() if check.id in row.checks]
    rules = [all_.catalogue.rules[name] for name in all_.practices.served.get(check.id, ())]
    told["Rules"] = [f"- {link.rule(here, r.id)}: {plain(r.title)}{_mark(r)}" for r in rules]
    told["Documents"] = []
    for document, members in groupby(rows, lambda row: row.document):
        told["Documents"] += [f"**{plain(all_.catalogue.documents[document].title)}**", ""]
        told["Documents"] += [f"- {link.row(here, row.id)}: {plain(row.says)}" for row in members]
        told["Documents"].append("")
    attested = sorted({row.attest for row in rows if row.checks[0] == check.id} - {""})
    if attested and not rules:
        told["Rules"] = ["None: only people can answer it, by an attestation.", ""]
        told["Rules"] += [
            f"- {name}: {plain(all_.practices.attestations[name].question)}" for name in attested
        ]
    head = [f"# {check.id}", "", f"**{plain(check.asks)}.**", ""]
    return _document(head, told, PRACTICE_SECTIONS, [])


def rule_index(all_: Known) -> str:
    """All rules by category, with their severities by profile."""
    loaded = all_.catalogue
    counted = [r for r in loaded.rules.values() if counts(r)]
    opinions = [r for r in loaded.rules.values() if r.opinion]
    lines = [
        "# Rules",
        "",
        f"{len(counted)} rules can cost points. {len(opinions)} are opinions. {_OPINIONS}",
        "",
    ]
    for category in sorted(loaded.categories.values(), key=lambda c: -c.budget["internal"]):
        members = [r for r in loaded.rules.values() if r.category == category.id]
        lines += [f"## {plain(category.title)} {{#{category.id}}}", "", plain(category.why), ""]
        lines += _rule_table([r for r in members if not r.opinion])
        if asked := [r for r in members if r.opinion]:
            lines += ["Opinions:", "", "| Rule | Asks that |", "|---|---|"]
            lines += [f"| {link.rule('rules.md', r.id)} | {plain(r.title)} |" for r in asked]
            lines.append("")
    return "\n".join(lines)


def _rule_table(rules: Sequence[Rule]) -> list[str]:
    if not rules:
        return []
    lines = [f"| Rule | Asks that | {' | '.join(PROFILES)} |", "|---|---|---|---|---|"]
    for rule in rules:
        levels = " | ".join(rule.severity[p] if expects(p, rule) else "-" for p in PROFILES)
        lines.append(f"| {link.rule('rules.md', rule.id)} | {plain(rule.title)} | {levels} |")
    return [*lines, ""]


def check_index(all_: Known) -> str:
    """All checks of the practice map by subject, with the rules that look at them."""
    here = "checks.md"
    documents = link.to(here, "practices.md", "the documents")
    attestation = link.to(here, "checklists.md#attestations", "an attestation")
    about = (
        f"The {len(all_.practices.rows)} practices of {documents} come down to "
        f"{len(all_.practices.checks)} questions to a repository. Rules look at them; where only "
        f"people can answer, {attestation} does."
    )
    lines = ["# Practices by subject", "", about, ""]
    for group, members in groupby(all_.practices.checks.values(), lambda c: c.id.split(".")[0]):
        lines += [f"## {group}", "", "| Practice | Asks that | Rules |", "|---|---|---|"]
        for one in members:
            rules = " ".join(link.rule(here, r) for r in all_.practices.served.get(one.id, ()))
            lines.append(f"| {link.check(here, one.id)} | {plain(one.asks)} | {rules} |")
        lines.append("")
    return "\n".join(lines)


def trait_index(all_: Known) -> str:
    """What decides whether a rule applies."""
    lines = [
        "# Traits",
        "",
        _TRAITS,
        "",
        "| Trait | The project | Not applicable, because |",
        "|---|---|---|",
    ]
    for trait in all_.catalogue.traits.values():
        row = (f'<a id="{trait.id}"></a>`{trait.id}`', plain(trait.title), plain(trait.absent))
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def _severities(rule: Rule, all_: Known) -> list[str]:
    """A table of severities, and of points where all rules of the catalogue apply."""
    lines = ["| Profile | Severity | Points |", "|---|---|---:|"]
    for profile in PROFILES:
        if not expects(profile, rule):
            lines.append(f"| {profile} | not expected | |")
            continue
        points = all_.weights[profile].get(rule.id)
        shown = f"{points:.2f}" if points else "none"
        lines.append(f"| {profile} | {rule.severity[profile]} | {shown} |")
    if rule.opinion:
        return [*lines, "", "An opinion: it is off in an ordinary run, and costs nothing."]
    if not counts(rule):
        return [*lines, "", "It never costs points."]
    return [*lines, "", "Points are those of 100 in a project to which every rule applies."]


def _applies(rule: Rule, all_: Known, here: str) -> list[str]:
    """When the rule is not applicable, with an example where there is one."""
    lines = []
    for part in rule.when:
        names = part.split("|")
        said = " and ".join(_lacking(name, all_, here) for name in names)
        lines.append(f"- {said}")
    nothing = f"- {plain(rule.nothing)}"
    lines = ["It does not apply where any of these holds:", "", *lines, nothing]
    example = _example(rule.examples, "na")
    return (
        [*lines, "", "An example to which it does not apply:", "", *example] if example else lines
    )


def _lacking(name: str, all_: Known, here: str) -> str:
    bare = name.removeprefix("!")
    trait = all_.catalogue.traits[bare]
    says = f"the project {trait.title}" if name.startswith("!") else trait.absent
    return f"{plain(says)} ({link.to(here, f'traits.md#{bare}', f'`{bare}`')})"


def _sources(rule: Rule, loaded: Catalogue) -> list[str]:
    lines = []
    for source in rule.source:
        key, _, section = source.partition("#")
        document = loaded.documents[key]
        title = plain(document.title)
        shown = f"[{title}]({document.url})" if document.url else title
        lines.append(f"- {shown}{f', {plain(section)}' if section else ''}")
    return [*lines, *(f"- <{address}>" for address in rule.references)]


def _related(rule: Rule, here: str) -> list[str]:
    lines = [f"- {link.rule(here, name)}: is asked first" for name in rule.requires]
    lines += [f"- {link.rule(here, name)}" for name in rule.related]
    return ["## Related", "", *lines, ""] if lines else []


def _asked(name: str, all_: Known, here: str) -> str:
    """A practice that a rule cites: mostly a check of the map, sometimes a row of a document."""
    if check := all_.practices.checks.get(name):
        return f"- {link.check(here, name)}: {plain(check.asks)}"
    return f"- {link.row(here, name)}: {plain(all_.practices.rows[name].says)}"


def _mark(rule: Rule) -> str:
    return " (opinion)" if rule.opinion else ""


def _example(examples: Iterable[Example], kind: str) -> list[str]:
    """The first example of a kind."""
    one = next((example for example in examples if example.kind == kind), None)
    if one is None:
        return []
    lines = [f"{plain(one.note)}", ""] if one.note else []
    for path, spec in one.files.items():
        lines += _file(path, spec)
    if one.history:
        lines += ["Commits, the newest first:", "", *_fence("text", "\n".join(one.history))]
    return lines


def _file(path: str, spec: object) -> list[str]:
    if isinstance(spec, dict) and "text" in spec:
        return _file(path, spec["text"])
    if isinstance(spec, str):
        text = "\n".join(part.replace("# !", "# <- here") for part in spec.strip("\n").split("\n"))
        if not text:
            return [f"`{path}`, empty", ""]
        return [f"`{path}`", "", *_fence(_LANGUAGES.get(path.rpartition(".")[2], "text"), text)]
    size = spec.get("size") if isinstance(spec, dict) else None
    return [f"`{path}`, {f'{size:,} bytes' if isinstance(size, int) else 'a binary file'}", ""]


def _blocks(blocks: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Item):
            lines.append(f"- **{plain(block.name)}** {plain(block.text)}".rstrip())
        elif isinstance(block, Code):
            lines += ["", *_fence("text", block.text)]
        else:
            lines += [_sentence(plain(block)), ""]
    return lines


def _sentence(text: str) -> str:
    """A phrase with a capital and a full stop, which the terminal does without."""
    whole = text if text[:1] == "`" else text[:1].upper() + text[1:]
    return whole if whole[-1:] in ".!?" else f"{whole}."


def _fence(language: str, text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", *text.splitlines(), fence, ""]


def _document(
    head: Sequence[str],
    told: Mapping[str, list[str]],
    sections: Sequence[str],
    tail: Sequence[str],
) -> str:
    lines = list(head)
    for label in sections:
        body = told.get(label) or [_NOTHING[label]]
        lines += [f"## {label}", "", *body]
        lines += [""] if lines[-1] else []
    return "\n".join([*lines, *tail])
