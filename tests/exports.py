#!/usr/bin/env python3
"""Exports of the fixtures, judged by readers that other people wrote (see .ci/run for their versions)."""
import pathlib, subprocess, sys, tempfile

program = sys.argv[1]
root = pathlib.Path(__file__).resolve().parent.parent
folder = pathlib.Path(tempfile.mkdtemp(prefix="aimscan-exports-"))


def export(form, name):
    """The fixtures in one format."""
    path = folder / name
    subprocess.run(
        [program, "scan", str(root / "fixtures/repos"), "--no-db", "--quiet", "--format", form, "--output", str(path)],
        check=True,
    )
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


for judge in [cyclonedx]:
    judge()
