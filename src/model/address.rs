//! How an edit is named in a stored plan, so that it is found again.
//!
//! ```text
//!   arch/s390/kvm/gmap.c#gmap_link@1a2b3c4d5e6f      path # item @ hash
//!   MAINTAINERS#@99aabbccddee.1                      the second of two edits that are equal otherwise
//!   "a \"b\"#\303"#@0123456789ab                     an odd path, in git's C style
//! ```

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use bstr::{BStr, BString, ByteSlice};

/// Path, enclosing item, content and place among equals: the same edit of a revised change has the same address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Path in the tip, or in the base for a deleted file.
    pub path: BString,
    /// Name of the function or type around it; empty at file scope and outside C.
    pub item: BString,
    /// First 12 hexadecimal digits of the SHA-256 of what it removes and inserts.
    pub hash: String,
    /// Place among the edits with equal path, item and hash, from 0, in tip order.
    pub ordinal: u32,
}

/// How many hexadecimal digits of the hash are kept: 48 bits, and the path stands beside them.
pub const HASH_DIGITS: usize = 12;

impl fmt::Display for Address {
    /// Writes `path#item@hash` and, past the first, `.ordinal`: one word without blanks unless a quoted part holds some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quoted(self.path.as_ref()))?;
        f.write_str("#")?;
        if !self.item.is_empty() {
            f.write_str(&quoted(self.item.as_ref()))?;
        }
        write!(f, "@{}", self.hash)?;
        if self.ordinal > 0 {
            write!(f, ".{}", self.ordinal)?;
        }
        Ok(())
    }
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an address: expected path#item@hash")]
pub struct NotAnAddress(pub String);

impl FromStr for Address {
    type Err = NotAnAddress;

    /// Reads what [`Address`] is displayed as, and nothing after it.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        match Address::leading(text) {
            Some((address, "")) => Ok(address),
            _ => Err(NotAnAddress(text.into())),
        }
    }
}

impl Address {
    /// Reads an address at the start of `text`, and returns it with what follows: nothing, or a blank and more.
    pub fn leading(text: &str) -> Option<(Address, &str)> {
        let (path, rest) = part(text, '#')?;
        let (item, rest) = part(rest.strip_prefix('#')?, '@')?;
        let rest = rest.strip_prefix('@')?;
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        let (hash, ordinal) = match word.split_once('.') {
            Some((hash, digits)) => (hash, digits.parse().ok().filter(|nth: &u32| *nth > 0 && nth.to_string() == digits)?),
            None => (word, 0),
        };
        let is_hash = hash.len() == HASH_DIGITS && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (is_hash && !path.is_empty()).then(|| (Address { path, item, hash: hash.into(), ordinal }, rest))
    }
}

/// Reads a quoted part, or a bare one up to `end`.
fn part(text: &str, end: char) -> Option<(BString, &str)> {
    match text.strip_prefix('"') {
        Some(rest) => {
            let close = closing_quote(rest)?;
            Some((unescaped(&rest[..close])?, &rest[close + 1..]))
        }
        None => {
            let at = text.find(|c| c == end || is_odd(c))?;
            Some((text[..at].into(), &text[at..]))
        }
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// Whether a character makes a name hard to tell from what stands around it, or to see at all.
fn is_odd(c: char) -> bool {
    matches!(c, '"' | '\\' | '#' | '@') || c.is_whitespace() || is_hidden(c)
}

/// Controls, and what turns the direction of a line or has no width.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns a name as it is, or in double quotes and git's C style where it is empty, is not UTF-8 or holds blanks, quotes, `#`, `@`,
/// backslashes or controls. Source: `git-config` documentation, `core.quotePath`, as if false.
pub fn quoted(name: &BStr) -> String {
    quoted_where(name, is_odd)
}

/// Returns a name as git prints a path where `core.quotePath` is false, for what people read: blanks and `#` need no quotes there. What is hidden and is
/// no control character is escaped too.
pub fn quoted_as_git(name: &BStr) -> String {
    quoted_where(name, |c| matches!(c, '"' | '\\') || is_hidden(c))
}

fn quoted_where(name: &BStr, is_odd: impl Fn(char) -> bool) -> String {
    match name.to_str() {
        Ok(text) if !text.is_empty() && !text.contains(is_odd) => text.into(),
        _ => format!("\"{}\"", escaped(name)),
    }
}

/// Returns a text with `"` and `\` behind a backslash, and with escapes for controls and for bytes that are not UTF-8: all of it can be read
/// back by [`unescaped`], and is one line.
pub fn escaped(text: &BStr) -> String {
    escape(text, |c| matches!(c, '"' | '\\') || is_hidden(c))
}

/// Returns a text for people's eyes: one line, free of controls and of what is not UTF-8; a tab becomes a blank. Cannot be read back.
pub fn shown(text: &BStr) -> String {
    escape(text.replace("\t", " ").as_bstr(), is_hidden)
}

/// Returns a text of any number of lines for people's eyes, so that it cannot steer a terminal: line feeds and tabs stay as they are.
pub fn visible(text: &BStr) -> Cow<'_, str> {
    let is_special = |c| is_hidden(c) && !matches!(c, '\n' | '\t');
    match text.to_str() {
        Ok(text) if !text.contains(is_special) => text.into(),
        _ => escape(text, is_special).into(),
    }
}

/// Returns JSON with what is hidden from the eye as `\u` escapes, which mean the same: it stands in strings only.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    match json.contains(is_hidden) {
        true => json.chars().map(|c| if is_hidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.into() }).collect(),
        false => json.into(),
    }
}

