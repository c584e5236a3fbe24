"""What a Dockerfile's instructions mean together: order, context, user, secrets; and pods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks import elsewhere
from mllint.checks.written import text_of
from mllint.facts import Place
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Docker
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_EVERYTHING = regex(r"(?:\./?|/)\s+\S+|\[\s*\"\./?\"\s*,\s*\"[^\"]+\"\s*\]")
_INSTALLS = regex(
    r"\b(?:pip3?|uv pip) install\b[^&|;]*(?:-r|--requirement)\b|\bconda env (?:create|update)\b"
    r"|\b(?:poetry|pdm) (?:install|sync)\b[^&|;]*--no-root|\bpipenv (?:install|sync)\b"
)
_ROOT = frozenset({"root", "0", "root:root", "0:0"})
_RUN_BY_ROOT = Names(
    (
        "nvidia/cuda", "pytorch/pytorch", "tensorflow/tensorflow", "tensorflow/serving",
        "continuumio/*", "conda/*", "condaforge/*", "huggingface/transformers-*", "tiangolo/*",
        "rocker/*", "nvcr.io/nvidia/cuda", "nvcr.io/nvidia/pytorch", "nvcr.io/nvidia/tensorflow",
        "ghcr.io/astral-sh/uv", "mcr.microsoft.com/devcontainers/*", "amazonlinux",
    )
)  # fmt: skip
"""Bases beside the official ones (names without a slash) that are known to leave the user root."""
_SERVERLESS = regex(r"(?:^|/)(?:aws-)?lambda[-/]")
_DROPS = regex(
    r"\b(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|setuidgid|chpst|supervisord)\b"
    r"|\bsu (?:-\S* )*\w+ -c\b|\b(?:gunicorn|uwsgi|waitress\S*)\b.*--(?:user|uid)\b"
)
_SERVICE_USER = regex(r"services\.([^.]+)\.user")
_ASKED_USER = (
    elsewhere.Sign(
        r"(?:.*/)?(?:values|deploy)[\w.-]*\.ya?ml|(?:.*/)?(?:k8s|kubernetes|manifests?)/.+\.ya?ml",
        r"^\s*runasuser:\s*[1-9]\d*",
    ),
    elsewhere.Sign(r"(?:.*/)?[\w.@-]+\.container", r"^\s*user(?:ns)?\s*=\s*(?!root\b|0\b)\S+"),
    elsewhere.Sign(r"(?:.*/)?[\w.-]+\.(?:tf|hcl)", r"\buser\"?\s*[=:]\s*\"[1-9]\d*"),
    elsewhere.Sign(
        r"(?:.*/)?(?:makefile|justfile|taskfile\.ya?ml|[\w.-]+\.sh)",
        r"\b(?:docker|podman) run\b.*\s(?:-u|--user|--userns)[ =]\S+",
    ),
)
"""Where a container is told, from outside of its image, to run as another user."""
_SECRET = regex(
    r"(?:^|_)(?:SECRET|SECRET_?KEY|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY)$",
    re.IGNORECASE,
)
_ASSIGNED = regex(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)")
_PLATFORMS = Names(
    (
        "BentoML / OpenLLM", "KServe", "MLServer / Seldon", "SageMaker endpoints", "Modal", "Cog",
        "Vertex AI endpoints", "Azure ML endpoints", "Databricks Model Serving", "Truss (Baseten)",
        "Beam Cloud", "RunPod", "Cerebrium", "Hugging Face Inference Endpoints",
        "AWS Lambda / Cloud Functions / Azure Functions", "MLflow serving",
        "LangGraph Platform",
    )
)  # fmt: skip
"""Serving tools that build the image themselves."""
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_IMAGE_KEYS = regex(
    r"(?:^|[._])(?:base|docker|container)[._]?image(?:[._](?:name|uri))?$|^image_uri$"
)
_IMAGE_CALLS = regex(
    r"(?:modal\.Image\.|zenml\..*DockerSettings$|flytekit\.ImageSpec$|prefect\.docker\.|sagemaker\."
    r"|azureml\.core\.Environment|dagger\.|pulumi_docker\.|azure\.ai\.ml\.entities\.Environment$)"
)


def _files(project: Project) -> Iterator[tuple[str, Sequence[Docker]]]:
    """The instructions of each Dockerfile that is the project's own."""
    found: dict[str, list[Docker]] = {}
    for row in project.rows("docker"):
        found.setdefault(row.at.path, []).append(row)
    yield from ((path, rows) for path, rows in found.items() if project.role(path) in _OURS)


def _copies_everything(row: Docker) -> bool:
    """Whether an instruction copies the whole build context."""
    if row.word not in {"COPY", "ADD"} or any(f in {"from", "exclude"} for f, _ in row.flags):
        return False
    return bool(_EVERYTHING.fullmatch(row.value.strip()))


