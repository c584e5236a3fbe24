"""How a model or its service gets out: by which steps, from which image, past which gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllint.checks.ci import own_steps
from mllint.checks.out_of_sight import quoted, service
from mllint.checks.schedules import started
from mllint.checks.testing import metric_tested
from mllint.names import Names
from mllint.regexes import regex
from mllint.review import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mllint.facts import Call, Ci, Step
    from mllint.project import Project

_OURS = frozenset({"source", "template"})
_DEPLOYS = regex(
    r"kubectl (?:[\w=-]+ )*(?:apply|set image|rollout restart|replace|create -f)\b|oc apply\b"
    r"|kustomize build\b.*\bapply\b|helm (?:upgrade|install)\b|helmfile (?:sync|apply)\b"
    r"|(?:terraform|tofu|terragrunt) (?:[\w=-]+ )*apply\b|pulumi up\b|cdk deploy\b|cdktf deploy\b"
    r"|gcloud (?:beta |alpha )?(?:run|app|functions|ai) (?:\w+ )?(?:deploy|deploy-model|replace)\b"
    r"|gcloud (?:beta )?run services (?:update|replace)\b"
    r"|gcloud compute instances update-container\b"
    r"|aws (?:ecs update-service|lambda update-function-code|cloudformation deploy"
    r"|sagemaker (?:create|update)-endpoint|deploy create-deployment|apprunner \w+"
    r"|elasticbeanstalk update-environment|s3 sync .*)|eb deploy\b|sam deploy\b"
    r"|(?:sls|serverless) deploy\b|az (?:webapp|containerapp|ml|functionapp|deployment|aks)\b.*"
    r"\b(?:create|deploy|up|update|config container set)\b|azd (?:up|deploy)\b"
    r"|heroku (?:container:release|deploy)\b|git push (?:-\S+ )*\S*(?:heroku|dokku|huggingface)"
    r"|fly(?:ctl)? deploy\b|railway up\b|vercel\b.*--prod|modal deploy\b|cog push\b|truss push\b"
    r"|bentoml (?:deploy|deployment (?:create|update))\b|bentoctl \w+|serve deploy\b"
    r"|zenml \S+ deploy\b|mlflow (?:deployments|sagemaker) (?:create|update|deploy)\b"
    r"|anyscale service(?:s)? (?:deploy|rollout)\b|cf push\b|kamal deploy\b|skaffold run\b"
    r"|ansible-playbook\b|argocd app (?:sync|set)\b|flux reconcile\b|copilot (?:svc )?deploy\b"
    r"|docker stack deploy\b|seldon \w+ load\b|databricks (?:bundle deploy|jobs (?:create|reset))\b"
    r"|(?:mda|langgraph) deploy\b|huggingface-cli upload\b|hf upload\b"
)
"""Commands that bring something into operation."""
_PUSHES = regex(
    r"(?:docker|podman|buildah) (?:image |compose )?push\b|docker buildx build\b.*--push\b"
    r"|(?:/kaniko/)?executor\b.*--destination|docker-compose push\b"
    r"|heroku container:push\b|bentoml push\b|helm push\b|pants publish\b"
)
"""Commands that publish an image, from which others deploy."""
_REMOTE = regex(r"(?:ssh|scp|rsync)\b.*@")
_ACTIONS = Names((
    "azure/webapps-deploy@*", "azure/k8s-deploy@*", "azure/container-apps-deploy-action@*",
    "azure/functions-action@*", "azure/aci-deploy@*", "Azure/*-deploy@*",
    "Azure/functions-action@*",
    "akhileshns/heroku-deploy@*", "AkhileshNS/heroku-deploy@*",
    "aws-actions/amazon-ecs-deploy-task-definition@*",
    "aws-actions/aws-cloudformation-github-deploy@*", "google-github-actions/deploy-cloudrun@*",
    "google-github-actions/deploy-appengine@*", "google-github-actions/deploy-cloud-functions@*",
    "amondnet/vercel-action@*", "appleboy/ssh-action@*", "appleboy/scp-action@*",
    "bentoml/deploy-bento-action@*", "pulumi/actions@*", "serverless/github-action@*",
    "einaregilsson/beanstalk-deploy@*", "AzureWebApp*", "AzureRmWebAppDeployment*",
    "KubernetesManifest@*", "HelmDeploy@*", "AzureFunctionApp*", "deploy: *",
    "pipe: atlassian/*deploy*", "pipe: atlassian/aws-*",
))  # fmt: skip
"""Actions, tasks and pipes that do the same."""
_PUBLISHES = ("docker/build-push-action@", "docker/bake-action@", "Docker@", "redhat-actions/push")
_PACKAGES = ("deploy: pypi", "deploy: pages", "deploy: releases")
"""Deployments of Travis that publish packages and pages."""
_GITOPS = frozenset({"Application", "ApplicationSet", "Kustomization", "HelmRelease"})
_GITOPS_APIS = ("argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/")
_PLATFORMS = frozenset(
    {"render.yaml", "fly.toml", "vercel.json", "railway.json", "railway.toml", "app.json",
     "heroku.yml", "cloudbuild.yaml", "cloudbuild.yml", "buildspec.yml", "Procfile",
     "netlify.toml", "app.yaml", "apprunner.yaml"}
)  # fmt: skip
"""Files by which a platform deploys a branch by itself, or builds it on its own CI."""
_UNREAD = regex(
    r"[^./][^@]*/\.github/workflows/|template: |project: |remote: |component: |extends: "
)
_MAY_DEPLOY = regex(r"(?:^|[\s/_.:-])(?:deploy|release|rollout)(?:$|[\s/_.:@-]|ment)")
_LIBRARY_RELEASE = regex(r"pypi|gh-pages|mkdocs|sphinx|docs|pages|twine|semantic[-_ ]release")
_BUILDS = regex(
    r"(?:docker|podman|buildah|nerdctl) (?:image )?(?:build|bud)\b|docker buildx (?:build|bake)\b"
    r"|docker[- ]compose (?:-\S+ \S+ )*(?:build\b|up\b)|(?:docker|podman)[- ]compose .*--build\b"
    r"|gcloud builds submit\b|gcloud run deploy\b.*--source|az acr (?:build|task)\b|pack build\b"
    r"|(?:/kaniko/)?executor\b.*--context|kaniko\b|bentoml (?:containerize|build)\b"
    r"|mlflow models build-docker\b|skaffold (?:build|run)\b|cog (?:build|push)\b"
    r"|fly(?:ctl)? deploy\b|heroku container:push\b|eb deploy\b|sam build\b"
    r"|repo2docker\b|apptainer build\b|tilt ci\b|railway up\b|earthly\b"
    r"|copilot (?:svc )?deploy\b|devcontainer build\b|truss push\b|pants (?:publish|package)\b"
)
_BUILD_ACTIONS = (
    "docker/build-push-action@", "docker/bake-action@", "Docker@", "DockerCompose@",
    "redhat-actions/buildah-build@", "aevea/action-kaniko@", "devcontainers/ci@",
    "superfly/flyctl-actions", "akhileshns/heroku-deploy@", "AkhileshNS/heroku-deploy@",
    "whoan/docker-build-with-cache-action@", "elgohr/Publish-Docker-Github-Action@",
    "macbre/push-to-ghcr@", "depot/build-push-action@", "depot/bake-action@",
    "jupyterhub/repo2docker-action@", "bentoml/containerize-push-action@",
)  # fmt: skip
_BUILD_PLUGINS = regex(
    r"plugin: (?:[\w./-]*/)?(?:plugin-)?(?:docker(?:-buildx)?|kaniko|buildx|ecr|gcr|gar|acr"
    r"|docker-build|drone-(?:docker|kaniko)\w*|buildah|docker-compose)(?:[:@#]|$)"
)
"""Plugins of pipelines that build an image, and publish it unless they are told not to."""
_MAY_BUILD = regex(r"(?:^|[\W_])(?:docker|image|container|kaniko)(?:$|[\W_])", re.IGNORECASE)


_GROUND = regex(
    r"\b(?:kubernetes|k8s|helm charts?|terraform|ec2|ecs|eks|fargate|elastic beanstalk|aks|gke"
    r"|azure (?:app service|container \w+|kubernetes service)|cloud run|compute engine"
    r"|digitalocean|vps)\b"
)
"""What a text says that the service runs on."""
_CLOUDS = regex(r"(?:aws|gcloud|az|ssh|scp|rsync)\b")
"""Commands that deploy to what is one's own to set up."""


