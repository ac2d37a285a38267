//! Patches in order → what each step's text breaks, without a build.
//!
//! In: the [`Occurrences`] of the change and the patches as they follow each other. Each occurrence is there from one step to another, so what a step
//! names is known without its text. For each name the steps at which one of its occurrences comes or goes are looked at: a use without a
//! definition, two definitions, a static function without a caller, a call that the head does not take, heads that disagree, members, locals
//! and files that are not there (`names`); and brackets, conditionals and errors of the grammar (`syntax`). What base or tip have too is no finding:
//! whatever the reader does not understand it does not understand there either. Out: [`Finding`]s, each with the relations that mend it.
//! Cost: n log n in occurrences; the texts of the files, and around each edit what lies between two functions.

pub(in crate::plan) mod mend;
pub(in crate::plan) mod names;
mod place;
pub mod report;
mod rules;
mod syntax;

pub use syntax::Asked;

use std::fmt;

use bstr::BString;
use rayon::prelude::*;

use crate::analyze::occurrences::{Occurrence, Occurrences, Order};
use crate::model::diagnosis::DiagnosisKind;
use crate::model::{Change, EditId, Edits, FileId, Relation};

/// A fault of some steps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The patch after which it is there first, from 0.
    pub step: usize,
    /// The last patch after which it is there; the next one mends it.
    pub until: usize,
    /// The file that it shows in.
    pub path: BString,
    /// The line in the file of `step`, from 1; 0 for the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub kind: DiagnosisKind,
    /// The name that it is about, empty for none.
    pub symbol: BString,
    /// What would mend it: contracts that the order breaks. Empty where nothing is known to.
    pub mend: Vec<Relation>,
    /// Where it shows.
    pub(crate) at: Option<(FileId, Order)>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DiagnosisKind::Undeclared => "is not declared here",
            DiagnosisKind::Unused => "is not used",
            DiagnosisKind::Redefined => "is defined twice, or in two ways",
            DiagnosisKind::MissingMember => "is a member of no record",
            DiagnosisKind::ArgumentCount => "takes another number of arguments",
            DiagnosisKind::MissingHeader => "is a file that is not there",
            DiagnosisKind::MissingRule => "is built from a file that is not there",
            DiagnosisKind::Other => "does not parse",
        };
        let symbol = if self.symbol.is_empty() { "it".into() } else { format!("'{}'", self.symbol) };
        write!(f, "{}:{}: {symbol} {what}", self.path, self.line)
    }
}

/// When each edit comes: the place of its patch, `None` for an edit in no patch.
pub(in crate::plan) struct Times {
    of: Vec<Option<usize>>,
    n_patches: usize,
}

impl Times {
    pub(in crate::plan) fn of(edits: &Edits, patches: &[Vec<EditId>]) -> Self {
        let mut of = vec![None; edits.len()];
        for (idx, patch) in patches.iter().enumerate() {
            patch.iter().for_each(|edit_id| of[edit_id.idx()] = Some(idx));
        }
        Times { of, n_patches: patches.len() }
    }

    /// The number of patches: the last time.
    fn n_patches(&self) -> usize {
        self.n_patches
    }

    /// The number of patches that are in when the edit is.
    pub(in crate::plan) fn at(&self, edit_id: EditId) -> usize {
        self.of[edit_id.idx()].map_or(usize::MAX, |patch| patch + 1)
    }

    /// Returns the first time at which an occurrence is there and the first after that at which it is not.
    pub(in crate::plan) fn span(&self, place: &Occurrence) -> (usize, usize) {
        (place.added_by.map_or(0, |edit_id| self.at(edit_id)), place.removed_by.map_or(usize::MAX, |edit_id| self.at(edit_id)))
    }
}

/// What the steps break.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Each fault, sorted.
    pub findings: Vec<Finding>,
    /// Files that were too much to ask the grammar about in each step: faults of theirs may be missing.
    pub left: Vec<FileId>,
}

/// Finds what the steps break. The result does not depend on the number of threads, nor on what was `asked` before.
pub fn check(change: &Change, edits: &Edits, occurrences: &Occurrences, patches: &[Vec<EditId>], asked: &Asked) -> Checked {
    let times = Times::of(edits, patches);
    let scope = names::Scope::of(change, occurrences, &times);
    let groups: Vec<_> = occurrences.names.iter().collect();
    let mut findings: Vec<Finding> = groups.par_iter().flat_map_iter(|(key, list)| names::findings(&scope, key, list)).collect();
    let (of_syntax, left) = syntax::findings(change, edits, &times, asked);
    findings.extend(of_syntax);
    place::lines(change, edits, &times, &mut findings);
    findings.sort();
    findings.dedup();
    Checked { findings, left }
}

#[cfg(test)]
mod tests;
