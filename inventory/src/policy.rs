//! A policy for pipelines: what may be used where, and what must be decided of every system. It is data that an organisation writes;
//! what breaks it is a finding that names rule, system, evidence and who can accept it.

use evidence::{ComponentKind, Evidence};
use serde::Deserialize;

use crate::findings::{self, accept::is_day};
use crate::register::Subject;
use crate::{Component, Finding, Inventory, Level, System, Tier};

/// The rule that findings of a policy name.
pub const RULE: &str = "policy";

/// Places that a finding shows.
const MOST_PLACES: usize = 20;

/// One rule of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyRule {
    /// What findings call it.
    pub id: String,
    /// Why it is there, as a sentence.
    pub because: String,
    /// Who can accept that it is broken.
    pub who: String,
    /// Of which systems it speaks; of all of them if nothing is said.
    #[serde(default)]
    pub when: When,
    /// What must not be used.
    #[serde(default)]
    pub deny: Things,
    /// What may be used: of each kind that is named, nothing else.
    #[serde(default)]
    pub allow: Things,
    /// What must be decided, and stand: `owner`, `approval=approved`, `tier`, `review-next`.
    #[serde(default)]
    pub require: Vec<String>,
    /// The highest tier a system may be indicated as.
    #[serde(default)]
    pub most: Option<Tier>,
}

/// Of which systems a rule speaks: all that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct When {
    /// Their tier, as confirmed or else as indicated, is this or above.
    pub tier: Option<Tier>,
    /// Their ceiling is this or above.
    pub ceiling: Option<Tier>,
    /// Their names; a `*` at an end stands for anything.
    pub name: Vec<String>,
    /// Their sources.
    pub source: Vec<String>,
}

/// Things that systems are made of or do, by name; a `*` at an end stands for anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Things {
    /// Providers, by catalog id.
    #[serde(alias = "providers")]
    pub provider: Vec<String>,
    /// Models.
    #[serde(alias = "models")]
    pub model: Vec<String>,
    /// Licences of models and data.
    #[serde(alias = "licences")]
    pub licence: Vec<String>,
    /// Regions of cloud services, as their hosts and records name them.
    #[serde(alias = "regions")]
    pub region: Vec<String>,
    /// Uses: what parts are for (`text-generation`), and areas of life, by the risk rule that shows them (`domain.employment`).
    #[serde(alias = "uses")]
    pub r#use: Vec<String>,
    /// Categories of data, by the risk rule that shows them: `data.health`.
    pub data: Vec<String>,
    /// What agents can do: `shell`, `database-write` …
    pub capability: Vec<String>,
}

/// What the organisation approved, in the words of [`Things`]: of a kind that is named, nothing else is; of one that is not, nobody
/// decided.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Approved {
    /// Providers.
    #[serde(alias = "provider")]
    pub providers: Option<Vec<String>>,
    /// Models.
    #[serde(alias = "model")]
    pub models: Option<Vec<String>>,
    /// Licences of models and data.
    #[serde(alias = "licence")]
    pub licences: Option<Vec<String>>,
    /// Regions of cloud services.
    #[serde(alias = "region")]
    pub regions: Option<Vec<String>>,
    /// Uses.
    #[serde(alias = "use")]
    pub uses: Option<Vec<String>>,
}

impl Approved {
    /// Adds what another list approves.
    pub fn extend(&mut self, other: Self) {
        for (mine, others) in [
            (&mut self.providers, other.providers),
            (&mut self.models, other.models),
            (&mut self.licences, other.licences),
            (&mut self.regions, other.regions),
            (&mut self.uses, other.uses),
        ] {
            if let Some(others) = others {
                mine.get_or_insert_default().extend(others);
            }
        }
    }

    /// Whether nobody decided on anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A kind of thing that is allowed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Provider,
    Model,
    Licence,
    Region,
    Use,
    Data,
    Capability,
}

