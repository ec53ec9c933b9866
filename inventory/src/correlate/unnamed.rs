//! A store that a line shows without naming it is the one that its file, or else its unit, names in the same language elsewhere.

use std::collections::BTreeSet;

use evidence::{ComponentKind, Evidence};

/// The fact of evidence that shows some store without naming it.
const UNNAMED: &str = "unnamed";

/// Gives evidence of a store without a name the one store that its file names, or else its unit, if there is one only.
pub(super) fn settle(evidence: &mut [Evidence]) {
    if !evidence.iter().any(|seen| seen.facts.contains_key(UNNAMED)) {
        return;
    }
    let is_store = |seen: &&Evidence| seen.kind == ComponentKind::VectorDb && !seen.facts.contains_key(UNNAMED);
    let stores: Vec<Evidence> = evidence.iter().filter(is_store).cloned().collect();
    for seen in evidence.iter_mut() {
        if seen.facts.remove(UNNAMED).is_none() {
            continue;
        }
        let mut alike: Vec<&Evidence> = stores.iter().filter(|store| store.detector == seen.detector).collect();
        // Programs that can use several stores have a file for each.
        if alike.iter().any(|store| store.location.path == seen.location.path) {
            alike.retain(|store| store.location.path == seen.location.path);
        }
        let makers: BTreeSet<&str> = alike.iter().map(|store| maker(store)).collect();
        // Its own name before that of a client for it.
        let named = alike.iter().find(|store| store.name.eq_ignore_ascii_case(maker(store)));
        if let (1, Some(store)) = (makers.len(), named.or(alike.first())) {
            seen.name.clone_from(&store.name);
            seen.provider.clone_from(&store.provider);
            seen.product.clone_from(&store.product);
            seen.facts.remove("purposes");
        }
    }
}

/// Whose store it is.
fn maker(store: &Evidence) -> &str {
    store.provider.as_deref().unwrap_or(&store.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn named(stores: &[(&str, &str, bool)]) -> Vec<String> {
        let mut evidence: Vec<Evidence> = stores
            .iter()
            .map(|(name, detector, unnamed)| {
                let provider = name.trim_end_matches("-client").to_lowercase();
                let mut seen = Evidence {
                    detector: (*detector).to_owned(),
                    provider: Some(provider),
                    ..sample::seen(ComponentKind::VectorDb, name, "a.sql")
                };
                if *unnamed {
                    seen.facts.insert(UNNAMED.into(), "yes".to_owned());
                }
                seen
            })
            .collect();
        settle(&mut evidence);
        assert!(evidence.iter().all(|seen| !seen.facts.contains_key(UNNAMED)));
        evidence.into_iter().map(|seen| seen.name).collect()
    }

    #[test]
    fn columns_belong_to_the_one_store_that_is_named() {
        assert_eq!(named(&[("columns", "sql", true), ("store", "sql", false)]), ["store", "store"]);
        assert_eq!(
            named(&[("store-client", "sql", false), ("columns", "sql", true), ("Store", "sql", false)]),
            ["store-client", "Store", "Store"]
        );
        assert_eq!(
            named(&[("columns", "go", true), ("store-client", "go", false)]),
            ["store-client", "store-client"]
        );
    }

    #[test]
    fn columns_belong_to_the_store_of_their_file_before_others_of_the_unit() {
        let of = |name: &str, path: &str, unnamed: bool| {
            let mut seen = Evidence {
                detector: "python".to_owned(),
                provider: Some(name.to_owned()),
                ..sample::seen(ComponentKind::VectorDb, name, path)
            };
            if unnamed {
                seen.facts.insert(UNNAMED.into(), "yes".to_owned());
            }
            seen
        };
        let mut evidence = vec![
            of("one", "one.py", false),
            of("columns", "one.py", true),
            of("two", "two.py", false),
            of("columns", "three.py", true),
        ];
        settle(&mut evidence);
        let names: Vec<&str> = evidence.iter().map(|seen| seen.name.as_str()).collect();
        assert_eq!(names, ["one", "one", "two", "columns"]);
    }

    #[test]
    fn columns_of_an_unknown_store_keep_their_name() {
        for other in [
            &[("columns", "sql", true)][..],
            &[("columns", "sql", true), ("client", "python", false)],
            &[("columns", "sql", true), ("one", "sql", false), ("two", "sql", false)],
        ] {
            assert_eq!(named(other)[0], "columns", "{other:?}");
        }
    }
}
