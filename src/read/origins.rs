//! Which commit of the range made each edit.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::git::blame::LineOwners;
use crate::git::{GitError, Repository};
use crate::model::{Change, EditId, EditKind, Edits, ObjectId};
use cleave_c::span::Lines;

/// For each edit the index of its commit in [`Change::commits`]; `None` where several commits made it, or it is not known which.
pub type Origins = Vec<Option<usize>>;

/// The edits of one file with their commits.
type Owned = Vec<(EditId, Option<usize>)>;

/// With more files or commits than this no blame is run: a release is not cut along its thousands of commits.
const MOST: usize = 1000;

/// Finds the commit that put the inserted lines of each edit there, or took the removed ones away, by majority of lines.
/// In a change of one commit, all edits are that commit's; above the limit on files and commits no edit has a commit. Cost: one `git blame` a side and file.
///
/// # Errors
/// When git fails on a file of the change.
pub fn origins(repository: &Repository, change: &Change, edits: &Edits) -> Result<Origins, GitError> {
    match change.commits.len() {
        0 => return Ok(vec![None; edits.len()]),
        1 => return Ok(vec![Some(0); edits.len()]),
        n_commits if n_commits > MOST || change.files.len() > MOST => return Ok(vec![None; edits.len()]),
        _ => {}
    }
    let places: HashMap<ObjectId, usize> =
        change.commits.iter().enumerate().map(|(idx, commit)| (commit.commit_id, idx)).collect();
    let children = repository.children(change.base_commit_id, change.tip_commit_id)?;
    let (base, tip) = (change.base_commit_id, change.tip_commit_id);
    // A base that came in by a merge is not on the line that `git blame --reverse` follows: who took its lines away is not asked.
    let is_first_parent = children.contains_key(&base);
    let by_file: Vec<_> = edits.by_file().into_iter().collect();
    let found: Result<Vec<Owned>, GitError> = by_file
        .par_iter()
        .map(|(file_id, edit_ids)| {
            let file = change.file(*file_id);
            let splices = || edit_ids.iter().map(|&edit_id| edits.get(edit_id));
            let put = match &file.tip {
                Some(entry) if splices().any(|edit| !edit.inserted().is_empty()) => {
                    repository.blame(base, tip, entry.path.as_ref())?
                }
                _ => Vec::new(),
            };
            let last_seen = match &file.base {
                Some(entry)
                    if is_first_parent && splices().any(|edit| !edit.removed(change).is_empty()) && file.tip.is_some() =>
                {
                    repository.blame_reverse(base, tip, entry.path.as_ref())?
                }
                _ => Vec::new(),
            };
            let taken: LineOwners = last_seen
                .into_iter()
                .map(|owner| children.get(&owner.unwrap_or(base)).copied().filter(|_| owner != Some(tip)))
                .collect();
            let (base_lines, tip_lines) = (Lines::of(file.base_text()), Lines::of(file.tip_text()));
            let touching: Vec<usize> = (0..change.commits.len())
                .filter(|&idx| change.commits[idx].paths.iter().any(|path| path == file.path()))
                .collect();
            let only = match touching[..] {
                [one] => Some(one),
                _ => None,
            };
            let owner = |edit_id: EditId| {
                let edit = edits.get(edit_id);
                let mut votes: HashMap<usize, usize> = HashMap::new();
                let mut vote = |owners: &LineOwners, lines: &Lines, start: usize, end: usize| {
                    for line in lines.line_at(start)..lines.line_at(end) {
                        if let Some(place) = owners.get(line).and_then(|owner| places.get(&(*owner)?)) {
                            *votes.entry(*place).or_default() += 1;
                        }
                    }
                };
                if let (EditKind::Splice { .. }, Some(span)) = (&edit.kind, edit.tip_span) {
                    vote(&put, &tip_lines, span.start, span.end);
                }
                if let Some(span) = edit.base_span() {
                    vote(&taken, &base_lines, span.start, span.end);
                }
                let most = votes.iter().map(|(place, count)| (*count, std::cmp::Reverse(*place))).max();
                most.map(|(_, std::cmp::Reverse(place))| place).or(only)
            };
            Ok(edit_ids.iter().map(|&edit_id| (edit_id, owner(edit_id))).collect())
        })
        .collect();
    let mut origins = vec![None; edits.len()];
    for (edit_id, owner) in found?.into_iter().flatten() {
        origins[edit_id.idx()] = owner;
    }
    Ok(origins)
}
