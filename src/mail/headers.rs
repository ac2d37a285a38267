//! Header lines as git writes them: encoded words, quotes, folding, dates.
//!
//! Source: RFC 2047 (encoded words, at most 76 columns), RFC 5322 (lines of 78 columns, quoted names). Where these leave a
//! choice, git's is taken (`=20` for a blank, a fold before a word that does not fit), and the tests hold us to it byte for byte.

use bstr::{BStr, ByteSlice};

use crate::model::mailbox::{needs_quotes, quoted};
use crate::model::{Mailbox, Signature, civil};

/// Columns of a line of plain text.
const PLAIN_WIDTH: isize = 78;
/// Columns of a line with encoded words.
const ENCODED_WIDTH: usize = 76;

/// Returns the `Subject:` line; `tag` is `[PATCH v2 03/12]`.
pub(super) fn subject(tag: &str, title: &BStr) -> Vec<u8> {
    let mut out = format!("Subject: {tag} ").into_bytes();
    if needs_encoding(title) {
        encode(&mut out, title, |_| true);
    } else {
        wrap(&mut out, title);
    }
    out.push(b'\n');
    out
}

/// Returns the `From:` line.
pub(super) fn from(name: &BStr, email: &BStr) -> Vec<u8> {
    let mut out = b"From: ".to_vec();
    mailbox(&mut out, name, email);
    out.push(b'\n');
    out
}

/// Returns the `To:` or `Cc:` line, one address a line; nothing for nobody.
pub(super) fn addresses(field: &str, mailboxes: &[Mailbox]) -> Vec<u8> {
    let mut out = Vec::new();
    for (idx, Mailbox { name, email }) in mailboxes.iter().enumerate() {
        out.extend_from_slice(if idx == 0 { format!("{field}: ") } else { ",\n    ".to_owned() }.as_bytes());
        if name.is_empty() {
            out.extend_from_slice(email);
        } else {
            mailbox(&mut out, name.as_ref(), email.as_ref());
        }
    }
    if !out.is_empty() {
        out.push(b'\n');
    }
    out
}

/// Returns the `Date:` line of a moment, or `None` when it is not written as in a commit.
pub(super) fn date(time: &str) -> Option<String> {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (seconds, zone) = time.split_once(' ')?;
    let is_zone = zone.len() == 5 && zone.starts_with(['+', '-']) && zone[1..].bytes().all(|byte| byte.is_ascii_digit());
    let (seconds, number): (i64, i64) = (seconds.parse().ok()?, is_zone.then(|| zone.parse().ok())??);
    let local = seconds.checked_add((number / 100 * 60 + number % 100) * 60)?;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let weekday = DAYS[usize::try_from(days.rem_euclid(7)).ok()?];
    let (year, month, day) = civil(days);
    let month = MONTHS[month];
    Some(format!(
        "Date: {weekday}, {day} {month} {year} {:02}:{:02}:{:02} {zone}\n",
        second / 3600,
        second / 60 % 60,
        second % 60
    ))
}

/// Returns the line `From:` of a commit's author and its `Date:`.
pub(super) fn author(author: &Signature) -> Option<Vec<u8>> {
    let mut out = from(author.name.as_ref(), author.email.as_ref());
    out.extend_from_slice(date(&author.time)?.as_bytes());
    Some(out)
}

fn mailbox(out: &mut Vec<u8>, name: &BStr, email: &BStr) {
    let width = if needs_encoding(name) {
        encode(out, name, |byte| byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte));
        ENCODED_WIDTH
    } else if needs_quotes(name) {
        wrap(out, quoted(name).as_bstr());
        PLAIN_WIDTH.unsigned_abs()
    } else {
        wrap(out, name);
        PLAIN_WIDTH.unsigned_abs()
    };
    if column(out) + " <>".len() + email.len() > width {
        out.push(b'\n');
    }
    out.extend_from_slice(&bstr::concat([b" <", email.as_bytes(), b">"]));
}

/// Whether a text cannot stand in a header as it is.
fn needs_encoding(text: &BStr) -> bool {
    text.iter().any(|byte| !byte.is_ascii() || *byte == b'\n' || *byte == 0x1b) || text.contains_str("=?")
}

