//! What `git log` says of who signed, as the script reads it.
//!
//! In: the output of `git log` in [`FORMAT`]. Out: signers and authors, as written. Source: `git_execute_cmd`, `vcs_find_signers`,
//! `extract_formatted_signatures` of the script.

use std::sync::LazyLock;

use bstr::{BStr, BString, ByteSlice};
use regex::bytes::Regex;

use super::address::is_space;
use super::dialect::Dialect;
use super::options::Options;

/// The format in which commits are asked for.
pub const FORMAT: &str = "GitCommit: %H%nGitAuthor: %an <%ae>%nGitDate: %aD%nGitSubject: %s%n%b%n";

/// Who stands in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signers {
    /// How many commits there are; 0 where nobody signed any.
    pub(super) n_commits: u64,
    /// What stands behind the tags.
    pub(super) signers: Vec<BString>,
    /// The authors; whole lines where nobody signed, which is how the script takes them then.
    pub(super) authors: Vec<BString>,
    /// Whether `authors` are whole lines.
    pub(super) is_unsigned: bool,
    /// Lines added and removed in the file, a commit each.
    pub(super) stats: Vec<(u64, u64)>,
}

static TAGS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [r"^(?:Signed-off-by:|Reviewed-by:|Acked-by:).*@", r"^.+?[Bb][Yy]:.*@"]
        .map(|tag| Regex::new(&format!("(?-u){tag}")).expect("a constant expression"))
});

impl Signers {
    /// Reads a log. `path` is the file whose lines are counted.
    pub(super) fn read(log: &[u8], path: &BStr, options: &Options, dialect: Dialect) -> Self {
        let lines = || log.lines().map(|line| line.trim_start_with(is_space)).filter(|line| !line.is_empty());
        let n_commits = lines().filter(|line| is_commit(line)).count();
        let authors = || lines().filter(|line| line.starts_with(b"GitAuthor: "));
        let stats = lines().filter_map(|line| stat(line, path)).collect();
        let tag = &TAGS[usize::from(options.all_signature_types)];
        let signed: Vec<&[u8]> = lines().filter(|line| tag.is_match(line)).collect();
        if signed.is_empty() {
            return Signers { authors: authors().map(BString::from).collect(), is_unsigned: true, stats, ..Signers::default() };
        }
        let is_chief = |line: &[u8]| contains_name(line, dialect.chief_name());
        Signers {
            n_commits: n_commits.try_into().unwrap_or(u64::MAX),
            signers: signed.into_iter().filter(|line| options.chiefs || !is_chief(line)).map(behind_colon).collect(),
            authors: authors().map(behind_colon).collect(),
            is_unsigned: false,
            stats,
        }
    }
}

/// `^GitCommit: ([0-9a-f]{40,40})`
fn is_commit(line: &[u8]) -> bool {
    let id = line.strip_prefix(b"GitCommit: ").and_then(|rest| rest.get(..40));
    id.is_some_and(|id| id.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

/// `^(\d+)\t(\d+)\t$file$`
fn stat(line: &[u8], path: &BStr) -> Option<(u64, u64)> {
    let mut parts = line.splitn_str(3, "\t");
    let mut number = || parts.next()?.to_str().ok()?.parse().ok();
    let (added, removed) = (number()?, number()?);
    (parts.next()? == path.as_bytes()).then_some((added, removed))
}

/// `s/\s*.*:\s*(.+)\s*/$1/`
fn behind_colon(line: &[u8]) -> BString {
    let colons = line.rfind_iter(b":").map(|colon| &line[colon + 1..]);
    colons.map(|rest| rest.trim_start_with(is_space)).find(|rest| !rest.is_empty()).unwrap_or(line).into()
}

fn contains_name(line: &[u8], name: &str) -> bool {
    line.to_ascii_lowercase().contains_str(name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn signers_are_those_of_three_tags() {
        let log = format!(
            "GitCommit: {ID}\nGitAuthor: Ann <ann@x.org>\nGitDate: d\nGitSubject: s\nWhy.\n\n  Signed-off-by: Ann <ann@x.org>\nTested-by: Bob <bob@x.org>\n\
             Reviewed-by: LINUS Torvalds <l@x.org>\nAcked-by: nobody\n\n1\t2\ta.c\n3\t4\tb.c\n-\t-\ta.c\n"
        );
        let options = Options::of(Dialect::Linux);
        let read = |options: &Options| Signers::read(log.as_bytes(), "a.c".into(), options, Dialect::Linux);
        let expected = Signers {
            n_commits: 1,
            signers: vec!["Ann <ann@x.org>".into()],
            authors: vec!["Ann <ann@x.org>".into()],
            is_unsigned: false,
            stats: vec![(1, 2)],
        };
        assert_eq!(read(&options), expected);
        let all = Options { all_signature_types: true, chiefs: true, ..options };
        assert_eq!(read(&all).signers, ["Ann <ann@x.org>", "Bob <bob@x.org>", "LINUS Torvalds <l@x.org>"]);
    }

    #[test]
    fn authors_of_what_nobody_signed_are_whole_lines() {
        let log = format!("GitCommit: {ID}\nGitAuthor: Ann <ann@x.org>\n");
        let read = Signers::read(log.as_bytes(), "a.c".into(), &Options::of(Dialect::Linux), Dialect::Linux);
        assert_eq!((read.n_commits, read.authors), (0, vec!["GitAuthor: Ann <ann@x.org>".into()]));
    }
}