def _commands(project: Project) -> Iterator[Step]:
    """What CI runs; with the pushes of git and the calls of hooks that deploy."""
    yield from own_steps(project)
    for step in project.rows("step"):
        if step.origin == "ci" and step.tool in {"git", "curl", "wget"}:
            yield step


def _elsewhere(project: Project) -> Evidence | None:
    """Undecided evidence: steps of CI that stand in another repository, or are not all read."""
    for row in _actions(project):
        if _UNREAD.match(row.uses):
            return Evidence(None, row.at, f"what `{row.uses}` runs cannot be seen")
    return service(project)


def _actions(project: Project) -> Iterator[Ci]:
    return (r for r in project.rows("ci") if r.uses and project.role(r.at.path) in _OURS)


def deployments(project: Project) -> Iterator[tuple[Evidence, Step | Ci]]:
    """What CI deploys or publishes for others to deploy: the evidence, and its step."""
    for step in _commands(project):
        if any(names.match(step.command) for names in (_DEPLOYS, _PUSHES, _REMOTE)):
            yield Evidence(True, step.at, quoted(step.command)), step
    for row in _actions(project):
        pushes = row.uses.startswith(_PUBLISHES) and _is_pushed(row)
        pushes = pushes or (_by_plugin(row) and dict(row.settings).get("with.dry_run") != "true")
        pushes = pushes or any(_handed(row, names) for names in (_DEPLOYS, _PUSHES))
        if (row.uses in _ACTIONS and not row.uses.startswith(_PACKAGES)) or pushes:
            yield Evidence(True, row.at, f"`{row.uses}`"), row


