//! Names and addresses as `get_maintainer.pl` takes them apart and puts them together, and `.mailmap` as it reads it.
//!
//! The rules are the script's own, not those of RFC 822: what stands before the first `<` is the name, and a name with anything
//! but letters, digits, `_`, blank and `-` (all ASCII) is printed in quotes. Source: `parse_email`, `format_email`,
//! `mailmap_email`, `push_email_addresses` there.

use std::collections::HashMap;
use std::sync::LazyLock;

use bstr::{BString, ByteSlice};
use regex::bytes::Regex;

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mailbox {
    /// As printed, with quotes where they are needed; empty for a bare address.
    pub name: BString,
    /// Without angle brackets; empty where there was none.
    pub email: BString,
}

impl Mailbox {
    /// Reads `Name <address>`, `<address>` or `address`; what has no `@` gives an empty address.
    pub fn parse(text: &[u8]) -> Self {
        let (name, email) = with_name(text).or_else(|| bracketed(text)).or_else(|| bare(text)).unwrap_or_default();
        Mailbox { name: quoted(unquoted(trimmed(name))), email: trimmed(email).into() }
    }

    /// Returns `Name <address>`, or the address alone.
    pub fn shown(&self) -> BString {
        let name = quoted(unquoted(trimmed(&self.name)));
        let email = trimmed(&self.email);
        if name.is_empty() {
            return email.into();
        }
        bstr::concat([&name, b" <".as_slice(), email, b">"]).into()
    }

    /// Reads the value of an `M:` or `R:` line or of a trailer: one mailbox, or several with commas where all of them are well formed. `decodes`
    /// says whether encoded words are read.
    pub fn parse_list(text: &[u8], decodes: bool) -> Vec<Self> {
        let one = Mailbox::parse(text);
        let mailboxes = match text.contains(&b',') {
            true => {
                list(text, decodes).map_or_else(|| vec![one], |texts| texts.iter().map(|text| Mailbox::parse(text)).collect())
            }
            false => vec![one],
        };
        mailboxes.into_iter().filter(|mailbox| !mailbox.email.is_empty()).collect()
    }
}

type Parts<'a> = (&'a [u8], &'a [u8]);

/// `^([^<]+)<(.+\@.*)>.*$`
fn with_name(text: &[u8]) -> Option<Parts<'_>> {
    let open = text.find_byte(b'<').filter(|&open| open > 0)?;
    let rest = &text[open + 1..];
    let address = &rest[..rest.rfind_byte(b'>')?];
    let has_at = address.len() > 1 && address[1..].contains(&b'@');
    has_at.then_some((&text[..open], address))
}

/// `^\s*<(.+\@\S*)>.*$`
fn bracketed(text: &[u8]) -> Option<Parts<'_>> {
    let rest = text.trim_start_with(|c| c.is_ascii_whitespace()).strip_prefix(b"<")?;
    let ats = (1..rest.len()).rev().filter(|&at| rest[at] == b'@');
    let end = ats.filter_map(|at| Some(at + 1 + word(&rest[at + 1..]).rfind_byte(b'>')?)).next()?;
    Some((b"", &rest[..end]))
}

/// `^(.+\@\S*).*$`
fn bare(text: &[u8]) -> Option<Parts<'_>> {
    let at = text.rfind_byte(b'@').filter(|&at| at > 0)?;
    Some((b"", &text[..at + 1 + word(&text[at + 1..]).len()]))
}

/// Returns what stands before the first blank.
pub(super) fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| is_space(*byte)).unwrap_or(text.len());
    &text[..end]
}

/// `\s` of Perl for ASCII.
pub(super) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(*byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Takes one quote off each end that has one.
fn unquoted(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"\"").unwrap_or(name);
    name.strip_suffix(b"\"").unwrap_or(name)
}

