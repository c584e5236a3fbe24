"""The words by which a README says how to set a project up, and how to use it.

Knows commands, headings and phrases; knows nothing of where they stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mllint.regexes import regex

if TYPE_CHECKING:
    from mllint.facts import Fence

_SHELL = frozenset(
    {"bash", "sh", "shell", "zsh", "fish", "console", "shell-session", "powershell", "bat", "cmd"}
)
_HOUSEKEEPING = frozenset(
    """
    git cd pip pip3 pip-sync conda mamba micromamba conda-lock uv poetry pdm pipenv pixi hatch
    rye brew apt apt-get dnf yum pacman choco scoop winget zypper snap sudo mkdir cp mv rm ls
    cat export set source . echo wget curl unzip tar gunzip chmod chown ln touch tree pwd
    which pytest tox nox ruff black isort flake8 mypy pyright pylint pre-commit coverage
    nvidia-smi nvcc python python3 py virtualenv venv pyenv nvm npm npx yarn pnpm docker
    docker-compose podman module ssh scp rsync aws gsutil gh huggingface-cli hf kaggle gdown
    mise asdf direnv nix nix-shell devbox devenv guix spack flox make just task vim nano code
    open deactivate activate conda-project pipx alias exit if for while do done fi then else
    function return read eval bundle dvc repo2docker vagrant devcontainer poe inv invoke doit
    pyflow easy_install gem cmake ninja gcc nbstripout sphinx-build mkdocs
    """.split()  # noqa: SIM905 - ninety words read better than ninety literals
)
"""First words of commands that set up, fetch, look or check, and so are no use of the project."""
_COMMAND = regex(r"[A-Za-z][\w.+-]*(?:/[\w.+-]+)*\s+\S")
_RUNNERS = (
    "uvx|pipx run|uv tool run|bazel(?:isk)? run|buck2 run|pyflyte|flyte|nextflow run|luigi"
    "|cwltool|redun run|tfx (?:pipeline|run)|temporal (?:workflow|server)"
    "|calkit run|guild run|sky (?:launch|jobs|serve|exec)|modal (?:run|serve|deploy)"
    "|cog (?:predict|train|run)|truss push|bentoml serve|ray (?:job|submit)|serve run"
    "|deepspeed|horovodrun"
    "|mpirun|srun|qsub|bsub|condor_submit|litgpt|tune run|llamafactory-cli|autotrain|trl"
    "|swift (?:sft|infer|deploy)|yolo"
    "|nnUNetv2_\\w+|fairseq-\\w+|allennlp|spacy train|rasa|ludwig|tritonserver|vllm serve"
    "|torchserve"
    "|mlserver start|chainlit run|gradio \\S+\\.py|panel serve|solara run|shiny run"
    "|marimo (?:run|edit)|quarto (?:render|preview)|jupyter (?:execute|book)"
    "|jupyter nbconvert|papermill|voila|fastapi|litestar run|hypercorn|granian|daphne"
    "|waitress-serve|chalice local"
    "|sam local|func start|functions-framework|aws sagemaker|databricks (?:jobs|bundle)"
    "|dbt (?:run|build)|sqlmesh|spark-submit"
    "|airflow (?:dags|tasks)|argo submit|tkn|kfp run|dagster|prefect (?:flow-run|deploy)"
    "|metaflow|ploomber|dagger call|mlflow (?:run|models serve)"
    "|wandb (?:agent|sweep|launch)|clearml-task|doit|honcho start|foreman start|celery|ipython"
    "|det experiment"
    "|valohai|polyaxon run|zsh \\S+\\.\\w+|fish \\S+\\.\\w+|http (?:POST|GET)|xh|grpcurl"
)
"""Commands that run a project by what tools of the trade are called."""
HOSTED = regex(
    r"colab\.research\.google|mybinder\.org/v2|codespaces\.new|gitpod\.io/#|kaggle\.com/(?:code"
    r"|kernels)"
    r"|deepnote\.com/|lightning\.ai/.*studios"
)
"""Addresses where a project is set up and run by itself."""


class Sought(NamedTuple):
    """What shows that a README says something, best first."""

    commands: re.Pattern[str]
    """At the start of a command in a code block."""
    code: bool
    """Whether Python code that imports something says it too."""
    headings: re.Pattern[str]
    spoken: re.Pattern[str]
    """In prose, where `make sure` is no command."""
    hints: re.Pattern[str]
    """Headings that may be about it."""


SETUP = Sought(
    regex(
        r"(?:python[\d.]*\s+-m\s+)?(?:pip3?|conda|conda-lock|mamba|micromamba|uv|poetry|pipenv"
        r"|pdm|pixi|hatch|rye"
        r"|brew|apt|apt-get|npm)\s+(?:-\S+\s+)*(?:install|env|create|sync|add|pip|shell|lock)\b"
        r"|(?:uv|pixi)\s+run\b|docker(?:-compose|\s+compose|\s+build|\s+run|\s+pull)\b"
        r"|python[\d.]*\s+setup\.py\s+(?:install|develop|build)"
        r"|(?:python[\d.]*\s+-m\s+)?v(?:irtual)?env\b"
        r"|(?:make|just|task|poe|doit|moon|inv(?:oke)?)\s+(?:-\w\s+\S+\s+)?\S*(?:install|setup|init|env"
        r"|requirements|build|bootstrap|deps|sync)"
        r"|(?:(?:ba)?sh\s+|\./)\S*(?:install|setup|env)|.*\brequirements\S*\.txt\b"
        r"|.*\brenv::restore\b"
        r"|pip-sync\b|(?:pipx|asdf|flit|spack|dnf|yum|zypper|choco|scoop|winget"
        r"|pyenv)\s+(?:-\S+\s+)*install\b|pacman\s+-S"
        r"|uvx\s|(?:uv\s+tool|pipx)\s+(?:install|run)\b|py\s+-m\s+pip\b|pixi\s+global\b"
        r"|nix\s+run\b|flox\s+activate\b|guix\s+(?:shell|time-machine|package|environment)\b|spack\s+env\b|direnv\s+allow\b"
        r"|devbox\s+install\b"
        r"|(?:anaconda|conda)-project\s+(?:prepare|run)\b|conda\s+update\s.*-f|module\s+load\b"
        r"|(?:podman|nerdctl|ch-image|apptainer|singularity|buildah)\s+(?:build|run|pull|exec"
        r"|compose)\b"
        r"|docker\s+buildx\b|devcontainer\s+up\b|vagrant\s+up\b|(?:jupyter-)?repo2docker\b"
        r"|ansible-playbook\b"
        r"|earthly\s+\S*\+|(?:bazel(?:isk)?|buck2|pants)\s+(?:build|run|export)\b|(?:nox"
        r"|tox)\s+(?:run\s+)?-[se]\b"
        r"|(?:modal|mlflow|cog)\s+(?:run|train|predict|exec|build)\b|sky\s+(?:launch"
        r"|jobs\s+launch)\b"
        r"|marimo\s+.*--sandbox\b|.*\bpkg\.instantiate\b|(?:source|\.)\s+\S*(?:install|setup"
        r"|bootstrap|env)\S*\.\w+"
        r"|(?:bin|scripts?|tasks|tools)/(?:install|setup|bootstrap)\S*|\./bootstrap\S*"
        r"|python[\d.]*\s+\S*(?:install|bootstrap)\.py"
        r"|mise\s+(?:use\b|r(?:un)?\s+\S*(?:setup|install|bootstrap|deps|sync))"
        r"|nix(?:-shell|\s+develop)\b|(?:devbox|devenv)\s+(?:shell|run|up)\b|mise\s+install\b"
        r"|.*\benvironment\S*\.ya?ml\b|.*colab\.research\.google",
        re.IGNORECASE,
    ),
    False,
    regex(
        r"install|set[ -]?up\b|requirement|prerequisite|dependenc|getting started|get started"
        r"|bootstrap|local(?:ly)?\b.*(?:run|dev)|run.*\blocal|dev ?container|what you need"
        r"|before you (?:start|begin)"
        r"|toolchain|mise en place|pr[ée]requis|komma ig[åa]ng|kurulum|requisit"
        r"|puesta en marcha|aufsetzen|inbetriebnahme"
        r"|セットアップ|安裝|설정|التثبيت|cài đặt"
        r"|quick[ -]?start|environment|first steps|building from|build from"
        r"|安装|環境|环境|依赖|準備|准备|instala|voraussetzung|einrichtung|установк|требовани"
        r"|설치"
        r"|インストール",
        re.IGNORECASE,
    ),
    regex(
        r"\b(?:pip3?|conda|conda-lock|mamba|micromamba|uv|poetry|pipenv|pdm|brew|apt"
        r"|apt-get)\s+(?:-\S+\s+)*"
        r"(?:install|env create|create|sync)\s+\S+|\brenv::restore\b|\bnix (?:develop|-shell)\b"
        r"|\b(?:poetry|uv|pdm|pixi|pipenv|rye) (?:install|sync)\b|\b(?:uv|pixi) run \S"
        r"|\b(?:make|just|task|poe|inv(?:oke)?) (?:install|setup|bootstrap)\b"
        r"|\b(?:please|must|should|need to|have to|can) install\s+\S+"
        r"|\brequirements\S*\.txt\b|\benvironment\S*\.ya?ml\b|\bvirtualenv\b|\bvenv\b"
        r"|\b(?:uvx|pipx run|nix run|devbox (?:run|shell)|flox activate|podman build"
        r"|apptainer build) \S"
        r"|\b(?:re)?open(?:ed)? (?:it |the folder )?in (?:a |the )?(?:dev ?)?container\b"
        r"|\bcodespaces?\b"
        r"|\bdocker(?:-compose|\s+compose|\s+build|\s+run|\s+pull)\b|colab\.research\.google"
    ),
    regex(r"\bbuild(?:ing)?\b|docker|deploy|how to run|development", re.IGNORECASE),
)
USE = Sought(
    regex(
        r"python[\d.]*\s+(?:-u\s+)?(?:(?!setup\.py)[\w./-]+\.py\b|-m\s+(?!pip\b|venv\b"
        r"|ipykernel\b|spacy\b"
        r"|nltk\b)\w)|(?:ba)?sh\s+\S+|\./\w\S*|make\s+(?!sure\b|install|setup|v?env|deps"
        r"|requirements|bootstrap)[a-z]\w*"
        r"|dvc\s+(?:repro|exp|pull)|mlflow\s+run|jupyter[ -](?:notebook|lab)\b|streamlit\s+run"
        r"|uvicorn\b|gunicorn\b|docker(?:-compose|\s+compose)?\s+(?:run|up)\b|kedro\s+(?:run"
        r"|new)|snakemake\b"
        r"|az\s+ml\s+job\s+create|gcloud\s+ai\b|sbatch\s|torchrun\b|accelerate\s+launch"
        r"|flask\s+run|(?:uv|poetry|pixi|pipenv|pdm|hatch|rye)\s+run"
        r"|(?:just|task|poe|inv(?:oke)?|mise\s+run)\s+(?!install|setup|env|init)[a-z]\w*"
        r"|curl\b.*(?:localhost|127\.0|0\.0\.0\.0|\s-X\s|\s-d\s|--data)|npm\s+(?:start|run)"
        r"|cookiecutter\s+\S+"
        r"|zenml\s+(?:up|login|connect|init|pipeline|stack)\b|Rscript\b|(?:dagster"
        r"|mage)\s+(?:dev|start)\b"
        r"|databricks\s+bundle\s+(?:deploy|run)\b|axolotl\s+train\b|(?:go|cargo)\s+run\b"
        r"|earthly\s+\S*\+"
        r"|prefect\s+(?:deploy\w*|server)\b|anyscale\s+(?:job|service)\b|pants\s+(?:run|test)\b"
        rf"|(?:{_RUNNERS})\s+\S|nix\s+run\b|nix-shell\s+--run|(?:flox|guix|devenv)\s.*--\s"
        rf"|devenv\s+up\b"
        r"|(?:devbox|pixi|mise|moon|npm|pnpm|yarn|bun|deno)\s+(?:run|r|start|dev|task)\b"
        r"|docker\s+exec\b"
        r"|(?:conda|micromamba|mamba|conda-project|anaconda-project|podman|nerdctl|apptainer"
        r"|singularity)\s+(?:run|exec|compose)\b"
        r"|make\s+-\S+\s+\S+\s+[a-z]|(?:nox|tox)\s+(?:run\s+)?-[se]\s*(?!tests?\b|lint)\w"
        r"|py\s+\S+\.py\b"
        r"|(?:source|\.)\s+\S*(?:run|train)\S*\.sh|\.\\\S+|pwsh\s|(?:bin|scripts?)/(?!install"
        r"|setup|bootstrap)\w+"
        r"|kubectl\s+(?:apply|create)\b|helm\s+(?:upgrade|install)\b|(?:julia|octave|matlab"
        r"|java|node|dotnet)\s+\S"
        r"|.*colab\.research\.google|.*\.ipynb\b",
        re.IGNORECASE,
    ),
    True,
    regex(
        r"usage|\busing\b|\bhow (?:to|do|can)\b(?!.*install)|\bruns?\b|\brunning\b|\btrain"
        r"|evaluat\w*(?!.*(?:metric|result))|inference|\bpredict(?:ing|ions?)?\W*$"
        r"|\bexamples?\b|\bdemos?\b"
        r"|quick[ -]?start|getting started|tutorial|reproduc|\bcommands?\b"
        r"|\binvo(?:k|cation)|\bfitting\b|\blaunch|day[ -]to[ -]day|cookbook|entry[ -]?points?\b"
        r"|benutzung|\bnutzung|anwendung|ausführ|lancer|exécution|utilizzo|użycie|como usar"
        r"|ejecuci|kullan"
        r"|gebruik|実行|실행"
        r"|使用|训练|運行|运行|用法|推理"
        r"|\buso\b|utilisation|verwendung|запуск|использован|사용|使い方",
        re.IGNORECASE,
    ),
    regex(
        r"\bpython[\d.]*\s+(?:[\w./-]+\.py\b|-m\s+(?!pip\b|venv\b)\w\S*)|\b(?:ba)?sh\s+\S+\.sh\b"
        r"|\b(?:make|just|task|poe|inv(?:oke)?)\s+(?:run|train|all|data|eval\w*|predict|up"
        r"|start)\b"
        r"|\bdvc\s+(?:repro|exp|pull)"
        r"|\bmlflow\s+run|\b(?:run|start|open|launch)\w* (?:the )?jupyter\b"
        r"|\bjupyter[ -](?:notebook|lab)\b"
        r"|\bdocker(?:-compose|\s+compose)?\s+(?:run|up)\b|\bkedro\s+(?:run|new)\b|\btorchrun\b"
        r"|\bstreamlit\s+run|\baz ml job create\b|\bgcloud ai\b|\bsbatch \S"
        r"|\b(?:uv|poetry|pixi|pipenv|pdm|hatch|rye)\s+run\b|\bflask\s+run|\bnpm\s+(?:start"
        r"|run)\b"
        r"|\brscript (?:-e\b|\S+\.r\b)|\bdatabricks bundle (?:deploy|run)\b|\baxolotl train\b"
        r"|\bprefect deployment run\b|\banyscale (?:job|service) \w"
        r"|\bpants (?:run|test)\b"
        r"|colab\.research\.google|[\w-]+\.ipynb\b"
    ),
    regex(
        r"notebooks?\b|\bscripts?\b|\bserving\b|\boperat(?:e|ing|ions)\b|\bapi\b|\bcli\b"
        r"|endpoint|walk[ -]?through|testing|workflow|pipeline"
        r"|experiment",
        re.IGNORECASE,
    ),
)


def runs_something(fence: Fence) -> str:
    """The first command of a block of shell that is neither set-up nor housekeeping; ""."""
    if fence.language.lower() not in _SHELL:
        return ""
    going_on = False
    for line in fence.text.splitlines():
        said = re.sub(r"^\s*[$>%]\s+", "", line).strip()
        output = fence.language.lower() in {"console", "shell-session"} and said == line.strip()
        first = said.partition(" ")[0]
        if not going_on and not output and _COMMAND.match(said) and first not in _HOUSEKEEPING:
            return " ".join(said.split())[:60]
        going_on = said.endswith(("\\", "|"))
    return ""
