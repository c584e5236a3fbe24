"""What is said of accelerators: the hardware that was used, and the versions of CUDA."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.checks.manifests import folder_of
from mllint.regexes import regex
from mllint.review import Evidence, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mllint.facts import Dependency, Image, Place
    from mllint.project import Project

_HARDWARE = regex(
    r"\b(?:a100|h100|h200|b200|v100|p100|k80|t4|l4|l40s?|a10g?|a40|a6000|rtx[ -]?\w*\d{4}"
    r"|gtx[ -]?\d{3,4}"
    r"|titan(?: x| v| rtx)|tesla|quadro|geforce|tpu[ -]?v?\d|dgx|mi\d{3}x?|jetson"
    r"|\d+ ?(?:gb|gib) (?:of )?(?:gpu|vram|graphics)|(?:gpu|vram)[^.]{0,20}?\b\d+ ?(?:gb|gib)\b"
    r"|(?:trained|training t\w+|experiments?|ran|runs|needs?)\b[^.]{0,60}\b\d+ (?:x )?gpus?\b"
    r"|(?:nodes?|machines?|servers?|instances?) with \d+ (?:x )?gpus?\b"
    r"|\d+ ?x ?(?:nvidia )?[avhp]\d{2,3}\b)"
)
_INSTANCE = regex(
    r"(?:ml\.)?(?:p[2-6]|g[3-7])\w*\.\w*xlarge|Standard_N[CDV]\w+|(?:a2|a3|g2)-\w+-\d+g?\w*"
)
"""Machines of clouds with accelerators in them."""
_SLURM = regex(r"#SBATCH.*(?:gres=gpu|gpus)|\bsrun\b.*gpu|\bsbatch\b.*gpu")
_IN_TAG = regex(r"(?:^|[-_.]|cu(?:da)?)(?P<major>8|9|1[0-3])\.(?P<minor>\d)")
_PYTORCH_TAG = regex(r"cuda(?P<major>\d+)\.(?P<minor>\d)")
_LOCAL = regex(r"\+cu(?P<major>\d{1,2})(?P<minor>\d)$")
_IN_NAME = regex(r".*-cu(?:da)?(?P<major>1[0-3])(?:x|\d)?$")
_CONDA = frozenset({"cudatoolkit", "pytorch-cuda", "cuda-version", "cuda-toolkit", "cuda-runtime"})
_TENSORFLOW = {
    (1, 13): 10, (1, 14): 10, (1, 15): 10, (2, 0): 10, (2, 1): 10, (2, 2): 10, (2, 3): 10,
    (2, 4): 11, (2, 5): 11, (2, 6): 11, (2, 7): 11, (2, 8): 11, (2, 9): 11, (2, 10): 11,
    (2, 11): 11, (2, 12): 11, (2, 13): 11, (2, 14): 11, (2, 15): 12, (2, 16): 12, (2, 17): 12,
    (2, 18): 12, (2, 19): 12,
}  # fmt: skip
"""Release of TensorFlow -> the major version of CUDA that it was built for and loads."""


class _Cuda(NamedTuple):
    """A statement of a version of CUDA."""

    at: Place
    major: int
    shown: str


def stated(project: Project) -> Iterator[Evidence]:
    """Whether a text or a job says on which hardware the results came about."""
    sure = [
        Evidence(True, row.at, f"`{row.at.path}` speaks of “{found[0]}”")
        for row in project.rows("prose")
        if project.role(row.at.path) in {"source", "docs"} and (found := _HARDWARE.search(row.text))
    ]
    sure += [
        Evidence(True, row.at, f"`{row.name}` asks for a GPU")
        for row in project.rows("manifest")
        if any("nvidia.com/gpu" in k or k.endswith("devices.capabilities") for k in row.keys)
    ]
    sure += [
        Evidence(True, target.at, "a job asks for its GPUs")
        for target in project.rows("target")
        if any(_SLURM.search(command) for command in target.commands)
    ]
    sure += [
        Evidence(True, row.at, f"`{row.key}: {row.value}`")
        for row in project.rows("setting")
        if isinstance(row.value, str) and _INSTANCE.fullmatch(row.value)
    ]
    yield from sure[:5]
    if not sure:
        yield Evidence(False, None, "no text and no job says which")


def agree(project: Project) -> Iterator[Evidence]:
    """Images with CUDA, judged by whether what is installed in them was built for that CUDA."""
    for image in project.rows("image"):
        based = _of_image(image)
        if based is None or project.role(image.at.path) != "source":
            continue
        folder = folder_of(image.at.path)
        wanted = [
            found
            for row in project.rows("dependency")
            if _speaks(project, row, folder)
            and _installs(project, image, row)
            and (found := _of_dependency(row)) is not None
        ]
        for one in wanted:
            note = f"{one.shown}, in an image with {based.shown}"
            related = (Related(based.at, based.shown),)
            yield Evidence(one.major == based.major, one.at, note, related=related)


def _speaks(project: Project, row: Dependency, folder: str) -> bool:
    """Whether a manifest lies where the image is built."""
    return folder_of(row.at.path) == folder and project.role(row.at.path) == "source"


def _installs(project: Project, image: Image, row: Dependency) -> bool:
    """Whether the file of an image names the manifest: one for CPUs may stand beside it."""
    name = row.at.path.rpartition("/")[2]
    lines = project.by_path[image.at.path].get("docker", ())
    return any(name in line.value for line in lines)


def _of_image(image: Image) -> _Cuda | None:
    if not image.resolved:
        return None
    if image.name.endswith("nvidia/cuda"):
        found = _IN_TAG.match(image.tag)
    elif image.name.endswith("pytorch/pytorch"):
        found = _PYTORCH_TAG.search(image.tag)
    else:
        return None
    if found is None:
        return None
    return _Cuda(image.at, int(found["major"]), f"CUDA {found['major']}.{found['minor']}")


def _of_dependency(row: Dependency) -> _Cuda | None:
    """The CUDA that a distribution was surely built for."""
    if row.marker or row.url:
        return None
    if row.name in {"torch", "torchvision", "torchaudio"}:
        if row.spec.endswith("+cpu"):
            return _Cuda(row.at, 0, f"`{row.name}` for the CPU alone")
        if local := _LOCAL.search(row.spec):
            shown = f"`{row.name}` for CUDA {local['major']}.{local['minor']}"
            return _Cuda(row.at, int(local["major"]), shown)
        return None
    if row.name in {"tensorflow", "tensorflow-gpu"} and row.version and not row.extras:
        parts = [int(p) for p in re.findall(r"\d+", row.version)[:2]]
        if (major := _TENSORFLOW.get((parts[0], parts[-1]))) is not None:
            return _Cuda(row.at, major, f"`{row.name}` {row.version}, built for CUDA {major}")
        return None
    if row.source == "conda" and row.name in _CONDA:
        if exact := re.match(r"==(\d+)\.(\d+)", row.spec):
            return _Cuda(row.at, int(exact[1]), f"`{row.name}` {exact[1]}.{exact[2]}")
        return None
    if (named := _IN_NAME.fullmatch(row.name)) and not row.name.startswith("nvidia-"):
        return _Cuda(row.at, int(named["major"]), f"`{row.name}`")
    return None