/// Puts a name in quotes where it needs them; quotes inside get a backslash unless they have one.
fn quoted(name: &[u8]) -> BString {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_ -".contains(byte);
    if name.iter().all(is_plain) {
        return name.into();
    }
    let mut out = vec![b'"'];
    for (at, &byte) in name.iter().enumerate() {
        if byte == b'"' && (at == 0 || name[at - 1] != b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
    out.into()
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

/// Returns the addresses of a well-formed list that is not one address; `None` sends the whole text on as it is.
fn list(text: &[u8], decodes: bool) -> Option<Vec<Vec<u8>>> {
    let text = without_comments(text, decodes)?;
    let [one, many, each] = &*ADDRESSES;
    if one.is_match(&text) || !many.is_match(&text) {
        return None;
    }
    Some(each.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_bytes().to_vec())).collect())
}

/// What `.mailmap` says, as the script reads it (git's own rules differ in case and in what a bare name matches).
#[derive(Debug, Clone, Default)]
pub struct Mailmap {
    /// By address, or by `Name <address>` where the line named the wrong name too.
    names: HashMap<BString, BString>,
    emails: HashMap<BString, BString>,
}

impl Mailmap {
    /// Reads the file; a line in none of its four shapes says nothing.
    pub fn parse(text: &[u8]) -> Self {
        let mut mailmap = Mailmap::default();
        text.lines().for_each(|line| mailmap.add(trimmed(line.split_str("#").next().unwrap_or_default())));
        mailmap
    }

    /// Reads one trimmed line without comment.
    fn add(&mut self, line: &[u8]) {
        let Some(body) = line.strip_suffix(b">") else { return };
        let Some(open) = body.rfind_byte(b'<').filter(|&open| open + 1 < body.len() && !body[open..].contains(&b'>')) else {
            return;
        };
        let (before, wrong) = (trimmed(&body[..open]), &body[open + 1..]);
        if !before.contains(&b'<') {
            // name1 <mail1>
            if open > 0 {
                let real = Mailbox::parse(&bstr::concat([before, b" <", wrong, b">"]));
                self.names.insert(real.email, real.name);
            }
            return;
        }
        // name1 is greedy: it takes all but the last mail that is left, and with it any that came before.
        let Some(close) = before.rfind_byte(b'>') else { return };
        let Some(real_open) = before[..close].rfind_byte(b'<').filter(|&real_open| real_open + 1 < close) else { return };
        let (real_name, real_email) = (&before[..real_open], &before[real_open + 1..close]);
        let wrong_name = trimmed(&before[close + 1..]);
        if real_name.is_empty() {
            // <mail1> <mail2>
            if wrong_name.is_empty() {
                self.emails.insert(wrong.into(), real_email.into());
            }
            return;
        }
        let real_name = real_name.trim_end_with(|c| c.is_ascii_whitespace());
        let real = Mailbox::parse(&bstr::concat([real_name, b" <", real_email, b">"]));
        // name1 <mail1> <mail2>, or name1 <mail1> name2 <mail2>
        let key = match wrong_name.is_empty() {
            true => wrong.into(),
            false => Mailbox::parse(&bstr::concat([wrong_name, b" <", wrong, b">"])).shown(),
        };
        self.names.insert(key.clone(), real.name);
        self.emails.insert(key, real.email);
    }

    /// Returns the mailbox with the name and the address that it should have.
    pub fn mapped(&self, mailbox: &Mailbox) -> Mailbox {
        let shown = mailbox.shown();
        let key = match self.names.contains_key(&shown) || self.emails.contains_key(&shown) {
            true => &shown,
            false => &mailbox.email,
        };
        let name = self.names.get(key).unwrap_or(&mailbox.name);
        let email = self.emails.get(key).unwrap_or(&mailbox.email);
        Mailbox { name: quoted(unquoted(trimmed(name))), email: trimmed(email).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations are the output of the script's `format_email(parse_email(text))`.
    fn check(text: &str, shown: &str) {
        assert_eq!(Mailbox::parse(text.as_bytes()).shown(), shown);
    }

    #[test]
    fn names_are_quoted_where_the_script_quotes() {
        check("Ann Example <ann@example.org>", "Ann Example <ann@example.org>");
        check("\"Bob B. Example\" <bob@example.org>", "\"Bob B. Example\" <bob@example.org>");
        check("Bob B. Example <bob@example.org>", "\"Bob B. Example\" <bob@example.org>");
        check("Zoë Example <zoe@example.org>", "\"Zoë Example\" <zoe@example.org>");
        check("O\"X <o@example.org>", "\"O\\\"X\" <o@example.org>");
        check("<ann@example.org>", "ann@example.org");
        check("  <ann@example.org>", "ann@example.org");
        check("ann@example.org", "ann@example.org");
        check("ann@example.org (moderated)", "ann@example.org");
        check("Ann <ann@example.org> and more", "Ann <ann@example.org>");
        check("nobody", "");
    }

    #[test]
    fn only_a_well_formed_list_is_taken_apart() {
        let names = |text: &str| {
            let shown =
                Mailbox::parse_list(text.as_bytes(), true).iter().map(|mailbox| mailbox.shown().to_string()).collect::<Vec<_>>();
            shown.join(" | ")
        };
        assert_eq!(names("Ann <a@x.org>, Bob <b@x.org>"), "Ann <a@x.org> | Bob <b@x.org>");
        assert_eq!(names("a@x.org,b@x.org"), "a@x.org | b@x.org");
        assert_eq!(names("Ann Example, the firm <a@x.org>"), "\"Ann Example, the firm\" <a@x.org>");
        assert_eq!(names("\"Example, Ann\" <a@x.org>, b@x.org"), "\"Example, Ann\" <a@x.org> | b@x.org");
        assert_eq!(names("Ann (the first, the only) <a@x.org>"), "\"Ann (the first, the only)\" <a@x.org>");
        assert_eq!(names("Ondřej <a@x.org>, Bob <b@x.org>"), "\"Ondřej\" <a@x.org>, Bob <b@x.org>");
        assert_eq!(names("nobody"), "");
    }

    #[test]
    fn mailmap_has_four_shapes() {
        let mailmap = Mailmap::parse(
            b"# people\nAnn New <ann@x.org>\n<bob@new.org> <bob@old.org>\nCy New <cy@new.org> <cy@old.org> # moved\n\
              Di New <di@new.org> Di Old <team@x.org>\nnothing here\n",
        );
        let mapped = |text: &str| mailmap.mapped(&Mailbox::parse(text.as_bytes())).shown().to_string();
        assert_eq!(mapped("Ann Old <ann@x.org>"), "Ann New <ann@x.org>");
        assert_eq!(mapped("Bob <bob@old.org>"), "Bob <bob@new.org>");
        assert_eq!(mapped("Cyrus <cy@old.org>"), "Cy New <cy@new.org>");
        assert_eq!(mapped("Di Old <team@x.org>"), "Di New <di@new.org>");
        assert_eq!(mapped("Ed <team@x.org>"), "Ed <team@x.org>");
        assert_eq!(mapped("BOB@old.org"), "BOB@old.org");
    }
}
