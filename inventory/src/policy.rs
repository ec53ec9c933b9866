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
    pub provider: Vec<String>,
    /// Models.
    pub model: Vec<String>,
    /// Licences of models.
    pub licence: Vec<String>,
    /// Regions of cloud services, as their hosts and records name them.
    pub region: Vec<String>,
    /// Categories of data, by the risk rule that shows them: `data.health`.
    pub data: Vec<String>,
    /// What agents can do: `shell`, `database-write` …
    pub capability: Vec<String>,
}

/// One kind of thing: its word for people, what a rule names of it, and how it is seen in a system.
struct Seen<'s> {
    word: &'static str,
    values: Vec<(String, Vec<&'s Evidence>)>,
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
    for (denied, allowed, seen) in kinds(rule, system) {
        for (value, evidence) in seen.values {
            let word = seen.word;
            let is_denied = denied.iter().any(|pattern| fits(pattern, &value));
            let is_outside = !allowed.is_empty() && !allowed.iter().any(|pattern| fits(pattern, &value));
            if is_denied || is_outside {
                let how = if is_denied {
                    "is not to be used"
                } else {
                    "is not among what may be used"
                };
                let evidence = evidence.into_iter().take(MOST_PLACES).cloned().collect();
                broken.push((format!("the {word} `{value}` {how}"), evidence));
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

/// What a rule says of each kind of thing, and what of it a system shows.
fn kinds<'r>(rule: &'r PolicyRule, system: &'r System) -> Vec<(&'r [String], &'r [String], Seen<'r>)> {
    let mut all = Vec::new();
    let mut add = |denied: &'r [String], allowed: &'r [String], word, see: &dyn Fn() -> Vec<(String, Vec<&'r Evidence>)>| {
        if !denied.is_empty() || !allowed.is_empty() {
            all.push((denied, allowed, Seen { word, values: see() }));
        }
    };
    let (deny, allow) = (&rule.deny, &rule.allow);
    let named = |kind| {
        move || {
            productive(system.of_kind(kind))
                .map(|(one, proofs)| (one.name.clone(), proofs))
                .collect()
        }
    };
    add(&deny.provider, &allow.provider, "provider", &named(ComponentKind::Provider));
    add(&deny.model, &allow.model, "model", &named(ComponentKind::Model));
    add(&deny.licence, &allow.licence, "licence", &|| facts(system, "licence"));
    add(&deny.region, &allow.region, "region", &|| regions(system));
    add(&deny.capability, &allow.capability, "capability", &|| facts(system, "capability"));
    add(&deny.data, &allow.data, "category of data", &|| {
        let reasons = system.classification.reasons.iter();
        reasons
            .filter(|reason| reason.rule.starts_with("data."))
            .map(|reason| (reason.rule.clone(), Vec::new()))
            .collect()
    });
    all
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

fn facts<'s>(system: &'s System, fact: &str) -> Vec<(String, Vec<&'s Evidence>)> {
    let of_component = |(component, proofs): (&'s Component, Vec<&'s Evidence>)| {
        let values = component.facts.get(fact)?;
        Some(
            values
                .split_whitespace()
                .map(|value| (value.to_owned(), proofs.clone()))
                .collect::<Vec<_>>(),
        )
    };
    productive(system.components.iter()).filter_map(of_component).flatten().collect()
}

/// Regions that are seen in what runs, and those that people decided.
fn regions(system: &System) -> Vec<(String, Vec<&Evidence>)> {
    let seen = system
        .regions()
        .into_iter()
        .map(|(region, component)| (region.to_owned(), proofs(component)));
    let mut regions: Vec<_> = seen.filter(|(_, proofs)| !proofs.is_empty()).collect();
    if let Some(held) = system.standing.held("field/regions") {
        let decided = held.value.split('|').map(str::trim).filter(|region| !region.is_empty());
        regions.extend(decided.map(|region| (region.to_owned(), Vec::new())));
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
fn fits(pattern: &str, name: &str) -> bool {
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
        tool.facts.insert("capability".to_owned(), "shell".to_owned());
        sample::system(
            "bot",
            vec![
                seen(ComponentKind::Provider, "openai", "src/a.py"),
                seen(ComponentKind::Model, "gpt-4o", "src/a.py"),
                seen(ComponentKind::Endpoint, "bedrock-runtime.us-east-1.amazonaws.com", "src/b.py"),
                tool,
                tested,
            ],
        )
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
