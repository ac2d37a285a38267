//! The text of a diff as it arrives from people: what has to be mended before `git apply` reads it, and the faults that git does not report.
//!
//! A mail client or a checkout may have given every line a CR, a user may have configured `diff.noprefix`; both can be seen in the lines
//! that git itself wrote. And `git apply` stops at the counts of a hunk's head and drops the lines beyond them without a word. Cost: one pass
//! over the lines for each of the three.

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};

/// Whether a text has a diff in it.
pub(super) fn is_diff(text: &[u8]) -> bool {
    text.lines().any(|line| line.starts_with(b"diff --git ") || line.starts_with(b"--- "))
}

/// Removes the CR from the end of each line of a mail, where the first line has one: a header of a mail never has, so they were added on the way.
pub(super) fn mail_without_cr(text: &[u8]) -> Cow<'_, [u8]> {
    let is_carried = text.lines_with_terminator().next().is_some_and(|line| line.ends_with(b"\r\n"));
    if is_carried { Cow::Owned(without_cr(text)) } else { Cow::Borrowed(text) }
}

/// Removes the CR from the end of each line of a diff, where every head of a hunk has one. Lines of files with CRLF then had two.
pub(super) fn diff_without_cr(text: &[u8]) -> Cow<'_, [u8]> {
    let mut heads = text.lines_with_terminator().filter(|line| line.starts_with(b"@@ -")).peekable();
    let is_carried = heads.peek().is_some() && heads.all(|line| line.ends_with(b"\r\n"));
    if is_carried { Cow::Owned(without_cr(text)) } else { Cow::Borrowed(text) }
}

fn without_cr(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.lines_with_terminator() {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                out.extend_from_slice(line);
                out.push(b'\n');
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Whether the paths have no `a/` and `b/` prefixes: then a head names the same path twice, which never happens with prefixes.
pub(super) fn has_no_prefix(text: &[u8]) -> bool {
    let is_twice = |names: &[u8]| {
        let half = names.len() / 2;
        names.len() % 2 == 1 && names[half] == b' ' && names[..half] == names[half + 1..]
    };
    let path = |line: &[u8]| BString::from(line.split_once_str("\t").map_or(line, |(path, _)| path));
    let mut old = None;
    text.lines().any(|line| {
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            return is_twice(names);
        }
        let before = old.take();
        old = line.strip_prefix(b"--- ").map(path);
        // A prefix of the user's own has a slash too, so that only one path for both sides tells.
        matches!((before, line.strip_prefix(b"+++ ")), (Some(before), Some(new)) if before == path(new))
    })
}

/// A hunk with more lines than its head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlong {
    /// The line of the text, from 1, that git would drop.
    pub line: usize,
    /// The head of the hunk, as written.
    pub head: BString,
}

/// Finds the first hunk that goes on beyond its counts.
pub(super) fn overlong(text: &[u8]) -> Option<Overlong> {
    let mut lines = text.lines().enumerate().peekable();
    while let Some((_, head)) = lines.next() {
        let Some((mut old, mut new)) = counts(head) else { continue };
        while (old, new) != (0, 0) {
            let (_, line) = lines.peek()?;
            match line.first() {
                // git takes an empty line for an empty context line that lost its blank.
                Some(b' ') | None => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
                Some(b'-') => old = old.saturating_sub(1),
                Some(b'+') => new = new.saturating_sub(1),
                Some(b'\\') => {}
                // git refuses it and says where.
                Some(_) => return None,
            }
            lines.next();
        }
        while let Some((idx, line)) = lines.next_if(|(_, line)| matches!(line.first(), Some(b' ' | b'+' | b'-' | b'\\'))) {
            let next = lines.peek().map_or(BStr::new(""), |(_, line)| line.as_bstr());
            // The next file, or the end of a mail.
            if line.starts_with(b"--- ") && next.starts_with(b"+++ ") || line.trim_end() == b"--" {
                break;
            }
            if matches!(line.first(), Some(b'+' | b'-')) {
                return Some(Overlong { line: idx + 1, head: head.into() });
            }
        }
    }
    None
}

