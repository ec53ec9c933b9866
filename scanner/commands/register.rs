//! `aimscan register`: what people decide about systems, and the sheet in which they may do so elsewhere.

mod file;
mod list;
mod table;

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use inventory::Inventory;
use inventory::register::{self, Draft, Grouping, Import, Imported, ORGANISATION, Register, Subject};
use inventory::store::Store;

use file::Given;

use super::Outcome;
use super::kept::{self, Candidate};
use crate::cli::{self, Decides, Global};
use crate::terminal;

/// Faults and conflicts that are named before the rest is counted.
const MOST_WRONG: usize = 100;

/// How often decisions are tried again when somebody else decides at the same time.
const TRIES: usize = 5;

/// `aimscan register`.
pub(super) fn run(command: &cli::Register, global: &Global) -> Result<Outcome> {
    match command {
        cli::Register::List { database } => {
            let (store, inventory) = kept::decided(database, global)?;
            let text = report::text::register(&inventory, &store.register()?, terminal::style());
            super::done(terminal::write(None, &text))
        }
        cli::Register::Show { system, database } => {
            let (store, inventory) = kept::decided(database, global)?;
            let raw = kept::current(&store)?;
            let register = store.register()?;
            let meant = Meant::of(system, &raw, &register)?;
            let text = report::text::decisions(&inventory, &register, &meant.id, &meant.name, terminal::style());
            super::done(terminal::write(None, &text))
        }
        cli::Register::Set {
            system,
            decisions,
            until,
            decides,
            database,
        } => {
            if let Some(until) = until.as_deref().filter(|until| !inventory::findings::accept::is_day(until)) {
                bail!("--until: `{until}` is no day; write 2027-01-31");
            }
            let today = last_day();
            let wanted = decisions.iter().map(|text| decision(text, &today)).collect::<Result<Vec<_>>>()?;
            decide(system, &wanted, until.as_deref(), decides, &mut kept::open(database, global)?)
        }
        cli::Register::Dismiss { system, decides, database } => {
            group(system, &Grouping::Dismissed.to_value(), decides, &mut kept::open(database, global)?)
        }
        cli::Register::Merge {
            system,
            into,
            decides,
            database,
        } => {
            let mut store = kept::open(database, global)?;
            let (raw, register) = (kept::current(&store)?, store.register()?);
            let (part, whole) = (Meant::of(system, &raw, &register)?, Meant::of(into, &raw, &register)?);
            if part.id == whole.id || part.id == ORGANISATION || whole.id == ORGANISATION {
                bail!("`{system}` cannot be part of `{into}`; name two systems");
            }
            group(system, &Grouping::PartOf(whole.id).to_value(), decides, &mut store)
        }
        cli::Register::Split {
            system,
            folders,
            decides,
            database,
        } => group(
            system,
            &Grouping::Split(folders.clone()).to_value(),
            decides,
            &mut kept::open(database, global)?,
        ),
        cli::Register::Restore { system, decides, database } => group(system, "", decides, &mut kept::open(database, global)?),
        cli::Register::History { system, json, database } => {
            let store = kept::open(database, global)?;
            let register = store.register()?;
            let meant = match system {
                Some(system) => Some(Meant::of(system, &kept::current(&store)?, &register)?),
                None => None,
            };
            let chosen = register
                .history()
                .iter()
                .filter(|decision| meant.as_ref().is_none_or(|meant| meant.id == decision.system));
            let text = if *json {
                let lines: serde_json::Result<Vec<String>> = chosen.map(serde_json::to_string).collect();
                lines?.join("\n")
            } else {
                report::text::decision_history(chosen, terminal::style())
            };
            super::done(terminal::write(None, &text))
        }
        cli::Register::Export { file, format, database } => {
            let format = file::format(file, *format)?;
            let store = kept::open(database, global)?;
            let register = store.register()?;
            let raw = kept::with_lists(&store, &register)?.context(kept::NOTHING_KEPT)?;
            let sheet = register::sheet(&register, &raw);
            let mut decided = raw.clone();
            kept::apply(&register, &mut decided);
            // What is dismissed or part of another is only in what scans found.
            super::done(file::write(file, format, &sheet, decided.systems.iter().chain(&raw.systems)))
        }
        cli::Register::Import {
            file,
            format,
            list,
            partly,
            decides,
            database,
        } => {
            let format = file::format(file, *format)?;
            if let Some(given) = file::read(file, format)? {
                let take = |store: &Store, register: &Register, import: Import<'_>| {
                    let raw = kept::current(store)?;
                    Ok((register::take_in(&given.sheet, register, &raw, import), Vec::new()))
                };
                return import(&given, &take, *partly, decides, &mut kept::open(database, global)?, global);
            }
            let mapping = list.map.as_deref().map(super::lists::mapping).transpose()?.unwrap_or_default();
            let list = list::read(file, list.name.as_deref(), list.sheet.as_deref(), &mapping)?;
            let take = |store: &Store, register: &Register, import: Import<'_>| {
                let raw = kept::with_lists(store, register)?.unwrap_or_else(|| kept::nothing_scanned(register));
                let taken = register::take_list(&list.name, &list.entries, register, &raw, import);
                Ok(list.told(taken))
            };
            import(&list.given, &take, *partly, decides, &mut kept::begin(database, global)?, global)
        }
    }
}

