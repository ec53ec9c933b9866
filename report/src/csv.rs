//! The register as CSV, one row a system, and the evidence, one row a place. Opens in a spreadsheet as it is: UTF-8 with a mark,
//! every cell quoted and on one line, lists with `|`, nothing that a spreadsheet would compute. What only people can tell has a
//! column that holds what they decided; where nobody did, it is empty and `missing` names it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use evidence::{ComponentKind as Kind, Evidence};
use inventory::{Component, Inventory, Level, System};

use crate::document;
use crate::overview::{name_of, names, strongest_first};
use crate::wording::{self, day, visible};

/// Spreadsheets cut a cell at 32,767 units of UTF-16, some into the next one.
const LONGEST_CELL: usize = 16_000;

/// What a register row should say and no scan can, the rest of the row that practice asks for at least: the column, and the field
/// of the record that people decide.
const OF_PEOPLE: [(&str, &str); 13] = [
    ("purpose", "purpose"),
    ("origin", "origin"),
    ("owner", "owner"),
    ("data_processed", "data-processed"),
    ("status", "life-cycle"),
    ("role", "eu-role"),
    ("users", "users"),
    ("affected", "affected"),
    ("oversight", "oversight"),
    ("monitoring", "monitoring"),
    ("approval", "approval"),
    ("last_review", "review-last"),
    ("next_review", "review-next"),
];

/// The columns that a scan fills, before and after those of [`OF_PEOPLE`].
const IDENTITY: [&str; 3] = ["id", "name", "description"];
const SCANNED: [&str; 24] = [
    "tier_floor",
    "tier_indicated",
    "tier_ceiling",
    "tier_rationale",
    "open_questions",
    "vendors",
    "models",
    "owner_candidates",
    "frameworks",
    "packages",
    "mcp_servers",
    "tools",
    "vector_stores",
    "datasets",
    "endpoints",
    "cloud_services",
    "stage",
    "confidence",
    "usage",
    "findings",
    "places",
    "first_seen",
    "last_seen",
    "source",
];

/// Writes the register: one row a system, by name.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::begin(
        out,
        IDENTITY
            .into_iter()
            .chain(OF_PEOPLE.map(|(column, _)| column))
            .chain(SCANNED)
            .chain(["folder", "tier_confirmed", "decide_again", "missing"]),
    )?;
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in &inventory.findings {
        if finding.accepted.is_none() && finding.level >= Level::Warning {
            open.entry(&finding.system).or_default().insert(&finding.rule);
        }
    }
    for system in document::systems(inventory) {
        table.row(register(system, open.get(system.id.as_str())))?;
    }
    Ok(())
}

/// Writes the evidence: one row a place of a component.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_evidence(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    const COLUMNS: [&str; 20] = [
        "system_id",
        "system_name",
        "component_id",
        "kind",
        "name",
        "provider",
        "version",
        "relation",
        "path",
        "line",
        "stage",
        "confidence",
        "usage",
        "vendored",
        "signature",
        "detector",
        "excerpt",
        "introduced",
        "last_touched",
        "source",
    ];
    let mut table = Table::begin(out, COLUMNS.into_iter())?;
    for system in document::systems(inventory) {
        for component in document::parts(system) {
            let mut places: Vec<&Evidence> = component.evidence.iter().collect();
            strongest_first(&mut places);
            for seen in places {
                table.row(place(system, component, seen))?;
            }
        }
    }
    Ok(())
}

