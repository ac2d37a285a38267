//! The project's own checker: which files of the tree it is made of, how it is called, and what it says as findings.
//!
//! Linux, U-Boot and QEMU have `scripts/checkpatch.pl`; DPDK has a script around Linux's, which it has to be told of
//! (`DPDK_CHECKPATCH_PATH`). It is code of the tree: whether it may run, the caller asks.

use std::ffi::OsString;

use bstr::{BStr, BString, ByteSlice};

use super::{Finding, MailSet, Place, Severity};
use crate::git::GitError;

/// The script, and what it reads where it is there.
const LINUX: &[&str] = &["scripts/checkpatch.pl", ".checkpatch.conf", "scripts/spelling.txt", "scripts/const_structs.checkpatch"];
/// DPDK's.
const DPDK: &[&str] = &[
    "devtools/checkpatches.sh",
    "devtools/load-devel-config",
    "devtools/check-forbidden-tokens.awk",
    "devtools/check-symbol-change.py",
    "devtools/build-dict.sh",
    "VERSION",
    ".mailmap",
];

/// What rules of ours look at more closely: whether there is a body, whether MAINTAINERS knows a new file, and the commits that `Fixes:` names,
/// of which the script sees none where it runs.
const OURS: &str = "COMMIT_MESSAGE,FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID";

/// A checker as the tree has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checker {
    /// Its files, the script first.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Checker {
    /// Finds the checker of a tree; `read` gives the bytes of a file of it.
    ///
    /// # Errors
    /// The first that `read` gives.
    pub fn of(mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, GitError>) -> Result<Option<Self>, GitError> {
        for paths in [LINUX, DPDK] {
            let mut files = Vec::new();
            for path in paths {
                files.extend(read(path)?.map(|bytes| (*path, bytes)));
            }
            if files.first().is_some_and(|(path, _)| *path == paths[0]) {
                return Ok(Some(Checker { files }));
            }
        }
        Ok(None)
    }

    /// Returns the path of the script.
    pub fn path(&self) -> &'static str {
        self.files[0].0
    }

    /// Returns how it is called for the mails in these files.
    pub fn words(&self, mails: &[String]) -> Vec<OsString> {
        let mut words: Vec<&str> = match self.path() {
            path if path == DPDK[0] => vec!["sh", path],
            path => vec!["perl", path, "--no-tree", "--no-summary", "--no-signoff"],
        };
        // QEMU's has no types.
        if self.path() == LINUX[0] && self.files[0].1.contains_str("show-types") {
            words.extend(["--show-types", "--ignore", OURS]);
        }
        words.into_iter().map(OsString::from).chain(mails.iter().map(OsString::from)).collect()
    }
}

/// A mail for the checker: the name of its file, and its place as in [`Finding::mail`].
pub type CheckedMail = (String, (usize, usize));

/// Returns what the checker said as findings. `mails` stand in the order in which it got them.
pub fn findings(said: &[u8], mails: &[CheckedMail], postings: &[MailSet], path: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut mail = mails.first().map_or((0, 0), |(_, mail)| *mail);
    let mut lines = said.lines().map(ByteSlice::as_bstr).peekable();
    while let Some(line) = lines.next() {
        // Of several files each has a heading: Linux's script names the file, DPDK's the subject.
        if let Some((_, found)) = mails.iter().find(|(name, _)| *line == name.as_str()) {
            mail = *found;
            continue;
        }
        if let Some(subject) = line.strip_prefix(b"### ") {
            let is_it = |at: &(usize, usize)| subject.ends_with(&postings[at.0].letters[at.1].subject);
            mail = mails.iter().map(|(_, at)| *at).find(is_it).unwrap_or(mail);
            continue;
        }
        let Some((severity, rule, message)) = complaint(line) else { continue };
        let mut place = Place::Mail;
        let mut text = BString::default();
        if let Some(next) = lines.peek().copied().and_then(place_of) {
            place = next;
            lines.next();
            text = lines.next_if(|line| complaint(line).is_none()).unwrap_or_default().to_owned();
            if matches!(place, Place::File(..)) && text.starts_with(b"+") {
                text.remove(0);
            }
        }
        findings.push(Finding {
            rule: format!("checkpatch:{rule}").into(),
            severity,
            mail,
            place,
            text,
            message,
            source: path.to_owned(),
            fix: None,
        });
    }
    findings
}

/// Reads `WARNING:LONG_LINE: line length of 101 exceeds 100 columns`, also without a type.
fn complaint(line: &BStr) -> Option<(Severity, String, String)> {
    let (word, rest) = line.split_once_str(":")?;
    let severity = match word {
        b"ERROR" => Severity::Error,
        b"WARNING" => Severity::Warning,
        b"CHECK" => Severity::Note,
        _ => return None,
    };
    let (rule, message) = match rest.split_once_str(": ") {
        Some((rule, message))
            if !rule.is_empty()
                && rule.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') =>
        {
            (rule, message)
        }
        _ => (&b"untyped"[..], rest),
    };
    Some((severity, rule.to_str_lossy().into_owned(), message.trim().to_str_lossy().into_owned()))
}

/// Reads `#12: FILE: a/b.c:34:`, or `#12:` alone, which is a place in the mail and says nothing to a reader.
fn place_of(line: &BStr) -> Option<Place> {
    let (number, rest) = line.strip_prefix(b"#")?.split_once_str(":")?;
    number.to_str().ok()?.parse::<usize>().ok()?;
    let Some(file) = rest.trim().strip_prefix(b"FILE: ") else { return Some(Place::Mail) };
    let (path, line) = file.trim_end_with(|c| c == ':').rsplit_once_str(":")?;
    Some(Place::File(path.into(), line.to_str().ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::lint::Letter;

    #[test]
    fn what_it_says_becomes_findings() {
        let said = "-------\n1.patch\n-------\nWARNING:LONG_LINE: too long\n#12: FILE: a/b.c:34:\n+\tx = 1;\n\nERROR:CODE_INDENT: tabs\n\n-------\n2.patch\n\
                    -------\nCHECK:SPACING: blank\n#3:\nsome text\n\nWARNING: no type: at all\n2.patch has style problems, please review.\n";
        let sheets = [("1.patch".to_owned(), (0, 0)), ("2.patch".to_owned(), (0, 1))];
        let postings = [MailSet { name: "x".into(), letters: vec![Letter::read("1", b""), Letter::read("2", b"")] }];
        let shown: Vec<String> = findings(said.as_bytes(), &sheets, &postings, "s")
            .iter()
            .map(|f| format!("{:?} {} {} {:?} {} {}", f.mail, f.severity.word(), f.rule, f.place, f.message, f.text))
            .collect();
        assert_eq!(
            shown,
            [
                "(0, 0) warning checkpatch:LONG_LINE File(\"a/b.c\", 34) too long \tx = 1;",
                "(0, 0) error checkpatch:CODE_INDENT Mail tabs ",
                "(0, 1) note checkpatch:SPACING Mail blank some text",
                "(0, 1) warning checkpatch:untyped Mail no type: at all ",
            ]
        );
    }
}