impl Kind {
    /// Its word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Licence => "licence",
            Self::Region => "region",
            Self::Use => "use",
            Self::Data => "category of data",
            Self::Capability => "capability",
        }
    }
}

/// A thing of one kind, as it is seen in a system.
#[derive(Debug)]
pub(crate) struct Seen<'s> {
    /// What a rule names.
    pub(crate) value: String,
    /// The parts of the system that show it.
    pub(crate) parts: Vec<&'s str>,
    /// The places, in what runs.
    pub(crate) evidence: Vec<&'s Evidence>,
}

/// What is wrong with a rule, if anything: a sentence.
#[must_use]
pub fn fault(rule: &PolicyRule) -> Option<String> {
    if rule.id.trim().is_empty() || rule.because.trim().is_empty() || rule.who.trim().is_empty() {
        return Some("a rule of the policy needs `id`, `because` and `who`".to_owned());
    }
    for wanted in &rule.require {
        let (subject, value) = wanted.split_once('=').unwrap_or((wanted, ""));
        if let Err(bad) = Subject::parse(subject).and_then(|subject| subject.check(value, "")) {
            return Some(format!("`{}` requires `{wanted}`: {bad}", rule.id));
        }
    }
    let says_nothing = rule.deny == Things::default() && rule.allow == Things::default() && rule.require.is_empty() && rule.most.is_none();
    says_nothing.then(|| format!("`{}` says nothing; give it `deny`, `allow`, `require` or `most`", rule.id))
}

/// Adds to an inventory, in which people's decisions already stand, a finding for each system that breaks a rule.
pub fn judge(inventory: &mut Inventory, rules: &[PolicyRule], today: &str) {
    let mut found = Vec::new();
    for system in &inventory.systems {
        for rule in rules.iter().filter(|rule| speaks_of(&rule.when, system)) {
            found.extend(broken(rule, system, today));
        }
    }
    if found.is_empty() {
        return;
    }
    inventory.findings.extend(found);
    inventory.findings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.cmp(b)));
}

/// The tier that people confirmed, else the one that is indicated.
fn tier(system: &System) -> Tier {
    system.confirmed_tier().unwrap_or(system.classification.indicated)
}

fn speaks_of(when: &When, system: &System) -> bool {
    when.tier.is_none_or(|least| tier(system) >= least)
        && when.ceiling.is_none_or(|least| system.classification.ceiling >= least)
        && (when.name.is_empty() || when.name.iter().any(|name| fits(name, &system.name)))
        && (when.source.is_empty() || when.source.iter().any(|source| fits(source, &system.source)))
}

fn broken(rule: &PolicyRule, system: &System, today: &str) -> Vec<Finding> {
    let mut broken: Vec<(String, Vec<Evidence>)> = Vec::new();
    for (kind, denied, allowed) in spoken_of(rule) {
        for Seen { value, evidence, .. } in seen(kind, system) {
            let is_denied = denied.iter().any(|pattern| names(kind, pattern, &value));
            let is_outside = !allowed.is_empty() && !is_among(kind, allowed, &value);
            if is_denied || is_outside {
                let how = if is_denied {
                    "is not to be used"
                } else {
                    "is not among what may be used"
                };
                let evidence = evidence.into_iter().take(MOST_PLACES).cloned().collect();
                broken.push((format!("the {} `{value}` {how}", kind.word()), evidence));
            }
        }
    }
    let indicated = tier(system);
    if rule.most.is_some_and(|most| indicated > most) {
        broken.push((format!("its tier is {indicated}"), Vec::new()));
    }
    for wanted in &rule.require {
        broken.extend(missing(wanted, system, today).map(|sentence| (sentence, Vec::new())));
    }
    let finding = |(what, evidence): (String, Vec<Evidence>)| {
        let mut finding = Finding {
            rule: RULE.to_owned(),
            level: Level::Error,
            message: format!("`{}` breaks the policy `{}`: {what}. {}", system.name, rule.id, rule.because),
            remedy: format!(
                "Change it, or have {} accept it: aimscan register set {} finding/{RULE}=accepted --reason …",
                rule.who, system.id
            ),
            system: system.id.clone(),
            evidence,
            accepted: None,
        };
        finding.accepted = findings::accept::by_decision(&finding, system);
        finding
    };
    broken.into_iter().map(finding).collect()
}

