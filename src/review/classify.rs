//! Of which kind each changed line is.
//!
//! ```text
//!   hunk:  - lines   + lines     1. moved blocks go, over all files
//!          ───────   ───────     2. lines equal but for white space or comments pair off
//!          gap   ─── gap         3. rules are found in what is left between them
//!          ───────   ───────     4. a gap that rules, replayed on its old text, make into its new one is mechanical
//! ```

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, BString};
use rayon::prelude::*;

use super::moved::{Run, moved};
use super::source_lines::SourceLines;
use crate::analyze::rules::{self, Rule, Rules};
use crate::git::hunks::{Hunk, hunks, hunks_of_tokens};

/// One file on both sides; a new or deleted one is empty on the other.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'t> {
    /// Its path, which says how comments look.
    pub path: &'t BStr,
    /// The text before.
    pub base: &'t [u8],
    /// The text after.
    pub tip: &'t [u8],
}

/// How many changed lines are of which kind; the kinds add up to `lines`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Lines that leave and lines that come.
    pub lines: usize,
    /// In blocks that left one place and came at another; both places count.
    pub moved: usize,
    /// Equal to a line of the other side up to white space.
    pub whitespace: usize,
    /// Different in comments only.
    pub comment: usize,
    /// Different by rules only: replayed on the old text, they leave nothing over.
    pub mechanical: usize,
    /// All others.
    pub changed: usize,
    /// The rules of the mechanical lines with their numbers of places here, most first.
    pub rules: Vec<(Rule, usize)>,
    /// Files that have no lines: binary, symlinks, submodules, too large.
    pub n_opaque: usize,
}

/// Tokens a side up to which a gap of unequal numbers of lines is compared as a whole: some 200 lines. A longer one is changed.
const MOST_TOKENS: usize = rules::MOST_TOKENS;

/// Returns of which kinds the changed lines of some files are, by the rules found in them.
pub fn tally(pairs: &[Pair<'_>]) -> Tally {
    let lines = lines(pairs);
    lines.tally(&find([&lines]), 0)
}

/// The changed lines of some files, sorted as far as they tell by themselves.
pub struct Lines {
    n_moved: usize,
    hunks: Vec<Sorted>,
}

/// Finds the rules in the gaps of several changes, one after the other: a rule may have few places in each.
pub fn find<'l>(all: impl IntoIterator<Item = &'l Lines>) -> Rules {
    let gaps = all.into_iter().flat_map(Lines::gaps);
    let pairs: Vec<rules::Pair<'_>> =
        gaps.map(|gap| rules::Pair { old: &gap.old, new: &gap.new, is_prose: gap.is_prose }).collect();
    rules::find(&pairs)
}

