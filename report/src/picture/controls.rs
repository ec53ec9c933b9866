//! The controls of Annex A: for how many systems, and for the organisation, each is evidenced, drafted or missing.

use governance::controls::{self, State, Tally};
use governance::{Control, Record, View};

use super::{Hang, WIDTH, figure, label};
use crate::html::markup::{put, text};
use crate::wording::{count, number};

const ROW: usize = 23;
const TOP: usize = 50;
/// Where the bar stands, and how long it is.
const BAR: usize = 440;
const LENGTH: usize = 170;
/// Where the columns of numbers end.
const COLUMNS: [usize; 3] = [682, 756, WIDTH - 2];
/// Between two groups of controls.
const GAP: usize = 8;

const CAPTION: &str = "Evidenced: all that proves it was seen or decided. Drafted: a part of it. Missing: not found in what was scanned, and not recorded. \
    No state says that a control is met.";

/// A control with how often it has which state.
struct Row {
    control: &'static Control,
    tally: Tally,
}

impl Row {
    /// What is evidenced, drafted and missing.
    const fn counts(&self) -> [usize; 3] {
        [self.tally.evidenced, self.tally.drafted, self.tally.missing]
    }

    fn all(&self) -> usize {
        self.counts().iter().sum()
    }
}

const STATES: [State; 3] = [State::Evidenced, State::Drafted, State::Missing];

/// The picture of all systems and of the organisation, with its table.
pub(crate) fn of_inventory(view: &View<'_>) -> String {
    let rows: Vec<Row> = controls::tallies(view)
        .into_iter()
        .zip(controls::of_organisation(view.inventory))
        .map(|(mut tally, own)| {
            if !own.is_of_systems() {
                tally.add(own.state);
            }
            Row {
                control: own.control,
                tally,
            }
        })
        .filter(|row| row.all() > 0)
        .collect();
    let who = format!("{} and the organisation", count(view.inventory.systems.len(), "system"));
    picture(&rows, &who)
}

/// The picture of one system, with its table.
pub(crate) fn of_system(record: &Record<'_>) -> String {
    let rows: Vec<Row> = controls::of_system(record)
        .into_iter()
        .map(|standpoint| {
            let mut tally = Tally::default();
            tally.add(standpoint.state);
            Row {
                control: standpoint.control,
                tally,
            }
        })
        .collect();
    picture(&rows, "this system")
}

fn picture(rows: &[Row], who: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut drawing = String::new();
    for (at, state) in STATES.into_iter().enumerate() {
        bar(&mut drawing, state, COLUMNS[at] - 60, 60, 12);
        label(&mut drawing, (COLUMNS[at], 36), Hang::End, "m", state.as_str(), 76);
    }
    let mut y = TOP;
    let mut group = "";
    for row in rows {
        let of = group_of(&row.control.id);
        if !group.is_empty() && group != of {
            y += GAP;
        }
        group = of;
        y += ROW;
        draw(&mut drawing, row, y - 7);
        put!(&mut drawing, "<path class=\"grid\" d=\"M0 {y}H{WIDTH}\"/>\n");
    }
    let title = format!("{} of Annex A for {who}: {}.", count(rows.len(), "control"), told(rows));
    let mut out = figure("controls", &title, y + 4, &drawing, CAPTION);
    table(&mut out, rows);
    out
}

/// `A.6` of `A.6.2.4`.
fn group_of(id: &str) -> &str {
    id.match_indices('.').nth(1).map_or(id, |(end, _)| &id[..end])
}

/// How many controls are evidenced everywhere, begun, or missing everywhere.
fn told(rows: &[Row]) -> String {
    let whole = rows.iter().filter(|row| row.tally.evidenced == row.all()).count();
    let nothing = rows.iter().filter(|row| row.tally.missing == row.all()).count();
    format!(
        "{} evidenced throughout, {} begun, {} missing throughout",
        number(whole as u64),
        number((rows.len() - whole - nothing) as u64),
        number(nothing as u64)
    )
}

