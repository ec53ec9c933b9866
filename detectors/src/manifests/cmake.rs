//! CMake: `CMakeLists.txt` and `*.cmake`. What a build looks for, links and fetches; nothing is configured, and of what is
//! computed only what variables of the same file hold is known.
//!
//! A package is known by the name it is looked for (`find_package(Name)`), a library by the linker's word for it (`-lname`), a
//! folder that is built along by its name (`name/`), and what is fetched by the address of its repository.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use evidence::{Info, Kind, Relation};

use super::cmake_script::{Argument, Command, commands};
use super::declared::package;
use super::gitmodules::place;
use super::{Ecosystem, ManifestFile};
use crate::{Artifact, Gate, Observations, Unreadable};

pub(crate) static CMAKE: Ecosystem = Ecosystem {
    info: Info {
        id: "manifests/cmake",
        title: "CMake packages",
        reads: &["CMakeLists.txt", "*.cmake"],
        emits: &[(Kind::Package, "cmake"), (Kind::Package, "git")],
        needs: &[],
        docs: "https://cmake.org/cmake/help/latest/manual/cmake-language.7.html",
    },
    files: &[ManifestFile {
        is: |name, _| name == "CMakeLists.txt" || name.ends_with(".cmake"),
        gate: Gate::Anchored,
        read: script,
    }],
};

/// Longer values of variables are no addresses.
const LONGEST: usize = 512;
/// Files with more variables than this are not written by people.
const MOST_VARIABLES: usize = 10_000;

/// What a file says of itself, to read its commands by.
#[derive(Default)]
struct Known<'t> {
    /// What variables hold.
    variables: BTreeMap<&'t str, String>,
    /// Names that the file gives to what it builds.
    own: BTreeSet<String>,
}

fn script(artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
    let commands = commands(artifact.text()?);
    let mut known = Known::default();
    known.own.extend(commands.iter().filter_map(built));
    for command in &commands {
        let words = command.arguments.as_slice();
        match command.name.to_ascii_lowercase().as_str() {
            "set" => known.set(words),
            "find_package" | "find_dependency" => found(words, &known, out),
            "pkg_check_modules" | "pkg_search_module" => modules(words, out),
            "find_library" => libraries(words, out),
            "target_link_libraries" | "link_libraries" => linked(words, &known, out),
            "add_subdirectory" => built_along(words, &known, out),
            "fetchcontent_declare"
            | "fetchcontent_populate"
            | "externalproject_add"
            | "cpmaddpackage"
            | "cpmfindpackage"
            | "cpmdeclarepackage"
            | "vcpkg_from_github"
            | "vcpkg_from_gitlab"
            | "vcpkg_from_git"
            | "vcpkg_download_distfile" => fetched(words, &known, out),
            "file" if words.first().is_some_and(|first| first.text == "DOWNLOAD") => fetched(words, &known, out),
            "execute_process" | "add_custom_command" | "add_custom_target" => cloned(words, &known, out),
            _ => {}
        }
    }
    Ok(())
}

/// The name that a command gives to what is built here.
fn built(command: &Command<'_>) -> Option<String> {
    let is_imported = || command.arguments.iter().any(|word| matches!(word.text, "IMPORTED" | "ALIAS"));
    match command.name.to_ascii_lowercase().as_str() {
        "project" => {}
        "add_library" | "add_executable" if !is_imported() => {}
        _ => return None,
    }
    Some(command.arguments.first()?.text.to_ascii_lowercase())
}

impl<'t> Known<'t> {
    fn set(&mut self, words: &[Argument<'t>]) {
        let [name, value, ..] = words else { return };
        let value = self.expanded(value.text).into_owned();
        let is_known = !value.is_empty() && !value.contains("${") && value.len() <= LONGEST;
        // One branch of several that says nothing takes nothing from the others.
        if is_known && (self.variables.len() < MOST_VARIABLES || self.variables.contains_key(name.text)) {
            self.variables.insert(name.text, value);
        }
    }

    /// A text with what its variables hold, as far as that is known.
    fn expanded<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !text.contains("${") {
            return Cow::Borrowed(text);
        }
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            whole += before;
            let held = behind
                .split_once('}')
                .and_then(|(name, after)| Some((self.variables.get(name)?, after)));
            match held {
                Some((value, after)) if whole.len() <= LONGEST => {
                    whole += value;
                    rest = after;
                }
                _ => {
                    whole += "${";
                    rest = behind;
                }
            }
        }
        whole += rest;
        Cow::Owned(whole)
    }

    fn is_own(&self, name: &str) -> bool {
        self.own.contains(&name.to_ascii_lowercase())
    }
}

