//! PowerShell: cmdlets and their parameters, .NET types, variables of the environment. Names have no case.

use evidence::Info;

use super::facts::{Assignment, Call, Facts, Import, Open, Path, Value};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};
use crate::Unreadable;

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_powershell::LANGUAGE.into());

pub(super) static POWERSHELL: Language = Language {
    info: Info {
        id: "code/powershell",
        title: "PowerShell",
        reads: &["*.ps1", "*.psm1"],
        emits: emits!("powershell"),
        needs: &[],
        docs: "https://learn.microsoft.com/powershell/scripting/lang-spec/chapter-01",
    },
    scope: "powershell",
    endings: &[".ps1", ".psm1"],
    mentions: |module| {
        let before = ["Import-Module ", "using module ", "Install-Module ", "Modules ", "-Name "];
        before.iter().map(|before| format!("{before}{module}")).collect()
    },
    telling: None,
    read: |artifact| facts(artifact.text()?),
};

/// Expressions are wrapped in one level for each precedence: levels that are looked through at once.
const LEVELS: usize = 48;
/// Values of one list that are looked at.
const MOST_CHOICES: usize = 64;

fn facts(source: &str) -> Result<Facts, Unreadable> {
    let tree = GRAMMAR.parse(source)?;
    let mut facts = Facts {
        fault: tree.fault(),
        open: Open::Everything,
        ..Facts::default()
    };
    let reader = Reader { source };
    syntax::visit(&tree, |node, _| reader.node(node, &mut facts));
    Ok(facts)
}

struct Reader<'s> {
    source: &'s str,
}

impl<'s> Reader<'s> {
    fn text(&self, node: Node<'_>) -> &'s str {
        syntax::text(node, self.source)
    }

    /// Reads one node; says whether to go below it.
    fn node(&self, node: Node<'_>, facts: &mut Facts) -> bool {
        let line = syntax::line(node);
        match node.kind() {
            "comment" => return false,
            "command" => self.command(node, facts),
            "invokation_expression" => self.invocation(node, facts),
            "assignment_expression" => {
                if let (Some(target), Some(value)) = (node.named_child(0), node.field("value")) {
                    self.assignment(target, value, facts);
                }
            }
            "script_parameter" => {
                let parts = syntax::children(node);
                let part = |kind: &str| parts.iter().find(|part| part.kind() == kind).copied();
                if let (Some(name), Some(default)) = (part("variable"), part("script_parameter_default")) {
                    self.assignment(name, default, facts);
                }
            }
            "hash_entry" => {
                let parts = syntax::children(node);
                if let [key, value] = parts.as_slice()
                    && let Some(value) = self.value(*value, 0)
                {
                    let key = self.string(inner(*key)).unwrap_or_else(|| self.text(*key).trim().to_owned());
                    facts.assignments.push(Assignment {
                        target: key,
                        value,
                        line,
                        named: false,
                    });
                }
            }
            "variable" => facts.variables.extend(self.environment(node).map(|name| (name, line))),
            "string_literal" => {
                facts
                    .literals
                    .extend(self.string(node).filter(|text| !text.is_empty()).map(|text| (text, line)));
            }
            _ => {}
        }
        true
    }

    /// The variable of the environment that `$env:NAME` means.
    fn environment(&self, node: Node<'_>) -> Option<String> {
        let name = self.text(node).trim_start_matches(['$', '{']).trim_end_matches('}');
        let (scope, name) = name.split_once(':')?;
        scope.eq_ignore_ascii_case("env").then(|| name.to_owned())
    }

    fn assignment(&self, target: Node<'_>, value: Node<'_>, facts: &mut Facts) {
        let target = inner(target);
        let Some(name) = self.path(target) else { return };
        let value = self.value(value, 0).unwrap_or(Value::Either(Vec::new()));
        facts.assignments.push(Assignment {
            target: name.join("."),
            value,
            line: syntax::line(target),
            named: true,
        });
    }

    /// `Verb-Noun -Name value other`
    fn command(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(name) = node.field("command_name").map(|name| self.text(name)) else {
            return;
        };
        let line = syntax::line(node);
        let elements = node.field("command_elements").map(syntax::children).unwrap_or_default();
        let mut arguments: Vec<(String, Value)> = Vec::new();
        let mut parameter: Option<String> = None;
        let mut position = 0;
        for element in elements.into_iter().filter(|element| element.kind() != "command_argument_sep") {
            if element.kind() == "command_parameter" {
                parameter = Some(self.text(element).trim_start_matches('-').trim_end_matches(':').to_owned());
                continue;
            }
            let value = match element.kind() {
                "generic_token" => Some(Value::Text(self.text(element).to_owned())),
                _ => self.value(element, 0),
            };
            let called = parameter.take();
            if called.is_none() {
                position += 1;
            }
            let Some(value) = value else { continue };
            if let Some(called) = &called {
                facts.assignments.push(Assignment {
                    target: called.clone(),
                    value: value.clone(),
                    line: syntax::line(element),
                    named: false,
                });
            }
            arguments.push((called.unwrap_or_else(|| (position - 1).to_string()), value));
        }
        let first = || {
            let named = arguments.iter().find(|(name, _)| name.eq_ignore_ascii_case("name"));
            named
                .or_else(|| arguments.iter().find(|(name, _)| name == "0"))
                .map(|(_, value)| value)
        };
        let lower = name.to_ascii_lowercase();
        let module = match (lower.as_str(), first()) {
            ("import-module" | "install-module" | "ipmo", Some(Value::Text(module))) => Some(module.clone()),
            ("using", Some(Value::Text(kind))) if kind == "module" || kind == "namespace" => {
                let second = arguments.iter().find(|(name, _)| name == "1");
                second.and_then(|(_, value)| {
                    if let Value::Text(module) = value {
                        Some(module.clone())
                    } else {
                        None
                    }
                })
            }
            _ => None,
        };
        if let Some(module) = module.filter(|module| !module.starts_with(['.', '/', '$', '\\'])) {
            let local = module.clone();
            facts.imports.push(Import { path: module, local, line });
        }
        // Commands of the shell itself are a verb and a noun; other words are programs.
        if !name.contains(['-', '$', '.', ':', '\\']) && !facts.defined.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            facts.scripts.push((self.text(node).to_owned(), line));
        }
        let callee = match (lower.as_str(), first()) {
            ("new-object", Some(Value::Text(kind))) => kind.split('.').map(str::to_owned).collect(),
            _ => vec![name.to_owned()],
        };
        facts.calls.push(Call { callee, arguments, line });
    }

