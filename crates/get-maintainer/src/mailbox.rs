//! A name and an address, the one type for it: in MAINTAINERS, in trailers, in the headers of mails.
//!
//! Two grammars read it and two write it, because `get_maintainer.pl` has rules of its own and its answers are compared byte for byte:
//!
//! ```text
//!                 reads                          writes
//!   the script    read, read_list: anything      printed: quotes around all but letters, digits, _, blank and -
//!   mail          parse: one address or nothing  shown: quotes where RFC 5322 wants them
//! ```
//!
//! To the script, what stands before the first `<` is the name. Source: `parse_email`, `format_email`, `push_email_addresses` there;
//! RFC 5322, section 3.4.

use bstr::{BStr, BString, ByteSlice};

use super::address::{list, trimmed, word};

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mailbox {
    /// Without quotes around it and without the backslashes that quotes inside need; empty for a bare address.
    pub name: BString,
    /// Without angle brackets; empty where [`Mailbox::read`] found none.
    pub email: BString,
}

impl Mailbox {
    /// Returns a bare address.
    pub fn bare(email: impl Into<BString>) -> Self {
        Mailbox { name: BString::default(), email: email.into() }
    }

    /// Reads `Name <address>`, `"Name, quoted" <address>` or a bare address; `None` where that is no address or would break a header.
    pub fn parse(text: &BStr) -> Option<Self> {
        let text = text.trim();
        let (name, email) = match (text.rfind_byte(b'<'), text.strip_suffix(b">")) {
            (Some(open), Some(rest)) => (text[..open].trim(), &rest[open + 1..]),
            (None, None) => (&text[..0], text),
            _ => return None,
        };
        let mailbox = Mailbox { name: unescaped(name), email: email.into() };
        (mailbox.is_address() && !name.iter().any(u8::is_ascii_control)).then_some(mailbox)
    }

    /// Whether a header can hold it: an address of a user and a host, and no control characters.
    pub fn is_address(&self) -> bool {
        let Some((user, host)) = self.email.split_once_str("@") else { return false };
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(byte);
        let is_email = !user.is_empty() && !host.is_empty() && self.email.iter().all(is_plain) && !host.contains(&b'@');
        is_email && !self.name.iter().any(u8::is_ascii_control)
    }

    /// Returns it as it stands in a trailer: on one line, raw, the name in quotes where it needs them.
    pub fn shown(&self) -> BString {
        match (self.name.is_empty(), needs_quotes(self.name.as_ref())) {
            (true, _) => self.email.clone(),
            (false, false) => with_brackets(&self.name, &self.email),
            (false, true) => with_brackets(&quoted(self.name.as_ref()), &self.email),
        }
    }

    /// Returns what tells people apart: the address, with its host in lower case.
    pub fn key(&self) -> BString {
        match self.email.split_once_str("@") {
            Some((user, host)) => bstr::concat([user, b"@", &host.to_ascii_lowercase()]).into(),
            None => self.email.clone(),
        }
    }

    /// Reads `Name <address>`, `<address>` or `address` as the script does; what has no `@` gives an empty address.
    pub fn read(text: &[u8]) -> Self {
        let (name, email) = with_name(text).or_else(|| bracketed(text)).or_else(|| bare(text)).unwrap_or_default();
        Mailbox::named(name, trimmed(email))
    }

    /// Reads the value of an `M:` or `R:` line or of a trailer as the script does: one mailbox, or several with commas where all of them
    /// are well formed. `decodes` says whether the text is read as UTF-8.
    pub fn read_list(text: &[u8], decodes: bool) -> Vec<Self> {
        let texts = if text.contains(&b',') { list(text, decodes) } else { None };
        let mut mailboxes = match texts {
            Some(texts) => texts.iter().map(|text| Mailbox::read(text)).collect(),
            None => vec![Mailbox::read(text)],
        };
        mailboxes.retain(|mailbox: &Mailbox| !mailbox.email.is_empty());
        mailboxes
    }

