//! SQL: the functions a script calls, what it creates, the types and operators it uses, by their names as written.
//!
//! Each warehouse has a dialect of its own, and scripts are full of templates; a grammar of one dialect loses the rest of a
//! statement where another begins. What is asked for here (names before brackets, what stands behind `CREATE`) can be told
//! from the parts of the text alone, so no grammar is used. Rows of data are not read.

mod tokens;

use evidence::{Info, Kind, attribute};

use self::tokens::{Part, Token};
use super::{LARGEST, python, resolve};
use crate::config::value;
use crate::{Artifact, Detector, FilePath, Gate, Observation, Observations, Unreadable};

/// A script of SQL.
pub(super) struct Sql;

/// Longest statement that is looked through for what belongs to its beginning, in parts.
const LONGEST_STATEMENT: usize = 2_000;
/// Longest list of arguments that is looked through, in parts.
const LONGEST_CALL: usize = 400;
/// At most this many observations of one file.
const MOST: usize = 20_000;
/// Longest argument that is kept.
const LONGEST_ARGUMENT: usize = 512;
/// Bodies of functions inside bodies of functions are read this deep.
const DEEPEST: usize = 3;

/// Longest statement that is read inside code.
const LONGEST_INSIDE: usize = 64 << 10;

/// Types of columns that hold embeddings.
const VECTOR_TYPES: [&str; 4] = ["vector", "halfvec", "sparsevec", "bfloat16vec"];

/// Operators that compare embeddings.
const VECTOR_OPERATORS: [&str; 4] = ["<=>", "<->", "<#>", "<+>"];

pub(super) const EMITS: &[evidence::Emits] = &[
    (Kind::Resource, "sql"),
    (Kind::Model, "sql"),
    (Kind::Literal, "sql"),
    (Kind::Host, "sql"),
    (Kind::Env, "sql"),
    (Kind::Import, "python"),
    (Kind::Call, "python"),
];

impl Detector for Sql {
    fn info(&self) -> &Info {
        const INFO: Info = Info {
            id: "code/sql",
            title: "SQL",
            reads: &["*.sql", "*.pgsql", "*.psql", "*.ddl"],
            emits: EMITS,
            needs: &[],
            docs: "https://en.wikipedia.org/wiki/SQL",
        };
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let is_sql = [".sql", ".pgsql", ".psql", ".ddl"]
            .iter()
            .any(|ending| file.name().ends_with(ending));
        is_sql.then_some(Gate::Anchored)
    }

    fn mentions(&self, module: &str) -> Vec<String> {
        python::mentions(module)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        if artifact.bytes().len() > LARGEST {
            return Err(Unreadable(format!("SQL of more than {} MiB is data", LARGEST >> 20)));
        }
        observe(artifact.text()?, 1, out);
        Ok(())
    }
}

/// Words that a statement begins with which may use a function or make something, each with what also stands in such a statement: such
/// a word begins many a sentence too.
const BEGINNINGS: [(&str, &[&str]); 8] = [
    ("select", &[" from ", "\nfrom ", "'"]),
    ("with", &["select"]),
    ("create", &["table", "model", "function", "view", "extension", "index", "procedure"]),
    ("insert", &["into"]),
    ("update", &[" set "]),
    ("merge", &["into"]),
    ("call", &["("]),
    ("alter", &["table", "function", "system"]),
];
/// Shorter texts call nothing.
const SHORTEST_INSIDE: usize = 16;

/// Adds what a text tells that stands in code of another language, if it begins as a statement does.
pub(super) fn observe_inside(text: &str, line: u32, out: &mut Observations) {
    let statement = text.trim_start();
    let first = statement.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_statement =
        (SHORTEST_INSIDE..=LONGEST_INSIDE).contains(&statement.len()) && statement[first.len()..].starts_with(char::is_whitespace);
    let beginning = BEGINNINGS.iter().find(|(word, _)| is_statement && first.eq_ignore_ascii_case(word));
    let Some((_, besides)) = beginning else { return };
    let lower = statement.to_ascii_lowercase();
    if !besides.iter().any(|word| lower.contains(word)) {
        return;
    }
    let above = text[..text.len() - statement.len()].bytes().filter(|byte| *byte == b'\n').count();
    let before = out.as_slice().len();
    observe(statement, line + u32::try_from(above).unwrap_or(0), out);
    // What else stands in the text is told by the language around it.
    out.keep_from(before, |seen| seen.kind == Kind::Resource);
}

