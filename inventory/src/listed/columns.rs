//! Which column of a list holds what: by its heading, or by a mapping that a person gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rules::columns::{Column, columns, heading};
use rules::risk::TextPlace;

use super::{Listed, Passage};

/// Rows above the headings: titles and instructions.
const MOST_ABOVE: usize = 15;

/// What is wrong with the headings or a row of a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ColumnError {
    /// The row, if it is one row's fault.
    pub row: Option<usize>,
    /// The number of the column, from 0.
    pub column: Option<usize>,
    /// What is wrong and what to do, without a full stop.
    pub what: String,
}

/// Which headings a person says hold which field: `purpose = ["Zweck", "Nutzen"]`.
pub type Mapping = BTreeMap<String, Vec<String>>;

/// The columns of a list.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The row of the headings.
    pub row: usize,
    /// What a person should know of how they were understood.
    pub notes: Vec<String>,
    headings: Vec<Arc<str>>,
    id: Option<usize>,
    name: Option<usize>,
    owner: Option<usize>,
    /// Columns whose text is read.
    read: Vec<(usize, TextPlace)>,
    /// Columns that hold a field of the record, in the order of the list.
    told: Vec<(usize, Told)>,
}

/// What a column tells of the record of a system.
#[derive(Debug, Clone)]
struct Told {
    field: String,
    /// Words that stand for the answers the field takes; empty where it takes any text.
    words: BTreeMap<String, Vec<String>>,
}

impl Columns {
    /// Finds the headings among the first rows of a list, given as numbers and cells.
    ///
    /// # Errors
    /// If no row has the headings that are needed, or they contradict each other.
    pub fn find(rows: &[(usize, Vec<String>)], mapping: &Mapping) -> Result<Self, ColumnError> {
        let known = columns();
        let fields: Vec<&str> = known.iter().map(|column| column.field.as_str()).collect();
        if let Some(stranger) = mapping.keys().find(|field| !fields.contains(&field.as_str())) {
            return Err(error(format!(
                "the mapping speaks of “{stranger}”, which is no field; the fields are {}",
                fields.join(", ")
            )));
        }
        let mut best: Option<(usize, &(usize, Vec<String>))> = None;
        for row in rows.iter().take(MOST_ABOVE) {
            let understood = understood(&row.1, &known, mapping);
            if understood > best.map_or(0, |(most, _)| most) {
                best = Some((understood, row));
            }
        }
        // Where nothing is known, what the mapping looks for is told of the first row.
        let first = rows.first().filter(|_| !mapping.is_empty()).map(|row| (0, row));
        let Some((_, (number, cells))) = best.or(first) else {
            let seen = rows.first().map_or_else(String::new, |(_, cells)| listed(cells));
            return Err(error(format!(
                "no heading is known ({seen}); the list needs a heading “name” or “purpose”, or a mapping file (--map) that names the columns"
            )));
        };
        Self::of(*number, cells, &known, mapping)
    }

    fn of(row: usize, cells: &[String], known: &[Column], mapping: &Mapping) -> Result<Self, ColumnError> {
        let read: Vec<String> = cells.iter().map(|cell| heading(cell)).collect();
        let mut columns = Self {
            row,
            notes: Vec::new(),
            headings: cells.iter().map(|cell| Arc::from(cell.as_str())).collect(),
            id: None,
            name: None,
            owner: None,
            read: Vec::new(),
            told: Vec::new(),
        };
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        // What a person has said goes before what headings say.
        for column in known.iter().filter(|column| mapping.contains_key(&column.field)) {
            for wanted in &mapping[&column.field] {
                let at = columns.only(row, &read, &heading(wanted))?.ok_or_else(|| ColumnError {
                    row: Some(row),
                    ..error(format!(
                        "the mapping says that “{wanted}” holds the field “{}”, but no column has that heading; the headings are {}",
                        column.field,
                        listed(cells)
                    ))
                })?;
                taken.insert(at);
                columns.take(column, at);
            }
        }
        for column in known.iter().filter(|column| !mapping.contains_key(&column.field)) {
            let mut ranked: Vec<(usize, usize)> = read
                .iter()
                .enumerate()
                .filter(|(at, _)| !taken.contains(at))
                .filter_map(|(at, heading)| Some((column.rank(heading)?, at)))
                .collect();
            ranked.sort_unstable();
            for (_, at) in ranked.iter().take(if column.single { 1 } else { usize::MAX }) {
                columns.only(row, &read, &read[*at])?;
                taken.insert(*at);
                columns.take(column, *at);
            }
        }
        if columns.name.is_none() && columns.read.iter().all(|(_, place)| *place != TextPlace::Purpose) {
            return Err(ColumnError {
                row: Some(row),
                ..error(format!(
                    "no column holds a name or a purpose (the headings are {}); name one of them “name” or “purpose”, or give a mapping file (--map)",
                    listed(cells)
                ))
            });
        }
        if columns.id.is_none() {
            columns
                .notes
                .push("no column holds identifiers; rows are named by their numbers".to_owned());
        }
        if columns.read.iter().all(|(_, place)| *place == TextPlace::Name) {
            columns
                .notes
                .push("no column holds a purpose; the tiers rest on names alone".to_owned());
        }
        Ok(columns)
    }

