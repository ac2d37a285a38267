//! A plan → trees, commits and refs.
//!
//! Only a [`CheckedPlan`] can be written: every edit in exactly one patch, every relation kept, the last tree equal to the tip's. All objects are made
//! in memory first; they enter the repository, and refs move, only when every check has passed.

pub mod adopt;
pub mod am;
pub mod branches;
pub mod checked;
pub mod commits;
pub mod merge;
pub mod onto;
pub mod posting;
pub mod split;
pub mod split_error;
pub mod steps;
pub mod written;

pub use branches::{BranchSet, Force, branch, may_move};
pub use checked::{CheckedPlan, PlanError, checked, override_broken};
pub use onto::Onto;
pub use posting::Posting;
pub use split::{Prepared, prepare, split, store, store_on, store_set};
pub use split_error::SplitError;
pub use written::{Written, WrittenSeries};
