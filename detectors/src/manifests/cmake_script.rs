//! The language of CMake as a flat list of commands with their arguments. Nothing is evaluated.

/// A command: `name(argument …)`.
#[derive(Debug)]
pub(crate) struct Command<'t> {
    pub(crate) name: &'t str,
    pub(crate) arguments: Vec<Argument<'t>>,
}

/// An argument, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Argument<'t> {
    pub(crate) text: &'t str,
    pub(crate) line: u32,
}

/// Every command of a script, in order. One that is cut off counts as far as it goes.
pub(crate) fn commands(script: &str) -> Vec<Command<'_>> {
    let mut reader = Reader { script, at: 0, line: 1 };
    let mut found = Vec::new();
    while let Some(command) = reader.command() {
        found.push(command);
    }
    found
}

struct Reader<'t> {
    script: &'t str,
    at: usize,
    line: u32,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.script[self.at..]
    }

    fn skip(&mut self, length: usize) -> &'t str {
        let rest = self.rest();
        let skipped = &rest[..length.min(rest.len())];
        let lines = memchr::memchr_iter(b'\n', skipped.as_bytes()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += skipped.len();
        skipped
    }

    /// Skips blanks and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.skip(blank);
            let Some(comment) = self.rest().strip_prefix('#') else { return };
            match bracketed(comment) {
                Some((_, length)) => self.skip(1 + length),
                None => self.skip(comment.find('\n').map_or(comment.len(), |end| end + 1) + 1 - usize::from(comment.contains('\n'))),
            };
        }
    }

    fn command(&mut self) -> Option<Command<'t>> {
        loop {
            self.skip_blank();
            let rest = self.rest();
            let first = rest.chars().next()?;
            let length = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            if length == 0 {
                self.skip(first.len_utf8());
                continue;
            }
            let name = self.skip(length);
            let blank = self.rest().find(|letter| !matches!(letter, ' ' | '\t')).unwrap_or_default();
            if self.rest()[blank..].starts_with('(') {
                self.skip(blank + 1);
                return Some(Command {
                    name,
                    arguments: self.arguments(),
                });
            }
        }
    }

    /// The arguments up to the bracket that closes the command.
    fn arguments(&mut self) -> Vec<Argument<'t>> {
        let mut found = Vec::new();
        let mut depth = 0_usize;
        loop {
            self.skip_blank();
            let rest = self.rest();
            let line = self.line;
            let Some(first) = rest.chars().next() else { return found };
            match first {
                '(' => {
                    depth += 1;
                    self.skip(1);
                }
                ')' => {
                    self.skip(1);
                    let Some(outer) = depth.checked_sub(1) else { return found };
                    depth = outer;
                }
                '"' => {
                    let length = quoted(rest);
                    let text = rest[1..length].strip_suffix('"').unwrap_or(&rest[1..length]);
                    self.skip(length);
                    found.push(Argument { text, line });
                }
                _ => {
                    if let Some((text, length)) = bracketed(rest) {
                        self.skip(length);
                        found.push(Argument { text, line });
                    } else {
                        let text = self.skip(unquoted(rest));
                        found.push(Argument { text, line });
                    }
                }
            }
        }
    }
}

/// How many bytes a quoted text takes with its quotes.
fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// How many bytes an unquoted text takes; quotes inside it hold what would end it.
fn unquoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => at += quoted(&rest[at..]),
            b'(' | b')' | b'#' => break,
            byte if byte.is_ascii_whitespace() => break,
            _ => at += 1,
        }
    }
    let mut end = at.min(bytes.len());
    while !rest.is_char_boundary(end) {
        end += 1;
    }
    // What is no blank to a byte may be one to a letter.
    end.max(rest.chars().next().map_or(0, char::len_utf8))
}

/// What stands between `[[` and `]]`, `[=[` and `]=]`, and how many bytes it takes with them.
fn bracketed(rest: &str) -> Option<(&str, usize)> {
    let inner = rest.strip_prefix('[')?;
    let level = inner.len() - inner.trim_start_matches('=').len();
    let text = inner[level..].strip_prefix('[')?;
    let start = rest.len() - text.len();
    let mut from = 0;
    while let Some(at) = text[from..].find(']') {
        let end = from + at;
        let behind = &text[end + 1..];
        let marks = behind.len() - behind.trim_start_matches('=').len();
        if marks == level && behind[marks..].starts_with(']') {
            return Some((&text[..end], start + end + marks + 2));
        }
        from = end + 1;
    }
    Some((text, rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(script: &str) -> Vec<String> {
        commands(script)
            .iter()
            .map(|command| {
                let words: Vec<String> = command
                    .arguments
                    .iter()
                    .map(|word| format!("{}:{}", word.line, word.text))
                    .collect();
                format!("{}[{}]", command.name, words.join(" "))
            })
            .collect()
    }

    #[test]
    fn commands_are_taken_apart() {
        assert_eq!(
            written("a(b \"c d\" # no(x)\n  [[e )\n]] f;g)\n#[[ no(x)\n]] h (-Dx=\"y z\" (i j) \"k \\\" l\")\n# no(x)"),
            ["a[1:b 1:c d 2:e )\n 3:f;g]", "h[5:-Dx=\"y z\" 5:i 5:j 5:k \\\" l]"]
        );
        assert_eq!(written("a(b"), ["a[1:b]"]);
        assert_eq!(written("a(\"b"), ["a[1:b]"]);
        assert_eq!(written("a([=[b]]"), ["a[1:b]]]"]);
        assert_eq!(written("a b c"), Vec::<String>::new());
        assert_eq!(written("#\na(b)"), ["a[2:b]"]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(script in "([a-c(]|[\"#\\[\\]=()\\\\ \n]|é|\u{2003}){0,60}") {
            let lines = u32::try_from(script.matches('\n').count()).expect("short") + 1;
            for command in commands(&script) {
                prop_assert!(command.arguments.iter().all(|word| word.line <= lines));
            }
        }
    }
}
