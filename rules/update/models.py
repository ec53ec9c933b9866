#!/usr/bin/env python3
"""Holds rules/models/*.toml against public, versioned lists of models and prints what has changed.

usage: rules/update/models.py [--write] [--today DAY] [--litellm WHEEL|VERSION] [--genai-prices WHEEL|VERSION] [--table FILE.csv]...

A wheel that is not given as a file is fetched by pip, without its dependencies; nothing of it is run: the lists are read as JSON
and as a syntax tree. A table has the columns id, provider, release_date, deprecation_date, open_weights, source.
Ids are kept in the form without route, region, vendor and tag, in which the scanner compares them. What a source no longer names stays;
a date or a successor that it names replaces what was there. --write changes the files and their day of checking."""
import argparse, ast, collections, csv, datetime, json, pathlib, re, subprocess, sys, tempfile, tomllib, zipfile

RULES = pathlib.Path(__file__).resolve().parent.parent
MODELS = RULES / "models"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
# Vendors that stand before an id with a dot, as on AWS and Oracle.
DOTTED = "anthropic amazon meta mistral cohere ai21 stability deepseek openai qwen writer moonshotai moonshot minimax google nvidia zai luma twelvelabs xai".split()
REGIONS = "us eu apac global us-gov jp au ca in regional".split()
# Whose own service a list's tag means, by our provider id, where the tag is not the id itself.
OWN = {
    "google-gemini": {"gemini", "google", "googleaistudio"}, "alibaba": {"dashscope", "alibaba", "alibabacn", "qwen", "qwencloud", "qwenaiplatform"},
    "meta": {"metallama", "meta", "llama"}, "openai": {"openai", "textcompletionopenai"}, "cohere": {"cohere", "coherechat"},
    "mistral": {"mistral", "textcompletioncodestral", "codestral"}, "moonshot": {"moonshot", "moonshotai"}, "zhipu": {"zhipu", "zhipuai", "zai"},
    "xai": {"xai"}, "bytedance": {"volcengine", "doubao"}, "tencent": {"hunyuan", "tencent"}, "baidu": {"wenxin", "qianfan"}, "nvidia": {"nvidia", "nvidianim"},
    "ibm-watsonx": {"watsonx"}, "voyage": {"voyage", "voyageai"}, "jina": {"jina", "jinaai"}, "stability": {"stability"}, "aws-bedrock": {"bedrock", "bedrockconverse", "amazonbedrock", "aws"},
    "perplexity": {"perplexity"}, "databricks": {"databricks"}, "writer": {"writer"}, "xiaomi": {"xiaomi", "xiaomimimo"},
}
# The families of lists that name no pattern of ours, by tag: only services that sell their own models.
VENDOR_TAGS = {
    "deepgram": "deepgram", "assemblyai": "assemblyai", "elevenlabs": "elevenlabs", "voyage": "voyage", "voyageai": "voyage", "cohere": "cohere", "openai": "openai",
    "anthropic": "anthropic", "gemini": "google-gemini", "google": "google-gemini", "mistral": "mistral", "xai": "xai", "perplexity": "perplexity", "stability": "stability",
    "runwayml": "runway", "recraft": "recraft", "jina_ai": "jina", "zhipu": "zhipu", "zai": "zhipu", "volcengine": "bytedance", "wenxin": "baidu", "hunyuan": "tencent",
    "dashscope": "alibaba", "minimax": "minimax", "moonshot": "moonshot", "stepfun": "stepfun", "baichuan": "baichuan", "spark": "iflytek", "ai21": "ai21", "upstage": "upstage",
    "inception": "inception", "snowflake": "snowflake-cortex", "morph": None,
}
# No models: sizes and qualities of images, price steps, services of search and parsing, routers.
PSEUDO = re.compile(r"^\d+-x-\d+$|^(?:low|medium|high|standard|hd|max)$|^(?:together|fireworks)-ai-|^sample|\*|^(?:auto|router|search|default|diarize|detect_entities|redact|classify|summarize)$|/\d+-x-")


def canonical(written):
    """The id without what tells only by which way it is reached; the same steps as `names::model_forms` of the crate, to their end."""
    rest = written.strip().lower()
    rest = rest.rsplit("/", 1)[-1]
    region, _, bare = rest.partition(".")
    if region in REGIONS and "." in bare:
        rest = bare
    vendor, _, bare = rest.partition(".")
    if vendor in DOTTED and bare[:1].isalpha():
        rest = bare
    rest = rest.split(":", 1)[0]
    return rest


def families():
    found = []
    for file in sorted((RULES / "providers").glob("*.toml")):
        provider = tomllib.loads(file.read_text())
        for signature in provider.get("signature", []):
            if signature["kind"] == "model":
                for pattern in signature.get("patterns", []):
                    found.append((re.compile(f"^(?:{pattern})$", re.I), provider["id"], signature["product"], signature.get("ambiguous", False)))
                for key in signature.get("keys", []):
                    found.append((re.compile(f"^{re.escape(key)}$", re.I), provider["id"], signature["product"], signature.get("ambiguous", False)))
    return found


