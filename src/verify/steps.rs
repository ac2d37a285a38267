//! The steps to build: the base of a change and its commits.

use bstr::{BString, ByteSlice};

use super::VerifyError;
use super::syntax::compile::is_code;
use crate::git::tree_diff::Presence;
use crate::git::{GitError, Repository};
use crate::model::ObjectId;

/// A commit whose tree must build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The commit.
    pub commit_id: ObjectId,
    /// Its tree: all that a build sees.
    pub tree_id: ObjectId,
    /// The first line of its message.
    pub subject: BString,
}

/// Returns the base and then every patch of a change, in order: the branch `refs/heads/cleave/<name>/all`, down to
/// `refs/cleave/<name>/base`. Where that is not there, down to the first commit that another branch, a tag or a detached `HEAD` has.
///
/// # Errors
/// When there is no such branch, or it holds no commit of its own.
pub fn steps(repository: &Repository, name: &str) -> Result<Vec<Step>, VerifyError> {
    let all = format!("refs/heads/cleave/{name}/all");
    let tip = repository.commit(&all)?;
    let base_ref = format!("refs/cleave/{name}/base");
    let base = match repository.refs(&base_ref)?.get(&base_ref) {
        Some(&base) => Some(base),
        None => first_parent(repository, tip)?,
    };
    let none = || VerifyError::NoSteps(name.to_owned());
    let base = base.ok_or_else(none)?;
    let mut steps = log(repository, &["-1", &base.to_string()])?;
    steps.extend(log(repository, &["--reverse", "--first-parent", &format!("{base}..{tip}")])?);
    if steps.len() > 1 { Ok(steps) } else { Err(none()) }
}

/// Returns one commit as a step.
///
/// # Errors
/// When it is not there.
pub fn step(repository: &Repository, commit_id: ObjectId) -> Result<Step, VerifyError> {
    let found = log(repository, &["-1", &commit_id.to_string()])?.pop();
    found.ok_or_else(|| VerifyError::NoSteps(commit_id.to_string()))
}

/// Returns the code that is not the same in two trees and that the second has, sorted.
///
/// # Errors
/// When a tree is missing.
pub fn code_changed(repository: &Repository, one: ObjectId, other: ObjectId) -> Result<Vec<BString>, GitError> {
    let differing = repository.objects().differing(one, other)?;
    let is_there = |(path, presence): (BString, Presence)| (presence != Presence::First).then_some(path);
    let mut code: Vec<BString> = differing.into_iter().filter_map(is_there).filter(|path| is_code(path.as_ref())).collect();
    code.sort_unstable();
    Ok(code)
}

/// Returns the names of the changes that have a branch `all`, sorted.
///
/// # Errors
/// When git cannot be run.
pub fn changes(repository: &Repository) -> Result<Vec<String>, GitError> {
    let refs = repository.refs("refs/heads/cleave/")?;
    let name = |full: &String| Some(full.strip_prefix("refs/heads/cleave/")?.strip_suffix("/all")?.to_owned());
    Ok(refs.keys().filter_map(name).collect())
}

/// Returns the parent of the oldest commit that only branches of ours have.
fn first_parent(repository: &Repository, tip: ObjectId) -> Result<Option<ObjectId>, GitError> {
    let tip = tip.to_string();
    // On a branch, HEAD is covered by it, or is on a branch of ours: to reword there must not hide its commits.
    let head = repository.branch_of("HEAD")?.is_none().then_some("HEAD");
    let others = ["--not", "--exclude=cleave/*", "--branches", "--tags", "--remotes"].into_iter().chain(head);
    let out = repository.program().run(["rev-list", "--first-parent", "--parents", tip.as_str()].into_iter().chain(others))?;
    let oldest = out.lines().next_back().unwrap_or_default().to_str_lossy();
    Ok(oldest.split(' ').nth(1).and_then(|parent| parent.parse().ok()))
}

fn log(repository: &Repository, revisions: &[&str]) -> Result<Vec<Step>, GitError> {
    let args = ["log", "-z", "--no-show-signature", "--format=%H %T %s"];
    let out = repository.program().run(args.iter().chain(revisions).chain(&["--"]))?;
    out.split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
        .map(|record| {
            let wrong = || GitError::wrong(format!("git log printed '{}'", record.as_bstr()));
            let mut fields = record.splitn(3, |byte| *byte == b' ');
            let mut id = || fields.next().and_then(|hex| hex.to_str().ok()?.parse().ok()).ok_or_else(wrong);
            let (commit_id, tree_id) = (id()?, id()?);
            Ok(Step { commit_id, tree_id, subject: fields.next().unwrap_or_default().into() })
        })
        .collect()
}
