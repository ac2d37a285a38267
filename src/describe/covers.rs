//! Cover letters: what a series says of itself.

use bstr::{BStr, BString, ByteSlice};

use crate::model::wording::NO_BLURB;
use crate::model::{Change, Message, Patch, Plan, Series, SeriesIdx};
use crate::similarity::said::whole;

/// Returns what the author said of the whole: the text of the only commit; empty where there are several, it has none, or git joined it of others.
pub fn blurb(change: &Change) -> BString {
    let [only] = change.commits.as_slice() else { return BString::default() };
    whole(only.message.as_ref()).body
}

/// Writes the subject of every cover letter. What the whole is for is the blurb's to say, and what a series does by itself a person's; what the mail room
/// knows better (order, needs, figures) it adds itself.
pub fn covers(change: &Change, title: &BStr, patches: &[Patch], series: &mut [Series]) {
    let only = change.commits.last().filter(|_| change.commits.len() == 1).map(|only| whole(only.message.as_ref()).subject);
    let title = only.filter(|said| !said.is_empty()).unwrap_or_else(|| title.to_owned());
    for one in series {
        let first = one.patches.first().map(|patch| patches[patch.0].message.subject.clone()).unwrap_or_default();
        let prefix = common_prefix(one.patches.iter().map(|patch| patches[patch.0].message.subject.as_ref()));
        let subject = match (one.patches.len(), prefix.is_empty() || title.starts_with(&prefix)) {
            (1, _) => first,
            (_, true) => title.clone(),
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

/// Writes the cover of every series of a plan: what a person wrote stays.
pub fn write(plan: &mut Plan) {
    let title = plan.title().to_owned();
    covers(&plan.change, title.as_ref(), &plan.campaign.patches, &mut plan.campaign.series);
    plan.words.cover_all(&mut plan.campaign.series);
}

/// Returns the series that have a cover letter in which nobody says why: neither of the whole nor of the series, or only what stands for a text.
pub fn without_why(plan: &Plan) -> Vec<SeriesIdx> {
    let says = |text: &BString| !text.trim().is_empty() && !text.contains_str(NO_BLURB);
    let is_said = says(&plan.words.blurb);
    let series = plan.campaign.series.iter().enumerate();
    let silent = series.filter(|(_, series)| series.patches.len() > 1 && !is_said && !says(&series.cover.body));
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
