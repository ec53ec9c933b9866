//! What a lockfile pins: each name and version once, in the order of the file.

use std::collections::BTreeMap;

use evidence::Relation;

use super::declared;
use crate::Observations;

/// Gathers what a lockfile pins.
pub(crate) struct Locked {
    scope: &'static str,
    seen: BTreeMap<(String, String), usize>,
    pinned: Vec<Pinned>,
}

struct Pinned {
    name: String,
    version: String,
    relation: Relation,
    line: u32,
}

impl Locked {
    pub(crate) fn new(scope: &'static str) -> Self {
        Self {
            scope,
            seen: BTreeMap::new(),
            pinned: Vec::new(),
        }
    }

    /// Adds one; of several relations the closest counts.
    pub(crate) fn add(&mut self, name: &str, version: &str, relation: Relation, line: u32) {
        if name.is_empty() {
            return;
        }
        let at = *self.seen.entry((name.to_owned(), version.to_owned())).or_insert(self.pinned.len());
        match self.pinned.get_mut(at) {
            Some(pinned) => pinned.relation = closer(pinned.relation, relation),
            None => self.pinned.push(Pinned {
                name: name.to_owned(),
                version: version.to_owned(),
                relation,
                line,
            }),
        }
    }

    /// Says what was gathered.
    pub(crate) fn emit(self, out: &mut Observations) {
        for Pinned {
            name,
            version,
            relation,
            line,
        } in self.pinned
        {
            out.push(declared::package(self.scope, name, &version, relation, line));
        }
    }
}

/// The relation that brings a package closer to what the project ships.
pub(crate) fn closer(one: Relation, other: Relation) -> Relation {
    let distance = |relation| match relation {
        Relation::Direct => 0,
        Relation::Optional => 1,
        Relation::Peer => 2,
        Relation::Dev => 3,
        Relation::Transitive => 4,
    };
    if distance(other) < distance(one) { other } else { one }
}

/// Remembers the closest relation under a key.
pub(crate) fn relate<K: Ord>(relations: &mut BTreeMap<K, Relation>, key: K, relation: Relation) {
    relations
        .entry(key)
        .and_modify(|known| *known = closer(*known, relation))
        .or_insert(relation);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::listed;

    #[test]
    fn each_version_counts_once_with_its_closest_relation() {
        let mut locked = Locked::new("npm");
        locked.add("b", "1", Relation::Transitive, 1);
        locked.add("a", "1", Relation::Dev, 2);
        locked.add("b", "2", Relation::Transitive, 3);
        locked.add("b", "1", Relation::Direct, 4);
        locked.add("a", "1", Relation::Transitive, 5);
        locked.add("", "1", Relation::Direct, 6);
        let mut out = Observations::default();
        locked.emit(&mut out);
        assert_eq!(
            listed(out.as_slice()),
            ["npm b 1 direct 1", "npm a 1 dev 2", "npm b 2 transitive 3"]
        );
    }
}
