//! The tree after each patch.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::checked::{CheckedPlan, PlanError};
use crate::git::GitError;
use crate::git::objects::Objects;
use crate::git::trees::TreeFile;
use crate::model::compose::{Data, FileState, Layout, compose_file};
use crate::model::{EditSet, FileId, ObjectId, PatchIdx, Plan};

/// Why a step has no tree.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The plan is wrong.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The objects could not be read or made.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// Returns the tree after each of these patches, applied in this order to the base, or to a tree that has the same of every file they touch. Only files that a patch touches are composed again, so that
/// the cost is the sum over patches of the sizes of their files.
///
/// # Errors
/// When the patches do not compose, in this order or at all.
pub fn trees(
    objects: &Objects,
    checked: CheckedPlan<'_>,
    layout: &Layout,
    base_tree_id: ObjectId,
    patches: &[PatchIdx],
) -> Result<Vec<ObjectId>, StepError> {
    let plan = checked.plan();
    let mut set = EditSet::empty(plan.edits.len());
    let mut tree_id = base_tree_id;
    let mut states: BTreeMap<FileId, Option<TreeFile>> = BTreeMap::new();
    let mut trees = Vec::with_capacity(patches.len());
    for &patch_idx in patches {
        let patch = plan.campaign.patch(patch_idx);
        set.extend(patch.edits.iter().copied());
        let touched: BTreeSet<FileId> = patch.edits.iter().map(|&edit_id| plan.edits.get(edit_id).file_id).collect();
        let (mut gone, mut put) = (Vec::new(), Vec::new());
        for file_id in touched {
            let composed = compose_file(&plan.change, &plan.edits, layout, file_id, &set)
                .map_err(|source| PlanError::Compose { patch: patch.patch_id.clone(), source })?;
            let new = composed.map(|state| stored(objects, state)).transpose()?;
            let base = || plan.change.file(file_id).base.as_ref().map(|entry| (entry.path.clone(), entry.mode, entry.object_id));
            let old = states.insert(file_id, new.clone()).unwrap_or_else(base);
            gone.extend(old.map(|(path, ..)| path).filter(|path| new.as_ref().is_none_or(|(new_path, ..)| new_path != path)));
            put.extend(new);
        }
        tree_id = objects.edit_tree(tree_id, &gone, &put)?;
        trees.push(tree_id);
    }
    Ok(trees)
}

/// Returns the tree of the base with some edits, closed under what they require. Every file that one of them touches is composed.
///
/// # Errors
/// When the edits do not compose.
pub fn tree_of(objects: &Objects, plan: &Plan, set: &EditSet) -> Result<ObjectId, StepError> {
    let failed = |source| PlanError::Compose { patch: "no patch".into(), source };
    let touched: BTreeSet<FileId> = set.iter().map(|edit_id| plan.edits.get(edit_id).file_id).collect();
    let layout = Layout::of(&plan.edits);
    let mut put: Vec<TreeFile> = Vec::new();
    let mut gone: Vec<BString> = Vec::new();
    for file_id in touched {
        let state = compose_file(&plan.change, &plan.edits, &layout, file_id, set).map_err(failed)?;
        gone.extend(plan.change.file(file_id).base.as_ref().map(|entry| entry.path.clone()));
        put.extend(state.map(|state| stored(objects, state)).transpose()?);
    }
    Ok(objects.edit_tree(plan.change.base_tree_id, &gone, &put)?)
}

fn stored(objects: &Objects, state: FileState) -> Result<TreeFile, GitError> {
    let object_id = match state.data {
        Data::Object(object_id) => object_id,
        Data::Bytes(bytes) => objects.write_blob(&bytes)?,
    };
    Ok((state.path, state.mode, object_id))
}