    /// `$x.Method(a)`, `[Type]::Method(a)`
    fn invocation(&self, node: Node<'_>, facts: &mut Facts) {
        let Some(callee) = self.path(node) else { return };
        let list = syntax::children(node).into_iter().find(|part| part.kind() == "argument_list");
        let list = list.and_then(|list| list.field("argument_expression_list"));
        let values = list.map(syntax::children).unwrap_or_default();
        let values: Vec<Option<Value>> = values.into_iter().take(MOST_CHOICES).map(|value| self.value(value, 0)).collect();
        let line = syntax::line(node);
        if let [.., kind, method] = callee.as_slice()
            && kind.eq_ignore_ascii_case("environment")
            && method.eq_ignore_ascii_case("getenvironmentvariable")
            && let Some(Some(Value::Text(name))) = values.first()
        {
            facts.variables.push((name.clone(), line));
        }
        let arguments = values.into_iter().enumerate();
        let arguments = arguments
            .filter_map(|(position, value)| Some((position.to_string(), value?)))
            .collect();
        facts.calls.push(Call { callee, arguments, line });
    }

    /// The path of a variable, member or type. Names of variables have no case.
    fn path(&self, node: Node<'_>) -> Option<Path> {
        let mut parts: Vec<String> = Vec::new();
        let mut at = inner(node);
        for _ in 0..syntax::DEEPEST {
            match at.kind() {
                "variable" => {
                    let name = self.text(at).trim_start_matches(['$', '{']).trim_end_matches('}');
                    parts.push(name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase());
                    parts.reverse();
                    return Some(parts);
                }
                "type_literal" => {
                    let name = self.text(at).trim_matches(['[', ']']);
                    parts.extend(name.split('.').rev().map(str::to_owned));
                    parts.reverse();
                    return Some(parts);
                }
                "invokation_expression" | "member_access" => {
                    let children = syntax::children(at);
                    let name = children.iter().find(|part| part.kind() == "member_name")?;
                    parts.push(self.text(*name).to_owned());
                    at = inner(*children.first()?);
                }
                "element_access" | "cast_expression" | "expression_with_unary_operator" => {
                    let children = syntax::children(at);
                    at = inner(if at.kind() == "element_access" {
                        *children.first()?
                    } else {
                        *children.last()?
                    });
                }
                _ => return None,
            }
        }
        None
    }

    fn value(&self, node: Node<'_>, depth: usize) -> Option<Value> {
        if depth > syntax::DEEPEST {
            return None;
        }
        let node = inner(node);
        match node.kind() {
            "string_literal" => self.string(node).map(Value::Text),
            "variable" => match self.environment(node) {
                Some(name) => Some(Value::Variable { name, default: None }),
                None => self.path(node).map(Value::Path),
            },
            "invokation_expression" => self.path(node).map(Value::Called),
            "member_access" => self.path(node).map(Value::Path),
            "command" => {
                let name = self.text(node.field("command_name")?);
                let elements = syntax::children(node.field("command_elements")?);
                let kind = elements.iter().find(|element| element.kind() == "generic_token");
                match kind.filter(|_| name.eq_ignore_ascii_case("new-object")) {
                    Some(kind) => Some(Value::Called(self.text(*kind).split('.').map(str::to_owned).collect())),
                    None => Some(Value::Called(vec![name.to_owned()])),
                }
            }
            "cast_expression" => self.value(*syntax::children(node).last()?, depth + 1),
            "array_literal_expression" | "statement_list" | "pipeline" | "pipeline_chain" => {
                let values = syntax::children(node).into_iter().take(MOST_CHOICES);
                Some(Value::Either(values.filter_map(|value| self.value(value, depth + 1)).collect()))
            }
            _ => None,
        }
    }

