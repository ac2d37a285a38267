//! Commands that a build saved, and what can be known with them without a build.
//!
//! ```text
//!   saved, database, depend ──> commands ──> pass: does the compiler complain of a step?
//!   shell_words, compile            │
//!                                   ├────> compiled_lines: which changed lines no configuration has
//!                                   └────> same, elf: does a patch change code at all?
//!
//!   rewrite, run: the command with another aim, and nothing written into the tree
//! ```

pub mod shell_words;

pub mod compile;

pub mod saved;

pub mod depend;

pub mod database;

pub mod commands;

pub mod changed;

pub mod rewrite;

pub mod fresh;

pub(super) mod escaped;

mod suspect;

mod base;

mod records;

mod run;

mod report;

pub mod pass;

mod compiled_lines;

pub mod elf;

mod same;

pub use pass::Syntax;
pub use same::SameCode;

#[cfg(test)]
mod tests;
