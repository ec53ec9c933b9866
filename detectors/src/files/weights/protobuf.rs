//! The wire form of protocol buffers: fields one after the other, without a schema and without recursion.

use super::reader::{Reader, ends_early};
use crate::{Artifact, Unreadable};

/// Fields that are looked at in one file; what has more is not read to its end.
pub(super) const MOST_FIELDS: u64 = 8_000_000;
/// Longest text that is taken.
const LONGEST_TEXT: u64 = 4096;

/// What stands in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A number.
    Number(u64),
    /// Four or eight bytes.
    Fixed,
    /// Bytes, a text or a message: where it begins and how long it is.
    Bytes(Span),
}

/// A stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) length: u64,
}

/// A file in wire form.
pub(super) struct Wire<'a> {
    reader: Reader<'a>,
    /// Fields that may still be looked at.
    budget: u64,
}

impl<'a> Wire<'a> {
    pub(super) fn new(artifact: &'a Artifact<'_>) -> Self {
        Self {
            reader: Reader::new(artifact, 0),
            budget: MOST_FIELDS,
        }
    }

    /// The whole file as one message.
    pub(super) fn whole(artifact: &Artifact<'_>) -> Span {
        Span {
            start: 0,
            length: artifact.length(),
        }
    }

    /// Calls back for each field of a message, in order.
    pub(super) fn each(
        &mut self,
        message: Span,
        mut visit: impl FnMut(&mut Self, u32, Value) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let end = message.start.saturating_add(message.length);
        let mut position = message.start;
        while position < end {
            self.reader.go(position);
            self.budget = self
                .budget
                .checked_sub(1)
                .ok_or_else(|| Unreadable(format!("it has more than {MOST_FIELDS} fields and was not read to the end")))?;
            let (number, value) = self.field(end)?;
            position = self.reader.position();
            visit(self, number, value)?;
        }
        Ok(())
    }

    fn field(&mut self, end: u64) -> Result<(u32, Value), Unreadable> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).unwrap_or(0);
        if number == 0 || number >= 1 << 29 {
            return Err(Unreadable("it holds a field without a number".to_owned()));
        }
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.reader.skip(8)?;
                Value::Fixed
            }
            2 => {
                let length = self.varint()?;
                let start = self.reader.position();
                if length > end.saturating_sub(start) {
                    return Err(ends_early());
                }
                self.reader.skip(length)?;
                Value::Bytes(Span { start, length })
            }
            5 => {
                self.reader.skip(4)?;
                Value::Fixed
            }
            wire => return Err(Unreadable(format!("it holds a field of the unknown wire type {wire}"))),
        };
        if self.reader.position() > end {
            return Err(ends_early());
        }
        Ok((number, value))
    }

    fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.reader.byte()?;
            if shift < 64 {
                number |= u64::from(byte & 0x7F) << shift;
            }
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Unreadable("it holds a number of more than ten bytes".to_owned()))
    }

    /// A text; what is too long for a name is cut.
    pub(super) fn text(&mut self, value: Value) -> String {
        let Value::Bytes(span) = value else { return String::new() };
        self.reader.go(span.start);
        let bytes = self.reader.take(span.length.min(LONGEST_TEXT) as usize).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Numbers of a repeated field, packed or not.
    pub(super) fn numbers(&mut self, value: Value, into: &mut Vec<u64>, most: usize) -> Result<(), Unreadable> {
        match value {
            Value::Number(number) if into.len() < most => into.push(number),
            Value::Bytes(span) => {
                self.reader.go(span.start);
                while self.reader.position() < span.start + span.length && into.len() < most {
                    into.push(self.varint()?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The first field of a message that has this number, as a text.
    pub(super) fn text_in(&mut self, message: Value, wanted: u32) -> Result<String, Unreadable> {
        let mut found = String::new();
        if let Value::Bytes(span) = message {
            self.each(span, |wire, number, value| {
                if number == wanted && found.is_empty() {
                    found = wire.text(value);
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}

/// Whether the file begins like a message whose first fields have these numbers and wire types.
pub(super) fn begins(head: &[u8], tags: &[u8]) -> bool {
    head.first().is_some_and(|first| tags.contains(first))
}
