//! The tiers at a glance: each interval that occurs, from what the evidence alone shows to what it would be at most, with the systems
//! that have it.

use std::collections::BTreeMap;

use inventory::{Inventory, Tier};

use super::{Hang, WIDTH, cut, figure, label, names, width};
use crate::html::markup::put;
use crate::overview::{ranked, step};
use crate::wording::{count, list, number};

/// Intervals with a row of their own.
const ROWS: usize = 12;
/// Names in a row at most, as far as there is room.
const NAMES: usize = 6;
const ROW: usize = 30;
const TOP: usize = 34;
/// Where the scale stands, and how far its steps are apart.
const SCALE: usize = 440;
const STEP: usize = 88;

const CAPTION: &str = "A line runs from the tier that the evidence alone shows to the tier it would be at most, with every open question answered \
    adversely; the dot is what the evidence indicates.";

/// Steps of floor, indicated tier and ceiling.
type Interval = [usize; 3];

/// The picture; nothing for an inventory without systems.
pub(crate) fn picture(inventory: &Inventory) -> String {
    let systems = ranked(&inventory.systems);
    let names = names(&systems);
    let mut rows: BTreeMap<Interval, Vec<&str>> = BTreeMap::new();
    for (system, name) in systems.iter().zip(&names) {
        let tier = &system.classification;
        rows.entry([tier.floor, tier.indicated, tier.ceiling].map(step))
            .or_default()
            .push(name);
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut rows: Vec<(Interval, Vec<&str>)> = rows.into_iter().collect();
    rows.sort_by_key(|([floor, indicated, ceiling], _)| std::cmp::Reverse([*ceiling, *floor, *indicated]));
    let left_out: usize = rows.iter().skip(ROWS).map(|(_, names)| names.len()).sum();
    let mut out = String::new();
    let shown = rows.len().min(ROWS);
    let bottom = TOP + shown * ROW;
    for (step, tier) in Tier::ALL.into_iter().enumerate() {
        label(&mut out, (x(step), 16), Hang::Middle, "m", tier.as_str(), STEP);
        put!(&mut out, "<path class=\"grid\" d=\"M{} 26V{bottom}\"/>\n", x(step));
    }
    for (row, (interval, names)) in rows.iter().take(ROWS).enumerate() {
        let y = TOP + row * ROW + ROW / 2;
        put!(&mut out, "<path class=\"grid\" d=\"M0 {}H{WIDTH}\"/>\n", y + ROW / 2);
        label(&mut out, (44, y + 5), Hang::End, "b", &number(names.len() as u64), 44);
        label(&mut out, (56, y + 5), Hang::Start, "n", &some_of(names, SCALE - 96), SCALE - 96);
        range(&mut out, *interval, y);
    }
    let mut height = bottom + 6;
    if left_out > 0 {
        let more = format!("and {} with other intervals", count(left_out, "system"));
        label(&mut out, (56, bottom + 22), Hang::Start, "m", &more, 400);
        height += 26;
    }
    figure("tiers", &title(inventory), height, &out, CAPTION)
}

/// As many of the names as there is room for, and how many more there are; a long one is cut, so that it does not hide the others.
fn some_of(names: &[&str], room: usize) -> String {
    if let [only] = names {
        return (*only).to_owned();
    }
    let short: Vec<String> = names.iter().map(|name| cut(name, room / 2)).collect();
    let short: Vec<&str> = short.iter().map(String::as_str).collect();
    (1..=NAMES)
        .rev()
        .map(|most| list(&short, most))
        .find(|told| width(told) <= room)
        .unwrap_or_else(|| count(names.len(), "system"))
}

const fn x(step: usize) -> usize {
    SCALE + STEP * step
}

/// The interval: a bar with ends, and a dot in it; one tier is a dot.
fn range(out: &mut String, [floor, indicated, ceiling]: Interval, y: usize) {
    if floor != ceiling {
        let (from, to) = (x(floor), x(ceiling));
        put!(out, "<path class=\"range t{ceiling}\" d=\"M{from} {y}H{to}\"/>");
        put!(
            out,
            "<path class=\"end t{ceiling}\" d=\"M{from} {0}V{1}M{to} {0}V{1}\"/>",
            y - 8,
            y + 8
        );
    }
    put!(
        out,
        "<circle class=\"dot t{indicated}\" cx=\"{}\" cy=\"{y}\" r=\"6.5\"/>\n",
        x(indicated)
    );
}

fn title(inventory: &Inventory) -> String {
    let at_most = crate::overview::by_tier(&inventory.systems, |tier| tier.ceiling);
    let told: Vec<String> = Tier::ALL
        .into_iter()
        .rev()
        .filter(|tier| at_most[step(*tier)] > 0)
        .map(|tier| format!("{} at most {tier}", number(at_most[step(tier)] as u64)))
        .collect();
    format!(
        "Tiers of {} as intervals: {}.",
        count(inventory.systems.len(), "system"),
        told.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_row_has_its_interval_and_who_has_it() {
        let mut inventory = sample::inventory();
        inventory.systems.retain(|system| system.name == "support-bot");
        let picture = picture(&inventory);
        // From limited to high, indicated limited.
        assert!(picture.contains("class=\"range t3\" d=\"M616 49H704\""), "{picture}");
        assert!(picture.contains("class=\"dot t2\" cx=\"616\"") && picture.contains(">support-bot</text>"));
        assert!(picture.contains("Tiers of 1 system as intervals: 1 at most high."));
    }

    #[test]
    fn one_tier_is_a_dot_and_many_systems_of_one_interval_are_one_row() {
        let mut inventory = sample::large(500);
        let picture = picture(&inventory);
        assert!(picture.matches("class=\"dot").count() <= ROWS && picture.len() < 10_000);
        assert!(picture.contains("service-0004, ") && picture.contains("Tiers of 500 systems"));
        for system in &mut inventory.systems {
            system.classification.floor = system.classification.ceiling;
            system.classification.indicated = system.classification.ceiling;
        }
        let picture = super::picture(&inventory);
        assert!(!picture.contains("class=\"range") && picture.matches("class=\"dot").count() == 5);
    }

    #[test]
    fn a_long_name_does_not_hide_how_many_others_there_are() {
        let mut inventory = sample::large(7);
        for system in &mut inventory.systems {
            system.name = "w".repeat(300);
            system.classification.floor = Tier::Minimal;
            (system.classification.indicated, system.classification.ceiling) = (Tier::Minimal, Tier::Minimal);
        }
        assert!(picture(&inventory).contains("… and 6 more</text>"));
    }

    #[test]
    fn intervals_beyond_the_rows_are_counted() {
        let tiers = Tier::ALL;
        let mut inventory = sample::large(35);
        let mut all = Vec::new();
        for floor in 0..5 {
            for indicated in floor..5 {
                all.extend((indicated..5).map(|ceiling| [floor, indicated, ceiling]));
            }
        }
        for (system, interval) in inventory.systems.iter_mut().zip(all) {
            let [floor, indicated, ceiling] = interval.map(|step| tiers[step]);
            (
                system.classification.floor,
                system.classification.indicated,
                system.classification.ceiling,
            ) = (floor, indicated, ceiling);
        }
        assert!(picture(&inventory).contains("and 23 systems with other intervals"));
        assert_eq!(picture(&sample::empty()), "");
    }
}
