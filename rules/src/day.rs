//! A day, as TOML writes it without quotes; kept as text so that a compact block can hold it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use toml::value::Datetime;

/// A day of the calendar, `2026-11-20`; days compare as they follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(String);

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let written = Datetime::deserialize(deserializer)?;
            match (written.date, written.time, written.offset) {
                (Some(date), None, None) => Ok(Self(date.to_string())),
                _ => Err(serde::de::Error::custom("a day such as 2026-11-20 is wanted")),
            }
        } else {
            String::deserialize(deserializer).map(Self)
        }
    }
}
