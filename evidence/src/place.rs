//! What a path says about the place: whether it is shipped, a test, an example or documentation, and whose code it is.

use crate::Usage;

/// Folders of tests and development tools.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testing",
    "testdata",
    "test-data",
    "test_data",
    "spec",
    "specs",
    "e2e",
    "cypress",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "mocks",
    "cassettes",
    "vcr_cassettes",
    "snapshots",
    "__snapshots__",
    "benchmarks",
    "bench",
    "evals",
    ".storybook",
    ".github",
    ".devcontainer",
];
/// Words of a folder's name that make it a place of tests: `e2e_tests`, `integration-test`.
const TEST_WORDS: &[&str] = &["test", "tests", "e2e", "fixtures", "mocks", "benchmark", "benchmarks"];
/// Folders at the top of a project that hold what its developers use; deeper they are part of the product.
const DEVELOPERS_FOLDERS: &[&str] = &["tools", "hack", "scripts"];
/// Words in the names of folders of examples: `example_configs`.
const EXAMPLE_WORDS: &[&str] = &["example", "examples"];
/// Folders of examples.
const EXAMPLE_FOLDERS: &[&str] = &[
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "tutorial",
    "tutorials",
    "cookbook",
    "cookbooks",
    "quickstart",
    "quickstarts",
];
/// Folders of documentation.
const DOCS_FOLDERS: &[&str] = &[
    "doc",
    "docs",
    "documentation",
    "website",
    "locales",
    "locale",
    "i18n",
    "l10n",
    "lang",
    "translations",
];
/// Folders of somebody else's code, or of what a build made.
const VENDORED_FOLDERS: &[&str] = &[
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "thirdparty",
    "external",
    "node_modules",
    "bower_components",
    "site-packages",
    "dist-packages",
    ".venv",
    "venv",
    "dist",
    "_vendor",
];

/// Languages whose build tools keep packages below `src/<source set>/<language>`.
const PACKAGED: &[&str] = &["java", "kotlin", "scala", "groovy"];

/// The folders down to a source set, and its name: below `src/main/java` folders are named after whose code it is, as
/// `com/example/samples`, and say nothing of the place.
fn source_set(folders: &str) -> Option<(&str, &str)> {
    let ends = folders.match_indices('/').map(|(at, _)| at).chain(std::iter::once(folders.len()));
    let mut begin = 0;
    let mut before = ["", ""];
    for end in ends {
        let folder = &folders[begin..end];
        if before[0] == "src" && PACKAGED.contains(&folder) {
            return Some((&folders[..begin - 1], before[1]));
        }
        before = [before[1], folder];
        begin = end + 1;
    }
    None
}

/// Whether a source set is tests: `test`, `androidTest`, `testFixtures`.
fn is_test_set(set: &str) -> bool {
    set == "it" || set.starts_with("test") || set.ends_with("Test") || set.ends_with("Tests")
}

impl Usage {
    /// What kind of place a path (relative to the scanned root, `/` separators) is.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = name.to_ascii_lowercase();
        let (folders, in_tests) = match source_set(folders) {
            Some((outer, set)) => (outer, is_test_set(set)),
            None => (folders, false),
        };
        let within = |names: &[&str]| {
            folders
                .split('/')
                .any(|folder| names.iter().any(|known| folder.eq_ignore_ascii_case(known)))
        };
        let speaks_of = |words: &[&str]| {
            folders
                .split(['/', '-', '_'])
                .any(|word| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
        };
        let first = folders.split('/').next().unwrap_or_default();
        let in_tests = in_tests || folders.split('/').any(is_test_project);
        if in_tests || is_test_name(&name) || within(TEST_FOLDERS) || speaks_of(TEST_WORDS) || DEVELOPERS_FOLDERS.contains(&first) {
            Self::Test
        } else if is_docs_name(&name) || within(DOCS_FOLDERS) && !answers_requests(folders) {
            Self::Docs
        } else if within(EXAMPLE_FOLDERS) || speaks_of(EXAMPLE_WORDS) || is_example_name(&name) {
            Self::Example
        } else {
            Self::Runtime
        }
    }
}

/// Whether a folder is called as projects of tests are: `Shop.Tests`, `Shop.Api.IntegrationTests`, `ShopUITests`.
fn is_test_project(folder: &str) -> bool {
    let (before, last) = folder.rsplit_once('.').unwrap_or(("", folder));
    let is_named = |word: &str| {
        last.strip_suffix(word)
            .is_some_and(|rest| rest.is_empty() && !before.is_empty() || rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
    };
    is_named("Tests") || !before.is_empty() && is_named("Test")
}

/// Whether a folder holds what a site answers requests with, wherever the site lies.
fn answers_requests(folders: &str) -> bool {
    ["app/api/", "pages/api/"].iter().any(|routes| {
        let folders = format!("/{folders}/");
        folders.contains(&format!("/{routes}"))
    })
}

fn is_test_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    name == "conftest.py"
        || stem.starts_with("test_")
        || stem == "tests"
        || stem.ends_with("_test")
        || stem.ends_with("_tests")
        || stem.ends_with("_spec")
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.contains(".stories.")
}

