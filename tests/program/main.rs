//! The program as its users meet it: exit codes, formats, memory, settings, hostile trees, secrets.

mod archives;
mod classify;
mod compared;
mod documents;
mod formats;
mod history;
mod hostile;
mod kept_lists;
mod kept_tables;
mod many;
mod memory;
mod models;
mod policy;
mod register;
mod said;
mod secrets;
mod support;
mod unchanged;
mod usage;