/// `find_package(Name 1.2 QUIET)`
fn found(words: &[Argument<'_>], known: &Known<'_>, out: &mut Observations) {
    let Some(name) = words.first().filter(|name| is_name(name.text) && !known.is_own(name.text)) else {
        return;
    };
    let version = words
        .get(1)
        .filter(|word| word.text.starts_with(|first: char| first.is_ascii_digit()));
    let says = |wanted| words.iter().any(|word| word.text == wanted);
    let relation = if says("QUIET") && !says("REQUIRED") {
        Relation::Optional
    } else {
        Relation::Direct
    };
    out.push(package(
        "cmake",
        name.text,
        version.map_or("", |word| word.text),
        relation,
        name.line,
    ));
}

/// `pkg_check_modules(PREFIX REQUIRED IMPORTED_TARGET one>=1.0 two)`
fn modules(words: &[Argument<'_>], out: &mut Observations) {
    for word in words.iter().skip(1).filter(|word| !is_keyword(word.text)) {
        let end = word.text.find(['<', '>', '=']).unwrap_or(word.text.len());
        let (name, version) = word.text.split_at(end);
        if is_name(name) {
            out.push(package("cmake", name, version, Relation::Direct, word.line));
        }
    }
}

/// `find_library(VARIABLE one)`, `find_library(VARIABLE NAMES one two HINTS …)`
fn libraries(words: &[Argument<'_>], out: &mut Observations) {
    let names = words
        .iter()
        .skip(1)
        .skip_while(|word| matches!(word.text, "NAMES" | "NAMES_PER_DIR"));
    for word in names.take_while(|word| !is_keyword(word.text)) {
        library(word, out);
    }
}

/// What is linked: `one`, `-lone`, `path/libone.so`, `One::Part`.
fn linked(words: &[Argument<'_>], known: &Known<'_>, out: &mut Observations) {
    for word in words.iter().filter(|word| !word.text.starts_with("$<")) {
        match word.text.split_once("::") {
            // A module's name says there what somebody calls it.
            Some(("PkgConfig", _)) => {}
            Some((name, _)) if is_name(name) && !known.is_own(name) => {
                out.push(package("cmake", name, "", Relation::Direct, word.line));
            }
            Some(_) => {}
            None if known.is_own(word.text) => {}
            None => library(word, out),
        }
    }
}

/// A library as the linker calls it.
fn library(word: &Argument<'_>, out: &mut Observations) {
    let file = word.text.rsplit(['/', '\\']).next().unwrap_or_default();
    let ending = [".so", ".a", ".dylib", ".lib", ".dll"].iter().find_map(|ending| file.find(ending));
    let is_path = file.len() < word.text.len();
    let name = match ending {
        Some(end) => file[..end].strip_prefix("lib").unwrap_or(&file[..end]),
        None if is_path => return,
        None => file.strip_prefix("-l").unwrap_or(file),
    };
    if is_name(name) && !is_keyword(name) {
        out.push(package("cmake", format!("-l{name}"), "", Relation::Direct, word.line));
    }
}

/// `add_subdirectory(third_party/one)`
fn built_along(words: &[Argument<'_>], known: &Known<'_>, out: &mut Observations) {
    let Some(word) = words.first() else { return };
    let folder = known.expanded(word.text);
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if is_name(name) {
        out.push(package("cmake", format!("{name}/"), "", Relation::Direct, word.line));
    }
}

/// Every address that a command fetches from.
fn fetched(words: &[Argument<'_>], known: &Known<'_>, out: &mut Observations) {
    let behind = |keys: &[&str]| {
        words
            .windows(2)
            .find(|pair| keys.contains(&pair[0].text))
            .map(|pair| known.expanded(pair[1].text))
            .filter(|value| !value.contains("${"))
            .unwrap_or_default()
    };
    let version = behind(&["GIT_TAG", "VERSION", "REF"]);
    let mut last = None;
    for (at, word) in words.iter().enumerate() {
        let text = known.expanded(word.text);
        let key = at.checked_sub(1).map_or("", |before| words[before].text);
        let (name, said) = match key {
            "GITHUB_REPOSITORY" | "REPO" => (place(&format!("https://github.com/{text}")), ""),
            "GITLAB_REPOSITORY" => (place(&format!("https://gitlab.com/{text}")), ""),
            "BITBUCKET_REPOSITORY" => (place(&format!("https://bitbucket.org/{text}")), ""),
            _ if text.contains("://") || text.starts_with("git@") => (place(&text), ""),
            _ => short(&text),
        };
        let Some(name) = name.filter(|name| !name.contains("${") || name.contains('/')) else {
            continue;
        };
        // Mirrors of one thing.
        if last.as_ref() == Some(&name) {
            continue;
        }
        let version = if said.is_empty() { version.as_ref() } else { said };
        out.push(package("git", name.clone(), version, Relation::Direct, word.line));
        last = Some(name);
    }
}

/// The repository and version of `gh:owner/name@1.0`, `gl:owner/name#tag`.
fn short(text: &str) -> (Option<String>, &str) {
    let host = match text.split_once(':') {
        Some(("gh", _)) => "github.com",
        Some(("gl", _)) => "gitlab.com",
        Some(("bb", _)) => "bitbucket.org",
        _ => return (None, ""),
    };
    let path = &text[3..];
    let (path, version) = path.split_at(path.find(['@', '#']).unwrap_or(path.len()));
    let version = version.get(1..).unwrap_or_default();
    (place(&format!("https://{host}/{path}")), version)
}

/// `execute_process(COMMAND git clone ADDRESS)`, `COMMAND curl ADDRESS`
fn cloned(words: &[Argument<'_>], known: &Known<'_>, out: &mut Observations) {
    let fetches = ["clone", "curl", "wget", "add"];
    let Some(start) = words.iter().position(|word| fetches.contains(&word.text)) else {
        return;
    };
    for word in &words[start + 1..] {
        let text = known.expanded(word.text);
        if !text.starts_with('-')
            && text.contains("://")
            && let Some(name) = place(&text)
        {
            out.push(package("git", name, "", Relation::Direct, word.line));
        }
    }
}

/// Whether a text may be the name of a package, library or folder.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+'))
}

/// Whether a text is a word of a command: `REQUIRED`, `HINTS`.
fn is_keyword(text: &str) -> bool {
    const WORDS: [&str; 24] = [
        "REQUIRED",
        "QUIET",
        "NO_CMAKE_PATH",
        "NO_CMAKE_ENVIRONMENT_PATH",
        "IMPORTED_TARGET",
        "GLOBAL",
        "STATIC_TARGET",
        "HINTS",
        "PATHS",
        "PATH_SUFFIXES",
        "DOC",
        "REGISTRY_VIEW",
        "VALIDATOR",
        "OPTIONAL",
        "NO_CACHE",
        "NO_DEFAULT_PATH",
        "PUBLIC",
        "PRIVATE",
        "INTERFACE",
        "LINK_PUBLIC",
        "LINK_PRIVATE",
        "LINK_INTERFACE_LIBRARIES",
        "NAMES",
        "ENV",
    ];
    WORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifests::testing::{listed, observe, packages};
    use proptest::prelude::*;

    #[test]
    fn what_is_looked_for_and_linked_is_seen() {
        let text = "cmake_minimum_required(VERSION 3.20)\nproject(shop VERSION 1.0)\nfind_package(One 1.2 REQUIRED)\nFIND_PACKAGE(Two QUIET)\n\
                    pkg_check_modules(ORT REQUIRED IMPORTED_TARGET libthree>=1.0 four)\nfind_library(FIVE_LIB NAMES five five_static HINTS ${X}/lib)\nfind_library(SIX six /usr/lib)\n\
                    add_library(mine STATIC a.cpp)\ntarget_link_libraries(shop PRIVATE mine One::one PkgConfig::ORT \"${X}/lib/libseven.so.1\" -leight ${NONE} $<$<BOOL:x>:nine>)\n\
                    add_subdirectory(third_party/ten)\nadd_subdirectory(${EMPTY})\n";
        assert_eq!(
            packages(&CMAKE, "CMakeLists.txt", text),
            [
                "cmake One 1.2 direct 3",
                "cmake Two - optional 4",
                "cmake libthree >=1.0 direct 5",
                "cmake four - direct 5",
                "cmake -lfive - direct 6",
                "cmake -lfive_static - direct 6",
                "cmake -lsix - direct 7",
                "cmake One - direct 9",
                "cmake -lseven - direct 9",
                "cmake -leight - direct 9",
                "cmake ten/ - direct 10",
            ]
        );
    }

    #[test]
    fn what_is_fetched_is_seen_in_every_form() {
        let text = "FetchContent_Declare(one\n  GIT_REPOSITORY https://u:p@github.com/org/one.git # said\n  GIT_TAG v1)\n\
                    ExternalProject_Add(two URL https://github.com/org/two/archive/refs/tags/v2.tar.gz URL_HASH SHA256=aa)\n\
                    CPMAddPackage(\"gh:org/three@3.0\")\nCPMAddPackage(NAME four GITHUB_REPOSITORY org/four VERSION 4)\n\
                    set(V 5)\nset(BASE \"https://github.com/org/five/releases/download/v${V}\")\nif(APPLE)\nset(U \"${BASE}/five-linux.tgz\")\nelse()\nset(U \"${OTHER}\")\nendif()\nFetchContent_Declare(five URL ${U})\n\
                    file(DOWNLOAD https://host.example/six/6.zip six.zip)\nexecute_process(COMMAND git clone --depth 1 https://github.com/org/seven.git)\n";
        assert_eq!(
            packages(&CMAKE, "cmake/deps.cmake", text),
            [
                "git github.com/org/one v1 direct 2",
                "git github.com/org/two - direct 4",
                "git github.com/org/three 3.0 direct 5",
                "git github.com/org/four 4 direct 6",
                "git github.com/org/five - direct 14",
                "git host.example/six/6.zip - direct 15",
                "git github.com/org/seven - direct 16",
            ]
        );
    }

    #[test]
    fn comments_messages_and_what_is_built_here_are_no_uses() {
        let text = "# find_package(no)\n#[[ find_package(no)\nfind_package(no) ]]\n#[==[ ]] find_package(no) ]==]\nmessage(STATUS \"find_package(no) from https://github.com/org/no\")\n\
                    project(own)\nfind_package(own)\nadd_library(part x.c)\ntarget_link_libraries(own PUBLIC part own::part)\nset(DOCS https://github.com/org/no)\n\
                    file(WRITE x https://github.com/org/no)\nexecute_process(COMMAND echo https://github.com/org/no)\noption(X \"find_package(no)\" ON)\nset(T [=[\nfind_package(no)\n]=])\n\
                    find_package(${NAME})\nFetchContent_Declare(x SOURCE_DIR ${Y})\nfind_package\n(";
        assert_eq!(packages(&CMAKE, "CMakeLists.txt", text), Vec::<String>::new());
    }

    #[test]
    fn variables_that_hold_each_other_do_not_grow() {
        let mut text = "set(A aaaaaaaaaaaaaaaa)\n".to_owned();
        for _ in 0..200 {
            text += "set(A ${A}${A}${A}${A})\n";
        }
        text += "FetchContent_Declare(x URL https://host.example/${A})\nfind_package(last)\n";
        let (seen, result) = observe(&CMAKE, "CMakeLists.txt", text.as_bytes());
        assert_eq!(result, Ok(()));
        assert!(listed(&seen).contains(&"cmake last - direct 203".to_owned()));
        assert!(seen.iter().all(|one| one.key.len() < 4 * LONGEST));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "([a-z_]{1,8}\\(|[\"#\\[\\]=()${} \\\\\n]|set|find_package|é|://){0,60}") {
            let (_, result) = observe(&CMAKE, "CMakeLists.txt", text.as_bytes());
            prop_assert_eq!(result, Ok(()));
        }
    }
}
