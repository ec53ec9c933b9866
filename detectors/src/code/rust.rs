//! Rust, through syn; what syn refuses (syntax errors, hostile nesting) through tree-sitter.

mod fallback;
mod tokens;

use evidence::{Info, Kind};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Lit, Pat, UseTree};

use super::Language;
use super::facts::{Assignment, Call, Facts, Import, Path, Value};
use super::syntax;
use crate::{Artifact, Unreadable};

pub(super) static RUST: Language = Language {
    info: Info {
        id: "code/rust",
        title: "Rust",
        reads: &["*.rs"],
        emits: &[
            (Kind::Import, "rust"),
            (Kind::Call, "rust"),
            (Kind::Literal, "rust"),
            (Kind::Model, "rust"),
            (Kind::Host, "rust"),
            (Kind::Env, "rust"),
            (Kind::Resource, "instruction"),
            (Kind::Image, crate::infra::IMAGES),
            (Kind::Statement, "prompt"),
            (Kind::Statement, "route"),
        ],
        needs: &[],
        docs: "https://doc.rust-lang.org/reference/",
    },
    scope: "rust",
    endings: &[".rs"],
    mentions,
    telling: None,
    read,
};

/// A path into the crate, or its name in a `use` or `extern crate`.
fn mentions(module: &str) -> Vec<String> {
    vec![format!("{module}::"), format!("use {module}"), format!("crate {module}")]
}

fn read(artifact: &Artifact<'_>) -> Result<Facts, Unreadable> {
    let text = artifact.text()?;
    if is_shallow(text)
        && let Ok(file) = syntax::watched(|| syn::parse_file(text))
    {
        let mut reader = Reader::default();
        reader.visit_file(&file);
        return Ok(without_modules_of(&file, reader.facts));
    }
    fallback::facts(text)
}

/// Whether a recursive parser can read the text on an ordinary stack: brackets nest little, and no expression is so
/// long that its operators alone would nest too deep.
fn is_shallow(text: &str) -> bool {
    const DEEPEST: usize = 100;
    const LONGEST_STRETCH: usize = 16 << 10;
    let (mut depth, mut stretch) = (0_usize, 0_usize);
    for byte in text.bytes() {
        stretch += 1;
        match byte {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if matches!(byte, b';' | b'{' | b'}' | b',') {
            stretch = 0;
        }
        // `<` is also "less than": a statement ends what it opened.
        if byte == b';' {
            depth = depth.min(DEEPEST / 2);
        }
        if depth > DEEPEST || stretch > LONGEST_STRETCH {
            return false;
        }
    }
    true
}

/// What the text imports, less what begins with a module that it declares itself: `mod acme;` hides a crate of that name.
fn without_modules_of(file: &syn::File, mut facts: Facts) -> Facts {
    let modules: Vec<String> = file
        .items
        .iter()
        .filter_map(|item| {
            if let syn::Item::Mod(module) = item {
                Some(module.ident.to_string())
            } else {
                None
            }
        })
        .collect();
    if !modules.is_empty() {
        let first = |path: &str| path.split("::").next().unwrap_or(path).to_owned();
        facts.imports.retain(|import| !modules.contains(&first(&import.path)));
    }
    facts
}

/// `#[cfg(test)]`.
fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
}

#[derive(Default)]
struct Reader {
    facts: Facts,
}

