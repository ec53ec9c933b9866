//! The map: systems on one side, what they use on the other, and the border of the organisation between. A few systems have a line to
//! each vendor they use; many are one bundle, whose lines are as wide as the number of systems, so that it never becomes a tangle.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use inventory::{Inventory, System};

use super::{Hang, WIDTH, figure, label, label_with};
use crate::html::markup::{joined, put, text};
use crate::overview::ranked;
use crate::reach::{self, Flow, Where};
use crate::wording::{count, number};

/// So many systems have a dot of their own, with so many lines; more are drawn as one.
const SYSTEMS: usize = 12;
const LINES: usize = 60;
/// Vendors of one place with a dot of their own.
const VENDORS: [usize; 3] = [16, 8, 1];
/// Rows of the table behind the picture.
const ROWS: usize = 2_000;
const ROW: usize = 26;
const LEFT: usize = 290;
const RIGHT: usize = 520;
const BORDER: usize = 492;

/// A vendor, as the picture shows it.
struct Vendor<'a> {
    name: &'a str,
    /// Positions of the systems that call it, and of those in which it is only declared or named.
    called: BTreeSet<usize>,
    named: BTreeSet<usize>,
}

impl Vendor<'_> {
    fn systems(&self) -> usize {
        self.called.len() + self.named.len()
    }
}

/// A system with what it uses.
struct Node<'a> {
    system: &'a System,
    name: String,
    flows: Vec<Flow>,
    asks: bool,
}

