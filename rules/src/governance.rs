//! What a management system for AI asks for, as data (`governance/*.toml`): fields of a system's record, the controls of Annex A,
//! documents, obligations, dates of the law, and how other frameworks call these things.
//!
//! No text of a standard stands here: ids and short titles are public, everything else is in own words.

use std::sync::LazyLock;

pub(crate) mod form;

pub use form::{
    Control, Crosswalk, DayForm, DeletedPoint, DocumentForm, FieldForm, Filled, LawDate, LawVersion, Level, Obligation, Point, Prompt,
    Section, Term,
};

use crate::embedded;

/// Everything that is known of governance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Governance {
    /// The day on which a file was last held against its sources.
    pub version: String,
    /// Fields of the record of an AI system, in the order they are shown.
    pub fields: Vec<FieldForm>,
    /// The controls of Annex A, in their order.
    pub controls: Vec<Control>,
    /// Documents: of the organisation, then of a system.
    pub documents: Vec<DocumentForm>,
    /// What published guides to the standard ask for.
    pub obligations: Vec<Obligation>,
    /// Dates of the law.
    pub dates: Vec<LawDate>,
    /// Which versions of laws are followed.
    pub versions: Vec<LawVersion>,
    /// How other frameworks call these things.
    pub crosswalks: Vec<Crosswalk>,
    /// What is told when a high-risk system is registered in the Union, by section of Annex VIII of the AI Act.
    pub registration: Vec<Section>,
    /// What the Data Privacy Vocabulary calls purposes, kinds of components and answers.
    pub terms: Vec<Term>,
}

/// The embedded knowledge of governance.
#[must_use]
pub fn governance() -> &'static Governance {
    static ALL: LazyLock<Governance> = LazyLock::new(|| {
        let mut all = Governance::default();
        for file in embedded::governance() {
            all.version = all.version.max(file.checked.map(|day| day.to_string()).unwrap_or_default());
            all.fields.extend(file.fields);
            all.controls.extend(file.controls);
            all.documents.extend(file.documents);
            all.obligations.extend(file.obligations);
            all.dates.extend(file.dates);
            all.versions.extend(file.versions);
            all.crosswalks.extend(file.crosswalks);
            all.registration.extend(file.registration);
            all.terms.extend(file.terms);
        }
        all
    });
    &ALL
}

impl Governance {
    /// A field of the record.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&FieldForm> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A control of Annex A.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// The version of a law that is followed.
    #[must_use]
    pub fn version_of(&self, law: &str) -> Option<&LawVersion> {
        self.versions.iter().find(|version| version.law == law)
    }

    /// A document.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<&DocumentForm> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// What other frameworks call a control, a rule of risk or a rule of findings.
    pub fn elsewhere<'a>(&'a self, of: &'a str) -> impl Iterator<Item = &'a Crosswalk> {
        self.crosswalks.iter().filter(move |crosswalk| crosswalk.of == of)
    }

    /// What the Data Privacy Vocabulary calls something, as prefix and name.
    #[must_use]
    pub fn term(&self, of: &str) -> Option<&str> {
        self.terms.iter().find(|term| term.of == of).map(|term| term.term.as_str())
    }

    /// The controls of Annex A that answer a rule of risk or of findings.
    pub fn controls_of<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a str> {
        self.elsewhere(rule)
            .filter(|crosswalk| crosswalk.framework == ANNEX_A)
            .map(|crosswalk| crosswalk.id.as_str())
    }
}

/// What the AI Act is called among the laws.
pub const AI_ACT: &str = "AI Act";

/// The name under which a crosswalk points to the Data Privacy Vocabulary's extension for the AI Act.
pub const DPV_AI_ACT: &str = "W3C DPV 2.3 EU AI Act";

