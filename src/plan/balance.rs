//! Edits that leave brackets or conditionals open, and the ones that close them again.

use crate::model::{Change, EditId, Edits, Reason, Relation};
use crate::read::cut::Language;

/// Open brackets and conditionals of a text: what it opens less what it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Depth {
    braces: i64,
    parentheses: i64,
    conditionals: i64,
}

impl Depth {
    pub(super) fn is_even(self) -> bool {
        self == Depth::default()
    }
}

/// Finds the edits of each C file that change the depth, and ties those that together do not. An edit whose depth no other edit of the file
/// evens out stays as it is: the file was uneven before.
pub fn relations(change: &Change, edits: &Edits, add: &mut dyn FnMut(Relation)) {
    for (file_id, edit_ids) in edits.by_file() {
        if Language::of(change.file(file_id).path()) != Language::C {
            continue;
        }
        let mut open: Vec<EditId> = Vec::new();
        let mut sum = Depth::default();
        for edit_id in edit_ids {
            let edit = edits.get(edit_id);
            let (old, new) = (depth(edit.removed(change)), depth(edit.inserted()));
            let step = Depth {
                braces: new.braces - old.braces,
                parentheses: new.parentheses - old.parentheses,
                conditionals: new.conditionals - old.conditionals,
            };
            if step.is_even() {
                continue;
            }
            sum = Depth {
                braces: sum.braces + step.braces,
                parentheses: sum.parentheses + step.parentheses,
                conditionals: sum.conditionals + step.conditionals,
            };
            open.push(edit_id);
            if sum.is_even() {
                for pair in open.windows(2) {
                    let what = if step.conditionals != 0 { "#if and #endif" } else { "brackets" };
                    add(Relation::together(pair[0], pair[1], Reason::Unbalanced(what.into())));
                }
                open.clear();
            }
        }
    }
}

/// Counts brackets outside comments and literals, and conditionals at the start of a line.
pub(super) fn depth(text: &[u8]) -> Depth {
    let mut depth = Depth::default();
    let mut at = 0;
    let mut line_start = true;
    while at < text.len() {
        let rest = &text[at..];
        let step = match rest[0] {
            b'/' if rest.starts_with(b"/*") => memchr::memmem::find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4),
            b'/' if rest.starts_with(b"//") => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            quote @ (b'"' | b'\'') => literal(rest, quote),
            b'#' if line_start => {
                let word: Vec<u8> =
                    rest[1..].iter().copied().skip_while(u8::is_ascii_whitespace).take_while(u8::is_ascii_alphabetic).collect();
                match word.as_slice() {
                    b"if" | b"ifdef" | b"ifndef" => depth.conditionals += 1,
                    b"endif" => depth.conditionals -= 1,
                    _ => {}
                }
                1
            }
            b'{' => {
                depth.braces += 1;
                1
            }
            b'}' => {
                depth.braces -= 1;
                1
            }
            b'(' => {
                depth.parentheses += 1;
                1
            }
            b')' => {
                depth.parentheses -= 1;
                1
            }
            _ => 1,
        };
        line_start = rest[0] == b'\n' || (line_start && rest[0].is_ascii_whitespace());
        at += step;
    }
    depth
}

/// Returns the length of a literal; one that its line does not close ends with the quote, as an apostrophe in an `#error` does.
fn literal(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != b'\n' {
        match text[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_skips_comments_and_literals() {
        assert!(depth(b"f(\"{(\", '{'); /* ( */ // {\n").is_even());
        assert_eq!(depth(b"#ifdef X\nif (a) {\n"), Depth { braces: 1, parentheses: 0, conditionals: 1 });
        assert_eq!(depth(b"# endif\n}\n"), Depth { braces: -1, parentheses: 0, conditionals: -1 });
    }
}
