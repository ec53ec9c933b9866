//! The catalog: every provider file, loaded, merged and indexed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use evidence::{Anchor, Kind};
use sha2::{Digest, Sha256};

use crate::embedded;
use crate::index::{self, Index};
use crate::known_models::KnownModels;
use crate::provider::{Product, Provider, Signature, SignatureKind};
use crate::source::{self, LoadError};

/// Everything known about providers, ready to recognise observations.
pub struct Catalog {
    pub(crate) providers: Vec<Provider>,
    digest: String,
    index: OnceLock<Index>,
    models: OnceLock<KnownModels>,
}

/// A signature with what it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Known<'c> {
    /// Whose it is.
    pub provider: &'c Provider,
    /// What it speaks of.
    pub product: &'c Product,
    /// The signature.
    pub signature: &'c Signature,
}

impl Catalog {
    /// The embedded catalog, with the users' files on top: a file adds to a provider of the same id, a product or
    /// signature of the same id replaces what was there.
    ///
    /// # Errors
    /// If a file cannot be read, has not the form of a provider file, or holds a pattern that does not compile.
    pub fn load(overlays: &[PathBuf]) -> Result<Self, LoadError> {
        let mut providers = embedded::providers();
        let mut hash = Sha256::new();
        hash.update(embedded::DIGEST);
        for overlay in overlays {
            for file in source::folder(overlay)? {
                let provider: Provider = source::parse(&file.name, &file.text)?;
                // What is embedded was checked when it was built.
                provider.signatures.iter().try_for_each(index::compiles)?;
                hash.update(&file.text);
                lay_over(&mut providers, provider);
            }
        }
        Ok(Self::sorted(providers, hash))
    }

    /// A catalog of the given providers only.
    ///
    /// # Errors
    /// If a pattern does not compile.
    pub fn of(providers: Vec<Provider>) -> Result<Self, LoadError> {
        let mut hash = Sha256::new();
        for provider in &providers {
            provider.signatures.iter().try_for_each(index::compiles)?;
            hash.update(serde_json::to_vec(provider).unwrap_or_default());
        }
        Ok(Self::sorted(providers, hash))
    }

    fn sorted(mut providers: Vec<Provider>, hash: Sha256) -> Self {
        providers.sort_by(|a, b| a.id.cmp(&b.id));
        Self {
            providers,
            digest: hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
            index: OnceLock::new(),
            models: OnceLock::new(),
        }
    }

