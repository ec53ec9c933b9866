//! From facts to observations: names are followed to what was imported, arguments to their constants.

use std::collections::{BTreeSet, HashMap};

use super::facts::{Assignment, Call, Facts, Open, Value};
use super::{programmed, prompt, spoken, sql, started};
use crate::Observations;
use crate::config::value;
use evidence::{Kind, Observation, Relation, Voice, attribute, is_base_address};

/// Names are followed through at most this many steps.
const STEPS: usize = 6;
/// At most this many observations of one file: generated tables end somewhere.
const MOST: usize = 20_000;
/// Arguments of one call, and the longest of them: a model's name or an address is shorter.
const MOST_ARGUMENTS: usize = 32;
const LONGEST_ARGUMENT: usize = 512;

/// Longest name of a constant that stands for a model.
const LONGEST_CONSTANT: usize = 64;

/// What turns the constant of an enumeration into its text.
const CONVERSIONS: [&str; 10] = [
    "value",
    "Value",
    "getValue",
    "rawValue",
    "toString",
    "ToString",
    "to_string",
    "as_str",
    "asString",
    "id",
];

/// Turns a file's facts into observations; those inside tests say so.
pub(crate) fn observe(scope: &'static str, facts: &Facts, out: &mut Observations) {
    let before = out.as_slice().len();
    follow(scope, facts, out);
    if !facts.tests.is_empty() {
        out.mark_from(before, |line| {
            facts.tests.iter().any(|(first, last)| (*first..=*last).contains(&line))
        });
    }
}

