//! Commits and branches of a plan.
//!
//! ```text
//!   base ──1──2──3──4──5──6    refs/heads/cleave/<change>/all         every patch, each step builds
//!     ├───1──2                 refs/heads/cleave/<change>/<prep>
//!     ├───1──2──4──6           refs/heads/cleave/<change>/<series>    stands on what it needs
//!     └───3──5                 refs/heads/cleave/<change>/<other>
//! ```

use super::am;
use super::branches::{self, BranchSet, Force};
use super::checked::CheckedPlan;
use super::commits::commits;
use super::merge;
use super::onto::{Onto, Root, roots};
use super::split_error::SplitError;
use super::steps::tree_of;
use super::written::Written;
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::{EditSet, ObjectId, Plan};

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

/// The same, each series on the commit that is named for it, by [`SeriesIdx`](crate::model::SeriesIdx): one that has the same of every file that the series and what it needs touch.
/// Where the list ends, that is the base of the change.
///
/// # Errors
/// As [`store`].
pub fn store_on(repository: &Repository, checked: CheckedPlan<'_>, onto: &[(ObjectId, Onto)]) -> Result<Written, SplitError> {
    let objects = repository.objects();
    let root = |(commit_id, onto): &(ObjectId, Onto)| {
        Ok(Root { commit_id: *commit_id, tree_id: repository.tree_of(*commit_id)?, onto: onto.clone() })
    };
    let roots: Vec<Root> = onto.iter().map(root).collect::<Result<_, GitError>>()?;
    let written = commits(&objects, checked, &roots)?;
    objects.keep(repository)?;
    Ok(written)
}

/// Stores the tree of some edits of a plan, closed under what they require: a step that no patch ends with.
///
/// # Errors
/// When the edits do not compose, or the disk refuses.
pub fn store_set(repository: &Repository, plan: &Plan, set: &EditSet) -> Result<ObjectId, SplitError> {
    let objects = repository.objects();
    let tree_id = tree_of(&objects, plan, set)?;
    objects.keep(repository)?;
    Ok(tree_id)
}
