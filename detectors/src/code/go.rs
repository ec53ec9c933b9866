//! Go.

use evidence::Info;

use super::facts::{Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{Grammar, Node};
use super::{Language, emits};

pub(super) static GO: Language = Language {
    info: Info {
        id: "code/go",
        title: "Go",
        reads: &["*.go"],
        emits: emits!("go"),
        needs: &[],
        docs: "https://go.dev/ref/spec",
    },
    scope: "go",
    endings: &[".go"],
    // A module's packages have longer paths.
    mentions: |module| vec![format!("\"{module}")],
    telling: None,
    read: |artifact| SHAPE.facts(artifact.text()?),
};

static SHAPE: Shape = Shape {
    grammar: Grammar::of(|| tree_sitter_go::LANGUAGE.into()),
    open: Open::Nothing,
    names: &["identifier", "field_identifier", "package_identifier", "type_identifier"],
    members: &[
        ("selector_expression", Part::Field("operand"), Part::Field("field")),
        ("qualified_type", Part::Field("package"), Part::Field("name")),
    ],
    calls: &[
        CallShape {
            kind: "call_expression",
            receiver: Part::Nowhere,
            callee: Part::Field("function"),
            arguments: Part::Field("arguments"),
        },
        // `acme.Request{Model: "m"}` fills in what is then sent.
        CallShape {
            kind: "composite_literal",
            receiver: Part::Nowhere,
            callee: Part::Field("type"),
            arguments: Part::Field("body"),
        },
    ],
    arguments: &[("literal_element", Part::Nowhere, Part::First)],
    strings: &["interpreted_string_literal", "raw_string_literal"],
    contents: &["interpreted_string_literal_content", "raw_string_literal_content"],
    computed: &[],
    through: &[
        ("parenthesized_expression", Part::First),
        ("unary_expression", Part::Field("operand")),
        ("index_expression", Part::Field("operand")),
        ("pointer_type", Part::First),
        ("generic_type", Part::Field("type")),
        ("type_assertion_expression", Part::Field("operand")),
    ],
    choices: &["binary_expression"],
    assignments: &[
        ("short_var_declaration", Part::Field("left"), Part::Field("right")),
        ("assignment_statement", Part::Field("left"), Part::Field("right")),
        ("const_spec", Part::Field("name"), Part::Field("value")),
        ("var_spec", Part::Field("name"), Part::Field("value")),
    ],
    typed: &[
        ("parameter_declaration", Part::Field("name"), Part::Field("type")),
        ("field_declaration", Part::Field("name"), Part::Field("type")),
        ("var_spec", Part::Field("name"), Part::Field("type")),
    ],
    entries: &[("keyed_element", Part::Field("key"), Part::Field("value"))],
    scopes: &[],
    skipped: &["comment"],
    looks_up: |names| {
        matches!(
            names,
            ["os", "Getenv" | "LookupEnv"] | [.., "Getenv" | "GetEnv" | "getEnv" | "getenv" | "EnvOr" | "envOr"]
        )
    },
    indexed: &[],
    is_environment: |_| false,
    wrappers: &["String", "F", "Ptr", "Raw", "Sprintf", "New"],
    special,
};

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    if node.kind() != "import_spec" {
        return false;
    }
    let Some(path) = node.field("path").and_then(|path| reader.string(path)) else {
        return true;
    };
    match node.field("name") {
        Some(name) if name.kind() == "package_identifier" => reader.import(path, reader.text(name), node, facts),
        Some(_) => reader.import(path, "", node, facts),
        None => {
            // The package's own name is not written here; by custom it is one of these.
            for local in package_names(&path) {
                reader.import(path.clone(), local, node, facts);
            }
        }
    }
    true
}