def _by_plugin(row: Ci) -> bool:
    """Whether a plugin builds an image; that of Buildkite which also runs them is told which."""
    given = {key for key, _ in row.settings}
    told = row.system != "buildkite" or bool(given & {"with.build", "with.push", "with.image-name"})
    return told and _BUILD_PLUGINS.match(row.uses) is not None


def _is_pushed(row: Ci) -> bool:
    given = dict(row.settings)
    pushed = given.get("with.push", given.get("with.command", "")).lower()
    return pushed not in {"", "false", "build"}


def deployed(project: Project) -> Iterator[Evidence]:
    """Whether CI, or what watches the repository, brings a new version into operation."""
    found = [evidence for evidence, _ in deployments(project)]
    found += [
        Evidence(True, row.at, f"{row.kind} `{row.name}` follows the repository")
        for row in project.rows("manifest")
        if row.kind in _GITOPS and row.api.startswith(_GITOPS_APIS)
    ]
    yield from found or (_perhaps_deployed(project) or _by_hand(project),)


def _perhaps_deployed(project: Project) -> Evidence | None:
    """Undecided evidence of a platform or a step that may deploy out of sight."""
    for path, tables in project.by_path.items():
        name = path.rpartition("/")[2]
        if name in _PLATFORMS and tables.get("file") and project.role(path) in _OURS:
            return Evidence(None, tables["file"][0].at, f"a platform may deploy by `{path}`")
    for step in _commands(project):
        text = f"{step.job} {step.command}".lower()
        if _MAY_DEPLOY.search(text) and not _LIBRARY_RELEASE.search(text):
            return Evidence(None, step.at, f"{quoted(step.command)} may deploy")
    for row in _actions(project):
        if _MAY_DEPLOY.search(row.uses.lower()) and not _LIBRARY_RELEASE.search(row.uses.lower()):
            return Evidence(None, row.at, f"`{row.uses}` may deploy")
    for call in project.calls("deploys"):
        if project.role(call.at.path) in _OURS:
            return Evidence(None, call.at, f"`{call.name.lstrip('.?')}` deploys from a program")
    return _elsewhere(project)


def _by_hand(project: Project) -> Evidence:
    for row in project.rows("manifest"):
        if row.system in {"kubernetes", "helm", "terraform"} and row.kind != "container":
            fields = {"what": f"what `{row.at.path}` describes"}
            return Evidence(False, row.at, "no CI step applies it", fields=fields)
    for row in project.rows("docker"):
        if project.role(row.at.path) in _OURS and row.word == "FROM":
            fields = {"what": f"the image of `{row.at.path}`"}
            return Evidence(False, row.at, "no CI step publishes the image", fields=fields)
    return Evidence(False, None, "no CI step deploys", fields={"what": "the service"})


