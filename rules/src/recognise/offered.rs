//! Lists of models to choose from: price lists, registries, pickers. What only stands in one is offered, not used.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Location, Stage, fact};

/// A file that names more models than this is a list of what there is: nobody uses that many in one place.
const MOST_USED: usize = 40;
/// A name that more values of the file have is a column of the list, and no setting.
const MOST_OF_A_SETTING: usize = 2;

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
