//! Who wrote a patch, and what they say about it.

use bstr::BString;
use serde::{Deserialize, Serialize};

/// A name, an address and a moment, as in a commit header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// The name, free of `<` and `>`.
    pub name: BString,
    /// The address, without the angle brackets.
    pub email: BString,
    /// Seconds since 1970-01-01 00:00 UTC, a space, the offset: `1737072000 +0100`.
    pub time: String,
}

/// The message of a patch or of a cover letter, in its three parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// One line, with its prefix (`KVM: s390: …`), without `[PATCH]`.
    pub subject: BString,
    /// Paragraphs, without the trailers; no final newline. Empty for a patch that says nothing.
    pub body: BString,
    /// `Key: value` lines in the order in which they are printed.
    pub trailers: Vec<BString>,
}

impl Message {
    /// Returns the whole text as git stores it, with a final newline.
    pub fn text(&self) -> BString {
        let mut text = self.subject.clone();
        if !self.body.is_empty() {
            text.extend_from_slice(b"\n\n");
            text.extend_from_slice(&self.body);
        }
        if !self.trailers.is_empty() {
            text.extend_from_slice(b"\n\n");
            text.extend_from_slice(&bstr::join("\n", &self.trailers));
        }
        text.push(b'\n');
        text
    }
}
