//! Lines of a terminal page: headings, labelled fields, places. Knows colours and columns, and nothing of inventories
//! but the colour of a tier.

use inventory::{Level, Tier};

use super::Style;
use super::width::{cut, cut_front, width, wrap};
use crate::wording::visible;

/// Prose is not set wider than this, however wide the terminal is.
const WIDEST_PROSE: usize = 110;
/// Columns in front of a field's text: two of margin, the label, and a space.
const INDENT: usize = 14;

/// What a stretch of text is for; colours follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Quiet,
    New,
    Tier(Tier),
    Level(Level),
}

impl Ink {
    const fn codes(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Quiet | Self::Tier(Tier::Unknown) | Self::Level(Level::Note) => "2",
            Self::New => "1;36",
            Self::Tier(Tier::Minimal) => "32",
            Self::Tier(Tier::Limited) | Self::Level(Level::Warning) => "33",
            Self::Tier(Tier::High) | Self::Level(Level::Error) => "1;31",
            Self::Tier(Tier::Stop) => "1;35",
        }
    }
}

/// A page that is being written.
pub(super) struct Page {
    out: String,
    style: Style,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self {
            out: String::new(),
            style: Style {
                width: style.width.max(40),
                ..style
            },
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Columns there are.
    pub(super) const fn columns(&self) -> usize {
        self.style.width
    }

    /// Text in its colour; the text must be visible already.
    pub(super) fn ink(&self, ink: Ink, text: &str) -> String {
        let codes = ink.codes();
        if !self.style.colour || codes.is_empty() || text.is_empty() {
            text.to_owned()
        } else {
            format!("\x1b[{codes}m{text}\x1b[0m")
        }
    }

    pub(super) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line of parts that follow each other, cut where the columns end.
    pub(super) fn line(&mut self, parts: &[(Ink, &str)]) {
        let mut room = self.columns();
        let mut line = String::new();
        for (ink, text) in parts {
            let text = cut(&visible(text), room);
            room -= width(&text);
            line.push_str(&self.ink(*ink, &text));
        }
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// A heading with a rule to the right edge.
    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        let rule = "─".repeat(self.columns().saturating_sub(width(text) + 1));
        self.line(&[(Ink::Strong, text), (Ink::Quiet, " "), (Ink::Quiet, &rule)]);
    }

    /// Prose, wrapped, with a hanging indent.
    pub(super) fn prose(&mut self, ink: Ink, indent: usize, text: &str) {
        let room = self.columns().min(WIDEST_PROSE).saturating_sub(indent);
        for line in wrap(&visible(text), room) {
            let line = self.ink(ink, &line);
            self.out.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }

    /// A labelled field, wrapped under itself; nothing if there is no text.
    pub(super) fn field(&mut self, label: &str, text: &str) {
        let room = self.columns().min(WIDEST_PROSE) - INDENT;
        self.fields(label, wrap(&visible(text), room));
    }

    /// Labelled places (`path:line`) with a remark each, aligned where there is room; paths lose their beginning first.
    pub(super) fn places(&mut self, label: &str, places: &[(String, String)]) {
        let room = self.columns() - INDENT;
        let longest = places.iter().map(|(place, _)| width(&visible(place))).max().unwrap_or(0);
        let spare = room.saturating_sub(longest + 2).max(room / 3);
        let remarks = places
            .iter()
            .map(|(_, remark)| width(&visible(remark)))
            .max()
            .unwrap_or(0)
            .min(spare);
        let path_room = longest.min(if remarks == 0 { room } else { room - remarks - 2 });
        let lines = places
            .iter()
            .map(|(place, remark)| {
                let place = cut_front(&visible(place), path_room);
                let gap = path_room - width(&place) + 2;
                let remark = self.ink(Ink::Quiet, &cut(&visible(remark), remarks));
                if remark.is_empty() {
                    place
                } else {
                    format!("{place}{:gap$}{remark}", "")
                }
            })
            .collect();
        self.fields(label, lines);
    }

    /// Prepared lines behind a label that stands before the first.
    fn fields(&mut self, label: &str, lines: Vec<String>) {
        for (index, line) in lines.into_iter().enumerate() {
            let label = if index == 0 {
                cut(&visible(label), INDENT - 3)
            } else {
                String::new()
            };
            let padding = INDENT.saturating_sub(width(&label) + 2);
            let label = self.ink(Ink::Quiet, &label);
            self.out.push_str(&format!("  {label}{:padding$}{line}\n", ""));
        }
    }
}