/// The kinds of things that a rule speaks of, with what it denies and allows.
fn spoken_of(rule: &PolicyRule) -> impl Iterator<Item = (Kind, &[String], &[String])> {
    let (deny, allow) = (&rule.deny, &rule.allow);
    [
        (Kind::Provider, &deny.provider, &allow.provider),
        (Kind::Model, &deny.model, &allow.model),
        (Kind::Licence, &deny.licence, &allow.licence),
        (Kind::Region, &deny.region, &allow.region),
        (Kind::Use, &deny.r#use, &allow.r#use),
        (Kind::Capability, &deny.capability, &allow.capability),
        (Kind::Data, &deny.data, &allow.data),
    ]
    .into_iter()
    .filter(|(_, denied, allowed)| !denied.is_empty() || !allowed.is_empty())
    .map(|(kind, denied, allowed)| (kind, denied.as_slice(), allowed.as_slice()))
}

/// Whether a thing is among those that are named. Purposes of parts and areas of life are told apart: who names none of the one has
/// said nothing of it.
pub(crate) fn is_among(kind: Kind, named: &[String], value: &str) -> bool {
    let is_area = |text: &str| text.contains('.');
    let speaks = |pattern: &String| pattern.trim() == "*" || is_area(pattern) == is_area(value);
    if kind == Kind::Use && !named.is_empty() && !named.iter().any(speaks) {
        return true;
    }
    named.iter().any(|pattern| names(kind, pattern, value))
}

/// Whether a list names a thing: by a pattern; a provider also by the name of its company, with or without legal form.
pub(crate) fn names(kind: Kind, pattern: &str, value: &str) -> bool {
    fits(pattern, value) || kind == Kind::Provider && rules::names_supplier(pattern, value)
}

/// Whom people name as vendors of a system that no scan found: ids of providers and names of companies, as far as the catalog knows them.
#[must_use]
pub fn stated_vendors(system: &System) -> Vec<String> {
    if system.components.is_empty() {
        seen(Kind::Provider, system).into_iter().map(|seen| seen.value).collect()
    } else {
        Vec::new()
    }
}

/// What of a kind a system shows and is not among what is approved, if somebody decided on that.
pub(crate) fn outside<'s>(kind: Kind, approved: Option<&[String]>, system: &'s System) -> Vec<Seen<'s>> {
    let Some(approved) = approved else { return Vec::new() };
    let mut outside = seen(kind, system);
    outside.retain(|thing| !is_among(kind, approved, &thing.value));
    outside
}

