//! Text of addresses as the script sees it: blanks and words of Perl, and what is an address or a list of them by RFC 822.
//!
//! Source: `rfc822_valid`, `rfc822_validlist`, `rfc822_strip_comments` of the script.

use std::sync::LazyLock;

use bstr::ByteSlice;
use regex::bytes::Regex;

/// Returns what stands before the first blank.
pub(super) fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| is_space(char::from(*byte))).unwrap_or(text.len());
    &text[..end]
}

/// `\s` of Perl for ASCII.
pub(super) fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\x0b'
}

/// Returns the text without the blanks around it.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_with(is_space)
}

/// The parts of an address by RFC 822, as the script spells them. An atom's end need not be looked for: nothing that may follow
/// an atom can begin with a byte of one.
const ADDRESS: &str = r#"(?-u)(?x)
    LWSP* (?: MAILBOX | PHRASE : LWSP* (?: MAILBOX (?: , \s* MAILBOX )* )? ; \s* )"#;

static ADDRESSES: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let address = [
        ("MAILBOX", r"(?: SPEC | PHRASE < LWSP* (?: @ DOMAIN (?: , @ LWSP* DOMAIN )* : LWSP* )? SPEC > LWSP* )"),
        ("SPEC", r"(?: WORD (?: \. LWSP* WORD )* @ LWSP* DOMAIN )"),
        ("DOMAIN", r"(?: PART (?: \. LWSP* PART )* )"),
        ("PART", r"(?: ATOM | \[ (?: [^\[\]\r\\] | \\. )* \] LWSP* )"),
        ("PHRASE", r"(?: WORD )*"),
        ("WORD", r#"(?: ATOM | " (?: [^"\r\\] | \\. | LWSP )* " LWSP* )"#),
        ("ATOM", r#"(?: [^()<>@,;:\\".\[\]\x20\x00-\x1f\x7f]+ LWSP* )"#),
        ("LWSP", r"(?: (?: \r\n )? [\x20\t] )"),
    ];
    let address = address.iter().fold(ADDRESS.to_owned(), |text, (name, meaning)| text.replace(name, meaning));
    let regex = |text: &str| Regex::new(text).expect("a constant expression");
    [
        regex(&format!("(?s)^{address}$")),
        regex(&format!("(?s)^(?:{address})?(?:,(?:{address})?)*$")),
        regex(&format!("(?s)(?:^|,(?:(?:\r\n)?[\x20\t])*)({address})")),
    ]
});

static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    let text = r#"(?s-u)^((?:[^"\\]|\\.)*(?:"(?:[^"\\]|\\.)*"(?:[^"\\]|\\.)*)*)\((?:[^()\\]|\\.)*\)"#;
    Regex::new(text).expect("a constant expression")
});

/// Whether `text` is one address by RFC 822.
pub(super) fn is_address(text: &[u8], decodes: bool) -> bool {
    without_comments(text, decodes).is_some_and(|text| ADDRESSES[0].is_match(&text))
}

/// Returns the text with a blank for each comment; `None` for one that is never well formed.
fn without_comments(text: &[u8], decodes: bool) -> Option<Vec<u8>> {
    // Decoded text with a letter past U+00FF is never well formed to the script: it asks for bytes.
    if decodes && text.chars().any(|c| u32::from(c) > 0xff) {
        return None;
    }
    let mut text = text.to_vec();
    while let Some(found) = COMMENT.captures(&text) {
        let before = found.get(1).expect("the group is not optional").end();
        let after = found.get(0).expect("a match").end();
        text = bstr::concat([&text[..before], b" ".as_slice(), &text[after..]]);
    }
    Some(text)
}

/// Returns the addresses of a well-formed list that is not one address; `None` for any other text, which the script takes for one mailbox.
pub(super) fn list(text: &[u8], decodes: bool) -> Option<Vec<Vec<u8>>> {
    let text = without_comments(text, decodes)?;
    let [one, many, each] = &*ADDRESSES;
    if one.is_match(&text) || !many.is_match(&text) {
        return None;
    }
    Some(each.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_bytes().to_vec())).collect())
}
