//! What projects say about themselves, by the unit that says it.

use std::collections::BTreeMap;

use evidence::{Evidence, Statement, Usage, Voice, is_vendored_path};

use super::units::{Boundaries, enclosing, folder};

/// Statements that a system keeps.
const MOST: usize = 60;

/// A README speaks for units below it that have none of their own, while they are so few that they are one thing.
const MOST_BELOW_ONE: usize = 4;

/// Folders in which projects keep their entries in a catalogue.
const ENTRIES_IN: [&str; 2] = [".backstage", ".github"];

/// Folders in which projects keep pages that speak for the folder around them.
const KEPT_IN: [&str; 3] = [".github", "docs", ".gitlab"];

/// Statements by the folder of the unit that they are about.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Those of READMEs, by the folder that the README stands in.
    pages: BTreeMap<String, Vec<Statement>>,
    /// Pages of which it matters that they exist, by the folder they speak for.
    kept: BTreeMap<(Voice, String), Vec<Statement>>,
    /// Tags of resources, by unit.
    tags: BTreeMap<String, Vec<Statement>>,
    /// Entries of software catalogues, by the folder they speak for.
    entries: BTreeMap<String, Vec<Statement>>,
    /// All others, by unit.
    inside: BTreeMap<String, Vec<Statement>>,
}

impl Said {
    /// Sorts statements by what they are about; tests, examples and other people's code say nothing about the unit.
    pub(super) fn of(statements: Vec<Statement>, boundaries: &Boundaries) -> Self {
        let mut said = Self::default();
        for statement in statements {
            let path = statement.location.path.as_str();
            if matches!(statement.voice, Voice::Introduction | Voice::Readme) {
                let speaks_for = speaks_for(path, &ENTRIES_IN[..1]).to_owned();
                said.pages.entry(speaks_for).or_default().push(statement);
            } else if statement.voice.is_page() {
                let speaks_for = speaks_for(path, &KEPT_IN).to_owned();
                said.kept.entry((statement.voice, speaks_for)).or_default().push(statement);
            } else if Usage::of_path(path) == Usage::Runtime && !is_vendored_path(path) {
                if statement.voice == Voice::Entry {
                    let speaks_for = speaks_for(path, &ENTRIES_IN).to_owned();
                    said.entries.entry(speaks_for).or_default().push(statement);
                    continue;
                }
                let unit = boundaries.folder_of(path).to_owned();
                let kind = if statement.voice == Voice::Tag {
                    &mut said.tags
                } else {
                    &mut said.inside
                };
                kind.entry(unit).or_default().push(statement);
            }
        }
        said
    }

    /// The tags of resources that stand in a unit.
    pub(super) fn tags(&self, unit: &str) -> &[Statement] {
        self.tags.get(unit).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the catalogue says about a unit: in the nearest folder with an entry around all of its evidence, which may lie deeper than
    /// where the unit begins.
    pub(super) fn entries(&self, unit: &str, evidence: &[Evidence]) -> &[Statement] {
        if self.entries.is_empty() {
            return &[];
        }
        let mut folders = evidence.iter().map(|seen| folder(&seen.location.path));
        let first = folders.next().unwrap_or(unit);
        let common = folders.fold(first, |common, folder| {
            let mut around = std::iter::once(common).chain(enclosing(common));
            around.find(|outer| is_within(folder, outer)).unwrap_or_default()
        });
        let deepest = if is_within(common, unit) { common } else { unit };
        let mut around = std::iter::once(deepest).chain(enclosing(deepest));
        let nearest = around.find_map(|folder| self.entries.get(folder));
        nearest.map(Vec::as_slice).unwrap_or_default()
    }

    /// What is said about the unit of a folder, of so many that are systems; in the order of places.
    pub(super) fn about(&self, unit: &str, systems: usize) -> Vec<Statement> {
        let around = if systems <= MOST_BELOW_ONE { usize::MAX } else { 0 };
        let page = std::iter::once(unit)
            .chain(enclosing(unit).take(around))
            .find_map(|folder| self.pages.get(folder));
        // Where to report holds for all that lies below; of several pages of a kind the nearest counts.
        let nearest = |voice: &Voice| {
            std::iter::once(unit)
                .chain(enclosing(unit))
                .find_map(|folder| self.kept.get(&(*voice, folder.to_owned())))
        };
        let kept = Voice::ALL.iter().filter(|voice| voice.is_page()).filter_map(nearest).flatten();
        let mut about: Vec<Statement> = page
            .into_iter()
            .chain(self.inside.get(unit))
            .flatten()
            .chain(kept)
            .cloned()
            .collect();
        about.sort();
        about.dedup();
        about.truncate(MOST);
        about
    }
}

/// The folder that a file speaks for: its own, or the one around it if projects keep such files in a folder of their own.
fn speaks_for<'p>(path: &'p str, kept_in: &[&str]) -> &'p str {
    let own = folder(path);
    let outer = kept_in.iter().find_map(|kept| {
        let outer = own.strip_suffix(kept)?;
        (outer.is_empty() || outer.ends_with('/')).then(|| outer.trim_end_matches('/'))
    });
    outer.unwrap_or(own)
}