/// What of a kind a system shows in what runs, each thing once.
pub(crate) fn seen(kind: Kind, system: &System) -> Vec<Seen<'_>> {
    let mut all: Vec<Seen<'_>> = Vec::new();
    let mut found: Vec<(String, Option<&Component>, Vec<&Evidence>)> = Vec::new();
    let named = |kind| productive(system.of_kind(kind)).map(|(one, proofs)| (one.name.clone(), Some(one), proofs));
    match kind {
        Kind::Provider => found.extend(named(ComponentKind::Provider)),
        Kind::Model => found.extend(named(ComponentKind::Model)),
        Kind::Licence => found.extend(facts(system, "licence")),
        Kind::Capability => found.extend(facts(system, "capability")),
        Kind::Region => found.extend(regions(system)),
        Kind::Use => {
            for (one, proofs) in productive(system.components.iter()) {
                // What serves several purposes does not tell which of them it is used for.
                if let [purpose] = one.own_purposes()[..] {
                    found.push((purpose.to_owned(), Some(one), proofs));
                }
            }
            let shown = shown_by_rules(system, &["domain.", "purpose-"]).into_iter();
            // What is said to be everyday is no area of life.
            found.extend(shown.filter(|(rule, ..)| !rule.starts_with("purpose-everyday.")));
        }
        Kind::Data => found.extend(shown_by_rules(system, &["data."])),
    }
    // Of a system that no scan found all that is known is what people wrote.
    if system.components.is_empty() {
        let field = match kind {
            Kind::Provider => "vendor",
            Kind::Model => "models",
            Kind::Licence => "model-licences",
            _ => "",
        };
        let held = system.standing.held(&format!("field/{field}"));
        let stated = held.into_iter().flat_map(|held| stated(kind, &held.value));
        found.extend(stated.map(|value| (value, None, Vec::new())));
    }
    for (value, part, evidence) in found {
        let at = all
            .iter()
            .position(|seen| seen.value.eq_ignore_ascii_case(&value))
            .unwrap_or_else(|| {
                all.push(Seen {
                    value,
                    parts: Vec::new(),
                    evidence: Vec::new(),
                });
                all.len() - 1
            });
        all[at].parts.extend(part.map(|part| part.name.as_str()));
        all[at].evidence.extend(evidence);
    }
    all
}

/// The things that a field names, as people write lists; a vendor by its id, where the catalog knows its name. A comma may be part of the
/// name of a company.
fn stated(kind: Kind, value: &str) -> Vec<String> {
    let trimmed = |part: &str| Some(part.trim().to_owned()).filter(|part| !part.is_empty());
    let known = |part: &str| rules::provider_named(part).or_else(|| rules::company_named(part));
    let named = |part: String| match kind {
        Kind::Provider => known(&part).map_or(part, str::to_owned),
        _ => part,
    };
    let mut all = Vec::new();
    for part in value.split(['|', ';', '\n']).filter_map(trimmed) {
        let mut by_comma: Vec<String> = Vec::new();
        for piece in part.split(',').filter_map(trimmed) {
            match by_comma
                .last_mut()
                .filter(|_| kind == Kind::Provider && rules::is_legal_form(&piece))
            {
                Some(before) => *before = format!("{before}, {piece}"),
                None => by_comma.push(piece),
            }
        }
        if kind != Kind::Provider || by_comma.iter().all(|one| known(one).is_some()) {
            all.extend(by_comma.into_iter().map(named));
        } else {
            all.push(named(part));
        }
    }
    all
}

/// What risk rules of some families show, with the evidence at the places they name.
fn shown_by_rules<'s>(system: &'s System, families: &[&str]) -> Vec<(String, Option<&'s Component>, Vec<&'s Evidence>)> {
    let reasons = system.classification.reasons.iter();
    let shown = reasons.filter(|reason| families.iter().any(|family| reason.rule.starts_with(family)));
    shown
        .map(|reason| {
            let all = system.components.iter().flat_map(proofs);
            let there = all.filter(|seen| reason.evidence.contains(&seen.location));
            (reason.rule.clone(), None, there.collect())
        })
        .collect()
}

/// Components with their productive evidence; what stands only in tests and examples breaks no policy.
fn productive<'s>(components: impl Iterator<Item = &'s Component>) -> impl Iterator<Item = (&'s Component, Vec<&'s Evidence>)> {
    components
        .map(|component| (component, proofs(component)))
        .filter(|(_, proofs)| !proofs.is_empty())
}

fn proofs(component: &Component) -> Vec<&Evidence> {
    component.evidence.iter().filter(|seen| findings::is_productive(seen)).collect()
}

fn facts<'s>(system: &'s System, fact: &str) -> Vec<(String, Option<&'s Component>, Vec<&'s Evidence>)> {
    let of_component = |(component, proofs): (&'s Component, Vec<&'s Evidence>)| {
        let values = component.facts.get(fact)?;
        let values = values
            .split_whitespace()
            .map(|value| (value.to_owned(), Some(component), proofs.clone()));
        Some(values.collect::<Vec<_>>())
    };
    productive(system.components.iter()).filter_map(of_component).flatten().collect()
}

