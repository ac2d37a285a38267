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

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};

use self::body::{body, rule, with_rule};
use self::parts::{Fit, Part, parts};
use self::subject::{bridge_prefix, subject, told_apart};
use self::text::wrap;
use self::trailers::{Dealt, trailers};
use crate::model::path_kind::{PathKind, is_documentation, is_test, kind};
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
    if let Some(main) = main.filter(|main| main.fit == Fit::Main) {
        message.body = said_here(sources, main.commit, patch, &message.body, &mut notes);
    }
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

/// A longer paragraph says more than what other patches do.
const ASIDE: usize = 4;

/// Returns what the message of a commit that is cut says of its main part: short paragraphs on defconfigs, documents or tests that are elsewhere, or on all
/// that the commit does not change, are left out.
fn said_here(sources: &Sources<'_>, commit: usize, patch: &[EditId], body: &BString, notes: &mut Vec<String>) -> BString {
    let edits = &sources.analysis.edits;
    let path = |edit_id: EditId| sources.analysis.change.file(edits.get(edit_id).file_id).path();
    type Is = fn(&BStr) -> bool;
    let kinds: [(&str, Is); 3] = [
        ("defconfig", |path| kind(path) == PathKind::Defconfig),
        ("document", |path| is_documentation(path) && !matches!(kind(path), PathKind::Maintainers)),
        ("test", is_test),
    ];
    let others = || edits.iter().map(|(id, _)| id).filter(|id| sources.origins[id.idx()] == Some(commit) && !patch.contains(id));
    let is_elsewhere = |is: Is| others().any(|id| is(path(id))) && !patch.iter().any(|id| is(path(*id)));
    let mut words: Vec<&str> = kinds.into_iter().filter(|(_, is)| is_elsewhere(*is)).map(|(word, _)| word).collect();
    words.push("no functional change");
    let (mut kept, mut left): (Vec<&[u8]>, Vec<&[u8]>) = (Vec::new(), Vec::new());
    for paragraph in body.split_str("\n\n") {
        let lower = [b" ", paragraph].concat().to_ascii_lowercase().replace("\n", " ");
        let is_aside = paragraph.lines().count() <= ASIDE && words.iter().any(|word| lower.contains_str(format!(" {word}")));
        if is_aside { &mut left } else { &mut kept }.push(paragraph);
    }
    for paragraph in left {
        let line = paragraph.lines().next().unwrap_or_default().as_bstr();
        notes.push(format!("'{line}' is said of more of its commit than this patch, and is left out"));
    }
    bstr::join("\n\n", kept).into()
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
/// the body or the text above a rule. Returns the ids of patches of which all is the program's.
///
/// A text is the program's where it is what the program says of the edits that the patch had. The same holds for the text of a patch that was joined to
/// another one. Patches of these ids, into which a person put others by squash or fixup, keep subject and body, as those of `git rebase` do; only what
/// is said of all edits by a rule is said again, and what the program said of a patch that was squashed.
pub fn again(sources: &Sources<'_>, old: &[Patch], patches: &mut [Patch], kept: &BTreeSet<String>) -> BTreeSet<String> {
    let told = |subject: &BString, edits: &[EditId], nth| told_apart(sources, subject, edits, nth);
    let numbers = 2..=old.len().max(patches.len()) + 1;
    let is_own = |subject: &BString, was: &BString, edits: &[EditId]| {
        subject == was || numbers.clone().any(|nth| *subject == told(was, edits, nth))
    };
    let left: BTreeSet<String> = patches.iter().map(|patch| patch.patch_id.clone()).collect();
    let gone: Vec<&Patch> = old.iter().filter(|old| !left.contains(&old.patch_id)).collect();
    let mut own = BTreeSet::new();
    for idx in 0..patches.len() {
        let edits = patches[idx].edits.clone();
        let Some(had) = old.iter().find(|old| old.patch_id == patches[idx].patch_id).filter(|old| old.edits != edits) else {
            continue;
        };
        let (was, now) = (generated(sources, &had.edits), generated(sources, &edits));
        let message = &mut patches[idx].message;
        let joined = gone.iter().filter(|gone| gone.edits.iter().all(|edit_id| edits.contains(edit_id)));
        let is_left_out = joined.fold(false, |is_left_out, joined| is_left_out | leave_out(sources, joined, &is_own, message));
        let is_kept = kept.contains(&had.patch_id);
        if let Some(rest) = after(&message.body, &was.body).filter(|_| !is_kept || is_left_out) {
            message.body = paragraphs([&now.body, &rest]);
        } else if let Some(rule) = rule(sources, &had.edits).filter(|rule| message.body.contains_str(rule)) {
            message.body = replaced(&message.body, &rule, &BString::default());
            *message = with_rule(sources, &edits, std::mem::take(message));
        } else if is_left_out {
            message.body = paragraphs([&message.body, &now.body]);
        }
        let is_own_body = message.body == now.body;
        if !is_kept && is_own(&message.subject, &was.subject, &had.edits) {
            own.extend(is_own_body.then(|| patches[idx].patch_id.clone()));
            let is_taken = |subject: &BString| {
                patches.iter().enumerate().any(|(other, patch)| other != idx && patch.message.subject == *subject)
            };
            let mut choice =
                std::iter::once(now.subject.clone()).chain(numbers.clone().map(|nth| told(&now.subject, &edits, nth)));
            patches[idx].message.subject = choice.find(|subject| !is_taken(subject)).unwrap_or(now.subject);
        }
    }
    own
}

/// Takes out of a message what the program said of a patch that was joined to its own, and returns whether there was any; what a person wrote stays.
fn leave_out(
    sources: &Sources<'_>,
    joined: &Patch,
    is_own: &dyn Fn(&BString, &BString, &[EditId]) -> bool,
    message: &mut Message,
) -> bool {
    let Message { subject, body, .. } = &joined.message;
    let said = paragraphs([subject, body]);
    let own = generated(sources, &joined.edits);
    let empty = BString::default();
    let kept_subject = if is_own(subject, &own.subject, &joined.edits) { &empty } else { subject };
    let kept_body = match (after(body, &own.body), rule(sources, &joined.edits)) {
        (Some(rest), _) => rest,
        (None, Some(rule)) => replaced(body, &rule, &empty),
        (None, None) => body.clone(),
    };
    let kept = paragraphs([kept_subject, &kept_body]);
    if kept == said || !message.body.contains_str(&said) {
        return false;
    }
    message.body = replaced(&message.body, &said, &kept);
    true
}

/// Returns what stands after the first paragraphs of a body; `None` where it begins with others.
fn after(body: &BString, first: &BString) -> Option<BString> {
    let rest = body.strip_prefix(first.as_slice())?;
    (rest.is_empty() || (rest.starts_with(b"\n\n") && !first.is_empty())).then(|| rest.trim_start().into())
}

/// Puts other paragraphs in the place of the last that say this.
fn replaced(body: &BString, old: &BString, new: &BString) -> BString {
    let Some(at) = body.rfind(old) else { return body.clone() };
    let (before, behind) = (BString::from(body[..at].trim_end()), BString::from(body[at + old.len()..].trim_start()));
    paragraphs([&before, new, &behind])
}

/// Joins texts with an empty line between them.
fn paragraphs<const N: usize>(texts: [&BString; N]) -> BString {
    let texts: Vec<&BString> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    bstr::join("\n\n", texts).into()
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
