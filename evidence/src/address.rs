//! What a name says of the address it stands for; the names that libraries give to the arguments of their clients.

/// Endings of names, without separators and in lower case, that hold the address all requests of a client go to.
const BASES: [&str; 7] = ["baseurl", "baseuri", "apibase", "basepath", "uribase", "urlbase", "serverurl"];

/// Whether a name (`base_url`, `WithBaseURL`, `uri_base`) says that its value is the address all requests of a client go to.
#[must_use]
pub fn is_base_address(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    BASES.iter().any(|base| {
        plain
            .strip_suffix(base)
            .is_some_and(|rest| !(base.starts_with("base") && rest.ends_with("data")))
    })
}

/// Places by which clouds begin the names of their regions, besides countries and continents of two letters.
const CONTINENTS: [&str; 6] = ["africa", "asia", "australia", "europe", "northamerica", "southamerica"];

/// Where in their places the regions of clouds lie.
const DIRECTIONS: [&str; 5] = ["central", "east", "north", "south", "west"];

/// Whether a label of a host name is written as clouds write their regions: `eu-central-1`, `europe-west4`.
#[must_use]
pub fn is_region(label: &str) -> bool {
    let Some((place, rest)) = label.split_once('-') else { return false };
    let word = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = rest.len() - word.len();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_country = place.len() == 2 && is_word(place);
    // `us-gov-west-1` has a hyphen before its number, `us-west1` none; all say in which direction they lie.
    let words = word.strip_suffix('-').unwrap_or(word);
    let lies = words
        .rsplit('-')
        .next()
        .is_some_and(|last| DIRECTIONS.iter().any(|direction| last.contains(direction)));
    let is_named = (is_country || CONTINENTS.contains(&place)) && words.split('-').all(is_word) && lies;
    is_named && (1..=2).contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::{is_base_address, is_region};

    #[test]
    fn regions_are_told_from_other_labels() {
        for label in [
            "eu-central-1",
            "us-gov-west-1",
            "europe-west4",
            "us-east1",
            "asia-southeast1",
            "ap-northeast-3",
        ] {
            assert!(is_region(label), "{label}");
        }
        for label in [
            "api",
            "eu",
            "gpt-4",
            "my-service-1",
            "eu-central",
            "eu-central-100",
            "x-1",
            "",
            "-",
            "eu--1",
            "europe-4",
        ] {
            assert!(!is_region(label), "{label}");
        }
    }

    #[test]
    fn names_of_addresses_are_told_from_others() {
        for name in [
            "base_url",
            "baseURL",
            "WithBaseURL",
            "setBaseUrl",
            "api_base",
            "acme_api_base",
            "uri_base",
            "basePath",
        ] {
            assert!(is_base_address(name), "{name}");
        }
        for name in [
            "",
            "0",
            "url",
            "database_url",
            "DATABASE_URI",
            "endpoint",
            "host",
            "base",
            "base_url_pattern",
            "model",
        ] {
            assert!(!is_base_address(name), "{name}");
        }
    }
}
