//! Recipes of local models: what a model is made from, its adapter, licence and the place of its system prompt.

use evidence::attribute;

use super::{name_of, observe_model};
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

const SCOPE: &str = "modelfile";

static INFO: Info = Info {
    id: "ai/modelfile",
    title: "Modelfiles",
    reads: &["Modelfile", "Modelfile.*", "*.modelfile"],
    emits: &[(Kind::Resource, SCOPE), (Kind::Model, SCOPE)],
    needs: &[],
    docs: "https://docs.ollama.com/modelfile",
};

/// Reads recipes of local models.
pub(super) struct Modelfile;

/// The instructions there are.
const INSTRUCTIONS: [&str; 8] = [
    "from",
    "parameter",
    "template",
    "system",
    "adapter",
    "license",
    "message",
    "requires",
];

impl Detector for Modelfile {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_code = ["rb", "py", "js", "ts", "go", "rs", "md", "txt", "java"].contains(&ending);
        (name == "modelfile" || name.ends_with(".modelfile") || (name.starts_with("modelfile.") && !is_code)).then_some(Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(instructions) = read(artifact.text()?) else {
            return Ok(());
        };
        let licence = instructions
            .iter()
            .find(|found| found.name == "license")
            .map(|found| licence(found.value));
        for found in &instructions {
            match found.name.as_str() {
                "from" => {
                    let is_file = found.value.starts_with(['.', '/', '~']) || found.value.contains('\\');
                    let observation = Observation::new(Kind::Resource, SCOPE, "from", found.line)
                        .with("fact.base-model", name_of(found.value))
                        .with("fact.licence", licence.clone().unwrap_or_default());
                    out.push(observation);
                    if !is_file {
                        observe_model(SCOPE, "FROM", found.value, found.line, out);
                    }
                }
                "adapter" => {
                    out.push(Observation::new(Kind::Resource, SCOPE, "adapter", found.line).with(attribute::ID, name_of(found.value)))
                }
                "system" => out.push(Observation::new(Kind::Resource, SCOPE, "system", found.line).with(attribute::ID, artifact.path())),
                _ => {}
            }
        }
        Ok(())
    }
}

struct Instruction<'t> {
    name: String,
    value: &'t str,
    line: u32,
}

/// The instructions of a recipe; nothing if the text is something else.
fn read(text: &str) -> Option<Vec<Instruction<'_>>> {
    let mut found: Vec<Instruction<'_>> = Vec::new();
    let mut within = "";
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if !within.is_empty() {
            if line.contains(within) {
                within = "";
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let name = name.to_ascii_lowercase();
        if !INSTRUCTIONS.contains(&name.as_str()) {
            return None;
        }
        let value = value.trim();
        for quotes in ["\"\"\"", "\""] {
            if let Some(behind) = value
                .strip_prefix(quotes)
                .or_else(|| value.split_once(quotes).map(|(_, behind)| behind).filter(|_| name == "message"))
            {
                if !behind.contains(quotes) {
                    within = quotes;
                }
                break;
            }
        }
        found.push(Instruction { name, value, line: number });
    }
    let froms = found
        .iter()
        .filter(|instruction| instruction.name == "from" && is_source(instruction.value))
        .count();
    (froms > 0
        && found
            .iter()
            .all(|instruction| instruction.name != "from" || is_source(instruction.value)))
    .then_some(found)
}

fn is_source(value: &str) -> bool {
    !value.is_empty() && !value.contains(char::is_whitespace)
}

/// The first words of a licence's text tell which it is.
fn licence(text: &str) -> String {
    name_of(text.trim_matches(['"', ' '])).chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<String> {
        let mut out = Observations::default();
        assert_eq!(Modelfile.observe(&Artifact::new("a/Modelfile", text.as_bytes()), &mut out), Ok(()));
        crate::config::tests::lines_of(&out)
    }

    #[test]
    fn a_recipe_tells_what_a_model_is_made_from() {
        let text = "# ours\nFROM acme3.2:3b\nPARAMETER temperature 0.2\nSYSTEM \"\"\"\nYou answer letters.\nRUN no command\n\"\"\"\nADAPTER ./letters.safetensors\nLICENSE \"MIT\"\n";
        assert_eq!(
            seen(text),
            [
                "2 Resource from fact.base-model=acme3.2:3b fact.licence=MIT",
                "2 Model acme3.2:3b by-format=yes name=FROM",
                "4 Resource system id=a/Modelfile",
                "8 Resource adapter id=./letters.safetensors",
            ]
        );
        assert_eq!(seen("from ./letters.gguf\n"), ["1 Resource from fact.base-model=./letters.gguf"]);
    }

    #[test]
    fn other_files_of_that_name_are_no_recipes() {
        for text in [
            "class User < ApplicationRecord\nend\n",
            "FROM python:3.12\nRUN pip install x\n",
            "from models import a\n",
            "model: User\n",
            "PARAMETER x 1\n",
            "",
        ] {
            assert_eq!(seen(text), [""; 0], "{text}");
        }
        assert_eq!(Modelfile.wants(&FilePath::of("app/Modelfile.rb")), None);
        assert_eq!(Modelfile.wants(&FilePath::of("Makefile")), None);
    }

    #[test]
    fn an_open_quote_swallows_the_rest_and_nothing_else() {
        assert_eq!(seen("FROM a1\nSYSTEM \"\"\"open\nx\ny\n").len(), 3);
    }
}
