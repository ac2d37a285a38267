//! Chooses the commit that each series stands on: the branch of the tree it goes to, where that was fetched and has the same files; else the base of the change.
//!
//! Where every file that a series and what it needs touch is the same in both, its patches apply there as they are, and the trees differ only in files that
//! they do not touch. Nothing is merged and nothing is asked of the network.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use crate::git::objects::Objects;
use crate::git::{GitError, Repository};
use crate::model::{FileId, ObjectId, Plan, SeriesIdx};

/// What a series stands on, with the patches it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Onto {
    /// The base of the change.
    Base,
    /// A branch of the tree it goes to, such as `net-next/main`.
    Tree {
        /// As people type it.
        branch: String,
    },
    /// The base of the change, since that branch has another version of a file.
    Differs {
        /// As people type it.
        branch: String,
        /// The first such file.
        path: BString,
    },
}

/// A commit to stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Root {
    pub(super) commit_id: ObjectId,
    pub(super) tree_id: ObjectId,
    pub(super) onto: Onto,
}

/// Returns what each series stands on, by [`SeriesIdx`].
///
/// # Errors
/// When git fails or a tree cannot be read.
pub(super) fn roots(repository: &Repository, objects: &Objects, plan: &Plan) -> Result<Vec<Root>, GitError> {
    let remotes = repository.remotes()?;
    let campaign = &plan.campaign;
    let own = |onto| Root { commit_id: plan.change.base_commit_id, tree_id: plan.change.base_tree_id, onto };
    let mut roots = Vec::with_capacity(campaign.series.len());
    for (idx, series) in campaign.series.iter().enumerate() {
        let tree = campaign.home(series.home).tree.as_ref();
        let Some(tracked) = tree.and_then(|tree| remotes.tracked(tree.as_bstr())) else {
            roots.push(own(Onto::Base));
            continue;
        };
        if tracked.commit_id == plan.change.base_commit_id {
            roots.push(own(Onto::Tree { branch: tracked.branch }));
            continue;
        }
        let tree_id = repository.tree_of(tracked.commit_id)?;
        let branch = tracked.branch;
        roots.push(match difference(objects, plan, SeriesIdx(idx), tree_id)? {
            None => Root { commit_id: tracked.commit_id, tree_id, onto: Onto::Tree { branch } },
            Some(path) => own(Onto::Differs { branch, path }),
        });
    }
    Ok(roots)
}

/// Returns the commit that the branch of a series stands on: where it leaves the tree that the series goes to, as that was last fetched, where its files are
/// those of the base there; else the base of the change.
///
/// # Errors
/// When git fails or a tree cannot be read.
pub(super) fn below(
    repository: &Repository,
    objects: &Objects,
    plan: &Plan,
    series_idx: SeriesIdx,
    tip: ObjectId,
) -> Result<ObjectId, GitError> {
    let base = plan.change.base_commit_id;
    let tree = plan.campaign.home(plan.campaign.series[series_idx.0].home).tree.as_ref();
    let remotes = repository.remotes()?;
    let Some(tracked) = tree.and_then(|tree| remotes.tracked(tree.as_bstr())) else { return Ok(base) };
    let Some(fork) = repository.merge_base(tracked.commit_id, tip)? else { return Ok(base) };
    // The base, where the branch has it and the tree went on from before it.
    let is_on_base = repository.merge_base(base, tip)? == Some(base) && repository.merge_base(base, fork)? == Some(fork);
    match !is_on_base && difference(objects, plan, series_idx, repository.tree_of(fork)?)?.is_none() {
        true => Ok(fork),
        false => Ok(base),
    }
}

/// Returns the first path that a series or what it needs touches and that is not the same in a tree as in the base.
fn difference(objects: &Objects, plan: &Plan, series_idx: SeriesIdx, tree_id: ObjectId) -> Result<Option<BString>, GitError> {
    let campaign = &plan.campaign;
    let all = campaign.all_needs(series_idx).into_iter().chain([series_idx]);
    let patches = all.flat_map(|series_idx| &campaign.series[series_idx.0].patches);
    let files: BTreeSet<FileId> =
        patches.flat_map(|patch_idx| &campaign.patch(*patch_idx).edits).map(|&edit_id| plan.edits.get(edit_id).file_id).collect();
    for file in files.into_iter().map(|file_id| plan.change.file(file_id)) {
        let base = file.base.as_ref();
        for path in [&file.base, &file.tip].into_iter().flatten().map(|entry| entry.path.as_bstr()) {
            let wanted = base.filter(|base| base.path == path).map(|base| (base.mode, base.object_id));
            let is_there = |path: &BStr| objects.is_folder(tree_id, path);
            if objects.entry(tree_id, path)? != wanted || (wanted.is_none() && is_there(path)?) {
                return Ok(Some(path.into()));
            }
        }
    }
    Ok(None)
}