/// Appends a text as encoded words, none of which cuts a character. `may_stand` says which printable bytes this header can hold unescaped.
fn encode(out: &mut Vec<u8>, text: &BStr, may_stand: impl Fn(u8) -> bool) {
    const OPEN: &[u8] = b"=?UTF-8?q?";
    let mut used = column(out) + OPEN.len();
    out.extend_from_slice(OPEN);
    let mut rest = text.as_bytes();
    while let Some(&first) = rest.first() {
        let size = match bstr::decode_utf8(rest) {
            (Some(_), size) => size,
            (None, _) => 1,
        };
        let stands = first.is_ascii_graphic() && !b"=?_".contains(&first) && may_stand(first);
        let width = if stands { 1 } else { 3 * size };
        if used + width + "?=".len() > ENCODED_WIDTH {
            out.extend_from_slice(b"?=\n ");
            out.extend_from_slice(OPEN);
            used = OPEN.len() + 1;
        }
        for byte in &rest[..size] {
            if stands {
                out.push(*byte);
            } else {
                out.extend_from_slice(format!("={byte:02X}").as_bytes());
            }
        }
        used += width;
        rest = &rest[size..];
    }
    out.extend_from_slice(b"?=");
}

/// Appends a text of ASCII and folds it at blanks: a newline and a blank replace one blank.
fn wrap(out: &mut Vec<u8>, text: &BStr) {
    let mut used = isize::try_from(column(out)).unwrap_or(isize::MAX);
    // Everything before this offset is in `out`: it is 0, or the blank after the last word that fitted.
    let mut written = 0;
    // The offset at which the current line begins while it has no word; such a line takes one word, however long.
    let mut fresh = None;
    let mut at = 0;
    loop {
        match text.get(at) {
            Some(byte) if !is_blank(*byte) => {
                // A control character takes a column back: git's own count.
                used += if byte.is_ascii_control() { -1 } else { 1 };
                at += 1;
            }
            _ if used > PLAIN_WIDTH && fresh.is_none() => {
                out.push(b'\n');
                written += usize::from(text.get(written).is_some_and(|byte| is_blank(*byte)));
                (at, fresh, used) = (written, Some(written), 1);
            }
            next => {
                if next.is_none() && fresh == Some(at) {
                    return;
                }
                if fresh.take().is_some() {
                    out.push(b' ');
                }
                out.extend_from_slice(&text[written..at]);
                written = at;
                match next {
                    None => return,
                    Some(b'\t') => used = (used | 7) + 1,
                    Some(_) => used += 1,
                }
                at += 1;
            }
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Returns the number of bytes on the last line.
fn column(out: &[u8]) -> usize {
    out.len() - out.rfind_byte(b'\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expected: &str) {
        let mailbox = Mailbox::parse(given.into()).expect("an address");
        assert_eq!(addresses("To", &[mailbox]).as_bstr(), expected);
    }

    #[test]
    fn addresses_are_quoted_or_encoded() {
        check("linux-mm@kvack.org", "To: linux-mm@kvack.org\n");
        check("<a@b>", "To: a@b\n");
        check("Ann Other <ann@example.org>", "To: Ann Other <ann@example.org>\n");
        check("\"Rafael J. Wysocki\" <rafael@kernel.org>", "To: \"Rafael J. Wysocki\" <rafael@kernel.org>\n");
        check("Rafael J. Wysocki <rafael@kernel.org>", "To: \"Rafael J. Wysocki\" <rafael@kernel.org>\n");
        check("Jörg Ä <j@x.org>", "To: =?UTF-8?q?J=C3=B6rg=20=C3=84?= <j@x.org>\n");
    }

    #[test]
    fn dates_are_those_of_git() {
        assert_eq!(date("1795427105 +0000").as_deref(), Some("Date: Mon, 23 Nov 2026 09:45:05 +0000\n"));
        assert_eq!(date("951782400 -0130").as_deref(), Some("Date: Mon, 28 Feb 2000 22:30:00 -0130\n"));
        assert_eq!(date("951868800 +0000").as_deref(), Some("Date: Wed, 1 Mar 2000 00:00:00 +0000\n"));
        assert_eq!(date("0 +0000").as_deref(), Some("Date: Thu, 1 Jan 1970 00:00:00 +0000\n"));
        assert_eq!(date("yesterday"), None);
        assert_eq!(date("1 +0é0"), None);
    }
}
