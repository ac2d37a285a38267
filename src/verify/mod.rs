//! Does every step build? Each tree is laid out in a folder of its own and a command is run in it.
//!
//! In: the trees of base and steps, a command. Out: a [`Verdict`] each. Verdicts are kept by tree and command, so that what was built once
//! is not built again: a reworded patch costs nothing. Trees are exported through a private index, and between two steps only files that
//! differ are written, so that a build system builds only what a step changes.

pub mod cache;
pub mod diagnose;
pub mod runner;
pub mod steps;

pub use runner::{Command, Outcome, Runner};
pub use steps::{Step, StepResult, Verdict, VerifyError, verify};
