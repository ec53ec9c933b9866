//! SQL in its smallest parts, whatever the dialect: what cannot be made out is passed over.

/// The longest text in quotes; longer ones are a quote that was never closed, or data.
const LONGEST_TEXT: usize = 64 << 10;

/// The longest name in quotes.
const LONGEST_NAME: usize = 256;
/// Bodies that are never closed are looked for this often.
const MOST_OPEN: usize = 64;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A name, with or without quotes.
    Word,
    /// A text in single quotes, or between dollar signs.
    Text,
    Number,
    /// An operator or bracket.
    Sign,
    /// The body of a function, between dollar signs.
    Body,
}

/// A part of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub(super) part: Part,
    /// Without quotes.
    pub(super) text: &'s str,
    pub(super) line: u32,
    /// Whether it stands in quotes of a kind that only some dialects have: `` ` `` or `[`.
    pub(super) quote: Option<char>,
}

impl Token<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        self.part != Part::Text && self.text.eq_ignore_ascii_case(text)
    }

    pub(super) fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }
}

/// Signs of more than one character that mean something here.
const SIGNS: [&str; 12] = ["<=>", "<->", "<#>", "<+>", "=>", ":=", "::", "<=", ">=", "<>", "!=", "||"];

/// The parts of a script that starts on a line; comments and templates are left out.
pub(super) fn tokens(script: &str, line: u32) -> Vec<Token<'_>> {
    let mut reader = Reader {
        script,
        at: 0,
        line,
        unclosed: Vec::new(),
        open_bodies: 0,
        found: Vec::new(),
    };
    while let Some(c) = reader.rest().chars().next() {
        reader.read(c);
    }
    reader.found
}

struct Reader<'s> {
    script: &'s str,
    at: usize,
    line: u32,
    /// Marks that are never closed in what follows.
    unclosed: Vec<&'static str>,
    open_bodies: usize,
    found: Vec<Token<'s>>,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        self.script.get(self.at..).unwrap_or_default()
    }

    /// Goes on by a number of bytes, counting lines.
    fn go(&mut self, bytes: usize) {
        let passed = self.rest().get(..bytes).unwrap_or(self.rest());
        let lines = memchr::memchr_iter(b'\n', passed.as_bytes()).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += passed.len();
    }

    fn push(&mut self, part: Part, text: &'s str, quote: Option<char>) {
        self.found.push(Token {
            part,
            text,
            line: self.line,
            quote,
        });
    }

    /// Where a mark is found in what follows; each mark is looked for in vain only once.
    fn find(&mut self, mark: &'static str, from: usize, within: usize) -> Option<usize> {
        if self.unclosed.contains(&mark) {
            return None;
        }
        let rest = self.rest().get(from..)?;
        let found = memchr::memmem::find(rest.as_bytes(), mark.as_bytes());
        if found.is_none() {
            self.unclosed.push(mark);
        }
        found.filter(|length| *length <= within).map(|at| from + at)
    }

    fn read(&mut self, c: char) {
        let rest = self.rest();
        if c.is_whitespace() {
            self.go(c.len_utf8());
        } else if rest.starts_with("--") || rest.starts_with("//") || rest.starts_with("# ") {
            self.go(memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.pass("*/");
        } else if rest.starts_with("{{") {
            self.pass("}}");
        } else if rest.starts_with("{%") {
            self.pass("%}");
        } else if rest.starts_with("{#") {
            self.pass("#}");
        } else if c == '\'' {
            self.text();
        } else if c == '$' {
            self.dollar();
        } else if matches!(c, '"' | '`' | '[') {
            self.quoted(c);
        } else if c.is_alphabetic() || c == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$'))
                .unwrap_or(rest.len());
            self.push(Part::Word, &rest[..end], None);
            self.go(end);
        } else if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            self.push(Part::Number, &rest[..end], None);
            self.go(end);
        } else {
            let sign = SIGNS
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .map_or(c.len_utf8(), |sign| sign.len());
            self.push(Part::Sign, &rest[..sign], None);
            self.go(sign);
        }
    }

    /// Passes over everything up to a mark.
    fn pass(&mut self, mark: &'static str) {
        match self.find(mark, 2, usize::MAX) {
            Some(end) => self.go(end + mark.len()),
            None => self.go(2),
        }
    }

    /// `'it''s'`; what is never closed is no text.
    fn text(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 1;
        if self.unclosed.contains(&"'") {
            return self.go(1);
        }
        let closed = loop {
            let Some(at) = memchr::memchr2(b'\'', b'\\', &bytes[end..]) else {
                self.unclosed.push("'");
                break false;
            };
            end += at;
            match (bytes[end], bytes.get(end + 1)) {
                (b'\\', Some(b'\'')) if !matches!(bytes.get(end + 2), None | Some(b',' | b')' | b';' | b'\n' | b'\r')) => end += 2,
                (b'\'', Some(b'\'')) => end += 2,
                (b'\'', _) => break true,
                _ => end += 1,
            }
        };
        if closed && end <= LONGEST_TEXT {
            self.push(Part::Text, &rest[1..end], None);
            self.go(end + 1);
        } else {
            self.go(if closed { end + 1 } else { 1 });
        }
    }

    /// `$$ … $$`, `$tag$ … $tag$`: a text where a value stands, else the body of a function, which is read on its own too.
    fn dollar(&mut self) {
        let rest = self.rest();
        let tag_end = rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').map(|end| end + 1);
        // `$1` is a parameter.
        if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            let end = tag_end.unwrap_or(rest.len());
            self.push(Part::Sign, &rest[..end], None);
            return self.go(end);
        }
        let Some(end) = tag_end.filter(|end| rest.as_bytes()[*end] == b'$') else {
            return self.go(1);
        };
        let mark = &rest[..=end];
        let is_value = self
            .found
            .last()
            .is_some_and(|before| before.is_any(&["(", ",", "=", "=>", ":=", "||"]));
        let closing = (self.open_bodies < MOST_OPEN).then(|| rest[end + 1..].find(mark)).flatten();
        self.open_bodies += usize::from(closing.is_none());
        match closing {
            Some(length) if is_value => {
                let inside = &rest[end + 1..end + 1 + length];
                if length <= LONGEST_TEXT {
                    self.push(Part::Text, inside, None);
                }
                self.go(length + 2 * mark.len());
            }
            Some(length) => {
                self.push(Part::Body, &rest[end + 1..end + 1 + length], None);
                self.go(length + 2 * mark.len());
            }
            None => self.go(mark.len()),
        }
    }

    /// A name in quotes; `[` may also index something.
    fn quoted(&mut self, open: char) {
        let rest = self.rest();
        let close = match open {
            '[' => ']',
            other => other,
        };
        let near = &rest[..rest.floor_char_boundary(LONGEST_NAME)];
        let end = near[1..].find(close).map(|end| end + 1);
        let Some(end) = end.filter(|end| {
            let inside = &rest[1..*end];
            let is_name = inside
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '$' | '/'));
            is_name && (open != '[' || inside.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        }) else {
            self.push(Part::Sign, &rest[..1], None);
            return self.go(1);
        };
        self.push(Part::Word, &rest[1..end], Some(open));
        self.go(end + 1);
    }
}