/// Settings that somebody is to copy and fill in.
fn is_example_name(name: &str) -> bool {
    [".example", ".sample", ".template", "_example.", "-example."]
        .iter()
        .any(|word| name.contains(word))
        || name.starts_with("example.")
}

fn is_docs_name(name: &str) -> bool {
    // A description of an interface holds examples of what is sent.
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let describes = |word: &str| matches!(word, "openapi" | "swagger");
    if matches!(extension, "json" | "yaml" | "yml") && name.split(['.', '-', '_']).any(describes) {
        return true;
    }
    // Settings of the site that a project's documentation is.
    if name.starts_with("docusaurus.config.") || matches!(name, "mkdocs.yml" | "mkdocs.yaml" | "publiccode.yml" | "citation.cff") {
        return true;
    }
    let is_manifest = matches!(name, "cmakelists.txt" | "conanfile.txt") || name.contains("requirements") || name.contains("constraints");
    matches!(extension, "md" | "mdx" | "rst" | "adoc" | "txt") && !is_manifest
}

/// Whether a path lies in somebody else's code or in what a build made, or has the name of a bundle.
#[must_use]
pub fn is_vendored_path(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folders = source_set(folders).map_or(folders, |(outer, _)| outer);
    folders
        .split('/')
        .any(|folder| VENDORED_FOLDERS.iter().any(|known| folder.eq_ignore_ascii_case(known)))
        || [".min.js", ".min.mjs", ".bundle.js", ".min.css", ".chunk.js"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        for (path, usage) in [
            ("src/app.py", Usage::Runtime),
            ("requirements.txt", Usage::Runtime),
            ("app/CMakeLists.txt", Usage::Runtime),
            ("apps/website/src/app/api/docs/chat/route.ts", Usage::Runtime),
            ("docs/api/client.ts", Usage::Docs),
            ("docs/app/page.tsx", Usage::Docs),
            ("website/src/app/api/README.md", Usage::Docs),
            ("tests/CMakeLists.txt", Usage::Test),
            ("conanfile.txt", Usage::Runtime),
            ("notes/cmake.txt", Usage::Docs),
            ("tests/test_app.py", Usage::Test),
            ("src/Shop.Tests/Shop.Tests.csproj", Usage::Test),
            ("Shop.Api.IntegrationTests/Ask.cs", Usage::Test),
            ("Shop.Test/Ask.cs", Usage::Test),
            ("ShopUITests/Ask.swift", Usage::Test),
            ("Contest/Ask.cs", Usage::Runtime),
            ("Shop.Contest/Ask.cs", Usage::Runtime),
            ("src/LabTest/Ask.cs", Usage::Runtime),
            ("src/app.test.ts", Usage::Test),
            ("conftest.py", Usage::Test),
            ("src/chat/tests.rs", Usage::Test),
            ("app/models_tests.rs", Usage::Test),
            ("src/contests.rs", Usage::Runtime),
            ("packages/e2e_tests/setup.ts", Usage::Test),
            ("integration-test/run.py", Usage::Test),
            ("src/latest-news/a.py", Usage::Runtime),
            ("tools/compare.py", Usage::Test),
            ("lib/ai/tools/search.ts", Usage::Runtime),
            (".env.example", Usage::Example),
            ("api/openapi.yaml", Usage::Docs),
            ("api/chat.openapi.yml", Usage::Docs),
            ("api/shop_openapi.json", Usage::Docs),
            ("src/openapi.py", Usage::Runtime),
            ("components/chat/translations/pl.json", Usage::Docs),
            ("examples/chat.py", Usage::Example),
            ("proxy/example_config_yaml/azure.yaml", Usage::Example),
            ("docs/guide.md", Usage::Docs),
            ("mkdocs.yml", Usage::Docs),
            ("docusaurus.config.js", Usage::Docs),
            ("mkdocs.py", Usage::Runtime),
            ("README.md", Usage::Docs),
            ("src/contest/latest.py", Usage::Runtime),
            ("src/main/java/com/example/samples/App.java", Usage::Runtime),
            ("app/src/main/kotlin/org/acme/testing/App.kt", Usage::Runtime),
            ("src/test/java/org/acme/samples/AppTest.java", Usage::Test),
            ("app/src/androidTest/kotlin/org/acme/App.kt", Usage::Test),
            ("lib/src/testFixtures/java/org/acme/Some.java", Usage::Test),
            ("examples/shop/src/main/java/org/acme/App.java", Usage::Example),
            ("src/latest/java/org/acme/App.java", Usage::Runtime),
            ("src/examples/java.py", Usage::Example),
        ] {
            assert_eq!(Usage::of_path(path), usage, "{path}");
        }
    }

    #[test]
    fn vendored_code_is_recognised() {
        assert!(is_vendored_path("web/node_modules/openai/index.js"));
        assert!(is_vendored_path("static/app.min.js"));
        assert!(!is_vendored_path("src/vendors.py"));
        assert!(!is_vendored_path("src/main/java/org/acme/vendor/Api.java"));
        assert!(is_vendored_path("vendor/acme/src/main/java/org/acme/Api.java"));
    }
}
