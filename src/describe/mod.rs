//! Groups → messages: what a patch does, where, and why there; from the branch's own commits where they fit.
//!
//! A patch takes the message of a commit when most of the patch's lines come from that commit and most of the commit's lines go into that
//! patch. A commit that was squashed of several has as many messages, and each goes to the patch it speaks of. For all other patches the
//! subject and the body are made from the facts. The author of a patch is who wrote most of its lines.

mod actions;
mod body;
pub mod covers;
mod mechanical;
mod sources;
mod subject;
mod text;
pub mod trailers;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use self::body::{body, rule, with_rule};
use self::subject::{bridge_prefix, subject, told_apart};
use self::text::wrap;
use self::trailers::{Dealt, trailers};
use crate::model::{EditId, Message, Patch, Signature};
use crate::plan::bridge;

pub use self::sources::Sources;

/// A commit's message is taken when this share of the patch comes from it, and this share of it goes into the patch.
const FITS: f64 = 0.7;
/// The same for the only commit of a change.
const NEARLY_ALL: f64 = 0.95;

/// What `describe` says of one patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Subject, body, trailers.
    pub message: Message,
    /// Author of most of its lines.
    pub author: Signature,
    /// Notes for the user, such as dropped Reviewed-by tags; each a sentence.
    pub notes: Vec<String>,
}

/// Describes each patch; a subject that two patches would share is told apart by their paths.
pub fn descriptions(sources: &Sources<'_>, patches: &[Vec<EditId>]) -> Vec<Description> {
    let dealt = Dealt::of(sources, patches);
    let spoken = spoken(sources);
    let mut all: Vec<Description> =
        patches.iter().enumerate().zip(spoken).map(|(patch, spoken)| description(sources, patch, spoken, &dealt)).collect();
    let mut seen: BTreeMap<BString, usize> = BTreeMap::new();
    for (description, patch) in all.iter_mut().zip(patches) {
        let count = seen.entry(description.message.subject.clone()).or_default();
        *count += 1;
        if *count > 1 {
            let told = told_apart(sources, &description.message.subject, patch, *count);
            description.message.subject = told;
        }
    }
    all
}

/// Of a commit that was squashed of several, a message is taken for a patch when it is likelier than not the patch's own.
const LIKELY: f32 = 0.5;

/// Returns for each patch the message that speaks of it, of a commit whose message holds several; each is used once, for the patch that it fits best.
fn spoken<'s>(sources: &Sources<'s>) -> Vec<Option<&'s BStr>> {
    let mut fits: Vec<(f32, usize, usize, usize)> = Vec::new();
    for (patch, source) in sources.provenances.iter().enumerate() {
        let Some(source) = source.as_ref().filter(|source| source.shares.len() > 1) else { continue };
        let message = source.message();
        fits.push((source.shares[message], patch, source.commit, message));
    }
    fits.retain(|(share, ..)| *share > LIKELY);
    fits.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut used = BTreeSet::new();
    let mut spoken = vec![None; sources.provenances.len()];
    for (_, patch, commit, message) in fits {
        if used.insert((commit, message)) {
            spoken[patch] = Some(sources.squashed.messages[commit][message].as_bstr());
        }
    }
    spoken
}

fn description(sources: &Sources<'_>, (idx, patch): (usize, &Vec<EditId>), spoken: Option<&BStr>, dealt: &Dealt) -> Description {
    let mut lines: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    for &edit_id in patch {
        *lines.entry(sources.origins[edit_id.idx()]).or_default() += sources.weight(edit_id);
    }
    let all: usize = lines.values().sum();
    let commits: Vec<(usize, usize)> = {
        let mut commits: Vec<_> = lines.iter().filter_map(|(origin, count)| Some(((*origin)?, *count))).collect();
        commits.sort_by_key(|(origin, count)| (std::cmp::Reverse(*count), *origin));
        commits
    };
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let main = commits.first().map(|(origin, _)| *origin);
    let author = main.map_or_else(
        || sources.analysis.change.committer.clone(),
        |origin| sources.analysis.change.commits[origin].author.clone(),
    );
    // What was said of the whole change fits a part of it only when that is nearly all.
    let whole = if sources.analysis.change.commits.len() == 1 { NEARLY_ALL } else { FITS };
    let taken = commits.first().filter(|(origin, count)| {
        share(*count, all) >= FITS && share(*count, dealt.of_commit.get(origin).copied().unwrap_or(0)) >= whole
    });
    let mut notes = Vec::new();
    let trailers = trailers(sources, (idx, &commits), &author, spoken, dealt, &mut notes);
    let ends = sources.analysis.edits.bridges.iter().any(|bridge| patch.contains(&bridge.put) || patch.contains(&bridge.take));
    let whole = taken.map(|(origin, _)| sources.analysis.change.commits[*origin].message.as_bstr());
    let message = match spoken.or(whole).filter(|_| !ends) {
        Some(message) if taken.is_some() => Message::read(message),
        Some(message) => with_rule(sources, patch, Message::read(message)),
        None => generated(sources, patch),
    };
    Description { message: Message { trailers, ..message }, author, notes }
}

/// Returns what the program itself says of a patch.
fn generated(sources: &Sources<'_>, patch: &[EditId]) -> Message {
    let (subject, body) = match bridge::message(&sources.analysis.edits, sources.converts, patch) {
        Some(bridge::Wording { phrase, body }) => {
            (bstr::concat([bridge_prefix(sources, patch).as_slice(), phrase.as_slice()]).into(), wrap(&body))
        }
        None => (subject(sources, patch), body(sources, patch)),
    };
    with_rule(sources, patch, Message { subject, body, trailers: Vec::new() })
}

/// Says again what the program itself said of those patches that hold other edits than in `old`; what a person wrote of them stays, be it the subject,
/// the body or the text above a rule.
///
/// A text is the program's where it is what the program says of the edits that the patch had.
pub fn again(sources: &Sources<'_>, old: &[Patch], patches: &mut [Patch]) {
    for idx in 0..patches.len() {
        let edits = patches[idx].edits.clone();
        let Some(had) = old.iter().find(|old| old.patch_id == patches[idx].patch_id).filter(|old| old.edits != edits) else {
            continue;
        };
        let (was, now) = (generated(sources, &had.edits), generated(sources, &edits));
        let numbers = 2..=old.len().max(patches.len()) + 1;
        let message = &mut patches[idx].message;
        if message.body == was.body {
            message.body = now.body;
        } else if let Some(above) = rule(sources, &had.edits).and_then(|rule| message.body.strip_suffix(rule.as_slice())) {
            message.body = above.trim_end().into();
            *message = with_rule(sources, &edits, std::mem::take(message));
        }
        let told = |subject: &BString, edits: &[EditId], nth| told_apart(sources, subject, edits, nth);
        let is_own =
            message.subject == was.subject || numbers.clone().any(|nth| message.subject == told(&was.subject, &had.edits, nth));
        if is_own {
            let is_taken = |subject: &BString| {
                patches.iter().enumerate().any(|(other, patch)| other != idx && patch.message.subject == *subject)
            };
            let mut choice = std::iter::once(now.subject.clone()).chain(numbers.map(|nth| told(&now.subject, &edits, nth)));
            patches[idx].message.subject = choice.find(|subject| !is_taken(subject)).unwrap_or(now.subject);
        }
    }
}
