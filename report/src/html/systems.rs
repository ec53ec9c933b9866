//! The systems as cards: closed, each tells its tier and why; open, its reasons, questions, components and evidence.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{ComponentKind, Evidence, Usage, Voice};
use inventory::{Classification, Component, EuStatus, Inventory, System, Tier};

use super::markup::{joined, path, put, text};
use super::scale;
use crate::overview::{is_new, kinds, made_of, main_reason, name_of, names, ranked, step, strongest_first};
use crate::wording::{count, day, decisions, moment, people, plural, standing};

/// Places on the whole page, shared by all components, so that a large inventory stays a page a browser can hold.
const PLACES_ON_PAGE: usize = 40_000;
/// Places of one component at most.
const PLACES: usize = 8;
/// Providers named on a closed card.
const BRIEF: usize = 6;
/// Places named for one reason.
const REASON_PLACES: usize = 12;

/// How to read a card.
const KEY: &str = "<p class=\"fine key\">Each system has a tier interval on the scale unknown, minimal, limited, high, stop: the bar runs from what the evidence \
    alone shows to what it would be at most, with every open question answered adversely; the dot is what the evidence indicates.</p>\n";

pub(super) fn render(inventory: &Inventory) -> String {
    let mut out = String::new();
    if inventory.systems.is_empty() {
        let files = count(usize::try_from(inventory.coverage.files_seen).unwrap_or(usize::MAX), "file");
        put!(
            &mut out,
            "<p class=\"none\">No AI found in {files}. What was looked at, and what was not, stands under <a href=\"#coverage\">coverage</a>.</p>\n"
        );
        return out;
    }
    out.push_str(KEY);
    filters(&mut out, inventory);
    let components: usize = inventory.systems.iter().map(made_of).sum();
    let places = (PLACES_ON_PAGE / components.max(1)).clamp(1, PLACES);
    let ranked = ranked(&inventory.systems);
    let marks_new = ranked
        .iter()
        .any(|system| system.first_seen.is_some() && !is_new(system, inventory));
    out.push_str("<div id=\"list\">\n");
    for system in ranked {
        card(&mut out, system, marks_new && is_new(system, inventory), places);
    }
    out.push_str("</div>\n<p id=\"nothing\" hidden>No system matches. Remove a filter to see more.</p>\n");
    out
}

/// Search and filters; hidden until the script that serves them runs.
fn filters(out: &mut String, inventory: &Inventory) {
    let components = || inventory.systems.iter().flat_map(|system| &system.components);
    let providers: BTreeSet<&str> = components().filter_map(provider).collect();
    let found: BTreeSet<ComponentKind> = components().map(|component| component.kind).collect();
    let usages: BTreeSet<Usage> = components().map(|component| component.usage).collect();
    out.push_str(
        "<form id=\"filters\" role=\"search\" aria-label=\"Filter the systems\" hidden>\n<label class=\"search\"><span>Search</span>\
         <input id=\"search\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"name, folder, model, path …\"></label>\n",
    );
    let tiers = Tier::ALL
        .into_iter()
        .rev()
        .map(|tier| (step(tier).to_string(), format!("could be {tier}")));
    select(out, "tier", "Tier", tiers);
    select(
        out,
        "provider",
        "Provider",
        providers.into_iter().map(|name| (name.to_owned(), name.to_owned())),
    );
    let kinds = ComponentKind::ALL.into_iter().filter(|kind| found.contains(kind));
    select(
        out,
        "kind",
        "Component",
        kinds.map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())),
    );
    select(
        out,
        "usage",
        "Usage",
        usages.into_iter().rev().map(|usage| (usage.to_string(), usage.to_string())),
    );
    out.push_str("<button type=\"reset\">Clear</button>\n</form>\n");
    put!(
        out,
        "<p class=\"count\"><span id=\"count\" role=\"status\" aria-live=\"polite\">{}</span> <button type=\"button\" id=\"open-all\" hidden>Open all</button></p>\n",
        count(inventory.systems.len(), "system")
    );
}

