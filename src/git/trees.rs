//! Writing trees: a base tree and what differs from it.

use bstr::BString;

use super::objects::Objects;
use super::program::GitError;
use super::repository::{from_gix, to_gix};
use crate::model::{Mode, ObjectId};

/// A file, link or submodule of a tree: its path from the root, its mode and its object.
pub type TreeFile = (BString, Mode, ObjectId);

impl Objects {
    /// Returns the id of `tree_id` without the paths of `gone` and then with the files of `put`, written to memory: a file may become a
    /// folder and a folder a file.
    ///
    /// # Errors
    /// When a tree cannot be read, or a path is not one that git would store (`.git`, `..`, empty parts).
    pub fn edit_tree(&self, tree_id: ObjectId, gone: &[BString], put: &[TreeFile]) -> Result<ObjectId, GitError> {
        let wrong = |source| GitError::repository(format!("cannot change tree {}", tree_id.short()), source);
        let mut editor = self.gix.edit_tree(to_gix(tree_id)).map_err(wrong)?;
        for path in gone {
            editor.remove(path).map_err(wrong)?;
        }
        for (path, mode, object_id) in put {
            let mode = gix::objs::tree::EntryMode::from_bytes(mode.octal().as_bytes()).expect("git writes these modes");
            editor.upsert(path, mode.kind(), to_gix(*object_id)).map_err(wrong)?;
        }
        editor.write().map(|tree_id| from_gix(tree_id.detach())).map_err(wrong)
    }
}
