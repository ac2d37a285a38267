//! Written series → mails: a folder a series, ready for `git send-email`.
//!
//! In: the plan, its commits, who gets each patch. Out: the bytes of each mail, and on demand files. Nothing is sent.
//!
//! ```text
//!   From 1a2b… Mon Sep 17 00:00:00 2001      git          ┐
//!   Message-ID, In-Reply-To, References      ours         │ header block
//!   From, Date, Subject, MIME-Version …      git          │ (cover letter: ours,
//!   To, Cc                                   ours         ┘  held to git's by tests)
//!
//!   body, ---, diffstat, diff                git's bytes  (cover letter: ours, with git's shortlog and diffstat)
//!   base-commit, prerequisite-patch-id       ours, in the cover letter or the only patch
//!   -- / git-cleave                          git
//! ```
//!
//! git runs where no configuration reaches it ([`crate::git::format_patch`]), so that the same plan gives the same bytes anywhere.
//! Cost: one `git format-patch` a series, series in parallel.

#[cfg(test)]
mod against_git;
pub mod b4;
mod cover;
mod folder;
mod headers;
pub mod lint;
mod load;
mod message_id;
pub mod posted;
mod prefix;
pub mod recipient_rules;
mod recipients;
mod routes;
mod send;
mod series;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bstr::BString;

use crate::git::GitError;
use crate::model::{Mailbox, SeriesIdx, Signature};

pub use cover::needed_for;
pub use folder::write;
pub use load::{Load, loads};
pub use prefix::{configured as configured_prefixes, tree_prefixes};
pub use recipients::{Field, Named, Recipient, Why, cc_all, recipients};
pub use routes::{misnamed, routes};
pub use send::Sending;
pub use series::mails;

/// What the user decides about the mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The version of each series, by name; the first one where it is not named.
    pub numbers: BTreeMap<String, Number>,
    /// The series that are not mailed, by name, each with the name of the mail that others reply to of its last posting.
    pub kept: BTreeMap<String, String>,
    /// Words in the brackets of the subject: `RFC` stands before `PATCH`, any other (`net-next`) after it.
    pub prefixes: Vec<String>,
    /// What stands after `PATCH` where `prefixes` has no such word, by [`SeriesIdx`]: the words that its tree wants, with blanks between; none where
    /// the list ends or the text is empty.
    pub tree_prefixes: Vec<String>,
    /// Whether others have the base commit, as far as is known.
    pub is_base_public: bool,
    /// Who writes the cover letters, and when; without one, the committer of the change's tip.
    pub sender: Option<Signature>,
    /// To what each patch replies.
    pub thread: Thread,
    /// What each series, by name, says of the versions before this one.
    pub since: BTreeMap<String, posted::Since>,
    /// What series, by name, said of builds when this version was posted; the others say what is known now.
    pub built: BTreeMap<String, BString>,
    /// Whether texts that only a person can write may be missing: their mails then refuse to be sent.
    pub draft: bool,
    /// Whether patches of which a build is known to fail are mailed: then the mails say so.
    pub may_fail: bool,
}

/// Which version of a series is meant, and which time that it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// `-v`: from 1, which is not shown.
    pub version: u32,
    /// How often it was sent before: past 0 the subjects say `RESEND`, and each mail has another Message-ID.
    pub resend: u32,
}

impl Default for Number {
    fn default() -> Self {
        Number { version: 1, resend: 0 }
    }
}

impl MailSettings {
    /// Returns the number of a series.
    pub fn number(&self, series: &str) -> Number {
        self.numbers.get(series).copied().unwrap_or_default()
    }
}

/// The shape of a thread. Source: `git format-patch` documentation, `--thread`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thread {
    /// Each patch replies to the cover letter.
    #[default]
    Shallow,
    /// Each mail replies to the one before it.
    Deep,
}

impl Default for MailSettings {
    fn default() -> Self {
        MailSettings {
            numbers: BTreeMap::new(),
            kept: BTreeMap::new(),
            prefixes: Vec::new(),
            tree_prefixes: Vec::new(),
            is_base_public: true,
            sender: None,
            thread: Thread::default(),
            since: BTreeMap::new(),
            built: BTreeMap::new(),
            draft: false,
            may_fail: false,
        }
    }
}

