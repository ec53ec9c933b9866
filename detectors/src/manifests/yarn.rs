//! `yarn.lock` of Yarn 1 and of its successors. Both are lists of entries with a version, one in a form of its own, one
//! in YAML; both are read line by line, so that a broken entry does not cost the rest.

use std::collections::BTreeMap;

use evidence::Relation;

use super::locked::{Locked, relate};
use super::npm::{real, split};
use crate::{Artifact, Observations, Unreadable};

#[derive(Default)]
struct Entry<'t> {
    line: u32,
    /// `name@range`, as dependents ask for it.
    asked: Vec<&'t str>,
    version: &'t str,
    resolution: &'t str,
    /// What it asks for itself: name and range.
    dependencies: Vec<(&'t str, &'t str)>,
}

/// Reads `yarn.lock`.
pub(crate) fn read(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let (entries, mut strange) = entries(artifact.text()?);
    let direct = asked_for(&entries);
    let mut locked = Locked::new("npm");
    for (at, entry) in entries.iter().enumerate() {
        let Some((name, version)) = entry.pinned() else {
            strange = strange.or(Some(entry.line));
            continue;
        };
        if !entry.is_project() {
            locked.add(name, version, direct.get(&at).copied().unwrap_or(Relation::Transitive), entry.line);
        }
    }
    locked.emit(out);
    strange.map_or(Ok(()), |line| {
        Err(Unreadable(format!(
            "the entry at line {line} is broken or cut off; the rest was read"
        )))
    })
}

impl<'t> Entry<'t> {
    /// Name and version, if both are written.
    fn pinned(&self) -> Option<(&'t str, &'t str)> {
        let written = if self.resolution.is_empty() {
            self.asked.first()?
        } else {
            self.resolution
        };
        let (name, range) = split(written)?;
        let (name, _) = real(name, range);
        (!self.version.is_empty()).then_some((name, self.version))
    }

    /// Whether it is the project itself or one of its workspaces.
    fn is_project(&self) -> bool {
        split(self.resolution).is_some_and(|(_, place)| place.starts_with("workspace:"))
    }
}

/// The entries that projects in the file ask for; Yarn 1 does not write projects down.
fn asked_for(entries: &[Entry<'_>]) -> BTreeMap<usize, Relation> {
    let mut by_asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        by_asked.extend(entry.asked.iter().map(|asked| (*asked, at)));
        if let Some((name, _)) = entry.asked.first().and_then(|asked| split(asked)) {
            by_name.entry(name).or_default().push(at);
        }
    }
    let mut direct = BTreeMap::new();
    for (name, range) in entries
        .iter()
        .filter(|entry| entry.is_project())
        .flat_map(|entry| &entry.dependencies)
    {
        let exact = [format!("{name}@{range}"), format!("{name}@npm:{range}")];
        let found = exact.iter().find_map(|asked| by_asked.get(asked.as_str()).copied());
        // A catalog or patch changes the range; with one version there is no doubt.
        let only = by_name
            .get(name)
            .and_then(|all| if let [only] = all[..] { Some(only) } else { None });
        if let Some(at) = found.or(only) {
            relate(&mut direct, at, Relation::Direct);
        }
    }
    direct
}

/// The entries, and the first line that belongs to none.
fn entries(text: &str) -> (Vec<Entry<'_>>, Option<u32>) {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut strange = None;
    let mut section = "";
    let mut in_entry = false;
    for (line, written) in (1..).zip(text.lines()) {
        let said = written.trim();
        // A colon alone ends a key that was too long for one line.
        if said.is_empty() || said.starts_with('#') || said == ":" {
            continue;
        }
        let indent = written.len() - written.trim_start().len();
        if indent == 0 {
            section = "";
            let header = said.strip_prefix("? ").or_else(|| said.strip_suffix(':'));
            in_entry = header.is_some_and(|header| header != "__metadata");
            match header {
                Some(header) if in_entry => entries.push(Entry {
                    line,
                    asked: asked(header),
                    ..Entry::default()
                }),
                Some(_) => {}
                None => strange = strange.or(Some(line)),
            }
            continue;
        }
        let (Some(entry), true) = (entries.last_mut(), in_entry) else {
            continue;
        };
        let Some((key, value)) = pair(said) else {
            strange = strange.or(Some(line));
            continue;
        };
        match (indent, key) {
            (2, "version") => entry.version = value,
            (2, "resolution") => entry.resolution = value,
            (2, _) => section = key,
            (4, _) if section == "dependencies" => entry.dependencies.push((key, value)),
            _ => {}
        }
    }
    (entries, strange)
}

