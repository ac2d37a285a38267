//! Writing trees: a base tree and what differs from it.

use bstr::BStr;

use super::objects::Objects;
use super::program::GitError;
use super::repository::{from_gix, to_gix};
use crate::model::{Mode, ObjectId};

/// What becomes of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathEdit<'p> {
    /// Nothing stands there any more.
    Remove(&'p BStr),
    /// This entry stands there.
    Put(&'p BStr, Mode, ObjectId),
}

impl Objects {
    /// Returns the id of `tree_id` with these paths changed, written to memory. All removals are made before the first entry is put,
    /// so that a file may become a folder and a folder a file.
    ///
    /// # Errors
    /// When a tree cannot be read, or a path is not one that git would store (`.git`, `..`, empty parts).
    pub fn edit_tree(&self, tree_id: ObjectId, edits: &[PathEdit<'_>]) -> Result<ObjectId, GitError> {
        let wrong = |source| GitError::repository(format!("cannot change tree {}", tree_id.short()), source);
        let mut editor = self.gix.edit_tree(to_gix(tree_id)).map_err(wrong)?;
        for edit in edits {
            if let PathEdit::Remove(path) = edit {
                editor.remove(*path).map_err(wrong)?;
            }
        }
        for edit in edits {
            if let PathEdit::Put(path, mode, object_id) = edit {
                let mode = gix::objs::tree::EntryMode::from_bytes(mode.octal().as_bytes()).expect("git writes these modes");
                editor.upsert(*path, mode.kind(), to_gix(*object_id)).map_err(wrong)?;
            }
        }
        editor.write().map(|tree_id| from_gix(tree_id.detach())).map_err(wrong)
    }
}
