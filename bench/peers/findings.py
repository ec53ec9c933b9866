"""From what a tool wrote to findings that can be judged; one function a tool. It judges nothing.

A finding is a list of claims, (kind, name), of which one has to be true, and a file. aimscan's findings make one claim each. A peer's row that
says "HuggingFace (import: transformers)" claims transformers or Hugging Face: it is right if either is labelled, and finds both if both are.
A finding that is not `held` can find labels but is never false: a vendor that a peer derives from a model's name, say. A finding without claims
is a place only. Rows with no counterpart in the labels (prompts, guard rails, risks, how secrets are kept) are counted and not judged."""
import json, os, re
from collections import namedtuple

Finding = namedtuple("Finding", "claims file held", defaults=(True,))

# What a peer calls a vendor or a product, where spellings.toml is not enough: the names that could be meant.
MEANT = {
    "alibaba": ["alibaba", "qwen"], "alibaba_qwen": ["alibaba", "qwen"], "amazon": ["aws-bedrock"], "aws": ["aws-bedrock"], "azure": ["azure-openai"],
    "azure ai": ["azure-openai", "azure-ai-search"], "google": ["google-gemini", "google-vertex-ai"], "google_ai": ["google-gemini", "google-vertex-ai"],
    "google-generativeai": ["google-generativeai", "google-gemini"], "google-genai-go": ["google-gemini"],
    "vertex-ai": ["google-vertex-ai", "google-cloud-aiplatform"], "microsoft": ["semantic-kernel", "azure-openai"],
    "huggingface transformers": ["transformers", "huggingface"], "llama-index": ["llama-index", "llama-index-core"],
    "mcp": ["mcp", "@modelcontextprotocol/sdk"], "mcp_server": ["mcp", "@modelcontextprotocol/sdk"], "mcp server": ["mcp", "@modelcontextprotocol/sdk"],
    "mcp sdk": ["mcp", "@modelcontextprotocol/sdk"], "mcp-sdk": ["mcp", "@modelcontextprotocol/sdk"], "n8n": ["n8n", "n8n-nodes-langchain"],
    "go-openai": ["github.com/sashabaranov/go-openai", "openai"], "unknown": [], "generic": [], "config": [], "none": [], "ai": [], "direct-sdk": [], "gateway": [],
    "npm": [], "pypi": [], "go": [], "maven": [], "cargo": [], "gems": [],
}
VARIABLE = re.compile(r"(?i)^(?:env[:_](?:secret_)?|secret:)?(.+?)_(?:API_?KEYS?|KEY|TOKEN|SECRET|URL|BASE_URL|ENDPOINT|ORG_ID|API_VERSION)$")


def meant(*names, kind="package"):
    """Claims for the names a peer uses. The kind says only under which heading a false one is counted: components match across kinds."""
    found = []
    for name in names:
        name = str(name or "").strip()
        for one in MEANT.get(name.lower(), [name] if name else []):
            if (kind, one) not in found:
                found.append((kind, one))
    return found


def path_of(place):
    return re.sub(r":\d+(:\d+)?$|#L\d+.*$", "", place or "")


def aimscan(text, listed):
    found, rows = [], 0
    for line in text.splitlines():
        row = json.loads(line)
        if "kind" in row and "name" in row:
            rows += 1
            for evidence in row.get("evidence") or [row]:
                found.append(Finding([(row["kind"], row["name"])], evidence.get("path") or ""))
    return found, rows


def ai_bom(text, listed):
    """`name` says what, in words; the properties `provider` and `model_name` say it again. Credentials and endpoints claim their vendor."""
    found, rows = [], 0
    for row in json.loads(text).get("components", []):
        rows += 1
        said = {p["name"].removeprefix("trusera:"): p["value"] for p in row.get("properties", [])}
        name, vendor, model = row["name"], said.get("provider"), said.get("model_name")
        file = "" if said.get("source_location") == "dependency files" else path_of(said.get("source_location"))
        imported = re.search(r"\(import: (.+)\)", name)
        image = re.search(r"\((.+)\)", name) if row["type"] == "container" else None
        if model:
            claims = [("model", model)]
            found.append(Finding(meant(vendor, kind="provider"), file, False))
        elif imported:
            claims = meant(imported.group(1), vendor)
        elif image:
            claims = [("infra_image", image.group(1))] + meant(vendor)
        elif re.search(r"API Key$|Endpoint$|API call:|^(azurerm|aws|google)_", name):
            claims = meant(vendor, kind="provider")
        else:
            claims = meant(name, vendor)
        found.append(Finding(claims or meant(name), file))
    return found, rows


