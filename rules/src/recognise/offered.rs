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

/// Marks what a list offers. What is called or deployed is used, and so is the value of a name of its own.
pub(super) fn mark(evidence: &mut [Evidence]) {
    let is_mention = |seen: &Evidence| matches!(seen.stage, Stage::Referenced | Stage::Configured);
    let models = || evidence.iter().filter(|seen| seen.kind == ComponentKind::Model && is_mention(seen));
    let names: BTreeSet<String> = models().map(|seen| seen.name.to_ascii_lowercase()).collect();
    if names.len() <= MOST_USED {
        return;
    }
    let mut columns: BTreeMap<&str, usize> = BTreeMap::new();
    for name in models().filter_map(|seen| seen.facts.get(fact::NAMED)) {
        *columns.entry(name).or_default() += 1;
    }
    let is_set = |seen: &Evidence| {
        let named = seen.facts.get(fact::NAMED);
        named.is_some_and(|name| columns.get(name.as_str()).is_some_and(|times| *times <= MOST_OF_A_SETTING))
    };
    let listed: BTreeSet<Location> = models().filter(|seen| !is_set(seen)).map(|seen| seen.location.clone()).collect();
    for seen in evidence
        .iter_mut()
        .filter(|seen| is_mention(seen) && listed.contains(&seen.location))
    {
        // A vendor that only the route of such a model names is offered with it.
        let by_route = seen.kind == ComponentKind::Provider && seen.facts.get("basis").is_some_and(|basis| basis == "model");
        if seen.kind == ComponentKind::Model || by_route {
            seen.stage = Stage::Offered;
        }
    }
}
