//! READMEs: what a project says it is, paragraph by paragraph. Code, tables, pictures and the sections that tell how to install,
//! use or change it are left out.

use evidence::Voice;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::introduction;
use crate::text::Lines;
use crate::{Artifact, Detector, FilePath, Gate, Info, Kind, Observation, Observations, Unreadable};

static INFO: Info = Info {
    id: "said/readme",
    title: "READMEs",
    reads: &["README", "README.md", "README.rst", "README.txt", "README.adoc"],
    emits: &[
        (Kind::Statement, Voice::Introduction.as_str()),
        (Kind::Statement, Voice::Readme.as_str()),
    ],
    needs: &[],
    docs: "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes",
};

/// As much of the beginning is read: what a project is stands there.
const READ: usize = 32 << 10;
/// Paragraphs that are kept.
const MOST: usize = 60;
/// Words that make a paragraph say something.
const FEWEST_WORDS: usize = 4;

/// Words of headings under which nothing is said of what a project is for.
const ASIDE: [&str; 44] = [
    "install",
    "getting started",
    "get started",
    "quick start",
    "quickstart",
    "setup",
    "set up",
    "usage",
    "how to",
    "contribut",
    "licen",
    "sponsor",
    "backers",
    "hiring",
    "career",
    "join us",
    "jobs",
    "acknowledg",
    "thank",
    "star history",
    "roadmap",
    "changelog",
    "release",
    "development",
    "build",
    "testing",
    "tests",
    "faq",
    "support",
    "community",
    "credit",
    "citation",
    "citing",
    "reference",
    "requirement",
    "prerequisite",
    "table of contents",
    "contents",
    "configuration",
    "deploy",
    "author",
    "maintainer",
    "contact",
    "news",
];

/// Reads READMEs.
pub(super) struct Readme;

impl Detector for Readme {
    fn info(&self) -> &Info {
        &INFO
    }

    fn wants(&self, file: &FilePath<'_>) -> Option<Gate> {
        let name = file.lower_name();
        let rest = name.strip_prefix("readme")?;
        matches!(rest, "" | ".md" | ".markdown" | ".mdx" | ".rst" | ".txt" | ".adoc").then_some(Gate::Always)
    }

    fn observe(&self, artifact: &Artifact<'_>, out: &mut Observations) -> Result<(), Unreadable> {
        let text = artifact.text()?;
        let head = &text[..text.floor_char_boundary(READ)];
        let paragraphs = paragraphs(artifact.extension(), head);
        let prose = paragraphs.iter().filter(|paragraph| paragraph.form == Form::Prose);
        let introduced_at = introduction::choose(prose.map(|paragraph| (paragraph.line, paragraph.text.as_str())));
        for Paragraph { line, text, form } in paragraphs.into_iter().take(MOST) {
            let introduces = introduced_at == Some(line) && form == Form::Prose;
            let voice = if introduces { Voice::Introduction } else { Voice::Readme };
            out.push(Observation::new(Kind::Statement, voice.as_str(), text, line));
        }
        Ok(())
    }
}

/// What speaks of the project in a text of this ending.
fn paragraphs(ending: &str, text: &str) -> Vec<Paragraph> {
    match ending {
        "md" | "markdown" | "mdx" => markdown(text),
        _ => plain(text),
    }
}

/// The first paragraph that is no heading, with its line.
pub(super) fn first_paragraph(ending: &str, text: &str) -> Option<(u32, String)> {
    let first = paragraphs(ending, text)
        .into_iter()
        .find(|paragraph| paragraph.form != Form::Heading)?;
    Some((first.line, first.text))
}

/// A paragraph, bullet or heading.
struct Paragraph {
    line: u32,
    text: String,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Heading,
    Item,
    Prose,
}

fn is_aside(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    ASIDE.iter().any(|word| heading.contains(word))
}

fn says_something(paragraph: &str) -> bool {
    paragraph.split_whitespace().take(FEWEST_WORDS).count() == FEWEST_WORDS
}