def packaged(project: Project) -> Iterator[Evidence]:
    """Whether anything says which image the service runs in."""
    for row in project.rows("docker"):
        if row.word == "FROM" and project.role(row.at.path) in _OURS:
            yield Evidence(True, row.at, f"`FROM {row.value}`")
            return
    for image in project.rows("image"):
        own = image.source in {"compose", "kubernetes", "helm"}
        if own and project.role(image.at.path) in _OURS:
            yield Evidence(True, image.at, f"`{image.name}` in the manifest")
            return
    for setting in project.rows("setting"):
        if isinstance(setting.value, str) and _IMAGE_KEYS.search(setting.key):
            yield Evidence(True, setting.at, f"`{setting.key}: {setting.value[:60]}`")
            return
    sign = elsewhere.seen(project, elsewhere.IMAGE)
    if sign is not None:
        yield Evidence(True, Place(sign[0]), f"`{sign[1]}` in `{sign[0]}`")
    else:
        yield _built_elsewhere(project)


def _built_elsewhere(project: Project) -> Evidence:
    """Evidence from tools and calls that build an image without a file, the best first."""
    tools = project.used_tools.get("containers", ())
    if tools and tools[0].grade == "used":
        return Evidence(True, tools[0].at, tools[0].note)
    for call in project.rows("call"):
        if _IMAGE_CALLS.match(call.name) and project.role(call.at.path) in _OURS:
            return Evidence(None, call.at, f"`{call.name}` may say which image it runs in")
    for tool in project.used_tools.get("serving", ()):
        if tool.tool in _PLATFORMS and tool.grade == "used":
            return Evidence(None, tool.at, f"{tool.tool} may build the image")
    if (sign := elsewhere.seen(project, elsewhere.PLATFORM)) is not None:
        return Evidence(None, Place(sign[0]), f"`{sign[0]}` may have the image built")
    if tools and tools[0].credit:
        more = {"more": f": {tools[0].note}"}
        return Evidence(False, tools[0].at, tools[0].note, tools[0].credit, fields=more)
    return Evidence(False, None, "no Dockerfile and no image was found", fields={"more": ""})


def copied_before_install(project: Project) -> Iterator[Evidence]:
    """Installs from a manifest, judged by whether everything was copied before them."""
    for _, rows in _files(project):
        copied: dict[str, Docker] = {}
        for row in rows:
            if _copies_everything(row):
                copied.setdefault(row.stage, row)
            elif row.word == "RUN" and _INSTALLS.search(row.value):
                first = copied.get(row.stage)
                if first is None:
                    yield Evidence(True, row.at, "installs before the code is copied")
                else:
                    where = Related(row.at, "the dependencies are installed only here")
                    yield Evidence(False, first.at, related=(where,))


def no_dockerignore(project: Project) -> Iterator[Evidence]:
    """Copies of the whole context into an image, judged by whether an ignore file trims it."""
    paths = {row.at.path for row in project.rows("file")}
    for path, rows in _files(project):
        copies = [row for row in rows if row.final and _copies_everything(row)]
        if not copies:
            yield Evidence(True, rows[0].at, "copies only what it names")
            continue
        folders = path.split("/")[:-1]
        above = [
            "/".join([*folders[:k], name])
            for k in range(len(folders), -1, -1)
            for name in (".dockerignore", ".containerignore")
        ]
        there = (one for one in (f"{path}.dockerignore", *above) if one in paths)
        found = next((one for one in there if _ignores(project, one)), "")
        for row in copies:
            yield Evidence(bool(found), row.at, f"`{found}` trims the context" if found else "")


def _ignores(project: Project, path: str) -> bool:
    """Whether an ignore file names anything."""
    lines = text_of(project, path).splitlines()
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines)


def runs_as_root(project: Project) -> Iterator[Evidence]:
    """Images that start a program, judged by the user they start it as."""
    other = _user_elsewhere(project)
    for _, rows in _files(project):
        final = [r for r in rows if r.final]
        start = next((r for r in reversed(final) if r.word in {"CMD", "ENTRYPOINT"}), None)
        if start is None:
            continue
        user = next((r for r in reversed(final) if r.word == "USER"), None)
        if user is not None and user.value.strip().lower() not in _ROOT:
            yield Evidence(True, user.at, f"runs as `{user.value.strip()}`")
        elif other:
            yield Evidence(None, start.at, f"`{other}` asks for another user than root")
        elif any(_DROPS.search(text) for text in _started(project, final)):
            yield Evidence(None, start.at, "the start command may switch the user")
        elif user is not None:
            note, where = "the last `USER` is root", Related(user.at, "switched here")
            yield Evidence(False, start.at, note, related=(where,))
        else:
            yield _by_base(project, final, start)


