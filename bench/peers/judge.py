"""Which findings are right, by the labels of a repository. It knows no tool.

- A finding is right if one of its claims meets a label; then all labels that its claims meet are found. Components (providers, packages,
  frameworks, vector stores, cloud services) match across kinds: `openai` the package finds OpenAI.
- A false finding counts once a repository, however many rows repeat it. One that stands only in lockfiles is not counted, nor one that stands
  only in documentation or has no place, unless the repository has no AI.
- Optional labels, models in price lists and the like, and what only documentation mentions are neither asked for nor held against a tool."""
import collections, os, pathlib, re, tomllib

COMPONENTS = {"provider", "package", "framework", "agent_framework", "vector_db", "cloud_service"}
GROUPS = {"providers": {"provider", "cloud_service"}, "packages": COMPONENTS - {"provider", "cloud_service"}, "models": {"model"}, "the rest": {"mcp_server", "infra_image", "assistant_config"}}
CORE = set().union(*GROUPS.values())
DOCUMENTATION = re.compile(r"(?i)\.(md|mdx|rst|adoc|qmd|livemd)$|(^|/)(docs?|documentation|site/content)/|(^|/)(README|CHANGELOG|CONTRIBUTING|NOTICE|LICENSE|AUTHORS)[^/]*$|(^|/)(locales?|i18n|l10n|lang)/")
LOCK = re.compile(r"(^|/)(package-lock\.json|npm-shrinkwrap\.json|go\.sum|bun\.lockb?|packages\.lock\.json|pnpm-lock\.yaml|Package\.resolved|[^/]*\.lock(\.hcl)?|gradle\.lockfile)$")


class Names:
    """When two names are the same: spellings, versions, namespaces and tags put aside."""

    def __init__(self):
        self.same = {}
        for group, names in tomllib.loads(pathlib.Path(__file__).with_name("spellings.toml").read_text()).items():
            for name, others in names.items():
                for one in [name, *others]:
                    self.same.setdefault((group, one), set()).add(name)

    def keys(self, kind, *names):
        keys = set()
        for name in names:
            name = re.sub(r"\s+", " ", str(name).strip().lower())
            group = None
            if kind in COMPONENTS:
                name = re.sub(r"\[.*?\]$|(?<=.)(==|>=|<=|~=|\^).*$", "", name).strip()
                name = re.sub(r"(?<=[a-z0-9])@v?\d[\w.\-+]*$", "", name)
                some = {name, name.replace("_", "-"), name.replace(" ", "-")}
                if ":" in name and "/" not in name:
                    some.add(name.split(":")[-1])
                if re.match(r"^[a-z0-9.-]+\.[a-z]+/", name):
                    some |= {re.sub(r"/v\d+$", "", name), re.sub(r"/v\d+$", "", name).split("/")[-1]}
                elif re.match(r"^[a-z0-9_.-]+/[a-z0-9_.-]+$", name):
                    some.add(name.split("/")[-1])
                group = "components"
            elif kind == "model":
                name = re.sub(r":latest$", "", name.strip("\"'` "))
                some = {name, name.replace(" ", "-"), name.split("@")[0], name.split("/")[-1]}
                if re.match(r"^(openai|anthropic|google|gemini|claude|mistral|ollama|groq|cohere|azure|bedrock):", name):
                    some.add(name.split(":", 1)[1])
                plain = re.sub(r"^(us|eu|apac|global|us-gov)\.", "", name)
                if re.match(r"^(anthropic|amazon|meta|mistral|cohere|ai21|stability|deepseek|openai|qwen|writer)\.", plain):
                    some |= {plain, plain.split(".", 1)[1], re.sub(r"-v\d+(:\d+)?$", "", plain.split(".", 1)[1])}
                group = "models"
            elif kind == "infra_image":
                name = re.sub(r":[^/:]*$", "", re.sub(r"@sha256.*$", "", name))
                some = {re.sub(r"^((index\.|registry-1\.)?docker\.io/)?(library/)?", "", name), "/".join(name.split("/")[-2:])}
            elif kind == "endpoint":
                some = {re.split(r"[/?#]", re.sub(r"^[a-z+]+://", "", name))[0]}
            elif kind == "assistant_config":
                some, group = {name, name.split("/")[-1], name.split("/")[0]}, "assistant_config"
            else:
                some = {name, name.split("/")[-1]}
            for one in list(some):
                some |= self.same.get((group, one), set())
            keys |= some - {""}
        return keys


