//! What differs between two trees, renames found by git.

use bstr::{BString, ByteSlice};
use gix_diff::tree::Recorder;
use gix_diff::tree::recorder::Change;

use super::objects::Objects;
use super::program::GitError;
use super::repository::Repository;
use crate::model::{Mode, ObjectId};

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeSide {
    /// Path from the root.
    pub path: BString,
    /// Mode of the entry.
    pub mode: Mode,
    /// Its object.
    pub object_id: ObjectId,
}

/// One path that differs; a rename has two paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The base's side, `None` for a new file.
    pub base: Option<TreeSide>,
    /// The tip's side, `None` for a deleted file.
    pub tip: Option<TreeSide>,
}

/// Which of two trees has a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Only the first.
    First,
    /// Only the second.
    Second,
    /// Both, and not the same there.
    Both,
}

impl Objects {
    /// Returns the paths of files, links and submodules that are not the same in two trees; folders that are equal are not read. Unlike
    /// [`Repository::diff_trees`] it starts no git and looks for no renames.
    ///
    /// # Errors
    /// When a tree is missing.
    pub fn differing(&self, one: ObjectId, other: ObjectId) -> Result<Vec<(BString, Presence)>, GitError> {
        let trees = [self.tree(one)?, self.tree(other)?];
        let [from, to] = trees.each_ref().map(|tree| gix_object::TreeRefIter::from_bytes(tree, self.hash));
        let mut recorder = Recorder::default();
        gix_diff::tree(from, to, gix_diff::tree::State::default(), &self.database, &mut recorder)
            .map_err(|source| GitError::repository("cannot compare two trees", source))?;
        let changes = recorder.records.into_iter().filter_map(|change| match change {
            Change::Addition { entry_mode, path, .. } => (!entry_mode.is_tree()).then_some((path, Presence::Second)),
            Change::Deletion { entry_mode, path, .. } => (!entry_mode.is_tree()).then_some((path, Presence::First)),
            Change::Modification { entry_mode, path, .. } => (!entry_mode.is_tree()).then_some((path, Presence::Both)),
        });
        Ok(changes.collect())
    }
}

impl Repository {
    /// Returns what differs between two trees, by `git diff-tree -r -z -M50% -l0`. An entry that changes its type is two deltas.
    ///
    /// # Errors
    /// When an object is missing or git cannot be run.
    pub fn diff_trees(&self, base_tree_id: ObjectId, tip_tree_id: ObjectId) -> Result<Vec<Delta>, GitError> {
        let (base, tip) = (base_tree_id.to_string(), tip_tree_id.to_string());
        let args =
            ["diff-tree", "-r", "-z", "-M50%", "-l0", "--raw", "--no-abbrev", "--ignore-submodules=none", "--end-of-options"];
        let out = self.program().run(args.into_iter().chain([base.as_str(), tip.as_str()]))?;
        let mut fields = out.split(|byte| *byte == 0);
        let mut deltas = Vec::new();
        while let Some(head) = fields.next() {
            if head.is_empty() {
                continue;
            }
            let wrong = || GitError::wrong(format!("git diff-tree printed '{}'", head.as_bstr()));
            let words: Vec<&str> =
                head.strip_prefix(b":").and_then(|head| head.to_str().ok()).ok_or_else(wrong)?.split(' ').collect();
            let [base_mode, tip_mode, base_id, tip_id, status] = words[..] else { return Err(wrong()) };
            let first: BString = fields.next().ok_or_else(wrong)?.into();
            let second = if status.starts_with(['R', 'C']) { fields.next().ok_or_else(wrong)?.into() } else { first.clone() };
            let side = |path: BString, mode: &str, object_id: &str| -> Result<Option<TreeSide>, GitError> {
                let (mode, object_id) = (Mode::from_octal(mode).ok_or_else(wrong)?, object_id.parse().map_err(|_| wrong())?);
                Ok(Some(TreeSide { path, mode, object_id }))
            };
            let base = if status == "A" { None } else { side(first, base_mode, base_id)? };
            let tip = if status == "D" { None } else { side(second, tip_mode, tip_id)? };
            match &status[..1] {
                "A" | "D" | "M" | "R" => deltas.push(Delta { base, tip }),
                "T" => deltas.extend([Delta { base, tip: None }, Delta { base: None, tip }]),
                _ => return Err(wrong()),
            }
        }
        Ok(deltas)
    }
}
