//! C, C++ and Objective-C: what a header declares has no name in the file that includes it.

use std::ops::Range;

use super::facts::{Assignment, Facts, Open};
use super::shape::{CallShape, Part, Reader, Shape};
use super::syntax::{self, Grammar, Node};
use super::{Language, emits};
use evidence::Info;

pub(super) static C: Language = Language {
    info: Info {
        id: "code/c",
        title: "C and C++",
        reads: &["*.c", "*.h", "*.cc", "*.cpp", "*.cxx", "*.hh", "*.hpp", "*.hxx", "*.cu"],
        emits: emits!("c"),
        needs: &[],
        docs: "https://en.cppreference.com/",
    },
    scope: "c",
    endings: &[".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".cu"],
    mentions,
    telling: Some(next_telling),
    // C is read as the C++ it nearly always is.
    read: |artifact| CPP.facts(artifact.text()?),
};

pub(super) static OBJECTIVE_C: Language = Language {
    info: Info {
        id: "code/objc",
        title: "Objective-C",
        reads: &["*.m", "*.mm"],
        emits: emits!("objc"),
        needs: &[],
        docs: "https://developer.apple.com/library/archive/documentation/Cocoa/Conceptual/ProgrammingWithObjectiveC/",
    },
    scope: "objc",
    endings: &[".m", ".mm"],
    mentions: |module| vec![format!("<{module}"), format!("\"{module}"), format!("@import {module}")],
    telling: None,
    read: |artifact| OBJC.facts(artifact.text()?),
};

/// A header is named with its brackets or quotes.
fn mentions(header: &str) -> Vec<String> {
    vec![format!("<{header}"), format!("\"{header}"), format!("/{header}")]
}

/// The next rest of a line that begins with a string or an included header, or the whole line of a name in a name space; with the
/// lines it goes on in. What else is written in C names nothing outside of its own project.
fn next_telling(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    while let Some(found) = memchr::memchr3(b'"', b'<', b':', text.get(at..)?) {
        let mark = at + found;
        let before = &text[from..mark];
        let part = match text[mark] {
            // A raw string ends wherever it likes.
            b'"' if before.ends_with(b"R") => Some(mark..text.len()),
            b'"' => Some(mark..end_of_line(text, mark)),
            b'<' if names_a_header(before) => Some(mark..end_of_line(text, mark)),
            b':' if text.get(mark + 1) == Some(&b':') => {
                let start = memchr::memrchr(b'\n', before).map_or(from, |end| from + end + 1);
                Some(start..end_of_line(text, mark))
            }
            _ => None,
        };
        if part.is_some() {
            return part;
        }
        at = mark + 1;
    }
    None
}

/// Whether what stands before a `<` includes a header.
fn names_a_header(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    [&b"include"[..], b"import", b"include_next"]
        .iter()
        .any(|directive| before.ends_with(directive))
}

/// Where the line ends that a position is on; one that ends in a backslash goes on.
fn end_of_line(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr(b'\n', &text[at..]) {
        let end = at + found;
        let line = text[..end].strip_suffix(b"\r").unwrap_or(&text[..end]);
        if !line.ends_with(b"\\") {
            return end;
        }
        at = end + 1;
    }
    text.len()
}

static CPP: Shape = shape(Grammar::of(|| tree_sitter_cpp::LANGUAGE.into()));
static OBJC: Shape = shape(Grammar::of(|| tree_sitter_objc::LANGUAGE.into()));

const fn shape(grammar: Grammar) -> Shape {
    Shape {
        grammar,
        open: Open::Everything,
        names: &[
            "identifier",
            "field_identifier",
            "type_identifier",
            "namespace_identifier",
            "destructor_name",
        ],
        members: &[
            ("field_expression", Part::Field("argument"), Part::Field("field")),
            ("qualified_identifier", Part::Field("scope"), Part::Field("name")),
        ],
        calls: &[
            CallShape {
                kind: "call_expression",
                receiver: Part::Nowhere,
                callee: Part::Field("function"),
                arguments: Part::Field("arguments"),
            },
            CallShape {
                kind: "new_expression",
                receiver: Part::Nowhere,
                callee: Part::Field("type"),
                arguments: Part::Field("arguments"),
            },
            CallShape {
                kind: "message_expression",
                receiver: Part::Field("receiver"),
                callee: Part::Field("method"),
                arguments: Part::Whole,
            },
        ],
        arguments: &[],
        strings: &["string_literal", "raw_string_literal", "concatenated_string"],
        contents: &["string_content", "raw_string_content", "escape_sequence"],
        computed: &[],
        through: &[
            ("parenthesized_expression", Part::First),
            ("cast_expression", Part::Field("value")),
            ("pointer_expression", Part::Field("argument")),
            ("subscript_expression", Part::Field("argument")),
            ("template_function", Part::Field("name")),
            ("template_type", Part::Field("name")),
            ("init_declarator", Part::Field("declarator")),
            ("pointer_declarator", Part::Field("declarator")),
            ("reference_declarator", Part::First),
            ("array_declarator", Part::Field("declarator")),
            ("at_expression", Part::First),
        ],
        choices: &["conditional_expression"],
        assignments: &[
            ("init_declarator", Part::Field("declarator"), Part::Field("value")),
            ("assignment_expression", Part::Field("left"), Part::Field("right")),
            ("preproc_def", Part::Field("name"), Part::Field("value")),
            ("field_declaration", Part::Field("declarator"), Part::Field("default_value")),
            (
                "optional_parameter_declaration",
                Part::Field("declarator"),
                Part::Field("default_value"),
            ),
        ],
        typed: &[
            ("declaration", Part::Field("declarator"), Part::Field("type")),
            ("field_declaration", Part::Field("declarator"), Part::Field("type")),
            ("parameter_declaration", Part::Field("declarator"), Part::Field("type")),
        ],
        // `@{@"model": @"m-1"}`
        entries: &[("dictionary_pair", Part::First, Part::Second)],
        scopes: &[("class_specifier", Part::Field("name")), ("struct_specifier", Part::Field("name"))],
        skipped: &["comment"],
        looks_up: |names| matches!(names, [.., "getenv" | "secure_getenv"]),
        indexed: &[],
        is_environment: |_| false,
        wrappers: &["string", "string_view", "stringWithUTF8String"],
        special,
    }
}

fn special(reader: &Reader<'_>, node: Node<'_>, facts: &mut Facts) -> bool {
    match node.kind() {
        "preproc_include" => {
            if let Some(path) = node.field("path") {
                let header = reader.text(path).trim_matches(['<', '>', '"']);
                if !header.is_empty() {
                    reader.import(header, "", node, facts);
                }
            }
            true
        }
        "module_import" => {
            if let Some(path) = node.field("path") {
                reader.import(reader.text(path), "", node, facts);
            }
            true
        }
        // `acme::load::model("x")` names the library it is part of, whichever header brings it in.
        "qualified_identifier" if node.parent().is_some_and(|parent| parent.kind() != "qualified_identifier") => {
            reader.named_whole(node, "::", 3, facts);
            false
        }
        // `{"model", "m-1"}` is how entries of a map are written.
        "initializer_list" => {
            if let [key, value] = syntax::children(node).as_slice()
                && let (Some(target), Some(value)) = (reader.string(*key), reader.value(*value, 0))
            {
                facts.assignments.push(Assignment {
                    target,
                    value,
                    line: syntax::line(node),
                    named: false,
                });
            }
            false
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::testing;

    fn seen(shape: &'static Shape, source: &str) -> Vec<String> {
        testing::seen("c", &shape.facts(source).expect("parses"))
    }

    fn has(source: &str, wanted: &str) {
        testing::has(&seen(&CPP, source), wanted);
    }

    #[test]
    fn what_names_something_is_in_the_parts_that_are_searched() {
        let lines = |source: &str| {
            let mut from = 0;
            let mut lines = Vec::new();
            while let Some(part) = next_telling(source.as_bytes(), from) {
                from = part.end;
                lines.push(source[part].to_owned());
            }
            lines
        };
        let source = "#  include <acme.h>\n#define ACME 1\nint a = b < c ? d : e;\n  ask(\"m-1\");\nauto x = acme::Client();\n";
        assert_eq!(lines(source), ["<acme.h>", "\"m-1\");", "auto x = acme::Client();"]);
        assert_eq!(lines("x = \"a\\\nb\\\r\nc\";\nint y;"), ["\"a\\\nb\\\r\nc\";"]);
        assert_eq!(lines("int x;\nchar *p = R\"(\nm-1\n)\";\nint y;"), ["\"(\nm-1\n)\";\nint y;"]);
        assert!(lines("").is_empty() && lines("int main() { return 0; }").is_empty());
        assert_eq!(lines("\""), ["\""]);
    }

    #[test]
    fn headers_are_imports() {
        has("#include <acme/acme.h>", "1 Import acme/acme.h");
        has("#include \"acme.hpp\"", "1 Import acme.hpp");
        assert!(seen(&CPP, "// #include <acme.h>\n/* acme_ask(\"m-1\"); */").is_empty());
    }

    #[test]
    fn functions_of_a_header_are_named_whole() {
        has(
            "#include <acme.h>\nint main() { acme_load(\"m.gguf\"); }",
            "2 Call *.acme_load arg.0=m.gguf",
        );
        has(
            "#include <acme.h>\nint main() { auto c = acme::Client(\"k\"); c.ask(\"m-1\"); }",
            "2 Call *.acme.Client.ask arg.0=m-1",
        );
        has(
            "#include <acme.h>\nvoid f(acme::Client* c) { c->chat->create(\"x\"); }",
            "2 Call *.acme.Client.chat.create arg.0=x",
        );
    }

    #[test]
    fn arguments_are_followed_to_their_constants() {
        has(
            "#include <acme.h>\nstatic const char* M = \"m-1\";\nint main() { acme_ask(M); }",
            "3 Call *.acme_ask arg.0=m-1",
        );
        has("int main() { post({{\"model\", \"m-1\"}}); }", "1 Model m-1");
        has("int main() { Options o; o.model = \"m-1\"; }", "1 Model m-1");
    }

    #[test]
    fn environment_variables_are_seen() {
        has("int main() { auto k = std::getenv(\"A_KEY\"); }", "1 Env A_KEY");
    }

    #[test]
    fn messages_are_calls() {
        let source = "#import <Acme/Acme.h>\n@implementation A\n- (void)f { ACModel *m = [ACModel load:@\"m-1\" error:nil]; }\n@end";
        testing::has(&seen(&OBJC, source), "1 Import Acme/Acme.h");
        assert!(
            seen(&OBJC, source)
                .iter()
                .any(|line| line.starts_with("3 Call *.ACModel.load arg.0=m-1")),
            "{:?}",
            seen(&OBJC, source)
        );
    }

    #[test]
    fn what_is_named_with_its_namespaces_is_an_import() {
        has(
            "#include <acme/all.hpp>\nint main() { auto n = acme::net::read(\"m.onnx\"); }",
            "2 Import acme.net.read",
        );
        let seen = seen(&CPP, "int main() { std::sort(a, b); acme::Client c; }");
        assert!(seen.iter().all(|line| !line.contains("Import")), "{seen:?}");
    }

    #[test]
    fn entries_of_dictionaries_are_settings() {
        let source = "@implementation A\n- (void)f { id b = @{@\"model\": @\"m-1\", @\"n\": @1}; }\n@end";
        testing::has(&seen(&OBJC, source), "2 Model m-1");
    }

    #[test]
    fn depth_and_broken_code_do_no_harm() {
        for broken in [
            "(".repeat(20_000),
            format!("int x = {}", "a.b().".repeat(20_000)),
            "#include <".to_owned(),
        ] {
            assert!(CPP.facts(&broken).is_ok() && OBJC.facts(&broken).is_ok());
        }
    }
}
