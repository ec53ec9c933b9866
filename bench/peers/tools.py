"""Which peers are compared, in which versions, how each is installed and called. What their output means is in findings.py."""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile

# Peers that install by package name, need no account and no network to scan: {package: (registry, version)}.
PACKAGES = {
    "ai-bom": ("pypi", "3.6.0"),
    "agent-bom": ("pypi", "0.110.0"),
    "aibom-scanner": ("pypi", "1.3.5"),
    "scanllm": ("pypi", "2.4.0"),
    "scopesafe-aibom": ("pypi", "0.3.0"),
    "agentdiscover": ("pypi", "2.9.5"),
    "agentmesh-discovery": ("pypi", "5.0.0"),
    "cisco-aibom": ("pypi", "1.10.0"),
    "@cyclonedx/cdxgen": ("npm", "12.8.4"),
}

# Peers that are left out, and why; told in the result.
LEFT_OUT = {
    "agentic-radar (PyPI)": "draws the workflow of one named framework and needs to be told which; no inventory",
    "snyk-agent-scan (PyPI), snyk aibom": "need an account and send what they find, or the source, to a service",
    "aisbom-cli (PyPI), modelscan (PyPI)": "read model files only; the trees here have none",
    "semgrep (PyPI)": "the rules for AI are no package, and a rule's match is a word's place, no asset",
    "VerifyWise, g0, Vulnetix, vet, cnspec": "no package of PyPI or npm that runs by its name",
}

# Its `analyze` refuses to start without a language model; its `watch` makes exactly this call, which is everything before that model.
CISCO = ("import json, sys; from aibom.scan_pipeline import ScanPipeline; "
         "found = ScanPipeline(scan_paths=[sys.argv[1]], output_format='json').run().components; "
         "json.dump([one.model_dump(mode='json') for one in found], open(sys.argv[2], 'w'))")

# title: (package, command, exit codes that are verdicts). {tree} and {out} are filled in; without {out} the standard output is read.
TOOLS = {
    "aimscan": (None, ["{program}", "scan", "{tree}", "--no-db", "-q", "-f", "jsonl", "-o", "{out}"], (0,)),
    "ai-bom": ("ai-bom", ["ai-bom", "scan", "{tree}", "--no-telemetry", "-q", "-f", "json", "-o", "{out}"], (0, 1)),
    "ai-bom --deep": ("ai-bom", ["ai-bom", "scan", "{tree}", "--deep", "--no-telemetry", "-q", "-f", "json", "-o", "{out}"], (0, 1)),
    "agent-bom code": ("agent-bom", ["agent-bom", "code", "{tree}", "-q", "-f", "json", "-o", "{out}"], (0,)),
    "agent-bom scan": ("agent-bom", ["agent-bom", "scan", "-p", "{tree}", "--ai-inventory", "{tree}", "--offline", "--no-scan", "--no-discover", "-q", "-f", "json", "-o", "{out}"], (0, 1)),
    "aibom-scanner": ("aibom-scanner", ["aibom-scanner", "scan", "-p", "{tree}", "-f", "json", "--output", "{out}"], (0, 1, 3)),
    "scanllm -f": ("scanllm", ["scanllm", "scan", "{tree}", "-f", "--no-save", "--no-banner", "-o", "json"], (0, 1)),
    "scopesafe": ("scopesafe-aibom", ["aibom", "{tree}", "--json"], (0, 1)),
    "agentdiscover": ("agentdiscover", ["agent-discover", "scan", "{tree}", "--format", "sarif", "--output", "{out}"], (0, 1)),
    "agentmesh-discovery": ("agentmesh-discovery", ["agent-discovery", "scan", "-s", "config", "-p", "{tree}", "-o", "json", "--storage", "{home}/inventory"], (0, 1)),
    "cdxgen -t ai": ("@cyclonedx/cdxgen", ["cdxgen", "-t", "ai", "-t", "mcp", "-t", "ai-skill", "--no-install-deps", "-o", "{out}", "{tree}"], (0,)),
    "cisco-aibom, no LLM": ("cisco-aibom", ["python", "-c", CISCO, "{tree}", "{out}"], (0,)),
}

