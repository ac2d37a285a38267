//! Names of mails: the same for the same text, never the same for another.

use sha2::{Digest, Sha256};

use super::MailSettings;
use crate::model::hex;

/// The right-hand side: a domain that nobody can own (RFC 2606), so that no name meets one of somebody else's.
const HOST: &str = "git-cleave.invalid";

/// The campaign, the series and the version of a mail: with its text they make its Message-ID.
#[derive(Debug, Clone, Copy)]
pub(super) struct MailOrigin<'n> {
    /// The name of the plan.
    pub(super) campaign: &'n str,
    /// The name of the series.
    pub(super) series: &'n str,
    /// Version and resend count.
    pub(super) settings: &'n MailSettings,
}

impl MailOrigin<'_> {
    /// Returns the Message-ID with its angle brackets; `patch_id` is empty for the cover letter, whose number is 0.
    ///
    /// `content` is all that a reader takes from the mail: author, date, subject and body. Recipients, the thread and the id of
    /// the commit are not, so that a series on another base whose text is the same keeps its names.
    pub(super) fn message_id(&self, patch_id: &str, number: usize, content: &[&[u8]]) -> String {
        let mut hash = Sha256::new();
        // Each field with its length, so that no two lists of fields give the same bytes.
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(self.campaign.as_bytes());
        field(self.series.as_bytes());
        let own = self.settings.number(self.series);
        field(&own.version.to_be_bytes());
        field(&own.resend.to_be_bytes());
        field(patch_id.as_bytes());
        content.iter().for_each(|bytes| field(bytes));
        let hash = hash.finalize();
        let digits = hex(&hash[..12]);
        format!("<{digits}.{number}@{HOST}>")
    }
}

/// Whether a `Message-ID:` line is one of ours.
pub(super) fn is_ours(line: &[u8]) -> bool {
    line.starts_with(b"Message-ID: <") && line.ends_with(format!("@{HOST}>").as_bytes())
}
