//! Tiers drawn: an interval on the scale of five, and a bar of how many. Only shapes; the words stand beside them.

use inventory::Classification;

use crate::overview::step;
use crate::wording::interval;

/// Shapes that all scales share, to stand once in the page.
pub(super) const SHAPES: &str = r#"<svg width="0" height="0" aria-hidden="true" class="shapes"><defs><g id="steps"><path d="M8 8H104"/><circle cx="8" cy="8" r="2"/><circle cx="32" cy="8" r="2"/><circle cx="56" cy="8" r="2"/><circle cx="80" cy="8" r="2"/><circle cx="104" cy="8" r="2"/></g></defs></svg>"#;

fn x(step: usize) -> usize {
    8 + 24 * step
}

/// The interval as a range from floor to ceiling, with a dot at the indicated tier.
pub(super) fn range(classification: &Classification) -> String {
    let [floor, indicated, ceiling] = [classification.floor, classification.indicated, classification.ceiling].map(step);
    let dot = format!(r#"<circle class="t{indicated}" cx="{}" cy="8" r="5.5"/>"#, x(indicated));
    let range = if floor == ceiling {
        String::new()
    } else {
        format!(r#"<path class="t{ceiling}" d="M{} 8H{}"/>"#, x(floor), x(ceiling))
    };
    let words = format!(
        "From {} to {} on a scale of five, indicated {}",
        classification.floor, classification.ceiling, classification.indicated
    );
    format!(
        r##"<svg class="scale" viewBox="0 0 112 16" width="112" height="16" role="img" aria-label="{words}"><use href="#steps"/>{range}{dot}</svg>"##
    )
}

/// The interval in words, coloured by its upper end.
pub(super) fn words(classification: &Classification) -> String {
    format!(
        r#"<span class="words t{}">{}</span>"#,
        step(classification.ceiling),
        interval(classification)
    )
}

/// A bar as long as its share of the largest.
pub(super) fn bar(tier: usize, value: usize, largest: usize) -> String {
    let length = if largest == 0 { 0 } else { (value * 100).div_ceil(largest) };
    format!(
        r#"<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><path class="t{tier}" d="M0 0H{length}V8H0Z"/></svg>"#
    )
}

#[cfg(test)]
mod tests {
    use inventory::Tier;

    use super::*;

    fn tiers(floor: Tier, indicated: Tier, ceiling: Tier) -> Classification {
        Classification {
            floor,
            indicated,
            ceiling,
            reasons: vec![],
            questions: vec![],
            ..Classification::default()
        }
    }

    #[test]
    fn a_range_runs_from_floor_to_ceiling_and_is_told_in_words() {
        let svg = range(&tiers(Tier::Unknown, Tier::Limited, Tier::High));
        assert!(
            svg.contains("d=\"M8 8H80\"") && svg.contains("cx=\"56\"") && svg.contains("From unknown to high"),
            "{svg}"
        );
    }

    #[test]
    fn one_tier_is_a_dot_without_a_range() {
        assert!(!range(&tiers(Tier::Stop, Tier::Stop, Tier::Stop)).contains("<path"));
    }

    #[test]
    fn bars_are_never_longer_than_their_space() {
        assert!(bar(1, 7, 7).contains("H100"));
        assert!(bar(1, 0, 0).contains("H0"));
        assert!(bar(1, 1, 1_000).contains("H1V"));
    }
}
