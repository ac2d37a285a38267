//! A mail taken apart: what the rules look at.
//!
//! ```text
//!   Subject: [PATCH v2 1/3] net: say it     brackets, subject
//!   From: A <a@x>                           author (or the line From: that begins the body)
//!   To, Cc, Message-ID …                    envelope
//!
//!   why it is done                 3   ┐
//!                                  4   │    message; the subject is line 1
//!   Signed-off-by: A <a@x>         5   ┘
//!   ---
//!   v2: shorter                             aside
//!    a.c | 2 +-
//!   diff --git a/a.c b/a.c                  files
//! ```

use std::ops::Deref;

use bstr::{BStr, BString, ByteSlice};

use super::decode::{self, Transfer};
use super::diff::{self, FileDiff};
use crate::git::format_patch::MailCommit;
use crate::model::trailer::{self, Trailer};
use crate::model::{Mailbox, PatchIdx};
use crate::write::am;

/// The mails that are sent together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailSet {
    /// What people call it: the folder, the file or the range.
    pub name: String,
    /// The cover letter, if there is one, then the patches in order.
    pub letters: Vec<Letter>,
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The name of its file, its commit, or its subject.
    pub name: String,
    /// Whether it is a cover letter, which holds no patch.
    pub is_cover: bool,
    /// The patch of the plan that it holds; `None` of a cover letter, and of mails that are of no plan.
    pub patch: Option<PatchIdx>,
    /// Who wrote the patch, name and address.
    pub author: Person,
    /// Who sends it: of a commit who made it. `None` where nobody says.
    pub sender: Option<Person>,
    /// The words in brackets before the subject: `PATCH`, `net-next`, `v2`, `03/12`.
    pub brackets: Vec<String>,
    /// The subject without them, one line.
    pub subject: BString,
    /// The lines after the subject and its empty line, up to `---`; no empty lines at the end.
    pub message: Vec<BString>,
    /// The number of the first of them, where the subject is line 1.
    pub first_line: usize,
    /// What stands between `---` and the diff, diffstat included.
    pub aside: Vec<BString>,
    /// The diff.
    pub files: Vec<FileDiff>,
    /// What is not in a commit; `None` of a commit.
    pub envelope: Option<Envelope>,
    /// The whole as it came, its body as it was before transport.
    pub raw: BString,
}

/// Who somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Without quotes.
    pub name: BString,
    /// Without angle brackets.
    pub email: BString,
}

impl Person {
    /// Reads `Name <address>` in any form that people write; what stands after the address does not count.
    pub fn of(text: &BStr) -> Self {
        let text = text.trim();
        if let Some(mailbox) = Mailbox::parse(text.as_bstr()) {
            return Person { name: mailbox.name, email: mailbox.email };
        }
        let open = text.find_byte(b'<').unwrap_or(text.len());
        let rest = text.get(open + 1..).unwrap_or_default();
        let email = rest.find_byte(b'>').map_or(rest, |end| &rest[..end]);
        let name = text[..open].trim().trim_with(|c| c == '"');
        match open == text.len() && name.contains(&b'@') {
            true => Person { name: BString::default(), email: name.into() },
            false => Person { name: name.into(), email: email.trim().into() },
        }
    }

    /// Whether two are likely one: the same address or the same name, in any case.
    pub fn is(&self, other: &Person) -> bool {
        let same = |one: &BString, two: &BString| !one.is_empty() && one.to_lowercase() == two.to_lowercase();
        same(&self.email, &other.email) || same(&self.name, &other.name)
    }
}

/// What belongs to a mail and not to its patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The addresses of `To:`.
    pub to: Vec<BString>,
    /// And those of `Cc:`.
    pub cc: Vec<BString>,
    /// Without angle brackets; empty where there is none yet.
    pub message_id: BString,
    /// Likewise.
    pub in_reply_to: BString,
    /// Bytes of the whole.
    pub size: usize,
}

/// A trailer, wherever it stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'l> {
    /// The place among [`Letter::message`].
    pub at: usize,
    /// Its key and value.
    pub trailer: Trailer<'l>,
}

impl<'l> Deref for Tag<'l> {
    type Target = Trailer<'l>;

    fn deref(&self) -> &Trailer<'l> {
        &self.trailer
    }
}

