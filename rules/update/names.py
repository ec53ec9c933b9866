#!/usr/bin/env python3
"""Holds the names of the catalog against public, versioned packages and prints what the catalog does not have.

usage: rules/update/names.py cfn-lint | kingfisher-rules | instrumentations

The package is fetched by pip (or as a crate) into a temporary folder; nothing of it is run. A name that is missing is a question for a
person: add it with a source, or write into left-out.toml why not."""
import argparse, pathlib, re, subprocess, sys, tempfile, tomllib, zipfile

RULES = pathlib.Path(__file__).resolve().parent.parent
CLOUD = re.compile(r"^AWS::(?:Bedrock|BedrockAgentCore|SageMaker|QBusiness|Kendra|Lex|Rekognition|Comprehend|Forecast|Personalize|OpenSearchServerless|FraudDetector|HealthImaging|Wisdom|S3Vectors)")
INSTRUMENTED = ["openinference-instrumentation-" + name for name in "openai anthropic bedrock mistralai groq google-genai langchain llama-index dspy crewai haystack guardrails instructor litellm smolagents pydantic-ai autogen-agentchat agno beeai mcp".split()]


def keys(kind, scope=None):
    found = set()
    for path in (RULES / "providers").glob("*.toml"):
        for signature in tomllib.loads(path.read_text()).get("signature", []):
            if signature["kind"] == kind and scope in (None, signature.get("scope")):
                found |= {name.lower() for name in signature.get("keys", []) + (signature.get("patterns", []) if kind == "key" else [])}
    return found


def wheel(name, folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", folder, name], check=True)
    return max(pathlib.Path(folder).glob(name.replace("-", "_") + "-*.whl"))


def cloudformation(folder):
    path = wheel("cfn-lint", folder)
    known = keys("resource")
    with zipfile.ZipFile(path) as archive:
        schemas = [name for name in archive.namelist() if "schemas/resources/" in name and name.endswith(".json")]
        types = {found[1] for name in schemas if (found := re.search(r'"typeName"\s*:\s*"(AWS::[A-Za-z0-9:]+)"', archive.read(name).decode(errors="replace")))}
    covered = lambda name: name.lower() in known or any(key.endswith("*") and key != "*" and name.lower().startswith(key[:-1]) for key in known)
    return path.name, sorted(name for name in types if CLOUD.match(name) and not covered(name))


def credentials(folder):
    # cargo is the registry's client; the crates it depends on come along.
    project = pathlib.Path(folder)
    (project / "src").mkdir()
    (project / "src/lib.rs").touch()
    (project / "Cargo.toml").write_text('[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\nkingfisher-rules = "*"\n')
    subprocess.run(["cargo", "vendor", "--quiet"], cwd=project, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    crate = project / "vendor/kingfisher-rules"
    version = tomllib.loads((crate / "Cargo.toml").read_text())["package"]["version"]
    known = " ".join(keys("key")).replace("\\", "")
    vendors = re.compile("anthropic|openai|cohere|mistral|groq|cerebras|huggingface|replicate|together|fireworks|perplexity|xai|openrouter|nvidia|elevenlabs|deepgram|deepseek|minimax|langsmith|langfuse|pinecone|wandb|runpod|bedrock|cartesia|llama|mem0|voyage|jina", re.I)
    missing = set()
    for file in crate.rglob("*.yml"):
        vendor = ""
        for line in file.read_text(errors="replace").splitlines():
            if found := re.match(r"\s*-?\s*(?:name|id):\s*(.+)", line):
                vendor = found[1]
            if vendors.search(vendor):
                missing |= {f"{vendor}: {start}" for start in re.findall(r"\b([a-z]{2,6}[-_](?:[a-z0-9]{1,6}[-_])*)\[", line) if start.rstrip("-_") not in known}
    return f"kingfisher-rules {version}", sorted(missing)


def instrumentations(folder):
    known = {re.sub("[-_.]+", "-", name) for name in keys("package", "pypi")}
    prefixes = tuple(name[:-1] for name in known if name.endswith("*"))
    missing = set()
    for name in INSTRUMENTED:
        try:
            path = wheel(name, folder)
        except subprocess.CalledProcessError:
            print(f"{name}: not to be had", file=sys.stderr)
            continue
        with zipfile.ZipFile(path) as archive:
            metadata = archive.read(next(file for file in archive.namelist() if file.endswith(".dist-info/METADATA"))).decode()
        for line in re.findall(r"Requires-Dist: ([A-Za-z0-9_.-]+).*extra == ['\"]instruments['\"]", metadata):
            package = re.sub("[-_.]+", "-", line.lower())
            if package not in known and not package.startswith(prefixes):
                missing.add(f"{package} (instrumented by {path.name})")
    return f"{len(INSTRUMENTED)} instrumentations", sorted(missing)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("source", choices=["cfn-lint", "kingfisher-rules", "instrumentations"])
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        read = {"cfn-lint": cloudformation, "kingfisher-rules": credentials, "instrumentations": instrumentations}[given.source]
        what, missing = read(folder)
    print("\n".join(missing))
    print(f"{what}: {len(missing)} names that the catalog does not have", file=sys.stderr)


if __name__ == "__main__":
    main()
