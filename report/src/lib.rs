//! The inventory in the formats people and machines read. Each format is one file that sees the inventory and
//! nothing else.

pub mod annex_viii;
pub mod ciso_assistant;
pub mod csv;
pub mod cyclonedx;
mod document;
pub mod documents;
pub mod dpv;
pub mod earlier;
pub mod html;
pub mod json;
pub mod jsonl;
mod licence;
mod overview;
pub mod own;
mod picture;
mod purl;
mod reach;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod sheet;
pub mod spdx;
pub mod text;
pub mod tiers;
pub mod verifywise;
mod wording;
