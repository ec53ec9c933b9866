//! What documents hold, and what they never do.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rules::governance::governance;
use serde_json::{Value, json};

use super::*;
use crate::sample;
use crate::{Record, State, controls, risks, tasks};

/// Every text of a document, as cells and blocks hold them.
fn texts(document: &Document) -> Vec<String> {
    fn of(cell: &Cell, out: &mut Vec<String>) {
        match cell {
            Cell::Text(text) | Cell::Code(text) => out.push(text.clone()),
            Cell::Status(status) => out.push(status.to_string()),
            Cell::Missing { ask, who } => out.push(Cell::marker(ask, who)),
            Cell::Lines(cells) => cells.iter().for_each(|cell| of(cell, out)),
        }
    }
    let mut out = vec![document.title(), document.notice.clone()];
    out.extend(document.head.iter().map(|(_, value)| value.clone()));
    for block in &document.blocks {
        match block {
            Block::Heading(text) | Block::Paragraph(text) | Block::Warning(text) => out.push(text.clone()),
            Block::List(lines) => out.extend(lines.iter().cloned()),
            Block::Table(table) => table.rows.iter().flatten().for_each(|cell| of(cell, &mut out)),
            Block::Prompt(part) => {
                out.extend([part.heading.clone(), part.ask.clone(), part.who.clone()]);
                out.extend(part.text.iter().chain(&part.by).chain(&part.reopened).cloned());
            }
        }
    }
    out
}

fn all(inventory: &inventory::Inventory) -> Vec<Document> {
    let view = View::of(inventory, None);
    let mut documents = of_organisation(&view);
    for system in &inventory.systems {
        documents.extend(of_system(&view, system));
    }
    documents
}

fn ids(value: Value) -> Vec<&'static str> {
    let inventory = sample::inventory(vec![value]);
    needed(&inventory.systems[0]).into_iter().map(|form| form.id.as_str()).collect()
}

fn with_tier(floor: &str, indicated: &str, ceiling: &str) -> Value {
    let mut bot = sample::bot();
    bot["classification"]["floor"] = json!(floor);
    bot["classification"]["indicated"] = json!(indicated);
    bot["classification"]["ceiling"] = json!(ceiling);
    bot
}

#[test]
fn what_is_asked_for_grows_with_what_a_system_may_do() {
    let minimal = ["SYS-01", "SYS-02", "SYS-13", "SYS-14"];
    assert_eq!(ids(with_tier("unknown", "unknown", "unknown")), ["SYS-01", "SYS-02"]);
    assert_eq!(ids(with_tier("minimal", "minimal", "minimal")), minimal);
    let limited = ids(with_tier("limited", "limited", "limited"));
    assert_eq!(limited, ["SYS-01", "SYS-02", "SYS-10", "SYS-12", "SYS-13", "SYS-14", "SYS-15"]);
    assert_eq!(ids(with_tier("limited", "limited", "high")).len(), 16);
    assert_eq!(ids(with_tier("limited", "stop", "stop")), ["SYS-01", "SYS-16"]);
    // Without a vendor there is no sheet of third parties.
    let mut alone = with_tier("minimal", "minimal", "minimal");
    alone["components"] = json!([sample::component("model", "own", None, &json!({}))]);
    assert_eq!(ids(alone), ["SYS-01", "SYS-02", "SYS-13"]);
    // A person's word on the tier counts, until evidence opens it again.
    let mut confirmed = with_tier("limited", "limited", "high");
    confirmed["standing"] = json!({ "tier": sample::held("minimal") });
    assert_eq!(ids(confirmed.clone()), minimal);
    confirmed["standing"]["tier"]["reopened"] = json!(["a model is new"]);
    assert_eq!(ids(confirmed).len(), 16);
}