fn follow(scope: &'static str, facts: &Facts, out: &mut Observations) {
    let names = Names::of(facts);
    let mut last: Option<(&str, u32)> = None;
    for import in facts.imports.iter().take(MOST).filter(|import| !import.path.starts_with('.')) {
        // One import may bind several names.
        if last.replace((&import.path, import.line)) == Some((&import.path, import.line)) {
            continue;
        }
        let relation = if facts.optional_imports.contains(&import.line) {
            Relation::Optional.as_str()
        } else {
            ""
        };
        out.push(Observation::new(Kind::Import, scope, import.path.clone(), import.line).with(attribute::RELATION, relation));
    }
    for (ecosystem, name, line) in facts.installs.iter().take(MOST) {
        let package = Observation::new(Kind::Package, ecosystem, name.clone(), *line);
        out.push(package.with(attribute::RELATION, Relation::Direct.as_str()));
    }
    // Strings that were seen in a telling place are not reported again as mere strings.
    let mut told: BTreeSet<(u32, &str)> = BTreeSet::new();
    let constructs = programmed::ids_of_constructs(facts);
    // Beginnings and ends of names that a line asks for.
    let mut parts: BTreeSet<(u32, &str)> = BTreeSet::new();
    for call in facts.calls.iter().take(MOST).filter(|call| !makes_an_exception(call)) {
        let mut observation = Observation::new(Kind::Call, scope, names.callee(&call.callee), call.line);
        for (name, argument) in call.arguments.iter().take(MOST_ARGUMENTS) {
            let text = names.text(argument, STEPS);
            let is_model = value::names_a_model(name);
            if let Some(text) = text.filter(|text| text.len() <= LONGEST_ARGUMENT) {
                observation = observation.with(format!("{}{name}", attribute::ARGUMENT), text);
            } else if let Some(address) = address_of(name, &call.callee) {
                observation = observation.with(attribute::COMPUTED, address);
                observation = observation.with(attribute::ADDRESS_FROM, names.elsewhere(argument, STEPS).unwrap_or_default());
            } else if let Some(constant) = names.constant(argument, is_model) {
                observation = observation.with(format!("{}{name}", attribute::CONSTANT), constant);
            }
            if !is_model {
                continue;
            }
            match text {
                Some(text) => value::observe(scope, name, text, call.line, out),
                None => observation = observation.with(attribute::MODEL_FROM, names.elsewhere(argument, STEPS).unwrap_or_default()),
            }
            if let Value::Text(text) = argument {
                told.insert((call.line, text));
            }
        }
        // `.modelName("m")`, `WithModel("m")`: a setter is an assignment.
        if let (Some(setter), [(position, argument)]) = (call.callee.last(), call.arguments.as_slice())
            && position == "0"
            && value::names_a_model(setter)
            && let Some(text) = names.text(argument, STEPS)
        {
            if let Value::Text(text) = argument {
                told.insert((call.line, text));
            }
            value::observe(scope, setter, text, call.line, out);
        }
        parts.extend(spoken::looked_for(call).map(|text| (call.line, text)));
        spoken::observe(scope, call, &names, out);
        if let Some(route) = route(call, &names) {
            out.push(Observation::new(Kind::Statement, Voice::Route.as_str(), route, call.line));
        }
        out.extend(programmed::resource(&observation));
        programmed::image(&observation, out);
        out.push(observation);
    }
    // What exceptions are told stands among the arguments with names too.
    let complaints: BTreeSet<(&str, &str)> = facts
        .calls
        .iter()
        .filter(|call| makes_an_exception(call))
        .flat_map(|call| {
            call.arguments
                .iter()
                .flat_map(|(name, value)| texts(value).into_iter().map(move |text| (name.as_str(), text)))
        })
        .collect();
    let is_complaint = |assignment: &&Assignment| {
        let is_one = |text: &str| complaints.contains(&(assignment.target.as_str(), text));
        !assignment.named && !complaints.is_empty() && texts(&assignment.value).into_iter().any(is_one)
    };
    for assignment in facts.assignments.iter().take(MOST).filter(|assignment| !is_complaint(assignment)) {
        out.extend(pointed_at(scope, &names, assignment));
        let name = assignment.target.rsplit('.').next().unwrap_or(&assignment.target);
        value::observe_variable(scope, name, assignment.line, out);
        if value::names_a_model(name)
            && let Some(constant) = names
                .constant(&assignment.value, false)
                .filter(|constant| !constant.starts_with(['?', '*']))
        {
            let model = Observation::new(Kind::Model, scope, name, assignment.line);
            out.push(model.with(attribute::NAMED_BY, constant));
        }
        for text in texts(&assignment.value) {
            told.insert((assignment.line, text));
            prompt::observe(name, text, assignment.line, out);
            programmed::assigned_image(name, text, assignment.line, out);
            let before = out.as_slice().len();
            value::observe(scope, name, text, assignment.line, out);
            if spoken::holds_parts(name) {
                out.keep_from(before, |seen| seen.kind != Kind::Literal);
            }
        }
    }
    for (name, line) in facts.variables.iter().take(MOST) {
        out.push(Observation::new(Kind::Env, scope, name.clone(), *line));
    }
    started::observe(scope, facts, &names, out);
    let mentioned: BTreeSet<(u32, &str)> = facts.mentioned.iter().map(|(text, line)| (*line, text.as_str())).collect();
    for (text, line) in facts.literals.iter().take(MOST) {
        sql::observe_inside(text, *line, out);
        if !told.contains(&(*line, text.as_str())) && !constructs.contains(text.as_str()) {
            let before = out.as_slice().len();
            value::observe(scope, "", text, *line, out);
            if mentioned.contains(&(*line, text.as_str())) {
                out.mark_mentioned_from(before);
            }
            if parts.contains(&(*line, text.as_str())) {
                out.keep_from(before, |seen| seen.kind != Kind::Literal);
            }
        }
    }
}

/// Whether a call makes an exception: what it is told is for who reads of the fault, and nothing is asked.
fn makes_an_exception(call: &Call) -> bool {
    let made = call.callee.last().map_or("", String::as_str);
    made.starts_with(|first: char| first.is_uppercase()) && ["Error", "Exception", "Warning"].iter().any(|end| made.ends_with(end))
}

/// Methods and functions by which an address is given to what answers it, in lower case.
const ROUTERS: [&str; 16] = [
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "route",
    "api_route",
    "add_url_rule",
    "add_api_route",
    "handle",
    "handlefunc",
    "mapget",
    "mappost",
    "getmapping",
    "postmapping",
    "requestmapping",
];

/// The path of an address that a call serves or asks: `app.post("/loans/{id}/approve")`.
fn route<'f>(call: &'f Call, names: &'f Names<'_>) -> Option<&'f str> {
    let last = call.callee.last()?.to_ascii_lowercase();
    let (_, first) = call.arguments.iter().find(|(name, _)| name == "0")?;
    let path = ROUTERS.contains(&last.as_str()).then(|| names.text(first, STEPS)).flatten()?;
    (path.len() <= LONGEST_ARGUMENT && path.starts_with('/') && path.contains(char::is_alphabetic)).then_some(path)
}

