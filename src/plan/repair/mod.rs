//! What builds said of the steps of a plan → a plan that keeps what is to be learned from it.
//!
//! ```text
//!   diagnoses ──learn──> relations ──arrange──> patches, in order
//!        └──search──────────┘                   with what moved, and why
//! ```
//!
//! A message names a line and a symbol, and the places of the symbol say which edits are in the wrong order (`learn`). Where messages do not
//! help, the smallest set of later edits with which the step builds is searched (`search`). What is learned moves as little as it can: patches
//! change places where that is enough, else the fewest lines move from one patch to another (`arrange`). Nothing here builds: `search` asks a judge.

pub mod arrange;
pub mod learn;
pub mod mend;
pub mod search;

pub use arrange::{Arranged, Moved, arrange};
pub use learn::{Failing, learn};
pub use mend::{Mended, mend};
pub use search::{Found, search};

#[cfg(test)]
mod tests;
