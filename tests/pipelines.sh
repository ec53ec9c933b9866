#!/usr/bin/env bash
# Runs what other people's pipelines run: the steps of the GitHub Action with the environment that GitHub sets, the job of the
# GitLab template in a runner on this machine, and the pre-commit hook in a repository of its own.
#
#   bash tests/pipelines.sh target/release/aimscan
#
# Needs git, rsync, node with npm, and python3 with venv. Leaves nothing behind and exits non-zero if anything is not as promised.
set -euo pipefail

fail() {
    printf 'pipelines: %s\n' "$1" >&2
    exit 1
}

[ $# -eq 1 ] || fail "give the aimscan program as the only argument"
[ -x "$1" ] || fail "$1 is no program"
bin="$(cd "$(dirname "$1")" && pwd)"
root="$(cd "$(dirname "$0")/.." && pwd)"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# Where Rust is usually installed is below the home that is about to change.
export RUSTUP_HOME="${RUSTUP_HOME:-$HOME/.rustup}" CARGO_HOME="${CARGO_HOME:-$HOME/.cargo}"
export HOME="$work/home" PATH="$bin:$PATH" PRE_COMMIT_HOME="$work/pre-commit" GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name a
git config --global user.email a@b.example
git config --global init.defaultBranch main
for name in $(env | sed -n 's/^\(GITHUB_[A-Z_]*\|INPUT_[A-Z_]*\|CI_[A-Z_]*\|AIMSCAN_[A-Z_]*\)=.*/\1/p'); do
    unset "$name"
done

python3 -m venv "$work/venv" || fail "python3 cannot make a virtual environment"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check check-jsonschema pre-commit || fail "the Python tools could not be installed"
npm install --silent --no-fund --no-audit --prefix "$work/node" gitlab-ci-local@4.61.0 >/dev/null || fail "gitlab-ci-local could not be installed"

# 2026-01-01: models retire by the calendar, what is expected here must not.
export SOURCE_DATE_EPOCH=1767225600

# A repository that uses AI in a file whose name is no friend of summaries.
project="$work/project"
mkdir "$project"
cd "$project"
git init -q
printf 'openai\n' >requirements.txt
printf 'print("nothing yet")\n' >plain.py
git add .
git commit -qm "before"
chat='from openai import OpenAI\n\nOpenAI().chat.completions.create(model="gpt-4o", messages=[])\n'
printf "$chat" >'chat ```[x](http:y).py'
git add .
git commit -qm "after"

echo "pipelines: the GitHub Action"
check="$work/venv/bin/check-jsonschema"
"$check" --builtin-schema vendor.github-actions "$root/action.yml" >/dev/null || fail "action.yml has not the form of an action"
sed 's/using: composite/using: nothing/' "$root/action.yml" >"$work/action.yml"
! "$check" --builtin-schema vendor.github-actions "$work/action.yml" >/dev/null 2>&1 || fail "the schema checks nothing"
for input in $(sed -n '/^inputs:/,/^outputs:/s/^  \([a-z-]*\):$/\1/p' "$root/action.yml"); do
    variable="INPUT_$(printf '%s' "$input" | tr 'a-z-' 'A-Z_')"
    grep -q "$variable: \${{ inputs.$input }}" "$root/action.yml" || fail "the input $input is not handed on"
    grep -q "$variable" "$root/pipelines/action.sh" || fail "the input $input is not used"
done
action() { # variables
    : >"$work/output" && : >"$work/summary"
    env GITHUB_ACTIONS=true GITHUB_ACTION_PATH="$root" GITHUB_OUTPUT="$work/output" GITHUB_STEP_SUMMARY="$work/summary" \
        GITHUB_API_URL=https://api.github.com RUNNER_TEMP="$work" "$@" bash "$root/pipelines/action.sh" 2>"$work/said"
}
action || fail "the action failed: $(cat "$work/said")"
for line in sarif=aimscan.sarif inventory=aimscan.json systems=1 findings=0 failed=false; do
    grep -qx "$line" "$work/output" || fail "the output $line is missing: $(cat "$work/output")"
done
"$check" --schemafile "$root/fixtures/schemas/sarif-2.1.0.json" aimscan.sarif >/dev/null 2>&1 || python3 -c 'import json; json.load(open("aimscan.sarif"))["runs"][0]["results"][0]' || fail "there is no SARIF log"
grep -q '^### AI in this repository' "$work/summary" || fail "there is no summary"
grep -q '^    .*gpt-4o' "$work/summary" || fail "the summary does not show what was found"
! sed '1d' "$work/summary" | grep -q '^[^ ]' || fail "a line of the summary is not indented"
status=0
action INPUT_FAIL_ON=limited || status=$?
[ "$status" -eq 1 ] || fail "a condition that holds ended with $status"
grep -qx failed=true "$work/output" || fail "a condition that holds is not among the outputs"
action INPUT_FAIL_ON=limited INPUT_BASELINE=aimscan.json || fail "what is in the baseline counted: $(cat "$work/said")"
action INPUT_FAIL_ON=limited INPUT_CHANGED_SINCE=HEAD || fail "what did not change counted: $(cat "$work/said")"
grep -qx systems=0 "$work/output" || fail "what did not change is shown"
status=0
action INPUT_PATH=$'plain.py\n--help' || status=$?
[ "$status" -eq 2 ] || fail "an option in the place of a path ended with $status"
status=0
action 'INPUT_PATH=$(touch injected)' || status=$?
[ "$status" -eq 2 ] && [ ! -e injected ] || fail "an input was read as a command"
rm -f aimscan.sarif aimscan.json

echo "pipelines: the GitLab template"
"$check" --builtin-schema vendor.gitlab-ci "$root/pipelines/gitlab.yml" >/dev/null || fail "the template has not the form of a pipeline"
cp "$root/pipelines/gitlab.yml" .gitlab-ci.yml
git remote add origin https://gitlab.example/acme/project.git
runner() { # variables
    "$work/node/node_modules/.bin/gitlab-ci-local" --force-shell-executor --no-color "$@" aimscan >"$work/said" 2>&1
}
runner || fail "the job failed: $(cat "$work/said")"
[ -s aimscan.html ] && python3 -c 'import json; assert json.load(open("aimscan.json"))["systems"]' || fail "the job left no inventory"
! runner --variable AIMSCAN_FAIL_ON=limited || fail "the job did not fail where a condition holds"
grep -q 'is indicated as limited' "$work/said" || fail "the job does not say why it failed: $(cat "$work/said")"
rm -rf .gitlab-ci.yml .gitlab-ci-local aimscan.html aimscan.json .aimscan

echo "pipelines: the pre-commit hook"
"$work/venv/bin/pre-commit" validate-manifest "$root/.pre-commit-hooks.yaml" || fail "the list of hooks has not the form of one"
hook() { # arguments of aimscan
    printf 'repos:\n- repo: local\n  hooks:\n  - id: aimscan\n    name: aimscan\n    entry: %s\n    language: system\n    pass_filenames: false\n    always_run: true\n    args: [%s]\n' \
        "$(sed -n '/id: aimscan-system/,$s/^  entry: //p' "$root/.pre-commit-hooks.yaml")" "$1" >"$work/hook.yaml"
    "$work/venv/bin/pre-commit" run --config "$work/hook.yaml" --verbose >"$work/said" 2>&1
}
"$work/venv/bin/pre-commit" try-repo "$root" aimscan-system --verbose >"$work/said" 2>&1 || fail "the hook failed: $(cat "$work/said")"
grep -q 'Passed' "$work/said" || fail "the hook did not run: $(cat "$work/said")"
hook --fail-on,limited || fail "the hook failed on what did not change: $(cat "$work/said")"
printf "$chat" >more.py
git add more.py
! hook --fail-on,limited || fail "the hook passed what a change brings: $(cat "$work/said")"
grep -q 'more.py' "$work/said" && ! grep -q 'chat ' "$work/said" || fail "the hook shows something else: $(cat "$work/said")"
# The very first commit has nothing before it.
git checkout -q --orphan fresh
! hook --fail-on,limited || fail "the hook passed the first commit: $(cat "$work/said")"
grep -q 'is indicated as limited' "$work/said" || fail "the hook does not know a first commit: $(cat "$work/said")"

echo "pipelines: all of them do what they promise"