/// The name under which an argument is the address that a client sends to.
fn address_of<'n>(argument: &'n str, callee: &'n [String]) -> Option<&'n str> {
    let setter = callee.last().map(String::as_str).filter(|_| argument == "0");
    [Some(argument), setter].into_iter().flatten().find(|name| is_base_address(name))
}

/// `library.base_url = "…"`, `config.BaseURL = "…"`: what was imported is pointed at an address, as by a call.
fn pointed_at(scope: &'static str, names: &Names<'_>, assignment: &Assignment) -> Option<Observation> {
    let (_, field) = assignment.target.rsplit_once('.').filter(|(_, field)| is_base_address(field))?;
    let path: Vec<String> = assignment.target.split('.').map(str::to_owned).collect();
    let callee = names.callee(&path);
    if callee.starts_with(['?', '*']) {
        return None;
    }
    let observation = Observation::new(Kind::Call, scope, callee, assignment.line);
    Some(match names.text(&assignment.value, STEPS) {
        Some(text) if text.len() <= LONGEST_ARGUMENT => observation.with(format!("{}0", attribute::ARGUMENT), text),
        _ => observation.with(attribute::COMPUTED, field),
    })
}

/// The texts a value holds in itself, without looking anything up.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::Either(values) => values.iter().flat_map(texts).collect(),
        Value::Variable {
            default: Some(default), ..
        } => texts(default),
        _ => Vec::new(),
    }
}

/// What names stand for in one file.
pub(super) struct Names<'f> {
    imports: HashMap<&'f str, &'f str>,
    values: HashMap<&'f str, &'f Value>,
    /// Values by the last part of their name, where only one name ends so.
    endings: HashMap<&'f str, Option<&'f Value>>,
    open: Open,
}

impl<'f> Names<'f> {
    fn of(facts: &'f Facts) -> Self {
        let imports = facts
            .imports
            .iter()
            .filter(|import| !import.local.is_empty())
            .map(|import| (import.local.as_str(), import.path.as_str()))
            .collect();
        let mut values: HashMap<&str, &Value> = HashMap::with_capacity(facts.assignments.len());
        let mut endings: HashMap<&str, Option<&Value>> = HashMap::with_capacity(facts.assignments.len());
        for assignment in facts.assignments.iter().filter(|assignment| assignment.named) {
            // The first telling value counts: later ones are often fall-backs and resets.
            values.entry(&assignment.target).or_insert(&assignment.value);
            let ending = assignment.target.rsplit('.').next().unwrap_or_default();
            endings
                .entry(ending)
                .and_modify(|known| *known = known.filter(|known| **known == assignment.value))
                .or_insert(Some(&assignment.value));
        }
        for (name, at) in &facts.qualified {
            if let Some(assignment) = facts.assignments.get(*at) {
                values.entry(name).or_insert(&assignment.value);
            }
        }
        Self {
            imports,
            values,
            endings,
            open: facts.open,
        }
    }

    /// A callee with its receiver followed to what was imported; `?.` and the rest if it leads nowhere, `*.` and all of it if
    /// an import may bring it in without naming it.
    pub(super) fn callee(&self, path: &[String]) -> String {
        let mut path: Vec<&str> = path.iter().map(String::as_str).collect();
        for _ in 0..STEPS {
            let Some(first) = path.first().copied() else { break };
            // A field is declared without the word that stands for its object.
            if matches!(first, "self" | "this") && path.get(1).is_some_and(|field| self.values.contains_key(field)) {
                path.remove(0);
                continue;
            }
            if let Some(import) = self.imports.get(first) {
                let rest = path[1..].iter().map(|part| format!(".{part}")).collect::<String>();
                return if import.starts_with('.') {
                    format!("?{rest}")
                } else {
                    format!("{import}{rest}")
                };
            }
            // The longest known name: `self.client` before `self`.
            let known = (1..=path.len().min(3)).rev().find_map(|parts| {
                let value = self.values.get(path[..parts].join(".").as_str())?;
                Some((leads_to(value)?, parts))
            });
            let Some((to, parts)) = known else { break };
            if to.first().is_some_and(|name| name == first) && to.len() <= parts {
                break;
            }
            path = to.iter().map(String::as_str).chain(path[parts..].iter().copied()).collect();
        }
        // What nothing in the file makes known may be what an import brings in without naming it.
        let from_outside = match self.open {
            Open::Nothing => false,
            Open::Types => path.first().is_some_and(|name| name.starts_with(char::is_uppercase)),
            Open::Everything => path.first().is_some_and(|name| *name != "?"),
        };
        if from_outside {
            return format!("*.{}", path.join("."));
        }
        let rest = if path.len() > 1 { &path[1..] } else { &path[..] };
        format!("?.{}", rest.join("."))
    }

