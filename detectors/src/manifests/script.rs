//! Manifests that are programs, as a flat list of words, texts and marks. Nothing is evaluated: readers look for the few
//! forms in which people write dependencies, and what stands before a cut or a fault is seen as if the file were whole.

/// What a language writes differently from others.
pub(crate) struct Dialect {
    /// What starts a comment that ends with its line.
    line_comments: &'static [&'static str],
    /// How longer comments start and end.
    block_comments: &'static [(&'static str, &'static str)],
    /// Longer quotes before the quotes they start with.
    quotes: &'static [&'static str],
    /// What opens an expression inside a text that a bracket closes again.
    expressions: &'static [&'static str],
    /// Whether `<<~WORD` starts a text that ends with a line of that word.
    heredocs: bool,
}

/// Ruby.
pub(crate) const RUBY: Dialect = Dialect {
    line_comments: &["#"],
    block_comments: &[("\n=begin", "\n=end")],
    quotes: &["\"", "'"],
    expressions: &["#{"],
    heredocs: true,
};
/// Elixir.
pub(crate) const ELIXIR: Dialect = Dialect {
    line_comments: &["#"],
    block_comments: &[],
    quotes: &["\"\"\"", "\""],
    expressions: &["#{"],
    heredocs: false,
};
/// Groovy, Kotlin and Scala.
pub(crate) const JVM: Dialect = Dialect {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\"\"\"", "'''", "\"", "'"],
    expressions: &["${"],
    heredocs: false,
};
/// Swift.
pub(crate) const SWIFT: Dialect = Dialect {
    line_comments: &["//"],
    block_comments: &[("/*", "*/")],
    quotes: &["\"\"\"", "\""],
    expressions: &["\\("],
    heredocs: false,
};
/// Python.
pub(crate) const PYTHON: Dialect = Dialect {
    line_comments: &["#"],
    block_comments: &[],
    quotes: &["\"\"\"", "'''", "\"", "'"],
    expressions: &[],
    heredocs: false,
};

/// A piece of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// A name, keyword or number.
    Word(&'t str),
    /// What stands between quotes, as written.
    Text(&'t str),
    /// Any other letter.
    Mark(char),
    /// The end of a line.
    Line,
}

/// A token with its line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'t> {
    pub(crate) token: Token<'t>,
    pub(crate) line: u32,
}

impl<'t> Piece<'t> {
    pub(crate) fn word(&self) -> Option<&'t str> {
        if let Token::Word(word) = self.token { Some(word) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&'t str> {
        if let Token::Text(text) = self.token { Some(text) } else { None }
    }

    pub(crate) fn is(&self, mark: char) -> bool {
        self.token == Token::Mark(mark)
    }
}

/// A script's pieces, in order.
pub(crate) fn pieces<'t>(script: &'t str, dialect: &Dialect) -> Vec<Piece<'t>> {
    let mut reader = Reader {
        script,
        at: 0,
        line: 1,
        pieces: Vec::new(),
        heredoc: None,
    };
    while reader.at < script.len() {
        reader.next(dialect);
    }
    reader.pieces
}

struct Reader<'t> {
    script: &'t str,
    at: usize,
    line: u32,
    pieces: Vec<Piece<'t>>,
    /// The word that ends a text that begins on the next line.
    heredoc: Option<&'t str>,
}

impl<'t> Reader<'t> {
    fn next(&mut self, dialect: &Dialect) {
        let rest = &self.script[self.at..];
        if let Some((start, end)) = dialect.block_comments.iter().find(|(start, _)| rest.starts_with(start)) {
            let length = rest[start.len()..]
                .find(end)
                .map_or(rest.len(), |length| start.len() + length + end.len());
            if rest.starts_with('\n') {
                self.push(Token::Line);
            }
            self.skip(length);
            return;
        }
        if dialect.line_comments.iter().any(|start| rest.starts_with(start)) {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
            return;
        }
        if let Some(quote) = dialect.quotes.iter().find(|quote| rest.starts_with(**quote)) {
            let (inside, length) = quoted(rest, quote, dialect.expressions);
            if let Some(inside) = inside {
                self.push(Token::Text(inside));
            }
            self.skip(length);
            return;
        }
        if dialect.heredocs
            && let Some((word, length)) = heredoc(rest)
        {
            self.heredoc = Some(word);
            self.skip(length);
            return;
        }
        let Some(first) = rest.chars().next() else { return };
        if first == '\n' {
            self.push(Token::Line);
            self.skip(1);
            if let Some(word) = self.heredoc.take() {
                self.skip_heredoc(word);
            }
        } else if first.is_whitespace() {
            self.skip(first.len_utf8());
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len());
            self.push(Token::Word(&rest[..length]));
            self.skip(length);
        } else {
            self.push(Token::Mark(first));
            self.skip(first.len_utf8());
        }
    }

    fn push(&mut self, token: Token<'t>) {
        self.pieces.push(Piece { token, line: self.line });
    }

    fn skip(&mut self, length: usize) {
        let skipped = &self.script.as_bytes()[self.at..self.at + length];
        let lines = memchr::memchr_iter(b'\n', skipped).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += length;
    }

    fn skip_heredoc(&mut self, word: &str) {
        let rest = &self.script[self.at..];
        let mut length = 0;
        for line in rest.split_inclusive('\n') {
            length += line.len();
            if line.trim() == word {
                break;
            }
        }
        self.skip(length);
    }
}