/// Regions that are seen in what runs, and those that people decided.
fn regions(system: &System) -> Vec<(String, Option<&Component>, Vec<&Evidence>)> {
    let seen = system
        .regions()
        .into_iter()
        .map(|(region, component)| (region.to_owned(), Some(component), proofs(component)));
    let mut regions: Vec<_> = seen.filter(|(_, _, proofs)| !proofs.is_empty()).collect();
    if let Some(held) = system.standing.held("field/regions") {
        let decided = held.value.split(['|', ';']).map(str::trim).filter(|region| !region.is_empty());
        regions.extend(decided.map(|region| (region.to_owned(), None, Vec::new())));
    }
    regions
}

fn missing(wanted: &str, system: &System, today: &str) -> Option<String> {
    let (subject, value) = wanted.split_once('=').unwrap_or((wanted, ""));
    let subject = Subject::parse(subject).ok()?.to_string();
    let name = subject.strip_prefix("field/").unwrap_or(&subject);
    let Some(held) = system.standing.held(&subject) else {
        return Some(format!("nobody decided its {name}"));
    };
    if !held.stands() {
        return Some(format!("its {name} has to be decided again ({})", held.reopened.join("; ")));
    }
    if !value.is_empty() && held.value != value {
        return Some(format!("its {name} is `{}`, not `{value}`", held.value));
    }
    let is_over = name == "review-next" && is_day(&held.value) && held.value.as_str() < today;
    is_over.then(|| format!("its review was due on {}", held.value))
}

