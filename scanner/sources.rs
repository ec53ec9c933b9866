//! What is to be scanned: paths and addresses as they were given, in a list, as clones in a folder, or as the repositories of
//! an organisation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use detectors::connectors::FetchError;
use detectors::forges::{FORGES, Forge, Repository};
use evidence::{Gap, GapKind};

use crate::accounts::Accounts;
use crate::clone::Login;
use crate::connect;
use crate::target::{self, Named};

/// How deep clones may lie in a folder: `host/group/owner/name`.
const DEEPEST: usize = 4;

/// Where sources are named, from the command line or the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) paths: Vec<String>,
    pub(crate) list: Vec<PathBuf>,
    pub(crate) each: Vec<PathBuf>,
    /// Option of the forge, address of its API, name of the organisation.
    pub(crate) organisations: Vec<(&'static str, String, String)>,
    pub(crate) archived: bool,
    pub(crate) forks: bool,
}

/// What was found under these names.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) named: Vec<Named>,
    /// Names that lead nowhere, and what was left out.
    pub(crate) gaps: Vec<Gap>,
    /// Whether something that was asked for is missing.
    pub(crate) is_incomplete: bool,
}

impl Asked {
    /// Whether every source is to be dealt with by itself.
    pub(crate) fn is_many(&self) -> bool {
        !(self.list.is_empty() && self.each.is_empty() && self.organisations.is_empty())
    }

    /// Everything that is named.
    pub(crate) fn sources(&self, accounts: &Accounts) -> Result<Sources> {
        let mut sources = Sources::default();
        for path in &self.paths {
            sources.add(path, None);
        }
        for file in &self.list {
            for line in lines(file)? {
                sources.add(&line, None);
            }
        }
        for folder in &self.each {
            let clones = clones(folder)?;
            if clones.is_empty() {
                bail!("no clone in {}: none of the folders in it has a .git", folder.display());
            }
            for clone in clones {
                sources.add(&clone.to_string_lossy(), None);
            }
        }
        for (option, address, owner) in &self.organisations {
            let Some(forge) = FORGES.iter().copied().find(|forge| forge.option() == *option) else {
                bail!("no forge `{option}`");
            };
            let context = || format!("--{option} {owner}");
            self.organisation(forge, address, owner, accounts, &mut sources)
                .with_context(context)?;
        }
        sources.without_copies();
        Ok(sources)
    }

    fn organisation(
        &self,
        forge: &'static dyn Forge,
        address: &str,
        owner: &str,
        accounts: &Accounts,
        sources: &mut Sources,
    ) -> Result<()> {
        let info = forge.info();
        let door = connect::door(info, accounts, address)?;
        let mut found = Vec::new();
        let outcome = connect::runtime()?.block_on(forge.list(&door.client, owner, &mut found));
        match outcome {
            Ok(()) => {}
            Err(error @ FetchError::Setup(_)) => return Err(error.into()),
            // Without a single repository there is nothing to scan, and nothing was done.
            Err(error) if found.is_empty() => return Err(error.into()),
            Err(error) => sources.lack(Gap {
                kind: error.gap(),
                what: format!("{} {owner}", door.client.origin()),
                reason: evidence::redact(&error.to_string()),
            }),
        }
        let mut left_out: BTreeMap<&str, u64> = BTreeMap::new();
        for repository in found {
            match self.left_out(&repository) {
                Some(why) => *left_out.entry(why).or_default() += 1,
                None => sources.add_repository(&repository, forge, &door),
            }
        }
        sources.gaps.extend(left_out.into_iter().map(|(why, count)| Gap {
            kind: GapKind::Skipped,
            what: format!("{count} {} of {owner}", if count == 1 { "repository" } else { "repositories" }),
            reason: why.to_owned(),
        }));
        Ok(())
    }

    fn left_out(&self, repository: &Repository) -> Option<&'static str> {
        if repository.archived && !self.archived {
            return Some("archived; --archived scans them too");
        }
        (repository.fork && !self.forks).then_some("forks of repositories elsewhere; --forks scans them too")
    }
}

impl Sources {
    fn add(&mut self, argument: &str, login: Option<Login>) {
        match target::named(argument) {
            Ok(mut named) => {
                named.login = login;
                self.named.push(named);
            }
            Err(error) => self.lack(Gap {
                kind: GapKind::Unreadable,
                what: argument.to_owned(),
                reason: evidence::redact(&format!("{error:#}")),
            }),
        }
    }

