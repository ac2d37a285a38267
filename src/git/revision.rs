//! Revisions and ranges, as git understands them.

use bstr::ByteSlice;

use super::new_commit::NewCommit;
use super::program::GitError;
use super::repository::Repository;
use crate::model::{ObjectId, Signature};

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
            Ok(None) => {
                Err(GitError::Revision { spec: spec.into(), problem: format!("names no commit{}", self.where_history_ends()?) })
            }
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

    /// Reads a range: `A..B`, `A..` (to `HEAD`), `A...B`, `B^!` and `B^-` for one commit, or `A` alone for `A..HEAD` as in `git format-patch`;
    /// without one, `@{upstream}..`. The base is the merge base, since the series has to stand on a commit that the tip contains. A root commit
    /// and the empty tree as `A` mean all that the tip holds ([`Repository::whole`]).
    ///
    /// # Errors
    /// When a side names no commit, there is no upstream, or the two have no common ancestor.
    pub fn range(&self, spec: Option<&str>) -> Result<Range, GitError> {
        let or_head = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        let (left, right) = match spec {
            None => {
                let upstream = self.program().ask(["rev-parse", "--verify", "--quiet", "@{upstream}"]);
                if !matches!(upstream, Ok(Some(_))) {
                    let problem = "has no upstream to take the base from".into();
                    return Err(GitError::Revision { spec: "HEAD".into(), problem });
                }
                ("@{upstream}".to_owned(), "HEAD".to_owned())
            }
            Some(spec) => match spec.split_once("...").or_else(|| spec.split_once("..")) {
                Some((left, right)) => (or_head(left), or_head(right)),
                None => match spec.rfind("^!").or_else(|| spec.rfind("^-")) {
                    Some(at) => {
                        self.commit(&spec[..at])?;
                        // git names the commit, and its parents with a caret; a root has none.
                        let out = self.program().run(["rev-parse", "--revs-only", spec])?;
                        match out.lines().find_map(|line| line.strip_prefix(b"^")) {
                            Some(parent) => (parent.to_str_lossy().into_owned(), spec[..at].to_owned()),
                            None => return self.whole(&spec[..at]),
                        }
                    }
                    None => (spec.to_owned(), "HEAD".to_owned()),
                },
            },
        };
        if left == self.empty_tree().to_string() {
            return self.whole(&right);
        }
        let (from, tip) = (self.commit(&left)?, self.commit(&right)?);
        let Some(base) = self.merge_base(from, tip)? else {
            let why = match self.where_history_ends()? {
                "" => format!(" (to cut all that it holds: git cleave plan --root {right})"),
                why => why.to_owned(),
            };
            return Err(GitError::Revision { spec: left, problem: format!("and '{right}' have no common ancestor{why}") });
        };
        if from == tip && self.parent(tip)?.is_none() {
            let problem = format!("is the first commit (to cut all that it holds: git cleave plan --root {right})");
            return Err(GitError::Revision { spec: left, problem });
        }
        // A commit that is named by its id is that of the branch that ends in it, as `HEAD` is.
        let is_id = tip.to_string().starts_with(&right) && self.commit("HEAD").is_ok_and(|head| head == tip);
        Ok(Range { base, tip, branch: self.branch_of(if is_id { "HEAD" } else { &right })? })
    }

    /// Returns the range of all that a commit holds: from the commit of the empty tree.
    ///
    /// # Errors
    /// When `tip` names no commit, or history ends early.
    pub fn whole(&self, tip: &str) -> Result<Range, GitError> {
        Ok(Range { tip: self.commit(tip)?, base: self.beginning(tip)?, branch: self.branch_of(tip)? })
    }

    /// Returns what a commit stands on: its first parent, or the commit of the empty tree.
    ///
    /// # Errors
    /// When git cannot be run or history ends early.
    pub fn base_of(&self, commit_id: ObjectId) -> Result<ObjectId, GitError> {
        self.parent(commit_id)?.map_or_else(|| self.beginning(&commit_id.to_string()), Ok)
    }

    fn parent(&self, commit_id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let out = self.program().ask(["rev-parse", "--verify", "--quiet", &format!("{commit_id}^")])?;
        out.map(|out| parse_id(&out)).transpose()
    }

    /// Returns the commit that stands before the first commit of the history of `spec`: one of the empty tree, the same in every repository, for
    /// series have to stand on one. It is written where it is not there.
    ///
    /// # Errors
    /// When history ends early, so that nobody can tell what came with the first commit.
    fn beginning(&self, spec: &str) -> Result<ObjectId, GitError> {
        let why = self.where_history_ends()?;
        if !why.is_empty() {
            return Err(GitError::Revision { spec: spec.into(), problem: format!("has no beginning here{why}") });
        }
        let nobody = Signature { name: "nobody".into(), email: "nobody".into(), time: "0 +0000".into() };
        let message = b"The empty tree\n".as_bstr();
        let empty = NewCommit { tree_id: self.empty_tree(), parents: &[], author: &nobody, committer: &nobody, message };
        let objects = self.objects();
        objects.write_empty_tree()?;
        let base = objects.write_commit(&empty)?;
        objects.keep(self)?;
        Ok(base)
    }

    /// Returns what to add to a message about a commit that is not there: nothing, or that the repository is shallow and what to type.
    fn where_history_ends(&self) -> Result<&'static str, GitError> {
        let is_shallow = self.program().line(["rev-parse", "--is-shallow-repository"])? == "true";
        Ok(if is_shallow { " (the repository is shallow: git fetch --unshallow)" } else { "" })
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
