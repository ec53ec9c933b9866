//! Whether a text is the id of a model, by where it stands and what the catalog knows of its name.

use evidence::{ComponentKind, Confidence, Evidence, Facts, Location, Observation, Stage, attribute};

use super::named::{id_of_request, is_identifier, is_placeholder, looks_like_model_id, names_software};
use super::{Recogniser, Seen, told};
use crate::provider::Provider;

/// Where a text stands that may be a model's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ModelPlace {
    /// An argument of a call on an AI library.
    Called,
    /// A place that a format keeps for models, as only what is AI has it.
    Declared,
    /// A variable, setting or argument called `model` or the like.
    Named,
    /// Any string.
    Anywhere,
}

impl ModelPlace {
    pub(super) fn of(observation: &Observation) -> Self {
        match observation.attribute(attribute::BY_FORMAT) {
            Some(_) => Self::Declared,
            None => Self::Named,
        }
    }

    const fn stage(self, configures: bool) -> Stage {
        match self {
            Self::Called => Stage::Invoked,
            Self::Declared => Stage::Configured,
            Self::Named if configures => Stage::Configured,
            _ => Stage::Referenced,
        }
    }
}

impl Recogniser<'_> {
    pub(super) fn model(&mut self, item: Seen<'_>, text: &str, stands: ModelPlace) {
        // `ollama://m:7b` says who is to serve the model.
        let served = text
            .split_once("://")
            .filter(|(scheme, _)| self.catalog.behind_prefix(scheme).is_some());
        let stands = if served.is_some() && stands == ModelPlace::Anywhere {
            ModelPlace::Named
        } else {
            stands
        };
        let text = id_of_request(served.map_or(text, |(_, id)| id));
        if !looks_like_model_id(text) || stands == ModelPlace::Anywhere && !self.catalog.index().may_be_model(text) {
            return;
        }
        let is_certain = matches!(stands, ModelPlace::Called | ModelPlace::Declared);
        if !is_certain && names_software(text) && self.catalog.listed_model(text).is_none() {
            return;
        }
        let found = self.catalog.index().model(text);
        let beside = !self.present.is_empty();
        let best = found
            .iter()
            .copied()
            .min_by_key(|&at| (self.catalog.known(at).signature.ambiguous, !self.present.contains(&at.0), at));
        let listed = || self.catalog.listed_model(text);
        let known = match best.map(|at| self.catalog.known(at)) {
            Some(family) if family.signature.ambiguous => listed().filter(|known| !known.signature.ambiguous).or(Some(family)),
            Some(family) => Some(family),
            None => listed(),
        };
        let Some(known) = known else {
            // A form that only model hubs use, in a place that holds a model's name, in a file that uses AI.
            let hub = text.split_once('/').is_some_and(|(org, name)| {
                let is_folder = matches!(name, "models" | "model" | "datasets" | "cache" | "data");
                !org.is_empty() && name.len() > 2 && !is_folder && !name.contains('/') && name.bytes().any(|b| b.is_ascii_alphabetic())
            });
            let certain = matches!(stands, ModelPlace::Called | ModelPlace::Declared);
            let server = self.told_server(item).filter(|_| stands == ModelPlace::Named);
            let accepted = certain || server.is_some() || stands == ModelPlace::Named && hub && (self.serves || !self.imported.is_empty());
            if accepted && !is_placeholder(text) {
                let model = self.unknown_model(item, text, stands);
                self.out.extend(server.map(|server| who_answers(server, &model)));
                self.out.push(model);
            }
            return;
        };
        // A family some of whose ids are written like identifiers says so by its examples.
        let is_of_program = || {
            let signature = known.signature;
            is_identifier(text) && !signature.keys.iter().chain(&signature.examples).any(|known| is_identifier(known)) && listed().is_none()
        };
        if stands == ModelPlace::Anywhere && is_of_program() {
            return;
        }
        let accepted = match stands {
            ModelPlace::Called | ModelPlace::Declared => true,
            ModelPlace::Named => !known.signature.ambiguous || beside,
            ModelPlace::Anywhere => {
                !known.signature.ambiguous
                    && (known.signature.confidence == Confidence::High || beside && known.signature.confidence == Confidence::Medium)
            }
        };
        if !accepted {
            return;
        }
        let mut evidence = self.evidence(item, known, ComponentKind::Model, text.to_owned());
        // What has a limit or a price in a table may be used, and may be one of all that there are.
        evidence.stage = if item.observation.attribute(attribute::MENTIONED).is_some() {
            Stage::Offered
        } else {
            stands.stage(item.configures)
        };
        for (fact, value) in self.catalog.model_facts(text) {
            // What the artifact itself says counts more.
            evidence.facts.entry(fact).or_insert(value);
        }
        if stands == ModelPlace::Anywhere {
            evidence.confidence = evidence.confidence.min(Confidence::Medium);
        }
        // A route (`anthropic/claude-…`) says whose service answers; a hub's organisation does not.
        let route = served
            .map(|(scheme, _)| scheme)
            .or_else(|| text.split_once('/').map(|(route, _)| route));
        let gateway = route.and_then(|route| self.catalog.behind_prefix(route));
        if let Some(gateway) = self.told_server(item).or(gateway) {
            self.out.push(who_answers(gateway, &evidence));
        } else if let Some(route) = route
            && known.product.service
            && (known.provider.id == route || known.provider.id.split('-').next() == Some(route))
        {
            let mut provider = self.provider(item, known, &evidence);
            provider.confidence = provider.confidence.min(Confidence::Medium);
            self.out.push(provider);
        }
        self.out.push(evidence);
    }

    /// Who is to answer, where that stands beside the model's name and is known.
    fn told_server(&self, item: Seen<'_>) -> Option<&Provider> {
        let told = item.observation.attribute(attribute::SERVED_BY)?;
        self.catalog.who_answers(told)
    }

    fn unknown_model(&self, item: Seen<'_>, text: &str, stands: ModelPlace) -> Evidence {
        Evidence {
            location: Location::new(self.place.path, item.observation.line),
            kind: ComponentKind::Model,
            name: text.to_owned(),
            provider: None,
            product: None,
            version: None,
            relation: None,
            stage: stands.stage(item.configures),
            confidence: Confidence::Medium,
            usage: self.usage(item),
            vendored: self.place.vendored,
            signature: if stands == ModelPlace::Declared {
                "model-named-by-a-format"
            } else {
                "model-named-in-a-call"
            }
            .to_owned(),
            detector: item.detector.to_owned(),
            excerpt: self.excerpt(item),
            facts: self.catalog.model_facts(text).into_iter().chain(told(item.observation)).collect(),
        }
    }
}

/// What a model's place says of who is to answer with it.
fn who_answers(provider: &Provider, model: &Evidence) -> Evidence {
    Evidence {
        kind: ComponentKind::Provider,
        name: provider.id.clone(),
        provider: Some(provider.id.clone()),
        product: None,
        confidence: model.confidence.min(Confidence::Medium),
        facts: Facts::from_iter([
            ("basis".into(), "model".to_owned()),
            ("vendor".into(), provider.vendor.as_str().to_owned()),
        ]),
        ..model.clone()
    }
}