    /// What a value is called that may be the constant of a library, as a callee is resolved. Where nothing says that a model is meant,
    /// its name has a digit in it, as those of models have.
    fn constant(&self, value: &Value, means_a_model: bool) -> Option<String> {
        let path = without_conversion(leads_to(value)?);
        let name = path.last()?;
        let has_digit = name.bytes().any(|byte| byte.is_ascii_digit());
        let may_be = name.len() <= LONGEST_CONSTANT && (has_digit || means_a_model);
        may_be.then(|| self.callee(path))
    }

    /// The name under which another file, or the environment, holds a value.
    fn elsewhere<'v>(&self, value: &'v Value, steps: usize) -> Option<&'v str>
    where
        'f: 'v,
    {
        let steps = steps.checked_sub(1)?;
        match value {
            Value::Text(_) | Value::Called(_) => None,
            Value::Variable { name, .. } => Some(name),
            Value::Either(values) => values.iter().find_map(|value| self.elsewhere(value, steps)),
            Value::Path(path) => {
                let path = without_conversion(path);
                if let Some(known) = self.values.get(path.join(".").as_str()) {
                    return self.elsewhere(known, steps);
                }
                let first = path.first()?.as_str();
                // A name alone that nothing brings in is a parameter.
                let is_outside = path.len() > 1 || self.imports.contains_key(first);
                path.last()
                    .map(String::as_str)
                    .filter(|name| is_outside && name.len() <= LONGEST_CONSTANT)
            }
        }
    }

    /// What a name was given, or the value itself.
    pub(super) fn held<'v>(&self, value: &'v Value) -> &'v Value
    where
        'f: 'v,
    {
        let named = match value {
            Value::Path(path) => self.values.get(path.join(".").as_str()).copied(),
            _ => None,
        };
        named.unwrap_or(value)
    }

    /// The text a value comes to, through a few steps.
    pub(super) fn comes_to<'v>(&self, value: &'v Value) -> Option<&'v str>
    where
        'f: 'v,
    {
        self.text(value, STEPS)
    }

    /// The text a value comes to.
    fn text<'v>(&self, value: &'v Value, steps: usize) -> Option<&'v str>
    where
        'f: 'v,
    {
        let steps = steps.checked_sub(1)?;
        match value {
            Value::Text(text) => Some(text),
            Value::Variable { default, .. } => default.as_deref().and_then(|default| self.text(default, steps)),
            Value::Either(values) => values.iter().find_map(|value| self.text(value, steps)),
            Value::Called(_) => None,
            Value::Path(path) => {
                let path = without_conversion(path);
                let known = self.values.get(path.join(".").as_str()).copied();
                let by_ending = || {
                    path.last()
                        .filter(|_| path.len() > 1)
                        .and_then(|last| self.endings.get(last.as_str()).copied().flatten())
                };
                self.text(known.or_else(by_ending)?, steps)
            }
        }
    }
}

/// A path without what only turns a constant into a text: `Models.FAST.value`.
fn without_conversion(path: &[String]) -> &[String] {
    match path {
        [constant @ .., last] if !constant.is_empty() && CONVERSIONS.contains(&last.as_str()) => constant,
        other => other,
    }
}

/// The path of a value that is, or comes out of, something with a name.
fn leads_to(value: &Value) -> Option<&[String]> {
    match value {
        Value::Path(path) | Value::Called(path) => Some(path),
        Value::Either(values) => values.iter().find_map(leads_to),
        _ => None,
    }
}
