//! Small evidence, systems and inventories for tests.

use evidence::{ComponentKind, Confidence, Coverage, Evidence, Facts, Location, Stage, Usage};

use crate::correlate::components;
use crate::{Classification, Inventory, SCHEMA_VERSION, Source, System};

/// Something mentioned on the first line of a file that runs.
pub(crate) fn seen(kind: ComponentKind, name: &str, path: &str) -> Evidence {
    Evidence {
        location: Location::new(path, 1),
        kind,
        name: name.to_owned(),
        provider: None,
        product: None,
        version: None,
        relation: None,
        stage: Stage::Referenced,
        confidence: Confidence::High,
        usage: Usage::Runtime,
        vendored: false,
        signature: "acme.import.python".to_owned(),
        detector: "code/python".to_owned(),
        excerpt: None,
        facts: Facts::new(),
    }
}

/// A system at the root of a source, made of the given evidence.
pub(crate) fn system(name: &str, seen: Vec<Evidence>) -> System {
    System {
        id: format!("id-of-{name}"),
        name: name.to_owned(),
        description: None,
        source: "https://example.org/code.git".to_owned(),
        folder: String::new(),
        boundary: "manifest".to_owned(),
        said: Vec::new(),
        components: components::merge(&format!("id-of-{name}"), seen),
        owners: Vec::new(),
        people: crate::People::default(),
        classification: Classification::default(),
        standing: crate::register::Standing::default(),
        first_seen: None,
        last_seen: None,
    }
}

/// A repository under a name.
pub(crate) fn source(identity: &str) -> Source {
    Source {
        kind: "directory".to_owned(),
        location: format!("/home/dev/{identity}"),
        identity: identity.to_owned(),
    }
}

/// What a scan of one repository at a time of the day found.
pub(crate) fn inventory(clock: &str, systems: Vec<System>) -> Inventory {
    Inventory {
        schema_version: SCHEMA_VERSION.to_owned(),
        generator: "aimscan 0.1.0".to_owned(),
        ruleset: "2026-11-20+00000000".to_owned(),
        scanned_at: format!("2026-11-20T{clock}Z"),
        sources: vec![source("https://example.org/code.git")],
        systems,
        findings: Vec::new(),
        coverage: Coverage::default(),
        organisation: crate::register::Standing::default(),
        dismissed: Vec::new(),
        notice: crate::classify::NOTICE.to_owned(),
    }
}