    fn add_repository(&mut self, repository: &Repository, forge: &dyn Forge, door: &connect::Door) {
        let lack = |reason: String| Gap {
            kind: GapKind::Unreadable,
            what: repository.name.clone(),
            reason,
        };
        let Some(address) = &repository.address else {
            return self.lack(lack(
                "it cannot be cloned over HTTP; clone it over SSH and scan the folder".to_owned(),
            ));
        };
        if door.is_replay {
            return self.add(address, None);
        }
        // The listing says where to clone from. It is believed as far as it names its own host.
        let Some(origin) = own_origin(address, &door.client.origin()) else {
            return self.lack(lack("the service names another host for it, which was not asked".to_owned()));
        };
        let login = door.token.clone().map(|token| Login {
            origin,
            user: forge.user(),
            token,
        });
        self.add(address, login);
    }

    fn lack(&mut self, gap: Gap) {
        self.gaps.push(gap);
        self.is_incomplete = true;
    }

    /// A repository that is named twice is scanned once.
    fn without_copies(&mut self) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut copies = BTreeSet::new();
        self.named.retain(|named| {
            let (identity, location) = (&named.source.identity, &named.source.location);
            match seen.get(identity) {
                None => {
                    seen.insert(identity.clone(), location.clone());
                    true
                }
                Some(first) => {
                    if first != location {
                        copies.insert((location.clone(), first.clone()));
                    }
                    false
                }
            }
        });
        self.gaps.extend(copies.into_iter().map(|(location, first)| Gap {
            kind: GapKind::Skipped,
            what: location,
            reason: format!("another copy of the repository scanned at {first}; scan it by itself if it differs"),
        }));
    }
}

/// Scheme and host of an address, if they are those of the API, or of the site whose API it is.
fn own_origin(address: &str, api: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let origin = format!("{scheme}://{host}");
    let site = api.replacen("://api.", "://", 1);
    [api, &site].contains(&origin.as_str()).then_some(origin)
}

/// The lines of a list, without comments.
fn lines(file: &Path) -> Result<Vec<String>> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("cannot read the list from standard input")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read the list {}", file.display()))?
    };
    let lines: Vec<String> = text.trim_start_matches('\u{feff}').lines().filter_map(entry).collect();
    if lines.is_empty() {
        bail!("the list {} names nothing", file.display());
    }
    Ok(lines)
}

/// What a line names; a `#` begins a comment at the start of a line or after a blank.
fn entry(line: &str) -> Option<String> {
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line[..*at].chars().next_back().is_none_or(char::is_whitespace));
    let named = comment.map_or(line, |(at, _)| &line[..at]).trim();
    (!named.is_empty()).then(|| named.to_owned())
}

/// The work trees of Git in a folder, by name; nothing is looked for inside of one.
fn clones(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error).with_context(|| format!("cannot look into {}", folder.display())),
            Err(_) => continue,
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) || name.to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            if path.join(".git").exists() {
                found.push(path);
            } else if depth + 1 < DEEPEST {
                folders.push((path, depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_comments() {
        assert_eq!(entry("  ../shop  # ours"), Some("../shop".to_owned()));
        assert_eq!(entry("https://git.example/a#b"), Some("https://git.example/a#b".to_owned()));
        assert_eq!((entry("# all"), entry(" \t"), entry("")), (None, None, None));
    }

    #[test]
    fn a_listing_is_believed_about_its_own_host_only() {
        let own = |address: &str, api: &str| own_origin(address, api);
        assert_eq!(
            own("https://github.com/a/b.git", "https://api.github.com"),
            Some("https://github.com".to_owned())
        );
        assert_eq!(
            own("https://git.example/a/b.git", "https://git.example"),
            Some("https://git.example".to_owned())
        );
        for address in [
            "https://evil.example/a/b.git",
            "http://git.example/a/b.git",
            "https://git.example:8443/a/b.git",
            "https://git.example@evil.example/a",
            "file:///etc",
            "git@git.example:a/b",
        ] {
            assert_eq!(own(address, "https://git.example"), None, "{address}");
        }
    }

    #[test]
    fn clones_are_found_in_folders_of_folders_and_not_in_clones() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [
            "b/.git",
            "a/.git/x",
            "a/vendor/inner/.git",
            "owner/name/.git",
            "plain/src",
            ".hidden/.git",
            "1/2/3/4/5/.git",
        ] {
            std::fs::create_dir_all(folder.path().join(path)).expect("folders");
        }
        std::fs::create_dir(folder.path().join("linked")).expect("a folder");
        std::fs::write(folder.path().join("linked/.git"), "gitdir: elsewhere").expect("a file");
        let found: Vec<String> = clones(folder.path())
            .expect("readable")
            .iter()
            .map(|path| path.strip_prefix(folder.path()).expect("inside").display().to_string())
            .collect();
        assert_eq!(found, ["a", "b", "linked", "owner/name"]);
        assert!(clones(&folder.path().join("none")).is_err());
    }
}