    /// The look-up tables, made when first asked for: a command that only lists needs none.
    pub(crate) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.providers))
    }

    pub(crate) fn models(&self) -> &KnownModels {
        self.models.get_or_init(|| KnownModels::of(&self.providers))
    }

    /// Every provider, by id.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The name people read for a provider's id.
    #[must_use]
    pub fn provider_name(&self, id: &str) -> Option<&str> {
        self.providers
            .binary_search_by(|provider| provider.id.as_str().cmp(id))
            .ok()
            .map(|at| self.providers[at].name.as_str())
    }

    /// Every signature with what it belongs to, by provider, in the order of its file.
    pub fn signatures(&self) -> impl Iterator<Item = Known<'_>> {
        self.providers.iter().flat_map(|provider| {
            provider.signatures.iter().filter_map(|signature| {
                let product = provider.products.iter().find(|product| product.id == signature.product)?;
                Some(Known {
                    provider,
                    product,
                    signature,
                })
            })
        })
    }

    /// The strong words for a reader that sees these kinds in these scopes: each signature that can stand on its own has
    /// one in every text it can match. How an import of a module is written, the reader tells.
    #[must_use]
    pub fn anchors(&self, sees: &[(Kind, &str)], written: &dyn Fn(&str) -> Vec<String>) -> Vec<Anchor> {
        let seen = |signature: &Signature| {
            sees.iter()
                .any(|(kind, scope)| signature.kind.observed() == *kind && signature.scope.as_deref().is_none_or(|wanted| wanted == *scope))
        };
        let words: BTreeSet<Anchor> = self
            .signatures()
            .filter(|known| {
                let stands_alone = !known.signature.ambiguous && !known.signature.beside || tells_when_called(known.signature);
                stands_alone && seen(known.signature) && !is_mere_name(known.signature)
            })
            .flat_map(|known| {
                if known.signature.kind == SignatureKind::Import {
                    imports(known.signature, written)
                } else {
                    anchors(known.signature)
                }
            })
            .filter(|word| word.text.len() >= SHORTEST_ANCHOR)
            .map(in_lower_case)
            .collect();
        words.into_iter().collect()
    }

    /// The strong words for what a reader sees in texts written in another language: those forms of programs and typed things in which
    /// the reader says that they are written there.
    #[must_use]
    pub fn anchors_inside(&self, written: &dyn Fn(Kind, &str, &str) -> Vec<String>) -> Vec<Anchor> {
        let words: BTreeSet<Anchor> = self
            .signatures()
            .map(|known| known.signature)
            .filter(|signature| {
                let may_stand_inside = matches!(signature.kind, SignatureKind::Command | SignatureKind::Resource);
                may_stand_inside && !signature.ambiguous && !signature.beside
            })
            .flat_map(|signature| {
                let scope = signature.scope.as_deref().unwrap_or_default();
                let names = signature.keys.iter().map(|key| match signature.kind {
                    SignatureKind::Command => key.split(' ').next().unwrap_or(key),
                    _ => key.trim_end_matches('*'),
                });
                let anchor = match signature.kind {
                    SignatureKind::Command => Anchor::whole,
                    _ => Anchor::beginning,
                };
                names
                    .flat_map(|name| written(signature.kind.observed(), scope, name))
                    .map(anchor)
                    .collect::<Vec<_>>()
            })
            .filter(|word| word.text.len() >= SHORTEST_ANCHOR)
            .map(in_lower_case)
            .collect();
        words.into_iter().collect()
    }

    /// Whether some signature wants this path for its mere name.
    #[must_use]
    pub fn wants_file(&self, path: &str) -> bool {
        self.index().wants_file(path)
    }

    /// A digest of everything the catalog knows: results of another digest must not be reused.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The signatures that a name belongs to, whatever kind of name it is.
    #[must_use]
    pub fn matching(&self, name: &str) -> Vec<Known<'_>> {
        let index = self.index();
        let scopes: BTreeSet<&str> = self.signatures().filter_map(|known| known.signature.scope.as_deref()).collect();
        let (host, path) = name.split_once('/').unwrap_or((name, ""));
        let mut found: Vec<_> = scopes
            .iter()
            .flat_map(|scope| {
                [
                    index.package(scope, name),
                    index.import(scope, name).map(|(at, _)| at),
                    index
                        .resource(scope, name)
                        .into_iter()
                        .find(|&at| names_something(self.known(at).signature)),
                ]
            })
            .flatten()
            .collect();
        found.extend(
            [
                index.host(host, path),
                index.variable(name),
                index.image(name),
                index.command(name).first().copied(),
            ]
            .into_iter()
            .flatten(),
        );
        found.extend(index.model(name));
        found.extend(index.file(name));
        found.sort_unstable();
        found.dedup();
        // What stands for everything of its scope tells nothing about a name.
        let mut found: Vec<Known<'_>> = found
            .into_iter()
            .map(|at| self.known(at))
            .filter(|known| known.signature.keys != ["*"])
            .collect();
        if found.iter().all(|known| known.signature.kind != SignatureKind::Model) {
            found.extend(self.listed_model(name));
        }
        found
    }

    pub(crate) fn known(&self, (provider, signature): (u32, u32)) -> Known<'_> {
        let provider = &self.providers[provider as usize];
        let signature = &provider.signatures[signature as usize];
        let product = provider.products.iter().find(|product| product.id == signature.product);
        Known {
            provider,
            product: product.expect("the index holds only signatures whose product exists"),
            signature,
        }
    }
}

/// Whether a signature's keys say more than that anything of its scope is meant.
fn names_something(signature: &Signature) -> bool {
    signature.keys.iter().any(|key| key != "*")
}

fn lay_over(providers: &mut Vec<Provider>, overlay: Provider) {
    let Some(provider) = providers.iter_mut().find(|provider| provider.id == overlay.id) else {
        providers.push(overlay);
        return;
    };
    for product in overlay.products {
        provider.products.retain(|known| known.id != product.id);
        provider.products.push(product);
    }
    for signature in overlay.signatures {
        provider.signatures.retain(|known| known.id != signature.id);
        provider.signatures.push(signature);
    }
    provider.name = overlay.name;
    provider.checked = overlay.checked;
    provider.references.extend(overlay.references);
}

/// Whether a signature knows a vendor by what formats call it in a place of their own: such names stand in many texts, and
/// what makes a text worth reading is a word of the format.
fn is_mere_name(signature: &Signature) -> bool {
    signature.kind == SignatureKind::Resource && signature.scope.as_deref() == Some("vendor-name")
}

/// Whether a module whose name others have too is worth reading for what may be called on it: its signature gives the words itself.
fn tells_when_called(signature: &Signature) -> bool {
    signature.kind == SignatureKind::Import && signature.ambiguous && !signature.anchors.is_empty()
}

