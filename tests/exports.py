#!/usr/bin/env python3
"""Exports of the fixtures, judged by readers that other people wrote (see .ci/run for their versions)."""
import pathlib, subprocess, sys, tempfile

program = sys.argv[1]
root = pathlib.Path(__file__).resolve().parent.parent
folder = pathlib.Path(tempfile.mkdtemp(prefix="aimscan-exports-"))
database = ["--db", str(folder / "kept.db"), "--quiet"]
subprocess.run([program, "scan", str(root / "fixtures/repos"), *database, "--output", str(folder / "all.json")], check=True)


def export(form, name):
    """The fixtures in one format."""
    path = folder / name
    subprocess.run([program, "report", *database, "--format", form, "--output", str(path)], check=True)
    return path


def cyclonedx():
    import json

    from cyclonedx.model.bom import Bom
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for form, version in [("cyclonedx", SchemaVersion.V1_6), ("cyclonedx-1.7", SchemaVersion.V1_7)]:
        text = export(form, f"{form}.cdx.json").read_text()
        error = JsonStrictValidator(version).validate_str(text)
        assert error is None, error
        # Read into a model, whose references must hold, not only against the schema.
        bom = Bom.from_json(json.loads(text))
        bom.validate()
        kinds = {str(component.type.value) for component in bom.components}
        assert {"application", "library", "framework", "machine-learning-model", "container", "data"} <= kinds, kinds
        assert len(bom.services) > 20 and len(bom.dependencies) > 30
        packages = [component.purl for component in bom.components if component.purl]
        assert len(packages) > 30, len(packages)
        print(f"{form}: {len(bom.components)} components, {len(bom.services)} services, {len(packages)} package URLs")


def declarations():
    import json

    from cyclonedx.model.bom import Bom
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    for form, version in [("cyclonedx-declarations", SchemaVersion.V1_6), ("cyclonedx-declarations-1.7", SchemaVersion.V1_7)]:
        text = export(form, f"{form}.cdx.json").read_text()
        error = JsonStrictValidator(version).validate_str(text)
        assert error is None, error
        bom = Bom.from_json(json.loads(text))
        requirements = [one for standard in bom.definitions.standards for one in standard.requirements]
        assert len(requirements) == 38, len(requirements)
        claims = json.loads(text)["declarations"]["claims"]
        assert len(claims) > 20 and all(claim["evidence"] for claim in claims)
        print(f"{form}: {len(claims)} claims on {len(requirements)} controls")


def register():
    import csv

    tables = {}
    for form in ["csv", "csv-evidence"]:
        text = export(form, f"{form}.csv").read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(text.splitlines(), strict=True))
        assert all(len(row) == len(rows[0]) for row in rows), form
        assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell), form
        tables[form] = [dict(zip(rows[0], row)) for row in rows[1:]]
    systems, places = tables["csv"], tables["csv-evidence"]
    assert {row["system_id"] for row in places} == {row["id"] for row in systems}
    assert all(row["tier_ceiling"] in {"unknown", "minimal", "limited", "high", "stop"} for row in systems)
    print(f"csv: {len(systems)} systems, {len(places)} places")


def spdx():
    import spdx_python_model

    model = spdx_python_model.v3_0_1
    path = export("spdx", "all.spdx.json")
    objects = model.SHACLObjectSet()
    with path.open("rb") as file:
        # Refuses unknown properties, wrong types and cardinalities.
        model.JSONLDDeserializer().read(file, objects)
    missing = objects.link()
    assert not missing, missing
    packages = list(objects.foreach_type(model.software_Package))
    systems = [one for one in packages if one.software_primaryPurpose.endswith("application")]
    ties = list(objects.foreach_type(model.Relationship))
    assert len(systems) > 20 and len(ties) > 20 and len(packages) > 200
    assert len(list(objects.foreach_type(model.SpdxDocument))) == 1
    print(f"spdx: {len(packages)} packages, {len(ties)} relationships")


