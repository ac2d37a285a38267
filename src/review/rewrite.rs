//! Token rewrites: what a few lines differ in, as `a -> b`.

use bstr::{BString, ByteVec};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::read::c::lex::{is_word_byte, is_word_start};

/// Some tokens that stand in place of others; one of the two may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rewrite {
    /// What goes.
    pub from: BString,
    /// What comes.
    pub to: BString,
}

/// Returns what two runs of tokens differ in, in order, or `None` where a part of it names nothing: a bracket or a comma alone is no
/// rewrite that could be recognised elsewhere. Cost: the tokens times what differs.
pub fn rewrites(old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<Rewrite>> {
    let mut found = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Equal { .. } = op {
            continue;
        }
        let (from, to) = (&old[op.old_range()], &new[op.new_range()]);
        if !from.iter().chain(to).any(|token| token.first().is_some_and(|byte| is_word_start(*byte))) {
            return None;
        }
        found.push(Rewrite { from: joined(from), to: joined(to) });
    }
    Some(found)
}

/// Writes tokens as one would: a blank between words and after a comma.
fn joined(tokens: &[&[u8]]) -> BString {
    let mut text = BString::default();
    for token in tokens {
        let word_after_word =
            text.last().is_some_and(|byte| is_word_byte(*byte)) && token.first().is_some_and(|byte| is_word_byte(*byte));
        if word_after_word || text.last() == Some(&b',') {
            text.push(b' ');
        }
        text.push_str(token);
    }
    text
}
