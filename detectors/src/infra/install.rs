//! Packages that a command installs, by the registries' own clients, and repositories that it fetches.

use std::sync::LazyLock;

use evidence::{Relation, attribute};
use regex::Regex;

use super::shell::Word;
use crate::manifests::{archive, place};
use crate::{Kind, Observation, Observations};

/// Options of package installers that are followed by a value.
const WITH_VALUE: [&str; 30] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "-i",
    "--index-url",
    "--extra-index-url",
    "--index",
    "--default-index",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "--platform",
    "--python",
    "-p",
    "--python-version",
    "--prefix",
    "--root",
    "--cache-dir",
    "--timeout",
    "--retries",
    "--trusted-host",
    "--proxy",
    "--registry",
    "--group",
    "--only-group",
    "--extra",
];

static PYPI: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*((?:[=<>!~]=?=?|@)[^;]*)?(?:;.*)?$")
        .expect("a valid pattern")
});
static NPM: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^((?:@[a-z0-9~][a-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*)(?:@(.*))?$").expect("a valid pattern"));

/// Adds the packages that a command installs by name.
pub(super) fn observe(command: &[Word], out: &mut Observations) {
    let words: Vec<&str> = command.iter().map(|word| word.text.as_str()).collect();
    let start = words.iter().position(|word| !is_prelude(word)).unwrap_or(words.len());
    observe_fetched(&command[start..], out);
    let Some((scope, pattern, skipped)) = installer(&words[start..]) else {
        return;
    };
    let mut arguments = command[start + skipped..].iter();
    while let Some(word) = arguments.next() {
        let text = word.text.as_str();
        if WITH_VALUE.contains(&text) {
            arguments.next();
        } else if !text.starts_with('-') && !is_place(scope, text) {
            observe_package(scope, pattern, word, out);
        }
    }
}

/// Adds the repository that `git clone` brings, or that `curl` has an archive of.
fn observe_fetched(command: &[Word], out: &mut Observations) {
    let said = |word: &str| command.iter().any(|other| other.text == word);
    let program = command.first().and_then(|word| word.text.rsplit('/').next());
    let read: fn(&str) -> Option<String> = match program {
        Some("git") if said("clone") || said("submodule") && said("add") => place,
        Some("curl" | "wget") => archive,
        _ => return,
    };
    let behind = |options: &[&str]| {
        let mut pairs = command.windows(2);
        pairs
            .find(|pair| options.contains(&pair[0].text.as_str()))
            .map(|pair| pair[1].text.as_str())
    };
    let version = behind(&["-b", "--branch"])
        .filter(|version| !version.contains('$'))
        .unwrap_or_default();
    let address = |text: &str| text.contains("://") || text.starts_with("git@");
    for word in command.iter().filter(|word| address(&word.text)) {
        if let Some(name) = read(&word.text) {
            out.push(
                Observation::new(Kind::Package, "git", name, word.line)
                    .with(attribute::VERSION, version)
                    .with(attribute::RELATION, Relation::Direct.as_str()),
            );
        }
    }
}

/// Words that may stand before a command: settings, and commands that run another.
fn is_prelude(word: &str) -> bool {
    matches!(word, "sudo" | "exec" | "time" | "env" | "then" | "do" | "if" | "!")
        || word.starts_with("--mount")
        || word.starts_with("--network")
        || {
            let (name, set) = word.split_once('=').unwrap_or(("-", ""));
            !set.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
}

/// The registry a command installs from, and how many words stand before the packages.
fn installer(words: &[&str]) -> Option<(&'static str, &'static Regex, usize)> {
    let program = words.first()?.rsplit('/').next()?;
    // Options may stand between a program and what it is told to do.
    let told: Vec<(usize, &str)> = words
        .iter()
        .copied()
        .enumerate()
        .skip(1)
        .filter(|(_, word)| !word.starts_with('-'))
        .take(3)
        .collect();
    let says = |expected: &[&str]| {
        let fits = told.len() >= expected.len() && told.iter().zip(expected).all(|((_, word), expected)| word == expected);
        fits.then(|| told[expected.len() - 1].0 + 1)
    };
    let any = |forms: &[&[&str]]| forms.iter().find_map(|form| says(form));
    let is_pip = program
        .strip_prefix("pip")
        .is_some_and(|version| version.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let pypi = if is_pip {
        says(&["install"])
    } else if program.starts_with("python") {
        words.contains(&"-m").then(|| says(&["pip", "install"])).flatten()
    } else {
        match program {
            "uv" => any(&[&["pip", "install"], &["add"], &["tool", "install"]]),
            "pipx" => says(&["install"]),
            "pipenv" => says(&["install"]),
            "poetry" | "pdm" => says(&["add"]),
            _ => None,
        }
    };
    if let Some(skipped) = pypi {
        return Some(("pypi", &PYPI, skipped));
    }
    let npm = match program {
        "npm" => any(&[&["install"], &["i"], &["add"]]),
        "pnpm" | "bun" => any(&[&["add"], &["install"], &["i"]]),
        "yarn" => any(&[&["global", "add"], &["add"]]),
        _ => None,
    };
    npm.map(|skipped| ("npm", &*NPM, skipped))
}

/// A path, archive or address, which names no package of the registry.
fn is_place(scope: &str, text: &str) -> bool {
    let is_npm_scope = scope == "npm" && text.starts_with('@');
    text.starts_with(['.', '/', '~', '$', '>', '<', '{'])
        || text.contains("://") && !text.contains('@')
        || text.starts_with("git+")
        || text.starts_with("git@")
        || [".whl", ".tar.gz", ".tgz", ".zip"].iter().any(|end| text.ends_with(end))
        || text.contains('/') && !is_npm_scope && !text.contains('@')
}

fn observe_package(scope: &'static str, pattern: &Regex, word: &Word, out: &mut Observations) {
    let Some(found) = pattern.captures(&word.text) else { return };
    let name = if scope == "pypi" {
        normalised(&found[1])
    } else {
        found[1].to_owned()
    };
    let version = found.get(2).map_or("", |version| version.as_str().trim());
    let observation = Observation::new(Kind::Package, scope, name, word.line)
        .with(attribute::VERSION, version)
        .with(attribute::RELATION, Relation::Direct.as_str());
    out.push(observation);
}

/// A name as the Python package index compares it.
fn normalised(name: &str) -> String {
    name.to_ascii_lowercase()
        .split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::shell;

    fn packages(script: &str) -> Vec<String> {
        let mut out = Observations::default();
        for command in shell::commands(script, 1) {
            observe(&command, &mut out);
        }
        let version = |seen: &Observation| seen.attribute(attribute::VERSION).unwrap_or_default().to_owned();
        out.as_slice()
            .iter()
            .map(|seen| format!("{} {} {}", seen.scope, seen.key, version(seen)))
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    #[test]
    fn packages_are_seen_by_any_installer() {
        for (script, found) in [
            (
                "pip install OpenAI==1.2 'lang_chain[x]>=0.1,<1'",
                &["pypi openai ==1.2", "pypi lang-chain >=0.1,<1"][..],
            ),
            ("pip3.11 --no-cache-dir install -q --upgrade torch", &["pypi torch"]),
            ("sudo PIP_X=1 python3 -m pip install -U a-b", &["pypi a-b"]),
            ("uv pip install --system vllm~=0.6", &["pypi vllm ~=0.6"]),
            (
                "pip install 'x @ https://files.example/x.zip#a'",
                &["pypi x @ https://files.example/x.zip#a"],
            ),
            ("npm install -g @scope/cli@latest pkg", &["npm @scope/cli latest", "npm pkg"]),
            ("yarn global add a@1", &["npm a 1"]),
            ("pnpm add a", &["npm a"]),
            (
                "git -C /src clone --depth 1 -b v1 https://u:p@github.com/org/one.git x",
                &["git github.com/org/one v1"],
            ),
            ("git clone git@github.com:org/one", &["git github.com/org/one"]),
            (
                "wget -q https://github.com/org/one/releases/download/v${V}/one.tgz",
                &["git github.com/org/one"],
            ),
        ] {
            assert_eq!(packages(script), found, "{script}");
        }
    }

    #[test]
    fn files_options_and_other_commands_are_no_packages() {
        for script in [
            "pip install -r requirements.txt -i https://pypi.example/simple",
            "pip install . ./lib /wheels/x.whl dist/x git+https://git.example/x.git $PKG",
            "pip download openai",
            "apt-get install -y python3-openai",
            "npm ci",
            "npm run install x",
            "echo pip install x",
            "npm install ./pkg https://files.example/x.tgz",
            "pip install",
            "echo git clone https://github.com/org/one",
            "git push https://github.com/org/one",
            "git clone $REPO",
            "git clone ../one",
            "curl https://github.com/org/one",
            "curl https://api.host.example/v1/releases",
        ] {
            assert_eq!(packages(script), [""; 0], "{script}");
        }
    }
}
