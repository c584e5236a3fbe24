"""What a command really runs, once `sudo`, `poetry run`, `python -m` and the like are taken off.

Knows the options of those wrappers; nothing of the repository.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_LAYERS = 12

_PYTHON = re.compile(r"(?:python|pypy)w?(?:\d+(?:\.\d+)*t?)?(?:\.exe)?|py", re.IGNORECASE)
_PYTHON_VARIABLE = re.compile(r"\$[({]*\w*(?:PYTHON|PY3|PYEXE)\w*(?::-[^}]*)?[)}]*|%PYTHON%\S*")
_STANDARD = frozenset(
    (
        "unittest",
        "doctest",
        "venv",
        "compileall",
        "timeit",
        "cProfile",
        "profile",
        "pdb",
        "ensurepip",
    ),
)
"""Modules of Python itself, which no program is named after."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=(?!=)")


_PINNED = re.compile(r"@|[=~<>!]=|\[")
"""Where the name of a package ends, in what is to be run at a version."""


class _Wrapper(NamedTuple):
    """A prefix of words, and the options with a value that may follow it."""

    valued: frozenset[str] = frozenset()
    skip: int = 0
    """Plain words that belong to the wrapper itself: the duration of `timeout 10m`."""


def _wrapper(valued: str = "", skip: int = 0) -> _Wrapper:
    return _Wrapper(frozenset(valued.split()), skip)


_UV = (
    "--with --with-editable --with-requirements --extra --no-extra --group --no-group --only-group "
    "--python -p --env-file --directory --project --index --index-url -i --extra-index-url "
    "--find-links -f --package --resolution --from --config-file --cache-dir --refresh-package -P"
)
_WRAPPERS: Mapping[tuple[str, ...], _Wrapper] = {
    ("sudo",): _wrapper("-u --user -g --group -h -p -C"),
    ("doas",): _wrapper("-u"),
    ("env",): _wrapper("-u --unset -C --chdir -S"),
    ("time",): _wrapper("-f -o"),
    ("nice",): _wrapper("-n"),
    ("ionice",): _wrapper("-c -n"),
    ("nohup",): _wrapper(),
    ("exec",): _wrapper("-a"),
    ("command",): _wrapper(),
    ("builtin",): _wrapper(),
    ("setsid",): _wrapper(),
    ("stdbuf",): _wrapper("-i -o -e"),
    ("timeout",): _wrapper("-k --kill-after -s --signal", skip=1),
    ("xvfb-run",): _wrapper("-n --server-num -s --server-args -e -f -w -p"),
    ("dbus-run-session",): _wrapper(),
    ("catchsegv",): _wrapper(),
    ("travis_retry",): _wrapper(),
    ("travis_wait",): _wrapper(skip=1),
    ("retry",): _wrapper("-t --times -d --delay -n"),
    ("xargs",): _wrapper("-n -I -P -L -d -a -s -E --max-args --max-procs --delimiter --arg-file"),
    ("poetry", "run"): _wrapper("-C --directory -P --project"),
    ("pipenv", "run"): _wrapper(),
    ("pdm", "run"): _wrapper("-p --project -s --site-packages"),
    ("rye", "run"): _wrapper(),
    ("uv", "run"): _wrapper(f"{_UV} --isolated-with"),
    ("uvx",): _wrapper(_UV),
    ("uv", "tool", "run"): _wrapper(_UV),
    ("pipx", "run"): _wrapper("--spec --python --pip-args --index-url -i"),
    ("conda", "run"): _wrapper("-n --name -p --prefix --cwd"),
    ("mamba", "run"): _wrapper("-n --name -p --prefix --cwd"),
    ("micromamba", "run"): _wrapper("-n --name -p --prefix --cwd -a --attach"),
    ("pixi", "exec"): _wrapper("-s --spec -c --channel"),
    ("dotenv", "run"): _wrapper("-f"),
    ("doppler", "run"): _wrapper("-p -c"),
    ("npx",): _wrapper("-p --package"),
    ("bundle", "exec"): _wrapper(),
    **dict.fromkeys((("mise", "exec"), ("mise", "x")), _wrapper("-c -C --cd -j")),
    ("nix", "develop"): _wrapper("-c --command --profile"),
    **dict.fromkeys((("pyenv", "exec"), ("asdf", "exec"), ("rbenv", "exec")), _wrapper()),
    **dict.fromkeys((("steam-run",), ("chronic",), ("unbuffer",)), _wrapper()),
    ("direnv", "exec"): _wrapper(skip=1),
    ("flock",): _wrapper("-w --timeout -E", skip=1),
    ("spack", "build-env"): _wrapper(skip=1),
    **dict.fromkeys(
        (("apptainer", "exec"), ("singularity", "exec")),
        _wrapper("-B --bind --env --env-file -H --home -W --workdir --pwd --overlay -S", skip=1),
    ),
}
_TASK_RUNNERS: Mapping[tuple[str, ...], str] = {
    ("pdm", "run"): "pdm",
    ("rye", "run"): "rye",
    ("pipenv", "run"): "pipenv",
}
"""Wrappers that also know tasks by name, which the caller looks up first."""
_AFTER_DASHES = frozenset(
    ("devenv", "devbox", "flox", "guix", "dotenvx", "op", "infisical", "chamber", "aws-vault",
     "teller", "buildah", "ch-run", "berglas", "envchain", "vault-env"),
)  # fmt: skip
"""Programs that run what stands after `--` in an environment of theirs."""
_CHOOSERS = frozenset(("pixi", "hatch", "devbox"))
"""Programs whose `run` starts a task of theirs, or else a program."""
_CHOOSING = _wrapper("-e --env --environment --manifest-path -p --project -c --config")

