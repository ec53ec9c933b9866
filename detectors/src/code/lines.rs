//! Which line of a text a place stands on.

/// Where the lines of a text begin.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(memchr::memchr_iter(b'\n', text.as_bytes()).collect())
    }

    /// The line of the byte at an offset, counted from 1.
    pub(crate) fn at(&self, offset: usize) -> u32 {
        let before = self.0.partition_point(|end| *end < offset);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let lines = Lines::of("a\nb\n\nc");
        let all: Vec<u32> = (0..6).map(|offset| lines.at(offset)).collect();
        assert_eq!(all, [1, 1, 2, 2, 3, 4]);
        assert_eq!(Lines::of("").at(0), 1);
    }
}