fn draw(out: &mut String, row: &Row, y: usize) {
    label(out, (0, y), Hang::Start, "b", &row.control.id, 64);
    label(out, (66, y), Hang::Start, "n", &row.control.title, BAR - 76);
    let all = row.all().max(1);
    let mut done = 0;
    for (at, (state, value)) in STATES.into_iter().zip(row.counts()).enumerate() {
        if value > 0 {
            let (from, to) = (BAR + LENGTH * done / all, BAR + LENGTH * (done + value) / all);
            bar(out, state, from, to - from, y - 5);
            label(out, (COLUMNS[at], y), Hang::End, "n", &number(value as u64), 70);
        } else {
            label(out, (COLUMNS[at], y), Hang::End, "m", "–", 70);
        }
        done += value;
    }
}

/// Full, hatched or empty: told apart without colour.
fn bar(out: &mut String, state: State, x: usize, length: usize, y: usize) {
    match state {
        State::Evidenced => put!(out, "<path class=\"full\" d=\"M{x} {y}h{length}\"/>"),
        State::Drafted => put!(out, "<path class=\"hatched\" d=\"M{x} {y}h{length}\"/>"),
        State::Missing => {}
    }
    put!(out, "<path class=\"frame\" d=\"M{x} {}h{length}v12h-{length}Z\"/>", y - 6);
}

fn table(out: &mut String, rows: &[Row]) {
    out.push_str(
        "<details class=\"plain behind\"><summary>The controls as a table</summary>\n<div class=\"scroll\"><table><thead><tr>\
         <th scope=\"col\">Control</th><th scope=\"col\">Title</th><th scope=\"col\">Evidenced</th><th scope=\"col\">Drafted</th>\
         <th scope=\"col\">Missing</th></tr></thead><tbody>\n",
    );
    for row in rows {
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td>",
            text(&row.control.id),
            text(&row.control.title)
        );
        for value in row.counts() {
            put!(out, "<td>{}</td>", number(value as u64));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn all_38_controls_have_a_row_and_the_organisation_counts_once() {
        let inventory = sample::inventory();
        let picture = of_inventory(&View::of(&inventory, None));
        assert_eq!(picture.matches("<th scope=\"row\">A.").count(), 38);
        // A control of the organisation alone is missing once; one of both, once more than there are systems.
        assert!(
            picture.contains("A.2.2</th><td>AI policy</td><td>0</td><td>0</td><td>1</td>"),
            "{picture}"
        );
        let all = |id: &str| -> usize {
            let row = picture.split_once(&format!("{id}</th><td>")).expect("a row").1;
            let row = row.split_once("</tr>").expect("its end").0;
            row.split("<td>")
                .skip(1)
                .map(|cell| cell.trim_end_matches("</td>").parse::<usize>().expect("a number"))
                .sum()
        };
        assert_eq!((all("A.4.2"), all("A.3.2")), (inventory.systems.len(), inventory.systems.len() + 1));
    }

    #[test]
    fn a_system_has_the_controls_that_speak_of_systems() {
        let inventory = sample::inventory();
        let view = View::of(&inventory, None);
        let picture = of_system(&Record::of(&view, &inventory.systems[0]));
        assert_eq!(picture.matches("<th scope=\"row\">A.").count(), 29);
        assert!(!picture.contains("AI policy") && picture.contains("for this system:"));
        // Each is in one state: one bar a row beside the three of the key.
        assert_eq!(picture.matches("class=\"frame\"").count(), 29 + 3);
    }

    #[test]
    fn without_systems_only_the_organisation_is_asked() {
        let inventory = sample::empty();
        let picture = of_inventory(&View::of(&inventory, None));
        assert_eq!(picture.matches("<th scope=\"row\">A.").count(), 22);
    }
}
