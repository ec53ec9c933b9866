//! The look-up tables that recognition runs on. Automata and regular expressions are made when first asked for: most scans need
//! few of them.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::catalog::anchors;
use crate::names;
use crate::patterns::{Anchored, Patterns};
use crate::provider::{Provider, Signature, SignatureKind};
use crate::source::LoadError;

/// Position of a provider and of one of its signatures.
pub(crate) type At = (u32, u32);

/// Signatures by name.
type Names = HashMap<String, Vec<At>>;

/// Signatures by what they look at.
#[derive(Debug, Default)]
pub(crate) struct Index {
    packages: Scoped,
    imports: Scoped,
    resources: Scoped,
    commands: Names,
    calls: Names,
    /// Beginnings of what imports bring in without naming it.
    call_beginnings: Vec<(String, At)>,
    /// Hosts with the beginnings of paths, those of whole domains by the domain.
    hosts: HashMap<String, Vec<(String, At)>>,
    domains: HashMap<String, Vec<(String, At)>>,
    variables: Names,
    variable_endings: Names,
    images: Names,
    image_prefixes: Vec<(String, At)>,
    models: Names,
    /// Families that have anchors, and those of ambiguous names, which have none.
    families: Anchored,
    ambiguous_families: Patterns,
    keys: Patterns,
    key_anchors: Anchored,
    globs: Vec<(String, At)>,
    files: OnceLock<GlobSet>,
    named: OnceLock<Named>,
}

/// What tells nearly all paths that no glob means from the others, at the price of looking up their last part.
#[derive(Debug, Default)]
struct Named {
    /// Last parts of the globs that end in one without a wildcard.
    names: HashSet<String>,
    /// Whether a glob means everything in a hidden folder.
    hidden: bool,
    /// The other globs.
    others: GlobSet,
}

impl Named {
    fn of(globs: &[(String, At)]) -> Self {
        let mut named = Self::default();
        let mut others = GlobSetBuilder::new();
        for (key, _) in globs {
            let (folders, name) = key.rsplit_once('/').unwrap_or(("", key));
            if key.contains(['?', '[', '{', '\\']) {
                file_glob(key).into_iter().for_each(|glob| _ = others.add(glob));
            } else if !name.contains('*') {
                named.names.insert(name.to_owned());
            } else if folders.split('/').any(|part| part.starts_with('.') && !part.contains('*')) {
                named.hidden = true;
            } else {
                file_glob(key).into_iter().for_each(|glob| _ = others.add(glob));
            }
        }
        named.others = others.build().unwrap_or_default();
        named
    }

    fn may_be(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.names.contains(name) || self.hidden && (path.starts_with('.') || path.contains("/.")) || self.others.is_match(path)
    }
}

/// Names of one scope each.
#[derive(Debug, Default)]
struct Scoped(HashMap<String, Scope>);

#[derive(Debug, Default)]
struct Scope {
    exact: Names,
    /// Beginnings of names.
    prefixes: Vec<(String, At)>,
}

impl Scoped {
    /// A key that ends in `*` stands for every name that begins so.
    fn add(&mut self, scope: &str, key: &str, at: At, normal: impl Fn(&str) -> String) {
        let of = self.0.entry(scope.to_owned()).or_default();
        match key.strip_suffix('*') {
            Some(prefix) => of.prefixes.push((prefix.to_ascii_lowercase(), at)),
            None => of.exact.entry(normal(key)).or_default().push(at),
        }
    }

    fn sort(&mut self) {
        // Longest first: the nearest counts.
        self.0
            .values_mut()
            .for_each(|scope| scope.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len())));
    }
}

impl Scope {
    fn exact(&self, name: &str) -> &[At] {
        self.exact.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn beginnings(&self, name: &str) -> impl Iterator<Item = At> {
        self.prefixes
            .iter()
            .filter(move |(prefix, _)| name.starts_with(prefix.as_str()))
            .map(|&(_, at)| at)
    }
}

/// Whether the patterns of a signature can be used.
///
/// # Errors
/// If one does not compile.
pub(crate) fn compiles(signature: &Signature) -> Result<(), LoadError> {
    let refused = |message: String| LoadError::Pattern {
        signature: signature.id.clone(),
        message,
    };
    for pattern in &signature.patterns {
        regex::Regex::new(pattern).map_err(|error| refused(error.to_string()))?;
    }
    if signature.kind == SignatureKind::File {
        for key in &signature.keys {
            file_glob(key).map_err(|error| refused(error.to_string()))?;
        }
    }
    Ok(())
}

impl Index {
    pub(crate) fn of(providers: &[Provider]) -> Self {
        let mut index = Self::default();
        for (p, provider) in providers.iter().enumerate() {
            for (s, signature) in provider.signatures.iter().enumerate() {
                let at = (u32::try_from(p).unwrap_or(u32::MAX), u32::try_from(s).unwrap_or(u32::MAX));
                index.add(signature, at);
                index.add_patterns(signature, at);
            }
        }
        for scoped in [&mut index.packages, &mut index.imports, &mut index.resources] {
            scoped.sort();
        }
        index
    }

