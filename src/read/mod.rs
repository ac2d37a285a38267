//! From what the user holds to a [`Change`](crate::model::Change) and its [`Edits`](crate::model::Edits).
//!
//! A range, the working tree, a diff and an mbox all become a base and a tip commit first ([`source`]); [`load`] reads the
//! objects that differ and nothing else; [`edits()`] cuts them. Cost: the tree difference, and the texts of the changed files.

pub mod mailbox;
pub mod source;

mod patch;

pub mod load;

pub mod align;
pub mod cut;
pub mod edits;
pub mod frame;
pub mod moves;
pub mod origins;

pub use edits::edits;
pub use load::change;
pub use source::Input;
