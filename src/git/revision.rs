//! Revisions and ranges, as git understands them.

use bstr::ByteSlice;

use super::program::GitError;
use super::repository::Repository;
use crate::model::ObjectId;

/// A base and a tip commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The commit that the series will stand on.
    pub base: ObjectId,
    /// The commit whose tree the series ends in.
    pub tip: ObjectId,
    /// Where the tip was named by a branch, its short name.
    pub branch: Option<String>,
}

impl Repository {
    /// Returns the commit that `spec` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn commit(&self, spec: &str) -> Result<ObjectId, GitError> {
        let peeled = format!("{spec}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled];
        match self.program().ask(args) {
            Ok(Some(out)) => parse_id(&out),
            Ok(None) => Err(GitError::Revision { spec: spec.into(), problem: "names no commit".into() }),
            Err(GitError::Failed { message, .. }) => {
                Err(GitError::Revision { spec: spec.into(), problem: format!("names no commit: {message}") })
            }
            Err(other) => Err(other),
        }
    }

    /// Returns the tree of a commit.
    ///
    /// # Errors
    /// When the commit is missing.
    pub fn tree_of(&self, commit_id: ObjectId) -> Result<ObjectId, GitError> {
        parse_id(&self.program().run(["rev-parse", "--verify", "--end-of-options", &format!("{commit_id}^{{tree}}")])?)
    }

    /// Reads a range: `A..B`, `A..` (to `HEAD`), `A...B`, or `A` alone for `A..HEAD` as in `git format-patch`; without one, `@{upstream}..`.
    /// The base is the merge base, since the series has to stand on a commit that the tip contains.
    ///
    /// # Errors
    /// When a side names no commit, there is no upstream, or the two have no common ancestor.
    pub fn range(&self, spec: Option<&str>) -> Result<Range, GitError> {
        let (left, right) = match spec {
            None => {
                let upstream = self.program().ask(["rev-parse", "--verify", "--quiet", "@{upstream}"]);
                if !matches!(upstream, Ok(Some(_))) {
                    let problem = "has no upstream to take the base from".into();
                    return Err(GitError::Revision { spec: "HEAD".into(), problem });
                }
                ("@{upstream}", "HEAD")
            }
            Some(spec) => match spec.split_once("...").or_else(|| spec.split_once("..")) {
                Some((left, right)) => {
                    (if left.is_empty() { "HEAD" } else { left }, if right.is_empty() { "HEAD" } else { right })
                }
                None => (spec, "HEAD"),
            },
        };
        let (from, tip) = (self.commit(left)?, self.commit(right)?);
        let Some(base) = self.merge_base(from, tip)? else {
            let shallow = self.program().line(["rev-parse", "--is-shallow-repository"])? == "true";
            let why = if shallow { " (the repository is shallow: git fetch --unshallow)" } else { "" };
            let problem = format!("and '{right}' have no common ancestor{why}");
            return Err(GitError::Revision { spec: left.into(), problem });
        };
        Ok(Range { base, tip, branch: self.branch_of(right)? })
    }

    /// Returns the last commit that two have in common, as `git merge-base` does.
    ///
    /// # Errors
    /// When git cannot be run or a commit is missing.
    pub fn merge_base(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, GitError> {
        self.program().ask(["merge-base", &one.to_string(), &other.to_string()])?.map(|out| parse_id(&out)).transpose()
    }

    /// Returns the short name of the branch that `spec` names, if it names one; `HEAD` names the branch that is checked out.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn branch_of(&self, spec: &str) -> Result<Option<String>, GitError> {
        let full = if spec == "HEAD" || spec == "@" {
            self.program().ask(["symbolic-ref", "--quiet", "HEAD"])?
        } else {
            self.program().ask(["rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", spec])?
        };
        let full = full.map(|out| out.trim().to_str_lossy().into_owned()).unwrap_or_default();
        Ok(full.strip_prefix("refs/heads/").map(str::to_owned))
    }
}

pub(super) fn parse_id(out: &[u8]) -> Result<ObjectId, GitError> {
    let text = out.trim().to_str_lossy();
    text.parse().map_err(|what: String| GitError::wrong(what))
}
