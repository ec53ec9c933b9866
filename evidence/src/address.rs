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

#[cfg(test)]
mod tests {
    use super::is_base_address;

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
