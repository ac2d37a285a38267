//! The record of a posted version, as the object that keeps it holds it.
//!
//! ```text
//!   refs/cleave/<change>/v2/record        a tree:
//!     posted.toml                         which patch is which mail, series by series, and the mails of each posting
//!     plan.toml                           the plan as it was
//!     mails/<resend>/<series>/<file>      the mails as they were
//! ```
//!
//! Objects that a ref names are kept by git, travel with a push, and appear or vanish together with the refs beside them.

use serde::{Deserialize, Serialize};

use super::PostedError;
use crate::model::ObjectId;
use crate::write::Onto;

/// The form that this program writes and reads.
const FORM: u32 = 1;

/// What is known of a posted version: of all series that had it, which may have been posted one after the other. Commit and plan are those of the last
/// time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    form: u32,
    /// From 1.
    pub version: u32,
    /// The commit that the change stood on.
    pub base: String,
    /// The commit that was cut.
    pub tip: String,
    /// The series, in campaign order.
    #[serde(default, rename = "series")]
    pub series: Vec<PostedSeries>,
    /// The posting itself, then the resends.
    #[serde(default, rename = "posting")]
    pub dispatches: Vec<Dispatch>,
}

/// A series of a posted version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedSeries {
    /// Its name.
    pub name: String,
    /// Names it over all versions.
    pub change_id: String,
    /// What its first patch stood on.
    pub base: String,
    /// The commit of its last patch.
    pub tip: String,
    /// What all of it stood on, patches that it needed included; empty where an earlier program did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub root: String,
    /// The branch of the tree that it went to, where it was fetched.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub branch: String,
    /// The file for which it did not stand on that branch.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub differs: String,
    /// What it said of builds; empty where an earlier program did not keep it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub built: String,
    /// A hash of what it said by itself; empty where an earlier program did not keep it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// Its patches, in order.
    #[serde(default, rename = "patch")]
    pub patches: Vec<PostedPatch>,
}

/// A patch of a posted version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedPatch {
    /// Its id in the plan.
    pub id: String,
    /// What it said first.
    pub subject: String,
    /// A hash of all that it said, and of who said it.
    pub message: String,
    /// Its commit.
    pub commit: String,
    /// What `git patch-id --stable` says of its mail; empty for a patch that it says nothing of.
    pub patch_id: String,
}

/// One time that a version was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    /// How often it was sent before.
    pub resend: u32,
    /// Its mails, series by series, covers first.
    #[serde(default, rename = "mail")]
    pub mails: Vec<PostedMail>,
}

/// A mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostedMail {
    /// Its series.
    pub series: String,
    /// The name of its file.
    pub file: String,
    /// Its Message-ID without angle brackets: a hash of all that it says.
    pub message_id: String,
}

impl PostedSeries {
    /// Returns what it stood on, so that it stands there again; `None` where the record does not say that.
    pub fn stood_on(&self) -> Option<(ObjectId, Onto)> {
        let branch = self.branch.clone();
        let onto = match (self.branch.as_str(), self.differs.as_str()) {
            ("", _) => Onto::Base,
            (_, "") => Onto::Tree { branch },
            (_, path) => Onto::Differs { branch, path: path.into() },
        };
        Some((self.root.parse().ok()?, onto))
    }
}

impl Record {
    /// Returns an empty record.
    pub fn new(version: u32, base: String, tip: String) -> Self {
        Record { form: FORM, version, base, tip, series: Vec::new(), dispatches: Vec::new() }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// When it is damaged or of another form.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, PostedError> {
        let damaged = |source: Option<toml_edit::de::Error>| PostedError::Damaged { name: name.into(), source };
        let text = std::str::from_utf8(bytes).map_err(|_| damaged(None))?;
        let record: Record = toml_edit::de::from_str(text).map_err(|source| damaged(Some(source)))?;
        if record.form == FORM { Ok(record) } else { Err(damaged(None)) }
    }

    /// Writes it.
    ///
    /// # Errors
    /// When a value has no form in TOML.
    pub fn text(&self) -> Result<String, PostedError> {
        toml_edit::ser::to_string_pretty(self).map_err(PostedError::Write)
    }

    /// Returns how often a series was sent again.
    pub fn n_resends(&self, series: &str) -> u32 {
        self.dispatches_of(series).map(|posting| posting.resend).max().unwrap_or(0)
    }

    fn dispatches_of(&self, series: &str) -> impl DoubleEndedIterator<Item = &Dispatch> {
        self.dispatches.iter().filter(move |posting| posting.mails.iter().any(|mail| mail.series == series))
    }

    /// Whether a series was sent for this time.
    pub fn was_sent(&self, series: &str, resend: u32) -> bool {
        self.dispatches_of(series).any(|posting| posting.resend == resend)
    }

    /// Returns the mails of this time, to which more can be added.
    pub(super) fn dispatch(&mut self, resend: u32) -> &mut Dispatch {
        let place = self.dispatches.iter().position(|posting| posting.resend >= resend).unwrap_or(self.dispatches.len());
        if self.dispatches.get(place).is_none_or(|posting| posting.resend != resend) {
            self.dispatches.insert(place, Dispatch { resend, mails: Vec::new() });
        }
        &mut self.dispatches[place]
    }

    /// Returns the series with this name.
    pub fn series(&self, name: &str) -> Option<&PostedSeries> {
        self.series.iter().find(|series| series.name == name)
    }

    /// Returns the mail that others reply to: the cover, or the only patch, of the last posting of a series.
    pub fn first_mail(&self, series: &str) -> Option<&PostedMail> {
        self.dispatches_of(series).next_back()?.mails.iter().find(|mail| mail.series == series)
    }
}
