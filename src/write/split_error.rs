//! Why a plan could not be written.

use std::path::PathBuf;

use bstr::BString;

use super::steps::StepError;
use crate::git::GitError;

/// Why branches were not written.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The plan has no trees.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The repository or git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// `git am` would not give back the message of a patch.
    #[error("patch '{patch_id}' could not be mailed: git am takes line {line} of its message, '{text}', for {taken_for}")]
    Message {
        /// The patch.
        patch_id: String,
        /// Counted from 1.
        line: usize,
        /// The line.
        text: BString,
        /// What it would be taken for.
        taken_for: &'static str,
    },
    /// Two series change the same place and do not name each other.
    #[error("series '{series}' conflicts with '{}'", with.join("', '"))]
    Conflict {
        /// The series that could not be merged.
        series: String,
        /// Those merged before it.
        with: Vec<String>,
    },
    /// All series merged are not the tip.
    #[error("the series merged together do not give the tree of the tip")]
    Merged,
    /// A branch of ours is checked out.
    #[error("branch '{branch}' is checked out in '{}'", folder.display())]
    CheckedOut {
        /// Its short name.
        branch: String,
        /// Where.
        folder: PathBuf,
    },
    /// A branch of ours will be moved by a rebase or a bisection that has begun.
    #[error("branch '{branch}' is being {what} in '{}'", folder.display())]
    InUse {
        /// Its short name.
        branch: String,
        /// `rebased` or `bisected`.
        what: &'static str,
        /// Where.
        folder: PathBuf,
    },
    /// A branch, by its short name, has our name and is not what we wrote.
    #[error("branch '{0}' is not what git-cleave last wrote")]
    Foreign(String),
    /// A branch, by its short name, stands where we need a folder of branches.
    #[error("branch '{0}' stands where the branches of the cut would go")]
    InTheWay(String),
}