def plain(tag):
    return re.sub(r"[^a-z0-9]", "", tag.lower())


def wheel(given, package, folder):
    if given and pathlib.Path(given).exists():
        return pathlib.Path(given)
    wanted = package + (f"=={given}" if given else "")
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", folder, wanted], check=True)
    return max(pathlib.Path(folder).glob(package.replace("-", "_") + "-*.whl"))


def litellm(path):
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith("model_prices_and_context_window_backup.json"))
        entries = json.loads(archive.read(name))
    label = "litellm@" + path.name.split("-")[1]
    for written, entry in entries.items():
        if written == "sample_spec" or entry.get("mode") in ("search", "vector_store"):
            continue
        yield dict(id=written, tag=entry.get("litellm_provider", ""), retires=entry.get("deprecation_date"), dated=True,
                   successor=entry.get("successor_model"), told=entry.get("deprecation_source"), source=label)


def genai_prices(path):
    label = "genai-prices@" + path.name.split("-")[1]
    with zipfile.ZipFile(path) as archive:
        tree = ast.parse(archive.read("genai_prices/data.py"))
    word = lambda call, name: next((k.value.value for k in call.keywords if k.arg == name and isinstance(k.value, ast.Constant)), None)
    for provider in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "Provider"):
        for model in (n for n in ast.walk(provider) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "ModelInfo"):
            yield dict(id=word(model, "id"), tag=word(provider, "id"), source=label, deprecated=word(model, "deprecated"))


def table(path):
    for row in csv.DictReader(open(path, newline="")):
        yield dict(id=row["id"], tag=row["provider"], released=row["release_date"] or None, retires=row["deprecation_date"] or None,
                   dated=any(source.startswith("litellm") for source in row["source"].split("|")), open_weights={"yes": True, "no": False}.get(row["open_weights"]),
                   labs="labs" in row["source"], source=row["source"].split("(")[0])


def common(values):
    return min(collections.Counter(values).items(), key=lambda one: (-one[1], str(one[0])))[0] if values else None


def merged(rows, patterns):
    """Facts by canonical id, with the file they belong to."""
    by_id = collections.defaultdict(list)
    for row in rows:
        # A tuned model has the id of its own; what it was tuned from stands beside it.
        if row["id"] and not row["id"].startswith("ft:"):
            name = canonical(row["id"])
            if len(name) >= 2 and not PSEUDO.search(name) and re.fullmatch(r"[a-z0-9][a-z0-9._@+-]*", name):
                by_id[name].append(row)
    for name, seen in sorted(by_id.items()):
        if {row["tag"] for row in seen} == {"timm"}:
            yield name, "timm", "timm.library", True, {}, seen
            continue
        hits = [hit for hit in patterns if hit[0].match(name)] or [hit for row in seen for hit in patterns if hit[0].match(row["id"].lower())]
        telling = [hit for hit in hits if not hit[3]]
        if hits:
            _, provider, product, _ = (telling or hits)[0]
            ambiguous = not telling
        else:
            provider = common([VENDOR_TAGS[row["tag"]] for row in seen if VENDOR_TAGS.get(row["tag"])])
            product, ambiguous = None, True
            if provider is None:
                provider = "community-models"
        # A family of ambiguous names has telling members: several parts, one of which is a number.
        parts = re.split(r"[-_.@]", name)
        long = len(parts) >= 3 and any(part[:1].isdigit() or part[-1:].isdigit() for part in parts if part) and len(name) >= 10
        if ambiguous and long and (hits or provider != "community-models"):
            ambiguous = False
        if not hits and provider == "community-models" and not long:
            continue
        own = OWN.get(provider, set()) | {plain(provider)}
        is_own = lambda row: plain(row["tag"]) in own
        facts = {}
        released = [row["released"] for row in seen if row.get("released") and DAY.match(row["released"]) and (is_own(row) or row.get("labs"))]
        released = released or [row["released"] for row in seen if row.get("released") and DAY.match(row["released"])]
        if released:
            facts["released"] = common(released)
        opened = [row["open_weights"] for row in seen if row.get("open_weights") is not None and is_own(row)]
        opened = opened or [row["open_weights"] for row in seen if row.get("open_weights") is not None]
        if opened and len(set(opened)) == 1:
            facts["open-weights"] = opened[0]
        dated = [row for row in seen if row.get("retires") and DAY.match(row["retires"])]
        owned = [row["retires"] for row in dated if is_own(row)]
        watching = [row for row in seen if row.get("dated")]
        days = {row["retires"] for row in dated}
        if owned:
            facts["retires"] = max(owned)
        elif dated and len(days) == 1 and all(row.get("retires") for row in watching):
            facts["retires"] = days.pop()
        else:
            facts["retires-at"] = {row["tag"]: row["retires"] for row in sorted(dated, key=lambda row: row["retires"])}
        if owned:
            facts["retires-at"] = {row["tag"]: row["retires"] for row in sorted(dated, key=lambda row: row["retires"]) if not is_own(row) and row["retires"] != facts["retires"]}
        if not facts.get("retires-at"):
            facts.pop("retires-at", None)
        successor = [canonical(row["successor"]) for row in seen if row.get("successor") and (is_own(row) or "retires" in facts)]
        if successor and common(successor) != name:
            facts["successor"] = common(successor)
        yield name, provider, product, ambiguous, facts, seen


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key if re.fullmatch('[A-Za-z0-9_-]+', key) else json.dumps(key)} = {written(one)}" for key, one in sorted(value.items())) + " }"
    return value if DAY.match(value) else json.dumps(value)


