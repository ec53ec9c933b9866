#!/usr/bin/env python3
"""Writes docs/catalog.md: what the catalog holds, and how much of some lists of names it covers.

usage: rules/update/coverage.py [--facts FOLDER] [--write]

FOLDER holds the lists as CSV, with the columns named below; without it, the part about lists stays as it is. A test holds the catalog
to the counts in the first table."""
import argparse, collections, csv, pathlib, re, sys, tomllib

RULES = pathlib.Path(__file__).resolve().parent.parent
PAGE = RULES.parent / "docs/catalog.md"
import importlib.util
spec = importlib.util.spec_from_file_location("models", RULES / "update/models.py")
models = importlib.util.module_from_spec(spec)
spec.loader.exec_module(models)

ECOSYSTEMS = {"crates": "cargo", "packagist": "composer", "rubygems": "gem", "pub": "pub", "swift": "swift"}


def normal(scope, name):
    name = name.lower()
    if scope in ("pypi", "conda"):
        return "-".join(part for part in re.split("[-_.]", name) if part)
    return name.replace("_", "-") if scope == "cargo" else name


class Catalog:
    def __init__(self):
        self.keys = collections.defaultdict(set)
        self.patterns = collections.Counter()
        self.forms = []
        self.vendors = set()
        for path in sorted((RULES / "providers").glob("*.toml")):
            file = tomllib.loads(path.read_text())
            self.vendors |= {re.sub("[^a-z0-9]", "", file["id"]), re.sub("[^a-z0-9]", "", file["name"].lower())}
            for signature in file.get("signature", []):
                kind, scope = signature["kind"], signature.get("scope", "")
                self.keys[kind, scope] |= {normal(scope, key) if kind == "package" else key for key in signature.get("keys", [])}
                self.patterns[kind] += len(signature.get("patterns", []))
                if kind == "key":
                    self.forms += signature["patterns"]
        self.models = {id for file in models.load().values() for id in [*file["ids"], *file["words"], *file["models"]]}
        self.families = models.families()

    def scopes(self, name):
        """Ecosystem names differ between lists."""
        return [scope for kind, scope in self.keys if kind == "package" and scope in (name, ECOSYSTEMS.get(name))]

    def package(self, ecosystem, name):
        for scope in self.scopes(ecosystem):
            known, wanted = self.keys["package", scope], normal(scope, name)
            if wanted in known or any(key.endswith("*") and wanted.startswith(key[:-1].lower()) for key in known):
                return True
        return False

    def host(self, name):
        known = {key.split("/")[0].lower() for key in self.keys["host", ""]}
        bare = name.removeprefix("*.")
        parts = bare.split(".")
        return name in known or bare in known or any("*." + ".".join(parts[at:]) in known for at in range(len(parts)))

    def variable(self, name):
        parts = name.split("_")
        known = self.keys["env", ""]
        return name in known or any("*_" + "_".join(parts[at:]) in known for at in range(1, len(parts)))

    def model(self, name):
        bare = models.canonical(name)
        return bare in self.models or any(pattern.match(form) for pattern, *_ in self.families for form in (bare, name.lower()))

    def resource(self, name, of="resource"):
        lower = name.lower()
        return any(lower == key.lower() or key.endswith("*") and key != "*" and lower.startswith(key[:-1].lower())
                   for (kind, _), keys in self.keys.items() if kind == of for key in keys)

    def file(self, name):
        last = name.rstrip("/").split("/")[-1]
        return any(key.split("/")[-1] == last or key == name for key in self.keys["file", ""])


def left_out():
    file = tomllib.loads((RULES / "update/left-out.toml").read_text())
    return {name: reason for reason, names in file["packages"].items() for name in names}, file["groups"]