impl Letter {
    /// Reads a mail as it is in a file or an mbox. Nothing makes it fail: what is not there is empty.
    pub fn read(name: &str, bytes: &[u8]) -> Self {
        let (headers, body) = headers(bytes);
        let header =
            |name: &str| headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_bstr());
        let transfer = header("Content-Transfer-Encoding").map_or(Transfer::Plain, Transfer::of);
        let plain = transfer.decoded(body);
        let plain = header("Content-Type").and_then(charset).map_or(plain.clone(), |charset| decode::in_utf8(charset, plain));
        let id = |name: &str| header(name).map_or_else(BString::default, first_id);
        let addresses = |name: &str| header(name).map_or_else(Vec::new, addresses);
        let envelope = Envelope {
            to: addresses("To"),
            cc: addresses("Cc"),
            message_id: id("Message-ID"),
            in_reply_to: id("In-Reply-To"),
            size: bytes.len(),
        };
        let sender = header("From").map(|value| Person::of(decode::words(value).as_bstr()));
        let (brackets, subject) = subject(decode::words(header("Subject").unwrap_or_default()).as_bstr());
        let mut letter = Letter {
            name: name.to_owned(),
            is_cover: false,
            patch: None,
            author: sender.clone().unwrap_or_default(),
            sender,
            brackets,
            subject,
            message: Vec::new(),
            first_line: 3,
            aside: Vec::new(),
            files: diff::files(&plain),
            envelope: Some(envelope),
            raw: match transfer {
                Transfer::Plain => bytes.into(),
                Transfer::QuotedPrintable | Transfer::Base64 => {
                    let shown = |name: &str| header(name).map_or_else(BString::default, |value| decode::words(value));
                    let head = format!("From: {}\nSubject: {}\n\n", shown("From"), shown("Subject"));
                    bstr::concat([head.as_bytes(), plain.as_slice()]).into()
                }
            },
        };
        let mut lines =
            plain.lines().map(|line| line.trim_end_with(|c| c == '\r')).skip_while(|line| line.trim().is_empty()).peekable();
        // What the sender moved into the body stands for the mail's headers.
        while let Some(line) = lines.next_if(|line| am::header(line).is_some()) {
            match line.split_once_str(":") {
                Some((key, value)) if key.eq_ignore_ascii_case(b"From") => letter.author = Person::of(value.as_bstr()),
                Some((key, value)) if key.eq_ignore_ascii_case(b"Subject") => letter.subject = subject_of(value.as_bstr()),
                _ => {}
            }
        }
        let mut lines = lines.skip_while(|line| line.trim().is_empty());
        let mut is_aside = false;
        for line in lines.by_ref() {
            if line.starts_with(b"diff --git ") || (!letter.files.is_empty() && line.starts_with(b"diff -")) {
                break;
            }
            match is_aside {
                true => letter.aside.push(line.into()),
                false if am::patch(line).is_some() => is_aside = true,
                false => letter.message.push(line.into()),
            }
        }
        letter.is_cover = letter.files.is_empty();
        letter.trim();
        letter
    }

    /// Takes a commit, and from the mail that git made of it the diff: what stands in the message is the commit's own, whatever it looks like.
    pub fn of_commit(commit: &MailCommit, mail: &[u8]) -> Self {
        let mut lines = commit.message.lines().skip_while(|line| line.trim().is_empty());
        let n_first = lines.by_ref().take_while(|line| !line.trim().is_empty()).count();
        let message: Vec<BString> = lines.map(BString::from).collect();
        let n_blank = message.iter().take_while(|line| line.trim().is_empty()).count();
        // The diff begins after as many bytes as the message has, at the least.
        let body = mail.find(b"\n\n").map_or(mail.len(), |at| at + 2);
        let n_bytes: usize = message.iter().map(|line| line.len() + 1).sum();
        let rest = mail.get(body + n_bytes.saturating_sub(n_blank)..).unwrap_or_default();
        let (brackets, subject) = subject(commit.subject.as_bstr());
        let mut letter = Letter {
            name: format!("{} ({})", commit.commit_id.short(), commit.subject),
            is_cover: false,
            patch: None,
            author: Person { name: commit.author.name.clone(), email: commit.author.email.clone() },
            sender: Some(Person { name: commit.committer.name.clone(), email: commit.committer.email.clone() }),
            brackets,
            subject,
            message: message[n_blank..].to_vec(),
            first_line: n_first + 2 + n_blank,
            aside: Vec::new(),
            files: diff::files(rest),
            envelope: None,
            raw: mail.into(),
        };
        letter.trim();
        letter
    }

    fn trim(&mut self) {
        while self.message.last().is_some_and(|line| line.trim().is_empty()) {
            self.message.pop();
        }
    }

    /// Returns the trailers of the message, wherever they stand: who sends a mail may have parted them.
    pub fn tags(&self) -> Vec<Tag<'_>> {
        let lines = self.message.iter().enumerate();
        lines.filter_map(|(at, line)| Trailer::known(line.as_ref()).map(|trailer| Tag { at, trailer })).collect()
    }

    /// Returns where the tags begin that end the message, and of how many lines its text consists before them: what stands in between is empty.
    pub fn block(&self) -> usize {
        let goes_on = continuations(&self.message);
        let belongs = |at: usize| {
            let line = self.message[at].as_bstr();
            let is_note = trailer::is_note(line) || line.starts_with(b"# ");
            line.trim().is_empty() || Trailer::known(line).is_some() || is_note || goes_on[at]
        };
        let mut start = (0..self.message.len()).rev().take_while(|at| belongs(*at)).last().unwrap_or(self.message.len());
        while start < self.message.len() && Trailer::known(self.message[start].as_ref()).is_none() {
            start += 1;
        }
        start
    }

    /// Returns the subject's part before its phrase, with `: `, as the project writes it; nothing where there is none.
    pub fn prefix(&self) -> &BStr {
        let mut end = 0;
        while let Some(at) = self.subject[end..].find(b": ") {
            let part = &self.subject[end..end + at];
            let n_words = part.split_str(" ").count();
            let is_part =
                !part.is_empty() && n_words <= if end == 0 { 4 } else { 2 } && !part.iter().any(|byte| b"\"'`()=".contains(byte));
            if !is_part {
                break;
            }
            end += at + 2;
        }
        self.subject[..end].as_bstr()
    }

    /// Returns what the subject says after its prefix.
    pub fn phrase(&self) -> &BStr {
        self.subject[self.prefix().len()..].as_bstr()
    }

    /// Whether git wrote the subject: that of a commit taken back, or of what `git subtree` takes over. No rule for subjects is about these.
    pub fn is_by_git(&self) -> bool {
        ["Revert \"", "Reapply \"", "Revert:"].iter().any(|start| self.subject.contains_str(start))
            || self.subject.starts_with(b"Revert ")
            || self.subject.starts_with(b"Squashed '")
    }

    /// Whether it is a release, which maintainers make and nobody sends: it changes notes and version numbers alone.
    pub fn is_release(&self) -> bool {
        let says =
            ["Prepare v", "Set version", "Update Xen version"].iter().any(|start| self.subject.starts_with(start.as_bytes()));
        let is_notes = |path: &BStr| {
            ["GIT-VERSION-GEN", "RelNotes", "Documentation/RelNotes/", "VERSION"]
                .iter()
                .any(|known| path.starts_with(known.as_bytes()))
        };
        let is_number = |file: &FileDiff| {
            file.added().all(|line| ["VERSION", "PATCHLEVEL", "Xen"].iter().any(|word| line.text.contains_str(word)))
        };
        let is_part =
            |file: &FileDiff| is_notes(file.path.as_bstr()) || (!file.is_new && !file.lines.is_empty() && is_number(file));
        says || (!self.files.is_empty() && self.files.iter().all(is_part))
    }

    /// Returns the version in the brackets; 1 where there is none.
    pub fn version(&self) -> u32 {
        let version = |word: &String| word.strip_prefix(['v', 'V'])?.parse().ok();
        self.brackets.iter().find_map(version).unwrap_or(1)
    }

    /// Returns number and total in the brackets.
    pub fn number(&self) -> Option<(usize, usize)> {
        self.brackets.iter().find_map(|word| {
            let (number, total) = word.split_once('/')?;
            Some((number.parse().ok()?, total.parse().ok()?))
        })
    }

    /// Whether all files stand below one of these paths, and there is a file.
    pub fn is_below(&self, paths: &[&str]) -> bool {
        !self.files.is_empty() && self.files.iter().all(|file| paths.iter().any(|path| file.path.starts_with(path.as_bytes())))
    }

    /// Returns all who get it.
    pub fn recipients(&self) -> impl Iterator<Item = &BString> {
        self.envelope.iter().flat_map(|envelope| envelope.to.iter().chain(&envelope.cc))
    }
}

