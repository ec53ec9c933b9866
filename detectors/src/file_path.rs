//! A path with the parts that detectors ask for, made once for all of them: a walk asks each detector about each file.

use std::borrow::Cow;

/// Endings that mark a file as a sample of another, or as what another is made from: `config.yaml.example` is read as `config.yaml`.
const SAMPLES: [&str; 11] = [
    ".example",
    ".sample",
    ".template",
    ".tmpl",
    ".dist",
    ".j2",
    ".jinja",
    ".jinja2",
    ".tpl",
    ".erb",
    ".tftpl",
];

/// The path of an artifact, relative to the scanned root, `/` separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath<'a> {
    path: &'a str,
    name: &'a str,
    lower: Cow<'a, str>,
    /// How much of the lower name is the plain one.
    plain: usize,
}

impl<'a> FilePath<'a> {
    /// Takes a path apart.
    #[must_use]
    pub fn of(path: &'a str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let lower = if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        };
        let sample = SAMPLES.iter().find(|sample| lower.ends_with(*sample));
        let plain = lower.len() - sample.map_or(0, |sample| sample.len());
        Self { path, name, lower, plain }
    }

    /// The whole path.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.path
    }

    /// What stands before the name, without the last separator; empty at the root.
    #[must_use]
    pub fn folder(&self) -> &'a str {
        self.path[..self.path.len() - self.name.len()].trim_end_matches('/')
    }

    /// The last part of the path.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The name in lower case.
    #[must_use]
    pub fn lower_name(&self) -> &str {
        &self.lower
    }

    /// The name in lower case and without what marks it as a sample.
    #[must_use]
    pub fn plain_name(&self) -> &str {
        &self.lower[..self.plain]
    }

    /// Whether the name ends so; the last letter tells most names apart.
    #[must_use]
    pub fn ends_with(&self, ending: &str) -> bool {
        self.name.as_bytes().last() == ending.as_bytes().last() && self.name.ends_with(ending)
    }

    /// What follows the last dot of the plain name; empty if there is none.
    #[must_use]
    pub fn plain_ending(&self) -> &str {
        self.plain_name().rsplit_once('.').map_or("", |(_, ending)| ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_parts() {
        let file = FilePath::of("a/b/Config.YAML.example");
        assert_eq!((file.folder(), file.name()), ("a/b", "Config.YAML.example"));
        assert_eq!(
            (file.lower_name(), file.plain_name(), file.plain_ending()),
            ("config.yaml.example", "config.yaml", "yaml")
        );
        let file = FilePath::of("example");
        assert_eq!(
            (file.folder(), file.name(), file.plain_name(), file.plain_ending()),
            ("", "example", "example", "")
        );
        assert_eq!(FilePath::of("").name(), "");
    }
}
