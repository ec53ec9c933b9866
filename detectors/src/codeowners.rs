//! `CODEOWNERS`: which team or person a path belongs to, in the dialects of the platforms that read the file. It is no
//! detector: it finds no AI, it tells whose it is.
//!
//! The last line that matches counts. Sections (`[Name]`, `^[Name]`) each have their own last line and default owners.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobMatcher};

/// Where the file may lie, in the order in which it is looked for.
pub const PLACES: [&str; 5] = [
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".bitbucket/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
];

/// Lines of rules that are read at most.
const MOST_RULES: usize = 20_000;
/// A pattern longer than this is no path.
const LONGEST_PATTERN: usize = 1024;

/// The rules of one file.
#[derive(Debug, Default)]
pub struct CodeOwners {
    /// Rules of each section, in the order of the file.
    sections: Vec<Vec<Rule>>,
}

/// Somebody a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner<'a> {
    /// `@handle`, `@organisation/team` or a mail address.
    pub name: &'a str,
    /// Whether the rule speaks of every path there is.
    pub of_everything: bool,
}

#[derive(Debug)]
struct Rule {
    matches: Pattern,
    /// Nobody: the path is explicitly left to no one.
    owners: Vec<String>,
    excludes: bool,
}

#[derive(Debug)]
enum Pattern {
    Everything,
    Globs(Vec<GlobMatcher>),
}

impl CodeOwners {
    /// Reads the rules; `place` tells the dialect. A line that is no rule says nothing.
    #[must_use]
    pub fn parse(place: &str, text: &str) -> Self {
        let has_groups = place.starts_with(".bitbucket/");
        let has_sections = !place.starts_with(".github/") && !has_groups;
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut sections: Vec<(String, Vec<Rule>)> = vec![(String::new(), Vec::new())];
        let mut at = 0;
        let mut defaults: Vec<String> = Vec::new();
        let mut count = 0;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || count >= MOST_RULES {
                continue;
            }
            if has_groups && let Some(group) = line.strip_prefix("@@@") {
                let mut words = group.split_whitespace();
                groups.insert(words.next().unwrap_or_default(), words.collect());
                continue;
            }
            if has_sections && let Some((name, owners)) = section(line) {
                let name = name.to_lowercase();
                // Sections of one name are one section.
                at = sections.iter().position(|(known, _)| *known == name).unwrap_or(sections.len());
                if at == sections.len() {
                    sections.push((name, Vec::new()));
                }
                defaults = owners.into_iter().map(str::to_owned).collect();
                continue;
            }
            count += 1;
            let (pattern, rest) = words(line);
            let (pattern, excludes) = match pattern.strip_prefix('!') {
                Some(pattern) => (pattern.to_owned(), true),
                None => (pattern, false),
            };
            let Some(matches) = compiled(&pattern) else { continue };
            let mut owners: Vec<String> = rest
                .split_whitespace()
                .take_while(|word| !word.starts_with('#'))
                .flat_map(|word| match word.strip_prefix("@@") {
                    Some(group) if has_groups => groups.get(group.trim_start_matches('@')).cloned().unwrap_or_default(),
                    _ => vec![word],
                })
                .filter(|word| is_owner(word))
                .map(str::to_owned)
                .collect();
            if owners.is_empty() && !excludes && !rest.trim_start().starts_with('#') {
                owners.clone_from(&defaults);
            }
            sections[at].1.push(Rule { matches, owners, excludes });
        }
        Self {
            sections: sections.into_iter().map(|(_, rules)| rules).collect(),
        }
    }

    /// Who owns a path, each once, by name.
    #[must_use]
    pub fn owners(&self, path: &str) -> Vec<Owner<'_>> {
        let mut owners: BTreeMap<&str, bool> = BTreeMap::new();
        for rules in &self.sections {
            if rules.iter().any(|rule| rule.excludes && rule.is_match(path)) {
                continue;
            }
            let Some(rule) = rules.iter().rev().find(|rule| rule.is_match(path)) else {
                continue;
            };
            for name in &rule.owners {
                let everything = owners.entry(name).or_insert(true);
                *everything &= matches!(rule.matches, Pattern::Everything);
            }
        }
        owners
            .into_iter()
            .map(|(name, of_everything)| Owner { name, of_everything })
            .collect()
    }
}

impl Rule {
    fn is_match(&self, path: &str) -> bool {
        match &self.matches {
            Pattern::Everything => true,
            Pattern::Globs(globs) => globs.iter().any(|glob| glob.is_match(path)),
        }
    }
}

