//! Calls: which library they use, which service they are made on, and which model they name.

use std::collections::BTreeSet;

use evidence::{ComponentKind, Observation, Stage, Usage, attribute, fact};

use super::named::stands_in;
use super::{ModelPlace, Recogniser, Seen, called_name, component, name};
use crate::catalog::Known;
use crate::index::At;
use crate::provider::{Signature, SignatureKind};

/// Arguments that hold a model's name in any call on an AI library, in lower case and without separators.
const MODEL_ARGUMENTS: &[&str] = &[
    "model",
    "modelname",
    "modelid",
    "repoid",
    "azuredeployment",
    "deploymentname",
    "azureopenaiapideploymentname",
    "deployment",
    "engine",
];

impl<'a> Recogniser<'a> {
    pub(super) fn call(&mut self, item: Seen<'a>) {
        let observation = item.observation;
        if self.called_in_full(item) {
            return;
        }
        let before = self.out.len();
        let open = observation.key.strip_prefix("*.");
        let (resolved, callee) = match observation.key.strip_prefix("?.").or(open) {
            Some(callee) => (None, callee),
            None => match self.catalog.index().import(observation.scope, &observation.key) {
                Some((at, module)) if self.imported.contains(&at.0) || !self.catalog.known(at).signature.ambiguous => {
                    (Some(at), observation.key[module.len()..].trim_start_matches(['.', ':', '/']))
                }
                _ => return,
            },
        };
        if let Some(at) = resolved {
            self.imported.insert(at.0);
            self.present.insert(at.0);
            self.client(item, at);
        } else if open.is_some() {
            self.options(item, callee);
        }
        let whole = if resolved.is_some() { observation.key.as_str() } else { callee };
        let index = self.catalog.index();
        let opened = open.map(|callee| index.opened(callee)).unwrap_or_default();
        let fitting = index.call(whole).into_iter().chain(opened).find(|&at| {
            let signature = self.catalog.known(at).signature;
            let of_its_own = |provider: Option<u32>| match provider {
                Some(provider) => provider == at.0,
                None => self.imported.contains(&at.0),
            };
            // A framework has a name of its own for each vendor whose service it calls.
            let of_a_framework = signature.beside && !self.imported.is_empty();
            // Without knowing the receiver, one word is no sign; a type that an import brings in is.
            let tells = resolved.is_some() || open.is_some() || self.matched_parts(at, callee) > 1;
            signature.speaks(observation) && tells && (of_its_own(resolved.map(|at| at.0)) || of_a_framework)
        });
        if let Some(at) = fitting {
            self.signed_call(item, at, resolved);
        }
        if let (None, Some(at)) = (resolved, fitting)
            && let Some(library) = self.brings(at, observation.scope)
        {
            self.client(item, library);
        }
        if let Some(at) = resolved.or(fitting) {
            self.models_of_call(item, at, fitting);
            self.lead_elsewhere(item, at, before);
        } else if open.is_some() {
            self.call_with_a_model(item);
        }
    }

    /// A call that is known by its whole name, with the module, and by its arguments (`cloud.client("vision")`) or by the name alone
    /// (`new Cloud.Vision()`): the module serves many things and says nothing by itself. Says whether it is one.
    fn called_in_full(&mut self, item: Seen<'a>) -> bool {
        let observation = item.observation;
        let fits = |at: &At| {
            let signature = self.catalog.known(*at).signature;
            let says = !signature.when.is_empty() || signature.component == Some(ComponentKind::Provider);
            says && signature.scope.is_some() && !signature.beside && signature.speaks(observation)
        };
        let in_full = Some(observation.key.as_str()).filter(|callee| callee.contains('.'));
        let known = in_full.map(|callee| self.catalog.index().called(callee)).unwrap_or_default();
        let Some(at) = known.iter().copied().find(fits) else { return false };
        self.imported.insert(at.0);
        self.present.insert(at.0);
        self.signed_call(item, at, None);
        self.models_of_call(item, at, Some(at));
        true
    }

    /// A call on what an import may bring in without naming it, which names a model that is known as one: the file's library is
    /// used.
    fn call_with_a_model(&mut self, item: Seen<'a>) {
        let scope = item.observation.scope;
        let here: Vec<At> = self.brought.iter().copied().filter(|&at| self.is_in(at, scope)).collect();
        let Some(text) = model_argument(item.observation, &[])
            .map(str::to_owned)
            .or_else(|| self.constant_argument(item))
            .filter(|_| !here.is_empty())
        else {
            return;
        };
        let Some(known) = self.telling_model(&text) else { return };
        let own = here.iter().find(|at| self.catalog.known(**at).provider.id == known.provider.id);
        let only = || here.first().filter(|_| here.len() == 1);
        if let Some(&library) = own.or_else(only) {
            self.client(item, library);
        }
        self.model(item, &text, ModelPlace::Called);
    }

