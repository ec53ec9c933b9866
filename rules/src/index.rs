//! The look-up tables that recognition runs on.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use regex::{RegexSet, RegexSetBuilder};

use crate::catalog::anchors;
use crate::names;
use crate::provider::{Provider, Signature, SignatureKind};
use crate::source::LoadError;

/// Position of a provider and of one of its signatures.
pub(crate) type At = (u32, u32);

/// Signatures by what they look at.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Packages, imports, resources and commands by scope and exact name.
    named: HashMap<(SignatureKind, String, String), Vec<At>>,
    /// Packages by scope and the beginning of their name.
    prefixed: Vec<(String, String, At)>,
    /// Resources by scope and the beginning of their type.
    resource_prefixes: Vec<(String, String, At)>,
    calls: HashMap<String, Vec<At>>,
    hosts: HashMap<String, Vec<(String, At)>>,
    variables: HashMap<String, Vec<At>>,
    variable_endings: HashMap<String, Vec<At>>,
    images: HashMap<String, Vec<At>>,
    image_prefixes: Vec<(String, At)>,
    models: HashMap<String, Vec<At>>,
    /// Families that have anchors, and those of ambiguous names, which have none.
    families: Patterns,
    ambiguous_families: Patterns,
    keys: Patterns,
    /// Anchors of models and of credentials: a text without one needs no look at the patterns.
    model_anchors: Option<AhoCorasick>,
    key_anchors: Option<AhoCorasick>,
    pub(crate) files: GlobSet,
    file_signatures: Vec<At>,
}

#[derive(Debug, Default)]
struct Patterns {
    set: Option<RegexSet>,
    signatures: Vec<At>,
}

impl Patterns {
    fn of(sources: Vec<(String, At)>, providers: &[Provider], ignore_case: bool) -> Result<Self, LoadError> {
        let (patterns, signatures): (Vec<String>, Vec<At>) = sources.into_iter().unzip();
        let set = RegexSetBuilder::new(&patterns)
            .case_insensitive(ignore_case)
            .size_limit(64 << 20)
            .dfa_size_limit(16 << 20)
            .build()
            .map_err(|error| {
                // A set does not say which pattern is wrong.
                let wrong = patterns
                    .iter()
                    .zip(&signatures)
                    .find_map(|(pattern, at)| Some((regex::Regex::new(pattern).err()?, at)));
                match wrong {
                    Some((error, (provider, signature))) => LoadError::Pattern {
                        signature: providers[*provider as usize].signatures[*signature as usize].id.clone(),
                        message: error.to_string(),
                    },
                    None => LoadError::Pattern {
                        signature: "all".to_owned(),
                        message: error.to_string(),
                    },
                }
            })?;
        Ok(Self {
            set: Some(set),
            signatures,
        })
    }

    fn matches(&self, text: &str) -> Vec<At> {
        let Some(set) = &self.set else { return Vec::new() };
        let mut found: Vec<At> = set.matches(text).iter().map(|at| self.signatures[at]).collect();
        found.dedup();
        found
    }
}

impl Index {
    pub(crate) fn of(providers: &[Provider]) -> Result<Self, LoadError> {
        let mut index = Self::default();
        let (mut families, mut ambiguous, mut keys, mut globs) = (Vec::new(), Vec::new(), Vec::new(), GlobSetBuilder::new());
        let (mut model_anchors, mut key_anchors) = (Vec::new(), Vec::new());
        for (p, provider) in providers.iter().enumerate() {
            for (s, signature) in provider.signatures.iter().enumerate() {
                let at = (u32::try_from(p).unwrap_or(u32::MAX), u32::try_from(s).unwrap_or(u32::MAX));
                index.add(signature, at);
                match signature.kind {
                    SignatureKind::Model if !signature.ambiguous => model_anchors.extend(anchors(signature)),
                    SignatureKind::Key => key_anchors.extend(anchors(signature)),
                    _ => {}
                }
                for pattern in &signature.patterns {
                    match signature.kind {
                        SignatureKind::Model if signature.ambiguous => ambiguous.push((format!("^(?:{pattern})$"), at)),
                        SignatureKind::Model => families.push((format!("^(?:{pattern})$"), at)),
                        _ => keys.push((pattern.clone(), at)),
                    }
                }
                if signature.kind == SignatureKind::File {
                    for key in &signature.keys {
                        globs.add(file_glob(key).map_err(|error| LoadError::Pattern {
                            signature: signature.id.clone(),
                            message: error.to_string(),
                        })?);
                        index.file_signatures.push(at);
                    }
                }
            }
        }
        index.families = Patterns::of(families, providers, true)?;
        index.ambiguous_families = Patterns::of(ambiguous, providers, true)?;
        index.model_anchors = automaton(&model_anchors, true);
        index.key_anchors = automaton(&key_anchors, false);
        index.keys = Patterns::of(keys, providers, false)?;
        index.files = globs.build().map_err(|error| LoadError::Pattern {
            signature: "files".to_owned(),
            message: error.to_string(),
        })?;
        Ok(index)
    }

