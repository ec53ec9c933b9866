//! Whether an address leads a person to a page: where one signs up, makes a key, reads. What is asked for there is no model's answer.

/// Names of hosts where an account is kept, or something is explained.
const PLACES: [&str; 11] = [
    "console",
    "dashboard",
    "platform",
    "aistudio",
    "account",
    "accounts",
    "docs",
    "developer",
    "developers",
    "help",
    "portal",
];
/// Parts of paths that do.
const ROOMS: [&str; 24] = [
    "keys",
    "key",
    "api-keys",
    "api_keys",
    "apikeys",
    "apikey",
    "api-key",
    "access-keys",
    "tokens",
    "login",
    "signin",
    "sign-in",
    "signup",
    "sign-up",
    "register",
    "docs",
    "documentation",
    "pricing",
    "billing",
    "dashboard",
    "blog",
    "terms",
    "privacy",
    "quickstart",
];

/// Whether an address is a page's; `opened` says that the whole host is known to be looked at in browsers.
pub(super) fn is_page(host: &str, path: &str, opened: bool) -> bool {
    if is_interface(host, path) {
        return false;
    }
    let first = host.split(['.', ':']).next().unwrap_or_default();
    let rooms = || path.split('/').any(|part| ROOMS.iter().any(|room| part.eq_ignore_ascii_case(room)));
    opened || PLACES.contains(&first) || rooms()
}

/// Whether a host or a path says that programs speak there: `api.host`, `eu-api.host`, `/api/…`, `/v1/…`.
fn is_interface(host: &str, path: &str) -> bool {
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()) && rest.len() <= 8)
    };
    let says_so = |part: &str| part.split(['-', '_']).any(|word| word.eq_ignore_ascii_case("api"));
    let is_room = |part: &str| ROOMS.iter().any(|room| part.eq_ignore_ascii_case(room));
    host.split(['.', ':']).any(says_so) || path.split('/').any(|part| is_version(part) || says_so(part) && !is_room(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_interfaces() {
        for (host, path) in [
            ("platform.acme.com", "/api-keys"),
            ("console.acme.com", ""),
            ("aistudio.acme.com", "/app/apikey"),
            ("acme.ai", "/keys"),
            ("acme.ai", "/settings/keys"),
            ("acme.co", "/docs/inference"),
        ] {
            assert!(is_page(host, path, false), "{host}{path}");
        }
        for (host, path) in [
            ("api.acme.com", "/keys"),
            ("acme.ai", "/api/v1/keys"),
            ("acme.ai", "/v1/chat/completions"),
            ("acme.ai", "/backend-api/conversation"),
            ("acme.ai", ""),
            ("acme.ai", "/models"),
            ("platform.acme.com", "/v1beta/models"),
            ("eu-api.acme.com", ""),
            ("monkeys.acme.com", "/turkeys"),
        ] {
            assert!(!is_page(host, path, false), "{host}{path}");
        }
        assert!(is_page("chat.acme.com", "/", true));
        assert!(!is_page("chat.acme.com", "/api/ask", true));
    }
}
