//! Edits → facts: what each edit defines, declares, uses and drops.
//!
//! In: a [`Change`] and its [`Edits`]. Out: [`Facts`]. Each file is read on its own and in parallel ([`c`], `kbuild`, `kconfig`,
//! `devicetree`, `document`), base and tip; an edit has the facts of the mentions it touches (`facts`); then names that cross files are
//! resolved (`resolve`). No file but those of the change is looked at. Cost: the texts of the changed files.

use rayon::prelude::*;

use crate::model::{Change, Edits, Facts};

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
mod texts;

/// Finds what each edit does. The result does not depend on the number of threads.
pub fn facts(change: &Change, edits: &Edits) -> Facts {
    let by_file: Vec<_> = edits.by_file().into_iter().collect();
    let files = by_file.par_iter().map(|(file_id, edit_ids)| facts::file_facts(change, edits, *file_id, edit_ids)).collect();
    resolve::resolve(files)
}

#[cfg(test)]
mod tests;
