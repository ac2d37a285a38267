//! The kinds of bridges: a module each, and the table of them.
//!
//! A new kind is a module here that implements [`BridgeKind`], and a line of [`KINDS`]. Its word goes into stored plans: it never changes.

mod union;

use super::kind::BridgeKind;

/// All kinds. Where two could stand for one edit, the first whose text holds does.
pub(super) static KINDS: &[&dyn BridgeKind] = &[&union::MemberUnion];

/// Returns the kind that a word of a stored plan stands for.
pub(super) fn of_word(word: &str) -> Option<&'static dyn BridgeKind> {
    KINDS.iter().copied().find(|kind| kind.word() == word)
}
