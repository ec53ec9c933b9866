#!/usr/bin/env bash
# Scans a real MLflow server: installs MLflow into a temporary environment, starts it on this machine, fills its registry with
# several pages of models and versions, and checks that the given aimscan finds every one of them.
#
#   bash tests/mlflow_server.sh target/release/aimscan
#
# Needs python3 with venv. Leaves nothing behind and exits non-zero if anything is missing.
set -euo pipefail

fail() {
    printf 'mlflow_server: %s\n' "$1" >&2
    exit 1
}

[ $# -eq 1 ] || fail "give the aimscan program as the only argument"
[ -x "$1" ] || fail "$1 is no program"
aimscan="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"

# More than two of the connector's pages of 100, of models and of versions.
models=230

work="$(mktemp -d)"
server=""
clean_up() {
    status=$?
    trap - EXIT
    if [ -n "$server" ]; then
        # The server's own process group: it starts workers.
        kill -TERM -- "-$server" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 -- "-$server" 2>/dev/null || break
            sleep 0.2
        done
        kill -KILL -- "-$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [ "$status" -ne 0 ] && [ -f "$work/server.log" ]; then
        printf 'mlflow_server: FAILED; the last lines of the server:\n' >&2
        tail -n 20 "$work/server.log" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

python3 -m venv "$work/venv" || fail "python3 cannot make a virtual environment"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check mlflow || fail "MLflow could not be installed"

port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
address="http://127.0.0.1:$port"

# Job control gives the server a process group of its own.
set -m
(
    cd "$work"
    exec "$work/venv/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
        --backend-store-uri "sqlite:///$work/mlflow.db" --default-artifact-root "$work/artifacts"
) >"$work/server.log" 2>&1 </dev/null &
server=$!
set +m

cat >"$work/fill.py" <<'PYTHON'
"""Waits for the server, then registers models: every third has two versions, one is described, owned and in use."""
import json
import sys
import time
import urllib.error
import urllib.request

address, count, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/api/2.0/mlflow/{path}", data, {"content-type": "application/json"})
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)


deadline = time.monotonic() + 300
while True:
    try:
        call("registered-models/search?max_results=1")
        break
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        if time.monotonic() > deadline:
            sys.exit(f"the server did not start: {error}")
        time.sleep(1)

expected = []
for number in range(count):
    name = f"model {number:03} ü" if number % 10 == 0 else f"model-{number:03}"
    call("registered-models/create", {"name": name, "tags": [{"key": "owner", "value": "data-team"}]})
    expected.append(name)
    for version in range(1, 3 if number % 3 == 0 else 2):
        call("model-versions/create", {"name": name, "source": f"s3://models/{number}/{version}"})
        expected.append(f"{name}/versions/{version}")
call("registered-models/alias", {"name": "model-001", "alias": "champion", "version": "1"})
with open(out, "w", encoding="utf-8") as file:
    json.dump(expected, file)
print(f"mlflow_server: registered {count} models with {len(expected) - count} versions")
PYTHON

cat >"$work/check.py" <<'PYTHON'
"""Holds what was found against what was registered."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    expected = {f"mlflow:registered-models/{path}" for path in json.load(file)}
with open(sys.argv[2], encoding="utf-8") as file:
    lines = [json.loads(line) for line in file]
found = {place["path"] for line in lines for place in line["evidence"]}
names = {line["name"] for line in lines if line["kind"] == "model"}
systems = {line["system"] for line in lines}
models = {path.split("/")[1] for path in expected}
problems = [f"not found: {path}" for path in sorted(expected - found)]
problems += [f"not registered: {path}" for path in sorted(found - expected)]
problems += [f"no model component: {name}" for name in sorted(models - names)]
if len(systems) != len(models):
    problems.append(f"{len(systems)} systems for {len(models)} models")
if problems:
    sys.exit("\n".join(problems[:20]) + f"\n{len(problems)} problems")
print(f"mlflow_server: found all {len(models)} models and {len(expected) - len(models)} versions")
PYTHON

python3 "$work/fill.py" "$address" "$models" "$work/expected.json" || fail "the server could not be filled"
kill -0 "$server" 2>/dev/null || fail "the server died"

# Credentials of whoever runs this are nobody's business here.
env -u MLFLOW_TRACKING_TOKEN -u MLFLOW_TRACKING_USERNAME -u MLFLOW_TRACKING_PASSWORD \
    "$aimscan" scan --mlflow "$address" --no-db --format jsonl >"$work/found.jsonl" || fail "aimscan ended with exit code $?"
python3 "$work/check.py" "$work/expected.json" "$work/found.jsonl" || fail "not everything was found"
