//! How much of a commit has to be read: what is moved, white space, comment, mechanical, and what really changes.
//!
//! Each changed line (as `git diff --numstat` counts them) is of exactly one kind, the first that holds; in doubt it is changed. Cost:
//! the texts of the changed files; only a gap of a hunk whose sides have different numbers of lines is compared token by token as a whole,
//! and only up to a bound.

pub mod source_lines;

pub mod moved;

pub mod classify;

pub mod audit;

use bstr::BString;
use rayon::prelude::*;

use crate::git::{GitError, Repository};
use crate::model::{Change, Message, ObjectId};
use crate::read;

use classify::{Lines, find, lines};
pub use classify::{Pair, Tally, tally};

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
/// are moved that one commit takes away and another puts back. Rules are found over all commits: what a commit does in one place may be what
/// others do in many.
///
/// # Errors
/// When git fails or an object is missing.
pub fn review(repository: &Repository, base: ObjectId, tip: ObjectId) -> Result<Vec<Row>, GitError> {
    let commits = repository.commits(base, tip)?;
    let read: Result<Vec<(Lines, usize)>, GitError> = commits
        .par_iter()
        .map(|commit| {
            let base = repository.base_of(commit.commit_id)?;
            Ok(of_change(&read::change(repository, base, commit.commit_id)?))
        })
        .collect();
    let read = read?;
    let rules = find(read.iter().map(|(lines, _)| lines));
    let mut first = 0;
    let mut rows = Vec::with_capacity(commits.len() + 1);
    for (commit, (lines, n_opaque)) in commits.iter().zip(&read) {
        let subject = Message::read(commit.message.as_ref()).subject;
        let tally = Tally { n_opaque: *n_opaque, ..lines.tally(&rules, first) };
        rows.push(Row { commit_id: Some(commit.commit_id), subject, tally });
        first += lines.n_gaps();
    }
    let (lines, n_opaque) = of_change(&read::change(repository, base, tip)?);
    let tally = Tally { n_opaque, ..lines.tally(&find([&lines]), 0) };
    rows.push(Row { commit_id: None, subject: "in all".into(), tally });
    Ok(rows)
}

/// Returns the changed lines of a change, and how many of its files have none.
fn of_change(change: &Change) -> (Lines, usize) {
    let pairs: Vec<Pair<'_>> = change
        .files
        .iter()
        .filter(|file| file.is_text())
        .map(|file| Pair { path: file.path(), base: file.base_text(), tip: file.tip_text() })
        .collect();
    (lines(&pairs), change.files.len() - pairs.len())
}
