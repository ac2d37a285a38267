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
use mailparse::body::Body;
use mailparse::{MailAddr, MailHeader, MailHeaderMap, ParsedMail};

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
    /// Who wrote the patch.
    pub author: Mailbox,
    /// Who sends it: of a commit who made it. `None` where nobody says.
    pub sender: Option<Mailbox>,
    /// The words in brackets before the subject: `PATCH`, `net-next`, `v2`, `03/12`.
    pub brackets: Vec<String>,
    /// The subject without them, one line.
    pub subject: BString,
    /// The subject of the commit: of a mail what stands behind the first brackets.
    pub committed: BString,
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
        // What is no mail is a body without headers.
        let mail = mailparse::parse_mail(without_mbox_line(bytes)).ok();
        let headers: &[MailHeader<'_>] = mail.as_ref().map_or(&[], |mail| &mail.headers);
        let value = |name: &str| headers.get_first_value(name).unwrap_or_default();
        let plain = mail.as_ref().map_or_else(|| bytes.to_vec(), text);
        let addresses = |name: &str| headers.get_first_header(name).map_or_else(Vec::new, addresses);
        let envelope = Envelope {
            to: addresses("To"),
            cc: addresses("Cc"),
            message_id: first_id(value("Message-ID").as_str().into()),
            in_reply_to: first_id(value("In-Reply-To").as_str().into()),
            size: bytes.len(),
        };
        let sender = headers.get_first_value("From").map(|from| mailbox(from.as_str().into()));
        let whole = value("Subject");
        let (brackets, subject) = subject(whole.as_str().into());
        let mut letter = Letter {
            name: name.to_owned(),
            is_cover: false,
            patch: None,
            author: sender.clone().unwrap_or_default(),
            sender,
            brackets,
            subject,
            committed: whole
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
                .map_or(whole.trim(), |(_, rest)| rest.trim())
                .into(),
            message: Vec::new(),
            first_line: 3,
            aside: Vec::new(),
            files: diff::files(&plain),
            envelope: Some(envelope),
            // Who has the body as it is has all of it.
            raw: match bytes.ends_with(&plain) {
                true => bytes.into(),
                false => {
                    let head = format!("From: {}\nSubject: {}\n\n", value("From"), value("Subject"));
                    bstr::concat([head.as_bytes(), plain.as_slice()]).into()
                }
            },
        };
        let mut lines =
            plain.lines().map(|line| line.trim_end_with(|c| c == '\r')).skip_while(|line| line.trim().is_empty()).peekable();
        // What the sender moved into the body stands for the mail's headers.
        while let Some(line) = lines.next_if(|line| am::header(line).is_some()) {
            match line.split_once_str(":") {
                Some((key, value)) if key.eq_ignore_ascii_case(b"From") => letter.author = mailbox(value.as_bstr()),
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
            author: Mailbox::from(&commit.author),
            sender: Some(Mailbox::from(&commit.committer)),
            brackets,
            subject,
            committed: commit.subject.clone(),
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

/// Returns a mail without the line `From …` that an mbox puts above it.
fn without_mbox_line(bytes: &[u8]) -> &[u8] {
    match bytes.starts_with(b"From ") || bytes.starts_with(b">From ") {
        true => bytes.find_byte(b'\n').map_or(&[], |end| &bytes[end + 1..]),
        false => bytes,
    }
}

/// Returns the text of a mail, as it was before transport, in UTF-8: its body, or those of its parts that are text.
fn text(mail: &ParsedMail<'_>) -> Vec<u8> {
    if !mail.subparts.is_empty() {
        return mail
            .subparts
            .iter()
            .filter(|part| part.ctype.mimetype.starts_with("text/") || !part.subparts.is_empty())
            .flat_map(text)
            .collect();
    }
    // What is no base64, although it says so, is taken with all that stands above it.
    let Ok(body) = mail.get_body_raw() else { return mail.raw_bytes.to_vec() };
    // ISO-2022 consists of ASCII and escapes. What is said to be UTF-8 may be the lines of a file that is not, and stays as it is.
    let is_utf8 = (body.to_str().is_ok() && !body.contains(&0x1b))
        || ["utf-8", "us-ascii"].contains(&mail.ctype.charset.to_lowercase().as_str());
    let body = match is_utf8 {
        true => body,
        false => mail.get_body().map_or(body, String::into_bytes),
    };
    // Lines end as mails end them; those that are not wrapped for transport are taken as they stand.
    match mail.get_body_encoded() {
        Body::Base64(_) | Body::QuotedPrintable(_) => body.replace("\r\n", "\n"),
        Body::SevenBit(_) | Body::EightBit(_) | Body::Binary(_) => body,
    }
}

/// Reads `Name <address>` in any form that people write; what stands after the address does not count. What holds no address is a name.
pub(super) fn mailbox(text: &BStr) -> Mailbox {
    let read = || Mailbox::read(text);
    let found = Mailbox::parse(text).unwrap_or_else(read);
    if !found.email.is_empty() {
        return found;
    }
    Mailbox { name: text.split_str("<").next().unwrap_or_default().trim().into(), ..found }
}

/// Whether two are likely one: the same address or the same name, in any case.
pub(super) fn is_same(one: &Mailbox, other: &Mailbox) -> bool {
    let same = |one: &BString, two: &BString| !one.is_empty() && one.to_lowercase() == two.to_lowercase();
    same(&one.email, &other.email) || same(&one.name, &other.name)
}

fn first_id(value: &BStr) -> BString {
    let inner = value.find_byte(b'<').map_or(value.as_bytes(), |at| &value[at + 1..]);
    inner.find_byte(b'>').map_or(inner, |end| &inner[..end]).trim().into()
}

/// Returns the addresses of a header, of a group its name; of a list that is not well formed, the whole.
fn addresses(header: &MailHeader<'_>) -> Vec<BString> {
    match mailparse::addrparse_header(header) {
        Ok(list) => {
            let address = |address: &MailAddr| match address {
                MailAddr::Single(one) => one.addr.as_str().into(),
                MailAddr::Group(group) => group.group_name.as_str().into(),
            };
            list.iter().map(address).collect()
        }
        Err(_) => vec![header.get_value().into()],
    }
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
    fn charsets_and_transfer_encodings_are_read() {
        let check = |head: &str, body: &[u8], subject: &str, message: &[&str]| {
            let letter = Letter::read("m", &bstr::concat([format!("{head}\n\n").as_bytes(), body]));
            assert_eq!(
                (letter.subject.as_bstr(), letter.message),
                (subject.into(), message.iter().map(|line| BString::from(*line)).collect::<Vec<_>>())
            );
        };
        check(
            "Subject: [PATCH] =?KOI8-R?B?8NLJ18XU?= x\nContent-Type: text/plain; charset=KOI8-R\nContent-Transfer-Encoding: quoted-printable",
            b"=F0=D2=C9=D7=C5=D4, a=3Db=\n c  \r\nd\n---\n",
            "Привет x",
            &["Привет, a=b c", "d"],
        );
        check(
            "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\nContent-Type: text/plain; charset=iso-2022-jp",
            b"\x1b$BF|K\\\x1b(B\n",
            "日本",
            &["日本"],
        );
        check(
            "Subject: =?gb18030?q?=D6=D0=CE=C4?=\nContent-Type: text/plain; charset=\"GB18030\"",
            b"\xd6\xd0\xce\xc4\n",
            "中文",
            &["中文"],
        );
        check(
            "Subject: =?iso-8859-1?Q?J=F6rg_X?= =?utf-8?B?SsO2?=\nContent-Type: text/plain; charset=ISO-8859-1\nContent-Transfer-Encoding: base64",
            b"SvZyZwo=\n",
            "Jörg XJö",
            &["Jörg"],
        );
        check(
            "Subject: =?utf-8?x?SsO2?= a =?utf-8?q?b\nContent-Transfer-Encoding: 8bit",
            b"a=3D\n",
            "=?utf-8?x?SsO2?= a =?utf-8?q?b",
            &["a=3D"],
        );
        // What says it is UTF-8 and is not stays.
        let letter = Letter::read("m", b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n\xf6\n");
        assert_eq!(letter.message, [BString::from(&b"\xf6"[..])]);
    }

    #[test]
    fn the_texts_of_a_mail_in_parts_are_one() {
        let mail = "Subject: x\nContent-Type: multipart/signed; boundary=\"B\"\n\nno text\n--B\nContent-Type: text/plain\n\nWhy.\n\n--B\n\
            Content-Type: application/pgp-signature\n\nsigned\n--B--\n";
        assert_eq!(Letter::read("m", mail.as_bytes()).message, ["Why."]);
    }

    #[test]
    fn people_are_known_by_name_or_address() {
        let is = |one: &str, two: &str| is_same(&mailbox(one.into()), &mailbox(two.into()));
        assert!(is("A B <a@x>", "\"a b\" <c@x>") && is("A <a@X>", "a@x") && is("A <a@x> # for y", "A <b@x>"));
        assert!(!is("A <a@x>", "B <b@x>") && !is("", ""));
    }
}