/// Whether a folder is another one or lies in it.
fn is_within(inner: &str, outer: &str) -> bool {
    outer.is_empty()
        || inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::Location;

    fn said(voice: Voice, path: &str) -> Statement {
        Statement::of(voice, Location::new(path, 1), "says something").expect("has words")
    }

    fn about(unit: &str, systems: usize, statements: &[(Voice, &str)]) -> Vec<String> {
        let manifests = ["package.json", "apps/web/package.json", "apps/api/package.json"].map(str::to_owned);
        let boundaries = Boundaries::of(&manifests, &[], &[]);
        let statements = statements.iter().map(|(voice, path)| said(*voice, path)).collect();
        let told = Said::of(statements, &boundaries).about(unit, systems);
        told.into_iter().map(|statement| statement.location.path).collect()
    }

    #[test]
    fn a_unit_speaks_for_itself() {
        let all = [
            (Voice::Readme, "README.md"),
            (Voice::Readme, "apps/web/README.md"),
            (Voice::Readme, "apps/web/docs/README.md"),
            (Voice::Prompt, "apps/web/src/chat.ts"),
            (Voice::Schema, "apps/api/schema.prisma"),
            (Voice::Prompt, "apps/web/tests/chat.test.ts"),
            (Voice::Schema, "apps/web/node_modules/x/schema.prisma"),
        ];
        assert_eq!(about("apps/web", 3, &all), ["apps/web/README.md", "apps/web/src/chat.ts"]);
        assert_eq!(about("", 3, &all), ["README.md"]);
    }

    #[test]
    fn the_nearest_entry_around_all_evidence_speaks() {
        let manifests = ["package.json".to_owned(), "apps/web/package.json".to_owned()];
        let boundaries = Boundaries::of(&manifests, &[], &[]);
        let paths = [
            ".backstage/catalog-info.yaml",
            "apps/web/catalog-info.yaml",
            "services/rank/catalog-info.yaml",
            "examples/x/catalog-info.yaml",
        ];
        let statements = paths
            .iter()
            .map(|path| Statement::of(Voice::Entry, Location::new(*path, 1), "lifecycle = production").expect("has words"));
        let told = Said::of(statements.collect(), &boundaries);
        let about = |unit: &str, evidence: &[&str]| {
            let seen = |path: &&str| crate::sample::seen(evidence::ComponentKind::Model, "m", path);
            let evidence: Vec<Evidence> = evidence.iter().map(seen).collect();
            let entries = told.entries(unit, &evidence).iter();
            entries.map(|entry| entry.location.path.clone()).collect::<Vec<_>>()
        };
        for (unit, evidence, entry) in [
            ("apps/web", &["apps/web/src/a.ts", "apps/web/b.ts"][..], paths[1]),
            ("apps/web", &["package-lock.json"], paths[1]),
            ("", &["services/rank/a.py", "services/rank/b/c.py"], paths[2]),
            ("", &["services/rank/a.py", "services/ranking/b.py"], paths[0]),
            ("", &["examples/x/a.py"], paths[0]),
        ] {
            assert_eq!(about(unit, evidence), [entry], "{evidence:?}");
        }
    }

    #[test]
    fn where_to_report_holds_for_all_that_lies_below() {
        let all = [
            (Voice::Contact, ".github/SECURITY.md"),
            (Voice::Assessment, "apps/web/docs/dpia.md"),
        ];
        assert_eq!(about("", 40, &all), [".github/SECURITY.md"]);
        assert_eq!(about("apps/api", 40, &all), [".github/SECURITY.md"]);
        assert_eq!(about("apps/web", 40, &all), [".github/SECURITY.md", "apps/web/docs/dpia.md"]);
    }

    #[test]
    fn the_page_of_the_whole_speaks_for_few_units_without_one() {
        let all = [(Voice::Introduction, "README.md")];
        assert_eq!(about("apps/api", 2, &all), ["README.md"]);
        assert!(about("apps/api", 40, &all).is_empty());
    }
}