#[test]
fn a_practice_to_be_stopped_comes_before_everything() {
    let inventory = sample::inventory(vec![with_tier("limited", "limited", "stop")]);
    for document in of_system(&View::of(&inventory, None), &inventory.systems[0]) {
        assert!(
            matches!(&document.blocks[0], Block::Warning(text) if text.starts_with("Stop and have it reviewed")),
            "{}",
            document.title()
        );
        assert!(!texts(&document).iter().any(|text| text.contains("is prohibited")));
    }
    assert_eq!(
        tasks::of(&View::of(&inventory, None))[0].what,
        "Stop and have it reviewed before anything else."
    );
}

#[test]
fn every_document_says_what_it_is_not() {
    let inventory = sample::inventory(vec![sample::bot()]);
    let documents = all(&inventory);
    assert_eq!(documents.len(), 19 + 16);
    for document in documents {
        assert!(document.notice.contains("does not show conformity"), "{}", document.title());
        assert!(document.notice.contains("Indicative"), "{}", document.title());
        for block in &document.blocks {
            if let Block::Table(table) = block {
                assert!(
                    table.rows.iter().all(|row| row.len() == table.columns.len()),
                    "{}: a row is not as long as its head",
                    document.title()
                );
                assert_eq!(
                    table.columns.iter().map(|(_, share)| share).sum::<u16>(),
                    100,
                    "{}",
                    document.title()
                );
                assert!(!table.empty.is_empty());
            }
        }
    }
}

#[test]
fn what_is_missing_stays_visible_with_its_question() {
    let inventory = sample::inventory(vec![sample::bot()]);
    let view = View::of(&inventory, None);
    let record = of_system(&view, &inventory.systems[0]).remove(0);
    let texts = texts(&record);
    let affected = governance().field("affected").expect("is there");
    assert!(texts.contains(&Cell::marker(&affected.ask, &affected.who)));
    assert!(record.missing() > 10);
    assert!(
        matches!(&record.blocks[0], Block::Warning(text) if text.contains("Affected persons and groups") && !text.contains("Accountable owner"))
    );
    // The Statement of Applicability decides nothing.
    let soa = of_organisation(&view)
        .into_iter()
        .find(|document| document.form.id == "ORG-SOA")
        .expect("is there");
    let decisions = self::texts(&soa).iter().filter(|text| *text == "to be decided").count();
    assert_eq!(decisions, 38);
}

#[test]
fn models_that_are_gone_are_named_with_those_that_will_go() {
    let named = |facts: Value| {
        let mut bot = sample::bot();
        bot["components"][1]["facts"] = facts;
        let inventory = sample::inventory(vec![bot]);
        let documents = of_system(&View::of(&inventory, None), &inventory.systems[0]);
        let suppliers = documents.iter().find(|document| document.form.id == "SYS-14").expect("is there");
        texts(suppliers).join("\n")
    };
    assert!(
        named(json!({ "retired-on": "2026-10-23", "successor": "gpt-5.1" }))
            .contains("gpt-4.1-mini: retired 2026-10-23, successor gpt-5.1")
    );
    assert!(named(json!({ "retires": "2027-01-14" })).contains("gpt-4.1-mini: retires 2027-01-14"));
    assert!(!named(json!({ "released": "2026-01-14" })).contains("gpt-4.1-mini: "));
}

