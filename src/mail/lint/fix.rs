//! What can be mended without a change of meaning.

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::special;
use crate::model::Message;
use crate::model::trailer::Trailer;

/// How a message is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// The full stop goes from the end of the subject.
    SubjectPeriod,
    /// Blanks go from the ends of lines, and empty lines from the end of the body.
    Blanks,
    /// Tags at the end of the body, or parted by empty lines, become one block after an empty line.
    OneBlock,
    /// Tags are put in tip's order; sign-offs keep theirs.
    TipOrder,
}

impl Fix {
    /// Returns what it does, for a person.
    pub fn says(self) -> &'static str {
        match self {
            Fix::SubjectPeriod => "took the full stop off the subject",
            Fix::Blanks => "took blanks off the ends of lines",
            Fix::OneBlock => "put the tags into one block",
            Fix::TipOrder => "put the tags in order",
        }
    }

    /// Mends a message; whether that changed it.
    pub fn apply(self, message: &mut Message) -> bool {
        let old = message.clone();
        match self {
            Fix::SubjectPeriod => {
                if message.subject.ends_with(b".") && !message.subject.ends_with(b"..") {
                    message.subject.pop();
                }
            }
            Fix::Blanks => {
                message.subject = message.subject.trim_end().into();
                let lines: Vec<&[u8]> = message.body.lines().map(<[u8]>::trim_end).collect();
                message.body = bstr::join("\n", lines).trim_end().into();
                for trailer in &mut message.trailers {
                    *trailer = trailer.trim_end().into();
                }
            }
            Fix::OneBlock => one_block(message),
            Fix::TipOrder => message.trailers = special::in_tip_order(&message.trailers),
        }
        *message != old
    }
}

/// Moves the tags that end the body to the trailers.
fn one_block(message: &mut Message) {
    let mut lines: Vec<BString> = message.body.lines().map(BString::from).collect();
    let mut moved: Vec<BString> = Vec::new();
    while let Some(last) = lines.pop() {
        if Trailer::known(last.as_bstr()).is_some() {
            moved.push(last);
        } else if !last.trim().is_empty() {
            lines.push(last);
            break;
        }
    }
    if moved.is_empty() {
        return;
    }
    moved.reverse();
    moved.append(&mut message.trailers);
    message.trailers = moved;
    message.body = bstr::join("\n", lines).trim_end().into();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fix: Fix, given: (&str, &str, &[&str]), expected: &str) {
        let mut message = Message {
            subject: given.0.into(),
            body: given.1.into(),
            trailers: given.2.iter().map(|line| BString::from(*line)).collect(),
        };
        fix.apply(&mut message);
        assert_eq!(message.text(), expected);
        assert!(!fix.apply(&mut message), "twice");
    }

    #[test]
    fn messages_are_mended() {
        check(Fix::SubjectPeriod, ("a: b.", "", &[]), "a: b\n");
        check(Fix::SubjectPeriod, ("a: b...", "", &[]), "a: b...\n");
        check(Fix::Blanks, ("a: b ", "x \n\n  y\t\n\n", &["Cc: a@x "]), "a: b\n\nx\n\n  y\n\nCc: a@x\n");
        let both = "a: b\n\nx\n\nFixes: 1 (\"y\")\nSigned-off-by: A <a@x>\n";
        check(Fix::OneBlock, ("a: b", "x\n\nFixes: 1 (\"y\")\n", &["Signed-off-by: A <a@x>"]), both);
        check(Fix::OneBlock, ("a: b", "x\nFixes: 1 (\"y\")\n\nSigned-off-by: A <a@x>", &[]), both);
        let tags = ["Cc: c@x", "Reported-by: R <r@x>", "Link: https://x/report", "Fixes: 1 (\"y\")", "Link: https://x/patch"];
        let ordered = "Fixes: 1 (\"y\")\nReported-by: R <r@x>\nLink: https://x/report\nCc: c@x\nLink: https://x/patch\n";
        check(Fix::TipOrder, ("a: b", "", &tags), &format!("a: b\n\n{ordered}"));
        check(Fix::OneBlock, ("a: b", "x", &["Cc: a@x"]), "a: b\n\nx\n\nCc: a@x\n");
    }
}
