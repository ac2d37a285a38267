//! The message of a commit → what people said in it.
//!
//! ```text
//!   net: a: add a counter           squashed by `git rebase -i`: message after message, a subject after the
//!                                   sign-off of the one before. Also with git's `# This is the 2nd commit
//!   Signed-off-by: A <a@x>          message:` between them, and as `git merge --squash` writes them,
//!                                   indented below `commit 1234…` and `Author:`.
//!   net: b: use the counter
//! ```
//!
//! What git or a habit puts where a subject stands is no person's: `Squashed commit of the following:`, `Merge branch …`, `fixup! …`, `WIP`. Paragraphs
//! are git's: a line of blanks and carriage returns parts them. Source: `pretty.c`, `is_blank_line()`.

use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};

use crate::model::trailer::{self, Trailer};
use crate::model::{Mailbox, Message, SourceCommit};
use crate::read::origins::Origins;

/// What one person said of a commit, or of one of those that it was squashed of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// The message; its subject is empty where nobody said one.
    pub message: Message,
    /// Who wrote the squashed commit, where git says it.
    pub author: Option<Mailbox>,
}

/// Returns the messages that a commit's is made of, the oldest first, at least one. A subject begins with a name of its `paths`, or follows a sign-off.
pub fn said(text: &BStr, paths: &[BString]) -> Vec<Said> {
    let mut said = match by_git(text) {
        Some((_, squashed)) => squashed,
        None => by_hand(text, paths).iter().map(|text| Said { message: spoken(text.as_ref()), author: None }).collect(),
    };
    said.retain(|said| said.message != Message::default());
    if said.is_empty() {
        said.push(Said::default());
    }
    said
}

/// Returns what a person said of the whole commit; where git joined several messages, that is what stands above them.
pub fn whole(text: &BStr) -> Message {
    by_git(text).map_or_else(|| spoken(text), |(head, _)| spoken(head.as_ref()))
}

/// Whether git joined several messages to this one.
pub fn is_joined_by_git(text: &BStr) -> bool {
    by_git(text).is_some()
}

/// Gives the edits of a commit `fixup! …` to the commit before it of that subject, as `git rebase --autosquash` would.
pub fn squashed_to(commits: &[SourceCommit], origins: Origins) -> Origins {
    let subjects: Vec<BString> = commits.iter().map(|commit| Message::read(commit.message.as_ref()).subject).collect();
    let mut of: Vec<usize> = Vec::with_capacity(commits.len());
    for (idx, subject) in subjects.iter().enumerate() {
        let mut meant = subject.as_bytes();
        while let Some(mark) = autosquash(meant) {
            meant = &meant[mark.len()..];
        }
        let before = subjects[..idx].iter().position(|other| meant.len() < subject.len() && *other == meant);
        of.push(before.map_or(idx, |before| of[before]));
    }
    origins.into_iter().map(|origin| origin.map(|commit| of[commit])).collect()
}

/// Takes apart what git joined: what stands above, and the messages.
fn by_git(text: &BStr) -> Option<(BString, Vec<Said>)> {
    let lines: Vec<&[u8]> = text.lines().collect();
    let joined = |lines: &[&[u8]]| BString::from(bstr::join("\n", lines));
    let is_mark = |line: &[u8]| {
        line.starts_with(b"# This is ") && line.contains_str("commit message")
            || line.starts_with(b"# The ") && line.ends_with(b"will be skipped:")
    };
    if let Some(first) = lines.iter().position(|line| is_mark(line)) {
        let mut parts: Vec<Vec<&[u8]>> = Vec::new();
        let mut is_skipped = false;
        for line in &lines[first..] {
            if is_mark(line) {
                is_skipped = line.ends_with(b"will be skipped:");
                parts.push(Vec::new());
            } else if let Some(part) = parts.last_mut().filter(|_| !is_skipped) {
                part.push(line);
            }
        }
        let head: Vec<&[u8]> = lines[..first].iter().copied().filter(|line| !line.starts_with(b"# This is a ")).collect();
        let said = |part: &Vec<&[u8]>| Said { message: spoken(joined(part).as_ref()), author: None };
        return Some((joined(&head), parts.iter().map(said).collect()));
    }
    let is_id =
        |line: &[u8]| line.strip_prefix(b"commit ").is_some_and(|id| id.len() >= 40 && id.iter().all(u8::is_ascii_hexdigit));
    let begins = |at: usize| {
        let next = lines.get(at + 1).copied().unwrap_or_default();
        is_id(lines[at]) && (next.starts_with(b"Author: ") || next.starts_with(b"Merge: "))
    };
    let starts: Vec<usize> = (0..lines.len()).filter(|at| begins(*at)).collect();
    let first = *starts.first()?;
    let head: Vec<&[u8]> = lines[..first].iter().copied().filter(|line| line.trim() != SQUASHED).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let said = |(start, end): (usize, usize)| {
        let own = &lines[start..end];
        let author = own.iter().find_map(|line| line.strip_prefix(b"Author: ")).and_then(|name| Mailbox::parse(name.as_bstr()));
        let text: Vec<&[u8]> =
            own.iter().filter_map(|line| line.strip_prefix(b"    ").or(line.is_empty().then_some(*line))).collect();
        Said { message: spoken(joined(&text).as_ref()), author }
    };
    // `git log` prints the newest first.
    let mut all: Vec<Said> = starts.iter().copied().zip(ends).map(said).collect();
    all.reverse();
    Some((joined(&head), all))
}

