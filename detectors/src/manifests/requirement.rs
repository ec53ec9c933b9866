//! One requirement on a Python package, as PEP 508 and pip write it. Markers and extras are read over: what may be
//! installed is declared.

use super::declared::without_credentials;

/// A named package and what is asked of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Normalised name.
    pub(crate) name: String,
    /// Version requirement or address, as written.
    pub(crate) version: String,
}

/// What one line of a requirements file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A package.
    Package(Requirement),
    /// An option, or a place that tells no name.
    Silent,
    /// Nothing pip would understand.
    Strange,
}

/// A name as PEP 503 compares it: lower case, runs of `-`, `_` and `.` as one `-`.
pub(crate) fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.trim().chars() {
        if !matches!(letter, '-' | '_' | '.') {
            normal.push(letter.to_ascii_lowercase());
        } else if !normal.ends_with('-') {
            normal.push('-');
        }
    }
    normal
}

/// Reads a requirement of PEP 508.
pub(crate) fn parse(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let (name, rest) = text.split_at(text.find(|letter| !is_name(letter)).unwrap_or(text.len()));
    let bounded = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    if !bounded(name.chars().next()) || !bounded(name.chars().next_back()) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    Some(Requirement {
        name: normalise(name),
        version: version(rest)?,
    })
}

/// What stands behind name and extras.
fn version(rest: &str) -> Option<String> {
    if let Some(address) = rest.strip_prefix('@') {
        let address = address.split_whitespace().next()?;
        return address.contains([':', '/']).then(|| without_credentials(address).into_owned());
    }
    let clauses = match rest.strip_prefix('(') {
        Some(inner) => inner.split_once(')')?.0,
        None => rest.split(';').next().unwrap_or(rest),
    };
    let clauses = clauses.trim();
    let is_clause = |clause: &str| {
        let operator = clause.len() - clause.trim_start_matches(['<', '>', '=', '!', '~']).len();
        let version = clause[operator..].trim();
        matches!(&clause[..operator], "===" | "==" | "~=" | "!=" | "<=" | ">=" | "<" | ">")
            && !version.is_empty()
            && !version.contains(char::is_whitespace)
    };
    clauses
        .split(',')
        .map(str::trim)
        .filter(|clause| !clause.is_empty())
        .all(is_clause)
        .then(|| clauses.to_owned())
}

/// Reads a line of a requirements file, comments and continuations already taken away.
pub(crate) fn pip_line(line: &str) -> Line {
    let line = line.trim();
    if let Some(target) = editable(line) {
        let named = if target.contains('@') { parse(target) } else { None };
        return named.or_else(|| from_place(target)).map_or(Line::Silent, Line::Package);
    }
    if line.is_empty() || line.starts_with('-') {
        return Line::Silent;
    }
    let line = without_options(line);
    let place = line.split_whitespace().next().unwrap_or(line);
    let is_archive = archive_stem(place).is_some() || place.ends_with(".whl");
    match parse(line).or_else(|| exported(line)) {
        Some(requirement) if !is_archive || line.contains('@') => Line::Package(requirement),
        _ if is_archive
            || place.contains("://")
            || place.contains('\\')
            || place.starts_with(['.', '/', '~'])
            || place.starts_with("file:") =>
        {
            from_place(place).map_or(Line::Silent, Line::Package)
        }
        _ => Line::Strange,
    }
}

/// What `-e` or `--editable` names.
fn editable(line: &str) -> Option<&str> {
    let target = line.strip_prefix("--editable").or_else(|| line.strip_prefix("-e"))?;
    target
        .starts_with([' ', '\t', '='])
        .then(|| target.trim_start_matches([' ', '\t', '=']).trim_matches(['"', '\'']))
}

/// The line up to the options of this one requirement, such as hashes.
fn without_options(line: &str) -> &str {
    let option = line.match_indices("--").find(|(at, _)| line[..*at].ends_with(char::is_whitespace));
    option.map_or(line, |(at, _)| line[..at].trim_end())
}

/// `name=1.0=build`, as `conda list --export` writes it into a requirements file.
fn exported(line: &str) -> Option<Requirement> {
    let (name, version) = line.split_once('=')?;
    let starts_right = version.starts_with(|first: char| first.is_ascii_digit());
    let named = parse(name.trim()).filter(|named| named.version.is_empty())?;
    (starts_right && !version.contains(char::is_whitespace)).then(|| Requirement {
        version: format!("={version}"),
        ..named
    })
}

/// The package a place speaks of: by its `egg`, or the name of the archive or repository.
fn from_place(place: &str) -> Option<Requirement> {
    let place = place.split_whitespace().next()?;
    let (address, fragment) = place.split_once('#').unwrap_or((place, ""));
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    let name = egg.or_else(|| name_of_file(address)).or_else(|| {
        // A package in a subdirectory rarely has the repository's name.
        if fragment.contains("subdirectory=") {
            None
        } else {
            name_of_repository(address)
        }
    })?;
    Some(Requirement {
        name: parse(name)?.name,
        version: without_credentials(place).into_owned(),
    })
}