/// The picture with its table; nothing where no vendor is seen.
pub(crate) fn picture(inventory: &Inventory) -> String {
    let near_people = reach::near_people(inventory);
    let (mut nodes, mut without, mut elsewhere) = (Vec::new(), 0, 0);
    let systems = ranked(&inventory.systems);
    for (system, name) in systems.iter().zip(super::names(&systems)) {
        let (flows, only_tested) = reach::of(system);
        elsewhere += only_tested;
        if flows.is_empty() {
            without += 1;
            continue;
        }
        let asks = near_people.contains(system.id.as_str());
        nodes.push(Node { system, name, flows, asks });
    }
    if nodes.is_empty() {
        return String::new();
    }
    // What stays inside stands below, where its lines need not cross those that leave.
    nodes.sort_by_key(|node: &Node<'_>| node.flows.first().map(|flow| flow.place));
    let places: Vec<(Where, Vec<Vendor<'_>>)> = Where::ALL
        .into_iter()
        .map(|place| (place, vendors(&nodes, place)))
        .filter(|(_, vendors)| !vendors.is_empty())
        .collect();
    let lines: usize = places
        .iter()
        .flat_map(|(place, vendors)| vendors.iter().take(VENDORS[*place as usize]))
        .map(Vendor::systems)
        .sum();
    let is_bundle = nodes.len() > SYSTEMS || (nodes.len() > 2 && lines > LINES);
    let (drawing, height) = draw(&nodes, &places, is_bundle);
    let mut out = figure(
        "map",
        &title(&nodes, &places),
        height,
        &drawing,
        &caption(is_bundle, without, elsewhere),
    );
    if is_bundle {
        by_vendor(&mut out, &places);
    } else {
        by_system(&mut out, &nodes);
    }
    out
}

/// What systems use in one place, the most used first.
fn vendors<'a>(nodes: &'a [Node<'_>], place: Where) -> Vec<Vendor<'a>> {
    let mut vendors: BTreeMap<&str, Vendor<'_>> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        for flow in node.flows.iter().filter(|flow| flow.place == place) {
            let vendor = vendors.entry(&flow.name).or_insert_with(|| Vendor {
                name: &flow.name,
                called: BTreeSet::new(),
                named: BTreeSet::new(),
            });
            if flow.called {
                vendor.called.insert(at);
            } else {
                vendor.named.insert(at);
            }
        }
    }
    let mut vendors: Vec<Vendor<'_>> = vendors.into_values().collect();
    vendors.sort_by_key(|vendor| (Reverse(vendor.called.len()), Reverse(vendor.named.len()), vendor.name));
    vendors
}

/// Brings vendors near the systems that use them, so that fewer lines cross.
fn untangle(vendors: &mut [Vendor<'_>]) {
    vendors.sort_by_key(|vendor| {
        let at: usize = vendor.called.iter().chain(&vendor.named).sum();
        // A thousandth of a row is near enough.
        (at * 1_000 / vendor.systems(), Reverse(vendor.systems()))
    });
}

fn draw(nodes: &[Node<'_>], places: &[(Where, Vec<Vendor<'_>>)], is_bundle: bool) -> (String, usize) {
    // Each place: a heading, its vendors, perhaps one row for the rest.
    let rows = |(place, vendors): &(Where, Vec<Vendor<'_>>)| {
        let most = VENDORS[*place as usize];
        vendors.len().min(most) + usize::from(vendors.len() > most)
    };
    let right: usize = places.iter().map(|place| (rows(place) + 1) * ROW + ROW / 2).sum();
    let left = if is_bundle { 3 * ROW } else { (nodes.len() + 1) * ROW };
    let inner = right.max(left);
    let center = |at: usize| {
        if is_bundle {
            inner / 2
        } else {
            ROW / 2 + (inner * (2 * at + 1)) / (2 * nodes.len())
        }
    };
    let largest = places
        .iter()
        .flat_map(|(_, vendors)| vendors)
        .map(Vendor::systems)
        .max()
        .unwrap_or(1);
    let (mut lines, mut names) = (String::new(), String::new());
    let mut y = ROW + inner.saturating_sub(right) / 2;
    for (place, vendors) in places {
        label(&mut names, (RIGHT - 6, y), Hang::Start, "b", place.label(), WIDTH - RIGHT);
        let most = VENDORS[*place as usize];
        let mut shown: Vec<&Vendor<'_>> = vendors.iter().take(most).collect();
        if !is_bundle {
            let mut close: Vec<Vendor<'_>> = vendors
                .iter()
                .take(most)
                .map(|vendor| Vendor {
                    name: vendor.name,
                    called: vendor.called.clone(),
                    named: vendor.named.clone(),
                })
                .collect();
            untangle(&mut close);
            let order: Vec<&str> = close.iter().map(|vendor| vendor.name).collect();
            shown.sort_by_key(|vendor| order.iter().position(|name| *name == vendor.name));
        }
        for vendor in shown {
            y += ROW;
            let weight = if is_bundle { 1 + 13 * vendor.systems() / largest } else { 2 };
            if is_bundle {
                let class = if vendor.called.is_empty() { "flow named" } else { "flow" };
                line(&mut lines, class, center(0), y, weight);
            } else {
                for at in &vendor.called {
                    line(&mut lines, "flow", center(*at), y, weight);
                }
                for at in &vendor.named {
                    line(&mut lines, "flow named", center(*at), y, weight);
                }
            }
            dot(&mut names, *place, y);
            let told = told(vendor, nodes.len(), *place);
            label_with(
                &mut names,
                (RIGHT + 14, y + 5),
                Hang::Start,
                "n",
                vendor.name,
                &told,
                WIDTH - RIGHT - 14,
            );
        }
        if let Some(rest @ [_, ..]) = vendors.get(most..) {
            y += ROW;
            let called: BTreeSet<usize> = rest.iter().flat_map(|vendor| &vendor.called).copied().collect();
            let any: BTreeSet<usize> = rest
                .iter()
                .flat_map(|vendor| vendor.called.iter().chain(&vendor.named))
                .copied()
                .collect();
            if is_bundle {
                line(&mut lines, "flow", center(0), y, 1);
            } else {
                for at in any {
                    let class = if called.contains(&at) { "flow" } else { "flow named" };
                    line(&mut lines, class, center(at), y, 1);
                }
            }
            dot(&mut names, *place, y);
            let more = format!("and {} more", number(rest.len() as u64));
            label(&mut names, (RIGHT + 14, y + 5), Hang::Start, "m", &more, 300);
        }
        if *place == Where::Others {
            border(&mut lines, y + ROW / 2 + 4, places.len() > 1);
        }
        y += ROW + ROW / 2;
    }
    systems(&mut names, nodes, is_bundle, &center);
    (lines + &names, inner + ROW)
}

/// How many systems use a vendor, where the lines do not tell.
fn told(vendor: &Vendor<'_>, of: usize, place: Where) -> String {
    if of <= 2 || place == Where::Tree && of <= SYSTEMS {
        return String::new();
    }
    let systems = count(vendor.systems(), "system");
    match vendor.named.len() {
        0 => systems,
        named if named == vendor.systems() => format!("{systems}, only named"),
        named => format!("{systems}, {} only named", number(named as u64)),
    }
}

fn systems(out: &mut String, nodes: &[Node<'_>], is_bundle: bool, center: &dyn Fn(usize) -> usize) {
    if is_bundle {
        let y = center(0);
        put!(out, "<circle class=\"node\" cx=\"{LEFT}\" cy=\"{y}\" r=\"9\"/>");
        let room = LEFT - 20;
        label(out, (LEFT - 18, y + 5), Hang::End, "b", &count(nodes.len(), "system"), room);
        let asks = nodes.iter().filter(|node| node.asks).count();
        if asks > 0 {
            let asked = format!("? data about people near {}", number(asks as u64));
            label(out, (LEFT - 18, y + 25), Hang::End, "m", &asked, room);
        }
        return;
    }
    for (at, node) in nodes.iter().enumerate() {
        let y = center(at);
        put!(out, "<circle class=\"node\" cx=\"{LEFT}\" cy=\"{y}\" r=\"5\"/>");
        let mut end = LEFT - 14;
        if node.asks {
            put!(out, "<circle class=\"ask\" cx=\"{}\" cy=\"{y}\" r=\"9\"/>", end - 9);
            label(out, (end - 9, y + 5), Hang::Middle, "b", "?", 20);
            end -= 26;
        }
        label(out, (end, y + 5), Hang::End, "n", &node.name, end - 4);
    }
}

/// A curve from a system to what it uses.
fn line(out: &mut String, class: &str, from: usize, to: usize, weight: usize) {
    let (start, end, bend) = (LEFT + 6, RIGHT - 7, (LEFT + RIGHT) / 2);
    put!(
        out,
        "<path class=\"{class}\" stroke-width=\"{weight}\" d=\"M{start} {from}C{bend} {from} {bend} {to} {end} {to}\"/>\n"
    );
}

/// A mark that tells the place by its shape: round outside, square on own machines, a sheet in the tree.
fn dot(out: &mut String, place: Where, y: usize) {
    match place {
        Where::Others => put!(out, "<circle class=\"others\" cx=\"{RIGHT}\" cy=\"{y}\" r=\"5\"/>"),
        Where::Own => put!(out, "<path class=\"own\" d=\"M{} {}h10v10h-10Z\"/>", RIGHT - 5, y - 5),
        Where::Tree => put!(out, "<path class=\"own\" d=\"M{} {}h6l4 4v8h-10Z\"/>", RIGHT - 5, y - 6),
    }
}

/// The border of the organisation: services of others lie beyond it.
fn border(out: &mut String, bottom: usize, is_more_below: bool) {
    let end = if is_more_below { WIDTH } else { BORDER };
    put!(out, "<path class=\"border\" d=\"M{BORDER} 4V{bottom}H{end}\"/>\n");
}

fn title(nodes: &[Node<'_>], places: &[(Where, Vec<Vendor<'_>>)]) -> String {
    let told: Vec<String> = places
        .iter()
        .map(|(place, vendors)| match place {
            Where::Others => count(vendors.len(), "service") + " of others",
            Where::Own => format!("{} run by the organisation itself", count(vendors.len(), "program")),
            Where::Tree => {
                let with: BTreeSet<usize> = vendors.iter().flat_map(|vendor| vendor.called.iter().copied()).collect();
                format!("model files in {}", count(with.len(), "system"))
            }
        })
        .collect();
    format!("Map of {} and what they use: {}.", count(nodes.len(), "system"), told.join(", "))
}

fn caption(is_bundle: bool, without: usize, elsewhere: usize) -> String {
    let mut out = if is_bundle {
        "A line is as wide as the number of systems that use what it leads to; dashed where none calls it or switches it on.".to_owned()
    } else {
        "A solid line: called or switched on. Dashed: only declared or named. ? – personal data may be near: a question for people, below."
            .to_owned()
    };
    out.push_str(" What lies beyond the dashed border leaves the organisation.");
    if without > 0 {
        out.push_str(&format!(" Not drawn: {} in which no vendor was seen.", count(without, "system")));
    }
    if elsewhere > 0 {
        out.push_str(&format!(
            " Left out: {} only in tests, examples or documents.",
            count(elsewhere, "use")
        ));
    }
    out
}

const TABLE: &str = "<details class=\"plain behind\"><summary>The map as a table</summary>\n<div class=\"scroll\"><table><thead><tr>";

/// A row a system, with the names in each place; what is only named stands in brackets.
fn by_system(out: &mut String, nodes: &[Node<'_>]) {
    out.push_str(TABLE);
    out.push_str("<th scope=\"col\">System</th>");
    for place in Where::ALL {
        put!(out, "<th scope=\"col\">{}</th>", place.label());
    }
    out.push_str("<th scope=\"col\">Data about people?</th></tr></thead><tbody>\n");
    for node in nodes {
        put!(
            out,
            "<tr><th scope=\"row\"><a href=\"#s-{}\">{}</a></th>",
            text(&node.system.id),
            text(&node.name)
        );
        for place in Where::ALL {
            let names: Vec<String> = node
                .flows
                .iter()
                .filter(|flow| flow.place == place)
                .map(|flow| {
                    if flow.called {
                        flow.name.clone()
                    } else {
                        format!("({})", flow.name)
                    }
                })
                .collect();
            let names = if names.is_empty() {
                "–".to_owned()
            } else {
                joined(names.iter().map(String::as_str), ", ")
            };
            put!(out, "<td>{names}</td>");
        }
        put!(out, "<td>{}</td></tr>\n", if node.asks { "to be answered" } else { "–" });
    }
    out.push_str("</tbody></table></div>\n<p class=\"fine\">In brackets: only declared or named.</p></details>\n");
}

/// A row a vendor, with the number of systems that use it.
fn by_vendor(out: &mut String, places: &[(Where, Vec<Vendor<'_>>)]) {
    out.push_str(TABLE);
    out.push_str(
        "<th scope=\"col\">What is used</th><th scope=\"col\">Where it lies</th><th scope=\"col\">Systems that call it</th>\
         <th scope=\"col\">Systems that only name it</th></tr></thead><tbody>\n",
    );
    let all = places
        .iter()
        .flat_map(|(place, vendors)| vendors.iter().map(move |vendor| (place, vendor)));
    for (place, vendor) in all.clone().take(ROWS) {
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            text(vendor.name),
            place.label(),
            number(vendor.called.len() as u64),
            number(vendor.named.len() as u64)
        );
    }
    out.push_str("</tbody></table></div>");
    let left = all.count().saturating_sub(ROWS);
    if left > 0 {
        put!(out, "<p class=\"fine\">and {} more</p>", number(left as u64));
    }
    out.push_str("</details>\n");
}

#[cfg(test)]
mod tests {
    use evidence::{ComponentKind as Kind, Stage, Usage};

    use super::*;
    use crate::sample;

    fn lines(picture: &str) -> usize {
        picture.matches("<path class=\"flow").count()
    }

    #[test]
    fn a_few_systems_have_a_line_to_each_vendor() {
        let inventory = sample::inventory();
        let flows: usize = inventory.systems.iter().map(|system| reach::of(system).0.len()).sum();
        let picture = picture(&inventory);
        assert_eq!(lines(&picture), flows);
        assert!(picture.contains("Services of others") && picture.contains("class=\"border\""));
        assert!(picture.contains("model files"), "{picture}");
    }

    #[test]
    fn what_is_only_named_is_dashed_and_what_is_tested_is_not_drawn() {
        let mut inventory = sample::inventory();
        inventory.systems.retain(|system| system.name == "support-bot");
        for component in &mut inventory.systems[0].components {
            component.stage = Stage::Declared;
        }
        let named = picture(&inventory);
        assert!(lines(&named) > 0 && lines(&named) == named.matches("class=\"flow named\"").count());
        assert!(named.contains("(openai)"));
        for component in &mut inventory.systems[0].components {
            component.usage = Usage::Test;
        }
        assert_eq!(picture(&inventory), "");
    }

    #[test]
    fn many_systems_are_one_bundle_with_the_most_used_named() {
        let picture = picture(&sample::large(500));
        assert!(picture.contains(">500 systems</text>"));
        assert_eq!(lines(&picture), VENDORS[0] + 1);
        assert!(picture.contains(">and 14 more</text>"), "{picture}");
        // All of them stand in the table.
        assert!((0..30).all(|vendor| picture.contains(&format!("<th scope=\"row\">vendor-{vendor:02}</th>"))));
        assert!(picture.len() < 40_000);
    }

    #[test]
    fn one_system_with_very_many_vendors_is_a_fan_with_an_end() {
        let mut inventory = sample::inventory();
        inventory.systems.retain(|system| system.name == "support-bot");
        let one = inventory.systems[0].of_kind(Kind::Provider).next().expect("there").clone();
        for number in 0..40 {
            inventory.systems[0].components.push(inventory::Component {
                name: format!("zz-{number:02}"),
                ..one.clone()
            });
        }
        let picture = picture(&inventory);
        assert!(picture.contains("more</text>") && lines(&picture) < 25);
        assert!(picture.contains("zz-39"), "the table has all");
    }

    #[test]
    fn a_question_about_people_is_asked_at_its_system_only() {
        let mut inventory = sample::inventory();
        inventory.findings.clear();
        for system in &mut inventory.systems {
            system.classification.reasons.clear();
        }
        assert!(!picture(&inventory).contains("class=\"ask\""));
        inventory.findings = sample::inventory().findings;
        inventory.findings.truncate(1);
        inventory.findings[0].rule = "personal-data-question".into();
        let picture = picture(&inventory);
        assert_eq!(picture.matches("class=\"ask\"").count(), 1);
        assert_eq!(picture.matches("to be answered").count(), 1);
    }

    #[test]
    fn hostile_names_are_drawn_as_text() {
        let picture = picture(&sample::hostile());
        assert!(!picture.contains("<script") && !picture.contains('\u{202e}'));
    }
}