    fn add(&mut self, signature: &Signature, at: At) {
        use SignatureKind as K;
        let scope = signature.scope.clone().unwrap_or_default();
        for key in &signature.keys {
            match signature.kind {
                K::Package => match key.strip_suffix('*') {
                    Some(prefix) => self.prefixed.push((scope.clone(), prefix.to_ascii_lowercase(), at)),
                    None => self
                        .named
                        .entry((K::Package, scope.clone(), names::package(&scope, key)))
                        .or_default()
                        .push(at),
                },
                K::Import => self.named.entry((K::Import, scope.clone(), key.clone())).or_default().push(at),
                K::Resource => match key.to_ascii_lowercase().strip_suffix('*') {
                    Some(prefix) => self.resource_prefixes.push((scope.clone(), prefix.to_owned(), at)),
                    None => {
                        let name = (K::Resource, scope.clone(), key.to_ascii_lowercase());
                        self.named.entry(name).or_default().push(at);
                    }
                },
                K::Command => self.named.entry((K::Command, String::new(), key.clone())).or_default().push(at),
                K::Call => self.calls.entry(key.clone()).or_default().push(at),
                K::Host => {
                    let (host, path) = key.split_once('/').unwrap_or((key, ""));
                    self.hosts.entry(host.to_owned()).or_default().push((path.to_owned(), at));
                }
                K::Env => match key.strip_prefix("*_") {
                    Some(ending) => self.variable_endings.entry(ending.to_owned()).or_default().push(at),
                    None => self.variables.entry(key.clone()).or_default().push(at),
                },
                K::Image => match key.strip_suffix('*') {
                    Some(prefix) => self.image_prefixes.push((prefix.to_owned(), at)),
                    None => self.images.entry(key.clone()).or_default().push(at),
                },
                K::Model => self.models.entry(key.to_ascii_lowercase()).or_default().push(at),
                K::File | K::Key => {}
            }
        }
    }

    pub(crate) fn package(&self, scope: &str, name: &str) -> Option<At> {
        let name = names::package(scope, name);
        let exact = self
            .named
            .get(&(SignatureKind::Package, scope.to_owned(), name.clone()))
            .and_then(|found| found.first());
        exact.copied().or_else(|| {
            let longest = self
                .prefixed
                .iter()
                .filter(|(of, prefix, _)| of == scope && name.starts_with(prefix.as_str()));
            longest.max_by_key(|(_, prefix, _)| prefix.len()).map(|&(_, _, at)| at)
        })
    }

    /// The signature of the module or of what it is part of, longest first, with the part that matched.
    pub(crate) fn import<'k>(&self, scope: &str, path: &'k str) -> Option<(At, &'k str)> {
        names::enclosing_modules(path).find_map(|module| {
            let found = self.named.get(&(SignatureKind::Import, scope.to_owned(), module.to_owned()))?;
            Some((*found.first()?, module))
        })
    }

    /// Signatures of a type, exact ones before those of its beginnings, longest first.
    pub(crate) fn resource(&self, scope: &str, name: &str) -> Vec<At> {
        let name = name.to_ascii_lowercase();
        let mut longer: Vec<&(String, String, At)> = self
            .resource_prefixes
            .iter()
            .filter(|(of, prefix, _)| of == scope && name.starts_with(prefix.as_str()))
            .collect();
        longer.sort_by_key(|(_, prefix, _)| std::cmp::Reverse(prefix.len()));
        let exact = self.named.get(&(SignatureKind::Resource, scope.to_owned(), name));
        exact
            .into_iter()
            .flatten()
            .copied()
            .chain(longer.into_iter().map(|&(_, _, at)| at))
            .collect()
    }

    /// Signatures of a program with its sub-command, then those of the program alone.
    pub(crate) fn command(&self, written: &str) -> Vec<At> {
        let program = written.split(' ').next().unwrap_or(written);
        let alone = (program.len() < written.len()).then_some(program);
        [Some(written), alone]
            .into_iter()
            .flatten()
            .filter_map(|name| self.named.get(&(SignatureKind::Command, String::new(), name.to_owned())))
            .flatten()
            .copied()
            .collect()
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

    /// The signature of a host or of a domain above it, with the longest path.
    pub(crate) fn host(&self, host: &str, path: &str) -> Option<At> {
        let path = path.trim_start_matches('/');
        let fits = |found: &Vec<(String, At)>| {
            found
                .iter()
                .filter(|(prefix, _)| path.starts_with(prefix.as_str()))
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
                if let Some(at) = self.hosts.get(&format!("*.{parent}")).and_then(fits) {
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
        let telling = self.may_be_model(written);
        let families = [telling.then_some(&self.families), Some(&self.ambiguous_families)];
        families
            .into_iter()
            .flatten()
            .find_map(|families| forms.iter().map(|form| families.matches(form)).find(|found| !found.is_empty()))
            .unwrap_or_default()
    }

    /// Whether a text holds an anchor of a model: only then can it be a telling name of one.
    pub(crate) fn may_be_model(&self, text: &str) -> bool {
        self.model_anchors.as_ref().is_some_and(|anchors| anchors.is_match(text))
    }

    pub(crate) fn credential(&self, text: &str) -> Option<At> {
        // Some forms begin too shortly to be an anchor; they are one long word.
        let is_word = || (20..=300).contains(&text.len()) && !text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'/');
        let may_be = self.key_anchors.as_ref().is_some_and(|anchors| anchors.is_match(text)) || is_word();
        may_be.then(|| self.keys.matches(text).first().copied()).flatten()
    }

    pub(crate) fn file(&self, path: &str) -> Vec<At> {
        let mut found: Vec<At> = self.files.matches(path).into_iter().map(|at| self.file_signatures[at]).collect();
        found.dedup();
        found
    }
}

fn automaton(words: &[String], ignore_case: bool) -> Option<AhoCorasick> {
    AhoCorasickBuilder::new().ascii_case_insensitive(ignore_case).build(words).ok()
}

/// A key without `/` is a file name anywhere; one with it is anchored at the root unless it begins with `**/`.
fn file_glob(key: &str) -> Result<globset::Glob, globset::Error> {
    let pattern = if key.contains('/') { key.to_owned() } else { format!("**/{key}") };
    GlobBuilder::new(&pattern).literal_separator(true).build()
}
