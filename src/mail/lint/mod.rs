//! What the lists ask of mails, as rules: each a small function, its severity and the document that states it.
//!
//! ```text
//!   files of a series, a folder, an mbox, commits ──letter──> MailSet ┐
//!   documents of the tree, commits that Fixes: names, MAINTAINERS ────┴─ World ──lint──> Findings ──fix──> messages of the plan
//! ```
//!
//! In: mails as values and what the tree says. Out: [`Finding`]s in the order of the mails. A rule holds only where the tree has a
//! document that states it (`documents.rs`); which rules there are is said in one place (`table.rs`). A rule that cannot be sure says nothing:
//! what these projects accepted is the measure (`benches/lint.py`).
//!
//! Not here: what [`crate::review`] knows of moved lines, and style of code, which is `checkpatch.pl`'s business ([`checkpatch`]).
//! Cost: one pass over each mail a rule.

mod body;
pub mod checkpatch;
pub mod diff;
pub mod documents;
mod dpdk;
mod envelope;
mod fix;
mod gather;
pub mod letter;
mod patch;
mod series;
mod special;
mod subject;
mod table;
#[cfg(test)]
mod tests;
mod trailers;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use diff::{DiffLine, FileDiff};
pub use documents::documents;
use documents::{Document, RuleSource};
pub use fix::Fix;
pub use gather::{of_mails, of_mbox};
pub use letter::{Letter, MailSet};
pub use table::RULES;

use crate::git::log::CommitName;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look.
    Note,
    /// A reviewer will say so.
    Warning,
    /// The mail cannot be applied, or will not be.
    Error,
}

impl Severity {
    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Where in a mail something was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The whole.
    Mail,
    /// A line of the message; the subject is line 1.
    Message(usize),
    /// A header.
    Header(&'static str),
    /// A line of a file after the patch, 0 for the file.
    File(BString, usize),
}

/// What a rule has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name; of `checkpatch.pl` its type.
    pub rule: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// The place among the postings, and among the mails of this one.
    pub mail: (usize, usize),
    /// Where in the mail.
    pub place: Place,
    /// The text found there; empty where the mail as a whole is meant.
    pub text: BString,
    /// A sentence without full stop.
    pub message: String,
    /// The document that says so.
    pub source: String,
    /// What would mend it, where that is certain.
    pub fix: Option<Fix>,
}

/// What rules know besides the mails.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// What the project has written down.
    pub documents: BTreeSet<Document>,
    /// What the repository has under the ids that mails name; see [`named_commits`].
    pub commits: BTreeMap<String, CommitName>,
    /// The [`new_files`] that no section of MAINTAINERS names but those for all paths.
    pub unowned: BTreeSet<BString>,
}

/// What is said of a mail, before it is known where it stands.
#[derive(Debug)]
struct Hit {
    place: Place,
    text: BString,
    message: String,
    severity: Option<Severity>,
    fix: Option<Fix>,
}

impl Hit {
    fn new(place: Place, text: &BStr, message: impl Into<String>) -> Self {
        Hit { place, text: text.to_owned(), message: message.into(), severity: None, fix: None }
    }

    /// Of the subject.
    fn subject(letter: &Letter, message: impl Into<String>) -> Self {
        Hit::new(Place::Message(1), letter.subject.as_bstr(), message)
    }

    /// Of a line of the message.
    fn line(letter: &Letter, at: usize, message: impl Into<String>) -> Self {
        Hit::new(Place::Message(letter.first_line + at), letter.message[at].as_bstr(), message)
    }

    /// Of a line of a file.
    fn file_line(file: &FileDiff, line: &DiffLine, message: impl Into<String>) -> Self {
        Hit::new(Place::File(file.path.clone(), line.number), line.text.as_bstr(), message)
    }

    fn with(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// At another severity than the rule's.
    fn at(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
struct Look<'l> {
    posting: &'l MailSet,
    letter: &'l Letter,
    /// The statement of the rule that holds here.
    source: RuleSource,
    world: &'l World,
}

/// A rule: what it is called, how much it matters, who states it, and the function that looks.
pub struct Rule {
    /// `subject-length`.
    pub name: &'static str,
    /// Unless the finding says otherwise.
    pub severity: Severity,
    /// Where it is stated; the first that the tree has counts.
    pub sources: &'static [RuleSource],
    check: Check,
}

/// What a rule is called for.
enum Check {
    /// Each patch.
    Patch(fn(&Look<'_>) -> Vec<Hit>),
    /// Each mail, covers too.
    Mail(fn(&Look<'_>) -> Vec<Hit>),
    /// Each posting; it says which mail is meant.
    MailSet(fn(&Look<'_>) -> Vec<(usize, Hit)>),
}

/// Looks at all mails. Findings stand in the order of the mails, then of the places, then of the rules.
pub fn lint(postings: &[MailSet], world: &World) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (posting_idx, posting) in postings.iter().enumerate() {
        let Some(first) = posting.letters.first() else { continue };
        let mut hits: Vec<(usize, &Rule, RuleSource, Hit)> = Vec::new();
        for rule in RULES {
            let Some(source) = rule.sources.iter().find(|source| world.documents.contains(&source.document)).copied() else {
                continue;
            };
            let look = |letter| Look { posting, letter, source, world };
            match rule.check {
                Check::MailSet(check) => hits.extend(check(&look(first)).into_iter().map(|(at, hit)| (at, rule, source, hit))),
                Check::Patch(check) | Check::Mail(check) => {
                    for (at, letter) in posting.letters.iter().enumerate() {
                        if letter.is_cover && matches!(rule.check, Check::Patch(_)) {
                            continue;
                        }
                        hits.extend(check(&look(letter)).into_iter().map(|hit| (at, rule, source, hit)));
                    }
                }
            }
        }
        hits.sort_by(|one, other| (one.0, &one.3.place).cmp(&(other.0, &other.3.place)));
        findings.extend(hits.into_iter().map(|(at, rule, source, hit)| Finding {
            rule: rule.name.into(),
            severity: hit.severity.unwrap_or(rule.severity),
            mail: (posting_idx, at),
            place: hit.place,
            text: hit.text,
            message: hit.message,
            source: source.to_string(),
            fix: hit.fix,
        }));
    }
    findings
}

/// Returns the abbreviated ids of commits that mails name in `Fixes:`.
pub fn named_commits(postings: &[MailSet]) -> BTreeSet<String> {
    let letters = postings.iter().flat_map(|posting| &posting.letters);
    letters.flat_map(|letter| letter.tags().into_iter().filter_map(trailers::fixed_id).collect::<Vec<_>>()).collect()
}

/// Returns the files that come with the mails.
pub fn new_files(postings: &[MailSet]) -> BTreeSet<&BStr> {
    let files = postings.iter().flat_map(|posting| &posting.letters).flat_map(|letter| &letter.files);
    files.filter(|file| file.is_new || file.old_path.is_some()).map(|file| file.path.as_bstr()).collect()
}
