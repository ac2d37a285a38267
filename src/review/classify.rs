//! Of which kind each changed line is.
//!
//! ```text
//!   hunk:  - lines   + lines     1. moved blocks go, over all files
//!          ───────   ───────     2. lines equal but for white space or comments pair off
//!          gap   ─── gap         3. what is left between them is compared by tokens: rewrites
//!          ───────   ───────     4. a gap all of whose rewrites are found often enough is mechanical
//! ```

use std::collections::{BTreeMap, HashSet};

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::moved::{Run, moved};
use super::rewrite::{Rewrite, rewrites};
use super::sheet::Sheet;
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
    /// Different by rewrites only that are made in several places.
    pub mechanical: usize,
    /// All others.
    pub changed: usize,
    /// The rewrites of the mechanical lines with their numbers of sites, most first.
    pub rewrites: Vec<(Rewrite, usize)>,
    /// Files that have no lines: binary, symlinks, submodules, too large.
    pub n_opaque: usize,
}

/// Sites from which on a rewrite is mechanical: twice happens by accident.
const FEWEST_SITES: usize = 3;
/// Tokens a side up to which a gap of unequal numbers of lines is compared as a whole: some 200 lines. A longer one is changed.
const MOST_TOKENS: usize = 2000;

/// Returns of which kinds the changed lines of some files are.
pub fn tally(pairs: &[Pair<'_>]) -> Tally {
    let files: Vec<(Sheet<'_>, Sheet<'_>, Vec<Hunk>)> = pairs
        .par_iter()
        .map(|pair| (Sheet::of(pair.path, pair.base), Sheet::of(pair.path, pair.tip), hunks(pair.base, pair.tip)))
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
    let sorted: Vec<Sorted> = found
        .par_iter()
        .map(|(file, hunk)| {
            let left: Vec<usize> = (hunk.base_start..hunk.base_end).filter(|line| !gone.contains(&(*file, *line))).collect();
            let right: Vec<usize> = (hunk.tip_start..hunk.tip_end).filter(|line| !came.contains(&(*file, *line))).collect();
            of_hunk(&base[*file], &left, &tip[*file], &right)
        })
        .collect();
    let mut sites: BTreeMap<&Rewrite, usize> = BTreeMap::new();
    for gap in sorted.iter().flat_map(|hunk| &hunk.gaps) {
        gap.rewrites.iter().for_each(|rewrite| *sites.entry(rewrite).or_default() += 1);
    }
    let mut whole = Tally { moved: 2 * moves.len(), ..Tally::default() };
    let mut used: BTreeMap<&Rewrite, usize> = BTreeMap::new();
    for hunk in &sorted {
        let (mut mechanical, mut changed) = (0, hunk.changed);
        for gap in &hunk.gaps {
            if !gap.rewrites.is_empty() && gap.rewrites.iter().all(|rewrite| sites[rewrite] >= FEWEST_SITES) {
                mechanical += gap.n_lines;
                used.extend(gap.rewrites.iter().map(|rewrite| (rewrite, sites[rewrite])));
            } else {
                changed += gap.n_lines;
            }
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
    whole.rewrites = used.into_iter().map(|(rewrite, n_sites)| (rewrite.clone(), n_sites)).collect();
    whole.rewrites.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    whole
}

/// Lines of both sides that differ by these rewrites, or for which none were found.
struct Gap {
    n_lines: usize,
    rewrites: Vec<Rewrite>,
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

fn of_hunk(base: &Sheet<'_>, left: &[usize], tip: &Sheet<'_>, right: &[usize]) -> Sorted {
    let mut sorted = Sorted::default();
    let full = |sheet: &Sheet<'_>, lines: &[usize]| -> Vec<usize> {
        lines.iter().copied().filter(|&line| !sheet.is_blank(line)).collect()
    };
    let (old, new) = (full(base, left), full(tip, right));
    sorted.blank = left.len() - old.len() + right.len() - new.len();
    let keys = |sheet: &Sheet<'_>, lines: &[usize]| -> Vec<BString> { lines.iter().map(|&line| key(sheet, line)).collect() };
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
fn of_gap(base: &Sheet<'_>, old: &[usize], tip: &Sheet<'_>, new: &[usize], sorted: &mut Sorted) {
    let code = |sheet: &Sheet<'_>, lines: &[usize]| -> Vec<usize> {
        lines.iter().copied().filter(|&line| !sheet.is_comment(line)).collect()
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
            let rewrites = told(rewrites(base.code(before), tip.code(after)), tip);
            sorted.gaps.push(Gap { n_lines: 2, rewrites });
        }
        return;
    }
    let tokens = |sheet: &Sheet<'_>, lines: &[usize]| -> usize { lines.iter().map(|&line| sheet.code(line).len()).sum() };
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
    sorted.gaps.push(Gap { n_lines, rewrites: told(rewrites(&before, &after), tip) });
}

/// Keeps rewrites that can be told from other changes: in prose and translations a word that is put in or left out is none.
fn told(rewrites: Option<Vec<Rewrite>>, sheet: &Sheet<'_>) -> Vec<Rewrite> {
    let is_one = |rewrite: &Rewrite| !sheet.is_prose() || !rewrite.from.trim().is_empty() && !rewrite.to.trim().is_empty();
    rewrites.filter(|rewrites| rewrites.iter().all(is_one)).unwrap_or_default()
}

/// What two lines share that differ in white space or comments only.
fn key(sheet: &Sheet<'_>, line: usize) -> BString {
    if sheet.is_comment(line) {
        return bstr::concat([b"\0".as_slice(), &squeezed(sheet.raw(line))]).into();
    }
    bstr::join(b"\x1f", sheet.code(line)).into()
}

fn squeezed(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}
