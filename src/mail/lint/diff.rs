//! The diff of a mail as rules see it: per file, what git says of it, and the lines with their numbers on the new side.
//!
//! Source: `git diff` documentation, "Generating patch text". Hunks end where their numbers say, so that the signature of a mail is
//! never a removed line.

use bstr::{BStr, BString, ByteSlice};

use crate::model::path_kind::{PathKind, kind};

/// One file of a diff.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path after the change; of a deleted file the path before.
    pub path: BString,
    /// Its path before, where it has another now.
    pub old_path: Option<BString>,
    /// Whether the change creates it.
    pub is_new: bool,
    /// Whether the change deletes it.
    pub is_gone: bool,
    /// `100755` and the like, where the diff says it.
    pub new_mode: Option<BString>,
    /// The mode it had, where that changes.
    pub old_mode: Option<BString>,
    /// The similarity index of a renamed file, in percent.
    pub similarity: Option<u8>,
    /// Whether it is binary, so that git shows no lines of it.
    pub is_binary: bool,
    /// The lines of all hunks.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// Where it stands.
    pub side: Side,
    /// Its number in the new file, from 1; of a removed line the number of the new line that follows it.
    pub number: usize,
    /// The text, without sign and line end.
    pub text: BString,
}

/// On which side of a diff a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On both: a context line.
    Both,
    /// On the new side: an added line.
    Added,
    /// On the old side: a removed line.
    Removed,
}

impl FileDiff {
    /// Returns the added lines.
    pub fn added(&self) -> impl Iterator<Item = &DiffLine> {
        self.lines.iter().filter(|line| line.side == Side::Added)
    }

    /// Returns what the file is, by its path.
    pub fn kind(&self) -> PathKind {
        kind(self.path.as_ref())
    }
}

/// Returns the files of a diff, from its first line `diff --git`; what stands before and between is not looked at.
pub fn files(text: &[u8]) -> Vec<FileDiff> {
    let mut files: Vec<FileDiff> = Vec::new();
    // What is left of the hunk: lines of the old side, of the new side, and the number of the next new line.
    let (mut n_old, mut n_new, mut number) = (0, 0, 0);
    for line in text.lines() {
        if n_old > 0 || n_new > 0 {
            let file = files.last_mut().expect("a hunk stands in a file");
            let side = match line.first() {
                Some(b'+') => Side::Added,
                Some(b'-') => Side::Removed,
                Some(b'\\') => continue,
                // Some mail programs take the blank off an empty line.
                _ => Side::Both,
            };
            let text = line.get(1..).unwrap_or_default().into();
            file.lines.push(DiffLine { side, number, text });
            n_old -= usize::from(side != Side::Added).min(n_old);
            n_new -= usize::from(side != Side::Removed).min(n_new);
            number += usize::from(side != Side::Removed);
            continue;
        }
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            files.push(FileDiff { path: second(names.as_bstr()), ..FileDiff::default() });
            continue;
        }
        let Some(file) = files.last_mut() else { continue };
        if let Some((old, new)) = line.strip_prefix(b"@@ -").and_then(hunk) {
            (n_old, n_new, number) = (old, new.1, new.0);
        } else {
            says(file, line);
        }
    }
    files
}

/// Reads a line of the head of a file.
fn says(file: &mut FileDiff, line: &[u8]) {
    let after = |start: &str| line.strip_prefix(start.as_bytes());
    if let Some(mode) = after("new file mode ") {
        (file.is_new, file.new_mode) = (true, Some(mode.into()));
    } else if let Some(mode) = after("deleted file mode ") {
        (file.is_gone, file.old_mode) = (true, Some(mode.into()));
    } else if let Some(mode) = after("old mode ") {
        file.old_mode = Some(mode.into());
    } else if let Some(mode) = after("new mode ") {
        file.new_mode = Some(mode.into());
    } else if let Some(percent) = after("similarity index ") {
        file.similarity = percent.trim_end_with(|c| c == '%').to_str().ok().and_then(|percent| percent.parse().ok());
    } else if let Some(path) = after("rename from ") {
        file.old_path = Some(unquoted(path).into());
    } else if let Some(path) = after("rename to ").or_else(|| after("+++ b/")) {
        file.path = unquoted(path).into();
    } else if let Some(path) = after("--- a/").filter(|_| file.is_gone) {
        file.path = unquoted(path).into();
    } else if line == b"GIT binary patch" || line.starts_with(b"Binary files ") {
        file.is_binary = true;
    }
}

/// Reads `12,3 +14,5 @@ …`: how many old lines, and the first new line with their number.
fn hunk(rest: &[u8]) -> Option<(usize, (usize, usize))> {
    let (old, rest) = rest.split_once_str(" +")?;
    let (new, _) = rest.split_once_str(" @@")?;
    let number = |text: &[u8]| text.to_str().ok()?.parse::<usize>().ok().filter(|number| *number < usize::MAX / 2);
    let pair = |text: &[u8]| match text.split_once_str(",") {
        Some((start, count)) => Some((number(start)?, number(count)?)),
        None => Some((number(text)?, 1)),
    };
    Some((pair(old)?.1, pair(new)?))
}

/// Returns the second name of `a/x b/x`, whose blanks say nothing: both names are equal or others follow.
fn second(names: &BStr) -> BString {
    let half = names.len().saturating_sub(1) / 2;
    let (first, rest) = names.split_at(half);
    let path = match (first.strip_prefix(b"a/"), rest.strip_prefix(b" b/")) {
        (Some(first), Some(second)) if first == second => second,
        _ => names.rfind(" b/").map_or(names.as_bytes(), |at| &names[at + 3..]),
    };
    unquoted(path).into()
}

/// Returns a path without the quotes and the tab that git puts around and after odd ones.
fn unquoted(path: &[u8]) -> &[u8] {
    path.trim_end_with(|c| c == '\t').trim_with(|c| c == '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_lines_are_read() {
        let text = "text\ndiff --git a/x y.c b/x y.c\nnew file mode 100755\n--- /dev/null\n+++ b/x y.c\n@@ -0,0 +1,2 @@\n+a\n+b\n\
                    diff --git a/o.c b/n.c\nsimilarity index 91%\nrename from o.c\nrename to n.c\n--- a/o.c\n+++ b/n.c\n\
                    @@ -3,3 +3,3 @@ f\n a\n-b\n+c\n d\n\\ No newline at end of file\n-- \n2.47\n";
        let files = files(text.as_bytes());
        assert_eq!((files[0].path.as_bstr(), files[0].is_new, files[0].kind()), ("x y.c".into(), true, PathKind::C));
        assert_eq!(files[0].new_mode, Some("100755".into()));
        assert_eq!((files[1].old_path.as_ref().unwrap().as_bstr(), files[1].similarity), ("o.c".into(), Some(91)));
        let shown: Vec<String> =
            files[1].lines.iter().map(|line| format!("{:?} {} {}", line.side, line.number, line.text)).collect();
        assert_eq!(shown, ["Both 3 a", "Removed 4 b", "Added 4 c", "Both 5 d"]);
    }
}