fn line(span: Span) -> u32 {
    u32::try_from(span.start().line).unwrap_or(u32::MAX)
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.uses(&item.tree, "", 0);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let name = item.ident.to_string();
        let local = item.rename.as_ref().map_or_else(|| name.clone(), |(_, rename)| rename.to_string());
        self.facts.imports.push(Import {
            path: name,
            local,
            line: line(item.span()),
        });
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.attrs.iter().any(is_cfg_test) {
            self.facts.tests.push((
                line(module.ident.span()),
                u32::try_from(module.span().end().line).unwrap_or(u32::MAX),
            ));
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {
        // Documentation and configuration of the compiler.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // `acme::Client::new()` without a `use`: the first part names the crate.
        if path.segments.len() > 1 {
            let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let is_crate = parts[0].bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') && !is_own(&parts[0]);
            let known = self.facts.imports.iter().any(|import| import.local == parts[0]);
            if is_crate && !known {
                self.facts.imports.push(Import {
                    path: parts[0].clone(),
                    local: parts[0].clone(),
                    line: line(path.span()),
                });
            }
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_binary(&mut self, compared: &'ast syn::ExprBinary) {
        if matches!(compared.op, syn::BinOp::Eq(_) | syn::BinOp::Ne(_)) {
            self.mentioned(&compared.left);
            self.mentioned(&compared.right);
        }
        visit::visit_expr_binary(self, compared);
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Lit(syn::PatLit { lit: Lit::Str(text), .. }) = pattern {
            self.facts.mentioned.push((text.value(), line(text.span())));
        }
        visit::visit_pat(self, pattern);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        self.call(path_of(&call.func), call.args.iter(), line(call.span()));
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let path = path_of(&call.receiver).map(|mut path| {
            path.push(call.method.to_string());
            path
        });
        // Builders name their arguments: `.model("x")` is an argument called `model`.
        if let Some(Value::Text(text)) = call.args.first().and_then(value_of) {
            self.facts.assignments.push(Assignment {
                target: call.method.to_string(),
                value: Value::Text(text),
                line: line(call.method.span()),
                named: false,
            });
        }
        self.call(path, call.args.iter(), line(call.method.span()));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        let name = called
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string())
            .unwrap_or_default();
        let Ok(arguments) = called.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated) else {
            tokens::read(&called.tokens, &mut self.facts);
            return;
        };
        if matches!(name.as_str(), "env" | "option_env")
            && let Some(Value::Text(variable)) = arguments.first().and_then(value_of)
        {
            self.facts.variables.push((variable, line(called.span())));
        }
        for argument in &arguments {
            self.visit_expr(argument);
        }
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Some(name), Some(value)) = (name_of(&local.pat), local.init.as_ref().and_then(|init| value_of(&init.expr))) {
            self.assign(name, value, line(local.span()));
        }
        visit::visit_local(self, local);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if let Some(value) = value_of(&item.expr) {
            self.assign(item.ident.to_string(), value, line(item.ident.span()));
        }
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if let Some(value) = value_of(&item.expr) {
            self.assign(item.ident.to_string(), value, line(item.ident.span()));
        }
        visit::visit_item_static(self, item);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if let (syn::Member::Named(name), Some(value)) = (&field.member, value_of(&field.expr)) {
            self.facts.assignments.push(Assignment {
                target: name.to_string(),
                value,
                line: line(field.span()),
                named: false,
            });
        }
        visit::visit_field_value(self, field);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let (Some(name), Some(path)) = (&field.ident, type_path(&field.ty)) {
            self.assign(format!("self.{name}"), Value::Called(path), line(name.span()));
        }
    }

    fn visit_fn_arg(&mut self, argument: &'ast syn::FnArg) {
        if let syn::FnArg::Typed(argument) = argument
            && let (Some(name), Some(path)) = (name_of(&argument.pat), type_path(&argument.ty))
        {
            self.assign(name, Value::Called(path), line(argument.span()));
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        if !text.value().is_empty() {
            self.facts.literals.push((text.value(), line(text.span())));
        }
    }
}

impl Reader {
    /// A text that is only held against something.
    fn mentioned(&mut self, side: &Expr) {
        if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = side {
            self.facts.mentioned.push((text.value(), line(text.span())));
        }
    }

    fn uses(&mut self, tree: &UseTree, prefix: &str, depth: usize) {
        if depth > 32 {
            return;
        }
        let join = |name: &syn::Ident| {
            if prefix.is_empty() {
                own_or_crate(&name.to_string())
            } else {
                format!("{prefix}::{name}")
            }
        };
        match tree {
            UseTree::Path(path) => self.uses(&path.tree, &join(&path.ident), depth + 1),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.uses(item, prefix, depth + 1)),
            UseTree::Name(name) if name.ident == "self" => self.import(
                prefix.to_owned(),
                prefix.rsplit("::").next().unwrap_or(prefix).to_owned(),
                line(name.span()),
            ),
            UseTree::Name(name) => self.import(join(&name.ident), name.ident.to_string(), line(name.span())),
            UseTree::Rename(rename) => self.import(join(&rename.ident), rename.rename.to_string(), line(rename.span())),
            UseTree::Glob(glob) => self.import(prefix.to_owned(), String::new(), line(glob.span())),
        }
    }

    fn import(&mut self, path: String, local: String, line: u32) {
        self.facts.imports.push(Import { path, local, line });
    }

    fn assign(&mut self, target: String, value: Value, line: u32) {
        self.facts.assignments.push(Assignment {
            target,
            value,
            line,
            named: true,
        });
    }

    fn call<'e>(&mut self, callee: Option<Path>, arguments: impl Iterator<Item = &'e Expr>, line: u32) {
        let Some(callee) = callee else { return };
        let arguments: Vec<(String, Value)> = arguments
            .enumerate()
            .filter_map(|(at, argument)| Some((at.to_string(), value_of(argument)?)))
            .collect();
        if callee.len() > 1
            && matches!(
                callee[callee.len() - 2..].iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
                ["env", "var" | "var_os"]
            )
            && let Some((_, Value::Text(name))) = arguments.first()
        {
            self.facts.variables.push((name.clone(), line));
        }
        self.facts.calls.push(Call { callee, arguments, line });
    }
}

