//! What the patches of a bridge say of themselves.

use bstr::{BString, ByteSlice};

use crate::model::{Bridge, BridgeKind, EditId, Edits};

/// Returns what a patch does and why, in a phrase for the subject and in sentences for the body, when it puts a bridge in, takes one out, or does nothing
/// but convert users. `converts` is as [`super::conversions`] gives it.
pub fn message(edits: &Edits, converts: &[Option<usize>], patch: &[EditId]) -> Option<(BString, BString)> {
    let holds = |edit_id: EditId| patch.contains(&edit_id);
    if let Some(bridge) = edits.bridges.iter().find(|bridge| holds(bridge.put) != holds(bridge.take)) {
        return Some(if holds(bridge.put) { put(edits, bridge) } else { take(bridge) });
    }
    let first = converts.get(patch.first()?.idx()).copied().flatten()?;
    let all = patch.iter().all(|edit_id| converts[edit_id.idx()] == Some(first));
    all.then(|| user(&edits.bridges[first]))
}

fn put(edits: &Edits, bridge: &Bridge) -> (BString, BString) {
    let BridgeKind::Field { record, names } = &bridge.kind;
    let (old, new) = (listed(names.iter().map(|(old, _)| old)), listed(names.iter().map(|(_, new)| new)));
    let way = if edits.get(bridge.put).inserted().contains_str("union") {
        "The two names are an anonymous union"
    } else {
        "The new name is one more member of the union"
    };
    let phrase = match names.as_slice() {
        [_] => format!("let {record} have both {old} and {new}"),
        _ => format!("let {record} have {old} under their new names too"),
    };
    let body = format!(
        "{record}.{old} becomes {new}. Users convert one by one, each in its own tree and in any order, so both names must be there until the last of \
         them is done. {way}: size, layout and generated code stay as they are. The old name goes in the last patch."
    );
    (phrase.into(), body.into())
}

fn user(bridge: &Bridge) -> (BString, BString) {
    let BridgeKind::Field { record, names } = &bridge.kind;
    let (old, new) = (listed(names.iter().map(|(old, _)| old)), listed(names.iter().map(|(_, new)| new)));
    let short = record.rfind_byte(b' ').map_or(record.as_bstr(), |at| record[at + 1..].as_bstr());
    let phrase = format!("use {new} instead of {short}->{old}");
    let body = format!(
        "{record}.{old} is about to go; {new} is another name of the same member, which it has already. Nothing but the name changes."
    );
    (phrase.into(), body.into())
}

fn take(bridge: &Bridge) -> (BString, BString) {
    let BridgeKind::Field { record, names } = &bridge.kind;
    let (old, new) = (listed(names.iter().map(|(old, _)| old)), listed(names.iter().map(|(_, new)| new)));
    let phrase = format!("remove {record}.{old}");
    let body = format!("All users have been converted to {new}. Remove the old name, which was kept for them.");
    (phrase.into(), body.into())
}

/// Returns `a`, `a and b`, `a, b and c`.
fn listed<'n>(names: impl Iterator<Item = &'n BString>) -> BString {
    let names: Vec<&BString> = names.collect();
    match names.split_last() {
        Some((last, [])) => (*last).clone(),
        Some((last, others)) => bstr::concat([bstr::join(", ", others).as_slice(), b" and ", last.as_slice()]).into(),
        None => BString::default(),
    }
}
