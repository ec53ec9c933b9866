//! Whether a place in a text stands in a sentence, written for people: what it names is told there, and nothing is set.

/// Words that follow each other in a line before it is a sentence.
const FEWEST: usize = 3;
/// Letters of scripts without spaces between words that do.
const FEWEST_LETTERS: usize = 6;
/// Longest line that is looked at on each side.
const LONGEST: usize = 400;

/// Whether the line around a place is a sentence.
pub(super) fn stands_at(text: &str, at: usize) -> bool {
    let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let begin = (begin.max(at.saturating_sub(LONGEST))..=at)
        .find(|&byte| text.is_char_boundary(byte))
        .unwrap_or(at);
    let end = (at..=end.min(at + LONGEST))
        .rev()
        .find(|&byte| text.is_char_boundary(byte))
        .unwrap_or(at);
    is_sentence(&text[begin..end])
}

fn is_sentence(line: &str) -> bool {
    let mut run = 0;
    let mut small = 0;
    let mut letters = 0;
    for word in line.split_whitespace() {
        if word.contains("://") {
            (run, small) = (0, 0);
            continue;
        }
        letters += word.chars().filter(|&letter| is_of_a_script_without_spaces(letter)).count();
        // Punctuation belongs to the words of a sentence, as no sign of a command or a program does.
        let bare = word.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | ';' | '!' | '?' | '(' | ')' | '"' | '\'' | '’' | '“' | '”'));
        if bare.is_empty() || !bare.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’')) {
            (run, small) = (0, 0);
            continue;
        }
        run += 1;
        small += usize::from(bare.starts_with(char::is_lowercase));
        if run >= FEWEST && small >= 2 {
            return true;
        }
    }
    letters >= FEWEST_LETTERS
}

fn is_of_a_script_without_spaces(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{0e00}'..='\u{0e7f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_from_commands() {
        for line in [
            "Set it to http://host for others, etc.",
            "Get your key from https://host/keys",
            "* `base_url` - The address of the interface. Defaults to `https://host`.",
            "请在 https://host 创建密钥并填写",
            "Chiave creata su https://host, poi incollata qui sotto",
        ] {
            assert!(is_sentence(line), "{line}");
        }
        for line in [
            "https://host/v1",
            "curl -X POST https://host/v1/chat -H 'Content-Type: application/json'",
            "base_url = \"https://host\"",
            "pip install -q acme && curl https://host",
            "CREATE SECRET key FROM https://host",
            "Bearer https://host",
            "see https://host",
            "connect-src 'self' https://host wss://host",
        ] {
            assert!(!is_sentence(line), "{line}");
        }
    }

    #[test]
    fn only_the_line_counts() {
        let text = "# first get the weights\ncurl https://host\né";
        assert!(!stands_at(text, text.find("host").unwrap_or(0)));
        let text = "a: 1\nthen ask them at https://host\n";
        assert!(stands_at(text, text.find("host").unwrap_or(0)));
        stands_at(&"é".repeat(2000), 1000);
    }
}