/// Returns for each line whether it goes on with the tag above it: it is indented, and above it stands a tag or another such line.
fn continuations(message: &[BString]) -> Vec<bool> {
    let mut below_tag = false;
    let goes_on = message.iter().map(|line| {
        let is_indented = line.starts_with_str(" ") || line.starts_with_str("\t");
        if !is_indented {
            below_tag = Trailer::known(line.as_ref()).is_some();
        }
        is_indented && below_tag
    });
    goes_on.collect()
}

/// Cuts a mail into its headers, unfolded, and its body.
fn headers(bytes: &[u8]) -> (Vec<(String, BString)>, &[u8]) {
    let mut headers: Vec<(String, BString)> = Vec::new();
    let mut rest = bytes;
    while let Some(end) = rest.find_byte(b'\n').map(|at| at + 1).or_else(|| (!rest.is_empty()).then_some(rest.len())) {
        let line = rest[..end].trim_end();
        if line.is_empty() {
            return (headers, &rest[end..]);
        }
        let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
        match (headers.last_mut(), line.split_once_str(":")) {
            (Some((_, value)), _) if is_folded => value.extend_from_slice(&[b" ", line.trim()].concat()),
            (_, Some((key, value))) if !is_folded => headers.push((key.to_str_lossy().into_owned(), value.trim().into())),
            _ => {}
        }
        rest = &rest[end..];
    }
    (headers, rest)
}

