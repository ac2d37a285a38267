//! What mail programs wrap text in: encoded words, quoted-printable, base64, Latin-1.
//!
//! Source: RFC 2047 (words in headers), RFC 2045 (bodies). What is not written as these say stays as it is: nothing fails.

use bstr::{BStr, BString, ByteSlice};

/// How the body of a mail was made fit for transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As it is.
    Plain,
    /// `=XX` for a byte, `=` at the end of a line that goes on.
    QuotedPrintable,
    /// Four letters for three bytes.
    Base64,
}

impl Transfer {
    /// Reads `Content-Transfer-Encoding`.
    pub(super) fn of(value: &BStr) -> Self {
        match value.trim().to_ascii_lowercase().as_slice() {
            b"quoted-printable" => Transfer::QuotedPrintable,
            b"base64" => Transfer::Base64,
            _ => Transfer::Plain,
        }
    }

    /// Returns the body as it was written.
    pub(super) fn decoded(self, body: &[u8]) -> Vec<u8> {
        match self {
            Transfer::Plain => body.to_vec(),
            Transfer::QuotedPrintable => quoted_printable(body),
            Transfer::Base64 => base64(body),
        }
    }
}

/// Returns a text of this charset in UTF-8; one that is not known stays as it is.
pub(super) fn in_utf8(charset: &[u8], text: Vec<u8>) -> Vec<u8> {
    let is_latin = ["iso-8859-1", "iso8859-1", "latin1", "windows-1252", "iso-8859-15"]
        .iter()
        .any(|name| charset.eq_ignore_ascii_case(name.as_bytes()));
    match is_latin && text.to_str().is_err() {
        true => text.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes(),
        false => text,
    }
}

/// Returns a header with its encoded words read; the blanks between two of them go.
pub(super) fn words(text: &[u8]) -> BString {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut follows_word = false;
    while let Some(at) = rest.find(b"=?") {
        let between = &rest[..at];
        match word(&rest[at..]) {
            Some((word, len)) => {
                if !(follows_word && between.iter().all(u8::is_ascii_whitespace)) {
                    out.extend_from_slice(between);
                }
                out.extend_from_slice(&word);
                rest = &rest[at + len..];
                follows_word = true;
            }
            None => {
                out.extend_from_slice(&rest[..at + 2]);
                rest = &rest[at + 2..];
                follows_word = false;
            }
        }
    }
    out.extend_from_slice(rest);
    out.into()
}

/// Reads `=?charset?q?text?=` at the beginning of a text, and says how long it is.
fn word(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut parts = text.get(2..)?.splitn(4, |byte| *byte == b'?');
    let (charset, encoding, inner, after) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if !after.starts_with(b"=") || inner.iter().any(|byte| *byte == b' ' || *byte == b'\n') {
        return None;
    }
    let bytes = match encoding {
        b"q" | b"Q" => quoted_printable(&inner.replace("_", " ")),
        b"b" | b"B" => base64(inner),
        _ => return None,
    };
    Some((in_utf8(charset, bytes), 2 + charset.len() + 1 + encoding.len() + 1 + inner.len() + 2))
}

fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find_byte(b'=') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(next) = rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n")) {
            rest = next;
            continue;
        }
        let byte = rest.get(..2).and_then(|digits| u8::from_str_radix(digits.to_str().ok()?, 16).ok());
        match byte {
            Some(byte) => {
                out.push(byte);
                rest = &rest[2..];
            }
            None => out.push(b'='),
        }
    }
    out.extend_from_slice(rest);
    out
}

fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut n_bits) = (0u32, 0u8);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits).to_le_bytes()[0]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        let check = |text: &str, expected: &str| assert_eq!(words(text.as_bytes()), expected);
        check("plain =? text", "plain =? text");
        check("=?UTF-8?q?J=C3=B6rg=20=C3=84?= <j@x>", "Jörg Ä <j@x>");
        check("=?utf-8?B?SsO2?= =?utf-8?B?cmc=?= x", "Jörg x");
        check("=?iso-8859-1?Q?J=F6rg_X?=", "Jörg X");
        check("=?utf-8?x?SsO2?=", "=?utf-8?x?SsO2?=");
        check("a =?utf-8?q?b", "a =?utf-8?q?b");
    }

    #[test]
    fn bodies_are_read() {
        assert_eq!(Transfer::of("Quoted-Printable".into()).decoded(b"a=3Db=\nc=\r\nd=zz=").as_bstr(), "a=bcd=zz=");
        assert_eq!(Transfer::of("base64".into()).decoded(b"YS4u\nLmI=\n").as_bstr(), "a...b");
        assert_eq!(Transfer::of("8bit".into()).decoded(b"a=3D").as_bstr(), "a=3D");
    }
}
