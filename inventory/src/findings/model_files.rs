//! Model files that do more than hold a model when they are loaded.

use evidence::{ComponentKind, Evidence};

use super::{Found, Policy, Rule, is_productive, places};
use crate::{Component, Level};

pub(super) const UNSAFE: Rule = Rule {
    id: "unsafe-model-file",
    title: "A model file runs something when it is loaded",
    why: "Some formats of model files are programs: whoever made the file decides what runs on the machine that loads it.",
    find: |system, _: &Policy| system.components.iter().filter_map(unsafe_to_load).collect(),
};

/// What a model file does besides holding a model, by the fact that says so.
const SIGNS: [(&str, &str); 4] = [
    ("dangerous-imports", "imports what can run programs or code"),
    (
        "dangerous-operations",
        "holds operations that read or write files, or call into the program that loads it",
    ),
    ("dangerous-layers", "holds layers that are code"),
    ("weights-outside-folder", "takes weights from outside its folder"),
];

/// A model file that does more than hold a model when it is loaded.
fn unsafe_to_load(component: &Component) -> Option<Found> {
    let shown = |seen: &Evidence| SIGNS.iter().any(|(fact, _)| seen.facts.contains_key(*fact));
    let seen = component
        .evidence
        .iter()
        .find(|seen| component.kind == ComponentKind::ModelFile && shown(seen))?;
    let said: Vec<String> = SIGNS
        .iter()
        .filter_map(|(fact, what)| Some(format!("{what} ({})", seen.facts.get(*fact)?)))
        .collect();
    // An import has no other use than to be called; the others have honest ones too.
    let certain = component
        .evidence
        .iter()
        .any(|seen| seen.facts.contains_key("dangerous-imports") && is_productive(seen));
    Some(Found {
        level: if certain { Level::Error } else { Level::Warning },
        message: format!("`{}` {} when it is loaded.", component.name, said.join(", and ")),
        remedy: "Do not load it where anything matters. Find out who made it, and have it saved anew in a format that holds numbers only, such as safetensors or ONNX."
            .to_owned(),
        evidence: places(component, shown),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{
        findings,
        tests::{rules, with},
    };
    use crate::sample;

    #[test]
    fn a_model_file_that_runs_something_is_told_of() {
        let file = |facts| with(sample::seen(ComponentKind::ModelFile, "m.pkl", "m.pkl"), facts);
        let told = |evidence: Evidence| {
            let system = sample::system("s", vec![evidence]);
            let found = findings(&[system], &Policy::default());
            rules(&found)
                .iter()
                .map(|(rule, level)| ((*rule).to_owned(), *level))
                .collect::<Vec<_>>()
        };
        let one = |level| vec![("unsafe-model-file".to_owned(), level)];
        assert_eq!(told(file(&[("dangerous-imports", "os.system")])), one(Level::Error));
        assert_eq!(told(file(&[("dangerous-layers", "Lambda")])), one(Level::Warning));
        assert_eq!(told(file(&[("unknown-imports", "acme.Net")])), []);
    }
}
