//! Edits that leave brackets or conditionals open, and the ones that close them again.

use std::ops::{Add, Sub};

use crate::lang::language;
use crate::model::{Change, EditId, Edits, Reason, Relation};

/// Unclosed braces, parentheses and conditionals of a text, in this order: what it opens less what it closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Depth([i64; 3]);

/// The places of [`Depth`].
const BRACES: usize = 0;
const PARENTHESES: usize = 1;
const CONDITIONALS: usize = 2;

impl Depth {
    pub(super) fn is_even(self) -> bool {
        self == Depth::default()
    }
}

impl Add for Depth {
    type Output = Depth;

    fn add(self, other: Depth) -> Depth {
        Depth(std::array::from_fn(|kind| self.0[kind] + other.0[kind]))
    }
}

impl Sub for Depth {
    type Output = Depth;

    fn sub(self, other: Depth) -> Depth {
        Depth(std::array::from_fn(|kind| self.0[kind] - other.0[kind]))
    }
}

/// In what a part of a text begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LexState {
    /// At the start of a line of code.
    Code,
    /// In a comment.
    Comment,
    /// In a line or a literal: what follows cannot be read alone.
    Line,
}

/// Finds the edits of each C file that change the depth, and ties those that together do not. An edit whose depth no other edit of the file
/// evens out stays as it is: the file was uneven before.
pub fn relations(change: &Change, edits: &Edits, add: &mut dyn FnMut(Relation)) {
    for (file_id, edit_ids) in edits.by_file() {
        if !language(change.file(file_id).path()).is_balanced {
            continue;
        }
        let mut open: Vec<EditId> = Vec::new();
        let mut sum = Depth::default();
        for edit_id in edit_ids {
            let edit = edits.get(edit_id);
            let step = depth(edit.inserted()) - depth(edit.removed(change));
            if step.is_even() {
                continue;
            }
            sum = sum + step;
            open.push(edit_id);
            if sum.is_even() {
                for pair in open.windows(2) {
                    let what = if step.0[CONDITIONALS] != 0 { "#if and #endif" } else { "brackets" };
                    add(Relation::together(pair[0], pair[1], Reason::Unbalanced(what.into())));
                }
                open.clear();
            }
        }
    }
}

/// Counts brackets outside comments and literals, and conditionals at the start of a line.
pub(super) fn depth(text: &[u8]) -> Depth {
    scan(text, LexState::Code).0
}

/// Counts a part of a text that begins in `inside`, and says in what it ends. The parts of a text, each read from where the one before it ended,
/// sum up to the depth of the whole, unless one of them ends in [`LexState::Line`].
pub(super) fn scan(text: &[u8], inside: LexState) -> (Depth, LexState) {
    let mut depth = Depth::default();
    let mut at = 0;
    if inside == LexState::Comment {
        match memchr::memmem::find(text, b"*/") {
            Some(end) => at = end + 2,
            None => return (depth, inside),
        }
    }
    let mut line_start = at == 0;
    let mut end = if text.is_empty() || text.ends_with(b"\n") { LexState::Code } else { LexState::Line };
    while at < text.len() {
        let rest = &text[at..];
        let step = match rest[0] {
            b'/' if rest.starts_with(b"/*") => match memchr::memmem::find(&rest[2..], b"*/") {
                Some(len) => len + 4,
                None => {
                    end = if end == LexState::Code { LexState::Comment } else { end };
                    rest.len()
                }
            },
            b'/' if rest.starts_with(b"//") => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
            quote @ (b'"' | b'\'') => match literal(rest, quote) {
                Ok(len) => len,
                Err(Unclosed::Line) => 1,
                Err(Unclosed::Text) => {
                    end = LexState::Line;
                    1
                }
            },
            b'#' if line_start => {
                let word: Vec<u8> =
                    rest[1..].iter().copied().skip_while(u8::is_ascii_whitespace).take_while(u8::is_ascii_alphabetic).collect();
                match word.as_slice() {
                    b"if" | b"ifdef" | b"ifndef" => depth.0[CONDITIONALS] += 1,
                    b"endif" => depth.0[CONDITIONALS] -= 1,
                    _ => {}
                }
                1
            }
            _ => 1,
        };
        match rest[0] {
            b'{' => depth.0[BRACES] += 1,
            b'}' => depth.0[BRACES] -= 1,
            b'(' => depth.0[PARENTHESES] += 1,
            b')' => depth.0[PARENTHESES] -= 1,
            _ => {}
        }
        line_start = rest[0] == b'\n' || (line_start && rest[0].is_ascii_whitespace());
        at += step;
    }
    (depth, end)
}

/// What does not close a literal. It ends with the quote then, as an apostrophe in an `#error` does.
enum Unclosed {
    /// Its line.
    Line,
    /// All of the text, which ends in it.
    Text,
}

/// Returns the length of a literal.
fn literal(text: &[u8], quote: u8) -> Result<usize, Unclosed> {
    let mut at = 1;
    while at < text.len() && text[at] != b'\n' {
        match text[at] {
            b'\\' => at += 2,
            byte if byte == quote => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(if at < text.len() { Unclosed::Line } else { Unclosed::Text })
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn depth_skips_comments_and_literals() {
        assert!(depth(b"f(\"{(\", '{'); /* ( */ // {\n").is_even());
        assert_eq!(depth(b"#ifdef X\nif (a) {\n"), Depth([1, 0, 1]));
        assert_eq!(depth(b"# endif\n}\n"), Depth([-1, 0, -1]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A law on which the check of the steps rests.
        #[test]
        fn the_depth_of_a_text_is_the_sum_of_its_lines(
            pieces in proptest::collection::vec(
                proptest::sample::select(&["{", "}", "(", "/*", "*/", "//", "\"", "'", "\\", "\n", "\n", "#if\n", "#endif", "a"][..]), 0..24,
            ),
        ) {
            let text = pieces.concat().into_bytes();
            let mut at = LexState::Code;
            let mut sum = Depth::default();
            for line in text.lines_with_terminator() {
                prop_assume!(at != LexState::Line);
                let (depth, end) = scan(line, at);
                (sum, at) = (sum + depth, end);
            }
            prop_assert_eq!(sum, depth(&text));
        }
    }
}