/// A system that somebody named: one of the inventory, or one that only decisions still speak of.
struct Meant {
    id: String,
    name: String,
}

impl Meant {
    fn of(word: &str, inventory: &Inventory, register: &Register) -> Result<Self> {
        if word == "organisation" {
            return Ok(Self {
                id: ORGANISATION.to_owned(),
                name: "the organisation".to_owned(),
            });
        }
        let here = inventory
            .systems
            .iter()
            .map(|system| (system.id.as_str(), system.name.as_str(), system.folder.as_str()));
        let ids: BTreeSet<&str> = here.clone().map(|(id, ..)| id).collect();
        let gone = register
            .last_by_system()
            .filter(|last| !ids.contains(last.system.as_str()))
            .map(|last| (last.system.as_str(), last.name.as_str(), ""));
        let candidates: Vec<Candidate<'_>> = here
            .chain(gone)
            .map(|(id, name, folder)| Candidate {
                id,
                name,
                folder,
                renamed: register.value_at(id, "field/name", i64::MAX),
            })
            .collect();
        let meant = &candidates[kept::meant(&candidates, word)?];
        Ok(Self {
            id: meant.id.to_owned(),
            name: meant.name.to_owned(),
        })
    }
}

/// `owner=Jane Roe` as a subject with its value.
fn decision(text: &str, today: &str) -> Result<(Subject, String)> {
    let (subject, value) = text
        .split_once('=')
        .with_context(|| format!("`{text}` decides nothing; write WHAT=VALUE, as in owner='Jane Roe'"))?;
    let subject = Subject::parse(subject.trim())?;
    let value = value.trim();
    subject.check(value, today)?;
    Ok((subject, value.to_owned()))
}

/// Who decides: as given, else whoever is at work here.
fn who(decides: &Decides) -> Result<String> {
    let user = || ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let by = decides.by.clone().or_else(user).unwrap_or_default();
    let by = by.trim();
    if by.is_empty() {
        bail!("nobody is named who decides; say it with --by NAME");
    }
    Ok(by.to_owned())
}

fn group(system: &str, value: &str, decides: &Decides, store: &mut Store) -> Result<Outcome> {
    if decides.reason.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        bail!("a reason is needed, as people will ask for it; say it with --reason TEXT");
    }
    decide(system, &[(Subject::Grouping, value.to_owned())], None, decides, store)
}

