//! The inventory in the formats people and machines read. Each format is one file that sees the inventory and
//! nothing else.

pub mod earlier;
pub mod html;
pub mod json;
pub mod jsonl;
mod overview;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;
mod wording;