/// The row of a system; `open` are the rules with findings that nobody accepted.
fn register<'a>(system: &'a System, open: Option<&BTreeSet<&str>>) -> Vec<Cow<'a, str>> {
    let tier = &system.classification;
    let of = |kind: Kind| Cow::Owned(list(names(system, kind)));
    let strongest = |pick: fn(&Component) -> &'static str, rank: fn(&Component) -> u8| {
        let strongest = system.components.iter().max_by_key(|component| rank(component));
        Cow::Borrowed(strongest.map_or("", pick))
    };
    let mut models: BTreeSet<&str> = names(system, Kind::Model).into_iter().collect();
    models.extend(names(system, Kind::ModelFile));
    let mut frameworks: BTreeSet<&str> = names(system, Kind::AgentFramework).into_iter().collect();
    frameworks.extend(names(system, Kind::Framework));
    let reasons = tier.reasons.iter().map(|reason| format!("{} ({})", reason.because, reason.effect));
    let questions = tier.questions.iter().map(|open| format!("{} ({})", open.question, open.who));
    let owners = system
        .owners
        .iter()
        .map(|owner| format!("{} ({})", owner.name, wording::standing(owner)));
    let undecided = OF_PEOPLE
        .iter()
        .filter(|(_, field)| system.standing.held(&format!("field/{field}")).is_none());
    let missing: Vec<&str> = undecided.map(|(column, _)| *column).collect();
    let open_again = system.standing.decisions.iter().filter(|(_, held)| !held.stands());
    let reopened: Vec<&str> = open_again.map(|(subject, _)| subject.as_str()).collect();
    let places: usize = system.components.iter().map(|component| component.places).sum();
    let mut row: Vec<Cow<'_, str>> = vec![
        system.id.as_str().into(),
        name_of(system).into(),
        system.description.as_deref().unwrap_or_default().into(),
    ];
    let decided = |field: &str| {
        system
            .standing
            .held(&format!("field/{field}"))
            .map_or("", |held| held.value.as_str())
    };
    row.extend(OF_PEOPLE.map(|(_, field)| Cow::Borrowed(decided(field))));
    row.extend([
        tier.floor.to_string().into(),
        tier.indicated.to_string().into(),
        tier.ceiling.to_string().into(),
        list(reasons).into(),
        list(questions).into(),
        list(system.providers()).into(),
        list(models).into(),
        list(owners).into(),
        list(frameworks).into(),
        of(Kind::Package),
        of(Kind::McpServer),
        of(Kind::Tool),
        of(Kind::VectorDb),
        of(Kind::Dataset),
        of(Kind::Endpoint),
        of(Kind::CloudService),
        strongest(|one| one.stage.as_str(), |one| one.stage as u8),
        strongest(|one| one.confidence.as_str(), |one| one.confidence as u8),
        strongest(|one| one.usage.as_str(), |one| one.usage as u8),
        list(open.into_iter().flatten()).into(),
        places.to_string().into(),
        day(system.first_seen.as_deref().unwrap_or_default()).into(),
        day(system.last_seen.as_deref().unwrap_or_default()).into(),
        system.source.as_str().into(),
        system.folder.as_str().into(),
        system.confirmed_tier().map_or("", |tier| tier.as_str()).into(),
        list(reopened).into(),
        list(missing).into(),
    ]);
    row
}

fn place<'a>(system: &'a System, component: &'a Component, seen: &'a Evidence) -> Vec<Cow<'a, str>> {
    let text = |text: &'a Option<String>| Cow::Borrowed(text.as_deref().unwrap_or_default());
    vec![
        system.id.as_str().into(),
        name_of(system).into(),
        component.id.as_str().into(),
        component.kind.as_str().into(),
        seen.name.as_str().into(),
        text(&seen.provider),
        text(&seen.version),
        seen.relation.map_or("", evidence::Relation::as_str).into(),
        seen.location.path.as_str().into(),
        seen.location.line.map(|line| line.to_string()).unwrap_or_default().into(),
        seen.stage.as_str().into(),
        seen.confidence.as_str().into(),
        seen.usage.as_str().into(),
        if seen.vendored { "yes" } else { "no" }.into(),
        seen.signature.as_str().into(),
        seen.detector.as_str().into(),
        seen.excerpt.as_ref().map_or("", |excerpt| excerpt.as_str()).into(),
        component.introduced.as_ref().map(wording::moment).unwrap_or_default().into(),
        component.last_touched.as_ref().map(wording::moment).unwrap_or_default().into(),
        system.source.as_str().into(),
    ]
}