#[test]
fn suppliers_are_companies_also_those_that_only_lists_name() {
    let mut bot = sample::bot();
    bot["components"]
        .as_array_mut()
        .expect("a list")
        .push(sample::component("package", "claude", Some("claude-code"), &json!({})));
    let listed = |id: &str, vendor: &str| {
        json!({
            "id": id, "name": id, "description": null, "source": "register.xlsx", "folder": "row 2", "boundary": "list", "components": [],
            "classification": sample::bot()["classification"], "standing": { "field/vendor": sample::held(vendor) }
        })
    };
    let inventory = sample::inventory(vec![
        bot,
        listed("scoring", "OpenAI Ireland Ltd; Acme Scoring GmbH"),
        listed("office", "Microsoft Corporation"),
    ]);
    let documents = of_organisation(&View::of(&inventory, None));
    let suppliers = documents.iter().find(|document| document.form.id == "ORG-11").expect("is there");
    let rows: Vec<(String, String, String)> = suppliers
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Table(table) => Some(&table.rows),
            _ => None,
        })
        .flatten()
        .filter_map(|row| {
            let first = |cell: &Cell| match cell {
                Cell::Text(text) => Some(text.clone()),
                Cell::Lines(cells) => cells.iter().find_map(|cell| match cell {
                    Cell::Text(text) => Some(text.clone()),
                    _ => None,
                }),
                _ => None,
            };
            Some((first(&row[0])?, first(&row[1])?, first(&row[3])?))
        })
        .collect();
    let row = |name: &str| rows.iter().find(|row| row.0 == name).map(|row| (row.1.as_str(), row.2.as_str()));
    assert_eq!(row("OpenAI"), Some(("service of others", "2")));
    assert_eq!(row("Anthropic"), Some(("service of others", "1")));
    assert_eq!(row("Acme Scoring GmbH"), Some(("named in lists", "1")));
    assert_eq!(row("Microsoft"), Some(("named in lists", "1")));
    assert_eq!(row("Claude Code"), None);
}

#[test]
fn what_a_person_decided_counts_and_what_was_found_stays_beside_it() {
    let mut bot = sample::bot();
    bot["standing"] = json!({
        "field/owner": sample::held("Max Muster"), "field/models": sample::held("one model under contract"),
        "text/SYS-03/harms": sample::held("Wrong answers cost people money."), "control/A.5.4": sample::held("applicable"),
    });
    let inventory = sample::inventory(vec![bot]);
    let view = View::of(&inventory, None);
    let system = &inventory.systems[0];
    let record = Record::of(&view, system);
    let owner = record.field("owner");
    assert_eq!((owner.status(), owner.text().as_str()), (Status::Human, "Max Muster"));
    assert_eq!(owner.beside[0].text, "@acme/support");
    assert_eq!(owner.values[0].source, "Jane Roe, 2026-11-25: the board said so");
    let documents = of_system(&view, system);
    let text = |id: &str| texts(documents.iter().find(|document| document.form.id == id).expect("is there")).join("\n");
    assert!(text("SYS-01").contains("besides found: @acme/support"));
    assert!(text("SYS-02").contains("one model under contract") && text("SYS-02").contains("besides found: gpt-4.1-mini"));
    assert!(text("SYS-03").contains("Wrong answers cost people money."));
    assert!(text("SYS-16").contains("control/A.5.4"));
}

#[test]
fn risk_and_impact_are_two_documents_and_severity_and_likelihood_two_columns() {
    let inventory = sample::inventory(vec![sample::bot()]);
    let view = View::of(&inventory, None);
    let found = risks::of(&view, &inventory.systems[0]);
    assert_eq!(
        found.iter().map(|risk| (risk.rule, risk.axis)).collect::<Vec<_>>(),
        [
            ("retired-model", risks::Axis::Likelihood),
            ("use.generative", risks::Axis::Severity)
        ]
    );
    assert!(found.iter().all(|risk| !risk.controls.is_empty() && !risk.places.is_empty()));
    let documents = of_system(&view, &inventory.systems[0]);
    let columns = |id: &str| -> Vec<&str> {
        documents
            .iter()
            .filter(|document| document.form.id == id)
            .flat_map(|document| &document.blocks)
            .filter_map(|block| match block {
                Block::Table(table) => Some(&table.columns),
                _ => None,
            })
            .flatten()
            .map(|(name, _)| *name)
            .collect()
    };
    assert!(columns("SYS-15").contains(&"Severity") && columns("SYS-15").contains(&"Likelihood"));
    assert!(!columns("SYS-03").contains(&"Treatment"));
}

