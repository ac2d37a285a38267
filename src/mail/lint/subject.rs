//! Subjects: length, form, mood.

use bstr::ByteSlice;
use unicode_width::UnicodeWidthStr;

use super::documents::Document;
use super::{Fix, Hit, Look, Place, Severity};
use crate::write::am;

/// Words that begin a phrase and are no imperative, whatever follows.
const NOT_IMPERATIVE: &str = "\
    added adds adding allows avoids avoiding changed changing cleaned cleaning converted converts converting corrected \
    corrects correcting created creates creating deleted deletes deleting disables disabling dropped drops dropping \
    enables enabling ensures ensuring extends fixes fixing implemented implements implementing improved improves improving \
    introduced introduces introducing makes making modified modifies modifying moved moves moving optimizes optimizing \
    prevents preventing provides refactored refactors refactoring removed removes removing renamed renames renaming \
    replaced replaces replacing reworked reworks reworking rewrote rewrites simplified simplifies simplifying switched \
    switches switching updated updates updating";

/// What follows such a word where it is a noun or stands for a state: `fixes for X`, `moves of pages`, `switching between`.
const NOUN_FOLLOWS: &str = "\
    for to of in on from and or is are at by with between after before when while should must may";

/// The longest subject that a document asks for, and the longest that is let pass.
fn limit(document: Document) -> (usize, usize) {
    match document {
        // "Keep this less than 70 characters long": one commit in eleven has more, one in fifty more than 80.
        Document::UBoot => (69, 80),
        Document::Xen => (80, 80),
        // The script's; the document says "around 50".
        Document::DpdkLog => (60, 60),
        _ => (75, 75),
    }
}

/// Too long without its prefix is a warning, with it a note: the documents do not say which they mean.
pub(super) fn length(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let (asked, borne) = limit(look.source.document);
    let width = |text: &[u8]| text.to_str_lossy().width();
    let (all, phrase) = (width(&letter.subject), width(letter.phrase()));
    if all <= borne || letter.is_by_git() {
        return Vec::new();
    }
    let message = format!("the subject has {all} columns, at most {asked} are asked for");
    // DPDK's script makes no difference.
    let severity = if phrase > borne || look.source.document == Document::DpdkLog { Severity::Warning } else { Severity::Note };
    vec![Hit::subject(letter, message).at(severity)]
}

/// `subsystem: phrase`.
pub(super) fn prefix(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    if letter.is_by_git() || letter.is_release() || letter.subject.contains(&b':') {
        return Vec::new();
    }
    let hit = Hit::subject(letter, "the subject does not begin with the name of a subsystem and a colon");
    match look.source.document {
        // "It is also conventional in most cases", "if applicable".
        Document::GitSubmitting | Document::UBoot => vec![hit.at(Severity::Note)],
        _ => vec![hit],
    }
}

pub(super) fn period(look: &Look<'_>) -> Vec<Hit> {
    let subject = &look.letter.subject;
    let is_abbreviation =
        [" etc.", " al.", " inc.", " e.g.", " i.e."].iter().any(|end| subject.to_ascii_lowercase().ends_with(end.as_bytes()));
    if !subject.ends_with(b".") || subject.ends_with(b"..") || is_abbreviation || look.letter.is_by_git() {
        return Vec::new();
    }
    vec![Hit::subject(look.letter, "the subject ends in a full stop").with(Fix::SubjectPeriod)]
}

pub(super) fn imperative(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let mut words = letter.phrase().fields();
    let (first, second) = (words.next().unwrap_or_default().to_ascii_lowercase(), words.next().unwrap_or_default());
    let is_noun = second.is_empty() || NOUN_FOLLOWS.split(' ').any(|word| second.eq_ignore_ascii_case(word.as_bytes()));
    if is_noun || letter.is_by_git() || is_foreign(look) || !NOT_IMPERATIVE.split(' ').any(|word| first == word.as_bytes()) {
        return Vec::new();
    }
    vec![Hit::subject(letter, format!("'{}' is not the imperative mood", first.as_bstr()))]
}

/// Verbs that are nothing but verbs when they begin a phrase, so that a capital is there for the place alone.
const VERBS: &str = "\
    Add Allow Avoid Change Check Convert Correct Create Delete Disable Do Drop Enable Ensure Extend Fix Handle Implement \
    Improve Introduce Make Modify Move Prevent Provide Refactor Remove Rename Replace Rework Rewrite Simplify Support \
    Switch Update Use";

/// What git takes over from others (translations, gitk, git-gui) is written as they do.
fn is_foreign(look: &Look<'_>) -> bool {
    look.source.document == Document::GitSubmitting && look.letter.is_below(&["po/", "gitk-git/", "git-gui/"])
}

/// `doc: clarify`, not `doc: Clarify`.
pub(super) fn case(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let first = letter.phrase().fields().next().unwrap_or_default();
    if letter.prefix().is_empty()
        || letter.is_by_git()
        || is_foreign(look)
        || !VERBS.split(' ').any(|verb| first == verb.as_bytes())
    {
        return Vec::new();
    }
    vec![Hit::subject(letter, format!("'{}' after the prefix begins with a capital", first.as_bstr()))]
}

/// What was for the author alone, or for the mail alone.
pub(super) fn leftover(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let subject = &letter.subject;
    let starts = ["fixup!", "squash!", "amend!", "WIP:", "WIP ", "wip:", "DROPME", "DO NOT MERGE"];
    if let Some(start) = starts.iter().find(|start| subject.starts_with(start.as_bytes())) {
        return vec![Hit::subject(letter, format!("'{}' is not for others to apply", start.trim_end()))];
    }
    // Of a commit the brackets are part of the message, and git am takes them off; in a mail a second pair is one too many.
    let is_patch = |word: &&String| word.eq_ignore_ascii_case("PATCH");
    let n_patches = letter.brackets.iter().filter(is_patch).count();
    // Who takes an old commit back quotes its subject.
    let is_quoted = letter.is_by_git();
    if n_patches > usize::from(letter.envelope.is_some()) || (subject.contains_str("[PATCH") && !is_quoted) {
        return vec![Hit::subject(letter, "the subject holds '[PATCH' once too often")];
    }
    Vec::new()
}

/// A subject of which `git am` takes something off. In mails of others a second pair of brackets may be meant for that.
pub(super) fn cut(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let Some(left) = am::shortened(letter.committed.as_bstr()) else { return Vec::new() };
    let hit = Hit::new(Place::Message(1), letter.committed.as_bstr(), format!("git am makes '{left}' of this subject"));
    let is_own = letter.patch.is_some() || letter.envelope.is_none();
    vec![if is_own { hit } else { hit.at(Severity::Note) }]
}

/// A phrase that is nothing but the name of a file.
pub(super) fn file_name(look: &Look<'_>) -> Vec<Hit> {
    let letter = look.letter;
    let phrase = letter.phrase();
    if phrase.is_empty()
        || !letter.files.iter().any(|file| file.path == phrase || file.path.ends_with(&[b"/", phrase.as_bytes()].concat()))
    {
        return Vec::new();
    }
    vec![Hit::subject(letter, "the subject names a file and not what is done")]
}
