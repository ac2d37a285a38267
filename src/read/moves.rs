//! Blocks that left one place and stand in another, byte for byte.

use std::collections::{HashMap, VecDeque};

use bstr::ByteSlice;

use crate::model::{Change, EditId, Edits, Move};

/// A block with fewer lines with letters than this is no move: `return 0;` and a brace stand twice by accident.
const FEWEST_LINES: usize = 3;

/// Pairs removals with insertions of the same text, blank lines at the ends aside; each edit is in one pair at most, first come first
/// served in file order. Cost: the bytes of the edits.
pub fn moves(change: &Change, edits: &Edits) -> Vec<Move> {
    let mut removed: HashMap<&[u8], VecDeque<EditId>> = HashMap::new();
    for (edit_id, edit) in edits.iter() {
        let text = edit.removed(change).trim();
        if edit.inserted().is_empty() && is_block(text) {
            removed.entry(text).or_default().push_back(edit_id);
        }
    }
    let mut moves = Vec::new();
    for (into, edit) in edits.iter() {
        let text = edit.inserted().trim();
        if edit.removed(change).is_empty()
            && is_block(text)
            && let Some(from) = removed.get_mut(text).and_then(VecDeque::pop_front)
        {
            moves.push(Move { from, into });
        }
    }
    moves
}

fn is_block(text: &[u8]) -> bool {
    text.lines().filter(|line| line.iter().any(u8::is_ascii_alphabetic)).count() >= FEWEST_LINES
}
