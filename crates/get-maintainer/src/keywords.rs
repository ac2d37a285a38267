//! The `K:` lines of all sections at once.
//!
//! A line of a patch's diff is tried against `^[+-].*` with the keyword behind it, as one text: of `a|b` the second part may then stand
//! anywhere, which the script means no more than we do.

use super::expressions::Expressions;
use super::perl::{Blanks, Letters};
use super::section::SectionIdx;

/// Names a keyword by its place in the script's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeywordIdx(pub(super) usize);

/// A keyword of a section.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) section_idx: SectionIdx,
    pub(super) line_idx: usize,
}

/// All keywords, ready to be tried.
#[derive(Debug, Default)]
pub(super) struct Keywords {
    all: Vec<Keyword>,
    /// Ready for a file or a message, and for a line of a diff.
    tried: [Expressions<KeywordIdx>; 2],
}

impl Keywords {
    /// Makes keywords ready, in the script's order; returns too which of them cannot be used, with the reason.
    pub(super) fn new(wanted: Vec<(Keyword, &[u8])>, letters: Letters) -> (Self, Vec<(SectionIdx, usize, String)>) {
        let (all, values): (Vec<Keyword>, Vec<&[u8]>) = wanted.into_iter().unzip();
        let mut unusable: Vec<(KeywordIdx, String)> = Vec::new();
        let tried = [b"".as_slice(), b"^[+-].*"].map(|before| {
            let texts = values.iter().enumerate().map(|(idx, value)| ([before, value].concat(), KeywordIdx(idx)));
            Expressions::new(texts.collect(), Blanks::Ignored, letters, &mut unusable)
        });
        unusable.sort_by_key(|(idx, _)| *idx);
        unusable.dedup_by_key(|(idx, _)| *idx);
        let unusable = unusable.into_iter().map(|(idx, why)| (all[idx.0].section_idx, all[idx.0].line_idx, why)).collect();
        (Keywords { all, tried }, unusable)
    }

    /// Returns the keyword named by `idx`.
    pub(super) fn get(&self, idx: KeywordIdx) -> &Keyword {
        &self.all[idx.0]
    }

    /// Returns the keywords that stand in the content of a file, in order.
    pub(super) fn in_content(&self, content: &[u8]) -> Vec<KeywordIdx> {
        let mut found: Vec<KeywordIdx> = self.tried[0].matching(content).collect();
        found.sort();
        found
    }

    /// Returns the keywords that stand in a line, its newline included, of a patch.
    pub(super) fn in_line(&self, line: &[u8], in_diff: bool) -> impl Iterator<Item = KeywordIdx> {
        self.tried[usize::from(in_diff)].matching(line)
    }
}
