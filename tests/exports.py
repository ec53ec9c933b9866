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


for judge in [cyclonedx, spdx, register]:
    judge()
