//! Foreign text made inert, and templates filled in one pass.

use std::fmt::{Display, Formatter, Result, Write};

use crate::wording::visible;

/// Appends formatted markup to a string; foreign text among the arguments must be wrapped in [`text`].
macro_rules! put {
    ($out:expr, $($argument:tt)*) => {
        std::fmt::Write::write_fmt($out, format_args!($($argument)*)).expect("a string takes everything")
    };
}
pub(crate) use put;

/// Foreign text, safe between tags and inside double-quoted attributes.
pub(crate) struct Text<'a>(&'a str);

/// Wraps foreign text so that it shows as it is and does nothing.
pub(crate) const fn text(foreign: &str) -> Text<'_> {
    Text(foreign)
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut rest = &*visible(self.0);
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// A foreign path, which a narrow screen may break behind its slashes.
pub(crate) fn path(foreign: &str) -> String {
    text(foreign).to_string().replace('/', "/<wbr>")
}

/// A list of foreign texts with a separator of our own.
pub(crate) fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    let mut out = String::new();
    for (index, one) in texts.into_iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        let _ = write!(out, "{}", text(one));
    }
    out
}

/// The template with every `{{slot}}` filled. What is filled in is not looked at again, so that it may hold braces.
pub(crate) fn fill(template: &str, content: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(template.len() * 4);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (slot, after) = behind.split_once("}}").expect("a slot is closed");
        out.push_str(before);
        out.push_str(&content(slot));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_inert_in_content_and_attributes() {
        assert_eq!(
            text("<a b=\"c\" d='e'>&amp;").to_string(),
            "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;"
        );
        assert_eq!(text("a\0\u{202e}b").to_string(), "a\\u{0}\\u{202e}b");
        assert_eq!(text("größe/設定").to_string(), "größe/設定");
        assert_eq!(path("a/<b>"), "a/<wbr>&lt;b&gt;");
    }

    #[test]
    fn filled_text_is_not_filled_again() {
        assert_eq!(
            fill("<{{a}}>{{b}}", |slot| if slot == "a" { "{{b}}".into() } else { "x".into() }),
            "<{{b}}>x"
        );
    }
}
