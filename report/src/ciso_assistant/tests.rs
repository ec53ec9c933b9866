use std::collections::BTreeSet;
use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::sample;
use crate::wording::steers;

fn file(inventory: &Inventory, name: &str) -> Vec<u8> {
    let (_, writer) = FILES.iter().find(|(known, _)| *known == name).expect("a file");
    let mut out = Vec::new();
    writer(inventory, &mut out).expect("written");
    out
}

/// A part of a workbook as its XML.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).expect("a workbook");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

fn column(sheet: &Sheet, name: &str) -> Vec<String> {
    let at = sheet.columns.iter().position(|known| *known == name).expect("a column");
    sheet.rows.iter().map(|row| row[at].clone()).collect()
}

fn row<'s>(sheet: &'s Sheet, name: &str) -> &'s [String] {
    sheet.rows.iter().find(|row| row[1] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn all(inventory: &Inventory) -> Vec<Sheet> {
    let mut sheets = vec![rows::assets(inventory), rows::findings(inventory), rows::risks(inventory)];
    sheets.extend(rows::third_parties(inventory));
    sheets
}

#[test]
fn every_row_has_every_column_a_name_and_a_reference_of_its_own() {
    for inventory in [sample::inventory(), sample::hostile(), sample::empty(), sample::large(50)] {
        for sheet in all(&inventory) {
            assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()), "{}", sheet.name);
            for column in [0, 1] {
                let values: Vec<String> = sheet.rows.iter().map(|row| row[column].to_lowercase()).collect();
                let distinct: BTreeSet<&String> = values.iter().collect();
                assert_eq!(distinct.len(), values.len(), "{} {}", sheet.name, sheet.columns[column]);
                assert!(values.iter().all(|value| !value.trim().is_empty() && value.chars().count() <= 200));
            }
        }
    }
}

#[test]
fn systems_are_primary_assets_and_what_they_stand_on_supports_them() {
    let inventory = sample::inventory();
    let assets = rows::assets(&inventory);
    let support = row(&assets, "support-bot");
    assert_eq!(
        &support[4..7],
        [
            "PR",
            "assetClassSoftware/assetClassApplications",
            "ai-system|tier-floor-limited|tier-ceiling-high"
        ]
    );
    assert_eq!(support[8], "https://git.example.com/acme/platform");
    assert!(support[9].contains("limited … high") && support[9].contains("Do customers talk to it directly?"));
    let model = row(&assets, "claude-sonnet-4-5");
    assert_eq!((model[4].as_str(), model[7].as_str()), ("SP", support[0].as_str()));
    assert_eq!(row(&assets, "applicants_2019_2024.parquet")[5], "assetClassData");
    assert!(
        !assets.rows.iter().any(|row| row[1] == "openai_api_key"),
        "credentials are no assets"
    );
    let references: BTreeSet<String> = column(&assets, "ref_id").into_iter().collect();
    for parents in column(&assets, "parent_assets").iter().filter(|parents| !parents.is_empty()) {
        assert!(parents.split('|').all(|parent| references.contains(parent)));
    }
}

#[test]
fn vendors_are_third_parties_unless_one_runs_their_software_oneself() {
    let mut inventory = sample::inventory();
    for component in inventory.systems.iter_mut().flat_map(|system| &mut system.components) {
        if component.name == "huggingface" {
            component.facts.insert("vendor".into(), "project".into());
        }
    }
    let [entities, solutions, contracts, people] = rows::third_parties(&inventory);
    assert_eq!(column(&entities, "name"), ["anthropic", "google-gemini", "openai"]);
    assert_eq!(row(&solutions, "gpt-4o-2024-08-06")[3], row(&entities, "openai")[0]);
    assert!(column(&solutions, "criticality").iter().all(String::is_empty));
    assert!(contracts.rows.is_empty() && people.rows.is_empty());
    let file = file(&inventory, "third_parties.xlsx");
    let workbook = part(&file, "xl/workbook.xml");
    for name in ["Entities", "Solutions", "Contracts", "Representatives"] {
        assert!(workbook.contains(&format!("name=\"{name}\"")));
    }
}

#[test]
fn findings_and_risks_point_at_assets_and_decide_nothing() {
    let inventory = sample::inventory();
    let references: BTreeSet<String> = column(&rows::assets(&inventory), "ref_id").into_iter().collect();
    let findings = rows::findings(&inventory);
    assert_eq!(column(&findings, "severity"), ["high", "medium"]);
    assert_eq!(column(&findings, "status"), ["identified", "dismissed"]);
    assert!(column(&findings, "asset").iter().all(|asset| references.contains(asset)));
    let risks = rows::risks(&inventory);
    assert!(risks.rows.len() >= 5 && risks.rows.iter().all(|row| row[3..14].iter().all(String::is_empty)));
    assert!(column(&risks, "treatment").iter().all(|treatment| treatment == "open"));
    assert!(column(&risks, "assets").iter().all(|asset| references.contains(asset)));
    assert!(risks.rows.iter().any(|row| row[2].contains("EU AI Act, Article 5(1)(f)")));
    // That only coding assistants are there, which caps the tier, is no risk.
    assert!(!risks.rows.iter().any(|row| row[1].contains("coding assistants")));
}

#[test]
fn references_stay_when_lines_move_and_files_are_the_same_again() {
    let inventory = sample::inventory();
    let mut moved = inventory.clone();
    moved.findings[0].evidence[0].location.line = Some(4711);
    moved.systems.reverse();
    assert_eq!(
        column(&rows::findings(&moved), "ref_id"),
        column(&rows::findings(&inventory), "ref_id")
    );
    assert_eq!(column(&rows::assets(&moved), "ref_id"), column(&rows::assets(&inventory), "ref_id"));
    for (name, _) in FILES {
        assert_eq!(file(&inventory, name), file(&inventory, name));
    }
}

#[test]
fn cells_are_text_and_never_formulas() {
    let mut inventory = sample::hostile();
    inventory.systems[0].name = "=cmd|' /C calc'!A0".into();
    for (name, _) in FILES {
        let bytes = file(&inventory, name);
        assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("<f>"), "{name}");
    }
    let strings = part(&file(&inventory, "assets.xlsx"), "xl/sharedStrings.xml");
    assert!(strings.contains("=cmd|") && !strings.contains(|c: char| steers(c) && c != '\n'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_things_are_called_the_files_are_written(name in "(?s).{0,40}|\\PC{9000,10000}|[=+@-]cmd\\|.{0,9}") {
        let mut inventory = sample::inventory();
        for system in &mut inventory.systems {
            system.name.clone_from(&name);
            system.components[0].name.clone_from(&name);
            system.components[0].provider = Some(name.clone());
        }
        inventory.findings[0].rule.clone_from(&name);
        inventory.findings[0].message.clone_from(&name);
        for sheet in all(&inventory) {
            for column in [0, 1] {
                let distinct: BTreeSet<String> = sheet.rows.iter().map(|row| row[column].to_lowercase()).collect();
                prop_assert_eq!(distinct.len(), sheet.rows.len());
            }
        }
        for (file_name, _) in FILES {
            prop_assert!(!file(&inventory, file_name).is_empty());
        }
    }
}
