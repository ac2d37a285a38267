//! Who wrote a patch, and what they say about it.

use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

use super::trailer::{self, Trailer};

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
    /// The lines of the block of trailers in their order, notes among them, each with the lines that continue it. See [`trailer`].
    pub trailers: Vec<BString>,
}

impl Signature {
    /// Returns the day as the clock of its zone shows it: `20241118`; `None` when the time is not written as in a commit.
    pub fn day(&self) -> Option<String> {
        let (seconds, zone) = self.time.split_once(' ')?;
        let (seconds, zone): (i64, i64) = (seconds.parse().ok()?, zone.parse().ok()?);
        let local = seconds.checked_add((zone / 100 * 60 + zone % 100) * 60)?;
        let (year, month, day) = civil(local.div_euclid(86_400));
        Some(format!("{year:04}{:02}{day:02}", month + 1))
    }
}

/// Returns year, month from 0 and day from 1 of a day counted from 1970-01-01.
///
/// The year is taken to begin in March, so that the odd day stands at its end; 146,097 days are 400 years.
pub fn civil(days: i64) -> (i64, usize, i64) {
    let since = days + 719_468;
    let (era, day) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = year + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

impl Message {
    /// Takes the text of a commit apart. The subject is the first paragraph, on one line. Comments below the trailers end the body instead; a
    /// message with scissors is all body, as git would drop the trailers if they stood below them.
    pub fn read(text: &BStr) -> Self {
        // What git takes for white space.
        let blank = |c| matches!(c, ' ' | '\t' | '\r' | '\n');
        let is_empty = |line: &[u8]| line.trim_with(blank).is_empty();
        let n_before: usize = text.lines_with_terminator().take_while(|line| is_empty(line)).map(<[u8]>::len).sum();
        let text = text[n_before..].as_bstr();
        let (text, trailers, unread) = match trailer::split(text) {
            (.., unread) if unread.contains_str(trailer::SCISSORS) => (text, Vec::new(), BStr::new("")),
            split => split,
        };
        let mut lines = text.lines_with_terminator().chain(unread.lines_with_terminator());
        let subject: Vec<&[u8]> = lines.by_ref().take_while(|line| !is_empty(line)).map(|line| line.trim_with(blank)).collect();
        let body = bstr::concat(lines.skip_while(|line| is_empty(line)));
        Message { subject: bstr::join(" ", subject).into(), body: body.trim_end().into(), trailers }
    }

    /// Returns the trailers in their order, without the notes among them.
    pub fn trailers(&self) -> impl Iterator<Item = Trailer<'_>> {
        self.trailers.iter().filter_map(|line| Trailer::of(line.as_ref()))
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_apart() {
        let check = |text: &str, subject: &str, body: &str, trailers: &[&str]| {
            let message = Message::read(text.into());
            assert_eq!((message.subject.as_bstr(), message.body.as_bstr()), (subject.into(), body.into()), "{text}");
            assert_eq!(message.trailers, trailers, "{text}");
        };
        let text = "mm: do it\n\nBecause: it is\nneeded.\n\nFixes: 12 (\"x\")\nSigned-off-by: A <a@b>\n";
        check(text, "mm: do it", "Because: it is\nneeded.", &["Fixes: 12 (\"x\")", "Signed-off-by: A <a@b>"]);
        check("one\ntwo\n\ntext only", "one two", "text only", &[]);
        check("\n\none\n \n  code\n\n", "one", "  code", &[]);
        check("\r\none\r\ntwo\r\n\r\ntext\r\n", "one two", "text", &[]);
        check("one\n\u{a0}\ntwo\n", "one \u{a0} two", "", &[]);
        let text = "one\n\ntext\n\nBugzilla ID: 12\nSigned-off-by: A <a@b>\n[bob: typo]\nSigned-off-by: Bob <b@b>\n";
        check(text, "one", "text", &["Bugzilla ID: 12", "Signed-off-by: A <a@b>", "[bob: typo]", "Signed-off-by: Bob <b@b>"]);
    }
}
