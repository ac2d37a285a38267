//! Refs: read many at once, moved all or none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bstr::ByteSlice;

use super::program::GitError;
use super::repository::Repository;
use crate::model::ObjectId;

/// A ref that is to point to `new`, or to be deleted, if it still points to `old` (`None`: does not exist).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefEdit {
    /// The full name.
    pub name: String,
    /// What it must point to now.
    pub old: Option<ObjectId>,
    /// What it will point to; `None` deletes it.
    pub new: Option<ObjectId>,
}

impl Repository {
    /// Returns the refs below `prefix` (`refs/cleave/`) with what they point to.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn refs(&self, prefix: &str) -> Result<BTreeMap<String, ObjectId>, GitError> {
        let out = self.program().run(["for-each-ref", "--format=%(objectname) %(refname)", prefix])?;
        out.lines()
            .map(|line| {
                let line = line.to_str_lossy();
                let (object_id, name) = line.split_once(' ').unwrap_or_default();
                let object_id = object_id.parse().map_err(|what| GitError::Repository { what, source: None })?;
                Ok((name.to_owned(), object_id))
            })
            .collect()
    }

    /// Moves all of these refs, or none of them, without running a hook.
    ///
    /// # Errors
    /// When one of them is locked or does not point to what it must.
    pub fn edit_refs(&self, edits: &[RefEdit], message: &str) -> Result<(), GitError> {
        if edits.is_empty() {
            return Ok(());
        }
        let zero = "0".repeat(self.empty_tree().to_string().len());
        let mut input = String::from("start\n");
        for edit in edits {
            let old = edit.old.map_or_else(|| zero.clone(), |old| old.to_string());
            match edit.new {
                Some(new) => input.push_str(&format!("update {} {new} {old}\n", edit.name)),
                None => input.push_str(&format!("delete {} {old}\n", edit.name)),
            }
        }
        input.push_str("prepare\ncommit\n");
        self.program().run_with(["update-ref", "--no-deref", "-m", message, "--stdin"], input.as_bytes()).map(drop)
    }

    /// Returns the branches (full names) that are checked out in some worktree, with that worktree's folder.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn checked_out(&self) -> Result<BTreeMap<String, PathBuf>, GitError> {
        let out = self.program().run(["worktree", "list", "--porcelain"])?;
        let mut branches = BTreeMap::new();
        let mut folder = PathBuf::new();
        for line in out.lines() {
            if let Some(path) = line.strip_prefix(b"worktree ") {
                folder = path.to_path_lossy().into_owned();
            } else if let Some(branch) = line.strip_prefix(b"branch ") {
                branches.insert(branch.to_str_lossy().into_owned(), folder.clone());
            }
        }
        Ok(branches)
    }

    /// Whether git accepts `name` as the full name of a ref.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn is_ref_name(&self, name: &str) -> Result<bool, GitError> {
        Ok(self.program().ask(["check-ref-format", name])?.is_some())
    }
}
