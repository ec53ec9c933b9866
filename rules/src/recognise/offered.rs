//! Lists of models to choose from: price lists, registries, pickers. What only stands in one is offered, not used.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Location, Stage, fact};

/// A file that names more models than this is a list of what there is: nobody uses that many in one place.
const MOST_USED: usize = 40;
/// A name that more values of the file have is a column of the list, and no setting.
const MOST_OF_A_SETTING: usize = 2;

/// So many pieces of names one after another are a list of them.
const FEWEST_PIECES: usize = 3;

/// Marks what stands in a list of pieces by which names are compared: `claude`, `phi-`, `gpt-4`. `mentions` are texts with their lines,
/// and whether each is only a piece of a model's name.
pub(super) fn mark_pieces(evidence: &mut [Evidence], mut mentions: Vec<(u32, bool)>) {
    mentions.sort_unstable();
    let lists = mentions.chunk_by(|one, next| next.0 - one.0 <= 1).filter(|list| {
        let longest = list
            .chunk_by(|one, next| one.1 && next.1)
            .filter(|part| part[0].1)
            .map(<[_]>::len)
            .max();
        longest >= Some(FEWEST_PIECES)
    });
    let lines: BTreeSet<u32> = lists.flatten().map(|(line, _)| *line).collect();
    for seen in evidence.iter_mut() {
        let is_listed = seen.location.line.is_some_and(|line| lines.contains(&line));
        if is_listed && seen.kind == ComponentKind::Model && seen.stage == Stage::Referenced {
            seen.stage = Stage::Offered;
        }
    }
}

/// So many ids one after another, none of them the value of a name, are the rows of a table or the cases of a choice.
const FEWEST_ROWS: usize = 5;

/// Between rows may stand a remark, or nothing.
const BETWEEN_ROWS: u32 = 2;

/// Marks ids that stand line by line as keys, cases or members of a list: what a program can tell apart, not what it uses. What an id
/// stands for in a table of aliases is a member too.
pub(super) fn mark_rows(evidence: &mut [Evidence]) {
    let ids: BTreeSet<String> = evidence
        .iter()
        .filter(|seen| seen.kind == ComponentKind::Model)
        .map(|seen| seen.name.to_ascii_lowercase())
        .collect();
    let is_row = |seen: &Evidence| {
        let named = seen.facts.get(fact::NAMED);
        let is_member = named.is_none_or(|name| ids.contains(&name.to_ascii_lowercase()));
        seen.kind == ComponentKind::Model && seen.stage == Stage::Referenced && is_member
    };
    let mut rows: Vec<(u32, String)> = evidence
        .iter()
        .filter(|seen| is_row(seen))
        .filter_map(|seen| Some((seen.location.line?, seen.name.to_ascii_lowercase())))
        .collect();
    rows.sort_unstable();
    let tables = rows.chunk_by(|one, next| next.0 - one.0 <= BETWEEN_ROWS).filter(|rows| {
        let names: BTreeSet<&str> = rows.iter().map(|(_, name)| name.as_str()).collect();
        names.len() >= FEWEST_ROWS
    });
    let lines: BTreeSet<u32> = tables.flatten().map(|(line, _)| *line).collect();
    for seen in evidence.iter_mut() {
        let is_told_by_row = seen.stage == Stage::Referenced && is_by_route(seen);
        if (is_row(seen) || is_told_by_row) && seen.location.line.is_some_and(|line| lines.contains(&line)) {
            seen.stage = Stage::Offered;
        }
    }
}

/// A vendor that only the route of a model names: it is offered with it.
fn is_by_route(seen: &Evidence) -> bool {
    seen.kind == ComponentKind::Provider && seen.facts.get("basis").is_some_and(|basis| basis == "model")
}

/// A list of models that names more vendors, by their addresses and variables, is a directory of what there is: nobody asks so many.
const MOST_ASKED: usize = 15;

/// How many vendors the evidence speaks of.
fn vendors(evidence: &[Evidence]) -> usize {
    let named = evidence.iter().filter(|seen| seen.kind == ComponentKind::Provider);
    named.map(|seen| seen.name.as_str()).collect::<BTreeSet<_>>().len()
}

/// Whether a component only says how a vendor is reached.
const fn is_of_a_vendor(kind: ComponentKind) -> bool {
    matches!(kind, ComponentKind::Provider | ComponentKind::Endpoint | ComponentKind::SecretRef)
}

/// The last part of a path of keys: what a value is called in each record of a table, whatever the record is called.
fn column(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Marks what a list offers. What is called or deployed is used, and so is the value of a name of its own.
pub(super) fn mark(evidence: &mut [Evidence]) {
    let is_mention = |seen: &Evidence| matches!(seen.stage, Stage::Referenced | Stage::Configured);
    let models = || evidence.iter().filter(|seen| seen.kind == ComponentKind::Model && is_mention(seen));
    let names: BTreeSet<String> = models().map(|seen| seen.name.to_ascii_lowercase()).collect();
    // What is data and no program asks nobody by itself.
    let is_data = evidence.iter().all(|seen| !seen.detector.starts_with("code/"));
    let is_directory = vendors(evidence) > MOST_ASKED && (names.len() > MOST_USED || is_data && names.len() > MOST_ASKED);
    if names.len() <= MOST_USED && !is_directory {
        return;
    }
    if is_directory {
        for seen in evidence.iter_mut().filter(|seen| is_mention(seen) && is_of_a_vendor(seen.kind)) {
            seen.stage = Stage::Offered;
        }
    }
    let models = || evidence.iter().filter(|seen| seen.kind == ComponentKind::Model && is_mention(seen));
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for name in models().filter_map(|seen| seen.facts.get(fact::NAMED)) {
        *columns.entry(column(name)).or_default() += 1;
    }
    let is_set = |seen: &Evidence| {
        let named = seen.facts.get(fact::NAMED);
        let is_alone = |name: &String| columns.get(column(name)).is_some_and(|times| *times <= MOST_OF_A_SETTING);
        !(is_directory && is_data) && named.is_some_and(is_alone)
    };
    let listed: BTreeSet<Location> = models().filter(|seen| !is_set(seen)).map(|seen| seen.location.clone()).collect();
    for seen in evidence
        .iter_mut()
        .filter(|seen| is_mention(seen) && listed.contains(&seen.location))
    {
        if seen.kind == ComponentKind::Model || is_by_route(seen) {
            seen.stage = Stage::Offered;
        }
    }
}
