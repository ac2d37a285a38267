//! What the patches of a bridge say of themselves.

use super::kind::Wording;
use super::kinds;
use crate::model::{EditId, Edits};

/// Returns what a patch does and why, when it puts a bridge in, takes one out, or does nothing but convert users. `converts` is as
/// [`super::conversions`] gives it.
pub fn message(edits: &Edits, converts: &[Option<usize>], patch: &[EditId]) -> Option<Wording> {
    let holds = |edit_id: EditId| patch.contains(&edit_id);
    if let Some(bridge) = edits.bridges.iter().find(|bridge| holds(bridge.put) != holds(bridge.take)) {
        let kind = kinds::of_word(bridge.bridged.kind)?;
        return Some(if holds(bridge.put) { kind.put_wording(edits, bridge) } else { kind.take_wording(&bridge.bridged) });
    }
    let first = converts.get(patch.first()?.idx()).copied().flatten()?;
    let bridged = &edits.bridges[first].bridged;
    let all = patch.iter().all(|edit_id| converts[edit_id.idx()] == Some(first));
    all.then(|| kinds::of_word(bridged.kind).map(|kind| kind.user_wording(bridged))).flatten()
}
