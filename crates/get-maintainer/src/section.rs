//! The sections of MAINTAINERS: a run of lines `X: value`, named by the last other line before it.
//!
//! Blank lines and comments separate nothing; several files (U-Boot) are read one after the other as if they were one. Source:
//! `read_maintainer_file`, `find_first_section` of the script.

use bstr::{BStr, BString, ByteSlice};

use super::address::{is_space, trimmed};
use super::dialect::Dialect;

/// Names a [`Section`] by its place in [`super::Maintainers::sections`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionIdx(pub usize);

/// A line of a MAINTAINERS file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which file, in the order of [`super::Sources::files`].
    pub file: usize,
    /// Counted from 1.
    pub line: usize,
}

/// One `X: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The letter before the colon.
    pub letter: u8,
    /// What follows the colon and the blanks after it.
    pub value: BString,
    /// Where it stands.
    pub place: Place,
    /// How many lines that are not blank stand before it: the script sorts keywords by this number, as text.
    pub(super) entry: usize,
}

/// A run of lines with the name above them.
#[derive(Debug, Clone)]
pub struct Section {
    /// The line above it, as written.
    pub name: BString,
    /// Where that line stands.
    pub place: Place,
    /// Its lines, in order.
    pub lines: Vec<Line>,
    /// Whether `name` is the first of `lines`, for want of a heading at the very beginning.
    pub(super) is_headless: bool,
}

impl Section {
    /// Returns the values of the lines with this letter, in order.
    pub fn values(&self, letter: u8) -> impl Iterator<Item = &BStr> {
        self.named_lines().iter().filter(move |line| line.letter == letter).map(|line| line.value.as_bstr())
    }

    /// Returns the last `S:` line, the one that counts.
    pub fn status(&self) -> Option<&BStr> {
        self.values(b'S').last()
    }

    /// Returns the `T:` lines.
    pub fn trees(&self) -> impl Iterator<Item = &BStr> {
        self.values(b'T')
    }

    /// Whether it is the section for all that no other claims.
    pub fn is_the_rest(&self) -> bool {
        trimmed(&self.name) == b"THE REST"
    }

    /// The lines that say who and how; those that say where are read from all lines.
    pub(super) fn named_lines(&self) -> &[Line] {
        &self.lines[usize::from(self.is_headless)..]
    }
}

/// Cuts files, in order, into sections.
pub(super) fn sections(files: &[(BString, Vec<u8>)], dialect: Dialect) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut heading: Option<(BString, Place)> = None;
    let mut is_open = false;
    let mut entry = 0;
    for (file, (_, text)) in files.iter().enumerate() {
        for (at, line) in text.split_str("\n").enumerate() {
            let place = Place { file, line: at + 1 };
            let Some((letter, value)) = typed(line) else {
                let content = trimmed(line);
                if !(content.is_empty() || dialect.has_comments() && content.starts_with(b"#")) {
                    heading = Some((line.into(), place));
                    is_open = false;
                    entry += 1;
                }
                continue;
            };
            if !is_open {
                let is_headless = heading.is_none();
                let (name, place) =
                    heading.clone().unwrap_or_else(|| (bstr::concat([&[letter], b":".as_slice(), value]).into(), place));
                sections.push(Section { name, place, lines: Vec::new(), is_headless });
                is_open = true;
            }
            let section = sections.last_mut().expect("one was opened above");
            section.lines.push(Line { letter, value: value.into(), place, entry });
            entry += 1;
        }
    }
    sections
}

/// Reads `X: value`.
fn typed(line: &[u8]) -> Option<(u8, &[u8])> {
    let (&letter, rest) = line.split_first()?;
    let rest = rest.strip_prefix(b":").filter(|_| letter.is_ascii_uppercase())?;
    Some((letter, rest.trim_start_with(is_space)))
}
