//! Which lines of base and tip correspond: items first, then lines inside the items that correspond.
//!
//! ```text
//!   base               tip                  git's lines           items first
//!   int old(void)      long new(int a)      -int old(void)        -int old(void)
//!   {                  {                    +long new(int a)      -{
//!           return 1;          go(a);        {                    -        return 1;
//!   }                  }                    -        return 1;    -}
//!                                           +        go(a);       +long new(int a)
//!                                            }                    +{ …
//! ```
//!
//! Lines alone pair the braces of one function with those of another, and then neither half can go without the other. Here
//! an item is one token: equal on both sides where kind and name are, or where one became the other under a new name. The tokens are aligned
//! by git's own algorithm, and so are the lines of each pair of items. Cost: that of the line difference.

use std::cmp::Reverse;
use std::collections::HashMap;

use bstr::{BString, ByteSlice};

use super::cut::{ALIKE, likeness, words};
use crate::git::hunks::{Hunk, hunks, hunks_of_tokens};
use crate::lang::Block;
use cleave_c::span::Lines;

/// Returns what differs between two texts with these blocks, top to bottom. Blocks without a name are not paired.
pub fn aligned(base: &[u8], tip: &[u8], base_blocks: &[Block], tip_blocks: &[Block]) -> Vec<Hunk> {
    let (base_lines, tip_lines) = (Lines::of(base), Lines::of(tip));
    let mut left = tokens(base, &base_lines, base_blocks);
    let right = tokens(tip, &tip_lines, tip_blocks);
    let first = hunks_of_tokens(&texts(&left), &texts(&right));
    rename(&first, &mut left, &right, base, tip, (&base_lines, &tip_lines));
    let (left_texts, right_texts) = (texts(&left), texts(&right));
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    let end = Hunk { base_start: left.len(), base_end: left.len(), tip_start: right.len(), tip_end: right.len() };
    for hunk in hunks_of_tokens(&left_texts, &right_texts).into_iter().chain([end]) {
        // Between two hunks the tokens are equal, one by one; equal items may still differ inside.
        while i < hunk.base_start {
            if left[i].is_item {
                let (old, new) = (&left[i], &right[j]);
                let inside =
                    hunks(&base[base_lines.span(old.start, old.end).range()], &tip[tip_lines.span(new.start, new.end).range()]);
                found.extend(inside.into_iter().map(|inner| Hunk {
                    base_start: old.start + inner.base_start,
                    base_end: old.start + inner.base_end,
                    tip_start: new.start + inner.tip_start,
                    tip_end: new.start + inner.tip_end,
                }));
            }
            (i, j) = (i + 1, j + 1);
        }
        let line = |tokens: &[ItemOrLine], idx: usize, lines: &Lines| tokens.get(idx).map_or(lines.len(), |token| token.start);
        if hunk != end {
            found.push(Hunk {
                base_start: line(&left, hunk.base_start, &base_lines),
                base_end: line(&left, hunk.base_end, &base_lines),
                tip_start: line(&right, hunk.tip_start, &tip_lines),
                tip_end: line(&right, hunk.tip_end, &tip_lines),
            });
        }
        (i, j) = (hunk.base_end, hunk.tip_end);
    }
    found
}

/// An item or a line between items.
struct ItemOrLine {
    start: usize,
    end: usize,
    is_item: bool,
    text: BString,
}

fn tokens(text: &[u8], lines: &Lines, blocks: &[Block]) -> Vec<ItemOrLine> {
    let mut tokens = Vec::new();
    let mut seen: HashMap<BString, usize> = HashMap::new();
    let mut at = 0;
    let between = |tokens: &mut Vec<ItemOrLine>, from: usize, to: usize| {
        for line in from..to {
            tokens.push(ItemOrLine {
                start: line,
                end: line + 1,
                is_item: false,
                text: text[lines.span(line, line + 1).range()].into(),
            });
        }
    };
    for block in blocks.iter().filter(|block| !block.name.is_empty()) {
        between(&mut tokens, at, block.start);
        let nth = seen.entry(block.name.clone()).and_modify(|nth| *nth += 1).or_insert(0);
        // The leading NUL keeps items apart from lines.
        let token = bstr::concat([b"\0", block.name.as_slice(), format!("\0{nth}").as_bytes()]);
        tokens.push(ItemOrLine { start: block.start, end: block.end, is_item: true, text: token.into() });
        at = block.end;
    }
    between(&mut tokens, at, lines.len());
    tokens
}

fn texts(tokens: &[ItemOrLine]) -> Vec<&[u8]> {
    tokens.iter().map(|token| token.text.as_slice()).collect()
}

/// What two items are compared by, sorted.
struct Parts<'t> {
    words: Vec<&'t [u8]>,
    /// The lines inside, but those with brackets alone.
    lines: Vec<&'t [u8]>,
}

impl<'t> Parts<'t> {
    fn of(text: &'t [u8]) -> Self {
        let is_said = |line: &&[u8]| line.iter().any(|byte| byte.is_ascii_alphanumeric());
        let mut lines: Vec<&[u8]> = text.lines().map(|line| line.trim()).filter(is_said).collect();
        lines.sort_unstable();
        Parts { words: words(text), lines }
    }
}

/// Items of at most as many lines are compared by their words alone.
const FEW_LINES: usize = 4;

/// How many lines of the longer of two items the other one has too when it was renamed, in thousandths.
const SAME_LINES: usize = 350;

fn shares_lines(old: &Parts<'_>, new: &Parts<'_>) -> bool {
    old.lines.len().min(new.lines.len()) <= FEW_LINES || likeness(&old.lines, &new.lines) >= SAME_LINES
}

/// Gives an item that leaves the token of one of its kind that comes in its place, when the two are alike: it was renamed. The pairs that are most alike
/// are found first, and no pair crosses another.
fn rename(hunks: &[Hunk], left: &mut [ItemOrLine], right: &[ItemOrLine], base: &[u8], tip: &[u8], lines: (&Lines, &Lines)) {
    fn kind(token: &ItemOrLine) -> Option<&[u8]> {
        token.text[1..].split_once_str(" ").map(|(kind, _)| kind)
    }
    let stays: std::collections::HashSet<BString> = left.iter().map(|token| token.text.clone()).collect();
    for hunk in hunks {
        let mut pairs: Vec<(Reverse<usize>, usize, usize)> = Vec::new();
        let comes = (hunk.tip_start..hunk.tip_end).filter(|&new| right[new].is_item && !stays.contains(&right[new].text));
        let comes: Vec<(usize, Parts<'_>)> =
            comes.map(|new| (new, Parts::of(&tip[lines.1.span(right[new].start, right[new].end).range()]))).collect();
        for old in (hunk.base_start..hunk.base_end).filter(|&old| left[old].is_item) {
            let old_parts = Parts::of(&base[lines.0.span(left[old].start, left[old].end).range()]);
            for (new, new_parts) in comes.iter().filter(|(new, _)| kind(&left[old]) == kind(&right[*new])) {
                let likeness = likeness(&old_parts.words, &new_parts.words);
                // Functions share words such as `int` and `return` whatever they do: one that was renamed shares lines.
                if likeness >= ALIKE && shares_lines(&old_parts, new_parts) {
                    pairs.push((Reverse(likeness), old, *new));
                }
            }
        }
        pairs.sort_unstable();
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (_, old, new) in pairs {
            let is_free = |&(other, taken): &(usize, usize)| (other < old && taken < new) || (other > old && taken > new);
            if found.iter().all(is_free) {
                found.push((old, new));
                left[old].text.clone_from(&right[new].text);
            }
        }
    }
}