def lines(name, names):
    """A list of plain ids, several a line."""
    if not names:
        return []
    out, line = [f"{name} = ["], " "
    for one in sorted(names):
        if len(line) + len(one) > 140:
            out.append(line)
            line = " "
        line += f' "{one}",'
    return out + [line, "]"]


def save(path, file):
    out = [f'provider = "{file["provider"]}"', f'product = "{file["product"]}"', f'checked = {file["checked"]}', "references = ["]
    out += [f"  {json.dumps(source)}," for source in sorted(file["references"])] + ["]"]
    for group in ("ids", "words"):
        out += lines(group, file[group])
    if file["models"]:
        out.append("models = [")
        order = ["product", "ambiguous", "released", "retires", "retires-at", "successor", "open-weights"]
        for name, facts in sorted(file["models"].items()):
            out.append("  { " + ", ".join([f'id = "{name}"'] + [f"{key} = {written(facts[key])}" for key in order if key in facts]) + " },")
        out.append("]")
    path.write_text("\n".join(out) + "\n")


def load():
    files = {}
    for path in sorted(MODELS.glob("*.toml")):
        file = tomllib.loads(path.read_text(), parse_float=str)
        day = lambda value: {key: str(one) for key, one in value.items()} if isinstance(value, dict) else value if isinstance(value, (bool, str)) else str(value)
        models = {row["id"]: {key: day(value) for key, value in row.items() if key != "id"} for row in file.get("models", [])}
        files[path.stem] = dict(provider=file["provider"], product=file["product"], checked=str(file["checked"]), references=set(file["references"]),
                                ids=set(file.get("ids", [])), words=set(file.get("words", [])), models=models)
    return files


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--today", default=str(datetime.date.today()))
    arguments.add_argument("--litellm", nargs="?", const="")
    arguments.add_argument("--genai-prices", nargs="?", const="")
    arguments.add_argument("--table", action="append", default=[])
    given = arguments.parse_args()
    rows, labels = [], set()
    with tempfile.TemporaryDirectory() as folder:
        if given.litellm is not None:
            rows += litellm(wheel(given.litellm, "litellm", folder))
        if given.genai_prices is not None:
            rows += genai_prices(wheel(given.genai_prices, "genai-prices", folder))
    for path in given.table:
        rows += table(path)
    files = load()
    products = {}
    for path in (RULES / "providers").glob("*.toml"):
        provider = tomllib.loads(path.read_text())
        ids = [product["id"] for product in provider.get("product", [])]
        products[provider["id"]] = next((one for one in ids if one.endswith((".models", ".api"))), ids[0] if ids else None)
    changes, where = [], {name: stem for stem, file in files.items() for name in [*file["ids"], *file["words"], *file["models"]]}
    touched = set()
    for name, provider, product, ambiguous, facts, seen in merged(rows, families()):
        stem = where.get(name, provider)
        if stem not in files:
            files[stem] = dict(provider="transformers" if provider == "timm" else provider, product="transformers.timm" if provider == "timm" else products[provider], checked=given.today,
                               references=set(), ids=set(), words=set(), models={})
        file = files[stem]
        touched.add(stem)
        file["references"] |= {one for row in seen for one in row["source"].split("|") if one}
        known = file["models"].get(name)
        if name not in where:
            changes.append(f"new      {stem}: {name}" + (f"  retires {facts['retires']}" if "retires" in facts else ""))
            if product and product != file["product"] and provider != "timm":
                facts = {"product": product, **facts}
            if not facts:
                file["words" if ambiguous else "ids"].add(name)
            else:
                file["models"][name] = {**({"ambiguous": True} if ambiguous else {}), **facts}
            continue
        if known is None:
            if not facts:
                continue
            known = {"ambiguous": True} if name in file["words"] else {}
            file["ids"].discard(name)
            file["words"].discard(name)
            file["models"][name] = known
        # A source that knows no date for an id does not take one away.
        for fact in ("released", "retires", "retires-at", "successor", "open-weights"):
            if fact in facts and known.get(fact) != facts[fact] and not (fact in ("released", "open-weights") and fact in known):
                changes.append(f"changed  {stem}: {name} {fact} {known.get(fact)} -> {facts[fact]}")
                known[fact] = facts[fact]
    print("\n".join(changes))
    print(f"{len(rows)} entries read, {len(changes)} changes in {len(touched)} files", file=sys.stderr)
    if given.write:
        MODELS.mkdir(exist_ok=True)
        for stem in touched:
            files[stem]["checked"] = given.today
            save(MODELS / f"{stem}.toml", files[stem])


if __name__ == "__main__":
    main()
