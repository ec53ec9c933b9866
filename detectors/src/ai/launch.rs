//! What a command line launches: a package of a registry, a container image, or a program that lies there already.
//! It reads the runners' own options and nothing of what they pass on.

/// A package that a command fetches and runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its version, tag or digest, as written.
    pub(super) version: String,
    /// Whether the next start runs the very same thing.
    pub(super) pinned: bool,
    /// Where it comes from: `npm`, `pypi` or `image`.
    pub(super) registry: &'static str,
    /// How many words were read up to and with it.
    pub(super) words: usize,
}

/// The package that a command with its arguments fetches and runs, if any.
pub(super) fn package(command: &[&str]) -> Option<Package> {
    let skipped = prelude(command);
    let words = &command[skipped..];
    let program = program(words.first()?);
    let (registry, start, valued, named): (_, usize, &[&str], &[&str]) = match program.as_str() {
        "npx" | "bunx" | "pnpx" => (
            "npm",
            1,
            &["-c", "--call", "--registry", "--cache", "--node-options"],
            &["-p", "--package"],
        ),
        "npm" if says(words, &["exec"]) || says(words, &["x"]) => ("npm", 2, &["-c", "--call", "--registry"], &["-p", "--package"]),
        "pnpm" | "yarn" if says(words, &["dlx"]) => ("npm", 2, &["--registry"], &["-p", "--package"]),
        "bun" if says(words, &["x"]) => ("npm", 2, &[], &[]),
        "uvx" => ("pypi", 1, UV, &["--from"]),
        "uv" if says(words, &["tool", "run"]) => ("pypi", 3, UV, &["--from"]),
        "pipx" if says(words, &["run"]) => ("pypi", 2, &["--python", "--index-url", "-i", "--pip-args"], &["--spec"]),
        "docker" | "podman" | "nerdctl" if says(words, &["run"]) => ("image", 2, &[], &[]),
        "docker" | "podman" | "nerdctl" if says(words, &["container", "run"]) => ("image", 3, &[], &[]),
        _ => return None,
    };
    let mut at = start;
    while at < words.len() {
        let word = words[at];
        at += 1;
        if let Some((option, value)) = word.split_once('=').filter(|(option, _)| option.starts_with("--")) {
            if named.contains(&option) {
                return of(registry, value, skipped + at);
            }
        } else if named.contains(&word) {
            return of(registry, words.get(at)?, skipped + at + 1);
        } else if valued.contains(&word) || registry == "image" && takes_value(word) {
            at += 1;
        } else if !word.starts_with('-') {
            return of(registry, word, skipped + at);
        }
    }
    None
}

/// Options of `uv` that are followed by a value.
const UV: &[&str] = &[
    "--with",
    "--with-editable",
    "--with-requirements",
    "-w",
    "--python",
    "-p",
    "--index",
    "--default-index",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--find-links",
    "-f",
    "--directory",
    "--project",
    "--env-file",
    "--refresh-package",
    "--prerelease",
];

/// Whether an option of a container engine is followed by a value. Most are; those that are not are few.
fn takes_value(word: &str) -> bool {
    let is_flag = [
        "--rm",
        "--init",
        "--interactive",
        "--tty",
        "--detach",
        "--privileged",
        "--read-only",
        "--publish-all",
        "--no-healthcheck",
        "--oom-kill-disable",
        "--sig-proxy",
        "--quiet",
        "--help",
    ]
    .contains(&word);
    let is_letters =
        word.starts_with('-') && !word.starts_with("--") && word[1..].bytes().all(|b| matches!(b, b'i' | b't' | b'd' | b'P' | b'q'));
    // `-eNAME=value` and `-p80:80` hold their value.
    let holds_value = word.starts_with('-') && !word.starts_with("--") && word.len() > 2 && !is_letters;
    word.starts_with('-') && !is_flag && !is_letters && !holds_value
}

/// How many words stand before the program that matters: shells, settings, and programs that start another.
fn prelude(command: &[&str]) -> usize {
    let mut at = 0;
    while let Some(word) = command.get(at) {
        let name = program(word);
        let is_setting = word
            .split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let skip = match name.as_str() {
            "cmd" if command.get(at + 1).is_some_and(|next| next.eq_ignore_ascii_case("/c")) => 2,
            "env" | "sudo" | "exec" | "command" | "nohup" => 1,
            "mise" | "asdf" if command.get(at + 1).is_some_and(|next| *next == "exec") => {
                2 + usize::from(command.get(at + 2).is_some_and(|next| *next == "--"))
            }
            _ if is_setting => 1,
            _ => break,
        };
        at += skip;
    }
    at.min(command.len())
}

