//! What differs between two trees, renames found by git.

use bstr::{BString, ByteSlice};

use super::program::GitError;
use super::repository::Repository;
use crate::model::{Mode, ObjectId};

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
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
    pub base: Option<Side>,
    /// The tip's side, `None` for a deleted file.
    pub tip: Option<Side>,
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
            let side = |path: BString, mode: &str, object_id: &str| -> Result<Option<Side>, GitError> {
                let (mode, object_id) = (Mode::from_octal(mode).ok_or_else(wrong)?, object_id.parse().map_err(|_| wrong())?);
                Ok(Some(Side { path, mode, object_id }))
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