    /// What a model's id is recognised by, if it is nothing else.
    pub(super) fn telling_model(&self, text: &str) -> Option<Known<'a>> {
        let families = self.catalog.index().model(text);
        let telling = |known: &Known<'_>| !known.signature.ambiguous;
        let family = families.into_iter().map(|at| self.catalog.known(at)).find(telling);
        family.or_else(|| self.catalog.listed_model(text).filter(telling))
    }

    fn is_in(&self, at: At, scope: &str) -> bool {
        self.catalog.known(at).signature.scope.as_deref() == Some(scope)
    }

    /// The import of the file that brings in what a call signature is made on.
    fn brings(&self, at: At, scope: &str) -> Option<At> {
        let product = &self.catalog.known(at).signature.product;
        let mut brought = self.brought.range((at.0, 0)..=(at.0, u32::MAX)).copied();
        brought.find(|&import| self.is_in(import, scope) && self.catalog.known(import).signature.product == *product)
    }

    /// How many parts the call signature's matching key has.
    fn matched_parts(&self, at: At, callee: &str) -> usize {
        let keys = &self.catalog.known(at).signature.keys;
        keys.iter()
            .filter(|key| callee == key.as_str() || callee.ends_with(&format!(".{key}")))
            .map(|key| key.split('.').count())
            .max()
            .unwrap_or(0)
    }

    /// A call that a signature knows: the strongest evidence for its product.
    fn signed_call(&mut self, item: Seen<'_>, at: At, resolved: Option<At>) {
        let known = self.catalog.known(at);
        let signature = known.signature;
        if signature.component.is_none() && signature.name.is_none() {
            // The library is the one that the receiver came from; without one, any of the product in this language.
            let library = resolved
                .map(|at| self.catalog.known(at))
                .or_else(|| self.library(known, at.0, item.observation.scope));
            let (kind, name) = match library {
                Some(library) => (component(library), name(library, item.observation)),
                None => (known.product.component, known.provider.id.clone()),
            };
            let evidence = self.evidence(item, known, kind, name);
            if known.product.service {
                self.out.push(self.provider(item, known, &evidence));
            }
            self.out.push(evidence);
        } else if let Some(name) = called_name(signature, item.observation) {
            let evidence = self.evidence(item, known, component(known), name);
            // A server that a test makes for itself is no part of what is built.
            let is_stand_in = evidence.kind == ComponentKind::McpServer && evidence.usage == Usage::Test && stands_in(&evidence.name);
            if !is_stand_in {
                self.out.push(evidence);
            }
        }
    }

    /// The import of a product in a language: one that the artifact has, else the first that is known.
    fn library(&self, of: Known<'a>, provider: u32, scope: &str) -> Option<Known<'a>> {
        let fits = |signature: &Signature| {
            signature.kind == SignatureKind::Import
                && signature.product == of.signature.product
                && signature.scope.as_deref() == Some(scope)
        };
        let mut brought = self.brought.range((provider, 0)..=(provider, u32::MAX));
        let here = brought.find_map(|&at| Some(self.catalog.known(at)).filter(|known| fits(known.signature)));
        let any = || of.provider.signatures.iter().find(|signature| fits(signature));
        here.or_else(|| any().map(|signature| Known { signature, ..of }))
    }

    /// Where a call takes its model or address from what another file holds, its evidence says from what.
    fn lead_elsewhere(&mut self, item: Seen<'a>, at: At, before: usize) {
        let from = [
            (attribute::MODEL_FROM, fact::MODEL_FROM),
            (attribute::ADDRESS_FROM, fact::ADDRESS_FROM),
        ];
        let leads: Vec<(&str, &str)> = from
            .into_iter()
            .filter_map(|(name, fact)| Some((fact, item.observation.attribute(name)?)))
            .collect();
        if leads.is_empty() {
            return;
        }
        if self.out.len() == before {
            // One statement of its library's use was enough so far; this one is needed as a place.
            let known = self.catalog.known(at);
            let mut evidence = self.evidence(item, known, component(known), name(known, item.observation));
            evidence.stage = Stage::Invoked;
            self.out.push(evidence);
        }
        for (fact, name) in leads {
            self.out[before].facts.insert(fact.into(), name.to_owned());
        }
    }

    /// Whether a library is for training alone: what it calls a model is a kind of one (`linear_reg`), which has no name elsewhere.
    fn only_trains(&self, library: At) -> bool {
        let purposes = &self.catalog.known(library).product.purposes;
        !purposes.is_empty() && purposes.iter().all(|purpose| purpose == "training")
    }

    fn models_of_call(&mut self, item: Seen<'_>, library: At, signature: Option<At>) {
        let observation = item.observation;
        // Hubs hold data and programs under the same names as models.
        let kind = observation.attribute(&format!("{}repo_type", attribute::ARGUMENT));
        if kind.is_some_and(|kind| kind != "model") {
            return;
        }
        let signed = signature
            .map(|at| self.catalog.known(at).signature.models.as_slice())
            .unwrap_or_default();
        let set = || {
            let first = observation.attribute(&format!("{}0", attribute::ARGUMENT));
            first.filter(|_| sets_a_model(&observation.key))
        };
        let named = model_argument(observation, signed).or_else(set).map(str::to_owned);
        let stands = if signed.is_empty() && self.only_trains(library) {
            ModelPlace::Named
        } else {
            ModelPlace::Called
        };
        if let Some(text) = named.or_else(|| self.constant_argument(item)) {
            self.model(item, &text, stands);
        }
    }

    /// The model that one of a call's arguments stands for.
    fn constant_argument(&self, item: Seen<'_>) -> Option<String> {
        let observation = item.observation;
        let mut constants = observation
            .attributes
            .iter()
            .filter_map(|(name, written)| Some((name.strip_prefix(attribute::CONSTANT)?, written)));
        // What cannot be followed to a library must stand where a model is meant.
        let is_meant = |name: &str| argument_rank(name).is_some() || sets_a_model(&observation.key);
        constants.find_map(|(name, written)| {
            let is_unknown = written.starts_with(['?', '*']);
            let told = !is_unknown || is_meant(name);
            told.then(|| self.constant(written, observation.scope)).flatten()
        })
    }

    /// The model that a constant of a library stands for, as its name is the id in other letters.
    pub(super) fn constant(&self, written: &str, scope: &str) -> Option<String> {
        let unknown = written.strip_prefix("?.").or_else(|| written.strip_prefix("*."));
        let vendors: BTreeSet<u32> = match unknown {
            Some(_) => self.imported.clone(),
            None => BTreeSet::from([self.catalog.index().import(scope, written)?.0.0]),
        };
        let name = written.rsplit(['.', ':', '/']).next()?;
        let is_own = |provider: &str| vendors.iter().any(|at| self.catalog.providers()[*at as usize].id == provider);
        (!vendors.is_empty())
            .then(|| self.catalog.model_of_constant(name, is_own))
            .flatten()
    }
}