/// What a package with this path may be called: its last part, without version, prefix and suffix.
fn package_names(path: &str) -> Vec<String> {
    let is_version = |part: &&str| part.len() > 1 && part.starts_with('v') && part[1..].bytes().all(|byte| byte.is_ascii_digit());
    let last = path.rsplit('/').find(|part| !is_version(part)).unwrap_or(path);
    let last = last.split(".v").next().unwrap_or(last);
    let mut names = vec![last.replace('-', "_")];
    let bare = last.trim_start_matches("go-").trim_end_matches("-go").trim_end_matches(".go");
    names.extend([bare.replace('-', ""), bare.rsplit('-').next().unwrap_or(bare).to_owned()]);
    // `acme-sdk-go`
    names.extend(bare.strip_suffix("-sdk").map(|name| name.replace('-', "")));
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("go", &SHAPE.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(source), wanted);
    }

    #[test]
    fn imports_are_named_whole_and_bind_the_package() {
        has("package a\nimport \"example.com/acme/v2\"", "2 Import example.com/acme/v2");
        has(
            "package a\nimport (\n ai \"example.com/go-acme\"\n)\nfunc f() { ai.Ask(\"x\") }",
            "5 Call example.com/go-acme.Ask arg.0=x",
        );
        for source in [
            "\"example.com/acme-sdk-go\"",
            "\"example.com/go-acme\"",
            "\"example.com/acme-go\"",
            "\"example.com/acme/v3\"",
        ] {
            let seen = seen(&format!("package a\nimport {source}\nfunc f() {{ acme.Ask(\"x\") }}"));
            assert_eq!(seen.iter().filter(|line| line.contains("Import")).count(), 1, "{seen:?}");
            assert!(
                seen.iter()
                    .any(|line| line.contains("Call example.com/") && line.contains(".Ask arg.0=x")),
                "{seen:?}"
            );
        }
    }

    #[test]
    fn calls_lead_back_to_their_import() {
        let begin = "package a\nimport \"example.com/acme\"\n";
        has(
            &format!("{begin}func f() {{ c := acme.NewClient(\"k\"); c.Chat.Create(ctx, \"m-1\") }}"),
            "3 Call example.com/acme.NewClient.Chat.Create arg.1=m-1",
        );
        has(
            &format!("{begin}func f(c *acme.Client) {{ c.Ask(acme.Request{{Model: \"m-1\"}}) }}"),
            "3 Call example.com/acme.Client.Ask arg.Model=m-1",
        );
        has(
            &format!("{begin}func f(c *acme.Client) {{ c.Ask(&acme.Request{{Model: acme.String(\"m-1\")}}) }}"),
            "3 Call example.com/acme.Request arg.Model=m-1",
        );
        has(
            &format!("{begin}func f() {{ acme.NewServer(&acme.About{{Name: \"notes\"}}, nil) }}"),
            "3 Call example.com/acme.NewServer arg.Name=notes",
        );
        has("package a\nfunc f(c Client) { c.Chat.Create() }", "2 Call ?.Chat.Create");
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "package a\nimport \"example.com/acme\"\nconst Model = \"m-1\"\nfunc f() { acme.Ask(acme.Request{Model: Model}) }",
            "4 Call example.com/acme.Ask arg.Model=m-1",
        );
    }

    #[test]
    fn constants_of_a_package_are_named_whole() {
        let begin = "package a\nimport \"example.com/acme\"\n";
        let seen = testing::whole(
            "go",
            &SHAPE
                .facts(&format!(
                    "{begin}func f(n int) {{ acme.Ask(acme.Request{{Model: acme.Small4}}, n) }}\nconst Model = acme.Small4"
                ))
                .expect("parses"),
        );
        testing::has(
            &seen,
            "3 Call example.com/acme.Ask const.Model=example.com/acme.Small4 from.model=Small4",
        );
        testing::has(&seen, "4 Model Model named-by=example.com/acme.Small4");
    }

    #[test]
    fn beginnings_of_names_are_no_names() {
        let literals = |body: &str| {
            let seen = seen(&format!("package a\nimport \"strings\"\nfunc f(m string) {{ {body} }}"));
            seen.iter().filter(|line| line.contains("Literal m-1")).count()
        };
        assert_eq!(literals("if strings.HasPrefix(m, \"m-1\") { g() }"), 0);
        assert_eq!(literals("if isNewPrefix(m, \"m-1\") { g() }"), 0);
        assert_eq!(literals("prefix := \"m-1\""), 0);
        assert_eq!(literals("if m == \"m-1\" { g() }"), 1);
        assert_eq!(literals("known := \"m-1\""), 1);
        let address = "package a\nfunc f(m string) bool { return strings.HasPrefix(m, \"https://api.acme.example/v1\") }";
        assert!(seen(address).iter().any(|line| line.contains("Host api.acme.example")));
    }

    #[test]
    fn environment_variables_are_seen() {
        has("package a\nimport \"os\"\nvar k = os.Getenv(\"A_KEY\")", "3 Env A_KEY");
        has(
            "package a\nimport \"os\"\nfunc f() { k, ok := os.LookupEnv(\"A_KEY\") }",
            "3 Env A_KEY",
        );
    }

    #[test]
    fn comments_are_no_use() {
        assert!(seen("package a\n// import \"example.com/acme\"\n/* acme.Ask(\"m-1\") */").is_empty());
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(50_000),
            format!("package a\nvar x = {}", "a.b().".repeat(20_000)),
            "package a\nimport \"x".to_owned(),
        ] {
            assert!(SHAPE.facts(&broken).is_ok());
        }
    }
}
