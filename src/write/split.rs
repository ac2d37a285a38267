//! Commits and branches of a plan.
//!
//! ```text
//!   base ──1──2──3──4──5──6    refs/heads/cleave/<change>/all         every patch, each step builds
//!     ├───1──2                 refs/heads/cleave/<change>/<prep>
//!     ├───1──2──4──6           refs/heads/cleave/<change>/<series>    stands on what it needs
//!     └───3──5                 refs/heads/cleave/<change>/<other>
//! ```

use std::path::PathBuf;

use bstr::BString;

use super::am;
use super::branches::{self, BranchSet};
use super::checked::CheckedPlan;
use super::commits::commits;
use super::merge;
use super::onto::{Ground, Root, roots};
use super::steps::{StepError, tree_of};
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::{EditSet, ObjectId, Plan, SeriesIdx};

/// What `split` made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The commit of each patch of the campaign on the branch `all`, in campaign order.
    pub all: Vec<ObjectId>,
    /// The tree after each of them.
    pub trees: Vec<ObjectId>,
    /// The series, in campaign order.
    pub series: Vec<WrittenSeries>,
}

/// One series as a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenSeries {
    /// Which.
    pub series: SeriesIdx,
    /// The full name of its branch: `refs/heads/cleave/<change>/<series>`.
    pub branch: String,
    /// The commit that all of it stands on, patches it needs included: one that others have.
    pub root: ObjectId,
    /// Why that one.
    pub ground: Ground,
    /// The commit that its first patch stands on: the root, or the last of the patches it needs.
    pub base: ObjectId,
    /// The tree of that commit, were it on the base of the change.
    pub base_tree: ObjectId,
    /// The commits of the patches it needs, oldest first, from the base of the change up to `base`; empty when it needs none.
    pub prerequisites: Vec<ObjectId>,
    /// The commit of each of its patches, in order.
    pub commits: Vec<ObjectId>,
    /// The tree after each of them, were they on the base of the change.
    pub trees: Vec<ObjectId>,
}

/// Whether branches may be moved that are not what we last wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Such a branch is left alone and the command fails.
    Refuse,
    /// It is moved; its old value is kept under `refs/cleave/backup/`.
    Overwrite,
}

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
    /// A branch has our name and is not what we wrote.
    #[error("branch '{branch}' is not what git-cleave last wrote")]
    Foreign {
        /// Its short name.
        branch: String,
    },
    /// A branch stands where we need a folder of branches.
    #[error("branch '{branch}' stands where the branches of the cut would go")]
    InTheWay {
        /// Its short name.
        branch: String,
    },
}

/// Makes all commits in memory, checks them, then stores the objects and moves all branches at once.
///
/// # Errors
/// When a check fails or a branch must not be moved; then nothing is written.
pub fn split(repository: &Repository, checked: CheckedPlan<'_>, force: Force) -> Result<Written, SplitError> {
    let prepared = prepare(repository, checked, force)?;
    prepared.publish(repository)?;
    Ok(prepared.written)
}

/// Commits that are stored, and branches that may be moved to them but are not yet.
#[derive(Debug)]
pub struct Prepared {
    /// The commits.
    pub written: Written,
    edits: Vec<RefEdit>,
}

impl Prepared {
    /// Moves all branches at once.
    ///
    /// # Errors
    /// When somebody else moved one meanwhile.
    pub fn publish(&self, repository: &Repository) -> Result<(), SplitError> {
        Ok(repository.edit_refs(&self.edits, "cleave: split")?)
    }
}

/// Does all of [`split`] but for moving branches, for what is looked at first.
///
/// # Errors
/// As [`split`].
pub fn prepare(repository: &Repository, checked: CheckedPlan<'_>, force: Force) -> Result<Prepared, SplitError> {
    let plan = checked.plan();
    messages(plan)?;
    let objects = repository.objects();
    let written = commits(&objects, checked, &roots(repository, &objects, plan)?)?;
    let last = |commits: &[ObjectId], base: ObjectId| commits.last().copied().unwrap_or(base);
    let series = written.series.iter().map(|one| (one.branch.as_str(), last(&one.commits, one.base)));
    let all = branches::branch(&plan.name, "all");
    let wanted: Vec<(&str, ObjectId)> =
        [(all.as_str(), last(&written.all, plan.change.base_commit_id))].into_iter().chain(series).collect();
    let edits = branches::moves(repository, &plan.name, BranchSet::Series, &wanted, force)?;
    let quarantine = repository.quarantine(plan.change.base_tree_id)?;
    objects.keep_in(&quarantine)?;
    merge::check(&quarantine, plan, &written)?;
    quarantine.keep(repository)?;
    Ok(Prepared { written, edits })
}

/// Looks whether mails give every message back.
fn messages(plan: &Plan) -> Result<(), SplitError> {
    for patch in &plan.campaign.patches {
        if let Some(cut) = am::cut(patch.message.text().as_ref()) {
            let (patch_id, text) = (patch.patch_id.clone(), cut.text.into());
            return Err(SplitError::Message { patch_id, line: cut.line, text, taken_for: cut.taken_for });
        }
    }
    Ok(())
}

/// Makes all commits and stores them without moving a ref, for builds.
///
/// # Errors
/// As `commits`, or when the disk refuses.
pub fn store(repository: &Repository, checked: CheckedPlan<'_>) -> Result<Written, SplitError> {
    store_on(repository, checked, &[])
}

/// The same, each series on the commit that is named for it, by [`SeriesIdx`]: one that has the same of every file that the series and what it needs touch.
/// Where the list ends, that is the base of the change.
///
/// # Errors
/// As [`store`].
pub fn store_on(
    repository: &Repository,
    checked: CheckedPlan<'_>,
    grounds: &[(ObjectId, Ground)],
) -> Result<Written, SplitError> {
    let objects = repository.objects();
    let root = |(commit_id, ground): &(ObjectId, Ground)| {
        Ok(Root { commit_id: *commit_id, tree_id: repository.tree_of(*commit_id)?, ground: ground.clone() })
    };
    let roots: Vec<Root> = grounds.iter().map(root).collect::<Result<_, GitError>>()?;
    let written = commits(&objects, checked, &roots)?;
    let quarantine = repository.quarantine(checked.plan().change.base_tree_id)?;
    objects.keep_in(&quarantine)?;
    quarantine.keep(repository)?;
    Ok(written)
}

/// Stores the tree of some edits of a plan, closed under what they require: a step that no patch ends with.
///
/// # Errors
/// When the edits do not compose, or the disk refuses.
pub fn store_set(repository: &Repository, plan: &Plan, set: &EditSet) -> Result<ObjectId, SplitError> {
    let objects = repository.objects();
    let tree_id = tree_of(&objects, plan, set)?;
    let quarantine = repository.quarantine(plan.change.base_tree_id)?;
    objects.keep_in(&quarantine)?;
    quarantine.keep(repository)?;
    Ok(tree_id)
}