/// The words of which one stands in every text that the signature can match; empty if the signature never triggers
/// the reading of a file by itself.
pub(crate) fn anchors(signature: &Signature) -> Vec<Anchor> {
    use SignatureKind as K;
    let of_key = |key: &String| -> Vec<Anchor> {
        match signature.kind {
            // A registry takes `-`, `_` and `.` for the same.
            K::Package => spellings(key.trim_end_matches('*'))
                .into_iter()
                .map(|spelling| Anchor {
                    text: spelling,
                    ..Anchor::of_key(key)
                })
                .collect(),
            K::Host => vec![Anchor::whole(key.split('/').next().unwrap_or(key).trim_start_matches("*."))],
            K::Env => match key.strip_prefix("*_") {
                Some(ending) => vec![Anchor {
                    text: ending.to_owned(),
                    ..Anchor::of_key(key)
                }],
                None => vec![Anchor::of_key(key)],
            },
            K::Image => vec![Anchor::of_key(key)],
            // What a format calls a thing may be a part of how it is written.
            K::Resource => vec![Anchor::part(key.trim_end_matches('*'))],
            // A program and its sub-command need not stand beside each other.
            K::Command => vec![Anchor::whole(key.split(' ').next().unwrap_or(key))],
            // What follows an id may be a version.
            K::Model => vec![Anchor::beginning(key)],
            K::Import | K::File | K::Call | K::Key => Vec::new(),
        }
    };
    let anchored = |key: &String| signature.anchors.iter().any(|anchor| contains(key, anchor));
    // The type of a resource may be a reader's own word for it; then the words of the text are given, and they alone count.
    let given = signature.kind == SignatureKind::Resource && !signature.anchors.is_empty();
    let mut words: Vec<Anchor> = signature
        .keys
        .iter()
        .filter(|key| !given && !anchored(key))
        .flat_map(of_key)
        .filter(|word| word.text.len() >= SHORTEST_ANCHOR)
        .collect();
    words.extend(signature.anchors.iter().map(Anchor::part));
    words
}

/// The words for a module's import: those the signature names, else the forms in which the reader's language writes it.
fn imports(signature: &Signature, written: &dyn Fn(&str) -> Vec<String>) -> Vec<Anchor> {
    let explicit = |key: &String| {
        signature
            .anchors
            .iter()
            .any(|anchor| contains(anchor, key) || contains(key, anchor))
    };
    let mut words: Vec<Anchor> = signature
        .keys
        .iter()
        .filter(|key| !explicit(key))
        .flat_map(|key| written(key))
        .map(Anchor::whole)
        .collect();
    // What begins with the module's name begins where the name begins: `acme::` does not stand in `xacme::`.
    let begins_with_a_key = |anchor: &&String| signature.keys.iter().any(|key| starts_with(anchor, key));
    let (beginning, part): (Vec<&String>, Vec<&String>) = signature.anchors.iter().partition(begins_with_a_key);
    words.extend(beginning.into_iter().map(Anchor::beginning));
    words.extend(part.into_iter().map(Anchor::part));
    words
}

fn in_lower_case(word: Anchor) -> Anchor {
    Anchor {
        text: word.text.to_ascii_lowercase(),
        ..word
    }
}

/// Shorter words cannot be searched for.
pub(crate) const SHORTEST_ANCHOR: usize = 5;

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn contains(text: &str, word: &str) -> bool {
    text.to_ascii_lowercase().contains(&word.to_ascii_lowercase())
}

/// The ways in which a package name may be written.
fn spellings(name: &str) -> Vec<String> {
    if name.starts_with('@') || name.contains(['/', ':']) {
        return vec![name.to_owned()];
    }
    let mut all: Vec<String> = std::iter::once(name.to_owned())
        .chain(["-", "_", "."].iter().map(|separator| name.replace(['-', '_', '.'], separator)))
        .collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(signature: &str) -> Provider {
        let text = format!(
            "id = \"t\"\nname = \"T\"\nvendor = \"project\"\nhomepage = \"https://t.example\"\nchecked = 2026-11-26\nreferences = [\"x\"]\n\
             [[product]]\nid = \"t.p\"\nname = \"T\"\ncomponent = \"package\"\n\
             [[signature]]\nid = \"t.s\"\nproduct = \"t.p\"\nconfidence = \"high\"\n{signature}\n"
        );
        source::parse("t.toml", &text).expect("has the form of a provider file")
    }

    #[test]
    fn patterns_that_do_not_compile_are_refused_when_they_are_loaded() {
        for wrong in ["kind = \"model\"\npatterns = [\"t-[0-9\"]", "kind = \"file\"\nkeys = [\"[a\"]"] {
            let error = Catalog::of(vec![provider(wrong)]).err().expect("is refused").to_string();
            assert!(error.contains("t.s"), "{error}");
        }
    }

    #[test]
    fn a_digest_follows_what_is_known() {
        let digest = |signature: &str| {
            let catalog = Catalog::of(vec![provider(signature)]).expect("loads");
            catalog.digest().to_owned()
        };
        let one = "kind = \"model\"\npatterns = [\"t-[0-9]\"]\nanchors = [\"model-t\"]";
        assert_eq!(digest(one), digest(one));
        assert_ne!(digest(one), digest(&one.replace("0-9", "0-8")));
    }

    #[test]
    fn a_path_is_wanted_for_its_name_if_and_only_if_a_signature_means_it() {
        let catalog = Catalog::load(&[]).expect("the catalog loads");
        let named = catalog.signatures().filter(|known| known.signature.kind == SignatureKind::File);
        let examples: Vec<&String> = named
            .flat_map(|known| known.signature.examples.iter().chain(&known.signature.counterexamples))
            .collect();
        assert!(examples.len() > 100);
        for example in examples {
            for path in [
                example.clone(),
                format!("a/b/{example}"),
                format!(".a/{example}"),
                format!("{example}/b.c"),
            ] {
                assert_eq!(catalog.wants_file(&path), !catalog.index().file(&path).is_empty(), "{path}");
            }
        }
    }
}