    /// The only column with a heading.
    fn only(&self, row: usize, read: &[String], wanted: &str) -> Result<Option<usize>, ColumnError> {
        let at: Vec<usize> = (0..read.len()).filter(|at| read[*at] == wanted).collect();
        match at[..] {
            [_, second, ..] => Err(ColumnError {
                row: Some(row),
                column: Some(second),
                what: format!(
                    "the heading “{}” stands {} times; rename or delete all but one",
                    self.headings[second],
                    at.len()
                ),
            }),
            [only] => Ok(Some(only)),
            [] => Ok(None),
        }
    }

    fn take(&mut self, column: &Column, at: usize) {
        if let Some(field) = &column.record {
            let told = Told {
                field: field.clone(),
                words: column.words.clone(),
            };
            self.told.push((at, told));
            self.told.sort_by_key(|(at, _)| *at);
        }
        match column.field.as_str() {
            "id" => self.id = Some(at),
            "owner" => self.owner = Some(at),
            "name" => {
                self.name = Some(at);
                self.read.push((at, TextPlace::Name));
            }
            _ => self.read.extend(column.place.map(|place| (at, place))),
        }
    }

    /// All headings, in the order of the list.
    #[must_use]
    pub fn headings(&self) -> Vec<String> {
        self.headings.iter().map(|heading| (**heading).to_owned()).collect()
    }

    /// The heading of a column, by number.
    #[must_use]
    pub fn heading(&self, at: usize) -> Option<&str> {
        self.headings.get(at).map(|heading| &**heading)
    }

    /// The headings whose text is read, in the order of the list.
    #[must_use]
    pub fn read(&self) -> Vec<&str> {
        let mut at: Vec<usize> = self.read.iter().map(|(at, _)| *at).chain(self.id).collect();
        at.sort_unstable();
        at.into_iter().map(|at| &*self.headings[at]).collect()
    }

    /// What a row says for the record, by field; where several columns speak of one, each with its heading.
    ///
    /// # Errors
    /// What the cells hold that is none of the answers their fields take; the rest is told all the same.
    pub fn record(&self, cells: &[String]) -> (Vec<(String, String)>, Vec<ColumnError>) {
        let mut values: Vec<(String, String)> = Vec::new();
        let mut errors = Vec::new();
        for (at, told) in &self.told {
            let cell = cells.get(*at).map_or("", String::as_str);
            let text = match told.answer(cell) {
                Ok(text) => text,
                Err(what) => {
                    errors.push(ColumnError {
                        row: None,
                        column: Some(*at),
                        what,
                    });
                    continue;
                }
            };
            let several = self.told.iter().filter(|(_, other)| other.field == told.field).count() > 1;
            let text = match (several, text.is_empty()) {
                (true, false) => format!("{}: {text}", self.headings[*at]),
                _ => text,
            };
            match values.iter_mut().find(|(field, _)| *field == told.field) {
                Some((_, before)) if before.is_empty() => *before = text,
                Some((_, before)) if !text.is_empty() => *before = format!("{before}\n{text}"),
                Some(_) => {}
                None => values.push((told.field.clone(), text)),
            }
        }
        (values, errors)
    }

    /// The column that holds a field of the record, by number.
    #[must_use]
    pub fn column_of(&self, field: &str) -> Option<usize> {
        let told = self.told.iter().find(|(_, told)| told.field == field).map(|(at, _)| *at);
        told.or_else(|| if field == "name" { self.name } else { None })
    }

