//! Pages that a project keeps under a name by which people look for them: where to report what is wrong, and how its impact on
//! people was assessed. The name tells what a page is; of its text the first paragraph is read.

use evidence::Voice;

use super::readme;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static INFO: Info = Info {
    id: "said/page",
    title: "Pages on contacts and assessments",
    reads: &["SECURITY.md", "SUPPORT.md", "dpia*.md", "*impact-assessment*.md"],
    emits: &[
        (Kind::Statement, Voice::Contact.as_str()),
        (Kind::Statement, Voice::Assessment.as_str()),
    ],
    needs: &[],
    docs: "https://docs.github.com/en/code-security/getting-started/adding-a-security-policy-to-your-repository",
};

/// As much of the beginning is read.
const READ: usize = 8 << 10;

/// What names of pages say, word by word; words of a name are parted by `-`, `_` or a space.
const NAMES: [(&str, Voice); 8] = [
    ("security", Voice::Contact),
    ("security policy", Voice::Contact),
    ("support", Voice::Contact),
    ("dpia", Voice::Assessment),
    ("fria", Voice::Assessment),
    ("pia", Voice::Assessment),
    ("impact assessment", Voice::Assessment),
    ("algorithmic impact", Voice::Assessment),
];

/// Reads such pages.
pub(super) struct Page;

impl Detector for Page {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        kind(file.lower_name()).map(|_| Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let Some(voice) = kind(artifact.file().lower_name()) else {
            return Ok(());
        };
        let text = artifact.text()?;
        let head = &text[..text.floor_char_boundary(READ)];
        let (line, text) = readme::first_paragraph(artifact.extension(), head).unwrap_or_else(|| (1, artifact.file_name().to_owned()));
        out.push(Observation::new(Kind::Statement, voice.as_str(), text, line));
        Ok(())
    }
}

/// What a page with this name is. A contact has the whole name, an assessment may be of something: `dpia-chatbot.md`.
fn kind(name: &str) -> Option<Voice> {
    let (stem, ending) = name.rsplit_once('.')?;
    if !matches!(ending, "md" | "rst" | "txt" | "adoc") {
        return None;
    }
    let stem = stem.replace(['-', '_'], " ");
    let words: Vec<&str> = stem.split(' ').collect();
    NAMES.into_iter().find_map(|(known, voice)| {
        let known: Vec<&str> = known.split(' ').collect();
        let fits = match voice {
            Voice::Contact => words == known,
            _ => words.windows(known.len()).any(|found| found == known),
        };
        fits.then_some(voice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<(&'static str, u32, String)> {
        let mut out = Observations::default();
        Page.observe(&Artifact::new(path, text.as_bytes()), &mut out).expect("is text");
        out.into_vec().into_iter().map(|one| (one.scope, one.line, one.key)).collect()
    }

    #[test]
    fn a_page_is_known_by_its_name_and_told_by_its_first_paragraph() {
        assert_eq!(
            said(
                ".github/SECURITY.md",
                "# Security\n\nPlease report to the team at our portal.\n\nThanks to all of you.\n"
            ),
            [("contact", 3, "Please report to the team at our portal.".to_owned())]
        );
        assert_eq!(
            said("docs/dpia-chatbot.md", "# DPIA\n"),
            [("assessment", 1, "dpia-chatbot.md".to_owned())]
        );
        for name in ["SECURITY.md", "support.rst", "DPIA.txt", "ai_impact_assessment_2026.md"] {
            assert_eq!(Page.wants(&FilePath::of(name)), Some(Gate::Always), "{name}");
        }
        for name in [
            "security.py",
            "security-groups.md",
            "support-matrix.md",
            "pianos.md",
            "impact.md",
            "SECURITY",
        ] {
            assert_eq!(Page.wants(&FilePath::of(name)), None, "{name}");
        }
    }
}
