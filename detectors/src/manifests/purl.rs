//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`.

use super::swift::repository;

/// What a package URL names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// A package: scope, name as its ecosystem writes it, version.
    Package(&'static str, String, String),
    /// A container image, as its reference is written.
    Image(String),
    /// What another kind of place holds, say a hub of models: the kind, the name there, the version.
    Other(String, String, String),
}

/// Reads a package URL, if a text is one.
pub(crate) fn read(url: &str) -> Option<Named> {
    let rest = url.trim().strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split('#').next()?;
    let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (kind, path) = rest.split_once('/')?;
    // The `@` of an npm scope stands percent-encoded, but not everybody does.
    let (path, version) = match path.rfind('@') {
        Some(at) if at > 0 && !path[at..].contains('/') => (&path[..at], decoded(&path[at + 1..])),
        _ => (path, String::new()),
    };
    let path = decoded(path.trim_matches('/'));
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        return None;
    }
    let package = |scope, name: &str| Some(Named::Package(scope, name.to_owned(), version.clone()));
    match kind.to_ascii_lowercase().as_str() {
        "pypi" => package("pypi", &super::requirement::normalise(name)),
        "npm" => package("npm", &path),
        "cargo" => package("cargo", name),
        "conda" => package("conda", name),
        "golang" => package("go", &path),
        "maven" => package("maven", &path.replacen('/', ":", 1)),
        "nuget" => package("nuget", name),
        "gem" => package("rubygems", name),
        "composer" => package("packagist", &path),
        "pub" => package("pub", name),
        "hex" => package("hex", name),
        "cran" => package("cran", name),
        "swift" => package("swift", &repository(&path).unwrap_or(path)),
        "cocoapods" => package("cocoapods", &path),
        "julia" => package("julia", name),
        "vcpkg" => package("vcpkg", name),
        "conan" => package("conan", name),
        kind @ ("docker" | "oci") => Some(Named::Image(image(kind, &path, &version, qualifiers))),
        kind => Some(Named::Other(kind.to_owned(), path, version)),
    }
}

/// An image's reference. Where it lies is a qualifier: the registry, or in the form of the OCI the whole repository.
fn image(kind: &str, path: &str, version: &str, qualifiers: &str) -> String {
    let qualifier = |wanted: &str| {
        let pairs = qualifiers.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == wanted).map(|(_, value)| decoded(value)).next()
    };
    let repository = match qualifier("repository_url") {
        Some(whole) if kind == "oci" => whole,
        Some(registry) => format!("{registry}/{path}"),
        None => path.to_owned(),
    };
    let repository = repository.trim_start_matches("https://").trim_start_matches("http://");
    match qualifier("tag") {
        Some(tag) => format!("{repository}:{tag}"),
        None if version.is_empty() => repository.to_owned(),
        None if version.contains(':') => format!("{repository}@{version}"),
        None => format!("{repository}:{version}"),
    }
}

/// A text with its percent-encoded letters; what is not well encoded stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let letter = bytes
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        decoded.push(letter.unwrap_or(bytes[at]));
        at += if letter.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_those_of_their_ecosystem() {
        for (url, scope, name, version) in [
            ("pkg:pypi/Open_AI@1.0", "pypi", "open-ai", "1.0"),
            ("pkg:npm/%40scope/name@1.0?x=y#z", "npm", "@scope/name", "1.0"),
            ("pkg:npm/@scope/name", "npm", "@scope/name", ""),
            ("pkg:maven/org.acme/name@1.0?type=jar", "maven", "org.acme:name", "1.0"),
            (
                "pkg:golang/example.com/org/name/v2@v2.1.0",
                "go",
                "example.com/org/name/v2",
                "v2.1.0",
            ),
            ("pkg:composer/vendor/name@1", "packagist", "vendor/name", "1"),
            ("pkg:gem/name@1", "rubygems", "name", "1"),
            ("pkg:swift/github.com/org/Name.git@1", "swift", "github.com/org/Name", "1"),
            ("pkg:NUGET/Acme.Name@1", "nuget", "Acme.Name", "1"),
        ] {
            assert_eq!(read(url), Some(Named::Package(scope, name.to_owned(), version.to_owned())), "{url}");
        }
        for (url, image) in [
            ("pkg:docker/org/name@1.0", "org/name:1.0"),
            ("pkg:docker/org/name@sha256:24?repository_url=gcr.io", "gcr.io/org/name@sha256:24"),
            (
                "pkg:oci/name@sha256%3A24?arch=amd64&repository_url=ghcr.io/org/name&tag=1.0",
                "ghcr.io/org/name:1.0",
            ),
        ] {
            assert_eq!(read(url), Some(Named::Image(image.to_owned())), "{url}");
        }
        assert_eq!(
            read("pkg:hub/org/name@abc?x=y"),
            Some(Named::Other("hub".to_owned(), "org/name".to_owned(), "abc".to_owned()))
        );
    }

    #[test]
    fn what_is_no_package_url_is_none() {
        for url in ["", "pkg:", "pkg:npm", "pkg:npm/", "https://h/x", "npm/x"] {
            assert_eq!(read(url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(url in "pkg:[a-z]{0,5}/?[@%/?#a-f0-9é]{0,30}") {
            read(&url);
        }
    }
}