def agent_bom_inventory(inventory):
    found, rows = [], 0
    for row in inventory.get("components", []) + inventory.get("api_keys", []) + inventory.get("framework_agents", []):
        rows += 1
        kind, name = row.get("component_type") or row.get("type") or "", row.get("name") or ""
        file = row.get("file_path") or row.get("file") or ""
        if "model" in kind:
            found.append(Finding([("model", name)], file))
            found.append(Finding(meant(re.sub(r"^Deprecated | model( reference)?$", "", row.get("description") or ""), kind="provider"), file, False))
        elif "unicode" not in kind:
            found.append(Finding(meant(name, row.get("package_name") or row.get("package"), kind="provider" if "provider" in kind or "key" in kind else "package"), file))
    return found, rows


def agent_bom_code(text, listed):
    """SDKs claim the name the tool gives them or the package it names; models (also outdated ones) claim the model; keys their vendor."""
    whole = json.loads(text)
    found, rows = agent_bom_inventory(whole["ai_components"])
    return found, rows + sum(len(whole.get(part, [])) for part in ("guardrails", "tools", "prompts"))


def agent_bom_scan(text, listed):
    """What `code` finds, and the packages of the manifests that stand in the tool's own list of AI packages (the rest is a plain bill of
    materials), and MCP servers. What it calls servers of a project, a pipeline, a notebook or a Terraform folder are none: of a notebook
    the packages are taken, of an agent in Python its framework. A file is given by its name only."""
    whole = json.loads(text)
    found, rows = agent_bom_inventory(whole.get("ai_inventory") or {})
    plain = lambda place: re.sub(r"^<path:(.*)>$", r"\1", place or "")
    known = lambda package: package["name"].lower().replace("_", "-") in listed
    for package in filter(known, whole.get("packages", [])):
        rows += 1
        for evidence in (package.get("version_provenance") or {}).get("evidence") or [{}]:
            found.append(Finding(meant(package["name"]), plain(evidence.get("source_file"))))
    for agent in whole.get("agents", []):
        for server in agent.get("mcp_servers", []):
            if server.get("command") == "python" and ":" in server.get("name", ""):
                found.append(Finding(meant(server["name"].split(":")[0]), ""))
            if agent.get("source") == "jupyter":
                found += [Finding(meant(package["name"]), plain(agent.get("config_path"))) for package in filter(known, server.get("packages", []))]
            if agent.get("source") not in ("project", "github-actions", "jupyter", "terraform"):
                rows += 1
                found.append(Finding([("mcp_server", server.get("name") or "")] + meant(server.get("name")), plain(agent.get("config_path"))))
    return found, rows


def aibom_scanner(text, listed):
    """Detections claim SDK, vendor or model; dependencies the package or the vendor."""
    whole = json.loads(text)
    found, rows = [], 0
    for row in whole["detections"]:
        rows += 1
        found.append(Finding(meant(row["sdk_name"], row["provider"], kind="package" if row["detection_type"] == "import" else "provider"), row["file_path"]))
        if row.get("model_name"):
            found.append(Finding([("model", row["model_name"])], row["file_path"]))
    for row in whole["dependencies"]:
        rows += 1
        found.append(Finding(meant(row["package"], row["provider"]), row["source_file"]))
    for row in whole["dev_tools"]:
        rows += 1
        found.append(Finding([("assistant_config", row.get("tool") or row.get("name") or "")], row.get("file_path") or row.get("source_file") or ""))
    for row in whole["mcp_servers"]:
        rows += 1
        found.append(Finding([("mcp_server", row["name"])] + meant("mcp"), row["file"]))
    return found, rows