/// Returns the line counts in the head of a hunk: `@@ -1,5 +1,6 @@`, where `,1` may be left out.
fn counts(line: &[u8]) -> Option<(u64, u64)> {
    let ranges = line.strip_prefix(b"@@ -")?;
    let ranges = &ranges[..ranges.find(" @@")?];
    let (old, new) = ranges.split_once_str(" +")?;
    let count = |range: &[u8]| match range.split_once_str(",") {
        Some((_, count)) => count.to_str().ok()?.parse().ok(),
        None => Some(1),
    };
    Some((count(old)?, count(new)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hunk_says_how_long_it_is() {
        let check =
            |diff: &str, line: Option<usize>| assert_eq!(overlong(diff.as_bytes()).map(|found| found.line), line, "{diff}");
        check("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n one\n+two\n", None);
        check("--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n one\n+two\n+three\n", Some(6));
        check("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n four\n+five\n", Some(8));
        check("@@ -1 +1,2 @@\n one\n+two\n-- \n2.47.3\n", None);
        check("@@ -1 +1,2 @@\n one\n+two\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n", None);
        check("@@ -1 +1 @@\n-one\n\\ No newline at end of file\n+two\n\nprose\n+1 from me\n", None);
        check("@@ -1,3 +1,3 @@\n one\n", None);
        check("@@ -99999999999999999999,1 +1 @@\n-x\n+one\n+two\n", Some(4));
    }

    #[test]
    fn a_path_named_twice_has_no_prefix() {
        let check = |diff: &str, expected: bool| assert_eq!(has_no_prefix(diff.as_bytes()), expected, "{diff}");
        check("diff --git a/x b/x\n--- a/x\n+++ b/x\n", false);
        check("diff --git fs/x fs/x\n--- fs/x\n+++ fs/x\n", true);
        check("diff --git a/x y b/x y\n", false);
        check("diff --git x y x y\n", true);
        check("--- x\t2024\n+++ x\t2025\n", true);
        check("--- /dev/null\n+++ b/x\n", false);
    }

    #[test]
    fn line_ends_of_the_way_go() {
        assert_eq!(*diff_without_cr(b"@@ -1 +1 @@\r\n-a\r\r\n+b\r\n"), b"@@ -1 +1 @@\n-a\r\n+b\n"[..]);
        assert_eq!(*diff_without_cr(b"@@ -1 +1 @@\n-a\r\n+b\n"), b"@@ -1 +1 @@\n-a\r\n+b\n"[..]);
        assert_eq!(*mail_without_cr(b"From x\r\n\r\nbody\r\n"), b"From x\n\nbody\n"[..]);
    }

    proptest! {
        /// A hunk of any lines is as long as its head says, and one line more or less of either kind is noticed: here, or by git, which wants
        /// more lines than there are.
        #[test]
        fn counted_hunks_are_whole(lines in proptest::collection::vec("[ +-][a-z-]{0,4}", 1..12), next in 0..4usize) {
            let count = |signs: &[u8]| lines.iter().filter(|line| signs.contains(&line.as_bytes()[0])).count();
            let (old, new) = (count(b" -"), count(b" +"));
            let next = ["", "-- \n2.47.3\n", "--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n", "diff --git a/z b/z\n"][next];
            let diff = |old: usize, new: usize| format!("--- a/x\n+++ b/x\n@@ -1,{old} +1,{new} @@ f\n{}\n{next}", lines.join("\n"));
            prop_assert_eq!(overlong(diff(old, new).as_bytes()), None);
            let last = lines.last().unwrap().as_bytes()[0];
            if last == b'+' && new > 0 {
                prop_assert_eq!(overlong(diff(old, new - 1).as_bytes()).map(|place| place.line), Some(lines.len() + 3));
            }
        }

        #[test]
        fn no_text_breaks_the_reader(text in "(@@ -[0-9,]{0,22} \\+[0-9]{0,3} @@|[-+ ]|a|diff --git |a/x b/x|\r?\n|--- |\\PC){0,40}") {
            let text = text.as_bytes();
            let _ = (is_diff(text), has_no_prefix(text), overlong(text));
            prop_assert!(diff_without_cr(text).len() <= text.len() && mail_without_cr(text).len() <= text.len());
        }
    }
}
