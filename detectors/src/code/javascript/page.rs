//! The scripts inside components (Vue, Svelte, Astro) and web pages, each with the line it begins on.

use super::super::addressed;

/// A script inside another file.
#[derive(Debug, PartialEq)]
pub(super) struct Script<'p> {
    pub(super) text: &'p str,
    /// The line of the file on which it begins, counted from 1.
    pub(super) line: u32,
}

/// What opens and closes the code that Astro keeps before a page.
const FRONT: (&str, &str) = ("---\n", "\n---");

/// What a script element says it is if it holds code; data and templates are no scripts.
const CODE: [&str; 4] = ["module", "javascript", "babel", "jsx"];

/// The scripts of a page, in their order; what is commented out is none.
pub(super) fn scripts(page: &str) -> Vec<Script<'_>> {
    let mut found = Found {
        scripts: Vec::new(),
        line: 1,
    };
    let mut rest = page;
    if let Some(behind) = rest.strip_prefix(FRONT.0)
        && let Some(end) = behind.find(FRONT.1)
    {
        found.pass(FRONT.0);
        found.script(&behind[..end]);
        rest = &behind[end + FRONT.1.len()..];
        found.pass(FRONT.1);
    }
    while let Some((start, is_comment)) = addressed::next_part(rest) {
        if is_comment {
            let end = rest[start..].find("-->").map_or(rest.len(), |at| start + at + 3);
            found.pass(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let Some(open) = rest[start..].find('>').map(|at| start + at + 1) else {
            break;
        };
        let close = rest[open..].find("</script").map_or(rest.len(), |at| open + at);
        found.pass(&rest[..open]);
        let tag = &rest[start..open];
        if !tag.contains("type=") || CODE.iter().any(|kind| tag.contains(kind)) {
            found.script(&rest[open..close]);
        } else {
            found.pass(&rest[open..close]);
        }
        rest = &rest[close..];
    }
    found.scripts
}

/// What was found so far, and the line up to which the page was read.
struct Found<'p> {
    scripts: Vec<Script<'p>>,
    line: u32,
}

impl<'p> Found<'p> {
    fn pass(&mut self, part: &str) {
        let ends = memchr::memchr_iter(b'\n', part.as_bytes()).count();
        self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
    }

    fn script(&mut self, text: &'p str) {
        self.scripts.push(Script { text, line: self.line });
        self.pass(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_with_their_lines() {
        let page = "---\na()\n---\n<p>b</p>\n<!-- <script>c()</script> -->\n<script type=\"text/template\">\nd</script><script setup\n lang=\"ts\">\ne()\n</script>\n<script>f()";
        let found: Vec<(&str, u32)> = scripts(page).into_iter().map(|script| (script.text.trim(), script.line)).collect();
        assert_eq!(found, [("a()", 2), ("e()", 8), ("f()", 11)]);
    }

    #[test]
    fn pages_without_scripts_have_none() {
        for page in [
            "",
            "<script",
            "---\na()",
            "<p>import x from 'acme'</p>",
            "<!-- <script>a()</script>",
        ] {
            assert_eq!(scripts(page), [], "{page}");
        }
    }
}