/// Several things in one cell; a bar within a name is written `\|`.
pub(crate) fn list<T: AsRef<str>>(things: impl IntoIterator<Item = T>) -> String {
    let mut out = String::new();
    for thing in things {
        if !out.is_empty() {
            out.push('|');
        }
        out.push_str(&thing.as_ref().replace('|', "\\|"));
    }
    out
}

/// Text as a cell may hold it: on one line, without what steers, no longer than a spreadsheet takes.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    match text.char_indices().nth(LONGEST_CELL) {
        None => text,
        Some((end, _)) => Cow::Owned(format!("{}… (cut)", &text[..end])),
    }
}

/// Whether a spreadsheet would take the text for something to compute.
pub(crate) fn computes(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || rounds(text)
}

/// Whether a spreadsheet would take a name for a number and keep only its first digits: `515e46`, `123456789012`.
fn rounds(text: &str) -> bool {
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.trim().split_once(['e', 'E']) {
        Some((number, power)) => are_digits(number) && are_digits(power),
        None => text.len() >= 12 && are_digits(text.trim()),
    }
}

/// Rows of quoted cells (RFC 4180).
pub(crate) struct Table<'o> {
    out: &'o mut dyn Write,
}

impl<'o> Table<'o> {
    /// Writes the mark by which spreadsheets know UTF-8, and the names of the columns.
    pub(crate) fn begin<'n>(out: &'o mut dyn Write, names: impl Iterator<Item = &'n str>) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut table = Self { out };
        table.row(names.map(Cow::Borrowed).collect())?;
        Ok(table)
    }

    /// Writes cells as they are, with the lines in them; whoever calls has seen to what a spreadsheet would compute.
    pub(crate) fn as_they_are<'c>(&mut self, cells: impl Iterator<Item = Cow<'c, str>>) -> io::Result<()> {
        let quoted: Vec<String> = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        write!(self.out, "{}\r\n", quoted.join(","))
    }

    pub(crate) fn row(&mut self, cells: Vec<Cow<'_, str>>) -> io::Result<()> {
        let mut line = String::new();
        for cell in cells {
            if !line.is_empty() {
                line.push(',');
            }
            let cell = plain(&cell);
            line.push('"');
            if computes(&cell) {
                line.push('\'');
            }
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        }
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sample;

    /// A reader of its own: quoted cells, doubled quotes, CRLF.
    fn read(text: &str) -> Vec<Vec<String>> {
        let text = text.strip_prefix('\u{feff}').expect("the mark");
        let mut rows = Vec::new();
        for line in text.split_terminator("\r\n") {
            assert!(!line.contains(['\r', '\n']), "{line}");
            let inner = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).expect("quoted");
            // A quote within a cell is doubled, so this stands between cells only.
            let mut cells = vec![String::new()];
            let mut rest = inner;
            while let Some(at) = rest.find('"') {
                cells.last_mut().expect("one").push_str(&rest[..at]);
                if let Some(after) = rest[at..].strip_prefix("\"\"") {
                    cells.last_mut().expect("one").push('"');
                    rest = after;
                } else {
                    rest = rest[at..]
                        .strip_prefix("\",\"")
                        .unwrap_or_else(|| panic!("a stray quote in {line}"));
                    cells.push(String::new());
                }
            }
            cells.last_mut().expect("one").push_str(rest);
            rows.push(cells);
        }
        rows
    }

    fn table(inventory: &Inventory, evidence: bool) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        if evidence {
            write_evidence(inventory, &mut out)
        } else {
            write(inventory, &mut out)
        }
        .expect("written");
        read(&String::from_utf8(out).expect("text"))
    }

    fn cell<'t>(table: &'t [Vec<String>], name: &str, column: &str) -> &'t str {
        let at = table[0].iter().position(|known| known == column).expect("a column");
        let row = table.iter().find(|row| row[1] == name).expect("a system");
        &row[at]
    }

    #[test]
    fn every_system_is_a_row_and_every_row_has_every_column() {
        let inventory = sample::inventory();
        let table = table(&inventory, false);
        assert_eq!(table.len(), inventory.systems.len() + 1);
        assert!(table.iter().all(|row| row.len() == table[0].len()));
        let names: BTreeSet<&String> = table[0].iter().collect();
        assert_eq!(names.len(), table[0].len());
        assert_eq!(&table[0][..4], ["id", "name", "description", "purpose"]);
        assert_eq!(cell(&table, "support-bot", "vendors"), "anthropic|openai");
        assert_eq!(cell(&table, "support-bot", "models"), "claude-sonnet-4-5|gpt-4o-2024-08-06");
        assert_eq!(cell(&table, "support-bot", "tier_ceiling"), "high");
        assert_eq!(cell(&table, "support-bot", "first_seen"), "2026-09-02");
        assert_eq!(cell(&table, "support-bot", "findings"), "hard-coded-credential");
        assert!(cell(&table, "support-bot", "tier_rationale").contains("is called at run time"));
        assert_eq!(
            cell(&table, "hr-screening", "models"),
            "sentence-transformers/all-mpnet-base-v2|shortlist.onnx"
        );
    }

    #[test]
    fn what_people_must_say_is_empty_and_named() {
        let table = table(&sample::inventory(), false);
        for (column, field) in OF_PEOPLE {
            assert!(governance::fields().iter().any(|known| known.id == field), "{field}");
            assert_eq!(cell(&table, "support-bot", column), "", "{column}");
        }
        assert_eq!(cell(&table, "support-bot", "missing").split('|').count(), OF_PEOPLE.len());
        assert!(cell(&table, "support-bot", "owner_candidates").starts_with("'@acme/support-engineering (CODEOWNERS"));
    }

    #[test]
    fn every_place_is_a_row() {
        let inventory = sample::inventory();
        let table = table(&inventory, true);
        let places: usize = inventory
            .systems
            .iter()
            .flat_map(|system| &system.components)
            .map(|component| component.evidence.len())
            .sum();
        assert_eq!(table.len(), places + 1);
        assert!(table.iter().all(|row| row.len() == table[0].len()));
    }

    #[test]
    fn nothing_computes_and_nothing_steers() {
        for evidence in [false, true] {
            for row in table(&sample::hostile(), evidence) {
                for cell in row {
                    assert!(!computes(&cell) && !cell.contains(wording::steers), "{cell:?}");
                }
            }
        }
        assert_eq!(table(&sample::empty(), false).len(), 1);
    }

    #[test]
    fn lists_can_be_taken_apart_again_and_long_cells_are_cut() {
        assert_eq!(list(["a|b", "c"]), "a\\|b|c");
        assert_eq!(list(Vec::<String>::new()), "");
        let long = "é".repeat(40_000);
        let cut = plain(&long);
        assert!(cut.chars().count() < 16_100 && cut.ends_with("… (cut)"));
        for harmless in ["a=b", "gpt-4o", "", "'=1"] {
            assert!(!computes(harmless), "{harmless}");
        }
        for number in ["515e46000000", "1E5", "123456789012"] {
            assert!(computes(number), "{number}");
        }
        for harmless in ["515e4600000a", "e46", "12", "1.10", "2026-11-20"] {
            assert!(!computes(harmless), "{harmless}");
        }
        for formula in ["=1+1", " =1", "\t@SUM(A1)", "+1", "-1", "＝1"] {
            assert!(computes(formula), "{formula}");
        }
    }

    proptest! {
        #[test]
        fn whatever_things_are_called_a_row_is_a_row(name in "(?s).{0,40}|[=+@-]cmd\\|.{0,9}|[\"',;|\r\n]{0,9}") {
            let mut inventory = sample::inventory();
            let system = &mut inventory.systems[0];
            (system.name, system.folder, system.description) = (name.clone(), name.clone(), Some(name.clone()));
            system.components[0].name.clone_from(&name);
            system.components[0].evidence[0].name.clone_from(&name);
            system.components[0].evidence[0].location.path.clone_from(&name);
            for evidence in [false, true] {
                let table = table(&inventory, evidence);
                prop_assert!(table.iter().all(|row| row.len() == table[0].len()));
                prop_assert!(table.iter().flatten().all(|cell| !computes(cell) && !cell.contains(wording::steers)));
            }
        }
    }
}
