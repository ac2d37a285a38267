//! Finds where `git am` would cut the message of a patch, or take a line of it for something else.
//!
//! Source: `git mailinfo`, which looks for the end of the message, for headers at the beginning of the body and for brackets at
//! the beginning of the subject; and `git mailsplit`, which looks for the next mail.

use bstr::{BStr, BString, ByteSlice};

use crate::read::mailbox::next_mail;

/// A line at which a message would be cut or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutShort<'m> {
    /// Counted from 1 in the message.
    pub line: usize,
    /// The line itself.
    pub text: &'m BStr,
    /// What it would be taken for.
    pub taken_for: &'static str,
}

/// Returns the first line at which `git am` would cut the message of a patch, or take a line of it for something else.
pub fn cut(message: &BStr) -> Option<CutShort<'_>> {
    let lines = message.lines().enumerate().skip_while(|(_, line)| is_empty(line));
    // The first paragraph becomes a header, where nothing of this is looked for.
    let mut body = lines.skip_while(|(_, line)| !is_empty(line)).skip_while(|(_, line)| is_empty(line)).peekable();
    let in_head = body.peek().and_then(|line| taken(*line, header));
    in_head.or_else(|| body.find_map(|line| taken(line, |line| next_mail(line).or_else(|| patch(line)))))
}

fn taken<'m>((idx, line): (usize, &'m [u8]), taken_for: impl FnOnce(&[u8]) -> Option<&'static str>) -> Option<CutShort<'m>> {
    taken_for(line).map(|taken_for| CutShort { line: idx + 1, text: line.as_bstr(), taken_for })
}

fn is_empty(line: &[u8]) -> bool {
    line.trim().is_empty()
}

/// The end of the message: a line of three dashes, or the beginning of a diff.
pub fn patch(line: &[u8]) -> Option<&'static str> {
    if line.starts_with(b"diff -") || line.starts_with(b"Index: ") {
        return Some("the beginning of the diff");
    }
    let rest = line.strip_prefix(b"---")?;
    if is_empty(rest) {
        return Some("the end of the message");
    }
    let names_file = rest[0] == b' ' && !rest[1..].first().is_none_or(u8::is_ascii_whitespace);
    names_file.then_some("the beginning of the diff")
}

/// A header that the sender moved into the body, where it overrides the mail's.
pub fn header(line: &[u8]) -> Option<&'static str> {
    let named = |name: &str| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name.as_bytes());
    if named("From:") || line.starts_with(b">From ") {
        return Some("the author");
    }
    if named("Subject:") || line.starts_with(b"[PATCH] ") {
        return Some("the subject");
    }
    named("Date:").then_some("the author's date")
}

/// Returns what `git am` makes of a subject where that is not the subject itself: what it takes for a mark of mail at the beginning is gone,
/// and several blanks are one. Source: `cleanup_subject` and `cleanup_space` of `mailinfo.c`.
pub fn shortened(subject: &BStr) -> Option<BString> {
    let mut rest = subject.as_bytes();
    loop {
        rest = match rest {
            [b' ' | b'\t' | b':', after @ ..] => after,
            [b'r' | b'R', b'e' | b'E', b':', after @ ..] if !after.is_empty() => after,
            [b'[', ..] => match rest.find_byte(b']') {
                Some(end) => &rest[end + 1..],
                None => break,
            },
            _ => break,
        };
    }
    let words = rest.split(|byte| b" \t\r\n".contains(byte)).filter(|word| !word.is_empty());
    let left = BString::from(bstr::join(" ", words));
    (left != subject).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: Option<(usize, &str)>) {
        assert_eq!(cut(message.into()).map(|cut| (cut.line, cut.taken_for)), expected, "{message}");
    }

    #[test]
    fn what_git_takes_for_the_diff() {
        check("a: b\n\ntext\n---\nmore\n", Some((4, "the end of the message")));
        check("a: b\n\ntext\n---  \nmore\n", Some((4, "the end of the message")));
        check("a: b\n\ndiff --git a/x b/x\n", Some((3, "the beginning of the diff")));
        check("a: b\n\nIndex: x\n", Some((3, "the beginning of the diff")));
        check("a: b\n\nx\n--- a/x\n", Some((4, "the beginning of the diff")));
    }

    #[test]
    fn what_git_lets_pass() {
        check("a: b\n\ntext\n----\n-- \n --- a/x\n---x\nIndex:\ndifference\n--- \tx\n", None);
        check("a: b\n\ntext\nFrom: here on it is text\n", None);
        check("From 1234 Mon Sep 17 00:00:00 2001\n\nFrom here to 10:00\n", None);
        check("diff - the subject is a header\n", None);
        check("", None);
    }

    #[test]
    fn what_git_takes_for_a_header() {
        check("a: b\n\n\nfrom: x <y@z>\n\ntext\n", Some((4, "the author")));
        check("a: b\n\nSubject: x\n", Some((3, "the subject")));
        check("a: b\n\nDate: x\n", Some((3, "the author's date")));
        check("a: b\n\nx\nFrom 1234 Mon Sep 17 00:00:00 2001\n", Some((4, "the beginning of the next mail")));
    }

    #[test]
    fn what_git_takes_off_a_subject() {
        let check = |subject: &str, expected: Option<&str>| {
            assert_eq!(shortened(subject.into()), expected.map(BString::from), "{subject}");
        };
        check("[a] fix: it", Some("fix: it"));
        check("Re: a: fix it", Some("a: fix it"));
        check("RE:a: [b] fix it", Some("a: [b] fix it"));
        check(": [x][y]re: a: fix it", Some("a: fix it"));
        check("a:  fix\tit ", Some("a: fix it"));
        check("[a]", Some(""));
        for whole in ["a: fix it", "[a fix: it", "re: ", "Re", "reset: fix it", "a: [b] re: it", "a\u{a0}\u{a0}b", ""] {
            let whole = whole.trim_end();
            check(whole, None);
        }
    }
}
