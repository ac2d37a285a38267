//! What the patches of a union say of themselves.

use bstr::{BStr, BString, ByteSlice};

use crate::model::{Bridge, Bridged, Edits};
use crate::plan::bridge::kind::Wording;

/// Returns the words of the patch that puts the union, or one more member of it, in.
pub(super) fn put(edits: &Edits, bridge: &Bridge) -> Wording {
    let (record, old, new) = parts(&bridge.bridged);
    let way = if edits.get(bridge.put).inserted().contains_str("union") {
        "The two names are an anonymous union"
    } else {
        "The new name is one more member of the union"
    };
    let phrase = match bridge.bridged.names.as_slice() {
        [_] => format!("let {record} have both {old} and {new}"),
        _ => format!("let {record} have {old} under their new names too"),
    };
    let body = format!(
        "{record}.{old} becomes {new}. Users convert one by one, each in its own tree and in any order, so both names must be there until the last of \
         them is done. {way}: size, layout and generated code stay as they are. The old name goes in the last patch."
    );
    Wording { phrase: phrase.into(), body: body.into() }
}

/// Returns the words of a patch that converts users.
pub(super) fn user(bridged: &Bridged) -> Wording {
    let (record, old, new) = parts(bridged);
    let short = record.rfind_byte(b' ').map_or(record, |at| record[at + 1..].as_bstr());
    let phrase = format!("use {new} instead of {short}->{old}");
    let body = format!(
        "{record}.{old} is about to go; {new} is another name of the same member, which it has already. Nothing but the name changes."
    );
    Wording { phrase: phrase.into(), body: body.into() }
}

/// Returns the words of the patch that takes the old names out.
pub(super) fn take(bridged: &Bridged) -> Wording {
    let (record, old, new) = parts(bridged);
    let phrase = format!("remove {record}.{old}");
    let body = format!("All users have been converted to {new}. Remove the old name, which was kept for them.");
    Wording { phrase: phrase.into(), body: body.into() }
}

/// Returns the record, the old names and the new ones.
fn parts(bridged: &Bridged) -> (&BStr, BString, BString) {
    let record = bridged.record.as_ref().map_or(BStr::new(""), |record| record.as_bstr());
    let (old, new) = (bridged.names.iter().map(|(old, _)| old), bridged.names.iter().map(|(_, new)| new));
    (record, listed(old), listed(new))
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
