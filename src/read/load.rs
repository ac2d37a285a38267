//! The objects that differ between two commits.

use bstr::BString;
use rayon::prelude::*;

use crate::git::objects::Objects;
use crate::git::tree_diff::{Delta, TreeSide};
use crate::git::{GitError, Repository};
use crate::model::change::Opaque;
use crate::model::{Change, Content, Entry, FileChange, Mode, ObjectId};

/// Files above this are replaced whole. Generated headers of 2 MB are cut; a firmware image in hexadecimal of 20 MB is not read by anyone.
const LARGE: u64 = 8 << 20;
/// git's own test for binary files looks at as many bytes. Source: `buffer_is_binary()` in git's `xdiff-interface.c`.
const BINARY_PROBE: usize = 8000;

/// Reads what differs between the trees of two commits: tree differences, then the blobs on both sides, in parallel.
///
/// # Errors
/// When an object is missing.
pub fn change(repository: &Repository, base: ObjectId, tip: ObjectId) -> Result<Change, GitError> {
    repository.require(base, tip)?;
    let (base_tree_id, tip_tree_id) = (repository.tree_of(base)?, repository.tree_of(tip)?);
    let deltas = repository.diff_trees(base_tree_id, tip_tree_id)?;
    let loaded: Result<Vec<Vec<FileChange>>, GitError> =
        deltas.into_par_iter().map_init(|| repository.objects(), |objects, delta| file_changes(objects, delta)).collect();
    let mut files: Vec<FileChange> = loaded?.into_iter().flatten().collect();
    files.sort_by_cached_key(|file| (BString::from(file.path()), file.tip.is_some()));
    Ok(Change {
        base_commit_id: base,
        tip_commit_id: tip,
        base_tree_id,
        tip_tree_id,
        files,
        commits: repository.commits(base, tip)?,
        committer: repository.committer(tip)?,
    })
}

/// A regular file that becomes another kind of entry on the way (found as a rename) leaves and comes.
fn file_changes(objects: &Objects, delta: Delta) -> Result<Vec<FileChange>, GitError> {
    let base = delta.base.map(|side| entry(objects, side)).transpose()?;
    let tip = delta.tip.map(|side| entry(objects, side)).transpose()?;
    Ok(match (base, tip) {
        (Some(base), Some(tip)) if base.mode.is_regular() != tip.mode.is_regular() => {
            vec![FileChange { base: Some(base), tip: None }, FileChange { base: None, tip: Some(tip) }]
        }
        (base, tip) => vec![FileChange { base, tip }],
    })
}

fn entry(objects: &Objects, side: TreeSide) -> Result<Entry, GitError> {
    let content = match side.mode {
        Mode::Symlink => Content::Opaque(Opaque::Symlink),
        Mode::Submodule => Content::Opaque(Opaque::Submodule),
        Mode::File | Mode::Executable if objects.size(side.object_id, side.path.as_ref())? > LARGE => {
            Content::Opaque(Opaque::Large)
        }
        Mode::File | Mode::Executable => {
            let bytes = objects.blob(side.object_id, side.path.as_ref())?;
            match memchr::memchr(0, &bytes[..bytes.len().min(BINARY_PROBE)]) {
                Some(_) => Content::Opaque(Opaque::Binary),
                None => Content::Text(bytes.into()),
            }
        }
    };
    Ok(Entry { path: side.path, mode: side.mode, object_id: side.object_id, content })
}