    fn add(&mut self, signature: &Signature, at: At) {
        use SignatureKind as K;
        let scope = signature.scope.as_deref().unwrap_or_default();
        let names = |names: &mut Names, key: &str| names.entry(key.to_owned()).or_default().push(at);
        for key in &signature.keys {
            match signature.kind {
                K::Package => self.packages.add(scope, key, at, |key| names::package(scope, key).into_owned()),
                K::Import => self.imports.add(scope, key, at, str::to_owned),
                K::Resource => self.resources.add(scope, key, at, str::to_ascii_lowercase),
                K::Command => names(&mut self.commands, key),
                K::Call => match key.strip_suffix('*') {
                    Some(beginning) => self.call_beginnings.push((beginning.to_owned(), at)),
                    None => names(&mut self.calls, key),
                },
                K::Host => {
                    let (host, path) = key.split_once('/').unwrap_or((key, ""));
                    let (of, name) = match host.strip_prefix("*.") {
                        Some(domain) => (&mut self.domains, domain),
                        None => (&mut self.hosts, host),
                    };
                    of.entry(name.to_owned()).or_default().push((path.to_owned(), at));
                }
                K::Env => match key.strip_prefix("*_") {
                    Some(ending) => names(&mut self.variable_endings, ending),
                    None => names(&mut self.variables, key),
                },
                K::Image => match key.strip_suffix('*') {
                    Some(prefix) => self.image_prefixes.push((prefix.to_owned(), at)),
                    None => names(&mut self.images, key),
                },
                K::Model => names(&mut self.models, &key.to_ascii_lowercase()),
                K::File => self.globs.push((key.clone(), at)),
                K::Key => {}
            }
        }
    }

    fn add_patterns(&mut self, signature: &Signature, at: At) {
        match signature.kind {
            SignatureKind::Model if signature.ambiguous => {
                self.ambiguous_families
                    .extend(signature.patterns.iter().map(|pattern| (whole(pattern), at)));
            }
            SignatureKind::Model => {
                let patterns = signature.patterns.iter().map(|pattern| whole(pattern)).collect();
                self.families.add(at, texts(signature), patterns);
            }
            SignatureKind::Key => {
                self.keys.extend(signature.patterns.iter().map(|pattern| (pattern.clone(), at)));
                self.key_anchors.add(at, texts(signature), Vec::new());
            }
            _ => {}
        }
    }

    pub(crate) fn package(&self, scope: &str, name: &str) -> Option<At> {
        let of = self.packages.0.get(scope)?;
        let name = names::package(scope, name);
        of.exact(&name).first().copied().or_else(|| of.beginnings(&name).next())
    }

    /// The signature of the module or of what it is part of, longest first, with the part that matched.
    pub(crate) fn import<'k>(&self, scope: &str, path: &'k str) -> Option<(At, &'k str)> {
        let of = self.imports.0.get(scope)?;
        names::enclosing_modules(path).find_map(|module| Some((*of.exact(module).first()?, module)))
    }

    /// Signatures of a type, exact ones before those of its beginnings, longest first.
    pub(crate) fn resource(&self, scope: &str, name: &str) -> Vec<At> {
        let Some(of) = self.resources.0.get(scope) else { return Vec::new() };
        let name = name.to_ascii_lowercase();
        of.exact(&name).iter().copied().chain(of.beginnings(&name)).collect()
    }

    /// Signatures of a program with its sub-command, then those of the program alone.
    pub(crate) fn command(&self, written: &str) -> Vec<At> {
        let program = written.split(' ').next().unwrap_or(written);
        let alone = (program.len() < written.len()).then_some(program);
        [Some(written), alone]
            .into_iter()
            .flatten()
            .filter_map(|name| self.commands.get(name))
            .flatten()
            .copied()
            .collect()
    }

    /// Signatures of calls whose key is exactly this callee.
    pub(crate) fn called(&self, callee: &str) -> &[At] {
        self.calls.get(callee).map(Vec::as_slice).unwrap_or_default()
    }

    /// Signatures of calls whose key is the end of a callee.
    pub(crate) fn call(&self, callee: &str) -> Vec<At> {
        let mut found = Vec::new();
        let mut rest = Some(callee);
        while let Some(ending) = rest {
            found.extend(self.calls.get(ending).into_iter().flatten().copied());
            rest = ending.split_once(['.', ':', '/']).map(|(_, after)| after.trim_start_matches(':'));
        }
        found
    }

    /// Signatures of calls whose key is the beginning of a callee that an import may bring in without naming it.
    pub(crate) fn opened(&self, callee: &str) -> Vec<At> {
        let fitting = self
            .call_beginnings
            .iter()
            .filter(|(beginning, _)| callee.starts_with(beginning.as_str()));
        fitting.map(|&(_, at)| at).collect()
    }

