//! Which commit of a range put each line, and which took it away: `git blame`, forwards and in reverse.

use std::collections::HashMap;

use bstr::{BStr, ByteSlice};

use super::program::GitError;
use super::repository::Repository;
use crate::model::ObjectId;

/// For each line, the commit; `None` where the line is older than the range or outlives it.
pub type LineOwners = Vec<Option<ObjectId>>;

impl Repository {
    /// Returns for each line of `path` at `tip` the commit of `base..tip` that put it there.
    ///
    /// # Errors
    /// When git cannot be run or has no such file.
    pub fn blame(&self, base: ObjectId, tip: ObjectId, path: &BStr) -> Result<LineOwners, GitError> {
        let range = format!("{base}..{tip}");
        self.blame_with(&["blame", "--porcelain", &range], base, path)
    }

    /// Returns for each line of `path` at `base` the last commit of `base..tip` that still has it; the tip itself where it has the line too, `None` where only the base has it.
    /// The base has to be among [`Repository::children`].
    ///
    /// # Errors
    /// When git cannot be run or has no such file, or the base is not on the first-parent line to the tip.
    pub fn blame_reverse(&self, base: ObjectId, tip: ObjectId, path: &BStr) -> Result<LineOwners, GitError> {
        let range = format!("{base}..{tip}");
        self.blame_with(&["blame", "--porcelain", "--reverse", "--first-parent", &range], base, path)
    }

    /// Returns for each commit of `base..tip` and for `base` the next one on the first-parent line to `tip`.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn children(&self, base: ObjectId, tip: ObjectId) -> Result<HashMap<ObjectId, ObjectId>, GitError> {
        let range = format!("{base}..{tip}");
        let out = self.program().run(["rev-list", "--first-parent", "--parents", "--end-of-options", range.as_str()])?;
        Ok(out
            .lines()
            .filter_map(|line| {
                let mut ids = line.split(|byte| *byte == b' ').map(|id| id.to_str().ok()?.parse().ok());
                let child = ids.next()??;
                Some((ids.next()??, child))
            })
            .collect())
    }

    fn blame_with(&self, args: &[&str], outside: ObjectId, path: &BStr) -> Result<LineOwners, GitError> {
        // Commits that the user does not want to see are commits of the range all the same, and their list may be missing.
        let args = ["-c", "blame.ignoreRevsFile="].iter().chain(args);
        let mut args: Vec<std::ffi::OsString> = args.map(Into::into).collect();
        args.push("--".into());
        args.push(path.to_os_str_lossy().into_owned());
        let out = match self.worktree() {
            // Blame takes paths from the folder it runs in.
            Some(top) => self.program().clone().at(top).run(args)?,
            None => self.program().run(args)?,
        };
        let mut owners = Vec::new();
        let mut current = None;
        for line in out.lines() {
            if line.starts_with(b"\t") {
                owners.push(current.filter(|commit_id| *commit_id != outside));
            } else if let Some(commit_id) = line.find_byte(b' ').and_then(|end| line[..end].to_str().ok()?.parse().ok()) {
                current = Some(commit_id);
            }
        }
        Ok(owners)
    }
}
