//! What is installed in a container image: packages that are there, and the places where only they and the system put files.

use evidence::{Evidence, Relation, Stage};

/// Folders of packages, whose own code is somebody else's.
const PACKAGES: [&str; 4] = ["site-packages", "dist-packages", "node_modules", "gems"];
/// Folders at the top that a system fills.
const SYSTEM: [&str; 15] = [
    "proc/",
    "sys/",
    "dev/",
    "boot/",
    "usr/include/",
    "usr/share/",
    "usr/src/",
    "usr/lib/modules/",
    "usr/lib/gcc/",
    "var/cache/",
    "var/log/",
    "var/lib/apt/",
    "etc/ssl/",
    "usr/libexec/",
    "usr/local/include/",
];

/// Whether a file lies where installed packages and the system put theirs.
pub(crate) fn is_brought_along(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let of_package = parts.iter().any(|part| PACKAGES.contains(part));
    // The standard library: `lib/python3.12/json/decoder.py`.
    let of_language = parts.windows(2).any(|pair| {
        pair[0] == "lib"
            && pair[1]
                .strip_prefix("python")
                .is_some_and(|version| version.starts_with(['2', '3']))
    });
    of_package || of_language || SYSTEM.iter().any(|folder| path.starts_with(folder))
}

/// Whether a file says that a package is installed.
pub(crate) fn says_installed(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match name {
        "METADATA" => folder.ends_with(".dist-info"),
        "PKG-INFO" => folder.ends_with(".egg-info"),
        // Of a package itself, not of a folder inside it.
        "package.json" => {
            let above = parts.next().unwrap_or_default();
            above == "node_modules" || above.starts_with('@') && parts.next() == Some("node_modules")
        }
        name if name.ends_with(".gemspec") => matches!(folder, "specifications" | "default"),
        "status" => path == "var/lib/dpkg/status",
        "installed" => path == "lib/apk/db/installed",
        _ => path.starts_with("var/lib/dpkg/status.d/"),
    }
}

/// Packages that are there are deployed, whoever asked for them.
pub(crate) fn mark(evidence: &mut [Evidence]) {
    for seen in evidence {
        if says_installed(&seen.location.path) && seen.relation == Some(Relation::Transitive) {
            seen.stage = seen.stage.max(Stage::Deployed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_from_what_they_hold() {
        for path in [
            "usr/lib/python3/dist-packages/openai-1.0.dist-info/METADATA",
            "app/node_modules/openai/package.json",
            "app/node_modules/@ai-sdk/openai/package.json",
            "app/node_modules/a/node_modules/b/package.json",
            "var/lib/dpkg/status",
        ] {
            assert!(says_installed(path), "{path}");
        }
        for path in [
            "app/package.json",
            "app/node_modules/openai/dist/package.json",
            "app/METADATA",
            "home/lib/apk/db/installed",
        ] {
            assert!(!says_installed(path), "{path}");
        }
        assert!(is_brought_along("usr/local/lib/python3.12/json/decoder.py") && is_brought_along("a/site-packages/x.py"));
        assert!(!is_brought_along("app/lib/python/x.py") && !is_brought_along("app/main.py"));
    }
}