/// Adds what a script that starts on a line tells.
pub(super) fn observe(script: &str, line: u32, out: &mut Observations) {
    let before = out.as_slice().len();
    script_within(script, line, 0, before, out);
}

fn script_within(script: &str, line: u32, depth: usize, before: usize, out: &mut Observations) {
    let tokens = tokens::tokens(script, line);
    let dialect = dialect(&tokens);
    for statement in tokens.split(|token| token.part == Part::Sign && token.text == ";") {
        created(statement, out);
        let is_definition = statement.first().is_some_and(|first| first.is_any(&["create", "alter", "set"]));
        let rows = rows_from(statement);
        let language = language(statement);
        for (at, token) in statement.iter().enumerate() {
            if out.as_slice().len() - before > MOST {
                return;
            }
            match token.part {
                Part::Word => word(statement, at, dialect, out),
                Part::Sign if VECTOR_OPERATORS.contains(&token.text) => {
                    push(format!("operator {}", token.text), token.line, Vec::new(), out);
                }
                Part::Text if at < rows => text(statement, at, is_definition, out),
                Part::Body => body(&language, *token, depth, before, out),
                _ => {}
            }
        }
    }
}

fn push(key: String, line: u32, arguments: Vec<(String, String)>, out: &mut Observations) {
    let mut observation = Observation::new(Kind::Resource, "sql", key, line);
    for (name, value) in arguments {
        if value.len() <= LONGEST_ARGUMENT {
            observation = observation.with(format!("{}{name}", attribute::ARGUMENT), value);
        }
    }
    out.push(observation);
}

