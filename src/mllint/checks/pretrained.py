"""Whether models that others trained are fetched at a version that stays the same.

Knows calls that fetch by name; a path of the repository or an unknown name is no such call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.names import Names
from mllint.project import arg, unpacks
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Call
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_FETCHES = Names((
    "transformers.*.from_pretrained", "diffusers.*.from_pretrained", "peft.*.from_pretrained",
    "sentence_transformers.*.from_pretrained", "huggingface_hub.*hf_hub_download",
    "huggingface_hub.*snapshot_download", "sentence_transformers.SentenceTransformer",
    "setfit.*.from_pretrained", "transformers.pipeline", "torch.hub.load",
))  # fmt: skip
_NAMES = ("pretrained_model_name_or_path", "repo_id", "model_name_or_path", "model", "model_id")
_PUTS = ("output_dir", "hub_model_id")
"""Keywords that say what a model is called which is trained."""
_UPLOADS = ("create_repo", "upload_file", "upload_folder")
_AT_HUB = regex(r"[\w.-]+/[\w.-]+|(?:bert|roberta|distilbert|gpt2|t5|albert|xlnet)[\w-]*")
_BLANK = regex(
    r"(?:your[\w-]*|my[-_](?:user|account|name|org)[\w-]*|(?:hf[-_]?)?user(?:[-_]?name)?|org|namespace)/",
    re.IGNORECASE,
)
"""Owners that are there to be filled in."""
_MOVING = (None, "", "main", "master", "dev", "develop", "latest", "HEAD")
"""Revisions that move on."""
_ADDRESS = regex(r"^(?:project\.urls\b|tool\.poetry\.(?:repository|homepage)$|metadata\.url$)")
_HUB = regex(r"https?://(?:www\.)?(?:github\.com|huggingface\.co)/([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_BESIDE = regex(
    r"[./~\\]|[A-Za-z]:\\|(?:models?|outputs?|out|checkpoints?|ckpts?"
    r"|weights|data|results?|runs?|logs?|saved\w*|exports?|exported|artifacts?|artefacts?|build|dist|best"
    r"|experiments?|exp|work|tmp|final)/",
    re.IGNORECASE,
)


def pinned(project: Project) -> Iterator[Evidence]:
    """Models that are fetched by name, each name once, with or without a revision."""
    paths = {file.at.path.partition("/")[0] for file in project.rows("file")}
    written = _written(project) | _published(project) | uploaded(project)
    trained = _trained(project)
    seen: set[str] = set()
    for name in _FETCHES.among(project.names):
        for call in project.calls_by_name[name]:
            found = _fetched(call)
            if found is None or found in seen or project.role(call.at.path) not in _OWN:
                continue
            if found.partition("/")[0] in paths or found in written or project.ignored(found):
                continue  # a folder of the repository, or one that a run makes
            if found.rpartition("/")[2] in trained:
                continue
            seen.add(found)
            yield _judged(call, found)


def _written(project: Project) -> frozenset[str]:
    """The folders that the project itself saves models to, as they are spelled."""
    return frozenset(
        one.const
        for group in ("save_model", "save_itself")
        for call in project.calls(group)
        for one in call.args
        if isinstance(one.const, str)
    )


def _trained(project: Project) -> frozenset[str]:
    """What the models are called that the project itself trains, without their owner."""
    given = [arg(c, key) for key in _PUTS for c in project.calls_with(key)]
    pushed = (c for c in project.calls("keep_model") if c.name.endswith(".push_to_hub"))
    given += [arg(call, "repo_id", 0) for call in pushed]
    return frozenset(
        one.const.rstrip("/").rpartition("/")[2]
        for one in given
        if one is not None and isinstance(one.const, str)
    )


def uploaded(project: Project) -> frozenset[str]:
    """The names at the hub under which the project itself uploads files."""
    given = (
        arg(call, "repo_id", 0 if name.endswith("create_repo") else None)
        for name in project.names.ending(_UPLOADS)
        for call in project.calls_by_name[name]
    )
    return frozenset(one.const for one in given if one is not None and isinstance(one.const, str))


def _published(project: Project) -> frozenset[str]:
    """The names under which the project itself is published, by the addresses it gives."""
    return frozenset(
        found[1]
        for row in project.rows("setting")
        if _ADDRESS.search(row.key) and isinstance(row.value, str)
        if (found := _HUB.match(row.value)) is not None
    )


def _fetched(call: Call) -> str | None:
    """The name at the hub; None where it is a path, or not known."""
    place = 1 if call.name == "transformers.pipeline" else 0
    given = next(
        (one for key in _NAMES if (one := arg(call, key)) is not None), arg(call, str(place))
    )
    if given is None or not isinstance(given.const, str) or _BESIDE.match(given.const):
        return None
    found = _AT_HUB.fullmatch(given.const.partition(":")[0]) and not _BLANK.match(given.const)
    return given.const if found else None


def _judged(call: Call, name: str) -> Evidence:
    fields = {"name": name}
    revision = arg(call, "revision")
    given = revision is not None and not (revision.known and revision.const in _MOVING)
    tagged = name.partition(":")[2]
    if given or (tagged and tagged not in _MOVING):
        return Evidence(True, call.at, f"`{name}` at a revision", fields=fields)
    if unpacks(call):
        return Evidence(
            None, call.at, f"`{name}`, with arguments that are not known", fields=fields
        )
    return Evidence(False, call.at, f"`{name}` at whatever it is today", fields=fields)
