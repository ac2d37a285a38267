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
use super::checked::CheckedPlan;
use super::commits::commits;
use super::merge;
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
    /// The commit that its first patch stands on: the base of the change, or the last of the patches it needs.
    pub base: ObjectId,
    /// The commits of the patches it needs, oldest first, from the base of the change up to `base`; empty when it needs none.
    pub prerequisites: Vec<ObjectId>,
    /// The commit of each of its patches, in order.
    pub commits: Vec<ObjectId>,
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
    let plan = checked.plan();
    messages(plan)?;
    let objects = repository.objects();
    let written = commits(&objects, checked)?;
    let edits = ref_edits(repository, plan, &written, force)?;
    let quarantine = repository.quarantine(plan.change.base_tree_id)?;
    objects.keep_in(&quarantine)?;
    merge::check(&quarantine, plan, &written)?;
    quarantine.keep(repository)?;
    repository.edit_refs(&edits, "cleave: split")?;
    Ok(written)
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
/// As [`commits`], or when the disk refuses.
pub fn store(repository: &Repository, checked: CheckedPlan<'_>) -> Result<Written, SplitError> {
    let objects = repository.objects();
    let written = commits(&objects, checked)?;
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

/// Looks whether the branches of a plan may be moved at all, whatever to: none is checked out or in use, and each is what we last wrote.
///
/// # Errors
/// When one must not be moved.
pub fn may_move(repository: &Repository, name: &str, force: Force) -> Result<(), SplitError> {
    let folder = format!("refs/heads/cleave/{name}/");
    let recorded = repository.refs(&format!("refs/cleave/{name}/heads/"))?;
    let (checked_out, in_use) = (repository.checked_out()?, repository.in_use()?);
    for (branch, now) in repository.refs(&folder)? {
        if let Some(folder) = checked_out.get(&branch) {
            return Err(SplitError::CheckedOut { branch: short(&branch), folder: folder.clone() });
        }
        if let Some((folder, what)) = in_use.get(&branch) {
            return Err(SplitError::InUse { branch: short(&branch), what, folder: folder.clone() });
        }
        let last = recorded.get(&format!("refs/cleave/{name}/heads/{}", &branch[folder.len()..]));
        if last != Some(&now) && force == Force::Refuse {
            return Err(SplitError::Foreign { branch: short(&branch) });
        }
    }
    Ok(())
}

/// What moves: our branches, the record of what we wrote, backups of what stood there, and branches of an earlier cut that go.
fn ref_edits(repository: &Repository, plan: &Plan, written: &Written, force: Force) -> Result<Vec<RefEdit>, SplitError> {
    let folder = format!("refs/heads/cleave/{}/", plan.name);
    let record = format!("refs/cleave/{}/heads/", plan.name);
    for in_the_way in ["refs/heads/cleave".to_owned(), folder.trim_end_matches('/').to_owned()] {
        if repository.refs(&in_the_way)?.contains_key(&in_the_way) {
            return Err(SplitError::InTheWay { branch: short(&in_the_way) });
        }
    }
    let mut wanted: Vec<(String, Option<ObjectId>)> =
        vec![(format!("{folder}all"), Some(written.all.last().copied().unwrap_or(plan.change.base_commit_id)))];
    wanted.extend(written.series.iter().map(|one| (one.branch.clone(), Some(one.commits.last().copied().unwrap_or(one.base)))));
    let existing = repository.refs(&folder)?;
    let recorded = repository.refs(&record)?;
    let record_of = |branch: &str| format!("{record}{}", &branch[folder.len()..]);
    for branch in existing.keys().filter(|branch| recorded.contains_key(&record_of(branch))) {
        if !wanted.iter().any(|(name, _)| name == branch) {
            wanted.push((branch.clone(), None));
        }
    }
    let checked_out = repository.checked_out()?;
    let in_use = repository.in_use()?;
    let mut edits = Vec::new();
    for (branch, new) in wanted {
        let old = existing.get(&branch).copied();
        let last = recorded.get(&record_of(&branch)).copied();
        if let Some(old) = old.filter(|old| Some(*old) != new) {
            if let Some(folder) = checked_out.get(&branch) {
                return Err(SplitError::CheckedOut { branch: short(&branch), folder: folder.clone() });
            }
            if let Some((folder, what)) = in_use.get(&branch) {
                return Err(SplitError::InUse { branch: short(&branch), what, folder: folder.clone() });
            }
            if last != Some(old) {
                if force == Force::Refuse {
                    return Err(SplitError::Foreign { branch: short(&branch) });
                }
                let backup = format!("refs/cleave/backup/{}/{}/{}", plan.name, &branch[folder.len()..], old.short());
                if !repository.refs(&backup)?.contains_key(&backup) {
                    edits.push(RefEdit { name: backup, old: None, new: Some(old) });
                }
            }
        }
        if old != new {
            edits.push(RefEdit { name: branch.clone(), old, new });
        }
        if last != new {
            edits.push(RefEdit { name: record_of(&branch), old: last, new });
        }
    }
    Ok(edits)
}

fn short(branch: &str) -> String {
    branch.trim_start_matches("refs/heads/").to_owned()
}
