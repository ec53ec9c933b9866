//! From the versions of a file to its lines: in which version a name first stood, and which version last changed a line.

use std::collections::BTreeMap;

use gix_imara_diff::sources::byte_lines;
use gix_imara_diff::{Algorithm, Diff, InternedInput};

use super::needle::Needle;
use super::repository::Repository;
use super::versions::{End, Versions};

/// A version, and whether it is certain: what is older may not be readable.
pub(super) type Found = (usize, bool);

/// The oldest version in which each name stands, by the dates of their commits.
pub(super) fn first_with(
    repository: &mut Repository,
    versions: &Versions,
    lineage: &[usize],
    needles: &[Option<&Needle>],
) -> Vec<Option<Found>> {
    let mut oldest: Vec<usize> = lineage.to_vec();
    // Stable: of one date, what the walk met last is older.
    oldest.reverse();
    oldest.sort_by_key(|version| versions.when(*version).map(|(_, seconds)| seconds));
    let mut found: Vec<Option<Found>> = vec![None; needles.len()];
    let mut is_certain = true;
    for version in oldest {
        let mut open = needles.iter().zip(&mut found).filter_map(|(needle, found)| match (needle, &found) {
            (Some(needle), None) => Some((*needle, found)),
            _ => None,
        });
        let Some(first) = open.next() else { break };
        let (whole, inside): (Vec<_>, Vec<_>) = std::iter::once(first).chain(open).partition(|(needle, _)| needle.is_whole_file());
        for (_, found) in whole {
            *found = Some((version, true));
        }
        if inside.is_empty() {
            continue;
        }
        let Some(text) = repository.text(versions.blob(version)) else {
            if repository.is_spent() {
                break;
            }
            is_certain = false;
            continue;
        };
        let text = text.to_ascii_lowercase();
        for (needle, found) in inside {
            if needle.stands_in(&text) {
                *found = Some((version, is_certain));
            }
        }
    }
    found
}

/// The version that last changed each of the lines of the newest version, counted from 0.
pub(super) fn last_changed(
    repository: &mut Repository,
    versions: &Versions,
    lineage: &[usize],
    newest: usize,
    lines: &[u32],
) -> BTreeMap<u32, Found> {
    let mut settled = BTreeMap::new();
    // For each version: a line in it, and the line of the newest version that it is.
    let mut open: BTreeMap<usize, Vec<(u32, u32)>> = BTreeMap::new();
    open.insert(newest, lines.iter().map(|line| (*line, *line)).collect());
    for version in lineage {
        let Some(mut rest) = open.remove(version) else { continue };
        let mut is_certain = versions.end(*version) == End::Changed;
        if is_certain {
            rest.sort_unstable();
            rest.dedup();
            for before in versions.before(*version) {
                if rest.is_empty() {
                    break;
                }
                let pair = repository.text(versions.blob(before)).zip(repository.text(versions.blob(*version)));
                let Some((old, new)) = pair else {
                    is_certain = false;
                    continue;
                };
                let moves = Moves::between(&new, &old);
                rest.retain(|(line, known)| match moves.before(*line) {
                    Some(line) => {
                        open.entry(before).or_default().push((line, *known));
                        false
                    }
                    None => true,
                });
            }
        }
        for (_, known) in rest {
            settled.entry(known).or_insert((*version, is_certain));
        }
    }
    settled
}

/// Where the lines of a text stand in an earlier one.
pub(super) struct Moves {
    /// Runs of unchanged lines: where they begin in the later text, where in the earlier, and how many they are.
    runs: Vec<(u32, u32, u32)>,
}

impl Moves {
    /// Nothing stands anywhere.
    pub(super) fn none() -> Self {
        Self { runs: Vec::new() }
    }

    /// Compares a text with an earlier one, by lines; how lines end makes no difference.
    pub(super) fn between(later: &[u8], earlier: &[u8]) -> Self {
        if later == earlier {
            return Self {
                runs: vec![(0, 0, u32::MAX)],
            };
        }
        if later.contains(&b'\r') || earlier.contains(&b'\r') {
            return Self::of(&without_returns(later), &without_returns(earlier));
        }
        Self::of(later, earlier)
    }

    fn of(later: &[u8], earlier: &[u8]) -> Self {
        let input = InternedInput::new(byte_lines(earlier), byte_lines(later));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let mut runs = Vec::new();
        let (mut before, mut after) = (0, 0);
        for hunk in diff.hunks() {
            if hunk.after.start > after {
                runs.push((after, before, hunk.after.start - after));
            }
            (before, after) = (hunk.before.end, hunk.after.end);
        }
        runs.push((
            after,
            before,
            u32::try_from(input.after.len()).unwrap_or(u32::MAX).saturating_sub(after),
        ));
        Self { runs }
    }

    /// Where a line of the later text stands in the earlier one, if it does.
    pub(super) fn before(&self, line: u32) -> Option<u32> {
        let at = self.runs.partition_point(|(start, ..)| *start <= line).checked_sub(1)?;
        let (start, before, length) = self.runs[at];
        (line - start < length).then_some(before + (line - start))
    }
}

/// Without the carriage returns that some systems end lines with, and the last line ended as all others.
fn without_returns(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\r').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_found_where_they_were() {
        let moves = Moves::between(b"new\na\nb\nc\n", b"a\nx\nb\nc\n");
        assert_eq!(
            (0..4).map(|line| moves.before(line)).collect::<Vec<_>>(),
            [None, Some(0), Some(2), Some(3)]
        );
        assert_eq!(moves.before(4), None);
        assert_eq!(Moves::between(b"a\r\nb\r\n", b"a\nb\n").before(1), Some(1));
        assert_eq!(Moves::none().before(0), None);
    }

    proptest! {
        #[test]
        fn a_line_is_only_ever_found_where_the_same_line_stood(later in "[ab\n]{0,40}", earlier in "[ab\n]{0,40}") {
            let moves = Moves::between(later.as_bytes(), earlier.as_bytes());
            let (new, old): (Vec<&str>, Vec<&str>) = (later.split_inclusive('\n').collect(), earlier.split_inclusive('\n').collect());
            for (at, line) in new.iter().enumerate() {
                if let Some(before) = moves.before(u32::try_from(at).expect("small")) {
                    prop_assert_eq!(old.get(before as usize), Some(line));
                }
            }
        }
    }
}
