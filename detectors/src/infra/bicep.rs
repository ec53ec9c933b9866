//! Bicep, read as the template it would be compiled to: resources, modules, parameters and variables.

use std::collections::BTreeMap;

use super::{arm, image, resource, tags};
use crate::code::syntax::{self, Grammar, Node};
use crate::tree::{Builder, Node as Value, Shape, Tree};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observations, Unreadable};

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_bicep::LANGUAGE.into());

/// Expressions inside expressions are followed this deep.
const DEEPEST: usize = 96;
/// Parameters that are variables that are parameters are followed this often.
const MOST_STEPS: usize = 4;

static INFO: Info = Info {
    id: "infra/bicep",
    title: "Bicep",
    reads: &["*.bicep", "*.bicepparam"],
    emits: &[
        (Kind::Resource, arm::SCOPE),
        (Kind::Resource, resource::PERMISSION),
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, arm::SCOPE),
        (Kind::Env, arm::SCOPE),
        (Kind::Model, arm::SCOPE),
        (Kind::Host, arm::SCOPE),
        (Kind::Literal, arm::SCOPE),
        tags::EMITS,
    ],
    needs: &[],
    docs: "https://learn.microsoft.com/azure/azure-resource-manager/bicep/file",
};

/// Reads Bicep.
pub(super) struct Bicep;

impl Detector for Bicep {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        (file.name().ends_with(".bicep") || file.name().ends_with(".bicepparam")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let own;
        let text = if artifact.extension() == "bicepparam" {
            own = as_variables(text);
            own.as_str()
        } else {
            text
        };
        let tree = read(text)?;
        let known = known(&tree);
        let tree = tree.with_texts(|text| evaluated(text, &known));
        for module in tree.root().get("modules").into_iter().flat_map(Value::children) {
            let source = module.get("source").and_then(Value::text).and_then(published);
            if let Some(source) = source {
                out.extend(resource::of(arm::SCOPE, source, module.key(), module.get("params"), module.line()));
            }
        }
        arm::observe_tree(&tree, out);
        tree.complete()
    }
}

/// A file of parameters says `param name = value`, which a template says of variables.
fn as_variables(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix("param ") {
        Some(rest) => format!("var   {rest}"),
        None if line.starts_with("using ") => "\n".to_owned(),
        None => line.to_owned(),
    });
    lines.collect()
}

/// Where a published module comes from, without its version; nothing for files of the same tree.
fn published(source: &str) -> Option<&str> {
    let is_published = source.starts_with("br:") || source.starts_with("br/") || source.starts_with("ts:") || source.starts_with("ts/");
    let name_at = source.rfind('/')?;
    let end = source[name_at..].find(':').map_or(source.len(), |colon| name_at + colon);
    is_published.then_some(&source[..end])
}

/// Values of parameters and variables by their names.
fn known(tree: &Tree) -> BTreeMap<String, String> {
    let sections = ["parameters", "variables"]
        .into_iter()
        .filter_map(|section| tree.root().get(section));
    sections
        .flat_map(Value::children)
        .filter_map(|named| Some((named.key().to_owned(), named.get("default").unwrap_or(named).scalar()?.to_owned())))
        .collect()
}

fn evaluated(text: &str, known: &BTreeMap<String, String>) -> Option<String> {
    let name = |text: &str| Some(text.strip_prefix("${")?.strip_suffix('}')?.to_owned());
    let mut value = known.get(&name(text)?)?;
    for _ in 0..MOST_STEPS {
        match name(value).and_then(|name| known.get(&name)) {
            Some(next) => value = next,
            None => break,
        }
    }
    Some(value.clone())
}

fn read(text: &str) -> Result<Tree, Unreadable> {
    let parsed = GRAMMAR.parse(text)?;
    let mut reader = Reader {
        text,
        builder: Builder::new(),
    };
    if parsed.fault().is_some() {
        reader.builder.fail("syntax errors; what could be made out was read".to_owned());
    }
    let statements = syntax::children(parsed.root());
    reader.builder.open(String::new(), Shape::Map, 1);
    for (section, shape, kind) in [
        ("parameters", Shape::Map, "parameter_declaration"),
        ("variables", Shape::Map, "variable_declaration"),
        ("modules", Shape::Map, "module_declaration"),
        ("resources", Shape::List, "resource_declaration"),
        ("outputs", Shape::Map, "output_declaration"),
    ] {
        reader.builder.open(section.to_owned(), shape, 1);
        for statement in statements.iter().filter(|statement| statement.kind() == kind) {
            reader.declaration(*statement, 0);
        }
        reader.builder.close();
    }
    reader.builder.close();
    Ok(reader.builder.finish())
}