/// What `git merge --squash` begins with.
const SQUASHED: &[u8] = b"Squashed commit of the following:";

/// Takes apart what a person joined, or git without its marks. A message that holds no other is returned to the byte.
fn by_hand(text: &BStr, paths: &[BString]) -> Vec<BString> {
    let names: BTreeSet<Vec<u8>> = paths.iter().flat_map(|path| words(path)).collect();
    let lines: Vec<&[u8]> = text.lines().collect();
    let is_signed = lines.iter().any(|line| is_signoff(line));
    let mut found: Vec<Vec<&[u8]>> = Vec::new();
    let mut is_closed = false;
    for paragraph in lines.split(|line| is_empty(line)).filter(|paragraph| !paragraph.is_empty()) {
        let signs = paragraph.iter().all(|line| is_trailer(line));
        let line = paragraph[0];
        let fits = |first: &[&[u8]]| {
            let begins = |prefix: &[u8]| words(prefix).any(|word| names.contains(&word));
            prefix(line).is_some_and(|own| prefix(first[0]).is_some_and(|first| own == first || begins(own)))
        };
        let starts = paragraph.len() == 1
            && (autosquash(line).is_some()
                || !signs
                    && is_subject(line)
                    && !is_report(line)
                    && (is_closed || found.first().is_some_and(|first| fits(first))));
        match found.last_mut() {
            Some(last) if !starts => {
                last.push(b"");
                last.extend_from_slice(paragraph);
            }
            _ => found.push(paragraph.to_vec()),
        }
        // Where people sign off, other trailers end no message: they stand in the middle of one too.
        is_closed =
            signs && paragraph.iter().any(|line| is_signoff(line) || !is_signed && Trailer::known(line.as_bstr()).is_some());
    }
    match found.len() {
        0 | 1 => vec![text.to_owned()],
        _ => found.into_iter().map(|lines| bstr::join("\n", lines).into()).collect(),
    }
}

/// Reads a message, without what no person said: the subject may be empty then.
fn spoken(text: &BStr) -> Message {
    let message = Message::read(text);
    let subject = message.subject.as_bytes();
    let below = || Message { subject: BString::default(), ..message.clone() };
    match autosquash(subject) {
        // The message that takes the place of the other's.
        Some(b"amend! ") => return Message::read(below().text().as_ref()),
        Some(_) => return below(),
        None => {}
    }
    if is_merge(subject) {
        let next = Message::read(below().text().as_ref());
        return if is_subject(&next.subject) { spoken(next.text().as_ref()) } else { below() };
    }
    if subject.trim() == SQUASHED {
        return below();
    }
    match unfinished(subject) {
        Some(rest) => Message { subject: rest.into(), ..message },
        None => message,
    }
}

/// Whether a subject is what git, or a forge, calls a merge.
fn is_merge(subject: &[u8]) -> bool {
    let Some(what) = subject.strip_prefix(b"Merge ") else { return false };
    let kinds = [
        "branch '",
        "branches '",
        "commit '",
        "pull request #",
        "remote-tracking branch '",
        "remote-tracking branches '",
        "tag '",
        "tags '",
    ];
    kinds.iter().any(|kind| what.starts_with(kind.as_bytes()))
}

/// Returns what a subject says beside `WIP`; nothing for `WIP on main: …`, which `git stash` writes.
fn unfinished(subject: &[u8]) -> Option<&[u8]> {
    let word = subject.trim_start_with(|c| matches!(c, '[' | '('));
    let marks = [&b"wip"[..], b"tmp", b"temp"];
    let mark = marks.iter().find(|mark| word.len() >= mark.len() && word[..mark.len()].eq_ignore_ascii_case(mark))?;
    let rest = &word[mark.len()..];
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'.');
    if rest.first().is_some_and(is_word) || *mark != b"wip" && !rest.trim().is_empty() {
        return None;
    }
    let says = rest.trim_start_with(|c| matches!(c, ']' | ')' | ':' | '-' | '!' | ' ' | '.'));
    Some(if rest.starts_with(b" on ") { b"" } else { says })
}