fn decide(system: &str, wanted: &[(Subject, String)], until: Option<&str>, decides: &Decides, store: &mut Store) -> Result<Outcome> {
    let by = who(decides)?;
    for _ in 0..TRIES {
        let (raw, register) = (kept::current(store)?, store.register()?);
        let meant = Meant::of(system, &raw, &register)?;
        if meant.id == ORGANISATION
            && let Some((subject, _)) = wanted.iter().find(|(subject, _)| subject.is_of_systems())
        {
            bail!("`{subject}` is decided of a system, not of the organisation");
        }
        let system = raw.systems.iter().find(|system| system.id == meant.id);
        let known = system.map(register::known).unwrap_or_default();
        let drafts: Vec<Draft> = wanted
            .iter()
            .map(|(subject, value)| Draft {
                system: meant.id.clone(),
                name: meant.name.clone(),
                subject: subject.clone(),
                value: value.clone(),
                reason: decides.reason.clone().unwrap_or_default(),
                until: until.map(str::to_owned),
                known: known.clone(),
            })
            .collect();
        if store.decide(&drafts, &by, &super::scan::now(), register.last())? {
            let said: Vec<String> = drafts
                .iter()
                .map(|draft| match draft.value.as_str() {
                    "" => format!("{} withdrawn", draft.subject),
                    value => format!("{} = {value}", draft.subject),
                })
                .collect();
            return super::done(terminal::write(None, &format!("{}: {} ({by})", meant.name, said.join(", "))));
        }
    }
    bail!("others kept deciding at the same time; nothing was recorded, try again")
}

/// What a file brings into a register, and what to say besides.
type Take<'a> = dyn Fn(&Store, &Register, Import<'_>) -> Result<(Imported, Vec<String>)> + 'a;

fn import(given: &Given, take: &Take<'_>, partly: bool, decides: &Decides, store: &mut Store, global: &Global) -> Result<Outcome> {
    let by = who(decides)?;
    let (shown, today) = (&given.shown, last_day());
    if !global.quiet {
        for note in &given.notes {
            anstream::eprintln!("note: {note}");
        }
    }
    let once = store.once_found()?;
    for _ in 0..TRIES {
        let register = store.register()?;
        let import = Import {
            from: shown,
            reason: decides.reason.as_deref().unwrap_or_default().trim(),
            today: &today,
            once: Some(&once),
        };
        let (taken, said) = take(store, &register, import)?;
        let mut wrong: Vec<(usize, String)> = Vec::new();
        for fault in given.faults.iter().chain(&taken.faults) {
            wrong.push((fault.line, given.placed(fault.line, fault.subject.as_deref(), &fault.what)));
        }
        for conflict in &taken.conflicts {
            let what = format!(
                "{} of {} is `{}` here and was decided as `{}` by {} since then; the register keeps its own: {}",
                conflict.subject, conflict.name, conflict.theirs, conflict.ours, conflict.by, given.remedy
            );
            wrong.push((conflict.line, given.placed(conflict.line, Some(&conflict.subject), &what)));
        }
        wrong.sort_by_key(|(line, _)| *line);
        let mut lines: Vec<String> = wrong.iter().take(MOST_WRONG).map(|(_, line)| line.clone()).collect();
        if let Some(more) = wrong.len().checked_sub(MOST_WRONG).filter(|more| *more > 0) {
            lines.push(format!("and {more} more"));
        }
        if !wrong.is_empty() && !partly {
            bail!(
                "{}\nnothing was taken over; --partly takes over the {} that fit",
                lines.join("\n"),
                decisions_in_words(taken.drafts.len())
            );
        }
        if !store.decide(&taken.drafts, &by, &super::scan::now(), register.last())? {
            continue;
        }
        lines.extend(said);
        lines.push(format!(
            "{} taken over from {shown}, {} unchanged",
            decisions_in_words(taken.drafts.len()),
            taken.unchanged
        ));
        terminal::write(None, &lines.join("\n"))?;
        return Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::Failed });
    }
    bail!("others kept deciding at the same time; nothing was taken over, try again")
}

/// The last day that has come anywhere on earth: whoever decides may be ahead of the clock by which decisions are dated.
fn last_day() -> String {
    let now = super::scan::now();
    let ahead = now
        .parse::<jiff::Timestamp>()
        .ok()
        .and_then(|now| now.checked_add(jiff::SignedDuration::from_hours(14)).ok());
    let day = ahead.map_or(now, super::scan::shown);
    day.get(..10).unwrap_or(&day).to_owned()
}

fn decisions_in_words(number: usize) -> String {
    match number {
        1 => "1 decision".to_owned(),
        number => format!("{number} decisions"),
    }
}
