//! A plan → trees, commits and refs.

pub mod split;

pub use split::{Written, WrittenSeries};