struct Reader<'s> {
    text: &'s str,
    builder: Builder,
}

impl<'s> Reader<'s> {
    fn declaration(&mut self, node: Node<'_>, depth: usize) {
        let parts = parts(node);
        let line = syntax::line(node);
        let name = parts
            .iter()
            .find(|part| part.kind() == "identifier")
            .map_or("", |name| syntax::text(*name, self.text))
            .to_owned();
        let last = parts.last().copied();
        match node.kind() {
            "parameter_declaration" => {
                let has_default = node_has(node, "=");
                self.builder.open(name, Shape::Map, line);
                if let Some(default) = last.filter(|_| has_default) {
                    self.value(default, "default".to_owned(), depth + 1);
                }
                self.builder.close();
            }
            "module_declaration" => {
                self.builder.open(name, Shape::Map, line);
                if let Some(source) = parts.iter().find(|part| part.kind() == "string") {
                    self.value(*source, "source".to_owned(), depth + 1);
                }
                self.properties(last, depth + 1);
                self.builder.close();
            }
            "resource_declaration" => {
                self.builder.open(String::new(), Shape::Map, line);
                if let Some(kind) = parts.iter().find(|part| part.kind() == "string") {
                    let kind = unquoted(syntax::text(*kind, self.text));
                    let (kind, version) = kind.split_once('@').unwrap_or((&kind, "1"));
                    self.builder.scalar("type".to_owned(), kind.to_owned(), Shape::Text, line);
                    self.builder.scalar("apiVersion".to_owned(), version.to_owned(), Shape::Plain, line);
                }
                self.properties(last, depth + 1);
                self.builder.close();
            }
            _ => {
                if let Some(value) = last {
                    self.value(value, name, depth + 1);
                }
            }
        }
    }

    /// The properties of an object, of each element of a loop, or of what stands behind a condition.
    fn properties(&mut self, node: Option<Node<'_>>, depth: usize) {
        let mut node = node;
        for _ in 0..DEEPEST {
            let Some(inner) = node else { return };
            node = match inner.kind() {
                "object" => {
                    self.object(inner, depth);
                    return;
                }
                "for_statement" => inner.field("body"),
                "if_statement" | "parenthesized_expression" => parts(inner).last().copied(),
                _ => return,
            };
        }
    }

