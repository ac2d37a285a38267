//! Functions whose parameters change, and what has to have the same parameters.
//!
//! ```text
//!   typedef int (*walk_fn)(struct a *, void *);      ->   (struct b *, struct a *, void *)
//!   static int show(struct a *x, void *data)         ->   (struct b *y, struct a *x, void *data)      given as a walk_fn
//! ```
//!
//! A function that is named without being called is given away as a pointer. A type of pointer with the same parameters, before and after, is the one it is
//! given as, and both change in one step. Where several edits change one head, no step between them has a head that makes sense, so they go together.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::Relations;
use crate::analyze::occurrences::{Occurrence, Occurrences};
use crate::model::{EditId, Reason, Role, SymbolKind};

/// A signature that more types of pointers than this have is a common one, and does not tell which of them a function is given as.
const MOST_POINTERS: usize = 8;

/// Adds the relations of functions whose parameters change.
pub(super) fn relations(occurrences: &Occurrences, found: &mut Relations) {
    for (name, edit_ids) in &occurrences.torn {
        for pair in edit_ids.windows(2) {
            found.together(pair[0], pair[1], Reason::ChangesShape(name.clone()));
        }
    }
    let mut pointers: BTreeMap<(&BString, &BString), BTreeSet<(EditId, &BString)>> = BTreeMap::new();
    let mut given: Vec<((&BString, &BString), EditId)> = Vec::new();
    for ((_, name), list) in &occurrences.names {
        let Some((old, new)) = changed(list) else { continue };
        let (Some(was), Some(is), Some(edit_id)) = (&old.signature, &new.signature, new.added_by) else { continue };
        match new.kind {
            SymbolKind::Type | SymbolKind::Field | SymbolKind::Variable => {
                pointers.entry((was, is)).or_default().insert((edit_id, name));
            }
            SymbolKind::Function
                if list.iter().any(|occurrence| occurrence.role == Role::Uses && occurrence.arguments.is_none()) =>
            {
                given.push(((was, is), edit_id));
            }
            _ => {}
        }
    }
    for (signatures, function) in given {
        let fits = pointers.get(&signatures).filter(|fits| fits.len() <= MOST_POINTERS);
        for (pointer, name) in fits.into_iter().flatten() {
            found.together(*pointer, function, Reason::ChangesShape((*name).clone()));
        }
    }
}

/// Returns the head that leaves and the one that comes in its place, where their parameters differ.
fn changed(list: &[Occurrence]) -> Option<(&Occurrence, &Occurrence)> {
    let mut heads = list.iter().filter(|occurrence| occurrence.role != Role::Uses && occurrence.signature.is_some());
    let old = heads.clone().find(|occurrence| occurrence.removed_by.is_some())?;
    let new = heads.find(|occurrence| occurrence.added_by.is_some())?;
    (old.kind == new.kind && old.signature != new.signature).then_some((old, new))
}