fn select(out: &mut String, id: &str, label: &str, options: impl Iterator<Item = (String, String)>) {
    put!(
        out,
        "<label><span>{label}</span><select id=\"filter-{id}\"><option value=\"\">any</option>"
    );
    for (value, label) in options {
        put!(out, "<option value=\"{}\">{}</option>", text(&value), text(&label));
    }
    out.push_str("</select></label>\n");
}

/// The provider a component is filtered by.
fn provider(component: &Component) -> Option<&str> {
    if component.kind == ComponentKind::Provider {
        Some(&component.name)
    } else {
        component.provider.as_deref()
    }
}

fn card(out: &mut String, system: &System, is_new: bool, places: usize) {
    let classification = &system.classification;
    put!(
        out,
        "<details class=\"system\" id=\"s-{}\" data-floor=\"{}\" data-ceiling=\"{}\">\n<summary><span class=\"who\"><h3 class=\"n\">{}</h3>",
        text(&system.id),
        step(classification.floor),
        step(classification.ceiling),
        text(name_of(system))
    );
    if is_new {
        out.push_str(" <span class=\"new\">new</span>");
    }
    if !system.folder.is_empty() {
        put!(out, " <span class=\"folder n\">{}</span>", path(&system.folder));
    }
    put!(
        out,
        "</span><span class=\"tier\">{}{}</span>",
        scale::range(classification),
        scale::words(classification)
    );
    let because = main_reason(classification).map_or("No rule fired: the evidence does not tell.", |reason| &reason.because);
    put!(
        out,
        "<span class=\"why\">{}</span><span class=\"brief\">{}</span></summary>\n<div class=\"body\">\n",
        text(because),
        brief(system)
    );
    if let Some(description) = &system.description {
        put!(out, "<p class=\"description\">{}</p>\n", text(description));
    }
    introduction(out, system);
    reasons(out, system);
    questions(out, system);
    decided(out, system);
    owners(out, system);
    for (kind, number) in kinds(system) {
        components(out, system, kind, number, places);
    }
    offers(out, system);
    identity(out, system);
    out.push_str("</div></details>\n");
}

/// Providers, models and numbers in one line.
fn brief(system: &System) -> String {
    let mut parts = Vec::new();
    let providers = system.providers();
    if !providers.is_empty() {
        let left = providers.len().saturating_sub(BRIEF);
        let more = if left > 0 { format!(" and {left} more") } else { String::new() };
        parts.push(joined(providers.into_iter().take(BRIEF), ", ") + &more);
    }
    let models = names(system, ComponentKind::Model);
    match models.as_slice() {
        [] => {}
        [one, two] => parts.push(joined([*one, *two], ", ")),
        [one] => parts.push(text(one).to_string()),
        _ => parts.push(count(models.len(), "model")),
    }
    parts.push(count(made_of(system), "component"));
    let questions = system.classification.questions.len();
    if questions > 0 {
        parts.push(format!("<b>{}</b>", count(questions, "open question")));
    }
    parts.join(" · ")
}

/// How its README introduces it, where that says more than the description.
fn introduction(out: &mut String, system: &System) {
    let introduced = system.said.iter().find(|said| said.voice == Voice::Introduction);
    let Some(said) = introduced.filter(|said| system.description.as_deref() != Some(&said.text)) else {
        return;
    };
    put!(
        out,
        "<p class=\"description\">“{}” <span class=\"fine n\">{}</span></p>\n",
        text(&said.text),
        path(&said.location.to_string())
    );
}

/// Severity, likelihood and what is seen of the AI Act, in a line each.
fn axes(out: &mut String, classification: &Classification) {
    if let Some(profile) = &classification.profile {
        put!(
            out,
            "<p>Severity {} of 5, likelihood {} of 5.</p>\n",
            profile.severity,
            profile.likelihood
        );
    }
    if !classification.eu.points.is_empty() {
        let points = classification.eu.points.iter();
        let points: Vec<String> = points.map(|point| format!("{point} ({})", point.status)).collect();
        put!(
            out,
            "<p>Signs of the AI Act: {}.</p>\n",
            joined(points.iter().map(String::as_str), "; ")
        );
    } else if classification.eu.status == EuStatus::NotIndicated {
        out.push_str("<p>AI Act: not indicated by what it says of itself.</p>\n");
    }
}

