//! Edits → kinds of lines.
//!
//! A line counts once, in the first kind that holds: *moved* (its block left one place and stands in another, byte for byte), *white space*
//! (the edit says the same without it), *comment* (the edit says the same without comments), *code* (all else). Linear in the bytes of
//! the edits.

use std::collections::BTreeSet;

use bstr::ByteSlice;

use crate::model::{Change, EditId, Edits};
use crate::read::c::lex::{TokenKind, tokens};
use crate::read::cut::Language;

/// Lines of each kind, removed and inserted ones together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Tally {
    /// In blocks that went elsewhere unchanged.
    pub moved: usize,
    /// That differ in white space alone.
    pub space: usize,
    /// That differ in comments alone.
    pub comment: usize,
    /// That really changed.
    pub code: usize,
}

impl Tally {
    /// Returns the number of all lines.
    pub fn all(self) -> usize {
        self.moved + self.space + self.comment + self.code
    }
}

/// Counts the lines of these edits by kind.
pub fn tally(change: &Change, edits: &Edits, members: &[EditId]) -> Tally {
    let moved: BTreeSet<EditId> = edits.moves.iter().flat_map(|one| [one.from, one.into]).collect();
    let mut tally = Tally::default();
    for &edit_id in members {
        let edit = edits.get(edit_id);
        let (old, new) = (edit.removed(change), edit.inserted());
        let lines = old.lines().count() + new.lines().count();
        let is_c = Language::of(change.file(edit.file_id).path()) == Language::C;
        let kind = match () {
            () if moved.contains(&edit_id) => &mut tally.moved,
            () if dense(old) == dense(new) => &mut tally.space,
            () if is_c && dense(&without_comments(old)) == dense(&without_comments(new)) => &mut tally.comment,
            () => &mut tally.code,
        };
        *kind += lines;
    }
    tally
}

fn dense(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

/// A line of a comment whose beginning lies outside the edit is told by its star.
fn without_comments(text: &[u8]) -> Vec<u8> {
    let inside: Vec<u8> =
        text.lines_with_terminator().filter(|line| !line.trim_start().starts_with(b"*")).flatten().copied().collect();
    let mut out = Vec::with_capacity(inside.len());
    for token in tokens(&inside).iter().filter(|token| token.kind != TokenKind::Comment) {
        out.extend_from_slice(token.of(&inside));
        out.push(b' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture;
    use crate::read;

    fn check(base: &str, tip: &str, expected: Tally) {
        let change = fixture::change(&[("a.c", Some(base), Some(tip))]);
        let edits = read::edits(&change);
        let members: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).collect();
        assert_eq!(tally(&change, &edits, &members), expected);
    }

    #[test]
    fn lines_are_told_apart() {
        check("int a;\n", "int   a;\n", Tally { space: 2, ..Tally::default() });
        check("int a;\n", "int a; /* why */\n", Tally { comment: 2, ..Tally::default() });
        check("/*\n * one\n */\nint a;\n", "/*\n * two\n */\nint a;\n", Tally { comment: 2, ..Tally::default() });
        check("int a;\n", "int b;\n", Tally { code: 2, ..Tally::default() });
    }

    #[test]
    fn a_function_that_moves_is_told() {
        let f = "int f(void)\n{\n\tint one = 1;\n\n\treturn one;\n}\n";
        let g = "int g(void)\n{\n\treturn 2;\n}\n";
        check(&format!("{f}\n{g}"), &format!("{g}\n{f}"), Tally { moved: 14, ..Tally::default() });
    }
}
