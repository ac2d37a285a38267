//! The `K:` lines of all sections at once.
//!
//! A line of a patch's diff is tried against `^[+-].*` with the keyword behind it, as one text: of `a|b` the second part may then stand
//! anywhere, which the script means no more than we do.

use regex::bytes::RegexSet;

use super::perl::{self, Blanks, Expression, Letters, Translated};
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
    tried: [Tried; 2],
}

#[derive(Debug, Default)]
struct Tried {
    set: RegexSet,
    /// For each expression of the set, its keyword.
    of_set: Vec<KeywordIdx>,
    alone: Vec<(KeywordIdx, Expression)>,
}

impl Keywords {
    /// Makes keywords ready, in the script's order; returns too which of them cannot be used, with the reason.
    pub(super) fn new(wanted: Vec<(Keyword, &[u8])>, letters: Letters) -> (Self, Vec<(SectionIdx, usize, String)>) {
        let mut keywords = Keywords::default();
        let mut unusable = Vec::new();
        let mut texts: [Vec<String>; 2] = Default::default();
        for (keyword, value) in wanted {
            let idx = KeywordIdx(keywords.all.len());
            let in_diff = [b"^[+-].*".as_slice(), value].concat();
            let mut why = None;
            for ((tried, texts), perl) in keywords.tried.iter_mut().zip(&mut texts).zip([value, &in_diff]) {
                match perl::translated(perl, Blanks::Ignored, letters) {
                    // One that spoils the set is tried alone, where it is refused.
                    Ok(Translated { text, is_fancy: false }) if regex::bytes::Regex::new(&text).is_ok() => {
                        texts.push(text);
                        tried.of_set.push(idx);
                    }
                    Ok(_) => match Expression::new(perl, Blanks::Ignored, letters) {
                        Ok(expression) => tried.alone.push((idx, expression)),
                        Err(err) => why = Some(err),
                    },
                    Err(err) => why = Some(err),
                }
            }
            unusable.extend(why.map(|why| (keyword.section_idx, keyword.line_idx, why)));
            keywords.all.push(keyword);
        }
        for (tried, texts) in keywords.tried.iter_mut().zip(texts) {
            match RegexSet::new(&texts) {
                Ok(set) => tried.set = set,
                Err(err) => unusable.extend(tried.of_set.drain(..).map(|idx| {
                    let keyword = &keywords.all[idx.0];
                    (keyword.section_idx, keyword.line_idx, err.to_string())
                })),
            }
        }
        (keywords, unusable)
    }

    /// Returns the keyword named by `idx`.
    pub(super) fn get(&self, idx: KeywordIdx) -> &Keyword {
        &self.all[idx.0]
    }

    /// Returns the keywords that stand in the content of a file, in order.
    pub(super) fn in_content(&self, content: &[u8]) -> Vec<KeywordIdx> {
        let mut found: Vec<KeywordIdx> = self.tried[0].found(content).collect();
        found.sort();
        found
    }

    /// Returns the keywords that stand in a line, its newline included, of a patch.
    pub(super) fn in_line(&self, line: &[u8], in_diff: bool) -> impl Iterator<Item = KeywordIdx> {
        self.tried[usize::from(in_diff)].found(line)
    }
}

impl Tried {
    fn found(&self, text: &[u8]) -> impl Iterator<Item = KeywordIdx> {
        let of_set = self.set.matches(text).into_iter().map(|at| self.of_set[at]).collect::<Vec<_>>();
        let alone = self.alone.iter().filter(|(_, expression)| expression.is_match(text)).map(|(idx, _)| *idx);
        of_set.into_iter().chain(alone.collect::<Vec<_>>())
    }
}
