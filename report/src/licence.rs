//! Licences as the evidence names them, and which of them are identifiers of the SPDX list. Guesses nothing: a name that is
//! not exactly such an identifier, up to its case, stays a name.

/// Identifiers under which models and data sets are published; `tests` hold them against the official list.
pub(crate) const IDENTIFIERS: [&str; 45] = [
    "AFL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-3-Clause-Clear",
    "BSL-1.0",
    "BUSL-1.1",
    "CC-BY-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-2.0",
    "CC-BY-NC-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-3.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0",
    "ECL-2.0",
    "EPL-2.0",
    "EUPL-1.2",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ISC",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MPL-2.0",
    "MS-PL",
    "NCSA",
    "ODC-By-1.0",
    "ODbL-1.0",
    "PDDL-1.0",
    "Unlicense",
];

/// The identifier that a name is, as the list writes it.
pub(crate) fn identifier(name: &str) -> Option<&'static str> {
    let name = name.trim();
    IDENTIFIERS.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_on_the_official_list() {
        let list: serde_json::Value = serde_json::from_str(include_str!("../../fixtures/schemas/cyclonedx-spdx.json")).expect("JSON");
        let known = list["enum"].as_array().expect("a list");
        for identifier in IDENTIFIERS {
            assert!(known.iter().any(|known| known == identifier), "{identifier}");
        }
        assert!(IDENTIFIERS.is_sorted());
    }

    #[test]
    fn only_an_identifier_is_one() {
        assert_eq!(identifier("cc-by-nc-4.0"), Some("CC-BY-NC-4.0"));
        assert_eq!(identifier(" mit\n"), Some("MIT"));
        for name in ["llama3.2", "gemma", "other", "apache", "MIT License", "gpl-3.0", ""] {
            assert_eq!(identifier(name), None, "{name}");
        }
    }
}
