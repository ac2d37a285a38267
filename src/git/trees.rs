//! Writing trees: a base tree and what differs from it.

use bstr::BString;
use gix_object::TreeRef;
use gix_object::tree::{Editor, EntryMode};
use gix_validate::path::component;

use super::objects::{Cause, Objects};
use super::program::GitError;
use super::repository::{from_gix, to_gix};
use crate::model::{Mode, ObjectId};

/// A file, link or submodule of a tree: its path from the root, its mode and its object.
pub type TreeFile = (BString, Mode, ObjectId);

/// Names that git refuses by default.
const PROTECTED: component::Options =
    component::Options { protect_windows: false, protect_hfs: cfg!(target_os = "macos"), protect_ntfs: true };

impl Objects {
    /// Returns the id of `tree_id` without the paths of `gone` and then with the files of `put`, written to memory: a file may become a
    /// folder and a folder a file.
    ///
    /// # Errors
    /// When a tree cannot be read, or a path is not one that git would store (`.git`, `..`, empty parts).
    pub fn edit_tree(&self, tree_id: ObjectId, gone: &[BString], put: &[TreeFile]) -> Result<ObjectId, GitError> {
        self.edited(tree_id, gone, put)
            .map(from_gix)
            .map_err(|source| GitError::repository(format!("cannot change tree {}", tree_id.short()), source))
    }

    fn edited(&self, tree_id: ObjectId, gone: &[BString], put: &[TreeFile]) -> Result<gix_hash::ObjectId, Cause> {
        let data = self.tree(tree_id)?;
        let root = TreeRef::from_bytes(&data, self.hash)?.into();
        let mut editor = Editor::new(root, &self.database, self.hash);
        let parts = |path: &BString| path.split(|byte| *byte == b'/').map(BString::from).collect::<Vec<_>>();
        for path in gone {
            editor.remove(parts(path))?;
        }
        for (path, mode, object_id) in put {
            let mode = EntryMode::from_bytes(mode.octal().as_bytes()).expect("git writes these modes");
            editor.upsert(parts(path), mode.kind(), to_gix(*object_id))?;
        }
        editor.write(|tree| {
            for entry in &tree.entries {
                let mode = entry.mode.is_link().then_some(component::Mode::Symlink);
                gix_validate::path::component(entry.filename.as_ref(), mode, PROTECTED)?;
                if !entry.mode.is_commit() && !self.has(&entry.oid) {
                    return Err(format!("object {} of '{}' could not be found", entry.oid, entry.filename).into());
                }
            }
            self.write_object(tree)
        })
    }
}