/// `[Name]`, `^[Name][2]`, with default owners behind it.
fn section(line: &str) -> Option<(&str, Vec<&str>)> {
    let (name, mut rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?.split_once(']')?;
    if let Some((approvals, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        approvals.parse::<u32>().ok()?;
        rest = behind;
    }
    // A set of characters in a path goes on right behind it.
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    Some((
        name.trim(),
        rest.split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .filter(|word| is_owner(word))
            .collect(),
    ))
}

/// The pattern of a line, in which a space may be escaped, and the rest of the line.
fn words(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut characters = line.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                if let Some((_, escaped)) = characters.next() {
                    pattern.push(escaped);
                }
            }
            c if c.is_whitespace() => return (pattern, &line[at..]),
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

fn is_owner(word: &str) -> bool {
    let is_handle = word
        .strip_prefix('@')
        .is_some_and(|handle| !handle.trim_start_matches('@').is_empty());
    let is_mail = word
        .split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.contains('@'));
    is_handle || is_mail
}

/// What a pattern matches. Without a `/` inside it holds at any depth; a name without wildcard also means what is below
/// it, if it is a folder; `*` does not reach into folders.
fn compiled(pattern: &str) -> Option<Pattern> {
    if pattern.is_empty() || pattern.len() > LONGEST_PATTERN {
        return None;
    }
    if matches!(pattern, "*" | "**" | "/" | "/**" | "**/*" | "/**/*") {
        return Some(Pattern::Everything);
    }
    let is_folder = pattern.ends_with('/');
    let bare = pattern.trim_matches('/');
    let is_anchored = pattern.starts_with('/') || bare.contains('/');
    if bare.is_empty() {
        return None;
    }
    let base = if is_anchored { bare.to_owned() } else { format!("**/{bare}") };
    let last = bare.rsplit('/').next().unwrap_or(bare);
    let mut globs = Vec::new();
    if is_folder {
        globs.push(format!("{base}/**"));
    } else {
        globs.push(base.clone());
        if !last.contains('*') || last.ends_with("**") {
            globs.push(format!("{base}/**"));
        }
    }
    let globs = globs
        .iter()
        .map(|glob| {
            let glob: String = glob.chars().flat_map(escaped).collect();
            GlobBuilder::new(&glob)
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map(|glob| glob.compile_matcher())
        })
        .collect::<Result<_, _>>()
        .ok()?;
    Some(Pattern::Globs(globs))
}

/// Only `*`, `**` and `?` mean more than themselves.
fn escaped(c: char) -> impl Iterator<Item = char> {
    matches!(c, '[' | ']' | '{' | '}' | '\\' | '!')
        .then_some('\\')
        .into_iter()
        .chain([c])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owners(place: &str, text: &str, path: &str) -> Vec<String> {
        CodeOwners::parse(place, text)
            .owners(path)
            .into_iter()
            .map(|owner| owner.name.to_owned())
            .collect()
    }

    fn on_github(pattern: &str, path: &str) -> bool {
        !owners(".github/CODEOWNERS", &format!("{pattern} @o"), path).is_empty()
    }

    #[test]
    fn the_last_match_wins() {
        let text = "# all\n* @acme/all\n*.py @acme/python @jane # a remark\n/docs/ docs@example.org\n/docs/free.md\n";
        for (path, expected) in [
            ("a.rs", vec!["@acme/all"]),
            ("deep/a.py", vec!["@acme/python", "@jane"]),
            ("docs/a.py", vec!["docs@example.org"]),
            ("docs/free.md", vec![]),
        ] {
            assert_eq!(owners(".github/CODEOWNERS", text, path), expected, "{path}");
        }
        let rules = CodeOwners::parse("CODEOWNERS", text);
        assert!(rules.owners("a.rs")[0].of_everything && !rules.owners("a.py")[0].of_everything);
    }

    #[test]
    fn patterns_reach_as_far_as_the_platforms_say() {
        for (pattern, path) in [
            ("*.js", "a/b/c.js"),
            ("/build/logs/", "build/logs/x/y"),
            ("docs/*", "docs/a.md"),
            ("apps/", "x/apps/y/z"),
            ("/apps/github", "apps/github/x"),
            ("**/logs", "a/logs/b"),
            ("/scripts/**", "scripts/a/b"),
            ("Makefile", "sub/Makefile"),
            ("src/**/ai/*.py", "src/x/y/ai/a.py"),
            ("/with\\ space/", "with space/a"),
            ("/app/[id]/page.tsx", "app/[id]/page.tsx"),
        ] {
            assert!(on_github(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("docs/*", "docs/sub/a.md"),
            ("/build/logs/", "x/build/logs/y"),
            ("docs/*", "x/docs/a.md"),
            ("*.js", "a.jsx"),
            ("/apps", "x/apps"),
            ("apps/", "apps"),
            ("src/?.py", "src/ab.py"),
            ("a", "ab"),
            ("!x", "x"),
            ("#x", "#x"),
        ] {
            assert!(!on_github(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn every_section_has_its_own_last_match() {
        let text = "* @everybody\n\n[AI][2] @acme/ai\n/models/\n/models/eval @acme/eval\n!/models/legacy/\n\n^[Docs] @writers\n*.md\n[ai]\n/prompts/ @acme/prompts\n";
        for (path, expected) in [
            ("models/a.py", vec!["@acme/ai", "@everybody"]),
            ("models/eval/a.md", vec!["@acme/eval", "@everybody", "@writers"]),
            ("models/legacy/a.py", vec!["@everybody"]),
            ("prompts/a", vec!["@acme/prompts", "@everybody"]),
        ] {
            assert_eq!(owners(".gitlab/CODEOWNERS", text, path), expected, "{path}");
        }
        // Where there are no sections, such a line is a pattern nobody meant.
        assert!(owners(".github/CODEOWNERS", "[AI] @acme/ai\n", "models/a.py").is_empty());
    }

    #[test]
    fn groups_stand_for_their_members() {
        let text = "@@@Models @jane max@example.org\n*.py @@Models @@Unknown\n";
        assert_eq!(owners(".bitbucket/CODEOWNERS", text, "a.py"), ["@jane", "max@example.org"]);
    }

    #[test]
    fn what_is_no_owner_is_none() {
        assert!(owners("CODEOWNERS", "*.py jane, @ me@localhost", "a.py").is_empty());
        assert!(owners("CODEOWNERS", "", "a.py").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(text in ".{0,200}", path in "[a-z/*\\[\\]]{0,30}") {
            for place in PLACES {
                let _ = CodeOwners::parse(place, &text).owners(&path);
            }
        }
    }
}