/// Paths inside the project begin with a dot, as in every language.
fn own_or_crate(name: &str) -> String {
    if is_own(name) { format!(".{name}") } else { name.to_owned() }
}

fn is_own(name: &str) -> bool {
    matches!(name, "crate" | "self" | "super" | "Self")
}

fn path_of(expr: &Expr) -> Option<Path> {
    let mut behind: Vec<String> = Vec::new();
    let mut at = expr;
    loop {
        at = match at {
            Expr::Path(path) => {
                let mut parts: Path = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                parts.extend(behind.into_iter().rev());
                return Some(parts);
            }
            Expr::MethodCall(call) => {
                behind.push(call.method.to_string());
                &call.receiver
            }
            Expr::Field(field) => {
                if let syn::Member::Named(name) = &field.member {
                    behind.push(name.to_string());
                }
                &field.base
            }
            Expr::Call(call) => &call.func,
            Expr::Await(inner) => &inner.base,
            Expr::Try(inner) => &inner.expr,
            Expr::Paren(inner) => &inner.expr,
            Expr::Reference(inner) => &inner.expr,
            _ if behind.is_empty() => return None,
            _ => {
                behind.push("?".to_owned());
                behind.reverse();
                return Some(behind);
            }
        };
    }
}

fn value_of(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => Some(Value::Text(text.value())),
            _ => None,
        },
        Expr::Reference(inner) => value_of(&inner.expr),
        Expr::Paren(inner) => value_of(&inner.expr),
        Expr::Try(inner) => value_of(&inner.expr),
        Expr::Await(inner) => value_of(&inner.base),
        Expr::Path(_) | Expr::Field(_) => path_of(expr).map(Value::Path),
        Expr::Array(array) => Some(Value::Either(array.elems.iter().take(64).filter_map(value_of).collect())),
        Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "to_string" | "to_owned" | "into" | "clone" | "as_str" | "unwrap" => value_of(&call.receiver),
            "unwrap_or" | "unwrap_or_else" | "unwrap_or_default" => Some(Value::Either(
                [Some(call.receiver.as_ref()), call.args.first()]
                    .into_iter()
                    .flatten()
                    .filter_map(default_of)
                    .collect(),
            )),
            _ => path_of(expr).map(Value::Called),
        },
        Expr::Call(call) => {
            let path = path_of(&call.func)?;
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            match names.as_slice() {
                [.., "env", "var"] => match value_of(call.args.first()?)? {
                    Value::Text(name) => Some(Value::Variable { name, default: None }),
                    _ => None,
                },
                [.., "String", "from"] | ["Some"] => value_of(call.args.first()?),
                _ => Some(Value::Called(path)),
            }
        }
        _ => None,
    }
}