/// Returns the charset of a `Content-Type`.
fn charset(value: &BStr) -> Option<&[u8]> {
    let at = value.to_ascii_lowercase().find(b"charset=")? + "charset=".len();
    let rest = value[at..].trim_start_with(|c| c == '"');
    Some(rest.find_byteset(b"\"; ").map_or(rest, |end| &rest[..end]))
}

fn first_id(value: &BStr) -> BString {
    let inner = value.find_byte(b'<').map_or(value.as_bytes(), |at| &value[at + 1..]);
    inner.find_byte(b'>').map_or(inner, |end| &inner[..end]).trim().into()
}

/// Cuts a list of addresses at the commas that stand in no quotes, and reads their encoded words.
fn addresses(value: &BStr) -> Vec<BString> {
    let mut is_quoted = false;
    let parts = value.split(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    parts.map(|part| decode::words(part.trim())).filter(|part| !part.is_empty()).collect()
}

/// Takes the brackets off a subject, as `git am` does, and what a reply puts before it.
fn subject(text: &BStr) -> (Vec<String>, BString) {
    let mut rest = text.trim();
    let mut words = Vec::new();
    while let Some((inner, after)) = rest.strip_prefix(b"[").and_then(|rest| rest.split_once_str("]")) {
        words.extend(
            inner.split(|byte| b" ,".contains(byte)).filter(|word| !word.is_empty()).map(|word| word.to_str_lossy().into_owned()),
        );
        rest = after.trim_start();
    }
    (words, subject_of(rest.as_bstr()))
}

/// Returns a subject as one line with single blanks where it was folded.
fn subject_of(text: &BStr) -> BString {
    text.trim().replace("\t", " ").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From 1 Mon Sep 17 00:00:00 2001\nMessage-ID: <1@x>\nFrom: =?utf-8?q?J=C3=B6rg?= <j@x>\nSubject: [PATCH net-next v2\n 03/12] net: say it\n\
        To: \"A, B\" <a@x>, c@x\nCc: d@x\n\nFrom: Ann Other <ann@x>\n\nWhy.\n\nFixes: 1 (\"x\")\nCc: y@x\n more\nSigned-off-by: J <j@x>\n---\nv2: x\n\n a | 1 +\n\n\
        diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n a\n+b\n-- \n2\n";

    #[test]
    fn a_mail_is_taken_apart() {
        let letter = Letter::read("m", MAIL.as_bytes());
        assert_eq!(letter.brackets, ["PATCH", "net-next", "v2", "03/12"]);
        assert_eq!(
            (letter.subject.as_bstr(), letter.prefix(), letter.phrase()),
            ("net: say it".into(), "net: ".into(), "say it".into())
        );
        assert_eq!((letter.version(), letter.number(), letter.block()), (2, Some((3, 12)), 2));
        assert_eq!(
            (letter.author.name.as_bstr(), letter.sender.as_ref().unwrap().name.as_bstr()),
            ("Ann Other".into(), "Jörg".into())
        );
        let envelope = letter.envelope.as_ref().unwrap();
        assert_eq!((envelope.to.len(), envelope.cc.len(), envelope.message_id.as_bstr()), (2, 1, "1@x".into()));
        assert_eq!(letter.message, ["Why.", "", "Fixes: 1 (\"x\")", "Cc: y@x", " more", "Signed-off-by: J <j@x>"]);
        assert_eq!(letter.aside, ["v2: x", "", " a | 1 +", ""]);
        assert_eq!(letter.files.len(), 1);
        assert_eq!(letter.tags().iter().map(|tag| tag.at).collect::<Vec<_>>(), [2, 3, 5]);
    }

    #[test]
    fn people_are_known_by_name_or_address() {
        let is = |one: &str, two: &str| Person::of(one.into()).is(&Person::of(two.into()));
        assert!(is("A B <a@x>", "\"a b\" <c@x>") && is("A <a@X>", "a@x") && is("A <a@x> # for y", "A <b@x>"));
        assert!(!is("A <a@x>", "B <b@x>") && !is("", ""));
    }
}
