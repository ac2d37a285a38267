//! A plan, and what builds say of its steps → a plan that keeps what the builds taught.
//!
//! ```text
//!   diagnoses ──learn──> relations ──arrange──> patches, in order
//!        └──search──────────┘                   with what moved, and why
//! ```
//!
//! A message names a line and a symbol, and the occurrences of the symbol say which edits are in the wrong order (`learn`). Where messages do not
//! help, the smallest set of later edits with which the step builds is searched (`search`). To keep what is learned, patches
//! change places where that is enough, else as few lines as possible move to another patch (`arrange`, `mend`). Nothing here builds: `search` asks a judge.

pub mod arrange;
pub mod learn;
pub mod mend;
pub mod reordered;
pub mod search;

pub use arrange::{Arranged, Moved, arrange};
pub use learn::{Failing, learn};
pub use mend::{Mended, mend};
pub use reordered::{Reordered, reordered};
pub use search::{StepNeeds, search};

#[cfg(test)]
mod tests;
