//! What a bridge frees → one piece a home.
//!
//! Users that only convert could each go alone. Their maintainers want one patch: those of a home are bound together before anything else is grouped,
//! and stay by themselves, so that no other patch waits for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EditId, Edits, HomeIdx, Knot, Relation};
use crate::plan::group::edges;

/// Joins the knots that only convert users of one bridge in one home. Returns the knots, ordered by their first edit, and which of them stay alone: the
/// joined ones and the ends of bridges. `converts` is as [`super::conversions`] gives it.
///
/// A knot that is related to anything but ends of bridges is left as it is: joining it with others could close a circle.
pub fn joined_by_home(
    knots: Vec<Knot>,
    edits: &Edits,
    relations: &[Relation],
    converts: &[Option<usize>],
    of_edit: &[HomeIdx],
) -> (Vec<Knot>, Vec<bool>) {
    if edits.bridges.is_empty() {
        let alone = vec![false; knots.len()];
        return (knots, alone);
    }
    let ends: BTreeSet<EditId> = edits.bridges.iter().flat_map(|bridge| [bridge.put, bridge.take]).collect();
    let is_end: Vec<bool> = knots.iter().map(|knot| knot.edits.iter().any(|edit_id| ends.contains(edit_id))).collect();
    let mut keys: Vec<Option<(usize, HomeIdx)>> = knots.iter().map(|knot| key(knot, converts, of_edit)).collect();
    for (first, second) in edges(&knots, edits, relations) {
        for (own, other) in [(first, second), (second, first)] {
            if !is_end[other] && keys[own].is_some() && keys[own] != keys[other] {
                keys[own] = None;
            }
        }
    }
    let mut joined: BTreeMap<(usize, HomeIdx), Knot> = BTreeMap::new();
    let mut out: Vec<(Knot, bool)> = Vec::new();
    for ((knot, key), is_end) in knots.into_iter().zip(keys).zip(is_end) {
        match key {
            Some(key) if !is_end => {
                let whole = joined.entry(key).or_insert_with(|| Knot { edits: Vec::new(), ties: Vec::new() });
                whole.edits.extend(knot.edits);
                whole.ties.extend(knot.ties);
            }
            _ => out.push((knot, is_end)),
        }
    }
    out.extend(joined.into_values().map(|mut knot| {
        knot.edits.sort();
        (knot, true)
    }));
    out.sort_by_key(|(knot, _)| knot.edits[0]);
    out.into_iter().unzip()
}

/// The bridge and the home of a knot all of whose edits convert, in one home.
fn key(knot: &Knot, converts: &[Option<usize>], of_edit: &[HomeIdx]) -> Option<(usize, HomeIdx)> {
    let of = |edit_id: &EditId| Some((converts[edit_id.idx()]?, of_edit[edit_id.idx()]));
    let first = of(knot.edits.first()?)?;
    knot.edits.iter().all(|edit_id| of(edit_id) == Some(first)).then_some(first)
}
