//! An unresolved merge conflict: the two texts between which nobody has decided yet.

use memchr::memmem;

/// What each side of a conflict would make of the text, with every line where it stands; none if there is no conflict.
pub(crate) fn sides(text: &str) -> Option<[String; 2]> {
    let start = |mark: &str| memmem::find_iter(text.as_bytes(), mark).any(|at| at == 0 || text.as_bytes()[at - 1] == b'\n');
    (start("<<<<<<<") && start(">>>>>>>")).then(|| [side(text, Part::Ours), side(text, Part::Theirs)])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Both,
    Ours,
    Base,
    Theirs,
}

fn side(text: &str, wanted: Part) -> String {
    let mut part = Part::Both;
    let mut side = String::with_capacity(text.len());
    for line in text.lines() {
        let next = match part {
            Part::Both if line.starts_with("<<<<<<<") => Some(Part::Ours),
            Part::Ours if line.starts_with("|||||||") => Some(Part::Base),
            Part::Ours | Part::Base if line.trim_end() == "=======" => Some(Part::Theirs),
            Part::Theirs if line.starts_with(">>>>>>>") => Some(Part::Both),
            _ => None,
        };
        if next.is_none() && (part == Part::Both || part == wanted) {
            side.push_str(line);
        }
        part = next.unwrap_or(part);
        side.push('\n');
    }
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_keeps_its_lines_in_place() {
        let text = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\ne\n>>>>>>> x\nf";
        assert_eq!(
            sides(text),
            Some(["a\n\nb\n\n\n\n\n\n\nf\n".to_owned(), "a\n\n\n\n\n\nd\ne\n\nf\n".to_owned()])
        );
    }

    #[test]
    fn text_without_both_marks_is_no_conflict() {
        for text in ["a\n=======\nb", "<<<<<<< HEAD\na", "a <<<<<<< b\n >>>>>>> c", ""] {
            assert_eq!(sides(text), None, "{text}");
        }
    }
}