/// The paragraphs and bullets of Markdown that speak of the project, each with its line.
fn markdown(text: &str) -> Vec<Paragraph> {
    let lines = Lines::of(text);
    let mut found: Vec<Paragraph> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    // How many lists are open, and the markup of a block of it.
    let mut lists = 0_u32;
    let mut block: Option<String> = None;
    // Depth inside of what holds no prose, and the level of the heading whose section is left out.
    let mut unread = 0_u32;
    let mut heading: Option<HeadingLevel> = None;
    let mut aside: Option<HeadingLevel> = None;
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_GFM
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut close = |open: &mut Option<(usize, String)>, is_aside: bool, form: Form| {
        if let Some((at, text)) = open.take()
            && !is_aside
            && says_something(&text)
        {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Paragraph {
                line: lines.line(at),
                text,
                form,
            });
        }
    };
    let form = |lists: u32| if lists > 0 { Form::Item } else { Form::Prose };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => {
                close(&mut open, aside.is_some(), form(lists));
                lists += 1;
            }
            Event::End(TagEnd::List(_)) => lists = lists.saturating_sub(1),
            Event::Start(Tag::HtmlBlock) => {
                close(&mut open, aside.is_some(), form(lists));
                open = Some((range.start, String::new()));
                block = Some(String::new());
            }
            Event::End(TagEnd::HtmlBlock) => {
                if let (Some((_, paragraph)), Some(markup)) = (&mut open, block.take()) {
                    push_without_tags(&markup, paragraph);
                }
                close(&mut open, aside.is_some(), form(lists));
            }
            // A quotation with a kind is a notice to readers.
            Event::Start(Tag::CodeBlock(_) | Tag::Table(_) | Tag::Image { .. } | Tag::MetadataBlock(_) | Tag::BlockQuote(Some(_))) => {
                unread += 1;
            }
            Event::End(TagEnd::CodeBlock | TagEnd::Table | TagEnd::Image | TagEnd::MetadataBlock(_) | TagEnd::BlockQuote(Some(_))) => {
                unread = unread.saturating_sub(1)
            }
            Event::Start(Tag::Heading { level, .. }) => {
                close(&mut open, aside.is_some(), form(lists));
                heading = Some(level);
                open = Some((range.start, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                let level = heading.take();
                let title = open.as_ref().map_or("", |(_, title)| title.as_str());
                if aside.is_some_and(|outer| level.is_some_and(|level| level <= outer)) {
                    aside = None;
                }
                // The title of the page names the project, whatever the words.
                if aside.is_none() && level != Some(HeadingLevel::H1) && is_aside(title) {
                    aside = level;
                }
                close(&mut open, aside.is_some(), Form::Heading);
            }
            Event::Start(Tag::Paragraph | Tag::Item) => {
                close(&mut open, aside.is_some(), form(lists));
                open = Some((range.start, String::new()));
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item) => close(&mut open, aside.is_some(), form(lists)),
            Event::Text(words) | Event::Code(words) if unread == 0 => {
                if let Some((_, paragraph)) = &mut open {
                    paragraph.push_str(&words);
                }
            }
            Event::Html(markup) if unread == 0 => {
                if let Some(block) = &mut block {
                    block.push_str(&markup);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some((_, paragraph)) = &mut open {
                    paragraph.push(' ');
                }
            }
            _ => {}
        }
    }
    close(&mut open, aside.is_some(), form(lists));
    found
}

/// Appends the words between tags; comments are none.
fn push_without_tags(markup: &str, out: &mut String) {
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        out.push(' ');
        let end = if rest[start..].starts_with("<!--") { "-->" } else { ">" };
        rest = rest[start..].find(end).map_or("", |at| &rest[start + at + end.len()..]);
    }
    out.push_str(rest);
}

