//! How much of a commit has to be read: what is moved, white space, comment, mechanical, and what really changes.
//!
//! Each changed line (as `git diff --numstat` counts them) is of exactly one kind, the first that holds; in doubt it is changed. Cost:
//! the texts of the changed files; only a gap of a hunk whose sides have different numbers of lines is compared token by token as a whole,
//! and only up to a bound.

pub mod sheet;

pub mod moved;

pub mod rewrite;

pub mod classify;

pub mod table;

pub mod audit;

use bstr::BString;
use rayon::prelude::*;

use crate::git::{GitError, Repository};
use crate::model::{Change, ObjectId};
use crate::read;

pub use classify::{Pair, Tally, tally};
pub use rewrite::Rewrite;

/// One commit, or the whole range, and what its lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The commit; `None` for what base and tip of the range differ in.
    pub commit_id: Option<ObjectId>,
    /// The first line of its message.
    pub subject: BString,
    /// Its lines.
    pub tally: Tally,
}

/// Looks at each commit of `base..tip` without merges, oldest first, and last at the difference of base and tip, in which also blocks
/// are moved that one commit takes away and another puts back.
///
/// # Errors
/// When git fails or an object is missing.
pub fn review(repository: &Repository, base: ObjectId, tip: ObjectId) -> Result<Vec<Row>, GitError> {
    let commits = repository.commits(base, tip)?;
    let rows: Result<Vec<Row>, GitError> = commits
        .par_iter()
        .map(|commit| {
            let parent = repository.commit(&format!("{}^", commit.commit_id))?;
            let change = read::change(repository, parent, commit.commit_id)?;
            let subject = commit.message.split(|byte| *byte == b'\n').next().unwrap_or_default().into();
            Ok(Row { commit_id: Some(commit.commit_id), subject, tally: of_change(&change) })
        })
        .collect();
    let mut rows = rows?;
    let whole = read::change(repository, base, tip)?;
    rows.push(Row { commit_id: None, subject: "in all".into(), tally: of_change(&whole) });
    Ok(rows)
}

/// Returns what the lines of a change are.
pub fn of_change(change: &Change) -> Tally {
    let pairs: Vec<Pair<'_>> = change
        .files
        .iter()
        .filter(|file| file.is_text())
        .map(|file| Pair { path: file.path(), base: file.base_text(), tip: file.tip_text() })
        .collect();
    Tally { n_opaque: change.files.len() - pairs.len(), ..tally(&pairs) }
}