    /// The text of a string; what is computed in it becomes `{}`.
    fn string(&self, node: Node<'_>) -> Option<String> {
        if node.kind() != "string_literal" {
            return None;
        }
        let inside = node.named_child(0)?;
        let whole = self.text(inside);
        let start = inside.start_byte();
        let mut text = String::new();
        let mut at = 0;
        for computed in syntax::children(inside) {
            let (from, to) = (
                computed.start_byte().saturating_sub(start),
                computed.end_byte().saturating_sub(start),
            );
            text.push_str(whole.get(at..from).unwrap_or_default());
            text.push_str("{}");
            at = to.max(at);
        }
        text.push_str(whole.get(at..).unwrap_or_default());
        let text = text.trim();
        let quotes: &[char] = &['"', '\''];
        let text = match text.strip_prefix('@').and_then(|text| text.strip_suffix('@')) {
            Some(here) => here.trim_matches(quotes).trim_matches(['\r', '\n']),
            None => text.trim_matches(quotes),
        };
        Some(text.to_owned())
    }
}

/// What stands inside levels that have just one part.
fn inner(node: Node<'_>) -> Node<'_> {
    let mut at = node;
    for _ in 0..LEVELS {
        let tells = matches!(
            at.kind(),
            "string_literal"
                | "variable"
                | "invokation_expression"
                | "member_access"
                | "command"
                | "type_literal"
                | "element_access"
                | "hash_literal_expression"
        );
        match at.named_child(0).filter(|_| !tells && at.named_child_count() == 1) {
            Some(only) => at = only,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("powershell", &facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn modules_are_imported() {
        has("Import-Module Acme", "1 Import Acme");
        has("Import-Module -Name 'Acme' -Force", "1 Import Acme");
        has("using module Acme", "1 Import Acme");
        has("Install-Module Acme -Scope CurrentUser", "1 Import Acme");
    }

    #[test]
    fn words_comments_and_own_files_are_no_imports() {
        for source in [
            "# Import-Module Acme",
            "<# Import-Module Acme #>",
            "'Import-Module Acme'",
            "Import-Module ./Acme.psm1",
            "Import-Module $path",
            "Get-Module Acme",
        ] {
            assert!(
                seen(source).iter().all(|line| !line.contains("Import ")),
                "{source}: {:?}",
                seen(source)
            );
        }
    }

    #[test]
    fn cmdlets_and_types_are_called_with_their_arguments() {
        has(
            "Request-Chat -Message 'x' -Model m-1",
            "1 Call *.Request-Chat arg.Message=x arg.Model=m-1",
        );
        has("Request-Chat -Message 'x' -Model m-1", "1 Model m-1");
        has("$c = New-Object Acme.Client\n$c.Ask('m-1')", "2 Call *.Acme.Client.Ask arg.0=m-1");
        has(
            "$c = [Acme.Client]::new('k')\n$c.Chat.Ask('m-1')",
            "2 Call *.Acme.Client.new.Chat.Ask arg.0=m-1",
        );
    }

    #[test]
    fn arguments_are_followed_to_their_variables() {
        has(
            "$Model = \"m-1\"\nRequest-Chat -Model $model",
            "2 Call *.Request-Chat arg.Model=m-1",
        );
        has(
            "function F {\n param([string]$Model = 'm-1')\n Ask -Model $Model\n}",
            "3 Call *.Ask arg.Model=m-1",
        );
        has("$body = @{ model = 'm-1'; 'n' = 'x' } | ConvertTo-Json", "1 Model m-1");
        has("[string]$Model = 'm-1'", "1 Model m-1");
    }

    #[test]
    fn environment_variables_and_hosts_are_seen() {
        has("$k = $env:A_KEY", "1 Env A_KEY");
        has("$h = @{ Authorization = \"Bearer $($env:A_KEY)\" }", "1 Env A_KEY");
        has("[Environment]::GetEnvironmentVariable('A_KEY')", "1 Env A_KEY");
        has("Invoke-RestMethod -Uri \"https://api.x.example/v1/$path\"", "1 Host api.x.example");
        assert!(seen("$other:A_KEY; $x = 'b'").iter().all(|line| !line.contains("Env")));
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(2_000),
            format!("$x = $a{}", ".b()".repeat(2_000)),
            "function F { param(".to_owned(),
            "@\"\n$".to_owned(),
        ] {
            assert!(facts(&broken).is_ok());
        }
    }
}