    /// Takes a name as the script writes it, perhaps in quotes.
    pub(super) fn named(name: &[u8], email: &[u8]) -> Self {
        let name = trimmed(name);
        let name = name.strip_prefix(b"\"").unwrap_or(name);
        let name = name.strip_suffix(b"\"").unwrap_or(name);
        let name = if is_plain(name) { trimmed(name).to_vec() } else { name.replace(b"\\\"", b"\"") };
        Mailbox { name: name.into(), email: email.into() }
    }

    /// Returns `Name <address>`, or the address alone, as the script prints it.
    pub fn printed(&self) -> BString {
        match self.name.is_empty() {
            true => self.email.clone(),
            false => with_brackets(&self.printed_name(), &self.email),
        }
    }

    /// Returns the name as the script prints it.
    pub(super) fn printed_name(&self) -> BString {
        match is_plain(&self.name) {
            true => self.name.clone(),
            false => bstr::concat([b"\"".as_slice(), &self.name.replace(b"\"", b"\\\""), b"\""]).into(),
        }
    }
}

fn with_brackets(name: &[u8], email: &[u8]) -> BString {
    bstr::concat([name, b" <", email, b">"]).into()
}

/// Whether a name holds what an address list gives a meaning to. Source: RFC 5322, section 3.2.3.
pub fn needs_quotes(name: &BStr) -> bool {
    name.iter().any(|byte| b"()<>[]:;@,.\"\\".contains(byte))
}

/// Returns a name in quotes, with a backslash before each quote and backslash inside.
pub fn quoted(name: &BStr) -> Vec<u8> {
    let mut quoted = b"\"".to_vec();
    for &byte in name.iter() {
        if byte == b'"' || byte == b'\\' {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    quoted
}

/// Takes quotes off a name, and the backslashes inside.
fn unescaped(name: &[u8]) -> BString {
    let Some(inner) = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")) else { return name.into() };
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(&byte) = bytes.next() {
        out.push(if byte == b'\\' { *bytes.next().unwrap_or(&byte) } else { byte });
    }
    out.into()
}

/// Whether the script writes a name without quotes.
fn is_plain(name: &[u8]) -> bool {
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_ -".contains(byte))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations are the output of the script's `format_email(parse_email(text))`.
    fn check(text: &str, shown: &str) {
        assert_eq!(Mailbox::read(text.as_bytes()).printed(), shown);
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
        check("\"A \\\"B\\\" C.\" <a@x>", "\"A \\\"B\\\" C.\" <a@x>");
        check("\"a\\b\" <a@x>", "\"a\\b\" <a@x>");
        check("\" Ann \" <a@x>", "Ann <a@x>");
    }

    #[test]
    fn only_a_well_formed_list_is_taken_apart() {
        let names = |text: &str| {
            let shown =
                Mailbox::read_list(text.as_bytes(), true).iter().map(|mailbox| mailbox.printed().to_string()).collect::<Vec<_>>();
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
    fn what_breaks_a_header_is_no_address() {
        for given in ["", "nobody", "a@", "@b", "a b@c", "A <a@b", "A\nBcc: c@d <a@b>", "a@b\r\nBcc: c@d", "A <a@b, c@d>", "jö@x"]
        {
            assert_eq!(Mailbox::parse(given.into()), None, "{given}");
        }
    }

    #[test]
    fn trailers_have_quotes_where_mail_wants_them() {
        let shown = |text: &str| Mailbox::parse(text.into()).expect("an address").shown().to_string();
        assert_eq!(shown("Zoë Example <zoe@x.org>"), "Zoë Example <zoe@x.org>");
        assert_eq!(shown("Bob B. Example <bob@x.org>"), "\"Bob B. Example\" <bob@x.org>");
        assert_eq!(shown("\"a \\\"b\\\" c\" <a@x.org>"), "\"a \\\"b\\\" c\" <a@x.org>");
    }
}