/// What stands between quotes, if they are closed, and how many bytes it takes with them. A short quote does not reach over
/// its line.
fn quoted<'t>(rest: &'t str, quote: &str, expressions: &[&str]) -> (Option<&'t str>, usize) {
    let bytes = rest.as_bytes();
    let mut at = quote.len();
    let mut depth = 0_usize;
    while at < bytes.len() {
        let there = &bytes[at..];
        if let Some(start) = expressions.iter().find(|start| there.starts_with(start.as_bytes())) {
            depth += 1;
            at += start.len();
        } else if depth > 0 && matches!(bytes[at], b'}' | b')') {
            depth -= 1;
            at += 1;
        } else if depth > 0 && matches!(bytes[at], b'{' | b'(') {
            depth += 1;
            at += 1;
        } else if bytes[at] == b'\n' && quote.len() == 1 {
            return (None, at);
        } else if bytes[at] == b'\\' {
            at += 2;
        } else if depth == 0 && there.starts_with(quote.as_bytes()) {
            return (Some(&rest[quote.len()..at]), at + quote.len());
        } else {
            at += 1;
        }
    }
    (None, bytes.len())
}

/// The word that ends the text that `<<~WORD` starts, and how many bytes that start takes.
fn heredoc(rest: &str) -> Option<(&str, usize)> {
    let word = rest.strip_prefix("<<")?.trim_start_matches(['~', '-']);
    let word = word.strip_prefix(['"', '\'']).unwrap_or(word);
    let length = word
        .find(|letter: char| !letter.is_ascii_uppercase() && !letter.is_ascii_digit() && letter != '_')
        .unwrap_or(word.len());
    let before = rest.len() - word.len();
    word.starts_with(|first: char| first.is_ascii_uppercase())
        .then(|| (&word[..length], before + length))
}

/// The pieces of the statement that starts here: up to the end of a line that does not end with a comma or an open bracket,
/// or up to the bracket that closes what is around it.
pub(crate) fn statement<'p, 't>(pieces: &'p [Piece<'t>], start: usize) -> &'p [Piece<'t>] {
    let mut depth = 0_usize;
    let mut goes_on = false;
    let mut end = start;
    while let Some(piece) = pieces.get(end) {
        match piece.token {
            Token::Line if depth == 0 && !goes_on => break,
            Token::Line => {}
            Token::Mark(';') if depth == 0 => break,
            Token::Mark(mark) => {
                match mark {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' if depth == 0 => break,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
                goes_on = matches!(mark, ',' | '\\');
            }
            Token::Word(_) | Token::Text(_) => goes_on = false,
        }
        end += 1;
    }
    &pieces[start.min(end)..end]
}

/// The text that stands behind a name: `name: "text"`, `name = "text"`, `:name => "text"`, `name("text")`.
pub(crate) fn named<'t>(pieces: &[Piece<'t>], name: &str) -> Option<(&'t str, u32)> {
    (0..pieces.len()).find_map(|at| {
        (pieces[at].word() == Some(name)).then_some(())?;
        let mut next = at + 1;
        while pieces
            .get(next)
            .is_some_and(|piece| piece.is(':') || piece.is('=') || piece.is('>') || piece.is('('))
        {
            next += 1;
        }
        let piece = pieces.get(next).filter(|_| next > at + 1)?;
        Some((piece.text()?, piece.line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(script: &str, dialect: &Dialect) -> Vec<String> {
        pieces(script, dialect)
            .iter()
            .map(|piece| match piece.token {
                Token::Word(word) => word.to_owned(),
                Token::Text(text) => format!("«{text}»"),
                Token::Mark(mark) => mark.to_string(),
                Token::Line => format!("|{}", piece.line),
            })
            .collect()
    }

    #[test]
    fn scripts_are_taken_apart() {
        assert_eq!(
            written("gem 'a', \"b#{x(\"c\")}\" # gem 'd'\n=begin\ngem 'e'\n=end\ngem 'f'", &RUBY),
            ["gem", "«a»", ",", "«b#{x(\"c\")}»", "|1", "|4", "gem", "«f»"]
        );
        assert_eq!(
            written("s.x = <<~TEXT\n it's 'gem'\nTEXT\ngem 'f'", &RUBY),
            ["s", ".", "x", "=", "|1", "gem", "«f»"]
        );
        assert_eq!(
            written("a(\"\"\"x\n'y'\"\"\") // \"z\"\n/* \"q\" */ b", &JVM),
            ["a", "(", "«x\n'y'»", ")", "|2", "b"]
        );
        assert_eq!(written("a \"b\nc 'd'", &JVM), ["a", "|1", "c", "«d»"]);
    }

    #[test]
    fn statements_end_where_people_end_them() {
        let script = "gem 'a',\n  group: [\n 'b',\n 'c'\n]\ngem 'd'";
        let pieces = pieces(script, &RUBY);
        let first = statement(&pieces, 0);
        assert_eq!(first.iter().filter_map(Piece::text).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(statement(&pieces, pieces.len()).len(), 0);
    }

    #[test]
    fn named_texts_are_found_in_every_form() {
        for (script, dialect) in [
            ("x version: '1'", &RUBY),
            ("x :version => '1'", &RUBY),
            ("version = '1'", &JVM),
            ("version('1')", &JVM),
        ] {
            assert_eq!(named(&pieces(script, dialect), "version"), Some(("1", 1)), "{script}");
        }
        assert_eq!(named(&pieces("version '1'", &JVM), "version"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_or_lose_lines(script in "[a-c\"'#{}()\\\\$/*<~A-B\né=:, -]{0,200}") {
            for dialect in [&RUBY, &ELIXIR, &JVM, &SWIFT, &PYTHON] {
                let pieces = pieces(&script, dialect);
                let lines = u32::try_from(script.matches('\n').count()).expect("short") + 1;
                prop_assert!(pieces.iter().all(|piece| piece.line <= lines));
                for at in 0..=pieces.len() {
                    statement(&pieces, at);
                }
            }
        }
    }
}