    /// Whether a column holds identifiers.
    #[must_use]
    pub const fn has_ids(&self) -> bool {
        self.id.is_some()
    }

    /// A system of the list; nothing if the row says nothing.
    ///
    /// # Errors
    /// If the row has cells beyond the last heading: then its cells stand in the wrong columns.
    pub fn system(&self, list: &str, row: usize, cells: &[String]) -> Result<Option<Listed>, ColumnError> {
        if let Some(beyond) = cells.iter().skip(self.headings.len()).position(|cell| !cell.is_empty()) {
            return Err(ColumnError {
                row: Some(row),
                column: Some(self.headings.len() + beyond),
                what: format!(
                    "the row has {} cells, but there are {} headings; a cell that holds the delimiter must stand in quotes",
                    cells.len(),
                    self.headings.len()
                ),
            });
        }
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let passages: Vec<Passage> = self
            .read
            .iter()
            .filter(|(at, _)| !cell(*at).is_empty())
            .map(|(at, place)| Passage::of(*place, self.headings[*at].clone(), cell(*at)))
            .collect();
        let text = |at: Option<usize>| at.map(cell).unwrap_or_default().to_owned();
        let id = text(self.id);
        if passages.is_empty() && id.is_empty() {
            return Ok(None);
        }
        Ok(Some(Listed {
            list: list.to_owned(),
            row,
            id: if id.is_empty() { format!("row {row}") } else { id },
            name: text(self.name),
            owner: text(self.owner),
            passages,
        }))
    }
}

impl Told {
    /// A cell as the record holds it, or what is wrong with it.
    fn answer(&self, cell: &str) -> Result<String, String> {
        if self.words.is_empty() || cell.is_empty() {
            return Ok(cell.to_owned());
        }
        // Forms number their answers and explain them: `b) Pilot – in limited use`.
        let unnumbered = cell
            .split_once(')')
            .filter(|(number, _)| number.len() <= 2)
            .map_or(cell, |(_, rest)| rest);
        let word = unnumbered.split(['–', '—', ':', '(', '\n']).next().unwrap_or(unnumbered);
        let before_dash = word.split_once(" - ").map_or(word, |(word, _)| word);
        for read in [cell, unnumbered, before_dash].map(heading) {
            let fits = |(answer, words): &(&String, &Vec<String>)| heading(answer) == read || words.contains(&read);
            if let Some((answer, _)) = self.words.iter().find(fits) {
                return Ok(answer.clone());
            }
        }
        let answers: Vec<&str> = self.words.keys().map(String::as_str).collect();
        Err(format!("“{cell}” is none of {}", answers.join(", ")))
    }
}

fn error(what: String) -> ColumnError {
    ColumnError {
        row: None,
        column: None,
        what,
    }
}

/// How many of the cells are headings that are known, those that are needed counting more.
fn understood(cells: &[String], known: &[Column], mapping: &Mapping) -> usize {
    let mapped: BTreeSet<String> = mapping.values().flatten().map(|wanted| heading(wanted)).collect();
    cells
        .iter()
        .map(|cell| heading(cell))
        .filter(|cell| !cell.is_empty())
        .map(|cell| {
            let fits = known.iter().find(|column| column.rank(&cell).is_some());
            match fits.map(|column| column.field.as_str()) {
                Some("name" | "purpose") => 3,
                Some(_) => 1,
                None => 3 * usize::from(mapped.contains(&cell)),
            }
        })
        .sum()
}

