//! Names whose shape changes, and all that the change adapts to it.
//!
//! ```text
//!   h.h   -int (*get)(int a);          the shape of a name: the words of its head, of a function its return type,
//!         +int (*get)(int a, void *p); of a variable or member its type, of a macro what kind of text it is
//!   u.c   -return o->get(1);
//!         +return o->get(1, 0);        an edit in a statement that names it before and after adapts to it
//! ```
//!
//! Careful first: such an edit is tied to the change, whatever it does there. A use that comes is of the new shape, one that goes was of the old one.
//! What is of a type that changes changes with it. A statement that stays and names several such things fits all of them before and after, and
//! none of the states between: they change at once. Types loosen what they show to be harmless: numbers become other numbers, a `const` comes to what is
//! called first. Other things of a shape are the members of a record, for values without names, and the constants of an enum, for a `switch`
//! without `default`. Cost: one pass over the tokens of the changed files.

mod changed;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Relations;
use crate::analyze::Analysis;
use crate::model::{EditId, FileId, Reason, Span, SymbolKind};
use changed::{Shape, Shapes};
use read::{Read, read};

/// Adds the relations of names whose shape changes.
pub(super) fn relations(analysis: &Analysis, found: &mut Relations) {
    let Analysis { change, edits, facts, .. } = analysis;
    let shapes = Shapes::of(analysis);
    for shape in &shapes.all {
        for pair in shape.edits.iter().collect::<Vec<_>>().windows(2).filter(|_| !shape.is_set && shape.only_value.is_none()) {
            found.together(*pair[0], *pair[1], Reason::ChangesShape(shape.because.clone()));
        }
    }
    let by_file: Vec<(FileId, Vec<EditId>)> = edits.by_file().into_iter().collect();
    let read: Vec<Vec<Read>> =
        by_file.par_iter().map(|(file_id, edit_ids)| read(change, edits, &shapes, *file_id, edit_ids)).collect();
    let mut adapts: BTreeMap<(EditId, usize), [bool; 2]> = BTreeMap::new();
    let mut needs: BTreeMap<(EditId, usize), [bool; 2]> = BTreeMap::new();
    let mut designated: BTreeSet<(EditId, usize, usize)> = BTreeSet::new();
    for one in read.into_iter().flatten() {
        match one {
            Read::Touched { edit_id, shape, side } => adapts.entry((edit_id, shape)).or_default()[side] = true,
            Read::Needs { edit_id, shape, side } => needs.entry((edit_id, shape)).or_default()[side] = true,
            Read::Designated { edit_id, shape, side } => drop(designated.insert((edit_id, shape, side))),
            Read::Stays(named) => stays(&shapes, &named, found),
            Read::Handles { edit_id, changed, side, constant } => {
                let (first, second) = if side == 0 { (edit_id, changed) } else { (changed, edit_id) };
                found.before(first, second, Reason::ChangesShape(constant));
            }
            Read::Positional { table: name, edit_ids } | Read::Torn { name, edit_ids } => {
                for pair in edit_ids.iter().collect::<Vec<_>>().windows(2) {
                    found.together(*pair[0], *pair[1], Reason::ChangesShape(name.clone()));
                }
            }
            Read::Asserted { said, edit_ids } => {
                for pair in edit_ids.iter().collect::<Vec<_>>().windows(2) {
                    found.together(*pair[0], *pair[1], Reason::Asserted(said.clone()));
                }
            }
        }
    }
    for ((edit_id, at), sides) in needs {
        // Values that get names, or lose them, fit the record on one side only.
        let is_free = |side: usize| !sides[side] && designated.contains(&(edit_id, at, side));
        let adapted = adapts.entry((edit_id, at)).or_default();
        (0..2).filter(|&side| !is_free(side)).for_each(|side| adapted[side] = true);
    }
    for ((edit_id, at), sides) in adapts {
        let shape = &shapes.all[at];
        if shape.edits.contains(&edit_id) || !shape.may_be_meant(facts, edit_id) {
            continue;
        }
        let reason = || Reason::ChangesShape(shape.because.clone());
        for &changed in &shape.edits {
            match sides {
                // What is set first needs no value from the start.
                _ if shape.only_value == Some(false) => found.before(edit_id, changed, reason()),
                _ if shape.only_value == Some(true) => found.before(changed, edit_id, reason()),
                [true, true] => found.together(changed, edit_id, reason()),
                [true, false] => found.before(edit_id, changed, reason()),
                [false, _] => found.before(changed, edit_id, reason()),
            }
        }
    }
}

/// Ties the shapes that a statement names which no edit touches.
fn stays(shapes: &Shapes, named: &BTreeSet<usize>, found: &mut Relations) {
    let all: Vec<&Shape> = named
        .iter()
        .map(|&at| &shapes.all[at])
        .filter(|shape| !shape.is_number && !shape.is_set && shape.only_value.is_none())
        .collect();
    for (nth, one) in all.iter().enumerate() {
        for other in &all[nth + 1..] {
            let reason = || Reason::ChangesShape(one.because.clone());
            let (Some(&first), Some(&second)) = (one.edits.first(), other.edits.first()) else { continue };
            // What is given to a function may be `const` when the function says that it is.
            let called = [one, other].map(|shape| shape.kind == SymbolKind::Function);
            match (one.only_const, other.only_const, called) {
                (Some(true), Some(true), [true, false]) | (Some(false), Some(false), [false, true]) => {
                    found.before(first, second, reason());
                }
                (Some(true), Some(true), [false, true]) | (Some(false), Some(false), [true, false]) => {
                    found.before(second, first, reason());
                }
                _ => found.together(first, second, reason()),
            }
        }
    }
}

/// Returns the edits that share a byte with a part, or lie strictly inside of it.
fn touching(touched: &[(Span, EditId)], part: Span) -> impl Iterator<Item = EditId> {
    let from = touched.partition_point(|(span, _)| span.end <= part.start);
    touched[from..]
        .iter()
        .take_while(move |(span, _)| span.start < part.end)
        .filter(move |(span, _)| span.overlaps(part) || (span.is_empty() && span.start > part.start))
        .map(|(_, edit_id)| *edit_id)
}