/// The paragraphs of a text without markup that speak of the project, each with its line; a heading is a line that is underlined.
fn plain(text: &str) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut paragraph = String::new();
    let mut begin = 0;
    let mut aside = false;
    for (number, line) in (1_u32..).zip(text.lines().chain([""])) {
        let line = line.trim();
        let is_rule = line.len() > 2 && !line.contains(|c: char| c.is_alphanumeric());
        let is_heading = is_rule && !paragraph.is_empty();
        if is_heading {
            aside = is_aside(&paragraph);
        }
        if line.is_empty() || is_rule {
            if !aside && says_something(&paragraph) {
                found.push(Paragraph {
                    line: begin,
                    text: std::mem::take(&mut paragraph),
                    form: if is_heading { Form::Heading } else { Form::Prose },
                });
            }
            paragraph.clear();
        } else if !line.starts_with(".. ") && !line.starts_with(':') && !line.starts_with("$ ") {
            if paragraph.is_empty() {
                begin = number;
            } else {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(path: &str, text: &str) -> Vec<(String, u32, String)> {
        let mut out = Observations::default();
        // What is no text is not read, and says so.
        let _ = Readme.observe(&Artifact::new(path, text.as_bytes()), &mut out);
        let seen = out.into_vec().into_iter();
        seen.map(|one| (one.scope.to_owned(), one.line, one.key)).collect()
    }

    #[test]
    fn what_a_project_says_of_itself_is_read_paragraph_by_paragraph() {
        let text = "---\ntitle: nothing\n---\n# Hire [![badge](https://img/x)](https://ci)\n\n**Hire** ranks job\napplicants by their `CV`.\n\n\
                    ## Features\n\n- Reads a CV in five languages\n- Fast\n\n```sh\nrank all of the applicants now\n```\n\n\
                    | a | b |\n|---|---|\n| one two | three four |\n";
        assert_eq!(
            said("README.md", text),
            [
                ("introduction".to_owned(), 6, "Hire ranks job applicants by their CV.".to_owned()),
                ("readme".to_owned(), 11, "Reads a CV in five languages".to_owned()),
            ]
        );
    }

    #[test]
    fn sections_that_tell_how_to_install_or_that_seek_people_are_left_out() {
        let text = "# Tool that draws many large coloured graphs\n\nIt draws graphs of all your data.\n\n## We are hiring!\n\nWe recruit and screen applicants.\n\n### How\n\nSend us your \
                    whole CV.\n\n## About it\n\nIt also prints graphs on paper.\n";
        let texts: Vec<String> = said("README.md", text).into_iter().map(|(.., text)| text).collect();
        assert_eq!(
            texts,
            [
                "Tool that draws many large coloured graphs",
                "It draws graphs of all your data.",
                "It also prints graphs on paper."
            ]
        );
        let linked = "# A\n\n[Cloud](a) · [Self host](b) · [Demo](c) · [Docs](d)\n\nIt answers questions on your own papers.\n";
        assert_eq!(
            said("README.md", linked).last().map(|(voice, line, _)| (voice.clone(), *line)),
            Some(("introduction".to_owned(), 5))
        );
        let introduced: Vec<u32> = said("README.md", text)
            .into_iter()
            .filter(|(voice, ..)| voice == "introduction")
            .map(|(_, line, _)| line)
            .collect();
        assert_eq!(introduced, [3]);
    }

    #[test]
    fn a_notice_to_readers_introduces_nothing_and_a_quotation_may() {
        let text =
            "# A\n\n> [!IMPORTANT]\n> This repository is no longer kept up to date.\n\n> The system for your own money and papers.\n";
        assert_eq!(
            said("README.md", text),
            [("introduction".to_owned(), 6, "The system for your own money and papers.".to_owned())]
        );
    }

    #[test]
    fn the_state_of_a_repository_is_not_what_the_project_is() {
        let text = "# A\n\nThis repository will be **archived and marked as read-only** in May.\n\n## Thank you\n\nOver the years it has grown into a platform.\n\n\
                    ## About\n\nIt helps teams to manage incidents from start to end.\n";
        let introduced: Vec<String> = said("README.md", text)
            .into_iter()
            .filter_map(|(voice, _, text)| (voice == "introduction").then_some(text))
            .collect();
        assert_eq!(introduced, ["It helps teams to manage incidents from start to end."]);
    }

    #[test]
    fn markup_of_pages_keeps_its_words() {
        let text = "<p align=\"center\">\n  <img src=\"a.png\">\n  Finds faces in pictures of crowds.\n</p>\n";
        assert_eq!(said("readme.md", text)[0].2.trim(), "Finds faces in pictures of crowds.");
    }

    #[test]
    fn other_texts_are_read_as_paragraphs() {
        let text = "Score\n=====\n\n.. image:: a.png\n   :alt: x\n\nScores the risk of a loan\nbefore it is paid.\n\nInstallation\n------------\n\nRun \
                    the usual two commands.\n";
        assert_eq!(
            said("README.rst", text),
            [(
                "introduction".to_owned(),
                7,
                "Scores the risk of a loan before it is paid.".to_owned()
            )]
        );
    }

    #[test]
    fn only_readmes_are_wanted() {
        for name in ["README.md", "docs/Readme.rst", "README", "readme.txt"] {
            assert_eq!(Readme.wants(&FilePath::of(name)), Some(Gate::Always), "{name}");
        }
        for name in ["readme.py", "README.png", "readmes/a.md", "READMEFIRST.md"] {
            assert_eq!(Readme.wants(&FilePath::of(name)), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[\\s\\S]{0,400}", markup in "[-#*`<>|\\[\\]()!\\n a-z]{0,400}") {
            for name in ["README.md", "README.rst"] {
                said(name, &text);
                for (_, line, _) in said(name, &markup) {
                    prop_assert!(line as usize <= markup.lines().count().max(1));
                }
            }
        }
    }
}