#[test]
fn controls_are_evidenced_by_what_is_there_and_missing_otherwise() {
    let inventory = sample::inventory(vec![sample::bot()]);
    let view = View::of(&inventory, None);
    let record = Record::of(&view, &inventory.systems[0]);
    let state = |id: &str| {
        controls::of_system(&record)
            .into_iter()
            .find(|standpoint| standpoint.control.id == id)
            .map(|standpoint| standpoint.state)
    };
    assert_eq!(state("A.4.2"), Some(State::Evidenced));
    assert_eq!(state("A.3.2"), Some(State::Drafted));
    assert_eq!(state("A.6.2.8"), Some(State::Drafted));
    assert_eq!(state("A.5.4"), Some(State::Missing));
    assert_eq!(state("A.2.2"), None);
    let organisation = controls::of_organisation(&inventory);
    assert_eq!(organisation.len(), 38);
    assert!(organisation.iter().all(|standpoint| standpoint.state == State::Missing));
}

#[test]
fn a_policy_is_evidenced_only_when_people_wrote_all_of_it() {
    let state = |prompts: usize| {
        let mut inventory = sample::inventory(vec![sample::bot()]);
        let form = governance().document("ORG-01").expect("is there");
        let standing: serde_json::Map<String, Value> = form
            .prompts
            .iter()
            .take(prompts)
            .map(|prompt| (format!("text/ORG-01/{}", prompt.id), sample::held("We do.")))
            .collect();
        inventory.organisation = serde_json::from_value(Value::Object(standing)).expect("the form of a standing");
        controls::of_organisation(&inventory)[0].state
    };
    assert_eq!([state(0), state(1), state(6)], [State::Missing, State::Drafted, State::Evidenced]);
}

#[test]
fn tasks_begin_with_what_presses_and_each_has_its_subject() {
    let inventory = sample::inventory(vec![sample::bot()]);
    let tasks = tasks::of(&View::of(&inventory, None));
    assert!(tasks.is_sorted_by_key(|task| task.priority));
    assert!(tasks.iter().all(|task| !task.subject.is_empty() && !task.who.is_empty()));
    let ids: BTreeSet<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    assert!(ids.contains("T-01234567-retired-model") && ids.contains("T-01234567-question-use.generative"));
}

#[test]
fn what_decides_on_a_high_tier_is_asked_before_the_rest() {
    let mut high = sample::bot();
    high["id"] = json!("fedcba987654");
    high["name"] = json!("zz-rates-people");
    high["classification"]["indicated"] = json!("high");
    high["classification"]["ceiling"] = json!("high");
    high["classification"]["questions"] = json!([
        { "rule": "use.generative", "question": "Do people see it?", "who": "Product owner", "if_yes": "Stays limited." },
        { "rule": "data.biometric", "question": "Are faces read?", "who": "Product owner", "if_yes": "High." },
    ]);
    let inventory = sample::inventory(vec![sample::bot(), high]);
    let tasks = tasks::of(&View::of(&inventory, None));
    let at = |id: &str| {
        tasks
            .iter()
            .position(|task| task.id == id)
            .unwrap_or_else(|| panic!("{id} is there"))
    };
    let asked = at("T-fedcba98-question-data.biometric");
    assert_eq!(tasks[asked].priority, tasks::Priority::Second);
    assert!(asked < at("T-fedcba98-users") && at("T-fedcba98-users") < at("T-01234567-users"));
    assert_eq!(tasks[at("T-fedcba98-question-use.generative")].priority, tasks::Priority::Third);
}

#[test]
fn an_empty_inventory_gives_documents_that_say_so() {
    let inventory = sample::inventory(Vec::new());
    let documents = all(&inventory);
    assert_eq!(documents.len(), 19);
    let text: String = documents.iter().flat_map(texts).collect();
    assert!(text.contains("The inventory holds 0 AI systems"));
}