/// The dialect, where the way names are quoted tells it.
fn dialect(tokens: &[Token<'_>]) -> Option<&'static str> {
    tokens.iter().find_map(|token| match token.quote {
        Some('`') => Some("backticks"),
        Some('[') => Some("brackets"),
        _ => None,
    })
}

/// Where the rows of data of a statement begin.
fn rows_from(statement: &[Token<'_>]) -> usize {
    let inserts = statement.iter().take(40).any(|token| token.is_any(&["insert", "replace", "merge"]));
    let values = statement.iter().position(|token| token.part == Part::Word && token.is("values"));
    values.filter(|_| inserts).unwrap_or(usize::MAX)
}

/// A text, under the name it is given where it has one.
fn text(statement: &[Token<'_>], at: usize, is_definition: bool, out: &mut Observations) {
    let token = statement[at];
    let name = match (at.checked_sub(2).map(|at| statement[at]), at.checked_sub(1).map(|at| statement[at])) {
        (Some(name), Some(sign))
            if matches!(name.part, Part::Word | Part::Text) && (sign.is_any(&["=>", ":="]) || is_definition && sign.is("=")) =>
        {
            name.text
        }
        _ => "",
    };
    value::observe("sql", name, token.text, token.line, out);
}

/// A name: of a function, of a column's type, of an operator class.
fn word(statement: &[Token<'_>], at: usize, dialect: Option<&'static str>, out: &mut Observations) {
    let token = statement[at];
    let follows = |offset: usize, text: &str| statement.get(at + offset).is_some_and(|next| next.is(text));
    let before = at.checked_sub(1).map(|at| statement[at]);
    if follows(1, ".") {
        return;
    }
    let (begin, name) = dotted(statement, at);
    let last = token.text.to_ascii_lowercase();
    if last.ends_with("_ops") && token.quote.is_none() {
        return push(format!("operators {last}"), token.line, Vec::new(), out);
    }
    let stands_behind = begin.checked_sub(1).map(|at| statement[at]);
    if VECTOR_TYPES.contains(&last.as_str()) {
        let is_cast = stands_behind.is_some_and(|sign| sign.is("::"));
        // `name vector(3)`, `name vector NOT NULL`
        let is_column = stands_behind.is_some_and(|column| column.part == Part::Word && !column.is_any(&NO_COLUMNS));
        let is_closed =
            follows(1, "(") || follows(1, ",") || follows(1, ")") || follows(1, "not") || follows(1, "null") || at + 1 == statement.len();
        if is_cast || is_column && is_closed {
            let mut arguments = arguments(statement, at + 1);
            arguments.extend(dialect.map(|dialect| ("dialect".to_owned(), dialect.to_owned())));
            push(format!("type {last}"), token.line, arguments, out);
        }
        return;
    }
    if follows(1, "(")
        && !is_named_thing(statement, begin, at)
        && !(begin == at && token.is_any(&NO_FUNCTIONS))
        && before.is_none_or(|sign| !sign.is("@"))
    {
        push(name, token.line, arguments(statement, at + 1), out);
    }
}

/// Whether a name before a bracket is that of a table, index, column or common table expression, which is followed by columns.
fn is_named_thing(statement: &[Token<'_>], begin: usize, at: usize) -> bool {
    let before = begin.checked_sub(1).map(|at| statement[at]);
    let defines = statement.first().is_some_and(|first| first.is_any(&["create", "alter", "drop"]));
    let on_a_table = || {
        defines
            && statement
                .iter()
                .take(6)
                .any(|word| word.is_any(&["index", "trigger", "policy", "statistics"]))
    };
    if before.is_some_and(|word| word.is_any(&NAMED_THINGS) || word.is("on") && on_a_table()) {
        return true;
    }
    // `KEY k (name(10))`: how much of a column an index holds.
    if let [_, inside, end] = statement.get(at + 1..at + 4).unwrap_or_default()
        && defines
        && inside.part == Part::Number
        && end.is(")")
    {
        return true;
    }
    // `WITH name (a, b) AS (`
    let mut depth = 0usize;
    for (place, token) in statement.iter().enumerate().skip(at + 1).take(LONGEST_CALL) {
        depth += usize::from(token.part == Part::Sign && token.text == "(");
        if token.part == Part::Sign && token.text == ")" {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                let behind = |offset: usize, text: &str| statement.get(place + offset).is_some_and(|next| next.is(text));
                return behind(1, "as") && behind(2, "(");
            }
        }
    }
    false
}

/// Words before the name of what is defined, filled or pointed at.
const NAMED_THINGS: [&str; 13] = [
    "function",
    "procedure",
    "table",
    "view",
    "exists",
    "into",
    "trigger",
    "index",
    "references",
    "key",
    "update",
    "overwrite",
    "type",
];

/// Words before `vector` that are no column's name.
const NO_COLUMNS: [&str; 16] = [
    "create",
    "extension",
    "exists",
    "select",
    "from",
    "join",
    "by",
    "as",
    "table",
    "on",
    "and",
    "or",
    "where",
    "drop",
    "using",
    "schema",
];

/// Words that stand before brackets without being functions.
const NO_FUNCTIONS: [&str; 24] = [
    "in", "values", "and", "or", "not", "exists", "as", "on", "using", "where", "select", "from", "over", "with", "options", "key",
    "union", "all", "any", "when", "then", "else", "join", "by",
];

/// The whole name that ends at a place, in lower case, and where it begins: `a.b.c`.
fn dotted(statement: &[Token<'_>], end: usize) -> (usize, String) {
    let mut begin = end;
    while begin >= 2 && statement[begin - 1].is(".") && statement[begin - 2].part == Part::Word {
        begin -= 2;
    }
    let parts: Vec<&str> = statement[begin..=end]
        .iter()
        .filter(|token| token.part == Part::Word)
        .map(|token| token.text)
        .collect();
    (begin, parts.join(".").to_ascii_lowercase())
}

/// The arguments in the bracket that opens at a place: texts, names and numbers, by position or name.
fn arguments(statement: &[Token<'_>], open: usize) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if !statement.get(open).is_some_and(|token| token.is("(")) {
        return found;
    }
    let (mut depth, mut position, mut start) = (0usize, 0usize, open + 1);
    let end = statement.len().min(open + LONGEST_CALL);
    for at in open..end {
        let token = statement[at];
        let closes = token.part == Part::Sign && token.text == ")";
        depth += usize::from(token.part == Part::Sign && token.text == "(");
        if depth == 1 && (closes || token.is(",")) {
            found.extend(argument(&statement[start..at], position));
            position += 1;
            start = at + 1;
        }
        depth -= usize::from(closes);
        if depth == 0 {
            break;
        }
    }
    found
}

/// `'text'`, `name => 'text'`, `MODEL name`, `3`.
fn argument(tokens: &[Token<'_>], position: usize) -> Option<(String, String)> {
    let tokens = match tokens {
        // A cast adds nothing.
        [value, cast, ..] if cast.is("::") => std::slice::from_ref(value),
        other => other,
    };
    match tokens {
        [value] if value.part != Part::Sign && value.part != Part::Word => Some((position.to_string(), value.text.to_owned())),
        [name, sign, value] if sign.is_any(&["=>", ":=", "="]) && value.part == Part::Text => {
            Some((name.text.to_ascii_lowercase(), value.text.to_owned()))
        }
        [kind, name @ ..] if kind.is("model") && name.first().is_some_and(|name| name.part == Part::Word) => {
            let name: String = name.iter().map(|token| token.text).collect();
            Some(("model".to_owned(), name))
        }
        // `USING GPT_MODEL`, `STRUCT(…)`: nothing that can be told.
        _ => None,
    }
}

/// `CREATE a b c`: what is created, as one to three words, with its name and settings.
fn created(statement: &[Token<'_>], out: &mut Observations) {
    let Some(first) = statement.first().filter(|first| first.is("create")) else {
        return;
    };
    let passed = [
        "or",
        "replace",
        "if",
        "not",
        "exists",
        "temp",
        "temporary",
        "concurrently",
        "unique",
        "public",
        "shared",
    ];
    let rest: Vec<Token<'_>> = statement[1..]
        .iter()
        .take(LONGEST_STATEMENT)
        .filter(|token| !(token.part == Part::Word && token.quote.is_none() && token.is_any(&passed)))
        .copied()
        .collect();
    let words = rest.iter().take(3).take_while(|token| token.part == Part::Word).count();
    let settings = settings(&rest);
    let mut key = "create".to_owned();
    for count in 1..=words {
        key.push(' ');
        key.push_str(&rest[count - 1].text.to_ascii_lowercase());
        // What belongs to a longer name is no object of its own.
        if rest.get(count).is_some_and(|next| next.is(".")) {
            break;
        }
        let mut observation = Observation::new(Kind::Resource, "sql", key.clone(), first.line);
        if let Some(name) = rest
            .get(count)
            .filter(|name| name.part == Part::Word && !name.is_any(&["with", "using", "as", "on", "schema"]))
        {
            let mut id = name.text.to_owned();
            for pair in rest[count + 1..].chunks(2).take(3) {
                match pair {
                    [dot, part] if dot.is(".") && part.part == Part::Word => {
                        id.push('.');
                        id.push_str(part.text);
                    }
                    _ => break,
                }
            }
            observation = observation.with(attribute::ID, id);
        }
        for (name, value) in &settings {
            observation = observation.with(format!("{}{name}", attribute::ARGUMENT), value.clone());
        }
        out.push(observation);
    }
    // `USING hnsw (…)`: the kind of an index.
    if rest.first().is_some_and(|kind| kind.is("index")) {
        for pair in rest.windows(2).filter(|pair| pair[0].is("using") && pair[1].part == Part::Word) {
            push(
                format!("using {}", pair[1].text.to_ascii_lowercase()),
                pair[1].line,
                Vec::new(),
                out,
            );
        }
    }
}

/// `name = 'text'` in a definition: options of what is created; a flag for `REMOTE`.
fn settings(statement: &[Token<'_>]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for three in statement.windows(3).take(LONGEST_STATEMENT) {
        let [name, sign, value] = three else { continue };
        let is_value = value.part == Part::Text || value.part == Part::Word && value.quote.is_none() && !value.is("array");
        if matches!(name.part, Part::Word | Part::Text) && sign.is("=") && is_value && value.text.len() <= LONGEST_ARGUMENT {
            let name = name.text.to_ascii_lowercase();
            if found.len() < 32 && found.iter().all(|(known, _)| *known != name) {
                found.push((name, value.text.to_owned()));
            }
        }
    }
    if statement
        .iter()
        .take(40)
        .any(|token| token.part == Part::Word && token.is("remote"))
    {
        found.push(("remote".to_owned(), "true".to_owned()));
    }
    found
}

/// The language in which a function is written, if a statement says so.
fn language(statement: &[Token<'_>]) -> String {
    let named = statement
        .windows(2)
        .find(|pair| pair[0].part == Part::Word && pair[0].is("language"));
    named.map(|pair| pair[1].text.to_ascii_lowercase()).unwrap_or_default()
}

/// The body of a function: SQL, or Python where the function says so.
fn body(language: &str, body: Token<'_>, depth: usize, before: usize, out: &mut Observations) {
    if language.contains("python") {
        if let Ok(facts) = python::facts(body.text) {
            let from = out.as_slice().len();
            resolve::observe("python", &facts, out);
            out.move_from(from, |line| (line + body.line).saturating_sub(1));
        }
    } else if depth < DEEPEST && (language.is_empty() || language.contains("sql")) {
        script_within(body.text, body.line, depth + 1, before, out);
    }
}

#[cfg(test)]
mod tests;
