//! Reads refs, and moves several of them at once or none.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::program::GitError;
use super::repository::Repository;
use super::revision::parse_id;
use super::stop_point;
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
                Ok((name.to_owned(), parse_id(object_id.as_bytes())?))
            })
            .collect()
    }

    /// Whether others have a commit: it is on a branch that was fetched from somewhere. `None` where no branch was.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn is_public(&self, commit_id: ObjectId) -> Result<Option<bool>, GitError> {
        let any = |more: &[&str]| -> Result<bool, GitError> {
            let args = [&["for-each-ref", "--count=1", "--format=%(refname)"], more, &["refs/remotes/"]].concat();
            Ok(!self.program().run(args)?.is_empty())
        };
        if !any(&[])? {
            return Ok(None);
        }
        any(&["--contains", &commit_id.to_string()]).map(Some)
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
        stop_point::reach(&format!("refs: before '{message}'"));
        self.program().run_with(["update-ref", "--no-deref", "-m", message, "--stdin"], input.as_bytes())?;
        stop_point::reach(&format!("refs: after '{message}'"));
        Ok(())
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

    /// Returns the branches (full names) that a rebase or a bisection in some worktree will come back to, with that worktree's folder and
    /// what goes on there. `git worktree list` does not name them: their worktrees stand on no branch meanwhile.
    ///
    /// # Errors
    /// When git cannot be run or the folder of the worktrees cannot be read.
    pub fn in_use(&self) -> Result<BTreeMap<String, (PathBuf, &'static str)>, GitError> {
        let worktrees = self.common_dir().join("worktrees");
        let mut folders = vec![self.common_dir().to_owned()];
        match fs::read_dir(&worktrees) {
            Ok(entries) => folders.extend(entries.flatten().map(|entry| entry.path())),
            Err(source) if source.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(GitError::file("read", worktrees)(source)),
        }
        folders.sort();
        let mut branches = BTreeMap::new();
        for git_dir in folders {
            let lines = |name: &str| -> Vec<String> {
                let bytes = fs::read(git_dir.join(name)).unwrap_or_default();
                bytes.lines().map(|line| line.trim().to_str_lossy().into_owned()).collect()
            };
            // A linked worktree says where it lies; the main one lies around the git directory, or it is bare.
            let top = match lines("gitdir").first() {
                Some(file) => PathBuf::from(file).parent().map(Path::to_owned),
                None => self.common_dir().parent().map(Path::to_owned),
            };
            let top = top.unwrap_or_else(|| git_dir.clone());
            // Source: `branch_checked_out()` in git's `branch.c`, and `update-refs`: ref, before, after, and so on.
            let rebased = ["rebase-merge/head-name", "rebase-apply/head-name", "rebase-merge/update-refs"];
            for name in rebased.into_iter().flat_map(lines).filter(|line| line.starts_with("refs/heads/")) {
                branches.insert(name, (top.clone(), "rebased"));
            }
            if let Some(name) = lines("BISECT_START").first() {
                branches.insert(format!("refs/heads/{}", name.trim_start_matches("refs/heads/")), (top.clone(), "bisected"));
            }
        }
        Ok(branches)
    }
}