OFF = {"AI_BOM_TELEMETRY": "false", "AGENT_BOM_OFFLINE": "1", "AGENT_BOM_SKIP_UPDATE_CHECK": "1", "DO_NOT_TRACK": "1"}


def slug(title):
    """A tool's title as part of a file's name."""
    return re.sub(r"[^a-z]+", "-", title.lower())


def install(package, folder):
    """The folder of a package's programs; installs it there in its pinned version unless it is there already."""
    registry, version = PACKAGES[package]
    folder = folder / package.replace("/", "+").replace("@", "")
    bins = folder / ("bin" if registry == "pypi" else "node_modules/.bin")
    if (folder / "installed").exists() and (folder / "installed").read_text() == version:
        return bins
    shutil.rmtree(folder, ignore_errors=True)
    if registry == "pypi":
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", f"{package}=={version}"], check=True)
    else:
        folder.mkdir(parents=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, f"{package}@{version}"], check=True)
    (folder / "installed").write_text(version)
    return bins


# Runs in a small process of its own: a child's peak memory begins with that of the process that starts it. The limit is on CPU seconds, so that
# a busy machine stops nobody; six times as much wall time ends what waits for something.
RUNNER = """
import json, os, resource, signal, subprocess, sys, threading, time
command, environment, folder, limit = json.loads(sys.argv[1])
began, late = time.monotonic(), []
with open(os.path.join(folder, "stdout"), "wb") as out, open(os.path.join(folder, "stderr"), "wb") as log:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log, env=environment, cwd=folder, start_new_session=True,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)))
def stop():
    late.append(True)
    os.killpg(process.pid, signal.SIGKILL)
timer = threading.Timer(6 * limit, stop)
timer.start()
_, status, usage = os.wait4(process.pid, 0)
timer.cancel()
code = os.waitstatus_to_exitcode(status)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps(["stopped" if late or code in (-signal.SIGXCPU, -signal.SIGKILL) and cpu > limit - 2 else code, cpu, time.monotonic() - began, usage.ru_maxrss / 1024]))
"""


def isolation():
    """A prefix that takes the network away, where the machine can do it."""
    prefix = ["unshare", "-rn"]
    return prefix if shutil.which("unshare") and not subprocess.run([*prefix, "true"], capture_output=True).returncode else []


def run(title, tree, program, bins, limit, kept):
    """Runs one tool on one tree and keeps what it wrote; how it ended, CPU seconds (user + system, with its children), wall seconds, peak MiB.

    No variable of the caller's environment reaches the tool, so no credential does; its HOME and working folder are thrown away."""
    package, command, verdicts = TOOLS[title]
    with tempfile.TemporaryDirectory() as home:
        values = {"program": program, "tree": tree, "out": f"{home}/out.json", "home": home}
        command = [part if part is CISCO else part.format(**values) for part in command]
        path = "/usr/local/bin:/usr/bin:/bin"
        if package:
            command[0] = str(bins[package] / command[0])
            path = f"{bins[package]}:{path}"
        environment = {"PATH": path, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", "GIT_CEILING_DIRECTORIES": str(pathlib.Path(tree).parent), **OFF}
        told = subprocess.run([sys.executable, "-S", "-c", RUNNER, json.dumps([isolation() + command, environment, home, limit])], stdout=subprocess.PIPE, text=True, check=True)
        ended, cpu, wall, memory = json.loads(told.stdout)
        kept.mkdir(parents=True, exist_ok=True)
        written = pathlib.Path(home, "out.json" if "{out}" in TOOLS[title][1] else "stdout")
        (kept / f"{slug(title)}.out").write_bytes(written.read_bytes() if written.exists() else b"")
        (kept / f"{slug(title)}.log").write_bytes(pathlib.Path(home, "stderr").read_bytes())
    note = f"stopped at {limit} CPU s" if ended == "stopped" else "" if ended in verdicts else f"failed, exit {ended}"
    return {"cpu": cpu, "wall": wall, "memory": memory, "note": note}


def warm(tree):
    """Reads every file once, so that the first tool does not pay for the disk; says how many there are."""
    count = 0
    for folder, _, files in os.walk(tree):
        for file in files:
            count += 1
            path = os.path.join(folder, file)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as opened:
                    while opened.read(1 << 20):
                        pass
    return count