/// The name under which a crosswalk points to the controls of Annex A.
pub const ANNEX_A: &str = "ISO/IEC 42001 Annex A";

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::risk::Tier;

    /// Ids and short titles as four public listings have them.
    const CONTROLS: [(&str, &str); 38] = [
        ("A.2.2", "AI policy"),
        ("A.2.3", "Alignment with other organizational policies"),
        ("A.2.4", "Review of the AI policy"),
        ("A.3.2", "AI roles and responsibilities"),
        ("A.3.3", "Reporting of concerns"),
        ("A.4.2", "Resource documentation"),
        ("A.4.3", "Data resources"),
        ("A.4.4", "Tooling resources"),
        ("A.4.5", "System and computing resources"),
        ("A.4.6", "Human resources"),
        ("A.5.2", "AI system impact assessment process"),
        ("A.5.3", "Documentation of AI system impact assessments"),
        ("A.5.4", "Assessing AI system impact on individuals or groups of individuals"),
        ("A.5.5", "Assessing societal impacts of AI systems"),
        ("A.6.1.2", "Objectives for responsible development of AI system"),
        ("A.6.1.3", "Processes for responsible AI system design and development"),
        ("A.6.2.2", "AI system requirements and specification"),
        ("A.6.2.3", "Documentation of AI system design and development"),
        ("A.6.2.4", "AI system verification and validation"),
        ("A.6.2.5", "AI system deployment"),
        ("A.6.2.6", "AI system operation and monitoring"),
        ("A.6.2.7", "AI system technical documentation"),
        ("A.6.2.8", "AI system recording of event logs"),
        ("A.7.2", "Data for development and enhancement of AI system"),
        ("A.7.3", "Acquisition of data"),
        ("A.7.4", "Quality of data for AI systems"),
        ("A.7.5", "Data provenance"),
        ("A.7.6", "Data preparation"),
        ("A.8.2", "System documentation and information for users"),
        ("A.8.3", "External reporting"),
        ("A.8.4", "Communication of incidents"),
        ("A.8.5", "Information for interested parties"),
        ("A.9.2", "Processes for responsible use of AI systems"),
        ("A.9.3", "Objectives for responsible use of AI system"),
        ("A.9.4", "Intended use of the AI system"),
        ("A.10.2", "Allocating responsibilities"),
        ("A.10.3", "Suppliers"),
        ("A.10.4", "Customers"),
    ];

    #[test]
    fn annex_a_has_its_38_controls_and_no_other() {
        let known: Vec<(&str, &str)> = governance()
            .controls
            .iter()
            .map(|control| (control.id.as_str(), control.title.as_str()))
            .collect();
        assert_eq!(known, CONTROLS);
        let mut groups: BTreeMap<String, usize> = BTreeMap::new();
        for (id, _) in known {
            let parts: Vec<&str> = id.split('.').collect();
            *groups.entry(parts[..parts.len() - 1].join(".")).or_default() += 1;
        }
        let counts: Vec<(&str, usize)> = groups.iter().map(|(group, count)| (group.as_str(), *count)).collect();
        assert_eq!(
            counts,
            [
                ("A.10", 3),
                ("A.2", 3),
                ("A.3", 2),
                ("A.4", 5),
                ("A.5", 4),
                ("A.6.1", 2),
                ("A.6.2", 7),
                ("A.7", 5),
                ("A.8", 4),
                ("A.9", 3)
            ]
        );
    }

    #[test]
    fn annex_viii_has_its_25_points_and_each_asks_somebody_and_can_be_recorded() {
        let all = governance();
        let sections: Vec<(&str, usize)> = all
            .registration
            .iter()
            .map(|section| (section.id.as_str(), section.points.len()))
            .collect();
        assert_eq!(sections, [("A", 13), ("B", 7), ("C", 5)]);
        assert!(
            all.version_of(AI_ACT)
                .is_some_and(|version| version.to_string().contains("2026/1744"))
        );
        for section in &all.registration {
            // What was deleted is told, and no number is used twice or lost.
            let mut numbers: Vec<u32> = section.deleted.iter().map(|point| point.number).collect();
            numbers.extend(section.points.iter().map(|point| point.number));
            numbers.sort_unstable();
            assert!(
                numbers.iter().copied().eq(1..=u32::try_from(numbers.len()).expect("few")),
                "{}",
                section.id
            );
            assert!(section.deleted.iter().all(|point| point.by.contains("2026/1744")));
            for point in &section.points {
                assert!(!point.fields.is_empty(), "{}.{} cannot be recorded", section.id, point.number);
                assert!(point.ask.ends_with('?') && !point.who.is_empty() && !point.what.is_empty());
                for id in &point.fields {
                    assert!(all.field(id).is_some(), "{}.{}: no field {id}", section.id, point.number);
                }
                // Where a cloud computes is not where a system is on the market, and whose model it is not whose system.
                assert!(
                    !point
                        .fields
                        .iter()
                        .any(|id| ["regions", "vendor", "hosting"].contains(&id.as_str()))
                );
            }
        }
    }

    #[test]
    fn terms_are_those_of_the_published_vocabulary() {
        const PUBLISHED: &str = include_str!("../../fixtures/schemas/dpv-2.3-terms.txt");
        let published: BTreeSet<&str> = PUBLISHED.lines().collect();
        let all = governance();
        let mut seen = BTreeSet::new();
        for term in &all.terms {
            let (prefix, name) = term.term.split_once(':').expect("a prefix");
            let base = match prefix {
                "dpv" => "https://w3id.org/dpv#",
                "ai" => "https://w3id.org/dpv/ai#",
                "eu-aiact" => "https://w3id.org/dpv/legal/eu/aiact#",
                _ => panic!("{} has no known prefix", term.term),
            };
            assert!(published.contains(format!("{base}{name}").as_str()), "{}", term.term);
            assert!(seen.insert(&term.of), "{} stands twice", term.of);
            let (of, value) = term.of.split_once('/').expect("a kind and a value");
            let is_known = matches!(of, "purpose" | "kind")
                || all
                    .field(of)
                    .is_some_and(|field| field.choices.iter().any(|choice| choice == value));
            assert!(is_known, "{} is about nothing", term.of);
        }
        for crosswalk in all.crosswalks.iter().filter(|crosswalk| crosswalk.framework == DPV_AI_ACT) {
            let iri = format!("https://w3id.org/dpv/legal/eu/aiact#{}", crosswalk.id);
            assert!(published.contains(iri.as_str()), "{iri}");
        }
    }

    #[test]
    fn levels_are_those_of_the_listing() {
        let of = |level| governance().controls.iter().filter(|control| control.level == level).count();
        assert_eq!((of(Level::System), of(Level::Both), of(Level::Organisation)), (16, 13, 9));
    }

    #[test]
    fn every_id_that_is_referred_to_exists() {
        let all = governance();
        for field in &all.fields {
            for control in &field.controls {
                assert!(all.control(control).is_some(), "{}: no control {control}", field.id);
            }
        }
        for control in &all.controls {
            for id in &control.fields {
                let field = all.field(id).unwrap_or_else(|| panic!("{}: no field {id}", control.id));
                assert!(
                    field.controls.contains(&control.id),
                    "{id} does not say that it serves {}",
                    control.id
                );
            }
            for id in &control.documents {
                let document = all.document(id).unwrap_or_else(|| panic!("{}: no document {id}", control.id));
                assert!(
                    document.controls.contains(&control.id),
                    "{id} does not say that it answers {}",
                    control.id
                );
            }
        }
        for document in &all.documents {
            for id in &document.fields {
                assert!(all.field(id).is_some(), "{}: no field {id}", document.id);
            }
            for id in &document.controls {
                let control = all.control(id).unwrap_or_else(|| panic!("{}: no control {id}", document.id));
                assert!(control.documents.contains(&document.id), "{id} does not name {}", document.id);
            }
        }
    }

    #[test]
    fn nothing_stands_alone() {
        let all = governance();
        for control in &all.controls {
            assert!(!control.documents.is_empty(), "{} has no document", control.id);
        }
        for field in &all.fields {
            assert!(
                !field.controls.is_empty() || !field.references.is_empty(),
                "nobody asks for {}",
                field.id
            );
            assert!(
                all.documents.iter().any(|document| document.fields.contains(&field.id)),
                "no document shows {}",
                field.id
            );
        }
        for document in &all.documents {
            assert!(!document.prompts.is_empty(), "{} asks people nothing", document.id);
            assert!(
                !document.controls.is_empty() || !document.clauses.is_empty(),
                "{} answers nothing",
                document.id
            );
        }
    }

    #[test]
    fn ids_are_words_and_stand_once() {
        let all = governance();
        let word = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        let mut seen = BTreeSet::new();
        for field in &all.fields {
            assert!(word(&field.id) && seen.insert(&field.id), "{}", field.id);
            assert!(field.ask.ends_with('?') && !field.who.is_empty(), "{} asks nobody", field.id);
        }
        for document in &all.documents {
            let mut prompts = BTreeSet::new();
            assert!(seen.insert(&document.id), "{}", document.id);
            for prompt in &document.prompts {
                assert!(
                    word(&prompt.id) && prompts.insert(&prompt.id) && !prompt.who.is_empty(),
                    "{}: {}",
                    document.id,
                    prompt.id
                );
            }
        }
    }

    #[test]
    fn the_documents_are_the_set_that_was_proposed() {
        let all = governance();
        let ids = |level| -> Vec<&str> {
            all.documents
                .iter()
                .filter(|document| document.level == level)
                .map(|document| document.id.as_str())
                .collect()
        };
        let numbered: Vec<String> = (0..14).map(|number| format!("ORG-{number:02}")).collect();
        let organisation = ids(Level::Organisation);
        assert_eq!(organisation[..14], numbered.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(organisation[14..], ["ORG-SOA", "ORG-GAP", "ORG-RISK", "ORG-REVIEW", "ORG-CLAUSES"]);
        let numbered: Vec<String> = (1..17).map(|number| format!("SYS-{number:02}")).collect();
        assert_eq!(ids(Level::System), numbered.iter().map(String::as_str).collect::<Vec<_>>());
        for from in all.documents.iter().map(|document| &document.from).chain(
            all.documents
                .iter()
                .flat_map(|document| &document.prompts)
                .map(|prompt| &prompt.from),
        ) {
            assert!(
                from.is_empty() || Tier::ALL.iter().any(|tier| tier.to_string() == *from),
                "{from} is no tier"
            );
        }
    }

    #[test]
    fn the_minimum_row_is_what_practitioners_agree_on() {
        let minimum: Vec<&str> = governance()
            .fields
            .iter()
            .filter(|field| field.minimum)
            .map(|field| field.id.as_str())
            .collect();
        assert_eq!(
            minimum,
            [
                "name",
                "purpose",
                "users",
                "owner",
                "approval",
                "life-cycle",
                "review-last",
                "review-next",
                "origin",
                "vendor",
                "eu-role",
                "models",
                "data-processed",
                "affected",
                "tier",
                "tier-rationale",
                "oversight",
                "monitoring"
            ]
        );
    }

    #[test]
    fn the_register_finds_the_fields_that_its_command_line_names() {
        for id in [
            "name",
            "purpose",
            "owner",
            "owner-contact",
            "approver",
            "approval",
            "origin",
            "vendor",
            "models",
            "components",
            "data-processed",
            "personal-data",
            "tier",
            "tier-rationale",
            "life-cycle",
            "eu-role",
            "users",
            "affected",
            "oversight",
            "monitoring",
            "review-last",
            "review-next",
            "risk-owner",
            "business-unit",
            "contract",
            "regions",
            "autonomy",
            "outputs",
        ] {
            assert!(governance().field(id).is_some(), "{id}");
        }
        let approval = governance().field("approval").expect("is there");
        assert_eq!(approval.choices, ["approved", "restricted", "rejected", "pending"]);
    }

    #[test]
    fn obligations_are_77_and_each_has_a_state() {
        let obligations = &governance().obligations;
        assert_eq!(
            obligations.iter().map(|obligation| obligation.number).collect::<Vec<_>>(),
            (1..78).collect::<Vec<_>>()
        );
        for obligation in obligations {
            assert!(
                ["yes", "in part", "no"].contains(&obligation.state.as_str()),
                "{}: {}",
                obligation.number,
                obligation.state
            );
            assert!(
                obligation.what.ends_with('.') && obligation.served.ends_with('.'),
                "{}",
                obligation.number
            );
            for id in obligation.served.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
                let named = ["ORG-", "SYS-"].iter().any(|family| id.starts_with(family));
                assert!(
                    !named || governance().document(id).is_some(),
                    "{}: no document {id}",
                    obligation.number
                );
            }
        }
    }

    #[test]
    fn crosswalks_are_about_controls_and_rules_that_exist() {
        let all = governance();
        let rules = crate::risk::ruleset();
        let mut seen = BTreeSet::new();
        for crosswalk in &all.crosswalks {
            assert!(
                seen.insert((&crosswalk.of, &crosswalk.framework, &crosswalk.id)),
                "{crosswalk:?} stands twice"
            );
            // Rules of findings are the inventory's; it holds them against this list.
            let is_rule = crosswalk.of.contains('.');
            assert!(
                !is_rule || all.control(&crosswalk.of).is_some() || rules.rules.iter().any(|rule| rule.id == crosswalk.of),
                "{crosswalk:?} is about nothing"
            );
            if crosswalk.framework == ANNEX_A {
                assert!(all.control(&crosswalk.id).is_some(), "{crosswalk:?}");
            }
        }
    }
}
