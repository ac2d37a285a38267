//! Edits → facts: what each edit defines, declares, uses and drops.
//!
//! In: a [`Change`] and its [`Edits`]. Out: [`Facts`]. Each file is read on its own and in parallel ([`c`], `kbuild`, `kconfig`,
//! `devicetree`, `document`), base and tip; an edit has the facts of the mentions it touches (`facts`); then names that cross files are
//! resolved (`resolve`). No file but those of the change is looked at. Cost: the texts of the changed files.

use rayon::prelude::*;

use facts::{FileFacts, Sides, file_facts};

use crate::model::{Change, Edit, EditId, Edits, Facts, FileId};
use crate::read::edits::{cut_file, joined};

pub mod c;
mod devicetree;
mod document;
mod facts;
pub mod history;
mod kbuild;
mod kconfig;
pub mod owners;
pub mod project;
mod resolve;
pub mod rules;
mod texts;
pub mod types;

/// Cuts a change and finds what each edit does: file by file, so that a text is parsed once and its tree is gone before the next
/// file is read. The same as [`crate::read::edits()`] and [`facts()`] one after the other, on any number of threads.
pub fn edits_and_facts(change: &Change) -> (Edits, Facts) {
    let ids: Vec<FileId> = change.files().map(|(file_id, _)| file_id).collect();
    let (of_files, mut facts): (Vec<Vec<Edit>>, Vec<FileFacts>) = ids
        .par_iter()
        .map(|&file_id| {
            let cut = cut_file(change, file_id);
            let edits = Edits { all: cut.edits, ..Edits::default() };
            let edit_ids: Vec<EditId> = edits.iter().map(|(edit_id, _)| edit_id).collect();
            let sides = Sides { base: cut.base.as_ref(), tip: cut.tip.as_ref() };
            let facts = file_facts(change, &edits, file_id, &edit_ids, sides);
            (edits.all, facts)
        })
        .unzip();
    let mut first = 0;
    for (of_file, facts) in of_files.iter().zip(&mut facts) {
        facts.facts.iter_mut().for_each(|fact| fact.edit_id = EditId::at(first + fact.edit_id.idx()));
        first += of_file.len();
    }
    // Files without an edit have no part in the facts.
    let facts = facts.into_iter().zip(&of_files).filter(|(_, edits)| !edits.is_empty()).map(|(facts, _)| facts).collect();
    (joined(change, of_files), resolve::resolve(facts))
}

/// Finds what each edit does, where the edits are not those that a change was cut into alone: parses each text again.
pub fn facts(change: &Change, edits: &Edits) -> Facts {
    let by_file: Vec<_> = edits.by_file().into_iter().collect();
    let of_file = |(file_id, edit_ids): &(FileId, Vec<EditId>)| file_facts(change, edits, *file_id, edit_ids, Sides::default());
    resolve::resolve(by_file.par_iter().map(of_file).collect())
}

#[cfg(test)]
mod tests;
