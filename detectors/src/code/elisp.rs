//! Emacs Lisp, as packages and settings of the editor have it: what is required, what stands between quotes and behind which keyword
//! or name, and quoted symbols that are written like a version of something. Nothing is evaluated.

use evidence::Info;

use super::facts::{Assignment, Facts, Import, Value};
use super::{Language, emits};

pub(super) static ELISP: Language = Language {
    info: Info {
        id: "code/elisp",
        title: "Emacs Lisp",
        reads: &["*.el"],
        emits: emits!("elisp"),
        needs: &[],
        docs: "https://www.gnu.org/software/emacs/manual/elisp.html",
    },
    scope: "elisp",
    endings: &[".el"],
    mentions: |module| {
        ["require '", "use-package ", "package! "]
            .map(|form| format!("{form}{module}"))
            .to_vec()
    },
    telling: None,
    read: |artifact| Ok(facts(artifact.text()?)),
};

/// Longest text or symbol that may be a name, an id or an address.
const LONGEST: usize = 200;

/// A piece of a text that is no comment and no blank.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'s> {
    Open,
    Close,
    /// What stands between quotes, as written.
    Text(&'s str),
    /// A symbol, a keyword or a number.
    Symbol(&'s str),
    /// `'` or `` ` ``: what follows stands for itself.
    Quote,
    /// `,` and the like.
    Mark,
}

/// What a text is made of, with lines.
struct Tokens<'s> {
    source: &'s str,
    at: usize,
    line: u32,
}

impl<'s> Iterator for Tokens<'s> {
    type Item = (Token<'s>, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.source.as_bytes();
        loop {
            let (start, line) = (self.at, self.line);
            let token = match *bytes.get(self.at)? {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.at += 1;
                    continue;
                }
                b';' => {
                    self.at = memchr::memchr(b'\n', &bytes[self.at..]).map_or(bytes.len(), |length| self.at + length);
                    continue;
                }
                byte if byte.is_ascii_whitespace() => {
                    self.at += 1;
                    continue;
                }
                b'(' | b'[' => {
                    self.at += 1;
                    Token::Open
                }
                b')' | b']' => {
                    self.at += 1;
                    Token::Close
                }
                b'"' => Token::Text(self.text()),
                b'?' => {
                    // `?"`, `?\(`: a letter as a number.
                    self.at += 1;
                    self.at += usize::from(bytes.get(self.at) == Some(&b'\\'));
                    let letter = self.source.get(self.at..).and_then(|rest| rest.chars().next());
                    self.at += letter.filter(|letter| *letter != '\n').map_or(0, char::len_utf8);
                    Token::Mark
                }
                b'\'' | b'`' => {
                    self.at += 1;
                    Token::Quote
                }
                b',' | b'#' | b'@' => {
                    self.at += 1;
                    Token::Mark
                }
                _ => {
                    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"()[]\"';`,".contains(byte);
                    self.at = bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length);
                    Token::Symbol(&self.source[start..self.at])
                }
            };
            return Some((token, line));
        }
    }
}

impl<'s> Tokens<'s> {
    /// The text whose opening quote is next.
    fn text(&mut self) -> &'s str {
        let bytes = self.source.as_bytes();
        let start = self.at + 1;
        let mut end = start;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'"' => break,
                b'\\' => end += 1,
                b'\n' => self.line = self.line.saturating_add(1),
                _ => {}
            }
            end += 1;
        }
        let end = end.min(bytes.len());
        self.at = (end + 1).min(bytes.len());
        self.source.get(start..end).unwrap_or_default()
    }
}

