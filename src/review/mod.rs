//! What a reviewer wants to know of a change first: how much of it is moved, mere white space or comment, and how much is really new.

pub mod classify;

pub use classify::{Tally, tally};
