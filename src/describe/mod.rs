//! Groups → messages: what a patch does, where, and why there; from the branch's own commits where they fit.
//!
//! A patch takes the message of a commit when most of the patch's lines come from that commit and most of the commit's lines go into that
//! patch, or when it is the main part of a commit that is cut. A commit that was squashed of several has as many messages, and each goes to the
//! patch it speaks of. For all other patches the subject and the body are made from the facts. The author of a patch is who wrote most of its lines.

mod actions;
mod body;
pub mod covers;
mod entries;
mod mechanical;
mod parts;
mod sources;
mod subject;
mod text;
pub mod trailers;

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use self::body::{body, rule, with_rule};
use self::parts::{Fit, Part, parts};
use self::subject::{bridge_prefix, subject, told_apart};
use self::text::wrap;
use self::trailers::{Dealt, trailers};
use crate::model::{EditId, Message, Patch, Signature};
use crate::plan::bridge;

pub use self::sources::Sources;

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
    let parts = parts(sources, patches, &dealt);
    let mut all: Vec<Description> =
        patches.iter().enumerate().zip(&parts).map(|(patch, parts)| description(sources, patch, parts, &dealt)).collect();
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

fn description(sources: &Sources<'_>, (idx, patch): (usize, &Vec<EditId>), parts: &[Part<'_>], dealt: &Dealt) -> Description {
    let mut notes = Vec::new();
    let author = author(sources, parts);
    let trailers = trailers(sources, idx, parts, &author, dealt, &mut notes);
    let ends = sources.analysis.edits.bridges.iter().any(|bridge| patch.contains(&bridge.put) || patch.contains(&bridge.take));
    let main = parts.first().filter(|main| main.fit != Fit::No && !ends);
    let mut message = match main.map(|main| &main.said.message) {
        Some(said) if !said.subject.is_empty() => said.clone(),
        Some(said) if !said.body.is_empty() => Message { body: said.body.clone(), ..generated(sources, patch) },
        _ => generated(sources, patch),
    };
    for part in parts.iter().filter(|part| part.fit == Fit::Also) {
        let said = &part.said.message.subject;
        notes.push(format!("the squashed message '{said}' speaks of no patch more than of this one, and is left out"));
    }
    // All that was said of a commit that stays whole is said here.
    let others = if main.is_some() { &parts[1..] } else { parts };
    let squashed = others.iter().filter(|part| part.fit == Fit::Squashed && !ends);
    let more = squashed.flat_map(|part| [&part.said.message.subject, &part.said.message.body]);
    let paragraphs: Vec<&BString> = [&message.body].into_iter().chain(more).filter(|text| !text.is_empty()).collect();
    message.body = bstr::join("\n\n", paragraphs).into();
    message.trailers = trailers;
    let message = match main.map(|main| main.fit) {
        None | Some(Fit::Whole | Fit::Nearly) => message,
        _ => with_rule(sources, patch, message),
    };
    Description { message, author, notes }
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

/// Returns who wrote most of the lines of a patch.
fn author(sources: &Sources<'_>, parts: &[Part<'_>]) -> Signature {
    let mut authors: Vec<(Signature, usize)> = Vec::new();
    for part in parts {
        let author = part.author(sources);
        match authors.iter_mut().find(|(known, _)| known.email == author.email) {
            Some((_, n_lines)) => *n_lines += part.n_lines,
            None => authors.push((author, part.n_lines)),
        }
    }
    let most = authors.iter().map(|(_, n_lines)| *n_lines).max();
    let first = authors.into_iter().find(|(_, n_lines)| Some(*n_lines) == most);
    first.map_or_else(|| sources.analysis.change.committer.clone(), |(author, _)| author)
}