def annex_viii():
    import json

    import jsonschema

    schema = json.loads((root / "report/src/annex_viii/schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    file = json.loads(export("annex-viii", "annex-viii.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(file)
    points = [point for system in file["systems"] for section in system["sections"] for point in section["points"]]
    missing = sum(point["status"] == "missing" for point in points)
    assert len(points) == 25 * len(file["systems"]) > 0 and 0 < missing < len(points)
    print(f"annex-viii: {len(file['systems'])} systems, {missing} of {len(points)} points missing, {file['left_out']} left out")


def dpv():
    import json

    import rdflib
    from pyld import jsonld

    def refuse(url, options):
        raise AssertionError(f"{url} is fetched")

    text = export("dpv", "all.jsonld").read_text()
    document = json.loads(text)
    expanded = jsonld.expand(document, {"documentLoader": refuse})

    def size(value):
        """Keys and members: what has no meaning in the context is dropped by expansion."""
        if isinstance(value, dict):
            return sum(size(member) for key, member in value.items() if key != "@context") + len(value) - ("@context" in value)
        return sum(map(size, value)) if isinstance(value, list) else 0

    back = jsonld.compact(expanded, document["@context"], {"documentLoader": refuse})
    assert size(back) == size(document), (size(back), size(document))
    published = set((root / "fixtures/schemas/dpv-2.3-terms.txt").read_text().split())
    graph = rdflib.Graph().parse(data=text, format="json-ld")
    named = {str(term) for triple in graph for term in triple if isinstance(term, rdflib.URIRef)}
    terms = {name for name in named if name.startswith("https://w3id.org/dpv")}
    assert terms and terms <= published, terms - published
    assert all(":" in name and " " not in name for name in named), named
    ai = rdflib.Namespace("https://w3id.org/dpv/ai#")
    systems = list(graph.subjects(rdflib.RDF.type, ai.AISystem))
    called = graph.query(
        "PREFIX dpv: <https://w3id.org/dpv#> PREFIX tech: <https://w3id.org/dpv/tech#> PREFIX dct: <http://purl.org/dc/terms/>"
        " SELECT DISTINCT ?name { ?system tech:hasService/dpv:hasServiceProvider/dct:title ?name }"
    )
    assert len(systems) > 20 and len(list(graph.objects(None, ai.hasModel))) > 30 and len(called) > 10
    print(f"dpv: {len(graph)} triples, {len(systems)} systems, {len(terms)} terms of the vocabulary, {len(called)} providers of services")


def ciso_assistant():
    import openpyxl

    # The columns of the templates that CISO Assistant ships.
    templates = {
        "assets.xlsx": {"Assets": "ref_id name description domain type asset_class"},
        "findings.xlsx": {"Findings": "ref_id name description severity status filtering_labels asset"},
        "risk_assessment.xlsx": {
            "Risk assessment": "ref_id name description inherent_proba inherent_impact inherent_level existing_controls current_proba"
            " current_impact current_level additional_controls residual_proba residual_impact residual_level treatment assets"
        },
        "third_parties.xlsx": {
            "Entities": "ref_id name description mission country currency parent_entity_ref_id dependency penetration maturity trust domain",
            "Solutions": "ref_id name description provider_entity_ref_id criticality",
            "Contracts": "ref_id name description provider_entity_ref_id solution_ref_id status start_date end_date annual_expense currency"
            " domain lei euid vat duns",
            "Representatives": "email first_name last_name description phone role provider_entity_ref_id",
        },
    }
    sheets = export("ciso-assistant", "ciso-assistant")
    tables = {}
    for name, expected in templates.items():
        book = openpyxl.load_workbook(sheets / name)
        assert book.sheetnames == list(expected), book.sheetnames
        for sheet, columns in expected.items():
            head, *rows = book[sheet].iter_rows()
            names = [cell.value for cell in head]
            assert names[: len(columns.split())] == columns.split(), names
            assert all(cell.data_type in "sn" and cell.data_type != "f" for row in rows for cell in row)
            tables[sheet] = [dict(zip(names, (cell.value for cell in row))) for row in rows]
    references = {row["ref_id"] for row in tables["Assets"]}
    parents = {parent for row in tables["Assets"] if row["parent_assets"] for parent in row["parent_assets"].split("|")}
    assert parents <= references and len(references) == len(tables["Assets"])
    assert {row["asset"] for row in tables["Findings"]} <= references
    assert {row["assets"] for row in tables["Risk assessment"]} <= references
    entities = {row["ref_id"] for row in tables["Entities"]}
    assert {row["provider_entity_ref_id"] for row in tables["Solutions"]} <= entities
    print("ciso-assistant:", ", ".join(f"{len(rows)} in {name}" for name, rows in tables.items()))


def exchanged():
    """The register as a table, written anew by other programs: what nobody edited is no edit, what somebody edited is."""
    import csv, shutil

    import openpyxl

    system = next(iter(csv.DictReader(export("csv", "first.csv").read_bytes().decode("utf-8-sig").splitlines())))["id"].lstrip("'")
    hard = {
        "owner": '=HYPERLINK("http://x";"y")',
        "purpose": 'Answers; politely,\nand "in two lines"',
        "vendor": "'Quoted' & Sons",
        "models": "+49 30 1234",
        "users": "00123",
        "affected": "1E5",
        "data-processed": "\u201eAnfragen\u201c \U0001f642 \u0105\u0119",
        "review-next": "2027-01-31",
        "tags": "1/2",
        "legal-basis": "TRUE",
    }
    decisions = [f"{field}={value}" for field, value in hard.items()]
    subprocess.run([program, "register", "set", system, *decisions, "--by", "Jane", *database], check=True, stdout=subprocess.DEVNULL)
    for name in ["kept.csv", "kept.xlsx"]:
        subprocess.run([program, "register", "export", str(folder / name), *database], check=True)

    def taken(path):
        ran = subprocess.run([program, "register", "import", str(path), "--by", "Jane", *database], capture_output=True, text=True)
        assert ran.returncode == 0, (path, ran.stderr)
        return int(ran.stdout.split(" decision")[0].split()[-1])

    book = openpyxl.load_workbook(folder / "kept.xlsx")
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)
    book.save(folder / "again.xlsx")
    rows = list(csv.reader((folder / "kept.csv").open(encoding="utf-8-sig", newline="")))
    with (folder / "again.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    again = ["kept.csv", "kept.xlsx", "again.csv", "again.xlsx"]
    if shutil.which("soffice"):
        office, to = ["soffice", "--headless"], ["--outdir", str(folder / "office-out")]
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        windows = "csv:Text - txt - csv (StarCalc):59,34,1,1,,1031,false,true,false"
        subprocess.run([*office, "--convert-to", windows, *to, str(folder / "kept.xlsx")], **quiet)
        subprocess.run([*office, "--infilter=CSV:44,34,76,1", "--convert-to", "xlsx", *to, str(folder / "kept.csv")], **quiet)
        again += ["office-out/kept.csv", "office-out/kept.xlsx"]
    for name in again:
        assert taken(folder / name) == 0, name
    sheet = book["Register"]
    column = next(cell.column for cell in sheet[1] if cell.value == "oversight")
    row = next(cell.row for cell in sheet["A"] if cell.value == system)
    sheet.cell(row, column).value = "A person reads\nevery answer"
    book.save(folder / "edited.xlsx")
    assert taken(folder / "edited.xlsx") == 1
    print(f"register: unchanged through {', '.join(again)}")


for judge in [cyclonedx, declarations, spdx, register, annex_viii, dpv, ciso_assistant, exchanged]:
    judge()