/// Whether a name fits a pattern, in which `*` at an end stands for anything; capitals make no difference.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.trim().to_lowercase(), name.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => name.contains(pattern.trim_matches('*')),
        (Some(end), None) => name.ends_with(end),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => name == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Held;
    use crate::sample;
    use evidence::{Stage, Usage};

    fn rule(text: &str) -> PolicyRule {
        let rule: PolicyRule = toml::from_str(&format!(
            "id = \"r\"\nbecause = \"So it was decided.\"\nwho = \"the AI board\"\n{text}"
        ))
        .expect("a rule");
        assert_eq!(fault(&rule), None);
        rule
    }

    fn system() -> System {
        let seen = |kind, name: &str, path: &str| {
            let mut seen = sample::seen(kind, name, path);
            seen.stage = Stage::Invoked;
            seen
        };
        let mut tested = seen(ComponentKind::Provider, "deepseek", "tests/test_x.py");
        tested.usage = Usage::Test;
        let mut tool = seen(ComponentKind::Tool, "run", "src/tools.py");
        tool.facts.insert("capability".into(), "shell".to_owned());
        let mut model = seen(ComponentKind::Model, "gpt-4o", "src/a.py");
        model.facts.insert("purposes".into(), "text-generation".to_owned());
        let mut system = sample::system(
            "bot",
            vec![
                seen(ComponentKind::Provider, "openai", "src/a.py"),
                model,
                seen(ComponentKind::Endpoint, "bedrock-runtime.us-east-1.amazonaws.com", "src/b.py"),
                tool,
                tested,
            ],
        );
        system.classification.reasons.push(crate::Reason {
            rule: "domain.employment".to_owned(),
            because: "It may decide about people at work.".to_owned(),
            effect: "ceiling high".to_owned(),
            references: Vec::new(),
            eu: None,
            evidence: vec![evidence::Location::new("src/a.py", 1)],
        });
        system
    }

    fn messages(text: &str, system: System) -> Vec<String> {
        let mut inventory = sample::inventory("00:00:00", vec![system]);
        judge(&mut inventory, &[rule(text)], "2026-11-27");
        inventory.findings.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn what_is_denied_or_not_allowed_is_named() {
        for (text, words) in [
            ("deny = { provider = [\"openai\"] }", "provider `openai` is not to be used"),
            ("allow = { provider = [\"anthropic\"] }", "provider `openai` is not among"),
            ("deny = { model = [\"gpt-*\"] }", "model `gpt-4o`"),
            ("allow = { region = [\"eu-*\"] }", "region `us-east-1`"),
            ("deny = { capability = [\"shell\"] }", "capability `shell`"),
            ("deny = { use = [\"text-*\"] }", "use `text-generation` is not to be used"),
            ("allow = { uses = [\"embedding\"] }", "use `text-generation` is not among"),
            ("allow = { use = [\"domain.education\"] }", "use `domain.employment` is not among"),
            ("deny = { use = [\"domain.*\"] }", "use `domain.employment` is not to be used"),
        ] {
            let found = messages(text, system());
            assert_eq!(found.len(), 1, "{text} {found:?}");
            assert!(found[0].contains(words) && found[0].contains("`r`"), "{found:?}");
        }
        for text in [
            "deny = { provider = [\"deepseek\"] }",
            "deny = { provider = [\"open\"] }",
            "allow = { model = [\"gpt-4o\"], provider = [\"open*\"] }",
            "deny = { provider = [\"*\"] }\nwhen = { name = [\"other\"] }",
            "deny = { provider = [\"*\"] }\nwhen = { tier = \"high\" }",
            "allow = { use = [\"*\"] }",
            "allow = { use = [\"text-generation\", \"domain.employment\"] }",
            "deny = { use = [\"embedding\", \"domain.education\"] }",
        ] {
            let found = messages(text, system());
            assert!(found.is_empty(), "{text} {found:?}");
        }
    }

    #[test]
    fn what_must_be_decided_is_asked_for() {
        let with = |subject: &str, value: &str, reopened: &[&str]| {
            let mut system = system();
            system.standing.decisions.insert(
                subject.to_owned(),
                Held {
                    number: 1,
                    value: value.to_owned(),
                    by: "Jane".to_owned(),
                    at: "2026-01-01T00:00:00Z".to_owned(),
                    reason: String::new(),
                    until: None,
                    reopened: reopened.iter().map(|reason| (*reason).to_owned()).collect(),
                },
            );
            system
        };
        let owner = "require = [\"owner\"]";
        assert!(messages(owner, system())[0].contains("nobody decided its owner"));
        assert!(messages(owner, with("field/owner", "Jane", &[])).is_empty());
        let approved = "require = [\"approval=approved\"]";
        assert!(messages(approved, with("field/approval", "rejected", &[]))[0].contains("is `rejected`, not `approved`"));
        assert!(messages(approved, with("field/approval", "approved", &["found since: model o3"]))[0].contains("decided again"));
        let review = "require = [\"review-next\"]";
        assert!(messages(review, with("field/review-next", "2026-11-26", &[]))[0].contains("was due on 2026-11-26"));
        assert!(messages(review, with("field/review-next", "2026-11-28", &[])).is_empty());
        assert!(messages("most = \"limited\"", with("tier", "high", &[]))[0].contains("its tier is high"));
        assert!(messages("most = \"limited\"", with("tier", "minimal", &[])).is_empty());
        assert!(messages("deny = { provider = [\"openai\"] }", with("finding/policy", "accepted", &[])).len() == 1);
    }

    #[test]
    fn rules_that_say_nothing_or_something_unknown_are_refused() {
        let read = |text: &str| toml::from_str::<PolicyRule>(text).expect("reads");
        let head = "id = \"r\"\nbecause = \"x.\"\nwho = \"y\"\n";
        assert!(fault(&read(head)).is_some());
        assert!(fault(&read(&format!("{head}require = [\"colour\"]"))).is_some_and(|fault| fault.contains("colour")));
        assert!(fault(&read(&format!("{head}require = [\"approval=maybe\"]"))).is_some());
        assert!(toml::from_str::<PolicyRule>(&format!("{head}denny = {{}}")).is_err());
    }
}
