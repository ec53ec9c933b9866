//! Whether a text is a result that this program wrote: what it says was seen elsewhere, and is no evidence of its own.

/// How each format that tools read begins to name its maker, letter by letter as it is written here.
const MARKS: [&str; 5] = [
    "{\n  \"schema_version\": \"1.1\",\n  \"generator\": \"aimscan ",
    "{\n  \"schema_version\": \"1.0\",\n  \"generator\": \"aimscan ",
    "\"tools\": {\n      \"components\": [\n        {\n          \"type\": \"application\",\n          \"name\": \"aimscan\"",
    "\"comment\": \"Made by aimscan ",
    "\"driver\": {\n          \"name\": \"aimscan\"",
];

/// Where the mark stands, seen from the beginning.
const HEAD: usize = 2_048;

/// Whether the text begins as a result of this program does.
#[must_use]
pub fn is_own(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(HEAD)];
    head.starts_with(b"{")
        && MARKS
            .iter()
            .any(|mark| head.windows(mark.len()).any(|piece| piece == mark.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cyclonedx::Edition;
    use crate::{cyclonedx, json, sample, sarif, spdx};

    #[test]
    fn every_result_that_could_be_taken_for_evidence_is_known() {
        for inventory in [sample::inventory(), sample::hostile(), sample::empty()] {
            let mut streamed = [Vec::new(), Vec::new(), Vec::new()];
            let [older, newer, linked] = &mut streamed;
            cyclonedx::write(&inventory, Edition::V1_6, older).expect("written");
            cyclonedx::write(&inventory, Edition::V1_7, newer).expect("written");
            spdx::write(&inventory, linked).expect("written");
            assert!(streamed.iter().all(|bytes| is_own(bytes)));
            assert!(is_own(json::render(&inventory).as_bytes()));
            assert!(is_own(sarif::render(&inventory, None).as_bytes()));
        }
        assert!(MARKS[0].contains(inventory::SCHEMA_VERSION));
    }

    #[test]
    fn what_others_wrote_is_not() {
        for text in [
            "",
            "{}",
            "{\n  \"bomFormat\": \"CycloneDX\",\n  \"metadata\": {\n    \"component\": {\n      \"name\": \"aimscan\"\n    }\n  }\n}\n",
            "{\n  \"generator\": \"aimscan 0.1.0\"\n}\n",
            "import aimscan  # \"comment\": \"Made by aimscan \"\n",
        ] {
            assert!(!is_own(text.as_bytes()), "{text}");
        }
    }
}
