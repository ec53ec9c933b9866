//! The trend: a few numbers of the inventory over the times at which its sources were scanned, each as a line of its own.

use inventory::store::Point;

use super::{Hang, WIDTH, figure, label};
use crate::html::markup::{put, text};
use crate::wording::{day, minute, number};

/// A line that is drawn: its name, the same for the table, and its number.
type Line = (&'static str, &'static str, fn(&Point) -> usize);

/// What is drawn.
const LINES: [Line; 5] = [
    ("Systems", "Systems", |point| point.systems),
    ("Providers", "Providers", |point| point.providers),
    ("Components", "Components", |point| point.components),
    ("Could be high", "At most high, or more", |point| point.high),
    ("Open findings", "Open findings", |point| point.findings),
];
const PANEL: usize = WIDTH / LINES.len();
/// Room of a line within its panel.
const TOP: usize = 66;
const HEIGHT: usize = 64;
const INNER: usize = PANEL - 24;

const CAPTION: &str = "Every scale begins at zero; the last point is this page. Decisions count from the day they were made. A number also moves when more is \
    scanned, or when rules or program change.";

/// The picture with its table; nothing for fewer than two points.
pub(crate) fn picture(points: &[Point]) -> String {
    let [first, .., last] = points else { return String::new() };
    let mut drawing = String::new();
    for (nth, (name, _, of)) in LINES.iter().enumerate() {
        panel(&mut drawing, nth * PANEL, name, points, *of);
    }
    let bottom = TOP + HEIGHT;
    label(&mut drawing, (0, bottom + 22), Hang::Start, "m", &when(first, points), 200);
    label(&mut drawing, (WIDTH, bottom + 22), Hang::End, "m", &when(last, points), 200);
    let told: Vec<String> = LINES
        .iter()
        .map(|(name, _, of)| format!("{} from {} to {}", name.to_lowercase(), of(first), of(last)))
        .collect();
    let title = format!("Trend from {} to {}: {}.", when(first, points), when(last, points), told.join(", "));
    let mut out = figure("trend", &title, bottom + 28, &drawing, CAPTION);
    table(&mut out, points);
    out
}

/// The day, or the minute where all is of one day.
fn when(point: &Point, points: &[Point]) -> String {
    let is_one_day = points.iter().all(|other| day(&other.at) == day(&point.at));
    if is_one_day { minute(&point.at) } else { day(&point.at).to_owned() }
}

fn panel(out: &mut String, left: usize, name: &str, points: &[Point], of: fn(&Point) -> usize) {
    let [first, .., last] = points else { return };
    let largest = points.iter().map(of).max().unwrap_or(0).max(1);
    let span = (last.seconds - first.seconds).max(1);
    let x = |point: &Point| {
        let along = (point.seconds - first.seconds).clamp(0, span) * i64::try_from(INNER).unwrap_or(0) / span;
        left + 6 + usize::try_from(along).unwrap_or(0)
    };
    let y = |point: &Point| TOP + HEIGHT - HEIGHT * of(point) / largest;
    label(out, (left, 16), Hang::Start, "m", name, PANEL - 12);
    label(out, (left, 40), Hang::Start, "b", &number(of(last) as u64), 70);
    label(out, (left + PANEL - 18, 40), Hang::End, "m", &moved(of(first), of(last)), 72);
    put!(out, "<path class=\"grid\" d=\"M{left} {}h{}\"/>", TOP + HEIGHT, PANEL - 12);
    out.push_str("<path class=\"line\" d=\"");
    for (nth, point) in points.iter().enumerate() {
        put!(out, "{}{} {}", if nth == 0 { 'M' } else { 'L' }, x(point), y(point));
    }
    out.push_str("\"/>");
    for point in points {
        let r = if point == last { 4 } else { 2 };
        put!(out, "<circle class=\"node\" cx=\"{}\" cy=\"{}\" r=\"{r}\"/>", x(point), y(point));
    }
    out.push('\n');
}

fn moved(first: usize, last: usize) -> String {
    match last.cmp(&first) {
        std::cmp::Ordering::Equal => "as before".to_owned(),
        std::cmp::Ordering::Greater => format!("+{}", number((last - first) as u64)),
        std::cmp::Ordering::Less => format!("−{}", number((first - last) as u64)),
    }
}

fn table(out: &mut String, points: &[Point]) {
    out.push_str(
        "<details class=\"plain behind\"><summary>The trend as a table</summary>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">When</th>\
         <th scope=\"col\">Sources</th>",
    );
    for (_, name, _) in LINES {
        put!(out, "<th scope=\"col\">{name}</th>");
    }
    out.push_str("</tr></thead><tbody>\n");
    for point in points.iter().rev() {
        put!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td>",
            text(&minute(&point.at)),
            number(point.sources as u64)
        );
        for (_, _, of) in LINES {
            put!(out, "<td>{}</td>", number(of(point) as u64));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></details>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(day: i64, systems: usize, findings: usize) -> Point {
        Point {
            at: format!("2026-10-{day:02}T08:00:00Z"),
            seconds: day * 86_400,
            systems,
            findings,
            ..Point::default()
        }
    }

    #[test]
    fn less_than_two_points_are_no_trend() {
        assert_eq!(picture(&[]), "");
        assert_eq!(picture(&[point(1, 3, 0)]), "");
    }

    #[test]
    fn a_line_runs_in_time_and_its_scale_begins_at_zero() {
        let picture = picture(&[point(1, 0, 9), point(2, 5, 9), point(11, 10, 2)]);
        // A tenth of the time and half of the height, then the end.
        assert!(picture.contains("d=\"M6 130L20 98L150 66\""), "{picture}");
        assert!(picture.contains(">+10</text>") && picture.contains(">−7</text>") && picture.contains(">as before</text>"));
        assert!(picture.contains("Trend from 2026-10-01 to 2026-10-11: systems from 0 to 10,"));
        let newest_first = picture.find("2026-10-11 08:00 UTC</th>") < picture.find("2026-10-02 08:00 UTC</th>");
        assert!(newest_first && picture.matches("<tr>").count() == 4);
    }

    #[test]
    fn times_of_one_day_or_of_none_are_drawn_too() {
        let mut other = point(1, 2, 0);
        other.at = "2026-10-01T09:30:00Z".into();
        assert!(picture(&[point(1, 1, 0), other]).contains("2026-10-01 08:00 UTC"));
        let strange = Point {
            at: "<b>".into(),
            seconds: i64::MIN / 2,
            ..Point::default()
        };
        assert!(!picture(&[strange.clone(), point(1, 1, 1), strange]).contains("<b>"));
    }
}