def scanllm(text, listed):
    """A row names a package, variable, model or endpoint in its pattern, and a framework and a vendor beside."""
    found, rows = [], 0
    for row in json.loads(text[text.index("{"):])["findings"]:
        rows += 1
        kind, _, detail = row["pattern_name"].partition(":")
        file, vendor = row["file_path"], meant(row["provider"], row["framework"], kind="provider")
        if row["model_name"]:
            found += [Finding([("model", row["model_name"])], file), Finding(vendor, file, False)]
        elif kind in ("import", "dependency"):
            detail = re.sub(r"^from (\S+) import$", r"\1", detail)
            package = re.match(r"(@[^/]+/[^/]+|[^/.]+)", detail)
            found.append(Finding(meant(detail, package and package.group(1), row["provider"], row["framework"]), file))
        elif kind in ("env_var", "env_reference") and vendor:
            found.append(Finding(vendor + [("secret_ref", detail)], file))
        elif vendor and row["component_type"] != "secret" and kind not in ("prompt_injection",):
            found.append(Finding(vendor, file))
        elif vendor:
            found.append(Finding(vendor, file, False))
    return found, rows


def scopesafe(text, listed):
    whole = json.loads(text)
    found = []
    for row in whole["models"]:
        file = row["location"]["file"]
        found.append(Finding(meant(row["provider"], row["framework"], kind="provider"), file))
        if row["name"] not in ("unknown", ""):
            found.append(Finding([("model", row["name"])], file))
    for row in whole["agents"]:
        found.append(Finding(meant(row["framework"]), row["location"]["file"]))
    for row in whole["mcp_servers"]:
        found.append(Finding([("mcp_server", row["name"])], row["location"]["file"]))
    return found, sum(len(whole[part]) for part in ("agents", "models", "tools", "mcp_servers"))


def agentdiscover(text, listed):
    """A message names a vendor, a framework or a model. "Direct HTTP LLM client" and parameters of generation name nothing."""
    found, rows = [], 0
    for row in json.loads(text)["runs"][0]["results"]:
        rows += 1
        said, file = row["message"]["text"], row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        model, client = re.search(r"model identifier detected: '(.+)'", said), re.search(r"Unmanaged (.+?) client", said)
        framework = {"DAI001": ["autogen", "pyautogen"], "DAI002": ["crewai"], "DAI003": ["langchain", "langgraph"], "DAI007": ["aws-bedrock"]}.get(row["ruleId"])
        claims = [("model", model.group(1))] if model else meant(client.group(1), kind="provider") if client else meant(*framework or [])
        found.append(Finding(claims, file))
    return found, rows


def agentmesh(text, listed):
    rows = json.loads(text[text.index("\n["):text.rindex("]") + 1]) if "\n[" in text else []
    return [Finding(meant(row.get("agent_type") or row.get("name")), "") for row in rows], len(rows)


def cdxgen(text, listed):
    """Only what the tool itself marks as AI, MCP or a skill; the rest is a plain bill of materials. Names cut out of code, such as
    `options.model`, are models to it, and are judged as such."""
    found, rows = [], 0
    whole = json.loads(text)
    for row in whole.get("components", []):
        said = {p["name"]: p["value"] for p in row.get("properties", [])}
        if not any(key.startswith(("cdx:ai:", "cdx:mcp:", "cdx:skill", "cdx:agent")) for key in said):
            continue
        rows += 1
        places = [path_of(place["location"]) for place in (row.get("evidence") or {}).get("occurrences", [])] or [path_of(said.get("SrcFile"))]
        full = f"{row['group']}/{row['name']}" if row.get("group") and "ai" != row.get("group") else row["name"]
        for file in places:
            if row["type"] == "machine-learning-model":
                found += [Finding([("model", full), ("model", row["name"])], file), Finding(meant(said.get("cdx:ai:provider"), kind="provider"), file, False)]
            elif row["type"] in ("library", "framework"):
                found.append(Finding(meant(full, row["name"]), file))
            elif row["type"] == "file":
                names = dict.fromkeys([row["name"], os.path.basename(file), *(part for part in file.split("/") if part.startswith("."))])
                found.append(Finding([("assistant_config", name) for name in names], file, said.get("cdx:file:kind") not in ("prompt-config-file", "notebook-file")))
    for row in whole.get("services", []):
        said = {p["name"]: p["value"] for p in row.get("properties", [])}
        rows += 1
        file = path_of(said.get("SrcFile"))
        if row.get("group") == "mcp" or "mcp" in " ".join(said):
            found.append(Finding([("mcp_server", row["name"])] + meant("mcp"), file))
        else:
            found.append(Finding(meant((row.get("provider") or {}).get("name"), row.get("group"), kind="provider"), file))
    return found, rows