    fn object(&mut self, object: Node<'_>, depth: usize) {
        if depth > DEEPEST {
            self.builder
                .fail(format!("nested more than {DEEPEST} deep; deeper values were not read"));
            return;
        }
        for property in parts(object).into_iter().filter(|part| part.kind() == "object_property") {
            let parts = parts(property);
            match parts.as_slice() {
                [nested] if nested.kind() == "resource_declaration" => {
                    self.builder.open("resources".to_owned(), Shape::List, syntax::line(*nested));
                    self.declaration(*nested, depth + 1);
                    self.builder.close();
                }
                [key, .., value] => {
                    let key = unquoted(syntax::text(*key, self.text));
                    self.value(*value, key, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn value(&mut self, node: Node<'_>, key: String, depth: usize) {
        if depth > DEEPEST {
            self.builder
                .fail(format!("nested more than {DEEPEST} deep; deeper values were not read"));
            return;
        }
        let line = syntax::line(node);
        let source = syntax::text(node, self.text);
        match node.kind() {
            "string" => self.builder.scalar(key, unquoted(source), Shape::Text, line),
            "object" => {
                self.builder.open(key, Shape::Map, line);
                self.object(node, depth);
                self.builder.close();
            }
            "array" | "arguments" | "parenthesized_expression" => self.list(&parts(node), key, line, depth),
            "call_expression" => {
                let arguments = node.field("arguments").map(parts).unwrap_or_default();
                self.list(&arguments, key, line, depth);
            }
            "ternary_expression" => {
                let branches = ["consequence", "alternative"].iter().filter_map(|field| node.field(field));
                self.list(&branches.collect::<Vec<_>>(), key, line, depth);
            }
            "binary_expression" if node_has(node, "??") => self.list(&parts(node), key, line, depth),
            "for_statement" => {
                let body = node.field("body");
                self.list(&body.into_iter().collect::<Vec<_>>(), key, line, depth);
            }
            "if_statement" => self.list(&parts(node).into_iter().skip(1).collect::<Vec<_>>(), key, line, depth),
            "identifier" | "member_expression" => self.builder.scalar(key, format!("${{{source}}}"), Shape::Text, line),
            _ => self.builder.scalar(key, source.to_owned(), Shape::Plain, line),
        }
    }

    fn list(&mut self, items: &[Node<'_>], key: String, line: u32, depth: usize) {
        self.builder.open(key, Shape::List, line);
        for item in items {
            self.value(*item, String::new(), depth + 1);
        }
        self.builder.close();
    }
}

fn node_has(node: Node<'_>, token: &str) -> bool {
    node.children().any(|child| child.kind() == token)
}

fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    syntax::children(node)
        .into_iter()
        .filter(|child| !matches!(child.kind(), "comment" | "diagnostic_comment" | "decorators"))
        .collect()
}

fn unquoted(source: &str) -> String {
    let inner = ["'''", "'"]
        .iter()
        .find_map(|quote| source.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(source);
    inner.replace("\\'", "'").replace("\\$", "$").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const MAIN: &str = "@description('which')
param kind string = 'Acme'
param model string = 'gpt-x'
param names array = []
var chosen = kind
resource account 'Acme.Ai/accounts@2024-01-01' = {
  name: 'a'
  kind: chosen // why
  properties: { url: 'https://${model}.api.example.com/v1' }
  resource inner 'deployments' = {
    name: 'd'
    properties: { model: { name: model } }
  }
}
resource all 'Acme.Ai/accounts/deployments@2024-01-01' = [for n in names: {
  name: n.name
  parent: account
  properties: { model: n.?model ?? 'gpt-y' }
}]
resource maybe 'Acme.Ai/other@2024' = if (empty(names)) {
  name: empty(names) ? 'x' : 'y'
}
module m 'br/public:avm/res/acme/account:0.1.0' = { name: 'm', params: { kind: kind } }
module local './x.bicep' = { name: 'n' }
";

    fn lines(path: &str, text: &str) -> Vec<String> {
        seen(&Bicep, path, text)
    }

    #[test]
    fn resources_and_modules_are_seen_with_known_values() {
        let found = lines("main.bicep", MAIN);
        let has = |start: &str, part: &str| found.iter().any(|line| line.starts_with(start) && line.contains(part));
        for (start, part) in [
            ("6 Resource Acme.Ai/accounts ", "arg.kind=Acme"),
            ("10 Resource Acme.Ai/accounts/deployments ", "arg.properties.model.name=gpt-x"),
            ("15 Resource Acme.Ai/accounts/deployments ", "arg.properties.model=gpt-y"),
            ("20 Resource Acme.Ai/other ", "arg.name=x"),
            ("23 Resource br/public:avm/res/acme/account ", "arg.kind=Acme"),
            ("3 Model gpt-x", "parameters.model.default"),
            ("9 Host *.api.example.com", "path=/v1"),
        ] {
            assert!(has(start, part), "{start} {part}: {found:#?}");
        }
        assert_eq!(found.iter().filter(|line| line.contains(" Resource ")).count(), 5, "{found:#?}");
    }

    #[test]
    fn files_of_parameters_are_read() {
        let found = lines(
            "main.bicepparam",
            "using './main.bicep'\nparam modelName = 'gpt-x'\nparam n = readEnvironmentVariable('LLM_KEY', '')\n",
        );
        assert!(found.contains(&"2 Model gpt-x name=variables.modelName".to_owned()), "{found:?}");
        assert!(found.contains(&"3 Env LLM_KEY".to_owned()), "{found:?}");
    }

    #[test]
    fn comments_say_nothing_and_hostile_files_end() {
        assert_eq!(
            lines("a.bicep", "// resource a 'Acme.Ai/accounts@1' = {}\n/* model: 'gpt-x' */\n"),
            [""; 0]
        );
        for text in [
            format!("var a = {}", "[\n".repeat(20_000)),
            format!("var a = {}", "(".repeat(20_000)),
            "resource a 'b@1' = { resource c 'd' = ".repeat(500),
            "var a = '${".repeat(2_000),
        ] {
            lines("a.bicep", &text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..MAIN.len(), insert in "[\\[\\](){}'$?:=a-z\\n]{0,8}") {
            lines("a.bicep", &format!("{}{insert}{}", &MAIN[..cut], &MAIN[cut..]));
            lines("a.bicepparam", &MAIN[..cut]);
        }
    }
}
