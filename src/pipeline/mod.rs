//! The stages in their order. Nothing else chains them.
//!
//! [`plan()`] goes from what the user holds to a plan, [`stored`] keeps plans and finds them again, and [`repair`] makes a plan anew from what its
//! builds say.

#[cfg(test)]
pub(crate) mod fixture;
pub mod lint;
pub mod plan;
pub mod post;
pub mod repair;
pub mod stored;
pub mod verify;

pub use plan::{Planned, Start, may_replace, plan, source, source_again};
pub use stored::{Loaded, Moved, checked_steps, head, keep, load, load_analyzed, moved, name_of, say_again, stored_plan};

use crate::git::GitError;
use crate::plan::bridge::Refusal;
use crate::plan::carry::Lost;
use crate::plan::order::OrderError;
use crate::plan::store::StoreError;
use crate::read::source::SourceError;
use crate::settings::SettingsError;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// The input cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The stored plan cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The groups have no order.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// A bridge of the stored plan does not hold.
    #[error("the bridge for {} of the stored plan does not hold: {}", .0.what, .0.why)]
    Bridge(Refusal),
    /// The cut that is kept is more than the program's own.
    #[error("the plan of '{name}' {what}, and stays as it is cut")]
    Decided {
        /// The change.
        name: String,
        /// `was arranged by hand`, `was posted`.
        what: &'static str,
    },
    /// The change does not hold what people wrote or arranged of the stored plan.
    #[error("the plan of '{name}' would lose {}", losses(written, arranged))]
    Loses {
        /// The change.
        name: String,
        /// Messages.
        written: Vec<Lost>,
        /// Patches that were arranged by hand.
        arranged: Vec<Lost>,
    },
    /// What is no branch would take the place of the plan of one.
    #[error("'{name}' is the plan of the branch '{branch}'")]
    OfBranch {
        /// The change.
        name: String,
        /// Its branch.
        branch: String,
    },
    /// Base and tip are equal.
    #[error("nothing differs between {base} and {tip}")]
    Nothing {
        /// The base, short.
        base: String,
        /// The tip, short.
        tip: String,
    },
}

fn losses(written: &[Lost], arranged: &[Lost]) -> String {
    let mut parts: Vec<String> =
        written.iter().map(|lost| format!("what was written of '{}' ({})", lost.of, lost.subject)).collect();
    let others = arranged.iter().filter(|one| written.iter().all(|lost| lost.of != one.of));
    parts.extend(others.map(|lost| format!("the patch '{}' ({}), which was arranged by hand", lost.of, lost.subject)));
    parts.join(", ")
}

/// Where the work is, for a progress line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Trees, objects, hunks.
    Reading,
    /// Parsing and relating.
    Understanding,
    /// Grouping and ordering.
    Planning,
    /// Owners, history, messages.
    Describing,
}
