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

use bstr::{BString, ByteSlice};

use super::Relations;
use crate::analyze::occurrences::{NameSpace, Occurrence, Occurrences};
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
    let mut pointers: BTreeMap<(BString, BString), BTreeSet<(EditId, &BString)>> = BTreeMap::new();
    let mut given: Vec<((BString, BString), EditId)> = Vec::new();
    for ((_, name), list) in &occurrences.names {
        let Some((was, is, new)) = changed(name, list) else { continue };
        let Some(edit_id) = new.added_by else { continue };
        match new.kind {
            SymbolKind::Type | SymbolKind::Field | SymbolKind::Variable | SymbolKind::Local => {
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
    for (signatures, edit_id, name) in renamed_members(occurrences) {
        pointers.entry(signatures).or_default().insert((edit_id, name));
    }
    for (signatures, function) in given {
        let fits = pointers.get(&signatures).filter(|fits| fits.len() <= MOST_POINTERS);
        for (pointer, name) in fits.into_iter().flatten() {
            found.together(*pointer, function, Reason::ChangesShape((*name).clone()));
        }
    }
}

/// Returns the pointers to functions that one edit puts in place of another member of the record, with what their parameters were and are.
fn renamed_members(occurrences: &Occurrences) -> Vec<((BString, BString), EditId, &BString)> {
    type Members<'o> = Vec<(&'o BString, &'o BString)>;
    let mut of_record: BTreeMap<(&BString, EditId), [Members<'_>; 2]> = BTreeMap::new();
    for ((_, name), list) in occurrences.names.iter().filter(|((space, _), _)| *space == NameSpace::Field) {
        for head in list.iter().filter(|head| head.role == Role::Defines) {
            let (Some(record), Some(signature)) = (&head.record, &head.signature) else { continue };
            for (side, edit_id) in [(0, head.removed_by), (1, head.added_by)] {
                if let Some(edit_id) = edit_id {
                    of_record.entry((record, edit_id)).or_default()[side].push((name, signature));
                }
            }
        }
    }
    let pairs = of_record.into_iter().filter_map(|((_, edit_id), [gone, made])| match (gone.as_slice(), made.as_slice()) {
        ([(_, was)], [(name, is)]) if was != is => Some((((*was).clone(), (*is).clone()), edit_id, *name)),
        _ => None,
    });
    pairs.collect()
}

/// Returns what goes and what comes in its place of a head's parameters, or else of the type that it returns, and the head that comes.
fn changed<'o>(name: &BString, list: &'o [Occurrence]) -> Option<(BString, BString, &'o Occurrence)> {
    let mut heads = list.iter().filter(|occurrence| occurrence.role != Role::Uses && occurrence.signature.is_some());
    let old = heads.clone().find(|occurrence| occurrence.removed_by.is_some())?;
    let new = heads.find(|occurrence| occurrence.added_by.is_some()).filter(|new| new.kind == old.kind)?;
    let (was, is) = (old.signature.clone()?, new.signature.clone()?);
    if was != is {
        return Some((was, is, new));
    }
    let [was, is] = [old, new].map(|head| -> BString { bstr::join(" ", [returned(name, &head.shape), is.clone()]).into() });
    (was != is).then_some((was, is, new))
}

/// Returns the type that a function returns, or one that a pointer points to.
fn returned(name: &BString, shape: &BString) -> BString {
    let words = shape.split_str(" ").take_while(|word| *word != b"(" && *word != name.as_slice());
    bstr::join(" ", words.filter(|word| !matches!(*word, b"static" | b"extern" | b"typedef"))).into()
}