def _user_elsewhere(project: Project) -> str:
    """A file that has containers run as another user than root; "" where there is none."""
    for row in project.rows("manifest"):
        if any("runAsNonRoot=true" in key for key in row.keys):
            return str(row.at.path)
    built = {
        (row.at.path, row.key.split(".")[1])
        for row in project.rows("setting")
        if re.match(r"services\.[^.]+\.build\b", row.key)
    }
    for row in project.rows("setting"):
        service = _SERVICE_USER.fullmatch(row.key)
        own = service is not None and (row.at.path, service[1]) in built
        if own and str(row.value).partition(":")[0] not in _ROOT:
            return str(row.at.path)
    sign = elsewhere.seen(project, _ASKED_USER)
    return sign[0] if sign is not None else ""


def _started(project: Project, final: Sequence[Docker]) -> Iterator[str]:
    """The instructions of an image, and the scripts of the tree that it is started with."""
    yield from (row.value for row in final)
    told = " ".join(row.value for row in final if row.word in {"CMD", "ENTRYPOINT"})
    named = {one.rpartition("/")[2] for one in re.findall(r"[\w./-]+\.sh\b", told)}
    for row in project.rows("file") if named else ():
        if row.at.path.rpartition("/")[2] in named:
            yield text_of(project, row.at.path)


def _by_base(project: Project, final: Sequence[Docker], start: Docker) -> Evidence:
    """Evidence for an image without a `USER` instruction, from the image that it builds on."""
    lines = {r.at.line for r in final if r.word == "FROM"}
    names = [
        i.name.removeprefix("docker.io/").removeprefix("library/")
        for i in project.by_path[start.at.path].get("image", ())
        if i.at.line in lines and i.resolved
    ]
    name = names[-1] if names else ""
    tagged = next((r.value for r in reversed(final) if r.word == "FROM"), "")
    if _SERVERLESS.search(name):
        return Evidence(True, start.at, "AWS Lambda starts it as a restricted user")
    if "nonroot" in tagged:
        return Evidence(True, start.at, f"the base image `{name}` is not run by root")
    if name and ("/" not in name or name in _RUN_BY_ROOT):
        return Evidence(False, start.at, "there is no `USER` instruction")
    return Evidence(None, start.at, f"the base image `{name or tagged}` may switch the user")


def secrets_in_image(project: Project) -> Iterator[Evidence]:
    """Images that are given a secret, judged by whether it stays in them."""
    for _, rows in _files(project):
        kept = [(r, n) for r in rows if r.final for n in _given(r)]
        if kept:
            names = ", ".join(dict.fromkeys(f"`{name}`" for _, name in kept))
            first = next((r for r, _ in kept if r.word == "ENV"), kept[0][0])
            yield Evidence(False, first.at, names)
        for row in rows:
            if any(f == "mount" and "type=secret" in value for f, value in row.flags):
                yield Evidence(True, row.at, "`--mount=type=secret`")


def _given(row: Docker) -> Iterator[str]:
    """The secrets that an instruction sets, or takes from the build's arguments."""
    if row.word == "ARG":
        name = row.value.partition("=")[0].strip()
        if _SECRET.search(name):
            yield name
    elif row.word == "ENV":
        pairs = _ASSIGNED.findall(row.value) or [tuple(row.value.split(None, 1))]
        for pair in pairs:
            if len(pair) == 2 and _SECRET.search(pair[0]) and pair[1].strip("\"'"):
                yield pair[0]


def bounded(project: Project) -> Iterator[Evidence]:
    """Containers of Kubernetes, judged by whether their memory has a limit."""
    for row in project.rows("manifest"):
        if row.kind != "container" or not row.image or project.role(row.at.path) not in _OURS:
            continue
        if row.system not in {"kubernetes", "helm"}:
            continue
        if any(k.startswith("resources.limits.memory") for k in row.keys):
            yield Evidence(True, row.at, f"`{row.name}` has a limit")
        elif row.system == "helm" and any(k.startswith("resources") for k in row.keys):
            yield Evidence(None, row.at, "the values of the chart decide")
        elif "overlay" in row.at.path or "patch" in row.at.path:
            yield Evidence(None, row.at, "what it is laid over may set a limit")
        else:
            shown = f"Container `{row.name}`" if row.name else f"The container of `{row.image}`"
            shown = "A container of the chart" if "___" in row.name else shown
            yield Evidence(False, row.at, "it has no memory limit", fields={"what": shown})


def confined(project: Project) -> Iterator[Evidence]:
    """Settings of compose files and clusters that give a container the machine."""
    systems = {"compose", "kubernetes", "helm"}
    paths = {m.at.path for m in project.rows("manifest") if m.system in systems}
    opened = False
    for path in sorted(path for path in paths if project.role(path) in _OURS):
        for row in project.by_path[path].get("setting", ()):
            privileged = row.value is True and row.key.rpartition(".")[2] == "privileged"
            socket = isinstance(row.value, str) and row.value.startswith(_SOCKETS)
            if privileged or socket:
                opened = True
                what = "`privileged: true`" if privileged else f"`{row.value.partition(':')[0]}`"
                yield Evidence(False, row.at, what, fields={"what": what})
    if paths and not opened:
        note = "no container is privileged or talks to the Docker daemon"
        yield Evidence(True, Place(min(paths)), note)