/// Returns what `git rebase --autosquash` goes by, where the line begins with it.
fn autosquash(line: &[u8]) -> Option<&'static [u8]> {
    [&b"fixup! "[..], b"squash! ", b"amend! "].into_iter().find(|mark| line.starts_with(mark))
}

/// A line longer than this is no subject.
const SUBJECT: usize = 90;

fn is_subject(line: &[u8]) -> bool {
    let line = line.trim_end();
    line.len() <= SUBJECT
        && !line.ends_with(b".")
        && !line.ends_with(b":")
        && line.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[' || *byte == b'_' || *byte == b'.')
        && !is_trailer(line)
}

/// Words before a colon that begin a line of a crash report, a header of a mail or a remark, and no subject.
const REPORTS: &[&str] = &[
    "bug",
    "call trace",
    "cc",
    "cpu",
    "date",
    "error",
    "example",
    "from",
    "info",
    "kasan",
    "kcsan",
    "kmsan",
    "note",
    "oops",
    "panic",
    "pc",
    "rip",
    "subject",
    "to",
    "ubsan",
    "warning",
];

fn is_report(line: &[u8]) -> bool {
    let head = line[..line.find_byte(b':').unwrap_or(0)].to_ascii_lowercase();
    REPORTS.iter().any(|word| head == word.as_bytes()) || line.starts_with(b"kernel BUG at ")
}

/// Returns what a line begins with, as `dir` or `KVM` of `KVM: s390: it`.
fn prefix(line: &[u8]) -> Option<&[u8]> {
    let at = line.find(": ").filter(|at| (1..30).contains(at))?;
    Some(&line[..at]).filter(|prefix| !prefix.iter().any(u8::is_ascii_whitespace))
}

fn words(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(<[u8]>::to_ascii_lowercase)
}

/// Whether git takes a line for one without text.
fn is_empty(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn is_signoff(line: &[u8]) -> bool {
    line.starts_with(b"Signed-off-by: ")
}

/// Whether a line is a trailer, or stands among trailers.
pub(super) fn is_trailer(line: &[u8]) -> bool {
    trailer::is_note(line.as_bstr()) || Trailer::known(line.as_bstr()).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn subjects(text: &str) -> Vec<String> {
        said(text.into(), &["net/b.c".into()]).iter().map(|said| said.message.subject.to_string()).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(subjects(text), expected, "{text}");
    }

    #[test]
    fn one_message_is_one() {
        check("net: count drops\n\nThe counter\nis 64 bits.\n\nIt wraps.\n\nSigned-off-by: A <a@x>\n", &["net: count drops"]);
        check("count drops", &["count drops"]);
        check("", &[""]);
    }

    #[test]
    fn a_subject_after_a_sign_off_begins_a_message() {
        check(
            "count drops\n\nWhy.\n\nSigned-off-by: A <a@x>\n\nprint drops\n\nSigned-off-by: A <a@x>\nCc: b@x\n\ntest drops\n",
            &["count drops", "print drops", "test drops"],
        );
        check("a: it\r\n\r\nSigned-off-by: A <a@x>\r\n \t\r\nb: that\r\n", &["a: it", "b: that"]);
        check("a: it\n\nReported-by: R <r@x>\n\nIt oopsed\n\nSigned-off-by: A <a@x>\n", &["a: it"]);
    }

    #[test]
    fn a_subject_with_a_prefix_begins_a_message() {
        check("net: count drops\n\nA word.\n\nnet: print drops\n\nMore words:\n", &["net: count drops", "net: print drops"]);
        check("a: count drops\n\nA word.\n\nnet: b: print drops\n", &["a: count drops", "net: b: print drops"]);
        check("a: count drops\n\nA word.\n\nx86: print drops\n", &["a: count drops"]);
    }

    #[test]
    fn what_stands_alone_in_a_text_is_no_subject() {
        for line in [
            "BUG: KASAN in one",
            "WARNING: possible deadlock in one",
            "From: Someone Else <x@example.com>",
            "Note: it is late",
            "kernel BUG at net/b.c:12!",
            "[   12.345678] Oops: 0000 [#1] SMP",
            "RIP: 0010:one+0x1/0x2",
        ] {
            check(&format!("a: fix it\n\n{line}\n\nis what it said.\n\nSigned-off-by: A <a@x>\n"), &["a: fix it"]);
            check(&format!("a: fix it\n\nLink: https://x\n\n{line}\n\nThat.\n\nSigned-off-by: A <a@x>\n"), &["a: fix it"]);
        }
    }

    #[test]
    fn the_forms_of_git_are_read() {
        check(
            "# This is a combination of 3 commits.\n# This is the 1st commit message:\n\nadd a\n\n# The commit message #2 will be skipped:\n\n\
             # fixup! add a\n\n# This is the commit message #3:\n\nuse a\n",
            &["add a", "use a"],
        );
        let id = "1".repeat(40);
        let squash = format!(
            "Squashed commit of the following:\n\ncommit {id}\nAuthor: B <b@x>\nDate:   now\n\n    use a\n\ncommit {id}\nMerge: 1 2\n\
             Author: A <a@x>\n\n    Merge branch 'x'\n\ncommit {id}\nAuthor: A <a@x>\n\n    add a\n\n    Why.\n\n    Signed-off-by: A <a@x>\n"
        );
        check(&squash, &["add a", "use a"]);
        let authors: Vec<String> = said(squash.as_str().into(), &[])
            .iter()
            .filter_map(|said| said.author.as_ref())
            .map(|author| author.email.to_string())
            .collect();
        assert_eq!(authors, ["a@x", "b@x"]);
        assert_eq!(whole(squash.as_str().into()).subject, "");
        assert_eq!(whole(format!("a: all of it\n\n{squash}").as_str().into()).subject, "a: all of it");
        check(&format!("a: it\n\nAs in\ncommit {id}\nit was.\n"), &["a: it"]);
    }

    #[test]
    fn what_no_person_said_is_no_subject() {
        let check = |text: &str, subject: &str, body: &str| {
            let message = whole(text.into());
            assert_eq!((message.subject.to_string(), message.body.to_string()), (subject.into(), body.into()), "{text}");
        };
        check("Merge branch 'x' into 'main'\n\na: add it\n\nWhy.\n", "a: add it", "Why.");
        check("Merge pull request #1 from a/b\n", "", "");
        check("Merge the two lists\n", "Merge the two lists", "");
        check("WIP\n\nWhy.\n", "", "Why.");
        check("[WIP] a: add it\n", "a: add it", "");
        check("WIP on main: 1234567 a: add it\n", "", "");
        check("wipe it\n", "wipe it", "");
        check("temp: read the sensor\n", "temp: read the sensor", "");
        check("fixup! a: add it\n", "", "");
        check("amend! a: add it\n\na: add it whole\n\nWhy.\n", "a: add it whole", "Why.");
    }

    /// A message as people write them: a subject, lines of text, trailers.
    fn message() -> impl Strategy<Value = String> {
        let body = proptest::collection::vec("(    |[a-z]{1,6}: )?[A-Z][a-z]{1,8}( [a-z]{1,6}){0,3}[.:]?", 0..3);
        let trailers = proptest::collection::vec("(Signed-off|Acked)-by: A <a@x>", 0..3);
        ("([a-z]{1,6}: )?[a-s]{4,8}( [a-z]{1,8}){0,4}", body, trailers).prop_map(|(subject, body, trailers)| {
            let parts = [subject, body.join("\n"), trailers.join("\n")];
            parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_git_joined_is_taken_apart(messages in proptest::collection::vec(message(), 2..5)) {
            let expected: Vec<Message> = messages.iter().map(|message| Message::read(message.as_str().into())).collect();
            let found = |text: String| -> Vec<Message> { said(text.as_str().into(), &[]).into_iter().map(|said| said.message).collect() };
            // `git rebase -i`
            let joined = |(nth, message): (usize, &String)| match nth {
                0 => format!("# This is the 1st commit message:\n\n{message}\n"),
                _ => format!("# This is the commit message #{}:\n\n{message}\n", nth + 1),
            };
            let all: Vec<String> = messages.iter().enumerate().map(joined).collect();
            prop_assert_eq!(found(format!("# This is a combination of {} commits.\n{}", messages.len(), all.join("\n"))), expected.clone());
            // `git merge --squash`, the newest first
            let indented = |message: &String| {
                let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
                message.lines().map(line).collect::<String>()
            };
            let commit = |message: &String| format!("commit {}\nAuthor: A <a@x>\nDate:   now\n\n{}", "1".repeat(40), indented(message));
            let all: Vec<String> = messages.iter().rev().map(commit).collect();
            prop_assert_eq!(found(format!("Squashed commit of the following:\n\n{}", all.join("\n"))), expected);
        }

        #[test]
        fn no_message_breaks_the_reader(lines in proptest::collection::vec(prop_oneof![
            "\\PC{0,12}",
            proptest::sample::select(&[
                "", "# This is the 1st commit message:", "# This is a combination of 2 commits.", "commit 1111111111111111111111111111111111111111",
                "Author: ", "    a", "a: b", "Signed-off-by: A <a@x>", "[a: b]", "(cherry picked from", ": ", "\u{e9}", "WIP", "fixup! a: b", "Merge tag 'x'",
            ][..]).prop_map(String::from),
        ], 0..12), bytes in proptest::collection::vec(any::<u8>(), 0..6)) {
            let text = [lines.join("\n").as_bytes(), &bytes].concat();
            prop_assert!(!said(text.as_bstr(), &["a".into()]).is_empty());
            drop(whole(text.as_bstr()));
        }
    }
}
