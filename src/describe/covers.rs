//! What a series says of itself, the ids of patches, and why a patch is as it is.

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use crate::model::{Change, Edits, Group, Knot, Message, Patch, Plan, Reason, Relation, Series, SeriesIdx};

/// Longest patch id; it is typed in a todo.
const PATCH_ID: usize = 40;

/// The ids of patches so far.
#[derive(Debug, Default)]
pub struct Ids {
    taken: BTreeSet<String>,
    /// The last number given to each id that others wanted too.
    numbers: BTreeMap<String, usize>,
}

impl Ids {
    /// Returns those of these patches.
    pub fn of<'p>(patches: impl IntoIterator<Item = &'p Patch>) -> Self {
        Ids { taken: patches.into_iter().map(|patch| patch.patch_id.clone()).collect(), numbers: BTreeMap::new() }
    }

    /// Returns an id for a patch: the words of its subject after the prefix, and a number where another patch has them.
    pub fn next(&mut self, subject: &BString) -> String {
        let words = words(subject);
        let mut id = words.clone();
        while !self.taken.insert(id.clone()) {
            let number = self.numbers.entry(words.clone()).or_insert(1);
            *number += 1;
            id = format!("{words}-{number}");
        }
        id
    }
}

fn words(subject: &BString) -> String {
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
    id
}

/// Returns why a group cannot be smaller: for each knot over more than one file that others could be thought to share, the reason that ties
/// most of it, widest knots first. Knots inside one file, and prototypes with their functions, are what any patch is made of.
pub fn why(group: &Group, knots: &[Knot], change: &Change, edits: &Edits) -> Vec<String> {
    let mut sentences: Vec<(usize, String)> = Vec::new();
    for knot in group.knots.iter().map(|&idx| &knots[idx]) {
        let files: BTreeSet<_> = knot.edits.iter().map(|&edit_id| edits.get(edit_id).file_id).collect();
        let tells = |reason: &Reason| !matches!(reason, Reason::DeclaredAndDefined(_) | Reason::Requires);
        let apart = |tie: &&Relation| edits.get(tie.first).file_id != edits.get(tie.second).file_id;
        let ties = knot.ties.iter().filter(|tie| tells(&tie.reason)).filter(apart);
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        ties.for_each(|tie| *reasons.entry(tie.reason.to_string()).or_default() += 1);
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        let (Some((reason, _)), true) = (reasons.first(), files.len() > 1) else { continue };
        let more = match reasons.len() {
            1 => String::new(),
            2 => " (and one more reason)".to_owned(),
            n_reasons => format!(" (and {} more reasons)", n_reasons - 1),
        };
        let n_files = if files.len() == change.files.len() { "all".to_owned() } else { files.len().to_string() };
        sentences.push((files.len(), format!("{} edits in {n_files} files cannot be apart: {reason}{more}", knot.edits.len())));
    }
    sentences.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    sentences.into_iter().map(|(_, sentence)| sentence).collect()
}

/// What stands in the mails of a draft, and in a todo, where nobody said why. Source: the template of `git format-patch --cover-letter`.
pub const NO_BLURB: &str = "*** BLURB HERE ***";
/// The same where nobody said what changed since the last version.
pub const NO_CHANGES: &str = "*** CHANGES HERE ***";

/// Returns what the author said of the whole: the text of the only commit; empty where there are several or it has none.
pub fn blurb(change: &Change) -> BString {
    let [only] = change.commits.as_slice() else { return BString::default() };
    Message::read(only.message.as_ref()).body
}

/// Writes the subject of every cover letter. What the whole is for is the blurb's to say, and what a series does by itself a person's; what the mail room
/// knows better (order, needs, figures) it adds itself.
pub fn covers(change: &Change, title: &BStr, patches: &[Patch], series: &mut [Series]) {
    let whole = change.commits.last().map(|commit| commit.message.clone()).filter(|_| change.commits.len() == 1);
    for one in series {
        let first = one.patches.first().map(|patch| patches[patch.0].message.subject.clone()).unwrap_or_default();
        let prefix = common_prefix(one.patches.iter().map(|patch| patches[patch.0].message.subject.as_ref()));
        let title = whole.as_ref().and_then(|message| message.lines().next()).map_or_else(|| title.to_owned(), BString::from);
        let subject = match (one.patches.len(), prefix.is_empty() || title.starts_with(&prefix)) {
            (1, _) => first,
            (_, true) => title,
            (_, false) => bstr::concat([prefix.as_slice(), strip_prefix(title.as_ref())]).into(),
        };
        one.cover = Message { subject, ..Message::default() };
    }
}

/// Takes apart what the description of a branch says: what the change is called, and why it is made. A first paragraph that is too long for a subject,
/// or stands alone, is why. Source: `git format-patch` documentation, `--cover-from-description=auto`.
pub fn described(description: &BStr) -> (BString, BString) {
    const SUBJECT: usize = 100;
    match description.split_once_str("\n\n") {
        Some((title, why)) if title.len() <= SUBJECT && !title.contains(&b'\n') && !why.trim().is_empty() => {
            (title.trim().into(), why.trim().into())
        }
        _ => (BString::default(), description.to_owned()),
    }
}

/// Writes the covers of series that were made of those of a plan: a name that is known keeps its cover.
pub fn carried(plan: &Plan, patches: &[Patch], series: &mut [Series]) {
    covers(&plan.change, plan.title(), patches, series);
    for one in series.iter_mut() {
        if let Some(known) = plan.campaign.series.iter().find(|known| known.name == one.name) {
            one.cover.clone_from(&known.cover);
        }
    }
    plan.words.cover_all(series);
}

/// Returns the series that have a cover letter in which nobody says why: neither of the whole nor of the series, or only what stands for a text.
pub fn without_why(plan: &Plan) -> Vec<SeriesIdx> {
    let says = |text: &BString| !text.trim().is_empty() && !text.contains_str(NO_BLURB);
    let whole = says(&plan.words.blurb);
    let series = plan.campaign.series.iter().enumerate();
    let silent = series.filter(|(_, series)| series.patches.len() > 1 && !whole && !says(&series.cover.body));
    silent.map(|(idx, _)| SeriesIdx(idx)).collect()
}

/// Returns the series that have a cover letter whose subject is no more than the name of the change.
pub fn without_subject(plan: &Plan) -> Vec<SeriesIdx> {
    let series = plan.campaign.series.iter().enumerate();
    let is_name = |cover: &Message| strip_prefix(cover.subject.as_ref()) == plan.name.as_bytes();
    series.filter(|(_, one)| one.patches.len() > 1 && is_name(&one.cover)).map(|(idx, _)| SeriesIdx(idx)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_a_subject_and_a_why() {
        let check = |text: &str, title: &str, why: &str| assert_eq!(described(text.into()), (title.into(), why.into()), "{text}");
        check("mm: do it\n\nIt was time.\n\nAnd more.", "mm: do it", "It was time.\n\nAnd more.");
        check("It was time.", "", "It was time.");
        check("Two\nlines\n\nIt was time.", "", "Two\nlines\n\nIt was time.");
        check(&format!("{}\n\nwhy", "x".repeat(101)), "", &format!("{}\n\nwhy", "x".repeat(101)));
        check("", "", "");
    }
}