fn reasons(out: &mut String, system: &System) {
    let classification = &system.classification;
    put!(out, "<section><h4>Why {}</h4>\n", crate::wording::interval(classification));
    axes(out, classification);
    if classification.reasons.is_empty() {
        out.push_str("<p>No rule fired: the evidence does not tell.</p>\n");
    }
    out.push_str("<ul class=\"reasons\">\n");
    for reason in &classification.reasons {
        put!(
            out,
            "<li><p>{}</p><p class=\"fine\">{} · {}",
            text(&reason.because),
            text(&reason.effect),
            text(&reason.rule)
        );
        if !reason.references.is_empty() {
            put!(out, " · {}", joined(reason.references.iter().map(String::as_str), "; "));
        }
        out.push_str("</p>");
        let places: Vec<String> = reason.evidence.iter().take(REASON_PLACES).map(ToString::to_string).collect();
        if !places.is_empty() {
            put!(
                out,
                "<p class=\"fine\"><code>{}</code>",
                joined(places.iter().map(String::as_str), "</code>, <code>")
            );
            let left = reason.evidence.len() - places.len();
            if left > 0 {
                put!(out, " and {left} more");
            }
            out.push_str("</p>");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul></section>\n");
}

fn questions(out: &mut String, system: &System) {
    let questions = &system.classification.questions;
    if questions.is_empty() {
        return;
    }
    out.push_str("<section><h4>Open questions</h4>\n<ul class=\"questions\">\n");
    for question in questions {
        put!(
            out,
            "<li><p>{}</p><p class=\"fine\"><b>Who</b> {} · <b>If yes</b> {}</p></li>\n",
            text(&question.question),
            text(&question.who),
            text(&question.if_yes)
        );
    }
    out.push_str("</ul></section>\n");
}

fn components(out: &mut String, system: &System, kind: ComponentKind, number: usize, places: usize) {
    let label = plural(number, kind.label());
    put!(
        out,
        "<section class=\"kind\"><h4>{}{} <small>{number}</small></h4>\n",
        label[..1].to_uppercase(),
        &label[1..]
    );
    let mut components: Vec<&Component> = system.in_use(kind).collect();
    components.sort_by_key(|component| (component.name.as_str(), component.id.as_str()));
    for component in components {
        put!(
            out,
            "<details class=\"component\" data-k=\"{kind}\" data-p=\"{}\" data-u=\"{}\"><summary><span class=\"n\">{}</span> <span class=\"fine\">",
            text(provider(component).unwrap_or("")),
            component.usage,
            text(&component.name)
        );
        if !component.versions.is_empty() {
            put!(out, "{} · ", joined(component.versions.iter().take(3).map(String::as_str), ", "));
        }
        let total = component.places.max(component.evidence.len());
        put!(
            out,
            "{} · {} · {}</span></summary>\n",
            component.stage,
            component.usage,
            count(total, "place")
        );
        facts(out, component);
        evidence(out, component, places);
        out.push_str("</details>\n");
    }
    out.push_str("</section>\n");
}

/// One line for each list of models to choose from, with the names behind it.
fn offers(out: &mut String, system: &System) {
    let lists = system.offers();
    if lists.is_empty() {
        return;
    }
    out.push_str("<section class=\"kind\"><h4>Models offered to choose from</h4>\n");
    for (path, names) in lists {
        put!(
            out,
            "<details><summary><span class=\"n\">{}</span> <span class=\"fine\">in {}</span></summary><p class=\"fine\">{}</p></details>\n",
            count(names.len(), "model"),
            text(path),
            joined(names, ", ")
        );
    }
    out.push_str("</section>\n");
}

fn facts(out: &mut String, component: &Component) {
    let dates = [("introduced", &component.introduced), ("last touched", &component.last_touched)]
        .map(|(name, date)| (name, date.as_ref().map(moment).unwrap_or_default()));
    let mut facts: BTreeMap<&str, &str> = component
        .facts
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if component.kind != ComponentKind::Provider
        && let Some(provider) = &component.provider
    {
        facts.insert("provider", provider);
    }
    if let Some(relation) = component.relation {
        facts.insert("declared", relation.as_str());
    }
    facts.extend(
        dates
            .iter()
            .filter(|(_, date)| !date.is_empty())
            .map(|(name, date)| (*name, date.as_str())),
    );
    if let Some(first_seen) = &component.first_seen {
        facts.insert("first seen", day(first_seen));
    }
    if facts.is_empty() {
        return;
    }
    out.push_str("<p class=\"fine\">");
    for (index, (name, value)) in facts.into_iter().enumerate() {
        put!(out, "{}<b>{}</b> {}", if index > 0 { " · " } else { "" }, text(name), text(value));
    }
    out.push_str("</p>\n");
}

fn evidence(out: &mut String, component: &Component, places: usize) {
    let mut evidence: Vec<&Evidence> = component.evidence.iter().collect();
    strongest_first(&mut evidence);
    out.push_str("<ul class=\"places\">\n");
    for one in evidence.iter().take(places) {
        place(out, one);
    }
    out.push_str("</ul>\n");
    let left = component.places.max(evidence.len()).saturating_sub(places.min(evidence.len()));
    if left > 0 {
        put!(
            out,
            "<p class=\"more\">and {}; the JSON format has more.</p>\n",
            count(left, "more place")
        );
    }
}

/// A place with its line, what recognised it, and how sure that is.
pub(super) fn place(out: &mut String, evidence: &Evidence) {
    put!(out, "<li><code class=\"n\">{}</code>", path(&evidence.location.to_string()));
    if let Some(excerpt) = &evidence.excerpt {
        put!(out, "<code class=\"excerpt\">{}</code>", text(excerpt.as_str()));
    }
    let vendored = if evidence.vendored { ", vendored" } else { "" };
    put!(
        out,
        "<span class=\"fine\">{}, {} confidence, {}{vendored} · {} · {}</span></li>\n",
        evidence.stage,
        evidence.confidence,
        evidence.usage,
        text(&evidence.signature),
        text(&evidence.detector)
    );
}

fn decided(out: &mut String, system: &System) {
    let mut decided = decisions(system).peekable();
    if decided.peek().is_none() {
        return;
    }
    out.push_str("<section><h4>What people decided</h4>\n<ul class=\"owners\">\n");
    for (label, decision) in decided {
        put!(
            out,
            "<li><b class=\"n\">{}</b> <span class=\"fine\">{}</span></li>\n",
            text(label),
            text(&decision)
        );
    }
    out.push_str("</ul></section>\n");
}

fn owners(out: &mut String, system: &System) {
    let people = people(&system.people);
    if system.owners.is_empty() && people.is_none() {
        return;
    }
    out.push_str("<section><h4>Who may own it</h4>\n<ul class=\"owners\">\n");
    for owner in &system.owners {
        put!(
            out,
            "<li><b class=\"n\">{}</b> <span class=\"fine\">{}</span></li>\n",
            text(&owner.name),
            standing(owner)
        );
    }
    if let Some(people) = people {
        put!(out, "<li><span class=\"fine\">{people}</span></li>\n");
    }
    out.push_str("</ul></section>\n");
}

fn identity(out: &mut String, system: &System) {
    put!(
        out,
        "<p class=\"fine identity\"><b>Id</b> {} · <b>Source</b> {} · <b>Boundary</b> {}",
        text(&system.id),
        text(&system.source),
        text(&system.boundary)
    );
    for (label, time) in [("First seen", &system.first_seen), ("Last seen", &system.last_seen)] {
        if let Some(time) = time {
            put!(out, " · <b>{label}</b> {}", text(day(time)));
        }
    }
    out.push_str("</p>\n");
}
