//! Modules that are named by an address or a prefix instead of their name: `npm:acme@4`, `https://esm.sh/acme`, a script that a page
//! takes from where a registry's packages are handed out.

/// Hosts that hand out a registry's packages, each with what stands before the name in their paths.
const HANDED_OUT: [(&str, &[&str]); 10] = [
    ("cdn.jsdelivr.net", &["npm/"]),
    ("fastly.jsdelivr.net", &["npm/"]),
    ("unpkg.com", &[""]),
    ("esm.sh", &["stable/", ""]),
    ("esm.run", &[""]),
    ("cdn.esm.sh", &[""]),
    ("cdn.skypack.dev", &[""]),
    ("ga.jspm.io", &["npm:"]),
    ("cdnjs.cloudflare.com", &["ajax/libs/"]),
    ("deno.land", &["x/"]),
];

/// The package that an address or a prefixed name stands for; nothing if a module is named as usual.
pub(super) fn package_of(module: &str) -> Option<&str> {
    if let Some(name) = module.strip_prefix("npm:") {
        return name_in(name.trim_start_matches('/'));
    }
    let rest = ["https://", "http://", "//"]
        .iter()
        .find_map(|scheme| module.strip_prefix(scheme))?;
    let (host, path) = rest.split_once('/')?;
    let (_, before) = HANDED_OUT.iter().find(|(known, _)| host.eq_ignore_ascii_case(known))?;
    let path = before.iter().find_map(|before| path.strip_prefix(before))?;
    // Several at once are joined; each is then handed out as it is.
    name_in(path.trim_start_matches('*'))
}

/// The package whose script an address is: what a page is given to load while it runs.
pub(super) fn package_of_script(address: &str) -> Option<&str> {
    let plain = address.split(['?', '#']).next().unwrap_or(address);
    let is_script = [".js", ".mjs"].iter().any(|ending| plain.ends_with(ending));
    package_of(address).filter(|_| is_script)
}

/// The name that a path begins with, without its version and what lies inside: `@acme/sdk@1.2/dist/index.js`.
fn name_in(path: &str) -> Option<&str> {
    let scope = if path.starts_with('@') { path.find('/')? + 1 } else { 0 };
    let rest = &path[scope..];
    let end = rest.find(['@', '/', '?', '#', ',']).unwrap_or(rest.len());
    let name = &path[..scope + end];
    let is_name = end > 0
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'/' | b'-' | b'_' | b'.'));
    is_name.then_some(name)
}

/// The forms in which a module is written inside such an address.
pub(super) fn mentions(module: &str) -> [String; 3] {
    [format!("npm:{module}"), format!("npm/{module}"), format!("/{module}@")]
}

/// The packages whose scripts a page loads, or gives a name to, with their lines.
pub(super) fn packages_of_page(page: &str) -> Vec<(&str, u32)> {
    let mut found = Vec::new();
    let mut rest = page;
    let mut line = 1;
    let pass = |part: &str| u32::try_from(memchr::memchr_iter(b'\n', part.as_bytes()).count()).unwrap_or(0);
    while let Some((start, is_comment)) = next_part(rest) {
        line += pass(&rest[..start]);
        let part = &rest[start..];
        let Some(end) = part.find(if is_comment { "-->" } else { ">" }) else {
            break;
        };
        let tag = &part[..end];
        if !is_comment {
            if let Some(package) = attribute(tag, "src").and_then(package_of) {
                found.push((package, line));
            }
            if attribute(tag, "type") == Some("importmap") {
                let map = part[end..].split("</script").next().unwrap_or_default();
                for (at, text) in map.lines().enumerate() {
                    let addresses = text.split('"').filter_map(package_of);
                    found.extend(addresses.map(|package| (package, line + pass(tag) + u32::try_from(at).unwrap_or(0))));
                }
            }
        }
        line += pass(tag);
        rest = &part[end..];
    }
    found
}

/// Where the next script of a page, or its next comment, begins, and whether it is a comment.
pub(super) fn next_part(page: &str) -> Option<(usize, bool)> {
    let script = page.find("<script");
    let comment = page[..script.unwrap_or(page.len())].find("<!--");
    comment.map(|at| (at, true)).or(script.map(|at| (at, false)))
}

/// The value of a tag's attribute.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let is_whole = rest[..at].ends_with(|c: char| c.is_whitespace());
        rest = &rest[at + name.len()..];
        let Some(value) = rest.trim_start().strip_prefix('=').filter(|_| is_whole) else {
            continue;
        };
        let value = value.trim_start();
        return match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next(),
            _ => value.split(char::is_whitespace).next(),
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_name_their_package() {
        for (module, package) in [
            ("npm:acme", "acme"),
            ("npm:acme@4.1/lib/x.js", "acme"),
            ("npm:@acme/sdk@4", "@acme/sdk"),
            ("https://esm.sh/acme@4.1?dts", "acme"),
            ("https://esm.sh/stable/@acme/sdk@1/dist", "@acme/sdk"),
            ("https://cdn.jsdelivr.net/npm/@acme/sdk@1.2/dist/index.min.js", "@acme/sdk"),
            ("https://cdn.jsdelivr.net/npm/acme", "acme"),
            ("//unpkg.com/acme", "acme"),
            ("https://cdnjs.cloudflare.com/ajax/libs/acme.js/1.2/acme.js", "acme.js"),
            ("https://deno.land/x/acme@v4.1/mod.ts", "acme"),
        ] {
            assert_eq!(package_of(module), Some(package), "{module}");
        }
        for module in [
            "acme",
            "./acme",
            "node:fs",
            "https://acme.example/npm/acme",
            "https://cdn.jsdelivr.net/gh/acme/acme",
            "https://esm.sh/",
            "npm:",
            "npm:@acme",
        ] {
            assert_eq!(package_of(module), None, "{module}");
        }
    }

    #[test]
    fn scripts_of_pages_are_found_and_what_is_commented_out_is_not() {
        let page = "<html>\n<!-- <script src=\"https://unpkg.com/old\"></script> -->\n<script defer\n src='https://unpkg.com/acme@1'></script>\n<script type=\"importmap\">\n{\"imports\": {\n\"a\": \"https://esm.sh/other@2\"}}\n</script>\n<p>https://unpkg.com/prose</p><script>let s = \"https://unpkg.com/text\";</script><img src=\"https://unpkg.com/image\">";
        assert_eq!(packages_of_page(page), [("acme", 3), ("other", 7)]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(page in "(<script|<!--|src=|\"|'|>|npm:|//unpkg.com/|[@/a-z \n]){0,60}") {
            packages_of_page(&page);
            package_of(&page);
        }
    }
}