def meets(label, kind, keys, files):
    if not (label["kind"] == kind or {label["kind"], kind} <= COMPONENTS):
        return False
    if label["keys"] & keys or (kind in ("mcp_server", "model_file", "assistant_config") and label["files"] & set(files)):
        return True
    return kind == "endpoint" and any(a.endswith("." + b) or b.endswith("." + a) for a in keys for b in label["keys"] if len(a) > 5 and len(b) > 5)


def judge(found, truth, names):
    """By group: labels asked for, found, and false findings; and what was missed and what is false, in words."""
    scope = [part.strip().rstrip("/") for part in truth.get("scope", ".").split(",") if part.strip() not in ("", ".")]
    inside = lambda file, parts: any(file == part or file.startswith(part.rstrip("/") + "/") for part in parts)
    without, locks = truth.get("class") == "d", {name for file in truth.get("lock_files", []) for name in (file, os.path.basename(file))}
    labels = []
    for asset in truth["assets"]:
        asked = asset["usage"] in ("runtime", "dev/test") or str(asset.get("required", "")).lower() == "true"
        labels.append({"kind": asset["kind"], "name": asset["name"], "hit": False, "files": {place.rsplit(":", 1)[0] for place in asset["evidence"]},
                       "asked": asked and str(asset.get("optional", "")).lower() != "true" and not (asset["kind"] == "model" and asset.get("role") == "catalog"),
                       "keys": names.keys(asset["kind"], asset["name"], *([asset["alias"]] if asset.get("alias") else []))})
    findings = collections.defaultdict(list)
    for claims, file, held in found:
        if claims:
            findings[tuple((kind, str(name).lower()) for kind, name in claims), held].append(file)
    false, seen = [], []
    for (claims, held), files in sorted(findings.items(), key=lambda item: item[0]):
        known = [file for file in files if file]
        if known:
            known = [file for file in known if (not scope or inside(file, scope)) and not inside(file, truth.get("exclude", []))]
            if not known:
                continue
        right = False
        for kind, name in claims:
            keys = names.keys(kind, name)
            for label in labels:
                if meets(label, kind, keys, known):
                    label["hit"] = right = True
        if right or not held:
            continue
        if known and all(LOCK.search(file) or file in locks for file in known) or not known and not without:
            continue
        if known and not without and claims[0][0] not in ("assistant_config", "mcp_server") and all(DOCUMENTATION.search(file) for file in known):
            continue
        kind, keys = "component" if claims[0][0] in COMPONENTS else claims[0][0], names.keys(*claims[0])
        if any(kind == other and keys & there for other, there in seen):
            continue
        seen.append((kind, keys))
        if claims[0][0] in CORE:
            false.append((claims[0][0], claims[0][1], known[0] if known else ""))
    counts = {}
    for group, kinds in GROUPS.items():
        asked = [label for label in labels if label["asked"] and label["kind"] in kinds]
        counts[group] = (len(asked), sum(label["hit"] for label in asked), sum(kind in kinds for kind, _, _ in false))
    missed = [(label["kind"], label["name"]) for label in labels if label["asked"] and not label["hit"] and label["kind"] in CORE]
    return counts, missed, false


def scores(asked, found, false):
    """Precision, recall and F1; nothing where there is nothing to divide by."""
    precision = found / (found + false) if found + false else None
    recall = found / asked if asked else None
    if asked and not found:
        return precision, recall, 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision and recall else None