/// Sorts the changed lines of some files; what may be mechanical is left open.
pub fn lines(pairs: &[Pair<'_>]) -> Lines {
    let files: Vec<(SourceLines<'_>, SourceLines<'_>, Vec<Hunk>)> = pairs
        .par_iter()
        .map(|pair| (SourceLines::of(pair.path, pair.base), SourceLines::of(pair.path, pair.tip), hunks(pair.base, pair.tip)))
        .collect();
    let (mut leaving, mut coming, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let (mut base, mut tip) = (Vec::with_capacity(files.len()), Vec::with_capacity(files.len()));
    for (file, (before, after, hunks)) in files.into_iter().enumerate() {
        for hunk in hunks {
            leaving.push(Run { file, start: hunk.base_start, end: hunk.base_end });
            coming.push(Run { file, start: hunk.tip_start, end: hunk.tip_end });
            found.push((file, hunk));
        }
        base.push(before);
        tip.push(after);
    }
    let moves = moved(&leaving, &base, &coming, &tip);
    let gone: HashSet<_> = moves.iter().map(|(from, _)| *from).collect();
    let came: HashSet<_> = moves.iter().map(|(_, to)| *to).collect();
    let hunks = found
        .par_iter()
        .map(|(file, hunk)| {
            let left: Vec<usize> = (hunk.base_start..hunk.base_end).filter(|line| !gone.contains(&(*file, *line))).collect();
            let right: Vec<usize> = (hunk.tip_start..hunk.tip_end).filter(|line| !came.contains(&(*file, *line))).collect();
            of_hunk(&base[*file], &left, &tip[*file], &right)
        })
        .collect();
    Lines { n_moved: 2 * moves.len(), hunks }
}

impl Lines {
    fn gaps(&self) -> impl Iterator<Item = &Gap> {
        self.hunks.iter().flat_map(|hunk| &hunk.gaps)
    }

    /// Returns the number of gaps.
    pub fn n_gaps(&self) -> usize {
        self.gaps().count()
    }

    /// Counts the lines; `first` is the place of the first gap among those that `rules` were found in.
    pub fn tally(&self, rules: &Rules, first: usize) -> Tally {
        let mut whole = Tally { moved: self.n_moved, ..Tally::default() };
        let mut used: BTreeMap<usize, usize> = BTreeMap::new();
        let mut gap_idx = first;
        for hunk in &self.hunks {
            let (mut mechanical, mut changed) = (0, hunk.changed);
            for gap in &hunk.gaps {
                if rules.explain(gap_idx) {
                    mechanical += gap.n_lines;
                    rules.sites(gap_idx).iter().for_each(|site| *used.entry(site.rule_idx).or_default() += 1);
                } else {
                    changed += gap.n_lines;
                }
                gap_idx += 1;
            }
            // Blank lines around a change belong to it; alone they are white space.
            if changed == 0 {
                whole.whitespace += hunk.blank;
            } else {
                whole.changed += hunk.blank;
            }
            whole.whitespace += hunk.whitespace;
            whole.changed += changed;
            whole.comment += hunk.comment;
            whole.mechanical += mechanical;
        }
        whole.lines = whole.moved + whole.whitespace + whole.comment + whole.mechanical + whole.changed;
        let mut used: Vec<(usize, usize)> = used.into_iter().collect();
        used.sort_by_key(|(rule_idx, n_sites)| (std::cmp::Reverse(*n_sites), *rule_idx));
        whole.rules = used.into_iter().map(|(rule_idx, n_sites)| (rules.all[rule_idx].clone(), n_sites)).collect();
        whole
    }
}

/// Lines of both sides of which the ones stand in the place of the others: their code, in tokens.
struct Gap {
    n_lines: usize,
    old: Vec<u8>,
    new: Vec<u8>,
    is_prose: bool,
}

impl Gap {
    fn of(n_lines: usize, old: &[&[u8]], new: &[&[u8]], tip: &SourceLines<'_>) -> Self {
        Gap { n_lines, old: bstr::join(" ", old), new: bstr::join(" ", new), is_prose: tip.is_prose() }
    }
}

/// The lines of one hunk, as far as it alone can tell.
#[derive(Default)]
struct Sorted {
    blank: usize,
    whitespace: usize,
    comment: usize,
    changed: usize,
    gaps: Vec<Gap>,
}

fn of_hunk(base: &SourceLines<'_>, left: &[usize], tip: &SourceLines<'_>, right: &[usize]) -> Sorted {
    let mut sorted = Sorted::default();
    let full = |side: &SourceLines<'_>, lines: &[usize]| -> Vec<usize> {
        lines.iter().copied().filter(|&line| !side.is_blank(line)).collect()
    };
    let (old, new) = (full(base, left), full(tip, right));
    sorted.blank = left.len() - old.len() + right.len() - new.len();
    let keys = |side: &SourceLines<'_>, lines: &[usize]| -> Vec<BString> { lines.iter().map(|&line| key(side, line)).collect() };
    let (old_keys, new_keys) = (keys(base, &old), keys(tip, &new));
    let old_refs: Vec<&[u8]> = old_keys.iter().map(|key| key.as_slice()).collect();
    let new_refs: Vec<&[u8]> = new_keys.iter().map(|key| key.as_slice()).collect();
    let end = Hunk { base_start: old.len(), base_end: old.len(), tip_start: new.len(), tip_end: new.len() };
    let (mut i, mut j) = (0, 0);
    for hunk in hunks_of_tokens(&old_refs, &new_refs).into_iter().chain([end]) {
        while i < hunk.base_start {
            if squeezed(base.raw(old[i])) == squeezed(tip.raw(new[j])) {
                sorted.whitespace += 2;
            } else {
                sorted.comment += 2;
            }
            (i, j) = (i + 1, j + 1);
        }
        of_gap(base, &old[i..hunk.base_end], tip, &new[j..hunk.tip_end], &mut sorted);
        (i, j) = (hunk.base_end, hunk.tip_end);
    }
    sorted
}

/// Sorts the lines between two that pair off.
fn of_gap(base: &SourceLines<'_>, old: &[usize], tip: &SourceLines<'_>, new: &[usize], sorted: &mut Sorted) {
    let code = |side: &SourceLines<'_>, lines: &[usize]| -> Vec<usize> {
        lines.iter().copied().filter(|&line| !side.is_comment(line)).collect()
    };
    let (old_code, new_code) = (code(base, old), code(tip, new));
    sorted.comment += old.len() - old_code.len() + new.len() - new_code.len();
    let n_lines = old_code.len() + new_code.len();
    if old_code.is_empty() || new_code.is_empty() {
        sorted.changed += n_lines;
        return;
    }
    if old_code.len() == new_code.len() {
        for (&before, &after) in old_code.iter().zip(&new_code) {
            sorted.gaps.push(Gap::of(2, base.code(before), tip.code(after), tip));
        }
        return;
    }
    let tokens = |side: &SourceLines<'_>, lines: &[usize]| -> usize { lines.iter().map(|&line| side.code(line).len()).sum() };
    if tokens(base, &old_code).max(tokens(tip, &new_code)) > MOST_TOKENS {
        sorted.changed += n_lines;
        return;
    }
    let before: Vec<&[u8]> = old_code.iter().flat_map(|&line| base.code(line)).copied().collect();
    let after: Vec<&[u8]> = new_code.iter().flat_map(|&line| tip.code(line)).copied().collect();
    if before == after {
        sorted.whitespace += n_lines;
        return;
    }
    sorted.gaps.push(Gap::of(n_lines, &before, &after, tip));
}

/// What two lines share that differ in white space or comments only.
fn key(side: &SourceLines<'_>, line: usize) -> BString {
    if side.is_comment(line) {
        return bstr::concat([b"\0".as_slice(), &squeezed(side.raw(line))]).into();
    }
    bstr::join(b"\x1f", side.code(line)).into()
}

fn squeezed(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}