/// `name` of `…/name-1.0-py3-none-any.whl` or `…/name-1.0.tar.gz`.
fn name_of_file(address: &str) -> Option<&str> {
    let address = address.split('?').next().unwrap_or(address);
    let file = address.rsplit(['/', '\\']).next()?;
    if let Some(wheel) = file.strip_suffix(".whl") {
        return (wheel.matches('-').count() >= 4).then(|| wheel.split('-').next()).flatten();
    }
    let (name, version) = archive_stem(file)?.rsplit_once('-')?;
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(name)
}

fn archive_stem(file: &str) -> Option<&str> {
    [".tar.gz", ".zip", ".tar.bz2", ".tgz"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
}

/// `name` of `git+https://host/org/name.git@v1`.
fn name_of_repository(address: &str) -> Option<&str> {
    let (scheme, address) = address.split_once("://")?;
    if !["git+", "hg+", "svn+", "bzr+"].iter().any(|system| scheme.starts_with(system)) {
        return None;
    }
    let path = address.split_once('/')?.1;
    let path = path.split(['@', '?']).next().unwrap_or(path).trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(name.strip_suffix(".git").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_in_every_form() {
        for (text, name, version) in [
            ("openai", "openai", ""),
            ("OpenAI_Whisper.x", "openai-whisper-x", ""),
            (" openai >= 2.0.0, < 3.0.0 ", "openai", ">= 2.0.0, < 3.0.0"),
            ("huggingface-hub[hf_xet,cli] ~=0.22", "huggingface-hub", "~=0.22"),
            ("openai (>=1.0)", "openai", ">=1.0"),
            ("openai()", "openai", ""),
            ("openai==1.*; python_version < '3' and extra == \"x\"", "openai", "==1.*"),
            ("openai;python_version<'3'", "openai", ""),
            ("openai===1.0+local", "openai", "===1.0+local"),
            ("openai @ https://u:p@host/x.whl ; os_name == 'nt'", "openai", "https://host/x.whl"),
            ("openai@git+https://host/x", "openai", "git+https://host/x"),
        ] {
            assert_eq!(
                parse(text),
                Some(Requirement {
                    name: name.into(),
                    version: version.into()
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn prose_and_other_syntax_are_no_requirements() {
        for text in [
            "",
            "-openai",
            "openai-",
            "openai is great",
            "openai =",
            "openai = 1",
            "openai=1",
            "openai ==",
            "open ai==1",
            "openai[x",
            "openai (>=1",
            "openai @ nowhere",
            "openai==1 2",
            "{{ name }}",
            "https://x/y",
            "./openai",
            "é",
            "openai: 1",
            "openai^1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn lines_of_pip_are_read_in_every_form() {
        for (line, name, version) in [
            ("openai==1.0 --hash=sha256:aa --hash=sha256:bb", "openai", "==1.0"),
            (
                "-e git+https://tok@github.com/org/repo.git@main#egg=Llama_Index[x]&subdirectory=a",
                "llama-index",
                "git+https://github.com/org/repo.git@main#egg=Llama_Index[x]&subdirectory=a",
            ),
            (
                "git+https://github.com/huggingface/transformers.git@feature/x",
                "transformers",
                "git+https://github.com/huggingface/transformers.git@feature/x",
            ),
            ("git+ssh://git@host/org/langchain", "langchain", "git+ssh://git@host/org/langchain"),
            ("--editable=./libs/x#egg=x", "x", "./libs/x#egg=x"),
            ("-e openai @ git+https://host/fork", "openai", "git+https://host/fork"),
            (
                "https://host/w/torch-2.0+cpu-cp310-cp310-linux_x86_64.whl",
                "torch",
                "https://host/w/torch-2.0+cpu-cp310-cp310-linux_x86_64.whl",
            ),
            (
                "./wheels/openai-1.0-py3-none-any.whl",
                "openai",
                "./wheels/openai-1.0-py3-none-any.whl",
            ),
            ("openai-1.0-py3-none-any.whl", "openai", "openai-1.0-py3-none-any.whl"),
            (
                "https://host/sentence-transformers-2.2.tar.gz",
                "sentence-transformers",
                "https://host/sentence-transformers-2.2.tar.gz",
            ),
            ("openai=1.3.5=pypi_0", "openai", "=1.3.5=pypi_0"),
        ] {
            assert_eq!(
                pip_line(line),
                Line::Package(Requirement {
                    name: name.into(),
                    version: version.into()
                }),
                "{line}"
            );
        }
    }

    #[test]
    fn options_and_nameless_places_are_silent_and_prose_is_strange() {
        for line in [
            "",
            "-r base.txt",
            "-c constraints.txt",
            "--index-url https://host/openai",
            "-i https://u:p@host",
            "-e .",
            "-e .[dev]",
            "-e src",
            "./openai",
            "../libs/openai",
            "https://github.com/org/openai/archive/main.zip",
            "git+https://host/org/mono#subdirectory=openai",
            "--no-binary openai",
        ] {
            assert_eq!(pip_line(line), Line::Silent, "{line}");
        }
        for line in ["please install openai first", "openai = ^1.0", "=======", "{% if x %}"] {
            assert_eq!(pip_line(line), Line::Strange, "{line}");
        }
    }
}