/// The value of a default, which may stand in a closure.
fn default_of(expr: &Expr) -> Option<Value> {
    match expr {
        Expr::Closure(closure) => value_of(&closure.body),
        other => value_of(other),
    }
}

fn name_of(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => name_of(&typed.pat),
        _ => None,
    }
}

/// The path of a type, seen through references and the usual wrappers.
fn type_path(kind: &syn::Type) -> Option<Path> {
    match kind {
        syn::Type::Reference(inner) => type_path(&inner.elem),
        syn::Type::Path(path) => {
            let last = path.path.segments.last()?;
            if matches!(
                last.ident.to_string().as_str(),
                "Arc" | "Rc" | "Box" | "Option" | "Mutex" | "RwLock"
            ) && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
                && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
            {
                return type_path(inner);
            }
            Some(path.path.segments.iter().map(|segment| segment.ident.to_string()).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Observations;
    use crate::code::{resolve, testing};

    fn seen(source: &str) -> Vec<String> {
        testing::seen("rust", &read(&Artifact::new("a.rs", source.as_bytes())).expect("reads"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    const CLIENT: &str = "use acme::{Client, types::Request as R};\nasync fn f() {\n let c = Client::new();\n c.chat().create(R { model: \"m-1\".into() }).await;\n}";

    #[test]
    fn imports_calls_and_fields_are_seen() {
        has(CLIENT, "1 Import acme::Client");
        has(CLIENT, "1 Import acme::types::Request");
        has(CLIENT, "4 Call acme::Client.new.chat.create");
        has(CLIENT, "4 Model m-1");
        has("fn f() { acme::ask(\"x\") }", "1 Import acme");
        has("fn f() { B::default().model(\"m-1\") }", "1 Model m-1");
    }

    #[test]
    fn environment_variables_are_seen() {
        has("fn f() { std::env::var(\"A_KEY\") }", "1 Env A_KEY");
        has("const K: &str = env!(\"A_KEY\");", "1 Env A_KEY");
    }

    #[test]
    fn unit_tests_are_told_from_the_product() {
        let source = "fn f() { std::env::var(\"A_KEY\") }\n#[cfg(test)]\nmod tests {\n fn g() { std::env::var(\"B_KEY\") }\n}\n";
        let mut out = Observations::default();
        resolve::observe("rust", &read(&Artifact::new("a.rs", source.as_bytes())).expect("reads"), &mut out);
        let usage = |key: &str| {
            out.as_slice()
                .iter()
                .find(|o| o.key == key)
                .expect("seen")
                .attribute("usage")
                .map(str::to_owned)
        };
        assert_eq!((usage("A_KEY"), usage("B_KEY")), (None, Some("test".to_owned())));
    }

    #[test]
    fn broken_code_falls_back() {
        has("use acme::Client;\nfn f( { let m = \"m-1\"", "1 Import acme::Client");
    }

    #[test]
    fn own_modules_and_documentation_are_no_imports() {
        assert!(
            seen("/// acme::ask(\"x\")\nuse crate::acme::Client;\nuse super::x;")
                .iter()
                .all(|line| !line.contains("Import"))
        );
    }

    #[test]
    fn a_declared_module_hides_a_crate_of_its_name() {
        let source = "mod acme;\nuse acme::Client;\nfn f() { acme::Client::new(); other::ask(); }";
        let imports: Vec<String> = seen(source).into_iter().filter(|line| line.contains("Import")).collect();
        assert_eq!(imports.len(), 1, "{imports:?}");
        assert!(imports[0].contains("other"));
    }

    #[test]
    fn depth_does_no_harm() {
        for source in [
            format!("const X: u8 = {}1{};", "(".repeat(100_000), ")".repeat(100_000)),
            format!("const X: u8 = {}1;", "-".repeat(200_000)),
            format!("fn f() {{ a{} }}", ".b()".repeat(100_000)),
            format!("const X: u8 = 1{};", "+1".repeat(200_000)),
            format!("type X = {}u8{};", "Box<".repeat(50_000), ">".repeat(50_000)),
        ] {
            assert!(read(&Artifact::new("a.rs", source.as_bytes())).is_ok());
        }
    }
}