fn listed(cells: &[String]) -> String {
    const MOST: usize = 30;
    let shown: Vec<String> = cells
        .iter()
        .filter(|cell| !cell.is_empty())
        .take(MOST)
        .map(|cell| format!("“{}”", cell.chars().take(40).collect::<String>()))
        .collect();
    if shown.is_empty() {
        "the first row is empty".to_owned()
    } else {
        shown.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[&str]) -> Vec<(usize, Vec<String>)> {
        text.iter()
            .enumerate()
            .map(|(number, row)| (number + 1, row.split(';').map(str::to_owned).collect()))
            .collect()
    }

    fn found(text: &[&str]) -> Result<Columns, String> {
        Columns::find(&rows(text), &Mapping::new()).map_err(|error| error.what)
    }

    fn mapped(text: &[&str], mapping: &[(&str, &str)]) -> Result<Columns, String> {
        let mapping = mapping
            .iter()
            .map(|(field, heading)| ((*field).to_owned(), vec![(*heading).to_owned()]))
            .collect();
        Columns::find(&rows(text), &mapping).map_err(|error| error.what)
    }

    #[test]
    fn headings_are_known_in_five_languages_and_any_order() {
        for headings in [
            "id;name;purpose;outputs;owner;personal data",
            "Personal_Data;Purpose;ID;Name;Outputs",
            "Nr.;Bezeichnung;Zweckbestimmung;Ergebnisse;Personenbezogene Daten",
            "Identifiant;Nom du système;Finalité;Résultats;Données personnelles",
            "Código;Nombre del sistema;Finalidad;Resultados;Datos personales",
            "Kenmerk;Naam;Doel;Uitkomsten;Persoonsgegevens",
            "id;use_case_name;problem_solved;benefits;system_outputs;has_pii",
            "Use Case Name;What is the intended purpose and expected benefits of the AI?;Describe the AI system’s outputs.",
        ] {
            let columns = found(&[headings]).expect(headings);
            assert!(columns.read.iter().any(|(_, place)| *place == TextPlace::Name), "{headings}");
            assert!(columns.read.iter().any(|(_, place)| *place == TextPlace::Purpose), "{headings}");
            assert!(columns.read.iter().any(|(_, place)| *place == TextPlace::Outputs), "{headings}");
        }
    }

    #[test]
    fn titles_above_the_headings_are_passed_over() {
        let columns = found(&["Register of AI systems 2026", "Fill in every row", "ID;Name;Purpose"]).expect("found");
        assert_eq!(columns.row, 3);
    }

    #[test]
    fn what_somebody_already_decided_is_not_read() {
        let columns = found(&["id;name;purpose;risk tier;label;is_high_impact"]).expect("found");
        assert_eq!(columns.read(), ["id", "name", "purpose"]);
    }

    #[test]
    fn what_is_missing_or_repeated_is_named_with_what_to_do() {
        for (headings, said) in [
            ("a;b;c", "no heading is known"),
            ("id;owner;stage", "no column holds a name or a purpose"),
            ("id;name;purpose;Purpose", "“Purpose” stands 2 times"),
            ("", "the first row is empty"),
        ] {
            let error = found(&[headings]).expect_err(headings);
            assert!(error.contains(said), "{error}");
        }
        let columns = found(&["name;owner;owner"]).map(|_| ());
        assert!(columns.expect_err("twice").contains("“owner” stands 2 times"));
        assert!(found(&["id;name;purpose;x;x"]).is_ok(), "what is not read may stand twice");
        let notes = found(&["name"]).expect("found").notes;
        assert!(notes[0].contains("identifiers") && notes[1].contains("names alone"), "{notes:?}");
    }

    #[test]
    fn a_mapping_goes_before_headings() {
        let columns = mapped(&["id;name;Bemerkung;purpose"], &[("purpose", "Bemerkung")]).expect("found");
        assert_eq!(columns.read(), ["id", "name", "Bemerkung"]);
        assert!(mapped(&["a;b"], &[("name", "A"), ("purpose", "b")]).is_ok());
        for (mapping, said) in [(("purpos", "b"), "no field"), (("purpose", "c"), "no column has that heading")] {
            let error = mapped(&["name;b"], &[mapping]).expect_err(said);
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn rows_become_systems() {
        let columns = found(&["id;name;purpose;has_pii"]).expect("found");
        let cells = |row: &str| row.split(';').map(str::to_owned).collect::<Vec<_>>();
        let system = columns
            .system("reg.csv", 2, &cells("7;Bot;Answers;Yes"))
            .expect("fits")
            .expect("says something");
        assert_eq!((system.id.as_str(), system.name.as_str(), system.row), ("7", "Bot", 2));
        assert_eq!(system.passages.last().expect("data").text, "has pii Yes");
        let system = columns.system("reg.csv", 3, &cells(";Bot")).expect("fits").expect("says something");
        assert_eq!(system.id, "row 3");
        assert_eq!(columns.system("reg.csv", 4, &cells(";;;")), Ok(None));
        assert!(
            columns.system("reg.csv", 5, &cells("1;a;b;c;;")).expect("fits").is_some(),
            "empty cells are nothing"
        );
        let error = columns.system("reg.csv", 6, &cells("1;a;b;c;d")).expect_err("shifted");
        assert_eq!((error.row, error.column), (Some(6), Some(4)));
    }
}