/// What a file tells.
fn facts(source: &str) -> Facts {
    let mut facts = Facts::default();
    // The last pieces that are no marks, newest last.
    let mut before: [Option<Token<'_>>; 3] = [None; 3];
    // For each list around, whether it stands for itself; and whether what comes next does.
    let mut around: Vec<bool> = Vec::new();
    let mut next = false;
    let tokens = Tokens { source, at: 0, line: 1 };
    for (token, line) in tokens {
        match token {
            Token::Quote | Token::Mark => {
                next = token == Token::Quote;
                continue;
            }
            Token::Symbol(symbol) => self::symbol(symbol, next, line, before, &mut facts),
            Token::Text(text) => self::text(text, line, before, &mut facts),
            Token::Open => around.push(next),
            Token::Close => drop(around.pop()),
        }
        next = around.last().is_some_and(|quoted| *quoted);
        before = [before[1], before[2], Some(token)];
    }
    facts
}

/// Adds a symbol: what is required, or one that stands for itself and is written like a version of something.
fn symbol(symbol: &str, is_quoted: bool, line: u32, before: [Option<Token<'_>>; 3], facts: &mut Facts) {
    if let [
        _,
        Some(Token::Open),
        Some(Token::Symbol("require" | "use-package" | "package!" | "leaf")),
    ] = before
    {
        facts.imports.push(Import {
            path: symbol.to_owned(),
            local: String::new(),
            line,
        });
        return;
    }
    let is_versioned = symbol.bytes().any(|byte| byte.is_ascii_digit()) && symbol.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_quoted && is_versioned && symbol.len() <= LONGEST {
        facts.literal(symbol.to_owned(), line, false);
    }
}

/// Adds a text that is no sentence, with the keyword or name that it stands behind.
fn text(text: &str, line: u32, before: [Option<Token<'_>>; 3], facts: &mut Facts) {
    if text.len() > LONGEST || text.contains([' ', '\n']) {
        return;
    }
    match before {
        [_, Some(Token::Open), Some(Token::Symbol("getenv"))] => facts.variables.push((text.to_owned(), line)),
        // `:host "…"`, `(setq name "…")`, `(name . "…")`
        [.., Some(Token::Symbol("."))]
        | [
            _,
            Some(Token::Symbol("setq" | "defvar" | "defconst" | "defcustom" | "setopt" | "setq-default")),
            Some(Token::Symbol(_)),
        ] => {
            if let [_, Some(Token::Symbol(name)), Some(Token::Symbol("."))] | [.., Some(Token::Symbol(name))] = before {
                // The key of an entry is a name of the program's own.
                if facts.literals.last().is_some_and(|(last, _)| last == name) {
                    facts.literals.pop();
                }
                given(name, text, line, facts);
            }
        }
        [.., Some(Token::Symbol(keyword))] if keyword.starts_with(':') => given(&keyword[1..], text, line, facts),
        // `&key (host "…")`
        [_, Some(Token::Open), Some(Token::Symbol(name))] => given(name, text, line, facts),
        _ => {}
    }
    facts.literal(text.to_owned(), line, false);
}

/// Adds that a name was given a text.
fn given(name: &str, text: &str, line: u32, facts: &mut Facts) {
    facts.assignments.push(Assignment {
        target: name.replace('-', "_"),
        value: Value::Text(text.to_owned()),
        line,
        named: false,
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn seen(source: &str) -> Vec<String> {
        testing::seen("elisp", &facts(source))
    }

    #[test]
    fn required_features_are_imported() {
        testing::has(&seen(";; (require 'other)\n(require 'acme)"), "2 Import acme");
        testing::has(&seen("(use-package acme\n  :ensure t)"), "1 Import acme");
        for source in ["(require feature)", "; (require 'acme)", "\"(require 'acme)\"", "(provide 'acme)"] {
            assert!(!seen(source).iter().any(|line| line.contains("Import acme")), "{source}");
        }
    }

    #[test]
    fn texts_stand_behind_keywords_and_names() {
        let source = "(acme-make \"Acme\"\n  :host \"api.acme.example\"\n  :models '((acme-4-mini :description \"A model, see https://docs.example\")))";
        testing::has(&seen(source), "2 Host api.acme.example");
        testing::has(&seen(source), "3 Literal acme-4-mini");
        assert!(!seen(source).iter().any(|line| line.contains("docs.example")));
        assert!(
            !seen("(defun f (acme-4 b) (list acme-4 `(,acme-4)))")
                .iter()
                .any(|line| line.contains("Literal acme-4"))
        );
        testing::has(&seen("(setq acme-model \"m-1\")"), "1 Model m-1");
        testing::has(
            &seen("(defcustom acme-url \"https://acme.example/v1\"\n  \"Where it is.\")"),
            "1 Host acme.example",
        );
        testing::has(&seen("`((model . \"m-1\") (n . 2))"), "1 Model m-1");
        testing::has(
            &seen("(cl-defun acme (name &key (host \"localhost:4242\")))"),
            "1 Host localhost:4242",
        );
        assert!(
            !seen("((acme-4-own . \"acme.4:0\"))")
                .iter()
                .any(|line| line.contains("Literal acme-4-own"))
        );
        testing::has(&seen("(getenv \"ACME_KEY\")"), "1 Env ACME_KEY");
    }

    #[test]
    fn letters_comments_and_quotes_are_told_apart() {
        let source = "(memq c '(?\\\" ?\\; ?\"))\n;; \"a\n(setq acme-model \"m-1\" b \"\\\"x\")";
        testing::has(&seen(source), "3 Model m-1");
    }

    #[test]
    fn broken_code_does_no_harm() {
        for source in ["", "\"", "\"\\", "?", "?\\", "(require '", "é\"é", ";", "?é", "(setq é \"m\""] {
            let _ = facts(source);
        }
    }
}
