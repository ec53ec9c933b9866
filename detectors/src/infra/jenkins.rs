//! Jenkins pipelines: images, variables and the programs that their scripts start. Groovy around them is not read.

use super::{image, shell};
use crate::code::syntax::{self, Grammar, Node};
use crate::config::value;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static GRAMMAR: Grammar = Grammar::of(|| tree_sitter_groovy::LANGUAGE.into());

const SCOPE: &str = "pipeline";
/// A step stands at most this many nodes above its text.
const NEAR: usize = 6;

static INFO: Info = Info {
    id: "infra/jenkins",
    title: "Jenkins pipelines",
    reads: &["Jenkinsfile", "Jenkinsfile.*", "*.jenkinsfile"],
    emits: &[
        (Kind::Image, image::SCOPE),
        (Kind::Package, "pypi"),
        (Kind::Package, "npm"),
        (Kind::Package, "git"),
        (Kind::Command, SCOPE),
        (Kind::Env, SCOPE),
        (Kind::Model, SCOPE),
        (Kind::Host, SCOPE),
        (Kind::Literal, SCOPE),
    ],
    needs: &[],
    docs: "https://www.jenkins.io/doc/book/pipeline/syntax/",
};

/// Reads Jenkins pipelines.
pub(super) struct Jenkins;

impl Detector for Jenkins {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        (name == "jenkinsfile" || name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile")).then_some(Gate::Anchored)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let parsed = GRAMMAR.parse(text)?;
        let from = out.as_slice().len();
        syntax::visit(&parsed, |node, around| {
            // A text in single quotes has the name that its grammar's ancestor has for a character.
            if !matches!(node.kind(), "string_literal" | "character_literal") {
                return true;
            }
            let content = unquoted(syntax::text(node, text));
            match step(around, text).as_deref() {
                Some("sh" | "bat" | "powershell" | "pwsh") => {
                    shell::observe_commands(SCOPE, &shell::commands(content, syntax::line(node)), out);
                }
                Some("image") => image::observe(content, syntax::line(node), out),
                Some("echo" | "error" | "stage" | "description") => {}
                Some(name) => {
                    if name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') {
                        out.push(Observation::new(Kind::Env, SCOPE, name, syntax::line(node)));
                    }
                    value::observe(SCOPE, name, content, syntax::line(node), out);
                }
                None => value::observe(SCOPE, "", content, syntax::line(node), out),
            }
            false
        });
        out.mark_from(from, |_| true);
        parsed.fault().map_or(Ok(()), Err)
    }
}

/// The step or variable that a text is given to.
fn step(around: &[Node<'_>], text: &str) -> Option<String> {
    for node in around.iter().rev().take(NEAR) {
        let name = match node.kind() {
            "juxt_function_call" | "method_invocation" => node.field("name"),
            "assignment_expression" => node.field("left"),
            "variable_declarator" => node.field("name"),
            "closure" | "block" => return None,
            _ => None,
        };
        if let Some(name) = name {
            return Some(syntax::text(name, text).to_owned());
        }
    }
    None
}

fn unquoted(source: &str) -> &str {
    ["\"\"\"", "'''", "\"", "'"]
        .iter()
        .find_map(|quote| source.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::seen;

    const FILE: &str = "pipeline {
  agent { docker { image 'org/llm:1' } }
  environment { LLM_MODEL = 'gpt-x' }
  stages { stage('acme run a') { steps {
    sh 'acme run b'
    sh(script: \"\"\"
      acme run c
    \"\"\", returnStdout: true)
    echo 'acme run d'
  } } }
}
// sh 'acme run e'
";

    #[test]
    fn scripts_images_and_variables_are_seen() {
        let found = seen(&Jenkins, "Jenkinsfile", FILE);
        for line in [
            "2 Image org/llm tag=1 usage=test",
            "3 Env LLM_MODEL usage=test",
            "3 Model gpt-x name=LLM_MODEL usage=test",
            "5 Command acme run arg.0=b usage=test",
            "7 Command acme run arg.0=c usage=test",
        ] {
            assert!(found.contains(&line.to_owned()), "{line}: {found:#?}");
        }
        assert_eq!(found.iter().filter(|line| line.contains("Command")).count(), 2, "{found:#?}");
    }

    #[test]
    fn files_are_known_by_their_names() {
        for path in ["Jenkinsfile", "ci/Jenkinsfile.nightly", "a.jenkinsfile"] {
            assert!(Jenkins.wants(&FilePath::of(path)).is_some(), "{path}");
        }
        assert!(Jenkins.wants(&FilePath::of("JenkinsfileReader.java")).is_none());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(cut in 0_usize..FILE.len(), insert in "[(){}'\"$a-z\\n]{0,8}") {
            seen(&Jenkins, "Jenkinsfile", &format!("{}{insert}{}", &FILE[..cut], &FILE[cut..]));
        }
    }
}