def cisco(text, listed):
    """Candidates of the stages before the language model, which its authors call hypotheses."""
    found, rows = [], 0
    for row in json.loads(text):
        rows += 1
        kind, name, beside = row["component_type"], row["name"], row.get("metadata") or {}
        vendor = meant(beside.get("provider"), row.get("framework"), kind="provider")
        files = [row["file_path"], *(beside.get("evidence_files") or []), *(one.get("file") for one in beside.get("evidence") or [] if isinstance(one, dict))]
        for file in filter(None, dict.fromkeys(files)):
            if name.startswith(("env_provider_", "env_api_config_")):
                found.append(Finding(vendor, file))
            elif kind == "secret":
                variable = beside.get("env_var") or beside.get("env") or name
                stem = VARIABLE.match(variable)
                found.append(Finding([("secret_ref", variable)] + meant(stem and stem.group(1).replace("_", "-"), kind="provider"), file))
            elif kind in ("model", "embedding", "model_endpoint", "llm_endpoint") or row.get("model_name"):
                names = [one for one in (row.get("model_name"), row.get("embedding_model"), name) if one]
                if kind in ("model", "embedding", "llm_endpoint", "model_endpoint"):
                    found.append(Finding([("model", one) for one in names] + (vendor + meant(name) if kind != "model" else []), file))
                else:
                    found.append(Finding([("model", one) for one in names], file, False))
                found.append(Finding(vendor, file, False))
            elif kind in ("dependency", "observability", "vector_store", "experiment_tracker", "ml_pipeline", "agent", "agent_proxy", "feature_store"):
                found.append(Finding(meant(name, *(v for _, v in vendor)), file, kind in ("dependency", "vector_store")))
            elif kind in ("mcp_server", "mcp_client", "mcp_gateway"):
                found.append(Finding([("mcp_server", name)] + meant("mcp", name), file))
            elif kind == "skill":
                found.append(Finding([("assistant_config", beside.get("skill_format") or name), ("assistant_config", os.path.basename(file))], file))
            elif kind in ("other", "tool", "prompt", "memory", "retriever", "training_run", "model_artifact", "deployment"):
                found.append(Finding(meant(name, *(v for _, v in vendor)) + [("infra_image", name), ("model_file", os.path.basename(file))], file, False))
    return found, rows


READERS = {
    "aimscan": aimscan, "ai-bom": ai_bom, "ai-bom --deep": ai_bom, "agent-bom code": agent_bom_code, "agent-bom scan": agent_bom_scan, "aibom-scanner": aibom_scanner,
    "scanllm -f": scanllm, "scopesafe": scopesafe, "agentdiscover": agentdiscover, "agentmesh-discovery": agentmesh, "cdxgen -t ai": cdxgen, "cisco-aibom, no LLM": cisco,
}


def read(title, text, tree, listed):
    """The findings of one run, with files relative to the tree, and how many rows the tool itself would count. Some write nothing when they find nothing."""
    if not text.strip():
        return [], 0
    found, rows = READERS[title](text, listed)
    relative = lambda file: os.path.relpath(file, tree) if os.path.isabs(file) else file.removeprefix("./")
    return [one._replace(file=relative(one.file) if one.file else "") for one in found], rows
