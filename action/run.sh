#!/usr/bin/env bash
# What the GitHub Action does after the installation: runs mllint, sets the outputs, keeps one comment
# on the pull request. Everything from outside arrives in variables of the environment and is never
# read as shell. MLLINT_BIN is the folder of the commands `mllint` and `python`. The exit code is that of
# `mllint check`.
set -uo pipefail

bin=${MLLINT_BIN:?}
out=$(mktemp -d "${RUNNER_TEMP:-/tmp}/mllint.XXXXXX")

say() { printf '%s\n' "$*" >&2; }

# Appends each non-empty line of $2 to the array named $1, with the words after them before each.
lines() {
  local -n into=$1
  local text=$2 line
  shift 2
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ -n ${line//[[:space:]]/} ]] && into+=("$@" "$line")
  done <<<"$text"
  return 0
}

since_of_pull_request() {
  local ref=origin/${GITHUB_BASE_REF:-}
  [[ -n ${GITHUB_BASE_REF:-} ]] || return 0
  if git rev-parse --quiet --verify "$ref^{commit}" >/dev/null && git merge-base "$ref" HEAD >/dev/null 2>&1; then
    printf '%s' "$ref"
  else
    say "::notice title=mllint::All findings count as new: the checkout lacks $ref. Add 'fetch-depth: 0' to actions/checkout."
  fi
}

comment() {
  local marker body=$1 number=${PULL_REQUEST:-} repo=${GITHUB_REPOSITORY:-} id
  [[ -n $number && -s $body ]] || return 0
  marker=$(head -n 1 "$body")
  id=$(gh api --paginate "repos/$repo/issues/$number/comments" \
    --jq '.[] | select(.user.type == "Bot") | [.id, (.body | split("\n")[0] | rtrimstr("\r"))] | @tsv' 2>"$out/gh" |
    awk -F '\t' -v marker="$marker" '$2 == marker { print $1; exit }') || id=""
  if [[ -n $id ]]; then
    gh api --silent -X PATCH "repos/$repo/issues/comments/$id" -F "body=@$body" 2>"$out/gh" && return 0
  else
    gh api --silent -X POST "repos/$repo/issues/$number/comments" -F "body=@$body" 2>"$out/gh" && return 0
  fi
  say "::warning title=mllint::The comment could not be written (pull requests of forks have no token for it, others need 'pull-requests: write'); it is in the step summary."
  [[ -n ${GITHUB_STEP_SUMMARY:-} ]] && cat "$body" >>"$GITHUB_STEP_SUMMARY"
  return 0
}

words=(check)
[[ -n ${INPUT_PROFILE:-} ]] && words+=(--profile "$INPUT_PROFILE")
[[ -n ${INPUT_FAIL_ON:-} ]] && words+=(--fail-on "$INPUT_FAIL_ON")
lines words "${INPUT_MIN_SCORE:-}" --min-score
since=${INPUT_SINCE:-auto}
[[ $since == auto ]] && since=$(since_of_pull_request)
[[ -n $since && $since != none ]] && words+=(--since "$since")
words+=(-o "json=$out/report.json" -o "sarif=$out/mllint.sarif" -o "markdown-pr=$out/comment.md")
[[ -n ${INPUT_BADGE_PATH:-} ]] && words+=(-o "badge-svg=$INPUT_BADGE_PATH")
lines words "${INPUT_ARGS:-}"
words+=(--)
lines words "${INPUT_PATHS:-}"

[[ ${INPUT_SUMMARY:-true} == true ]] || unset GITHUB_STEP_SUMMARY
"$bin/mllint" "${words[@]}"
code=$?

[[ -s $out/report.json ]] && "$bin/python" - "$out/report.json" >>"${GITHUB_OUTPUT:-/dev/stdout}" <<'PYTHON'
import json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
score = report["score"] or {}
value = score.get("value")
print(f"score={'' if value is None else int(value * 10) / 10}")
print(f"grade={score.get('grade') or ''}")
print(f"new={sum(finding['status'] == 'new' for finding in report['findings'])}")
print(f"report={sys.argv[1]}")
PYTHON
[[ -s $out/mllint.sarif ]] && printf 'sarif-file=%s\n' "$out/mllint.sarif" >>"${GITHUB_OUTPUT:-/dev/stdout}"
[[ ${INPUT_COMMENT:-false} == true ]] && comment "$out/comment.md"
exit "$code"