/// The words of a text that could have been made up: those with a digit, or of more than three letters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 3 || word.contains(|c: char| c.is_ascii_digit()))
}

/// Everything that this room, the rules and the words of evidence say by themselves.
fn own() -> BTreeSet<String> {
    let sources = [
        include_str!("../found.rs"),
        include_str!("../found/origin.rs"),
        include_str!("../found/risk.rs"),
        include_str!("../seen.rs"),
        include_str!("../record.rs"),
        include_str!("../lib.rs"),
        include_str!("../risks.rs"),
        include_str!("../controls.rs"),
        include_str!("../tasks.rs"),
        include_str!("../documents.rs"),
        include_str!("parts.rs"),
        include_str!("system.rs"),
        include_str!("organisation.rs"),
        include_str!("overview.rs"),
        include_str!("review.rs"),
        include_str!("suppliers.rs"),
    ];
    let rules = format!("{:?}", governance());
    let kinds = evidence::ComponentKind::ALL.map(evidence::ComponentKind::label).join(" ");
    let labels = "CODEOWNERS manifest author evidence lines declared referenced invoked configured deployed used docs example test runtime medium high limited minimal unknown stop models datasets packages";
    sources
        .into_iter()
        .chain([rules.as_str(), kinds.as_str(), labels, inventory::classify::NOTICE])
        .flat_map(words)
        .map(str::to_owned)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every value in a document is the inventory's, a person's or the rules': nothing is made up.
    #[test]
    fn nothing_is_made_up(
        name in "[a-z]{4,9}[0-9]{3}", model in "[a-z]{4,9}-[0-9]{4}", tool in "[a-z]{5,9}_[a-z]{5,9}", folder in "[a-z]{5,8}/[a-z]{5,8}",
        owner in "@[a-z]{5,8}/[a-z]{5,8}", answer in "[A-Z][a-z]{5,9} [a-z]{5,9}[0-9]{3}", kind in 0usize..16, authors in 0usize..40,
    ) {
        let mut bot = sample::bot();
        let kind = evidence::ComponentKind::ALL[kind].as_str();
        bot["name"] = json!(name);
        bot["folder"] = json!(folder);
        bot["owners"][0]["name"] = json!(owner);
        bot["people"]["authors"] = json!(authors);
        bot["components"].as_array_mut().expect("a list").extend([
            sample::component("model", &model, None, &json!({ "base-model": "llama-3", "license": "apache-2.0" })),
            sample::component("tool", &tool, None, &json!({ "capability": "shell" })),
            sample::component(kind, &format!("{model}x"), Some("openai"), &json!({})),
        ]);
        bot["standing"] = json!({ "field/purpose": sample::held(&answer) });
        let inventory = sample::inventory(vec![bot]);
        let known: BTreeSet<String> = own()
            .into_iter()
            .chain(words(&serde_json::to_string(&inventory).expect("JSON")).map(str::to_owned))
            // Vendors by the names and addresses of the catalog.
            .chain(["openai", "langfuse"].iter().filter_map(|id| crate::seen::provider(id)).flat_map(|provider| {
                words(&format!("{} {} {:?} {:?}", provider.name, provider.homepage, provider.jurisdiction, provider.company)).map(str::to_owned).collect::<Vec<_>>()
            }))
            .collect();
        for document in all(&inventory) {
            for text in texts(&document) {
                for word in words(&text) {
                    // Counts are told in digits of their own, plurals and days are built of known words.
                    let is_count = word.len() < 4 && word.chars().all(|c| c.is_ascii_digit());
                    let singular = word.strip_suffix('s').unwrap_or(word).to_lowercase();
                    prop_assert!(
                        is_count || known.contains(word) || known.iter().any(|known| known.to_lowercase() == singular || known.starts_with(word)),
                        "{}: `{word}` of `{text}` is nowhere in the inventory, the register or the rules",
                        document.title()
                    );
                }
            }
        }
    }
}
