//! What a series says of itself, the ids of patches, and why a patch is as it is.

use bstr::{BStr, BString, ByteSlice, ByteVec};

use crate::model::{Change, Edits, Group, Home, Knot, Message, Patch, Series};

/// Longest patch id; it is typed in a todo.
const PATCH_ID: usize = 40;

/// Returns an id for a patch: the words of its subject after the prefix, and a number where another patch has them.
pub fn patch_id(subject: &BString, others: &[Patch]) -> String {
    let text = subject.to_str_lossy();
    let phrase = text.rsplit(": ").next().unwrap_or(&text);
    let mut id = String::new();
    for word in phrase.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if id.len() + word.len() + 1 > PATCH_ID {
            break;
        }
        if !id.is_empty() {
            id.push('-');
        }
        id.push_str(&word.to_ascii_lowercase());
    }
    if id.is_empty() {
        id.push_str("patch");
    }
    let taken = |id: &str| others.iter().any(|patch| patch.patch_id == id);
    if !taken(&id) {
        return id;
    }
    (2..).map(|nth| format!("{id}-{nth}")).find(|id| !taken(id)).expect("some number is free")
}

/// Returns why a group cannot be smaller: for each knot of more than one edit the reasons that tie it, most frequent first.
pub fn why(group: &Group, knots: &[Knot], change: &Change, edits: &Edits) -> Vec<String> {
    let mut sentences = Vec::new();
    for knot in group.knots.iter().map(|&idx| &knots[idx]).filter(|knot| knot.edits.len() > 1) {
        let mut reasons: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
        for tie in knot.ties.iter().filter(|tie| tie.reason != crate::model::Reason::Requires) {
            *reasons.entry(tie.reason.to_string()).or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        let files: std::collections::BTreeSet<_> = knot.edits.iter().map(|&edit_id| edits.get(edit_id).file_id).collect();
        let Some((reason, _)) = reasons.first() else { continue };
        let more = if reasons.len() > 1 { format!(" (and {} more reasons)", reasons.len() - 1) } else { String::new() };
        let place = match files.len() {
            1 => change.file(*files.first().expect("one file")).path().to_string(),
            n_files => format!("{n_files} files"),
        };
        sentences.push(format!("{} edits in {place} cannot be separated: {reason}{more}", knot.edits.len()));
    }
    sentences
}

/// Writes subject and body of every cover letter.
pub fn covers(change: &Change, name: &str, homes: &[Home], patches: &[Patch], series: &mut [Series]) {
    let whole = change.commits.last().map(|commit| commit.message.clone()).filter(|_| change.commits.len() == 1);
    let names: Vec<(String, Vec<usize>)> =
        series.iter().map(|one| (one.name.clone(), one.needs.iter().map(|needed| needed.0).collect())).collect();
    let n_series = series.len();
    for (idx, one) in series.iter_mut().enumerate() {
        let home = &homes[one.home.0];
        let first = one.patches.first().map(|patch| patches[patch.0].message.subject.clone()).unwrap_or_default();
        let prefix = common_prefix(one.patches.iter().map(|patch| patches[patch.0].message.subject.as_ref()));
        let title = whole.as_ref().and_then(|message| message.lines().next()).map_or_else(|| BString::from(name), BString::from);
        let subject = match (one.patches.len(), prefix.is_empty() || title.starts_with(&prefix)) {
            (1, _) => first,
            (_, true) => title,
            (_, false) => bstr::concat([prefix.as_slice(), strip_prefix(title.as_ref())]).into(),
        };
        let mut body = BString::default();
        if let Some(message) = &whole {
            let (_, text, _) = super::describe::parts(message.as_ref());
            if !text.is_empty() {
                body.push_str(&text);
                body.push_str("\n\n");
            }
        }
        body.push_str(format!("These are the {} patches of '{name}' for {}", one.patches.len(), home.name));
        if n_series > 1 {
            body.push_str(format!(", one of {n_series} series"));
        }
        body.push_str(".");
        if !names[idx].1.is_empty() {
            let needed: Vec<&str> = names[idx].1.iter().map(|&other| names[other].0.as_str()).collect();
            body.push_str(format!("\n\nThey need: {}.", needed.join(", ")));
        }
        one.cover = Message { subject, body, trailers: Vec::new() };
    }
}

/// Returns what all subjects have in common up to a `: `.
fn common_prefix<'s>(mut subjects: impl Iterator<Item = &'s BStr>) -> BString {
    let Some(first) = subjects.next() else { return BString::default() };
    let mut shared = first.as_bytes();
    for subject in subjects {
        let length = shared.iter().zip(subject.as_bytes()).take_while(|(one, other)| one == other).count();
        shared = &shared[..length];
    }
    shared.rfind(": ").map_or(BString::default(), |at| shared[..at + 2].into())
}

fn strip_prefix(title: &BStr) -> &[u8] {
    title.find(": ").map_or(title.as_bytes(), |at| &title[at + 2..])
}