/// A program's name without its folder and the ending that Windows asks for.
pub(super) fn program(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    [".exe", ".cmd", ".bat", ".ps1"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .map_or_else(|| name.clone(), str::to_owned)
}

/// Whether a program is told just that, options aside.
fn says(words: &[&str], expected: &[&str]) -> bool {
    words.get(1..=expected.len()).is_some_and(|told| told == expected)
}

fn of(registry: &'static str, written: &str, words: usize) -> Option<Package> {
    let (name, version, pinned) = match registry {
        "npm" => npm(written)?,
        "pypi" => pypi(written)?,
        _ => image(written)?,
    };
    Some(Package {
        name,
        version,
        pinned,
        registry,
        words,
    })
}

fn is_name(name: &str) -> bool {
    let first = name.trim_start_matches('@').chars().next();
    name.len() <= 214
        && first.is_some_and(|c| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b'@' | b':'))
}

fn npm(written: &str) -> Option<(String, String, bool)> {
    let at = written.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    let (name, version) = at.map_or((written, ""), |at| (&written[..at], &written[at + 1..]));
    // An address or a repository (`github:owner/name`) is no name of the registry.
    let scoped = name
        .strip_prefix('@')
        .map_or(!name.contains('/'), |rest| rest.matches('/').count() == 1);
    (is_name(name) && scoped && !name.contains(':') && !name.starts_with('.'))
        .then(|| (name.to_owned(), version.to_owned(), is_exact(version)))
}

fn pypi(written: &str) -> Option<(String, String, bool)> {
    let end = written.find(['=', '<', '>', '~', '!', '@', '[', ' ', ';']).unwrap_or(written.len());
    let name = &written[..end];
    let behind = &written[end..];
    let behind = behind.find(']').map_or(behind, |at| &behind[at + 1..]).trim();
    let version = behind.trim_start_matches(['=', '@']).trim();
    let is_place = name.contains(['/', ':']) || written.contains("://");
    let pinned = (behind.starts_with("==") || behind.starts_with('@')) && is_exact(version);
    let version = if behind.starts_with("==") || behind.starts_with('@') {
        version
    } else {
        behind
    };
    (is_name(name) && !is_place).then(|| (name.to_owned(), version.to_owned(), pinned))
}

fn image(written: &str) -> Option<(String, String, bool)> {
    let (rest, digest) = written.split_once('@').unwrap_or((written, ""));
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match rest[slash..].split_once(':') {
        Some((name, tag)) => (format!("{}{name}", &rest[..slash]), tag),
        None => (rest.to_owned(), ""),
    };
    let version = if digest.is_empty() { tag } else { digest };
    is_name(&name).then(|| (name, version.to_owned(), !digest.is_empty()))
}

/// Whether a version names one release and no range or channel.
fn is_exact(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    version.starts_with(|c: char| c.is_ascii_digit())
        && version.matches('.').count() >= 1
        && version
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'))
        && !version.split('.').any(|part| part == "x" || part == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        package(&words).map_or_else(String::new, |found| {
            let pinned = if found.pinned { " pinned" } else { "" };
            format!("{} {} {}{pinned}", found.registry, found.name, found.version).replace("  ", " ")
        })
    }

    #[test]
    fn the_package_stands_behind_the_runners_own_options() {
        for (command, found) in [
            ("npx -y @acme/server-files /data", "npm @acme/server-files "),
            ("npx --yes --package=acme@1.2.3 acme-bin", "npm acme 1.2.3 pinned"),
            ("npx -p acme@latest run", "npm acme latest"),
            ("C:\\node\\npx.cmd acme@^1.2", "npm acme ^1.2"),
            ("cmd /c npx -y acme", "npm acme "),
            ("pnpm dlx acme", "npm acme "),
            ("bunx acme", "npm acme "),
            ("npm exec acme -- --flag", "npm acme "),
            (
                "env TOKEN=x /usr/bin/uvx --with y acme-server@1.0.2",
                "pypi acme-server 1.0.2 pinned",
            ),
            ("uvx --from acme[cli]==0.3.1 acme-run", "pypi acme 0.3.1 pinned"),
            ("uvx acme>=2", "pypi acme >=2"),
            ("uv tool run acme", "pypi acme "),
            ("pipx run --spec acme==1.0 acme", "pypi acme 1.0 pinned"),
            (
                "docker run -i --rm -e TOKEN --name x -v /a:/b ghcr.io/acme/server:v2 --flag",
                "image ghcr.io/acme/server v2",
            ),
            (
                "docker run --rm -i reg.example:5000/acme@sha256:ab",
                "image reg.example:5000/acme sha256:ab pinned",
            ),
            ("docker run -it --env=A=b acme", "image acme "),
        ] {
            assert_eq!(read(command), found, "{command}");
        }
    }

    #[test]
    fn what_lies_there_already_is_no_package() {
        for command in [
            "node dist/index.js",
            "python -m server",
            "uv run server.py",
            "npx",
            "npx -y",
            "npx ./local",
            "npx github:acme/server",
            "uvx --from git+https://git.example/x.git x",
            "docker compose up",
            "docker exec -i x y",
            "npm run start",
            "echo npx acme",
            "",
        ] {
            assert_eq!(read(command), "", "{command}");
        }
    }
}