/// The argument that names the model: one that the signature says, else one that is called so; one of the call's own before one
/// of an object that is handed over.
fn model_argument<'o>(observation: &'o Observation, signed: &[String]) -> Option<&'o str> {
    let argument = |name: &String| observation.attribute(&format!("{}{name}", attribute::ARGUMENT));
    signed.iter().find_map(argument).or_else(|| {
        let named = observation.attributes.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(attribute::ARGUMENT)?;
            Some((argument_rank(name)?, value.as_str()))
        });
        named.min_by_key(|(rank, _)| *rank).map(|(_, value)| value)
    })
}

/// How likely an argument of this name holds the model, if it may: lower is likelier.
fn argument_rank(name: &str) -> Option<(bool, usize)> {
    let (inside, name) = name.rsplit_once('.').map_or((false, name), |(_, last)| (true, last));
    let plain: String = name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let at = MODEL_ARGUMENTS.iter().position(|known| *known == plain)?;
    (!inside || plain.starts_with("model")).then_some((inside, at))
}

/// Whether a call does nothing but name the model: `.modelName("m")`, `.WithModel("m")`.
fn sets_a_model(callee: &str) -> bool {
    let setter = callee.rsplit(['.', ':']).next().unwrap_or(callee).to_ascii_lowercase();
    let setter = setter.trim_start_matches("with").trim_start_matches("set").replace('_', "");
    matches!(
        setter.as_str(),
        "model" | "modelname" | "modelid" | "deploymentname" | "chatmodel" | "embeddingmodel"
    )
}
