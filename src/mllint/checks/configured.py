"""What a training is told by its configuration files and by its command line.

A setting counts only in a file that something reads: code or a command names the file, or a
framework that reads whole folders is in use. Knows rows; knows no parameter by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.names import Names
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Setting
    from mllint.project import Project

_FORMATS = frozenset({"toml", "yaml", "json", "ini"})
_OWN = frozenset({"source", "template"})
_OFF = (None, False, "", 0, 0.0, "0", "none", "off", "no", "false", "null", "disabled")
_OF_FOLDERS = frozenset({
    "Hydra / OmegaConf", "LightningCLI and jsonargparse", "gin-config", "ml_collections",
    "MMEngine config", "DVC params", "draccus", "pyrallis", "chz", "Sacred / Guild flags",
    "W&B sweeps", "DeepSpeed", "Accelerate", "Kedro", "ZenML", "LLaMA-Factory", "Axolotl",
    "torchtune", "Hydra sweepers", "Katib", "MLflow Projects",
})  # fmt: skip
"""Tools that find their files by folder or by convention, so that no code need name them."""
_FAMILIES = (
    "config_management", "hyperparameter_tuning", "distributed_training", "pipeline_orchestration",
    "automl",
)  # fmt: skip
_OPTIONS = (".add_argument", ".option", ".Option", ".add_option")
_FLAGS = ("absl.flags.DEFINE_", "flags.DEFINE_", ".app.flags.DEFINE_")
_SHOWN = 5


def setting(
    project: Project, *, keys: Sequence[str], values: Sequence[str] = (), but: Sequence[str] = ()
) -> Iterator[Evidence]:
    """Settings that a training reads whose last or whole key is named so, and that are not off.

    `values` asks for some values only; `but` leaves some out.
    """
    wanted, among = Names(keys), Names(values)
    read: frozenset[str] | None = None
    shown = 0
    for row in project.rows("setting"):
        if row.format not in _FORMATS or not _is_named(row, wanted) or _is_off(row.value):
            continue
        if (values and str(row.value) not in among) or str(row.value) in but:
            continue
        read = files_read(project) if read is None else read
        if row.at.path in read:
            yield Evidence(True, row.at, f"`{row.key}: {row.value}` in `{row.at.path}`")
            shown += 1
            if shown == _SHOWN:
                return
    if not shown:
        yield Evidence(False)


def option(project: Project, *, names: Sequence[str]) -> Iterator[Evidence]:
    """Options of a command line that are named so, dashes and underscores alike."""
    wanted = Names(names)
    shown = 0
    for call in project.rows("call"):
        if project.role(call.at.path) not in _OWN or not _declares(call.name):
            continue
        given = [a.const for a in call.args if a.key.isdigit() and isinstance(a.const, str)]
        named = next((text for text in given if text.lstrip("-").replace("-", "_") in wanted), None)
        if named is not None:
            yield Evidence(True, call.at, f"the option `{named}` in `{call.at.path}`")
            shown += 1
            if shown == _SHOWN:
                return
    if not shown:
        yield Evidence(False)


def files_read(project: Project) -> frozenset[str]:
    """Configuration files that code or a command names, or that a framework finds by itself."""
    return project.shared("files_read", lambda: _files_read(project))


def _files_read(project: Project) -> frozenset[str]:
    by_itself = any(
        tool.tool in _OF_FOLDERS and tool.credit >= 0.5
        for family in _FAMILIES
        for tool in project.used_tools.get(family, ())
    )
    names = {row.at.path for row in project.rows("setting") if row.format in _FORMATS}
    own = {path for path in names if project.role(path) in _OWN and not _is_of_tools(path)}
    if by_itself:
        return frozenset(own)
    said = set(_said(project))
    return frozenset(path for path in own if path.rpartition("/")[2] in said)


def _said(project: Project) -> Iterator[str]:
    """The last parts of all paths that code or commands name."""
    for call in project.rows("call"):
        for one in call.args:
            if one.known and isinstance(one.const, str):
                yield one.const.rpartition("/")[2]
    for row in project.assigned_texts():
        yield str(row.const).rpartition("/")[2]
    texts = [literal.text for literal in project.rows("literal") if literal.kind == "path"]
    texts += [step.command for step in project.rows("step")]
    texts += [stage.cmd for stage in project.rows("stage")]
    texts += [command for target in project.rows("target") for command in target.commands]
    texts += [fence.text for fence in project.rows("fence")]
    for text in texts:
        yield from (word.rpartition("/")[2] for word in text.replace("=", " ").split())


def _is_of_tools(path: str) -> bool:
    """Whether a file configures tools of development rather than the project itself."""
    name = path.rpartition("/")[2]
    return path.startswith(".") or name.startswith(".") or name in {"package.json", "tox.ini"}


def _is_named(row: Setting, wanted: Names) -> bool:
    key = row.key.removesuffix("[]")
    return key.rpartition(".")[2] in wanted or key in wanted


def _is_off(value: object) -> bool:
    return (value.lower() if isinstance(value, str) else value) in _OFF


def _declares(name: str) -> bool:
    return name.endswith(_OPTIONS) or any(flag in name for flag in _FLAGS)


def argument(
    project: Project, *, names: Sequence[str], but: Sequence[str] = ()
) -> Iterator[Evidence]:
    """Calls of the project's own code that are given an argument of such a name, and not off."""
    wanted = Names(names)
    shown = 0
    for call in project.rows("call"):
        given = next((a for a in call.args if a.key in wanted), None)
        if given is None or (given.known and (_is_off(given.const) or str(given.const) in but)):
            continue
        if project.role(call.at.path) in _OWN:
            short = call.name.rpartition(".")[2] or call.name
            yield Evidence(True, call.at, f"`{short}` with `{given.key}` in `{call.at.path}`")
            shown += 1
            if shown == _SHOWN:
                return
    if not shown:
        yield Evidence(False)