_DOCKER_VALUED = frozenset(
    (
        *("-v", "--volume", "-e", "--env", "--env-file", "-p", "--publish", "-w", "--workdir"),
        *("-u", "--user", "--name", "--network", "--net", "--entrypoint", "--gpus", "--platform"),
        *("-m", "--memory", "--cpus", "--shm-size", "--mount", "-f", "--file", "--profile", "-h"),
        *("--hostname", "-l", "--label", "--add-host", "--ipc", "--pull", "--runtime", "--ulimit"),
        *("--device", "--index", "--project-name", "--link", "--cap-add", "--security-opt"),
    ),
)


_PROGRAM_IMAGES = frozenset(
    ("ruff", "gitleaks", "betterleaks", "trufflehog", "trivy", "hadolint", "2ms", "noseyparker",
     "kingfisher", "renovate", "osv-scanner", "grype", "actionlint", "yamllint"),
)  # fmt: skip
"""Images that start the program of their name."""


def unwrapped(words: Sequence[str]) -> list[tuple[str, ...]]:
    """The commands that a command comes down to: none, one, or two for `coverage run -m pytest`."""
    found: list[tuple[str, ...]] = []
    current = tuple(words)
    for _ in range(MAX_LAYERS):
        current = _named(current)
        if not current:
            break
        inner = _coverage(current)
        if inner:
            found.append(current)
            current = inner
            continue
        below = _below(current)
        if below is None:
            return [*found, current]
        current = below
    return found


def chosen(words: Sequence[str]) -> tuple[str, ...]:
    """What `pixi run` and the like start where it is no task of theirs; ()."""
    if words[0] not in _CHOOSERS:
        return ()
    rest = _operands(words[1:], _CHOOSING)
    if rest[:1] not in {("run",), ("r",)}:
        return ()
    inner = tuple(w for w in _operands(rest[1:], _CHOOSING) if w[:1] != "+")
    if words[0] == "hatch" and inner:
        inner = (inner[0].rpartition(":")[2], *inner[1:])
    return inner


