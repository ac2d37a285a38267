//! Patches in order → what each step's text breaks, without a build.
//!
//! In: the [`Occurrences`] of the change, and the patches in their order. Each occurrence is there from one step to another, so what a step
//! names is known without its text. For each name the steps are looked at in which one of its occurrences comes or goes: a use without a
//! definition, two definitions, a static function without a caller, a call that the head does not take, heads that disagree, members, locals
//! and files that are not there (`names`); and brackets, conditionals and errors of the grammar (`syntax`). What is wrong in base or tip too is no finding:
//! what the reader does not understand, it does not understand there either. Out: [`Finding`]s, each with the relations that mend it.
//! Cost: n log n in occurrences; the texts of the files, and around each edit what lies between two functions.

mod finding;
mod lines;
pub(in crate::plan) mod moment;
mod names;
mod rules;
pub(in crate::plan) mod scope;
mod syntax;
pub(in crate::plan) mod times;

pub use finding::Finding;
pub use syntax::Asked;

use bstr::BStr;
use rayon::prelude::*;
use times::Times;

use crate::analyze::occurrences::Occurrences;
use crate::model::{Change, EditId, Edits, FileId};

/// What the steps break.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Each fault, sorted.
    pub findings: Vec<Finding>,
    /// Files that are too large to be parsed in each step: faults of their syntax may be missing.
    pub left: Vec<FileId>,
}

/// Finds what the steps break. `asked` remembers what parsed in earlier calls, which saves time and changes no result; nor does the number of threads.
pub fn check(change: &Change, edits: &Edits, occurrences: &Occurrences, patches: &[Vec<EditId>], asked: &Asked) -> Checked {
    let times = Times::of(edits, patches);
    let scope = scope::Scope::of(change, occurrences, &times);
    let groups: Vec<_> = occurrences.names.iter().collect();
    let mut findings: Vec<Finding> = groups.par_iter().flat_map_iter(|(key, list)| names::findings(&scope, key, list)).collect();
    let (of_syntax, left) = syntax::findings(change, edits, &times, asked);
    findings.extend(of_syntax);
    lines::fill_in(change, edits, &times, &mut findings);
    findings.sort();
    findings.dedup();
    Checked { findings, left }
}

#[cfg(test)]
mod tests;

/// Returns a sentence on files that were not looked at in each step; `None` where there are none.
pub fn not_looked_at(change: &Change, left: &[FileId]) -> Option<String> {
    let paths: Vec<&BStr> = left.iter().map(|&file_id| change.file(file_id).path()).collect();
    match paths.as_slice() {
        [] => None,
        [path] => Some(format!("not looked at for syntax in each step: {path}")),
        [path, rest @ ..] => Some(format!("not looked at for syntax in each step: {path} and {} more files", rest.len())),
    }
}