def image_built(project: Project) -> Iterator[Evidence]:
    """Whether CI builds the image."""
    files = [
        row
        for row in project.rows("docker")
        if row.word == "FROM"
        and project.role(row.at.path) in _OURS
        and ".devcontainer" not in row.at.path
    ]
    programs = {c.at.path: c for c in project.calls("build_image") if _is_own(project, c)}
    if not files and not programs:
        return
    found = [
        Evidence(True, step.at, quoted(step.command))
        for step in own_steps(project)
        if _BUILDS.match(step.command)
    ]
    actions = list(_actions(project))
    found += [
        Evidence(True, row.at, f"`{row.uses}`")
        for row in actions
        if row.uses.startswith(_BUILD_ACTIONS) or _by_plugin(row) or _handed(row, _BUILDS)
    ]
    found += [
        Evidence(True, step.at, f"{quoted(step.command)} builds it")
        for step in own_steps(project)
        if programs and not started(project, step).isdisjoint(programs)
    ]
    path = files[0].at.path if files else next(iter(programs))
    yield from found or (_perhaps_built(project, actions) or _unbuilt(path),)


def _is_own(project: Project, call: Call) -> bool:
    return project.role(call.at.path) in _OURS


def _handed(row: Ci, wanted: re.Pattern[str]) -> bool:
    """Whether an action is handed a script with such a command."""
    scripts = (v for k, v in row.settings if k in {"with.run", "with.command", "with.script"})
    return any(wanted.match(line.strip()) for text in scripts for line in text.splitlines())


def _unbuilt(path: str) -> Evidence:
    what = f"starts `{path}`, which builds an image" if path.endswith(".py") else f"builds `{path}`"
    return Evidence(False, None, f"no CI step {what}", fields={"what": what})


def _perhaps_built(project: Project, actions: Sequence[Ci]) -> Evidence | None:
    for step in own_steps(project):
        if _MAY_BUILD.search(" ".join(step.command.split()[:4])) and step.tool != "docker":
            return Evidence(None, step.at, f"{quoted(step.command)} may build it")
    for row in actions:
        if _MAY_BUILD.search(row.uses.partition("@")[0]) and "/login-" not in row.uses:
            return Evidence(None, row.at, f"`{row.uses}` may build it")
    return _elsewhere(project)


def gated(project: Project) -> Iterator[Evidence]:
    """Where a model goes out, judged by whether a measured quality can hold it back."""
    promoted = [c for c in project.calls("promotes") if project.role(c.at.path) in _OURS]
    out = list(deployments(project))
    if not (promoted or out):
        return
    asked = [e for e in metric_tested(project) if e.ok is not False and e.at is not None]
    asking = {
        (row.at.path, row.job)
        for row in project.rows("ci")
        if any(key == "environment" for key, _ in row.settings)
    }
    approvals = [
        Evidence(None, row.at, "its environment may ask for somebody's approval")
        for _, row in out
        if {((*getattr(row, "via", ()), row.at.path)[0], row.job)} & asking
    ]
    yield from asked or approvals[:1] or (_ungated(out, promoted),)


def _short(call: Call) -> str:
    return call.name.replace("()", "").lstrip(".?")


def _ungated(out: Sequence[tuple[Evidence, Step | Ci]], promoted: Sequence[Call]) -> Evidence:
    if promoted:
        fields = {"what": f"`{_short(promoted[0])}` promotes the model"}
        return Evidence(False, promoted[0].at, "no condition stands before it", fields=fields)
    first = out[0][0]
    fields = {"what": f"{first.note} deploys"}
    return Evidence(False, first.at, "no step measures the model", fields=fields)


def infrastructure(project: Project) -> Iterator[Evidence]:
    """Whether the infrastructure that is spoken of, or deployed to, is described in files."""
    tools = project.used_tools.get("infrastructure_as_code", ())
    used = [tool for tool in tools if tool.grade == "used"]
    if used:
        yield from (Evidence(True, tool.at, tool.note) for tool in used)
        return
    for tool in tools[:1]:
        yield Evidence(False, tool.at, tool.note, tool.credit, fields={"where": tool.tool})
        return
    for row in project.rows("prose"):
        own = project.role(row.at.path) in _OURS | {"docs"}
        if own and (found := _GROUND.search(row.text)):
            yield Evidence(False, row.at, f"`{found[0]}` is spoken of", fields={"where": found[0]})
            return
    for evidence, row in deployments(project):
        if _CLOUDS.match(getattr(row, "command", "")):
            yield Evidence(False, evidence.at, evidence.note, fields={"where": evidence.note})
            return