def task_runner(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The tool and the words after it where a wrapper may run a task of its own; else `"", ()`."""
    tool = _TASK_RUNNERS.get(tuple(words[:2]), "")
    return (tool, tuple(_operands(words[2:], _WRAPPERS[tuple(words[:2])]))) if tool else ("", ())


def _named(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words with the program by its bare name."""
    if not words:
        return ()
    first = words[0]
    if _PYTHON_VARIABLE.fullmatch(first):
        return ("python", *words[1:])
    if first.startswith(("$(which ", "$(command -v ", "`which ")):
        first = first.rstrip(")`").rpartition(" ")[2]
    if "://" in first or first.endswith((".sh", ".bash", ".py")) or "{{" in first:
        return (first, *words[1:])
    path = first.replace("\\", "/")
    own = path.startswith(("./scripts/", "./bin/"))
    is_tool = not own and ("/bin/" in path or "/scripts/" in path.lower())
    name = path.rpartition("/")[2] if is_tool else first
    name = name.removeprefix("/usr/bin/").removesuffix(".exe")
    if _PYTHON.fullmatch(name):
        return ("python", *words[1:])
    if name in {"pip3", "pip"} or re.fullmatch(r"pip3\.\d+", name):
        return ("pip", *words[1:])
    if name in {"py.test", "pytest3", "pytest-3"}:
        return ("pytest", *words[1:])
    return (name, *words[1:])


def _below(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What the outermost wrapper runs; None where there is none, () where it runs nothing."""
    if words[0] == "python":
        return _module(words)
    if words[:2] in {("command", "-v"), ("command", "-V")}:
        return None
    for length in (3, 2, 1):
        wrapper = _WRAPPERS.get(words[:length])
        if wrapper is not None:
            rest = _operands(words[length:], wrapper)
            if words[0] in {"uvx", "npx"} or words[:2] in {("pipx", "run"), ("uv", "tool")}:
                rest = (_PINNED.split(rest[0], 1)[0] or rest[0], *rest[1:]) if rest else rest
            return rest or None
    if words[0] in _AFTER_DASHES and "--" in words:
        rest = words[words.index("--") + 1 :]
        return ("guix", *rest) if words[:2] == ("guix", "time-machine") else rest
    if words[:2] in {("nix", "run"), ("nix", "shell")}:
        return _of_nix(words[2:])
    return _contained(words)


def _of_nix(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What `nix run nixpkgs#ruff -- check` and `nix shell nixpkgs#ruff -c ruff check` run."""
    for at, word in enumerate(words):
        if word in {"-c", "--command"}:
            return words[at + 1 :]
    package = next((word for word in words if not word.startswith("-")), "")
    name = package.rpartition("#")[2]
    if not package.startswith("nixpkgs") or not name:
        return None
    rest = words[words.index("--") + 1 :] if "--" in words else ()
    return (name.rpartition(".")[2], *rest)


def _operands(words: Sequence[str], wrapper: _Wrapper) -> tuple[str, ...]:
    """The words after the wrapper's own options, assignments and operands."""
    at, skip = 0, wrapper.skip
    while at < len(words):
        word = words[at]
        if word == "--":
            at += 1
            break
        if word.startswith("-") and len(word) > 1:
            if word in {"-m", "--module"} and "--with" in wrapper.valued:
                return ("python", *words[at:])
            if word in {"-c", "--command"} and "--profile" in wrapper.valued:
                return tuple(words[at + 1 :])
            at += 2 if word in wrapper.valued else 1
        elif _ASSIGNMENT.match(word):
            at += 1
        elif skip:
            skip -= 1
            at += 1
        else:
            break
    return tuple(words[at:])


def _module(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """`python -m x y` as `x y`; None for a script, a `-c` text, a prompt or `-m package.module`."""
    at = 1
    while at < len(words) and words[at].startswith("-") and len(words[at]) > 1:
        word = words[at]
        if word == "-m":
            return _as_program(words[at + 1 :])
        if word.startswith("-m") and not word.startswith("--"):
            return _as_program((word[2:], *words[at + 1 :]))
        if word in {"-c", "-"}:
            return None
        at += 2 if word in {"-W", "-X"} else 1
    return None


def _as_program(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """A module as the program of that name; None where there is none."""
    if not words or words[0] in {"torch.distributed.run", "torch.distributed.launch"}:
        return ("torchrun", *words[1:]) if words else None
    return None if "." in words[0] or words[0] in _STANDARD else words


def _coverage(words: tuple[str, ...]) -> tuple[str, ...]:
    """What `coverage run` runs, or ()."""
    if words[0] != "coverage" or "run" not in words[1:2]:
        return ()
    at = 2
    while at < len(words) and words[at].startswith("-"):
        if words[at] in {"-m", "--module"}:
            return words[at + 1 :]
        valued = {"--rcfile", "--source", "--include", "--omit", "--context", "--data-file"}
        at += 2 if words[at] in valued else 1
    return ("python", *words[at:]) if at < len(words) else ()


def _contained(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What `docker run`, `docker exec` and their compose forms run in the container."""
    rest = words[1:]
    if words[0] in {"docker", "podman"} and rest[:1] in {("run",), ("exec",)}:
        inner = _after_image(rest[1:])
        image = rest[len(rest) - len(inner) - 1].rpartition("/")[2]
        program = re.split("[:@]", image, maxsplit=1)[0]
        if program in _PROGRAM_IMAGES and inner[:1] != (program,):
            inner = (program, *inner)
    elif words[0] == "docker-compose" or (words[0] == "docker" and rest[:1] == ("compose",)):
        rest = rest if words[0] == "docker-compose" else rest[1:]
        at = _past_options(rest)
        if rest[at : at + 1] not in {("run",), ("exec",)}:
            return None
        inner = _after_image(rest[at + 1 :])
    else:
        return None
    return inner or None


def _after_image(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[_past_options(words) + 1 :]


def _past_options(words: tuple[str, ...]) -> int:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _DOCKER_VALUED else 1
    return at