    /// The signature of a host or of a domain above it, with the longest path.
    pub(crate) fn host(&self, host: &str, path: &str) -> Option<At> {
        let path = path.trim_start_matches('/');
        let fits = |found: &Vec<(String, At)>| {
            found
                .iter()
                .filter(|(prefix, _)| begins_so(path, prefix))
                .max_by_key(|(prefix, _)| prefix.len())
                .map(|&(_, at)| at)
        };
        let bare = host
            .rsplit_once(':')
            .filter(|(_, port)| matches!(*port, "443" | "80"))
            .map_or(host, |(name, _)| name);
        self.hosts.get(bare).and_then(fits).or_else(|| {
            let mut rest = bare;
            while let Some((_, parent)) = rest.split_once('.') {
                if let Some(at) = self.domains.get(parent).and_then(fits) {
                    return Some(at);
                }
                rest = parent;
            }
            None
        })
    }

    pub(crate) fn variable(&self, name: &str) -> Option<At> {
        let exact = self.variables.get(name).and_then(|found| found.first()).copied();
        exact.or_else(|| {
            names::variable_endings(name)
                .skip(1)
                .find_map(|ending| self.variable_endings.get(ending).and_then(|found| found.first()).copied())
        })
    }

    pub(crate) fn image(&self, repository: &str) -> Option<At> {
        let bare = ["docker.io/library/", "docker.io/", "index.docker.io/"]
            .iter()
            .find_map(|prefix| repository.strip_prefix(prefix))
            .unwrap_or(repository);
        let exact = self.images.get(bare).and_then(|found| found.first()).copied();
        exact.or_else(|| {
            self.image_prefixes
                .iter()
                .filter(|(prefix, _)| bare.starts_with(prefix.as_str()))
                .max_by_key(|(prefix, _)| prefix.len())
                .map(|&(_, at)| at)
        })
    }

    /// Signatures of a model id: exact ids before families, the id as written before its shorter forms, telling names
    /// before ambiguous ones.
    pub(crate) fn model(&self, written: &str) -> Vec<At> {
        let forms = names::model_forms(written);
        let exact: Vec<At> = forms.iter().filter_map(|form| self.models.get(form)).flatten().copied().collect();
        if !exact.is_empty() {
            return exact;
        }
        let telling = forms.iter().map(|form| self.families.matches(form)).find(|found| !found.is_empty());
        telling
            .or_else(|| {
                forms
                    .iter()
                    .map(|form| self.ambiguous_families.matches(form))
                    .find(|found| !found.is_empty())
            })
            .unwrap_or_default()
    }

    /// Whether a text holds an anchor of a model: only then can it be a telling name of one.
    pub(crate) fn may_be_model(&self, text: &str) -> bool {
        self.families.may_match(text)
    }

    /// Whether a text is only a piece of models' names: what a family's names begin with, or the like.
    pub(crate) fn is_piece_of_models(&self, text: &str) -> bool {
        (self.families.begins_a_word(text) || self.families.may_match(text)) && self.families.matches(text).is_empty()
    }

    pub(crate) fn credential(&self, text: &str) -> Option<At> {
        // Some forms begin too shortly to be an anchor; they are one long word.
        let is_word = || (20..=300).contains(&text.len()) && !text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'/');
        let may_be = is_word() || self.key_anchors.may_match(text);
        may_be.then(|| self.keys.matches(text).first().copied()).flatten()
    }

    /// Whether some signature wants this path for its mere name.
    pub(crate) fn wants_file(&self, path: &str) -> bool {
        self.named.get_or_init(|| Named::of(&self.globs)).may_be(path) && self.files().is_match(path)
    }

    pub(crate) fn file(&self, path: &str) -> Vec<At> {
        let mut found: Vec<At> = self.files().matches(path).into_iter().map(|at| self.globs[at].1).collect();
        found.dedup();
        found
    }

    fn files(&self) -> &GlobSet {
        self.files.get_or_init(|| {
            let mut set = GlobSetBuilder::new();
            for (key, _) in &self.globs {
                // Positions in the set are those in the list: what was not checked when it was loaded matches nothing.
                let glob = file_glob(key).or_else(|_| globset::Glob::new("[!a-z]/nothing"));
                glob.into_iter().for_each(|glob| _ = set.add(glob));
            }
            set.build().unwrap_or_default()
        })
    }
}

/// Whether a path begins with a prefix, in which `*` stands for one part of it.
fn begins_so(path: &str, prefix: &str) -> bool {
    let Some((before, behind)) = prefix.split_once("*/") else {
        return path.starts_with(prefix);
    };
    let rest = path.strip_prefix(before).and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(part, rest)| !part.is_empty() && begins_so(rest, behind))
}

fn texts(signature: &Signature) -> Vec<String> {
    anchors(signature).into_iter().map(|anchor| anchor.text).collect()
}

/// A family's pattern stands for the whole name.
fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// A key without `/` is a file name anywhere; one with it is anchored at the root (`/name` is a file there) unless it begins
/// with `**/`.
fn file_glob(key: &str) -> Result<globset::Glob, globset::Error> {
    let pattern = match key.strip_prefix('/') {
        Some(at_the_root) => at_the_root.to_owned(),
        None if key.contains('/') => key.to_owned(),
        None => format!("**/{key}"),
    };
    GlobBuilder::new(&pattern).literal_separator(true).build()
}
