//! Edits → facts: what each edit defines, declares, uses and drops.
//!
//! In: a [`Change`] and its [`Edits`]. Out: [`Facts`]. Each file is read on its own and in parallel ([`lang`](crate::lang): C, kbuild, Kconfig,
//! `devicetree`, `document`), base and tip; an edit has the facts of the mentions it touches (`facts`); then names that cross files are
//! resolved (`resolve`). Of other files only headers are looked at, where a field that the change gives or takes from a record is used and
//! the file alone does not tell of which record (`refine`). Cost: the texts of the changed files, and those headers.

use rayon::prelude::*;

use cleave_c::types::{InMemoryTree, SourceTree};
use facts::{FileFacts, Syntaxes, file_facts};
use occurrences::Occurrences;

use crate::model::{Change, Edit, EditId, Edits, Facts, FileId, Local};
use crate::read::edits::{cut_file, joined};

mod facts;
pub mod history;
pub mod occurrences;
pub mod project;
mod refine;
mod resolve;
pub mod rules;
pub mod side;

/// A change taken apart. Where a bridge stands for one of the edits, facts and occurrences are those of the bridge's edits instead.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// What differs between base and tip.
    pub change: Change,
    /// The pieces it is cut into.
    pub edits: Edits,
    /// What each edit defines, declares, uses and drops.
    pub facts: Facts,
    /// Where the changed files name what the edits touch.
    pub occurrences: Occurrences,
}

/// Cuts a change and finds what each edit does, as far as its own texts tell.
///
/// Works file by file, so that a text is parsed once and its syntax tree is dropped before the next file is read. The result is that of
/// [`crate::read::edits()`] and [`facts()`] one after the other, on any number of threads.
pub fn analyze(change: Change) -> Analysis {
    analyze_in(change, &InMemoryTree::default())
}

/// Does the same as [`analyze()`], with the files of the base that the change does not touch at hand in `beneath`.
pub fn analyze_in(change: Change, beneath: &dyn SourceTree) -> Analysis {
    let ids: Vec<FileId> = change.files().map(|(file_id, _)| file_id).collect();
    let (of_files, facts): (Vec<Local<Vec<Edit>>>, Vec<Local<FileFacts>>) = ids
        .par_iter()
        .map(|&file_id| {
            let cut = cut_file(&change, file_id);
            let sides = Syntaxes { base: cut.base.as_ref(), tip: cut.tip.as_ref() };
            let edits = cut.edits.map(|all| Edits { all, ..Edits::default() });
            let edit_ids: Vec<EditId> = edits.in_file().iter().map(|(edit_id, _)| edit_id).collect();
            let facts = Local::new(file_facts(&change, edits.in_file(), file_id, &edit_ids, sides));
            (edits.map(|edits| edits.all), facts)
        })
        .unzip();
    let mut n_before = 0;
    let numbered = |(facts, of_file): (Local<FileFacts>, &Local<Vec<Edit>>)| {
        let (first, n_edits) = (n_before, of_file.in_file().len());
        n_before += n_edits;
        // A file without an edit has no part in the facts.
        (n_edits > 0).then(|| facts.in_change(first))
    };
    let mut facts: Vec<FileFacts> = facts.into_iter().zip(&of_files).filter_map(numbered).collect();
    refine::refine(&mut facts, &change, beneath);
    let edits = joined(&change, of_files);
    let occurrences = facts.iter_mut().map(|file| std::mem::take(&mut file.occurrences)).collect();
    let occurrences = occurrences::joined(&change, &edits, occurrences);
    Analysis { change, edits, facts: resolve::resolve(facts), occurrences }
}

/// Finds what each edit does, where the edits are not those that a change was cut into alone: parses each text again.
pub fn facts(change: &Change, edits: &Edits) -> Facts {
    facts_in(change, edits, &InMemoryTree::default())
}

fn facts_in(change: &Change, edits: &Edits, beneath: &dyn SourceTree) -> Facts {
    let by_file: Vec<_> = edits.by_file().into_iter().collect();
    let of_file =
        |(file_id, edit_ids): &(FileId, Vec<EditId>)| file_facts(change, edits, *file_id, edit_ids, Syntaxes::default());
    let mut files: Vec<FileFacts> = by_file.par_iter().map(of_file).collect();
    refine::refine(&mut files, change, beneath);
    resolve::resolve(files)
}

#[cfg(test)]
mod tests;