def judge(catalog, folder):
    named, groups = left_out()
    read = lambda name: csv.DictReader(open(folder / name, newline=""))
    tell = lambda known, reason: None if known else reason
    for row in read("packages.csv"):
        ecosystem = ECOSYSTEMS.get(row["ecosystem"], row["ecosystem"])
        reason = named.get(f"{ecosystem}:{row['name'].lower()}") or named.get(f"{ecosystem}:{normal(ecosystem, row['name'])}")
        ours = row["ecosystem"] in ("pypi", "npm", "crates", "conda")
        yield f"packages: {row['ecosystem']}", tell(catalog.package(row["ecosystem"], row["name"]), reason or groups["packages-unknown" if ours else "packages-elsewhere"])
    seen = {}
    for row in read("models.csv"):
        seen.setdefault(row["id"].lower(), row)
    for name in seen:
        pseudo = models.PSEUDO.search(models.canonical(name))
        yield "model ids", tell(not pseudo and catalog.model(name), groups["models-pseudo" if pseudo or re.fullmatch("[a-z_]+", name) else "models-unnamed"])
    for row in read("model_families.csv"):
        yield "model families", tell(not row["example"] or catalog.model(row["example"]), groups["other"])
    for row in read("domains.csv"):
        name = row["domain"].lower()
        group = ("content" if row["kind"].startswith("ai-content") else "saas" if row["kind"].startswith("saas") else "middle" if "*" in name.removeprefix("*.")
                 else "rest" if row["kind"] == "api" else "docs" if re.match(r"(?:docs?|help|developers|api-docs)\.", name) or re.sub("[^a-z0-9]", "", row["vendor"].lower()) in catalog.vendors else "pages")
        yield f"hosts: {row['kind'].split('/')[0]}", tell(catalog.host(name), groups[f"domains-{group}"])
    for row in read("env_vars.csv"):
        yield f"variables: {row['kind']}", tell(catalog.variable(row["name"]), groups["variables-generic"])
    forms = " ".join(catalog.forms).replace("\\", "")
    for row in read("key_formats.csv"):
        beginnings = row["literal_prefix"].split() or re.findall(r"\b(lbx_|rma_|llx-|vck_|AQ)", row["regex"])
        yield "credential forms", tell(any(one.rstrip("-_") in forms for one in beginnings) and beginnings != ["key_"], groups["keys-vendor" if beginnings else "keys-context"])
    for row in read("sql_functions.csv"):
        name = row["function"].lower()
        forms = {name, f"type {name}", f"operator {name}", f"using {name}", " ".join(name.split()[:3])}
        known = {key.lower() for key in catalog.keys["resource", "sql"]}
        yield "SQL functions", tell(forms & known, groups["sql-operator" if " " in name else "sql-word"])
    for name, column, label in [("images.csv", "image", "container images"), ("iac_types.csv", "type", "infrastructure types"), ("actions.csv", "action", "workflow actions"),
                                ("editor_extensions.csv", "extension_id", "editor extensions"), ("workflow_nodes.csv", "node_type", "nodes of flows"), ("desktop_apps.csv", "name", "desktop applications"),
                                ("browser_extensions.csv", "extension_id", "browser extensions"), ("oauth_apps.csv", "display_name", "OAuth applications")]:
        reason = groups["reader"] if label.split()[0] in ("desktop", "browser", "OAuth") else groups["other"]
        for row in read(name):
            yield label, tell(catalog.resource(row[column], "image" if name == "images.csv" else "resource"), reason)
    for row in read("config_files.csv"):
        if row["scope"] == "repo":
            yield "files of assistants and tools", tell(catalog.file(row["pattern"]), groups["other"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--facts", type=pathlib.Path)
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    catalog = Catalog()
    page = ["# What the catalog knows", "", "Made by `rules/update/coverage.py`. A test holds the catalog to at least these counts.", "",
            "| looks at | scope | names |", "|---|---|---:|"]
    for (kind, scope), keys in sorted(catalog.keys.items()):
        if keys:
            page.append(f"| {kind} | {scope} | {len(keys)} |")
    page += [f"| {kind} | patterns | {count} |" for kind, count in sorted(catalog.patterns.items()) if count]
    page += [f"| model | exact ids | {len(catalog.models)} |", ""]
    old = PAGE.read_text() if PAGE.exists() else ""
    if given.facts:
        rows, known, why = collections.Counter(), collections.Counter(), collections.defaultdict(collections.Counter)
        for label, reason in judge(catalog, given.facts):
            rows[label] += 1
            known[label] += reason is None
            if reason:
                why[label][reason] += 1
        page += ["## Lists of names it was held against", "",
                 "Public lists (model lists of LiteLLM, models.dev and others, integrations of agent frameworks, lists of domains, rules of secret scanners), merged by name.", "",
                 "| list | names | known | left out |", "|---|---:|---:|---|"]
        page += [f"| {label} | {rows[label]} | {known[label]} | {'; '.join(f'{count} {reason}' for reason, count in why[label].most_common())} |" for label in rows]
        page.append("")
    elif "## Lists" in old:
        page.append(old[old.index("## Lists"):].rstrip("\n") + "\n")
    text = "\n".join(page)
    if given.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