fn escape(text: &BStr, is_special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let octal = |out: &mut String, bytes: &[u8]| bytes.iter().for_each(|byte| out.push_str(&format!("\\{byte:03o}")));
    for (start, end, c) in text.char_indices() {
        let bytes = &text[start..end];
        match c {
            // bstr gives the replacement character for bytes that are none.
            '\u{fffd}' if bytes != "\u{fffd}".as_bytes() => octal(&mut out, bytes),
            c if !is_special(c) => out.push(c),
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0b' => out.push_str("\\v"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ => octal(&mut out, bytes),
        }
    }
    out
}

/// Reads what [`escaped`] wrote, and what git quotes; `None` where a backslash is followed by something that neither writes.
pub fn unescaped(text: &str) -> Option<BString> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        out.push(match bytes.next()? {
            b'a' => 0x07,
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => b'\r',
            same @ (b'"' | b'\\') => same,
            high @ b'0'..=b'3' => {
                let mut digit = || bytes.next().filter(|byte| matches!(byte, b'0'..=b'7')).map(|byte| byte - b'0');
                (high - b'0') * 64 + digit()? * 8 + digit()?
            }
            _ => return None,
        });
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &[u8], item: &[u8], ordinal: u32, expected: &str) {
        let address = Address { path: path.into(), item: item.into(), hash: "0123456789ab".into(), ordinal };
        assert_eq!(address.to_string(), expected);
        assert_eq!(expected.parse(), Ok(address));
    }

    #[test]
    fn addresses_are_read_back() {
        check(b"mm/gup.c", b"follow_page", 0, "mm/gup.c#follow_page@0123456789ab");
        check(b"MAINTAINERS", b"", 2, "MAINTAINERS#@0123456789ab.2");
        check(b"a b", b"", 0, "\"a b\"#@0123456789ab");
        check(b"a#b@c", b"operator \"x\"", 0, "\"a#b@c\"#\"operator \\\"x\\\"\"@0123456789ab");
        check(b"n\nl\t\xff\\", b"", 1, "\"n\\nl\\t\\377\\\\\"#@0123456789ab.1");
        check("Überblick/日本".as_bytes(), b"", 0, "Überblick/日本#@0123456789ab");
        check("a\u{202e}b".as_bytes(), b"", 0, "\"a\\342\\200\\256b\"#@0123456789ab");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "mm/gup.c",
            "mm/gup.c#f",
            "mm/gup.c#f@0123",
            "#f@0123456789ab",
            "a#f@0123456789ab.0",
            "a#f@0123456789ab.01",
            "a#f@0123456789AB",
            "a#f@0123456789ab b",
            "\"a#f@0123456789ab",
            "\"\\9\"#f@0123456789ab",
            "\"\\400\"#f@0123456789ab",
            "a b#f@0123456789ab",
        ] {
            assert_eq!(text.parse::<Address>(), Err(NotAnAddress(text.into())));
        }
    }

    #[test]
    fn what_people_read_steers_no_terminal() {
        let odd = "a\x1b[2J\u{9b}1m\x07\r\u{202e}\x7f\tb\nc";
        assert_eq!(visible(odd.into()), "a\\033[2J\\302\\2331m\\a\\r\\342\\200\\256\\177\tb\nc");
        assert_eq!(visible(b"\xff\xc3\xbc".into()), "\\377\u{fc}");
        let json = serde_json::to_string(odd).expect("a text");
        assert!(!visible_json(&json).contains(is_hidden));
        assert_eq!(serde_json::from_str::<String>(&visible_json(&json)).expect("a text"), odd);
    }

    #[test]
    fn messages_quote_names_as_git_does() {
        let check = |name: &[u8], expected: &str| assert_eq!(quoted_as_git(name.into()), expected);
        check(b"a b#c.h", "a b#c.h");
        check("\u{fc}.c".as_bytes(), "\u{fc}.c");
        check(b"a\n\nSigned-off-by: \"P\"", "\"a\\n\\nSigned-off-by: \\\"P\\\"\"");
        check(b"\xff", "\"\\377\"");
    }

    #[test]
    fn an_address_ends_at_a_blank() {
        let (address, rest) = Address::leading("a#f@0123456789ab.3   | int f(void)").expect("an address");
        assert_eq!((address.ordinal, rest), (3, "   | int f(void)"));
    }
}
