"""Applications of language models: whether their answers are measured and their prompts versioned.

Knows tools, names of files and strings; knows nothing of what a prompt says.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Assign
    from mllint.project import Project

_OWN = frozenset({"source", "template"})
_NOT_FOR_THIS = frozenset({
    "framework test helpers", "scikit-learn estimator checks", "CML / DVC metrics in CI",
    "nlpaug", "Robustness benchmarks", "TensorFlow Model Analysis",
})  # fmt: skip
"""Tools of the family that say nothing about answers of a language model."""
_EVALUATES = regex(
    r"(?:^|[_./])(?:evals?|evaluat\w*|judges?|llm_as_judge|graders?|grade_\w+|golden\w*|benchmark\w*|ragas|"
    r"deepeval|promptfoo\w*|scor(?:e|er|ing)_(?:answers?|responses?|outputs?))(?:[_./]|$)",
    re.IGNORECASE,
)
_PROMPT_FILE = regex(
    r"(?:.*/)?(?:(?:system_?)?prompts?|prompt_templates?)/.*\.(?:txt|md|ya?ml|json|j2|jinja2?|prompt|toml|mustache)"
    r"|.*\.prompt(?:y|\.ya?ml|\.md|\.txt)?|(?:.*/)?[\w-]*prompts?[\w-]*\.(?:ya?ml|json|toml|txt|md|j2)",
    re.IGNORECASE,
)
_PROMPT_MODULE = regex(r"(?:.*/)?[\w-]*prompts?[\w-]*(?:/[\w-]+)?\.py", re.IGNORECASE)
_REGISTRY = Names((
    "langchain.hub.pull", "langchainhub.*", "langsmith.*.pull_prompt", "*.pull_prompt",
    "*.get_prompt", "mlflow.genai.load_prompt", "mlflow.load_prompt", "langfuse.*.get_prompt",
    "promptlayer.*", "*.load_prompt", "langchain*.load_prompt", "weave.*Prompt",
))  # fmt: skip
_TEMPLATES = regex(r"prompt|template|instruction|system_?message", re.IGNORECASE)
_LONG = 200
"""Characters from which on a string that is named for a prompt is one worth versioning."""
_SHOWN = 5


def evaluated(project: Project) -> Iterator[Evidence]:
    """Whether the answers of a language model are measured on anything."""
    found = list(islice(_evaluations(project), _SHOWN))
    if found:
        yield from found
        return
    for tool in project.used_tools.get("model_validation_testing", ()):
        if tool.credit and tool.tool not in _NOT_FOR_THIS:
            yield Evidence(False, tool.at, tool.note, tool.credit)
            return
    yield Evidence(False, None, "neither an evaluation tool nor code or files for it were found")


def _evaluations(project: Project) -> Iterator[Evidence]:
    for tool in project.used_tools.get("model_validation_testing", ()):
        if tool.credit >= 0.5 and tool.tool not in _NOT_FOR_THIS:
            yield Evidence(True, tool.at, tool.note)
    classical = {call.at.path for call in project.calls("metric")}  # of another kind of model
    for row in project.rows("module"):
        named = _EVALUATES.search(row.at.path.rpartition(".")[0]) and row.at.path not in classical
        if named and row.code and project.role(row.at.path) in _OWN | {"test"}:
            yield Evidence(True, row.at, f"`{row.at.path}`")
    for row in project.rows("define"):
        named = _EVALUATES.search(row.name.rpartition(".")[2]) and row.at.path not in classical
        if named and not row.stub and project.role(row.at.path) in _OWN | {"test"}:
            yield Evidence(True, row.at, f"`{row.name}` in `{row.at.path}`")
    for step in project.rows("step"):
        if _EVALUATES.search(step.command):
            yield Evidence(True, step.at, f"{step.system} runs `{step.command[:60]}`")


def prompts_versioned(project: Project) -> Iterator[Evidence]:
    """Whether prompts stand in files of their own, in constants, or in a registry."""
    found = list(islice(_kept(project), _SHOWN))
    if found:
        yield from found
        return
    inline = [row for row in _long_texts(project) if row.scope or not _named(row)]
    if inline:
        related = tuple(Related(row.at, "and here") for row in inline[1:_SHOWN])
        many = f"{len(inline)} prompts stand" if len(inline) > 1 else "a prompt stands"
        note = f"{many} in the midst of code"
        yield Evidence(False, inline[0].at, note, related=related)


def _long_texts(project: Project) -> Iterator[Assign]:
    """Long strings of the project's own code that are given to something named for a prompt."""
    for row in project.assigned_texts():
        long = len(str(row.const)) >= _LONG
        if long and _TEMPLATES.search(row.target) and project.role(row.at.path) in _OWN:
            yield row


def _named(row: Assign) -> bool:
    """Whether a string is a constant of its module."""
    return not row.scope and row.target.isupper()


def _kept(project: Project) -> Iterator[Evidence]:
    paths = {file.at.path for file in project.rows("file")}
    for file in project.rows("file"):
        path = file.at.path
        of_template = f"{path.rpartition('/')[0]}/cookiecutter.json".lstrip("/") in paths
        own = project.role(path) in _OWN and file.size and not of_template
        if own and _PROMPT_FILE.fullmatch(path):
            yield Evidence(True, file.at, f"`{path}`")
    for name in _REGISTRY.among(project.names):
        for call in project.calls_by_name[name]:
            if project.role(call.at.path) in _OWN:
                yield Evidence(True, call.at, f"`{name.rpartition('.')[2]}` in `{call.at.path}`")
    for row in project.rows("module"):
        named = _PROMPT_MODULE.fullmatch(row.at.path) and row.code
        if named and project.role(row.at.path) in _OWN:
            yield Evidence(True, row.at, f"`{row.at.path}` holds the prompts")
    for one in _long_texts(project):
        if _named(one):
            yield Evidence(True, one.at, f"`{one.target}` in `{one.at.path}`")
