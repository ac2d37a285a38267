//! `.mailmap` as `get_maintainer.pl` reads it: the name and the address at which somebody is to be reached.
//!
//! git's own rules differ in case and in what a bare name matches. Source: `read_mailmap`, `mailmap_email` of the script.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use super::address::trimmed;
use super::mailbox::Mailbox;

/// What the file says.
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
                let real = Mailbox::read(&bstr::concat([before, b" <", wrong, b">"]));
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
        let real = Mailbox::read(&bstr::concat([real_name, b" <", real_email, b">"]));
        // name1 <mail1> <mail2>, or name1 <mail1> name2 <mail2>
        let key = match wrong_name.is_empty() {
            true => wrong.into(),
            false => Mailbox::read(&bstr::concat([wrong_name, b" <", wrong, b">"])).printed(),
        };
        self.names.insert(key.clone(), real.name);
        self.emails.insert(key, real.email);
    }

    /// Returns the mailbox with the name and the address that it should have.
    pub fn mapped(&self, mailbox: &Mailbox) -> Mailbox {
        let shown = mailbox.printed();
        let key = match self.names.contains_key(&shown) || self.emails.contains_key(&shown) {
            true => &shown,
            false => &mailbox.email,
        };
        let name = self.names.get(key).unwrap_or(&mailbox.name);
        let email = self.emails.get(key).unwrap_or(&mailbox.email);
        Mailbox { name: name.clone(), email: trimmed(email).into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailmap_has_four_shapes() {
        let mailmap = Mailmap::parse(
            b"# people\nAnn New <ann@x.org>\n<bob@new.org> <bob@old.org>\nCy New <cy@new.org> <cy@old.org> # moved\n\
              Di New <di@new.org> Di Old <team@x.org>\nnothing here\n",
        );
        let mapped = |text: &str| mailmap.mapped(&Mailbox::read(text.as_bytes())).printed().to_string();
        assert_eq!(mapped("Ann Old <ann@x.org>"), "Ann New <ann@x.org>");
        assert_eq!(mapped("Bob <bob@old.org>"), "Bob <bob@new.org>");
        assert_eq!(mapped("Cyrus <cy@old.org>"), "Cy New <cy@new.org>");
        assert_eq!(mapped("Di Old <team@x.org>"), "Di New <di@new.org>");
        assert_eq!(mapped("Ed <team@x.org>"), "Ed <team@x.org>");
        assert_eq!(mapped("BOB@old.org"), "BOB@old.org");
    }
}
