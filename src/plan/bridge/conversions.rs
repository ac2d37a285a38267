//! Which edits convert users of a bridge.

use std::collections::BTreeSet;

use bstr::BStr;

use super::kind::{BridgeKind, User};
use super::{kinds, renaming};
use crate::model::{Bridge, Change, EditId, Edits, Facts};

/// Returns for each edit the place in [`Edits::bridges`] of the bridge whose users it converts, where it does nothing else, be it in code, in a comment
/// or in a document. An edit that is known to speak of another symbol of the same name converts none.
pub fn conversions(change: &Change, edits: &Edits, facts: &Facts) -> Vec<Option<usize>> {
    let mut of = vec![None; edits.len()];
    if edits.bridges.is_empty() {
        return of;
    }
    let ends: BTreeSet<EditId> = edits.bridges.iter().flat_map(|bridge| [bridge.put, bridge.take]).collect();
    let names: Vec<(&BStr, &BStr)> =
        edits.bridges.iter().flat_map(|bridge| &bridge.bridged.names).map(|(old, new)| (old.as_ref(), new.as_ref())).collect();
    let kinds: Vec<Option<&dyn BridgeKind>> = edits.bridges.iter().map(|bridge| kinds::of_word(bridge.bridged.kind)).collect();
    for edit_id in edits.whole().iter().filter(|edit_id| !ends.contains(edit_id)) {
        let edit = edits.get(edit_id);
        let user = User { edit_id, facts, exchanged: renaming::exchanged(edit.removed(change), edit.inserted(), &names) };
        let converts =
            |(bridge, kind): (&Bridge, &Option<&dyn BridgeKind>)| kind.is_some_and(|kind| kind.converts(&user, &bridge.bridged));
        of[edit_id.idx()] = edits.bridges.iter().zip(&kinds).position(converts);
    }
    of
}