/// `"a@^1", "b@^2"` or `"a@^1, b@^2"`.
fn asked(header: &str) -> Vec<&str> {
    header.split(", ").map(|asked| asked.trim_matches('"')).collect()
}

/// Key and value of `key "value"`, `key: value` or `"key": "value"`.
fn pair(said: &str) -> Option<(&str, &str)> {
    let (key, rest) = match said.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => said.split_at(said.find([' ', ':'])?),
    };
    Some((key, rest.strip_prefix(':').unwrap_or(rest).trim().trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use crate::manifests::npm::NPM;
    use crate::manifests::testing::{names, observe, packages};

    #[test]
    fn the_first_form_does_not_tell_what_is_direct() {
        let text = "# yarn lockfile v1\n\n\n\"@anthropic-ai/sdk@^0.20\", \"@anthropic-ai/sdk@^0.20.1\":\n  version \"0.20.9\"\n  resolved \"https://r/x.tgz#a\"\n\
                    \x20 integrity sha512-x\n  dependencies:\n    openai \"^4\"\n    version \"9\"\n\n\"gpt@npm:openai@^3\":\n  version \"3.3.0\"\n\nopenai@^4, openai@~4.1:\n\
                    \x20 version \"4.1.0\"\n\nopenai@4.1.0:\n  version \"4.1.0\"\n";
        assert_eq!(
            packages(&NPM, "yarn.lock", text),
            [
                "npm @anthropic-ai/sdk 0.20.9 transitive 4",
                "npm openai 3.3.0 transitive 12",
                "npm openai 4.1.0 transitive 15"
            ]
        );
    }

    #[test]
    fn later_forms_name_their_projects() {
        let text = "# by yarn\n\n__metadata:\n  version: 8\n  cacheKey: 10\n\n\"app@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"app@workspace:.\"\n\
                    \x20 dependencies:\n    \"@org/lib\": \"workspace:*\"\n    openai: \"npm:^4.0.0\"\n    zod: ^3\n    gpt: \"npm:ai@^1\"\n    cat: \"catalog:\"\n\
                    \x20 peerDependencies:\n    react: 18\n  languageName: unknown\n  linkType: soft\n\n\
                    \"openai@npm:^4.0.0, openai@npm:^4.1.0\":\n  version: 4.1.0\n  resolution: \"openai@npm:4.1.0\"\n  dependencies:\n    ws: \"npm:^8\"\n\n\
                    ? \"ws@npm:^8, ws@npm:^8.1\"\n:\n  version: 8.0.0\n  resolution: \"ws@npm:8.0.0\"\n\n\
                    \"zod@npm:^3\":\n  version: 3.0.0\n  resolution: \"zod@npm:3.0.0\"\n\n\"gpt@npm:ai@^1\":\n  version: 1.0.0\n  resolution: \"ai@npm:1.0.0\"\n\n\
                    \"cat@npm:^1\":\n  version: 1.0.0\n  resolution: \"cat@npm:1.0.0\"\n\n\"react@npm:18\":\n  version: 18.0.0\n  resolution: \"react@npm:18.0.0\"\n";
        assert_eq!(
            packages(&NPM, "yarn.lock", text),
            [
                "npm openai 4.1.0 direct 21",
                "npm ws 8.0.0 transitive 27",
                "npm zod 3.0.0 direct 32",
                "npm ai 1.0.0 direct 36",
                "npm cat 1.0.0 direct 40",
                "npm react 18.0.0 transitive 44",
            ]
        );
    }

    #[test]
    fn a_broken_entry_is_said_and_the_rest_read() {
        for text in [
            "openai@1:\n  version \"1\"\n\nzod@3:\n",
            "what\nopenai@1:\n  version \"1\"\n",
            "openai@1:\n  version \"1\"\nzod@3\n",
        ] {
            let (seen, result) = observe(&NPM, "yarn.lock", text.as_bytes());
            assert_eq!(names(&seen), ["openai"], "{text}");
            assert!(result.is_err(), "{text}");
        }
        assert!(packages(&NPM, "yarn.lock", "# yarn lockfile v1\n\n").is_empty());
    }
}
