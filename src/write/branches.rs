//! The moves of refs that put the branches of a change where they belong.
//!
//! ```text
//!   refs/heads/cleave/<change>/<branch>          what people see and may make something else of
//!   refs/cleave/<change>/heads/<branch>          what we last wrote there
//!   refs/cleave/backup/<change>/<branch>/<id>    what somebody had made of it, when we moved it all the same
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::split_error::SplitError;
use crate::git::refs::RefEdit;
use crate::git::{GitError, Repository};
use crate::model::ObjectId;

/// Branches that are written together: those of an earlier cut that are wanted no more go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchSet {
    /// `all` and the series.
    Series,
    /// The series with their cover letters, below [`B4`].
    B4,
}

/// The folder of the branches for b4. No series has this name.
pub const B4: &str = "b4";

impl BranchSet {
    /// Whether a branch with this name below that of the change belongs to the set.
    pub fn holds(self, short: &str) -> bool {
        (self == BranchSet::B4) == short.strip_prefix(B4).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Whether branches may be moved that are not what we last wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Such a branch is left alone and the command fails.
    Refuse,
    /// It is moved; its old value is kept under `refs/cleave/backup/`.
    Overwrite,
}

/// Returns the full name of a branch of a change.
pub fn branch(change: &str, short: &str) -> String {
    format!("refs/heads/cleave/{change}/{short}")
}

/// Returns what moves so that the branches of a set (full names) stand where they should: the branches, the record of what we wrote, backups
/// of what stood there, and branches of an earlier cut that go.
///
/// # Errors
/// When one of them must not be moved.
pub fn moves(
    repository: &Repository,
    change: &str,
    set: BranchSet,
    wanted: &[(&str, ObjectId)],
    force: Force,
) -> Result<Vec<RefEdit>, SplitError> {
    let folder = branch(change, "");
    let record = format!("refs/cleave/{change}/heads/");
    for in_the_way in ["refs/heads/cleave".to_owned(), folder.trim_end_matches('/').to_owned()] {
        if repository.refs(&in_the_way)?.contains_key(&in_the_way) {
            return Err(SplitError::InTheWay(short(&in_the_way)));
        }
    }
    let mut wanted: Vec<(String, Option<ObjectId>)> = wanted.iter().map(|(name, new)| ((*name).to_owned(), Some(*new))).collect();
    let existing = repository.refs(&folder)?;
    let recorded = repository.refs(&record)?;
    let record_of = |branch: &str| format!("{record}{}", &branch[folder.len()..]);
    let in_set = |branch: &&String| set.holds(&branch[folder.len()..]);
    for branch in existing.keys().filter(in_set).filter(|branch| recorded.contains_key(&record_of(branch))) {
        if !wanted.iter().any(|(name, _)| name == branch) {
            wanted.push((branch.clone(), None));
        }
    }
    let held = Held::of(repository)?;
    let mut edits = Vec::new();
    for (branch, new) in wanted {
        let old = existing.get(&branch).copied();
        let last = recorded.get(&record_of(&branch)).copied();
        if let Some(old) = old.filter(|old| Some(*old) != new) {
            held.check(&branch, last == Some(old), force)?;
            if last != Some(old) {
                let backup = format!("refs/cleave/backup/{change}/{}/{}", &branch[folder.len()..], old.short());
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

/// Looks whether the branches of a plan may be moved at all, whatever to: none is checked out or in use, and each is what we last wrote.
///
/// # Errors
/// When one must not be moved.
pub fn may_move(repository: &Repository, change: &str, force: Force) -> Result<(), SplitError> {
    let folder = branch(change, "");
    let recorded = repository.refs(&format!("refs/cleave/{change}/heads/"))?;
    let held = Held::of(repository)?;
    let branches = repository.refs(&folder)?;
    for (branch, now) in branches.into_iter().filter(|(branch, _)| BranchSet::Series.holds(&branch[folder.len()..])) {
        let last = recorded.get(&format!("refs/cleave/{change}/heads/{}", &branch[folder.len()..]));
        held.check(&branch, last == Some(&now), force)?;
    }
    Ok(())
}

/// The branches (full names) that something in a worktree needs where they stand, with that worktree's folder.
struct Held {
    checked_out: BTreeMap<String, PathBuf>,
    /// With what goes on there.
    in_use: BTreeMap<String, (PathBuf, &'static str)>,
}

impl Held {
    fn of(repository: &Repository) -> Result<Self, GitError> {
        Ok(Held { checked_out: repository.checked_out()?, in_use: repository.in_use()? })
    }

    /// Returns an error where a branch must not be moved; `is_ours` says whether it is what we last wrote.
    fn check(&self, branch: &str, is_ours: bool, force: Force) -> Result<(), SplitError> {
        let name = short(branch);
        if let Some(folder) = self.checked_out.get(branch) {
            return Err(SplitError::CheckedOut { branch: name, folder: folder.clone() });
        }
        if let Some((folder, what)) = self.in_use.get(branch) {
            return Err(SplitError::InUse { branch: name, what, folder: folder.clone() });
        }
        if is_ours || force == Force::Overwrite { Ok(()) } else { Err(SplitError::Foreign(name)) }
    }
}

fn short(branch: &str) -> String {
    branch.trim_start_matches("refs/heads/").to_owned()
}
