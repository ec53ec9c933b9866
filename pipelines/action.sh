#!/usr/bin/env bash
# The step of action.yml: scans, writes SARIF, the inventory and the summary of the job, and ends as the scan ended.
set -euo pipefail

aimscan="${INPUT_BINARY:-}"
if [ -z "$aimscan" ]; then
    aimscan="$(command -v aimscan || true)"
fi
if [ -z "$aimscan" ]; then
    echo "::group::Building aimscan"
    target="${RUNNER_TEMP:-/tmp}/aimscan-target"
    cargo build --release --locked --manifest-path "$GITHUB_ACTION_PATH/Cargo.toml" --target-dir "$target"
    echo "::endgroup::"
    aimscan="$target/release/aimscan"
fi

paths=()
while IFS= read -r path; do
    [ -z "$path" ] || paths+=("$path")
done <<<"${INPUT_PATH:-.}"
# Options take their value behind an equals sign, and paths stand behind `--`: no input can become another option.
options=()
[ -z "${INPUT_CONFIG:-}" ] || options+=("--config=$INPUT_CONFIG")
[ -z "${INPUT_CHANGED_SINCE:-}" ] || options+=("--changed-since=$INPUT_CHANGED_SINCE")
[ -z "${INPUT_BASELINE:-}" ] || options+=("--baseline=$INPUT_BASELINE")
conditions=()
[ -z "${INPUT_FAIL_ON:-}" ] || conditions+=("--fail-on=$INPUT_FAIL_ON")

sarif="${INPUT_SARIF:-aimscan.sarif}"
inventory="${INPUT_INVENTORY:-aimscan.json}"
# Results name what was found, and would be found themselves.
for result in "$sarif" "$inventory" ${INPUT_BASELINE:+"$INPUT_BASELINE"}; do
    options+=("--exclude=$(basename -- "$result")")
done
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
scan() {
    "$aimscan" scan --no-db "${options[@]}" "$@" -- "${paths[@]}"
}

status=0
scan "${conditions[@]}" --format=sarif --output="$sarif" || status=$?
[ "$status" -le 1 ] || exit "$status"
# The other two say the same in other words; conditions of the settings have been heard.
scan --format=json --output="$inventory" 2>"$scratch/counts" || [ $? -eq 1 ]
scan --format=text --quiet >"$scratch/text" || [ $? -eq 1 ]

counts="$(sed -n 's/^\([0-9]*\) systems, \([0-9]*\) findings, written to .*/\1 \2/p' "$scratch/counts")"
{
    printf 'sarif=%s\n' "${sarif//$'\n'/ }"
    printf 'inventory=%s\n' "${inventory//$'\n'/ }"
    printf 'systems=%s\n' "${counts% *}"
    printf 'findings=%s\n' "${counts#* }"
    printf 'failed=%s\n' "$([ "$status" -eq 1 ] && echo true || echo false)"
} >>"${GITHUB_OUTPUT:-/dev/null}"
{
    printf '### AI in this repository\n\n'
    # Indented, so that no name out of a scanned file can end the block or become a link.
    head -c 500000 "$scratch/text" | sed 's/^/    /'
    printf '\n'
} >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$status"