/// The mails of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesMails {
    /// Which.
    pub series: SeriesIdx,
    /// The name of the series, which is that of the folder.
    pub folder: String,
    /// The cover letter, if there is one, then the patches in order.
    pub files: Vec<MailFile>,
    /// What the series says as a whole.
    pub letter: CoverLetter,
    /// A hash of what it says by itself: of no other series, of no build and of no date.
    pub says: String,
}

/// What a series says as a whole and to whom, for a program that makes the cover letter itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoverLetter {
    /// One line, without brackets.
    pub subject: BString,
    /// Paragraphs, without shortlog, diffstat and base; of a single patch what stands below its `---`.
    pub text: BString,
    /// Everybody in To of one of its mails: `Name <address>`, the name in quotes where it needs them, raw UTF-8.
    pub to: Vec<BString>,
    /// Everybody else, in the same form.
    pub cc: Vec<BString>,
    /// The patch ids of what the series needs, in order.
    pub prerequisites: Vec<String>,
    /// What the text says of builds.
    pub built: BString,
}

/// One mail as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFile {
    /// As git names it: `0001-subject.patch`, `v2-0000-cover-letter.patch`.
    pub name: String,
    /// From the line `From <id> …` to the empty line after the signature.
    pub bytes: Vec<u8>,
    /// Its name, with angle brackets.
    pub message_id: String,
    /// Without what stands in brackets before it.
    pub subject: BString,
    /// Who is asked.
    pub to: Vec<Mailbox>,
    /// Who is told.
    pub cc: Vec<Mailbox>,
}

/// Returns `v2 of 'a', 'b'; v3 of 'c'`.
fn listed(series: &BTreeMap<u32, Vec<String>>) -> String {
    let of = |(version, names): (&u32, &Vec<String>)| format!("v{version} of '{}'", names.join("', '"));
    series.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// Why there are no mails.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// git did not do its part.
    #[error("cannot make the mails of series '{series}'")]
    Git {
        /// Its name.
        series: String,
        /// Why.
        source: GitError,
    },
    /// No clean place for git to run in.
    #[error("cannot make mails")]
    CleanRoom(#[source] GitError),
    /// A cover letter without a subject, which send-email refuses.
    #[error("series '{series}' has {n_patches} patches and a cover letter without a subject")]
    NoSubject {
        /// Its name.
        series: String,
        /// How many.
        n_patches: usize,
    },
    /// Covers in which nobody says why.
    #[error("nobody says why: the cover letter of '{}' has no text", .0.join("', '"))]
    NoWhy(Vec<String>),
    /// A version that differs from the one before, and nobody says why.
    #[error("nobody says what changed since the last version: {}", listed(series))]
    NoChangelog {
        /// The names of the series, by version.
        series: BTreeMap<u32, Vec<String>>,
    },
    /// A patch that is known to break a build.
    #[error("patch {number} of series '{series}', '{subject}', fails to build: {build}")]
    Fails {
        /// Its series.
        series: String,
        /// Its place there, from 1.
        number: usize,
        /// Its subject.
        subject: BString,
        /// What was built, or the command.
        build: String,
    },
    /// Somebody who cannot be written to.
    #[error("recipient '{address}' of patch '{patch_id}' is no mail address")]
    Recipient {
        /// The patch.
        patch_id: String,
        /// As given.
        address: BString,
    },
    /// An author whom no mail can be from.
    #[error("the author of patch '{patch_id}', '{author}', has no mail address")]
    Author {
        /// The patch.
        patch_id: String,
        /// As a header would have it.
        author: BString,
    },
    /// A word that cannot stand in the brackets of a subject.
    #[error("'{0}' cannot stand in the brackets of a subject")]
    Prefix(String),
    /// A time that is not written as in a commit.
    #[error("'{0}' is no time of a commit")]
    Time(String),
    /// Plan and branches do not belong together.
    #[error("plan and branches differ: {0}")]
    Mismatch(String),
    /// A folder that is not ours to replace.
    #[error("will not replace '{}': {why}", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What is there.
        why: String,
    },
    /// The disk refused.
    #[error(transparent)]
    File(#[from] GitError),
}
